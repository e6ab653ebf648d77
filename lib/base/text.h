/* SPDX-License-Identifier: MIT */
/* text.h - text that grows, and text that is safe to show */
#ifndef SPK_TEXT_H
#define SPK_TEXT_H

#include <stdbool.h>
#include <string.h>
#include <stddef.h>
#include <stdint.h>

#include <spnkit/spn.h>
#include <spnkit/text.h>

/* A growing text, always NUL-terminated once something was added.  Start from { 0 }.  When memory runs out,
 * failed stays set and the rest is ignored, so one check at the end is enough. */
typedef struct spk_text {
	char *data;
	size_t len, size;
	bool failed;
} spk_text;

void spk_text_add(spk_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void spk_text_add_bytes(spk_text *text, const void *data, size_t len);
void spk_text_add_char(spk_text *text, char c);
/* The same as spk_text_add of "%s" and of a decimal number, in a fraction of the time. */
void spk_text_add_word(spk_text *text, const char *word);
void spk_text_add_number(spk_text *text, uint64_t number);
/* Appends bytes with A-Z made a-z; false if there are others than ASCII among them. */
bool spk_text_add_lower(spk_text *text, const char *data, size_t len);
/* Makes room for so many bytes more. */
bool spk_text_reserve(spk_text *text, size_t more);
void spk_text_clear(spk_text *text); /* empties, keeps the memory */
void spk_text_free(spk_text *text);

/* Appends len bytes that the caller is about to write; NULL if memory runs out. */
static inline char *spk_text_room(spk_text *text, size_t len)
{
	if ((text->failed || text->size - text->len <= len) && !spk_text_reserve(text, len))
		return NULL;
	char *room = text->data + text->len;
	room[len] = '\0';
	text->len += len;
	return room;
}

static inline void spk_cleanup_text(spk_text *text)
{
	spk_text_free(text);
}
/* SPK_AUTOTEXT spk_text line = { 0 }; */
#define SPK_AUTOTEXT __attribute__((cleanup(spk_cleanup_text)))

/* Whether all is ASCII from the blank to '~'. */
bool spk_is_printable(spn_bytes text);

/* A formatted copy for free(), or NULL. */
char *spk_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Replaces what spn_text_is_unsafe names, and each byte that is not UTF-8, by '?', in place. */
void spk_make_printable(char *text);

/* Appends a word so that a POSIX shell reads it as one argument. */
void spk_shell_word(spk_text *text, const char *word);

/* A PowerShell expression for any text, in ASCII: Windows PowerShell reads a script without a byte order mark in the
 * code page of the machine, where a letter's bytes may be quotes.  A quote is doubled; all else becomes the numbers of
 * its UTF-16 units.  It ends before a byte that is not UTF-8. */
void spk_powershell_text(spk_text *out, spn_bytes text);

/* Whether a text is UTF-8: .NET can hold no other. */
bool spk_is_utf8(spn_bytes text);

/* Base64 (RFC 4648, section 4).  Decoding refuses anything but the alphabet with right padding. */
void spk_base64_encode(spk_text *text, const void *data, size_t len);
bool spk_base64_decode(const char *text, size_t len, spk_text *ret_bytes);
/* The same four digits at a time, for machines without AVX2 and to compare with. */
bool spk_base64_decode_simply(const char *text, size_t len, spk_text *ret_bytes);

/* ASCII only, whatever the locale. */
bool spk_ascii_equal(const char *a, const char *b);
static inline char spk_ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline spn_bytes spk_bytes(const char *text)
{
	size_t n = 0;
	while (text[n])
		n++;
	return (spn_bytes){ text, n };
}

/* Many programs end a text at a NUL, so that they see another one. */
static inline bool spk_has_nul(spn_bytes text)
{
	return text.len > 0 && memchr(text.data, '\0', text.len);
}

/* Appends bytes, with "\x00" for each NUL: for what is shown. */
void spk_text_add_shown(spk_text *text, spn_bytes bytes);

static inline bool spk_bytes_equal(spn_bytes a, spn_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

struct tm;
/* Seconds since 1970 in UTC; what is outside the years 1 to 9999 becomes the first or the last second of these. */
const struct tm *spk_utc(int64_t when, struct tm *buffer);

#endif

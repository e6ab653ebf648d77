/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <utf8proc.h>

#include "words.h"

bool spk_text_reserve(spk_text *text, size_t more)
{
	if (text->failed)
		return false;
	if (text->size - text->len > more)
		return true;
	if (more > SIZE_MAX / 2 - text->len - 64) {
		text->failed = true;
		return false;
	}
	size_t size = text->len + more + 1;
	size += size / 2 + 32;
	char *grown = realloc(text->data, size);
	if (!grown) {
		text->failed = true;
		return false;
	}
	text->data = grown;
	text->size = size;
	return true;
}

void spk_text_add_bytes(spk_text *text, const void *data, size_t len)
{
	char *to = spk_text_room(text, len);
	if (to && len)
		memcpy(to, data, len);
}

void spk_text_add_char(spk_text *text, char c)
{
	spk_text_add_bytes(text, &c, 1);
}

void spk_text_add_word(spk_text *text, const char *word)
{
	spk_text_add_bytes(text, word, strlen(word));
}

void spk_text_add_number(spk_text *text, uint64_t number)
{
	char digits[20], *end = digits + sizeof digits, *at = end;
	do
		*--at = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	spk_text_add_bytes(text, at, (size_t)(end - at));
}

/* Copies a text in lower case; false if there are others than ASCII among its bytes. */
static bool lower(char *to, const char *from, size_t len)
{
	uint64_t any = 0, word = 0;
	size_t i = 0;
	for (; i + sizeof word <= len; i += sizeof word) {
		memcpy(&word, from + i, sizeof word);
		any |= word;
		word = spk_lower_word(word);
		memcpy(to + i, &word, sizeof word);
	}
	if (i < len && len >= sizeof word) { /* the last eight bytes: some of them again */
		memcpy(&word, from + len - sizeof word, sizeof word);
		any |= word;
		word = spk_lower_word(word);
		memcpy(to + len - sizeof word, &word, sizeof word);
		i = len;
	}
	for (; i < len; i++) {
		any |= (unsigned char)from[i];
		to[i] = spk_ascii_lower(from[i]);
	}
	return !(any & SPK_HIGH_BITS);
}

bool spk_text_add_lower(spk_text *text, const char *data, size_t len)
{
	char *to = spk_text_room(text, len);
	return !to || lower(to, data, len);
}

void spk_text_add(spk_text *text, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		text->failed = true;
	else if (spk_text_reserve(text, (size_t)n)) {
		vsnprintf(text->data + text->len, (size_t)n + 1, format, again);
		text->len += (size_t)n;
	}
	va_end(again);
}

void spk_text_clear(spk_text *text)
{
	text->len = 0;
	text->failed = false;
	if (text->data)
		text->data[0] = '\0';
}

void spk_text_free(spk_text *text)
{
	free(text->data);
	*text = (spk_text){ 0 };
}

char *spk_printf(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	return n < 0 ? NULL : text;
}

size_t spn_text_next(const char *text, size_t len, uint32_t *ret_c)
{
	if (len > 0 && (unsigned char)*text < 0x80) {
		*ret_c = (unsigned char)*text;
		return 1;
	}
	utf8proc_int32_t c;
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, len > 4 ? 4 : (utf8proc_ssize_t)len, &c);
	if (len == 0 || n <= 0)
		return 0;
	*ret_c = (uint32_t)c;
	return (size_t)n;
}

/* Not assigned, but shown as nothing already (Default_Ignorable_Code_Point, Unicode's DerivedCoreProperties.txt). */
static bool is_reserved_ignorable(uint32_t c)
{
	return c == 0x2065 || (c >= 0xfff0 && c <= 0xfff8) || (c >= 0xe0000 && c <= 0xe0fff);
}

#define BRAILLE_BLANK 0x2800 /* a symbol that nobody sees */

bool spn_text_is_unsafe(uint32_t c)
{
	if (c < 0x80)
		return c < 0x20 || c == 0x7f;
	if (c > 0x10ffff)
		return true;
	const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)c);
	switch (property->category) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP: return true;
	default: return property->ignorable || is_reserved_ignorable(c) || c == BRAILLE_BLANK;
	}
}

/* A word of a text, up to a blank, and its last '@'; each is gone over once. */
struct word {
	char *end, *at;
};

static void look_at_word(char *user, struct word *word)
{
	if (user < word->end)
		return;
	word->end = user + strcspn(user, " \t\r\n");
	word->at = memrchr(user, '@', (size_t)(word->end - user));
}

/* The '@' behind a password: at the end of the authority, or in the rest of the word if ':' is not followed by a port.
 * NULL: none. */
static char *end_of_password(char *user, char *colon, struct word *word)
{
	char *end = user + strcspn(user, "/?# \t\r\n");
	if (colon >= end || *colon != ':')
		return NULL;
	char *at = memrchr(colon, '@', (size_t)(end - colon));
	if (!at && colon + 1 + strspn(colon + 1, "0123456789") != end) {
		look_at_word(user, word);
		at = word->at;
	}
	return at > colon + 1 ? at : NULL;
}

void spn_text_hide_passwords(char *text)
{
	static const char stars[] = "***";
	struct word word = { text, NULL };
	char *from = text, *to = text; /* what is behind from is still to be moved */
	for (char *user = text; (user = strchr(user, ':'));) { /* a letter is found faster than a text */
		user++;
		if (user[0] != '/' || user[1] != '/')
			continue;
		user += 2;
		char *colon = user + strcspn(user, ":/?#@ \t\r\n"), *at = end_of_password(user, colon, &word);
		if (!at)
			continue;
		size_t len = (size_t)(at - colon - 1), n = len < sizeof stars - 1 ? len : sizeof stars - 1,
		       kept = (size_t)(colon + 1 - from);
		memmove(to, from, kept);
		memcpy(to + kept, stars, n);
		to += kept + n;
		from = user = at;
	}
	if (to != from) /* mostly nothing is hidden */
		memmove(to, from, strlen(from) + 1);
}

void spk_text_add_shown(spk_text *text, spn_bytes bytes)
{
	for (size_t n; bytes.len > 0; bytes.data += n, bytes.len -= n) {
		n = strnlen(bytes.data, bytes.len);
		spk_text_add_bytes(text, bytes.data, n);
		if (n < bytes.len) {
			spk_text_add(text, "\\x00");
			n++;
		}
	}
}

/* Notes whether bytes are printable ASCII: what is added carries into the next one only behind one that is not. */
static inline void note_bytes(uint64_t word, uint64_t *any, uint64_t *above)
{
	*any |= word | (word + SPK_EACH_BYTE(0x80 - 0x7f));
	*above &= word + SPK_EACH_BYTE(0x80 - 0x20);
}

bool spk_is_printable(spn_bytes text)
{
	static const size_t WORD = sizeof(uint64_t);
	const char *at = text.data, *end = at + text.len;
	uint64_t any = 0, above = SPK_HIGH_BITS, few = SPK_EACH_BYTE(' ');
	if (text.len < WORD) {
		while (at < end)
			few = few << 8 | (unsigned char)*at++;
		note_bytes(few, &any, &above);
	} else {
		for (; (size_t)(end - at) > 2 * WORD; at += 2 * WORD) {
			note_bytes(spk_word_at(at), &any, &above);
			note_bytes(spk_word_at(at + WORD), &any, &above);
		}
		/* the last sixteen: some of them perhaps again */
		note_bytes(spk_word_at(text.len < 2 * WORD ? text.data : end - 2 * WORD), &any, &above);
		note_bytes(spk_word_at(end - WORD), &any, &above);
	}
	return !(any & SPK_HIGH_BITS) && above == SPK_HIGH_BITS;
}

void spk_make_printable(char *text)
{
	spn_text_hide_passwords(text);
	const char *from = text;
	char *to = text;
	size_t left = strlen(text);
	if (spk_is_printable((spn_bytes){ text, left })) /* as mostly */
		return;
	while (left > 0) {
		uint32_t c;
		size_t n = spn_text_next(from, left, &c);
		if (n == 0 || spn_text_is_unsafe(c)) {
			*to++ = '?';
		} else {
			memmove(to, from, n);
			to += n;
		}
		from += n ? n : 1;
		left -= n ? n : 1;
	}
	*to = '\0';
}

static bool is_blank(uint32_t c)
{
	return c == ' ' || (c >= 0x80 && utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_ZS);
}

/* Whether a terminal and a reader see what is there, and a copy from a browser is the same: that makes one blank of
 * several, and of a no-break space. */
static bool is_showable(const char *word)
{
	size_t len = strlen(word);
	bool is_behind_blank = false;
	uint32_t c;
	for (size_t n; len > 0; word += n, len -= n) {
		if ((n = spn_text_next(word, len, &c)) == 0 || spn_text_is_unsafe(c) ||
				(is_blank(c) && (is_behind_blank || c != ' ')))
			return false;
		is_behind_blank = is_blank(c);
	}
	return true;
}

static void put_quoted(spk_text *text, const char *word)
{
	spk_text_add_char(text, '\'');
	for (; *word; word++)
		if (*word == '\'')
			spk_text_add(text, "'\\''");
		else
			spk_text_add_char(text, *word);
	spk_text_add_char(text, '\'');
}

/* $'...' (POSIX.1-2024): what is not to be shown as it is, byte by byte, so that the command can be read and copied.  A
 * quote is shown so, too: to a shell that does not know this (dash 0.5), all of it is one text in single quotes, of
 * which nothing is carried out. */
static void put_escaped(spk_text *text, const char *word)
{
	spk_text_add(text, "$'");
	for (const char *start = word; *word; word++)
		if (*word >= ' ' && *word <= '~' && *word != '\'' && *word != '\\' &&
				!(*word == ' ' && word > start && word[-1] == ' '))
			spk_text_add_char(text, *word);
		else
			spk_text_add(text, "\\%03o", (unsigned)(unsigned char)*word);
	spk_text_add_char(text, '\'');
}

void spk_shell_word(spk_text *text, const char *word)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,=";
	if (*word && *word != '=' && word[strspn(word, safe)] == '\0') { /* zsh puts the path of a program for =WORD */
		spk_text_add(text, "%s", word);
		return;
	}
	if (is_showable(word))
		put_quoted(text, word);
	else
		put_escaped(text, word);
}

void spk_powershell_text(spk_text *out, spn_bytes text)
{
	uint32_t c = 0;
	spk_text_add(out, "('");
	for (size_t n; text.len > 0 && (n = spn_text_next(text.data, text.len, &c)) > 0; text.data += n) {
		text.len -= n;
		if (c >= 0x10000)
			spk_text_add(out, "'+[char]0x%x+[char]0x%x+'", (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
					(unsigned)(0xdc00 + ((c - 0x10000) & 0x3ff)));
		else if (c < 0x20 || c > 0x7e)
			spk_text_add(out, "'+[char]0x%x+'", (unsigned)c);
		else
			spk_text_add(out, c == '\'' ? "''" : "%c", (char)c);
	}
	spk_text_add(out, "')");
}

bool spk_is_utf8(spn_bytes text)
{
	uint32_t c;
	for (size_t n; text.len > 0 && (n = spn_text_next(text.data, text.len, &c)) > 0; text.data += n)
		text.len -= n;
	return text.len == 0;
}

char *spn_text_shell_word(const char *word)
{
	spk_text text = { 0 };
	spk_shell_word(&text, word);
	if (!text.failed)
		return text.data;
	spk_text_free(&text);
	return NULL;
}

bool spk_ascii_equal(const char *a, const char *b)
{
	if (spk_ascii_lower(*a) != spk_ascii_lower(*b)) /* as mostly, where one of many is looked for */
		return false;
	if (strcmp(a, b) == 0) /* libc looks at many characters at once */
		return true;
	while (*a && spk_ascii_lower(*a) == spk_ascii_lower(*b)) {
		a++;
		b++;
	}
	return spk_ascii_lower(*a) == spk_ascii_lower(*b);
}

const struct tm *spk_utc(int64_t when, struct tm *buffer)
{
	const int64_t first = -62135596800, last = 253402300799;
	time_t time = (time_t)(when < first ? first : when > last ? last : when);
	return gmtime_r(&time, buffer);
}

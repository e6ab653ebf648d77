/* SPDX-License-Identifier: MIT */
/* wrap.h - text that fits a terminal */
#ifndef SPK_WRAP_H
#define SPK_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define SPK_COLUMNS 80

/* Where lines go. */
typedef struct spk_lines {
	FILE *file;
	unsigned columns;
	bool is_terminal;
} spk_lines;

/* Text on its way to a file, which gets it in one go: a call for each word would be most of what printing costs. */
typedef struct spk_pieces {
	FILE *to;
	size_t len;
	char text[1024];
} spk_pieces;

/* The text needs not be cleared. */
static inline void spk_pieces_begin(spk_pieces *pieces, FILE *to)
{
	pieces->to = to;
	pieces->len = 0;
}
/* Sends what has been put together. */
void spk_pieces_end(spk_pieces *pieces);
void spk_pieces_put_long(spk_pieces *pieces, const char *text, size_t len);
/* Text that is known to be safe to show. */
static inline void spk_pieces_put(spk_pieces *pieces, const char *text, size_t len)
{
	if (len > sizeof pieces->text - pieces->len) {
		spk_pieces_put_long(pieces, text, len);
		return;
	}
	memcpy(pieces->text + pieces->len, text, len);
	pieces->len += len;
}
static inline void spk_pieces_word(spk_pieces *pieces, const char *word)
{
	spk_pieces_put(pieces, word, strlen(word));
}
/* As spn_text_print. */
void spk_pieces_print(spk_pieces *pieces, const char *text, size_t len);

/*
 * A sentence of the library in which what a directory says does not look like a command of ours, which people run: the
 * library's own words contain none.  For free(); NULL: nothing in it does (or memory ran out).
 */
char *spk_defused(const char *text);

/* As spn_text_print_wrapped, of such a sentence: defused. */
void spk_print_wrapped(const spk_lines *to, const char *text, size_t column, const char *indent);
void spk_pieces_wrapped(
		spk_pieces *pieces, const spk_lines *to, const char *text, size_t column, const char *indent);

/* The same on a terminal, which is where people read; a program gets one line. */
void spk_print_sentence(const spk_lines *to, const char *text, size_t column, const char *indent);

/* The same; but a command of spnkit that ends the text behind a colon stays in one piece.  Not for what a directory
 * says: it could look like such a command. */
void spk_print_hint(const spk_lines *to, const char *text, size_t column, const char *indent);

/* Prints lead, text (spn_text_print) and after, and ends the line.  On a terminal that they do not fit, text, which is
 * in one piece, begins a line of its own. */
void spk_print_whole(
		const spk_lines *to, size_t column, const char *lead, const char *text, size_t len, const char *after);
void spk_pieces_whole(spk_pieces *pieces, const spk_lines *to, size_t column, const char *lead, const char *text,
		size_t len, const char *after);

#endif

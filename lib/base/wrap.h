/* SPDX-License-Identifier: MIT */
/* wrap.h - text that fits a terminal */
#ifndef SPK_WRAP_H
#define SPK_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SPK_COLUMNS 80

/* Where lines go. */
typedef struct spk_lines {
	FILE *file;
	unsigned columns;
	bool is_terminal;
} spk_lines;

/* As spn_text_print_wrapped. */
void spk_print_wrapped(const spk_lines *to, const char *text, size_t column, const char *indent);

/* The same on a terminal, which is where people read; a program gets one line. */
void spk_print_sentence(const spk_lines *to, const char *text, size_t column, const char *indent);

/* The same; but a command of spnkit that ends the text behind a colon stays in one piece.  Not for what a directory
 * says: it could look like such a command. */
void spk_print_hint(const spk_lines *to, const char *text, size_t column, const char *indent);

/* Prints lead, text (spn_text_print) and after, and ends the line.  On a terminal that they do not fit, text, which is
 * in one piece, begins a line of its own. */
void spk_print_whole(
		const spk_lines *to, size_t column, const char *lead, const char *text, size_t len, const char *after);

#endif

/* SPDX-License-Identifier: MIT */
/* wrap.h - text that fits 80 columns */
#ifndef CLI_WRAP_H
#define CLI_WRAP_H

#include <stddef.h>
#include <stdio.h>

/*
 * Prints a text (print_safe) and ends the line, broken between words so that it fits.  The cursor is in this column
 * already; what does not fit goes on behind indent, which is tabs and blanks.  A quoted text, such as a DN, stays in
 * one piece for those who copy it, and so does a command of ours that ends the text behind a colon; one too wide to
 * stand behind indent stands further left.
 */
void print_wrapped(FILE *to, const char *text, size_t column, const char *indent);

/* The same on a terminal, which is where people read; a program gets one line. */
void print_sentence(FILE *to, const char *text, size_t column, const char *indent);

/* Prints lead, text (print_safe) and after, and ends the line.  On a terminal that they do not fit, text, which is in
 * one piece, begins a line of its own. */
void print_whole(FILE *to, size_t column, const char *lead, const char *text, size_t len, const char *after);

#endif

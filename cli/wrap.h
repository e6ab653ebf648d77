/* SPDX-License-Identifier: MIT */
/* wrap.h - text that fits 80 columns */
#ifndef CLI_WRAP_H
#define CLI_WRAP_H

#include <stddef.h>
#include <stdio.h>

/*
 * Prints a text (print_safe) and ends the line, broken between words so that it fits.  The cursor is in this column already; what does
 * not fit goes on behind indent, which is tabs and blanks.  A quoted text, such as a DN or a command, stays in one piece.
 */
void print_wrapped(FILE *to, const char *text, size_t column, const char *indent);

#endif

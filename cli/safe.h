/* SPDX-License-Identifier: MIT */
/* safe.h - text from a directory, made safe to show */
#ifndef CLI_SAFE_H
#define CLI_SAFE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* How long the first UTF-8 character of text is; 0 if it is none (or len is 0). */
size_t utf8_next(const char *text, size_t len, uint32_t *ret_c);

/* Whether a terminal would obey a character or show something else for it: controls, direction marks. */
bool is_unsafe(uint32_t c);

/* Writes text; unsafe characters and bytes that are not UTF-8 become \xNN, byte for byte. */
void print_safe(FILE *to, const char *text, size_t len);

#endif

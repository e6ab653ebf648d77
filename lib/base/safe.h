/* SPDX-License-Identifier: MIT */
/* safe.h - text from a directory, made safe to show */
#ifndef CLI_SAFE_H
#define CLI_SAFE_H

#include <stdio.h>

/* Writes text; unsafe characters and bytes that are not UTF-8 become \xNN, byte for byte. */
void print_safe(FILE *to, const char *text, size_t len);

/* A file as an operand of a command that a person may copy: "./" comes before a '-'.  NULL: no memory.  Free it. */
char *shell_file(const char *path);

#endif

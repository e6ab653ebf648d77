/* SPDX-License-Identifier: MIT */
/* json_text.h - texts of a directory as JSON, and lines of it that are safe on a terminal */
#ifndef CLI_JSON_TEXT_H
#define CLI_JSON_TEXT_H

#include <stdio.h>

#include <jansson.h>

#include "cli.h"

/* A string of JSON; bytes that are not UTF-8 become U+FFFD each.  NULL: no memory. */
json_t *string_of(const char *data, size_t len);
/* NULL is an empty text. */
json_t *text_of(const char *text);
json_t *array_of(const spn_bytes *values, size_t n);
/* Writes an object and lets go of it.  NULL: it could not be made. */
void emit(struct cli *cli, FILE *to, json_t *object);

#endif

/* SPDX-License-Identifier: MIT */
/* json_text.h - texts of a directory as JSON, and lines of it that are safe on a terminal */
#ifndef SPK_JSON_TEXT_H
#define SPK_JSON_TEXT_H

#include <jansson.h>

#include "form.h"

/* A string of JSON; bytes that are not UTF-8 become U+FFFD each.  NULL: no memory. */
json_t *spk_json_string(const char *data, size_t len);
/* NULL is an empty text. */
json_t *spk_json_text(const char *text);
json_t *spk_json_array(const spn_bytes *values, size_t n);
/* Writes an object and lets go of it.  NULL: it could not be made. */
void spk_json_emit(spn_report *report, const spk_lines *to, json_t *object);
/* A member of the form that has a file of its own. */
void spk_json_rights(spn_report *report, const spn_rights *rights);

#endif

/* SPDX-License-Identifier: MIT */
/* lines.h - where the lines of a text end, and whether it is plain: 64 bytes at a time */
#ifndef SPK_LINES_H
#define SPK_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPK_LINES_MAX ((size_t)64 << 10)

typedef struct spk_lines {
	uint64_t ends[SPK_LINES_MAX / 64]; /* bit i of ends[n]: byte 64 * n + i is an LF */
	bool has_high, has_nul; /* a byte above ASCII; a NUL */
	bool has_lone_cr; /* a CR without an LF behind it; one at the end counts */
} spk_lines;

/* Looks at up to SPK_LINES_MAX bytes. */
void spk_lines_find(const char *text, size_t len, spk_lines *ret_lines);
/* The same byte by byte, for machines without AVX2 and to compare with. */
void spk_lines_find_simply(const char *text, size_t len, spk_lines *ret_lines);

/* Whether all bytes are letters, digits, '+' or '/'. */
bool spk_lines_is_base64(const char *text, size_t len);
bool spk_lines_is_base64_simply(const char *text, size_t len);

#endif

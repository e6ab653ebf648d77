/* SPDX-License-Identifier: MIT */
/* distance.c - how much two words differ (Levenshtein) */
#include <string.h>

#include <spnkit/text.h>

#define LONGEST 64

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

size_t spn_text_distance(const char *a, const char *b)
{
	size_t n = strlen(b), row[LONGEST + 1];
	if (strlen(a) > LONGEST || n > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < n; j++) {
			size_t above = row[j + 1];
			row[j + 1] = least(diagonal + (lower(a[i]) != lower(b[j])), 1 + least(above, row[j]));
			diagonal = above;
		}
	}
	return row[n];
}

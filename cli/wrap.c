/* SPDX-License-Identifier: MIT */
#include "wrap.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "safe.h"

#define COLUMNS 80
#define TAB 8

static size_t width_of(const char *text, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += text[i] == '\t' ? TAB : ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

/* Where a quoted text ends that begins here; 0: none does. */
static size_t quoted(const char *text)
{
	if (*text != '\'')
		return 0;
	for (const char *end = strchr(text + 1, '\''); end; end = strchr(end + 1, '\''))
		if (!isalnum((unsigned char)end[1]))
			return (size_t)(end - text);
	return 0;
}

void print_wrapped(FILE *to, const char *text, size_t column, const char *indent)
{
	bool first = true;
	while (*text) {
		size_t len = quoted(text);
		len += strcspn(text + len, " ");
		size_t width = width_of(text, len);
		if (!first && column + 1 + width >= COLUMNS) {
			fprintf(to, "\n%s", indent);
			column = width_of(indent, strlen(indent));
		} else if (!first) {
			putc(' ', to);
			column++;
		}
		print_safe(to, text, len);
		column += width;
		first = false;
		text += len + strspn(text + len, " ");
	}
	putc('\n', to);
}

/* SPDX-License-Identifier: MIT */
#include "wrap.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

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

/* What stands before a piece of that width that does not fit where it should be. */
static const char *less(size_t width)
{
	return width + 2 <= COLUMNS ? "  " : "";
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

/* How long the word is that begins at, with what is quoted in it. */
static size_t word_length(const char *text, const char *at)
{
	static const char command[] = "spnkit ";
	if (at - text > 2 && at[-2] == ':' && strncmp(at, command, sizeof command - 1) == 0)
		return strlen(at);
	size_t len = 0;
	while (at[len] && at[len] != ' ') {
		bool opens = len == 0 || !isalnum((unsigned char)at[len - 1]);
		len += opens ? quoted(at + len) : 0;
		len++;
	}
	return len;
}

void print_wrapped(FILE *to, const char *text, size_t column, const char *indent)
{
	size_t margin = width_of(indent, strlen(indent));
	for (const char *at = text; *at;) {
		size_t len = word_length(text, at);
		size_t width = width_of(at, len);
		if (at > text && column + 1 + width >= COLUMNS) {
			const char *before = margin + width > COLUMNS ? less(width) : indent;
			fprintf(to, "\n%s", before);
			column = width_of(before, strlen(before));
		} else if (at > text) {
			putc(' ', to);
			column++;
		}
		print_safe(to, at, len);
		column += width;
		at += len + strspn(at + len, " ");
	}
	putc('\n', to);
}

void print_sentence(FILE *to, const char *text, size_t column, const char *indent)
{
	if (isatty(fileno(to))) {
		print_wrapped(to, text, column, indent);
	} else {
		print_safe(to, text, strlen(text));
		putc('\n', to);
	}
}

void print_whole(FILE *to, size_t column, const char *lead, const char *text, size_t len, const char *after)
{
	size_t n_lead = strlen(lead);
	size_t width = width_of(text, len) + strlen(after);
	if (column + width_of(lead, n_lead) + width > COLUMNS && width <= COLUMNS && isatty(fileno(to))) {
		while (n_lead && isspace((unsigned char)lead[n_lead - 1]))
			n_lead--;
		fwrite(lead, 1, n_lead, to);
		fprintf(to, "%s%s", column || n_lead ? "\n" : "", less(width));
	} else {
		fputs(lead, to);
	}
	print_safe(to, text, len);
	fputs(after, to);
	putc('\n', to);
}

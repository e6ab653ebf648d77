/* SPDX-License-Identifier: MIT */
#include "wrap.h"

#include <ctype.h>
#include <string.h>

#include <spnkit/text.h>

#include "cleanup.h"
#include "text.h"
#include "words.h"

#define TAB 8

/* What comes before a command of ours. */
#define REPAIR "repair: "
#define COMMAND " spnkit "

static size_t width_of(const char *text, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += text[i] == '\t' ? TAB : ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

/* What stands before a piece of that width that does not fit where it should be. */
static const char *less(size_t width, size_t columns)
{
	return width + 2 <= columns ? "  " : "";
}

/* Where the text ends that a quote begins here; 0: it begins none. */
static size_t quoted(const char *text)
{
	for (const char *end = strchr(text + 1, '\''); end; end = strchr(end + 1, '\''))
		if (!isalnum((unsigned char)end[1]))
			return (size_t)(end - text);
	return 0;
}

/* Goes past what is neither a quote nor a blank nor the end of the text, as nearly all letters are. */
static const char *skip_letters(const char *at, const char *last)
{
	for (uint64_t found = 0; last - at >= (ptrdiff_t)sizeof found; at += sizeof found) {
		found = spk_first_below(spk_word_at(at), '\'' + 1);
		if (found)
			return at + spk_first_byte(found);
	}
	while ((unsigned char)*at > '\'')
		at++;
	return at;
}

/* Where the word ends that begins at word, with what is quoted in it.  last: where the text ends. */
static const char *end_of_word(const char *word, const char *last)
{
	for (const char *at = word;; at++) {
		at = skip_letters(at, last);
		if (!*at || *at == ' ')
			return at;
		if (*at == '\'' && (at == word || !isalnum((unsigned char)at[-1])))
			at += quoted(at);
	}
}

/* The command that a text ends with, behind a colon, if it quotes nothing before; NULL: none. */
static const char *find_command(const char *text)
{
	static const char before[] = ": spnkit ";
	const char *command = NULL;
	for (const char *at = text; (at = strstr(at, before)); at++)
		command = at + 2;
	return command && !memchr(text, '\'', (size_t)(command - text)) ? command : NULL;
}

/* What is printed in one go. */
struct pieces {
	FILE *to;
	bool is_safe; /* it can be shown as it is */
	size_t len;
	char text[512];
};

static void flush(struct pieces *pieces)
{
	fwrite(pieces->text, 1, pieces->len, pieces->to);
	pieces->len = 0;
}

static void put(struct pieces *pieces, const char *text, size_t len)
{
	if (len > sizeof pieces->text - pieces->len)
		flush(pieces);
	if (len > sizeof pieces->text) {
		fwrite(text, 1, len, pieces->to);
		return;
	}
	memcpy(pieces->text + pieces->len, text, len);
	pieces->len += len;
}

static void put_text(struct pieces *pieces, const char *text, size_t len)
{
	if (pieces->is_safe) {
		put(pieces, text, len);
		return;
	}
	flush(pieces);
	spn_text_print(pieces->to, text, len);
}

/* command: a part of the text that stays in one piece, to its end; NULL: none does. */
static void print(FILE *to, const char *text, size_t column, const char *indent, unsigned columns, const char *command)
{
	struct pieces pieces; /* of which the text needs not be cleared */
	size_t margin = width_of(indent, strlen(indent)), n_blanks = 0;
	const char *last = text + strlen(text);
	bool is_narrow = spk_is_printable((spn_bytes){ text, (size_t)(last - text) }); /* each byte takes one column */
	pieces.to = to;
	pieces.is_safe = is_narrow;
	pieces.len = 0;
	const char *from = text; /* what is to be printed from here on stands in one line, as it is */
	for (const char *at = text, *end = text; *at; at = end + n_blanks) {
		size_t len = (size_t)((at == command ? last : end_of_word(at, last)) - at);
		size_t width = is_narrow ? len : width_of(at, len);
		bool breaks = at > text && column + 1 + width >= columns;
		if (breaks || n_blanks > 1) {
			put_text(&pieces, from, (size_t)(end - from));
			from = at;
		}
		if (breaks) {
			const char *before = margin + width > columns ? less(width, columns) : indent;
			put(&pieces, "\n", 1);
			put(&pieces, before, strlen(before));
			column = width_of(before, strlen(before));
		} else if (at > text) {
			if (n_blanks > 1)
				put(&pieces, " ", 1);
			column++;
		}
		column += width;
		end = at + len;
		for (n_blanks = 0; end[n_blanks] == ' ';)
			n_blanks++;
		if (!end[n_blanks])
			put_text(&pieces, from, (size_t)(end - from));
	}
	put(&pieces, "\n", 1);
	flush(&pieces);
}

/* As strstr; rare: a character of the mark that few texts have. */
static const char *find_mark(const char *text, const char *mark, char rare)
{
	size_t which = (size_t)(strchr(mark, rare) - mark);
	for (const char *at = text; (at = strchr(at, rare)); at++)
		if ((size_t)(at - text) >= which && strncmp(at - which, mark, strlen(mark)) == 0)
			return at - which;
	return NULL;
}

/* Puts "\\x20" in the place of the blank at the end of each mark. */
static void put_defused(spk_text *to, const char *text, const char *mark)
{
	size_t len = strlen(mark);
	for (const char *at; (at = strstr(text, mark)); text = at + len) {
		spk_text_add_bytes(to, text, (size_t)(at + len - 1 - text));
		spk_text_add(to, "\\x20");
	}
	spk_text_add(to, "%s", text);
}

char *spk_defused(const char *text)
{
	SPK_AUTOTEXT spk_text once = { 0 };
	spk_text twice = { 0 };
	if (!find_mark(text, REPAIR, ':') && !find_mark(text, COMMAND, 'k'))
		return NULL;
	put_defused(&once, text, REPAIR);
	if (!once.failed)
		put_defused(&twice, once.data, COMMAND);
	if (once.failed || twice.failed)
		spk_text_free(&twice);
	return twice.data;
}

void spn_text_print_wrapped(FILE *to, const char *text, size_t column, const char *indent, unsigned columns)
{
	print(to, text, column, indent, columns ? columns : SPK_COLUMNS, NULL);
}

void spk_print_wrapped(const spk_lines *to, const char *text, size_t column, const char *indent)
{
	SPK_AUTOFREE char *defused = spk_defused(text);
	spn_text_print_wrapped(to->file, defused ? defused : text, column, indent, to->columns);
}

static void print_sentence(
		const spk_lines *to, const char *text, size_t column, const char *indent, const char *command)
{
	if (to->is_terminal) {
		print(to->file, text, column, indent, to->columns, command);
	} else {
		spn_text_print(to->file, text, strlen(text));
		putc('\n', to->file);
	}
}

void spk_print_sentence(const spk_lines *to, const char *text, size_t column, const char *indent)
{
	print_sentence(to, text, column, indent, NULL);
}

void spk_print_hint(const spk_lines *to, const char *text, size_t column, const char *indent)
{
	print_sentence(to, text, column, indent, find_command(text));
}

void spk_print_whole(
		const spk_lines *to, size_t column, const char *lead, const char *text, size_t len, const char *after)
{
	size_t n_lead = strlen(lead);
	size_t width = to->is_terminal ? width_of(text, len) + strlen(after) : 0;
	if (to->is_terminal && column + width_of(lead, n_lead) + width > to->columns && width <= to->columns) {
		while (n_lead && isspace((unsigned char)lead[n_lead - 1]))
			n_lead--;
		fwrite(lead, 1, n_lead, to->file);
		fprintf(to->file, "%s%s", column || n_lead ? "\n" : "", less(width, to->columns));
	} else {
		fputs(lead, to->file);
	}
	spn_text_print(to->file, text, len);
	if (*after)
		fputs(after, to->file);
	putc('\n', to->file);
}

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

void spk_pieces_end(spk_pieces *pieces)
{
	fwrite(pieces->text, 1, pieces->len, pieces->to);
	pieces->len = 0;
}

/* What there is no room for. */
void spk_pieces_put_long(spk_pieces *pieces, const char *text, size_t len)
{
	spk_pieces_end(pieces);
	if (len > sizeof pieces->text)
		fwrite(text, 1, len, pieces->to);
	else
		spk_pieces_put(pieces, text, len);
}

void spk_pieces_print(spk_pieces *pieces, const char *text, size_t len)
{
	if (spk_is_printable((spn_bytes){ text, len })) {
		spk_pieces_put(pieces, text, len);
		return;
	}
	spk_pieces_end(pieces);
	spn_text_print(pieces->to, text, len);
}

/* Whether words end at blanks and nowhere else: one blank between two of them, and none in a quote. */
static bool is_simple(const char *text, const char *last)
{
	const char *at = text;
	for (uint64_t before = 1, blanks; last - at >= (ptrdiff_t)sizeof blanks; at += sizeof blanks) {
		blanks = spk_same_bytes(spk_word_at(at), SPK_EACH_BYTE(' ')) >> 7;
		if (blanks & (blanks << 8 | before))
			return false;
		before = blanks >> 56;
	}
	for (bool was_blank = at == text || at[-1] == ' '; at < last; was_blank = *at++ == ' ')
		if (was_blank && *at == ' ')
			return false;
	if (text == last || last[-1] == ' ')
		return false;
	for (at = text; (at = memchr(at, '\'', (size_t)(last - at))); at++) {
		size_t len = at == text || !isalnum((unsigned char)at[-1]) ? quoted(at) : 0;
		if (memchr(at, ' ', len))
			return false;
		at += len;
	}
	return true;
}

/* As print, of such words in printable ASCII, which are not gone over one by one. */
static void print_simple(
		spk_pieces *pieces, const char *text, const char *last, size_t column, const char *indent, unsigned columns)
{
	size_t margin = width_of(indent, strlen(indent));
	for (const char *at = text, *end;; at = end + 1) {
		size_t room = columns > column + 1 ? columns - column - 1 : 0, left = (size_t)(last - at);
		end = left <= room ? last : memrchr(at, ' ', room + 1);
		if (!end) /* the first word alone is too long */
			end = memchr(at, ' ', left);
		end = end ? end : last;
		spk_pieces_put(pieces, at, (size_t)(end - at));
		spk_pieces_put(pieces, "\n", 1);
		if (end == last)
			return;
		const char *next = memchr(end + 1, ' ', (size_t)(last - end - 1));
		size_t width = (size_t)((next ? next : last) - end - 1);
		const char *before = margin + width > columns ? less(width, columns) : indent;
		spk_pieces_word(pieces, before);
		column = before == indent ? margin : strlen(before);
	}
}

/* command: a part of the text that stays in one piece, to its end; NULL: none does. */
static void print(spk_pieces *pieces, const char *text, size_t column, const char *indent, unsigned columns,
		const char *command)
{
	size_t margin = width_of(indent, strlen(indent)), n_blanks = 0;
	const char *last = text + strlen(text);
	bool is_narrow = spk_is_printable((spn_bytes){ text, (size_t)(last - text) }); /* each byte takes one column */
	if (is_narrow && !command && is_simple(text, last)) {
		print_simple(pieces, text, last, column, indent, columns);
		return;
	}
	const char *from = text; /* what is to be printed from here on stands in one line, as it is */
	for (const char *at = text, *end = text; *at; at = end + n_blanks) {
		size_t len = (size_t)((at == command ? last : end_of_word(at, last)) - at);
		size_t width = is_narrow ? len : width_of(at, len);
		bool breaks = at > text && column + 1 + width >= columns;
		if (breaks || n_blanks > 1) {
			spk_pieces_print(pieces, from, (size_t)(end - from));
			from = at;
		}
		if (breaks) {
			const char *before = margin + width > columns ? less(width, columns) : indent;
			spk_pieces_put(pieces, "\n", 1);
			spk_pieces_word(pieces, before);
			column = width_of(before, strlen(before));
		} else if (at > text) {
			if (n_blanks > 1)
				spk_pieces_put(pieces, " ", 1);
			column++;
		}
		column += width;
		end = at + len;
		for (n_blanks = 0; end[n_blanks] == ' ';)
			n_blanks++;
		if (!end[n_blanks])
			spk_pieces_print(pieces, from, (size_t)(end - from));
	}
	spk_pieces_put(pieces, "\n", 1);
}

/* As strstr; which: of the mark, a character that few texts have. */
static const char *find_mark(const char *text, const char *mark, size_t which)
{
	for (const char *at = text; (at = strchr(at, mark[which])); at++)
		if (at[1] == mark[which + 1] && (size_t)(at - text) >= which && strncmp(at - which, mark, strlen(mark)) == 0)
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
	if (!find_mark(text, REPAIR, sizeof "repair" - 1) && !find_mark(text, COMMAND, sizeof " spn" - 1))
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
	spk_pieces pieces;
	spk_pieces_begin(&pieces, to);
	print(&pieces, text, column, indent, columns ? columns : SPK_COLUMNS, NULL);
	spk_pieces_end(&pieces);
}

void spk_pieces_wrapped(spk_pieces *pieces, const spk_lines *to, const char *text, size_t column, const char *indent)
{
	SPK_AUTOFREE char *defused = spk_defused(text);
	print(pieces, defused ? defused : text, column, indent, to->columns, NULL);
}

void spk_print_wrapped(const spk_lines *to, const char *text, size_t column, const char *indent)
{
	spk_pieces pieces;
	spk_pieces_begin(&pieces, to->file);
	spk_pieces_wrapped(&pieces, to, text, column, indent);
	spk_pieces_end(&pieces);
}

static void print_sentence(
		const spk_lines *to, const char *text, size_t column, const char *indent, const char *command)
{
	spk_pieces pieces;
	spk_pieces_begin(&pieces, to->file);
	if (to->is_terminal) {
		print(&pieces, text, column, indent, to->columns, command);
	} else {
		spk_pieces_print(&pieces, text, strlen(text));
		spk_pieces_put(&pieces, "\n", 1);
	}
	spk_pieces_end(&pieces);
}

void spk_print_sentence(const spk_lines *to, const char *text, size_t column, const char *indent)
{
	print_sentence(to, text, column, indent, NULL);
}

void spk_print_hint(const spk_lines *to, const char *text, size_t column, const char *indent)
{
	print_sentence(to, text, column, indent, find_command(text));
}

void spk_pieces_whole(spk_pieces *pieces, const spk_lines *to, size_t column, const char *lead, const char *text,
		size_t len, const char *after)
{
	size_t n_lead = strlen(lead);
	size_t width = to->is_terminal ? width_of(text, len) + strlen(after) : 0;
	bool breaks = to->is_terminal && column + width_of(lead, n_lead) + width > to->columns && width <= to->columns;
	while (breaks && n_lead && isspace((unsigned char)lead[n_lead - 1]))
		n_lead--;
	spk_pieces_put(pieces, lead, n_lead);
	if (breaks && (column || n_lead))
		spk_pieces_put(pieces, "\n", 1);
	if (breaks)
		spk_pieces_word(pieces, less(width, to->columns));
	spk_pieces_print(pieces, text, len);
	spk_pieces_word(pieces, after);
	spk_pieces_put(pieces, "\n", 1);
}

void spk_print_whole(
		const spk_lines *to, size_t column, const char *lead, const char *text, size_t len, const char *after)
{
	spk_pieces pieces;
	spk_pieces_begin(&pieces, to->file);
	spk_pieces_whole(&pieces, to, column, lead, text, len, after);
	spk_pieces_end(&pieces);
}

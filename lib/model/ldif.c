/* SPDX-License-Identifier: MIT */
#include "ldif_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define WINDOW ((size_t)64 << 10)
#define IS_THIS ": is this LDIF, as ldapsearch -LLL or ldifde -f writes it?"

spn_status spk_ldif_fail(const spk_ldif_reader *reader, size_t line, size_t column, spn_error *err,
		const char *format, ...)
{
	char what[SPN_MESSAGE_SIZE];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (column)
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s', line %zu, column %zu: %s", reader->name, line, column,
				what);
	return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s', line %zu: %s", reader->name, line, what);
}

static spn_status new_reader(const char *name, spk_ldif_reader **ret_reader, spn_error *err)
{
	spk_ldif_reader *reader = calloc(1, sizeof *reader);
	if (reader)
		reader->name = strdup(name);
	if (!reader || !reader->name) {
		free(reader);
		return spk_nomem(err);
	}
	reader->line = 1;
	reader->until = SIZE_MAX;
	*ret_reader = reader;
	return SPN_OK;
}

spn_status spk_ldif_read_from(const char *name, spk_ldif_read_fn *read, void *data,
		spk_ldif_reader **ret_reader, spn_error *err)
{
	SPK_AUTOLDIF spk_ldif_reader *reader = NULL;
	spn_status status = new_reader(name, &reader, err);
	if (status)
		return status;
	reader->read = read;
	reader->data = data;
	reader->size = WINDOW;
	reader->window = reader->buffer = malloc(reader->size);
	if (!reader->buffer)
		return spk_nomem(err);
	*ret_reader = reader;
	reader = NULL;
	return SPN_OK;
}

spn_status spk_ldif_read_text(const char *name, spn_bytes text, spk_ldif_reader **ret_reader, spn_error *err)
{
	spk_ldif_reader *reader = NULL;
	spn_status status = new_reader(name, &reader, err);
	if (status)
		return status;
	reader->window = text.data;
	reader->len = text.len;
	reader->ended = true;
	*ret_reader = reader;
	return SPN_OK;
}

static ssize_t read_stdio(void *data, size_t offset, char *buffer, size_t size)
{
	(void)offset;
	FILE *file = data;
	size_t n = fread(buffer, 1, size, file);
	return n == 0 && ferror(file) ? -1 : (ssize_t)n;
}

spn_status spk_ldif_read_file(const char *name, FILE *file, spk_ldif_reader **ret_reader, spn_error *err)
{
	return spk_ldif_read_from(name, read_stdio, file, ret_reader, err);
}

spk_ldif_reader *spk_ldif_reader_free(spk_ldif_reader *reader)
{
	if (!reader)
		return NULL;
	spk_text_free(&reader->unfolded);
	spk_text_free(&reader->memory);
	free(reader->folds);
	free(reader->raw);
	free(reader->lines);
	free(reader->comments);
	free(reader->notes);
	free(reader->buffer);
	free(reader->skimmer);
	free(reader->name);
	free(reader);
	return NULL;
}

void spk_ldif_seek(spk_ldif_reader *reader, size_t offset, size_t line)
{
	if (reader->read) {
		bool inside = offset >= reader->base && offset <= reader->base + reader->len;
		reader->pos = inside ? offset - reader->base : 0;
		if (!inside) {
			reader->base = offset;
			reader->len = 0;
			reader->ended = false;
		}
	} else {
		reader->pos = offset < reader->len ? offset : reader->len;
	}
	reader->line = line;
	reader->started = offset > 0;
}

void spk_ldif_until(spk_ldif_reader *reader, size_t offset)
{
	reader->until = offset;
}

size_t spk_ldif_line_number(const spk_ldif_reader *reader)
{
	return reader->line;
}

/* Makes room for n of something.  array is the address of the pointer to it. */
static bool grow_to(void *array, size_t n, size_t *size, size_t width)
{
	if (n <= *size)
		return true;
	size_t wanted = n + n / 2 + 32;
	void *old;
	memcpy(&old, array, sizeof old); /* not void **: the pointer is of another type */
	void *grown = realloc(old, wanted * width);
	if (!grown)
		return false;
	memcpy(array, &grown, sizeof grown);
	*size = wanted;
	return true;
}

/* Gets more bytes behind those from pos on.  What is before pos is given up. */
static spn_status fill(spk_ldif_reader *reader, spn_error *err)
{
	if (reader->pos > 0) {
		reader->len -= reader->pos;
		memmove(reader->buffer, reader->buffer + reader->pos, reader->len);
		reader->base += reader->pos;
		reader->pos = 0;
	}
	if (reader->len == reader->size) {
		char *grown = realloc(reader->buffer, reader->size * 2);
		if (!grown)
			return spk_nomem(err);
		reader->window = reader->buffer = grown;
		reader->size *= 2;
	}
	size_t from = reader->base + reader->len, room = reader->size - reader->len;
	room = room < reader->until - from ? room : reader->until - from;
	ssize_t n;
	do
		n = room ? reader->read(reader->data, from, reader->buffer + reader->len, room) : 0;
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot read '%s': %s", reader->name, strerror(errno));
	reader->ended = n == 0;
	reader->len += (size_t)n;
	return SPN_OK;
}

/* Finds the line at pos, so that the byte behind its line end is in the window as well, if there is one.
 * Sets its length with and without the line end; 0 with it: there is no line any more. */
static spn_status find_line(spk_ldif_reader *reader, size_t *ret_len, size_t *ret_raw, spn_error *err)
{
	size_t seen = 0;
	for (;;) {
		size_t left = reader->len - reader->pos;
		size_t limit = left < SPK_LDIF_LINE_MAX + 2 ? left : SPK_LDIF_LINE_MAX + 2;
		const char *at = reader->window + reader->pos;
		const char *newline = limit > seen ? memchr(at + seen, '\n', limit - seen) : NULL;
		size_t raw = newline ? (size_t)(newline - at) + 1 : left;
		if (!newline && limit > SPK_LDIF_LINE_MAX)
			return spk_ldif_fail(reader, reader->line, 0, err, "the line is longer than %zu MiB",
					SPK_LDIF_LINE_MAX >> 20);
		if (reader->ended || (newline && raw < left)) {
			*ret_raw = raw;
			*ret_len = newline ? raw - 1 : raw;
			return SPN_OK;
		}
		seen = newline ? raw - 1 : left;
		spn_status status = fill(reader, err);
		if (status)
			return status;
	}
}

static bool is_continued(const spk_ldif_reader *reader)
{
	return reader->pos < reader->len && reader->window[reader->pos] == ' ';
}

/* Line and column of a place in the logical line. */
static spn_status fail_at(const spk_ldif_reader *reader, size_t at, spn_error *err, const char *what)
{
	size_t fold = 0;
	while (fold < reader->n_folds && reader->folds[fold] <= at)
		fold++;
	size_t column = fold ? at - reader->folds[fold - 1] + 2 : at + 1;
	return spk_ldif_fail(reader, reader->text_line + fold, column, err, "%s", what);
}

/* Appends the continuation lines. */
static spn_status unfold(spk_ldif_reader *reader, spn_error *err)
{
	spk_text_clear(&reader->unfolded);
	spk_text_add_bytes(&reader->unfolded, reader->text, reader->text_len);
	while (is_continued(reader)) {
		size_t len = 0, raw = 0;
		spn_status status = find_line(reader, &len, &raw, err);
		if (status)
			return status;
		const char *at = reader->window + reader->pos;
		if (len > 0 && at[len - 1] == '\r')
			len--;
		if (reader->unfolded.len + len > SPK_LDIF_LINE_MAX)
			return spk_ldif_fail(reader, reader->text_line, 0, err,
					"the line is longer than %zu MiB with its continuation lines", SPK_LDIF_LINE_MAX >> 20);
		if (!grow_to(&reader->folds, reader->n_folds + 1, &reader->folds_size, sizeof *reader->folds))
			return spk_nomem(err);
		reader->folds[reader->n_folds++] = reader->unfolded.len;
		spk_text_add_bytes(&reader->unfolded, at + 1, len - 1);
		reader->text_cut = at[raw - 1] != '\n';
		reader->pos += raw;
		reader->text_raw += raw;
		reader->line++;
	}
	reader->text = reader->unfolded.data;
	reader->text_len = reader->unfolded.len;
	return reader->unfolded.failed ? spk_nomem(err) : SPN_OK;
}

/* Reads the next line with its continuation lines.  False in ret_more at the end of the input. */
static spn_status read_line(spk_ldif_reader *reader, bool *ret_more, spn_error *err)
{
	size_t len = 0, raw = 0;
	spn_status status = find_line(reader, &len, &raw, err);
	if (status)
		return status;
	*ret_more = raw > 0;
	if (raw == 0)
		return SPN_OK;
	const char *at = reader->window + reader->pos;
	reader->text_crlf = len > 0 && len < raw && at[len - 1] == '\r';
	reader->text_cut = len == raw;
	reader->text = at;
	reader->text_len = len - reader->text_crlf;
	reader->text_line = reader->line;
	reader->text_offset = reader->base + reader->pos;
	reader->text_raw = raw;
	reader->n_folds = 0;
	reader->pos += raw;
	reader->line++;
	if (reader->text_len > 0 && is_continued(reader)) {
		status = unfold(reader, err);
		if (status)
			return status;
	}
	const char *bad = memchr(reader->text, '\0', reader->text_len);
	if (bad)
		return fail_at(reader, (size_t)(bad - reader->text), err,
				"a NUL byte: this is no text, or it is UTF-16 (then: iconv -f UTF-16LE -t UTF-8)");
	bad = memchr(reader->text, '\r', reader->text_len);
	if (bad)
		return fail_at(reader, (size_t)(bad - reader->text), err, "a carriage return inside a line");
	return SPN_OK;
}

/* Looks at the first bytes of the input. */
static spn_status skip_byte_order_mark(spk_ldif_reader *reader, spn_error *err)
{
	while (!reader->ended && reader->len < 3) {
		spn_status status = fill(reader, err);
		if (status)
			return status;
	}
	if (reader->len >= 2 && (memcmp(reader->window, "\xff\xfe", 2) == 0 || memcmp(reader->window, "\xfe\xff", 2) == 0))
		return spk_ldif_fail(reader, 1, 1, err, "this is UTF-16, as ldifde -u writes it; convert it first: "
				"iconv -f UTF-16 -t UTF-8");
	if (reader->len >= 3 && memcmp(reader->window, "\xef\xbb\xbf", 3) == 0)
		reader->pos = 3;
	return SPN_OK;
}

/* Adds bytes and a NUL; this is where reading a large file spends its time. */
static void keep(spk_text *memory, const char *data, size_t len)
{
	if (memory->failed || memory->size - memory->len <= len + 1) {
		spk_text_add_bytes(memory, data, len);
		spk_text_add_char(memory, '\0');
		return;
	}
	char *to = memory->data + memory->len;
	memcpy(to, data, len);
	to[len] = to[len + 1] = '\0'; /* the NUL, and the end of the text */
	memory->len += len + 1;
}

static spn_status keep_comment(spk_ldif_reader *reader, spn_error *err)
{
	size_t skip = reader->text_len > 1 && reader->text[1] == ' ' ? 2 : 1;
	if (!grow_to(&reader->notes, reader->n_notes + 1, &reader->notes_size, sizeof *reader->notes))
		return spk_nomem(err);
	reader->notes[reader->n_notes++] = (struct note){ reader->memory.len, reader->text_line, reader->n_raw };
	keep(&reader->memory, reader->text + skip, reader->text_len - skip);
	return reader->memory.failed ? spk_nomem(err) : SPN_OK;
}

static bool is_base64(char c)
{
	char l = spk_ascii_lower(c);
	return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* Decodes what follows "attr::" into the memory of the record. */
static spn_status decode(spk_ldif_reader *reader, size_t at, spn_error *err)
{
	size_t len = reader->text_len - at;
	while (len > 0 && reader->text[at + len - 1] == ' ')
		len--;
	if (spk_base64_decode(reader->text + at, len, &reader->memory))
		return SPN_OK;
	if (reader->memory.failed)
		return spk_nomem(err);
	size_t good = 0;
	while (good < len && is_base64(reader->text[at + good]))
		good++;
	if (good < len && reader->text[at + good] != '=')
		return fail_at(reader, at + good, err, "a character that base64 does not have");
	return fail_at(reader, at + good, err, reader->text_cut ? "the file is cut off inside a base64 value" :
			"the base64 value has a wrong length or padding");
}

bool spk_ldif_keep_plain(spk_ldif_reader *reader, size_t pos, size_t name_len, size_t len, size_t raw_len, size_t which)
{
	const char *text = reader->window + pos;
	size_t at = name_len + 1;
	struct line line = { .line = reader->line, .offset = reader->base + pos, .len = raw_len, .which = which,
		.crlf = raw_len > len + 1 };
	if (!grow_to(&reader->raw, reader->n_raw + 1, &reader->raw_size, sizeof *reader->raw)) {
		reader->memory.failed = true;
		return false;
	}
	line.attr = reader->memory.len;
	keep(&reader->memory, text, name_len);
	while (at < len && text[at] == ' ')
		at++;
	line.value = reader->memory.len;
	line.value_len = len - at;
	keep(&reader->memory, text + at, len - at);
	reader->raw[reader->n_raw] = line;
	reader->n_raw += !reader->memory.failed;
	return !reader->memory.failed;
}

/* Takes "attr: value" apart and adds it to the record. */
static spn_status keep_line(spk_ldif_reader *reader, spn_error *err)
{
	struct line line = { .line = reader->text_line, .offset = reader->text_offset, .len = reader->text_raw,
		.crlf = reader->text_crlf };
	const char *text = reader->text;
	size_t len = reader->text_len;
	if (!grow_to(&reader->raw, reader->n_raw + 1, &reader->raw_size, sizeof *reader->raw))
		return spk_nomem(err);
	line.attr = reader->memory.len;
	if (len == 1 && text[0] == '-') {
		spk_text_add_bytes(&reader->memory, "-\0", 3);
		line.value = line.attr + 2;
		reader->raw[reader->n_raw++] = line;
		return SPN_OK;
	}
	const char *colon = memchr(text, ':', len);
	if (!colon)
		return fail_at(reader, len, err, reader->text_cut ? "no ':' in the last line: is the file cut off?" :
				"no ':' in the line" IS_THIS);
	size_t name = (size_t)(colon - text), at = name + 1;
	keep(&reader->memory, text, name);
	if (!reader->memory.failed && !spk_ldif_is_attr(reader->memory.data + line.attr))
		return fail_at(reader, 0, err, "what stands before ':' is no attribute name" IS_THIS);
	char kind = at < len ? text[at] : ' ';
	if (kind == '<')
		return fail_at(reader, at, err, "values from URLs ('<') are not read");
	at += kind == ':';
	while (at < len && text[at] == ' ')
		at++;
	line.value = reader->memory.len;
	if (kind == ':') {
		spn_status status = decode(reader, at, err);
		if (status)
			return status;
		line.value_len = reader->memory.len - line.value;
		spk_text_add_char(&reader->memory, '\0');
	} else {
		line.value_len = len - at;
		keep(&reader->memory, text + at, len - at);
	}
	if (reader->memory.failed)
		return spk_nomem(err);
	if (reader->skimmer && reader->n_seen > 0 && !spk_ldif_is_kept(reader, reader->memory.data + line.attr, &line.which)) {
		reader->memory.len = line.attr;
		return SPN_OK;
	}
	if (reader->n_seen == 1)
		reader->second = reader->n_raw;
	reader->raw[reader->n_raw++] = line;
	return SPN_OK;
}

/* The "version: 1" line, which may stand right above the first dn. */
static spn_status skip_version(spk_ldif_reader *reader, spn_error *err)
{
	if (reader->started || reader->n_raw == 0)
		return SPN_OK;
	reader->started = true;
	if (!spk_ascii_equal(reader->memory.data + reader->raw[0].attr, "version"))
		return SPN_OK;
	if (strcmp(reader->memory.data + reader->raw[0].value, "1") != 0)
		return fail_at(reader, 0, err, "only version 1 of LDIF is known");
	reader->n_raw = reader->n_seen = 0;
	return SPN_OK;
}

/* Reads lines up to an empty one that ends a record, or to the end of the input. */
static spn_status read_lines(spk_ldif_reader *reader, spn_error *err)
{
	for (;;) {
		bool more;
		if (reader->skimmer && spk_ldif_skim(reader))
			return SPN_OK;
		spn_status status = read_line(reader, &more, err);
		if (status || !more)
			return status;
		if (reader->text_len == 0) {
			if (reader->n_raw > 0)
				return SPN_OK;
			continue;
		}
		if (reader->text[0] == '#') {
			status = reader->skimmer ? SPN_OK : keep_comment(reader, err);
			if (status)
				return status;
			continue;
		}
		if (reader->text[0] == ' ')
			status = fail_at(reader, 0, err, "a continuation line, but no line before it");
		else
			status = keep_line(reader, err);
		reader->n_seen++;
		reader->end = reader->text_offset + reader->text_raw;
		reader->end_cut = reader->text_cut;
		if (!status)
			status = skip_version(reader, err);
		if (status)
			return status;
		if (reader->memory.len > SPK_LDIF_RECORD_MAX)
			return spk_ldif_fail(reader, reader->text_line, 0, err, "the record is larger than %zu MiB",
					SPK_LDIF_RECORD_MAX >> 20);
	}
}

/* ldapsearch without -LLL closes its output with the result: an export that was cut short must not be taken for
 * the whole directory. */
static spn_status skip_result(spk_ldif_reader *reader, bool *ret_skipped, spn_error *err)
{
	const char *memory = reader->memory.data;
	const char *first = memory + reader->raw[0].attr;
	*ret_skipped = spk_ascii_equal(first, "search") || spk_ascii_equal(first, "ref") ||
			spk_ascii_equal(first, "result");
	for (size_t i = 0; *ret_skipped && i < reader->n_raw; i++) {
		const char *value = memory + reader->raw[i].value;
		if (spk_ascii_equal(memory + reader->raw[i].attr, "result") && strtol(value, NULL, 10) != 0)
			return spk_ldif_fail(reader, reader->raw[i].line, 0, err,
					"the search that wrote this file failed and the file is incomplete: result %s", value);
	}
	if (*ret_skipped) {
		reader->n_raw = reader->n_seen = reader->second = 0;
		for (size_t i = 0; i < reader->n_notes; i++)
			reader->notes[i].before = 0;
	}
	return SPN_OK;
}

/* Turns offsets into pointers; the first n_head lines are dn and changetype. */
static spn_status finish(spk_ldif_reader *reader, size_t n_head, spn_error *err)
{
	const char *memory = reader->memory.data;
	size_t n = reader->n_raw - n_head;
	if ((n > 0 && !grow_to(&reader->lines, n, &reader->lines_size, sizeof *reader->lines)) ||
			(reader->n_notes > 0 && !grow_to(&reader->comments, reader->n_notes, &reader->comments_size,
					sizeof *reader->comments)))
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		const struct line *raw = &reader->raw[n_head + i];
		reader->lines[i] = (spk_ldif_line){ memory + raw->attr, { memory + raw->value, raw->value_len },
			raw->line, raw->offset, raw->len, raw->which };
	}
	for (size_t i = 0; i < reader->n_notes; i++) {
		const struct note *note = &reader->notes[i];
		reader->comments[i] = (spk_ldif_comment){ memory + note->text, note->line,
			note->before > n_head ? note->before - n_head : 0 };
	}
	reader->record.lines = reader->lines;
	reader->record.n_lines = n;
	reader->record.comments = reader->comments;
	reader->record.n_comments = reader->n_notes;
	return SPN_OK;
}

static spn_status make_record(spk_ldif_reader *reader, spn_error *err)
{
	const struct line *dn = &reader->raw[0];
	const char *memory = reader->memory.data;
	if (!spk_ascii_equal(memory + dn->attr, "dn"))
		return spk_ldif_fail(reader, dn->line, 1, err, "a record begins with 'dn:', not with '%s:'",
				memory + dn->attr);
	if (strlen(memory + dn->value) != dn->value_len)
		return spk_ldif_fail(reader, dn->line, 0, err, "a NUL byte in a DN");
	bool is_change = reader->second && spk_ascii_equal(memory + reader->raw[1].attr, "changetype");
	if (reader->second && spk_ascii_equal(memory + reader->raw[1].attr, "control"))
		return spk_ldif_fail(reader, reader->raw[1].line, 1, err, "'control:' is not supported");
	reader->record = (spk_ldif_record){
		.dn = memory + dn->value,
		.changetype = is_change ? memory + reader->raw[1].value : NULL,
		.line = dn->line,
		.offset = dn->offset,
		.len = reader->end - dn->offset,
		.crlf = dn->crlf,
		.cut = reader->end_cut,
	};
	spn_status status = finish(reader, is_change ? 2 : 1, err);
	if (!status && is_change && !reader->skimmer && spk_ascii_equal(reader->record.changetype, "modify"))
		status = spk_ldif_check_modify(reader, &reader->record, err);
	return status;
}

spn_status spk_ldif_next(spk_ldif_reader *reader, const spk_ldif_record **ret_record, spn_error *err)
{
	spk_text_clear(&reader->memory);
	reader->n_raw = reader->n_seen = reader->second = 0;
	reader->n_notes = 0;
	reader->record = (spk_ldif_record){ 0 };
	spn_status status = reader->base + reader->pos == 0 ? skip_byte_order_mark(reader, err) : SPN_OK;
	bool skipped = true;
	while (!status && skipped) {
		status = read_lines(reader, err);
		skipped = false;
		if (!status && reader->n_raw > 0)
			status = skip_result(reader, &skipped, err);
	}
	if (status)
		return status;
	status = reader->n_raw > 0 ? make_record(reader, err) : finish(reader, 0, err);
	if (!status)
		*ret_record = reader->n_raw > 0 ? &reader->record : NULL;
	return status;
}

size_t spk_ldif_comments(const spk_ldif_reader *reader, const spk_ldif_comment **ret_comments)
{
	*ret_comments = reader->record.comments;
	return reader->record.n_comments;
}

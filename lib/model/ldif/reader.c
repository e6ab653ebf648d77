/* SPDX-License-Identifier: MIT */
#include "private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/dn.h"

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
			reader->has_jumped = offset > 0;
			if (reader->skimmer)
				spk_ldif_forget_ends(reader->skimmer);
		}
	} else {
		reader->pos = offset < reader->len ? offset : reader->len;
	}
	reader->line = line;
}

void spk_ldif_until(spk_ldif_reader *reader, size_t offset)
{
	reader->until = offset;
}

size_t spk_ldif_line_number(const spk_ldif_reader *reader)
{
	return reader->line;
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
	if (!spk_ldif_grow(&reader->notes, reader->n_notes + 1, &reader->notes_size, sizeof *reader->notes))
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
		return spk_ldif_fail_at(reader, at + good, err, "a character that base64 does not have");
	return spk_ldif_fail_at(reader, at + good, err, reader->text_cut ? "the file is cut off inside a base64 value" :
			"the base64 value has a wrong length or padding");
}

bool spk_ldif_keep_plain(spk_ldif_reader *reader, size_t pos, size_t name_len, size_t len, size_t raw_len, size_t which)
{
	const char *text = reader->window + pos;
	size_t at = name_len + 1;
	struct line line = { .line = reader->line, .offset = reader->base + pos, .len = raw_len, .which = which,
		.crlf = raw_len > len + 1 };
	if (!spk_ldif_grow(&reader->raw, reader->n_raw + 1, &reader->raw_size, sizeof *reader->raw)) {
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

/* ldapsearch -t writes values to files, of which it names the URL.  Such a file is never opened: without it an export
 * can do, a plan cannot. */
static spn_status skip_url(spk_ldif_reader *reader, size_t attr, size_t at, spn_error *err)
{
	if (reader->memory.failed)
		return spk_nomem(err);
	if (!reader->is_export || spk_ldif_is_needed(reader->memory.data + attr))
		return spk_ldif_fail_at(reader, at, err,
				"the value is in another file ('<'), which is never opened: export the value itself");
	reader->memory.len = attr;
	reader->skipped.urls++;
	return SPN_OK;
}

/* Takes "attr: value" apart and adds it to the record. */
static spn_status keep_line(spk_ldif_reader *reader, spn_error *err)
{
	struct line line = { .line = reader->text_line, .offset = reader->text_offset, .len = reader->text_raw,
		.crlf = reader->text_crlf };
	const char *text = reader->text;
	size_t len = reader->text_len;
	if (!spk_ldif_grow(&reader->raw, reader->n_raw + 1, &reader->raw_size, sizeof *reader->raw))
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
		return spk_ldif_fail_at(reader, len, err, reader->text_cut ? "no ':' in the last line: is the file cut off?" :
				"no ':' in the line" IS_THIS);
	size_t name = (size_t)(colon - text), at = name + 1;
	keep(&reader->memory, text, name);
	if (!reader->memory.failed && !spk_ldif_is_attr(reader->memory.data + line.attr))
		return spk_ldif_fail_at(reader, 0, err, "the text before ':' is not an attribute name" IS_THIS);
	const char *meant = reader->is_export && !reader->memory.failed ?
			spk_ldif_disguised(reader->memory.data + line.attr) :
			NULL;
	if (meant)
		return spk_ldif_fail(reader, reader->text_line, 1, err,
				"'%.*s' stands for '%s' but is not read as such: export the attribute under "
				"that name, without options",
				(int)name, text, meant);
	char kind = at < len ? text[at] : ' ';
	if (kind == '<')
		return skip_url(reader, line.attr, at, err);
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

/* The "version: 1" line, which may stand right above a dn; exports that were put together have several. */
static spn_status skip_version(spk_ldif_reader *reader, spn_error *err)
{
	const struct line *line = &reader->raw[reader->first];
	if (reader->n_seen != 1 || reader->n_raw == reader->first ||
			!spk_ascii_equal(reader->memory.data + line->attr, "version"))
		return SPN_OK;
	if (strcmp(reader->memory.data + line->value, "1") != 0)
		return spk_ldif_fail_at(reader, 0, err, "only version 1 of LDIF is known");
	reader->n_raw = reader->first;
	reader->n_seen = 0;
	return SPN_OK;
}

/* What ldapsearch says of its log-on: with 2>&1 in front of what it found. */
static bool is_said_by_sasl(const char *text, size_t len)
{
	static const char *const begins[] = { "SASL username: ", "SASL SSF: ", "SASL data security layer installed." };
	static const char started[] = " authentication started";
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (len >= strlen(begins[i]) && memcmp(text, begins[i], strlen(begins[i])) == 0)
			return true;
	return len > sizeof started && memcmp(text, "SASL/", 5) == 0 &&
			memcmp(text + len - strlen(started), started, strlen(started)) == 0;
}

/* Whether a search with this result brought what is there, though not all of it. */
static bool is_limit(long result)
{
	enum { TIME_LIMIT_EXCEEDED = 3, SIZE_LIMIT_EXCEEDED = 4, ADMIN_LIMIT_EXCEEDED = 11 };
	return result == TIME_LIMIT_EXCEEDED || result == SIZE_LIMIT_EXCEEDED || result == ADMIN_LIMIT_EXCEEDED;
}

static spn_status fail_search(const spk_ldif_reader *reader, size_t line, const char *result, spn_error *err)
{
	return spk_ldif_fail(reader, line, 0, err,
			"the search that wrote this file failed and the file is incomplete: result %s", result);
}

/* The result of a search as ldapsearch -LLL says it, with 2>&1 behind what it found: "Size limit exceeded (4)". */
static bool is_said_result(const char *text, size_t len, long *ret_result)
{
	const char *open = memrchr(text, '(', len);
	char *end;
	if (!open || open < text + 2 || open[-1] != ' ' || text[len - 1] != ')' || memchr(text, ':', len) ||
			*text < 'A' || *text > 'Z')
		return false;
	*ret_result = strtol(open + 1, &end, 10);
	return end > open + 1 && end == text + len - 1;
}

/* What it says behind that. */
static bool is_said_of_result(const char *text, size_t len)
{
	static const char *const begins[] = { "Additional information: ", "Matched DN: ", "Referral: " };
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (len >= strlen(begins[i]) && memcmp(text, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

/* Goes over a line that ldapsearch said to people. */
static spn_status skip_said(spk_ldif_reader *reader, bool *ret_skipped, spn_error *err)
{
	const char *text = reader->text;
	size_t len = reader->text_len;
	long result = 0;
	char said[80];
	bool is_result = is_said_result(text, len, &result), is_between = reader->n_raw == reader->first;
	*ret_skipped = is_result || (is_between && (is_said_by_sasl(text, len) || is_said_of_result(text, len)));
	if (is_result && !is_limit(result)) {
		snprintf(said, sizeof said, "%.*s", (int)len, text);
		return fail_search(reader, reader->text_line, said, err);
	}
	reader->skipped.cuts += is_result;
	return SPN_OK;
}

/* Reads lines up to an empty one that ends a record, or to the end of the input. */
static spn_status read_lines(spk_ldif_reader *reader, spn_error *err)
{
	for (;;) {
		bool more;
		if (reader->skimmer && spk_ldif_skim(reader))
			return SPN_OK;
		spn_status status = spk_ldif_read_line(reader, &more, err);
		if (status || !more)
			return status;
		if (reader->text_len == 0) {
			if (reader->n_raw > reader->first)
				return SPN_OK;
			continue;
		}
		if (reader->text[0] == '#') {
			status = reader->skimmer ? SPN_OK : keep_comment(reader, err);
			if (status)
				return status;
			continue;
		}
		bool is_said = false;
		if (reader->is_export)
			status = skip_said(reader, &is_said, err);
		if (status)
			return status;
		if (is_said)
			continue;
		if (reader->text[0] == ' ')
			status = spk_ldif_fail_at(reader, 0, err, "a continuation line, but no line before it");
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
	bool is_ref = spk_ascii_equal(first, "ref");
	*ret_skipped = is_ref || spk_ascii_equal(first, "search") || spk_ascii_equal(first, "result");
	for (size_t i = 0; *ret_skipped && i < reader->n_raw; i++) {
		const char *value = memory + reader->raw[i].value;
		long result = spk_ascii_equal(memory + reader->raw[i].attr, "result") ? strtol(value, NULL, 10) : 0;
		if (result != 0 && !(reader->is_export && is_limit(result)))
			return fail_search(reader, reader->raw[i].line, value, err);
		reader->skipped.cuts += result != 0;
	}
	reader->skipped.refs += is_ref;
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
	if ((n > 0 && !spk_ldif_grow(&reader->lines, n, &reader->lines_size, sizeof *reader->lines)) ||
			(reader->n_notes > 0 && !spk_ldif_grow(&reader->comments, reader->n_notes, &reader->comments_size,
					sizeof *reader->comments)))
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		const struct line *raw = &reader->raw[n_head + i];
		reader->lines[i] = (spk_ldif_line){ memory + raw->attr, { memory + raw->value, raw->value_len },
			raw->line, raw->offset, raw->len, raw->which };
		if (memory[raw->value] == '<' && reader->is_export)
			reader->lines[i].value = spk_dn_without_ids(reader->lines[i].value);
	}
	for (size_t i = 0; i < reader->n_notes; i++) {
		const struct note *note = &reader->notes[i];
		reader->comments[i] = (spk_ldif_comment){ memory + note->text, note->line,
			note->before > n_head ? note->before - n_head : 0 };
	}
	reader->record.dn = n_head > 0 ? memory + reader->raw[0].value : NULL;
	if (n_head > 0 && reader->is_export && reader->record.dn[0] == '<')
		reader->record.dn = spk_dn_without_ids((spn_bytes){ reader->record.dn, reader->raw[0].value_len }).data;
	reader->record.changetype = n_head > 1 ? memory + reader->raw[1].value : NULL;
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
	reader->n_head = is_change ? 2 : 1;
	reader->record = (spk_ldif_record){
		.line = dn->line,
		.offset = dn->offset,
		.len = reader->end - dn->offset,
		.crlf = dn->crlf,
		.cut = reader->end_cut,
	};
	spn_status status = finish(reader, reader->n_head, err);
	if (!status && is_change && !reader->skimmer && spk_ascii_equal(reader->record.changetype, "modify"))
		status = spk_ldif_check_modify(reader, &reader->record, err);
	return status;
}

/* Begins a record behind the lines that are kept. */
static void begin(spk_ldif_reader *reader)
{
	reader->first = reader->n_raw;
	reader->n_seen = reader->second = 0;
}

spn_status spk_ldif_next(spk_ldif_reader *reader, const spk_ldif_record **ret_record, spn_error *err)
{
	spk_text_clear(&reader->memory);
	reader->n_raw = reader->n_notes = 0;
	begin(reader);
	if (spk_ldif_read_ordinary(reader)) {
		*ret_record = &reader->record;
		return finish(reader, reader->n_head, err);
	}
	reader->record = (spk_ldif_record){ 0 };
	spn_status status = reader->base + reader->pos == 0 ? spk_ldif_check_start(reader, err) : SPN_OK;
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

/* What says how a change record is to be read, and holds no value. */
static bool is_frame(const spk_ldif_reader *reader, const struct line *line)
{
	const char *attr = reader->memory.data + line->attr;
	return strcmp(attr, "-") == 0 || spk_ascii_equal(attr, "add") || spk_ascii_equal(attr, "changetype");
}

spn_status spk_ldif_append(spk_ldif_reader *reader, size_t offset, spn_error *err)
{
	size_t n_notes = reader->n_notes, back = reader->base + reader->pos, line = reader->line;
	begin(reader);
	spk_ldif_seek(reader, offset, 1);
	spn_status status = read_lines(reader, err);
	size_t n = reader->first;
	for (size_t i = reader->first + 1; !status && i < reader->n_raw; i++) /* the first is its dn */
		if (!is_frame(reader, &reader->raw[i]))
			reader->raw[n++] = reader->raw[i];
	reader->n_raw = n;
	reader->n_notes = n_notes;
	spk_ldif_seek(reader, back, line);
	return status;
}

spn_status spk_ldif_appended(spk_ldif_reader *reader, spn_error *err)
{
	reader->record.is_ordinary = false;
	return finish(reader, reader->n_head, err);
}

bool spk_ldif_is_entry(const spk_ldif_record *record)
{
	return !record->changetype || spk_ascii_equal(record->changetype, "add");
}

void spk_ldif_of_export(spk_ldif_reader *reader)
{
	reader->is_export = true;
}

spk_ldif_skipped spk_ldif_get_skipped(const spk_ldif_reader *reader)
{
	return reader->skipped;
}

size_t spk_ldif_comments(const spk_ldif_reader *reader, const spk_ldif_comment **ret_comments)
{
	*ret_comments = reader->record.comments;
	return reader->record.n_comments;
}

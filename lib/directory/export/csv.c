/* SPDX-License-Identifier: MIT */
/* CSV (RFC 4180), separated by commas, semicolons, vertical bars or tabs as its first row is. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "export.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/words.h"
#include "model/ldif/ldif.h"

#define COLUMNS_MAX 4096

struct field {
	size_t from, len; /* from: behind input->at */
	bool has_quotes;  /* doubled ones */
};

struct table {
	spk_export_input *input;
	char separator;
	size_t line; /* of the row at hand */
	size_t next; /* of the one after it */
	bool is_cut; /* the row at hand has no line end */
	struct field *fields;
	size_t n_fields, size;
	spk_export_column *columns;
	char **names; /* of the columns */
	size_t n_columns;
	spk_text plain;
};

static spn_status fail(const struct table *table, spn_error *err, const char *what)
{
	return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s', line %zu: %s", table->input->name, table->line, what);
}

/* Whether there is a byte at an offset behind input->at; an error ends the input, and is left in ret_status. */
static bool has(struct table *table, size_t offset, spn_status *ret_status, spn_error *err)
{
	spk_export_input *input = table->input;
	while (input->at + offset >= input->len) {
		bool more = false;
		*ret_status = input->ended ? SPN_OK : spk_export_more(input, &more, err);
		if (*ret_status || !more)
			return false;
	}
	return true;
}

static char at(const struct table *table, size_t offset)
{
	return table->input->data[table->input->at + offset];
}

static size_t count_lines(const struct table *table, const struct field *field)
{
	const char *at = table->input->data + table->input->at + field->from, *end = at + field->len;
	size_t n = 0;
	for (; (at = memchr(at, '\n', (size_t)(end - at))); at++)
		n++;
	return n;
}

/* Goes over a field in quotes; *offset is behind the first one, and then behind the last. */
static spn_status skip_quoted(struct table *table, size_t *offset, struct field *field, spn_error *err)
{
	spn_status status = SPN_OK;
	field->from = *offset;
	while (has(table, *offset, &status, err)) {
		const spk_export_input *input = table->input;
		const char *from = input->data + input->at + *offset, *end = input->data + input->len;
		const char *quote = memchr(from, '"', (size_t)(end - from)), *to = quote ? quote : end;
		*offset += (size_t)(to - from) + (quote != NULL);
		if (!quote)
			continue;
		field->len = *offset - 1 - field->from;
		if (!has(table, *offset, &status, err) || at(table, *offset) != '"') {
			table->next += count_lines(table, field);
			return status;
		}
		field->has_quotes = true;
		++*offset;
	}
	return status ? status : fail(table, err, "a quoted field does not end");
}

static spn_status skip_plain(struct table *table, size_t *offset, struct field *field, spn_error *err)
{
	spn_status status = SPN_OK;
	field->from = *offset;
	while (has(table, *offset, &status, err)) {
		const spk_export_input *input = table->input;
		const char *from = input->data + input->at + *offset, *end = input->data + input->len;
		const char *to = spk_find_either(from, end, table->separator, '\n');
		*offset += (size_t)(to - from);
		if (to < end)
			break;
	}
	field->len = *offset - field->from;
	return status;
}

/* Takes fields as long as that is easy: they are in sight, without a line end or doubled quotes, and not the last;
 * returns where the next one begins.  *clear is up to where no line ends. */
static size_t split(struct table *table, size_t offset, size_t *clear)
{
	const spk_export_input *input = table->input;
	const char *row = input->data + input->at, *end = input->data + input->len, *from = row + offset;
	if (*clear <= offset) {
		const char *newline = memchr(from, '\n', (size_t)(end - from));
		*clear = (size_t)((newline ? newline : end) - row);
	}
	while (from < row + *clear && table->n_fields < table->size) {
		bool is_quoted = *from == '"';
		const char *value = from + is_quoted;
		const char *to = memchr(value, is_quoted ? '"' : table->separator, (size_t)(row + *clear - value));
		if (!to || end - to < 2 || to[is_quoted] != table->separator)
			break;
		table->fields[table->n_fields++] = (struct field){ (size_t)(value - row), (size_t)(to - value), false };
		from = to + is_quoted + 1;
	}
	return (size_t)(from - row);
}

static spn_status add_field(struct table *table, const struct field *field, spn_error *err)
{
	if (table->n_fields == COLUMNS_MAX)
		return fail(table, err, "more columns than spnkit reads (4096)");
	if (table->n_fields == table->size) {
		size_t size = table->size ? 2 * table->size : 64;
		struct field *fields = realloc(table->fields, size * sizeof *fields);
		if (!fields)
			return spk_nomem(err);
		table->fields = fields;
		table->size = size;
	}
	table->fields[table->n_fields++] = *field;
	return SPN_OK;
}

/* Finds the fields of the row at input->at; *ret_len is the length of the row with its line end, 0 at the end of the
 * input. */
static spn_status read_row(struct table *table, size_t *ret_len, spn_error *err)
{
	spn_status status = SPN_OK;
	size_t offset = 0, clear = 0;
	table->n_fields = 0;
	table->line = table->next;
	*ret_len = 0;
	if (!has(table, 0, &status, err))
		return status;
	for (bool is_last = false; !status && !is_last;) {
		struct field field = { 0 };
		offset = split(table, offset, &clear);
		bool is_quoted = has(table, offset, &status, err) && at(table, offset) == '"';
		if (is_quoted)
			offset++;
		if (!status)
			status = (is_quoted ? skip_quoted : skip_plain)(table, &offset, &field, err);
		bool has_next = !status && has(table, offset, &status, err);
		is_last = !has_next || at(table, offset) != table->separator;
		if (has_next && is_quoted && is_last && at(table, offset) == '\r')
			has_next = has(table, ++offset, &status, err);
		if (has_next && is_last && at(table, offset) != '\n')
			return fail(table, err,
					table->columns ? "text follows the closing quote of a field" :
							 "text follows the closing quote of a "
							 "column's name: columns are separated by ',', ';', '|' or a "
							 "tab; export with one of these as the delimiter");
		if (is_last && !is_quoted && field.len > 0 && at(table, field.from + field.len - 1) == '\r')
			field.len--;
		offset += has_next;
		table->is_cut = !has_next;
		table->next += has_next && is_last;
		if (!status)
			status = add_field(table, &field, err);
	}
	*ret_len = offset;
	return status;
}

/* They live until the next call. */
static spn_bytes without_doubled_quotes(struct table *table, spn_bytes raw)
{
	const char *from = raw.data, *end = from + raw.len, *quote;
	spk_text_clear(&table->plain);
	for (; (quote = memchr(from, '"', (size_t)(end - from))); from = quote + 2)
		spk_text_add_bytes(&table->plain, from, (size_t)(quote + 1 - from));
	spk_text_add_bytes(&table->plain, from, (size_t)(end - from));
	return (spn_bytes){ table->plain.data, table->plain.len };
}

static inline spn_bytes field_bytes(struct table *table, const struct field *field)
{
	spn_bytes raw = { table->input->data + table->input->at + field->from, field->len };
	return field->has_quotes ? without_doubled_quotes(table, raw) : raw;
}

/* Takes the separator from the first row: what stands first outside quotes. */
static spn_status find_separator(struct table *table, spn_error *err)
{
	spn_status status = SPN_OK;
	bool quoted = false;
	for (size_t i = 0; has(table, i, &status, err) && (quoted || at(table, i) != '\n'); i++) {
		char c = at(table, i);
		quoted ^= c == '"';
		if (!quoted && (c == ',' || c == ';' || c == '|' || c == '\t')) {
			table->separator = c;
			break;
		}
	}
	return status;
}

/* "sep=;", which spreadsheets understand: the header shows the separator as well. */
static bool is_hint(struct table *table, spn_status *ret_status, spn_error *err)
{
	return has(table, 3, ret_status, err) && strncasecmp(table->input->data + table->input->at, "sep=", 4) == 0;
}

/* Goes over "#TYPE ...", which Export-Csv of PowerShell 5 writes, and other comments and empty lines in front. */
static spn_status skip_comments(struct table *table, spn_error *err)
{
	spn_status status = SPN_OK;
	while (has(table, 0, &status, err) &&
			((strchr("#\r\n", at(table, 0)) && at(table, 0)) || is_hint(table, &status, err))) {
		size_t i = 0;
		while (has(table, i, &status, err) && at(table, i) != '\n')
			i++;
		bool has_end = !status && has(table, i, &status, err);
		table->input->at += i + has_end;
		table->next++;
	}
	return status;
}

static spn_status read_header(struct table *table, spk_export_output *output, spn_error *err)
{
	size_t len;
	char plain[SPK_EXPORT_NAME_MAX];
	bool has_dn = false;
	spn_status status = spk_export_skip_mark(table->input, err);
	if (!status)
		status = skip_comments(table, err);
	if (!status)
		status = find_separator(table, err);
	if (!status)
		status = read_row(table, &len, err);
	if (status)
		return status;
	table->columns = calloc(table->n_fields, sizeof *table->columns);
	table->names = calloc(table->n_fields, sizeof *table->names);
	if (!table->columns || !table->names)
		return spk_nomem(err);
	while (table->n_columns < table->n_fields) {
		size_t i = table->n_columns;
		spn_bytes name = spk_export_trim(field_bytes(table, &table->fields[i]));
		table->names[i] = malloc(name.len + 1);
		if (!table->names[i])
			return spk_nomem(err);
		table->n_columns++;
		memcpy(table->names[i], name.data, name.len);
		table->names[i][name.len] = '\0';
		table->columns[i] = spk_export_column_of(table->names[i]);
		const char *meant = spk_export_disguised(table->names[i], plain);
		if (meant)
			return spn_fail(err, SPN_ERR_SYNTAX, 0,
					"'%s', line %zu: the column '%s' stands for '%s' but is not read as such: "
					"export it under that name; several columns of one name are all read",
					table->input->name, table->line, table->names[i], meant);
		has_dn |= table->columns[i].kind == SPK_EXPORT_DN || table->columns[i].kind == SPK_EXPORT_DN_AGAIN;
		output->losses.has_names |= spk_export_holds_spns(&table->columns[i]);
	}
	table->input->at += len;
	return has_dn ? SPN_OK :
			fail(table, err,
					"a CSV file without the column 'DN' or 'DistinguishedName', which names the "
					"accounts: "
					"add it to the properties that are exported");
}

static bool is_text(spn_bytes bytes)
{
	return !memchr(bytes.data, '\0', bytes.len) && spk_utf8_len(bytes.data, bytes.len) == bytes.len;
}

static spn_status fail_no_text(struct table *table, spn_bytes value, spn_error *err)
{
	return fail(table, err, memchr(value.data, '\0', value.len) ? "a NUL byte" : SPK_LDIF_NOT_UTF8);
}

static spn_status take_row(struct table *table, size_t len, spk_export_output *output, spn_error *err)
{
	if (table->n_fields == 1) {
		spn_bytes only = field_bytes(table, &table->fields[0]);
		if (spk_export_trim(only).len == 0)
			return SPN_OK; /* an empty line */
		if (!is_text(only))
			return fail_no_text(table, only, err); /* rather than that it is cut off */
	}
	/* spreadsheets leave out empty fields at the end of a row, but not the end of the line */
	if (table->n_fields < table->n_columns && table->is_cut)
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s', line %zu: the file is cut off: %zu fields, but the header has %zu, and the line "
				"does "
				"not end; export it again",
				table->input->name, table->line, table->n_fields, table->n_columns);
	if (table->n_fields > table->n_columns)
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s', line %zu: %zu fields, but the header has %zu: "
				"a field that holds the separator must be in quotes",
				table->input->name, table->line, table->n_fields, table->n_columns);
	output->losses.is_cut |= table->is_cut;
	spn_bytes row = { table->input->data + table->input->at, len };
	while (row.len > 0 && strchr("\r\n", row.data[row.len - 1]) && row.data[row.len - 1])
		row.len--;
	output->is_printable = spk_is_printable(row);
	output->line = table->line;
	for (size_t i = 0; i < table->n_fields; i++) {
		bool is_empty = table->fields[i].len == 0 && !spk_export_holds_spns(&table->columns[i]);
		if (table->columns[i].kind == SPK_EXPORT_SKIP || is_empty)
			continue;
		spn_bytes value = field_bytes(table, &table->fields[i]);
		if (!output->is_printable && !is_text(value))
			return fail_no_text(table, value, err);
		size_t lists_len = output->lists.len;
		spk_export_value(output, &table->columns[i], value);
		spk_export_end_column(output, &table->columns[i], lists_len);
	}
	if (table->is_cut && output->losses.has_names)
		spk_export_hide_names(output);
	return table->plain.failed ? spk_nomem(err) : spk_export_record(output, err);
}

spn_status spk_export_csv(spk_export_input *input, spk_export_output *output, spn_error *err)
{
	struct table table = { .input = input, .separator = ',', .next = 1 };
	spn_status status = read_header(&table, output, err);
	output->has_escapes = !status && strcmp(table.names[0], "DN") == 0; /* csvde's first column */
	output->is_padded = table.separator == '|'; /* as tables for people are */
	for (size_t len = 1; !status && len > 0; input->at += len) {
		status = read_row(&table, &len, err);
		if (!status && len > 0)
			status = take_row(&table, len, output, err);
	}
	for (size_t i = 0; i < table.n_columns; i++)
		free(table.names[i]);
	free(table.names);
	free(table.columns);
	free(table.fields);
	spk_text_free(&table.plain);
	return status;
}

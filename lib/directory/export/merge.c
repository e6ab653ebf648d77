/* SPDX-License-Identifier: MIT */
/* An export may have the names of an account in two columns, and not in the same order or spelling. */
#include <stdint.h>
#include <string.h>

#include "export.h"
#include "model/ldif/ldif.h"

static spn_bytes first_line(spn_bytes text)
{
	const char *end = memchr(text.data, '\n', text.len);
	return (spn_bytes){ text.data, end ? (size_t)(end + 1 - text.data) : text.len };
}

/* What stands for a line: its case makes no difference, unless it is in Base64. */
static void fold(spk_text *line)
{
	bool is_base64 = memmem(line->data, line->len, "::", 2);
	for (size_t i = 0; !is_base64 && i < line->len; i++)
		line->data[i] = spk_ascii_lower(line->data[i]);
}

static bool add_lines(spk_keys *keys, spn_bytes lines)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	for (spn_bytes one; lines.len > 0; lines = (spn_bytes){ lines.data + one.len, lines.len - one.len }) {
		one = first_line(lines);
		spk_text_clear(&key);
		spk_text_add_bytes(&key, one.data, one.len);
		if (key.failed)
			return false;
		fold(&key);
		if (spk_keys_add(keys, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
			return false;
	}
	return true;
}

/* Folds the line. */
static bool is_among(const spk_keys *keys, spk_text *line)
{
	fold(line);
	return spk_keys_find(keys, (spn_bytes){ line->data, line->len }) != SIZE_MAX;
}

/* Drops what is among the lines of known from those that lists has from a place on. */
static void drop_known(spk_text *lists, spn_bytes known, size_t from)
{
	SPK_AUTOKEYS spk_keys keys = { 0 };
	SPK_AUTOTEXT spk_text key = { 0 };
	spn_bytes left = { lists->data + from, lists->len - from };
	lists->failed |= !add_lines(&keys, known);
	for (spn_bytes line; left.len > 0; left = (spn_bytes){ left.data + line.len, left.len - line.len }) {
		line = first_line(left);
		spk_text_clear(&key);
		spk_text_add_bytes(&key, line.data, line.len);
		lists->failed |= key.failed;
		if (!key.failed && is_among(&keys, &key))
			continue;
		memmove(lists->data + from, line.data, line.len);
		from += line.len;
	}
	lists->len = from;
}

void spk_export_end_column(spk_export_output *output, const spk_export_column *column, size_t lists_len)
{
	spk_text *lists = &output->lists;
	size_t len = lists->len - lists_len;
	if (!spk_export_holds_spns(column) || len == 0 || lists->failed)
		return;
	spk_export_forget_lines(output);
	if (len == output->names_len && memcmp(lists->data + output->names_at, lists->data + lists_len, len) == 0)
		lists->len = lists_len;
	else if (output->names_len > 0)
		drop_known(lists, (spn_bytes){ lists->data + output->names_at, output->names_len }, lists_len);
	output->names_at = output->names_len ? output->names_at : lists_len;
	output->names_len = output->names_len ? output->names_len : len;
}

/* The lines of the record at hand, which are gone over once, however many names are looked for among them. */
static bool know_lines(spk_export_output *output)
{
	const spk_text *lists = &output->lists;
	bool knows = add_lines(&output->known, (spn_bytes){ lists->data + output->known_to, lists->len - output->known_to });
	output->known_to = lists->len;
	return knows;
}

bool spk_export_knows_spn(spk_export_output *output, spn_bytes spn)
{
	spk_text *line = &output->scratch;
	spk_text_clear(line);
	spk_ldif_put_unfolded(line, spk_bytes("servicePrincipalName"), spn, false);
	output->lists.failed |= !know_lines(output);
	return spk_export_trim(spn).len == 0 || line->failed || output->lists.failed || is_among(&output->known, line);
}

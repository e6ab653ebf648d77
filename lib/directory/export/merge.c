/* SPDX-License-Identifier: MIT */
/* An export may have the names of an account in two columns, and not in the same order or spelling. */
#include <string.h>
#include <strings.h>

#include "export.h"
#include "model/ldif/ldif.h"

static spn_bytes first_line(spn_bytes text)
{
	const char *end = memchr(text.data, '\n', text.len);
	return (spn_bytes){ text.data, end ? (size_t)(end + 1 - text.data) : text.len };
}

/* Whether a line is one of some; its case makes no difference, unless it is in Base64. */
static bool is_among(spn_bytes lines, spn_bytes line)
{
	bool is_base64 = memmem(line.data, line.len, "::", 2);
	for (spn_bytes one; lines.len > 0; lines = (spn_bytes){ lines.data + one.len, lines.len - one.len }) {
		one = first_line(lines);
		if (one.len == line.len &&
				(is_base64 ? memcmp(one.data, line.data, line.len) :
					     strncasecmp(one.data, line.data, line.len)) == 0)
			return true;
	}
	return false;
}

/* Drops what is among the lines of known from those that lists has from a place on. */
static void drop_known(spk_text *lists, spn_bytes known, size_t from)
{
	spn_bytes left = { lists->data + from, lists->len - from };
	for (spn_bytes line; left.len > 0; left = (spn_bytes){ left.data + line.len, left.len - line.len }) {
		line = first_line(left);
		if (is_among(known, line))
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
	if (len == output->names_len && memcmp(lists->data + output->names_at, lists->data + lists_len, len) == 0)
		lists->len = lists_len;
	else if (output->names_len > 0)
		drop_known(lists, (spn_bytes){ lists->data + output->names_at, output->names_len }, lists_len);
	output->names_at = output->names_len ? output->names_at : lists_len;
	output->names_len = output->names_len ? output->names_len : len;
}

bool spk_export_knows_spn(spk_export_output *output, spn_bytes spn)
{
	spk_text *line = &output->scratch;
	spk_text_clear(line);
	spk_ldif_put_unfolded(line, spk_bytes("servicePrincipalName"), spn, false);
	return spk_export_trim(spn).len == 0 || line->failed ||
			is_among((spn_bytes){ output->lists.data, output->lists.len },
					(spn_bytes){ line->data, line->len });
}

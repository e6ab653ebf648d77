/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "model/entry.h"
#include "model/ldif.h"

bool spk_ldif_is_attr(const char *text)
{
	bool in_option = false;
	if (*text == '\0' || *text == ';')
		return false;
	for (; *text; text++) {
		char c = spk_ascii_lower(*text);
		in_option |= c == ';';
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ';' ||
				(in_option && (c == '=' || c == '*'))))
			return false;
	}
	return true;
}

bool spk_ldif_is_of(const char *text, const char *attr)
{
	while (*attr && spk_ascii_lower(*text) == spk_ascii_lower(*attr)) {
		text++;
		attr++;
	}
	return !*attr && (!*text || strncmp(text, ";range=", 7) == 0);
}

spn_status spk_ldif_check_modify(const spk_ldif_reader *reader, const spk_ldif_record *record, spn_error *err)
{
	const char *attr = NULL;
	size_t last = record->line;
	for (size_t i = 0; i < record->n_lines; i++) {
		const spk_ldif_line *line = &record->lines[i];
		last = line->line;
		if (strcmp(line->attr, "-") == 0) {
			if (!attr)
				return spk_ldif_fail(reader, line->line, 1, err, "'-', but no change before it");
			attr = NULL;
		} else if (attr) {
			if (!spk_ascii_equal(line->attr, attr))
				return spk_ldif_fail(reader, line->line, 1, err, "'%s:' inside a change of '%s'", line->attr, attr);
		} else if (spk_ascii_equal(line->attr, "add") || spk_ascii_equal(line->attr, "delete") ||
				spk_ascii_equal(line->attr, "replace")) {
			attr = line->value.data;
			if (!spk_attr_is_valid(attr))
				return spk_ldif_fail(reader, line->line, 1, err, "'%s' is not an attribute name", attr);
		} else {
			return spk_ldif_fail(reader, line->line, 1, err, "expected 'add:' or 'delete:', got '%s:'", line->attr);
		}
	}
	if (attr || record->n_lines == 0)
		return spk_ldif_fail(reader, last, 0, err, "the record ends inside a change: %s is missing (is the file cut off?)",
				attr ? "'-'" : "'add:' or 'delete:'");
	return SPN_OK;
}

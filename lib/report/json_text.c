/* SPDX-License-Identifier: MIT */
#include "json_text.h"

#include <stdlib.h>
#include <string.h>

#include <spnkit/text.h>

json_t *spk_json_string(const char *data, size_t len)
{
	static const char replacement[] = "\xef\xbf\xbd";
	char *text = malloc(3 * len + 1); /* U+FFFD is three bytes */
	if (!text)
		return NULL;
	size_t used = 0;
	for (size_t i = 0; i < len;) {
		uint32_t c;
		size_t n = spn_text_next(data + i, len - i, &c);
		memcpy(text + used, n ? data + i : replacement, n ? n : 3);
		used += n ? n : 3;
		i += n ? n : 1;
	}
	json_t *string = json_stringn(text, used);
	free(text);
	return string;
}

json_t *spk_json_text(const char *text)
{
	return spk_json_string(text ? text : "", text ? strlen(text) : 0);
}

json_t *spk_json_array(const spn_bytes *values, size_t n)
{
	json_t *array = json_array();
	for (size_t i = 0; i < n; i++) {
		if (json_array_append_new(array, spk_json_string(values[i].data, values[i].len)) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* Beyond U+FFFF as a surrogate pair (RFC 8259, section 7). */
static void write_escape(FILE *to, uint32_t c)
{
	if (c < 0x10000)
		fprintf(to, "\\u%04x", (unsigned)c);
	else
		fprintf(to, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
				(unsigned)(0xdc00 + ((c - 0x10000) & 0x3ff)));
}

/* jansson escapes the characters up to U+001F; a terminal obeys others too. */
static void write_escaped(FILE *to, const char *line)
{
	size_t len = strlen(line);
	while (len > 0) {
		uint32_t c = 0;
		size_t n = spn_text_next(line, len, &c);
		if (n > 0 && spn_text_is_unsafe(c))
			write_escape(to, c);
		else
			fwrite(line, 1, n ? n : 1, to);
		line += n ? n : 1;
		len -= n ? n : 1;
	}
	putc('\n', to);
}

void spk_json_emit(spn_report *report, const spk_lines *to, json_t *object)
{
	char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;
	if (to == &report->messages)
		fflush(report->out.file); /* so that the two are in order where both go to one file */
	if (line)
		write_escaped(to->file, line);
	else
		report->lost = true;
	free(line);
	json_decref(object);
}

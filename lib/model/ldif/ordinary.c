/* SPDX-License-Identifier: MIT */
/* Ordinary records as spk_ldif_next gives them: what was seen at a glance is all there is to them. */
#include <string.h>

#include "skim.h"

/* Adds bytes and a NUL, for which there is room. */
static size_t put(spk_text *memory, const char *data, size_t len)
{
	size_t at = memory->len;
	memcpy(memory->data + at, data, len);
	memory->data[at + len] = '\0';
	memory->len += len + 1;
	return at;
}

static bool put_value(spk_text *memory, const spk_ldif_glimpse *glimpse, struct line *line)
{
	line->value = memory->len;
	if (!glimpse->is_base64)
		put(memory, glimpse->value.data, glimpse->value.len);
	else if (spk_base64_decode(glimpse->value.data, glimpse->value.len, memory))
		memory->len++; /* a NUL follows it already */
	line->value_len = memory->len - line->value - 1;
	return memory->len > line->value + 1; /* empty values and invalid base64 are left to the full reader */
}

/* Values of one attribute stand together, mostly: its name is kept once. */
static bool put_lines(spk_ldif_reader *reader, const spk_ldif_plain *plain)
{
	spk_text *memory = &reader->memory;
	const char *last = "";
	size_t last_len = 0, attr = 0;
	for (size_t i = 0; i < plain->n; i++) {
		const spk_ldif_glimpse *glimpse = &plain->lines[i];
		struct line *line = &reader->raw[i + 1];
		if (glimpse->name_len != last_len || memcmp(glimpse->at, last, last_len) != 0) {
			last = glimpse->at;
			last_len = glimpse->name_len;
			attr = put(memory, last, last_len);
		}
		*line = (struct line){ .attr = attr, .line = reader->line + glimpse->line, .len = glimpse->len,
			.offset = plain->offset + (size_t)(glimpse->at - plain->at), .which = glimpse->which };
		if (!put_value(memory, glimpse, line))
			return false;
	}
	return true;
}

bool spk_ldif_read_ordinary(spk_ldif_reader *reader)
{
	spk_ldif_plain plain;
	spk_text *memory = &reader->memory;
	if (!spk_ldif_glance(reader, &plain) || *plain.dn.data == ' ')
		return false;
	size_t len = (size_t)(reader->window + reader->skimmer->taken - plain.at);
	/* what is kept of a line is no longer than that, with a NUL instead of its ':' and of its end */
	if (!spk_ldif_grow(&reader->raw, plain.n + 1, &reader->raw_size, sizeof *reader->raw) ||
			!spk_text_reserve(memory, len + 1))
		return false;
	struct line *dn = &reader->raw[0];
	*dn = (struct line){ .attr = put(memory, "dn", 2), .line = reader->line + plain.line, .offset = plain.offset,
		.crlf = plain.dn.data[plain.dn.len] == '\r', .value_len = plain.dn.len };
	dn->value = put(memory, plain.dn.data, plain.dn.len);
	if (!put_lines(reader, &plain)) {
		spk_text_clear(memory);
		return false;
	}
	memory->data[memory->len] = '\0';
	reader->record = (spk_ldif_record){ .line = dn->line, .offset = dn->offset, .len = len, .crlf = dn->crlf,
		.is_ordinary = true };
	reader->n_raw = plain.n + 1;
	reader->n_head = 1;
	spk_ldif_take(reader);
	return true;
}

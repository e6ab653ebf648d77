/* SPDX-License-Identifier: MIT */
/* Ordinary records as spk_ldif_next gives them: what was seen at a glance is all there is to them.  They are copied as
 * they are; a NUL takes the place of what ends a name or a value. */
#include <string.h>

#include "skim.h"

/* Puts what is encoded behind the copy, for which there is room. */
static bool put_decoded(spk_text *memory, spn_bytes encoded, struct line *line)
{
	line->value = memory->len;
	if (!spk_base64_decode(encoded.data, encoded.len, memory))
		return false;
	line->value_len = memory->len - line->value;
	memory->len++; /* a NUL follows it already */
	return true;
}

/* Takes the line ends out of a value; returns how long it is then. */
static size_t unfold(char *value, size_t len)
{
	char *to = value, *from = value, *end = value + len;
	for (char *newline; (newline = memchr(from, '\n', (size_t)(end - from))); from = newline + 2) {
		size_t n = (size_t)(newline - from);
		n -= newline[-1] == '\r';
		memmove(to, from, n);
		to += n;
	}
	memmove(to, from, (size_t)(end - from));
	return (size_t)(to - value) + (size_t)(end - from);
}

static bool is_same_name(const spk_ldif_glimpse *a, const spk_ldif_glimpse *b)
{
	return a->which == b->which && a->name_len == b->name_len && memcmp(a->at, b->at, a->name_len) == 0;
}

/* Values of one attribute stand together, mostly, and share its name. */
static bool put_lines(spk_ldif_reader *reader, const spk_ldif_plain *plain)
{
	spk_text *memory = &reader->memory;
	const spk_ldif_glimpse *last = NULL;
	size_t attr = 0;
	for (size_t i = 0; i < plain->n; i++) {
		const spk_ldif_glimpse *glimpse = &plain->lines[i];
		struct line *line = &reader->raw[i + 1];
		size_t from = (size_t)(glimpse->at - plain->at);
		if (!last || !is_same_name(glimpse, last)) {
			attr = from;
			memory->data[from + glimpse->name_len] = '\0';
		}
		last = glimpse;
		*line = (struct line){ .attr = attr, .value = (size_t)(glimpse->value.data - plain->at),
			.value_len = glimpse->value.len, .line = reader->line + glimpse->line, .len = glimpse->len,
			.offset = plain->offset + from, .which = glimpse->which };
		if (glimpse->is_folded)
			line->value_len = unfold(memory->data + line->value, line->value_len);
		if (!glimpse->is_base64)
			memory->data[line->value + line->value_len] = '\0';
		else if (!put_decoded(memory, (spn_bytes){ memory->data + line->value, line->value_len }, line))
			return false;
		if (line->value_len == 0) /* empty values and invalid base64 are left to the full reader */
			return false;
	}
	return true;
}

const spk_ldif_plain *spk_ldif_peek(spk_ldif_reader *reader)
{
	struct spk_skimmer *skimmer = reader->skimmer;
	if (!skimmer)
		return NULL;
	if (skimmer->peeked != reader->base + reader->pos + 1) {
		if (!spk_ldif_glance(reader, &skimmer->plain))
			return NULL;
		skimmer->peeked = reader->base + reader->pos + 1;
	}
	return &skimmer->plain;
}

bool spk_ldif_read_ordinary(spk_ldif_reader *reader)
{
	const spk_ldif_plain *plain = spk_ldif_peek(reader);
	spk_text *memory = &reader->memory;
	if (!plain || *plain->dn.data == ' ')
		return false;
	size_t len = (size_t)(reader->window + reader->skimmer->taken - plain->at);
	/* decoded text and its NUL fit where the encoded text was */
	if (!spk_ldif_grow(&reader->raw, plain->n + 1, &reader->raw_size, sizeof *reader->raw) ||
			!spk_text_reserve(memory, 2 * len))
		return false;
	spk_text_add_bytes(memory, plain->at, len);
	struct line *dn = &reader->raw[0];
	*dn = (struct line){ .value = (size_t)(plain->dn.data - plain->at), .value_len = plain->dn.len,
		.line = reader->line + plain->line, .offset = plain->offset, .crlf = plain->dn.data[plain->dn.len] == '\r' };
	memory->data[2] = '\0'; /* behind "dn" */
	memory->data[dn->value + dn->value_len] = '\0';
	if (!put_lines(reader, plain)) {
		spk_text_clear(memory);
		return false;
	}
	reader->record = (spk_ldif_record){ .line = dn->line, .offset = dn->offset, .len = len, .crlf = dn->crlf,
		.is_ordinary = true };
	reader->n_raw = plain->n + 1;
	reader->n_head = 1;
	spk_ldif_take(reader);
	return true;
}

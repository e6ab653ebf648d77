/* SPDX-License-Identifier: MIT */
/* Records like one before them: where all is known but some values, these are found in a fraction of the time that a
 * look at each line takes. */
#include <string.h>

#include "skim.h"

#define ADD "changetype: add"

static const char *next_line(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	return newline ? newline + 1 : end;
}

/* How long "attr: " or "attr:: " is, behind which the value of a line begins that may be another one; 0: none may.
 * kept: the line, if somebody asks for it. */
static size_t measure_name(const char *at, const char *end, const spk_ldif_glimpse *kept)
{
	const char *colon = memchr(at, ':', (size_t)(end - at));
	if (!colon || *at == '#' || *at == ' ' || strncmp(at, ADD, sizeof ADD - 1) == 0)
		return 0;
	size_t len = (size_t)(colon + 1 - at) + (kept && kept->is_base64);
	bool is_usual = at[len] == ' ' && (!kept || kept->value.data == at + len + 1);
	return is_usual ? len + 1 : 0;
}

static bool add_slot(spk_ldif_mould *mould, const spk_ldif_slot *slot)
{
	if (mould->n == SPK_MOULD_SLOTS)
		return false;
	mould->slots[mould->n++] = *slot;
	return true;
}

static bool fill(spk_ldif_mould *mould, const spk_ldif_plain *plain, size_t n_dn, const bool *may_differ)
{
	const char *end = plain->end, *text = plain->dn.data + plain->dn.len - n_dn, *next;
	spk_ldif_slot slot = { .from = 0 };
	size_t n_kept = 0;
	if ((size_t)(end - text) > sizeof mould->text)
		return false;
	memcpy(mould->text, text, (size_t)(end - text));
	for (const char *at = next_line(plain->dn.data, end); at < end; at = next) {
		const spk_ldif_glimpse *kept = n_kept < plain->n && plain->lines[n_kept].at == at ? &plain->lines[n_kept] : NULL;
		next = next_line(at, end);
		n_kept += kept != NULL;
		bool goes_on = next < end && *next == ' ', may = !kept || may_differ[kept->which];
		slot.name_len = may && !goes_on ? measure_name(at, next, kept) : 0;
		if (slot.name_len == 0) {
			mould->n_same += kept != NULL;
			slot.n_lines++;
			if (kept && may)
				return false;
			continue;
		}
		slot.len = (size_t)(at - text) + slot.name_len - slot.from;
		slot.which = kept ? kept->which : SPK_NOBODY;
		slot.is_base64 = kept && kept->is_base64;
		if (!add_slot(mould, &slot))
			return false;
		for (; (size_t)(end - next) >= slot.name_len && memcmp(next, at, slot.name_len) == 0; next = next_line(next, end))
			n_kept += kept != NULL;
		if (next < end && *next == ' ')
			return false;
		slot = (spk_ldif_slot){ .from = (size_t)(next - text) };
	}
	slot.len = (size_t)(end - text) - slot.from;
	slot.which = SPK_NOBODY;
	return add_slot(mould, &slot);
}

void spk_ldif_make_mould(spk_ldif_mould *mould, const spk_ldif_plain *plain, size_t n_dn, const bool *may_differ)
{
	mould->n_dn = n_dn;
	mould->n = mould->n_same = 0;
	if (!fill(mould, plain, n_dn, may_differ))
		mould->n = 0;
}

/* As memcmp, of texts that are short, mostly, and differ in their first bytes if at all. */
static inline bool is_same(const char *a, const char *b, size_t len)
{
	const size_t word = sizeof(uint64_t);
	if (*a != *b)
		return false;
	if (len < word || len > 4 * word)
		return memcmp(a, b, len) == 0;
	uint64_t differs = spk_word_at(a) ^ spk_word_at(b);
	for (size_t i = word; i + word < len; i += word)
		differs |= spk_word_at(a + i) ^ spk_word_at(b + i);
	return !(differs | (spk_word_at(a + len - word) ^ spk_word_at(b + len - word)));
}

/* What was looked over. */
struct sight {
	const char *from, *end;
	const uint64_t *ends; /* of lines, as in spk_lines */
};

/* The next line end, which was found before; NULL: it is not in sight. */
static inline const char *find_end(const struct sight *sight, const char *at)
{
	size_t i = (size_t)(at - sight->from), block = i / 64, n = (size_t)(sight->end - sight->from);
	uint64_t ends = i < n ? sight->ends[block] & UINT64_MAX << i % 64 : 0;
	while (!ends && ++block * 64 < n)
		ends = sight->ends[block];
	i = ends ? block * 64 + (size_t)__builtin_ctzll(ends) : n;
	return i < n ? sight->from + i : NULL;
}

/* Takes the values of a slot from at on; returns where the line behind them begins, or NULL. */
static const char *take_values(const spk_ldif_slot *slot, const char *name, const char *at, const struct sight *sight,
		spk_ldif_fit *fit, size_t *n_lines)
{
	bool is_kept = slot->which != SPK_NOBODY;
	do {
		at += slot->name_len;
		const char *newline = find_end(sight, at);
		if (!newline)
			return NULL;
		if (is_kept && ((unsigned char)*at <= ' ' || *at == '<' || fit->n == SPK_GLANCE_MAX))
			return NULL;
		if (is_kept)
			fit->values[fit->n++] = (spk_ldif_value){ { at, (size_t)(newline - (newline[-1] == '\r') - at) }, slot->is_base64 };
		++*n_lines;
		at = newline + 1;
	} while ((size_t)(sight->end - at) > slot->name_len && is_same(at, name, slot->name_len));
	return at;
}

bool spk_ldif_fits(const spk_ldif_reader *reader, const spk_ldif_mould *mould, spk_ldif_fit *ret_fit)
{
	const struct spk_skimmer *skimmer = reader->skimmer;
	const char *start = reader->window + reader->pos, *at = start + 4, *newline = NULL;
	struct sight sight = { .end = start, .ends = skimmer->lines.ends };
	size_t n_lines = 1;
	if (mould->n > 0 && spk_ldif_is_in_sight(reader) && skimmer->is_plain) {
		sight.from = start - (reader->base + reader->pos - skimmer->ends_from);
		sight.end = sight.from + (skimmer->ends_to - skimmer->ends_from);
	}
	if (sight.end - start > 4 && memcmp(start, "dn: ", 4) == 0)
		newline = find_end(&sight, at);
	if (!newline)
		return false;
	ret_fit->dn = (spn_bytes){ at, (size_t)(newline - (newline[-1] == '\r') - at) };
	ret_fit->n = 0;
	if (ret_fit->dn.len <= mould->n_dn)
		return false;
	at += ret_fit->dn.len - mould->n_dn;
	for (size_t i = 0; i < mould->n; i++) {
		const spk_ldif_slot *slot = &mould->slots[i];
		const char *text = mould->text + slot->from;
		ret_fit->first[i] = ret_fit->n;
		if ((size_t)(sight.end - at) < slot->len || !is_same(at, text, slot->len))
			return false;
		at += slot->len - slot->name_len;
		n_lines += slot->n_lines;
		if (slot->name_len > 0) /* not the last one */
			at = take_values(slot, text + slot->len - slot->name_len, at, &sight, ret_fit, &n_lines);
		if (!at)
			return false;
	}
	ret_fit->offset = reader->base + reader->pos;
	ret_fit->len = (size_t)(at - start);
	ret_fit->n_lines = n_lines;
	return ret_fit->n + mould->n_same <= SPK_GLANCE_MAX;
}

void spk_ldif_pass(spk_ldif_reader *reader, const spk_ldif_fit *fit)
{
	reader->pos += fit->len;
	reader->line += fit->n_lines;
}

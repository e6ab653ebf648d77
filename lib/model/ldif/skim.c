/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "skim.h"
#include "base/error.h"
#include "base/words.h"
#include "model/entry.h"

/* As much of the window is looked over for bytes that no line may hold, at a time. */
#define STRETCH ((size_t)64 << 10)
/* Behind a jump; and how far the next stretch may be from the one before. */
#define FIRST_STRETCH ((size_t)1 << 10)
#define NEAR ((size_t)4 << 10)
spn_status spk_ldif_only(spk_ldif_reader *reader, const char *const *attrs, spn_error *err)
{
	struct spk_skimmer *skimmer = calloc(1, sizeof *skimmer);
	if (!skimmer)
		return spk_nomem(err);
	skimmer->attrs = attrs;
	skimmer->none.masks[0] = UINT64_MAX; /* of words that are 0, which no line begins with */
	skimmer->first[0] = skimmer->first[1] = &skimmer->none;
	free(reader->skimmer);
	reader->skimmer = skimmer;
	return SPN_OK;
}

void spk_ldif_notice(spk_ldif_reader *reader, const char *const *attrs)
{
	reader->skimmer->noticed = attrs;
}

void spk_ldif_watch_for(spk_ldif_reader *reader, const spk_ldif_watch *list)
{
	reader->skimmer->watched = list;
}

unsigned spk_ldif_noticed(const spk_ldif_reader *reader)
{
	return reader->skimmer->seen;
}

/* Eight bytes of a line; those behind the first colon count for nothing. */
static uint64_t head_of(const char *at)
{
	uint64_t head = spk_word_at(at), colons = spk_first_same(head, SPK_EACH_BYTE(':'));
	return colons ? head & (colons ^ (colons - 1)) : head;
}

/* Where an attribute is, or could be. */
static size_t place_of(uint64_t head)
{
	return (size_t)(head * UINT64_C(0x9e3779b97f4a7c15) >> 56);
}

static size_t find_wanted(const struct spk_skimmer *skimmer, const char *attr)
{
	for (size_t i = 0; skimmer->attrs[i]; i++)
		if (spk_ldif_is_of(attr, skimmer->attrs[i]))
			return i;
	return SPK_UNWANTED;
}

static const spk_ldif_watch *find_watch(const struct spk_skimmer *skimmer, const char *attr)
{
	for (const spk_ldif_watch *watch = skimmer->watched; watch && watch->attr; watch++)
		if (spk_ldif_is_of(attr, watch->attr))
			return watch;
	return NULL;
}

static void learn(struct spk_skimmer *skimmer, const char *attr, size_t len, size_t which)
{
	char padded[SPK_NAME_MAX] = "";
	struct spk_known known = { .len = len, .which = which, .next = { &skimmer->none, &skimmer->none } };
	known.watch = find_watch(skimmer, attr);
	known.watched = known.watch ? known.watch->first : '\0';
	known.is_idle = which == SPK_UNWANTED && (!known.watch || (known.watched && !known.watch->may_be));
	memcpy(padded, attr, len - 1);
	padded[len - 1] = ':';
	for (size_t i = 0; i < SPK_NAME_WORDS; i++)
		known.words[i] = spk_word_at(padded + 8 * i);
	for (size_t i = 0; 8 * i < len; i++)
		known.masks[i] = len - 8 * i < 8 ? UINT64_MAX >> 8 * (-len % 8) : UINT64_MAX;
	size_t i = place_of(known.words[0]);
	while (skimmer->known[i].len && memcmp(skimmer->known[i].words, known.words, sizeof known.words) != 0)
		i = (i + 1) % SPK_KNOWN;
	skimmer->n_known += !skimmer->known[i].len;
	skimmer->known[i] = known;
}

bool spk_ldif_is_kept(spk_ldif_reader *reader, const char *attr, size_t *ret_which)
{
	struct spk_skimmer *skimmer = reader->skimmer;
	size_t len = strlen(attr) + 1;
	for (size_t i = 0; skimmer->noticed && skimmer->noticed[i]; i++)
		skimmer->seen |= (unsigned)spk_ldif_is_of(attr, skimmer->noticed[i]) << i;
	/* "-" does not belong into a directory, and "result" tells whether the export is whole */
	*ret_which = SPK_UNWANTED;
	if (strcmp(attr, "-") == 0 || spk_ascii_equal(attr, "result"))
		return true;
	*ret_which = find_wanted(skimmer, attr);
	if (spk_ldif_range(attr))
		return true; /* the other values are not here */
	/* as the second line these say what kind of record it is, so they are never gone over */
	if (spk_ascii_equal(attr, "changetype") || spk_ascii_equal(attr, "control"))
		return *ret_which != SPK_UNWANTED || reader->n_seen == 1;
	if (len <= SPK_NAME_MAX && skimmer->n_known < SPK_KNOWN / 2)
		learn(skimmer, attr, len, *ret_which);
	return *ret_which != SPK_UNWANTED;
}

/* The attribute of a line; NULL: it has to be looked at.  As much as the longest name can be read. */
static struct spk_known *find_known(struct spk_skimmer *skimmer, const char *at)
{
	uint64_t head = head_of(at);
	for (size_t i = place_of(head); skimmer->known[i].len; i = (i + 1) % SPK_KNOWN) {
		if (spk_ldif_is_known(&skimmer->known[i], at))
			return &skimmer->known[i];
	}
	return NULL;
}

struct spk_known *spk_ldif_look_up(struct spk_skimmer *skimmer, const char *at, struct spk_known *guesses[2])
{
	struct spk_known *known = find_known(skimmer, at);
	if (known) {
		guesses[1] = guesses[0];
		guesses[0] = known;
	}
	return known;
}

bool spk_ldif_is_base64(const char *at, const char *end)
{
	while (at < end && *at == ' ')
		at++;
	size_t len = (size_t)(end - at), padding = 0;
	while (padding < 2 && padding < len && at[len - padding - 1] == '=')
		padding++;
	return len % 4 == 0 && (padding == 0 || len > padding) && spk_lines_is_base64(at, len - padding);
}

/* Whether there is a CR without an LF behind it; one at the end counts. */
static bool has_lone_cr(const char *at, size_t len)
{
	static const uint64_t cr = SPK_EACH_BYTE('\r'), lf = SPK_EACH_BYTE('\n');
	const char *end = at + len;
	uint64_t lone = 0;
	at = memchr(at, '\r', len); /* mostly there is none */
	for (; at && end - at > (ptrdiff_t)sizeof cr; at += sizeof cr)
		lone |= spk_same_bytes(spk_word_at(at), cr) & ~spk_same_bytes(spk_word_at(at + 1), lf);
	for (; at && at < end; at++)
		lone |= *at == '\r' && (at + 1 == end || at[1] != '\n');
	return lone;
}

static bool has_high_bit(const char *at, size_t len)
{
	uint64_t bits = 0, words[4];
	size_t i = 0;
	for (; len - i >= sizeof words; i += sizeof words) {
		memcpy(words, at + i, sizeof words);
		bits |= words[0] | words[1] | words[2] | words[3];
	}
	for (; i < len; i++)
		bits |= (unsigned char)at[i] & 0x80;
	return bits & SPK_HIGH_BITS;
}

/* Looks over the bytes at pos, if that has not been done; returns where in the window they end. */
static const char *look_over(spk_ldif_reader *reader, bool *ret_plain)
{
	struct spk_skimmer *skimmer = reader->skimmer;
	size_t from = reader->base + reader->pos, left = reader->len - reader->pos;
	const char *at = reader->window + reader->pos;
	*ret_plain = true;
	if (from >= skimmer->plain_from && from < skimmer->plain_to && skimmer->plain_to - from <= left)
		return at + (skimmer->plain_to - from);
	/* whoever jumps to and fro reads a record each time */
	bool goes_on = from >= skimmer->plain_to && from - skimmer->plain_to <= NEAR;
	size_t stretch = goes_on ? STRETCH : FIRST_STRETCH;
	left = left < stretch ? left : stretch;
	left -= left > 0 && at[left - 1] == '\r'; /* what is behind it is not in sight */
	bool is_text = true;
	if (reader->is_export && has_high_bit(at, left)) {
		size_t good = spk_utf8_len(at, left);
		is_text = left - good < SPK_CHARACTER_MAX; /* perhaps cut off; a line of that is looked at in earnest */
		left = is_text && good > 0 ? good : left;
	}
	*ret_plain = is_text && !memchr(at, '\0', left) && !has_lone_cr(at, left);
	if (*ret_plain && left > 0) {
		skimmer->plain_from = from;
		skimmer->plain_to = from + left;
	}
	return at + left;
}

/* Text of Windows: a CR before the line end, and nowhere else. */
static bool is_clean(const spk_ldif_reader *reader, const char *at, const char *newline)
{
	size_t len = (size_t)(newline - at);
	const char *bad = memchr(at, '\r', len);
	return (!bad || bad + 1 == newline) && !memchr(at, '\0', len) && (!reader->is_export || spk_utf8_len(at, len) == len);
}

#define ADD "changetype: add"

/* Whether a line begins with something that can be gone over: how long that is, and which of the attributes that are
 * wanted. */
static bool read_name(const spk_ldif_reader *reader, const char *at, size_t *ret_len, size_t *ret_which)
{
	*ret_which = SPK_UNWANTED;
	*ret_len = 1;
	if (*at == '#') /* whoever wants some attributes wants no comments */
		return true;
	if (reader->n_seen == 0) {
		*ret_which = 0;
		*ret_len = 3;
		return memcmp(at, "dn:", 3) == 0 && at[3] != ':';
	}
	if (reader->n_seen == 1 && *at == *ADD && memcmp(at, ADD, sizeof ADD - 1) == 0 && (at[sizeof ADD - 1] == '\n' ||
			at[sizeof ADD - 1] == '\r')) {
		*ret_len = sizeof "changetype:" - 1; /* an entry, like any other */
		return true;
	}
	struct spk_skimmer *skimmer = reader->skimmer;
	struct spk_known *known = spk_ldif_find_attr(skimmer, at, skimmer->last ? skimmer->last->next : skimmer->first);
	skimmer->last = known;
	if (known) {
		*ret_which = known->which;
		*ret_len = known->len;
	}
	return known;
}

/* Goes over one line whose name has this length; false: it cannot. */
static bool skim_line(spk_ldif_reader *reader, const char *at, size_t name, size_t which, const char *newline)
{
	const char *line_end = newline - (newline[-1] == '\r');
	size_t raw = (size_t)(newline + 1 - at);
	bool wanted = which != SPK_UNWANTED;
	if (*at == '#')
		return true;
	if (at[name] == '<' || (at[name] == ':' && (wanted || !spk_ldif_is_base64(at + name + 1, line_end))))
		return false;
	/* without memory, the line is read again, which tells that */
	if (wanted &&
			!spk_ldif_keep_plain(reader, (size_t)(at - reader->window), name - 1, (size_t)(line_end - at),
					raw, which))
		return false;
	reader->n_seen++;
	reader->end = reader->base + (size_t)(newline + 1 - reader->window);
	reader->end_cut = false;
	return true;
}

bool spk_ldif_skim(spk_ldif_reader *reader)
{
	bool plain, at_end = false;
	const char *end = look_over(reader, &plain), *at = reader->window + reader->pos;
	while (!at_end && end - at > (ptrdiff_t)SPK_NAME_MAX) {
		size_t name, which, empty = *at == '\n' ? 1 : *at == '\r' && at[1] == '\n' ? 2 : 0;
		const char *newline = !empty && read_name(reader, at, &name, &which) ?
				memchr(at + name, '\n', (size_t)(end - at) - name) :
				NULL;
		if (empty) {
			at_end = reader->n_seen > 0;
			newline = at + empty - 1;
		/* the line after it is in sight, and does not belong to it */
		} else if (!newline || newline + 1 == end || newline[1] == ' ' || (!plain && !is_clean(reader, at, newline)) ||
				!skim_line(reader, at, name, which, newline)) {
			break;
		}
		at = newline + 1;
		reader->line++;
	}
	reader->pos = (size_t)(at - reader->window);
	return at_end;
}

/* SPDX-License-Identifier: MIT */
#include "memory_index.h"

#include <stdlib.h>
#include <string.h>

#include "model/dn.h"
#include "model/fold.h"

bool spk_index_add(spk_index *index, uint64_t hash, size_t offset)
{
	if (index->n == index->size) {
		size_t size = index->size + index->size / 2 + 64;
		spk_place *grown = realloc(index->places, size * sizeof *grown);
		if (!grown)
			return false;
		index->places = grown;
		index->size = size;
	}
	index->places[index->n++] = (spk_place){ hash, offset };
	return true;
}

static int compare(const void *a, const void *b)
{
	const spk_place *pa = a, *pb = b;
	if (pa->hash != pb->hash)
		return pa->hash < pb->hash ? -1 : 1;
	return (pa->offset > pb->offset) - (pa->offset < pb->offset);
}

static void insert_places(spk_place *places, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		spk_place place = places[i];
		size_t j = i;
		for (; j > 0 && compare(&places[j - 1], &place) > 0; j--)
			places[j] = places[j - 1];
		places[j] = place;
	}
}

/* Sorts by one byte of the hash after the other, in place; qsort would need as much memory again. */
static void sort_places(spk_place *places, size_t n, unsigned shift)
{
	enum { FEW = 32 };
	if (n <= FEW) {
		insert_places(places, n);
		return;
	}
	if (shift > 56) { /* all bytes done: only places with one hash are left */
		qsort(places, n, sizeof *places, compare);
		return;
	}
	size_t next[257] = { 0 }, end[256];
	for (size_t i = 0; i < n; i++)
		next[(places[i].hash >> (56 - shift) & 255) + 1]++;
	for (size_t b = 0; b < 256; b++)
		end[b] = next[b + 1] += next[b];
	for (size_t b = 0; b < 256; b++)
		while (next[b] < end[b]) {
			size_t to = places[next[b]].hash >> (56 - shift) & 255;
			spk_place place = places[next[b]];
			if (to == b) {
				next[b]++;
				continue;
			}
			places[next[b]] = places[next[to]];
			places[next[to]++] = place;
		}
	for (size_t b = 0, from = 0; b < 256; from = end[b++])
		sort_places(places + from, end[b] - from, shift + 8);
}

void spk_index_sort(spk_index *index)
{
	if (index->n > 1)
		sort_places(index->places, index->n, 0);
}

/* The first place that is not before this one. */
static size_t lower_bound(const spk_index *index, spk_place place)
{
	size_t from = 0, to = index->n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (compare(&index->places[middle], &place) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

bool spk_index_insert(spk_index *index, uint64_t hash, size_t offset)
{
	spk_place place = { hash, offset };
	size_t at = lower_bound(index, place);
	if (!spk_index_add(index, hash, offset))
		return false;
	memmove(index->places + at + 1, index->places + at, (index->n - 1 - at) * sizeof place);
	index->places[at] = place;
	return true;
}

size_t spk_index_find(const spk_index *index, uint64_t hash, const spk_place **ret_places)
{
	size_t at = lower_bound(index, (spk_place){ hash, 0 }), n = 0;
	while (at + n < index->n && index->places[at + n].hash == hash)
		n++;
	*ret_places = n ? index->places + at : NULL;
	return n;
}

size_t spk_edits_shift(const spk_edit *edits, size_t n_edits, size_t offset)
{
	size_t shifted = offset;
	for (size_t i = 0; i < n_edits && edits[i].offset < offset; i++)
		shifted += edits[i].text.len - edits[i].len; /* unsigned: may go down as well */
	return shifted;
}

void spk_index_shift(spk_index *index, const spk_edit *edits, size_t n_edits)
{
	if (n_edits == 0)
		return;
	/* nearly every place is before the first edit or behind the last */
	const spk_edit *last = &edits[n_edits - 1];
	size_t whole = spk_edits_shift(edits, n_edits, SIZE_MAX) - SIZE_MAX;
	for (size_t i = 0; i < index->n; i++) {
		size_t offset = index->places[i].offset;
		if (offset > last->offset)
			index->places[i].offset = offset + whole;
		else if (offset > edits[0].offset)
			index->places[i].offset = spk_edits_shift(edits, n_edits, offset);
	}
}

void spk_index_free(spk_index *index)
{
	free(index->places);
	*index = (spk_index){ 0 };
}

static uint64_t hash_bytes(const char *data, size_t len)
{
	uint64_t hash = SPK_FNV_START;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)data[i]) * SPK_FNV_PRIME;
	return hash;
}

uint64_t spk_hash_value(spn_bytes value, spk_folding folding)
{
	/* ASCII folds to lower case in every folding: no need to build the key */
	uint64_t hash = SPK_FNV_START;
	size_t i = 0;
	for (; i < value.len && (unsigned char)value.data[i] < 0x80; i++)
		hash = (hash ^ (unsigned char)spk_ascii_lower(value.data[i])) * SPK_FNV_PRIME;
	return i == value.len ? hash : spk_fold_hash(value, folding);
}

static bool is_harmless(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && !strchr("\\\"+;#<>", c);
}

/* The hash of the key of a DN that needs nothing but lower case: no escapes, spaces round separators and so on. */
static bool hash_plain_dn(const char *dn, uint64_t *ret_hash)
{
	uint64_t hash = SPK_FNV_START;
	bool in_type = true;
	char before = ',';
	for (const char *at = dn; *at; before = *at++) {
		unsigned char c = (unsigned char)spk_ascii_lower(*at);
		bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
		bool after_separator = before == ',' || before == '=';
		if (c == ',' || c == '=') {
			if (after_separator || before == ' ')
				return false;
			in_type = c == ',';
		} else if (!is_plain && (in_type || after_separator || !is_harmless(c))) {
			return false;
		}
		hash = (hash ^ (c == ',' ? '\n' : c)) * SPK_FNV_PRIME;
	}
	*ret_hash = hash;
	return !in_type && before != ' ' && before != '=';
}

bool spk_hash_dn(const char *dn, spk_text *scratch, uint64_t *ret_hash)
{
	if (hash_plain_dn(dn, ret_hash))
		return true;
	spk_text_clear(scratch);
	if (!spk_dn_key(dn, scratch))
		return false;
	*ret_hash = hash_bytes(scratch->data, scratch->len);
	return true;
}

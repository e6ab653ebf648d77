/* SPDX-License-Identifier: MIT */
/* What has the same hash as something else: few places of many, so that it is not worth it to sort all of them. */
#include <stdlib.h>

#include "index.h"

/* Bits for hashes; those of several may be one. */
struct marks {
	uint64_t *words;
	unsigned shift;
};

/* Sixteen bits for each of n. */
static bool make_marks(size_t n, struct marks *ret_marks)
{
	unsigned bits = 10;
	while (bits < 32 && (size_t)1 << bits < 16 * n)
		bits++;
	*ret_marks = (struct marks){ calloc(((size_t)1 << bits) / 64, sizeof(uint64_t)), 32 - bits };
	return ret_marks->words;
}

static bool is_marked(const struct marks *marks, uint32_t hash)
{
	uint32_t bit = hash >> marks->shift;
	return marks->words[bit / 64] >> bit % 64 & 1;
}

static void mark(const struct marks *marks, uint32_t hash)
{
	uint32_t bit = hash >> marks->shift;
	marks->words[bit / 64] |= UINT64_C(1) << bit % 64;
}

/* Some of the places of an index.  Their hashes are all that counts until one is found. */
struct part {
	const uint64_t *places;
	size_t n;
	uint32_t first;
	const spk_more_places *more; /* what comes next */
};

static struct part first_part(const spk_index *index)
{
	return (struct part){ index->places, index->n, 0, index->more };
}

static bool next_part(struct part *part)
{
	const spk_more_places *more = part->more;
	if (more)
		*part = (struct part){ more->places, more->n, more->first, more->next };
	return more;
}

/* Those whose mark another one made before. */
static bool find_suspects(const spk_index *index, spk_index *suspects)
{
	struct marks marks;
	bool ok = make_marks(spk_index_count(index), &marks);
	struct part part = first_part(index);
	do {
		for (size_t i = 0; ok && i < part.n; i++) {
			uint32_t hash = spk_place_hash(part.places[i]);
			if (is_marked(&marks, hash))
				ok = spk_index_add(suspects, hash, 0);
			else
				mark(&marks, hash);
		}
	} while (ok && next_part(&part));
	free(marks.words);
	return ok;
}

/* All that may have the hash of a suspect, sorted. */
static bool find_like(const spk_index *index, const spk_index *suspects, spk_index *found)
{
	struct marks marks;
	bool ok = suspects->n == 0 || make_marks(suspects->n, &marks);
	if (!ok || suspects->n == 0)
		return ok;
	for (size_t i = 0; i < suspects->n; i++)
		mark(&marks, spk_place_hash(suspects->places[i]));
	struct part part = first_part(index);
	do {
		for (size_t i = 0; ok && i < part.n; i++) {
			uint64_t place = part.places[i];
			if (is_marked(&marks, spk_place_hash(place)))
				ok = spk_index_add(found, spk_place_hash(place), spk_place_record(place) + part.first);
		}
	} while (ok && next_part(&part));
	free(marks.words);
	spk_index_sort(found);
	return ok;
}

static bool keep_twice(const spk_index *sorted, spk_index *found)
{
	bool ok = true;
	for (size_t i = 0; ok && i < sorted->n; i++) {
		uint64_t place = sorted->places[i];
		uint32_t hash = spk_place_hash(place);
		if ((i > 0 && spk_place_hash(sorted->places[i - 1]) == hash) ||
				(i + 1 < sorted->n && spk_place_hash(sorted->places[i + 1]) == hash))
			ok = spk_index_add(found, hash, spk_place_record(place));
	}
	return ok;
}

bool spk_index_find_twice(const spk_index *index, spk_index *found)
{
	SPK_AUTOINDEX spk_index suspects = { 0 }, like = { 0 };
	if (index->is_sorted)
		return keep_twice(index, found);
	return find_suspects(index, &suspects) && find_like(index, &suspects, &like) && keep_twice(&like, found);
}

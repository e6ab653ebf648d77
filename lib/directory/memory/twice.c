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

/* Those whose mark another one made before. */
static bool find_suspects(const spk_index *index, spk_index *suspects)
{
	struct marks marks;
	bool ok = make_marks(index->n, &marks);
	for (size_t i = 0; ok && i < index->n; i++) {
		uint32_t hash = spk_place_hash(index->places[i]);
		if (is_marked(&marks, hash))
			ok = spk_index_add(suspects, hash, 0);
		else
			mark(&marks, hash);
	}
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
	for (size_t i = 0; ok && i < index->n; i++) {
		uint64_t place = index->places[i];
		if (is_marked(&marks, spk_place_hash(place)))
			ok = spk_index_add(found, spk_place_hash(place), spk_place_record(place));
	}
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

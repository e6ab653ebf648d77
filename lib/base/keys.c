/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

struct spk_key {
	uint64_t hash;
	size_t at, len; /* in texts */
	size_t number;  /* from 1; 0: a free place */
};

/* Where a text is, or would be. */
static struct spk_key *place_of(const spk_keys *keys, spn_bytes text, uint64_t hash)
{
	size_t mask = keys->size - 1; /* a power of two */
	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct spk_key *key = &keys->places[i];
		if (!key->number || (key->hash == hash && key->len == text.len &&
				(text.len == 0 || memcmp(keys->texts.data + key->at, text.data, text.len) == 0)))
			return key;
	}
}

/* Keeps half of the places free. */
static bool make_room(spk_keys *keys)
{
	if (2 * (keys->n + 1) <= keys->size)
		return true;
	size_t size = keys->size ? 2 * keys->size : 16;
	struct spk_key *places = calloc(size, sizeof *places);
	if (!places)
		return false;
	if (!keys->size)
		keys->seed = spk_hash_process_seed();
	for (size_t i = 0; i < keys->size; i++) {
		size_t to = keys->places[i].hash & (size - 1);
		while (places[to].number)
			to = (to + 1) & (size - 1);
		if (keys->places[i].number)
			places[to] = keys->places[i];
	}
	free(keys->places);
	keys->places = places;
	keys->size = size;
	return true;
}

size_t spk_keys_add(spk_keys *keys, spn_bytes text)
{
	if (!make_room(keys))
		return SIZE_MAX;
	uint64_t hash = spk_hash(text.data, text.len, keys->seed);
	struct spk_key *key = place_of(keys, text, hash);
	if (!key->number) {
		struct spk_key added = { hash, keys->texts.len, text.len, keys->n + 1 };
		spk_text_add_bytes(&keys->texts, text.data, text.len);
		if (keys->texts.failed)
			return SIZE_MAX;
		*key = added;
		keys->n++;
	}
	return key->number - 1;
}

size_t spk_keys_find(const spk_keys *keys, spn_bytes text)
{
	if (keys->n == 0)
		return SIZE_MAX;
	return place_of(keys, text, spk_hash(text.data, text.len, keys->seed))->number - 1; /* 0 - 1 is SIZE_MAX */
}

void spk_keys_free(spk_keys *keys)
{
	free(keys->places);
	spk_text_free(&keys->texts);
	*keys = (spk_keys){ 0 };
}

/* SPDX-License-Identifier: MIT */
/* keys.h - a set of texts that numbers them */
#ifndef SPK_KEYS_H
#define SPK_KEYS_H

#include <stdint.h>

#include "text.h"

/* Texts are numbered from 0 in the order in which they came.  Start from { 0 }. */
typedef struct spk_keys {
	uint64_t seed;
	struct spk_key *places;
	size_t n, size; /* n: how many texts */
	spk_text texts;
} spk_keys;

/* The number of a text, new or not; SIZE_MAX if memory runs out. */
size_t spk_keys_add(spk_keys *keys, spn_bytes text);
/* The number of a text, or SIZE_MAX. */
size_t spk_keys_find(const spk_keys *keys, spn_bytes text);
void spk_keys_free(spk_keys *keys);
#define SPK_AUTOKEYS __attribute__((cleanup(spk_keys_free)))

#endif

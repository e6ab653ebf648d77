/* SPDX-License-Identifier: MIT */
/* memory_index.h - where the records are that hold a value: hashes and offsets, sixteen bytes a value */
#ifndef SPK_MEMORY_INDEX_H
#define SPK_MEMORY_INDEX_H

#include "directory/memory_store.h"
#include "model/fold.h"

typedef struct spk_place {
	uint64_t hash;
	uint64_t offset;
} spk_place;

/* Two values may have one hash: whoever finds a place looks there.  Start from { 0 }. */
typedef struct spk_index {
	spk_place *places; /* by hash, then offset, once sorted */
	size_t n, size;
} spk_index;

bool spk_index_add(spk_index *index, uint64_t hash, size_t offset); /* false: out of memory */
void spk_index_sort(spk_index *index);
/* Puts one more into a sorted index. */
bool spk_index_insert(spk_index *index, uint64_t hash, size_t offset);
/* The places with a hash, and how many there are. */
size_t spk_index_find(const spk_index *index, uint64_t hash, const spk_place **ret_places);
/* Moves places as edits, sorted, have moved the text. */
void spk_index_shift(spk_index *index, const spk_edit *edits, size_t n_edits);
size_t spk_edits_shift(const spk_edit *edits, size_t n_edits, size_t offset);
void spk_index_free(spk_index *index);

/* Equal values have equal hashes. */
uint64_t spk_hash_value(spn_bytes value, spk_folding folding);
/* The same for DNs; false if it is none. */
bool spk_hash_dn(const char *dn, spk_text *scratch, uint64_t *ret_hash);

#endif

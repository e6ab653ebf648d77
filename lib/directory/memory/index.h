/* SPDX-License-Identifier: MIT */
/* index.h - which records hold a value, eight bytes a value; and where the records are */
#ifndef SPK_MEMORY_INDEX_H
#define SPK_MEMORY_INDEX_H

#include "store.h"
#include "base/hash.h"
#include "model/fold.h"

/* Where the records begin, in the order of the text.  Start from { 0 }. */
typedef struct spk_records {
	size_t *offsets;
	size_t n, size;
} spk_records;

bool spk_records_grow(spk_records *records);
static inline bool spk_records_add(spk_records *records, size_t offset) /* false: out of memory */
{
	if (records->n == records->size && !spk_records_grow(records))
		return false;
	records->offsets[records->n++] = offset;
	return true;
}

/* The number of the record that begins at an offset. */
uint32_t spk_records_at(const spk_records *records, size_t offset);
/* Moves the records as edits, sorted, have moved the text. */
void spk_records_shift(spk_records *records, const spk_edit *edits, size_t n_edits);
size_t spk_edits_shift(const spk_edit *edits, size_t n_edits, size_t offset);
void spk_records_free(spk_records *records);

/* A change record that goes on with the values of an entry above it, as ldifde writes more than 1,500 of an attribute.
 */
typedef struct spk_sequel {
	size_t owner, offset; /* where the entry is, and where the change record */
	size_t line;          /* of the change record */
} spk_sequel;

/* In the order of their owners, and then of the text; of the text alone until the owners are known.  Start from { 0 }.
 */
typedef struct spk_sequels {
	spk_sequel *list;
	size_t n, size;
} spk_sequels;

bool spk_sequels_add(spk_sequels *sequels, spk_sequel sequel); /* false: out of memory */
bool spk_sequels_copy(const spk_sequels *sequels, spk_sequels *ret_copy);
/* Moves them as edits, sorted, have moved the text. */
void spk_sequels_shift(spk_sequels *sequels, const spk_edit *edits, size_t n_edits);
void spk_sequels_sort(spk_sequels *sequels);
/* The first of an owner; its others follow.  sequels->n if it has none. */
size_t spk_sequels_of(const spk_sequels *sequels, size_t owner);
void spk_sequels_free(spk_sequels *sequels);

/* Numbers of records, each below 32 bits of a hash.  Two values may have one hash: whoever finds a record looks there.
 * Start from { 0 }. */
typedef struct spk_index {
	uint64_t *places;
	size_t n, size;
	bool is_sorted;
	unsigned n_scans; /* how often it was searched unsorted */
	struct spk_more_places *more; /* of a text that several threads have read, or NULL */
} spk_index;

/* The places of a later part of the text, as they were found there: to put millions in one list costs more than a
 * search for one of them. */
typedef struct spk_more_places {
	struct spk_more_places *next;
	uint64_t *places;
	size_t n;
	uint32_t first; /* the number of the record that is number 0 there */
} spk_more_places;

static inline uint64_t spk_place(uint32_t hash, uint32_t record)
{
	return (uint64_t)hash << 32 | record;
}

bool spk_index_grow(spk_index *index);
static inline bool spk_index_add(spk_index *index, uint32_t hash, uint32_t record) /* false: out of memory */
{
	if (index->n == index->size && !spk_index_grow(index))
		return false;
	index->places[index->n++] = spk_place(hash, record);
	index->is_sorted = false;
	return true;
}

/* The same, in its place if the index is sorted. */
bool spk_index_insert(spk_index *index, uint32_t hash, uint32_t record);
/* Puts all places in one list, as whoever sorts the index of a text or goes over it needs them.  False: out of memory.
 */
bool spk_index_gather(spk_index *index);
void spk_index_sort(spk_index *index);
size_t spk_index_count(const spk_index *index);
/* Adds to found the records of a hash, all with the hash 0.  Whoever asks for a value or two need not wait until
 * millions are sorted. */
bool spk_index_find(spk_index *index, uint32_t hash, spk_index *found);
void spk_index_free(spk_index *index);
/* Adds to found, in their order, the places whose hashes are those of others, too. */
bool spk_index_find_twice(const spk_index *index, spk_index *found);

static inline uint32_t spk_place_hash(uint64_t place)
{
	return (uint32_t)(place >> 32);
}

static inline uint32_t spk_place_record(uint64_t place)
{
	return (uint32_t)place;
}

static inline void spk_cleanup_index(spk_index *index)
{
	spk_index_free(index);
}
/* SPK_AUTOINDEX spk_index found = { 0 }; */
#define SPK_AUTOINDEX __attribute__((cleanup(spk_cleanup_index)))

/* The attributes by which accounts are looked up: a search for a value does not read all of the text. */
enum { SPK_BY_SPN, SPK_BY_SAM, SPK_BY_UPN, SPK_BY_HOST, SPK_INDEXED = SPK_BY_HOST + 3, SPK_DELETED = SPK_INDEXED };
/* Their names, then those of attributes that decide whether an entry counts; ends with NULL. */
extern const char *const spk_indexed[];

/* Of each record a number that stands for the service principal names it holds: 0, it holds none; of two records with
 * the same names in any order and spelling, the same.  Other names have another one, but for one in 2^32.  Start from
 * { 0 }. */
typedef struct spk_name_sums {
	uint32_t *list;
	size_t n, size;
} spk_name_sums;

bool spk_name_sums_grow(spk_name_sums *sums);
static inline bool spk_name_sums_add(spk_name_sums *sums, uint32_t sum) /* false: out of memory */
{
	if (sums->n == sums->size && !spk_name_sums_grow(sums))
		return false;
	sums->list[sums->n++] = sum;
	return true;
}

/* What is known of a text: where its records are, and which of them hold what.  Start from { 0 }. */
typedef struct spk_outline {
	spk_records records;
	spk_index groups; /* below the hash 0, those that have what spk_of_groups says, and some others */
	spk_sequels sequels; /* of a stretch that is read: those found, without their owners */
	spk_index by_dn;
	spk_index by_value[SPK_INDEXED];
	spk_name_sums names;
} spk_outline;

/* What tells groups, and what a domain begins with: the object class "group", members, a SID with a RID below
 * SPK_RID_FIRST. */
extern const spk_ldif_watch spk_of_groups[];
#define SPK_RID_FIRST 1000u

/* Adds the outline of the text that follows, and leaves nothing of it; false: out of memory. */
bool spk_outline_join(spk_outline *outline, spk_outline *next);
void spk_outline_free(spk_outline *outline);

/* How values are hashed: equal ones have equal hashes. */
typedef struct spk_hasher {
	uint64_t seed;
	spk_folding folding;
	bool is_ascii; /* the last text was */
	spk_text scratch; /* failed: the last one could not be hashed for want of memory */
	uint64_t last; /* of the last service principal name, all of it */
} spk_hasher;

/* spk_hash_indexed of any text, whatever it folds to. */
uint32_t spk_hash_text(spk_hasher *hasher, size_t which, spn_bytes value);

/* Of an attribute by which is looked up.  Of a service principal name only what is behind the first slash: HOST/x and
 * its aliases are found together. */
static inline uint32_t spk_hash_indexed(spk_hasher *hasher, size_t which, spn_bytes value)
{
	/* ASCII folds to lower case, but for Samba's blanks and NULs: no need of a copy */
	if (value.len > 0 && hasher->folding != SPK_FOLD_SAMBA) {
		uint64_t hash = which == SPK_BY_SPN ?
				spk_hash_lower_parts(value.data, value.len, hasher->seed, &hasher->last, &hasher->is_ascii) :
				spk_hash_lower(value.data, value.len, hasher->seed, &hasher->is_ascii);
		hasher->scratch.failed = false;
		if (hasher->is_ascii)
			return (uint32_t)hash;
	}
	return spk_hash_text(hasher, which, value);
}

/* What the value that was hashed last adds to the sum of a record's names. */
static inline uint32_t spk_hash_last(const spk_hasher *hasher)
{
	return (uint32_t)hasher->last | 1; /* so that no name counts for nothing */
}
/* Makes the key of a DN in lower case, or of a part of one, that needs nothing more: no escapes, spaces round
 * separators and so on.  False: it does. */
bool spk_dn_make_plain_key(char *text);
/* The hash of a DN from that of the key of its first part, and that of the rest of its key. */
uint32_t spk_hash_child(uint64_t first, uint64_t parent);
/* False if it is no DN, or memory ran out. */
bool spk_hash_dn(spk_hasher *hasher, const char *dn, uint32_t *ret_hash);

#endif

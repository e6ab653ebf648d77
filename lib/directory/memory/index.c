/* SPDX-License-Identifier: MIT */
#include "index.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/words.h"
#include "model/dn.h"

/* An index is sorted when it is searched for the so-manieth time. */
#define FEW_SCANS 4

/* Makes room for some more of eight bytes. */
static void *grow(void *list, size_t n, size_t more, size_t *size)
{
	if (n + more <= *size)
		return list;
	size_t wanted = *size + *size / 2 + 64;
	wanted = wanted > n + more ? wanted : n + more;
	void *grown = realloc(list, wanted * sizeof(uint64_t));
	if (grown)
		*size = wanted;
	return grown;
}

bool spk_records_grow(spk_records *records)
{
	size_t *grown = grow(records->offsets, records->n, 1, &records->size);
	if (grown)
		records->offsets = grown;
	return grown;
}

uint32_t spk_records_at(const spk_records *records, size_t offset)
{
	size_t from = 0, to = records->n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (records->offsets[middle] < offset)
			from = middle + 1;
		else
			to = middle;
	}
	return (uint32_t)from;
}

size_t spk_edits_shift(const spk_edit *edits, size_t n_edits, size_t offset)
{
	size_t shifted = offset;
	/* what is put in where a record begins, which is so without an empty line before it, belongs to the one before */
	for (size_t i = 0; i < n_edits && (edits[i].offset < offset || (edits[i].offset == offset && edits[i].len == 0)); i++)
		shifted += edits[i].text.len - edits[i].len; /* unsigned: may go down as well */
	return shifted;
}

void spk_records_shift(spk_records *records, const spk_edit *edits, size_t n_edits)
{
	if (n_edits == 0)
		return;
	/* nearly every record is before the first edit or behind the last */
	const spk_edit *last = &edits[n_edits - 1];
	size_t whole = spk_edits_shift(edits, n_edits, SIZE_MAX) - SIZE_MAX;
	for (size_t i = 0; i < records->n; i++) {
		size_t offset = records->offsets[i];
		if (offset > last->offset)
			records->offsets[i] = offset + whole;
		else if (offset >= edits[0].offset)
			records->offsets[i] = spk_edits_shift(edits, n_edits, offset);
	}
}

void spk_records_free(spk_records *records)
{
	free(records->offsets);
	*records = (spk_records){ 0 };
}

bool spk_sequels_add(spk_sequels *sequels, spk_sequel sequel)
{
	if (sequels->n == sequels->size) {
		size_t size = sequels->size * 2 + 8;
		spk_sequel *grown = realloc(sequels->list, size * sizeof *grown);
		if (!grown)
			return false;
		sequels->list = grown;
		sequels->size = size;
	}
	sequels->list[sequels->n++] = sequel;
	return true;
}

bool spk_sequels_copy(const spk_sequels *sequels, spk_sequels *ret_copy)
{
	*ret_copy = (spk_sequels){ 0 };
	if (sequels->n == 0)
		return true;
	ret_copy->list = malloc(sequels->n * sizeof *ret_copy->list);
	if (!ret_copy->list)
		return false;
	memcpy(ret_copy->list, sequels->list, sequels->n * sizeof *ret_copy->list);
	ret_copy->n = ret_copy->size = sequels->n;
	return true;
}

void spk_sequels_shift(spk_sequels *sequels, const spk_edit *edits, size_t n_edits)
{
	for (size_t i = 0; i < sequels->n; i++) {
		sequels->list[i].owner = spk_edits_shift(edits, n_edits, sequels->list[i].owner);
		sequels->list[i].offset = spk_edits_shift(edits, n_edits, sequels->list[i].offset);
	}
}

static int compare_sequels(const void *a, const void *b)
{
	const spk_sequel *one = a, *other = b;
	if (one->owner != other->owner)
		return one->owner < other->owner ? -1 : 1;
	return one->offset < other->offset ? -1 : one->offset > other->offset;
}

void spk_sequels_sort(spk_sequels *sequels)
{
	if (sequels->n > 1)
		qsort(sequels->list, sequels->n, sizeof *sequels->list, compare_sequels);
}

size_t spk_sequels_of(const spk_sequels *sequels, size_t owner)
{
	size_t from = 0, to = sequels->n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (sequels->list[middle].owner < owner)
			from = middle + 1;
		else
			to = middle;
	}
	return from < sequels->n && sequels->list[from].owner == owner ? from : sequels->n;
}

void spk_sequels_free(spk_sequels *sequels)
{
	free(sequels->list);
	*sequels = (spk_sequels){ 0 };
}

bool spk_name_sums_grow(spk_name_sums *sums)
{
	size_t size = sums->size + sums->size / 2 + 64;
	uint32_t *grown = realloc(sums->list, size * sizeof *grown);
	if (!grown)
		return false;
	sums->list = grown;
	sums->size = size;
	return true;
}

static bool join_sums(spk_name_sums *sums, spk_name_sums *next)
{
	bool ok = true;
	for (size_t i = 0; ok && i < next->n; i++)
		ok = spk_name_sums_add(sums, next->list[i]);
	free(next->list);
	*next = (spk_name_sums){ 0 };
	return ok;
}

bool spk_index_grow(spk_index *index)
{
	uint64_t *grown = grow(index->places, index->n, 1, &index->size);
	if (grown)
		index->places = grown;
	return grown;
}

static void insert_places(uint64_t *places, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t place = places[i];
		size_t j = i;
		for (; j > 0 && places[j - 1] > place; j--)
			places[j] = places[j - 1];
		places[j] = place;
	}
}

/* Sorts by one byte after the other, in place; qsort would need as much memory again. */
static void sort_places(uint64_t *places, size_t n, unsigned shift)
{
	enum { FEW = 32 };
	if (n <= FEW) {
		insert_places(places, n);
		return;
	}
	size_t next[257] = { 0 }, end[256];
	for (size_t i = 0; i < n; i++)
		next[(places[i] >> shift & 255) + 1]++;
	for (size_t b = 0; b < 256; b++)
		end[b] = next[b + 1] += next[b];
	for (size_t b = 0; b < 256; b++)
		while (next[b] < end[b]) {
			uint64_t place = places[next[b]];
			size_t to = place >> shift & 255;
			if (to == b) {
				next[b]++;
				continue;
			}
			places[next[b]] = places[next[to]];
			places[next[to]++] = place;
		}
	if (shift == 0) /* what is together now is the same */
		return;
	for (size_t b = 0, from = 0; b < 256; from = end[b++])
		sort_places(places + from, end[b] - from, shift - 8);
}

static bool is_by_record(const spk_index *index)
{
	for (size_t i = 1; i < index->n; i++)
		if (spk_place_record(index->places[i - 1]) > spk_place_record(index->places[i]))
			return false;
	return true;
}

/* Moves places to where they belong by one byte, and leaves those equal in their order. */
static void move_places(const uint64_t *from, uint64_t *to, size_t n, unsigned shift)
{
	size_t next[257] = { 0 };
	for (size_t i = 0; i < n; i++)
		next[(from[i] >> shift & 255) + 1]++;
	for (size_t b = 0; b < 256; b++)
		next[b + 1] += next[b];
	for (size_t i = 0; i < n; i++)
		to[next[from[i] >> shift & 255]++] = from[i];
}

/* Many places that are in the order of their records, by their hashes; several times as fast as in place.  False if
 * memory runs out. */
static bool sort_by_hash(uint64_t *places, size_t n)
{
	uint64_t *other = malloc(n * sizeof *other);
	if (!other)
		return false;
	for (unsigned shift = 32; shift < 64; shift += 16) {
		move_places(places, other, n, shift);
		move_places(other, places, n, shift + 8);
	}
	free(other);
	return true;
}

bool spk_index_gather(spk_index *index)
{
	while (index->more) {
		spk_more_places *more = index->more;
		uint64_t *grown = grow(index->places, index->n, more->n, &index->size);
		if (!grown)
			return false;
		index->places = grown;
		for (size_t i = 0; i < more->n; i++)
			index->places[index->n++] = more->places[i] + more->first;
		index->more = more->next;
		free(more->places);
		free(more);
	}
	return true;
}

size_t spk_index_count(const spk_index *index)
{
	size_t n = index->n;
	for (const spk_more_places *more = index->more; more; more = more->next)
		n += more->n;
	return n;
}

void spk_index_sort(spk_index *index)
{
	enum { MANY = 4096 };
	bool is_done = index->n < 2 || index->is_sorted ||
			(index->n >= MANY && is_by_record(index) && sort_by_hash(index->places, index->n));
	if (!is_done)
		sort_places(index->places, index->n, 56);
	index->is_sorted = true;
}

/* The first place that is not before this one. */
static size_t lower_bound(const spk_index *index, uint64_t place)
{
	size_t from = 0, to = index->n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (index->places[middle] < place)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

bool spk_index_insert(spk_index *index, uint32_t hash, uint32_t record)
{
	bool was_sorted = index->is_sorted;
	size_t at = was_sorted ? lower_bound(index, spk_place(hash, record)) : 0;
	if (!spk_index_add(index, hash, record))
		return false;
	if (was_sorted) {
		memmove(index->places + at + 1, index->places + at, (index->n - 1 - at) * sizeof *index->places);
		index->places[at] = spk_place(hash, record);
		index->is_sorted = true;
	}
	return true;
}

/* Adds to found the records of a hash.  first: the number of the record that is number 0 here. */
static bool find_in(const uint64_t *places, size_t n, uint32_t first, uint32_t hash, spk_index *found)
{
	bool ok = true;
	for (size_t i = 0; ok && i < n; i++)
		if (spk_place_hash(places[i]) == hash)
			ok = spk_index_add(found, 0, spk_place_record(places[i]) + first);
	return ok;
}

static size_t count_equal(const spk_index *index, size_t from, uint32_t hash)
{
	size_t n = 0;
	while (from + n < index->n && spk_place_hash(index->places[from + n]) == hash)
		n++;
	return n;
}

bool spk_index_find(spk_index *index, uint32_t hash, spk_index *found)
{
	if (!index->is_sorted && ++index->n_scans > FEW_SCANS) {
		if (!spk_index_gather(index))
			return false;
		spk_index_sort(index);
	}
	if (index->is_sorted) {
		size_t from = lower_bound(index, spk_place(hash, 0));
		return find_in(index->places + from, count_equal(index, from, hash), 0, hash, found);
	}
	bool ok = find_in(index->places, index->n, 0, hash, found);
	for (const spk_more_places *more = index->more; ok && more; more = more->next)
		ok = find_in(more->places, more->n, more->first, hash, found);
	return ok;
}

void spk_index_free(spk_index *index)
{
	for (spk_more_places *more = index->more, *next; more; more = next) {
		next = more->next;
		free(more->places);
		free(more);
	}
	free(index->places);
	*index = (spk_index){ 0 };
}

/* In text, it is the same as no SID of a filter; the RID is its last four bytes, the lowest first. */
static bool may_have_low_rid(const char *at, const char *end)
{
	enum { OF_DOMAIN = 40 }; /* so many characters of base64 has a SID of a domain's */
	if (at == end || *at != ':')
		return false;
	for (at++; at < end && *at == ' ';)
		at++;
	return end - at != OF_DOMAIN ||
			(memcmp(at + 35, "AAA==", 5) == 0 && strchr("AEIM", at[34]) && strchr("AQgw", at[33]));
}

const spk_ldif_watch spk_of_groups[] = { { "objectClass", 'g', NULL }, { "member", '\0', NULL },
	{ "objectSid", '\0', may_have_low_rid }, { NULL, '\0', NULL } };

const char *const spk_indexed[] = { "servicePrincipalName", "sAMAccountName", "userPrincipalName", "dNSHostName",
	"msDS-AdditionalDnsHostName", "msDS-AdditionalSamAccountName", "isDeleted", NULL };

/* The records of next are numbered from first on. */
static bool join_index(spk_index *index, spk_index *next, size_t first)
{
	if (next->n == 0)
		return true;
	spk_more_places *more = malloc(sizeof *more), **end = &index->more;
	if (!more)
		return false;
	while (*end)
		end = &(*end)->next;
	*more = (spk_more_places){ .places = next->places, .n = next->n, .first = (uint32_t)first };
	*end = more;
	index->is_sorted = false;
	*next = (spk_index){ 0 };
	return true;
}

static bool join_records(spk_records *records, spk_records *next)
{
	if (next->n == 0)
		return true;
	size_t *grown = grow(records->offsets, records->n, next->n, &records->size);
	if (!grown)
		return false;
	records->offsets = grown;
	for (size_t i = 0; i < next->n; i++)
		records->offsets[records->n++] = next->offsets[i];
	spk_records_free(next);
	return true;
}

bool spk_outline_join(spk_outline *outline, spk_outline *next)
{
	size_t first = outline->records.n;
	if (first == 0) {
		spk_outline_free(outline);
		*outline = *next;
		*next = (spk_outline){ 0 };
		return true;
	}
	bool ok = join_index(&outline->by_dn, &next->by_dn, first) &&
			join_index(&outline->groups, &next->groups, first) && join_sums(&outline->names, &next->names);
	for (size_t i = 0; ok && i < SPK_INDEXED; i++)
		ok = join_index(&outline->by_value[i], &next->by_value[i], first);
	for (size_t i = 0; ok && i < next->sequels.n; i++)
		ok = spk_sequels_add(&outline->sequels, next->sequels.list[i]);
	spk_sequels_free(&next->sequels);
	return ok && join_records(&outline->records, &next->records);
}

void spk_outline_free(spk_outline *outline)
{
	spk_records_free(&outline->records);
	spk_sequels_free(&outline->sequels);
	spk_index_free(&outline->by_dn);
	spk_index_free(&outline->groups);
	for (size_t i = 0; i < SPK_INDEXED; i++)
		spk_index_free(&outline->by_value[i]);
	free(outline->names.list);
	outline->names = (spk_name_sums){ 0 };
}

static uint32_t hash_lower(spk_hasher *hasher, size_t which, spn_bytes value)
{
	if (which != SPK_BY_SPN)
		return (uint32_t)spk_hash_lower(value.data, value.len, hasher->seed, &hasher->is_ascii);
	return (uint32_t)spk_hash_lower_parts(value.data, value.len, hasher->seed, &hasher->last, &hasher->is_ascii);
}

uint32_t spk_hash_text(spk_hasher *hasher, size_t which, spn_bytes value)
{
	spk_text *folded = &hasher->scratch;
	spk_text_clear(folded);
	if (value.len > 0 && !memchr(value.data, ' ', value.len) && !memchr(value.data, '\0', value.len)) {
		uint32_t hash = hash_lower(hasher, which, value);
		if (hasher->is_ascii)
			return hash;
	}
	spk_fold_key(value, hasher->folding, folded);
	return folded->failed ? 0 : hash_lower(hasher, which, (spn_bytes){ folded->data, folded->len });
}

#define BIT(c) (UINT64_C(1) << ((c) & 63))

static bool is_of_type(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* Printable ASCII that needs no escape and ends no value. */
static bool is_harmless(unsigned char c)
{
	static const uint64_t set[4] = {
		(UINT64_MAX << 32) & ~(BIT('"') | BIT('#') | BIT('+') | BIT(',') | BIT(';') | BIT('<') | BIT('>')),
		UINT64_MAX & ~(BIT('\\') | BIT(0x7f)), 0, 0
	};
	return set[c >> 6] & BIT(c);
}

bool spk_dn_make_plain_key(char *at)
{
	for (;;) {
		const char *type = at;
		while (is_of_type((unsigned char)*at))
			at++;
		if (at == type || *at++ != '=')
			return false;
		const char *value = at;
		while (is_harmless((unsigned char)*at))
			at++;
		if (at == value || *value == ' ' || at[-1] == ' ')
			return false;
		if (!*at)
			return true;
		if (*at != ',')
			return false;
		*at++ = '\n';
	}
}

uint32_t spk_hash_child(uint64_t first, uint64_t parent)
{
	return (uint32_t)spk_hash_mix(first, parent);
}

bool spk_hash_dn(spk_hasher *hasher, const char *dn, uint32_t *ret_hash)
{
	spk_text *key = &hasher->scratch;
	spk_text_clear(key);
	bool is_ascii = spk_text_add_lower(key, dn, strlen(dn));
	if (key->failed)
		return false;
	if (!is_ascii || !spk_dn_make_plain_key(key->data)) {
		spk_text_clear(key);
		if (!spk_dn_key(dn, key))
			return false;
	}
	const char *end = key->data + key->len, *parent = spk_find_either(key->data, end, '\n', '\n');
	*ret_hash = spk_hash_child(spk_hash(key->data, (size_t)(parent - key->data), hasher->seed),
			spk_hash(parent, (size_t)(end - parent), hasher->seed));
	return true;
}

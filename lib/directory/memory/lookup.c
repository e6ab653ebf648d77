/* SPDX-License-Identifier: MIT */
/* Which records a search has to read. */
#include <string.h>
#include <strings.h>

#include "memory.h"
#include "base/error.h"
#include "model/adtypes.h"

/* The number of the index of groups. */
enum { GROUPS = SPK_INDEXED };

/* The number of an index.  SPK_INDEXED: there is none. */
static size_t find_indexed(const char *attr)
{
	size_t i = 0;
	while (i < SPK_INDEXED && !spk_ascii_equal(attr, spk_indexed[i]))
		i++;
	return i;
}

static spk_index *index_of(spk_memory *memory, size_t number)
{
	return number == GROUPS ? &memory->outline.groups : &memory->outline.by_value[number];
}

spn_status spk_memory_want(spk_memory *memory, const char *attr, spn_bytes value, spk_index *wanted, bool *ret_known,
		spn_error *err)
{
	size_t i = find_indexed(attr);
	*ret_known = i < SPK_INDEXED;
	if (!*ret_known)
		return SPN_OK;
	uint32_t hash = spk_hash_indexed(&memory->hasher, i, value);
	return !memory->hasher.scratch.failed && spk_index_add(wanted, hash, (uint32_t)i) ? SPN_OK : spk_nomem(err);
}

static bool is_of_group(const spn_filter *filter)
{
	uint32_t rid;
	if (filter->op != SPN_FILTER_EQUAL && filter->op != SPN_FILTER_PRESENT)
		return false;
	if (spk_ascii_equal(filter->attr, "member"))
		return true;
	if (filter->op != SPN_FILTER_EQUAL)
		return false;
	if (spk_ascii_equal(filter->attr, "objectClass"))
		return filter->value.len == 5 && strncasecmp(filter->value.data, "group", 5) == 0;
	return spk_ascii_equal(filter->attr, "objectSid") && spk_sid_rid(filter->value, &rid) && rid < SPK_RID_FIRST;
}

bool spk_memory_want_groups(const spk_memory *memory, const spn_filter *filter, spk_index *wanted, bool *ret_known)
{
	enum { MANY = 4 }; /* one in so many is found as fast by going over all */
	*ret_known = is_of_group(filter) && spk_index_count(&memory->outline.groups) < memory->outline.records.n / MANY;
	return !*ret_known || spk_index_add(wanted, 0, GROUPS);
}

spn_status spk_memory_find(spk_memory *memory, spk_index *wanted, spk_index *found, spn_error *err)
{
	bool ok = true;
	spk_index_sort(wanted);
	for (size_t i = 0; ok && i < wanted->n; i++) {
		uint64_t place = wanted->places[i];
		if (i == 0 || place != wanted->places[i - 1]) /* HOST/x and its aliases have one hash */
			ok = spk_index_find(index_of(memory, spk_place_record(place)), spk_place_hash(place), found);
	}
	return ok ? SPN_OK : spk_nomem(err);
}

static bool sort(spk_index *index)
{
	if (!spk_index_gather(index))
		return false;
	spk_index_sort(index);
	return true;
}

bool spk_memory_sort(spk_memory *memory)
{
	return sort(&memory->outline.by_value[SPK_BY_SPN]) && sort(&memory->outline.by_dn);
}

spn_status spk_memory_find_shared(spk_memory *memory, spk_index *found, spn_error *err)
{
	spk_index *index = &memory->outline.by_value[SPK_BY_SPN];
	bool ok = sort(index); /* whoever asks for these asks for some names then */
	const uint64_t *places = index->places;
	for (size_t from = 0, to; ok && from < index->n; from = to) {
		for (to = from + 1; to < index->n && spk_place_hash(places[to]) == spk_place_hash(places[from]);)
			to++;
		bool is_shared = spk_place_record(places[from]) != spk_place_record(places[to - 1]);
		for (size_t i = from; ok && is_shared && i < to; i++)
			ok = spk_index_add(found, 0, spk_place_record(places[i]));
	}
	return ok ? SPN_OK : spk_nomem(err);
}

/* The change stands: without memory for an index the text is read again when it is needed. */
void spk_memory_added(spk_memory *memory, const char *attr, spn_bytes value, size_t offset)
{
	size_t i = find_indexed(attr);
	for (const spk_ldif_watch *of_groups = spk_of_groups; of_groups->attr; of_groups++)
		if (spk_ascii_equal(attr, of_groups->attr) &&
				!spk_index_insert(&memory->outline.groups, 0, spk_records_at(&memory->outline.records, offset)))
			memory->is_loaded = false;
	if (i == SPK_INDEXED)
		return;
	uint32_t hash = spk_hash_indexed(&memory->hasher, i, value);
	if (memory->hasher.scratch.failed ||
			!spk_index_insert(&memory->outline.by_value[i], hash, spk_records_at(&memory->outline.records, offset)))
		memory->is_loaded = false;
}

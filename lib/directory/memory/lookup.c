/* SPDX-License-Identifier: MIT */
/*
 * Which records a search has to read.  Names are indexed when the text is read; the hosts of computers, which few
 * commands look for, by a second look at the text when the first of them is asked for, or by an audit's look at all.
 */
#include <string.h>
#include <strings.h>

#include "memory.h"
#include "base/error.h"
#include "model/adtypes.h"

static const char *const host_attrs[SPK_HOST_ATTRS + 1] = { "dNSHostName", "msDS-AdditionalDnsHostName",
	"msDS-AdditionalSamAccountName", NULL };
enum { HOSTS = SPK_HOST_ATTRS };

/* The number of the index of groups. */
enum { GROUPS = SPK_INDEXED + HOSTS };

/* The number of an index; a host's come behind those of the names.  SIZE_MAX: there is none. */
static size_t find_indexed(const char *attr)
{
	for (size_t i = 0; i < SPK_INDEXED; i++)
		if (spk_ascii_equal(attr, spk_indexed[i]))
			return i;
	for (size_t i = 0; i < HOSTS; i++)
		if (spk_ascii_equal(attr, host_attrs[i]))
			return SPK_INDEXED + i;
	return SIZE_MAX;
}

static spk_index *index_of(spk_memory *memory, size_t number)
{
	if (number == GROUPS)
		return &memory->outline.groups;
	return number < SPK_INDEXED ? &memory->outline.by_value[number] : &memory->by_host[number - SPK_INDEXED];
}

/* The value of a record at an offset.  False: out of memory. */
static bool index_host(
		spk_memory *memory, spk_index by_host[HOSTS], size_t which, spn_bytes value, size_t offset)
{
	uint32_t hash = spk_hash_indexed(&memory->hasher, SPK_INDEXED + which, value);
	return !memory->hasher.scratch.failed &&
			spk_index_add(&by_host[which], hash, spk_records_at(&memory->outline.records, offset));
}

static bool index_hosts(spk_memory *memory, spk_index by_host[HOSTS], const spk_ldif_record *record)
{
	bool ok = true;
	for (size_t i = 0; ok && *record->dn && i < record->n_lines; i++)
		for (size_t which = 0; ok && which < HOSTS; which++)
			if (spk_line_is(&record->lines[i], host_attrs[which]))
				ok = index_host(memory, by_host, which, record->lines[i].value, record->offset);
	return ok;
}

static spn_status find_hosts(spk_memory *memory, spn_error *err)
{
	SPK_AUTOVIEW spk_view view = { 0 };
	const spk_ldif_record *record = NULL;
	spn_status status = spk_view_open(memory, &view, err);
	if (!status)
		status = spk_ldif_only(view.reader, host_attrs, err);
	do {
		if (!status)
			status = spk_ldif_next(view.reader, &record, err);
		if (status || !record || !spk_ldif_is_entry(record))
			continue;
		status = spk_view_complete(&view, record, err);
		if (!status && !index_hosts(memory, memory->by_host, record))
			status = spk_nomem(err);
	} while (!status && record);
	if (status)
		spk_memory_forget_hosts(memory);
	memory->knows_hosts = !status;
	return status;
}

void spk_memory_forget_hosts(spk_memory *memory)
{
	for (size_t i = 0; i < HOSTS; i++)
		spk_index_free(&memory->by_host[i]);
	memory->knows_hosts = false;
}

/* Others see the index only once it is whole. */
void spk_hosts_begin(spk_hosts *hosts, const spk_memory *memory, const char *const *needed)
{
	hosts->is_made = !memory->knows_hosts;
	for (size_t which = 0; which < HOSTS; which++) {
		size_t i = 0; /* the first of a name counts */
		while (needed[i] && !spk_ascii_equal(needed[i], host_attrs[which]))
			i++;
		hosts->numbers[which] = i;
		hosts->is_made &= needed[i] != NULL;
	}
}

bool spk_hosts_note(spk_hosts *hosts, spk_memory *memory, const spk_ldif_record *record)
{
	return !hosts->is_made || index_hosts(memory, hosts->by_host, record);
}

bool spk_hosts_note_plain(spk_hosts *hosts, spk_memory *memory, const spk_ldif_plain *record)
{
	bool ok = true;
	for (size_t i = 0; ok && hosts->is_made && i < record->n; i++) {
		const spk_ldif_glimpse *line = &record->lines[i];
		for (size_t which = 0; ok && which < HOSTS; which++) {
			if (line->which != hosts->numbers[which])
				continue;
			hosts->is_made &= !line->is_base64 && !line->is_folded;
			ok = index_host(memory, hosts->by_host, which, line->value, record->offset);
		}
	}
	return ok;
}

void spk_hosts_end(spk_hosts *hosts, spk_memory *memory, const spk_content *content)
{
	spk_content *present = spk_store_content(memory->store);
	if (hosts->is_made && present == content && memory->is_loaded && !memory->knows_hosts) {
		memcpy(memory->by_host, hosts->by_host, sizeof memory->by_host);
		memory->knows_hosts = true;
		*hosts = (spk_hosts){ .is_made = false };
	}
	for (size_t i = 0; i < HOSTS; i++)
		spk_index_free(&hosts->by_host[i]);
	spk_content_release(present);
}

spn_status spk_memory_want(spk_memory *memory, const char *attr, spn_bytes value, spk_index *wanted, bool *ret_known,
		spn_error *err)
{
	size_t i = find_indexed(attr);
	*ret_known = i != SIZE_MAX;
	if (!*ret_known)
		return SPN_OK;
	spn_status status = i < SPK_INDEXED || memory->knows_hosts ? SPN_OK : find_hosts(memory, err);
	if (status)
		return status;
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

spn_status spk_memory_find_shared(spk_memory *memory, spk_index *found, spn_error *err)
{
	spk_index *index = &memory->outline.by_value[SPK_BY_SPN];
	bool ok = spk_index_gather(index);
	if (ok)
		spk_index_sort(index); /* whoever asks for these asks for some names then */
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
	if (i == SIZE_MAX || (i >= SPK_INDEXED && !memory->knows_hosts))
		return;
	uint32_t hash = spk_hash_indexed(&memory->hasher, i, value);
	if (memory->hasher.scratch.failed ||
			!spk_index_insert(index_of(memory, i), hash, spk_records_at(&memory->outline.records, offset)))
		memory->is_loaded = false;
}

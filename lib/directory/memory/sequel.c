/* SPDX-License-Identifier: MIT */
/* ldifde writes the first 1,500 values of an attribute with the entry, and the others in change records ("changetype:
 * modify", "add: member") below it.  The entry has them all. */
#include <string.h>

#include "memory.h"
#include "base/error.h"
#include "model/dn.h"

/* Reads a change record by itself. */
static spn_status read_sequel(
		spk_view *view, const spk_sequel *sequel, const spk_ldif_record **ret_record, spn_error *err)
{
	const spk_ldif_record *record = NULL;
	spk_ldif_seek(view->reader, sequel->offset, sequel->line);
	spn_status status = spk_ldif_next(view->reader, &record, err);
	if (!status && !record)
		return spn_fail(err, SPN_ERR_FAILED, 0, "the LDIF file has been changed while it was read");
	*ret_record = record;
	return status;
}

/* The entry next above that a change record is about: its number. */
static spn_status find_owner(spk_memory *memory, spk_view *others, const spk_ldif_record *record, bool *ret_found,
		uint32_t *ret_number, spn_error *err)
{
	uint32_t hash;
	SPK_AUTOINDEX spk_index found = { 0 };
	bool is_dn = spk_hash_dn(&memory->hasher, record->dn, &hash);
	if (memory->hasher.scratch.failed || (is_dn && !spk_index_find(&memory->outline.by_dn, hash, &found)))
		return spk_nomem(err);
	*ret_found = false;
	for (size_t i = 0; i < found.n; i++) {
		const spk_ldif_record *entry = NULL;
		size_t offset = memory->outline.records.offsets[spk_place_record(found.places[i])];
		bool is_nearer = offset < record->offset && (!*ret_found || spk_place_record(found.places[i]) > *ret_number);
		spn_status status = is_nearer ? spk_view_at(others, offset, &entry, err) : SPN_OK;
		if (status)
			return status;
		if (entry && spk_dn_equal(entry->dn, record->dn)) {
			*ret_found = true;
			*ret_number = spk_place_record(found.places[i]);
		}
	}
	return SPN_OK;
}

static spn_status index_values(spk_memory *memory, const spk_ldif_record *record, uint32_t owner, spn_error *err)
{
	if (!spk_index_add(&memory->outline.groups, 0, owner)) /* its members may be here alone */
		return spk_nomem(err);
	for (size_t i = 0; i < record->n_lines; i++)
		for (size_t which = 0; which < SPK_INDEXED; which++) {
			if (!spk_line_is(&record->lines[i], spk_indexed[which]))
				continue;
			uint32_t hash = spk_hash_indexed(&memory->hasher, which, record->lines[i].value);
			if (memory->hasher.scratch.failed || !spk_index_add(&memory->outline.by_value[which], hash, owner))
				return spk_nomem(err);
			if (which == SPK_BY_SPN)
				memory->outline.names.list[owner] += spk_hash_last(&memory->hasher);
		}
	return SPN_OK;
}

static spn_status join(spk_memory *memory, spk_view *view, spk_view *others, spk_sequel *sequel, spn_error *err)
{
	const spk_ldif_record *record = NULL;
	uint32_t owner = 0;
	bool found = false;
	spn_status status = read_sequel(view, sequel, &record, err);
	if (!status)
		status = find_owner(memory, others, record, &found, &owner, err);
	bool only_adds = found && spk_ascii_equal(record->changetype, "modify");
	for (size_t i = 0; only_adds && i < record->n_lines; i++) {
		const char *attr = record->lines[i].attr;
		only_adds = !spk_ascii_equal(attr, "delete") && !spk_ascii_equal(attr, "replace");
	}
	if (!status && !only_adds)
		return spk_ldif_fail(view->reader, sequel->line, 0, err,
				"a change record: this is a plan to be applied to a directory, not a directory");
	if (status)
		return status;
	sequel->owner = memory->outline.records.offsets[owner];
	return spk_record_is_deleted(record) ? SPN_OK : index_values(memory, record, owner, err);
}

spn_status spk_memory_find_owners(spk_memory *memory, spn_error *err)
{
	spk_sequels *sequels = &memory->outline.sequels;
	SPK_AUTOVIEW spk_view view = { 0 }, others = { 0 };
	if (sequels->n == 0)
		return SPN_OK;
	spn_status status = spk_view_open(memory, &view, err);
	if (!status)
		status = spk_view_open(memory, &others, err);
	spk_sequels_free(&view.sequels); /* each is read by itself */
	spk_sequels_free(&others.sequels);
	for (size_t i = 0; !status && i < sequels->n; i++)
		status = join(memory, &view, &others, &sequels->list[i], err);
	spk_sequels_sort(sequels);
	return status;
}

/* How many edits take something away between two offsets; SIZE_MAX if one puts something there. */
static size_t count_gone(const spk_edit *edits, size_t n_edits, size_t from, size_t to)
{
	size_t n = 0;
	for (size_t i = 0; i < n_edits; i++) {
		if (edits[i].offset < from || edits[i].offset >= to)
			continue;
		if (edits[i].text.len > 0)
			return SIZE_MAX;
		n++;
	}
	return n;
}

/* One edit in the place of those between two offsets, of which there is at least one. */
static void take_away(spk_edit *edits, size_t *n_edits, size_t from, size_t to)
{
	size_t n = 0;
	bool is_done = false;
	for (size_t i = 0; i < *n_edits; i++) {
		bool inside = edits[i].offset >= from && edits[i].offset < to;
		if (inside && is_done)
			continue;
		edits[n++] = inside ? (spk_edit){ from, to - from, { "", 0 } } : edits[i];
		is_done |= inside;
	}
	*n_edits = n;
}

/* The parts of a change record, "add: member" to "-", whose values all go. */
static void tidy(const spk_ldif_record *record, spk_edit *edits, size_t *n_edits, bool *ret_gone)
{
	size_t n_values = 0, n_all = 0, n_gone = 0, from = record->offset;
	for (size_t i = 0; i < record->n_lines; i++)
		n_all += strcmp(record->lines[i].attr, "-") != 0 && !spk_ascii_equal(record->lines[i].attr, "add");
	if (n_all > 0 && count_gone(edits, *n_edits, record->offset, record->offset + record->len) == n_all) {
		take_away(edits, n_edits, record->offset, record->offset + record->len);
		*ret_gone = true;
		return;
	}
	for (size_t i = 0; i < record->n_lines; i++) {
		const spk_ldif_line *line = &record->lines[i];
		if (spk_ascii_equal(line->attr, "add")) {
			from = line->offset;
			n_values = 0;
		} else if (strcmp(line->attr, "-") != 0) {
			n_values++;
		} else {
			n_gone = count_gone(edits, *n_edits, from, line->offset + line->len);
			if (n_values > 0 && n_gone == n_values)
				take_away(edits, n_edits, from, line->offset + line->len);
		}
	}
}

spn_status spk_sequels_tidy(spk_memory *memory, spk_view *view, size_t owner, spk_edit *edits, size_t *n_edits,
		bool *ret_gone, spn_error *err)
{
	const spk_sequels *sequels = &memory->outline.sequels;
	spn_status status = SPN_OK;
	for (size_t i = spk_sequels_of(sequels, owner); !status && i < sequels->n && sequels->list[i].owner == owner; i++) {
		const spk_ldif_record *record = NULL;
		status = read_sequel(view, &sequels->list[i], &record, err);
		if (!status)
			tidy(record, edits, n_edits, ret_gone);
	}
	return status;
}

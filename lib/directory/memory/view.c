/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "base/error.h"
#include "model/dn.h"

spn_status spk_view_open(spk_memory *memory, spk_view *ret_view, spn_error *err)
{
	spk_view view = { .content = spk_store_content(memory->store) };
	spn_status status = spk_content_reader(view.content, spk_store_name(memory->store), &view.reader, err);
	if (!status && !spk_sequels_copy(&memory->outline.sequels, &view.sequels))
		status = spk_nomem(err);
	if (status) {
		spk_view_close(&view);
		return status;
	}
	spk_ldif_of_export(view.reader);
	*ret_view = view;
	return SPN_OK;
}

void spk_view_close(spk_view *view)
{
	spk_ldif_reader_free(view->reader);
	spk_content_release(view->content);
	spk_sequels_free(&view->sequels);
	*view = (spk_view){ 0 };
}

spn_status spk_view_complete(spk_view *view, const spk_ldif_record *record, spn_error *err)
{
	spn_status status = SPN_OK;
	size_t first = spk_sequels_of(&view->sequels, record->offset), i = first;
	for (; !status && i < view->sequels.n && view->sequels.list[i].owner == record->offset; i++)
		status = spk_ldif_append(view->reader, view->sequels.list[i].offset, err);
	return status || i == first ? status : spk_ldif_appended(view->reader, err);
}

spn_status spk_view_fail(spn_status status, spn_error *err)
{
	if (status == SPN_ERR_SYNTAX)
		return spn_fail(err, SPN_ERR_FAILED, 0, "the LDIF file has been changed while it was read");
	return spn_fail(err, status, 0, status == SPN_ERR_NOMEM ? "out of memory" : "the LDIF file cannot be read");
}

spn_status spk_view_at(spk_view *view, size_t offset, const spk_ldif_record **ret_record, spn_error *err)
{
	const spk_ldif_record *record = NULL;
	spk_ldif_seek(view->reader, offset, 1);
	spn_status status = spk_ldif_next(view->reader, &record, NULL);
	if (!status && record)
		status = spk_view_complete(view, record, NULL);
	if (status || !record)
		return spk_view_fail(status ? status : SPN_ERR_SYNTAX, err);
	*ret_record = record;
	return SPN_OK;
}

spn_status spk_view_find(spk_view *view, spk_memory *memory, const char *dn, const spk_ldif_record **ret_record,
		spn_error *err)
{
	uint32_t hash;
	SPK_AUTOINDEX spk_index found = { 0 };
	bool is_dn = spk_hash_dn(&memory->hasher, dn, &hash);
	if (memory->hasher.scratch.failed || (is_dn && !spk_index_find(&memory->outline.by_dn, hash, &found)))
		return spk_nomem(err);
	for (size_t i = 0; i < found.n; i++) {
		const spk_ldif_record *record = NULL;
		spn_status status = spk_view_at(
				view, memory->outline.records.offsets[spk_place_record(found.places[i])], &record, err);
		if (status)
			return status;
		if (spk_dn_equal(record->dn, dn) && !spk_record_is_deleted(record)) {
			*ret_record = record;
			return SPN_OK;
		}
	}
	*ret_record = NULL;
	return SPN_OK;
}

bool spk_line_is(const spk_ldif_line *line, const char *attr)
{
	/* mostly they differ at once, and this is asked of each line of millions */
	return spk_ascii_lower(*line->attr) == spk_ascii_lower(*attr) && spk_ldif_is_of(line->attr, attr);
}

bool spk_record_has(const spk_ldif_record *record, const char *attr, const char *word)
{
	const char *other = NULL; /* values of an attribute stand together, and share its name then */
	for (size_t i = 0; i < record->n_lines; i++) {
		const spk_ldif_line *line = &record->lines[i];
		if (line->attr == other)
			continue;
		if (!spk_line_is(line, attr))
			other = line->attr;
		else if (spk_ascii_equal(line->value.data, word))
			return true;
	}
	return false;
}

/* "attr;range=FROM-TO"; to is ULONG_MAX for "*". */
struct range {
	unsigned long from, to;
};

static bool read_range(const char *text, struct range *ret_range)
{
	char *end;
	const char *range = spk_ldif_range(text);
	if (!range)
		return false;
	ret_range->from = strtoul(range + strlen(";range="), &end, 10);
	ret_range->to = end[0] == '-' && end[1] != '*' ? strtoul(end + 1, NULL, 10) : ULONG_MAX;
	return *end == '-';
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *left = a, *right = b;
	return left->from != right->from ? (left->from > right->from) - (left->from < right->from) : (left->to > right->to) -
			(left->to < right->to);
}

/* Whether sorted ranges go from 0 to * without a gap. */
static bool are_whole(const struct range *ranges, size_t n)
{
	unsigned long next = 0;
	for (size_t i = 0; i < n && ranges[i].from <= next; i++) {
		if (ranges[i].to == ULONG_MAX)
			return true;
		if (ranges[i].to >= next)
			next = ranges[i].to + 1;
	}
	return false;
}

spn_status spk_record_is_ranged(const spk_ldif_record *record, const char *attr, bool *ret_ranged, spn_error *err)
{
	size_t n = 0, n_ranged = 0;
	for (size_t i = 0; i < record->n_lines; i++)
		n_ranged += strchr(record->lines[i].attr, ';') && spk_line_is(&record->lines[i], attr);
	SPK_AUTOFREE struct range *ranges = n_ranged ? malloc(n_ranged * sizeof *ranges) : NULL;
	*ret_ranged = n_ranged > 0;
	if (n_ranged == 0)
		return SPN_OK;
	if (!ranges)
		return spk_nomem(err);
	for (size_t i = 0; i < record->n_lines; i++)
		if (strchr(record->lines[i].attr, ';') && spk_line_is(&record->lines[i], attr))
			n += read_range(record->lines[i].attr, &ranges[n]);
	qsort(ranges, n, sizeof *ranges, compare_ranges);
	*ret_ranged = !are_whole(ranges, n);
	return SPN_OK;
}

bool spk_line_is_unknown(const spk_ldif_line *line)
{
	return line->value.len == 0 && spk_line_is(line, spk_indexed[SPK_BY_SPN]);
}

bool spk_record_has_unknown(const spk_ldif_record *record)
{
	bool has = false;
	for (size_t i = 0; i < record->n_lines; i++)
		has |= spk_line_is_unknown(&record->lines[i]);
	return has;
}

bool spk_record_is_deleted(const spk_ldif_record *record)
{
	return spk_dn_has_mark(record->dn, "DEL:") || spk_record_has(record, "isDeleted", "TRUE");
}

/* Of an ordinary record nothing is to be found out: what its lines are is known. */
static spn_status lend_ordinary(const spk_ldif_record *record, size_t n_wanted, spn_entry *entry, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < record->n_lines; i++)
		if (record->lines[i].which < n_wanted)
			status = spk_entry_lend_value(entry, record->lines[i].attr, record->lines[i].value, err);
	return status;
}

static spn_status lend_lines(const spk_ldif_record *record, const char *const *attrs, spn_entry *entry, spn_error *err)
{
	spn_status status = SPN_OK;
	bool has_name = false, has_range = false, is_ranged = false, is_unknown = false, is_wanted = false;
	const char *last = ""; /* values of one attribute mostly stand together */
	for (size_t i = 0; !status && i < record->n_lines; i++) {
		const spk_ldif_line *line = &record->lines[i];
		if (strcmp(line->attr, last) == 0 && line->value.len > 0) {
			status = is_wanted ? spk_entry_lend_value(entry, last, line->value, err) : SPN_OK;
			continue;
		}
		const char *range = spk_ldif_range(line->attr);
		SPK_AUTOFREE char *base = NULL;
		if (range && range == strchr(line->attr, ';') && !(base = strndup(line->attr, (size_t)(range - line->attr))))
			return spk_nomem(err);
		const char *attr = base ? base : line->attr;
		has_range |= base != NULL;
		has_name |= spk_ascii_equal(attr, "distinguishedName");
		is_wanted = spk_attr_wanted(attrs, attr);
		last = base ? "" : line->attr;
		if (spk_line_is_unknown(line))
			is_unknown = true;
		else if (is_wanted)
			status = base ? spn_entry_add(entry, attr, line->value, err) :
					spk_entry_lend_value(entry, attr, line->value, err);
	}
	for (size_t i = 0; is_unknown && i < record->n_lines; i++) /* an empty value next to others does not count */
		is_unknown = record->lines[i].value.len == 0 || !spk_line_is(&record->lines[i], spk_indexed[SPK_BY_SPN]);
	if (!status && is_unknown)
		spk_entry_set_lacks_names(entry);
	if (!status && has_range)
		status = spk_record_is_ranged(record, spk_indexed[SPK_BY_SPN], &is_ranged, err);
	if (!status && is_ranged)
		spk_entry_set_lacks_names(entry);
	if (!status && !has_name && spk_attr_wanted(attrs, "distinguishedName"))
		status = spk_entry_lend_value(entry, "distinguishedName", spk_bytes(record->dn), err);
	return status;
}

spn_status spk_record_lend(const spk_ldif_record *record, const char *const *attrs, size_t n_first, spn_entry *entry,
		spn_error *err)
{
	spk_entry_lend(entry, record->dn);
	return record->is_ordinary && n_first > 0 ? lend_ordinary(record, n_first, entry, err)
			: lend_lines(record, attrs, entry, err);
}

spn_status spk_record_entry(const spk_ldif_record *record, const char *const *attrs, spn_entry **ret_entry,
		spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	spn_status status = spn_entry_new(record->dn, &entry, err);
	if (!status)
		status = spk_record_lend(record, attrs, 0, entry, err);
	return status ? status : spk_entry_copy(entry, ret_entry, err);
}

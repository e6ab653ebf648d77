/* SPDX-License-Identifier: MIT */
/* An entry that occurs twice, in exports that were put together, would look like two accounts that hold the same names.
 * Word for word the same, it is read once; two versions of it are refused, for nobody knows which of them is true. */
#include <string.h>

#include "memory.h"
#include "base/error.h"
#include "model/dn.h"

static bool is_same(const spk_ldif_record *a, const spk_ldif_record *b)
{
	bool is = a->n_lines == b->n_lines;
	for (size_t i = 0; is && i < a->n_lines; i++) {
		const spn_bytes *value = &a->lines[i].value, *other = &b->lines[i].value;
		is = spk_ascii_equal(a->lines[i].attr, b->lines[i].attr) && value->len == other->len &&
				memcmp(value->data, other->data, value->len) == 0;
	}
	return is;
}

/* The line in which the record at an offset begins: only an error needs it. */
static spn_status find_line(spk_view *view, size_t offset, size_t *ret_line, spn_error *err)
{
	const spk_ldif_record *record = NULL;
	spk_ldif_seek(view->reader, 0, 1);
	spn_status status = SPN_OK;
	do
		status = spk_ldif_next(view->reader, &record, err);
	while (!status && record && record->offset < offset);
	*ret_line = !status && record ? record->line : 0;
	return status;
}

static spn_status refuse(
		const spk_memory *memory, spk_view *view, const char *dn, size_t first, size_t second, spn_error *err)
{
	size_t lines[2] = { 0 };
	const char *name = spk_store_name(memory->store);
	if (!spk_store_is_ldif(memory->store)) /* its lines are not those of the file */
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s' holds two versions of '%s': remove the older one, or export again", name, dn);
	spn_status status = find_line(view, first, &lines[0], err);
	if (!status)
		status = find_line(view, second, &lines[1], err);
	return status ? status :
			spn_fail(err, SPN_ERR_SYNTAX, 0,
					"'%s' holds two versions of '%s', in line %zu and line %zu: remove the older "
					"one, or export again",
					name, dn, lines[0], lines[1]);
}

static bool note_double(spk_memory *memory, size_t offset)
{
	if (memory->n_doubles % 64 == 0) {
		size_t *grown = realloc(memory->doubles, (memory->n_doubles + 64) * sizeof *grown);
		if (!grown)
			return false;
		memory->doubles = grown;
	}
	memory->doubles[memory->n_doubles++] = offset;
	return true;
}

/* Two views, for both records are looked at at once. */
struct pair {
	spk_view first, second;
};

/* Looks at two records of which the DNs have one hash, in the order of the text. */
static spn_status compare(
		spk_memory *memory, struct pair *pair, uint64_t a, uint64_t b, bool *ret_equal, spn_error *err)
{
	const spk_ldif_record *first = NULL, *second = NULL;
	const size_t *offsets = memory->outline.records.offsets;
	size_t at = offsets[spk_place_record(a)], then = offsets[spk_place_record(b)];
	spn_status status = spk_view_at(&pair->first, at, &first, err);
	if (!status)
		status = spk_view_at(&pair->second, then, &second, err);
	if (status)
		return status;
	*ret_equal = spk_dn_equal(first->dn, second->dn);
	if (!*ret_equal)
		return SPN_OK;
	if (is_same(first, second))
		return note_double(memory, then) ? SPN_OK : spk_nomem(err);
	SPK_AUTOFREE char *dn = strdup(first->dn);
	return dn ? refuse(memory, &pair->first, dn, at, then, err) : spk_nomem(err);
}

static int compare_offsets(const void *a, const void *b)
{
	const size_t *one = a, *other = b;
	return *one < *other ? -1 : *one > *other;
}

spn_status spk_memory_find_doubles(spk_memory *memory, spn_error *err)
{
	SPK_AUTOINDEX spk_index twice = { 0 };
	struct pair pair = { 0 };
	spn_status status = spk_index_find_twice(&memory->outline.by_dn, &twice) ? SPN_OK : spk_nomem(err);
	if (!status && twice.n > 0)
		status = spk_view_open(memory, &pair.first, err);
	if (!status && twice.n > 0)
		status = spk_view_open(memory, &pair.second, err);
	for (size_t from = 0, i = 0; !status && i < twice.n; i++) {
		bool is_equal = false;
		if (spk_place_hash(twice.places[i]) != spk_place_hash(twice.places[from]))
			from = i;
		for (size_t j = from; !status && !is_equal && j < i; j++)
			status = compare(memory, &pair, twice.places[j], twice.places[i], &is_equal, err);
	}
	if (memory->n_doubles > 0)
		qsort(memory->doubles, memory->n_doubles, sizeof *memory->doubles, compare_offsets);
	spk_view_close(&pair.first);
	spk_view_close(&pair.second);
	return status;
}

bool spk_memory_is_double(const spk_memory *memory, size_t offset)
{
	return memory->n_doubles > 0 && bsearch(&offset, memory->doubles, memory->n_doubles, sizeof offset, compare_offsets);
}

spn_status spk_memory_check_doubles(const spk_memory *memory, spn_error *err)
{
	return memory->n_doubles == 0 ? SPN_OK :
					spn_fail(err, SPN_ERR_REFUSED, 0,
							"'%s' holds %zu cop%s of entries, word for word, so it is "
							"not changed: remove them first",
							spk_store_name(memory->store), memory->n_doubles,
							memory->n_doubles == 1 ? "y" : "ies");
}

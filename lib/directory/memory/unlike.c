/* SPDX-License-Identifier: MIT */
/* What two texts do not have in common, told from what is known of them since they were read: of a million accounts,
 * only those that differ are read again. */
#include "memory.h"
#include "base/error.h"

/* Records of one text whose DNs have one hash. */
struct run {
	spk_memory *memory;
	const uint64_t *places;
	size_t n;
};

static struct run run_at(spk_memory *memory, size_t from)
{
	const spk_index *index = &memory->outline.by_dn;
	struct run run = { memory, index->places + from, 0 };
	while (from + run.n < index->n && spk_place_hash(run.places[run.n]) == spk_place_hash(run.places[0]))
		run.n++;
	return run;
}

/* What stands for the names of a record; 0: it has none, or is a copy of another record. */
static uint32_t names_at(const struct run *run, size_t i)
{
	const spk_outline *outline = &run->memory->outline;
	uint32_t record = spk_place_record(run->places[i]);
	return run->n > 1 && spk_memory_is_double(run->memory, outline->records.offsets[record]) ?
			0 :
			outline->names.list[record];
}

static size_t count(const struct run *run, uint32_t names)
{
	size_t n = 0;
	for (size_t i = 0; i < run->n; i++)
		n += names_at(run, i) == names;
	return n;
}

/* Whether a run has a record with names that the other one does not have as often.  But for copies, which hold nothing
 * here, a run is of one record, unless two hashes of 32 bits are equal. */
static bool has_more(const struct run *run, const struct run *other)
{
	for (size_t i = 0; i < run->n; i++) {
		uint32_t names = names_at(run, i);
		if (names && (run->n == 1 ? count(other, names) == 0 : count(run, names) > count(other, names)))
			return true;
	}
	return false;
}

static bool add_run(const struct run *run, spk_index *found)
{
	bool ok = true;
	for (size_t i = 0; ok && i < run->n; i++)
		ok = spk_index_add(found, 0, spk_place_record(run->places[i]));
	return ok;
}

static spn_status prepare(spk_memory *memory, spn_error *err)
{
	spn_status status = memory->is_changed ? spk_memory_load(memory, err) : spk_memory_refresh(memory, err);
	if (!status && !spk_index_gather(&memory->outline.by_dn))
		status = spk_nomem(err);
	if (!status)
		spk_index_sort(&memory->outline.by_dn);
	return status;
}

spn_status spk_memory_find_unlike(
		spk_memory *a, spk_memory *b, spk_index *ret_in_a, spk_index *ret_in_b, bool *ret_known, spn_error *err)
{
	spn_status status = prepare(a, err);
	if (!status)
		status = prepare(b, err);
	*ret_known = a->hasher.folding == b->hasher.folding;
	if (status || !*ret_known)
		return status;
	const spk_index *in_a = &a->outline.by_dn, *in_b = &b->outline.by_dn;
	bool ok = true;
	for (size_t i = 0, j = 0; ok && (i < in_a->n || j < in_b->n);) {
		struct run one = run_at(a, i), other = run_at(b, j);
		uint32_t hash = one.n ? spk_place_hash(one.places[0]) : UINT32_MAX;
		uint32_t other_hash = other.n ? spk_place_hash(other.places[0]) : UINT32_MAX;
		if (other.n && (hash > other_hash || !one.n))
			one.n = 0;
		else if (one.n && hash < other_hash)
			other.n = 0;
		if (has_more(&one, &other) || has_more(&other, &one))
			ok = add_run(&one, ret_in_a) && add_run(&other, ret_in_b);
		i += one.n;
		j += other.n;
	}
	return ok ? SPN_OK : spk_nomem(err);
}

/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "base/error.h"
#include "base/hash.h"
#include "model/dn.h"

static void forget(spk_memory *memory)
{
	memory->is_loaded = false;
	spk_outline_free(&memory->outline);
	free(memory->domain);
	free(memory->config);
	free(memory->other_domain);
	memory->domain = memory->config = memory->other_domain = NULL;
	spk_domains_free(&memory->domains);
	free(memory->doubles);
	memory->doubles = NULL;
	memory->n_doubles = 0;
	memory->is_changed = false;
	memory->gaps = (spk_gaps){ 0 };
}

spn_status spk_memory_new(
		spk_store *store, spn_dialect rules, const char *domain, spk_memory **ret_memory, spn_error *err)
{
	spk_memory *memory = calloc(1, sizeof *memory);
	if (memory && domain)
		memory->wanted = strdup(domain);
	if (!memory || (domain && !memory->wanted)) {
		free(memory);
		spk_store_free(store);
		return spk_nomem(err);
	}
	memory->store = store;
	memory->rules = rules;
	memory->hasher.folding = rules == SPN_DIALECT_SAMBA ? SPK_FOLD_SAMBA : SPK_FOLD_WINDOWS;
	memory->hasher.seed = spk_hash_process_seed();
	spn_status status = spk_memory_load(memory, err);
	if (status) {
		spk_memory_free(memory);
		return status;
	}
	*ret_memory = memory;
	return SPN_OK;
}

void spk_memory_free(void *self)
{
	spk_memory *memory = self;
	if (!memory)
		return;
	forget(memory);
	free(memory->wanted);
	spk_store_free(memory->store);
	spk_text_free(&memory->hasher.scratch);
	free(memory);
}

static spn_status fail_without_entries(const spk_memory *memory, spn_error *err)
{
	const char *why = ": there are only comments or empty lines, as of a search that found nothing";
	if (spk_store_losses(memory->store)->unnamed)
		why = ": no record of it has a distinguished name";
	else if (spk_store_losses(memory->store)->passed)
		why = ": accounts are read in lists of JSON called data, value, entries, users or computers";
	else if (!spk_store_is_ldif(memory->store))
		why = ": no record is in it";
	else if (memory->gaps.n_deleted)
		why = ": there are only deleted objects";
	else if (spk_store_is_empty(memory->store))
		why = ": it is empty";
	return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' holds no entry%s", spk_store_name(memory->store), why);
}

spn_status spk_memory_load(spk_memory *memory, spn_error *err)
{
	forget(memory);
	spn_status status = spk_memory_read(memory, err);
	if (!status && memory->outline.records.n == memory->gaps.n_deleted && memory->outline.sequels.n == 0)
		status = fail_without_entries(memory, err);
	if (!status)
		status = spk_memory_choose_domain(memory, err);
	if (!status)
		status = spk_memory_find_owners(memory, err);
	if (!status)
		status = spk_memory_find_doubles(memory, err);
	memory->is_loaded = !status;
	return status;
}

/* Whether the records are the first of those that there were. */
static bool is_beginning(const spk_records *records, const spk_records *before)
{
	return records->n <= before->n &&
			memcmp(records->offsets, before->offsets, records->n * sizeof *records->offsets) == 0;
}

spn_status spk_memory_load_shorter(spk_memory *memory, spn_error *err)
{
	bool was_loaded = memory->is_loaded;
	spk_records before = memory->outline.records;
	memory->outline.records = (spk_records){ 0 };
	spn_status status = spk_memory_load(memory, err);
	if (!status && was_loaded && is_beginning(&memory->outline.records, &before)) {
		memory->is_loaded = false;
		status = spn_fail(err, SPN_ERR_FAILED, 0,
				"'%s' has become shorter while it was read: somebody may be writing it anew; try again",
				spk_store_name(memory->store));
	}
	spk_records_free(&before);
	return status;
}

spn_status spk_memory_refresh(spk_memory *memory, spn_error *err)
{
	bool changed, shorter;
	spn_status status = spk_store_refresh(memory->store, &changed, &shorter, err);
	if (status || (!changed && memory->is_loaded))
		return status;
	return shorter ? spk_memory_load_shorter(memory, err) : spk_memory_load(memory, err);
}

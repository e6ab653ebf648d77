/* SPDX-License-Identifier: MIT */
/* Questions that the index of a file answers, and no search could ask. */
#include "memory.h"
#include "base/error.h"
#include "directory/directory.h"

/* Uses up found. */
static spn_status search(spn_directory *dir, spk_memory *memory, const spn_filter *filter, const char *const *attrs,
		spk_index *found, spn_entry_fn *fn, void *data, spn_error *err)
{
	spn_search whole = { .scope = SPN_SCOPE_SUBTREE, .filter = filter, .attrs = attrs };
	spk_marked marked = { fn, data, memory->hasher.folding };
	spn_status status = spn_directory_base(dir, &whole.base, err);
	return status ? status : spk_memory_search_records(memory, &whole, found, spk_mark_entry, &marked, err);
}

spn_status spk_directory_search_unlike(spn_directory *const dirs[2], const char *const *attrs, spn_entry_fn *fn,
		void *const data[2], bool *ret_known, spn_error *err)
{
	spk_index found[2] = { { 0 }, { 0 } };
	spk_memory *memories[2];
	*ret_known = true;
	for (size_t i = 0; i < 2; i++) {
		memories[i] = spk_directory_self(dirs[i], &spk_memory_backend);
		*ret_known &= memories[i] != NULL;
	}
	if (!*ret_known)
		return SPN_OK;
	spn_status status = spk_memory_find_unlike(memories[0], memories[1], &found[0], &found[1], ret_known, err);
	for (size_t i = 0; !status && *ret_known && i < 2; i++)
		status = search(dirs[i], memories[i], NULL, attrs, &found[i], fn, data[i], err);
	spk_index_free(&found[0]);
	spk_index_free(&found[1]);
	return status;
}

spn_status spk_directory_search_hosts(spn_directory *dir, const char *const *names, size_t n, const char *const *attrs,
		spn_entry_fn *fn, void *data, spn_error *err)
{
	spk_index wanted = { 0 }, found = { 0 };
	const spn_filter filter = { .op = SPN_FILTER_PRESENT, .attr = "servicePrincipalName" };
	spk_memory *memory = spk_directory_self(dir, &spk_memory_backend);
	bool is_known = true;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++)
		status = spk_memory_want(memory, filter.attr, spk_bytes(names[i]), &wanted, &is_known, err);
	if (!status)
		status = spk_memory_find(memory, &wanted, &found, err);
	if (!status)
		status = search(dir, memory, &filter, attrs, &found, fn, data, err);
	spk_index_free(&wanted);
	spk_index_free(&found);
	return status;
}

bool spk_directory_may_name_upns(const spn_directory *dir)
{
	const spk_memory *memory = spk_directory_self(dir, &spk_memory_backend);
	return !memory || memory->is_changed || memory->gaps.n_named_upns > 0;
}

/* A callback may search for something else meanwhile. */
spn_status spk_directory_search_past(spn_directory *dir, const spn_search *search, const spk_passer *passer,
		spn_entry_fn *fn, void *data, spn_error *err)
{
	spk_memory *memory = spk_directory_self(dir, &spk_memory_backend);
	if (memory) {
		memory->passer = passer;
		memory->passed_filter = search->filter;
	}
	spn_status status = spn_directory_search(dir, search, fn, data, err);
	if (memory)
		memory->passer = NULL;
	return status;
}

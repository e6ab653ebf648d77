/* SPDX-License-Identifier: MIT */
#include "index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "base/error.h"
#include "model/dn.h"

/* SIZE_MAX stands for none. */
struct spk_plan_ends {
	size_t first, last;
};

struct spk_plan_links {
	size_t dn, before, behind;
};

static void unlist(spk_plan_index *index)
{
	for (size_t f = 0; f < SPK_FOLDINGS; f++) {
		spk_roll_free(&index->names[f]);
		index->is_listed[f] = false;
	}
}

/* Room for step i, and for a DN more. */
static bool make_room(spk_plan_index *index, size_t i)
{
	if (i >= index->size) {
		size_t size = index->size ? 2 * index->size : 16;
		struct spk_plan_links *links = realloc(index->links, size * sizeof *links);
		if (!links)
			return false;
		index->links = links;
		index->size = size;
	}
	if (index->dns.n >= index->n_ends) {
		size_t n = index->n_ends ? 2 * index->n_ends : 16;
		struct spk_plan_ends *ends = realloc(index->ends, n * sizeof *ends);
		if (!ends)
			return false;
		for (size_t k = index->n_ends; k < n; k++)
			ends[k] = (struct spk_plan_ends){ SIZE_MAX, SIZE_MAX };
		index->ends = ends;
		index->n_ends = n;
	}
	return true;
}

static void link_step(spk_plan_index *index, size_t i, size_t dn)
{
	struct spk_plan_ends *ends = &index->ends[dn];
	index->links[i] = (struct spk_plan_links){ dn, ends->last, SIZE_MAX };
	if (ends->last == SIZE_MAX)
		ends->first = i;
	else
		index->links[ends->last].behind = i;
	ends->last = i;
}

static size_t find_dn(const spk_plan_index *index, const char *dn, bool *ret_failed)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	*ret_failed = !spk_dn_key_or_text(dn, &key);
	return *ret_failed ? SIZE_MAX : spk_keys_find(&index->dns, (spn_bytes){ key.data, key.len });
}

spn_status spk_plan_index_list(
		spk_plan_index *index, spk_folding folding, const spn_step *step, size_t i, spn_error *err)
{
	spk_roll *names = &index->names[folding];
	spn_status status = SPN_OK;
	names->folding = folding;
	index->is_listed[folding] = true;
	for (size_t j = 0; !status && j < step->n_mods; j++)
		if (step->mods[j].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[j]))
			status = spk_roll_add(names, i, step->mods[j].value, err);
	if (status) /* nothing is lent by a step that is not there */
		unlist(index);
	return status;
}

spn_status spk_plan_index_add(spk_plan_index *index, const spn_step *step, size_t i, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	spn_status status = SPN_OK;
	if (!spk_dn_key_or_text(step->dn, &key) || !make_room(index, i))
		return spk_nomem(err);
	size_t dn = spk_keys_add(&index->dns, (spn_bytes){ key.data, key.len });
	if (dn == SIZE_MAX)
		return spk_nomem(err);
	for (size_t f = 0; !status && f < SPK_FOLDINGS; f++)
		if (index->is_listed[f])
			status = spk_plan_index_list(index, (spk_folding)f, step, i, err);
	if (!status)
		link_step(index, i, dn);
	return status;
}

void spk_plan_index_drop(spk_plan_index *index, size_t i)
{
	const struct spk_plan_links *links = &index->links[i];
	struct spk_plan_ends *ends = &index->ends[links->dn];
	unlist(index);
	ends->last = links->before;
	if (links->before == SIZE_MAX)
		ends->first = SIZE_MAX;
	else
		index->links[links->before].behind = SIZE_MAX;
}

void spk_plan_index_remove(spk_plan_index *index, size_t i, size_t n)
{
	unlist(index);
	memmove(&index->links[i], &index->links[i + 1], (n - i - 1) * sizeof *index->links);
	for (size_t k = 0; k < index->n_ends; k++)
		index->ends[k] = (struct spk_plan_ends){ SIZE_MAX, SIZE_MAX };
	for (size_t k = 0; k + 1 < n; k++)
		link_step(index, k, index->links[k].dn);
}

bool spk_plan_index_first(const spk_plan_index *index, const char *dn, size_t *ret_i)
{
	bool failed;
	size_t at = find_dn(index, dn, &failed);
	*ret_i = at == SIZE_MAX ? SIZE_MAX : index->ends[at].first;
	return !failed;
}

size_t spk_plan_index_next(const spk_plan_index *index, size_t i)
{
	return index->links[i].behind;
}

void spk_plan_index_free(spk_plan_index *index)
{
	unlist(index);
	spk_keys_free(&index->dns);
	free(index->ends);
	free(index->links);
	*index = (spk_plan_index){ .n_ends = 0 };
}

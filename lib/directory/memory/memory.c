/* SPDX-License-Identifier: MIT */
#include "memory.h"

static bool progress(const void *self, size_t *ret_done, size_t *ret_total)
{
	const spk_memory *memory = self;
	*ret_done = memory->done;
	*ret_total = memory->total;
	return memory->total > 0;
}

static size_t domains(const void *self, bool *ret_is_chosen)
{
	const spk_memory *memory = self;
	*ret_is_chosen = memory->is_chosen;
	return memory->domains.n;
}

const spn_backend spk_memory_backend = {
	.version = SPN_BACKEND_VERSION,
	.name = "memory",
	.search = spk_memory_search,
	.modify = spk_memory_modify,
	.root = spk_memory_root,
	.free = spk_memory_free,
	.notes = spk_memory_notes,
	.flags = SPN_BACKEND_FILE,
	.progress = progress,
	.search_shared = spk_memory_search_shared,
	.foresee = spk_memory_try,
	.domains = domains,
};

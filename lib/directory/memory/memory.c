/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <string.h>

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

static bool is_same(const char *own, const char *kept)
{
	if (strncmp(kept, "ldif:", 5) != 0)
		return false;
	SPK_AUTOFREE char *real = kept[5] == '/' ? realpath(kept + 5, NULL) : NULL; /* of a journal of old, by way of links */
	return strcmp(own, kept) == 0 || (real && strcmp(own + 5, real) == 0);
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
	.is_same = is_same,
};

/* SPDX-License-Identifier: MIT */
#include "memory.h"

const spn_backend spk_memory_backend = {
	.version = SPN_BACKEND_VERSION,
	.name = "memory",
	.search = spk_memory_search,
	.modify = spk_memory_modify,
	.root = spk_memory_root,
	.free = spk_memory_free,
	.notes = spk_memory_notes,
};

/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <stdio.h>

/* Delivers a note about something that occurs so often; the format begins with "%zu", the plural follows it. */
static void deliver(spn_note_fn *fn, void *data, const char *code, size_t count, const char *one, const char *many)
{
	char text[SPN_MESSAGE_SIZE];
	if (count == 0)
		return;
	snprintf(text, sizeof text, "%zu %s", count, count == 1 ? one : many);
	fn(&(spn_note){ code, count, text }, data);
}

void spk_memory_notes(const void *self, spn_note_fn *fn, void *data)
{
	const spk_memory *memory = self;
	const spk_gaps *gaps = &memory->gaps;
	deliver(fn, data, "deleted", gaps->n_deleted, "deleted object (isDeleted: TRUE) was ignored",
			"deleted objects (isDeleted: TRUE) were ignored");
	const spk_export_losses *losses = spk_store_losses(memory->store);
	deliver(fn, data, "not-exported", losses->values,
			"list is only the name of a type, as Export-Csv writes it: its values are unknown; export them joined by ';'",
			"lists are only the name of a type, as Export-Csv writes it: their values are unknown; export them joined by ';'");
	deliver(fn, data, "no-dn", losses->unnamed, "record without a distinguished name was ignored",
			"records without a distinguished name were ignored");
}

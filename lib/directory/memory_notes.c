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
}

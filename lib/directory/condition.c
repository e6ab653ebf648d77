/* SPDX-License-Identifier: MIT */
/* condition.c - what the notes of a directory say about verdicts on names */
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#include <spnkit/directory.h>

/* The conditions so far, and the codes of those that do not matter. */
struct conditions {
	const char *const *but;
	spk_text text;
};

static void add(const spn_note *note, void *data)
{
	struct conditions *conditions = data;
	for (const char *const *code = conditions->but; code && *code; code++)
		if (strcmp(note->code, *code) == 0)
			return;
	if (note->condition)
		spk_text_add(&conditions->text, "%s%s", conditions->text.len ? ", and " : "", note->condition);
}

spn_status spn_directory_condition(const spn_directory *dir, const char *const *but, char **ret_text, spn_error *err)
{
	struct conditions conditions = { .but = but };
	if (!dir || !ret_text)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_directory_condition: an argument is NULL");
	spn_directory_notes(dir, add, &conditions);
	if (conditions.text.failed) {
		spk_text_free(&conditions.text);
		return spk_nomem(err);
	}
	*ret_text = conditions.text.data; /* NULL if nothing was added */
	return SPN_OK;
}

/* SPDX-License-Identifier: MIT */
/* condition.c - what the notes of a directory say about verdicts on names */
#include "directory.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

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

/* Groups and other records without names are not missed: then the note has no condition.  One about the end of the file
 * never has one. */
static void note_lack(const spn_note *note, void *data)
{
	static const char *const codes[] = { "no-names", "cut-off", "cut-line", "unknown-names", "not-exported", "no-dn",
		"unread-list", "unread-names" };
	spk_text *lack = data;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (!lack->len && strcmp(note->code, codes[i]) == 0 && (note->condition || strcmp(note->code, "cut-line") == 0))
			spk_text_add(lack, "%s", note->text);
}

void spk_directory_lack(const spn_directory *dir, spk_text *out)
{
	spn_directory_notes(dir, note_lack, out);
}

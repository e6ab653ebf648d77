/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/error.h"
#include "journal.h"
#include "model/fold.h"
#include "plan_ldif.h"

#define NOTE "\n# " SPK_JOURNAL_NOTE SPK_SPN ": "

void spk_journal_unload(struct spk_journal *journal)
{
	spn_plan_free(journal->inverses);
}

static bool ends_with(const spk_text *text, const char *end)
{
	size_t len = strlen(end);
	return text->len >= len && memcmp(text->data + text->len - len, end, len) == 0;
}

/* Up to the empty line behind the last record that is whole. */
static size_t whole_length(const spk_text *text)
{
	size_t len = text->len;
	while (len > 2 && memcmp(text->data + len - 2, "\n\n", 2) != 0)
		len--;
	return len;
}

static spn_status read_records(spn_bytes text, const char *path, spn_plan *plan, spn_error *err)
{
	SPK_AUTOLDIF spk_ldif_reader *reader = NULL;
	const spk_ldif_record *record = NULL;
	spn_status status = spk_ldif_read_text(path, text, &reader, err);
	while (!status && !(status = spk_ldif_next(reader, &record, err)) && record)
		status = spk_step_read(reader, record, plan, err);
	return status;
}

spn_status spk_journal_load(const spk_text *text, const char *path, struct spk_journal *ret_journal, spn_error *err)
{
	SPK_AUTO(spn_plan) *inverses = NULL;
	spn_status status = spn_plan_new(&inverses, err);
	if (status)
		return status;
	bool torn = !ends_with(text, "# " SPK_JOURNAL_END "\n") && !ends_with(text, "# " SPK_JOURNAL_END "\r\n");
	size_t len = torn ? whole_length(text) : text->len;
	status = read_records((spn_bytes){ text->data, len }, path, inverses, err);
	if (!status && torn && spn_plan_count(inverses) == 0)
		status = spn_fail(err, SPN_ERR_SYNTAX, 0, "the journal '%s' is cut off before its first change: "
				"no more can be done with it than read the lines that are left", path);
	if (status)
		return status;
	*ret_journal = (struct spk_journal){ text->data, inverses, torn };
	inverses = NULL;
	return SPN_OK;
}

/* Its notes are comments, in which what a terminal would obey or hide is '?'. */
bool spk_journal_knows(const struct spk_journal *journal, spn_bytes given)
{
	SPK_AUTOTEXT spk_text name = { 0 };
	spk_text_add_bytes(&name, given.data, given.len);
	if (name.failed)
		return true; /* which takes nothing away */
	spk_make_printable(name.data);
	for (const char *at = journal->text; (at = strstr(at, NOTE)); at++) {
		const char *value = at + strlen(NOTE);
		if (spk_fold_equal((spn_bytes){ value, strcspn(value, "\r\n") }, spk_bytes(name.data), SPK_FOLD_WINDOWS))
			return true;
	}
	return false;
}

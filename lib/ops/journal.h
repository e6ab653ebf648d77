/* SPDX-License-Identifier: MIT */
/* journal.h - keeping on disk how to take back what is being done */
#ifndef SPK_JOURNAL_H
#define SPK_JOURNAL_H

#include "base/text.h"
#include "ops/plan.h"

/* The first and the last line of a journal, after "# ", and the end of its name. */
#define SPK_JOURNAL_MAGIC "spnkit journal 1"
#define SPK_JOURNAL_END "end of the journal"
/* Stands before "attr: value" of what an account held when the work began. */
#define SPK_JOURNAL_NOTE "  "
#define SPK_JOURNAL_SUFFIX ".ldif"

SPK_DEFINE_AUTO(spn_journal, spn_journal_free)

/* The default folder, which ends with '/'.  Free it.  Returns SPN_ERR_FAILED if the environment names none. */
spn_status spk_journal_folder(char **ret_folder, spn_error *err);

/* All of these take NULL for a journal, and then do nothing. */

/* Records the present state of every entry that the plan touches, and writes the file. */
spn_status spk_journal_begin(spn_journal *journal, const spn_plan *plan, spn_directory *dir, spn_error *err);

/* Puts the inverses of steps on disk, all of them at once. */
spn_status spk_journal_push(spn_journal *journal, const spn_step *const *steps, size_t n, spn_error *err);

/* Forgets an inverse, counted from the last one, which is 0: its step was not carried out.  The file may keep it, which
 * does no harm. */
void spk_journal_forget(spn_journal *journal, size_t from_last);

/* Writes how the work ended. */
spn_status spk_journal_finish(spn_journal *journal, spn_journal_state state, spn_error *err);

/*
 * What a journal holds.  The file is replaced as a whole, so spnkit's own death never tears it; a failing disk or a copy that was
 * cut short may.  Then the last lines are missing, those of the first steps: inverses has the records that are whole.
 */
struct spk_journal {
	const char *text;
	spn_plan *inverses;
	bool torn;
};

/* Lends text.  Returns SPN_ERR_SYNTAX if it is torn before the first record. */
spn_status spk_journal_load(const spk_text *text, const char *path, struct spk_journal *ret_journal, spn_error *err);
void spk_journal_unload(struct spk_journal *journal);
#define SPK_AUTOJOURNAL __attribute__((cleanup(spk_journal_unload)))

/* Whether some account held a name when the work began. */
bool spk_journal_knows(const struct spk_journal *journal, spn_bytes name);

#endif

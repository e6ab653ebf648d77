/* SPDX-License-Identifier: MIT */
/* journal.h - keeping on disk how to take back what is being done */
#ifndef SPK_JOURNAL_H
#define SPK_JOURNAL_H

#include <dirent.h>

#include "journal_notes.h"
#include "plan.h"
#include "model/fold.h"
#include "base/text.h"

/*
 * The first and the last line of a journal, after "# ", and the end of its name.  While the work goes on, the file
 * grows by one record a step, in the order of the steps: then its first line is another, and it has no last one.  When
 * the work ends, the file is written anew, with the inverse of the last step first, as ldapmodify needs them.
 */
#define SPK_JOURNAL_MAGIC "spnkit journal 1"
#define SPK_JOURNAL_GROWING_MAGIC "spnkit journal 2"
#define SPK_JOURNAL_END "end of the journal"
/* In a file that grows: the record of this number, counted from 1, is of a step that was refused. */
#define SPK_JOURNAL_REFUSED "refused: "
#define SPK_JOURNAL_SUFFIX ".ldif"

SPK_DEFINE_AUTO(spn_journal, spn_journal_free)

/* The default folder, which ends with '/'.  Free it.  Returns SPN_ERR_FAILED if the environment names none. */
spn_status spk_journal_folder(char **ret_folder, spn_error *err);

/* Whether a file is called as journals are: for scandir. */
int spk_journal_is_named(const struct dirent *entry);

/* Whether its name tells when it was made, and not a name of one's own (--journal). */
bool spk_journal_is_named_by_time(const char *name);

/* The name of the newest journal in a folder, of those that are named by the time; NULL if there is none.  Free it. */
char *spk_journal_newest(const char *folder);

/* All of these take NULL for a journal, and then do nothing. */

/* Reads what spk_journal_begin will read, for spk_directory_look_ahead. */
void spk_journal_look(const spn_plan *plan, spn_directory *dir);

/* Records the present state of every entry that the plan touches, and writes the file. */
spn_status spk_journal_begin(spn_journal *journal, const spn_plan *plan, spn_directory *dir, spn_error *err);

/* Puts the inverses of steps on disk, all of them at once. */
spn_status spk_journal_push(spn_journal *journal, const spn_step *const *steps, size_t n, spn_error *err);

/* Forgets an inverse, counted from the last one that was pushed, which is 0: its step was refused.  The file says so
 * before the next step is sent. */
void spk_journal_forget(spn_journal *journal, size_t from_last);

/* Of the inverses that are not forgotten, the one of this number, counted from 0, becomes that of step; NULL: of
 * nothing.  The file says so before the next step is sent. */
spn_status spk_journal_amend(spn_journal *journal, size_t number, const spn_step *step, spn_error *err);

/* Writes how the work ended. */
spn_status spk_journal_finish(spn_journal *journal, spn_journal_state state, spn_error *err);

/*
 * What a journal holds: the inverses, that of the last step first.  If its last lines are missing, it is torn, and
 * inverses has the records that are whole.  In a journal of work that ended, those of the first steps are missing,
 * which only a failing disk or a copy that was cut short brings about.  In one that grew, those of the last steps are:
 * of one that was not sent, if spnkit itself was ended.
 */
struct spk_journal {
	spn_plan *inverses;
	spk_notes notes;
	bool torn, grew;
	bool is_whole; /* the work is over, and every record is of what was done */
};

/* Start from { 0 }.  Returns SPN_ERR_SYNTAX if it is torn before the first record. */
spn_status spk_journal_load(const spk_text *text, const char *path, struct spk_journal *ret_journal, spn_error *err);
void spk_journal_unload(struct spk_journal *journal);
#define SPK_AUTOJOURNAL __attribute__((cleanup(spk_journal_unload)))

/* Whether an entry had a value when the work began: a name, or, of a group, a member.  Only what the notes prove. */
spn_status spk_journal_had(const struct spk_journal *journal, const spn_step *step, const spn_mod *mod, bool *ret_had,
		spn_error *err);

/* Whether a change later than change j of record i is about the same value: it has the last word. */
bool spk_journal_supersedes(const struct spk_journal *journal, size_t i, size_t j);

/* Whether a record of the journal gives a name to some account, and is carried out: none later is about the same. */
bool spk_journal_gives_back(const struct spk_journal *journal, spn_bytes name, spk_folding folding);

/* Of a torn journal: a name that somebody held at the start, and whose way back there is in the missing part, stays
 * where it is, for taken away it would be on nobody. */
bool spk_journal_would_lose(const struct spk_journal *journal, const spn_mod *mod, spk_folding folding);

#endif

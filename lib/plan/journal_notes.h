/* SPDX-License-Identifier: MIT */
/* journal_notes.h - what a journal notes of the entries that its plan is about, as they were when the work began */
#ifndef SPK_JOURNAL_NOTES_H
#define SPK_JOURNAL_NOTES_H

#include "plan.h"
#include "base/keys.h"

/* Of each entry, in comments: its objectGUID, the names of one whose names change, the groups of one that joins or
 * leaves any. */
spn_status spk_notes_take(const spn_plan *plan, spn_directory *dir, spk_text *out, spn_error *err);

/* The same, read back. */
typedef struct spk_notes {
	spk_keys keys;       /* of the DNs */
	spn_entry **entries; /* in their order; the first note of a DN counts */
} spk_notes;

spn_status spk_notes_read(const char *text, spk_notes *ret_notes, spn_error *err);
void spk_notes_free(spk_notes *notes);

/* What was noted of an entry; NULL: nothing.  It belongs to the notes. */
spn_status spk_notes_of(const spk_notes *notes, const char *dn, const spn_entry **ret_entry, spn_error *err);

/* Whether some account held a name. */
bool spk_notes_know(const spk_notes *notes, spn_bytes name);

#endif

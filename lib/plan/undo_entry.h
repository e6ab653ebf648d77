/* SPDX-License-Identifier: MIT */
/* undo_entry.h - what has become of an entry that a journal is about */
#ifndef SPK_UNDO_ENTRY_H
#define SPK_UNDO_ENTRY_H

#include "journal_notes.h"

/* Where an entry is today. */
struct spk_entry_today {
	char *dn;             /* that of the journal, or its new one */
	bool is_renamed;      /* it has another DN, and the objectGUID of that time */
	const char *loss;     /* what happened to it, for a message; NULL if it exists as far as is known */
	bool is_replaced;     /* with a loss: another entry has its DN now */
	bool may_be_renamed;  /* with a loss: without an objectGUID, it cannot be looked for under another DN */
};

/*
 * An entry that was deleted and created again, or whose DN belongs to another one, has another objectGUID; one that
 * was renamed or moved has the same.  notes: NULL in another directory than that of the journal, where entries are
 * known by their DNs only.
 */
spn_status spk_entry_find_today(spn_directory *dir, const spk_notes *notes, const char *dn,
		struct spk_entry_today *ret_today, spn_error *err);
/* As spk_entry_find_today, for a member of a group: one that could not be seen at that time either is taken as it
 * is. */
spn_status spk_member_find_today(spn_directory *dir, const spk_notes *notes, const char *dn,
		struct spk_entry_today *ret_today, spn_error *err);

/* Whether a group is the primary one of an account, which has it by its primaryGroupID instead of member. */
spn_status spk_group_is_primary(
		spn_directory *dir, const char *group, const char *member, bool *ret_is, spn_error *err);

void spk_entry_today_free(struct spk_entry_today *today);
#define SPK_AUTOTODAY __attribute__((cleanup(spk_entry_today_free)))

/* Another spelling of a name that an account holds; NULL: there is none.  Free it. */
spn_status spk_other_spelling(spn_directory *dir, const char *dn, spn_bytes name, char **ret_other, spn_error *err);

#endif

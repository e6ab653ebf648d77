/* SPDX-License-Identifier: MIT */
/* undo_spelling.h - names of which an account has, or had, another spelling than the one that a change added */
#ifndef SPK_UNDO_SPELLING_H
#define SPK_UNDO_SPELLING_H

#include "journal.h"
#include "model/fold.h"

/* An undo, as far as it is planned. */
struct spk_undo_look {
	spn_directory *dir;
	const struct spk_journal *journal;
	const spn_plan *plan;
	const spn_step *rest; /* the part of the next step that is ready */
	spk_folding folding;  /* which names are the same */
	bool may_be_respelled; /* Samba makes host/x of HOST/x once another account gets an alias of it */
};

/* Whether the undo does this to a name of the account of rest, in exactly this spelling. */
bool spk_undo_plans(const struct spk_undo_look *look, spn_mod_op op, spn_bytes name);
/* To how many of its spellings it does this. */
size_t spk_undo_count(const struct spk_undo_look *look, spn_mod_op op, spn_bytes name);

/*
 * Another spelling of a name that the undo is to give to the account of a step, in whose entry it is, and in whose way;
 * NULL: none.  One that the undo removes is not, nor, on Samba, which stores two side by side, one that was there
 * before.
 */
spn_status spk_undo_find_other(const struct spk_undo_look *look, const spn_step *step, const spn_entry *entry,
		spn_bytes name, const char **ret_other, spn_error *err);

/* What becomes of a name that an undo is to remove.  The caller frees the texts; NULL: there is nothing to say. */
struct spk_spelling {
	bool present;   /* whether the account has the name in exactly this spelling, and it is to go */
	char *spelling; /* the one to remove instead */
	char *stays;    /* a sentence on the one that stays */
};

/*
 * Looks again at such a name, of the account of a step of the journal, which is that of rest today.  ret: has to say
 * whether it is present; the last of several spellings is not to go if the account had one of them before the work.
 */
spn_status spk_undo_spelling(const struct spk_undo_look *look, const spn_step *step, spn_bytes name,
		struct spk_spelling *ret, spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* undo_spelling.h - names of which an account has, or had, another spelling than the one that a change added */
#ifndef SPK_UNDO_SPELLING_H
#define SPK_UNDO_SPELLING_H

#include "journal.h"
#include "model/fold.h"

/* What is known of the spellings of a name. */
struct spk_spellings {
	spk_folding folding; /* which are the same name */
	size_t n_planned;    /* how many of them the undo removes already */
	bool may_be_new;     /* Samba makes host/x of HOST/x once another account gets an alias of it */
};

/*
 * Looks again at a name that an undo is to remove from the account at dn, which is the one of a step of the journal.
 * present: whether it has the name in exactly this spelling; that is reset if this is the last of several of which one
 * was there before the work.  ret_spelling: if it may be another one, what is there now, for the caller to free, or
 * else NULL.
 */
spn_status spk_undo_spelling(spn_directory *dir, const struct spk_journal *journal, const spn_step *step,
		const char *dn, spn_bytes name, const struct spk_spellings *spellings, bool *present, char **ret_spelling,
		spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* undo_kept.h - what an undo leaves as it is, and why */
#ifndef SPK_UNDO_KEPT_H
#define SPK_UNDO_KEPT_H

#include <spnkit/plan.h>

#include "account/mapping.h"
#include "account/names.h"
#include "model/fold.h"

/* Names, which are kept on every account, and other values, each on one entry.  Start from { 0 }. */
typedef struct spk_kept {
	spk_folding folding; /* when two names are the same */
	spk_names keys;      /* what stands for each of them */
	spk_names reasons;   /* of each, a sentence */
	size_t n_denied;     /* those that only we may not change */
} spk_kept;

/* Whether the value that a change is about is kept. */
spn_status spk_kept_has(
		const spk_kept *kept, const spn_step *step, const spn_mod *mod, bool *ret_has, spn_error *err);
/* reason may be NULL: memory ran out. */
spn_status spk_kept_add(spk_kept *kept, const spn_step *step, const spn_mod *mod, const char *reason, spn_error *err);
/* The same for a name, or for what is known by this key only. */
spn_status spk_kept_add_key(spk_kept *kept, const char *key, const char *reason, spn_error *err);
/* Adds what of a plan that is to undo the directory would refuse or not let us change, or what we could not put back if
 * it did, as far as that can be foreseen.  first: the first step that is of the undo. */
spn_status spk_kept_foresee(spk_kept *kept, spn_directory *dir, const spk_live_mapping *live, const spn_plan *plan,
		size_t first, spn_error *err);
void spk_kept_free(spk_kept *kept);

#endif

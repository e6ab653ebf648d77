/* SPDX-License-Identifier: MIT */
/* spell.h - how a directory spells what a step takes from it */
#ifndef SPK_SPELL_H
#define SPK_SPELL_H

#include "plan.h"

/* A value is deleted in the spelling in which it is stored, so that the inverse puts back what was there.  The
 * spellings belong to the entry.  mods has room for those of the step. */
spn_status spk_spell_as_stored(
		spn_directory *dir, const spn_step *step, spn_mod *mods, spn_entry **ret_entry, spn_error *err);

#endif

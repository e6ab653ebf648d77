/* SPDX-License-Identifier: MIT */
/* step.h - one step of a plan: what it needs, and whether it may fail */
#ifndef SPK_STEP_H
#define SPK_STEP_H

#include "plan.h"
#include "account/mapping.h"

/* Whether nobody else holds the names that a step adds, once the steps of done (NULL: none) are carried out.  live is
 * loaded when it is needed. */
spn_status spk_step_check_unique(spn_directory *dir, const spn_plan *done, spk_live_mapping *live, const spn_step *step,
		unsigned flags, spn_error *err);

/* Whether clients get tickets for the names that a step adds: spk_check_by_cn. */
spn_status spk_step_check_by_cn(spn_directory *dir, const spn_step *step, const spk_teller *to, spn_error *err);

/* Whether a step may fail by itself, and only adds values other than names: neither does another step depend on it. */
bool spk_step_is_independent(const spn_step *step);

/* Whether a step of a plan may fail like that and the rest goes on: an optional one, unless it gives a name that the
 * plan takes away. */
bool spk_step_may_fail(const spn_plan *plan, const spn_step *step, spn_status status);

/* Whether one change takes away what another one gives: the name, wherever it is, or of another attribute but member,
 * any value of the same entry. */
bool spk_mod_makes_way(const spn_step *taking, const spn_mod *taken, const spn_step *giving, const spn_mod *given);

#endif

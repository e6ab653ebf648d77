/* SPDX-License-Identifier: MIT */
/* wayback.h - whether names like HOST/x, once removed, can be added again */
#ifndef SPK_WAYBACK_H
#define SPK_WAYBACK_H

#include "plan.h"
#include "account/mapping.h"

/*
 * Windows refuses HOST/x, to administrators too, while two other accounts hold names that it covers, such as http/x and
 * cifs/x. Samba refuses it while one does, but lets it pass behind a fleeting name, which spn_plan_apply makes use of.
 *
 * Returns SPN_ERR_REFUSED if the plan removes such a name and a later step could not add it; SPN_ERR_NO_WAY_BACK if
 * only an undo could not, unless SPN_NO_WAY_BACK.
 */
spn_status spk_way_back_check(spn_directory *dir, const spn_plan *plan, spn_error *err);

/*
 * The same for change j of step i, if that takes a name which a later step gives to another account.  so_far: the steps
 * of the plan up to step i.  live has to be loaded.
 *
 * Returns SPN_ERR_REFUSED if it could not be put back.
 */
spn_status spk_move_back_check(spn_directory *dir, const spn_plan *plan, const spn_plan *so_far,
		const spk_live_mapping *live, size_t i, size_t j, spn_error *err);

/*
 * Whether the name that change j of a step adds can be added once plan is carried out, although others hold names that
 * it covers. live has to be loaded.
 *
 * Returns SPN_ERR_REFUSED if not.
 */
spn_status spk_addable_check(spn_directory *dir, const spn_plan *plan, const spk_live_mapping *live,
		const spn_step *step, size_t j, spn_error *err);

#endif

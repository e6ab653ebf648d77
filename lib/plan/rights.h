/* SPDX-License-Identifier: MIT */
/* rights.h - whether a plan stops half-way because somebody may take names away, but neither give them nor give them
 * back */
#ifndef SPK_RIGHTS_H
#define SPK_RIGHTS_H

#include <spnkit/plan.h>

/*
 * Only an administrator, or who may also write the account with HOST/x, may add http/x, even where it was a moment ago.
 * So before a plan takes names away, the server is asked for the permission to write every account that the plan
 * changes, and those whose HOST/ covers the names.  Whether the server reveals permissions at all is seen at the
 * account that names are taken from: where it does not, that is a refusal, unless SPN_UNSURE.  A file has no
 * permissions.  With validated write, names may be taken away that it does not give back, those with a port or of
 * another host: a plan that may fail behind that is refused, too; one of a single step is not.
 *
 * Of an undo, only the names that it takes from one account and gives to another are looked at (handover.h): the rest
 * is tried (give_back.c).  An account of which nothing is told is tried, too.
 *
 * Returns SPN_ERR_DENIED; SPN_ERR_NO_WAY_BACK if the plan only deletes, and could not be undone, unless
 * SPN_NO_WAY_BACK.
 */
spn_status spk_rights_check(spn_directory *dir, const spn_plan *plan, spn_error *err);

/* Called with each change that would be refused, and why; anything but SPN_OK ends the check, and is what it
 * returns. */
typedef spn_status spk_denied_fn(
		const spn_step *step, const spn_mod *mod, const spn_error *why, void *data, spn_error *err);

/*
 * Whether the server would refuse a step for lack of permission, as far as it reveals that: a domain controller lists
 * what may be written.  "Validated write" is not in that list: then the permissions of a computer are read, and if they
 * are not shown, its names are left to the server to judge, but for those that validated write covers in no case.  Nor
 * may whoever cannot write HOST/x where it is add http/x to another account, unless the plan takes HOST/x away.
 *
 * Returns SPN_ERR_DENIED; if fn is set, that is called instead, as often as there is a reason.
 */
spn_status spk_rights_check_step(spn_directory *dir, const spn_plan *plan, const spn_step *step, spk_denied_fn *fn,
		void *data, spn_error *err);

#endif

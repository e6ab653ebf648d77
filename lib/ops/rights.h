/* SPDX-License-Identifier: MIT */
/* rights.h - whether a plan stops half-way because somebody may take names away, but neither give them nor give them back */
#ifndef SPK_RIGHTS_H
#define SPK_RIGHTS_H

#include <spnkit/plan.h>

/*
 * A controller lets nobody but its administrators add http/x, not even back to where it was a moment ago, who may not write the
 * account with HOST/x as well.  So before a plan takes names away it is looked whether we may write the other accounts that it is
 * about, and those whose HOST/ stands for the names.  A directory that does not say what we may is believed to let us.
 *
 * Returns SPN_ERR_DENIED.
 */
spn_status spk_rights_check(spn_directory *dir, const spn_plan *plan, spn_error *err);

#endif

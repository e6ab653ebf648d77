/* SPDX-License-Identifier: MIT */
/* apply.h - what applying and undoing share */
#ifndef SPK_APPLY_H
#define SPK_APPLY_H

#include "ops/plan.h"

/* Whether an entry has the value of a change, an SPN in exactly this spelling. */
spn_status spk_mod_is_present(spn_directory *dir, const char *dn, const spn_mod *mod, bool *ret_present,
		spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* delegation_repair.h - what takes a name from a list of names that an account may delegate to */
#ifndef SPK_DELEGATION_REPAIR_H
#define SPK_DELEGATION_REPAIR_H

#include "keytab_repair.h"

/* Adds the commands of one step: they are only shown, for such a list needs rights of its own, and is nobody's to
 * change because a name moved.  purpose must be static; dir: of the account. */
spn_status spk_delegation_steps_add(spk_repair_steps *steps, unsigned number, const char *purpose,
		const spn_account *front, spn_bytes listed, spn_directory *dir, spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* apply.h - what applying and undoing share */
#ifndef SPK_APPLY_H
#define SPK_APPLY_H

#include "ops/mapping.h"
#include "ops/plan.h"

/* Whether an entry has the value of a change, an SPN in exactly this spelling. */
spn_status spk_mod_is_present(spn_directory *dir, const char *dn, const spn_mod *mod, bool *ret_present,
		spn_error *err);

/* Reads an attribute, or the names, of an entry.  Returns SPN_ERR_NOT_FOUND if it does not exist or cannot be read. */
spn_status spk_values_read(spn_directory *dir, const char *dn, const char *attr, spn_entry **ret_entry, spn_error *err);
spn_status spk_names_read(spn_directory *dir, const char *dn, spn_entry **ret_entry, spn_error *err);

/* The stored spelling of a name: exactly this one if it is there, else one that is equal; NULL if there is none. */
const spn_bytes *spk_stored_name(const spn_entry *entry, spn_bytes value);

/* Says that the value which a change deletes is not there: SPN_ERR_REFUSED for a name, else SPN_ERR_NOT_FOUND. */
spn_status spk_fail_missing(const spn_step *step, const spn_mod *mod, spn_error *err);

/* Says that the value which a change adds is there already. */
spn_status spk_fail_present(const spn_step *step, const spn_mod *mod, spn_error *err);

/* Whether nobody else holds the names that a step adds, once the steps of done (NULL: none) are carried out.  live is loaded when it is
 * needed. */
spn_status spk_step_check_unique(spn_directory *dir, const spn_plan *done, spk_live_mapping *live, const spn_step *step, unsigned flags,
		spn_error *err);

/* Whether a step of a plan may fail like that and the rest goes on: an optional one, unless it gives a name that the plan takes away. */
bool spk_step_may_fail(const spn_plan *plan, const spn_step *step, spn_status status);

#endif

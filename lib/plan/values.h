/* SPDX-License-Identifier: MIT */
/* values.h - the values of an entry, as they are before a change */
#ifndef SPK_VALUES_H
#define SPK_VALUES_H

#include "plan.h"

/* Whether an entry has the value of a change, an SPN in exactly this spelling. */
spn_status spk_mod_is_present(spn_directory *dir, const char *dn, const spn_mod *mod, bool *ret_present,
		spn_error *err);

/* The same behind a plan (or NULL) and the first n changes of a step that follows it: the last of them about the
 * value decides. */
spn_status spk_mod_is_present_behind(spn_directory *dir, const spn_plan *plan, const spn_step *step, size_t n,
		const spn_mod *mod, bool *ret_present, spn_error *err);

/* Reads attributes, or the names, of an entry.  Returns SPN_ERR_NOT_FOUND if it does not exist or cannot be read. */
spn_status spk_values_read(
		spn_directory *dir, const char *dn, const char *const *attrs, spn_entry **ret_entry, spn_error *err);
spn_status spk_names_read(spn_directory *dir, const char *dn, spn_entry **ret_entry, spn_error *err);

/* The stored spelling of a value: exactly this one if it is there, else one that is equal; NULL if there is none. */
const spn_bytes *spk_stored_value(const spn_entry *entry, const char *attr, spn_bytes value);

/*
 * Samba deletes the first of the values that it takes for equal, whichever is asked for.  If one of a step's is told
 * from others by what follows a NUL alone, and another one would go in its place: SPN_ERR_REFUSED.  entry: as it is
 * before the step.
 */
spn_status spk_check_twins(const spn_step *step, const spn_entry *entry, spn_error *err);

/* Says that the value which a change deletes is not there: SPN_ERR_REFUSED for a name, else SPN_ERR_NOT_FOUND. */
spn_status spk_fail_missing(const spn_step *step, const spn_mod *mod, spn_error *err);

/* Says that the value which a change adds is there already. */
spn_status spk_fail_present(const spn_step *step, const spn_mod *mod, spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* attributes.h - which attributes a plan may change */
#ifndef SPK_ATTRIBUTES_H
#define SPK_ATTRIBUTES_H

#include "plan.h"

/* Returns SPN_ERR_REFUSED if a plan changes an attribute that spnkit itself does not, unless SPN_ANY_ATTRIBUTE. */
spn_status spk_attributes_check(const spn_plan *plan, spn_error *err);

/*
 * Whether change j of a step leaves an attribute with one value if it takes one only, with the entry as the steps of
 * done and the changes before it leave it.
 *
 * Returns SPN_ERR_REFUSED if it adds a second one.
 */
spn_status spk_single_value_check(
		spn_directory *dir, const spn_plan *done, const spn_step *step, size_t j, spn_error *err);

#endif

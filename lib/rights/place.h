/* SPDX-License-Identifier: MIT */
/* place.h - where an account is: whose SIDs are those of its administrators, and what else can be asked */
#ifndef SPK_PLACE_H
#define SPK_PLACE_H

#include "trustees.h"

/* Of the account that has the permissions, whose directory it is.  If somebody of another
 * domain has one of the rights who would be an administrator if that is the root, its SID is looked up: in our trust
 * with it, else in the global catalog.  Without an answer, permissions show which it is: in every domain Enterprise
 * Admins have full control. */
spn_status spk_place_read(spn_directory *dir, const spk_permissions *permissions, spk_place *place, spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* samba.h - what Samba's controllers look at in a request that changes names */
#ifndef SPK_SAMBA_H
#define SPK_SAMBA_H

#include "plan.h"

/*
 * Samba examines the first change of names in a modify as if it were an addition, and that one only.  So it refuses to
 * delete a name that is malformed, or held by another account too, which is what has to be deleted most; and it refuses
 * to take HOST/x back while http/x is elsewhere, though it let it go.  Behind the addition of a name that goes again in
 * the same modify, both pass.
 */

/* Whether the first change of names that a step has takes one away. */
bool spk_samba_begins_by_deleting(const spn_step *step);

/*
 * Whether a refusal of a step is one to be got past in this way: names go, or come back where a plan may take over.  A
 * permission that is missing (insufficientAccessRights, RFC 4511) is not got past, nor a name that another account
 * holds itself (0x202f, in what Samba says), though we may not be allowed to see it there: of an alias it gives no
 * code.
 */
bool spk_samba_is_to_be_passed(const spn_step *step, spn_status status, const spn_error *why);

/* A name to come and go, which no other account has.  It is of the account's own host, as far as it has one: whoever
 * has the validated write only may add no other.  The caller frees it. */
spn_status spk_samba_make_fleeting(spn_directory *dir, const char *dn, char **ret_name, spn_error *err);

/* Whether change j of a step, which adds a name, is looked at, though spn_plan_apply gets past refusals. */
bool spk_samba_judges(const spn_step *step, size_t j);

#endif

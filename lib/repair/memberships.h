/* SPDX-License-Identifier: MIT */
/* memberships.h - what becomes of each group that a plan adds an account to */
#ifndef SPK_MEMBERSHIPS_H
#define SPK_MEMBERSHIPS_H

#include <spnkit/repair.h>

/* Start from { .fn = fn, .data = data }; fn may be NULL. */
typedef struct spk_memberships {
	spn_group_fn *fn;
	void *data;
	struct spk_membership *list; /* the groups that the plan adds it to */
	size_t n;
} spk_memberships;

/* A spn_group_fn for the builder, with a spk_memberships as data: tells what is not in the plan, and keeps the rest. */
spn_status spk_memberships_plan(const spn_group *group, void *data, spn_error *err);
/* Learns what becomes of those that were kept. */
void spk_memberships_watch(
		spk_memberships *memberships, const spn_step *step, spn_step_state state, const spn_error *why);
/* Tells it, in the order of the plan. */
spn_status spk_memberships_tell(const spk_memberships *memberships, spn_error *err);
/* One of them was rolled back with the rest. */
bool spk_memberships_rolled_back(const spk_memberships *memberships);

/* The account is in that group now.  Once that was said of all of them: the DN of the first one from *i on that it was
 * added to, and is not in, and where to look for the next one; NULL: there is none. */
void spk_memberships_see(spk_memberships *memberships, const char *dn);
const char *spk_memberships_lost(const spk_memberships *memberships, size_t *i);

void spk_memberships_free(spk_memberships *memberships);
#define SPK_AUTOMEMBERSHIPS __attribute__((cleanup(spk_memberships_free)))

#endif

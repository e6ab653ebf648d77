/* SPDX-License-Identifier: MIT */
#include "memberships.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/dn.h"

struct spk_membership {
	char *dn, *name;
	spn_group_outcome outcome;
	char *failure; /* why, or NULL */
	bool undone;
	bool seen; /* in the end */
};

static void clear(struct spk_membership *kept)
{
	free(kept->dn);
	free(kept->name);
	free(kept->failure);
}

static spn_status tell(const spk_memberships *memberships, const spn_group *group, spn_error *err)
{
	if (!memberships->fn)
		return SPN_OK;
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(memberships->fn(group, memberships->data, err), before, err);
}

spn_status spk_memberships_plan(const spn_group *group, void *data, spn_error *err)
{
	spk_memberships *memberships = data;
	if (group->outcome != SPN_GROUP_ADDED)
		return tell(memberships, group, err);
	struct spk_membership kept = { .dn = strdup(group->dn), .name = strdup(group->name), .outcome = SPN_GROUP_ADDED };
	struct spk_membership *list = realloc(memberships->list, (memberships->n + 1) * sizeof *list);
	if (list)
		memberships->list = list;
	if (!list || !kept.dn || !kept.name) {
		clear(&kept);
		return spk_nomem(err);
	}
	list[memberships->n++] = kept;
	return SPN_OK;
}

/* A member that is there already was added by another writer, since the plan was made. */
void spk_memberships_watch(
		spk_memberships *memberships, const spn_step *step, spn_step_state state, const spn_error *why)
{
	for (size_t i = 0; i < memberships->n; i++) {
		struct spk_membership *kept = &memberships->list[i];
		if (strcmp(kept->dn, step->dn) != 0)
			continue;
		kept->undone |= state == SPN_STEP_UNDONE;
		if (state != SPN_STEP_FAILED || kept->outcome != SPN_GROUP_ADDED)
			continue;
		kept->outcome = why->status == SPN_ERR_EXISTS ? SPN_GROUP_ALREADY : SPN_GROUP_FAILED;
		kept->failure = why->status == SPN_ERR_EXISTS ? NULL : strdup(why->message);
	}
}

spn_status spk_memberships_tell(const spk_memberships *memberships, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < memberships->n; i++) {
		const struct spk_membership *kept = &memberships->list[i];
		status = tell(memberships, &(spn_group){ kept->dn, kept->name, kept->outcome, kept->failure ? kept->failure : "" },
				err);
	}
	return status;
}

bool spk_memberships_rolled_back(const spk_memberships *memberships)
{
	for (size_t i = 0; i < memberships->n; i++)
		if (memberships->list[i].undone)
			return true;
	return false;
}

void spk_memberships_see(spk_memberships *memberships, const char *dn)
{
	for (size_t i = 0; i < memberships->n; i++)
		memberships->list[i].seen |= spk_dn_equal(memberships->list[i].dn, dn);
}

const char *spk_memberships_lost(const spk_memberships *memberships, size_t *i)
{
	while (*i < memberships->n) {
		const struct spk_membership *kept = &memberships->list[(*i)++];
		if (kept->outcome != SPN_GROUP_FAILED && !kept->seen)
			return kept->dn;
	}
	return NULL;
}

void spk_memberships_free(spk_memberships *memberships)
{
	for (size_t i = 0; i < memberships->n; i++)
		clear(&memberships->list[i]);
	free(memberships->list);
	memberships->list = NULL;
	memberships->n = 0;
}

/* SPDX-License-Identifier: MIT */
#include "groups.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <spnkit/backend.h>

#include "output.h"

struct group_note {
	char *dn;
	char *name;
	spn_group_outcome outcome;
	char *failure; /* why */
	bool undone;
	bool seen;     /* in the end */
};

static void print_group(struct cli *cli, const spn_group *group)
{
	spn_report_group(cli->report, group);
}

static void clear_note(struct group_note *kept)
{
	free(kept->dn);
	free(kept->name);
	free(kept->failure);
}

spn_status groups_plan(const spn_group *group, void *data, spn_error *err)
{
	struct groups *groups = data;
	if (group->outcome != SPN_GROUP_ADDED) {
		bool is_first = group->outcome == SPN_GROUP_SKIPPED && !groups->skipped;
		groups->missed |= group->outcome == SPN_GROUP_FAILED;
		groups->skipped |= group->outcome == SPN_GROUP_SKIPPED;
		print_group(groups->cli, group);
		if (is_first && options_has(groups->cli, "protected"))
			note(groups->cli, "to copy protected groups too, use --protected");
		return SPN_OK;
	}
	struct group_note kept = { .dn = strdup(group->dn), .name = strdup(group->name), .outcome = SPN_GROUP_ADDED };
	struct group_note *notes = realloc(groups->notes, (groups->n + 1) * sizeof *notes);
	if (notes)
		groups->notes = notes;
	if (!notes || !kept.dn || !kept.name) {
		clear_note(&kept);
		return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	}
	notes[groups->n++] = kept;
	return SPN_OK;
}

spn_status groups_watch(size_t i, const spn_step *step, spn_step_state state, const spn_error *why,
		void *data, spn_error *err)
{
	(void)i;
	(void)err;
	struct groups *groups = data;
	for (size_t at = 0; at < groups->n; at++) {
		struct group_note *kept = &groups->notes[at];
		kept->undone |= state == SPN_STEP_UNDONE && strcmp(kept->dn, step->dn) == 0;
		if (state == SPN_STEP_FAILED && kept->outcome == SPN_GROUP_ADDED && strcmp(kept->dn, step->dn) == 0) {
			bool already = why->status == SPN_ERR_EXISTS; /* by another writer, since the plan was made */
			kept->outcome = already ? SPN_GROUP_ALREADY : SPN_GROUP_FAILED;
			kept->failure = already ? NULL : strdup(why->message);
		}
	}
	return SPN_OK;
}

bool groups_report(const struct groups *groups)
{
	bool whole = !groups->missed;
	for (size_t i = 0; i < groups->n; i++) {
		const struct group_note *kept = &groups->notes[i];
		whole &= kept->outcome != SPN_GROUP_FAILED;
		print_group(groups->cli, &(spn_group){
			.dn = kept->dn,
			.name = kept->name,
			.outcome = kept->outcome,
			.text = kept->failure ? kept->failure : "",
		});
	}
	return whole;
}

bool groups_were_undone(const struct groups *groups)
{
	for (size_t i = 0; i < groups->n; i++)
		if (groups->notes[i].undone)
			return true;
	return false;
}

void groups_see(struct groups *groups, const spn_group *group)
{
	for (size_t i = 0; i < groups->n; i++)
		groups->notes[i].seen |= strcasecmp(groups->notes[i].dn, group->dn) == 0;
}

bool groups_are_whole(const struct groups *groups, const char *account)
{
	bool whole = true;
	for (size_t i = 0; i < groups->n; i++)
		if (groups->notes[i].outcome != SPN_GROUP_FAILED && !groups->notes[i].seen) {
			note(groups->cli,
					"another writer has taken %s out of %s again: spnkit copy-groups copies that "
					"again",
					account, groups->notes[i].dn);
			whole = false;
		}
	return whole;
}

void groups_clear(struct groups *groups)
{
	for (size_t i = 0; i < groups->n; i++)
		clear_note(&groups->notes[i]);
	free(groups->notes);
	*groups = (struct groups){ .cli = groups->cli };
}

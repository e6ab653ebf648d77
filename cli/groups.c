/* SPDX-License-Identifier: MIT */
#include "groups.h"

#include <stdlib.h>
#include <string.h>

#include <spnkit/backend.h>

#include "output.h"

struct group_note {
	char *dn;
	char *name;
	bool failed;
	char *failure; /* why */
};

static void print_group(struct cli *cli, const spn_group *group)
{
	cli->output->group(cli, output_beside_plan(cli), group);
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
		groups->missed |= group->outcome == SPN_GROUP_FAILED;
		print_group(groups->cli, group);
		return SPN_OK;
	}
	struct group_note kept = { .dn = strdup(group->dn), .name = strdup(group->name) };
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
	if (state != SPN_STEP_FAILED)
		return SPN_OK;
	for (size_t at = 0; at < groups->n; at++) {
		struct group_note *kept = &groups->notes[at];
		if (!kept->failed && strcmp(kept->dn, step->dn) == 0) {
			kept->failed = true;
			kept->failure = strdup(why->message);
		}
	}
	return SPN_OK;
}

bool groups_report(const struct groups *groups)
{
	bool whole = !groups->missed;
	for (size_t i = 0; i < groups->n; i++) {
		const struct group_note *kept = &groups->notes[i];
		whole &= !kept->failed;
		print_group(groups->cli, &(spn_group){
			.dn = kept->dn,
			.name = kept->name,
			.outcome = kept->failed ? SPN_GROUP_FAILED : SPN_GROUP_ADDED,
			.text = kept->failure ? kept->failure : "",
		});
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

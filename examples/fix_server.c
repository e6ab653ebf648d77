/* SPDX-License-Identifier: MIT */
/* fix_server.c - let the HTTP service of a server run as its computer account: show the plan, ask, do it, keep a way
 * back: fix_server DIRECTORY SERVER */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <spnkit/spnkit.h>

/* Called before each step and after it: the first time is the time to ask. */
static spn_status confirm(
		size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data, spn_error *err)
{
	char answer[20] = "";
	if (state != SPN_STEP_PLANNED) {
		char *dn = spn_text_shell_word(step->dn); /* what a terminal would obey is escaped in it */
		printf("%s: %s %s\n", spn_step_state_name(state), dn, why ? why->message : "");
		return free(dn), SPN_OK;
	}
	if (i > 0 || spn_plan_write(data, SPN_PLAN_LDIF, stdout, err) != SPN_OK)
		return i > 0 ? SPN_OK : err->status;
	printf("Apply this? Type 'yes': ");
	if (fgets(answer, sizeof answer, stdin) && strcmp(answer, "yes\n") == 0)
		return SPN_OK;
	return spn_fail(err, SPN_ERR_STOPPED, 0, "nothing was changed");
}

int main(int argc, char **argv)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	spn_plan *plan = NULL;
	spn_journal *journal = NULL;
	if (argc != 3)
		return fprintf(stderr, "usage: fix_server DIRECTORY SERVER\n"), 2;
	int failed = spn_directory_open(argv[1], NULL, &dir, &err) || spn_plan_new(&plan, &err) ||
			spn_propose_fix(plan, dir, argv[2], NULL, &err) || spn_journal_create(NULL, "fix", &journal, &err) ||
			spn_plan_apply(plan, dir, journal, confirm, plan, &err);
	if (failed)
		fprintf(stderr, "%s\n", err.message);
	spn_journal_free(journal);
	spn_plan_free(plan);
	spn_directory_free(dir);
	return failed;
}

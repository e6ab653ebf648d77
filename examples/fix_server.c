/* SPDX-License-Identifier: MIT */
/* fix_server.c - let the HTTP service of a server run as its computer account: show what is wrong and the plan, ask, do
 * it, keep a way back: fix_server DIRECTORY SERVER */
#include <stdio.h>
#include <string.h>
#include <spnkit/spnkit.h>

/* Called before anything is changed. */
static spn_status confirm(const spn_plan *plan, void *report, spn_error *err)
{
	char answer[20] = "";
	spn_report_plan(report, plan);
	fprintf(stderr, "Apply this? Type 'yes': "); /* which waits for nothing */
	if (fgets(answer, sizeof answer, stdin) && strcmp(answer, "yes\n") == 0)
		return SPN_OK;
	return spn_fail(err, SPN_ERR_STOPPED, 0, "nothing was changed");
}

/* Called when it is done. */
static spn_status tell(const spn_outcome *outcome, void *report, spn_error *err)
{
	if (outcome->journal)
		printf("done; recorded in %s\n", outcome->journal);
	return (void)report, (void)err, SPN_OK;
}

int main(int argc, char **argv)
{
	spn_error err = { .message = "usage: fix_server DIRECTORY SERVER" };
	spn_repair_options repair = SPN_REPAIR_OPTIONS_INIT;
	spn_change_options change = SPN_CHANGE_OPTIONS_INIT;
	spn_directory *dir = NULL;
	spn_report *report = NULL;
	bool ok = false;
	int failed = argc != 3 || spn_directory_open(argv[1], NULL, &dir, &err) ||
			spn_report_new(NULL, &report, &err);
	repair.finding_fn = spn_report_on_finding;
	repair.data = change.data = report;
	change.confirm_fn = confirm;
	change.outcome_fn = tell;
	failed = failed || spn_fix(dir, NULL, argv[2], &repair, &change, &ok, &err);
	if (failed)
		fprintf(stderr, "%s\n", err.message);
	spn_report_free(report);
	spn_directory_free(dir);
	return failed || !ok;
}

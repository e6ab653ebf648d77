/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "meant.h"
#include "output.h"

struct report {
	struct cli *cli;
	size_t n, n_faults;
};

static spn_status show(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	struct report *report = data;
	report->n++;
	report->n_faults += finding->severity >= SPN_SEVERITY_WARNING;
	report->cli->output->finding(report->cli, stdout, finding);
	return SPN_OK;
}

static spn_status look(struct report *report, const char *what, spn_error *err)
{
	size_t before = report->n;
	spn_status status = spn_find_delegations(report->cli->dir, what, show, report, err);
	if (!status && report->n == before && what)
		say(report->cli, "no delegation involves '%s'%s", what, condition(report->cli));
	else if (!status && report->n == before)
		say(report->cli, "there are no delegations%s", condition(report->cli));
	return status;
}

static enum cli_exit run(struct cli *cli)
{
	struct report report = { .cli = cli };
	spn_error err = { .status = SPN_OK };
	spn_status status = SPN_OK;
	for (int i = 0; !status && (i == 0 || i < cli->argc); i++) {
		char buffer[MEANT_SIZE];
		status = look(&report, cli->argc ? meant_name(cli, cli->argv[i], buffer) : NULL, &err);
	}
	if (status)
		return complain(cli, &err);
	return report.n_faults ? CLI_NO : CLI_DONE;
}

const struct command cmd_delegations = {
	.name = "delegations",
	.args = "[NAME|ACCOUNT]...",
	.summary = "Show who may act as a user towards whom (Kerberos delegation)",
	.details = "Of a NAME: who may delegate to it, and to the account that it leads to. Of an ACCOUNT: towards whom it may "
		"act, and who may act towards it. Exit code 1 if a delegation is dangerous or leads to nobody.",
	.example = "spnkit delegations http/web01",
	.connects = true,
	.run = run,
};

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "commands.h"
#include "connect.h"
#include "output.h"

struct report {
	struct cli *cli;
	size_t n;
	bool told_attributes; /* what no entry of the file has: once, however many are asked about */
	bool has_gaps; /* not all of what there is of delegations can be seen */
};

static spn_status show(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	struct report *report = data;
	bool is_unknown = strcmp(finding->code, "unknown-delegations") == 0;
	report->has_gaps |= is_unknown;
	if (is_unknown && !finding->n_accounts && report->told_attributes)
		return SPN_OK;
	report->told_attributes |= is_unknown && !finding->n_accounts;
	report->n += !is_unknown;
	spn_report_finding(report->cli->report, finding);
	return SPN_OK;
}

/* Of delegations, other things than of names may be missing. */
static void note_gap(const spn_note *note, void *data)
{
	static const char *const codes[] = { "urls", "incomplete-members", "unknown-delegations" };
	struct report *report = data;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		report->has_gaps |= strcmp(note->code, codes[i]) == 0;
}

static const char *as_far_as_known(const struct report *report)
{
	return *condition(report->cli) || !report->has_gaps ? condition(report->cli) : ", as far as can be seen here";
}

/* Whom the library took the text for. */
static void note_namesake(struct cli *cli, const char *what)
{
	AUTO(spn_account) *account = NULL;
	if (!strpbrk(what, "/=$") && !spn_account_find(cli->dir, what, SPN_WANT_ANY, &account, NULL))
		connect_note_namesake(cli, cli->dir, what, account);
}

static spn_status look(struct report *report, const char *what, spn_error *err)
{
	size_t before = report->n;
	spn_status status = spn_find_delegations(report->cli->dir, what, show, report, err);
	if (!status && what)
		note_namesake(report->cli, what);
	if (!status && report->n == before && what)
		say(report->cli, "no delegation involves '%s'%s", what, as_far_as_known(report));
	else if (!status && report->n == before)
		say(report->cli, "there are no delegations%s", as_far_as_known(report));
	return status;
}

static spn_status run(struct cli *cli, spn_error *err)
{
	struct report report = { .cli = cli };
	spn_status status = SPN_OK;
	spn_directory_notes(cli->dir, note_gap, &report);
	for (int i = 0; !status && (i == 0 || i < cli->argc); i++) {
		AUTO(char) *name = NULL;
		status = look(&report, cli->argc ? meant(cli, cli->argv[i], SPN_ASKED_NAME, &name) : NULL, err);
	}
	cli->code = output_has(cli, SPN_SEVERITY_WARNING) ? CLI_NO : CLI_DONE;
	return status;
}

const struct command cmd_delegations = {
	.name = "delegations",
	.args = "[NAME|ACCOUNT]...",
	.summary = "Show who may act as a user towards whom (Kerberos delegation)",
	.details = "Of a NAME: who may delegate to it, and to the account that it leads to. Of an ACCOUNT: towards "
		   "whom it may act, who may act towards it, whose place it takes, and which authentication policy "
		   "limits who may get tickets for it. Exit code 1 if a delegation is dangerous or leads to nobody.",
	.example = "spnkit delegations http/web01",
	.connects = true,
	.finds = true,
	.run = run,
};

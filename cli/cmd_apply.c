/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <spnkit/report.h>

#include "commands.h"
#include "connect.h"
#include "output.h"

/* What a person should know of it, and how to allow what is not allowed. */
static spn_status tell(const spn_finding *finding, void *data, spn_error *err)
{
	struct cli *cli = data;
	if (strcmp(finding->code, "takeover") == 0)
		return spn_report_on_remark(finding, cli->report, err);
	bool is_refused = strcmp(finding->code, "other-attribute") == 0 && !(cli->options.flags & SPN_ANY_ATTRIBUTE);
	note(cli, "%s%s", finding->text, is_refused ? "; that takes --any-attribute" : "");
	return SPN_OK;
}

/* What is written for others says more of an entry than its DN. */
static spn_status name_accounts(struct cli *cli, spn_plan **plan, spn_error *err)
{
	spn_plan *named = NULL;
	spn_plan_format format = cli->options.format == FORMAT_SETSPN ? SPN_PLAN_SETSPN : SPN_PLAN_LDIF;
	spn_status status = spn_plan_name_accounts(*plan, cli->dir, format, &named, err);
	if (status)
		return status;
	spn_plan_free(*plan);
	*plan = named;
	return SPN_OK;
}

static spn_status make_plan(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	spn_status status = spn_plan_open(cli->argv[0], ret_plan, err);
	if (!status)
		status = connect_follow_plan(cli, *ret_plan, err);
	if (!status && cli->options.format != FORMAT_TEXT)
		status = name_accounts(cli, ret_plan, err);
	if (!status)
		status = spn_plan_review(*ret_plan, cli->dir, tell, cli, err);
	return status ? status : spn_plan_allow(*ret_plan, cli->options.flags & SPN_ANY_ATTRIBUTE, err);
}

const struct command cmd_apply = {
	.name = "apply",
	.args = "FILE",
	.summary = "Carry out a plan file, as --dry-run --format ldif writes it",
	.details = "\"-\" is standard input, and needs --yes. Whatever has changed since the plan was made stays as it is. "
		"With --dry-run, the exit code is 1 if there is something to change.",
	.example = "spnkit apply plan.ldif",
	.options = OPTIONS_APPLY,
	.connects = true,
	.changes = true,
	.tells_difference = true,
	.plan = make_plan,
};

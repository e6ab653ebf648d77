/* SPDX-License-Identifier: MIT */
#include "change.h"
#include "commands.h"
#include "connect.h"
#include "groups.h"
#include "output.h"

static enum cli_exit carry_out(struct cli *cli, spn_plan *plan, struct groups *groups)
{
	bool done;
	const struct change change = {
		.plan = plan, .dir = cli->dir, .watch = groups_watch, .data = groups, .tells_failures = true,
	};
	enum cli_exit code = change_run(cli, &change, &done);
	if (done && !groups_report(groups) && !code)
		code = CLI_NO; /* a script must see that a group is missing */
	return code;
}

static enum cli_exit run(struct cli *cli)
{
	spn_error err = { .status = SPN_OK };
	struct groups groups = { .cli = cli };
	spn_plan *plan = NULL;
	spn_status status = spn_plan_new(&plan, &err);
	if (!status)
		status = connect_follow(cli, cli->argv[0], &err);
	if (!status)
		status = spn_propose_membership(plan, cli->dir, cli->argv[0], cli->argv[1],
				cli->options.protected_groups ? SPN_PROTECTED : 0, groups_plan, &groups, &err);
	enum cli_exit code = status ? complain(cli, &err) : carry_out(cli, plan, &groups);
	groups_clear(&groups);
	spn_plan_free(plan);
	return code;
}

const struct command cmd_copy_groups = {
	.name = "copy-groups",
	.args = "FROM TO",
	.summary = "Add an account to every group of another",
	.details = "A group that cannot be changed is reported, and the others are still processed. Primary groups are "
		   "left alone.",
	.example = "spnkit copy-groups CrmIisPoolServiceAccount LAX-CRM01",
	.options = OPTIONS_PROTECTED,
	.connects = true,
	.changes = true,
	.run = run,
};

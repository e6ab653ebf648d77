/* SPDX-License-Identifier: MIT */
#include "change.h"
#include "commands.h"
#include "connect.h"

static spn_status make_plan(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	const struct options *options = &cli->options;
	spn_status status = spn_plan_new(ret_plan, err);
	if (!status)
		status = connect_follow(cli, options->from, err);
	if (status)
		return status;
	return spn_propose_move(*ret_plan, cli->dir, options->from, options->to, (const char *const *)cli->argv,
			(size_t)cli->argc, change_remark, cli, err);
}

static enum cli_exit run(struct cli *cli)
{
	return change_command(cli, make_plan);
}

const struct command cmd_move = {
	.name = "move",
	.args = "NAME...",
	.summary = "Move names from one account to another",
	.example = "spnkit move http/LAX-CRM01 --from CrmIisPoolServiceAccount --to LAX-CRM01",
	.options = OPTIONS_MOVE,
	.connects = true,
	.changes = true,
	.run = run,
};

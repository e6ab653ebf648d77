/* SPDX-License-Identifier: MIT */
#include "change.h"
#include "commands.h"
#include "connect.h"

static spn_status make_plan(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	spn_status status = spn_plan_new(ret_plan, err);
	if (!status)
		status = connect_follow(cli, cli->argv[0], err);
	return status ? status
		: spn_propose_defaults(*ret_plan, cli->dir, cli->argv[0], change_remark, cli, err);
}

static enum cli_exit run(struct cli *cli)
{
	return change_command(cli, make_plan);
}

const struct command cmd_defaults = {
	.name = "defaults",
	.args = "COMPUTER",
	.summary = "Restore the names that every computer has",
	.details = "HOST/ and RestrictedKrbHost/, each for the short name and the FQDN. COMPUTER is its account, or "
		   "one of its host names.",
	.example = "spnkit defaults LAX-CRM01",
	.connects = true,
	.changes = true,
	.run = run,
};

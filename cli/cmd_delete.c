/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "change.h"
#include "commands.h"

static spn_status make_plan(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	char *account;
	spn_status status = spn_plan_new(ret_plan, err);
	if (!status)
		status = change_account(cli, cli->argv[cli->argc - 1], &account, err);
	if (status)
		return status;
	status = spn_propose_delete(*ret_plan, cli->dir, account, (const char *const *)cli->argv,
			(size_t)cli->argc - 1, change_remark, cli, err);
	free(account);
	return status;
}

static enum cli_exit run(struct cli *cli)
{
	return change_command(cli, make_plan);
}

const struct command cmd_delete = {
	.name = "delete",
	.args = "NAME... ACCOUNT",
	.summary = "Delete names from an account",
	.details = "Regardless of the case in which they are stored. Exit code 1, and nothing is changed, if one of "
		   "them is not there.",
	.example = "spnkit delete http/LAX-CRM01 CrmIisPoolServiceAccount",
	.options = OPTIONS_KIND,
	.connects = true,
	.changes = true,
	.run = run,
};

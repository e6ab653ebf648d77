/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "change.h"
#include "commands.h"
#include "connect.h"
#include "output.h"

static spn_status make_plan(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	const char *domain;
	char *account;
	spn_status status = spn_plan_new(ret_plan, err);
	if (!status)
		status = connect_context(cli->dir, "defaultNamingContext", &domain, err);
	if (!status)
		status = change_account(cli, cli->argv[cli->argc - 1], &account, err);
	if (status)
		return status;
	say(cli, "Checking domain %s", domain);
	unsigned flags = cli->options.takeover ? SPN_ADD_TAKEOVER : 0;
	status = spn_propose_add(*ret_plan, cli->dir, account, (const char *const *)cli->argv,
			(size_t)cli->argc - 1, flags, change_remark, cli, err);
	free(account);
	if (status == SPN_ERR_NOT_UNIQUE)
		say(cli, "Duplicate SPN found, aborting operation!");
	return status;
}

static enum cli_exit run(struct cli *cli)
{
	return change_command(cli, make_plan);
}

const struct command cmd_add = {
	.name = "add",
	.args = "NAME... ACCOUNT",
	.summary = "Give names to an account, if nobody else holds them",
	.details = "A name that the account holds already is told and left as it is.",
	.example = "spnkit add http/web01 http/web01.example.com svc-web",
	.options = OPTIONS_KIND | OPTIONS_TAKEOVER,
	.connects = true,
	.changes = true,
	.run = run,
};

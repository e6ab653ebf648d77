/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "output.h"

static spn_status list(struct cli *cli, const char *text, spn_error *err)
{
	const struct options *options = &cli->options;
	spn_account_want want = options->computer ? SPN_WANT_COMPUTER : options->user ? SPN_WANT_USER : SPN_WANT_ANY;
	spn_account *account;
	spn_status status = spn_account_find(cli->dir, text, want, &account, err);
	if (status)
		return status;
	cli->output->account(cli, account, NULL, 0);
	spn_account_free(account);
	return SPN_OK;
}

static enum cli_exit run(struct cli *cli)
{
	enum cli_exit code = CLI_DONE;
	for (int i = 0; i < cli->argc; i++) {
		spn_error err = { .status = SPN_OK };
		if (!list(cli, cli->argv[i], &err))
			continue;
		enum cli_exit problem = complain(cli, &err);
		if (problem > CLI_USAGE)
			return problem;
		code = code ? code : problem;
	}
	return code;
}

const struct command cmd_list = {
	.name = "list",
	.args = "ACCOUNT...",
	.summary = "List the names of an account",
	.details = "An ACCOUNT is a sAMAccountName (with or without the '$' of a computer, which is preferred), "
		"DOMAIN\\name, a UPN or a DN.",
	.example = "spnkit list LAX-CRM01",
	.options = OPTIONS_KIND,
	.connects = true,
	.run = run,
};

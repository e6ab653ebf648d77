/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "commands.h"
#include "connect.h"
#include "output.h"

/* As LDIF: what converge reads. */
static spn_status show(struct cli *cli, spn_directory *dir, const spn_account *account, spn_error *err)
{
	(void)dir;
	const spn_bytes *spns;
	size_t n = spn_account_spns(account, &spns);
	if (cli->options.format == FORMAT_LDIF)
		return spn_desired_write(spn_account_dn(account), spn_account_name(account), spns, n, stdout, err);
	spn_report_account(cli->report, account, NULL, 0);
	return SPN_OK;
}

static spn_status run(struct cli *cli, spn_error *err)
{
	enum cli_exit code = CLI_DONE;
	for (int i = 0; i < cli->argc; i++) {
		spn_status status = connect_look(cli, cli->argv[i], show, err);
		if (exit_of(status) > CLI_USAGE)
			return status;
		enum cli_exit problem = status ? complain(cli, err) : CLI_DONE;
		code = code ? code : problem;
	}
	cli->code = code;
	return SPN_OK;
}

const struct command cmd_list = {
	.name = "list",
	.args = "ACCOUNT...",
	.summary = "List the names of an account",
	.details = "An ACCOUNT is a sAMAccountName (with or without the '$' of a computer, which is preferred here), "
		"DOMAIN\\name, a UPN or a DN. --format ldif writes what 'spnkit converge' reads.",
	.example = "spnkit list LAX-CRM01",
	.options = OPTIONS_KIND,
	.connects = true,
	.run = run,
};

/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "connect.h"
#include "output.h"

/* The answer about one account; about WHO there is an answer only if the permissions can be read. */
static spn_status show(struct cli *cli, const spn_rights *rights, spn_error *err)
{
	spn_report_rights(cli->report, rights);
	spn_status status = rights->who ? SPN_OK : spn_rights_find_faults(rights, spn_report_on_finding, cli->report, err);
	bool may = rights->who && rights->who->rights & (SPN_RIGHT_WRITE | SPN_RIGHT_VALIDATED);
	if (cli->options.who_may ? !may : output_has(cli, SPN_SEVERITY_WARNING))
		cli->code = CLI_NO;
	return status;
}

static spn_status look_at(struct cli *cli, const char *text, spn_error *err)
{
	AUTO(spn_directory) *there = NULL;
	AUTO(spn_account) *account = NULL;
	AUTO(spn_rights) *rights = NULL;
	spn_status status = connect_find(cli, text, &there, &account, err);
	if (!status)
		status = spn_account_rights(there ? there : cli->dir, account, cli->options.who_may, &rights, err);
	if (!status)
		status = show(cli, rights, err);
	if (!status)
		connect_note_namesake(cli, there ? there : cli->dir, text, account);
	return status;
}

static spn_status run(struct cli *cli, spn_error *err)
{
	spn_status status = SPN_OK;
	for (int i = 0; !status && i < cli->argc; i++)
		status = look_at(cli, cli->argv[i], err);
	return status;
}

const struct command cmd_rights = {
	.name = "rights",
	.args = "ACCOUNT...",
	.summary = "Show who may change the names of an account",
	.details = "Judged by the permissions of the ACCOUNT (nTSecurityDescriptor), denials included. Names that somebody "
		   "who is not an administrator may give to a person's account are a warning: its password can "
		   "then be guessed (targeted kerberoasting). Exit code 1 for a warning; with --for, if WHO may not write "
		   "names.",
	.example = "spnkit rights CrmIisPoolServiceAccount",
	.options = OPTIONS_KIND | OPTIONS_RIGHTS,
	.connects = true,
	.finds = true,
	.run = run,
};

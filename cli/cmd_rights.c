/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "connect.h"
#include "output.h"

/* About WHO there is an answer only if the permissions can be read. */
static spn_status show(struct cli *cli, spn_directory *dir, const spn_account *account, spn_error *err)
{
	AUTO(spn_rights) *rights = NULL;
	spn_status status = spn_account_rights(dir, account, cli->options.who_may, &rights, err);
	if (status)
		return status;
	spn_report_rights(cli->report, rights);
	if (!rights->who)
		status = spn_rights_find_faults(rights, spn_report_on_finding, cli->report, err);
	bool may = rights->who && rights->who->rights & (SPN_RIGHT_WRITE | SPN_RIGHT_VALIDATED);
	if (cli->options.who_may ? !may : output_has(cli, SPN_SEVERITY_WARNING))
		cli->code = CLI_NO;
	return status;
}

static spn_status run(struct cli *cli, spn_error *err)
{
	spn_status status = SPN_OK;
	for (int i = 0; !status && i < cli->argc; i++)
		status = connect_look(cli, cli->argv[i], show, err);
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

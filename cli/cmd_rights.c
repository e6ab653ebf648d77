/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "connect.h"
#include "output.h"

struct look {
	struct cli *cli;
	bool has_faults;
};

static spn_status show_finding(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	struct look *look = data;
	look->has_faults |= finding->severity >= SPN_SEVERITY_WARNING;
	spn_report_finding(look->cli->report, finding);
	return SPN_OK;
}

/* The answer about one account; about WHO there is an answer only if the permissions can be read. */
static spn_status show(struct cli *cli, const spn_rights *rights, enum cli_exit *ret_code, spn_error *err)
{
	struct look look = { .cli = cli };
	spn_report_rights(cli->report, rights);
	spn_status status = rights->who ? SPN_OK : spn_rights_find_faults(rights, show_finding, &look, err);
	bool may = rights->who && rights->who->rights & (SPN_RIGHT_WRITE | SPN_RIGHT_VALIDATED);
	*ret_code = (cli->options.who ? !may : look.has_faults) ? CLI_NO : CLI_DONE;
	return status;
}

static spn_status look_at(struct cli *cli, const char *text, enum cli_exit *ret_code, spn_error *err)
{
	spn_directory *there = NULL;
	spn_account *account = NULL;
	spn_rights *rights = NULL;
	spn_status status = connect_account(cli, text, &there, err);
	spn_directory *dir = there ? there : cli->dir;
	if (!status)
		status = spn_account_find(dir, text, connect_want(cli), &account, err);
	if (!status)
		status = spn_account_rights(dir, account, cli->options.who, &rights, err);
	if (!status)
		status = show(cli, rights, ret_code, err);
	if (!status)
		connect_note_namesake(cli, dir, text, account);
	spn_rights_free(rights);
	spn_account_free(account);
	spn_directory_free(there);
	return status;
}

static enum cli_exit run(struct cli *cli)
{
	enum cli_exit code = CLI_DONE;
	for (int i = 0; i < cli->argc; i++) {
		spn_error err = { .status = SPN_OK };
		enum cli_exit one = CLI_DONE;
		if (look_at(cli, cli->argv[i], &one, &err))
			return complain(cli, &err);
		code = code ? code : one;
	}
	return code;
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

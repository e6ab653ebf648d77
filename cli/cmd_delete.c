/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include <spnkit/backend.h>

#include "change.h"
#include "commands.h"

static spn_status tell_absent(struct cli *cli, const char *spn, const spn_account *account, spn_error *err)
{
	char text[SPN_MESSAGE_SIZE];
	const char *label = *spn_account_name(account) ? spn_account_name(account) : spn_account_dn(account);
	const spn_account_ref ref = { spn_account_dn(account), spn_account_name(account) };
	snprintf(text, sizeof text, "'%s' is not on '%s'", spn, label);
	const spn_finding absent = { .code = "absent", .severity = SPN_SEVERITY_OK, .spn = spn, .accounts = &ref,
		.n_accounts = 1, .text = text };
	return change_remark(&absent, cli, err);
}

/* Those of the names that the account holds. */
static spn_status propose_present(struct cli *cli, spn_plan *plan, const char *text, const char *const *spns, size_t n,
		spn_error *err)
{
	spn_account *account = NULL;
	const char **present = calloc(n, sizeof *present);
	size_t n_present = 0;
	if (!present)
		return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	spn_status status = spn_account_find(cli->dir, text, SPN_WANT_ANY, &account, err);
	for (size_t i = 0; !status && i < n; i++) {
		if (spn_account_holds(account, spns[i]))
			present[n_present++] = spns[i];
		else
			status = tell_absent(cli, spns[i], account, err);
	}
	if (!status && n_present)
		status = spn_propose_delete(plan, cli->dir, spn_account_dn(account), present, n_present, change_remark, cli, err);
	spn_account_free(account);
	free(present);
	return status;
}

static spn_status make_plan(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	char *account;
	spn_status status = spn_plan_new(ret_plan, err);
	if (!status)
		status = change_account(cli, cli->argv[cli->argc - 1], &account, err);
	if (status)
		return status;
	const char *const *spns = (const char *const *)cli->argv;
	size_t n = (size_t)cli->argc - 1;
	status = spn_propose_delete(*ret_plan, cli->dir, account, spns, n, change_remark, cli, err);
	if (status == SPN_ERR_NOT_FOUND && cli->options.if_present)
		status = propose_present(cli, *ret_plan, account, spns, n, err);
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
		   "them is not there, unless you give --if-present.",
	.example = "spnkit delete http/LAX-CRM01 CrmIisPoolServiceAccount",
	.options = OPTIONS_KIND | OPTIONS_DELETE,
	.connects = true,
	.changes = true,
	.run = run,
};

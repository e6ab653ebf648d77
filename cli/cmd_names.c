/* SPDX-License-Identifier: MIT */
/* cmd_names.c - add, delete, move and defaults: what changes the names of an account */
#include <string.h>

#include "change.h"
#include "commands.h"
#include "connect.h"
#include "output.h"

/* The account behind the names on the command line, for the library: its DN with --computer or --user, else a copy.
 * Free it.  If it is in another domain, cli->dir is that one afterwards. */
static spn_status find_account(struct cli *cli, char **ret_account, spn_error *err)
{
	const char *text = cli->argv[cli->argc - 1];
	AUTO(spn_account) *account = NULL;
	spn_status status = connect_follow(cli, text, err);
	if (!status && connect_want(cli) != SPN_WANT_ANY)
		status = spn_account_find(cli->dir, text, connect_want(cli), &account, err);
	if (status)
		return status;
	*ret_account = strdup(account ? spn_account_dn(account) : text);
	return *ret_account ? SPN_OK : spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
}

/* Before anything is written, not when it is time to wait. */
static spn_status check_replicas(const struct cli *cli, spn_error *err)
{
	const char *url = spn_directory_url(cli->dir);
	bool has_replicas = strncmp(url, "ldap://", 7) == 0 || strncmp(url, "ldaps://", 8) == 0;
	return !cli->options.wait_replicas || has_replicas ? SPN_OK :
		spn_fail(err, SPN_ERR_INVALID, 0, "'%s' has no replicas to wait for: leave --wait-replicas out", url);
}

static spn_status begin_add(struct cli *cli, char **ret_account, spn_error *err)
{
	const char *domain;
	spn_status status = check_replicas(cli, err);
	if (!status)
		status = find_account(cli, ret_account, err);
	if (!status)
		status = spn_directory_base(cli->dir, &domain, err);
	if (status)
		return status;
	say(cli, "Checking domain %s", domain);
	if (cli->options.forest)
		say(cli, "Checking forest too, by its global catalog");
	return SPN_OK;
}

static spn_status run_add(struct cli *cli, spn_error *err)
{
	struct change change = { .cli = cli };
	AUTO(char) *account = NULL;
	spn_open_options open = cli->options.open;
	spn_change_options options = change_options(&change);
	options.flags |= (cli->options.flags & SPN_TAKEOVER) | (cli->options.forest ? SPN_FOREST : 0);
	options.wait_seconds = cli->options.wait_replicas;
	options.wait_options = &open;
	open.domain = cli->options.domains.at[0];
	open.read_only = true;
	spn_status status = begin_add(cli, &account, err);
	if (!status)
		status = spn_add_unique(cli->dir, account, (const char *const *)cli->argv, (size_t)cli->argc - 1, &options, err);
	if (status == SPN_ERR_NOT_UNIQUE && !change.plan)
		say(cli, "Duplicate SPN found, aborting operation!");
	return change_end(&change, status, err);
}

static spn_status run_delete(struct cli *cli, spn_error *err)
{
	struct change change = { .cli = cli };
	AUTO(char) *account = NULL;
	spn_change_options options = change_options(&change);
	options.flags |= cli->options.flags & SPN_IF_PRESENT;
	spn_status status = find_account(cli, &account, err);
	if (!status)
		status = spn_delete(cli->dir, account, (const char *const *)cli->argv, (size_t)cli->argc - 1, &options, err);
	return change_end(&change, status, err);
}

static spn_status plan_move(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	const struct options *options = &cli->options;
	spn_status status = spn_plan_new(ret_plan, err);
	if (!status)
		status = connect_follow(cli, options->from, err);
	return status ? status :
			spn_propose_move(*ret_plan, cli->dir, options->from, options->to, (const char *const *)cli->argv,
					(size_t)cli->argc, spn_report_on_remark, cli->report, err);
}

static spn_status plan_defaults(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	spn_status status = spn_plan_new(ret_plan, err);
	if (!status)
		status = connect_follow(cli, cli->argv[0], err);
	return status ? status :
			spn_propose_defaults(*ret_plan, cli->dir, cli->argv[0], spn_report_on_remark, cli->report, err);
}

const struct command cmd_add = {
	.name = "add",
	.args = "NAME... ACCOUNT",
	.summary = "Add names to an account, if no other account holds them",
	.details = "A name that the account already holds is reported and left as it is. Exit code 1 if the names stand but "
		"--wait-replicas did not see them everywhere.",
	.example = "spnkit add ftp/LAX-CRM01 ftp/LAX-CRM01.kimconnect.com LAX-CRM01",
	.options = OPTIONS_FOREST | OPTIONS_KIND | OPTIONS_TAKEOVER | OPTIONS_REPLICAS,
	.connects = true,
	.changes = true,
	.run = run_add,
};

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
	.run = run_delete,
};

const struct command cmd_move = {
	.name = "move",
	.args = "NAME...",
	.summary = "Move names from one account to another",
	.example = "spnkit move http/LAX-CRM01 --from CrmIisPoolServiceAccount --to LAX-CRM01",
	.options = OPTIONS_MOVE,
	.connects = true,
	.changes = true,
	.plan = plan_move,
};

const struct command cmd_defaults = {
	.name = "defaults",
	.args = "COMPUTER",
	.summary = "Restore the names that every computer has",
	.details = "HOST/ and RestrictedKrbHost/, each for the short name and the FQDN. COMPUTER is its account, or "
		   "one of its host names.",
	.example = "spnkit defaults LAX-CRM01",
	.connects = true,
	.changes = true,
	.plan = plan_defaults,
};

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <spnkit/backend.h>

#include "change.h"
#include "commands.h"
#include "connect.h"
#include "output.h"

/* Before anything is written, not when it is time to wait. */
static spn_status check_replicas(const struct cli *cli, spn_error *err)
{
	const char *url = spn_directory_url(cli->dir);
	bool has_replicas = strncmp(url, "ldap://", 7) == 0 || strncmp(url, "ldaps://", 8) == 0;
	return !cli->options.wait_replicas || has_replicas ? SPN_OK :
		spn_fail(err, SPN_ERR_INVALID, 0, "'%s' has no replicas to wait for: leave --wait-replicas out", url);
}

static spn_status make_plan(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	const char *domain;
	char *account;
	spn_status status = check_replicas(cli, err);
	if (!status)
		status = spn_plan_new(ret_plan, err);
	if (!status)
		status = change_account(cli, cli->argv[cli->argc - 1], &account, err);
	if (status)
		return status;
	status = connect_context(cli->dir, "defaultNamingContext", &domain, err);
	if (status) {
		free(account);
		return status;
	}
	say(cli, "Checking domain %s", domain);
	if (cli->options.forest)
		say(cli, "Checking forest too, by its global catalog");
	unsigned flags = (cli->options.takeover ? SPN_TAKEOVER : 0) | (cli->options.forest ? SPN_FOREST : 0);
	status = spn_propose_add(*ret_plan, cli->dir, account, (const char *const *)cli->argv,
			(size_t)cli->argc - 1, flags, change_remark, cli, err);
	free(account);
	if (status == SPN_ERR_NOT_UNIQUE)
		say(cli, "Duplicate SPN found, aborting operation!");
	return status;
}

/* The waiting for the other controllers. */
struct waiting {
	struct cli *cli;
	spn_error late; /* status: they are not all there yet, which takes nothing back */
};

/* Once the names are added.  A conflict is a failure, so that they are taken back. */
static spn_status wait(
		size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data, spn_error *err)
{
	(void)i;
	(void)why;
	struct waiting *waiting = data;
	struct cli *cli = waiting->cli;
	if (state != SPN_STEP_DONE)
		return SPN_OK;
	const char **names = calloc(step->n_mods, sizeof *names);
	if (!names)
		return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	for (size_t j = 0; j < step->n_mods; j++)
		names[j] = step->mods[j].value.data;
	struct access access;
	connect_options(cli, cli->options.n_domains ? cli->options.domains[0] : NULL, &access);
	access.open.read_only = true;
	spn_status status = spn_replicas_wait(
			cli->dir, &access.open, step->dn, names, step->n_mods, cli->options.wait_replicas, &waiting->late);
	free(names);
	if (status == SPN_ERR_NOT_UNIQUE)
		*err = waiting->late;
	return status == SPN_ERR_NOT_UNIQUE ? status : SPN_OK;
}

static enum cli_exit run(struct cli *cli)
{
	struct waiting waiting = { cli, { .status = SPN_OK } };
	spn_error err = { .status = SPN_OK };
	spn_plan *plan = NULL;
	bool done;
	enum cli_exit code = make_plan(cli, &plan, &err) ? complain(cli, &err)
		: change_run(cli, &(struct change){ .plan = plan, .dir = cli->dir,
				.watch = cli->options.wait_replicas ? wait : NULL, .data = &waiting }, &done);
	spn_plan_free(plan);
	if (code == CLI_DONE && waiting.late.status) {
		complain(cli, &waiting.late);
		code = CLI_NO; /* it stands, where it was made */
	}
	return code;
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
	.run = run,
};

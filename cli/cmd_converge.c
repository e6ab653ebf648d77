/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "commands.h"
#include "connect.h"
#include "output.h"

static spn_status open_file(struct cli *cli, const char *path, spn_directory **ret_file, spn_error *err)
{
	AUTO(char) *url = NULL;
	spn_open_options open = cli->options.open;
	open.read_only = true;
	open.credentials = NULL; /* a file needs none */
	return asprintf(&url, "ldif:%s", path) < 0 ? spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory") :
			spn_directory_open(url, &open, ret_file, err);
}

/* The DNs say which domain is meant. */
static spn_status go_to_domain(struct cli *cli, spn_directory *file, spn_error *err)
{
	AUTO(char) *dn = NULL;
	spn_status status = spn_desired_account(file, &dn, err);
	if (!status && !dn)
		note(cli, "no servicePrincipalName is listed in %s", cli->argv[0]);
	return status || !dn ? status : connect_follow(cli, dn, err);
}

static spn_status make_plan(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	static const char *const but[] = { "other-domain", "missing-attributes", "no-names", NULL }; /* no matter, or said */
	unsigned flags = (cli->options.flags & (SPN_EXACT | SPN_TAKEOVER)) | (cli->options.forest ? SPN_FOREST : 0);
	AUTO(spn_directory) *file = NULL;
	spn_status status = open_file(cli, cli->argv[0], &file, err);
	if (!status)
		status = spn_plan_new(ret_plan, err);
	if (!status)
		spn_report_directory(cli->report, file, but);
	if (!status)
		status = go_to_domain(cli, file, err);
	return status ? status :
			spn_propose_converge(*ret_plan, cli->dir, file, flags, spn_report_on_remark, cli->report, err);
}

const struct command cmd_converge = {
	.name = "converge",
	.args = "FILE",
	.summary = "Make accounts hold the names that a file lists for them",
	.details = "FILE is LDIF with the DN of each account and its servicePrincipalName: an export, or what the "
		"commands list (--format ldif) and expect (--format desired) write; \"-\" is standard input, and needs --yes. "
		"Missing names are added; a name of another account in FILE is moved; one of an account that is not in FILE is "
		"refused, with the command that moves it. Other names stay, unless you give --exact. With --dry-run, the exit "
		"code is 1 if there is something to change.",
	.example = "spnkit converge names.ldif",
	.options = OPTIONS_FOREST | OPTIONS_TAKEOVER | OPTIONS_CONVERGE,
	.connects = true,
	.changes = true,
	.tells_difference = true,
	.plan = make_plan,
};

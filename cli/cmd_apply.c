/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <spnkit/backend.h>

#include "change.h"
#include "commands.h"
#include "connect.h"

static spn_status read_plan(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	const char *path = cli->argv[0];
	if (strcmp(path, "-") == 0)
		return spn_plan_read(stdin, "standard input", ret_plan, err);
	FILE *file = fopen(path, "re");
	if (!file)
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot read '%s': %s", path, strerror(errno));
	spn_status status = spn_plan_read(file, path, ret_plan, err);
	fclose(file);
	return status;
}

/* The plan says by its DNs which domain it is for. */
static spn_status make_plan(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	spn_status status = read_plan(cli, ret_plan, err);
	return status || !spn_plan_count(*ret_plan) ? status : connect_follow(cli, spn_plan_step(*ret_plan, 0)->dn, err);
}

static enum cli_exit run(struct cli *cli)
{
	return change_command(cli, make_plan);
}

const struct command cmd_apply = {
	.name = "apply",
	.args = "FILE",
	.summary = "Carry out a plan file, as --dry-run --format ldif writes it",
	.details = "\"-\" is standard input, and needs --yes. What is no longer as the plan expects is not changed.",
	.example = "spnkit apply plan.ldif",
	.connects = true,
	.changes = true,
	.run = run,
};

/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "repair.h"

static enum cli_exit run(struct cli *cli)
{
	return repair_run(cli, &(struct repair){ .propose = spn_propose_split, .validate = spn_propose_split });
}

const struct command cmd_split = {
	.name = "split",
	.args = "SERVER",
	.summary = "Names with a port for the computer, plain ones for the service account",
	.details = "Both services work; clients of one must include the port in the name.",
	.example = "spnkit split LAX-CRM01 --port 5985 --dry-run",
	.options = OPTIONS_FOREST | OPTIONS_REPAIR,
	.connects = true,
	.changes = true,
	.run = run,
};

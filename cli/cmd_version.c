/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "output.h"

static enum cli_exit run(struct cli *cli)
{
	spn_report_version(cli->report);
	return CLI_DONE;
}

const struct command cmd_version = {
	.name = "version",
	.args = "",
	.summary = "Print the version",
	.example = "spnkit version",
	.run = run,
};

/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "help.h"

static enum cli_exit run(struct cli *cli)
{
	const struct command *command = NULL;
	if (cli->argc > 0) {
		command = command_find(cli, cli->argv[0]);
		if (!command)
			return CLI_USAGE;
	}
	return help_print(stdout, command);
}

const struct command cmd_help = {
	.name = "help",
	.args = "[COMMAND]",
	.summary = "Explain a command",
	.example = "spnkit help query",
	.run = run,
};

/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "output.h"

static spn_status run(struct cli *cli, spn_error *err)
{
	spn_status status = SPN_OK;
	for (int i = 0; !status && i < cli->argc; i++) {
		AUTO(char) *name = NULL;
		bool answered = true;
		status = spn_report_resolved(cli->report, cli->dir, meant(cli, cli->argv[i], SPN_ASKED_TICKET, &name),
				cli->options.probe.era, &answered, err);
		if (!answered)
			cli->code = CLI_NO;
	}
	return status;
}

const struct command cmd_resolve = {
	.name = "resolve",
	.args = "NAME...",
	.summary = "Say which account the KDC picks for a name, and by which rule",
	.details = "Judged by the directory alone. Exit code 1 if no account, or more than one, is picked for one of them.",
	.example = "spnkit resolve http/LAX-CRM01",
	.options = OPTIONS_KDC,
	.connects = true,
	.run = run,
};

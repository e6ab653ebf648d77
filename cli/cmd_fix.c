/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "repair.h"

static enum cli_exit run(struct cli *cli)
{
	return repair_run(cli, &(struct repair){
		.propose = spn_propose_fix,
		.validate = spn_propose_fix,
		.probes = true,
		.phrase = "I confirm",
		.warning = "first let the service run as the computer account (IIS: LocalSystem or "
			"ApplicationPoolIdentity for the pool); until then it cannot use tickets for these names",
		.shows_groups = true,
	});
}

const struct command cmd_fix = {
	.name = "fix",
	.args = "SERVER",
	.summary = "Make a server's computer account answer for its names",
	.details = "Copies the groups of the account that holds CLASS/SERVER to the computer account, moves the "
		   "names to it, and looks again. SERVER is a short name or an FQDN. A ticket is requested and "
		   "tried on the service before and after, with a log-on that nobody can use unless --http says where "
		   "to log on. If that already works, or fails for another reason, nothing is changed.",
	.example = "spnkit fix LAX-CRM01 --dry-run",
	.options = OPTIONS_FOREST | OPTIONS_REPAIR | OPTIONS_PROTECTED,
	.connects = true,
	.changes = true,
	.run = run,
};

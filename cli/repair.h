/* SPDX-License-Identifier: MIT */
/* repair.h - what fix, reset and split have in common: verdicts, a plan, the change, and a second look */
#ifndef CLI_REPAIR_H
#define CLI_REPAIR_H

#include "cli.h"

typedef spn_status repair_propose_fn(spn_plan *plan, spn_directory *dir, const char *server,
		const spn_repair_options *options, spn_error *err);

struct repair {
	repair_propose_fn *propose;
	repair_propose_fn *validate; /* proposes nothing once the server is as it should be */
	const char *phrase;          /* as in struct change */
	const char *warning;         /* told before the plan, or NULL */
	bool shows_groups;           /* of the computer, in the end */
	bool probes;                 /* the KDC and the service are asked first, and once more in the end */
	spn_step_fn *watch;          /* sees the steps too, or NULL; gets data */
	void *data;
};

enum cli_exit repair_run(struct cli *cli, const struct repair *repair);

#endif

/* SPDX-License-Identifier: MIT */
/* verdict.h - findings that are read one below the other: a name, then what is said of it */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include "cli.h"

/* A spn_finding_fn, with a struct verdicts as data: prints each finding and keeps the worst severity. */
struct verdicts {
	struct cli *cli;
	spn_severity worst;
};

spn_status verdict_print(const spn_finding *finding, void *data, spn_error *err);

/* CLI_NO if something is broken. */
enum cli_exit verdict_exit(const struct verdicts *verdicts);

#endif

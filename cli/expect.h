/* SPDX-License-Identifier: MIT */
/* expect.h - the verdicts on the names of a service, for expect and diagnose */
#ifndef CLI_EXPECT_H
#define CLI_EXPECT_H

#include "cli.h"

/* Judges the service on cli->options.expect.host in cli->dir, as the options say.  bad: the least severity that makes
 * the exit code CLI_NO. */
spn_status expect_judge(struct cli *cli, const spn_recipe *recipe, spn_severity bad, spn_error *err);

#endif

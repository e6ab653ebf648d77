/* SPDX-License-Identifier: MIT */
/* monitor.h - findings as numbers: a line for Nagios, or a text file for Prometheus */
#ifndef CLI_MONITOR_H
#define CLI_MONITOR_H

#include "output.h"

/* From now on what is found is counted, and nothing else is printed.  format: FORMAT_NAGIOS or FORMAT_PROMETHEUS. */
void monitor_begin(struct cli *cli, unsigned format);
/* Prints the numbers, if they are wanted.  Returns the exit code: of a plug-in 0 to 3; of what Prometheus collects that
 * of the command, but 0 whatever was found. */
enum cli_exit monitor_finish(struct cli *cli, enum cli_exit code);

#endif

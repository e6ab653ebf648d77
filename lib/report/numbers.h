/* SPDX-License-Identifier: MIT */
/* monitor.h - findings as numbers: a line for Nagios, or a text file for Prometheus */
#ifndef CLI_MONITOR_H
#define CLI_MONITOR_H

#include "output.h"

/* Findings are counted from now on, and not printed.  format: FORMAT_NAGIOS or FORMAT_PROMETHEUS. */
void monitor_begin(struct cli *cli, unsigned format);
/* Prints the numbers, if the command has findings.  Returns the exit code.  FORMAT_NAGIOS: 0 to 3, as of a plug-in;
 * FORMAT_PROMETHEUS: that of the command, but 0 whatever was found. */
enum cli_exit monitor_finish(struct cli *cli, enum cli_exit code);

#endif

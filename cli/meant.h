/* SPDX-License-Identifier: MIT */
/* meant.h - what people paste where a name is expected */
#ifndef CLI_MEANT_H
#define CLI_MEANT_H

#include "cli.h"

/* A URL, a principal, or another text that is almost a name: the name that clients ask for, in buffer, and a note that says so.  Any
 * other text comes back as it is. */
#define MEANT_SIZE 512
const char *meant_name(struct cli *cli, const char *text, char buffer[MEANT_SIZE]);

#endif

/* SPDX-License-Identifier: MIT */
/* meant.h - what people paste where a name is expected */
#ifndef CLI_MEANT_H
#define CLI_MEANT_H

#include "cli.h"

/* Room for what is made of a text. */
#define MEANT_SIZE 512

/* A URL, a principal, or another text that is almost a name: the name that clients ask for, in buffer, and a note that
 * says so.  Any other text comes back as it is. */
const char *meant_name(struct cli *cli, const char *text, char buffer[MEANT_SIZE]);
/* The same for a request: a host means the name that web clients of it ask for. */
const char *meant_request(struct cli *cli, const char *text, char buffer[MEANT_SIZE]);
/* The same for a search: a host means every class of it. */
const char *meant_pattern(struct cli *cli, const char *text, char buffer[MEANT_SIZE]);
/* A server without the blanks around it, and without the dot at its end that DNS writes: cut in place. */
char *meant_server(char *text);

#endif

/* SPDX-License-Identifier: MIT */
/* help.h - what the tables of commands and options say */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli.h"

/* Prints the help of a command; NULL: of the whole. */
void help_print(FILE *to, const struct command *command);

/* Whether the number of operands suits the command. */
spn_status help_check_operands(struct cli *cli, spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* help.h - what the tables of commands and options say */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli.h"

/* Prints the help of a command; NULL: of the whole. */
enum cli_exit help_print(FILE *to, const struct command *command);

/* Says whether the number of operands suits the command; tells what is missing or too much. */
bool help_check_operands(struct cli *cli);

#endif

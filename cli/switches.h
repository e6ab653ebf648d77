/* SPDX-License-Identifier: MIT */
/* switches.h - setspn's command line, read into our own options and operands */
#ifndef CLI_SWITCHES_H
#define CLI_SWITCHES_H

#include "cli.h"

/*
 * Reads a command line of setspn from cli->argv: '/' or '-', letters in any case, anywhere.  The names and the account
 * are left in cli->argv; -C -U -F -P -T go into cli->options.  ret_mode: one of A D L Q R S X, or '?' for help.
 */
spn_status switches_parse(struct cli *cli, char *ret_mode, spn_error *err);

#endif

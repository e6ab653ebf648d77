/* SPDX-License-Identifier: MIT */
/* commands.h - the commands, each in a file of its own name */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli.h"

extern const struct command cmd_diff, cmd_rights, cmd_watch;
extern const struct command cmd_add, cmd_apply, cmd_audit, cmd_check_keytab, cmd_converge, cmd_copy_groups,
		cmd_defaults, cmd_delegations, cmd_delete, cmd_diagnose, cmd_duplicates, cmd_expect, cmd_fix, cmd_help,
		cmd_list, cmd_move, cmd_probe, cmd_query, cmd_reset, cmd_resolve, cmd_setspn, cmd_split, cmd_undo,
		cmd_version;

#endif

/* SPDX-License-Identifier: MIT */
/* command.h - the commands that mend what was found */
#ifndef SPK_COMMAND_H
#define SPK_COMMAND_H

#include <stdbool.h>

#include <spnkit/directory.h>

#include "base/text.h"

/* Goes on with " -T DOMAIN" if somebody has chosen the domain of the directory: without it, the command would work on
 * another one, where others may have the same names. */
void spk_shell_home(spk_text *text, spn_directory *dir);
/* The domain that a command has to name, whatever program it is of; "": none. */
void spk_command_domain(spn_directory *dir, spk_text *ret_domain);

/* Ends a command with what it is to work on, each word behind a space: behind "--" if one of them would be taken for an
 * option. */
void spk_shell_operands(spk_text *text, const char *const *words, size_t n);

/* "spnkit delete NAME ACCOUNT" and "spnkit move --from ACCOUNT --to ACCOUNT NAME"; accounts as spk_account_operand. */
void spk_shell_delete(spk_text *text, spn_directory *dir, const char *name, const char *from);
void spk_shell_move(spk_text *text, spn_directory *dir, const char *name, const char *from, const char *to);

/* "spnkit fix HOST --service SERVICE", behind which more options may come.  Nothing if the host would be taken for one
 * of them: whoever names a computer could choose what the command does. */
bool spk_shell_fix(spk_text *text, const char *host, const char *service);

#endif

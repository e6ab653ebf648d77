/* SPDX-License-Identifier: MIT */
/* last_change.h - when and where the names of the accounts that a finding is about were last changed */
#ifndef CLI_LAST_CHANGE_H
#define CLI_LAST_CHANGE_H

#include "cli.h"

/* Not read for findings with more accounts. */
#define DATED_MAX 16

struct dated {
	struct {
		spn_last_change change;
		bool is_known;
		bool is_youngest; /* the only one of several that was changed last */
	} accounts[DATED_MAX];
	size_t youngest; /* the one that was changed last, or the first of several; DATED_MAX: not known */
};

/* Where to look up the accounts of findings from now on. */
void last_change_look_in(struct cli *cli, spn_directory *const *dirs, size_t n);
/* Of an account; false if it is not known. */
bool last_change_of(struct cli *cli, const char *dn, spn_last_change *ret_change);
/* Of all accounts of a duplicate or an alias conflict; false if none is known, and for other findings. */
bool last_changes(struct cli *cli, const spn_finding *finding, struct dated *ret_dated);

#define LAST_CHANGE_TEXT 400
/* "names last changed 2026-11-28 15:16Z at DC2, version 6" */
void last_change_text(const spn_last_change *change, char text[LAST_CHANGE_TEXT]);
/* On standard output: the accounts, each with its date; and where to look next for who did it. */
void last_change_put_accounts(const spn_finding *finding, const struct dated *dated);
void last_change_put_next(const struct dated *dated);

#endif

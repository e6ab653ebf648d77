/* SPDX-License-Identifier: MIT */
/* last_change.h - when and where the names of the accounts that a finding is about were last changed */
#ifndef SPK_LAST_CHANGE_H
#define SPK_LAST_CHANGE_H

#include "form.h"

/* Not read for findings with more accounts. */
#define SPK_DATED_MAX 16

typedef struct spk_dated {
	struct {
		spn_last_change change;
		bool is_known;
		bool is_youngest; /* the only one of several that was changed last */
	} accounts[SPK_DATED_MAX];
	size_t youngest; /* the one that was changed last, or the first of several; SPK_DATED_MAX: not known */
} spk_dated;

/* Of an account; false if it is not known. */
bool spk_last_change_of(spn_report *report, const char *dn, spn_last_change *ret_change);
/* Of all accounts of a duplicate or an alias conflict; false if none is known, and for other findings. */
bool spk_last_changes(spn_report *report, const spn_finding *finding, spk_dated *ret_dated);

#define SPK_LAST_CHANGE_TEXT 400
/* "names last changed 2026-11-28 15:16Z at DC2, version 6" */
void spk_last_change_text(const spn_last_change *change, char text[SPK_LAST_CHANGE_TEXT]);
/* Where to look next for who did it. */
void spk_last_change_next(const spk_dated *dated, char text[SPK_LAST_CHANGE_TEXT]);

#endif

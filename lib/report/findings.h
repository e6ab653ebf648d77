/* SPDX-License-Identifier: MIT */
/* findings.h - how many findings there are */
#ifndef SPK_FINDINGS_H
#define SPK_FINDINGS_H

#include <spnkit/check.h>

/* How many there are of each code and severity. */
typedef struct spk_tally {
	struct spk_tally_row {
		const char *code;
		size_t n[SPN_SEVERITY_BROKEN + 1]; /* by severity */
	} rows[64];
	size_t n_rows;
	size_t n[SPN_SEVERITY_BROKEN + 1];
	size_t total;
} spk_tally;

void spk_tally_add(spk_tally *tally, const spn_finding *finding);

#endif

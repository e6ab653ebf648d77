/* SPDX-License-Identifier: MIT */
/* findings.h - findings that are kept for later */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include "cli.h"

struct findings {
	spn_finding **list; /* copies */
	size_t n, size;
};

spn_status findings_add(struct findings *findings, const spn_finding *finding, spn_error *err);
/* The worst first; else as they were found. */
void findings_sort(struct findings *findings);
void findings_free(struct findings *findings);

/* How many there are of each code and severity. */
struct tally {
	struct tally_row {
		const char *code;
		size_t n[SPN_SEVERITY_BROKEN + 1]; /* by severity */
	} rows[64];
	size_t n_rows;
	size_t n[SPN_SEVERITY_BROKEN + 1];
	size_t total;
};

void tally_add(struct tally *tally, const spn_finding *finding);

#endif

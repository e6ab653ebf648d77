/* SPDX-License-Identifier: MIT */
#include "findings.h"

#include <string.h>

void spk_tally_add(spk_tally *tally, const spn_finding *finding)
{
	size_t at = 0;
	while (at < tally->n_rows && strcmp(tally->rows[at].code, finding->code) != 0)
		at++;
	if (at == sizeof tally->rows / sizeof *tally->rows)
		at--; /* the library has far fewer codes */
	if (at == tally->n_rows)
		tally->rows[tally->n_rows++].code = finding->code;
	tally->rows[at].n[finding->severity]++;
	tally->n[finding->severity]++;
	tally->total++;
}

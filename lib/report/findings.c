/* SPDX-License-Identifier: MIT */
#include "findings.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

spn_status spk_findings_add(spk_findings *findings, const spn_finding *finding, spn_error *err)
{
	if (findings->n == findings->size) {
		size_t size = findings->size * 2 + 16;
		spn_finding **grown = realloc(findings->list, size * sizeof *grown);
		if (!grown)
			return spk_nomem(err);
		findings->list = grown;
		findings->size = size;
	}
	spn_status status = spn_finding_copy(finding, &findings->list[findings->n], err);
	findings->n += status == SPN_OK;
	return status;
}

void spk_findings_free(spk_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		spn_finding_free(findings->list[i]);
	free(findings->list);
	*findings = (spk_findings){ .n = 0 };
}

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

/* SPDX-License-Identifier: MIT */
/* findings.c - findings that are kept for later */
#include <stdlib.h>

#include <spnkit/check.h>

#include "base/error.h"

spn_status spn_findings_keep(const spn_finding *finding, void *findings, spn_error *err)
{
	spn_findings *kept = findings;
	if (!finding || !findings)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_findings_keep: an argument is NULL");
	if (kept->n == kept->size) {
		size_t size = kept->size * 2 + 16;
		spn_finding **grown = realloc(kept->list, size * sizeof *grown);
		if (!grown)
			return spk_nomem(err);
		kept->list = grown;
		kept->size = size;
	}
	spn_status status = spn_finding_copy(finding, &kept->list[kept->n], err);
	kept->n += status == SPN_OK;
	return status;
}

void spn_findings_clear(spn_findings *findings)
{
	if (!findings)
		return;
	for (size_t i = 0; i < findings->n; i++)
		spn_finding_free(findings->list[i]);
	free(findings->list);
	*findings = (spn_findings){ .n = 0 };
}

/* SPDX-License-Identifier: MIT */
/* Findings that are kept until the summary of all accounts has been reported: a server is searched once for both. */
#include <stdlib.h>

#include "audit.h"
#include "base/error.h"

struct spk_later_finding {
	struct spk_later_finding *next;
	spn_finding *copy;
};

spn_status spk_later_take(const spn_finding *finding, void *data, spn_error *err)
{
	spk_later *later = data;
	++*later->n_noted;
	if (!later->is_waiting)
		return spk_tell_finding(later->to, finding, err);
	struct spk_later_finding *kept = calloc(1, sizeof *kept);
	spn_status status = kept ? spn_finding_copy(finding, &kept->copy, err) : spk_nomem(err);
	if (status) {
		free(kept);
		return status;
	}
	*(later->first ? &later->last->next : &later->first) = kept;
	later->last = kept;
	return SPN_OK;
}

spn_status spk_later_tell(spk_later *later, spn_error *err)
{
	spn_status status = SPN_OK;
	later->is_waiting = false;
	for (const struct spk_later_finding *kept = later->first; !status && kept; kept = kept->next)
		status = spk_tell_finding(later->to, kept->copy, err);
	spk_later_free(later);
	return status;
}

void spk_later_free(spk_later *later)
{
	while (later->first) {
		struct spk_later_finding *next = later->first->next;
		spn_finding_free(later->first->copy);
		free(later->first);
		later->first = next;
	}
}

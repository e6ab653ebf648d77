/* SPDX-License-Identifier: MIT */
/* causes.h - findings that are about one cause: what is wrong with the short name of a server is wrong with its FQDN,
 * too */
#ifndef SPK_CAUSES_H
#define SPK_CAUSES_H

#include "findings.h"

/* A finding of the cause, with the names that it is about besides its own; lives until the function returns. */
typedef spn_status spk_cause_fn(
		const spn_finding *finding, const char *const *also, size_t n_also, void *data, spn_error *err);

/* Findings that wait for others like them: of a million, only so many at a time. */
#define SPK_CAUSES_WAITING 64

typedef struct spk_causes {
	spk_cause_fn *fn;
	void *data;
	struct cause {
		char *key; /* NULL: nothing is like it */
		spn_findings findings; /* that have it */
	} waiting[SPK_CAUSES_WAITING];
	size_t n;
} spk_causes;

/* Takes a finding and calls fn, now or later, once for all that have its cause. */
spn_status spk_causes_add(spk_causes *causes, const spn_finding *finding, spn_error *err);
/* Those that still wait. */
spn_status spk_causes_finish(spk_causes *causes, spn_error *err);
void spk_causes_free(spk_causes *causes);

#endif

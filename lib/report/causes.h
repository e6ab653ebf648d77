/* SPDX-License-Identifier: MIT */
/* causes.h - findings that are about one cause: what is wrong with the short name of a server is wrong with its FQDN,
 * too */
#ifndef CLI_CAUSES_H
#define CLI_CAUSES_H

#include "findings.h"

/* A finding of the cause, with the names that it is about besides its own; lives until the function returns. */
typedef spn_status cause_fn(
		const spn_finding *finding, const char *const *also, size_t n_also, void *data, spn_error *err);

/* Findings that wait for others like them: of a million, only so many at a time. */
#define CAUSES_WAITING 64

struct causes {
	cause_fn *fn;
	void *data;
	struct cause {
		char *key; /* NULL: nothing is like it */
		struct findings findings; /* that have it */
	} waiting[CAUSES_WAITING];
	size_t n;
};

/* Takes a finding and calls fn, now or later, once for all that have its cause. */
spn_status causes_add(struct causes *causes, const spn_finding *finding, spn_error *err);
/* Those that still wait. */
spn_status causes_finish(struct causes *causes, spn_error *err);
void causes_free(struct causes *causes);

#endif

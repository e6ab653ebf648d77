/* SPDX-License-Identifier: MIT */
/* finding.h - telling findings */
#ifndef SPK_FINDING_H
#define SPK_FINDING_H

#include <spnkit/check.h>

#include "repair.h"

/* Tells fn (NULL: nobody) one finding.  account and repairs may be NULL. */
typedef struct spk_teller {
	spn_finding_fn *fn;
	void *data;
} spk_teller;

spn_status spk_tell(const spk_teller *to, spn_error *err, const char *code, spn_severity severity, const char *spn,
		const spn_account *account, const spk_repairs *repairs, const char *format, ...)
	__attribute__((format(printf, 8, 9)));

/* Tells fn a finding.  In one place: what fails there without saying why gets a text. */
spn_status spk_tell_finding(const spk_teller *to, const spn_finding *finding, spn_error *err);

#endif

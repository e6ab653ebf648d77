/* SPDX-License-Identifier: MIT */
/* ldif.h - steps as LDIF change records, and back */
#ifndef SPK_PLAN_LDIF_H
#define SPK_PLAN_LDIF_H

#include "plan.h"
#include "model/ldif/ldif.h"

/* The comments between which a plan of ours stands: one that begins and does not end was cut off. */
#define SPK_PLAN_HEAD "spnkit plan 1"
#define SPK_PLAN_END "end of the plan"

/* Appends a step, with comments that carry reason, account and flags, and an empty line. */
void spk_step_put(const spn_step *step, spk_text *out);

/* Appends the step of a change record to a plan. */
spn_status spk_step_read(const spk_ldif_reader *reader, const spk_ldif_record *record, spn_plan *plan,
		spn_error *err);

/* The text after "NAME: " of a comment, or NULL if it is another one. */
const char *spk_comment_value(const spk_ldif_comment *comment, const char *name);

#endif

/* SPDX-License-Identifier: MIT */
/* preflight.h - what is known before anything is sent */
#ifndef SPK_PREFLIGHT_H
#define SPK_PREFLIGHT_H

#include "plan.h"

/* What plans of no more steps will ask a server for is looked at before (spk_directory_look_ahead). */
#define SPK_LOOKED_AT 64u

/* As spn_plan_preflight.  ret_step: the number of the step that would be refused; that of steps if it is the plan as a
 * whole. */
spn_status spk_plan_foresee(const spn_plan *given, spn_directory *dir, size_t *ret_step, spn_error *err);

#endif

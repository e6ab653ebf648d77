/* SPDX-License-Identifier: MIT */
/* preflight.h - what is known before anything is sent */
#ifndef SPK_PREFLIGHT_H
#define SPK_PREFLIGHT_H

#include "ops/plan.h"

/* What is looked at once for the whole plan: the attributes it changes, the way back of names it removes, permissions. */
spn_status spk_preflight_plan(const spn_plan *plan, spn_directory *dir, spn_error *err);

#endif

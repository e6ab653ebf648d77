/* SPDX-License-Identifier: MIT */
/* remedy.h - the command that a person runs for a repair */
#ifndef SPK_REMEDY_H
#define SPK_REMEDY_H

#include <stdbool.h>

#include <spnkit/check.h>

/* The command line for all repairs of a finding, to be freed.  NULL: there is none, or no memory, which sets *lost. */
char *spk_remedy_of(const spn_finding *finding, bool *lost);
/* Likewise for a step; ret_tool: what it belongs to. */
char *spk_remedy_of_step(const spn_repair_step *step, const char **ret_tool, bool *lost);

#endif

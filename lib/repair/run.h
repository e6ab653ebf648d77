/* SPDX-License-Identifier: MIT */
/* run.h - changes, for the calls that make them */
#ifndef SPK_RUN_H
#define SPK_RUN_H

#include <spnkit/repair.h>

/* Copies the options (NULL: the defaults), and refuses flags that a call does not support. */
spn_status spk_change_options_take(const char *call, const spn_change_options *given, unsigned flags,
		spn_change_options *ret_options, spn_error *err);

/* Copies the options of fix, split and reset (NULL: the defaults). */
spn_status spk_repair_options_take(const spn_repair_options *given, spn_repair_options *ret_options, spn_error *err);

/*
 * As spn_plan_run, with options that were taken, and a title for the journal if they have none.  fn (may be NULL) sees
 * each step behind their step_fn, and may fail as that may; it gets data.
 */
spn_status spk_plan_run(spn_plan *plan, spn_directory *dir, const spn_change_options *options, const char *title,
		spn_step_fn *fn, void *data, spn_error *err);

/* The same for a plan of spn_propose_undo, of which values may be left as they are: how many the directory refused. */
spn_status spk_undo_run(spn_plan *plan, spn_directory *dir, const spn_change_options *options, const char *title,
		size_t *ret_n_left, spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* change.h - the one way from a plan to its end: print, ask, record, apply, report */
#ifndef CLI_CHANGE_H
#define CLI_CHANGE_H

#include "cli.h"

/* What a command wants done. */
struct change {
	spn_plan *plan;
	spn_directory *dir;
	const char *title;  /* for the journal; NULL: the command line */
	const char *phrase; /* what a person has to type, in three attempts; NULL: y, in one */
	spn_step_fn *watch; /* sees the steps too, or NULL */
	void *data;
	bool tells_failures; /* why an optional step failed is told by the command afterwards */
};

/* Carries it out as far as the options and the person allow.  ret_done: the directory is as planned. */
enum cli_exit change_run(struct cli *cli, const struct change *change, bool *ret_done);

/* Makes the plan of a command: a new one, in *ret_plan. */
typedef spn_status change_plan_fn(struct cli *cli, spn_plan **ret_plan, spn_error *err);

/* All of a command that is nothing but a change: makes the plan and runs it. */
enum cli_exit change_command(struct cli *cli, change_plan_fn *make);

/* A spn_finding_fn, with the struct cli as data: tells what a builder has noticed. */
spn_status change_remark(const spn_finding *finding, void *data, spn_error *err);

/*
 * Turns an account of the command line into one for the library: its DN with --computer or --user, else a
 * copy.  Free it.  If it is in another domain, cli->dir is that one afterwards.
 */
spn_status change_account(struct cli *cli, const char *text, char **ret_account, spn_error *err);

#endif

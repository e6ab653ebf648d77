/* SPDX-License-Identifier: MIT */
/* change.h - what a person sees of a change, and is asked about it */
#ifndef CLI_CHANGE_H
#define CLI_CHANGE_H

#include "cli.h"
#include "interrupt.h"

/* A change on its way.  Start from { .cli = cli }. */
struct change {
	struct cli *cli;
	const char *phrase;  /* what a person has to type, in three attempts; NULL: y, in one */
	const char *warning; /* said before the plan, or NULL */
	bool tells_failures; /* why an optional step failed is told by the command afterwards */

	const spn_plan *plan; /* from when it was shown until it is over */
	size_t n_kept;        /* values that it does not give back, as its builder says */
	size_t n_refused;     /* steps that failed, and did not keep the others from being made */
	bool is_caught, is_over, is_empty; /* nothing is to be changed */
	struct interrupt interrupt;
	enum cli_exit code; /* of what became of it */
};

/* The options of a call of the library that changes something: it prints, asks and records as the command line says.
 * When it has returned, change_end tells why it failed, and sets cli->code: SPN_OK. */
spn_change_options change_options(struct change *change);
spn_status change_end(struct change *change, spn_status status, const spn_error *err);

/* Carries a plan out.  verb: for the journal, before the operands; NULL: the command. */
spn_status change_run(struct change *change, spn_plan *plan, const char *verb);

/* Prints a plan in the format that the options name: that of LDIF or a script. */
spn_status change_write(const struct cli *cli, const spn_plan *plan, spn_error *err);

/* All of a command that is nothing but a change: makes the plan and runs it. */
spn_status change_command(struct cli *cli, change_plan_fn *make);

#endif

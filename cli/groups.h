/* SPDX-License-Identifier: MIT */
/* groups.h - what becomes of each group when memberships are copied */
#ifndef CLI_GROUPS_H
#define CLI_GROUPS_H

#include "cli.h"

struct group_note;

/* Groups that a plan adds an account to.  Start from { .cli = cli }. */
struct groups {
	struct cli *cli;
	struct group_note *notes;
	size_t n;
	bool missed; /* there is one that no plan of this domain can change */
	bool skipped; /* a protected group */
};

/* A spn_group_fn, with the struct groups as data, for a plan: keeps what will be added, prints the rest. */
spn_status groups_plan(const spn_group *group, void *data, spn_error *err);
/* A spn_step_fn with the same data: learns which of them were refused. */
spn_status groups_watch(size_t i, const spn_step *step, spn_step_state state, const spn_error *why,
		void *data, spn_error *err);
/* Prints what became of those that were kept; false: one was refused, or missed. */
bool groups_report(const struct groups *groups);
/* One that was added was taken back with the rest. */
bool groups_were_undone(const struct groups *groups);
/* The account is in this group.  And once that was said of all: false, and told, if one of those that were added is
 * missing again. */
void groups_see(struct groups *groups, const spn_group *group);
bool groups_are_whole(const struct groups *groups, const char *account);
void groups_clear(struct groups *groups);

#endif

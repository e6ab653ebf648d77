/* SPDX-License-Identifier: MIT */
/* plan.h - plans, for those who build and carry them out */
#ifndef SPK_PLAN_H
#define SPK_PLAN_H

#include <spnkit/plan.h>

#include "account/account.h"
#include "account/finding.h"
#include "account/roll.h"
#include "base/cleanup.h"

SPK_DEFINE_AUTO(spn_plan, spn_plan_free)

/* Whether it changes names, and not another attribute. */
static inline bool spk_mod_is_spn(const spn_mod *mod)
{
	return spk_ascii_equal(mod->attr, SPK_SPN);
}

/* Removes the steps from i on. */
void spk_plan_truncate(spn_plan *plan, size_t n);
/* Removes step i. */
void spk_plan_remove(spn_plan *plan, size_t i);
/* Removes change j of step i, and the step if it has no other one.  The plan must not list its names. */
void spk_plan_remove_mod(spn_plan *plan, size_t i, size_t j);

/* The first step of an entry, in ret_i, and the next one behind step i; SIZE_MAX: there is none.  False if memory runs
 * out. */
bool spk_plan_first_of(const spn_plan *plan, const char *dn, size_t *ret_i);
size_t spk_plan_next_of(const spn_plan *plan, size_t i);

/* Lists the names that steps add, those to come too, until a step is removed.  Once that is done, the first step that
 * adds a name is found without going over all of them: its number is in the place of an account. */
spn_status spk_plan_list_names(spn_plan *plan, spk_folding folding, spn_error *err);
bool spk_plan_lists_names(const spn_plan *plan, spk_folding folding);
const spk_line *spk_plan_first_adding(const spn_plan *plan, spn_bytes name, spk_folding folding);
/* A copy that lists them, also as either server compares names. */
spn_status spk_plan_copy_listed(const spn_plan *plan, spk_folding folding, spn_plan **ret_copy, spn_error *err);

/* Allows a plan what spn_plan_allow allows, and SPN_GIVES_BACK, of an undo: to restore even what nobody gets a ticket
 * for, and as much as the directory accepts.  Of an undo, the journal is the way back, and says what was allowed
 * once. */
#define SPK_UNDO_ALLOWS (SPN_UNSURE | SPN_NO_WAY_BACK | SPN_ANY_ATTRIBUTE | SPN_GIVES_BACK)
void spk_plan_allow(spn_plan *plan, unsigned flags);
/* Whether the caller allows what a plan may not do by default (SPN_UNSURE, ...). */
bool spk_plan_allows(const spn_plan *plan, unsigned flag);

/* Appends a step that gives or takes values of one attribute; the DN and the label are those of an account. */
spn_status spk_plan_append_values(spn_plan *plan, const spn_account *account, spn_mod_op op, const char *attr,
		const spn_bytes *values, size_t n_values, unsigned flags, const char *reason, spn_error *err);

/* The step behind step i that adds a name which that one removes, or NULL. */
const spn_step *spk_plan_goal(const spn_plan *plan, size_t i, spn_bytes name);

/* Gives SPN_DUPLICATE to the steps from the given one on that remove a name which the plan adds nowhere. */
spn_status spk_plan_keep_names(spn_plan *plan, size_t from, spn_error *err);

/* Changes an entry as the steps of the plan that are about it will. */
spn_status spk_plan_project(const spn_plan *plan, spn_entry *entry, spn_error *err);
/* The same for the entry of an account. */
spn_status spk_plan_project_account(const spn_plan *plan, spn_account *account, spn_error *err);
/* As spk_plan_project, for the first n changes of one step. */
spn_status spk_step_project(const spn_step *step, size_t n, spn_entry *entry, spn_error *err);

/* The first change of names that does not fit an entry: it adds a name that is there, or deletes one that was not there
 * before the step; ret_at: its number, or step->n_mods. */
spn_status spk_step_find_misfit(const spn_step *step, const spn_entry *entry, size_t *ret_at, spn_error *err);

/* Whether two changes are about the same value of the same attribute, byte by byte; a member is an entry, however it
 * is spelled. */
bool spk_mod_is_same_value(const spn_mod *a, const spn_mod *b);

/* Makes the step that takes another one back: the opposite of its mods, last one first. */
spn_status spk_step_invert(const spn_step *step, spn_plan *inverse, spn_error *err);

/* What an undo could not give back. */
struct spk_left {
	size_t n;      /* values */
	spn_error why; /* of the first of them */
};

/* As spn_plan_apply, but that of a plan of spn_propose_undo some values were refused, and others came back, is no
 * error. */
spn_status spk_plan_apply(const spn_plan *plan, spn_directory *dir, spn_journal *journal, spn_step_fn *fn, void *data,
		struct spk_left *ret_left, spn_error *err);

/* Returns SPN_ERR_INVALID, with the name of the call, if flags has others than those of allowed. */
spn_status spk_flags_check(const char *call, unsigned flags, unsigned allowed, spn_error *err);

#endif

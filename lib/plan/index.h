/* SPDX-License-Identifier: MIT */
/* index.h - which steps of a plan are about an entry, and which add a name, without going over all of them */
#ifndef SPK_PLAN_INDEX_H
#define SPK_PLAN_INDEX_H

#include <spnkit/plan.h>

#include "account/roll.h"
#include "base/keys.h"

#define SPK_FOLDINGS 4

/* Start from { 0 }. */
typedef struct spk_plan_index {
	spk_keys dns;
	struct spk_plan_ends *ends;   /* of each DN */
	struct spk_plan_links *links; /* of each step */
	size_t n_ends, size;
	spk_roll names[SPK_FOLDINGS]; /* that the steps add, by folding: the number of the step in the place of an account */
	bool is_listed[SPK_FOLDINGS]; /* whether there is such a list */
} spk_plan_index;

/* Adds step i, behind those that are there.  Values are lent. */
spn_status spk_plan_index_add(spk_plan_index *index, const spn_step *step, size_t i, spn_error *err);
/* Forgets step i, the last one; there is no list of names from then on. */
void spk_plan_index_drop(spk_plan_index *index, size_t i);
/* Forgets step i of n; those behind it have one number less. */
void spk_plan_index_remove(spk_plan_index *index, size_t i, size_t n);
/* Adds the names of step i to the list of a folding. */
spn_status spk_plan_index_list(
		spk_plan_index *index, spk_folding folding, const spn_step *step, size_t i, spn_error *err);
/* The first step of a DN, in ret_i, and the one behind step i; SIZE_MAX: there is none.  False if memory runs out. */
bool spk_plan_index_first(const spk_plan_index *index, const char *dn, size_t *ret_i);
size_t spk_plan_index_next(const spk_plan_index *index, size_t i);
void spk_plan_index_free(spk_plan_index *index);

#endif

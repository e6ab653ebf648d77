/* SPDX-License-Identifier: MIT */
/* work.h - a plan that is being carried out: what apply.c, send.c and give_back.c have in common */
#ifndef SPK_WORK_H
#define SPK_WORK_H

#include "plan.h"
#include "account/mapping.h"

/* The work on one plan. */
struct spk_work {
	const spn_plan *plan;
	spn_directory *dir;
	spn_journal *journal;
	spn_step_fn *fn;
	void *data;
	spk_live_mapping live;
	spn_plan *sent;    /* the steps that stand, as they were sent */
	size_t *numbers;   /* of each of those, its number in plan */
	bool uncertain;    /* a step whose fate is not known */
	bool is_stuck;     /* what failed was not the directory: the caller, or the journal */
	/* of a plan of spn_propose_undo */
	spn_plan *left;         /* values that were refused, each in a step of its own */
	spn_error first_of_left; /* why the first of them was */
};

/* ---- send.c ---- */

spn_status spk_work_tell(const struct spk_work *work, size_t i, const spn_step *step, spn_step_state state,
		const spn_error *why, spn_error *err);

/* Whether the values that a step adds are not there, and those that it deletes are: but of names, which are looked at
 * when it is carried out. */
spn_status spk_work_check_others(struct spk_work *work, const spn_step *step, spn_error *err);

/* Whether nobody else holds the names that a step adds. */
spn_status spk_work_check_unique(struct spk_work *work, const spn_step *step, unsigned flags, spn_error *err);

/* Notes step i, or a part of it, as one that stands. */
spn_status spk_work_keep(struct spk_work *work, size_t i, const spn_step *step, spn_error *err);

/* Everything of step i of the plan, or of a part of it, up to its being sent; it stands if this returns SPN_OK. */
spn_status spk_work_carry_out(struct spk_work *work, size_t i, const spn_step *planned, spn_error *err);

/* Has another writer added one of its names while we did, or taken its own away?  Then it is to be taken back. */
spn_status spk_work_check_after(struct spk_work *work, size_t i, const spn_step *step, spn_error *err);

/* An answer that did not come is replaced by a look at the entry. */
spn_status spk_work_look_after(struct spk_work *work, const spn_step *step, spn_status status, spn_error *err);

/* Sends the opposite of a step.  If that is refused as a whole, its changes are sent one by one: some of them may
 * pass. */
spn_status spk_work_take_back(struct spk_work *work, const spn_step *step, spn_error *err);

/* ---- give_back.c ---- */

/*
 * Carries out step i of a plan of spn_propose_undo, as far as the directory accepts it.  A value that it refuses is
 * reported (SPN_STEP_FAILED, for a step of this value alone, flagged SPN_OPTIONAL) and noted as left; the others still
 * come back.  What the undo had taken away to make room for it is put back.
 *
 * Returns an error only if the work cannot go on.
 */
spn_status spk_work_give_back(struct spk_work *work, size_t i, spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* give_back.c - one step of an undo: what the directory refuses of it stays as it is, and the rest comes back */
#include "work.h"

#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "step.h"
#include "base/error.h"
#include "model/fold.h"

/* Whether it was the directory that said no, or a look at it right before: anything else ends the work. */
static bool is_refusal(const struct spk_work *work, spn_status status)
{
	return !work->uncertain && !work->is_stuck && (status == SPN_ERR_REFUSED || status == SPN_ERR_DENIED ||
			status == SPN_ERR_NOT_UNIQUE || status == SPN_ERR_EXISTS || status == SPN_ERR_NOT_FOUND);
}

/* Whether a name stands for another one, as HOST/x does for http/x. */
static spn_status covers(const struct spk_work *work, spn_bytes name, spn_bytes alias, bool *ret_covers, spn_error *err)
{
	SPK_AUTOTEXT spk_text target = { 0 };
	*ret_covers = spk_mapping_target(&work->live.mapping, alias.data, &target) && !target.failed &&
			spk_fold_equal((spn_bytes){ target.data, target.len }, name, SPK_FOLD_EITHER);
	return target.failed ? spk_nomem(err) : SPN_OK;
}

/* Whether what one change takes away would be missed if what another one gives did not come: it is the same name, one
 * that it covers, or one that covers it; or another value of the same attribute. */
static spn_status makes_way(struct spk_work *work, const spn_step *taking, const spn_mod *taken, const spn_step *giving,
		const spn_mod *given, bool *ret_makes, spn_error *err)
{
	*ret_makes = spk_mod_makes_way(taking, taken, giving, given);
	if (*ret_makes || taken->op != SPN_MOD_DELETE || given->op != SPN_MOD_ADD || !spk_mod_is_spn(taken) ||
			!spk_mod_is_spn(given))
		return SPN_OK;
	spn_status status = work->live.mapping.n ? SPN_OK : spk_mapping_load(work->dir, &work->live, err);
	if (!status)
		status = covers(work, taken->value, given->value, ret_makes, err);
	return status || *ret_makes ? status : covers(work, given->value, taken->value, ret_makes, err);
}

/* What was to make way for a value that could not be given back stays where it is. */
static spn_status check_needed(struct spk_work *work, const spn_step *step, spn_error *err)
{
	for (size_t k = 0; k < spn_plan_count(work->left); k++) {
		const spn_step *left = spn_plan_step(work->left, k);
		for (size_t j = 0; j < step->n_mods; j++) {
			bool makes;
			spn_status status = makes_way(work, step, &step->mods[j], left, left->mods, &makes, err);
			if (status)
				return status;
			if (makes)
				return spn_fail(err, SPN_ERR_REFUSED, 0, "'%s' could not be given back to '%s'",
						left->mods->value.data, left->dn);
		}
	}
	return SPN_OK;
}

/* Sends a step; it stands if this returns SPN_OK. */
static spn_status attempt(struct spk_work *work, size_t i, const spn_step *step, spn_error *err)
{
	spn_status status = check_needed(work, step, err);
	if (!status)
		status = spk_work_carry_out(work, i, step, err);
	if (status)
		return status;
	status = spk_work_check_after(work, i, step, err);
	if (!status)
		return SPN_OK;
	size_t last = spn_plan_count(work->sent) - 1;
	work->is_stuck = spk_work_take_back(work, spn_plan_step(work->sent, last), NULL);
	if (!work->is_stuck) {
		spk_plan_truncate(work->sent, last);
		spk_journal_forget(work->journal, 0);
	}
	return status;
}

/* Change j of step k of those that were sent is taken back, by itself. */
static spn_status put_back_one(struct spk_work *work, size_t k, size_t j, spn_error *err)
{
	SPK_AUTO(spn_plan) *taken = NULL;
	spn_step part = *spn_plan_step(work->sent, k);
	part.mods += j;
	part.n_mods = 1;
	size_t number = work->numbers[k], behind = spn_plan_count(work->sent) - 1 - k;
	spn_status status = spn_plan_new(&taken, err);
	if (!status)
		status = spn_plan_append(taken, &part, err);
	if (!status)
		status = spk_work_take_back(work, &part, err);
	if (status) /* it is on nobody: better no undo at all */
		return spk_prefix(err, status, "'%s' cannot be put back on '%s', from where it was to go elsewhere: ",
				part.mods->value.data, part.dn);
	bool is_whole = spn_plan_step(work->sent, k)->n_mods == 1;
	spk_plan_remove_mod(work->sent, k, j);
	if (is_whole)
		memmove(&work->numbers[k], &work->numbers[k + 1], behind * sizeof *work->numbers);
	status = spk_journal_amend(work->journal, k, is_whole ? NULL : spn_plan_step(work->sent, k), err);
	return status ? status : spk_work_tell(work, number, spn_plan_step(taken, 0), SPN_STEP_UNDONE, NULL, err);
}

/* Whether a step behind step k of those that were sent gives the name to somebody. */
static bool is_given(const struct spk_work *work, size_t k, const spn_mod *taken)
{
	for (; spk_mod_is_spn(taken) && k < spn_plan_count(work->sent); k++) {
		const spn_step *step = spn_plan_step(work->sent, k);
		for (size_t j = 0; j < step->n_mods; j++)
			if (step->mods[j].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[j]) &&
					spk_fold_equal(step->mods[j].value, taken->value, SPK_FOLD_EITHER))
				return true;
	}
	return false;
}

/* What has made way for a value that was refused goes back to where it was. */
static spn_status put_back(struct spk_work *work, const spn_step *refused, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t k = spn_plan_count(work->sent); !status && k-- > 0;)
		for (size_t j = spn_plan_step(work->sent, k)->n_mods; !status && j-- > 0;) {
			const spn_step *step = spn_plan_step(work->sent, k);
			bool makes, was_last = step->n_mods == 1;
			status = makes_way(work, step, &step->mods[j], refused, refused->mods, &makes, err);
			if (status || !makes || is_given(work, k, &step->mods[j]))
				continue;
			status = put_back_one(work, k, j, err);
			if (was_last)
				break;
		}
	return status;
}

/* A value that was refused, in a step of its own. */
static spn_status leave(struct spk_work *work, size_t i, const spn_step *step, const spn_error *why, spn_error *err)
{
	const spn_mod *mod = step->mods;
	bool is_add = mod->op == SPN_MOD_ADD, is_spn = spk_mod_is_spn(mod);
	spn_step told = *step;
	spn_error reason = { .status = SPN_OK };
	told.flags |= SPN_OPTIONAL;
	spk_fail_as(&reason, why->status, why, "'%s%s%s' is not %s '%s': %s", is_spn ? "" : mod->attr, is_spn ? "" : ": ",
			mod->value.data, is_add ? "given back to" : "removed from", step->dn, why->message);
	if (spn_plan_count(work->left) == 0)
		work->first_of_left = reason;
	spk_work_tell(work, i, &told, SPN_STEP_FAILED, &reason, NULL);
	spn_status status = spn_plan_append(work->left, step, err);
	return status ? status : put_back(work, step, err);
}

/* What is refused as a whole is tried in halves: of many values, one or two are in the way. */
static spn_status give(struct spk_work *work, size_t i, const spn_step *step, spn_error *err)
{
	spn_error why = { .status = SPN_OK };
	spn_status status = attempt(work, i, step, &why);
	if (status && !is_refusal(work, status)) {
		if (err)
			*err = why;
		return status;
	}
	if (!status || step->n_mods == 1)
		return status ? leave(work, i, step, &why, err) : SPN_OK;
	spn_step part = *step;
	part.n_mods = step->n_mods / 2;
	status = give(work, i, &part, err);
	part.mods += part.n_mods;
	part.n_mods = step->n_mods - part.n_mods;
	return status ? status : give(work, i, &part, err);
}

/* Tells what stands of step i: its parts are the last that were sent. */
static spn_status tell_what_stands(struct spk_work *work, size_t i, spn_error *err)
{
	size_t n = spn_plan_count(work->sent), first = n, n_mods = 0;
	for (; first > 0 && work->numbers[first - 1] == i; first--)
		n_mods += spn_plan_step(work->sent, first - 1)->n_mods;
	if (n_mods == 0)
		return SPN_OK;
	SPK_AUTOFREE spn_mod *mods = calloc(n_mods, sizeof *mods);
	if (!mods)
		return spk_nomem(err);
	spn_step step = *spn_plan_step(work->plan, i);
	step.mods = mods;
	step.n_mods = 0;
	for (size_t k = first; k < n; k++) {
		const spn_step *part = spn_plan_step(work->sent, k);
		memcpy(mods + step.n_mods, part->mods, part->n_mods * sizeof *mods);
		step.n_mods += part->n_mods;
	}
	return spk_work_tell(work, i, &step, SPN_STEP_DONE, NULL, err);
}

spn_status spk_work_give_back(struct spk_work *work, size_t i, spn_error *err)
{
	spn_error cause = { .status = SPN_OK };
	spn_status status = give(work, i, spn_plan_step(work->plan, i), &cause);
	if (!status)
		return tell_what_stands(work, i, err);
	spk_work_tell(work, i, spn_plan_step(work->plan, i), SPN_STEP_FAILED, &cause, NULL);
	if (err)
		*err = cause;
	return status;
}

/* SPDX-License-Identifier: MIT */
#include "work.h"

#include <stdint.h>
#include <string.h>

#include "explain.h"
#include "journal.h"
#include "preflight.h"
#include "spell.h"
#include "step.h"
#include "values.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"

/* Takes step i of those that were sent back. */
static spn_status take_back_sent(struct spk_work *work, size_t i, spn_error *err)
{
	const spn_step *step = spn_plan_step(work->sent, i);
	spn_status status = spk_work_take_back(work, step, err);
	if (!status)
		spk_work_tell(work, work->numbers[i], step, SPN_STEP_UNDONE, NULL, NULL);
	return status;
}

/* Takes the last step that stands back, and forgets it. */
static spn_status take_back_last(struct spk_work *work, spn_error *err)
{
	size_t last = spn_plan_count(work->sent) - 1;
	spn_status status = take_back_sent(work, last, err);
	if (!status)
		spk_plan_truncate(work->sent, last);
	return status;
}

/* An optional step that failed is reported, and that is all; unless nothing is sure any more. */
static bool may_go_on(const struct spk_work *work, const spn_step *step, spn_status status)
{
	return !work->uncertain && spk_step_may_fail(work->plan, step, status);
}

/* More would be a long time in which nobody can interrupt. */
#define MAX_BATCH 512

/* Optional steps that add values other than names to different entries need not wait for each other. */
struct batch {
	const spn_step *steps[MAX_BATCH];
	spn_change changes[MAX_BATCH];
	size_t numbers[MAX_BATCH]; /* in the plan */
	spn_error outcomes[MAX_BATCH];
	size_t n;
};

/* How many steps from i on may be on their way together. */
static size_t count_independent(const spn_plan *plan, size_t i)
{
	size_t n = 0;
	for (; i + n < spn_plan_count(plan) && n < MAX_BATCH; n++) {
		const spn_step *step = spn_plan_step(plan, i + n);
		bool again = false;
		for (size_t j = 0; j < n && !again; j++)
			again = spk_dn_equal(step->dn, spn_plan_step(plan, i + j)->dn);
		if (again || !spk_step_is_independent(step))
			break;
	}
	return n;
}

/* ---- what is asked for before it is needed ---- */

/* What is read before a step is sent. */
static void look_before(struct spk_work *work, size_t i)
{
	size_t n = count_independent(work->plan, i);
	const spn_step *step = spn_plan_step(work->plan, i);
	for (size_t j = 0; j < n; j++)
		(void)spk_work_check_others(work, spn_plan_step(work->plan, i + j), NULL);
	if (n > 0)
		return;
	SPK_AUTOFREE spn_mod *mods = calloc(step->n_mods, sizeof *mods);
	SPK_AUTO(spn_entry) *entry = NULL;
	if (!mods)
		return;
	(void)spk_spell_as_stored(work->dir, step, mods, &entry, NULL);
	(void)spk_work_check_others(work, step, NULL);
	(void)spk_work_check_unique(work, step, step->flags, NULL);
	(void)spk_check_duplicate(work->dir, work->plan, i, NULL, NULL);
}

struct look {
	struct spk_work *work;
	size_t i;
};

static void look_at_step(spn_directory *dir, void *data)
{
	const struct look *look = data;
	(void)dir;
	look_before(look->work, look->i);
}

/* All that is read before the first step is sent. */
static void look_at_start(spn_directory *dir, void *data)
{
	struct spk_work *work = data;
	size_t i;
	(void)spk_plan_foresee(work->plan, dir, &i, NULL);
	if (work->journal)
		spk_journal_look(work->plan, dir);
	look_before(work, 0);
}

static bool is_followed_by_independent(const spn_plan *plan, size_t i)
{
	return i + 1 < spn_plan_count(plan) && spk_step_is_independent(spn_plan_step(plan, i + 1));
}

/* Behind a step: optional ones that come next and add values which the directory refuses if they are there already, so
 * that it does not matter when that was looked at, are looked at together with it. */
static void look_behind(spn_directory *dir, void *data)
{
	const struct look *look = data;
	struct spk_work *work = look->work;
	const spn_step *step = spn_plan_step(work->plan, look->i);
	(void)dir;
	(void)spk_work_check_unique(work, step, step->flags | SPN_TAKEOVER, NULL);
	(void)spk_check_duplicate(work->dir, work->plan, look->i, NULL, NULL);
	if (is_followed_by_independent(work->plan, look->i))
		look_before(work, look->i + 1);
}

static void look_ahead(struct spk_work *work, size_t i, spk_look_fn *fn)
{
	spk_directory_look_ahead(work->dir, NULL, fn, &(struct look){ work, i });
}

static spn_status do_step(struct spk_work *work, size_t i, spn_error *err)
{
	const spn_step *step = spn_plan_step(work->plan, i);
	size_t n_sent = spn_plan_count(work->sent);
	spn_error cause = { .status = SPN_OK };
	spn_status status = spk_work_carry_out(work, i, step, &cause);
	if (!status)
		look_ahead(work, i, look_behind);
	if (!status)
		status = spk_work_check_after(work, i, step, &cause);
	if (!is_followed_by_independent(work->plan, i)) /* what a step of names needs is read once those before are told */
		spk_directory_forget(work->dir);
	if (!status)
		return spk_work_tell(work, i, step, SPN_STEP_DONE, NULL, err);
	spk_work_tell(work, i, step, SPN_STEP_FAILED, &cause, NULL);
	if (may_go_on(work, step, status) && (spn_plan_count(work->sent) == n_sent || !take_back_last(work, NULL)))
		return SPN_OK;
	if (err)
		*err = cause;
	return status;
}

/* ---- several steps at once ---- */

/* Announces the steps; one that cannot be made, or that somebody objects to, has failed. */
static spn_status gather(struct spk_work *work, size_t first, size_t n, struct batch *batch, spn_error *err)
{
	spn_status worst = SPN_OK;
	for (size_t i = first; !worst && i < first + n; i++) {
		const spn_step *step = spn_plan_step(work->plan, i);
		spn_error cause = { .status = SPN_OK };
		spn_status status = spk_work_check_others(work, step, &cause);
		if (!status)
			status = spk_work_tell(work, i, step, SPN_STEP_PLANNED, NULL, &cause);
		if (!status) {
			batch->steps[batch->n] = step;
			batch->changes[batch->n] = (spn_change){ step->dn, step->mods, step->n_mods };
			batch->numbers[batch->n++] = i;
			continue;
		}
		spk_work_tell(work, i, step, SPN_STEP_FAILED, &cause, NULL);
		if (!may_go_on(work, step, status)) {
			worst = status;
			if (err)
				*err = cause;
		}
	}
	return worst;
}

/* What became of one step of a batch, of which those behind it stand until it is their turn.  Returns why the work
 * cannot go on, if so. */
static spn_status settle(struct spk_work *work, struct batch *batch, size_t i, spn_error *err)
{
	const spn_step *step = batch->steps[i];
	size_t behind = batch->n - 1 - i, at = spn_plan_count(work->sent) - 1 - behind;
	spn_error *cause = &batch->outcomes[i];
	/* once nobody answers, nobody is asked any more */
	spn_status status = work->uncertain ? cause->status : spk_work_look_after(work, step, cause->status, cause);
	if (!status)
		return spk_work_tell(work, batch->numbers[i], step, SPN_STEP_DONE, NULL, err);
	spk_plan_remove(work->sent, at);
	memmove(&work->numbers[at], &work->numbers[at + 1], behind * sizeof *work->numbers);
	if (!work->uncertain) {
		spk_journal_forget(work->journal, behind);
		spk_explain(work->dir, step, status, cause);
	}
	spk_work_tell(work, batch->numbers[i], step, SPN_STEP_FAILED, cause, NULL);
	if (may_go_on(work, step, status))
		return SPN_OK;
	if (err)
		*err = *cause;
	return status;
}

static void not_sent(const struct spk_work *work, const struct batch *batch, const spn_error *why)
{
	static const spn_error unknown = { .status = SPN_ERR_FAILED };
	for (size_t i = 0; i < batch->n; i++)
		spk_work_tell(work, batch->numbers[i], batch->steps[i], SPN_STEP_FAILED, why ? why : &unknown, NULL);
}

/* As do_step, for all of them. */
static spn_status do_batch(struct spk_work *work, size_t first, size_t n, spn_error *err)
{
	SPK_AUTOFREE struct batch *batch = calloc(1, sizeof *batch);
	if (!batch)
		return spk_nomem(err);
	size_t before = spn_plan_count(work->sent);
	spn_status status = gather(work, first, n, batch, err);
	/* noted before they are sent, as single ones are */
	for (size_t i = 0; !status && i < batch->n; i++)
		status = spk_work_keep(work, batch->numbers[i], batch->steps[i], err);
	if (!status)
		status = spk_journal_push(work->journal, batch->steps, batch->n, err);
	if (status) {
		spk_plan_truncate(work->sent, before);
		not_sent(work, batch, err);
		return status;
	}
	spk_directory_modify_many(work->dir, batch->changes, batch->n, batch->outcomes);
	spn_error first_cause = { .status = SPN_OK };
	for (size_t i = 0; i < batch->n; i++) {
		spn_error cause = { .status = SPN_OK };
		if (settle(work, batch, i, &cause) && !status) {
			first_cause = cause;
			status = cause.status;
		}
	}
	if (status && err)
		*err = first_cause;
	return status;
}

/* Goes on after a step that cannot be taken back, but not once the server does not answer. */
static spn_status take_back_all_sent(struct spk_work *work, spn_error *err)
{
	spn_error first = { .status = SPN_OK };
	for (size_t i = spn_plan_count(work->sent); i-- > 0 && first.status != SPN_ERR_UNREACHABLE;) {
		spn_error why = { .status = SPN_OK };
		if (take_back_sent(work, i, &why) && (!first.status || why.status == SPN_ERR_UNREACHABLE))
			first = why;
	}
	if (first.status && err)
		*err = first;
	return first.status;
}

static spn_status take_all_back(struct spk_work *work, spn_status why, spn_error *err)
{
	spn_error second = { .status = SPN_OK }, unwritten = { .status = SPN_OK };
	spn_status status = take_back_all_sent(work, &second);
	bool whole = !status && !work->uncertain;
	spn_status finished = spk_journal_finish(work->journal, whole ? SPN_JOURNAL_UNDONE : SPN_JOURNAL_HALF, &unwritten);
	SPK_AUTOFREE char *cause = strdup(err ? err->message : "");
	if (whole && !finished)
		return why;
	if (whole)
		return spk_fail_as(err, why, err, "%s; everything was taken back, but the "
				"journal still says that the work goes on (%s)", cause ? cause : "", unwritten.message);
	return spk_fail_as(err, SPN_ERR_HALF_DONE, err, "%s; %s%s%s%s%s", cause ? cause : "",
			status ? "and the changes could not be rolled back completely (" : "undo will restore it when the directory answers",
			status ? second.message : "", status ? ")" : "", work->journal ? ": the journal is " : "",
			work->journal ? spn_journal_path(work->journal) : "");
}

static spn_status give_back(struct spk_work *work, size_t i, spn_error *err)
{
	spn_status status = spk_work_give_back(work, i, err);
	spk_directory_forget(work->dir);
	return status;
}

static spn_status run(struct spk_work *work, spn_error *err)
{
	bool gives_back = spk_plan_allows(work->plan, SPN_GIVES_BACK);
	spn_status status = SPN_OK;
	for (size_t i = 0, n; !status && i < spn_plan_count(work->plan); i += n) {
		n = count_independent(work->plan, i);
		if (!spk_directory_is_ahead(work->dir))
			look_ahead(work, i, look_at_step);
		if (n > 1)
			status = do_batch(work, i, n, err);
		else
			status = gives_back ? give_back(work, i, err) : do_step(work, i, err);
		n += n == 0;
	}
	if (!status && spn_plan_count(work->left) && spn_plan_count(work->sent) == 0) { /* nothing came back */
		status = work->first_of_left.status;
		if (err)
			*err = work->first_of_left;
	}
	if (status)
		return take_all_back(work, status, err);
	spn_error why = { .status = SPN_OK };
	status = spk_journal_finish(work->journal, SPN_JOURNAL_DONE, &why);
	return status ? spk_fail_as(err, SPN_ERR_HALF_DONE, &why, "everything was done, but %s", why.message) : SPN_OK;
}

/* Nothing is begun that would be refused on the way. */
static spn_status foresee(const spn_plan *plan, spn_directory *dir, spn_step_fn *fn, void *data, spn_error *err)
{
	size_t i;
	spn_error why = { .status = SPN_OK };
	spn_status status = spk_plan_foresee(plan, dir, &i, &why);
	if (status && fn && i < spn_plan_count(plan))
		fn(i, spn_plan_step(plan, i), SPN_STEP_FAILED, &why, data, NULL);
	if (status && err)
		*err = why;
	return status;
}

/* How many steps may stand at once: each value may come back in one of its own. */
static size_t count_values(const spn_plan *plan)
{
	size_t n = 0;
	for (size_t i = 0; i < spn_plan_count(plan); i++)
		n += spn_plan_step(plan, i)->n_mods;
	return n;
}

static spn_status apply(struct spk_work *work, spn_error *err)
{
	spn_directory *dir = work->dir;
	spk_directory_stay(dir);
	if (spn_plan_count(work->plan) <= SPK_LOOKED_AT)
		spk_directory_look_ahead(dir, NULL, look_at_start, work);
	spn_status status = foresee(work->plan, dir, work->fn, work->data, err);
	if (!status)
		status = spk_journal_begin(work->journal, work->plan, dir, err);
	if (!status)
		status = run(work, err);
	spk_directory_forget(dir);
	spk_mapping_free(&work->live);
	return status;
}

spn_status spk_plan_apply(const spn_plan *plan, spn_directory *dir, spn_journal *journal, spn_step_fn *fn, void *data,
		struct spk_left *ret_left, spn_error *err)
{
	if (!plan || !dir)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_apply: an argument is NULL");
	*ret_left = (struct spk_left){ .n = 0 };
	if (spn_plan_count(plan) == 0)
		return SPN_OK;
	SPK_AUTOFREE size_t *numbers = calloc(count_values(plan), sizeof *numbers);
	SPK_AUTO(spn_plan) *sent = NULL, *left = NULL;
	if (!numbers)
		return spk_nomem(err);
	spn_status status = spn_plan_new(&sent, err);
	if (!status)
		status = spn_plan_new(&left, err);
	if (status)
		return status;
	struct spk_work work = { .plan = plan, .dir = dir, .journal = journal, .fn = fn, .data = data, .sent = sent,
		.numbers = numbers, .left = left };
	status = apply(&work, err);
	if (!status)
		*ret_left = (struct spk_left){ spn_plan_count(left), work.first_of_left };
	return status;
}

spn_status spn_plan_apply(const spn_plan *plan, spn_directory *dir, spn_journal *journal, spn_step_fn *fn, void *data,
		spn_error *err)
{
	struct spk_left left = { .n = 0 };
	spn_status status = spk_plan_apply(plan, dir, journal, fn, data, &left, err);
	if (status || left.n == 0)
		return status;
	return spk_fail_as(err, SPN_ERR_HALF_DONE, &left.why, "undone in part: %zu value%s could not be given back: %s%s",
			left.n, left.n == 1 ? "" : "s", left.why.message, left.n == 1 ? "" : ", ...");
}

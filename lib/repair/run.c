/* SPDX-License-Identifier: MIT */
/* run.c - from a plan to its end: review, confirm, record, apply, wait for the other controllers, tell the outcome */
#include "run.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/options.h"
#include "plan/journal.h"
#include "plan/plan.h"

/* A plan on its way. */
struct run {
	spn_plan *plan;
	spn_directory *dir;
	const spn_change_options *options;
	const char *title;
	spn_step_fn *fn; /* of the call */
	void *data;
	size_t n_one_way; /* values that an undo could not give back */
	spn_status refusal; /* what the caller's finding_fn returned in a review, unless SPN_OK */
	size_t n_done;    /* steps; those that are rolled back later included */
	size_t *ret_n_left; /* values that an undo could not give back; NULL: then that is a failure */
	spn_error late;
};

spn_status spk_change_options_take(const char *call, const spn_change_options *given, unsigned flags,
		spn_change_options *ret_options, spn_error *err)
{
	static const size_t sizes[] = { offsetof(spn_change_options, title), sizeof(spn_change_options) };
	spn_status status = spk_take("spn_change_options", given, sizes, 2, ret_options, err);
	if (!status)
		status = spk_flags_check(call, ret_options->flags, flags | SPN_NO_JOURNAL | SPN_DRY_RUN, err);
	if (!status && ret_options->flags & SPN_NO_JOURNAL && ret_options->journal)
		status = spn_fail(err, SPN_ERR_INVALID, 0, "%s: a journal is named, and SPN_NO_JOURNAL is set", call);
	return status;
}

spn_status spk_repair_options_take(const spn_repair_options *given, spn_repair_options *ret_options, spn_error *err)
{
	static const size_t sizes[] = { offsetof(spn_repair_options, url), sizeof(spn_repair_options) };
	return spk_take("spn_repair_options", given, sizes, 2, ret_options, err);
}

static spn_status show(const struct run *run, spn_plan_fn *fn, spn_error *err)
{
	if (!fn)
		return SPN_OK;
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(fn(run->plan, run->options->data, err), before, err);
}

static spn_status tell_outcome(const struct run *run, const spn_outcome *outcome, spn_error *err)
{
	if (!run->options->outcome_fn)
		return SPN_OK;
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(run->options->outcome_fn(outcome, run->options->data, err), before, err);
}

static spn_status note(const spn_finding *finding, void *data, spn_error *err)
{
	struct run *run = data;
	return run->refusal = run->options->finding_fn(finding, run->options->data, err);
}

static spn_status note_one_way(const spn_finding *finding, void *data, spn_error *err)
{
	struct run *run = data;
	run->n_one_way++;
	return note(finding, data, err);
}

/* What cannot be reviewed does not keep anybody from a change; what the caller fails with does. */
static spn_status tell_unforeseen(const struct run *run, spn_status status, const char *what, const spn_error *why,
		spn_error *err)
{
	const spk_teller to = { run->options->finding_fn, run->options->data };
	if (!status)
		return SPN_OK;
	if (run->refusal) {
		if (err && why->status)
			*err = *why;
		return status;
	}
	return spk_tell(&to, err, "unforeseen", SPN_SEVERITY_NOTICE, NULL, NULL, NULL, "%s: %s", what, why->message);
}

static spn_status review(struct run *run, spn_error *err)
{
	const spn_change_options *options = run->options;
	spn_error why = { .status = SPN_OK };
	if (!options->finding_fn)
		return SPN_OK;
	spn_status status = spn_plan_one_way(run->plan, run->dir, note_one_way, run, &why);
	status = tell_unforeseen(run, status, "what an undo could not give back cannot be foreseen", &why, err);
	if (status)
		return status;
	status = spn_plan_delegations(run->plan, run->dir, note, run, &why);
	return tell_unforeseen(run, status, "who delegates to these names cannot be read", &why, err);
}

static spn_undoable undoable(const struct run *run)
{
	size_t n_values = 0;
	for (size_t i = 0; i < spn_plan_count(run->plan); i++)
		n_values += spn_plan_step(run->plan, i)->n_mods;
	return run->n_one_way == 0 ? SPN_UNDOABLE_ALL : run->n_one_way < n_values ? SPN_UNDOABLE_SOME : SPN_UNDOABLE_NOTHING;
}

static spn_status foresee(const struct run *run, spn_error *err)
{
	const spn_change_options *options = run->options;
	size_t n = spn_plan_count(run->plan);
	spn_status status = options->flags & SPN_NO_JOURNAL ? SPN_OK : spn_journal_check(options->journal, err);
	if (status)
		return spk_remedy(err, status, SPN_REMEDY_JOURNAL, NULL);
	status = spn_plan_preflight(run->plan, run->dir, err);
	return status ? status :
			tell_outcome(run,
					&(spn_outcome){ .changed = true,
							.n_planned = n,
							.n_steps = n,
							.undoable = undoable(run) },
					err);
}

/* Before replication, two controllers may accept the same name for two accounts. */
static spn_status wait_for_others(struct run *run, const spn_step *step, spn_error *err)
{
	SPK_AUTOFREE const char **names = calloc(step->n_mods, sizeof *names);
	size_t n = 0;
	if (!names)
		return spk_nomem(err);
	for (size_t i = 0; i < step->n_mods; i++)
		if (step->mods[i].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[i]))
			names[n++] = step->mods[i].value.data;
	if (!n)
		return SPN_OK;
	spn_status status = spn_replicas_wait(
			run->dir, run->options->wait_options, step->dn, names, n, run->options->wait_seconds, &run->late);
	if (status == SPN_ERR_NOT_UNIQUE && err)
		*err = run->late;
	return status == SPN_ERR_NOT_UNIQUE ? status : SPN_OK;
}

static spn_status watch(size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data,
		spn_error *err)
{
	struct run *run = data;
	const spn_change_options *options = run->options;
	run->n_done += state == SPN_STEP_DONE;
	spn_status status = options->step_fn ? options->step_fn(i, step, state, why, options->data, err) : SPN_OK;
	if (!status && run->fn)
		status = run->fn(i, step, state, why, run->data, err);
	return !status && state == SPN_STEP_DONE && options->wait_seconds ? wait_for_others(run, step, err) : status;
}

/* Half done, the failure is what the caller has to hear, whatever becomes of telling the outcome. */
static spn_status apply(struct run *run, spn_journal *journal, spn_error *err)
{
	struct spk_left left = { .n = 0 };
	spn_status status = run->ret_n_left ? spk_plan_apply(run->plan, run->dir, journal, watch, run, &left, err) :
			spn_plan_apply(run->plan, run->dir, journal, watch, run, err);
	if (run->ret_n_left)
		*run->ret_n_left = left.n;
	bool changed = status == SPN_ERR_HALF_DONE || (!status && run->n_done > 0);
	const spn_outcome outcome = {
		.changed = changed, .half_done = status == SPN_ERR_HALF_DONE, .n_planned = spn_plan_count(run->plan),
		.n_steps = changed ? run->n_done : 0, .undoable = undoable(run),
		.journal = changed && journal ? spn_journal_path(journal) : NULL, .late = run->late.status ? &run->late : NULL,
	};
	if (status == SPN_ERR_HALF_DONE)
		(void)tell_outcome(run, &outcome, NULL);
	return status ? status : tell_outcome(run, &outcome, err);
}

static spn_status carry_out(struct run *run, spn_error *err)
{
	const spn_change_options *options = run->options;
	SPK_AUTO(spn_journal) *journal = NULL;
	spn_status status = show(run, options->confirm_fn, err);
	if (status)
		return status;
	if (!(options->flags & SPN_NO_JOURNAL))
		status = spn_journal_create(options->journal, options->title ? options->title : run->title, &journal, err);
	return status ? spk_remedy(err, status, SPN_REMEDY_JOURNAL, NULL) : apply(run, journal, err);
}

/* As spk_plan_run, in a run that is prepared. */
static spn_status run_plan(struct run *run, spn_error *err)
{
	spn_plan *plan = run->plan;
	const spn_change_options *options = run->options;
	spn_status status = spn_plan_allow(plan, options->flags & (SPN_UNSURE | SPN_NO_WAY_BACK), err);
	if (!status)
		status = show(run, options->plan_fn, err);
	if (!status && spn_plan_count(plan) == 0)
		return tell_outcome(run, &(spn_outcome){ .undoable = SPN_UNDOABLE_ALL }, err);
	if (!status)
		status = review(run, err);
	if (status)
		return status;
	return options->flags & SPN_DRY_RUN ? foresee(run, err) : carry_out(run, err);
}

spn_status spk_plan_run(spn_plan *plan, spn_directory *dir, const spn_change_options *options, const char *title,
		spn_step_fn *fn, void *data, spn_error *err)
{
	return run_plan(&(struct run){ .plan = plan, .dir = dir, .options = options, .title = title, .fn = fn, .data = data },
			err);
}

spn_status spk_undo_run(spn_plan *plan, spn_directory *dir, const spn_change_options *options, const char *title,
		size_t *ret_n_left, spn_error *err)
{
	*ret_n_left = 0;
	return run_plan(&(struct run){ .plan = plan, .dir = dir, .options = options, .title = title,
			.ret_n_left = ret_n_left }, err);
}

spn_status spn_plan_run(spn_plan *plan, spn_directory *dir, const spn_change_options *options, spn_error *err)
{
	spn_change_options taken;
	if (!plan || !dir)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_run: an argument is NULL");
	spn_status status = spk_change_options_take("spn_plan_run", options, SPN_UNSURE | SPN_NO_WAY_BACK, &taken, err);
	return status ? status : spk_plan_run(plan, dir, &taken, "a plan", NULL, NULL, err);
}

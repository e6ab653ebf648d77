/* SPDX-License-Identifier: MIT */
/* change.c - the calls that change a directory by themselves: propose, record, apply */
#include <string.h>

#include <spnkit/repair.h>

#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "plan/journal.h"
#include "plan/plan.h"

/* One call at work. */
struct call {
	const char *name;
	spn_change_options options;
	spn_directory *dir;
	spn_plan *plan;
};

static void end(struct call *call)
{
	spn_plan_free(call->plan);
}
#define AUTOCALL __attribute__((cleanup(end)))

/* flags: those that the call supports. */
static spn_status begin(struct call *call, const spn_change_options *options, unsigned flags, spn_error *err)
{
	spn_status status = spk_take("spn_change_options", options, SPK_ONLY(spn_change_options), &call->options, err);
	if (!status)
		status = spk_flags_check(call->name, call->options.flags, flags | SPN_NO_JOURNAL, err);
	if (status)
		return status;
	if (call->options.flags & SPN_NO_JOURNAL && call->options.journal)
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s: a journal is named, and SPN_NO_JOURNAL is set", call->name);
	return spn_plan_new(&call->plan, err);
}

/* As the command names its work: "add http/web svc". */
static char *title_of(const char *verb, const char *const *words, size_t n, const char *last)
{
	SPK_AUTOTEXT spk_text title = { 0 };
	spk_text_add(&title, "%s", verb);
	for (size_t i = 0; i < n; i++)
		spk_text_add(&title, " %s", words[i]);
	spk_text_add(&title, " %s", last);
	return title.failed ? NULL : strdup(title.data);
}

/* verb, words and last say what is done. */
static spn_status carry_out(const struct call *call, const char *verb, const char *const *words, size_t n,
		const char *last, spn_step_fn *fn, void *data, spn_error *err)
{
	if (spn_plan_count(call->plan) == 0)
		return SPN_OK;
	SPK_AUTO(spn_journal) *journal = NULL;
	SPK_AUTOFREE char *title = title_of(verb, words, n, last);
	if (!title)
		return spk_nomem(err);
	spn_status status = call->options.flags & SPN_NO_JOURNAL ? SPN_OK
			: spn_journal_create(call->options.journal, title, &journal, err);
	return status ? status : spn_plan_apply(call->plan, call->dir, journal, fn, data, err);
}

spn_status spn_delete(spn_directory *dir, const char *account, const char *const *spns, size_t n_spns,
		const spn_change_options *options, spn_error *err)
{
	const unsigned allowances = SPN_UNSURE | SPN_NO_WAY_BACK;
	AUTOCALL struct call call = { "spn_delete", SPN_CHANGE_OPTIONS_INIT, dir, NULL };
	spn_status status = begin(&call, options, allowances, err);
	if (!status)
		status = spn_plan_allow(call.plan, call.options.flags & allowances, err);
	if (!status)
		status = spn_propose_delete(call.plan, dir, account, spns, n_spns, NULL, NULL, err);
	return status ? status : carry_out(&call, "delete", spns, n_spns, account, NULL, NULL, err);
}

spn_status spn_add_unique(spn_directory *dir, const char *account, const char *const *spns, size_t n_spns,
		const spn_change_options *options, spn_error *err)
{
	const unsigned flags = SPN_TAKEOVER | SPN_FOREST;
	AUTOCALL struct call call = { "spn_add_unique", SPN_CHANGE_OPTIONS_INIT, dir, NULL };
	spn_status status = begin(&call, options, flags, err);
	if (!status)
		status = spn_propose_add(call.plan, dir, account, spns, n_spns, call.options.flags & flags, NULL, NULL, err);
	return status ? status : carry_out(&call, "add", spns, n_spns, account, NULL, NULL, err);
}

/* Turns what apply says of steps into what copy-membership says of groups. */
struct copying {
	spn_group_fn *fn;
	void *data;
};

static spn_status hand_on_planned(const spn_group *group, void *data, spn_error *err)
{
	const struct copying *copying = data;
	return group->outcome == SPN_GROUP_ADDED || !copying->fn ? SPN_OK : copying->fn(group, copying->data, err);
}

static spn_status hand_on_step(size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data,
		spn_error *err)
{
	const struct copying *copying = data;
	(void)i;
	if (!copying->fn || (state != SPN_STEP_DONE && state != SPN_STEP_FAILED))
		return SPN_OK;
	const spn_group group = { .dn = step->dn, .name = step->account,
		.outcome = state == SPN_STEP_DONE ? SPN_GROUP_ADDED : SPN_GROUP_FAILED, .text = why ? why->message : "" };
	return copying->fn(&group, copying->data, err);
}

spn_status spn_copy_membership(spn_directory *dir, const char *from, const char *to, const spn_change_options *options,
		spn_group_fn *fn, void *data, spn_error *err)
{
	AUTOCALL struct call call = { "spn_copy_membership", SPN_CHANGE_OPTIONS_INIT, dir, NULL };
	struct copying copying = { fn, data };
	spn_status status = begin(&call, options, SPN_PROTECTED, err);
	if (!status)
		status = spn_propose_membership(call.plan, dir, from, to, call.options.flags & SPN_PROTECTED,
				hand_on_planned, &copying, err);
	return status ? status : carry_out(&call, "copy-groups", &from, 1, to, hand_on_step, &copying, err);
}

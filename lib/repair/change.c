/* SPDX-License-Identifier: MIT */
/* change.c - the calls that change a directory by themselves: propose, record, apply */
#include <string.h>

#include <spnkit/repair.h>

#include "base/error.h"
#include "base/text.h"
#include "memberships.h"
#include "plan/plan.h"
#include "propose.h"
#include "run.h"

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
	spn_status status = spk_change_options_take(call->name, options, flags, &call->options, err);
	return status ? status : spn_plan_new(&call->plan, err);
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
	SPK_AUTOFREE char *title = title_of(verb, words, n, last);
	return title ? spk_plan_run(call->plan, call->dir, &call->options, title, fn, data, err) : spk_nomem(err);
}

spn_status spn_delete(spn_directory *dir, const char *account, const char *const *spns, size_t n_spns,
		const spn_change_options *options, spn_error *err)
{
	AUTOCALL struct call call = { "spn_delete", SPN_CHANGE_OPTIONS_INIT, dir, NULL };
	spn_status status = begin(&call, options, SPN_UNSURE | SPN_NO_WAY_BACK | SPN_IF_PRESENT, err);
	if (status)
		return status;
	bool if_present = call.options.flags & SPN_IF_PRESENT;
	status = (if_present ? spn_propose_delete_present : spn_propose_delete)(
			call.plan, dir, account, spns, n_spns, call.options.finding_fn, call.options.data, err);
	return status ? status : carry_out(&call, "delete", spns, n_spns, account, NULL, NULL, err);
}

/* Who answers until now for what the account is to get. */
static spn_status tell_takeovers(
		const struct call *call, const char *text, const char *const *spns, size_t n_spns, spn_error *err)
{
	SPK_AUTO(spn_account) *account = NULL;
	const spn_change_options *options = &call->options;
	if (!(options->flags & SPN_TAKEOVER) || !options->finding_fn || spn_plan_count(call->plan) == 0)
		return SPN_OK;
	spn_status status = spk_account_after(call->plan, call->dir, text, &account, err);
	return status ? status :
			spn_find_takeovers(call->dir, account, spns, n_spns, options->flags & SPN_FOREST,
					options->finding_fn, options->data, err);
}

spn_status spn_add_unique(spn_directory *dir, const char *account, const char *const *spns, size_t n_spns,
		const spn_change_options *options, spn_error *err)
{
	const unsigned flags = SPN_TAKEOVER | SPN_FOREST;
	AUTOCALL struct call call = { "spn_add_unique", SPN_CHANGE_OPTIONS_INIT, dir, NULL };
	spn_status status = begin(&call, options, flags | SPN_UNSURE | SPN_NO_WAY_BACK, err);
	if (!status)
		status = spn_propose_add(call.plan, dir, account, spns, n_spns, call.options.flags & flags,
				call.options.finding_fn, call.options.data, err);
	if (!status)
		status = tell_takeovers(&call, account, spns, n_spns, err);
	return status ? status : carry_out(&call, "add", spns, n_spns, account, NULL, NULL, err);
}

static spn_status watch_groups(size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data,
		spn_error *err)
{
	(void)i;
	(void)err;
	spk_memberships_watch(data, step, state, why);
	return SPN_OK;
}

spn_status spn_copy_membership(spn_directory *dir, const char *from, const char *to, const spn_change_options *options,
		spn_group_fn *fn, void *data, spn_error *err)
{
	AUTOCALL struct call call = { "spn_copy_membership", SPN_CHANGE_OPTIONS_INIT, dir, NULL };
	SPK_AUTOMEMBERSHIPS spk_memberships memberships = { .fn = fn, .data = data };
	spn_status status = begin(&call, options, SPN_PROTECTED | SPN_UNSURE | SPN_NO_WAY_BACK, err);
	if (!status)
		status = spn_propose_membership(call.plan, dir, from, to, call.options.flags & SPN_PROTECTED,
				spk_memberships_plan, &memberships, err);
	if (!status)
		status = carry_out(&call, "copy-groups", &from, 1, to, watch_groups, &memberships, err);
	return status || call.options.flags & SPN_DRY_RUN ? status : spk_memberships_tell(&memberships, err);
}

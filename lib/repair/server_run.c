/* SPDX-License-Identifier: MIT */
/* server_run.c - fix, split and reset from the first verdict to the last: judge, probe, change, validate */
#include <stddef.h>
#include <string.h>

#include "account/names.h"
#include "account/roll.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/options.h"
#include "memberships.h"
#include "propose.h"
#include "run.h"

typedef spn_status propose_fn(
		spn_plan *plan, spn_directory *dir, const char *server, const spn_repair_options *options, spn_error *err);

/* What the three have in common, and what not. */
static const struct kind {
	const char *call, *verb;
	propose_fn *propose;
	propose_fn *validate; /* proposes nothing once the server is as it should be */
	bool probes;          /* the KDC and the service are asked first, and once more in the end */
	bool shows_members;   /* of the computer, in the end */
	bool stores_tickets;
} fix = { "spn_fix", "fix", spn_propose_fix, spn_propose_fix, .probes = true, .shows_members = true },
  split = { "spn_split", "split", spn_propose_split, spn_propose_split, .probes = false },
  reset = { "spn_reset", "reset", spn_propose_reset, spn_propose_split, .stores_tickets = true };

/* A repair at work. */
struct work {
	const struct kind *kind;
	spn_directory *dir;
	spn_kdc *kdc;
	const char *server;
	const spn_repair_options *options;
	const spn_change_options *change;
	spk_memberships memberships;
	spk_names names; /* that clients ask for without a port */
	spk_roll roll;   /* of the same */
	spn_severity worst;
};

static void clear_work(struct work *work)
{
	spk_memberships_free(&work->memberships);
	spk_names_free(&work->names);
	spk_roll_free(&work->roll);
}
#define AUTOWORK __attribute__((cleanup(clear_work)))

static spn_status tell_stage(
		const struct work *work, spn_stage stage, const char *text, const spn_error *why, spn_error *err)
{
	if (!work->options->stage_fn)
		return SPN_OK;
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(work->options->stage_fn(stage, text, why, work->options->data, err), before, err);
}

static spn_status judge(const spn_finding *finding, void *data, spn_error *err)
{
	struct work *work = data;
	const spk_teller to = { work->options->finding_fn, work->options->data };
	if (finding->severity > work->worst)
		work->worst = finding->severity;
	spn_status status = spk_tell_finding(&to, finding, err);
	if (status || !finding->spn || strchr(finding->spn, ':') || spk_roll_find(&work->roll, spk_bytes(finding->spn)))
		return status;
	status = spk_names_add(&work->names, finding->spn, err);
	return status ? status :
			spk_roll_add(&work->roll, work->names.n - 1, spk_bytes(work->names.list[work->names.n - 1]),
					err);
}

static spn_status plan_group(const spn_group *group, void *data, spn_error *err)
{
	struct work *work = data;
	return spk_memberships_plan(group, &work->memberships, err);
}

/* What is asked for, without functions. */
static spn_repair_options options_of(const struct work *work)
{
	spn_repair_options options = SPN_REPAIR_OPTIONS_INIT;
	options.service = work->options->service;
	options.port = work->options->port;
	options.flags = work->options->flags;
	return options;
}

/* A plan for the server as the directory is now. */
static spn_status propose(struct work *work, spn_plan **ret_plan, spn_error *err)
{
	spn_repair_options options = options_of(work);
	options.finding_fn = judge;
	options.group_fn = plan_group;
	options.data = work;
	spn_status status = spn_plan_new(ret_plan, err);
	return status ? status : work->kind->propose(*ret_plan, work->dir, work->server, &options, err);
}

static spn_status probe(const struct work *work, spn_health *ret_health, spn_error *err)
{
	spn_verify_options options = SPN_VERIFY_OPTIONS_INIT;
	options.service = work->options->service;
	options.port = work->options->port;
	options.url = work->options->url;
	options.handshake = work->options->handshake;
	options.fn = work->options->probe_fn;
	options.data = work->options->data;
	return spn_verify(work->dir, work->kdc, (const char *const *)work->names.list, work->names.n, &options,
			ret_health, err);
}

/* Asks the KDC and the service before anything is changed.  ret_is_due: what they say calls for this change. */
static spn_status probe_first(
		const struct work *work, const spn_plan *plan, bool *ret_is_due, bool *ret_ok, spn_error *err)
{
	spn_health health = SPN_HEALTH_UNKNOWN;
	spn_error why = { .status = SPN_OK };
	*ret_is_due = true;
	if (!work->kind->probes || !work->kdc)
		return SPN_OK;
	spn_status status = probe(work, &health, &why);
	if (status) {
		spn_status told = tell_stage(work, SPN_STAGE_NOT_PROBED, "", &why, err);
		return told ? told : spk_fail_as(err, status, &why, "%s", why.message);
	}
	*ret_is_due = health == SPN_HEALTH_UNKNOWN || (health == SPN_HEALTH_WRONG_ACCOUNT && spn_plan_count(plan) > 0);
	*ret_ok = health == SPN_HEALTH_OK;
	return *ret_is_due ? SPN_OK :
			tell_stage(work, *ret_ok ? SPN_STAGE_HEALTHY :
							work->worst == SPN_SEVERITY_BROKEN ? SPN_STAGE_OTHER_REPAIR :
											     SPN_STAGE_OTHER_CAUSE,
					"", NULL, err);
}

/* The moment in which nobody holds the plain names: a ticket to one is a ticket for the computer.  A name with a blank
 * at its end, as Samba lets one in, is one that nobody asks for. */
static spn_status store_tickets(const struct work *work, const spn_step *step, spn_error *err)
{
	spn_status status = SPN_OK;
	spn_name name;
	for (size_t i = 0; !status && i < step->n_mods; i++)
		if (spn_name_parse(step->mods[i].value.data, &name, NULL) == SPN_OK)
			status = spn_kdc_store_spellings(work->kdc, work->dir, step->mods[i].value.data, work->options->ccache, err);
	return status ? status : tell_stage(work, SPN_STAGE_TICKETS, "", NULL, err);
}

static spn_status watch(size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data,
		spn_error *err)
{
	(void)i;
	struct work *work = data;
	spk_memberships_watch(&work->memberships, step, state, why);
	if (work->kind->stores_tickets && !work->kdc && state == SPN_STEP_PLANNED) /* before the first step is sent */
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s: without a KDC there are no tickets", work->kind->call);
	bool is_moment = work->kind->stores_tickets && state == SPN_STEP_PLANNED && step->flags & SPN_GIVES_BACK;
	return is_moment ? store_tickets(work, step, err) : SPN_OK;
}

static spn_status carry_out(struct work *work, spn_plan *plan, spn_error *err)
{
	SPK_AUTOFREE char *title = spk_printf("%s %s", work->kind->verb, work->server);
	spn_status status = title ? spk_plan_run(plan, work->dir, work->change, title, watch, work, err) : spk_nomem(err);
	if (status && spk_memberships_rolled_back(&work->memberships))
		(void)tell_stage(work, SPN_STAGE_ROLLED_BACK, "", NULL, NULL);
	return status;
}

static spn_status note_worst(const spn_finding *finding, void *data, spn_error *err)
{
	spn_severity *worst = data;
	(void)err;
	*worst = finding->severity > *worst ? finding->severity : *worst;
	return SPN_OK;
}

/* Whether nothing is left to do, and nothing is broken; of a dry run, behind the steps that it has planned. */
static spn_status is_mended(const struct work *work, const spn_plan *planned, bool *ret_is, spn_error *err)
{
	SPK_AUTO(spn_plan) *plan = NULL;
	spn_repair_options options = options_of(work);
	spn_severity worst = SPN_SEVERITY_OK;
	size_t n = planned ? spn_plan_count(planned) : 0;
	options.finding_fn = note_worst;
	options.data = &worst;
	spn_status status = spn_plan_new(&plan, err);
	for (size_t i = 0; !status && i < n; i++)
		status = spn_plan_append(plan, spn_plan_step(planned, i), err);
	if (!status)
		status = work->kind->validate(plan, work->dir, work->server, &options, err);
	*ret_is = !status && spn_plan_count(plan) == n && worst != SPN_SEVERITY_BROKEN;
	return status;
}

static spn_status look_again(const struct work *work, bool *ret_ok, spn_error *err)
{
	spn_health health;
	spn_status status = is_mended(work, NULL, ret_ok, err);
	if (!*ret_ok)
		return status;
	status = tell_stage(work, SPN_STAGE_VALIDATED, "", NULL, err);
	if (status || !work->kind->probes || !work->kdc)
		return status;
	status = probe(work, &health, err);
	*ret_ok = !status && health != SPN_HEALTH_WRONG_ACCOUNT && health != SPN_HEALTH_OTHER;
	return status;
}

static spn_status show_member(const spn_group *group, void *data, spn_error *err)
{
	struct work *work = data;
	spk_memberships_see(&work->memberships, group->dn);
	return work->options->member_fn ? work->options->member_fn(group, work->options->data, err) : SPN_OK;
}

/* The account that gets names in the end. */
static const char *computer_of(const spn_plan *plan)
{
	const char *dn = NULL;
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; j < step->n_mods; j++)
			if (step->mods[j].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[j]))
				dn = step->dn;
	}
	return dn;
}

/* What another repair that gave way took back, after we had found it there, is missing now. */
static spn_status show_members(struct work *work, const char *computer, bool *ret_ok, spn_error *err)
{
	const char *lost;
	size_t i = 0;
	if (!computer)
		return SPN_OK;
	spn_status status = tell_stage(work, SPN_STAGE_MEMBERS, computer, NULL, err);
	if (!status)
		status = spn_list_groups(work->dir, computer, show_member, work, err);
	while (!status && (lost = spk_memberships_lost(&work->memberships, &i))) {
		*ret_ok = false;
		status = tell_stage(work, SPN_STAGE_MEMBER_LOST, lost, NULL, err);
	}
	return status;
}

/* The groups are shown even if the server is not as it should be, or cannot be asked. */
static spn_status validate(struct work *work, const spn_plan *plan, bool *ret_ok, spn_error *err)
{
	spn_error why = { .status = SPN_OK };
	spn_status status = spk_memberships_tell(&work->memberships, err);
	if (status)
		return status;
	spn_status asked = look_again(work, ret_ok, &why);
	if (!*ret_ok)
		status = tell_stage(work, SPN_STAGE_NOT_VALID, "", asked ? &why : NULL, err);
	if (!status && work->kind->shows_members)
		status = show_members(work, computer_of(plan), ret_ok, err);
	return status || !asked ? status : spk_fail_as(err, asked, &why, "%s", why.message);
}

static spn_status repair(const struct kind *kind, spn_directory *dir, spn_kdc *kdc, const char *server,
		const spn_repair_options *options, const spn_change_options *change, bool *ret_ok, spn_error *err)
{
	spn_repair_options taken;
	spn_change_options how;
	bool is_due = false, ok = false;
	if (!dir || !server)
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s: an argument is NULL", kind->call);
	spn_status status = spk_repair_options_take(options, &taken, err);
	if (!status)
		status = spk_change_options_take(kind->call, change, SPN_UNSURE | SPN_NO_WAY_BACK, &how, err);
	if (status)
		return status;
	AUTOWORK struct work work = { .kind = kind, .dir = dir, .kdc = kdc, .server = server, .options = &taken,
		.change = &how, .memberships = { .fn = taken.group_fn, .data = taken.data } };
	SPK_AUTO(spn_plan) *plan = NULL;
	status = propose(&work, &plan, err);
	if (!status)
		status = probe_first(&work, plan, &is_due, &ok, err);
	if (!status && is_due)
		status = carry_out(&work, plan, err);
	bool changes = !status && is_due && spn_plan_count(plan) > 0;
	if (!status && is_due)
		ok = work.worst != SPN_SEVERITY_BROKEN;
	if (changes)
		status = how.flags & SPN_DRY_RUN ? is_mended(&work, plan, &ok, err) : validate(&work, plan, &ok, err);
	if (!status && ret_ok)
		*ret_ok = ok;
	return status;
}

spn_status spn_fix(spn_directory *dir, spn_kdc *kdc, const char *server, const spn_repair_options *options,
		const spn_change_options *change, bool *ret_ok, spn_error *err)
{
	return repair(&fix, dir, kdc, server, options, change, ret_ok, err);
}

spn_status spn_split(spn_directory *dir, const char *server, const spn_repair_options *options,
		const spn_change_options *change, bool *ret_ok, spn_error *err)
{
	return repair(&split, dir, NULL, server, options, change, ret_ok, err);
}

spn_status spn_reset(spn_directory *dir, spn_kdc *kdc, const char *server, const spn_repair_options *options,
		const spn_change_options *change, bool *ret_ok, spn_error *err)
{
	return repair(&reset, dir, kdc, server, options, change, ret_ok, err);
}

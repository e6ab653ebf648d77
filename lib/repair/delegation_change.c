/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <spnkit/repair.h>

#include "base/error.h"
#include "account/creator.h"
#include "account/finding.h"
#include "check/delegation.h"
#include "check/delegation_repair.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"
#include "plan/holders.h"
#include "plan/plan.h"

enum { FRONTS_SHOWN = 5 };

/* What a plan does with a name: the last steps that take it from an account and give it to one; NULL: none. */
struct fate {
	const char *name;
	const spn_step *from, *to;
	spk_text fronts; /* the accounts that list the name: "'F1' (as any user), 'F2'" */
	spk_text wide; /* of these, who may act as any user: "'F1'" */
	size_t n_fronts, n_wide;
	spk_repair_steps steps; /* what takes the name from their lists */
};

/* What a plan means for delegation. */
struct view {
	spn_directory *dir;
	spk_keys names; /* folded; in the order of fates */
	struct fate *fates;
	spk_teller to;
	spn_account *last_to; /* that was read last: mostly all names go to one account */
};

static void clear(struct view *view)
{
	for (size_t i = 0; i < view->names.n; i++) {
		spk_text_free(&view->fates[i].fronts);
		spk_text_free(&view->fates[i].wide);
		spk_repair_steps_free(&view->fates[i].steps);
	}
	free(view->fates);
	spk_keys_free(&view->names);
	spn_account_free(view->last_to);
}
#define AUTOVIEW __attribute__((cleanup(clear)))

/* ---- the plan ---- */

static size_t count_names(const spn_plan *plan)
{
	size_t n = 0;
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; j < step->n_mods; j++)
			n += spk_mod_is_spn(&step->mods[j]);
	}
	return n;
}

static spn_status note(struct view *view, const spn_step *step, const spn_mod *mod, spn_error *err)
{
	size_t place = spk_folded_add(&view->names, mod->value, SPK_FOLD_CASE);
	if (place == SIZE_MAX)
		return spk_nomem(err);
	struct fate *fate = &view->fates[place];
	fate->name = mod->value.data;
	*(mod->op == SPN_MOD_DELETE ? &fate->from : &fate->to) = step;
	return SPN_OK;
}

static spn_status note_all(struct view *view, const spn_plan *plan, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; !status && j < step->n_mods; j++)
			if (spk_mod_is_spn(&step->mods[j]))
				status = note(view, step, &step->mods[j], err);
	}
	return status;
}

/* ---- who delegates to its names ---- */

static const char *as_whom(const spn_account *front)
{
	unsigned long control;
	return spk_acts_as_any_user(front)                    ? " (as any user)" :
			!spk_account_control(front, &control) ? " (perhaps as any user)" :
								"";
}

static spn_status take_listed(struct view *view, const spn_account *front, spn_bytes listed, spn_error *err)
{
	size_t place;
	if (!spk_folded_find(&view->names, listed, SPK_FOLD_CASE, &place))
		return spk_nomem(err);
	if (place == SIZE_MAX)
		return SPN_OK;
	struct fate *fate = &view->fates[place];
	if (++fate->n_fronts <= FRONTS_SHOWN)
		spk_text_add(&fate->fronts, "%s'%s'%s", fate->n_fronts > 1 ? ", " : "", spk_account_label(front),
				as_whom(front));
	if (spk_acts_as_any_user(front) && ++fate->n_wide <= FRONTS_SHOWN)
		spk_text_add(&fate->wide, "%s'%s'", fate->n_wide > 1 ? ", " : "", spk_account_label(front));
	if (fate->fronts.failed || fate->wide.failed)
		return spk_nomem(err);
	return fate->n_fronts <= FRONTS_SHOWN ?
			spk_delegation_steps_add(&fate->steps, (unsigned)fate->n_fronts,
					"if this is not meant, take the name from the list", front, listed, view->dir, err) :
			SPN_OK;
}

static spn_status take_front(const spn_entry *entry, void *data, spn_error *err)
{
	SPK_AUTO(spn_account) *front = NULL;
	const spn_bytes *listed;
	size_t n = spn_entry_values(entry, SPK_DELEGATES_TO, &listed);
	spn_status status = spk_account_new(entry, &front, err);
	for (size_t i = 0; !status && i < n; i++)
		status = take_listed(data, front, listed[i], err);
	return status;
}

/* ---- telling: by DN, because the account name in a plan is a comment of its author ---- */

/* What follows for the account that gets the name: nothing, if nobody may act as any user. */
static char *consequence(const struct fate *fate)
{
	if (!fate->n_wide)
		return strdup("");
	size_t n_more = fate->n_wide > FRONTS_SHOWN ? fate->n_wide - FRONTS_SHOWN : 0;
	SPK_AUTOFREE char *more = n_more ? spk_printf(" and %zu more", n_more) : strdup("");
	return more ? spk_printf("; %s%s may then act as any user towards every service of '%s'", fate->wide.data, more,
				      fate->to->dn) :
		      NULL;
}

static spn_status tell_name(const struct view *view, const struct fate *fate, spn_error *err)
{
	if (fate->n_fronts == 0 || (!fate->from && !fate->to) ||
			(fate->from && fate->to && strcmp(fate->from->dn, fate->to->dn) == 0))
		return SPN_OK;
	SPK_AUTOTEXT spk_text who = { 0 };
	spk_text_add(&who, "%s", fate->fronts.data);
	if (fate->n_fronts > FRONTS_SHOWN)
		spk_text_add(&who, " and %zu more", fate->n_fronts - FRONTS_SHOWN);
	spk_text_add(&who, " may delegate to '%s'", fate->name);
	SPK_AUTOFREE char *then = fate->to ? consequence(fate) : strdup("");
	if (who.failed || !then)
		return spk_nomem(err);
	SPK_AUTOFREE char *text = fate->from && fate->to ?
			spk_printf("%s: with this change, that leads to '%s' and all its services, no longer to '%s'%s",
					who.data, fate->to->dn, fate->from->dn, then) :
			fate->to ?
			spk_printf("%s: with this change, that leads to '%s' and all its services%s", who.data,
					fate->to->dn, then) :
			spk_printf("%s: with this change, that no longer leads to '%s', but to whatever account "
				   "answers for the name then",
					who.data, fate->from->dn);
	if (!text)
		return spk_nomem(err);
	spk_make_printable(text);
	const spn_finding finding = { .code = "delegation",
		.severity = SPN_SEVERITY_WARNING,
		.spn = fate->name,
		.text = text,
		.steps = fate->steps.list,
		.n_steps = fate->steps.n };
	return spk_tell_finding(&view->to, &finding, err);
}

static spn_status take_account(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_account_new(entry, data, err);
}

static spn_status read_account(spn_directory *dir, const char *dn, spn_account **ret_account, spn_error *err)
{
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = spk_delegation_attrs };
	spn_error why = { .status = SPN_OK };
	spn_status status = spn_directory_search(dir, &search, take_account, ret_account, &why);
	if (status && status != SPN_ERR_NOT_FOUND && err)
		*err = why;
	return status == SPN_ERR_NOT_FOUND ? SPN_OK : status;
}

/* The same text on both, or on neither. */
static bool is_alike(const spn_account *a, const spn_account *b, const char *attr)
{
	const char *of_a = spn_entry_text(a->entry, attr), *of_b = spn_entry_text(b->entry, attr);
	return of_a && of_b ? spk_dn_equal(of_a, of_b) : of_a == of_b;
}

/* Policies that limit who gets tickets, and accounts that were superseded. */
static spn_status tell_rules(const struct view *view, const spn_account *from, const spn_account *to, spn_error *err)
{
	enum { DONE = 2 };
	const char *old = spk_account_label(from), *new = spk_account_label(to),
		   *state = spn_entry_text(to->entry, SPK_SUPERSEDED_STATE);
	spn_status status = SPN_OK;
	if (!is_alike(from, to, SPK_POLICY) || !is_alike(from, to, SPK_SILO))
		status = spk_tell(&view->to, err, "delegation", SPN_SEVERITY_WARNING, NULL, to, NULL,
				"'%s' and '%s' have different authentication "
				"policies: the KDC may refuse clients that it served before (error 12)",
				old, new);
	if (!status && state && strtol(state, NULL, 10) == DONE)
		status = spk_tell(&view->to, err, "superseded", SPN_SEVERITY_WARNING, NULL, to, NULL,
				"'%s' was superseded by a delegated managed "
				"service account: no service runs as '%s' any more",
				new, new);
	return status;
}

/* Trust for delegation belongs to an account, and does not move with its names. */
static spn_status tell_accounts(const struct view *view, const spn_account *from, const spn_account *to, spn_error *err)
{
	const char *old = spk_account_label(from), *new = spk_account_label(to);
	bool was_handed = spk_is_handed_tickets(from), is_handed = spk_is_handed_tickets(to);
	spn_status status = SPN_OK;
	if (was_handed && !is_handed)
		status = spk_tell(&view->to, err, "delegation", SPN_SEVERITY_WARNING, NULL, to, NULL,
				"'%s' is trusted for delegation and '%s' is not: a service that acts as its users on other servers "
				"cannot do so as '%s'",
				old, new, new);
	else if (is_handed && !was_handed)
		status = spk_tell(&view->to, err, "delegation", SPN_SEVERITY_WARNING, NULL, to, NULL,
				"'%s' is trusted for delegation and '%s' is not: clients of these names will hand their "
				"ticket-granting tickets to '%s'",
				new, old, new);
	if (!status && spn_entry_values(from->entry, SPK_LETS_ACT, NULL) &&
			!spn_entry_values(to->entry, SPK_LETS_ACT, NULL))
		status = spk_tell(&view->to, err, "delegation", SPN_SEVERITY_WARNING, NULL, to, NULL,
				"'%s' lets other accounts act as users towards it (" SPK_LETS_ACT "), '%s' does not: they will no longer "
				"be able to do so towards these names",
				old, new);
	return status;
}

/* NULL: there is none, which is an error of its step.  The account is kept until another one is read. */
static spn_status read_target(struct view *view, const char *dn, const spn_account **ret_to, spn_error *err)
{
	spn_status status = SPN_OK;
	if (!view->last_to || strcmp(spn_account_dn(view->last_to), dn) != 0) {
		view->last_to = spn_account_free(view->last_to);
		status = read_account(view->dir, dn, &view->last_to, err);
	}
	*ret_to = view->last_to;
	return status;
}

/* Each pair of accounts once. */
static spn_status tell_pair(struct view *view, const struct fate *fate, spk_keys *pairs, spn_error *err)
{
	SPK_AUTO(spn_account) *from = NULL;
	const spn_account *to = NULL;
	if (!fate->from || !fate->to || strcmp(fate->from->dn, fate->to->dn) == 0)
		return SPN_OK;
	SPK_AUTOFREE char *key = spk_printf("%s\n%s", fate->from->dn, fate->to->dn);
	size_t before = pairs->n, place = key ? spk_keys_add(pairs, spk_bytes(key)) : SIZE_MAX;
	if (place == SIZE_MAX)
		return spk_nomem(err);
	spn_status status = place < before ? SPN_OK : read_account(view->dir, fate->from->dn, &from, err);
	if (!status && from)
		status = read_target(view, fate->to->dn, &to, err);
	if (status || !to)
		return status;
	status = tell_accounts(view, from, to, err);
	return status ? status : tell_rules(view, from, to, err);
}

/* Who may know, or guess, the password of an account that gets names.  A ticket is encrypted with a key made from it,
 * and anybody can get one as soon as a user has its first name. */
static spn_status tell_password(struct view *view, const struct fate *fate, spk_keys *seen, spn_error *err)
{
	const spn_account *to = NULL;
	if (!fate->to)
		return SPN_OK;
	size_t before = seen->n, place = spk_dns_add(seen, fate->to->dn);
	if (place == SIZE_MAX)
		return spk_nomem(err);
	spn_status status = place < before ? SPN_OK : read_target(view, fate->to->dn, &to, err);
	if (status || !to)
		return status;
	bool is_first = spn_account_get_kind(to) == SPN_KIND_USER && spk_account_kind_is_told(to) &&
			spn_account_spns(to, NULL) == 0 && !spk_entry_lacks_names(to->entry);
	return !is_first ? spk_creator_tell(&view->to, to, err) :
			spk_tell(&view->to, err, "guessable", SPN_SEVERITY_NOTICE, NULL, to, NULL,
					"'%s' has no name so far; with one, every user of the domain can ask for tickets for it and try to "
					"guess its password: it must be long and random, or the account a managed one",
					spk_account_label(to));
}

static spn_status tell_all(struct view *view, spn_error *err)
{
	SPK_AUTOKEYS spk_keys pairs = { 0 }, seen = { 0 };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < view->names.n; i++)
		status = spk_directory_onwards(view->dir, tell_password(view, &view->fates[i], &seen, err));
	for (size_t i = 0; !status && i < view->names.n; i++)
		status = tell_name(view, &view->fates[i], err);
	for (size_t i = 0; !status && i < view->names.n; i++)
		status = spk_directory_onwards(view->dir, tell_pair(view, &view->fates[i], &pairs, err));
	return status;
}

static spn_status find_and_tell(struct view *view, const spn_plan *plan, spn_error *err)
{
	const spn_filter lists = { .op = SPN_FILTER_PRESENT, .attr = SPK_DELEGATES_TO };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &lists, .attrs = spk_delegation_attrs };
	size_t n = count_names(plan);
	if (n == 0)
		return SPN_OK;
	view->fates = calloc(n, sizeof *view->fates);
	spn_status status = view->fates ? note_all(view, plan, err) : spk_nomem(err);
	if (!status)
		status = spk_directory_onwards(view->dir, spn_directory_search(view->dir, &search, take_front, view, err));
	return status ? status : tell_all(view, err);
}

static void look_at_delegations(spn_directory *dir, void *data)
{
	AUTOVIEW struct view view = { .dir = dir };
	(void)find_and_tell(&view, data, NULL);
}

spn_status spn_plan_delegations(
		const spn_plan *plan, spn_directory *dir, spn_finding_fn *fn, void *data, spn_error *err)
{
	if (!plan || !dir || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_delegations: an argument is NULL");
	AUTOVIEW struct view view = { .dir = dir, .to = { fn, data } };
	spk_directory_look_ahead(dir, NULL, look_at_delegations, (void *)(uintptr_t)plan);
	spn_status status = find_and_tell(&view, plan, err);
	spk_directory_forget(dir);
	return status;
}

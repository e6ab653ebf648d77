/* SPDX-License-Identifier: MIT */
#include "rights.h"

#include <stdlib.h>
#include <string.h>

#include "handover.h"
#include "holders.h"
#include "reach.h"
#include "account/account.h"
#include "account/mapping.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"

struct check {
	spn_directory *dir;
	const spn_plan *plan;
	const char *from;  /* the account that names are taken from first */
	bool is_server;    /* something with rights, as opposed to a file */
	bool is_ad;        /* a domain controller, which has something to reveal */
	bool tells;        /* rights, as it does of that account */
	size_t n_steps;    /* that change names and have to succeed */
	bool only_deletes; /* what is missing is needed for the way back only */
	bool gives_back;   /* an undo, of which the directory may refuse a part */
	const spk_names *targets; /* names that cover those that the plan takes away */
	bool is_covering;  /* the entries are those that hold targets */
	spk_keys seen;     /* DNs of accounts that were looked at */
};

static bool is_of_names(const spn_step *step, spn_mod_op op)
{
	for (size_t i = 0; i < step->n_mods; i++)
		if (step->mods[i].op == op && spk_ascii_equal(step->mods[i].attr, SPK_SPN))
			return true;
	return false;
}

/* Whether a step may fail once names are gone.  One that may fail by itself stops nothing. */
static bool counts(const spn_step *step)
{
	return !(step->flags & SPN_OPTIONAL) && (is_of_names(step, SPN_MOD_ADD) || is_of_names(step, SPN_MOD_DELETE));
}

/* Who has the right: of an undo, which is asked about in many parts, the reason must do. */
static spn_status put_others(const struct check *check, const char *dn, spk_text *text, spn_error *err)
{
	if (!check->gives_back)
		return spk_reach_put_others(check->dir, dn, text, err);
	spk_text_add(text, "%s", "");
	return text->failed ? spk_nomem(err) : SPN_OK;
}

/* Whoever may write names of its own host only may delete all others, but not put them back. */
static spn_status check_lost(const struct check *check, const spn_entry *entry, spn_bytes name, spn_error *err)
{
	const char *why;
	SPK_AUTOTEXT spk_text others = { 0 };
	spn_status status = spk_reach_objection(check->dir, entry, name, true, &why, err);
	if (!status && why)
		status = put_others(check, spn_entry_dn(entry), &others, err);
	if (status || !why)
		return status;
	return spn_fail(err, check->only_deletes ? SPN_ERR_NO_WAY_BACK : SPN_ERR_DENIED, 0,
			"'%s' could not be put back once it is removed from '%s': %s%s. Nothing was changed", name.data,
			spn_entry_dn(entry), why, others.data);
}

/* All that the plan takes away from one entry. */
static spn_status check_all_lost(const struct check *check, const spn_entry *entry, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < spn_plan_count(check->plan); i++) {
		const spn_step *step = spn_plan_step(check->plan, i);
		bool is_here = counts(step) && spk_dn_equal(step->dn, spn_entry_dn(entry));
		for (size_t j = 0; is_here && !status && j < step->n_mods; j++)
			if (step->mods[j].op == SPN_MOD_DELETE && spk_mod_is_spn(&step->mods[j]))
				status = check_lost(check, entry, step->mods[j].value, err);
	}
	return status;
}

static bool holds(const spn_entry *entry, const char *name)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, SPK_SPN, &values);
	for (size_t i = 0; i < n; i++)
		if (spk_fold_equal(values[i], spk_bytes(name), SPK_FOLD_EITHER))
			return true;
	return false;
}

/* Validated write is enough for the account whose HOST/ covers a name if it is for that HOST/ name: a controller
 * accepts the other one from who may write this one. */
static spn_status may_write_targets(const struct check *check, const spn_entry *entry, bool *ret_may, spn_error *err)
{
	spn_status status = SPN_OK;
	*ret_may = true;
	for (size_t i = 0; !status && *ret_may && i < check->targets->n; i++) {
		const char *target = check->targets->list[i], *why = NULL;
		if (holds(entry, target))
			status = spk_reach_objection(check->dir, entry, spk_bytes(target), true, &why, err);
		*ret_may = !why;
	}
	return status;
}

/* Of an undo, an account of which nothing is told is tried: what it is refused goes back to where it was, or stays
 * there (give_back.c). */
static spn_status is_ours(struct check *check, const spn_entry *entry, bool *ret_ours, spn_error *err)
{
	spk_reach reach;
	spn_status status = spk_reach_of(check->dir, entry, &reach, err);
	bool may_be_tried = check->gives_back && !check->is_covering;
	*ret_ours = !status && (reach >= SPK_REACH_OWN || (reach == SPK_REACH_UNKNOWN && may_be_tried));
	if (!*ret_ours || reach == SPK_REACH_ANY)
		return status;
	bool may_get_stuck = check->gives_back ||
			(check->n_steps > 1 && !(check->only_deletes && spk_plan_allows(check->plan, SPN_NO_WAY_BACK)));
	if (check->is_covering)
		status = may_write_targets(check, entry, ret_ours, err);
	return !status && *ret_ours && may_get_stuck ? check_all_lost(check, entry, err) : status;
}

/* A server that reveals rights may keep silent about an entry on which the caller has none, as Samba 4.22 does. */
static spn_status check_entry(const spn_entry *entry, void *data, spn_error *err)
{
	struct check *check = data;
	const char *dn = spn_entry_dn(entry);
	bool ours = false;
	spn_status status = spk_dns_add(&check->seen, dn) == SIZE_MAX ? spk_nomem(err) : SPN_OK;
	bool is_known = spk_dn_equal(dn, check->from) && !(check->gives_back && check->is_covering);
	if (status || is_known || (!check->tells && spn_entry_values(entry, SPK_TELLS_RIGHTS, NULL) == 0))
		return status;
	status = is_ours(check, entry, &ours, err);
	if (status || ours)
		return status;
	SPK_AUTOTEXT spk_text others = { 0 };
	status = put_others(check, dn, &others, err);
	if (status)
		return status;
	if (check->only_deletes)
		return spn_fail(err, SPN_ERR_NO_WAY_BACK, 0,
				"names removed from '%s' could not be put back: that takes permission to write "
				"servicePrincipalName of '%s'%s, too, whose HOST/ covers them. Nothing was changed",
				check->from, dn, others.data);
	return spn_fail(err, SPN_ERR_DENIED, 0,
			"no permission to write servicePrincipalName of '%s'%s: names removed from '%s' might not "
			"be restorable. Nothing was changed",
			dn, others.data, check->from);
}

/* The names for which a HOST/ name stands in, among those that a step takes away, or adds. */
static spn_status add_targets(const spk_mapping *mapping, const spn_step *step, spn_mod_op op, spk_keys *seen,
		spk_names *targets, spn_error *err)
{
	spn_status status = SPN_OK;
	SPK_AUTOTEXT spk_text key = { 0 };
	for (size_t i = 0; !status && i < step->n_mods; i++) {
		SPK_AUTOTEXT spk_text target = { 0 };
		const spn_mod *mod = &step->mods[i];
		if (mod->op != op || !spk_ascii_equal(mod->attr, SPK_SPN) ||
				!spk_mapping_target(mapping, mod->value.data, &target))
			continue;
		spk_text_clear(&key);
		if (!target.failed)
			spk_fold_key(spk_bytes(target.data), SPK_FOLD_CASE, &key);
		size_t n_seen = seen->n;
		if (target.failed || key.failed || spk_keys_add(seen, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
			return spk_nomem(err);
		if (seen->n > n_seen)
			status = spk_names_add(targets, target.data, err);
	}
	return status;
}

/* Calls fn with those whose HOST/ stands for the names. */
static spn_status search_holders(
		spn_directory *dir, const spk_names *targets, spn_entry_fn *fn, void *data, spn_error *err)
{
	static const char *const attrs[] = { SPK_REACH_ATTRS, SPK_SPN, NULL };
	if (targets->n == 0)
		return SPN_OK;
	SPK_AUTOFREE spn_filter *filters = calloc(targets->n, sizeof *filters);
	SPK_AUTOFREE const spn_filter **parts = calloc(targets->n + 1, sizeof *parts);
	const char *base;
	if (!filters || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < targets->n; i++) {
		filters[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = SPK_SPN, .value = spk_bytes(targets->list[i]) };
		parts[i] = &filters[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	spn_status status = spk_directory_context(dir, "defaultNamingContext", &base, err);
	const spn_search search = { .base = base, .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = attrs };
	return status || !base ? status : spn_directory_search(dir, &search, fn, data, err);
}

static spn_status check_holders(struct check *check, spn_error *err)
{
	check->is_covering = true;
	spn_status status = search_holders(check->dir, check->targets, check_entry, check, err);
	check->is_covering = false;
	return status;
}

static spn_status check_accounts(struct check *check, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < spn_plan_count(check->plan); i++) {
		const spn_step *step = spn_plan_step(check->plan, i);
		const spn_search search = { .base = step->dn, .scope = SPN_SCOPE_BASE, .attrs = spk_reach_attrs };
		bool again = false;
		if (!counts(step) || spk_dn_equal(step->dn, check->from))
			continue;
		if (!spk_dns_contain(&check->seen, step->dn, &again))
			return spk_nomem(err);
		if (!again)
			status = spk_directory_onwards(
					check->dir, spn_directory_search(check->dir, &search, check_entry, check, err));
	}
	return status;
}

/* What a plan does with names. */
struct outline {
	const char *from; /* the account that loses some first; NULL: none does */
	size_t n_steps;   /* those that count */
	bool adds;
};

static struct outline outline_of(const spn_plan *plan)
{
	struct outline outline = { .from = NULL };
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		if (!counts(step))
			continue;
		outline.n_steps++;
		outline.adds |= is_of_names(step, SPN_MOD_ADD);
		if (!outline.from && is_of_names(step, SPN_MOD_DELETE))
			outline.from = step->dn;
	}
	return outline;
}

/* What is known of the account that names are taken from first. */
struct first {
	struct check *check;
	bool seen, ours;
};

static spn_status look_at_first(const spn_entry *entry, void *data, spn_error *err)
{
	struct first *first = data;
	struct check *check = first->check;
	first->seen = true;
	check->tells = spn_entry_values(entry, SPK_TELLS_RIGHTS, NULL) > 0;
	first->ours = !check->tells && !check->is_server;
	return first->ours ? SPN_OK : is_ours(check, entry, &first->ours, err);
}

/* ret_settled: there is nothing else to ask.  A single step that is refused has changed nothing, and says best itself
 * why. */
static spn_status check_first(struct check *check, bool *ret_settled, spn_error *err)
{
	struct first first = { .check = check };
	const spn_search search = { .base = check->from, .scope = SPN_SCOPE_BASE, .attrs = spk_reach_attrs };
	spn_status status = spk_directory_onwards(
			check->dir, spn_directory_search(check->dir, &search, look_at_first, &first, err));
	bool is_gone = !first.seen && !spk_directory_is_looking(check->dir);
	*ret_settled = is_gone || (check->n_steps == 1 && !first.ours) ||
			(!check->tells && spk_plan_allows(check->plan, SPN_UNSURE));
	if (status || *ret_settled || first.ours || !first.seen)
		return status;
	SPK_AUTOTEXT spk_text others = { 0 };
	if (check->tells)
		status = put_others(check, check->from, &others, err);
	if (status)
		return status;
	if (check->tells)
		return spn_fail(err, SPN_ERR_DENIED, 0,
				"no permission to write servicePrincipalName of '%s'%s. Nothing was changed",
				check->from, others.data);
	return spn_fail(err, check->is_ad ? SPN_ERR_DENIED : SPN_ERR_NO_WAY_BACK, 0,
			"the server does not confirm that servicePrincipalName of '%s' may be written: names removed "
			"from it might not be restorable. Nothing was changed",
			check->from);
}

/* A file lets everybody write; its root DSE names no version of LDAP. */
static spn_status find_kind(struct check *check, spn_error *err)
{
	const spn_entry *root;
	spn_status status = spn_directory_root(check->dir, &root, err);
	check->is_server = !status && spn_entry_text(root, "supportedLDAPVersion");
	check->is_ad = !status && spn_entry_text(root, "domainControllerFunctionality");
	return status;
}

static spn_status find_targets(spn_directory *dir, const spn_plan *plan, spk_names *targets, spn_error *err)
{
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	SPK_AUTOKEYS spk_keys seen = { 0 };
	spn_status status = spk_mapping_load(dir, &live, err);
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++)
		if (counts(spn_plan_step(plan, i)))
			status = add_targets(&live.mapping, spn_plan_step(plan, i), SPN_MOD_DELETE, &seen, targets, err);
	return status;
}

static spn_status check_plan(spn_directory *dir, const spn_plan *plan, spn_error *err)
{
	const struct outline outline = outline_of(plan);
	struct check check = { .dir = dir, .plan = plan, .from = outline.from, .n_steps = outline.n_steps,
		.only_deletes = !outline.adds, .gives_back = spk_plan_allows(plan, SPN_GIVES_BACK) };
	SPK_AUTONAMES spk_names targets = { 0 };
	check.targets = &targets;
	bool settled = false, asks_holders = outline.adds || !spk_plan_allows(plan, SPN_NO_WAY_BACK);
	if (!outline.from)
		return SPN_OK;
	spn_status status = asks_holders ? find_targets(dir, plan, &targets, err) : SPN_OK;
	if (status || (outline.n_steps == 1 && targets.n == 0 && !check.gives_back))
		return status;
	status = find_kind(&check, err);
	if (!status)
		status = check_first(&check, &settled, err);
	if (!status && !settled)
		status = spk_directory_onwards(dir, check_holders(&check, err));
	if (!status && !settled)
		status = check_accounts(&check, err);
	spk_keys_free(&check.seen);
	return status;
}

/* Of an undo, only what is taken from one account and given to another needs more than to be tried. */
static spn_status check_handovers(spn_directory *dir, const spn_plan *plan, spn_error *err)
{
	SPK_AUTOHANDOVERS spk_handovers handovers = { 0 };
	SPK_AUTO(spn_plan) *part = NULL;
	spn_status status = spk_handovers_find(dir, plan, &handovers, err);
	if (!status)
		status = spk_handovers_select(&handovers, plan, 0, handovers.n, &part, err);
	return status ? status : check_plan(dir, part, err);
}

spn_status spk_rights_check(spn_directory *dir, const spn_plan *plan, spn_error *err)
{
	return spk_plan_allows(plan, SPN_GIVES_BACK) ? check_handovers(dir, plan, err) : check_plan(dir, plan, err);
}

static bool lists(const spn_entry *entry, const char *attr)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, SPK_MAY_WRITE, &values);
	for (size_t i = 0; i < n; i++)
		if (spk_ascii_equal(values[i].data, attr))
			return true;
	return false;
}

/* One step, and who asks. */
struct request {
	spn_directory *dir;
	const spn_plan *plan; /* that the step is of */
	const spn_step *step;
	spk_denied_fn *fn;
	void *data;
	bool itself;
	bool knows_reach;
	spk_reach reach;
	spk_text others; /* who has the right that we lack, once that was asked */
	size_t n_denied;
	spk_live_mapping live;
};

static spn_status look_at_member(const spn_entry *entry, void *data, spn_error *err)
{
	struct request *request = data;
	return spk_reach_is_ourself(request->dir, entry, &request->itself, err);
}

/* Whoever may join or leave a group by itself (a validated write, of which the server tells nothing: [MS-ADTS]
 * 3.1.1.5.3.1.1). */
static spn_status is_own_membership(struct request *request, const spn_mod *mod, bool *ret_is, spn_error *err)
{
	const spn_search search = { .base = mod->value.data, .scope = SPN_SCOPE_BASE, .attrs = spk_reach_attrs };
	*ret_is = false;
	if (!spk_ascii_equal(mod->attr, "member"))
		return SPN_OK;
	request->itself = false;
	spn_status status = spn_directory_search(request->dir, &search, look_at_member, request, NULL);
	*ret_is = request->itself;
	return status == SPN_ERR_NOMEM ? spk_nomem(err) : SPN_OK;
}

/* ret_why: what validated write does not cover is refused here. */
static spn_status is_reached(struct request *request, const spn_entry *entry, const spn_mod *mod, bool *ret_is,
		const char **ret_why, spn_error *err)
{
	spn_status status = request->knows_reach ? SPN_OK : spk_reach_of(request->dir, entry, &request->reach, err);
	request->knows_reach = true;
	*ret_is = !status && request->reach != SPK_REACH_NONE;
	if (!*ret_is || request->reach == SPK_REACH_ANY || mod->op != SPN_MOD_ADD)
		return status;
	status = spk_reach_objection(request->dir, entry, mod->value, false, ret_why, err);
	*ret_is = !*ret_why;
	return status;
}

static spn_status tell_denied(struct request *request, const spn_mod *mod, const spn_error *why, spn_error *err)
{
	request->n_denied++;
	return request->fn ? request->fn(request->step, mod, why, request->data, err) :
			     spk_fail_as(err, SPN_ERR_DENIED, why, "%s", why->message);
}

static spn_status deny(struct request *request, const spn_mod *mod, const char *objection, spn_error *err)
{
	spn_error why;
	const char *dn = request->step->dn;
	spn_status status = spk_mod_is_spn(mod) && !request->others.data ?
			spk_reach_put_others(request->dir, dn, &request->others, err) :
			SPN_OK;
	if (status)
		return status;
	const char *others = spk_mod_is_spn(mod) ? request->others.data : "";
	if (objection)
		spn_fail(&why, SPN_ERR_DENIED, 0, "no permission to add '%s' to '%s': %s%s", mod->value.data, dn, objection, others);
	else
		spn_fail(&why, SPN_ERR_DENIED, 0, "no permission to write '%s' of '%s'%s", mod->attr, dn, others);
	return tell_denied(request, mod, &why, err);
}

static spn_status check_writable(const spn_entry *entry, void *data, spn_error *err)
{
	struct request *request = data;
	const spn_step *step = request->step;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		const char *objection = NULL;
		bool may = lists(entry, mod->attr);
		if (!may)
			status = spk_mod_is_spn(mod) ? is_reached(request, entry, mod, &may, &objection, err) :
						       is_own_membership(request, mod, &may, err);
		if (!status && !may)
			status = deny(request, mod, objection, err);
	}
	return status;
}

/* Whether the plan takes a name away from an account. */
static spn_status is_taken(const spn_plan *plan, const char *dn, const char *name, bool *ret_taken, spn_error *err)
{
	size_t i;
	*ret_taken = false;
	if (!spk_plan_first_of(plan, dn, &i))
		return spk_nomem(err);
	for (; i != SIZE_MAX; i = spk_plan_next_of(plan, i)) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; j < step->n_mods; j++)
			*ret_taken |= step->mods[j].op == SPN_MOD_DELETE && spk_mod_is_spn(&step->mods[j]) &&
					spk_fold_equal(step->mods[j].value, spk_bytes(name), SPK_FOLD_EITHER);
	}
	return SPN_OK;
}

/* Whether an account has HOST/x, will have it when the step is carried out, and we may not write that there. */
static spn_status keeps_from(const struct request *request, const spn_entry *entry, spk_reach reach, const char *target,
		bool *ret_keeps, spn_error *err)
{
	const char *why = NULL;
	bool taken = false;
	*ret_keeps = false;
	spn_status status = holds(entry, target) ? is_taken(request->plan, spn_entry_dn(entry), target, &taken, err) : SPN_OK;
	if (status || taken || !holds(entry, target))
		return status;
	if (reach != SPK_REACH_NONE)
		status = spk_reach_objection(request->dir, entry, spk_bytes(target), false, &why, err);
	*ret_keeps = !status && (why || reach == SPK_REACH_NONE);
	return status;
}

/* The names of the step that an account keeps from being added elsewhere. */
static spn_status deny_covered(struct request *request, const spn_entry *entry, spk_reach reach, spn_error *err)
{
	SPK_AUTOTEXT spk_text others = { 0 };
	const char *dn = spn_entry_dn(entry);
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < request->step->n_mods; i++) {
		SPK_AUTOTEXT spk_text target = { 0 };
		spn_error why;
		bool keeps;
		const spn_mod *mod = &request->step->mods[i];
		if (mod->op != SPN_MOD_ADD || !spk_mod_is_spn(mod) ||
				!spk_mapping_target(&request->live.mapping, mod->value.data, &target))
			continue;
		status = target.failed ? spk_nomem(err) : keeps_from(request, entry, reach, target.data, &keeps, err);
		if (status || !keeps)
			continue;
		if (!others.data)
			status = spk_reach_put_others(request->dir, dn, &others, err);
		if (status)
			return status;
		spn_fail(&why, SPN_ERR_DENIED, 0, "no permission to add '%s' to '%s': '%s' holds '%s', which covers it, and only "
				"who may write servicePrincipalName there, too%s, may add it elsewhere", mod->value.data,
				request->step->dn, dn, target.data, others.data);
		status = tell_denied(request, mod, &why, err);
	}
	return status;
}

static spn_status check_cover(const spn_entry *entry, void *data, spn_error *err)
{
	struct request *request = data;
	spk_reach reach = SPK_REACH_ANY;
	if (!spn_entry_values(entry, SPK_TELLS_RIGHTS, NULL))
		return SPN_OK;
	spn_status status = spk_reach_of(request->dir, entry, &reach, err);
	return status || reach == SPK_REACH_ANY ? status : deny_covered(request, entry, reach, err);
}

/* Since 2021, whoever may not write HOST/x where it is may not add http/x to another account (KB5008382; Samba). */
static spn_status check_covers(struct request *request, spn_error *err)
{
	SPK_AUTONAMES spk_names targets = { 0 };
	SPK_AUTOKEYS spk_keys seen = { 0 };
	spn_status status = is_of_names(request->step, SPN_MOD_ADD) ?
			spk_mapping_load(request->dir, &request->live, err) :
			SPN_OK;
	if (status || request->live.unchecked & SPK_ALIAS_UNCHECKED)
		return status;
	status = add_targets(&request->live.mapping, request->step, SPN_MOD_ADD, &seen, &targets, err);
	return status ? status : search_holders(request->dir, &targets, check_cover, request, err);
}

spn_status spk_rights_check_step(spn_directory *dir, const spn_plan *plan, const spn_step *step, spk_denied_fn *fn,
		void *data, spn_error *err)
{
	struct check check = { .dir = dir };
	struct request request = { .dir = dir, .plan = plan, .step = step, .fn = fn, .data = data };
	const spn_search search = { .base = step->dn, .scope = SPN_SCOPE_BASE, .attrs = spk_reach_attrs };
	spn_status status = find_kind(&check, err);
	if (!status && check.is_ad)
		status = spk_directory_onwards(dir, spn_directory_search(dir, &search, check_writable, &request, err));
	if (!status && check.is_ad && request.n_denied == 0)
		status = check_covers(&request, err);
	spk_text_free(&request.others);
	spk_mapping_free(&request.live);
	return status;
}

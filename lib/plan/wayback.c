/* SPDX-License-Identifier: MIT */
#include "wayback.h"

#include <string.h>

#include "explain.h"
#include "samba.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/fold.h"
#include "model/meant.h"

/* Work on one plan. */
struct check {
	spn_directory *dir;
	const spn_plan *plan, *so_far; /* so_far: its steps up to the one at hand */
	const spk_mapping *mapping;
};

/* Windows lets one other account hold a name that HOST/x covers, Samba none. */
enum { N_WINDOWS = 1, N_SAMBA = 0 };

static bool is_of_name(const spn_mod *mod, spn_mod_op op)
{
	return mod->op == op && spk_ascii_equal(mod->attr, SPK_SPN);
}

/* Whether the name could be added to the account at dn, as things stand (plan: NULL) or as the plan leaves them.  No
 * more than n_most other accounts may hold names that it covers. */
static spn_status check_addable(const struct check *check, const spn_plan *plan, const char *name, const char *dn,
		size_t n_most, spn_status refusal, spn_error *err)
{
	SPK_AUTONAMES spk_names aliases = { 0 };
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
	spn_status status = spk_alias_holders(check->dir, plan, check->mapping, name, dn, &aliases, &holders, err);
	if (status || holders.n <= n_most)
		return status;
	const char *again = refusal == SPN_ERR_NO_WAY_BACK ? " again" : "";
	if (holders.n == 1)
		return spn_fail(err, refusal, 0,
				"'%s' could not be added to '%s'%s, because '%s' holds a name that it covers. Nothing "
				"was changed", name, dn, again, spn_account_dn(holders.list[0]));
	return spn_fail(err, refusal, 0, "'%s' could not be added to '%s'%s, because '%s' and '%s' hold names that it covers. "
			"Nothing was changed", name, dn, again, spn_account_dn(holders.list[0]), spn_account_dn(holders.list[1]));
}

/* A name of several accounts is not missed where it is removed, nor could anybody put it back. */
static spn_status is_held_elsewhere(
		const struct check *check, const char *name, const char *dn, bool *ret_held, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
	spn_status status = spk_rivals(check->dir, NULL, dn, &name, 1, false, &holders, err);
	*ret_held = !status && spk_holder_of(&holders, name, dn, NULL);
	return status;
}

static bool is_undo(const spn_plan *plan)
{
	return spk_plan_allows(plan, SPN_GIVES_BACK);
}

/* What a step removes has to be addable where it was: at once, if a later step fails, and in the end, for an undo.
 * What takes back an undo goes the way that this has come. */
static spn_status check_back(
		const struct check *check, const char *name, const char *dn, spn_status refusal, spn_error *err)
{
	bool held = false;
	spn_error why = { .status = SPN_OK };
	spn_status status = check_addable(check, NULL, name, dn, N_WINDOWS, refusal, &why);
	if (!status)
		status = check_addable(check, is_undo(check->plan) ? check->so_far : check->plan, name, dn, N_WINDOWS, refusal,
				&why);
	if (status == refusal) {
		status = is_held_elsewhere(check, name, dn, &held, &why);
		status = status ? status : held ? SPN_OK : refusal;
	}
	return status ? spk_fail_as(err, status, &why, "%s", why.message) : SPN_OK;
}

static spn_status check_name(const struct check *check, size_t i, const char *name, spn_error *err)
{
	const char *from = spn_plan_step(check->plan, i)->dn;
	const spn_step *goal = spk_plan_goal(check->plan, i, spk_bytes(name));
	if (!goal && spk_plan_allows(check->plan, SPN_NO_WAY_BACK))
		return SPN_OK;
	/* the steps of an undo are looked at one by one */
	spn_status status = goal && !is_undo(check->plan) ?
			check_addable(check, check->plan, name, goal->dn, N_WINDOWS, SPN_ERR_REFUSED, err) :
			SPN_OK;
	return status ? status : check_back(check, name, from, goal ? SPN_ERR_REFUSED : SPN_ERR_NO_WAY_BACK, err);
}

static bool removes_names(const spn_plan *plan)
{
	for (size_t i = 0; i < spn_plan_count(plan); i++)
		for (size_t j = 0; j < spn_plan_step(plan, i)->n_mods; j++)
			if (is_of_name(&spn_plan_step(plan, i)->mods[j], SPN_MOD_DELETE))
				return true;
	return false;
}

spn_status spk_way_back_check(spn_directory *dir, const spn_plan *plan, spn_error *err)
{
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	SPK_AUTO(spn_plan) *so_far = NULL;
	spn_dialect rules;
	if (!removes_names(plan))
		return SPN_OK;
	spn_status status = spk_directory_rules(dir, &rules, err);
	if (status || rules == SPN_DIALECT_SAMBA)
		return status;
	status = spk_mapping_load(dir, &live, err);
	bool comes_back = live.unchecked & SPK_ALIAS_UNCHECKED; /* no controller looks at aliases */
	if (!status)
		status = spn_plan_new(&so_far, err);
	const struct check check = { .dir = dir, .plan = plan, .so_far = so_far, .mapping = &live.mapping };
	for (size_t i = 0; !comes_back && !status && i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		status = spn_plan_append(so_far, step, err);
		for (size_t j = 0; !status && j < step->n_mods; j++)
			if (is_of_name(&step->mods[j], SPN_MOD_DELETE))
				status = check_name(&check, i, step->mods[j].value.data, err);
	}
	return status;
}

spn_status spk_move_back_check(spn_directory *dir, const spn_plan *plan, const spn_plan *so_far,
		const spk_live_mapping *live, size_t i, size_t j, spn_error *err)
{
	const struct check check = { .dir = dir, .plan = plan, .so_far = so_far, .mapping = &live->mapping };
	const spn_mod *mod = &spn_plan_step(plan, i)->mods[j];
	spn_dialect rules;
	if (!is_of_name(mod, SPN_MOD_DELETE) || !spk_plan_goal(plan, i, mod->value))
		return SPN_OK;
	spn_status status = spk_directory_rules(dir, &rules, err);
	bool comes_back = rules == SPN_DIALECT_SAMBA || live->unchecked & SPK_ALIAS_UNCHECKED;
	return status || comes_back ? status : check_name(&check, i, mod->value.data, err);
}

spn_status spk_addable_check(spn_directory *dir, const spn_plan *plan, const spk_live_mapping *live,
		const spn_step *step, size_t j, spn_error *err)
{
	const struct check check = { .dir = dir, .plan = plan, .mapping = &live->mapping };
	spn_dialect rules;
	const spn_bytes name = step->mods[j].value;
	unsigned parts = spk_spn_parts(name);
	if (parts != 2 && parts != 3)
		return spn_fail(err, SPN_ERR_REFUSED, 0, "no directory accepts '%s', which has neither two nor three parts",
				name.data);
	spn_status status = spk_directory_rules(dir, &rules, err);
	bool looks = rules == SPN_DIALECT_SAMBA ? spk_samba_judges(step, j) : !(live->unchecked & SPK_ALIAS_UNCHECKED);
	return status || !looks ? status : check_addable(&check, plan, name.data, step->dn,
			rules == SPN_DIALECT_SAMBA ? N_SAMBA : N_WINDOWS, SPN_ERR_REFUSED, err);
}

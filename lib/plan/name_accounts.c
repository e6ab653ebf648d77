/* SPDX-License-Identifier: MIT */
/* name_accounts.c - whose entries the steps of a plan that was read are about */
#include <string.h>

#include "base/error.h"
#include "plan.h"

static bool changes_names(const spn_step *step)
{
	for (size_t i = 0; i < step->n_mods; i++)
		if (spk_mod_is_spn(&step->mods[i]))
			return true;
	return false;
}

static spn_status take_name(const spn_entry *entry, void *data, spn_error *err)
{
	const char *name = spn_entry_text(entry, "sAMAccountName");
	char **ret_name = data;
	*ret_name = strdup(name ? name : "");
	return *ret_name ? SPN_OK : spk_nomem(err);
}

/* Of any entry; "" if it is not there, which whoever carries the plan out will see. */
static spn_status name_of_entry(spn_directory *dir, const char *dn, char **ret_name, spn_error *err)
{
	static const char *const attrs[] = { "sAMAccountName", NULL };
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	spn_status status = spn_directory_search(dir, &search, take_name, ret_name, err);
	return status == SPN_ERR_NOT_FOUND ? SPN_OK : status;
}

/* A line of setspn needs the account. */
static spn_status name_of_account(spn_directory *dir, const char *dn, char **ret_name, spn_error *err)
{
	SPK_AUTO(spn_account) *account = NULL;
	spn_status status = spn_account_find(dir, dn, SPN_WANT_ANY, &account, err);
	if (status)
		return status;
	*ret_name = strdup(spn_account_name(account));
	return *ret_name ? SPN_OK : spk_nomem(err);
}

static spn_status append_named(
		const spn_step *step, spn_directory *dir, spn_plan_format format, spn_plan *plan, spn_error *err)
{
	SPK_AUTOFREE char *name = NULL;
	spn_step named = *step;
	spn_status status = format != SPN_PLAN_SETSPN ? name_of_entry(dir, step->dn, &name, err) :
			changes_names(step) ? name_of_account(dir, step->dn, &name, err) : SPN_OK;
	named.account = name ? name : "";
	return status ? status : spn_plan_append(plan, &named, err);
}

spn_status spn_plan_name_accounts(
		const spn_plan *plan, spn_directory *dir, spn_plan_format format, spn_plan **ret_named, spn_error *err)
{
	SPK_AUTO(spn_plan) *named = NULL;
	if (!plan || !dir || !ret_named || (unsigned)format > SPN_PLAN_POWERSHELL)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_name_accounts: an argument is NULL or out of range");
	spn_status status = spn_plan_new(&named, err);
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++)
		status = append_named(spn_plan_step(plan, i), dir, format, named, err);
	if (status)
		return status;
	*ret_named = named;
	named = NULL;
	return SPN_OK;
}

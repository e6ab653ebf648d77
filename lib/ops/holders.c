/* SPDX-License-Identifier: MIT */
#include "holders.h"

#include <string.h>

#include "base/error.h"
#include "directory/directory.h"
#include "domain.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"

spn_status spk_names_add(spk_names *names, const char *name, spn_error *err)
{
	char **grown = realloc(names->list, (names->n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	names->list = grown;
	grown[names->n] = strdup(name);
	if (!grown[names->n])
		return spk_nomem(err);
	names->n++;
	return SPN_OK;
}

bool spk_names_contain(const spk_names *names, const char *name, spk_folding folding)
{
	for (size_t i = 0; i < names->n; i++)
		if (spk_fold_equal(spk_bytes(names->list[i]), spk_bytes(name), folding))
			return true;
	return false;
}

void spk_names_free(spk_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->list[i]);
	free(names->list);
	*names = (spk_names){ 0 };
}

static bool holds_any(const spn_account *account, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (spk_account_holds(account, names[i]))
			return true;
	return false;
}

static bool is_listed(const spk_accounts *accounts, const char *dn)
{
	for (size_t i = 0; i < accounts->n; i++)
		if (spk_dn_equal(spn_account_dn(accounts->list[i]), dn))
			return true;
	return false;
}

static spn_status search_all(spn_directory *dir, const char *const *names, size_t n, bool forest, spk_accounts *found,
		spn_error *err)
{
	if (n == 0)
		return SPN_OK;
	SPK_AUTOFREE spn_filter *equals = calloc(n, sizeof *equals);
	SPK_AUTOFREE const spn_filter **parts = calloc(n + 1, sizeof *parts);
	if (!equals || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		equals[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = SPK_SPN, .value = spk_bytes(names[i]) };
		parts[i] = &equals[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	return spk_accounts_search(dir, n == 1 ? &equals[0] : &any, forest, found, err);
}

/* Entries that hold one of the names only once the plan is carried out were not found by any search. */
static spn_status add_gainers(const spn_plan *plan, spn_directory *dir, const spk_names *names, spk_accounts *found, spn_error *err)
{
	spk_folding folding = SPK_FOLD_WINDOWS;
	spn_status status = spk_directory_folding(dir, &folding, err);
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		bool gains = false;
		for (size_t j = 0; j < step->n_mods; j++)
			gains |= step->mods[j].op == SPN_MOD_ADD && spk_ascii_equal(step->mods[j].attr, SPK_SPN) &&
					spk_names_contain(names, step->mods[j].value.data, folding);
		if (!gains || is_listed(found, step->dn))
			continue;
		SPK_AUTO(spn_entry) *entry = NULL;
		status = spn_entry_new(step->dn, &entry, err);
		if (!status)
			spk_entry_set_folding(entry, folding);
		if (!status && *step->account)
			status = spn_entry_add(entry, "sAMAccountName", spk_bytes(step->account), err);
		if (!status)
			status = spk_accounts_add(found, entry, err);
	}
	return status;
}

/* The domain knows best who of its own holds a name. */
static bool is_in_domain(const char *dn, const char *domain)
{
	SPK_AUTOTEXT spk_text of_dn = { 0 };
	spk_dn_domain(dn, &of_dn);
	return *domain && !of_dn.failed && spk_ascii_equal(of_dn.data, domain);
}

spn_status spk_holders(spn_directory *dir, const spn_plan *plan, const char *const *names, size_t n_names, bool forest,
		spk_accounts *ret_accounts, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts all = { 0 }, catalog = { 0 };
	SPK_AUTOTEXT spk_text own = { 0 };
	spn_status status = search_all(dir, names, n_names, false, &all, err);
	if (!status && forest)
		status = search_all(dir, names, n_names, true, &catalog, err);
	if (!status && forest)
		status = spk_domain_own(dir, &own, err);
	for (size_t i = 0; !status && i < catalog.n; i++)
		if (!is_in_domain(spn_account_dn(catalog.list[i]), own.data) && !is_listed(&all, spn_account_dn(catalog.list[i])))
			status = spk_accounts_add(&all, catalog.list[i]->entry, err);
	if (!status && plan)
		status = add_gainers(plan, dir, &(spk_names){ (char **)(uintptr_t)names, n_names }, &all, err);
	size_t kept = 0;
	for (size_t i = 0; !status && i < all.n; i++) {
		if (plan)
			status = spk_plan_project(plan, all.list[i]->entry, err);
		/* moved, not copied: what is left out stays behind kept and is freed with the list */
		spn_account *account = all.list[i];
		if (!status && holds_any(account, names, n_names)) {
			all.list[i] = all.list[kept];
			all.list[kept++] = account;
		}
	}
	if (status)
		return status;
	while (all.n > kept)
		spn_account_free(all.list[--all.n]);
	*ret_accounts = all;
	all = (spk_accounts){ 0 };
	return SPN_OK;
}

const spn_account *spk_holder_of(const spk_accounts *accounts, const char *name, const char *not_dn,
		const char **ret_stored)
{
	for (size_t i = 0; i < accounts->n; i++) {
		const char *stored = spk_account_holds(accounts->list[i], name);
		if (!stored || (not_dn && spk_dn_equal(spn_account_dn(accounts->list[i]), not_dn)))
			continue;
		if (ret_stored)
			*ret_stored = stored;
		return accounts->list[i];
	}
	return NULL;
}

/* SPDX-License-Identifier: MIT */
#include "holders.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "account/domain.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"

static bool holds_any(const spn_account *account, const spk_roll *names)
{
	const spn_bytes *spns;
	size_t n = spn_account_spns(account, &spns);
	for (size_t i = 0; i < n; i++)
		if (spk_roll_find(names, spns[i]))
			return true;
	return false;
}

size_t spk_dns_add(spk_keys *dns, const char *dn)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	return spk_dn_key_or_text(dn, &key) ? spk_keys_add(dns, (spn_bytes){ key.data, key.len }) : SIZE_MAX;
}

bool spk_dns_find(const spk_keys *dns, const char *dn, size_t *ret_place)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	*ret_place = SIZE_MAX;
	if (!spk_dn_key_or_text(dn, &key))
		return false;
	*ret_place = spk_keys_find(dns, (spn_bytes){ key.data, key.len });
	return true;
}

bool spk_dns_contain(const spk_keys *dns, const char *dn, bool *ret_contain)
{
	size_t place;
	bool is_known = spk_dns_find(dns, dn, &place);
	*ret_contain = place != SIZE_MAX;
	return is_known;
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

static bool gains(const spn_step *step, const spk_roll *names)
{
	for (size_t i = 0; i < step->n_mods; i++)
		if (step->mods[i].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[i]) && spk_roll_find(names, step->mods[i].value))
			return true;
	return false;
}

/* Entries that hold one of the names only once the plan is carried out were not found by any search. */
static spn_status add_gainer(const spn_step *step, spk_folding folding, spk_accounts *found, spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	spn_status status = spn_entry_new(step->dn, &entry, err);
	if (status)
		return status;
	spk_entry_set_folding(entry, folding);
	if (*step->account)
		status = spn_entry_add(entry, "sAMAccountName", spk_bytes(step->account), err);
	return status ? status : spk_accounts_add(found, entry, err);
}

/* Adds the entry of a step that is not among those found. */
static spn_status add_if_new(
		const spn_step *step, spk_folding folding, spk_keys *dns, spk_accounts *found, spn_error *err)
{
	size_t n = dns->n;
	size_t at = spk_dns_add(dns, step->dn);
	if (at == SIZE_MAX)
		return spk_nomem(err);
	return dns->n > n ? add_gainer(step, folding, found, err) : SPN_OK;
}

static int compare_numbers(const void *a, const void *b)
{
	size_t left = *(const size_t *)a, right = *(const size_t *)b;
	return (left > right) - (left < right);
}

/* The steps that add one of the names, by a list of those that the plan adds; in the order of the plan.  Free them. */
static size_t *listed_gains(
		const spn_plan *plan, const char *const *names, size_t n_names, spk_folding folding, size_t *ret_n)
{
	size_t n = 0;
	for (size_t i = 0; i < n_names; i++)
		for (const spk_line *line = spk_plan_first_adding(plan, spk_bytes(names[i]), folding); line; line = line->next)
			n++;
	size_t *steps = calloc(n + 1, sizeof *steps);
	*ret_n = n;
	if (!steps)
		return NULL;
	n = 0;
	for (size_t i = 0; i < n_names; i++)
		for (const spk_line *line = spk_plan_first_adding(plan, spk_bytes(names[i]), folding); line; line = line->next)
			steps[n++] = line->account;
	qsort(steps, n, sizeof *steps, compare_numbers);
	return steps;
}

static spn_status add_gainers(const spn_plan *plan, const char *const *names, size_t n_names, const spk_roll *roll,
		spk_keys *dns, spk_accounts *found, spn_error *err)
{
	spn_status status = SPN_OK;
	size_t n = spn_plan_count(plan);
	bool is_listed = spk_plan_lists_names(plan, roll->folding);
	SPK_AUTOFREE size_t *steps = is_listed ? listed_gains(plan, names, n_names, roll->folding, &n) : NULL;
	if (is_listed && !steps)
		return spk_nomem(err);
	for (size_t i = 0; !status && i < n; i++) {
		const spn_step *step = spn_plan_step(plan, steps ? steps[i] : i);
		if (steps || gains(step, roll))
			status = add_if_new(step, roll->folding, dns, found, err);
	}
	return status;
}

/* Shows the accounts as the plan leaves them.  dns: the DN of each, in their order. */
static spn_status project(const spn_plan *plan, const char *const *names, size_t n_names, const spk_roll *roll,
		spk_keys *dns, spk_accounts *found, spn_error *err)
{
	spn_status status = add_gainers(plan, names, n_names, roll, dns, found, err);
	for (size_t i = 0; !status && i < found->n; i++)
		status = spk_plan_project_account(plan, found->list[i], err);
	return status;
}

/* The domain knows best who of its own holds a name. */
static bool is_in_domain(const char *dn, const char *domain)
{
	SPK_AUTOTEXT spk_text of_dn = { 0 };
	spk_dn_domain(dn, &of_dn);
	return *domain && !of_dn.failed && spk_ascii_equal(of_dn.data, domain);
}

/* Numbers account i by its DN; one that is listed already is dropped, and the last one takes its place. */
static spn_status add_dn(spk_keys *dns, spk_accounts *accounts, size_t i, spn_error *err)
{
	size_t at = spk_dns_add(dns, spn_account_dn(accounts->list[i]));
	if (at == SIZE_MAX)
		return spk_nomem(err);
	if (at == i)
		return SPN_OK;
	spn_account_free(accounts->list[i]);
	accounts->list[i] = accounts->list[--accounts->n];
	return i < accounts->n ? add_dn(dns, accounts, i, err) : SPN_OK;
}

/* The domain's, and those of other domains that the catalog knows; ret_dns: the DN of each, in their order. */
static spn_status search_both(spn_directory *dir, const char *const *names, size_t n, bool forest, spk_keys *ret_dns,
		spk_accounts *ret, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts catalog = { 0 };
	SPK_AUTOTEXT spk_text own = { 0 };
	spn_status status = search_all(dir, names, n, false, ret, err);
	if (!status && forest)
		status = search_all(dir, names, n, true, &catalog, err);
	if (!status && forest)
		status = spk_domain_own(dir, &own, err);
	for (size_t i = 0; !status && i < ret->n; i++)
		status = add_dn(ret_dns, ret, i, err);
	for (size_t i = 0; !status && i < catalog.n; i++) {
		if (is_in_domain(spn_account_dn(catalog.list[i]), own.data))
			continue;
		status = spk_accounts_add(ret, catalog.list[i]->entry, err);
		if (!status)
			status = add_dn(ret_dns, ret, ret->n - 1, err);
	}
	return status;
}

spn_status spk_holders(spn_directory *dir, const spn_plan *plan, const char *const *names, size_t n_names, bool forest,
		spk_accounts *ret_accounts, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts all = { 0 };
	SPK_AUTOKEYS spk_keys dns = { 0 };
	SPK_AUTOROLL spk_roll roll = { 0 };
	spk_folding folding = SPK_FOLD_WINDOWS;
	spn_status status = spk_directory_folding(dir, &folding, err);
	if (!status)
		status = spk_roll_of_names(names, n_names, folding, &roll, err);
	if (!status)
		status = search_both(dir, names, n_names, forest, &dns, &all, err);
	if (!status && plan)
		status = project(plan, names, n_names, &roll, &dns, &all, err);
	if (status)
		return status;
	size_t kept = 0;
	for (size_t i = 0; i < all.n; i++) {
		/* moved, not copied: what is left out stays behind kept and is freed with the list */
		spn_account *account = all.list[i];
		if (holds_any(account, &roll)) {
			all.list[i] = all.list[kept];
			all.list[kept++] = account;
		}
	}
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
		const char *stored = spn_account_holds(accounts->list[i], name);
		if (!stored || (not_dn && spk_dn_equal(spn_account_dn(accounts->list[i]), not_dn)))
			continue;
		if (ret_stored)
			*ret_stored = stored;
		return accounts->list[i];
	}
	return NULL;
}

const spn_account *spk_holder_on(const spk_roll *roll, const spk_accounts *accounts, const char *name,
		const char *not_dn, const char **ret_stored)
{
	for (const spk_line *line = spk_roll_find(roll, spk_bytes(name)); line; line = line->next) {
		if (not_dn && spk_dn_equal(spn_account_dn(accounts->list[line->account]), not_dn))
			continue;
		if (ret_stored)
			*ret_stored = line->value.data;
		return accounts->list[line->account];
	}
	return NULL;
}

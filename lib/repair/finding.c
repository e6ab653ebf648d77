/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "propose.h"
#include "account/mapping.h"
#include "account/proof.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"
#include "plan/wayback.h"

static spn_status delete_name(spn_plan *plan, spn_directory *dir, const spn_account *account, const char *spn,
		const char *reason, spn_error *err)
{
	return spk_propose_delete_from(plan, dir, account, &spn, 1, reason, &(spk_teller){ NULL, NULL }, err);
}

static spn_status collect(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

/* An account with all that proves something, as it will be when the plan is carried out: appended to a list, if it is
 * there. */
static spn_status add_account_after(
		const spn_plan *plan, spn_directory *dir, const char *dn, spk_accounts *accounts, spn_error *err)
{
	static const char *const attrs[] = { SPK_PROOF_ATTRS, NULL };
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	size_t before = accounts->n;
	spn_status status = spn_directory_search(dir, &search, collect, accounts, err);
	return status || accounts->n == before ? status : spk_plan_project_account(plan, accounts->list[before], err);
}

/* A deletion takes every spelling of a name, and among those that a directory holds for equal may be one that clients
 * ask for. */
static bool is_hopeless_in_every_spelling(const spn_account *account, const char *name)
{
	const spn_bytes *names;
	size_t n = spn_account_spns(account, &names);
	for (size_t i = 0; i < n; i++)
		if (spk_fold_equal(names[i], spk_bytes(name), spk_entry_folding(account->entry)) &&
				!spk_name_is_hopeless(account, names[i]))
			return false;
	return true;
}

/* The name cannot be found, however the directory compares. */
static spn_status repair_malformed(spn_plan *plan, spn_directory *dir, const spn_finding *finding, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	spn_status status = add_account_after(plan, dir, finding->accounts[0].dn, &found, err);
	const spn_account *account = found.n ? found.list[0] : NULL;
	if (status || !account || !spn_account_holds(account, finding->spn) ||
			!is_hopeless_in_every_spelling(account, finding->spn))
		return status;
	return delete_name(plan, dir, account, finding->spn, "no request can match a malformed name", err);
}

static spn_status repair_duplicate(spn_plan *plan, spn_directory *dir, const spn_finding *finding, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < finding->n_accounts; i++)
		status = add_account_after(plan, dir, finding->accounts[i].dn, &found, err);
	/* a holder that is gone, or has lost the name since, is none */
	SPK_AUTOFREE spn_account **list = calloc(found.n + 1, sizeof *list);
	if (!status && !list)
		return spk_nomem(err);
	spk_accounts holders = { list, 0 };
	for (size_t i = 0; !status && i < found.n; i++)
		if (spn_account_holds(found.list[i], finding->spn))
			list[holders.n++] = found.list[i];
	const spn_account *keeper = status ? NULL : spk_rightful_holder(&holders, finding->spn);
	bool has_namesake = false;
	for (size_t i = 0; keeper && i < holders.n; i++)
		has_namesake |= holders.list[i] != keeper &&
				spk_ascii_equal(spk_account_label(holders.list[i]), spk_account_label(keeper));
	SPK_AUTOFREE char *reason = keeper ? spk_printf("'%s' keeps the name", has_namesake ? spn_account_dn(keeper) :
			spk_account_label(keeper)) : NULL;
	if (keeper && !reason)
		return spk_nomem(err);
	size_t before = spn_plan_count(plan);
	for (size_t i = 0; !status && keeper && i < holders.n; i++)
		if (holders.list[i] != keeper)
			status = delete_name(plan, dir, holders.list[i], finding->spn, reason, err);
	return status ? status : spk_plan_keep_names(plan, before, err);
}

/* Whether no other account claims the host: of two computers with one name, either may be the machine. */
static spn_status is_only_host(spn_directory *dir, const spn_account *account, bool *ret_only, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	const char *dns = spn_account_dns_host(account), *host = dns ? dns : "";
	SPK_AUTOFREE char *dotted = spk_printf("%s.", host);
	if (!dotted)
		return spk_nomem(err);
	const spn_filter equals[] = {
		{ .op = SPN_FILTER_EQUAL, .attr = "dNSHostName", .value = spk_bytes(host) },
		{ .op = SPN_FILTER_EQUAL, .attr = "dNSHostName", .value = spk_bytes(dotted) },
		{ .op = SPN_FILTER_EQUAL, .attr = "msDS-AdditionalDnsHostName", .value = spk_bytes(host) },
		{ .op = SPN_FILTER_EQUAL, .attr = "msDS-AdditionalDnsHostName", .value = spk_bytes(dotted) },
	};
	const spn_filter *const parts[] = { &equals[0], &equals[1], &equals[2], &equals[3], NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	spn_status status = spk_accounts_search(dir, &any, false, &found, err);
	*ret_only = true;
	for (size_t i = 0; i < found.n; i++)
		*ret_only &= spk_dn_equal(spn_account_dn(found.list[i]), spn_account_dn(account));
	return status;
}

/* By its userPrincipalName, another account may answer for one of the names today: what runs as it would get no more
 * tickets.  For one that is disabled, there are none. */
static spn_status check_principals(spn_directory *dir, const char *dn, const spk_names *names, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	SPK_AUTONAMES spk_names principals = { 0 };
	SPK_AUTOTEXT spk_text realm = { 0 };
	SPK_AUTOFREE spn_filter *equals = calloc(2 * names->n + 1, sizeof *equals);
	SPK_AUTOFREE const spn_filter **parts = calloc(2 * names->n + 1, sizeof *parts);
	spk_dn_domain(dn, &realm);
	spn_status status = equals && parts && !realm.failed ? SPN_OK : spk_nomem(err);
	for (size_t i = 0; !status && i < names->n; i++) {
		SPK_AUTOFREE char *principal = spk_printf("%s@%s", names->list[i], realm.data ? realm.data : "");
		status = principal ? spk_names_add(&principals, principal, err) : spk_nomem(err);
		if (!status)
			status = spk_names_add(&principals, names->list[i], err);
	}
	for (size_t i = 0; !status && i < principals.n; i++) {
		equals[i] = (spn_filter){ SPN_FILTER_EQUAL, "userPrincipalName", spk_bytes(principals.list[i]), NULL };
		parts[i] = &equals[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	if (!status)
		status = spk_accounts_search(dir, &any, false, &found, err);
	for (size_t i = 0; !status && i < found.n; i++)
		if (spn_account_enabled(found.list[i]) && !spk_dn_equal(spn_account_dn(found.list[i]), dn))
			status = spn_fail(err, SPN_ERR_REFUSED, 0, "'%s' answers for '%s', its userPrincipalName",
					spk_account_label(found.list[i]), spn_entry_text(found.list[i]->entry, "userPrincipalName"));
	return status;
}

/* Whether the last step of a plan adds names that the directory takes, and that no other account answers for. */
static spn_status check_due(const spn_plan *plan, spn_directory *dir, spn_error *err)
{
	const spn_step *step = spn_plan_step(plan, spn_plan_count(plan) - 1);
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	SPK_AUTONAMES spk_names names = { 0 }; /* with their aliases */
	spn_status status = spk_mapping_load(dir, &live, err);
	for (size_t i = 0; !status && i < step->n_mods; i++) {
		const char *name = step->mods[i].value.data;
		status = spk_addable_check(dir, plan, &live, step, i, err);
		if (!status)
			status = spk_names_add(&names, name, err);
		if (!status)
			status = spk_mapping_aliases(&live.mapping, name, spk_names_collect, &names, err);
	}
	return status ? status : check_principals(dir, step->dn, &names, err);
}

/* Only the default names; others depend on the services that run. */
static spn_status repair_missing(spn_plan *plan, spn_directory *dir, const spn_finding *finding, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	bool is_only = false;
	if (finding->spn || !finding->n_repairs || finding->repairs->kind != SPN_REPAIR_DEFAULTS)
		return SPN_OK;
	spn_status status = add_account_after(plan, dir, finding->accounts[0].dn, &found, err);
	if (status || found.n == 0 || !spk_defaults_are_due(found.list[0]))
		return status;
	status = is_only_host(dir, found.list[0], &is_only, err);
	if (status || !is_only)
		return status;
	size_t before = spn_plan_count(plan);
	status = spn_propose_defaults(plan, dir, finding->accounts[0].dn, NULL, NULL, err);
	return status || spn_plan_count(plan) == before ? status : check_due(plan, dir, err);
}

static const struct {
	const char *code;
	bool of_name;
	spn_status (*repair)(spn_plan *plan, spn_directory *dir, const spn_finding *finding, spn_error *err);
} repairs[] = {
	{ "malformed", true, repair_malformed },
	{ "duplicate", true, repair_duplicate },
	{ "missing", false, repair_missing },
};

/* What stands in the way of one repair is no reason to give up the others. */
static bool is_refusal(spn_status status)
{
	return status == SPN_ERR_NOT_FOUND || status == SPN_ERR_NOT_UNIQUE || status == SPN_ERR_REFUSED ||
			status == SPN_ERR_AMBIGUOUS;
}

spn_status spn_propose_repair(spn_plan *plan, spn_directory *dir, const spn_finding *finding, spn_finding_fn *fn,
		void *data, spn_error *err)
{
	if (!plan || !dir || !finding || !finding->code)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_propose_repair: an argument is NULL");
	size_t before = spn_plan_count(plan);
	spn_error why = { .status = SPN_OK };
	spk_folding folding = SPK_FOLD_WINDOWS;
	spn_status status = spk_directory_folding(dir, &folding, err);
	if (!status) /* each of many repairs looks for its names in all that were planned before */
		status = spk_plan_list_names(plan, folding, err);
	if (status)
		return status;
	for (size_t i = 0; i < sizeof repairs / sizeof *repairs; i++)
		if (strcmp(finding->code, repairs[i].code) == 0 && finding->n_accounts && (finding->spn || !repairs[i].of_name))
			status = repairs[i].repair(plan, dir, finding, &why);
	if (!status)
		return SPN_OK;
	spk_plan_truncate(plan, before);
	if (!is_refusal(status))
		return spk_fail_as(err, status, &why, "%s", why.message);
	SPK_AUTOFREE char *text = spk_printf("left out of the plan: %s", why.message);
	if (!text)
		return spk_nomem(err);
	spn_finding left_out = *finding;
	left_out.severity = SPN_SEVERITY_NOTICE;
	left_out.text = text;
	left_out.repairs = NULL;
	left_out.n_repairs = 0;
	return fn ? spk_tell_finding(&(spk_teller){ fn, data }, &left_out, err) : SPN_OK;
}

/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "delegation_look.h"
#include "resolve.h"
#include "account/proof.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"

/* ---- what there is ---- */

static spn_status take_account(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

/* Controllers, too, at a server: there is always one, and what cannot be read of them cannot be read. */
static spn_status find_accounts(spk_look *look, spn_error *err)
{
	static const char *const attrs[] = { SPK_DELEGATES_TO, SPK_LETS_ACT, SPK_PRECEDED_BY, SPK_SUCCEEDED_BY,
		SPK_POLICY, SPK_SILO };
	enum { N_ATTRS = sizeof attrs / sizeof *attrs };
	const spn_filter handed = { .op = SPN_FILTER_BITS, .attr = "userAccountControl", .value = spk_bytes("524288") };
	const spn_filter controllers = { .op = SPN_FILTER_EQUAL, .attr = "primaryGroupID", .value = spk_bytes("516") };
	spn_filter present[N_ATTRS];
	const spn_filter *parts[N_ATTRS + 3] = { NULL };
	for (size_t i = 0; i < N_ATTRS; i++) {
		present[i] = (spn_filter){ .op = SPN_FILTER_PRESENT, .attr = attrs[i] };
		parts[i] = &present[i];
	}
	parts[N_ATTRS] = &handed;
	parts[N_ATTRS + 1] = spk_directory_is_local(look->dir) ? NULL : &controllers;
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = spk_delegation_attrs };
	return spn_directory_search(look->dir, &search, take_account, &look->accounts, err);
}

/* ---- the question ---- */

static spn_status find_holders(spk_look *look, const char *spn, spn_error *err)
{
	SPK_AUTO(spn_resolution) *resolution = NULL;
	spn_status status = spn_resolve(look->dir, spn, &resolution, err);
	for (size_t i = 0; !status && i < resolution->n_accounts; i++)
		status = spk_accounts_add(&look->about, resolution->accounts[i]->entry, err);
	return status;
}

static spn_status find_about(spk_look *look, const char *what, spn_error *err)
{
	SPK_AUTO(spn_account) *account = NULL;
	look->is_about_all = !what;
	if (!what)
		return SPN_OK;
	if (strchr(what, '/') && !spk_dn_is_valid(what)) {
		look->name = what;
		return find_holders(look, what, err);
	}
	spn_status status = spn_account_find(look->dir, what, SPN_WANT_ANY, &account, err);
	return status ? status : spk_accounts_add(&look->about, account->entry, err);
}

static spn_status find_subject(spk_look *look, const char *what, spn_error *err)
{
	spn_status status = find_about(look, what, err);
	for (size_t i = 0; !status && i < look->about.n; i++) {
		const spn_bytes *groups;
		size_t n = spn_entry_values(look->about.list[i]->entry, "memberOf", &groups);
		bool ok = spk_keys_add(&look->dns, spk_bytes(spn_account_dn(look->about.list[i]))) != SIZE_MAX;
		for (size_t j = 0; ok && j < n; j++)
			ok = spk_keys_add(&look->groups, groups[j]) != SIZE_MAX;
		status = ok ? SPN_OK : spk_nomem(err);
	}
	return status;
}

static spn_status tell_handed(const spk_look *look, const spn_account *account, spn_error *err)
{
	if (!spk_is_handed_tickets(account) || !spk_look_is_about(look, account))
		return SPN_OK;
	return spk_look_tell(look, "unconstrained", SPN_SEVERITY_WARNING, NULL, account, NULL, err,
			"'%s' is trusted for delegation: clients hand it their ticket-granting tickets, with which it "
			"can act as them everywhere",
			spk_account_label(account));
}

/* ---- what is not known ---- */

static bool has_no_control(const spn_account *account)
{
	unsigned long control;
	return !spk_account_control(account, &control);
}

/* What hides userAccountControl hides whom the account lets act as well: both are in one property set
 * ([MS-ADA2] Account-Restrictions). */
static spn_status tell_unreadable(const spk_look *look, spn_error *err)
{
	const spk_accounts *asked = look->is_about_all ? &look->accounts : &look->about;
	const spn_account *first = NULL;
	bool is_file = spk_directory_is_local(look->dir);
	char more[48] = "";
	size_t n = 0;
	for (size_t i = 0; i < asked->n; i++) {
		if (!has_no_control(asked->list[i]))
			continue;
		first = first ? first : asked->list[i];
		n++;
	}
	if (n == 0)
		return SPN_OK;
	if (n > 1)
		snprintf(more, sizeof more, " and %zu more account%s", n - 1, n > 2 ? "s" : "");
	bool is_one = n == 1;
	return spk_look_tell(look, "unknown-delegations", SPN_SEVERITY_NOTICE, NULL, first, NULL, err,
			"the userAccountControl of '%s'%s %s: whether %s trusted for delegation, or may act as any "
			"user%s, is not known",
			spk_account_label(first), more,
			is_file ? "is not in this file, or not a number" : "cannot be read",
			is_one ? "it is" : "they are",
			is_file                ? "" :
					is_one ? ", or lets others act towards it" :
						 ", or let others act towards them");
}

static spn_status stop(const spn_entry *entry, void *data, spn_error *err)
{
	(void)entry;
	(void)err;
	*(bool *)data = true;
	return SPN_ERR_STOPPED;
}

/* Every object has it, and nobody asks for it by name. */
static spn_status has_all_attributes(spn_directory *dir, bool *ret_has, spn_error *err)
{
	static const char *const attrs[] = { "instanceType", NULL };
	const spn_filter filter = { .op = SPN_FILTER_PRESENT, .attr = "instanceType" };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = attrs };
	spn_error why = { .status = SPN_OK };
	*ret_has = false;
	spn_status status = spn_directory_search(dir, &search, stop, ret_has, &why);
	if (status && !*ret_has && err)
		*err = why;
	return *ret_has ? SPN_OK : status;
}

/* What no entry of a file has was perhaps not exported. */
static spn_status tell_not_exported(const spk_look *look, spn_error *err)
{
	static const char *const attrs[] = { SPK_DELEGATES_TO, SPK_LETS_ACT, SPK_PRECEDED_BY, SPK_POLICY, SPK_SILO };
	SPK_AUTOTEXT spk_text missing = { 0 };
	bool has_all = false;
	if (!spk_directory_is_local(look->dir))
		return SPN_OK;
	for (size_t a = 0; a < sizeof attrs / sizeof *attrs; a++) {
		bool is_there = false;
		for (size_t i = 0; !is_there && i < look->accounts.n; i++)
			is_there = spn_entry_values(look->accounts.list[i]->entry, attrs[a], NULL) > 0;
		if (!is_there)
			spk_text_add(&missing, "%s%s", missing.len ? ", " : "", attrs[a]);
	}
	if (missing.failed)
		return spk_nomem(err);
	spn_status status = missing.len ? has_all_attributes(look->dir, &has_all, err) : SPN_OK;
	if (status || !missing.len || has_all)
		return status;
	return spk_look_tell(look, "unknown-delegations", SPN_SEVERITY_NOTICE, NULL, NULL, NULL, err,
			"no entry of this file has any of %s: none of that exists, or it was not exported",
			missing.data);
}

/* ---- telling ---- */

/* Whom the accounts refer to: in one search, however they do it. */
static spn_status find_referred(spk_look *look, struct spk_leads **ret_leads, spn_error *err)
{
	SPK_AUTOACES spk_aces aces = { .n = 0 };
	spn_status status = spk_look_add_acting(look, &aces, err);
	if (!status)
		status = spk_look_add_policies(look, &aces, err);
	if (!status)
		status = spk_look_want_trustees(look, &aces, err);
	if (!status)
		status = spk_look_want_predecessors(look, err);
	if (!status)
		status = spk_leads_new(look, ret_leads, err);
	if (!status)
		status = spk_leads_find(*ret_leads, err);
	if (!status)
		status = spk_look_find_foreign(look, err);
	return status ? status : spk_look_list_sids(look, err);
}

/* Of the accounts that were found. */
static spn_status tell_all(spk_look *look, spn_error *err)
{
	struct spk_leads *leads = NULL;
	spn_status status = find_referred(look, &leads, err);
	for (size_t i = 0; !status && i < look->accounts.n; i++)
		status = tell_handed(look, look->accounts.list[i], err);
	if (!status)
		status = spk_look_tell_successions(look, err);
	if (!status)
		status = spk_leads_tell(leads, err);
	if (!status)
		status = spk_look_tell_acting(look, err);
	if (!status)
		status = spk_look_tell_policies(look, err);
	spk_leads_free(leads);
	return status;
}

/* What an audit does not tell here. */
static spn_status tell_unknown(const spk_look *look, spn_error *err)
{
	spn_status status = tell_unreadable(look, err);
	return status ? status : tell_not_exported(look, err);
}

spn_status spk_delegations_tell(spn_directory *dir, const spk_accounts *accounts, const spk_teller *to, spn_error *err)
{
	SPK_AUTOLOOK spk_look look = {
		.dir = dir, .is_about_all = true, .is_brief = true, .accounts = *accounts, .to = *to
	};
	spn_status status = tell_all(&look, err);
	look.accounts = (spk_accounts){ .n = 0 }; /* they were lent */
	return status;
}

spn_status spn_find_delegations(spn_directory *dir, const char *what, spn_finding_fn *fn, void *data, spn_error *err)
{
	if (!dir || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_find_delegations: an argument is NULL");
	SPK_AUTOLOOK spk_look look = { .dir = dir, .to = { fn, data } };
	spn_status status = find_subject(&look, what, err);
	if (!status)
		status = find_accounts(&look, err);
	if (!status)
		status = spk_look_read_policies(&look, err);
	if (!status)
		status = tell_all(&look, err);
	return status ? status : tell_unknown(&look, err);
}

/* SPDX-License-Identifier: MIT */
#include "audit.h"

#include <string.h>

#include "account/hosts.h"
#include "account/proof.h"
#include "base/error.h"
#include "base/keys.h"
#include "model/filter.h"

static spn_status collect(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

/* An account that has several of the values is found with the first of them. */
spn_status spk_audit_search_values(const spk_audit *audit, const char *attr, const spk_names *values,
		const char *const *attrs, spn_entry_fn *fn, void *data, spn_error *err)
{
	SPK_AUTOKEYS spk_keys known = { 0 };
	SPK_AUTOFREE spn_filter *equals = calloc(values->n + 1, sizeof *equals);
	SPK_AUTOFREE const spn_filter **parts = calloc(values->n + 1, sizeof *parts);
	if (!equals || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < values->n; i++) {
		size_t n = known.n, place = spk_keys_add(&known, spk_bytes(values->list[i]));
		if (place == SIZE_MAX)
			return spk_nomem(err);
		if (place < n)
			continue;
		equals[n] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = attr, .value = spk_bytes(values->list[i]) };
		parts[n] = &equals[n];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	return known.n ? spk_scope_search(audit->scope, &any, attrs, fn, data, err) : SPN_OK;
}

spn_status spk_audit_holders(const spk_audit *audit, const spk_names *names, spk_accounts *ret_holders, spn_error *err)
{
	static const char *const attrs[] = { SPK_PROOF_ATTRS, NULL };
	return spk_audit_search_values(audit, SPK_SPN, names, attrs, collect, ret_holders, err);
}

/* Keeps a machine in use. */
static spn_status collect_machine(const spn_entry *entry, void *data, spn_error *err)
{
	spk_accounts *machines = data;
	SPK_AUTO(spn_account) *account = NULL;
	spn_status status = spk_account_new(entry, &account, err);
	return status || !spk_is_in_use(account) ? status : spk_accounts_add(machines, entry, err);
}

spn_status spk_audit_machines(
		const spk_audit *audit, const spk_names *hosts, spk_accounts *ret_machines, spn_error *err)
{
	static const char *const attrs[] = { SPK_PROOF_ATTRS, NULL };
	SPK_AUTONAMES spk_names accounts = { 0 };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < hosts->n; i++) {
		SPK_AUTOFREE char *account = spk_printf("%s$", hosts->list[i]);
		status = account ? spk_names_add(&accounts, account, err) : spk_nomem(err);
	}
	if (!status)
		status = spk_audit_search_values(audit, "dNSHostName", hosts, attrs, collect_machine, ret_machines, err);
	return status ? status :
			spk_audit_search_values(audit, "sAMAccountName", &accounts, attrs, collect_machine, ret_machines, err);
}

spn_status spk_audit_by_cn(const spk_audit *audit, const spk_names *names, spk_by_cn *ret_by_cn, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < names->n; i++)
		status = spk_by_cn_want(ret_by_cn, names->list[i], err);
	for (size_t i = 0; !status && i < audit->scope->n; i++)
		status = spk_by_cn_search(ret_by_cn, audit->scope->dirs[i], err);
	return status;
}

spn_status spk_lacking_note(const spk_audit *audit, const spn_account *account, spn_error *err)
{
	const spk_accounts *noted = audit->lacking;
	spk_audit_noted(audit);
	bool is_noted = noted->n && strcmp(spn_account_dn(noted->list[noted->n - 1]), spn_account_dn(account)) == 0;
	return is_noted ? SPN_OK : spk_accounts_add(audit->lacking, account->entry, err);
}

bool spk_audit_wants(const spk_audit *audit, const spn_account *account)
{
	const spn_bytes *names;
	size_t n = spn_account_spns(account, &names);
	for (size_t i = 0; audit->options->pattern && i < n; i++)
		if (spk_glob_match(spk_bytes(audit->options->pattern), names[i], SPK_FOLD_WINDOWS))
			return true;
	return !audit->options->pattern;
}

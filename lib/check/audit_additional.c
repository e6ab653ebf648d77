/* SPDX-License-Identifier: MIT */
/* Further host names of a computer, as 'netdom computername /add' gives it: Windows registers HOST/ for each. */
#include <string.h>

#include "audit.h"
#include "account/hosts.h"
#include "account/proof.h"
#include "account/roll.h"
#include "base/error.h"

static spn_status tell_other(const spk_audit *audit, const spn_account *account, const char *name,
		const spn_account *holder, spn_error *err)
{
	const char *host = strchr(name, '/') + 1;
	const char *label = spk_account_label(account), *other = spk_account_label(holder);
	const spn_account_ref refs[] = { spk_account_ref(account), spk_account_ref(holder) };
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_text_add(&text,
			"'%s' is an additional host name of '%s', but '%s' holds '%s': clients that ask for this host "
			"get tickets that '%s' "
			"cannot read (0x80090322); if the host is '%s', delete the name from '%s'",
			host, label, other, name, label, label, other);
	const spn_finding finding = { .code = "wrong-account", .severity = SPN_SEVERITY_WARNING, .spn = name, .accounts = refs,
		.n_accounts = 2, .text = text.data };
	return text.failed ? spk_nomem(err) : spk_tell_finding(audit->to, &finding, err);
}

/* The names of additional hosts that the account does not hold. */
static spn_status find_lacking(const spn_account *account, spk_names *ret_names, spn_error *err)
{
	SPK_AUTOHOSTS spk_hosts hosts = { .list = NULL };
	SPK_AUTOROLL spk_roll held = { 0 };
	spn_status status = spk_hosts_of(account, &hosts, err);
	if (!status)
		status = spk_roll_of_account(account, &held, err);
	for (size_t i = 0; !status && i < hosts.n; i++) {
		const spk_host *host = &hosts.list[i];
		if (!host->is_default || host->name == hosts.fqdn || host->name == hosts.short_name)
			continue;
		SPK_AUTOFREE char *name = spk_printf("HOST/%s", host->name);
		if (!name)
			return spk_nomem(err);
		status = spk_roll_find(&held, spk_bytes(name)) ? SPN_OK : spk_names_add(ret_names, name, err);
	}
	return status;
}

static spn_status tell_missing(
		const spk_audit *audit, const spn_account *account, const spk_names *missing, spn_error *err)
{
	SPK_AUTOTEXT spk_text list = { 0 };
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	enum { SHOWN = 5 };
	bool is_one = missing->n == 1;
	for (size_t i = 0; i < missing->n && i < SHOWN; i++)
		spk_text_add(&list, "%s'%s'", i == 0 ? "" : i + 1 < missing->n ? ", " : " and ", missing->list[i]);
	if (missing->n > SHOWN)
		spk_text_add(&list, " and %zu more", missing->n - SHOWN);
	spk_scope_repair(&repairs, audit->scope, account, (spn_repair){ .kind = SPN_REPAIR_DEFAULTS });
	return list.failed ? spk_nomem(err) :
					      spk_tell(audit->to, err, "missing", SPN_SEVERITY_WARNING,
							      missing->list[0], account, &repairs,
							      "'%s' lacks %s for its additional host name%s, and no "
							      "other account holds %s: clients that ask for %s get "
							      "no ticket",
							      spk_account_label(account), list.data, is_one ? "" : "s",
							      is_one ? "it" : "them", is_one ? "it" : "them");
}

/* The first names are the business of another rule.  A file that lacks names says nothing, nor does a machine that is
 * switched off. */
static bool has_further_hosts(const spn_account *account)
{
	return spk_has_additional_hosts(account) && spk_account_has_host(account) && spn_account_enabled(account) &&
			!spk_account_is_remnant(account) && !spk_entry_lacks_names(account->entry);
}

spn_status spk_rule_additional(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	SPK_AUTONAMES spk_names lacking = { 0 };
	(void)rule;
	spn_status status = has_further_hosts(account) ? find_lacking(account, &lacking, err) : SPN_OK;
	return status || !lacking.n ? status : spk_lacking_note(audit, account, err);
}

/* Notes the hosts that are other machines in use, by their dNSHostName or account: an additional name of them stayed
 * behind. */
static spn_status note_own(const spn_entry *entry, void *data, spn_error *err)
{
	spk_keys *own = data;
	SPK_AUTO(spn_account) *account = NULL;
	spn_status status = spk_account_new(entry, &account, err);
	if (status || !spk_is_in_use(account))
		return status;
	const char *dns = spn_account_dns_host(account), *sam = spn_account_name(account);
	const spn_bytes hosts[] = { spk_bytes(dns ? dns : ""), { sam, strcspn(sam, "$") } };
	for (size_t i = 0; i < 2; i++) {
		SPK_AUTOTEXT spk_text key = { 0 };
		(void)spk_text_add_lower(&key, hosts[i].data, hosts[i].len);
		if (key.failed || spk_keys_add(own, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
			return spk_nomem(err);
	}
	return SPN_OK;
}

static spn_status find_own(const spk_audit *audit, const spk_names *lacking, spk_keys *ret_own, spn_error *err)
{
	static const char *const attrs[] = { SPK_PROOF_ATTRS, NULL };
	SPK_AUTONAMES spk_names hosts = { 0 }, accounts = { 0 };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < lacking->n; i++) {
		const char *host = strchr(lacking->list[i], '/') + 1;
		SPK_AUTOFREE char *account = spk_printf("%s$", host);
		status = account ? spk_names_add(&hosts, host, err) : spk_nomem(err);
		if (!status)
			status = spk_names_add(&accounts, account, err);
	}
	if (!status)
		status = spk_audit_search_values(audit, "dNSHostName", &hosts, attrs, note_own, ret_own, err);
	return status ? status : spk_audit_search_values(audit, "sAMAccountName", &accounts, attrs, note_own, ret_own, err);
}

static spn_status is_own(const spk_keys *own, const char *name, bool *ret_is, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	const char *host = strchr(name, '/') + 1;
	(void)spk_text_add_lower(&key, host, strlen(host));
	*ret_is = !key.failed && spk_keys_find(own, (spn_bytes){ key.data, key.len }) != SIZE_MAX;
	return key.failed ? spk_nomem(err) : SPN_OK;
}

/* own: the hosts that are other machines. */
static spn_status judge(const spk_audit *audit, const spn_account *account, const spk_accounts *holders,
		const spk_roll *held, const spk_keys *own, const spk_by_cn *by_cn, spn_error *err)
{
	SPK_AUTONAMES spk_names lacking = { 0 }, missing = { 0 };
	spn_status status = has_further_hosts(account) ? find_lacking(account, &lacking, err) : SPN_OK;
	for (size_t i = 0; !status && i < lacking.n; i++) {
		const spn_account *holder = spk_holder_on(held, holders, lacking.list[i], NULL, NULL);
		bool is_other = false;
		status = holder ? tell_other(audit, account, lacking.list[i], holder, err) :
				  is_own(own, lacking.list[i], &is_other, err);
		is_other |= spk_by_cn_find(by_cn, lacking.list[i], spn_account_dn(account)) != NULL;
		if (!status && !holder && !is_other)
			status = spk_names_add(&missing, lacking.list[i], err);
	}
	return status || missing.n == 0 ? status : tell_missing(audit, account, &missing, err);
}

spn_status spk_additional_judge(const spk_audit *audit, spn_error *err)
{
	const spk_accounts *noted = audit->lacking;
	SPK_AUTONAMES spk_names names = { 0 };
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
	SPK_AUTOROLL spk_roll held = { 0 };
	SPK_AUTOKEYS spk_keys own = { 0 };
	SPK_AUTOBYCN spk_by_cn by_cn = { .roll = { .n = 0 } };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < noted->n; i++)
		status = has_further_hosts(noted->list[i]) ? find_lacking(noted->list[i], &names, err) : SPN_OK;
	if (!status)
		status = spk_audit_holders(audit, &names, &holders, err);
	if (!status)
		status = spk_roll_of_accounts(&holders, &held, err);
	if (!status)
		status = find_own(audit, &names, &own, err);
	if (!status)
		status = spk_audit_by_cn(audit, &names, &by_cn, err);
	for (size_t i = 0; !status && names.n && i < noted->n; i++)
		status = judge(audit, noted->list[i], &holders, &held, &own, &by_cn, err);
	return status;
}

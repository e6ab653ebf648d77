/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "audit.h"
#include "command.h"
#include "posing.h"
#include "account/hosts.h"
#include "account/proof.h"
#include "base/error.h"
#include "model/adtypes.h"
#include "model/dn.h"
#include "model/fold.h"

/* An account takes about 1,200 values ([MS-ADTS] 3.1.1.1.5 leaves it to the page of the database); 3,000 since Server 2025. */
#define NEARLY_FULL 1000

static spn_status look_malformed(const spk_audit *audit, const spk_rule *rule, const spn_account *account, const char *spn,
		spn_error *err)
{
	spn_name name;
	spn_error why = { .status = SPN_OK };
	SPK_AUTOTEXT spk_text repair = { 0 };
	if (spn_name_parse(spn, &name, &why) != SPN_ERR_SYNTAX)
		return SPN_OK;
	spk_put_delete(&repair, audit->scope, spn, account);
	return repair.failed ? spk_nomem(err) : spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, spn, account, repair.data,
			"%s; no client asks for it", why.message);
}

/* A controller that was demoted may have kept such names; otherwise somebody has put them there to be taken for one. */
static spn_status look_posing(const spk_audit *audit, const spk_rule *rule, const spn_account *account, const char *spn,
		spn_error *err)
{
	SPK_AUTOTEXT spk_text repair = { 0 };
	const char *as;
	(void)rule;
	spn_status status = spk_account_pose(account, spn, &as, err);
	if (status || !as)
		return status; /* nearly always: the command is not put together in vain */
	spk_put_delete(&repair, audit->scope, spn, account);
	return repair.failed ? spk_nomem(err) : spk_posing_tell(audit->to, account, spn, repair.data, err);
}

static spn_status look_password(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	int64_t days;
	unsigned limit;
	if (!spk_is_person(account) || !spk_password_is_old(audit, account, &days, &limit))
		return SPN_OK;
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, NULL,
			"'%s' holds names, and its password is %" PRId64 " days old (more than %u): set a new one and renew the service's keytabs",
			spk_account_label(account), days, limit);
}

static bool holds_for(const spn_account *account, const char *service, const char *host, spk_text *text)
{
	SPK_AUTOFREE char *name = spk_printf("%s/%s", service, host);
	text->failed |= !name;
	return name && spk_account_holds(account, name);
}

/* A NetBIOS name that is cut off may be missing where the first label in DNS is there. */
static void put_missing(const spn_account *account, const char *service, const spk_hosts *hosts, spk_text *missing)
{
	SPK_AUTOFREE char *label = strndup(hosts->fqdn, strcspn(hosts->fqdn, "."));
	missing->failed |= !label;
	if (label && hosts->has_short_default && !holds_for(account, service, hosts->short_name, missing) && !holds_for(account, service, label, missing))
		spk_text_add(missing, "'%s/%s'", service, hosts->short_name);
	if (hosts->fqdn != hosts->short_name && spn_account_dns_host(account) && !holds_for(account, service, hosts->fqdn, missing))
		spk_text_add(missing, "%s'%s/%s'", missing->len ? " and " : "", service, hosts->fqdn);
}

/* Windows Server has WinRM enabled.  Not looked at: clusters, whose names no WinRM registers, and controllers, where the event is usual
 * (AdminSDHolder takes the right away) and HOST/ serves. */
static spn_status tell_no_wsman(const spk_audit *audit, const spk_rule *rule, const spn_account *account, const spk_hosts *hosts,
		spn_error *err)
{
	SPK_AUTOTEXT spk_text missing = { 0 }, repair = { 0 };
	const char *system = spn_entry_text(account->entry, "operatingSystem");
	if (!system || strncmp(system, "Windows Server", 14) != 0 || spk_account_is_cluster_name(account) ||
			spk_account_may_be_controller(account))
		return SPN_OK;
	put_missing(account, "WSMAN", hosts, &missing);
	if (!missing.len)
		return missing.failed ? spk_nomem(err) : SPN_OK;
	SPK_AUTOFREE char *by_short_name = spk_printf("WSMAN/%s", hosts->short_name);
	SPK_AUTOFREE char *by_fqdn = spk_printf("WSMAN/%s", hosts->fqdn);
	if (!by_short_name || !by_fqdn)
		return spk_nomem(err);
	const spn_bytes names[] = { spk_bytes(by_short_name), spk_bytes(by_fqdn) };
	spk_text_add(&repair, "spnkit add");
	spk_put_names_of(&repair, audit->scope, names, spn_account_dns_host(account) && hosts->fqdn != hosts->short_name ? 2 : 1, account);
	return missing.failed || repair.failed ? spk_nomem(err) : spk_tell(audit->to, err, rule->code, SPN_SEVERITY_NOTICE, NULL, account,
			repair.data, "'%s' lacks %s: WinRM could not register %s (event 10154), and clients that ask for WSMAN/ do not find it",
			spk_account_label(account), missing.data, strstr(missing.data, " and ") ? "them" : "it");
}

/* Whether it has registered itself, or part of that is left: whoever makes an account beforehand, or for one service, does not.  HOST/ for
 * the FQDN without other names of its kind is what msktutil writes, which adds the short name to services only that are named to it. */
static bool has_names_of_machine(const spn_account *account)
{
	const spn_bytes *names;
	const char *dns = spn_account_dns_host(account);
	spn_name name;
	bool has_host = false, has_fqdn = false;
	for (size_t i = 0, n = spn_account_spns(account, &names); i < n; i++) {
		if (spn_name_parse(names[i].data, &name, NULL) || !spk_is_machine_class(name.service_class))
			continue;
		if (!spk_fold_equal(name.service_class, spk_bytes("HOST"), SPK_FOLD_WINDOWS))
			return true;
		has_host = true;
		has_fqdn |= dns && spk_fold_equal(name.host, spk_bytes(dns), SPK_FOLD_WINDOWS);
	}
	return has_host && !has_fqdn;
}

/* Another computer with the same dNSHostName: one of the two has it by mistake, and so no right to the names.  NULL: there is none. */
static spn_status find_namesake(const spk_audit *audit, const spn_account *account, spk_accounts *found, const spn_account **ret_other,
		spn_error *err)
{
	static const char *const attrs[] = { "sAMAccountName", "dNSHostName", NULL };
	const char *dns = spn_account_dns_host(account);
	*ret_other = NULL;
	if (!dns)
		return SPN_OK;
	SPK_AUTOFREE char *dotted = spk_printf("%s.", dns);
	if (!dotted)
		return spk_nomem(err);
	const spn_filter equal = { .op = SPN_FILTER_EQUAL, .attr = "dNSHostName", .value = spk_bytes(dns) },
		with_dot = { .op = SPN_FILTER_EQUAL, .attr = "dNSHostName", .value = spk_bytes(dotted) };
	const spn_filter *const parts[] = { &equal, &with_dot, NULL };
	const spn_filter same = { .op = SPN_FILTER_OR, .parts = parts };
	spn_status status = spk_audit_search(audit, &same, attrs, found, err);
	for (size_t i = 0; !status && i < found->n; i++)
		if (!spk_dn_equal(spn_account_dn(found->list[i]), spn_account_dn(account)))
			*ret_other = found->list[i];
	return status;
}

static spn_status tell_missing(const spk_audit *audit, const spk_rule *rule, const spn_account *account, const char *missing, spn_error *err)
{
	SPK_AUTOTEXT spk_text repair = { 0 };
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	const spn_account *other;
	bool has_fqdn = spn_account_dns_host(account), is_sure = spk_account_is_windows(account) || has_names_of_machine(account);
	spn_status status = find_namesake(audit, account, &found, &other, err);
	if (status)
		return status;
	if (other)
		return spk_tell(audit->to, err, rule->code, is_sure ? SPN_SEVERITY_WARNING : SPN_SEVERITY_NOTICE, NULL, account, NULL, "'%s' lacks %s, but its dNSHostName '%s' is that "
				"of '%s' too: correct it at the one that is not the machine", spk_account_label(account), missing,
				spn_account_dns_host(account), spk_account_label(other));
	if (spk_account_is_cluster_name(account)) /* whether anything is reached by this name, only the cluster knows */
		return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_NOTICE, NULL, account, NULL, "'%s' is the name of a cluster and lacks %s: if "
				"clients reach file shares or the like by it, take the network name offline and online again, and the cluster registers them",
				spk_account_label(account), missing);
	spk_text_add(&repair, "spnkit defaults");
	spk_put_operands(&repair, audit->scope, NULL, account);
	if (repair.failed)
		return spk_nomem(err);
	if (!has_fqdn || !is_sure)
		return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_NOTICE, NULL, account, NULL, "'%s' lacks %s: if it is a machine with "
				"Windows, WinRM, file shares and what else runs as the computer is not found under %s", spk_account_label(account), missing,
				strstr(missing, " and ") ? "these names" : "this name");
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, repair.data, "'%s' lacks %s: WinRM, file shares and "
			"what else runs as the computer is not found under %s", spk_account_label(account), missing,
			strstr(missing, " and ") ? "these names" : "this name");
}

/* HOST/ is what WinRM's clients mean by http/; WSMAN/ is for those that were told to ask for it.  Without a host there is nothing to find. */
static spn_status look_computer(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	SPK_AUTOTEXT spk_text missing = { 0 };
	SPK_AUTOHOSTS spk_hosts hosts = { .list = NULL };
	if (!spk_account_has_host(account) || !spk_account_is_machine(account) || !spn_account_enabled(account) || spk_account_is_remnant(account) ||
			!*spn_account_name(account) || spk_entry_lacks_names(account->entry))
		return SPN_OK;
	spn_status status = spk_hosts_of(account, &hosts, err);
	if (status)
		return status;
	put_missing(account, "HOST", &hosts, &missing);
	if (!missing.len && !missing.failed)
		return tell_no_wsman(audit, rule, account, &hosts, err);
	return missing.failed ? spk_nomem(err) : tell_missing(audit, rule, account, missing.data, err);
}

/* The machine logs on as the other one; what this one holds is in its way. */
static spn_status look_remnant(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	return !spk_account_is_remnant(account) ? SPN_OK : spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, NULL,
			"'%s' lost a replication conflict: nothing logs on as it, and its names make those of the account that won duplicates; "
			"delete the object once the other one is known to work", spk_account_label(account));
}

static spn_status look_limit(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	size_t n = spn_account_spns(account, NULL);
	return n < NEARLY_FULL ? SPN_OK : spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, NULL,
			"'%s' holds %zu names; a controller takes about 1,200 (3,000 since Server 2025) and then refuses more; delete "
			"those that nobody asks for, or spread the services over several accounts",
			spk_account_label(account), n);
}

static const spk_rule rules[] = {
	{ "malformed", true, .name = look_malformed },
	{ "impersonation", true, .name = look_posing },
	{ "disabled-account", true, .account = spk_rule_disabled },
	{ "weak-enctype", true, .account = spk_rule_enctypes },
	{ "no-aes-keys", true, .account = spk_rule_aes_keys },
	{ "enctype-change", true, .account = spk_rule_change },
	{ "old-password", true, .account = look_password },
	{ "missing", false, .account = look_computer },
	{ "missing", false, .account = spk_rule_additional },
	{ "conflict-object", true, .account = look_remnant },
	{ "near-limit", true, .account = look_limit },
	{ "upn", false, .account = spk_rule_upn },
	{ "roastable-admin", true, .account = spk_rule_admin },
	{ "roastable-no-preauth", true, .account = spk_rule_no_preauth },
	{ "protected-service", true, .account = spk_rule_protected },
	{ "superseded", true, .account = spk_rule_superseded },
	{ "delegation", false, .account = spk_rule_delegation },
	{ "unknown-host", true, .name = spk_rule_unknown_host },
};

/* The KDC's own account is disabled and has an odd name in every domain; but an account of that kind can be made by
 * anybody. */
spn_status spk_rules_look(const spk_audit *audit, const spn_account *account, spn_error *err)
{
	const spn_bytes *names;
	size_t n = spn_account_spns(account, &names);
	spn_status status = SPN_OK;
	bool may_be_kdc = spk_account_may_be_kdc(account);
	for (size_t r = 0; !status && r < sizeof rules / sizeof *rules; r++) {
		if ((rules[r].of_services && n == 0) || (may_be_kdc && rules[r].name != look_posing))
			continue;
		if (rules[r].account)
			status = rules[r].account(audit, &rules[r], account, err);
		for (size_t i = 0; !status && rules[r].name && i < n; i++)
			status = rules[r].name(audit, &rules[r], account, names[i].data, err);
	}
	return status;
}

/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "account.h"
#include "base/error.h"
#include "directory/directory.h"
#include "domain.h"
#include "mapping.h"
#include "model/dn.h"
#include "model/fold.h"

const char *spn_severity_name(spn_severity severity)
{
	switch (severity) {
	case SPN_SEVERITY_OK: return "ok";
	case SPN_SEVERITY_NOTICE: return "notice";
	case SPN_SEVERITY_WARNING: return "warning";
	case SPN_SEVERITY_BROKEN: return "broken";
	}
	return "unknown";
}

const char *spn_rule_name(spn_rule rule)
{
	switch (rule) {
	case SPN_RULE_NONE: return "none";
	case SPN_RULE_EXPLICIT: return "explicit";
	case SPN_RULE_ALIAS: return "alias";
	case SPN_RULE_UPN: return "upn";
	case SPN_RULE_AMBIGUOUS: return "ambiguous";
	case SPN_RULE_CN: return "cn";
	case SPN_RULE_KRBTGT: return "krbtgt";
	}
	return "unknown";
}

#define UF_SERVER_TRUST_ACCOUNT 0x2000ul
#define UF_PARTIAL_SECRETS_ACCOUNT 0x4000000ul

/* A name, and what the KDC looks for because of it. */
struct question {
	spn_name name;
	bool is_samba;
	spk_folding folding;
	const char *base;     /* of the domain */
	spk_text domain;      /* in DNS */
	spk_text explicitly;
	spk_text target;      /* of the alias, or empty */
	spk_text cn;          /* of a computer, or empty */
	spk_text upn;         /* with the domain */
	bool is_krbtgt;       /* the domain's own */
	spk_text partner;     /* the domain that trusts ours, if the name is that of its ticket-granting service; or empty */
	bool is_controllers;  /* a name of domain controllers: its third part is the domain */
};

static void clear_question(struct question *q)
{
	spk_text *const texts[] = { &q->domain, &q->explicitly, &q->target, &q->cn, &q->upn, &q->partner };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		spk_text_free(texts[i]);
}

static bool bytes_are(spn_bytes bytes, const char *word)
{
	return spk_fold_equal(bytes, spk_bytes(word), SPK_FOLD_CASE);
}

/* Samba looks for a name as krb5_unparse_name writes it: with a backslash before what means something to Kerberos. */
static void add_unparsed(spk_text *text, const char *name)
{
	for (; *name; name++) {
		if (*name == ' ' || *name == '@' || *name == '\\')
			spk_text_add_char(text, '\\');
		spk_text_add_char(text, *name);
	}
}

/* The first label of the host of HOST/host, to which Samba's KDC gives it without being told. */
static void add_cn(struct question *q)
{
	spn_bytes host = { q->name.host.data, q->name.host.len + (q->name.port.len ? q->name.port.len + 1 : 0) };
	size_t label = 0;
	while (label < host.len && host.data[label] != '.')
		label++;
	spk_text_add_bytes(&q->cn, host.data, label);
}

static void ask_samba(struct question *q, const char *spn, const spk_mapping *mapping)
{
	add_unparsed(&q->explicitly, spn);
	bool is_host = bytes_are(q->name.service_class, "host") && !q->name.service_name.len;
	SPK_AUTOTEXT spk_text two_parts = { 0 };
	size_t len = strlen(spn) - (q->name.service_name.len ? q->name.service_name.len + 1 : 0);
	SPK_AUTOTEXT spk_text target = { 0 };
	spk_text_add(&two_parts, "%.*s", (int)len, spn);
	if (!two_parts.failed && spk_mapping_target(mapping, two_parts.data, &target) && !target.failed)
		add_unparsed(&q->target, target.data);
	if (is_host || (q->target.len && strncasecmp(q->target.data, "host/", 5) == 0))
		add_cn(q);
	q->target.failed |= two_parts.failed || target.failed;
}

/* Samba's KDC takes the NetBIOS name of the domain for the domain, too. */
static spn_status find_third_part(spn_directory *dir, struct question *q, spn_error *err)
{
	SPK_AUTOTEXT spk_text third = { 0 }, dns = { 0 };
	spk_text_add_bytes(&third, q->name.service_name.data, q->name.service_name.len);
	if (third.failed)
		return spk_nomem(err);
	spn_status status = SPN_OK;
	if (third.len && q->is_samba)
		status = spk_domain_named(dir, third.data, &dns, err);
	const char *domain = dns.len ? dns.data : third.data;
	q->is_controllers = third.len && q->domain.len && bytes_are(spk_bytes(domain), q->domain.data);
	return status;
}

/* krbtgt/DOMAIN, by either name of the domain; of another one, if it trusts ours: that one's KDC is asked next. */
static spn_status find_realm(spn_directory *dir, struct question *q, spn_error *err)
{
	SPK_AUTOTEXT spk_text realm = { 0 }, dns = { 0 };
	if (!bytes_are(q->name.service_class, "krbtgt") || q->name.port.len || q->name.service_name.len || !q->domain.len)
		return SPN_OK;
	q->is_krbtgt = bytes_are(q->name.host, q->domain.data);
	spk_text_add_bytes(&realm, q->name.host.data, q->name.host.len);
	if (q->is_krbtgt || realm.failed)
		return realm.failed ? spk_nomem(err) : SPN_OK;
	bool is_dns = strchr(realm.data, '.') != NULL;
	spn_status status = is_dns ? SPN_OK : spk_known_partition(dir, "nETBIOSName", realm.data, &dns, err);
	q->is_krbtgt = dns.len && spk_ascii_equal(dns.data, q->domain.data);
	if (!status && !q->is_krbtgt)
		status = spk_known_trust(dir, is_dns ? "trustPartner" : "flatName", realm.data, &q->partner, err);
	return status;
}

static spn_status make_question(spn_directory *dir, const char *spn, struct question *q, spn_error *err)
{
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	spn_rules rules = SPN_RULES_WINDOWS;
	const char *base = NULL;
	spn_status status = spn_name_parse(spn, &q->name, err);
	if (!status)
		status = spk_mapping_load(dir, &live, err);
	if (!status)
		status = spk_directory_rules(dir, &rules, err);
	if (!status)
		status = spk_directory_context(dir, "defaultNamingContext", &base, err);
	if (status)
		return status;
	q->is_samba = rules == SPN_RULES_SAMBA;
	q->folding = q->is_samba ? SPK_FOLD_SAMBA : SPK_FOLD_WINDOWS;
	q->base = base ? base : "";
	spk_dn_domain(q->base, &q->domain);
	if (q->is_samba) {
		ask_samba(q, spn, &live.mapping);
	} else {
		spk_text_add(&q->explicitly, "%s", spn);
		(void)spk_mapping_target(&live.mapping, spn, &q->target);
		spk_text_add(&q->upn, "%s@%s", spn, q->domain.len ? q->domain.data : "");
	}
	status = find_realm(dir, q, err);
	if (!status)
		status = find_third_part(dir, q, err);
	if (status)
		return status;
	bool failed = q->domain.failed || q->explicitly.failed || q->target.failed || q->cn.failed || q->upn.failed;
	return failed ? spk_nomem(err) : SPN_OK;
}

/* The accounts of found that a rule picks. */
struct picked {
	const spn_account **list;
	size_t n;
	const char *via;
};

static void pick(struct picked *picked, const spn_account *account, const char *via)
{
	for (size_t i = 0; i < picked->n; i++)
		if (picked->list[i] == account)
			return;
	picked->list[picked->n++] = account;
	picked->via = via;
}

static void pick_holders(const spk_accounts *found, const char *name, struct picked *picked)
{
	for (size_t i = 0; i < found->n; i++) {
		const char *stored = spk_account_holds(found->list[i], name);
		if (stored)
			pick(picked, found->list[i], stored);
	}
}

static void pick_cn(const struct question *q, const spk_accounts *found, struct picked *picked)
{
	for (size_t i = 0; q->cn.len && i < found->n; i++) {
		SPK_AUTOTEXT spk_text cn = { 0 };
		spn_account_kind kind = spn_account_get_kind(found->list[i]);
		spk_dn_first_value(spn_account_dn(found->list[i]), &cn);
		if (kind != SPN_KIND_USER && kind != SPN_KIND_OTHER && cn.len && !cn.failed &&
				spk_fold_equal(spk_bytes(cn.data), spk_bytes(q->cn.data), q->folding))
			pick(picked, found->list[i], spn_account_name(found->list[i]));
	}
}

static void pick_upns(const struct question *q, const spk_accounts *found, struct picked *picked)
{
	for (size_t i = 0; q->upn.len && i < found->n; i++) {
		const char *has = spn_entry_text(found->list[i]->entry, "userPrincipalName");
		if (has && (spk_fold_equal(spk_bytes(has), spk_bytes(q->upn.data), q->folding) ||
				spk_fold_equal(spk_bytes(has), spk_bytes(q->explicitly.data), q->folding)))
			pick(picked, found->list[i], has);
	}
}

/* A file may hold several domains, each with its own. */
static void pick_krbtgt(const struct question *q, const spk_accounts *found, struct picked *picked)
{
	for (size_t i = 0; i < found->n; i++)
		if (spk_ascii_equal(spn_account_name(found->list[i]), "krbtgt") && spk_dn_same_domain(spn_account_dn(found->list[i]), q->base))
			pick(picked, found->list[i], spn_account_name(found->list[i]));
}

/* HOST/x, or what http/x is an alias of: on Samba, the holders and the computer are looked up together. */
static void pick_named(const struct question *q, const spk_accounts *found, const char *name, struct picked *picked, spn_rule *rule)
{
	pick_holders(found, name, picked);
	size_t n_holders = picked->n;
	if (strncasecmp(name, "host/", 5) == 0)
		pick_cn(q, found, picked);
	if (n_holders == 0 && picked->n)
		*rule = SPN_RULE_CN;
}

/* Whether a name is one of a domain controller's, and the account is none: the KDC does not give it away. */
static bool is_withheld(const struct question *q, const spn_account *account)
{
	const char *uac = spn_entry_text(account->entry, "userAccountControl");
	return q->is_controllers && uac && !(strtoul(uac, NULL, 10) & (UF_SERVER_TRUST_ACCOUNT | UF_PARTIAL_SECRETS_ACCOUNT));
}

static spn_status answer(const struct question *q, const spk_accounts *found, spn_resolution_fn *fn, void *data, spn_error *err)
{
	SPK_AUTOFREE const spn_account **list = calloc(found->n + 1, sizeof *list);
	if (!list)
		return spk_nomem(err);
	struct picked picked = { .list = list };
	spn_rule rule = SPN_RULE_EXPLICIT;
	pick_named(q, found, q->explicitly.data, &picked, &rule);
	if (picked.n == 0 && q->target.len) {
		rule = SPN_RULE_ALIAS;
		pick_named(q, found, q->target.data, &picked, &rule);
	}
	if (picked.n == 0) {
		rule = SPN_RULE_UPN;
		pick_upns(q, found, &picked);
	}
	if (q->is_krbtgt) {
		picked.n = 0;
		rule = SPN_RULE_KRBTGT;
		pick_krbtgt(q, found, &picked);
	}
	bool is_kdc = q->is_krbtgt;
	if (picked.n == 0 && q->partner.len) {
		is_kdc = true;
		rule = SPN_RULE_KRBTGT;
		picked.via = q->partner.data;
	}
	if (picked.n == 1 && is_withheld(q, picked.list[0])) {
		picked.n = 0;
		picked.via = NULL;
	}
	const spn_resolution resolution = {
		.rule = picked.n == 0 && !is_kdc ? SPN_RULE_NONE : picked.n > 1 ? SPN_RULE_AMBIGUOUS : rule,
		.via = picked.via,
		.accounts = list,
		.n_accounts = picked.n,
	};
	return fn(&resolution, data, err);
}

/* All rules are asked in one search. */
static spn_status search(spn_directory *dir, const struct question *q, spk_accounts *found, spn_error *err)
{
	const struct {
		const char *attr, *value;
	} wanted[] = {
		{ SPK_SPN, q->explicitly.data }, { SPK_SPN, q->target.len ? q->target.data : NULL },
		{ "userPrincipalName", q->upn.len ? q->upn.data : NULL }, { "userPrincipalName", q->upn.len ? q->explicitly.data : NULL },
		{ "sAMAccountName", q->is_krbtgt ? "krbtgt" : NULL }, { "cn", q->cn.len ? q->cn.data : NULL },
	};
	enum { N = sizeof wanted / sizeof *wanted };
	spn_filter filters[N];
	const spn_filter *parts[N + 1] = { NULL };
	size_t n = 0;
	for (size_t i = 0; i < N; i++) {
		if (!wanted[i].value)
			continue;
		filters[n] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = wanted[i].attr, .value = spk_bytes(wanted[i].value) };
		parts[n] = &filters[n];
		n++;
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	return spk_accounts_search(dir, &any, false, found, err);
}

spn_status spn_resolve(spn_directory *dir, const char *spn, spn_resolution_fn *fn, void *data, spn_error *err)
{
	if (!dir || !spn || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_resolve: an argument is NULL");
	struct question q = { .is_samba = false };
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	spn_status status = make_question(dir, spn, &q, err);
	if (!status)
		status = search(dir, &q, &found, err);
	if (!status)
		status = answer(&q, &found, fn, data, err);
	clear_question(&q);
	return status;
}

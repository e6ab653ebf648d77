/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "audit.h"
#include "base/error.h"
#include "hosts.h"
#include "propose.h"

/* Seconds from 1601, where Active Directory's time begins, to 1970 ([MS-DTYP] 2.3.3). */
#define EPOCH_1601 INT64_C(11644473600)
#define TICKS_A_SECOND 10000000
#define DAY 86400
#define DEFAULT_DAYS 365
/* AES128 and AES256 ([MS-KILE] 2.2.7). */
#define ENCTYPES_AES 0x18u
#define ENCTYPES_ALL 0x1fu
/* An account takes about 1,200 values ([MS-ADTS] 3.1.1.1.5 leaves it to the page of the database); 3,000 since Server 2025. */
#define NEARLY_FULL 1000

static const char *first_name(const spn_account *account)
{
	const spn_bytes *names;
	return spn_account_spns(account, &names) ? names[0].data : "";
}

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

static spn_status look_disabled(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	size_t n = spn_account_spns(account, NULL);
	if (spn_account_enabled(account))
		return SPN_OK;
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, NULL,
			"'%s' is disabled and holds %zu name%s ('%s'%s): clients get no ticket for %s, and nobody else may have %s",
			spk_account_label(account), n, n == 1 ? "" : "s", first_name(account), n == 1 ? "" : " first", n == 1 ? "it" : "them",
			n == 1 ? "it" : "them");
}

static bool is_user(const spn_account *account)
{
	return spn_account_get_kind(account) == SPN_KIND_USER && spn_account_enabled(account);
}

/* Without the attribute, users get RC4 tickets; but a global catalog need not have it. */
static spn_status look_enctypes(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	const char *text = spn_entry_text(account->entry, "msDS-SupportedEncryptionTypes");
	unsigned long types = text ? strtoul(text, NULL, 10) & ENCTYPES_ALL : 0;
	if (!is_user(account) || types & ENCTYPES_AES || (!text && audit->options->forest))
		return SPN_OK;
	if (types)
		return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, NULL, "'%s' holds names and allows RC4 or DES "
				"only (msDS-SupportedEncryptionTypes %s): clients without RC4 get no ticket (error 14), and its password can be "
				"guessed from a ticket", spk_account_label(account), text);
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_NOTICE, NULL, account, NULL, "'%s' holds names and does not say that it knows "
			"AES (msDS-SupportedEncryptionTypes is not set): its tickets may be made with RC4", spk_account_label(account));
}

static spn_status look_password(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	const char *text = spn_entry_text(account->entry, "pwdLastSet");
	int64_t ticks = text ? strtoll(text, NULL, 10) : 0;
	if (!is_user(account) || ticks <= 0)
		return SPN_OK;
	int64_t days = (audit->now - (ticks / TICKS_A_SECOND - EPOCH_1601)) / DAY;
	unsigned limit = audit->options->password_days ? audit->options->password_days : DEFAULT_DAYS;
	if (days <= (int64_t)limit)
		return SPN_OK;
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, NULL,
			"'%s' holds names, and its password is %" PRId64 " days old (more than %u)", spk_account_label(account), days, limit);
}

static void put_missing(const spn_account *account, const char *service, const spk_hosts *hosts, spk_text *missing)
{
	for (size_t i = 0; i < hosts->n; i++) {
		if (!hosts->list[i].is_default)
			continue;
		SPK_AUTOFREE char *name = spk_printf("%s/%s", service, hosts->list[i].name);
		missing->failed |= !name;
		if (name && !spk_account_holds(account, name))
			spk_text_add(missing, "%s'%s'", missing->len ? " and " : "", name);
	}
}

static spn_status tell_no_wsman(const spk_audit *audit, const spk_rule *rule, const spn_account *account, const spk_hosts *hosts,
		spn_error *err)
{
	SPK_AUTOTEXT spk_text missing = { 0 }, repair = { 0 };
	const char *system = spn_entry_text(account->entry, "operatingSystem");
	if (!system || strncmp(system, "Windows Server", 14) != 0)
		return SPN_OK;
	put_missing(account, "WSMAN", hosts, &missing);
	if (!missing.len)
		return missing.failed ? spk_nomem(err) : SPN_OK;
	spk_text_add(&repair, "spnkit add");
	for (size_t i = 0; i < hosts->n; i++) {
		if (!hosts->list[i].is_default)
			continue;
		SPK_AUTOFREE char *name = spk_printf("WSMAN/%s", hosts->list[i].name);
		spk_text_add_char(&repair, ' ');
		spk_shell_word(&repair, name ? name : "");
		repair.failed |= !name;
	}
	spk_put_operands(&repair, audit->scope, NULL, account);
	return missing.failed || repair.failed ? spk_nomem(err) : spk_tell(audit->to, err, rule->code, SPN_SEVERITY_NOTICE, NULL, account,
			repair.data, "'%s' lacks %s: WinRM could not register them (event 10154), and clients that ask for WSMAN/ do not find it",
			spk_account_label(account), missing.data);
}

/* HOST/ is what WinRM's clients mean by http/; WSMAN/ is for those that were told to ask for it. */
static spn_status look_computer(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	SPK_AUTOTEXT spk_text missing = { 0 }, repair = { 0 };
	SPK_AUTOHOSTS spk_hosts hosts = { .list = NULL };
	const char *dns = spn_account_dns_host(account);
	if (spn_account_get_kind(account) != SPN_KIND_COMPUTER || !spn_account_enabled(account) || !*spn_account_name(account) ||
			!spk_account_has_host(account) || spk_account_is_conflict(account))
		return SPN_OK;
	spn_status status = spk_hosts_of(account, &hosts, err);
	if (status)
		return status;
	put_missing(account, "HOST", &hosts, &missing);
	if (!missing.len && !missing.failed)
		return tell_no_wsman(audit, rule, account, &hosts, err);
	spk_text_add(&repair, "spnkit defaults");
	spk_put_operands(&repair, audit->scope, NULL, account);
	return missing.failed || repair.failed ? spk_nomem(err) : spk_tell(audit->to, err, rule->code,
			dns ? SPN_SEVERITY_WARNING : SPN_SEVERITY_NOTICE, NULL, account, repair.data,
			"'%s' lacks %s: WinRM, file shares and what else runs as the computer is not found under %s", spk_account_label(account),
			missing.data, strstr(missing.data, " and ") ? "these names" : "this name");
}

static spn_status look_limit(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	size_t n = spn_account_spns(account, NULL);
	return n < NEARLY_FULL ? SPN_OK : spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, NULL,
			"'%s' holds %zu names; a controller takes about 1,200 (3,000 since Server 2025) and then refuses more",
			spk_account_label(account), n);
}

/* The names that it holds are those of the object that won, so that each of them is a duplicate as well. */
static spn_status look_conflict(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	return !spk_account_is_conflict(account) ? SPN_OK : spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, NULL,
			"'%s' was left over by a replication conflict: delete it, unless it is the one that the machine uses", spn_account_dn(account));
}

static const spk_rule rules[] = {
	{ "malformed", true, .name = look_malformed },
	{ "disabled-account", true, .account = look_disabled },
	{ "weak-enctype", true, .account = look_enctypes },
	{ "old-password", true, .account = look_password },
	{ "conflict-object", false, .account = look_conflict },
	{ "missing", false, .account = look_computer },
	{ "near-limit", true, .account = look_limit },
	{ "upn", false, .account = spk_rule_upn },
	{ "unknown-host", true, .name = spk_rule_unknown_host },
};

/* The KDC's own account is disabled and has an odd name in every domain. */
spn_status spk_rules_look(const spk_audit *audit, const spn_account *account, spn_error *err)
{
	const spn_bytes *names;
	size_t n = spn_account_spns(account, &names);
	spn_status status = SPN_OK;
	for (size_t r = 0; !status && !spk_account_is_kdc(account) && r < sizeof rules / sizeof *rules; r++) {
		if (rules[r].of_services && n == 0)
			continue;
		if (rules[r].account)
			status = rules[r].account(audit, &rules[r], account, err);
		for (size_t i = 0; !status && rules[r].name && i < n; i++)
			status = rules[r].name(audit, &rules[r], account, names[i].data, err);
	}
	return status;
}

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "audit.h"
#include "posing.h"
#include "account/hosts.h"
#include "account/proof.h"
#include "base/error.h"
#include "model/adtypes.h"
#include "model/dn.h"
#include "model/fold.h"

/* An account takes about 1,200 values ([MS-ADTS] 3.1.1.1.5 leaves it to the page of the database); 3,000 since Server
 * 2025. */
#define NEARLY_FULL 1000

/* No command can name it, and many programs see only what stands before the NUL. */
static spn_status tell_nul(
		const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_bytes spn, spn_error *err)
{
	SPK_AUTOTEXT spk_text shown = { 0 }, value = { 0 };
	spk_text_add_shown(&shown, spn);
	spk_base64_encode(&value, spn.data, spn.len);
	SPK_AUTOFREE char *served = spk_name_is_served(account, spn) ?
			spk_printf("; who asks Samba's KDC for '%s' gets a ticket for this account", spn.data) : strdup("");
	if (shown.failed || value.failed || !served)
		return spk_nomem(err);
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, shown.data, account, NULL,
			"malformed SPN '%s': byte %zu is NUL, at "
			"which many programs end a name%s; no command can name it: delete it by a plan in LDIF, "
			"as " SPK_SPN ":: %s",
			shown.data, strlen(spn.data) + 1, served, value.data);
}

/* What is odd, but found by Samba, may be in use: no command takes it away. */
static spn_status tell_served(const spk_audit *audit, const spk_rule *rule, const spn_account *account, const char *spn,
		const char *why, spn_error *err)
{
	spn_bytes asked = spk_name_asked(spk_bytes(spn));
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_NOTICE, spn, account, NULL,
			"%s; but who asks Samba's KDC for '%.*s' gets "
			"a ticket for this account, so it may be in use",
			why, (int)asked.len, asked.data);
}

static spn_status tell_malformed(
		const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_bytes spn, spn_error *err)
{
	spn_name name;
	spn_error why = { .status = SPN_OK };
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	(void)spn_name_parse(spn.data, &name, &why); /* again, for what is wrong */
	if (spk_name_is_served(account, spn))
		return tell_served(audit, rule, account, spn.data, why.message, err);
	bool noted = false;
	spn_status status = spk_unseen_note(audit, account, spn.data, why.message, &noted, err);
	if (status || noted)
		return status;
	spk_scope_repair_name(&repairs, audit->scope, SPN_REPAIR_DELETE, spn.data, account);
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, spn.data, account, &repairs,
			"%s; no client asks for it", why.message);
}

static spn_status look_malformed(
		const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_bytes spn, spn_error *err)
{
	spn_name name;
	if (spk_has_nul(spn))
		return tell_nul(audit, rule, account, spn, err);
	return spn_name_parse(spn.data, &name, NULL) == SPN_ERR_SYNTAX ?
			tell_malformed(audit, rule, account, spn, err) :
			SPN_OK;
}

/* A controller that was demoted may have kept such names; otherwise somebody has put them there to be taken for one. */
static spn_status look_posing(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_bytes spn,
		spn_error *err)
{
	const char *as;
	(void)rule;
	spn_status status = spk_account_pose(account, spn.data, &as, err);
	if (status || !as)
		return status; /* nearly always: the repair is not put together in vain */
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	if (spk_has_nul(spn)) /* how to delete it is said of what is malformed */
		return spk_posing_tell(audit->to, account, spn, NULL, err);
	spk_scope_repair_name(&repairs, audit->scope, SPN_REPAIR_DELETE, spn.data, account);
	return spk_posing_tell(audit->to, account, spn, &repairs, err);
}

/* Put together by hand: in some files, every other account has this finding. */
spn_status spk_old_password_tell(
		const spk_audit *audit, const spn_account_ref *whose, int64_t days, unsigned limit, spn_error *err)
{
	enum { USUAL = 255 };
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_text_reserve(&text, USUAL);
	spk_text_add_char(&text, '\'');
	spk_text_add_word(&text, *whose->account ? whose->account : whose->dn);
	spk_text_add_word(&text, "' holds names, and its password is ");
	spk_text_add_number(&text, (uint64_t)days);
	spk_text_add_word(&text, " days old (more than ");
	spk_text_add_number(&text, limit);
	spk_text_add_word(&text, "): set a new one and renew the service's keytabs");
	if (text.failed)
		return spk_nomem(err);
	spk_make_printable(text.data);
	const spn_finding finding = { .code = "old-password", .severity = SPN_SEVERITY_WARNING, .accounts = whose,
		.n_accounts = 1, .text = text.data };
	++*audit->n_old_passwords;
	return spk_tell_finding(audit->to, &finding, err);
}

static spn_status look_password(
		const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	int64_t days;
	unsigned limit;
	(void)rule;
	if (!spk_is_person(account) || !spk_password_is_old(audit, account, &days, &limit))
		return SPN_OK;
	const spn_account_ref whose = spk_account_ref(account);
	return spk_old_password_tell(audit, &whose, days, limit, err);
}

/* The machine logs on as the other one; what this one holds is in its way. */
static spn_status look_remnant(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	return !spk_account_is_remnant(account) ?
			SPN_OK :
			spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, NULL,
					"'%s' lost a replication conflict: nothing logs on as it, and its names make "
					"those of the account that won duplicates; "
					"delete the object once the other one is known to work",
					spk_account_label(account));
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
	{ "missing", false, .account = spk_rule_missing },
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
	{ "unknown-class", true, .name = spk_rule_class },
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
			status = rules[r].name(audit, &rules[r], account, names[i], err);
	}
	return status;
}

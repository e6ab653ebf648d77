/* SPDX-License-Identifier: MIT */
#include "audit.h"
#include "probe.h"
#include "base/error.h"
#include "directory/directory.h"

#define ALL_KEYS (SPN_ENC_RC4 | SPN_ENC_AES128 | SPN_ENC_AES256)
#define AES_KEYS (SPN_ENC_AES128 | SPN_ENC_AES256)
#define RC4_AND_DES (SPN_ENC_RC4 | 0x3u)
#define DES_KEY_ONLY 0x200000u /* userAccountControl ([MS-ADTS] 2.2.16) */

static spn_status tell_refused(const spk_audit *audit, const spk_rule *rule, const spn_account *account,
		const spn_enctype_case *what, const char *why, spn_error *err)
{
	bool is_des_only = what->user_account_control & DES_KEY_ONLY;
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_BROKEN, NULL, account, NULL,
			"no client gets a ticket for the names of '%s' "
			"(error 14): %s; %s",
			spk_account_label(account), why,
			is_des_only ? "clear that flag of userAccountControl" :
				      "set msDS-SupportedEncryptionTypes to 24 (AES)");
}

/* What people choose a password for can be guessed from a ticket that is encrypted with RC4. */
static spn_status look_user(const spk_audit *audit, const spk_rule *rule, const spn_account *account,
		uint32_t supported, spn_error *err)
{
	if (!supported || spn_account_get_kind(account) != SPN_KIND_USER || !(supported & RC4_AND_DES))
		return SPN_OK;
	if (!(supported & AES_KEYS))
		return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, NULL,
				"'%s' holds names and allows RC4 or DES "
				"only (msDS-SupportedEncryptionTypes %u): clients without RC4 get no ticket (error "
				"14), and its password can be "
				"guessed from a ticket; give the service AES keys (a new password, a new keytab), then "
				"set it to 24",
				spk_account_label(account), (unsigned)supported);
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_NOTICE, NULL, account, NULL,
			"'%s' allows RC4 or DES in addition to AES "
			"(msDS-SupportedEncryptionTypes %u), which an account without AES keys falls back to; once its "
			"keytabs have AES keys, "
			"set it to 24",
			spk_account_label(account), (unsigned)supported);
}

/* Linux hosts register their kernel's version, and Windows takes a number below 6 for that of Windows XP.  Samba does
 * not look at it. */
static spn_status look_version(const spk_audit *audit, const spk_rule *rule, const spn_account *account,
		const spn_enctype_case *what, const spn_enctype_prediction *as_is, spn_error *err)
{
	spn_enctype_case without = *what;
	spn_enctype_prediction meant = *as_is;
	without.os_version = NULL;
	spn_status status = spn_enctype_predict(&without, &meant, err);
	if (status || meant.ticket == as_is->ticket)
		return status;
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, NULL,
			"Windows ignores "
			"msDS-SupportedEncryptionTypes %u of '%s', whose operatingSystemVersion '%s' is a number below "
			"6: tickets are encrypted "
			"with %s, not with %s",
			(unsigned)what->supported, spk_account_label(account), what->os_version,
			spn_enctype_name(as_is->ticket), spn_enctype_name(meant.ticket));
}

static bool is_same(const spn_enctype_case *a, const spn_enctype_case *b)
{
	return a->supported == b->supported && a->user_account_control == b->user_account_control && a->owner == b->owner &&
			a->era == b->era && a->keys == b->keys && a->os_version == b->os_version;
}

/* What differs in nothing that spk_account_case sets. */
static spn_status predict(
		spk_predicted *predicted, const spn_enctype_case *what, spn_enctype_prediction *ret, spn_error *err)
{
	for (size_t i = 0; !what->os_version && i < SPK_PREDICTED && i < predicted->n; i++)
		if (is_same(what, &predicted->list[i])) {
			*ret = predicted->of[i];
			return SPN_OK;
		}
	spn_status status = spn_enctype_predict(what, ret, err);
	if (status || what->os_version)
		return status;
	predicted->list[predicted->n % SPK_PREDICTED] = *what;
	predicted->of[predicted->n++ % SPK_PREDICTED] = *ret;
	return SPN_OK;
}

/* With all keys there, every version of Windows, and every one of Samba, refuses the same accounts: which it is matters
 * to what a person asks for by its name. */
spn_status spk_audit_predict(
		const spk_audit *audit, spn_enctype_case *what, spn_enctype_prediction *ret, spn_error *err)
{
	spn_dialect rules;
	spn_status status = spk_directory_rules(audit->scope->dirs[0], &rules, err);
	if (status)
		return status;
	what->era = audit->options->era != SPN_ERA_UNKNOWN ? audit->options->era :
			rules == SPN_DIALECT_SAMBA           ? SPN_ERA_SAMBA_4_24 :
							     SPN_ERA_WINDOWS_2026_07;
	what->keys = ALL_KEYS;
	return predict(audit->predicted, what, ret, err);
}

/* Without the attribute, or with 0, the KDC's default applies, which is AES on a patched controller. */
spn_status spk_rule_enctypes(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	spn_enctype_case what = spk_account_case(account);
	spn_enctype_prediction predicted;
	if (!spn_account_enabled(account))
		return SPN_OK;
	spn_status status = spk_audit_predict(audit, &what, &predicted, err);
	if (!status && !predicted.ticket)
		return predicted.doubts & SPN_DOUBT_BITS ? SPN_OK : tell_refused(audit, rule, account, &what, predicted.why, err);
	if (!status && what.supported && what.os_version)
		status = look_version(audit, rule, account, &what, &predicted, err);
	return status ? status : look_user(audit, rule, account, what.supported, err);
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include <spnkit/check.h>

#include "probe.h"
#include "account/account.h"
#include "account/domain.h"
#include "account/proof.h"
#include "base/error.h"
#include "directory/directory.h"

/* userAccountControl ([MS-ADTS] 2.2.16) */
#define INTERDOMAIN_TRUST_ACCOUNT 0x800u
#define WORKSTATION_TRUST_ACCOUNT 0x1000u
#define SERVER_TRUST_ACCOUNT 0x2000u
#define KINDS 0x3a00u /* each account has one, but exports may not say which */
enum { DES_CRC = 1, DES_MD5 = 3, AES128 = 17, AES256 = 18, RC4 = 23 };

#define DOMAIN_LEVEL_2008 3              /* domainFunctionality; below it, no account has AES keys */

spn_enctype_case spk_account_case(const spn_account *account)
{
	spn_enctype_case what = SPN_ENCTYPE_CASE_INIT;
	const char *set = spn_entry_text(account->entry, "msDS-SupportedEncryptionTypes");
	/* signed numbers of 32 bits, of which many have the upper one set */
	what.supported = set ? (uint32_t)strtoll(set, NULL, 10) : 0;
	what.user_account_control = (uint32_t)account->control;
	if (!(what.user_account_control & KINDS) && spn_account_get_kind(account) == SPN_KIND_COMPUTER)
		what.user_account_control |= spk_account_is_controller(account) ? SERVER_TRUST_ACCOUNT : WORKSTATION_TRUST_ACCOUNT;
	what.keys = account->keys;
	what.os_version = spn_entry_text(account->entry, "operatingSystemVersion");
	what.owner = spk_account_may_be_kdc(account) ? SPN_ENCTYPE_KRBTGT :
			what.user_account_control & INTERDOMAIN_TRUST_ACCOUNT ?
			SPN_ENCTYPE_TRUST : SPN_ENCTYPE_ACCOUNT;
	return what;
}

/* Samba says which version it is; of Windows there is nothing to be seen.  *ret_other is what else it may be. */
static spn_status recognise(spn_directory *dir, spn_era *ret_era, spn_era *ret_other, spn_error *err)
{
	spn_dialect rules;
	const char *version = NULL;
	spn_status status = spk_directory_rules(dir, &rules, err);
	if (!status && rules == SPN_DIALECT_SAMBA)
		status = spk_directory_context(dir, "vendorVersion", &version, err);
	if (status)
		return status;
	char *dot = NULL;
	unsigned long major = version ? strtoul(version, &dot, 10) : 0;
	bool known = major > 0 && dot && *dot == '.';
	bool is_new = known && (major > 4 || strtoul(dot + 1, NULL, 10) >= 24);
	*ret_era = rules == SPN_DIALECT_WINDOWS ? SPN_ERA_UNKNOWN : is_new ? SPN_ERA_SAMBA_4_24 : SPN_ERA_SAMBA_4_17;
	*ret_other = rules == SPN_DIALECT_SAMBA && !known ? SPN_ERA_SAMBA_4_24 : *ret_era;
	return SPN_OK;
}

/* A domain that can have controllers older than Windows Server 2008 makes no AES keys, and Samba expects none there. */
static spn_status read_level(spn_directory *dir, spn_enctype_case *what, spn_error *err)
{
	const char *level = NULL;
	spn_status status = spk_directory_context(dir, "domainFunctionality", &level, err);
	if (!status && level && strtol(level, NULL, 10) < DOMAIN_LEVEL_2008) {
		what->keys = SPN_ENC_RC4;
		if (what->era == SPN_ERA_SAMBA_4_24)
			what->kdc_default = SPN_ENC_RC4 | SPN_ENC_AES_SESSION;
	}
	return status;
}

static spn_status stop_at_first(const spn_entry *entry, void *data, spn_error *err)
{
	(void)entry, (void)err;
	*(bool *)data = true;
	return SPN_ERR_STOPPED;
}

spn_status spk_enctypes_left_out(spn_directory *dir, const spn_enctype_case *what, bool *ret_is, spn_error *err)
{
	static const char *const attrs[] = { "msDS-SupportedEncryptionTypes", NULL };
	const spn_filter filter = { .op = SPN_FILTER_PRESENT, .attr = attrs[0] };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = attrs };
	spk_seen *seen = spk_directory_enctypes(dir);
	bool is_there = what->supported || spk_directory_is_live(dir);
	if (!is_there && *seen == SPK_NOT_LOOKED) {
		spn_status status = spn_directory_search(dir, &search, stop_at_first, &is_there, err);
		if (status && status != SPN_ERR_STOPPED)
			return status;
		*seen = is_there ? SPK_SEEN : SPK_NOT_SEEN;
	}
	*ret_is = !is_there && *seen == SPK_NOT_SEEN;
	return SPN_OK;
}

spn_status spk_account_predict(spn_directory *dir, const spn_account *account, spn_era era, spn_enctype_prediction *ret,
		spn_error *err)
{
	spn_enctype_case what = spk_account_case(account);
	spn_era other = era;
	spn_enctype_prediction if_other;
	bool left_out = false;
	what.era = era;
	spn_status status = era == SPN_ERA_UNKNOWN ? recognise(dir, &what.era, &other, err) : SPN_OK;
	if (!status)
		status = read_level(dir, &what, err);
	if (!status)
		status = spk_enctypes_left_out(dir, &what, &left_out, err);
	if (!status)
		status = spn_enctype_predict(&what, ret, err);
	if (!status && left_out)
		ret->doubts |= SPN_DOUBT_EXPORT;
	if (status || other == what.era)
		return status;
	what.era = other;
	status = spn_enctype_predict(&what, &if_other, err);
	if (!status && (ret->ticket != if_other.ticket || ret->session != if_other.session))
		ret->doubts |= SPN_DOUBT_ERA;
	return status;
}

spn_status spn_account_enctype(spn_directory *dir, const spn_account *account, spn_era era, spn_enctype_prediction *ret,
		spn_error *err)
{
	SPK_AUTO(spn_account) *with_keys = NULL;
	if (!dir || !account || !ret)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_account_enctype: an argument is NULL");
	spn_status status = spk_account_new(account->entry, &with_keys, err);
	if (!status)
		status = spk_account_add_keys(dir, with_keys, err);
	return status ? status : spk_account_predict(dir, with_keys, era, ret, err);
}

bool spk_account_may_use(const spn_account *account, int enctype)
{
	static const unsigned keys[] = { SPN_ENC_RC4, SPN_ENC_RC4 | SPN_ENC_AES128,
		SPN_ENC_RC4 | SPN_ENC_AES128 | SPN_ENC_AES256 };
	spn_enctype_case what = spk_account_case(account);
	if (!what.supported)
		return true; /* the default of the controllers, which can be any */
	if (enctype == DES_CRC || enctype == DES_MD5)
		return what.supported & (enctype == DES_CRC ? 0x1u : 0x2u);
	if (enctype != AES256 && enctype != AES128 && enctype != RC4)
		return true; /* AES-SHA2, of which nobody says when it is used */
	for (int era = SPN_ERA_WINDOWS_2022_11; era <= SPN_ERA_SAMBA_4_24; era++)
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
			spn_enctype_prediction could;
			what.era = (spn_era)era;
			what.keys = keys[i];
			if (spn_enctype_predict(&what, &could, NULL) == SPN_OK && (could.ticket == enctype || could.doubts & SPN_DOUBT_BITS))
				return true;
		}
	return false;
}

/* The controller computes the first for each reading, so it is asked for only where it is needed. */
static const char *const key_attrs[] = { "msDS-KeyVersionNumber", "msDS-SupportedEncryptionTypes",
	"operatingSystemVersion", NULL };

static spn_status add_keys(const spn_entry *entry, void *data, spn_error *err)
{
	spn_account *account = data;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && key_attrs[i]; i++) {
		const spn_bytes *values;
		if (spn_entry_values(entry, key_attrs[i], &values) && !spn_entry_text(account->entry, key_attrs[i]))
			status = spn_entry_add(account->entry, key_attrs[i], values[0], err);
	}
	return status;
}

spn_status spk_account_add_keys(spn_directory *dir, spn_account *account, spn_error *err)
{
	const spn_search search = { .base = spn_account_dn(account), .scope = SPN_SCOPE_BASE, .attrs = key_attrs };
	spn_status status = account->has_keys ? SPN_OK : spn_directory_search(dir, &search, add_keys, account, err);
	account->has_keys |= !status;
	return status;
}

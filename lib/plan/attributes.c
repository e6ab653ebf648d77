/* SPDX-License-Identifier: MIT */
#include "attributes.h"

#include <string.h>

#include "values.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/entry.h"

/* What the commands of spnkit change, or advise to change. */
static const char *const usual[] = { SPK_SPN, "member", "msDS-SupportedEncryptionTypes", NULL };

/* Passwords and keys: of accounts and trusts ([MS-ADTS] 3.1.1.4.4, [MS-ADA1] to [MS-ADA3]), of Unix, LAPS and BitLocker, and of the
 * schemas of Heimdal, MIT Kerberos, Samba and FreeIPA for other LDAP servers. */
static const char *const secret[] = { "unicodePwd", "userPassword", "clearTextPassword", "dBCSPwd", "lmPwdHistory", "ntPwdHistory",
	"supplementalCredentials", "currentValue", "priorValue", "initialAuthIncoming", "initialAuthOutgoing", "trustAuthIncoming",
	"trustAuthOutgoing", "pekList", "unixUserPassword", "msSFU30Password", "msDS-ManagedPassword", "msDS-ManagedPasswordPreviousId",
	"msDS-ExecuteScriptPassword", "ms-Mcs-AdmPwd", "msLAPS-Password", "msLAPS-EncryptedPassword", "msLAPS-EncryptedPasswordHistory",
	"msLAPS-EncryptedDSRMPassword", "msLAPS-EncryptedDSRMPasswordHistory", "msFVE-RecoveryPassword", "msFVE-KeyPackage",
	"msDS-KeyCredentialLink", "msKds-RootKeyData", "msPKIAccountCredentials", "msPKIDPAPIMasterKeys", "userPKCS12",
	"msTPM-OwnerInformation", "msTPM-OwnerInformationTemp", "krb5Key", "krbPrincipalKey", "krbMKey", "krbPwdHistory", "sambaNTPassword",
	"sambaLMPassword", "sambaPasswordHistory", "sambaClearTextPassword", "sambaPreviousClearTextPassword", "ipaNTHash", "ipatokenOTPkey",
	"authPassword", "pwdHistory", "passwordHistory", "olcRootPW", NULL };

static bool is_listed(const char *const *list, const char *attr, size_t len)
{
	for (; *list; list++)
		if (strlen(*list) == len && strncasecmp(*list, attr, len) == 0)
			return true;
	return false;
}

/* A number (OID) may stand for any attribute; an option, such as ";binary", makes no other attribute of one. */
bool spk_attr_is_secret(const char *attr)
{
	return (*attr >= '0' && *attr <= '9') || strncasecmp(attr, "oid.", 4) == 0 || is_listed(secret, attr, strcspn(attr, ";"));
}

static spn_status check(const spn_plan *plan, size_t i, const spn_step *step, const char *attr, spn_error *err)
{
	/* nothing that looks for names would see the values, although some servers take them for names */
	if (strchr(attr, ';'))
		return spn_fail(err, SPN_ERR_REFUSED, 0, "step %zu changes '%s' of '%s': an attribute with an option (';') is not supported. "
				"Nothing was changed", i + 1, attr, step->dn);
	if (!spk_plan_allows(plan, SPN_ANY_ATTRIBUTE) && !is_listed(usual, attr, strlen(attr)))
		return spn_fail(err, SPN_ERR_REFUSED, 0, "step %zu changes '%s' of '%s', which is neither a name, a member nor an "
				"encryption type. Nothing was changed", i + 1, attr, step->dn);
	return SPN_OK;
}

spn_status spk_attributes_check(const spn_plan *plan, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; !status && j < step->n_mods; j++)
			status = check(plan, i, step, step->mods[j].attr, err);
	}
	return status;
}

spn_status spk_single_value_check(spn_directory *dir, const spn_plan *done, const spn_step *step, size_t j, spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	const spn_mod *mod = &step->mods[j];
	bool single = false;
	if (mod->op != SPN_MOD_ADD || spk_mod_is_spn(mod) || spk_ascii_equal(mod->attr, "member"))
		return SPN_OK;
	spn_status status = spk_directory_is_single_valued(dir, mod->attr, &single, err);
	if (status || !single)
		return status;
	status = spk_values_read(dir, step->dn, (const char *const[]){ mod->attr, NULL }, &entry, err);
	if (!status)
		status = spk_plan_project(done, entry, err);
	if (!status)
		status = spk_step_project(step, j, entry, err);
	const char *other = status ? NULL : spn_entry_text(entry, mod->attr);
	if (!other)
		return status;
	return spn_fail(err, SPN_ERR_REFUSED, 0, "'%s' of '%s' takes one value only, and has another one by now: %s", mod->attr, step->dn, other);
}

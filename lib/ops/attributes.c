/* SPDX-License-Identifier: MIT */
#include "attributes.h"

#include <string.h>

#include "base/error.h"

/* What the commands of spnkit change, or advise to change. */
static const char *const usual[] = { SPK_SPN, "member", "msDS-SupportedEncryptionTypes", NULL };

/* Passwords and keys: of accounts and trusts ([MS-ADTS] 3.1.1.4.4, [MS-ADA1] to [MS-ADA3]), of Unix, LAPS and BitLocker. */
static const char *const secret[] = { "unicodePwd", "userPassword", "clearTextPassword", "dBCSPwd", "lmPwdHistory", "ntPwdHistory",
	"supplementalCredentials", "currentValue", "priorValue", "initialAuthIncoming", "initialAuthOutgoing", "trustAuthIncoming",
	"trustAuthOutgoing", "pekList", "unixUserPassword", "msSFU30Password", "msDS-ManagedPassword", "msDS-ManagedPasswordPreviousId",
	"msDS-ExecuteScriptPassword", "ms-Mcs-AdmPwd", "msLAPS-Password", "msLAPS-EncryptedPassword", "msLAPS-EncryptedPasswordHistory",
	"msLAPS-EncryptedDSRMPassword", "msLAPS-EncryptedDSRMPasswordHistory", "msFVE-RecoveryPassword", "msFVE-KeyPackage", NULL };

/* An option, such as ";binary", makes no other attribute of one. */
static bool is_listed(const char *const *list, const char *attr)
{
	size_t len = strcspn(attr, ";");
	for (; *list; list++)
		if (strlen(*list) == len && strncasecmp(*list, attr, len) == 0)
			return true;
	return false;
}

/* A number (OID) may stand for any attribute. */
bool spk_attr_is_secret(const char *attr)
{
	return (*attr >= '0' && *attr <= '9') || strncasecmp(attr, "oid.", 4) == 0 || is_listed(secret, attr);
}

spn_status spk_attributes_check(const spn_plan *plan, spn_error *err)
{
	for (size_t i = 0; !spk_plan_allows(plan, SPN_ANY_ATTRIBUTE) && i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; j < step->n_mods; j++)
			if (!is_listed(usual, step->mods[j].attr))
				return spn_fail(err, SPN_ERR_REFUSED, 0, "step %zu changes '%s' of '%s', which is neither a name, a member nor an "
						"encryption type. Nothing was changed", i + 1, step->mods[j].attr, step->dn);
	}
	return SPN_OK;
}

/* SPDX-License-Identifier: MIT */
#include "secret.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Passwords and keys: of accounts and trusts ([MS-ADTS] 3.1.1.4.4, [MS-ADA1] to [MS-ADA3]), of Unix, LAPS and
 * BitLocker, and of the schemas of Heimdal, MIT Kerberos, Samba and FreeIPA for other LDAP servers. */
static const char *const secret[] = { "unicodePwd", "userPassword", "clearTextPassword", "dBCSPwd", "lmPwdHistory",
	"ntPwdHistory", "supplementalCredentials", "currentValue", "priorValue", "initialAuthIncoming",
	"initialAuthOutgoing", "trustAuthIncoming", "trustAuthOutgoing", "pekList", "unixUserPassword",
	"msSFU30Password", "msDS-ManagedPassword", "msDS-ManagedPasswordPreviousId", "msDS-ExecuteScriptPassword",
	"ms-Mcs-AdmPwd", "msLAPS-Password", "msLAPS-EncryptedPassword", "msLAPS-EncryptedPasswordHistory",
	"msLAPS-EncryptedDSRMPassword", "msLAPS-EncryptedDSRMPasswordHistory", "msFVE-RecoveryPassword",
	"msFVE-KeyPackage", "msDS-KeyCredentialLink", "msKds-RootKeyData", "msPKIAccountCredentials",
	"msPKIDPAPIMasterKeys", "userPKCS12", "msTPM-OwnerInformation", "msTPM-OwnerInformationTemp", "krb5Key",
	"krbPrincipalKey", "krbMKey", "krbPwdHistory", "sambaNTPassword", "sambaLMPassword", "sambaPasswordHistory",
	"sambaClearTextPassword", "sambaPreviousClearTextPassword", "ipaNTHash", "ipatokenOTPkey", "authPassword",
	"pwdHistory", "passwordHistory", "olcRootPW", NULL };

static bool is_listed(const char *attr, size_t len)
{
	for (const char *const *at = secret; *at; at++)
		if (strlen(*at) == len && strncasecmp(*at, attr, len) == 0)
			return true;
	return false;
}

/* A number (OID) may stand for any attribute; an option, such as ";binary", makes no other attribute of one. */
bool spk_attr_is_secret(const char *attr)
{
	return (*attr >= '0' && *attr <= '9') || strncasecmp(attr, "oid.", 4) == 0 || is_listed(attr, strcspn(attr, ";"));
}

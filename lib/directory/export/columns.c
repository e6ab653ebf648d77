/* SPDX-License-Identifier: MIT */
/* What the columns of CSV and the members of JSON are called. */
#include <string.h>

#include "export.h"
#include "model/entry.h"
#include "model/ldif/ldif.h"

#define LETS_ACT "msDS-AllowedToActOnBehalfOfOtherIdentity"

/* userAccountControl ([MS-ADTS] 2.2.16) */
enum {
	UAC_DISABLED = 0x2,
	UAC_NO_PASSWORD = 0x20,
	UAC_CONTROLLER = 0x2000,
	UAC_NEVER_EXPIRES = 0x10000,
	UAC_TRUSTED = 0x80000,
	UAC_SENSITIVE = 0x100000,
	UAC_DES_ONLY = 0x200000,
	UAC_NO_PREAUTH = 0x400000,
	UAC_ANY_PROTOCOL = 0x1000000
};

/* Names that are not the attribute's own, or of which the values need care.  PowerShell's are in the documentation of
 * Get-ADUser and Get-ADComputer, "default and extended properties"; BloodHound's are in what its collectors write. */
static const struct {
	const char *name;
	spk_export_column column;
} columns[] = {
	{ "DN", SPK_EXPORT_COLUMN(SPK_EXPORT_DN, "distinguishedName") },
	{ "distinguishedName", SPK_EXPORT_COLUMN(SPK_EXPORT_DN_AGAIN, "distinguishedName") },
	{ "servicePrincipalName", SPK_EXPORT_COLUMN(SPK_EXPORT_SPNS, "servicePrincipalName") },
	{ "servicePrincipalNames", SPK_EXPORT_COLUMN(SPK_EXPORT_SPNS, "servicePrincipalName") },
	{ "SPN", SPK_EXPORT_COLUMN(SPK_EXPORT_SPNS, "servicePrincipalName") },
	{ "SPNs", SPK_EXPORT_COLUMN(SPK_EXPORT_SPNS, "servicePrincipalName") },
	{ "msDS-AllowedToDelegateTo", SPK_EXPORT_COLUMN(SPK_EXPORT_TARGETS, "msDS-AllowedToDelegateTo") },
	{ "allowedtodelegate", SPK_EXPORT_COLUMN(SPK_EXPORT_TARGETS, "msDS-AllowedToDelegateTo") },
	{ LETS_ACT, SPK_EXPORT_COLUMN(SPK_EXPORT_ACTORS, LETS_ACT) },
	{ "PrincipalsAllowedToDelegateToAccount", SPK_EXPORT_COLUMN(SPK_EXPORT_ACTORS, LETS_ACT) },
	{ "AllowedToAct", SPK_EXPORT_COLUMN(SPK_EXPORT_ACTORS, LETS_ACT) },
	{ "member", SPK_EXPORT_COLUMN(SPK_EXPORT_DNS, "member") },
	{ "memberOf", SPK_EXPORT_COLUMN(SPK_EXPORT_DNS, "memberOf") },
	{ "msDS-AuthNPolicySiloMembers", SPK_EXPORT_COLUMN(SPK_EXPORT_DNS, "msDS-AuthNPolicySiloMembers") },
	{ "sPNMappings", SPK_EXPORT_COLUMN(SPK_EXPORT_LIST, "sPNMappings") },
	{ "msDS-AdditionalDnsHostName", SPK_EXPORT_COLUMN(SPK_EXPORT_LIST, "msDS-AdditionalDnsHostName") },
	{ "msDS-AdditionalSamAccountName", SPK_EXPORT_COLUMN(SPK_EXPORT_LIST, "msDS-AdditionalSamAccountName") },
	{ "objectClass", SPK_EXPORT_COLUMN(SPK_EXPORT_CLASS, "objectClass") },
	{ "SID", SPK_EXPORT_COLUMN(SPK_EXPORT_SID, "objectSid") },
	{ "objectSid", SPK_EXPORT_COLUMN(SPK_EXPORT_SID, "objectSid") },
	{ "ObjectIdentifier", SPK_EXPORT_COLUMN(SPK_EXPORT_SID, "objectSid") },
	{ "isDeleted", SPK_EXPORT_COLUMN(SPK_EXPORT_DELETED, "isDeleted") },
	{ "Deleted", SPK_EXPORT_COLUMN(SPK_EXPORT_DELETED, "isDeleted") },
	{ "adminCount", SPK_EXPORT_COLUMN(SPK_EXPORT_COUNT, "adminCount") }, /* BloodHound: true */
	{ "supportedencryptiontypes", SPK_EXPORT_COLUMN(SPK_EXPORT_ENCTYPES, "msDS-SupportedEncryptionTypes") },
	{ "userAccountControl", SPK_EXPORT_COLUMN(SPK_EXPORT_CONTROL, "userAccountControl") },
	{ "PrimaryGroup", SPK_EXPORT_COLUMN(SPK_EXPORT_PRIMARY, "primaryGroupID") },
	{ "PrimaryGroupSID", SPK_EXPORT_COLUMN(SPK_EXPORT_PRIMARY, "primaryGroupID") },
	{ "PasswordLastSet", SPK_EXPORT_COLUMN(SPK_EXPORT_TIME, "pwdLastSet") },
	{ "Enabled", { SPK_EXPORT_FLAG, NULL, 0, UAC_DISABLED, true } },
	{ "IsDC", { SPK_EXPORT_FLAG, NULL, 0, UAC_CONTROLLER, false } },
	{ "TrustedForDelegation", { SPK_EXPORT_FLAG, NULL, 0, UAC_TRUSTED, false } },
	{ "unconstraineddelegation", { SPK_EXPORT_FLAG, NULL, 0, UAC_TRUSTED, false } },
	{ "TrustedToAuthForDelegation", { SPK_EXPORT_FLAG, NULL, 0, UAC_ANY_PROTOCOL, false } },
	{ "trustedtoauth", { SPK_EXPORT_FLAG, NULL, 0, UAC_ANY_PROTOCOL, false } },
	{ "DoesNotRequirePreAuth", { SPK_EXPORT_FLAG, NULL, 0, UAC_NO_PREAUTH, false } },
	{ "dontreqpreauth", { SPK_EXPORT_FLAG, NULL, 0, UAC_NO_PREAUTH, false } },
	{ "AccountNotDelegated", { SPK_EXPORT_FLAG, NULL, 0, UAC_SENSITIVE, false } },
	{ "sensitive", { SPK_EXPORT_FLAG, NULL, 0, UAC_SENSITIVE, false } },
	{ "UseDESKeyOnly", { SPK_EXPORT_FLAG, NULL, 0, UAC_DES_ONLY, false } },
	{ "PasswordNotRequired", { SPK_EXPORT_FLAG, NULL, 0, UAC_NO_PASSWORD, false } },
	{ "passwordnotreqd", { SPK_EXPORT_FLAG, NULL, 0, UAC_NO_PASSWORD, false } },
	{ "PasswordNeverExpires", { SPK_EXPORT_FLAG, NULL, 0, UAC_NEVER_EXPIRES, false } },
	{ "pwdneverexpires", { SPK_EXPORT_FLAG, NULL, 0, UAC_NEVER_EXPIRES, false } },
	/* text that PowerShell makes of bytes, and what describes the object rather than the account */
	{ "objectGUID", { SPK_EXPORT_SKIP, NULL, 0, 0, false } },
	{ "changetype", { SPK_EXPORT_SKIP, NULL, 0, 0, false } }, /* LDIF's own words */
	{ "control", { SPK_EXPORT_SKIP, NULL, 0, 0, false } },
	{ "hasspn", { SPK_EXPORT_SKIP, NULL, 0, 0, false } },
	{ "PropertyNames", { SPK_EXPORT_SKIP, NULL, 0, 0, false } },
	{ "AddedProperties", { SPK_EXPORT_SKIP, NULL, 0, 0, false } },
	{ "RemovedProperties", { SPK_EXPORT_SKIP, NULL, 0, 0, false } },
	{ "ModifiedProperties", { SPK_EXPORT_SKIP, NULL, 0, 0, false } },
	{ "PropertyCount", { SPK_EXPORT_SKIP, NULL, 0, 0, false } },
};

spk_export_column spk_export_column_of(const char *name)
{
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		spk_export_column column = columns[i].column;
		if (spk_ascii_equal(name, columns[i].name))
			return column;
		if (column.attr && strchr(name, ';') && spk_ldif_is_of(name, column.attr) && spk_ldif_is_attr(name))
			return (spk_export_column){ column.kind, name, strlen(name), 0, false };
	}
	bool is_attr = spk_ldif_is_attr(name) && !strchr(name, ';');
	return (spk_export_column){ is_attr ? SPK_EXPORT_TEXT : SPK_EXPORT_SKIP, name, strlen(name), 0, false };
}

bool spk_export_means_spns(const char *name)
{
	if ((name[0] | 0x20) != 's') /* as most are not */
		return false;
	const spk_export_column column = spk_export_column_of(name);
	return spk_export_holds_spns(&column);
}

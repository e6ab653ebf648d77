/* SPDX-License-Identifier: MIT */
/* SIDs that mean the same everywhere ([MS-DTYP] 2.4.2.4). */
#include "adtypes.h"

#include <string.h>

#define DOMAIN "S-1-5-21-"

static const struct {
	const char *sid, *name;
} fixed[] = {
	{ "S-1-1-0", "Everyone" },
	{ "S-1-3-0", "Creator Owner" },
	{ "S-1-3-4", "Owner Rights" },
	{ "S-1-5-2", "Network" },
	{ "S-1-5-4", "Interactive" },
	{ "S-1-5-6", "Service" },
	{ "S-1-5-7", "Anonymous" },
	{ "S-1-5-9", "Enterprise Domain Controllers" },
	{ "S-1-5-10", "Self" },
	{ "S-1-5-11", "Authenticated Users" },
	{ "S-1-5-15", "This Organization" },
	{ "S-1-5-18", "SYSTEM" },
	{ "S-1-5-19", "Local Service" },
	{ "S-1-5-20", "Network Service" },
	{ "S-1-5-32-544", "Administrators" },
	{ "S-1-5-32-545", "Users" },
	{ "S-1-5-32-546", "Guests" },
	{ "S-1-5-32-548", "Account Operators" },
	{ "S-1-5-32-549", "Server Operators" },
	{ "S-1-5-32-550", "Print Operators" },
	{ "S-1-5-32-551", "Backup Operators" },
	{ "S-1-5-32-552", "Replicator" },
	{ "S-1-5-32-554", "Pre-Windows 2000 Compatible Access" },
	{ "S-1-5-32-557", "Incoming Forest Trust Builders" },
	{ "S-1-5-32-560", "Windows Authorization Access Group" },
	{ "S-1-5-32-561", "Terminal Server License Servers" },
	{ "S-1-18-1", "Authentication Authority Asserted Identity" },
	{ "S-1-18-2", "Service Asserted Identity" },
};

static const struct {
	uint32_t rid;
	const char *name;
} relative[] = {
	{ 498, "Enterprise Read-only Domain Controllers" },
	{ 500, "Administrator" },
	{ 512, "Domain Admins" },
	{ 513, "Domain Users" },
	{ 514, "Domain Guests" },
	{ 515, "Domain Computers" },
	{ 516, "Domain Controllers" },
	{ 517, "Cert Publishers" },
	{ 518, "Schema Admins" },
	{ 519, "Enterprise Admins" },
	{ 520, "Group Policy Creator Owners" },
	{ 521, "Read-only Domain Controllers" },
	{ 522, "Cloneable Domain Controllers" },
	{ 525, "Protected Users" },
	{ 526, "Key Admins" },
	{ 527, "Enterprise Key Admins" },
	{ 553, "RAS and IAS Servers" },
};

static bool is_of_domain(const char *text)
{
	return strncmp(text, DOMAIN, strlen(DOMAIN)) == 0;
}

const char *spk_sid_usual_name(spn_bytes sid)
{
	char text[SPK_SID_TEXT];
	uint32_t rid;
	if (!spk_sid_print(sid, text) || !spk_sid_rid(sid, &rid))
		return NULL;
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (strcmp(text, fixed[i].sid) == 0)
			return fixed[i].name;
	for (size_t i = 0; is_of_domain(text) && i < sizeof relative / sizeof *relative; i++)
		if (rid == relative[i].rid)
			return relative[i].name;
	return NULL;
}

bool spk_sid_is(spn_bytes sid, const char *text)
{
	char printed[SPK_SID_TEXT];
	return spk_sid_print(sid, printed) && strcmp(printed, text) == 0;
}

bool spk_sid_is_everybody(spn_bytes sid)
{
	static const char *const many[] = { "S-1-1-0", "S-1-2-0", "S-1-5-2", "S-1-5-3", "S-1-5-4", "S-1-5-6", "S-1-5-7",
		"S-1-5-11", "S-1-5-15", "S-1-5-32-545", "S-1-5-32-546", "S-1-5-32-554", "S-1-18-1", "S-1-18-2" };
	char text[SPK_SID_TEXT];
	uint32_t rid;
	if (!spk_sid_print(sid, text) || !spk_sid_rid(sid, &rid))
		return false;
	for (size_t i = 0; i < sizeof many / sizeof *many; i++)
		if (strcmp(text, many[i]) == 0)
			return true;
	return is_of_domain(text) && (rid == 513 || rid == 515);
}

bool spk_sid_is_administrator(spn_bytes sid)
{
	enum { ADMINISTRATOR = 500 };
	char text[SPK_SID_TEXT];
	uint32_t rid;
	if (!spk_sid_print(sid, text) || !spk_sid_rid(sid, &rid))
		return false;
	return spk_sid_is_protected_group(sid) || (is_of_domain(text) && rid == ADMINISTRATOR) ||
			strcmp(text, "S-1-5-18") == 0 || strcmp(text, "S-1-5-9") == 0;
}

/* SPDX-License-Identifier: MIT */
/* SIDs that mean the same everywhere ([MS-DTYP] 2.4.2.4). */
#include "adtypes.h"

#include <stdio.h>
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

/* Not the domain's own, which is one number shorter. */
static bool is_of_domain(const char *text)
{
	enum { DASHES = 7 };
	size_t n = 0;
	for (const char *at = text; *at; at++)
		n += *at == '-';
	return n == DASHES && strncmp(text, DOMAIN, strlen(DOMAIN)) == 0;
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

bool spk_sid_is_of_many(spn_bytes sid)
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

/* ---- of which domain ---- */

/* The revision and how many parts follow, the authority, 21 and the three numbers of a domain ([MS-DTYP] 2.4.2). */
enum { AUTHORITY = 2, DOMAIN_AT = 8, DOMAIN_LEN = 24, ACCOUNT_LEN = 28 };

void spk_domain_id_set(spk_domain_id *id, spn_bytes sid)
{
	static const char head[] = { 0, 0, 0, 0, 0, 5, 21, 0, 0, 0 };
	id->is_known = (sid.len == DOMAIN_LEN || sid.len == ACCOUNT_LEN) &&
			memcmp(sid.data + AUTHORITY, head, sizeof head) == 0;
	if (id->is_known)
		memcpy(id->bytes, sid.data + DOMAIN_AT, SPK_DOMAIN_ID);
}

bool spk_domain_id_is_of(const spk_domain_id *id, spn_bytes sid)
{
	spk_domain_id of = { .is_known = false };
	spk_domain_id_set(&of, sid);
	return id->is_known && of.is_known && memcmp(id->bytes, of.bytes, SPK_DOMAIN_ID) == 0;
}

bool spk_sid_is_elsewhere(spn_bytes sid, const spk_domain_id *own)
{
	spk_domain_id of = { .is_known = false };
	spk_domain_id_set(&of, sid);
	return of.is_known && own->is_known && !spk_domain_id_is_of(own, sid);
}

bool spk_sid_is_everybody(spn_bytes sid, const spk_domain_id *own)
{
	static const char *const some[] = { "S-1-2-0", "S-1-5-3", "S-1-5-4", "S-1-5-6", "S-1-5-7", "S-1-5-32-546",
		"S-1-18-2" };
	bool is_some = false;
	for (size_t i = 0; i < sizeof some / sizeof *some; i++)
		is_some |= spk_sid_is(sid, some[i]);
	return !is_some && spk_sid_is_of_many(sid) && !spk_sid_is_elsewhere(sid, own);
}

bool spk_sid_may_rule_forest(spn_bytes sid)
{
	static const uint32_t rids[] = { 500, 512, 518, 519, 527 };
	spk_domain_id of = { .is_known = false };
	uint32_t rid;
	spk_domain_id_set(&of, sid);
	for (size_t i = 0; of.is_known && spk_sid_rid(sid, &rid) && i < sizeof rids / sizeof *rids; i++)
		if (sid.len == ACCOUNT_LEN && rid == rids[i])
			return true;
	return false;
}

bool spk_sid_is_administrator(spn_bytes sid, const spk_home *home)
{
	enum { ADMINISTRATOR = 500 };
	spk_domain_id of = { .is_known = false };
	uint32_t rid;
	spk_domain_id_set(&of, sid);
	if (!of.is_known)
		return spk_sid_is_protected_group(sid) || spk_sid_is(sid, "S-1-5-18") || spk_sid_is(sid, "S-1-5-9");
	if (!home)
		return false;
	if (spk_domain_id_is_of(&home->root, sid) && spk_sid_may_rule_forest(sid))
		return true;
	return spk_domain_id_is_of(&home->own, sid) && spk_sid_rid(sid, &rid) &&
			(spk_sid_is_protected_group(sid) || (rid == ADMINISTRATOR && sid.len == ACCOUNT_LEN));
}

bool spk_sid_put_name(spn_bytes sid, const spk_domain_id *own, char name[SPK_SID_NAME])
{
	const char *usual = spk_sid_usual_name(sid);
	char text[SPK_SID_TEXT];
	if (!usual || !spk_sid_print(sid, text))
		return false;
	char *last = strrchr(text, '-');
	*last = '\0';
	snprintf(name, SPK_SID_NAME, "%s%s%s", spk_sid_is_elsewhere(sid, own) ? text : "",
			spk_sid_is_elsewhere(sid, own) ? "\\" : "", usual);
	return true;
}

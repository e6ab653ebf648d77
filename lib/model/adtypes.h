/* SPDX-License-Identifier: MIT */
/* adtypes.h - Active Directory's own value types */
#ifndef SPK_ADTYPES_H
#define SPK_ADTYPES_H

#include <stdint.h>

#include <spnkit/spn.h>

/* The longest SID: 8 bytes and 15 sub-authorities ([MS-DTYP] 2.4.2.2). */
#define SPK_SID_MAX 68
#define SPK_RID_SIZE 4 /* the last sub-authority */

/* Makes a SID of its text, "S-1-5-21-..." ([MS-DTYP] 2.4.2.1); returns its length, 0 if the text is not a SID. */
size_t spk_sid_parse(spn_bytes text, char buffer[SPK_SID_MAX]);

/* The last sub-authority; false if the bytes are no SID. */
bool spk_sid_rid(spn_bytes sid, uint32_t *ret_rid);

/* The SID with its last sub-authority exchanged, into buffer; its length is that of sid.  False if sid is no SID. */
bool spk_sid_with_rid(spn_bytes sid, uint32_t rid, char buffer[SPK_SID_MAX]);

/* Room for the longest SID as text, and its NUL. */
#define SPK_SID_TEXT 184
/* The SID as text, "S-1-5-21-..." ([MS-DTYP] 2.4.2.1).  False if the bytes are not a SID. */
bool spk_sid_print(spn_bytes sid, char text[SPK_SID_TEXT]);

/* The English name of a SID that means the same everywhere, such as Everyone or Domain Admins; NULL for others
 * ([MS-DTYP] 2.4.2.4). */
const char *spk_sid_usual_name(spn_bytes sid);
/* Whether it is the SID of this text. */
bool spk_sid_is(spn_bytes sid, const char *text);
/* Whether it stands for many: everybody, whoever has logged on or is connected, what every account of some domain is
 * in. */
bool spk_sid_is_of_many(spn_bytes sid);

/* What the SIDs of a domain's accounts have in common with its own: S-1-5-21-...  Start from { .is_known = false }. */
enum { SPK_DOMAIN_ID = 16 };
typedef struct spk_domain_id {
	char bytes[SPK_DOMAIN_ID];
	bool is_known;
} spk_domain_id;

/* That of a SID: of a domain, or of an account or group of one; none: then it is not known. */
void spk_domain_id_set(spk_domain_id *id, spn_bytes sid);
/* Whether a SID is that of the domain, or of something in it. */
bool spk_domain_id_is_of(const spk_domain_id *id, spn_bytes sid);
/* Whether a SID is of another domain than our own; false if that is not known, or it is of none. */
bool spk_sid_is_elsewhere(spn_bytes sid, const spk_domain_id *own);

/* Whether every user of our domain is in it when they log on, or every computer; not guests, for example. */
bool spk_sid_is_everybody(spn_bytes sid, const spk_domain_id *own);

/* The domain of an account, and the root of its forest. */
typedef struct spk_home {
	spk_domain_id own, root;
} spk_home;

/* Whether it is that of somebody who rules the whole forest if it is of the root domain: Enterprise Admins, Schema
 * Admins and Enterprise Key Admins, which only that one has, and Administrator and Domain Admins, who may become
 * members of these ([MS-ADTS] 6.1.1.6). */
bool spk_sid_may_rule_forest(spn_bytes sid);
/* Whether it is that of the system, of the built-in Administrator of the home domain, of a group of it that
 * AdminSDHolder protects, or of somebody who rules its forest.  NULL: of the system and of BUILTIN only. */
bool spk_sid_is_administrator(spn_bytes sid, const spk_home *home);

/* Room for a usual name with the SID of its domain. */
#define SPK_SID_NAME (SPK_SID_TEXT + 48)
/* The usual name, behind the SID of its domain if that is not ours: "S-1-5-21-1-2-3\Domain Admins".  False: none. */
bool spk_sid_put_name(spn_bytes sid, const spk_domain_id *own, char name[SPK_SID_NAME]);

/* A point in time as Active Directory counts it, in tenths of microseconds from 1601 ([MS-DTYP] 2.3.3), or as tools
 * export it: "/Date(0)/" of PowerShell 5, ISO 8601 with a zone.  -1: not known, as of a date in some language, or in
 * the zone of whoever exported it. */
int64_t spk_time_parse(spn_bytes text);
/* The same as LDAP writes it: "20231114221320.0Z" (RFC 4517, 3.3.13, of which Active Directory needs no more). */
int64_t spk_time_generalized(const char *text);

/* Whether AdminSDHolder protects the group: Domain Admins and their kind ([MS-ADTS] 3.1.1.6.1.2). */
bool spk_sid_is_protected_group(spn_bytes sid);

#endif

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
/* Whether it stands for many: everybody, whoever has logged on or is connected, what every account of a domain is in.
 */
bool spk_sid_is_everybody(spn_bytes sid);
/* Whether it is that of the system, of the built-in Administrator, or of a group that AdminSDHolder protects. */
bool spk_sid_is_administrator(spn_bytes sid);

/* A point in time as Active Directory counts it, in tenths of microseconds from 1601 ([MS-DTYP] 2.3.3), or as tools
 * export it: "/Date(0)/" of PowerShell 5, ISO 8601 with a zone.  -1: not known, as of a date in some language, or in
 * the zone of whoever exported it. */
int64_t spk_time_parse(spn_bytes text);
/* The same as LDAP writes it: "20231114221320.0Z" (RFC 4517, 3.3.13, of which Active Directory needs no more). */
int64_t spk_time_generalized(const char *text);

/* Whether AdminSDHolder protects the group: Domain Admins and their kind ([MS-ADTS] 3.1.1.6.1.2). */
bool spk_sid_is_protected_group(spn_bytes sid);

#endif

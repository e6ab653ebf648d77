/* SPDX-License-Identifier: MIT */
/* dn.h - distinguished names as text (RFC 4514) */
#ifndef SPK_DN_H
#define SPK_DN_H

#include "base/text.h"

/* Only what appends to a text needs memory. */

/* What follows "<GUID=...>;" and "<SID=...>;", which stand in front of DNs if a search asks for extended ones
 * ([MS-ADTS] 3.1.1.3.4.1.5); the text itself if there are none, or no DN follows. */
spn_bytes spk_dn_without_ids(spn_bytes text);

/* Whether two texts are the same DN but for escapes, of which one of them has too many or too few. */
bool spk_dn_equal_but_for_escapes(spn_bytes a, spn_bytes b);

/* Whether a text is a DN; the empty one is. */
bool spk_dn_is_valid(const char *dn);

/* Appends a key: DNs of the same entry have the same key (case, spaces round separators and the way of escaping
 * make no difference), and the key of an ancestor is its end, after a '\n'.  False if it is no DN, or memory ran out:
 * then ret_key->failed. */
bool spk_dn_key(const char *dn, spk_text *ret_key);

/* The same of what may be no DN: that is its own key.  False if memory ran out. */
bool spk_dn_key_or_text(const char *dn, spk_text *ret_key);

bool spk_dn_equal(const char *a, const char *b);

/* The same of values that need not end with a NUL.  Longer ones, which no directory has, are equal if every byte is. */
#define SPK_DN_MAX 4096
bool spk_dn_equal_bytes(spn_bytes a, spn_bytes b);

/* Whether dn is base or below it. */
bool spk_dn_is_under(const char *dn, const char *base);

/* The rest of a DN after its first RDN: a pointer into dn; "" for a DN of one RDN. */
const char *spk_dn_parent(const char *dn);

/* Appends the value of the first RDN, without escapes: "LAX-CRM01". */
void spk_dn_first_value(const char *dn, spk_text *ret_value);

/* Whether that is a text, in any ASCII case. */
bool spk_dn_first_value_is(const char *dn, const char *text);

/* Whether the first RDN has a line feed and this mark behind its name: "CNF:" after a replication conflict, "DEL:"
 * after a deletion
 * ([MS-DRSR] 4.1.10.6.13). */
bool spk_dn_has_mark(const char *dn, const char *mark);

/* Where the run of DC= parts at the end of a DN begins; NULL if there is none. */
const char *spk_dn_domain_part(const char *dn);

/* Whether two entries are in the same domain. */
bool spk_dn_same_domain(const char *a, const char *b);

/* Appends the DNS name that the DC= parts at the end spell: "kimconnect.com". */
void spk_dn_domain(const char *dn, spk_text *ret_domain);

#endif

/* SPDX-License-Identifier: MIT */
/* dn.h - distinguished names as text (RFC 4514) */
#ifndef SPK_DN_H
#define SPK_DN_H

#include "base/text.h"

/* Whether a text is a DN; the empty one is. */
bool spk_dn_is_valid(const char *dn);

/* Appends a key: DNs of the same entry have the same key (case, spaces round separators and the way of escaping
 * make no difference), and the key of an ancestor is its end, after a '\n'.  False if it is no DN. */
bool spk_dn_key(const char *dn, spk_text *ret_key);

bool spk_dn_equal(const char *a, const char *b);

/* Whether dn is base or below it. */
bool spk_dn_is_under(const char *dn, const char *base);

/* The rest of a DN after its first RDN: a pointer into dn; "" for a DN of one RDN. */
const char *spk_dn_parent(const char *dn);

/* Appends the value of the first RDN, without escapes: "LAX-CRM01". */
void spk_dn_first_value(const char *dn, spk_text *ret_value);

/* Appends the DNS name that the DC= parts at the end spell: "kimconnect.com". */
void spk_dn_domain(const char *dn, spk_text *ret_domain);

#endif

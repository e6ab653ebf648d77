/* SPDX-License-Identifier: MIT */
/* acl.h - whom a security descriptor lets do something */
#ifndef SPK_ACL_H
#define SPK_ACL_H

#include <stdint.h>

#include <spnkit/spn.h>

/* Receives the SID of an entry of a DACL, whose bytes are lent; is_conditional: it allows that under a condition only.
 */
typedef void spk_ace_fn(spn_bytes sid, bool allows, bool is_conditional, void *data);

/*
 * Calls fn for each entry of the DACL that allows or denies one of the bits of mask on the object itself, in their
 * order ([MS-DTYP] 2.4.4 to 2.4.6).  What allows some property only is told as if it allowed all; what denies so, or
 * under a condition, or by a generic right, is not told: it may deny nothing.  Without a DACL, everyone (S-1-1-0) is
 * allowed.
 *
 * False: the bytes are not a whole self-relative security descriptor.  Then what fn was told does not count.
 */
bool spk_acl_read(spn_bytes descriptor, uint32_t mask, spk_ace_fn *fn, void *data);

#endif

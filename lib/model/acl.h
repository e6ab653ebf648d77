/* SPDX-License-Identifier: MIT */
/* acl.h - whom a security descriptor lets do something */
#ifndef SPK_ACL_H
#define SPK_ACL_H

#include <stdbool.h>
#include <stdint.h>

#include <spnkit/spn.h>

/* Rights on an object of a directory ([MS-ADTS] 5.1.3.2), and all of them. */
#define SPK_ACL_VALIDATED_WRITE 0x8u
#define SPK_ACL_WRITE_PROPERTY 0x20u
#define SPK_ACL_WRITE_DAC 0x40000u
#define SPK_ACL_WRITE_OWNER 0x80000u
#define SPK_ACL_ALL 0xf01ffu

#define SPK_GUID_SIZE 16

/* An entry of a DACL that counts for the object itself.  All of it is lent. */
typedef struct spk_acl_entry {
	spn_bytes sid;
	uint32_t mask;      /* as it is stored */
	uint32_t rights;    /* with what its generic rights stand for */
	const char *object; /* what it is about, as bytes: a property, a set of them, a validated write, a kind of child;
			       NULL: everything */
	const char *heirs;  /* the kind of object that inherits it; NULL: any */
	bool allows, is_conditional, is_inherited;
} spk_acl_entry;

typedef void spk_acl_entry_fn(const spk_acl_entry *entry, void *data);

/* Calls fn for each of them in their order, which decides.  Without a DACL, everyone is allowed everything.  False: as
 * spk_acl_read. */
bool spk_acl_walk(spn_bytes descriptor, spk_acl_entry_fn *fn, void *data);
/* Lends the SID of the owner; false if there is none. */
bool spk_acl_owner(spn_bytes descriptor, spn_bytes *ret_sid);
/* Whether there is a DACL at all, or an empty place for one: else the descriptor was read without it. */
bool spk_acl_is_present(spn_bytes descriptor);
/* Whether it inherits nothing. */
bool spk_acl_is_protected(spn_bytes descriptor);

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

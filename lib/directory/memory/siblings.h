/* SPDX-License-Identifier: MIT */
/* siblings.h - DNs below a parent that is known: nothing but their first part need be looked at */
#ifndef SPK_MEMORY_SIBLINGS_H
#define SPK_MEMORY_SIBLINGS_H

#include "index.h"

/* Parents that were met, as many as have a place. */
typedef struct spk_siblings spk_siblings;

spk_siblings *spk_siblings_new(uint64_t seed); /* NULL: out of memory */
/* Accepts NULL. */
void spk_siblings_free(spk_siblings *siblings);
/* Notes the parent of an entry that was read.  Of its other children nothing is to be learnt about domains but from
 * those that are called so themselves (DC=, CN=Configuration). */
void spk_siblings_note(spk_siblings *siblings, const char *dn);
/* The hash of a DN as spk_hash_dn has it.  False: only that can tell, or the entry may say something of domains. */
bool spk_siblings_hash(spk_siblings *siblings, spn_bytes dn, uint32_t *ret_hash);

#endif

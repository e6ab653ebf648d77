/* SPDX-License-Identifier: MIT */
/* protected.h - groups whose members have the rights of Domain Admins or their kind */
#ifndef SPK_PROTECTED_H
#define SPK_PROTECTED_H

#include "account/account.h"
#include "base/keys.h"

/* What must be read of a group. */
#define SPK_GROUP_ATTRS "sAMAccountName", "objectSid", "adminCount", "memberOf"

/* Groups and those that they are members of.  Start from { 0 }. */
typedef struct spk_protected {
	spk_keys dns;
	struct spk_protected_group *list;
	size_t size;
	struct spk_nesting *nestings;
	size_t n_nestings, nestings_size;
} spk_protected;

/* Adds a group that was read, to be asked about. */
spn_status spk_protected_add(spk_protected *all, const spn_entry *group, spn_error *err);
/* Looks up what those that were added are members of, directly or through others. */
spn_status spk_protected_find(spn_directory *dir, spk_protected *all, spn_error *err);
/* Appends why a group is protected; nothing if it is not. */
spn_status spk_protected_why(const spk_protected *all, const char *dn, spk_text *ret_why, spn_error *err);
void spk_protected_free(spk_protected *all);
#define SPK_AUTOPROTECTED __attribute__((cleanup(spk_protected_free)))

#endif

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
	bool is_empty; /* all was read, and nobody is in Protected Users */
	bool of_users; /* not these: Protected Users, and what is in it */
} spk_protected;

/* Adds a group that was read, to be asked about. */
spn_status spk_protected_add(spk_protected *all, const spn_entry *group, spn_error *err);
/* Looks up what those that were added are members of, directly or through others. */
spn_status spk_protected_find(spn_directory *dir, spk_protected *all, spn_error *err);
/* Appends why a group is protected; nothing if it is not. */
spn_status spk_protected_why(const spk_protected *all, const char *dn, spk_text *ret_why, spn_error *err);

/* Protected Users and the groups in it, as a file shows them: by its SID (RID 525), or where it is absent by its name;
 * and who those list as members. */
spn_status spk_protected_users_read(spk_protected *all, spn_directory *const *dirs, size_t n, spn_error *err);
/* Adds a group that a server has found to be one of them. */
spn_status spk_protected_users_add(spk_protected *all, const char *dn, spn_error *err);
/* Whether a DN is one of those; false without memory too, which *ret_failed says. */
bool spk_protected_users_have(const spk_protected *all, const char *dn, bool *ret_failed);
/* Whether it may be, if it begins with "CN=" and this character, which is as it stands there. */
bool spk_protected_users_may_have(const spk_protected *all, char first);

void spk_protected_free(spk_protected *all);
#define SPK_AUTOPROTECTED __attribute__((cleanup(spk_protected_free)))

#endif

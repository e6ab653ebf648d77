/* SPDX-License-Identifier: MIT */
/* rules.h - what a domain controller refuses, for an administrator */
#ifndef SPK_MEMORY_RULES_H
#define SPK_MEMORY_RULES_H

#include "memory.h"

/* LDAP result codes (RFC 4511) and Active Directory's own ([MS-ERREF] 2.2). */
enum {
	SPK_LDAP_ADMIN_LIMIT = 11,
	SPK_LDAP_NO_SUCH_ATTRIBUTE = 16,
	SPK_LDAP_CONSTRAINT = 19,
	SPK_LDAP_VALUE_EXISTS = 20,
	SPK_LDAP_INVALID_SYNTAX = 21,
	SPK_LDAP_NO_SUCH_OBJECT = 32,
	SPK_LDAP_UNWILLING = 53,
	SPK_LDAP_OBJECT_CLASS = 65,
	SPK_LDAP_ALREADY_EXISTS = 68,

	SPK_AD_NO_SUCH_USER = 0x525,
	SPK_AD_MEMBER_IN_GROUP = 0x562,
	SPK_AD_MEMBER_NOT_IN_GROUP = 0x561,
	SPK_AD_VALUE_TWICE = 0x200d,
	SPK_AD_OBJECT_CLASS = 0x2014,
	SPK_AD_ADMIN_LIMIT = 0x2024,
	SPK_AD_CONSTRAINT = 0x202f,
	SPK_AD_NO_SUCH_OBJECT = 0x2030,
	SPK_AD_UNWILLING = 0x2035,
	SPK_AD_PRIMARY_GROUP = 0x2071,
	SPK_AD_NOT_IN_CLASS = 0x207d,
	SPK_AD_SINGLE_VALUE = 0x2081,
	SPK_AD_VALUE_EXISTS = 0x2083,
	SPK_AD_VALUE_MISSING = 0x2085,
	SPK_AD_SPN_NOT_UNIQUE = 0x21c7
};

/* One value of the entry that is changed. */
typedef struct spk_item {
	const char *attr;
	spn_bytes value;
	uint64_t hash;             /* of the folded value */
	const spk_ldif_line *line; /* where it is; NULL: it is new */
	bool is_gone;
} spk_item;

/* An entry while it is changed. */
typedef struct spk_work {
	spk_memory *memory;
	const spk_ldif_record *record;
	spk_view others; /* to look at other entries */
	spk_item *items;
	size_t n, size;
	struct {
		bool is_known, any, account, group; /* any: of whatever class; without, the export left them out */
	} classes;
	uint64_t hashed[1024]; /* a bit for each hash of a value, by its last 16 bits: most values are not there */
} spk_work;

static inline uint64_t *spk_work_hashed(spk_work *work, uint64_t hash)
{
	return &work->hashed[(hash & 0xffff) / 64];
}

static inline bool spk_is_samba(const spk_work *work)
{
	return work->memory->rules == SPN_DIALECT_SAMBA;
}

/* Whether a value is one of an attribute; gone or not. */
bool spk_item_is(const spk_item *item, const char *attr);
/* Whether two values are the DN of one entry.  No NUL need follow them. */
bool spk_value_is_dn(spn_bytes a, spn_bytes b);

/* rules.c: whether one value may be added to, or deleted from, the entry as it has become so far. */
spn_status spk_rules_check(spk_work *work, const spn_mod *mod, spn_error *err);
/* The value that a mod is about, as the rules compare; NULL: it is not there. */
spk_item *spk_work_find(spk_work *work, const spn_mod *mod);

/* unique.c: Samba looks at the request, before anything else; Windows at the names that came. */
spn_status spk_rules_check_request(spk_work *work, const spn_mod *mods, size_t n_mods, spn_error *err);
spn_status spk_rules_check_names(spk_work *work, spn_error *err);

#endif

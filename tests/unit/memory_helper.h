/* SPDX-License-Identifier: MIT */
/* memory_helper.h - short ways to search and change a directory */
#ifndef MEMORY_HELPER_H
#define MEMORY_HELPER_H

#include "unit.h"

#include <spnkit/mock.h>

#define SPN "servicePrincipalName"

static inline spn_bytes bytes(const char *text)
{
	return (spn_bytes){ text, strlen(text) };
}

/* The DNs that a search gave, each in brackets. */
struct found {
	char dns[2000];
	size_t n;
};

static inline spn_status add_dn(const spn_entry *entry, void *data, spn_error *err)
{
	(void)err;
	struct found *found = data;
	size_t len = strlen(found->dns);
	snprintf(found->dns + len, sizeof found->dns - len, "[%s]", spn_entry_dn(entry));
	found->n++;
	return SPN_OK;
}

static inline spn_status find(spn_directory *dir, const char *base, spn_scope scope, const spn_filter *filter,
		struct found *ret_found, spn_error *err)
{
	const spn_search search = { .base = base, .scope = scope, .filter = filter };
	*ret_found = (struct found){ .n = 0 };
	return spn_directory_search(dir, &search, add_dn, ret_found, err);
}

static inline spn_status find_value(spn_directory *dir, spn_filter_op op, const char *attr, const char *value,
		struct found *ret_found, spn_error *err)
{
	const spn_filter filter = { .op = op, .attr = attr, .value = bytes(value) };
	return find(dir, NULL, SPN_SCOPE_SUBTREE, &filter, ret_found, err);
}

static inline spn_status change(spn_directory *dir, const char *dn, spn_mod_op op, const char *attr, const char *value,
		spn_error *err)
{
	const spn_mod mod = { op, attr, bytes(value) };
	return spn_directory_modify(dir, dn, &mod, 1, err);
}

#define add(dir, dn, attr, value) change((dir), (dn), SPN_MOD_ADD, (attr), (value), err)
#define delete(dir, dn, attr, value) change((dir), (dn), SPN_MOD_DELETE, (attr), (value), err)

#endif

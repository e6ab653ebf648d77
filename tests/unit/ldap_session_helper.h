/* SPDX-License-Identifier: MIT */
/* ldap_session_helper.h - searches at a server of the test, and what they find */
#ifndef LDAP_SESSION_HELPER_H
#define LDAP_SESSION_HELPER_H

#include "unit.h"

#include "ldap_server.h"
#include "patience.h"

static inline spn_directory *open_server(const struct server *server)
{
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.timeout = PATIENCE;
	spn_directory *dir = NULL;
	spn_error err;
	if (spn_directory_open(server->url, &options, &dir, &err))
		fail_msg("%s", err.message);
	return dir;
}

struct found {
	unsigned entries, values;
	char last[100]; /* value */
	spn_directory *dir; /* to search while searching */
	spn_status status;  /* to return */
};

static inline spn_status count(const spn_entry *entry, void *data, spn_error *err)
{
	(void)err;
	struct found *found = data;
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, "member", &values);
	found->entries++;
	found->values += (unsigned)n;
	if (n > 0)
		snprintf(found->last, sizeof found->last, "%s", values[n - 1].data);
	if (found->dir) {
		struct found inner = { 0 };
		static const spn_search search = { .base = "DC=x", .scope = SPN_SCOPE_SUBTREE };
		assert_int_equal(spn_directory_search(found->dir, &search, count, &inner, NULL), SPN_OK);
		assert_int_equal(inner.entries, 4);
	}
	return found->status;
}

static inline spn_status search_all(spn_directory *dir, struct found *found, spn_error *err)
{
	static const spn_search search = { .base = "DC=x", .scope = SPN_SCOPE_SUBTREE };
	return spn_directory_search(dir, &search, count, found, err);
}

#endif

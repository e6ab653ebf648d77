/* SPDX-License-Identifier: MIT */
/* Who is in Protected Users, directly or through other groups, whatever language the domain speaks. */
#include <stdlib.h>

#include "audit.h"
#include "protected.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/adtypes.h"

#define PROTECTED_USERS 525 /* [MS-DTYP] 2.4.2.4 */
/* A server is asked level by level. */
#define LEVELS_MAX 32

struct spk_protected_users {
	spk_protected all;
	spk_keys asked; /* SIDs of the groups that a server was asked for: one in each domain */
	bool is_read;   /* all files were */
};

spn_status spk_protected_users_new(struct spk_protected_users **ret_users, spn_error *err)
{
	*ret_users = calloc(1, sizeof **ret_users);
	return *ret_users ? SPN_OK : spk_nomem(err);
}

void spk_protected_users_free(struct spk_protected_users *users)
{
	if (!users)
		return;
	spk_protected_free(&users->all);
	spk_keys_free(&users->asked);
	free(users);
}

static bool is_local(const spk_scope *scope)
{
	bool local = true;
	for (size_t i = 0; i < scope->n; i++)
		local &= spk_directory_is_local(scope->dirs[i]);
	return local;
}

/* Those that were found are the next to be asked about; a group that is known is not asked about again. */
static spn_status add_level(const spk_audit *audit, spk_accounts *level, const spn_filter *filter, spn_error *err)
{
	static const char *const attrs[] = { "objectClass", NULL };
	struct spk_protected_users *users = audit->protected_users;
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	bool failed = false;
	spn_status status = spk_audit_search(audit, filter, attrs, &found, err);
	for (size_t i = 0; !status && i < found.n; i++) {
		const char *dn = spn_account_dn(found.list[i]);
		if (!spk_protected_users_have(&users->all, dn, &failed) || level->n == 0)
			status = spk_accounts_add(level, found.list[i]->entry, err);
		if (!status)
			status = failed ? spk_nomem(err) : spk_protected_users_add(&users->all, dn, err);
	}
	return status;
}

/* The group of one domain, and what is nested in it. */
static spn_status ask(const spk_audit *audit, spn_bytes sid, spn_error *err)
{
	const spn_filter group = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = spk_bytes("group") },
		by_sid = { .op = SPN_FILTER_EQUAL, .attr = "objectSid", .value = sid };
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	spn_status status = add_level(audit, &found, &by_sid, err);
	for (size_t at = 0, level = 0; !status && at < found.n && level < LEVELS_MAX; level++) {
		for (size_t end = found.n; !status && at < end; at++) {
			const spn_filter in = { .op = SPN_FILTER_EQUAL,
				.attr = "memberOf",
				.value = spk_bytes(spn_account_dn(found.list[at])) };
			const spn_filter *const parts[] = { &group, &in, NULL };
			const spn_filter both = { .op = SPN_FILTER_AND, .parts = parts };
			status = add_level(audit, &found, &both, err);
		}
	}
	return status;
}

/* Nobody is asked because of an account that is in no group, or whose domain has been asked. */
static spn_status prepare(const spk_audit *audit, const spn_account *account, spn_error *err)
{
	struct spk_protected_users *users = audit->protected_users;
	const spn_bytes *values;
	char sid[SPK_SID_MAX];
	if (is_local(audit->scope)) {
		bool is_read = users->is_read;
		users->is_read = true;
		return is_read ? SPN_OK : spk_protected_users_read(&users->all, audit->scope->dirs, audit->scope->n, err);
	}
	if (!spn_entry_values(account->entry, "memberOf", &values) ||
			!spn_entry_values(account->entry, "objectSid", &values) ||
			!spk_sid_with_rid(values[0], PROTECTED_USERS, sid))
		return SPN_OK;
	const spn_bytes group = { sid, values[0].len };
	size_t n = users->asked.n, place = spk_keys_add(&users->asked, group);
	if (place == SIZE_MAX)
		return spk_nomem(err);
	return place < n ? SPN_OK : ask(audit, group, err);
}

spn_status spk_audit_is_protected(const spk_audit *audit, const spn_account *account, bool *ret_is, spn_error *err)
{
	const spk_protected *all = &audit->protected_users->all;
	const spn_bytes *groups;
	const char *primary = spn_entry_text(account->entry, "primaryGroupID");
	bool failed = false;
	spn_status status = prepare(audit, account, err);
	*ret_is = (primary && strtol(primary, NULL, 10) == PROTECTED_USERS) ||
			spk_protected_users_have(all, spn_account_dn(account), &failed);
	for (size_t i = 0, n = spn_entry_values(account->entry, "memberOf", &groups); !status && i < n; i++)
		*ret_is |= spk_protected_users_have(all, groups[i].data, &failed);
	return status ? status : failed ? spk_nomem(err) : SPN_OK;
}

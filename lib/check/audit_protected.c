/* SPDX-License-Identifier: MIT */
/* Who is in Protected Users, directly or through other groups, whatever language the domain speaks. */
#include <stdlib.h>

#include "audit.h"
#include "base/error.h"

#define PROTECTED_USERS 525 /* [MS-DTYP] 2.4.2.4 */
/* A server is asked level by level. */
#define LEVELS_MAX 32

/* A group that is known is not asked about again. */
struct level {
	spk_protected *all;
	spk_accounts found;
};

static spn_status take_nested(const spn_entry *entry, void *data, spn_error *err)
{
	struct level *level = data;
	bool failed = false;
	if (spk_protected_users_have(level->all, spn_entry_dn(entry), &failed))
		return SPN_OK;
	spn_status status = failed ? spk_nomem(err) : spk_protected_users_add(level->all, spn_entry_dn(entry), err);
	return status ? status : spk_accounts_add(&level->found, entry, err);
}

/* The groups in those of a level take their place: in one search. */
static spn_status ask_level(const spk_audit *audit, spk_audit_domain *domain, spn_error *err)
{
	const spn_filter group = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = spk_bytes("group") };
	size_t n = domain->level.n;
	SPK_AUTOFREE spn_filter *in = calloc(n, sizeof *in);
	SPK_AUTOFREE const spn_filter **parts = calloc(n + 1, sizeof *parts);
	struct level level = { .all = &audit->domains->protected_users };
	if (!in || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		in[i] = (spn_filter){ .op = SPN_FILTER_EQUAL,
			.attr = "memberOf",
			.value = spk_bytes(spn_account_dn(domain->level.list[i])) };
		parts[i] = &in[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_filter *const both[] = { &group, &any, NULL };
	const spn_filter nested = { .op = SPN_FILTER_AND, .parts = both };
	spn_status status = spk_audit_domain_search(
			audit, spn_account_dn(domain->level.list[0]), &nested, take_nested, &level, err);
	spk_accounts_free(&domain->level);
	domain->level = level.found;
	return status;
}

/* Nobody is asked because of an account that is in no group, or if no group is in the group. */
static spn_status prepare(const spk_audit *audit, const spn_account *account, spn_error *err)
{
	spk_audit_domains *domains = audit->domains;
	spk_audit_domain *domain = NULL;
	if (spk_audit_is_local(audit)) {
		bool is_read = domains->is_read;
		domains->is_read = true;
		return is_read ? SPN_OK :
				 spk_protected_users_read(
						 &domains->protected_users, audit->scope->dirs, audit->scope->n, err);
	}
	if (!spn_entry_values(account->entry, "memberOf", NULL))
		return SPN_OK;
	spn_status status = spk_audit_domain_of(audit, account, &domain, err);
	for (size_t i = 0; !status && domain && domain->level.n && i < LEVELS_MAX; i++)
		status = ask_level(audit, domain, err);
	return status;
}

spn_status spk_audit_is_protected(const spk_audit *audit, const spn_account *account, bool *ret_is, spn_error *err)
{
	const spk_protected *all = &audit->domains->protected_users;
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

/* SPDX-License-Identifier: MIT */
/* What is read of each domain, in one search, with the first account of it: since when the domain makes AES keys, and
 * which groups are Protected Users or members of it. */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/adtypes.h"
#include "model/dn.h"

/* [MS-DTYP] 2.4.2.4 */
#define RID_READ_ONLY_CONTROLLERS 521u
#define RID_PROTECTED_USERS 525u
/* What Windows and Samba call that group in English. */
#define PROTECTED_USERS "CN=Protected Users,CN=Users,"
/* The group of read-only controllers comes with the first controller of Windows Server 2008 or later, which is the
 * first to make AES keys; 2008-02-27, when that was released: older passwords have none in any domain. */
#define RELEASE_OF_2008 INT64_C(128485440000000000)

spn_status spk_audit_domains_new(spk_audit_domains **ret_domains, spn_error *err)
{
	*ret_domains = calloc(1, sizeof **ret_domains);
	return *ret_domains ? SPN_OK : spk_nomem(err);
}

void spk_audit_domains_free(spk_audit_domains *domains)
{
	if (!domains)
		return;
	for (size_t i = 0; i < domains->n; i++) {
		spk_accounts_free(&domains->list[i]->level);
		free(domains->list[i]);
	}
	free(domains->list);
	spk_keys_free(&domains->sids);
	spk_protected_free(&domains->protected_users);
	free(domains);
}

/* A search of a domain that is being read. */
struct reading {
	spk_audit_domains *domains;
	spk_audit_domain *domain;
	const char *guess; /* what Protected Users may be called: groups in that one are found with it */
	bool is_local; /* who is in Protected Users is known */
};

static void take_date(const spn_entry *entry, int64_t *since)
{
	const char *text = spn_entry_text(entry, "whenCreated");
	int64_t created = text ? spk_time_generalized(text) : -1;
	if (created > *since)
		*since = created;
}

/* Groups that are found are searched for further groups, except the one whose groups the same search finds. */
static spn_status take(const spn_entry *entry, void *data, spn_error *err)
{
	const struct reading *reading = data;
	const spn_bytes *sid;
	uint32_t rid = 0;
	bool has_rid = spn_entry_values(entry, "objectSid", &sid) && spk_sid_rid(sid[0], &rid);
	if (has_rid && rid == RID_READ_ONLY_CONTROLLERS)
		take_date(entry, &reading->domain->since);
	if (reading->is_local || (has_rid && rid == RID_READ_ONLY_CONTROLLERS))
		return SPN_OK;
	spn_status status = spk_protected_users_add(&reading->domains->protected_users, spn_entry_dn(entry), err);
	bool is_guess = has_rid && rid == RID_PROTECTED_USERS && spk_dn_equal(spn_entry_dn(entry), reading->guess);
	return status || is_guess ? status : spk_accounts_add(&reading->domain->level, entry, err);
}

spn_status spk_audit_domain_search(const spk_audit *audit, const char *dn, const spn_filter *filter, spn_entry_fn *fn,
		void *data, spn_error *err)
{
	static const char *const attrs[] = { "objectSid", "objectClass", "whenCreated", NULL };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = filter, .attrs = attrs };
	const spk_scope *scope = audit->scope;
	for (size_t i = 0; !scope->forest && i < scope->n; i++) {
		const char *base = NULL;
		spn_status status = spk_directory_context(scope->dirs[i], "defaultNamingContext", &base, err);
		if (status)
			return status;
		if (base && spk_dn_same_domain(dn, base))
			return spn_directory_search(scope->dirs[i], &search, fn, data, err);
	}
	return spk_scope_search(scope, filter, attrs, fn, data, err);
}

bool spk_audit_is_local(const spk_audit *audit)
{
	bool local = true;
	for (size_t i = 0; i < audit->scope->n; i++)
		local &= spk_directory_is_local(audit->scope->dirs[i]);
	return local;
}

/* Of files, Protected Users is read in another way, which needs no SIDs. */
static spn_status read_domain(const spk_audit *audit, const spn_account *account, spn_bytes sid,
		spk_audit_domain *domain, spn_error *err)
{
	char users[SPK_SID_MAX];
	const char *part = spk_dn_domain_part(spn_account_dn(account));
	SPK_AUTOFREE char *guess = spk_printf(PROTECTED_USERS "%s", part ? part : "");
	if (!guess)
		return spk_nomem(err);
	(void)spk_sid_with_rid(sid, RID_PROTECTED_USERS, users);
	const spn_filter group = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = spk_bytes("group") },
			 in = { .op = SPN_FILTER_EQUAL, .attr = "memberOf", .value = spk_bytes(guess) },
			 date = { .op = SPN_FILTER_EQUAL, .attr = "objectSid", .value = sid },
			 top = { .op = SPN_FILTER_EQUAL, .attr = "objectSid", .value = { users, sid.len } };
	const spn_filter *const nested[] = { &group, &in, NULL };
	const spn_filter both = { .op = SPN_FILTER_AND, .parts = nested };
	const spn_filter *const parts[] = { &date, &top, &both, NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	struct reading reading = { audit->domains, domain, guess, spk_audit_is_local(audit) };
	return spk_audit_domain_search(
			audit, spn_account_dn(account), reading.is_local ? &date : &any, take, &reading, err);
}

static spn_status add_domain(spk_audit_domains *domains, spk_audit_domain **ret_domain, spn_error *err)
{
	spk_audit_domain **grown = realloc(domains->list, (domains->n + 1) * sizeof(*grown));
	if (!grown)
		return spk_nomem(err);
	domains->list = grown;
	*ret_domain = calloc(1, sizeof **ret_domain);
	if (!*ret_domain)
		return spk_nomem(err);
	(*ret_domain)->since = RELEASE_OF_2008;
	grown[domains->n++] = *ret_domain;
	return SPN_OK;
}

spn_status spk_audit_domain_of(
		const spk_audit *audit, const spn_account *account, spk_audit_domain **ret_domain, spn_error *err)
{
	spk_audit_domains *domains = audit->domains;
	char sid[SPK_SID_MAX];
	const spn_bytes *own;
	*ret_domain = NULL;
	if (!spn_entry_values(account->entry, "objectSid", &own))
		return SPN_OK;
	if (domains->last && own[0].len == domains->last_len &&
			memcmp(own[0].data, domains->last_sid, domains->last_len - SPK_RID_SIZE) == 0) {
		*ret_domain = domains->last;
		return SPN_OK;
	}
	if (!spk_sid_with_rid(own[0], RID_READ_ONLY_CONTROLLERS, sid))
		return SPN_OK;
	const spn_bytes key = { sid, own[0].len };
	size_t before = domains->sids.n, i = spk_keys_add(&domains->sids, key);
	if (i == SIZE_MAX)
		return spk_nomem(err);
	if (i < before) {
		domains->last = domains->list[i];
		domains->last_len = key.len;
		memcpy(domains->last_sid, sid, key.len);
		*ret_domain = domains->list[i];
		return SPN_OK;
	}
	spn_status status = add_domain(domains, ret_domain, err);
	return status ? status : read_domain(audit, account, key, *ret_domain, err);
}

int64_t spk_audit_since(const spk_audit_domain *domain)
{
	return domain ? domain->since : RELEASE_OF_2008;
}

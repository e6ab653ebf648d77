/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "propose.h"
#include "account/domain.h"
#include "base/error.h"
#include "check/protected.h"
#include "directory/directory.h"
#include "model/adtypes.h"
#include "model/dn.h"
#include "model/entry.h"

const char *spn_group_outcome_name(spn_group_outcome outcome)
{
	switch (outcome) {
	case SPN_GROUP_ADDED: return "added";
	case SPN_GROUP_ALREADY: return "already";
	case SPN_GROUP_PRIMARY: return "primary";
	case SPN_GROUP_SKIPPED: return "skipped";
	case SPN_GROUP_FAILED: return "failed";
	}
	return "unknown";
}

static const char *const group_attrs[] = { SPK_GROUP_ATTRS, NULL };

/* Groups as entries. */
struct groups {
	spn_entry **list;
	size_t n;
	spk_keys dns;
	bool is_lent; /* the entries are those of another list */
};

static void free_groups(struct groups *groups)
{
	for (size_t i = 0; !groups->is_lent && i < groups->n; i++)
		spn_entry_free(groups->list[i]);
	free(groups->list);
	spk_keys_free(&groups->dns);
}
#define AUTOGROUPS __attribute__((cleanup(free_groups)))

/* Takes over the entry, or lends it. */
static spn_status append(struct groups *groups, spn_entry *entry, spn_error *err)
{
	spn_entry **grown = realloc(groups->list, (groups->n + 1) * sizeof *grown);
	if (!grown) {
		if (!groups->is_lent)
			spn_entry_free(entry);
		return spk_nomem(err);
	}
	groups->list = grown;
	grown[groups->n++] = entry;
	return spk_dns_add(&groups->dns, spn_entry_dn(entry)) == SIZE_MAX ? spk_nomem(err) : SPN_OK;
}

static spn_status collect(const spn_entry *entry, void *data, spn_error *err)
{
	spn_entry *copy = NULL;
	spn_status status = spk_entry_copy(entry, &copy, err);
	return status ? status : append(data, copy, err);
}

static spn_status search_groups(spn_directory *dir, const spn_filter *filter, struct groups *groups, spn_error *err)
{
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = filter, .attrs = group_attrs };
	return spn_directory_search(dir, &search, collect, groups, err);
}

static spn_status find_groups_of(spn_directory *dir, const spn_account *account, struct groups *groups, spn_error *err)
{
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = "member", .value = spk_bytes(spn_account_dn(account)) };
	return search_groups(dir, &filter, groups, err);
}

/* member leaves the primary group out: primaryGroupID is a RID in the account's own domain ([MS-ADTS] 3.1.1.4.5.31).
 * False if it is not known. */
static bool primary_filter(const spn_account *account, spn_filter *ret_filter, char group_sid[SPK_SID_MAX])
{
	const spn_bytes *sid;
	const char *rid = spn_entry_text(account->entry, "primaryGroupID");
	if (!rid || !spn_entry_values(account->entry, "objectSid", &sid) ||
			!spk_sid_with_rid(sid[0], (uint32_t)strtoul(rid, NULL, 10), group_sid))
		return false;
	*ret_filter = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = "objectSid", .value = { group_sid, sid[0].len } };
	return true;
}

static spn_status find_primary(spn_directory *dir, const spn_account *account, struct groups *ret, spn_error *err)
{
	char sid[SPK_SID_MAX];
	spn_filter filter;
	return primary_filter(account, &filter, sid) ? search_groups(dir, &filter, ret, err) : SPN_OK;
}

/* The primary groups of all of some accounts at once; each of lists gets that of its account. */
static spn_status find_primaries(spn_directory *dir, const spn_account *const *accounts, size_t n,
		struct groups *const *lists, spn_error *err)
{
	AUTOGROUPS struct groups all = { 0 };
	SPK_AUTOKEYS spk_keys sids = { 0 };
	SPK_AUTOFREE char (*texts)[SPK_SID_MAX] = calloc(n, sizeof *texts);
	SPK_AUTOFREE spn_filter *filters = calloc(n, sizeof *filters);
	SPK_AUTOFREE const spn_filter **parts = calloc(n + 1, sizeof *parts);
	SPK_AUTOFREE size_t *numbers = calloc(n, sizeof *numbers); /* of the SID of each account */
	if (!texts || !filters || !parts || !numbers)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		size_t n_sids = sids.n;
		numbers[i] = SIZE_MAX;
		if (!primary_filter(accounts[i], &filters[i], texts[i]))
			continue;
		numbers[i] = spk_keys_add(&sids, filters[i].value);
		if (numbers[i] == SIZE_MAX)
			return spk_nomem(err);
		if (numbers[i] == n_sids)
			parts[n_sids] = &filters[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	spn_status status = sids.n ? search_groups(dir, &any, &all, err) : SPN_OK;
	SPK_AUTOFREE const spn_entry **found = calloc(sids.n + 1, sizeof *found);
	if (!status && !found)
		return spk_nomem(err);
	for (size_t i = 0; !status && i < all.n; i++) {
		const spn_bytes *sid;
		size_t number = spn_entry_values(all.list[i], "objectSid", &sid) ? spk_keys_find(&sids, sid[0]) : SIZE_MAX;
		if (number != SIZE_MAX)
			found[number] = all.list[i];
	}
	for (size_t i = 0; !status && i < n; i++)
		if (numbers[i] != SIZE_MAX && found[numbers[i]])
			status = collect(found[numbers[i]], lists[i], err);
	return status;
}

static spn_status contains(const struct groups *groups, const char *dn, bool *ret_contains, spn_error *err)
{
	return spk_dns_contain(&groups->dns, dn, ret_contains) ? SPN_OK : spk_nomem(err);
}

static spn_status hand_on(const spn_entry *entry, spn_group_outcome outcome, const char *text, spn_group_fn *fn,
		void *data, spn_error *err)
{
	if (!fn)
		return SPN_OK;
	SPK_AUTOTEXT spk_text first = { 0 };
	const char *name = spn_entry_text(entry, "sAMAccountName");
	spk_dn_first_value(spn_entry_dn(entry), &first);
	if (first.failed)
		return spk_nomem(err);
	const spn_group group = { .dn = spn_entry_dn(entry), .name = name ? name : first.data, .outcome = outcome,
		.text = text };
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(fn(&group, data, err), before, err);
}

static spn_status append_member(spn_plan *plan, const spn_entry *group, const spn_account *from, const spn_account *to,
		spn_error *err)
{
	SPK_AUTOFREE char *reason = spk_printf("'%s' is a member; so that '%s' may do the same", spk_account_label(from),
			spk_account_label(to));
	if (!reason)
		return spk_nomem(err);
	const char *name = spn_entry_text(group, "sAMAccountName");
	const spn_mod mod = { .op = SPN_MOD_ADD, .attr = "member", .value = spk_bytes(spn_account_dn(to)) };
	const spn_step step = { .dn = spn_entry_dn(group), .account = name ? name : "", .mods = &mod, .n_mods = 1,
		.reason = reason, .flags = SPN_OPTIONAL };
	return spn_plan_append(plan, &step, err);
}

static spn_status propose_one(spn_plan *plan, const spn_entry *group, const spn_account *from, const spn_account *to,
		bool is_member, const spk_protected *all, spn_group_fn *fn, void *data, spn_error *err)
{
	SPK_AUTOTEXT spk_text why = { 0 };
	if (is_member)
		return hand_on(group, SPN_GROUP_ALREADY, "is a member already", fn, data, err);
	spn_status status = spk_protected_why(all, spn_entry_dn(group), &why, err);
	if (!status && why.len)
		return hand_on(group, SPN_GROUP_SKIPPED, why.data, fn, data, err);
	if (!status)
		status = append_member(plan, group, from, to, err);
	return status ? status : hand_on(group, SPN_GROUP_ADDED, "", fn, data, err);
}

/* memberOf may name groups that the search does not find: those of other domains, those that an export left out. */
static spn_status tell_elsewhere(spn_directory *dir, const spn_account *from, const struct groups *found,
		spn_group_fn *fn, void *data, spn_error *err)
{
	const spn_bytes *dns;
	size_t n = spn_entry_values(from->entry, "memberOf", &dns);
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++) {
		SPK_AUTO(spn_entry) *entry = NULL;
		SPK_AUTOTEXT spk_text domain = { 0 };
		bool is_found;
		status = contains(found, dns[i].data, &is_found, err);
		if (status || is_found)
			continue;
		bool elsewhere = spk_account_is_elsewhere(dir, dns[i].data, &domain);
		SPK_AUTOFREE char *text = elsewhere ?
				spk_printf("the group is in the domain '%s': add the member there", domain.data) :
				strdup("the group is not visible here: the export lacks it, or you have no permission "
				       "to read it");
		status = text ? spn_entry_new(dns[i].data, &entry, err) : spk_nomem(err);
		if (!status)
			status = hand_on(entry, SPN_GROUP_FAILED, text, fn, data, err);
	}
	return status;
}

static spn_status propose_found(spn_plan *plan, spn_directory *dir, const spn_account *from, const spn_account *to,
		const struct groups *of_from, struct groups *of_to, const struct groups *primary, const spk_protected *all,
		spn_group_fn *fn, void *data, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < primary->n; i++) {
		bool is_member;
		status = contains(of_to, spn_entry_dn(primary->list[i]), &is_member, err);
		if (!status)
			status = hand_on(primary->list[i], is_member ? SPN_GROUP_ALREADY : SPN_GROUP_PRIMARY,
					"the primary group, which an account has by its primaryGroupID: not copied", fn, data, err);
	}
	for (size_t i = 0; !status && i < of_from->n; i++) {
		bool is_primary, is_member;
		const char *dn = spn_entry_dn(of_from->list[i]);
		size_t n_steps = spn_plan_count(plan);
		status = contains(primary, dn, &is_primary, err);
		if (!status)
			status = contains(of_to, dn, &is_member, err);
		if (!status && !is_primary)
			status = propose_one(plan, of_from->list[i], from, to, is_member, all, fn, data, err);
		/* the next account may be in the same group */
		if (!status && spn_plan_count(plan) > n_steps && spk_dns_add(&of_to->dns, dn) == SIZE_MAX)
			status = spk_nomem(err);
	}
	return status ? status : tell_elsewhere(dir, from, of_from, fn, data, err);
}

/* ---- the groups of many accounts ---- */

/* The groups of all of them, each once, and who of them is in which. */
struct shared {
	struct groups all;
	spk_keys members; /* the DNs of the accounts */
	struct membership {
		size_t account, group;
	} *list;
	size_t n, size;
};

static void free_shared(struct shared *shared)
{
	free_groups(&shared->all);
	spk_keys_free(&shared->members);
	free(shared->list);
}

static spn_status add_membership(struct shared *shared, size_t account, spn_error *err)
{
	if (shared->n == shared->size) {
		size_t size = shared->size * 2 + 64;
		struct membership *grown = realloc(shared->list, size * sizeof *grown);
		if (!grown)
			return spk_nomem(err);
		shared->list = grown;
		shared->size = size;
	}
	shared->list[shared->n++] = (struct membership){ account, shared->all.n };
	return SPN_OK;
}

/* The members of a group are not kept. */
static spn_status collect_shared(const spn_entry *entry, void *data, spn_error *err)
{
	struct shared *shared = data;
	SPK_AUTO(spn_entry) *group = NULL;
	const spn_bytes *values;
	spn_status status = spn_entry_new(spn_entry_dn(entry), &group, err);
	for (size_t a = 0; !status && group_attrs[a]; a++)
		for (size_t i = 0, n = spn_entry_values(entry, group_attrs[a], &values); !status && i < n; i++)
			status = spn_entry_add(group, group_attrs[a], values[i], err);
	for (size_t i = 0, n = spn_entry_values(entry, "member", &values); !status && i < n; i++) {
		SPK_AUTOTEXT spk_text key = { 0 };
		if (!spk_dn_key_or_text(values[i].data, &key))
			return spk_nomem(err);
		size_t account = spk_keys_find(&shared->members, (spn_bytes){ key.data, key.len });
		if (account != SIZE_MAX)
			status = add_membership(shared, account, err);
	}
	if (status)
		return status;
	spn_entry *taken = group;
	group = NULL;
	return append(&shared->all, taken, err);
}

static int compare_memberships(const void *a, const void *b)
{
	const struct membership *one = a, *other = b;
	if (one->account != other->account)
		return one->account < other->account ? -1 : 1;
	return one->group < other->group ? -1 : one->group > other->group;
}

static spn_status find_shared(spn_directory *dir, const spk_accounts *accounts, struct shared *shared, spn_error *err)
{
	static const char *const attrs[] = { SPK_GROUP_ATTRS, "member", NULL };
	SPK_AUTOFREE spn_filter *filters = calloc(accounts->n, sizeof *filters);
	SPK_AUTOFREE const spn_filter **parts = calloc(accounts->n + 1, sizeof *parts);
	if (!filters || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < accounts->n; i++) {
		const char *dn = spn_account_dn(accounts->list[i]);
		if (spk_dns_add(&shared->members, dn) == SIZE_MAX)
			return spk_nomem(err);
		filters[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = "member", .value = spk_bytes(dn) };
		parts[i] = &filters[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = attrs };
	spn_status status = spn_directory_search(dir, &search, collect_shared, shared, err);
	if (!status && shared->n)
		qsort(shared->list, shared->n, sizeof *shared->list, compare_memberships);
	return status;
}

/* In a file, which is gone over for each search, the groups of all accounts are looked for together.  A server finds
 * those of each by an index, and would have to send all members of each group for us to tell whose it is. */
static spn_status find_groups_of_all(spn_directory *dir, const spk_accounts *accounts, struct shared *shared,
		struct groups *lists, spn_error *err)
{
	spn_status status = SPN_OK;
	if (accounts->n == 1 || !spk_directory_is_local(dir)) {
		for (size_t i = 0; !status && i < accounts->n; i++)
			status = spk_directory_onwards(dir, find_groups_of(dir, accounts->list[i], &lists[i], err));
		return status;
	}
	status = find_shared(dir, accounts, shared, err);
	for (size_t i = 0; i < accounts->n; i++)
		lists[i].is_lent = true;
	for (size_t i = 0; !status && i < shared->n; i++) {
		const struct membership *one = &shared->list[i];
		if (i == 0 || compare_memberships(one, one - 1) != 0)
			status = append(&lists[one->account], shared->all.list[one->group], err);
	}
	return status;
}

/* What is found of the accounts that lose names, and last of the one that gains them. */
struct found {
	size_t n;
	struct groups *lists, *primaries;
	struct shared shared;
	spk_protected protected; /* empty if that does not matter */
};

static void free_found(struct found *found)
{
	for (size_t i = 0; found->lists && i < found->n; i++)
		free_groups(&found->lists[i]);
	for (size_t i = 0; found->primaries && i < found->n; i++)
		free_groups(&found->primaries[i]);
	free(found->lists);
	free(found->primaries);
	free_shared(&found->shared);
	spk_protected_free(&found->protected);
}

static spn_status find_all(spn_directory *dir, const spk_accounts *froms, const spn_account *to, struct found *found,
		spn_error *err)
{
	size_t n = froms->n;
	SPK_AUTOFREE const spn_account **accounts = calloc(n + 1, sizeof *accounts);
	SPK_AUTOFREE struct groups **lists = calloc(n + 1, sizeof *lists);
	found->lists = calloc(n + 1, sizeof *found->lists);
	found->primaries = calloc(n + 1, sizeof *found->primaries);
	found->n = n + 1;
	if (!accounts || !lists || !found->lists || !found->primaries)
		return spk_nomem(err);
	for (size_t i = 0; i <= n; i++) {
		accounts[i] = i < n ? froms->list[i] : to;
		lists[i] = i < n ? &found->primaries[i] : &found->lists[n];
	}
	spn_status status = spk_directory_onwards(dir, find_groups_of_all(dir, froms, &found->shared, found->lists, err));
	if (!status)
		status = spk_directory_onwards(dir, find_groups_of(dir, to, &found->lists[n], err));
	return status ? status : find_primaries(dir, accounts, n + 1, lists, err);
}

/* Those that one of the accounts has and the goal lacks. */
static spn_status find_protected(spn_directory *dir, struct found *found, spn_error *err)
{
	const struct groups *of_to = &found->lists[found->n - 1];
	spn_status status = SPN_OK;
	for (size_t i = 0; i + 1 < found->n; i++)
		for (size_t j = 0; !status && j < found->lists[i].n; j++) {
			bool is_member;
			status = contains(of_to, spn_entry_dn(found->lists[i].list[j]), &is_member, err);
			if (!status && !is_member)
				status = spk_protected_add(&found->protected, found->lists[i].list[j], err);
		}
	return status ? status : spk_protected_find(dir, &found->protected, err);
}

spn_status spk_propose_groups_of(spn_plan *plan, spn_directory *dir, const spk_accounts *froms, const spn_account *to,
		unsigned flags, spn_group_fn *fn, void *data, spn_error *err)
{
	__attribute__((cleanup(free_found))) struct found found = { .n = 0 };
	spn_status status = find_all(dir, froms, to, &found, err);
	if (!status && !(flags & SPN_PROTECTED))
		status = find_protected(dir, &found, err);
	for (size_t i = 0; !status && i < froms->n; i++)
		status = propose_found(plan, dir, froms->list[i], to, &found.lists[i], &found.lists[froms->n], &found.primaries[i],
				&found.protected, fn, data, err);
	return status;
}

static spn_status find_target(
		spn_directory *dir, const char *to, const char *from, spn_account **ret_target, spn_error *err)
{
	SPK_AUTOTEXT spk_text domain = { 0 }, own = { 0 };
	spn_status status = spk_account_find_only(dir, to, ret_target, err);
	if (status != SPN_ERR_NOT_FOUND || !spk_account_is_elsewhere(dir, to, &domain) || spk_domain_own(dir, &own, NULL))
		return status;
	spn_fail(err, SPN_ERR_REFUSED, 0,
			"'%s' is in the domain '%s', and '%s' in '%s': groups are copied within one domain, because "
			"most take no members of another; add the member by hand, or copy those of an account of '%s'",
			to, domain.data, from, own.data, domain.data);
	return spk_remedy(err, SPN_ERR_REFUSED, SPN_REMEDY_DOMAIN, domain.data);
}

spn_status spn_propose_membership(spn_plan *plan, spn_directory *dir, const char *from, const char *to, unsigned flags,
		spn_group_fn *group_fn, void *data, spn_error *err)
{
	if (!plan || !dir || !from || !to)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_propose_membership: an argument is NULL");
	SPK_AUTO(spn_account) *source = NULL, *target = NULL;
	size_t before = spn_plan_count(plan);
	spn_status status = spk_flags_check("spn_propose_membership", flags, SPN_PROTECTED, err);
	if (!status)
		status = spk_account_find_only(dir, from, &source, err);
	if (!status)
		status = find_target(dir, to, from, &target, err);
	if (!status && spk_dn_equal(spn_account_dn(source), spn_account_dn(target)))
		status = spn_fail(err, SPN_ERR_INVALID, 0, "'%s' and '%s' are the same account", from, to);
	if (!status)
		status = spk_propose_groups_of(plan, dir, &(spk_accounts){ &source, 1 }, target, flags, group_fn, data, err);
	if (status)
		spk_plan_truncate(plan, before);
	return status;
}

/* A DN is mostly spelled as the directory has it. */
static void look_for_groups(spn_directory *dir, void *data)
{
	const char *account = data;
	SPK_AUTO(spn_account) *found = NULL;
	AUTOGROUPS struct groups groups = { 0 }, primary = { 0 }, by_text = { 0 };
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = "member", .value = spk_bytes(account) };
	if (strchr(account, '='))
		(void)search_groups(dir, &filter, &by_text, NULL);
	if (spn_account_find(dir, account, SPN_WANT_ANY, &found, NULL))
		return;
	(void)find_primary(dir, found, &primary, NULL);
	(void)find_groups_of(dir, found, &groups, NULL);
}

static spn_status find_all_groups(spn_directory *dir, const char *account, struct groups *groups,
		struct groups *primary, spn_error *err)
{
	SPK_AUTO(spn_account) *found = NULL;
	spk_directory_look_ahead(dir, NULL, look_for_groups, (void *)(uintptr_t)account);
	spn_status status = spn_account_find(dir, account, SPN_WANT_ANY, &found, err);
	if (!status)
		status = find_primary(dir, found, primary, err);
	if (!status)
		status = find_groups_of(dir, found, groups, err);
	spk_directory_forget(dir);
	return status;
}

spn_status spn_list_groups(spn_directory *dir, const char *account, spn_group_fn *fn, void *data, spn_error *err)
{
	if (!dir || !account || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_list_groups: an argument is NULL");
	AUTOGROUPS struct groups groups = { 0 }, primary = { 0 };
	spn_status status = find_all_groups(dir, account, &groups, &primary, err);
	for (size_t i = 0; !status && i < primary.n; i++)
		status = hand_on(primary.list[i], SPN_GROUP_PRIMARY, "the primary group", fn, data, err);
	for (size_t i = 0; !status && i < groups.n; i++) {
		bool is_primary;
		status = contains(&primary, spn_entry_dn(groups.list[i]), &is_primary, err);
		if (!status && !is_primary)
			status = hand_on(groups.list[i], SPN_GROUP_ALREADY, "", fn, data, err);
	}
	return status;
}

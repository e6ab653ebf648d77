/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/error.h"
#include "domain.h"
#include "model/adtypes.h"
#include "model/dn.h"
#include "model/entry.h"
#include "propose.h"

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

static const char *const group_attrs[] = { "sAMAccountName", "objectSid", NULL };

/* Groups as entries. */
struct groups {
	spn_entry **list;
	size_t n;
	spk_keys dns;
};

static void free_groups(struct groups *groups)
{
	for (size_t i = 0; i < groups->n; i++)
		spn_entry_free(groups->list[i]);
	free(groups->list);
	spk_keys_free(&groups->dns);
}
#define AUTOGROUPS __attribute__((cleanup(free_groups)))

static spn_status collect(const spn_entry *entry, void *data, spn_error *err)
{
	struct groups *groups = data;
	spn_entry **grown = realloc(groups->list, (groups->n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	groups->list = grown;
	spn_status status = spk_entry_copy(entry, &grown[groups->n], err);
	if (status)
		return status;
	groups->n++;
	return spk_dns_add(&groups->dns, spn_entry_dn(entry)) == SIZE_MAX ? spk_nomem(err) : SPN_OK;
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

/* member leaves the primary group out: primaryGroupID is a RID in the account's own domain ([MS-ADTS] 3.1.1.4.5.31).  False if
 * it is not known. */
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

/* Both at once.  Each list gets its own. */
static spn_status find_primaries(spn_directory *dir, const spn_account *one, const spn_account *other, struct groups *of_one,
		struct groups *of_other, spn_error *err)
{
	AUTOGROUPS struct groups both = { 0 };
	char sids[2][SPK_SID_MAX];
	spn_filter filters[2];
	struct groups *const lists[] = { of_one, of_other };
	bool known[] = { primary_filter(one, &filters[0], sids[0]), primary_filter(other, &filters[1], sids[1]) };
	const spn_filter *parts[3] = { NULL };
	size_t n = 0;
	for (size_t i = 0; i < 2; i++)
		if (known[i])
			parts[n++] = &filters[i];
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	spn_status status = n ? search_groups(dir, &any, &both, err) : SPN_OK;
	for (size_t i = 0; !status && i < 2 * both.n; i++) {
		const spn_entry *group = both.list[i / 2];
		const spn_bytes *sid;
		const spn_bytes *wanted = &filters[i % 2].value;
		if (known[i % 2] && spn_entry_values(group, "objectSid", &sid) && sid[0].len == wanted->len &&
				memcmp(sid[0].data, wanted->data, wanted->len) == 0)
			status = collect(group, lists[i % 2], err);
	}
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
	return fn(&group, data, err);
}

static bool is_protected(const spn_entry *group)
{
	const spn_bytes *sid;
	return spn_entry_values(group, "objectSid", &sid) && spk_sid_is_protected_group(sid[0]);
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
		bool is_member, unsigned flags, spn_group_fn *fn, void *data, spn_error *err)
{
	if (is_member)
		return hand_on(group, SPN_GROUP_ALREADY, "is a member already", fn, data, err);
	if (is_protected(group) && !(flags & SPN_PROTECTED))
		return hand_on(group, SPN_GROUP_SKIPPED, "a protected group: its members lose their inherited rights "
				"(AdminSDHolder); SPN_PROTECTED copies it", fn, data, err);
	spn_status status = append_member(plan, group, from, to, err);
	return status ? status : hand_on(group, SPN_GROUP_ADDED, "", fn, data, err);
}

/* memberOf may name groups that the search does not find: those of other domains, those that an export left out. */
static spn_status tell_elsewhere(spn_directory *dir, const spn_account *from, const struct groups *found, spn_group_fn *fn, void *data,
		spn_error *err)
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
		SPK_AUTOFREE char *text = elsewhere ? spk_printf("the group is in the domain '%s': add the member there", domain.data) :
				strdup("the group is not visible here: the export lacks it, or you have no permission to read it");
		status = text ? spn_entry_new(dns[i].data, &entry, err) : spk_nomem(err);
		if (!status)
			status = hand_on(entry, SPN_GROUP_FAILED, text, fn, data, err);
	}
	return status;
}

spn_status spk_propose_groups_of(spn_plan *plan, spn_directory *dir, const spn_account *from, const spn_account *to,
		unsigned flags, spn_group_fn *fn, void *data, spn_error *err)
{
	AUTOGROUPS struct groups of_from = { 0 }, of_to = { 0 }, primary = { 0 };
	spn_status status = find_groups_of(dir, from, &of_from, err);
	if (!status)
		status = find_groups_of(dir, to, &of_to, err);
	if (!status)
		status = find_primaries(dir, from, to, &primary, &of_to, err);
	for (size_t i = 0; !status && i < primary.n; i++) {
		bool is_member;
		status = contains(&of_to, spn_entry_dn(primary.list[i]), &is_member, err);
		if (!status)
			status = hand_on(primary.list[i], is_member ? SPN_GROUP_ALREADY : SPN_GROUP_PRIMARY,
					"the primary group, which an account has by its primaryGroupID: not copied", fn, data, err);
	}
	for (size_t i = 0; !status && i < of_from.n; i++) {
		bool is_primary, is_member;
		status = contains(&primary, spn_entry_dn(of_from.list[i]), &is_primary, err);
		if (!status)
			status = contains(&of_to, spn_entry_dn(of_from.list[i]), &is_member, err);
		if (!status && !is_primary)
			status = propose_one(plan, of_from.list[i], from, to, is_member, flags, fn, data, err);
	}
	return status ? status : tell_elsewhere(dir, from, &of_from, fn, data, err);
}

static spn_status find_target(spn_directory *dir, const char *to, const char *from, spn_account **ret_target, spn_error *err)
{
	SPK_AUTOTEXT spk_text domain = { 0 }, own = { 0 }, word = { 0 };
	spn_status status = spn_account_find(dir, to, SPN_WANT_ANY, ret_target, err);
	if (status != SPN_ERR_NOT_FOUND || !spk_account_is_elsewhere(dir, to, &domain) || spk_domain_own(dir, &own, NULL))
		return status;
	spk_shell_word(&word, domain.data);
	if (word.failed)
		return spk_nomem(err);
	return spn_fail(err, SPN_ERR_REFUSED, 0, "'%s' is in the domain '%s', and '%s' in '%s': groups are copied within one domain, because "
			"most take no members of another; copy those of an account of '%s' (-T %s), or add the member by hand", to, domain.data,
			from, own.data, domain.data, word.data);
}

spn_status spn_propose_groups(spn_plan *plan, spn_directory *dir, const char *from, const char *to, unsigned flags,
		spn_group_fn *group_fn, void *data, spn_error *err)
{
	if (!plan || !dir || !from || !to)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_propose_groups: an argument is NULL");
	SPK_AUTO(spn_account) *source = NULL, *target = NULL;
	size_t before = spn_plan_count(plan);
	spn_status status = spk_flags_check("spn_propose_groups", flags, SPN_PROTECTED, err);
	if (!status)
		status = spn_account_find(dir, from, SPN_WANT_ANY, &source, err);
	if (!status)
		status = find_target(dir, to, from, &target, err);
	if (!status && spk_dn_equal(spn_account_dn(source), spn_account_dn(target)))
		status = spn_fail(err, SPN_ERR_INVALID, 0, "'%s' and '%s' are the same account", from, to);
	if (!status)
		status = spk_propose_groups_of(plan, dir, source, target, flags, group_fn, data, err);
	if (status)
		spk_plan_truncate(plan, before);
	return status;
}

spn_status spn_list_groups(spn_directory *dir, const char *account, spn_group_fn *fn, void *data, spn_error *err)
{
	if (!dir || !account || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_list_groups: an argument is NULL");
	SPK_AUTO(spn_account) *found = NULL;
	AUTOGROUPS struct groups groups = { 0 }, primary = { 0 };
	spn_status status = spn_account_find(dir, account, SPN_WANT_ANY, &found, err);
	if (!status)
		status = find_primary(dir, found, &primary, err);
	if (!status)
		status = find_groups_of(dir, found, &groups, err);
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

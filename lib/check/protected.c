/* SPDX-License-Identifier: MIT */
#include "protected.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/directory.h"
#include "model/adtypes.h"
#include "model/dn.h"
#include "plan/holders.h"

/* A server is asked level by level; what is nested deeper is not trusted. */
#define LEVELS_MAX 32
#define PROTECTED_USERS_NAME "Protected Users"
#define TOGETHER 100

enum why {
	WHY_NOT,
	WHY_SID,    /* one of those that every domain has */
	WHY_COUNT,  /* adminCount: it is, or was, in one of them */
	WHY_NESTED, /* a member of one that is protected */
	WHY_DEEP    /* nobody has looked */
};

struct spk_protected_group {
	char *dn;
	char *name;
	bool is_read, is_asked;
	enum why why;
	size_t in; /* WHY_NESTED: the protected group */
};

struct spk_nesting {
	size_t member, group;
};

void spk_protected_free(spk_protected *all)
{
	for (size_t i = 0; i < all->dns.n && i < all->size; i++) {
		free(all->list[i].dn);
		free(all->list[i].name);
	}
	free(all->list);
	free(all->nestings);
	spk_keys_free(&all->dns);
}

/* Where a controller creates it; other groups of that name are none. */
static bool is_named_protected_users(const char *dn)
{
	if (!spk_dn_first_value_is(dn, PROTECTED_USERS_NAME)) /* as nearly always */
		return false;
	const char *parent = spk_dn_parent(dn), *domain = spk_dn_domain_part(dn);
	return spk_dn_first_value_is(parent, "Users") && domain && spk_dn_parent(parent) == domain;
}

/* The place of a group, new or not. */
static spn_status place_of(spk_protected *all, const char *dn, size_t *ret_place, spn_error *err)
{
	if (all->dns.n == all->size) {
		size_t size = all->size * 2 + 64;
		struct spk_protected_group *grown = realloc(all->list, size * sizeof *grown);
		if (!grown)
			return spk_nomem(err);
		all->list = grown;
		all->size = size;
	}
	size_t n = all->dns.n, place = spk_dns_add(&all->dns, dn);
	if (place == SIZE_MAX)
		return spk_nomem(err);
	if (place == n) {
		all->list[n] = (struct spk_protected_group){ .dn = strdup(dn) };
		all->list[n].why = all->of_users && is_named_protected_users(dn) ? WHY_SID : WHY_NOT;
		if (!all->list[n].dn)
			return spk_nomem(err);
	}
	*ret_place = place;
	return SPN_OK;
}

static spn_status add_nesting(spk_protected *all, size_t member, size_t group, spn_error *err)
{
	if (all->n_nestings == all->nestings_size) {
		size_t size = all->nestings_size * 2 + 64;
		struct spk_nesting *grown = realloc(all->nestings, size * sizeof *grown);
		if (!grown)
			return spk_nomem(err);
		all->nestings = grown;
		all->nestings_size = size;
	}
	all->nestings[all->n_nestings++] = (struct spk_nesting){ member, group };
	return SPN_OK;
}

/* It has the same RID in every domain ([MS-DTYP] 2.4.2.4), whatever it is called. */
static enum why why_of_users(const spn_entry *group)
{
	enum { PROTECTED_USERS = 525 };
	const spn_bytes *sid;
	uint32_t rid;
	bool has_sid = spn_entry_values(group, "objectSid", &sid) && spk_sid_rid(sid[0], &rid);
	return (has_sid ? rid == PROTECTED_USERS : is_named_protected_users(spn_entry_dn(group))) ? WHY_SID : WHY_NOT;
}

static enum why why_of(const spn_entry *group)
{
	const spn_bytes *sid;
	const char *count = spn_entry_text(group, "adminCount");
	if (spn_entry_values(group, "objectSid", &sid) && spk_sid_is_protected_group(sid[0]))
		return WHY_SID;
	return count && strtoll(count, NULL, 10) > 0 ? WHY_COUNT : WHY_NOT;
}

spn_status spk_protected_add(spk_protected *all, const spn_entry *group, spn_error *err)
{
	const spn_bytes *groups;
	size_t place, of;
	spn_status status = place_of(all, spn_entry_dn(group), &place, err);
	if (status || all->list[place].is_read)
		return status;
	const char *name = spn_entry_text(group, "sAMAccountName");
	all->list[place].name = strdup(name ? name : spn_entry_dn(group));
	if (!all->list[place].name)
		return spk_nomem(err);
	all->list[place].is_read = true;
	all->list[place].why = all->of_users ? why_of_users(group) : why_of(group);
	for (size_t i = 0, n = spn_entry_values(group, "memberOf", &groups); !status && i < n; i++) {
		status = place_of(all, groups[i].data, &of, err);
		if (!status)
			status = add_nesting(all, place, of, err);
	}
	return status;
}

static spn_status take(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_protected_add(data, entry, err);
}

/* The group is in the list by now. */
static spn_status take_members(const spn_entry *entry, void *data, spn_error *err)
{
	spk_protected *all = data;
	const spn_bytes *members;
	size_t group;
	spn_status status = place_of(all, spn_entry_dn(entry), &group, err);
	for (size_t i = 0, n = spn_entry_values(entry, "member", &members); !status && i < n; i++) {
		SPK_AUTOTEXT spk_text key = { 0 };
		if (!spk_dn_key_or_text(members[i].data, &key))
			return spk_nomem(err);
		size_t member = spk_keys_find(&all->dns, (spn_bytes){ key.data, key.len });
		if (member != SIZE_MAX)
			status = add_nesting(all, member, group, err);
	}
	return status;
}

/* All groups of a file, and what they say that they are members of. */
static spn_status read_groups(spn_directory *dir, spk_protected *all, spn_error *err)
{
	static const char *const attrs[] = { SPK_GROUP_ATTRS, NULL };
	const spn_filter groups = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = spk_bytes("group") };
	const spn_filter members = { .op = SPN_FILTER_PRESENT, .attr = "member" };
	const spn_filter *const parts[] = { &groups, &members, NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = attrs };
	return spn_directory_search(dir, &search, take, all, err);
}

/* Goes over the members of all groups: what only one of memberOf and member says counts too. */
static spn_status read_members(spn_directory *dir, spn_entry_fn *fn, spk_protected *all, spn_error *err)
{
	static const char *const attrs[] = { "member", NULL };
	const spn_filter members = { .op = SPN_FILTER_PRESENT, .attr = "member" };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &members, .attrs = attrs };
	return spn_directory_search(dir, &search, fn, all, err);
}

static spn_status find_in_file(spn_directory *dir, spk_protected *all, spn_error *err)
{
	spn_status status = read_groups(dir, all, err);
	return status ? status : read_members(dir, take_members, all, err);
}

/* The groups of some groups, in one search. */
static spn_status ask(spn_directory *dir, spk_protected *all, const size_t *places, size_t n, spn_error *err)
{
	static const char *const attrs[] = { SPK_GROUP_ATTRS, NULL };
	spn_filter equals[TOGETHER];
	const spn_filter *parts[TOGETHER + 1];
	for (size_t i = 0; i < n; i++) {
		equals[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = "member", .value = spk_bytes(all->list[places[i]].dn) };
		parts[i] = &equals[i];
	}
	parts[n] = NULL;
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = attrs };
	return spn_directory_search(dir, &search, take, all, err);
}

/* Those that were read, are in other groups, and have not been asked about; ret_places has room for all. */
static size_t next_level(spk_protected *all, size_t *ret_places)
{
	size_t n = 0;
	for (size_t i = 0; i < all->n_nestings; i++) {
		const struct spk_nesting *nesting = &all->nestings[i];
		struct spk_protected_group *member = &all->list[nesting->member];
		if (member->is_asked || member->why != WHY_NOT || all->list[nesting->group].is_read)
			continue;
		member->is_asked = true;
		ret_places[n++] = nesting->member;
	}
	return n;
}

/* memberOf says whether there is anything to ask: most groups are in no other. */
static spn_status find_on_server(spn_directory *dir, spk_protected *all, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t level = 0; !status; level++) {
		SPK_AUTOFREE size_t *places = calloc(all->dns.n + 1, sizeof *places);
		size_t n = places ? next_level(all, places) : 0;
		if (!places)
			return spk_nomem(err);
		if (n == 0)
			break;
		for (size_t i = 0; level == LEVELS_MAX && i < n; i++)
			all->list[places[i]].why = WHY_DEEP;
		for (size_t i = 0; level < LEVELS_MAX && !status && i < n; i += TOGETHER)
			status = ask(dir, all, places + i, n - i < TOGETHER ? n - i : TOGETHER, err);
	}
	return status;
}

static int compare_nestings(const void *a, const void *b)
{
	const struct spk_nesting *one = a, *other = b;
	return one->group < other->group ? -1 : one->group > other->group;
}

/* From each protected group down to whatever is in it: each nesting is gone over once. */
static spn_status spread(spk_protected *all, spn_error *err)
{
	size_t n = all->dns.n, end = 0;
	SPK_AUTOFREE size_t *starts = calloc(n + 2, sizeof *starts), *queue = calloc(n + 1, sizeof *queue);
	if (!starts || !queue)
		return spk_nomem(err);
	if (all->n_nestings)
		qsort(all->nestings, all->n_nestings, sizeof *all->nestings, compare_nestings);
	for (size_t i = 0; i < all->n_nestings; i++)
		starts[all->nestings[i].group + 1]++;
	for (size_t i = 0; i < n; i++)
		starts[i + 1] += starts[i];
	for (size_t i = 0; i < n; i++)
		if (all->list[i].why != WHY_NOT)
			queue[end++] = i;
	for (size_t at = 0; at < end; at++) {
		const struct spk_protected_group *group = &all->list[queue[at]];
		for (size_t i = starts[queue[at]]; i < starts[queue[at] + 1]; i++) {
			struct spk_protected_group *member = &all->list[all->nestings[i].member];
			if (member->why != WHY_NOT)
				continue;
			member->why = group->why == WHY_DEEP ? WHY_DEEP : WHY_NESTED;
			member->in = group->why == WHY_NESTED ? group->in : queue[at];
			queue[end++] = all->nestings[i].member;
		}
	}
	return SPN_OK;
}

spn_status spk_protected_find(spn_directory *dir, spk_protected *all, spn_error *err)
{
	if (all->dns.n == 0)
		return SPN_OK;
	spn_status status = spk_directory_is_local(dir) ? find_in_file(dir, all, err) : find_on_server(dir, all, err);
	return status ? status : spread(all, err);
}

spn_status spk_protected_why(const spk_protected *all, const char *dn, spk_text *ret_why, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	if (!spk_dn_key_or_text(dn, &key))
		return spk_nomem(err);
	size_t place = spk_keys_find(&all->dns, (spn_bytes){ key.data, key.len });
	const struct spk_protected_group *group = place == SIZE_MAX ? NULL : &all->list[place];
	switch (group ? group->why : WHY_NOT) {
	case WHY_NOT: break;
	case WHY_SID:
		spk_text_add(ret_why, "a protected group: its members lose their inherited rights (AdminSDHolder)");
		break;
	case WHY_COUNT:
		spk_text_add(ret_why, "a protected group, for its adminCount says that it is, or was, in one like Domain Admins");
		break;
	case WHY_NESTED:
		spk_text_add(ret_why,
				"a member of the protected group '%s', directly or through others: who is in it has "
				"the rights of that one",
				all->list[group->in].name);
		break;
	case WHY_DEEP:
		spk_text_add(ret_why,
				"nested in more than %d groups, one in the other: whether one of them is protected is "
				"not known",
				LEVELS_MAX);
		break;
	}
	return ret_why->failed ? spk_nomem(err) : SPN_OK;
}

spn_status spk_protected_users_add(spk_protected *all, const char *dn, spn_error *err)
{
	size_t place;
	spn_status status = place_of(all, dn, &place, err);
	if (!status)
		all->list[place].why = WHY_SID;
	return status;
}

static bool have(const spk_protected *all, const char *dn, bool *ret_failed)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	*ret_failed |= !spk_dn_key_or_text(dn, &key);
	size_t place = key.failed ? SIZE_MAX : spk_keys_find(&all->dns, (spn_bytes){ key.data, key.len });
	return place == SIZE_MAX ? !key.failed && is_named_protected_users(dn) : all->list[place].why != WHY_NOT;
}

bool spk_protected_users_have(const spk_protected *all, const char *dn, bool *ret_failed)
{
	return (!all->is_empty || is_named_protected_users(dn)) && have(all, dn, ret_failed);
}

bool spk_protected_users_may_have(const spk_protected *all, char first)
{
	return !all->is_empty || spk_ascii_lower(first) == spk_ascii_lower(*PROTECTED_USERS_NAME);
}

/* An export may have the members of a group, and not what they are members of. */
static spn_status take_their_members(const spn_entry *entry, void *data, spn_error *err)
{
	spk_protected *all = data;
	const spn_bytes *members;
	bool failed = false;
	spn_status status = SPN_OK;
	if (!spk_protected_users_have(all, spn_entry_dn(entry), &failed))
		return failed ? spk_nomem(err) : SPN_OK;
	for (size_t i = 0, n = spn_entry_values(entry, "member", &members); !status && i < n; i++)
		status = spk_protected_users_add(all, members[i].data, err);
	return status;
}

/* A file without that group is gone over once. */
spn_status spk_protected_users_read(spk_protected *all, spn_directory *const *dirs, size_t n, spn_error *err)
{
	bool any = false;
	spn_status status = SPN_OK;
	all->of_users = true;
	for (size_t i = 0; !status && i < n; i++)
		status = read_groups(dirs[i], all, err);
	for (size_t i = 0; !status && i < all->dns.n; i++)
		any |= all->list[i].why != WHY_NOT;
	all->is_empty = !status && !any;
	for (size_t i = 0; !status && any && i < n; i++)
		status = read_members(dirs[i], take_members, all, err);
	if (!status && any)
		status = spread(all, err);
	for (size_t i = 0; !status && any && i < n; i++)
		status = read_members(dirs[i], take_their_members, all, err);
	return status;
}

/* SPDX-License-Identifier: MIT */
#include "held.h"

#include <stdlib.h>
#include <string.h>

#include "account/proof.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/entry.h"

struct spk_sibling {
	const char *first, *other; /* other: NULL, or one that Windows does not take for the first */
};

static spn_status collect(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

spn_status spk_suspects_search(
		const spk_scope *scope, const spk_suspect *suspects, size_t n, spk_accounts *ret_found, spn_error *err)
{
	static const char *const attrs[] = { SPK_PROOF_ATTRS, NULL };
	SPK_AUTOFREE spn_filter *equals = calloc(n, sizeof *equals);
	SPK_AUTOFREE const spn_filter **parts = calloc(n + 1, sizeof *parts);
	if (!equals || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		equals[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = SPK_SPN, .value = spk_bytes(suspects[i].name) };
		parts[i] = &equals[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	return spk_scope_search(scope, &any, attrs, collect, ret_found, err);
}

/* ---- what the server takes for equal ---- */

static int compare_dns(const void *a, const void *b)
{
	const spn_account *const *one = a, *const *other = b;
	return strcmp(spn_account_dn(*one), spn_account_dn(*other));
}

/* The accounts that hold a name for the server, sorted: one server spells a DN always alike. */
static spn_status ask(const spk_held_names *names, const char *name, spk_accounts *ret_accounts, spn_error *err)
{
	static const char *const attrs[] = { "sAMAccountName", NULL };
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = SPK_SPN, .value = spk_bytes(name) };
	spn_status status = spk_scope_search(names->scope, &filter, attrs, collect, ret_accounts, err);
	if (!status && ret_accounts->n)
		qsort(ret_accounts->list, ret_accounts->n, sizeof *ret_accounts->list, compare_dns);
	return status;
}

static bool is_answer(const spk_accounts *answer, const spn_account *account)
{
	return answer->n && bsearch(&account, answer->list, answer->n, sizeof *answer->list, compare_dns);
}

static bool is_alike(const char *a, const char *b)
{
	return spk_fold_equal(spk_bytes(a), spk_bytes(b), SPK_FOLD_CASE);
}

/* ---- groups ---- */

/* The key of a name, in a text that is used again and again. */
static spn_bytes fold(const spk_held_names *names, spn_bytes name, spk_text *key)
{
	spk_text_clear(key);
	spk_fold_key(name, names->folding, key);
	return (spn_bytes){ key->data, key->len };
}

static spn_status make_groups(spk_held_names *names, const spk_suspect *suspects, size_t n, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	names->groups = calloc(n + 1, sizeof *names->groups);
	if (!names->groups)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		spn_bytes folded = fold(names, spk_bytes(suspects[i].name), &key);
		size_t group = key.failed ? SIZE_MAX : spk_keys_add(&names->keys, folded);
		if (group == SIZE_MAX)
			return spk_nomem(err);
		if (!names->groups[group].suspect)
			names->groups[group].suspect = &suspects[i];
	}
	return SPN_OK;
}

static spn_status know_accounts(spk_held_names *names, spn_error *err)
{
	SPK_AUTOKEYS spk_keys dns = { 0 };
	SPK_AUTOTEXT spk_text key = { 0 };
	size_t n = names->found->n;
	names->same = calloc(n + 1, sizeof *names->same);
	names->marked = calloc(n + 1, sizeof *names->marked);
	names->is_indexed = calloc(n + 1, sizeof *names->is_indexed);
	SPK_AUTOFREE size_t *first = calloc(n + 1, sizeof *first);
	if (!names->same || !names->marked || !names->is_indexed || !first)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		const char *dn = spn_account_dn(names->found->list[i]);
		spk_text_clear(&key);
		bool is_dn = spk_dn_key(dn, &key);
		size_t before = dns.n,
		       number = key.failed ?
				SIZE_MAX :
				spk_keys_add(&dns, is_dn ? (spn_bytes){ key.data, key.len } : spk_bytes(dn));
		if (number == SIZE_MAX)
			return spk_nomem(err);
		if (number == before)
			first[number] = i;
		names->same[i] = first[number];
	}
	return SPN_OK;
}

/* Every name of the accounts that is one of the groups', in the order of the accounts. */
struct met {
	size_t group;
	spk_holding holding;
};

struct met_list {
	struct met *list;
	size_t n, size;
};

static spn_status meet(const spk_held_names *names, struct met_list *met, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	for (size_t a = 0; a < names->found->n; a++) {
		const spn_bytes *values;
		size_t n = spn_account_spns(names->found->list[a], &values);
		for (size_t i = 0; i < n; i++) {
			size_t group = spk_keys_find(&names->keys, fold(names, values[i], &key));
			if (key.failed)
				return spk_nomem(err);
			if (group == SIZE_MAX)
				continue;
			if (met->n == met->size) {
				size_t size = met->size * 2 + 64;
				struct met *grown = realloc(met->list, size * sizeof *grown);
				if (!grown)
					return spk_nomem(err);
				met->list = grown;
				met->size = size;
			}
			met->list[met->n++] = (struct met){ group, { a, values[i].data, spk_has_nul(values[i]) } };
		}
	}
	return SPN_OK;
}

static spk_held *add_held(spk_held_names *names, size_t n)
{
	if (names->n == names->size) {
		size_t size = names->size * 2 + 16;
		spk_held *grown = realloc(names->list, size * sizeof *grown);
		if (!grown)
			return NULL;
		names->list = grown;
		names->size = size;
	}
	spk_held *held = &names->list[names->n];
	*held = (spk_held){ .holders.list = calloc(n, sizeof *held->holders.list),
		.holdings = calloc(n, sizeof *held->holdings) };
	names->n++;
	return held->holders.list && held->holdings ? held : NULL;
}

/* Of some holdings of a group those of accounts that are in the answer (NULL: all), as one held name. */
static spn_status hold(spk_held_names *names, spk_held_group *group, const spk_holding *holdings, size_t n,
		const spk_accounts *answer, spn_error *err)
{
	spk_held *held = add_held(names, n);
	if (!held)
		return spk_nomem(err);
	held->suspect = group->suspect;
	for (size_t i = 0; i < n; i++) {
		spn_account *account = names->found->list[holdings[i].account];
		size_t last = held->holders.n - 1;
		if ((held->holders.n && held->holdings[last].account == holdings[i].account) ||
				(answer && !is_answer(answer, account)))
			continue;
		held->holdings[held->holders.n] = holdings[i];
		held->holders.list[held->holders.n++] = account;
	}
	if (held->holders.n) {
		held->stored = held->holdings[0].stored;
		group->n++;
	} else {
		free(held->holders.list);
		free(held->holdings);
		names->n--;
	}
	return SPN_OK;
}

static bool is_alone(const spk_holding *holdings, size_t n, size_t i)
{
	return (i == 0 || holdings[i - 1].account != holdings[i].account) &&
			(i + 1 == n || holdings[i + 1].account != holdings[i].account);
}

/* Spellings that differ by accents, of a server that may see the difference: it is asked for each that no answer has
 * covered. */
static spn_status divide(
		spk_held_names *names, spk_held_group *group, const spk_holding *holdings, size_t n, spn_error *err)
{
	SPK_AUTOFREE bool *covered = calloc(n, sizeof *covered);
	spn_status status = covered ? SPN_OK : spk_nomem(err);
	bool all = false;
	for (size_t i = 0; !status && !all && i < n; i++) {
		SPK_AUTOACCOUNTS spk_accounts answer = { 0 };
		if (covered[i])
			continue;
		status = ask(names, holdings[i].stored, &answer, err);
		if (!status)
			status = hold(names, group, holdings, n, &answer, err);
		all = true;
		for (size_t j = 0; !status && j < n; j++) {
			bool holds = is_answer(&answer, names->found->list[holdings[j].account]);
			all &= holds;
			covered[j] |= holds && (is_alone(holdings, n, j) || is_alike(holdings[i].stored, holdings[j].stored));
		}
	}
	return status;
}

static spn_status fill_group(
		spk_held_names *names, spk_held_group *group, const spk_holding *holdings, size_t n, spn_error *err)
{
	bool loose = false;
	group->first = names->n;
	for (size_t i = 1; !names->exact && i < n; i++)
		loose |= !is_alike(holdings[0].stored, holdings[i].stored);
	if (n == 0)
		return SPN_OK;
	return loose ? divide(names, group, holdings, n, err) : hold(names, group, holdings, n, NULL, err);
}

static spn_status fill_groups(spk_held_names *names, const struct met_list *met, spn_error *err)
{
	SPK_AUTOFREE size_t *ends = calloc(names->keys.n + 2, sizeof *ends);
	SPK_AUTOFREE spk_holding *sorted = calloc(met->n + 1, sizeof *sorted);
	if (!ends || !sorted)
		return spk_nomem(err);
	for (size_t i = 0; i < met->n; i++)
		ends[met->list[i].group + 1]++;
	for (size_t g = 0; g < names->keys.n; g++)
		ends[g + 1] += ends[g];
	for (size_t i = 0; i < met->n; i++) /* each end moves from where its group begins to where it ends */
		sorted[ends[met->list[i].group]++] = met->list[i].holding;
	spn_status status = SPN_OK;
	for (size_t g = 0, from = 0; !status && g < names->keys.n; from = ends[g++])
		status = fill_group(names, &names->groups[g], sorted + from, ends[g] - from, err);
	return status;
}

spn_status spk_held_find(const spk_scope *scope, const spk_suspect *suspects, size_t n, const spk_accounts *found,
		spk_held_names *ret, spn_error *err)
{
	struct met_list met = { 0 };
	*ret = (spk_held_names){ .scope = scope, .found = found };
	spn_status status = spk_scope_folding(scope, &ret->folding, &ret->exact, err);
	if (!status)
		status = make_groups(ret, suspects, n, err);
	if (!status)
		status = know_accounts(ret, err);
	if (!status)
		status = meet(ret, &met, err);
	if (!status)
		status = fill_groups(ret, &met, err);
	free(met.list);
	return status;
}

void spk_held_free(spk_held_names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		free(names->list[i].holders.list);
		free(names->list[i].holdings);
	}
	free(names->list);
	free(names->groups);
	free(names->same);
	free(names->marked);
	free(names->is_indexed);
	free(names->pairs);
	spk_keys_free(&names->keys);
	spk_keys_free(&names->siblings);
}

/* ---- aliases ---- */

spn_status spk_held_target(
		const spk_held_names *names, const spk_held *alias, const spk_held_group **ret_group, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 }, target = { 0 };
	*ret_group = NULL;
	if (!alias->suspect->target)
		return SPN_OK;
	fold(names, spk_bytes(alias->stored), &key);
	if (key.failed)
		return spk_nomem(err);
	const char *slash = memchr(key.data, '/', key.len);
	if (!slash)
		return SPN_OK;
	spk_text_add(&target, "%s", alias->suspect->target);
	spk_text_add_bytes(&target, slash, key.len - (size_t)(slash - key.data));
	if (target.failed)
		return spk_nomem(err);
	size_t group = spk_keys_find(&names->keys, (spn_bytes){ target.data, target.len });
	if (group != SIZE_MAX && names->groups[group].n)
		*ret_group = &names->groups[group];
	return SPN_OK;
}

spn_status spk_held_means(const spk_held_names *names, const spk_held *alias, const spk_held *target, bool *ret_means,
		spn_error *err)
{
	const char *rest = strchr(alias->stored, '/'), *target_rest = strchr(target->stored, '/');
	*ret_means = names->exact || !rest || !target_rest || is_alike(rest, target_rest);
	if (*ret_means)
		return SPN_OK;
	SPK_AUTOACCOUNTS spk_accounts answer = { 0 };
	SPK_AUTOFREE char *meant = spk_printf("%s%s", alias->suspect->target, rest);
	spn_status status = meant ? ask(names, meant, &answer, err) : spk_nomem(err);
	for (size_t i = 0; !status && !*ret_means && i < target->holders.n; i++)
		*ret_means = is_answer(&answer, target->holders.list[i]);
	return status;
}

/* ---- siblings ---- */

static spn_bytes first_label(spn_bytes host)
{
	const char *dot = memchr(host.data, '.', host.len);
	return (spn_bytes){ host.data, dot ? (size_t)(dot - host.data) : host.len };
}

/* The key of an account's names of one class and host; false if a name is not like that. */
static bool make_sibling_key(size_t account, const char *name, spk_text *key)
{
	spn_name parts;
	spk_text_clear(key);
	if (spn_name_parse(name, &parts, NULL))
		return false;
	spk_text_add_bytes(key, &account, sizeof account);
	spk_fold_key(parts.service_class, SPK_FOLD_WINDOWS, key);
	spk_text_add_char(key, '/');
	spk_fold_key(first_label(parts.host), SPK_FOLD_WINDOWS, key);
	return true;
}

static bool is_same(const char *a, const char *b)
{
	return spk_fold_equal(spk_bytes(a), spk_bytes(b), SPK_FOLD_WINDOWS);
}

static spn_status index_siblings(spk_held_names *names, size_t account, spk_text *key, spn_error *err)
{
	const spn_bytes *values;
	size_t n = spn_account_spns(names->found->list[account], &values);
	for (size_t i = 0; !names->is_indexed[account] && i < n; i++) {
		if (!make_sibling_key(account, values[i].data, key))
			continue;
		size_t number = key->failed ? SIZE_MAX : spk_keys_add(&names->siblings, (spn_bytes){ key->data, key->len });
		if (number == SIZE_MAX)
			return spk_nomem(err);
		if (number >= names->pairs_size) {
			size_t size = 2 * number + 64;
			struct spk_sibling *grown = realloc(names->pairs, size * sizeof *grown);
			if (!grown)
				return spk_nomem(err);
			memset(grown + names->pairs_size, 0, (size - names->pairs_size) * sizeof *grown);
			names->pairs = grown;
			names->pairs_size = size;
		}
		struct spk_sibling *pair = &names->pairs[number];
		if (!pair->first)
			pair->first = values[i].data;
		else if (!pair->other && !is_same(pair->first, values[i].data))
			pair->other = values[i].data;
	}
	names->is_indexed[account] = true;
	return SPN_OK;
}

spn_status spk_held_sibling(spk_held_names *names, const spk_held *held, const spn_account **ret_account,
		const char **ret_name, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	*ret_account = NULL;
	for (size_t i = 0; i < held->holders.n; i++) {
		size_t account = held->holdings[i].account;
		spn_status status = index_siblings(names, account, &key, err);
		if (status)
			return status;
		if (!spn_account_enabled(held->holders.list[i]) || !make_sibling_key(account, held->suspect->name, &key))
			continue;
		size_t number = key.failed ? SIZE_MAX : spk_keys_find(&names->siblings, (spn_bytes){ key.data, key.len });
		if (key.failed)
			return spk_nomem(err);
		const struct spk_sibling *pair = number == SIZE_MAX ? NULL : &names->pairs[number];
		const char *other = !pair ? NULL : is_same(pair->first, held->suspect->name) ? pair->other : pair->first;
		if (other && *ret_account) {
			*ret_account = NULL;
			return SPN_OK;
		}
		if (other) {
			*ret_account = held->holders.list[i];
			*ret_name = other;
		}
	}
	return SPN_OK;
}

/* SPDX-License-Identifier: MIT */
#include "changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"
#include "plan/holders.h"

#define GUID "objectGUID"
/* How many accounts are looked up with one search of a server. */
#define TOGETHER 100

static const char *const attrs[] = { SPK_KIND_ATTRS, SPK_SPN, "userAccountControl", "objectSid", GUID, NULL };

static spn_status keep(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(&((spk_side *)data)->accounts, entry, err);
}

/* ---- where one is not a file: fingerprints of the old state, while the new one goes by ---- */

struct print {
	uint64_t dn, names;
	bool is_known; /* the new state has it, too */
};

struct prints {
	spk_folding folding;
	uint64_t seed;
	struct print *list;
	size_t n, size;
	spk_side *side; /* whose accounts are kept */
	spk_text key;
};

static spn_status print_of(struct prints *prints, const spn_entry *entry, struct print *ret_print, spn_error *err)
{
	const spn_bytes *names;
	size_t n = spn_entry_values(entry, SPK_SPN, &names);
	spk_text_clear(&prints->key);
	if (!spk_dn_key_or_text(spn_entry_dn(entry), &prints->key))
		return spk_nomem(err);
	*ret_print = (struct print){ .dn = spk_hash(prints->key.data, prints->key.len, prints->seed) };
	for (size_t i = 0; i < n; i++)
		ret_print->names += spk_fold_hash(names[i], prints->folding, prints->seed);
	return SPN_OK;
}

static spn_status take_print(const spn_entry *entry, void *data, spn_error *err)
{
	struct prints *prints = data;
	if (prints->n == prints->size) {
		size_t size = prints->size * 2 + 64;
		struct print *grown = realloc(prints->list, size * sizeof *grown);
		if (!grown)
			return spk_nomem(err);
		prints->list = grown;
		prints->size = size;
	}
	spn_status status = print_of(prints, entry, &prints->list[prints->n], err);
	prints->n += !status;
	return status;
}

static int compare_prints(const void *a, const void *b)
{
	const struct print *one = a, *other = b;
	return one->dn != other->dn ? (one->dn > other->dn) - (one->dn < other->dn) :
				      (one->names > other->names) - (one->names < other->names);
}

static spn_status find_print(struct prints *prints, const spn_entry *entry, struct print **ret_print, spn_error *err)
{
	struct print print;
	spn_status status = print_of(prints, entry, &print, err);
	*ret_print = !status && prints->n ? bsearch(&print, prints->list, prints->n, sizeof print, compare_prints) : NULL;
	return status;
}

/* An account of the new state that the old one does not have, or has with other names. */
static spn_status keep_unlike(const spn_entry *entry, void *data, spn_error *err)
{
	struct prints *prints = data;
	struct print *print;
	spn_status status = find_print(prints, entry, &print, err);
	if (status || !print)
		return status ? status : keep(entry, prints->side, err);
	print->is_known = true;
	return SPN_OK;
}

/* Then those of the old state that the new one did not have. */
static spn_status keep_unknown(const spn_entry *entry, void *data, spn_error *err)
{
	struct prints *prints = data;
	struct print *print;
	spn_status status = find_print(prints, entry, &print, err);
	return status || (print && print->is_known) ? status : keep(entry, prints->side, err);
}

static spn_status search_prints(spk_sides *sides, struct prints *prints, spn_error *err)
{
	static const char *const names[] = { SPK_SPN, NULL };
	const spn_filter filter = { .op = SPN_FILTER_PRESENT, .attr = SPK_SPN };
	const spn_search brief = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = names };
	const spn_search whole = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = attrs };
	spn_status status = spn_directory_search(sides->side[SPK_OLD].dir, &brief, take_print, prints, err);
	if (status)
		return status;
	if (prints->n)
		qsort(prints->list, prints->n, sizeof *prints->list, compare_prints);
	prints->side = &sides->side[SPK_NEW];
	status = spn_directory_search(prints->side->dir, &whole, keep_unlike, prints, err);
	prints->side = &sides->side[SPK_OLD];
	return status ? status : spn_directory_search(prints->side->dir, &whole, keep_unknown, prints, err);
}

/* Of whole states only what may differ is there, in few accounts, and one may have another sAMAccountName alone. */
static spn_status keep_all(spk_sides *sides, spn_error *err)
{
	const spn_filter filter = { .op = SPN_FILTER_PRESENT, .attr = SPK_SPN };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = attrs };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < SPK_SIDES; i++)
		status = spn_directory_search(sides->side[i].dir, &search, keep, &sides->side[i], err);
	return status;
}

static spn_status find_unlike(spk_sides *sides, spn_error *err)
{
	if (sides->is_whole)
		return keep_all(sides, err);
	spn_directory *const dirs[] = { sides->side[SPK_OLD].dir, sides->side[SPK_NEW].dir };
	void *const data[] = { &sides->side[SPK_OLD], &sides->side[SPK_NEW] };
	bool is_known = false;
	spn_status status = spk_directory_search_unlike(dirs, attrs, keep, data, &is_known, err);
	if (status || is_known)
		return status;
	struct prints prints = { .folding = sides->folding, .seed = spk_hash_seed() };
	status = search_prints(sides, &prints, err);
	spk_text_free(&prints.key);
	free(prints.list);
	return status;
}

/* ---- which of the one is which of the other ---- */

/* Appends what identifies an account, if it has that; false if memory ran out. */
typedef bool key_fn(const spn_account *account, spk_text *key);

static bool value_key(const spn_account *account, const char *attr, spk_text *key)
{
	const spn_bytes *values;
	if (!spn_entry_values(account->entry, attr, &values))
		return true;
	spk_text_add_bytes(key, values[0].data, values[0].len);
	return !key->failed;
}

static bool guid_key(const spn_account *account, spk_text *key)
{
	return value_key(account, GUID, key);
}

static bool sid_key(const spn_account *account, spk_text *key)
{
	return value_key(account, "objectSid", key);
}

static bool dn_key(const spn_account *account, spk_text *key)
{
	return spk_dn_key_or_text(spn_account_dn(account), key);
}

static bool name_key(const spn_account *account, spk_text *key)
{
	const char *name = spn_account_name(account);
	if (*name)
		spk_fold_key(spk_bytes(name), SPK_FOLD_CASE, key);
	return !key->failed;
}

/* False if both have the attribute, with different values. */
static bool agree(const spn_account *a, const spn_account *b, const char *attr)
{
	const spn_bytes *one, *other;
	return !spn_entry_values(a->entry, attr, &one) || !spn_entry_values(b->entry, attr, &other) ||
			spk_bytes_equal(one[0], other[0]);
}

/* A DN or a name may have been given to another account since. */
static bool may_be_same(const spn_account *a, const spn_account *b)
{
	return agree(a, b, GUID) && agree(a, b, "objectSid");
}

/* The key of an account that has no partner yet; empty if it has none of these keys, or has one. */
static spn_status key_of_single(const spk_side *side, size_t i, key_fn *key_of, spk_text *ret_key, spn_error *err)
{
	spk_text_clear(ret_key);
	return side->partners[i] != SPK_NOBODY || key_of(side->accounts.list[i], ret_key) ? SPN_OK : spk_nomem(err);
}

static spn_status match(spk_sides *sides, key_fn *key_of, spn_error *err)
{
	spk_side *old = &sides->side[SPK_OLD], *now = &sides->side[SPK_NEW];
	SPK_AUTOKEYS spk_keys keys = { 0 };
	SPK_AUTOTEXT spk_text key = { 0 };
	SPK_AUTOFREE size_t *numbers = calloc(now->accounts.n + 1, sizeof *numbers);
	spn_status status = numbers ? SPN_OK : spk_nomem(err);
	for (size_t i = 0; !status && i < now->accounts.n; i++) {
		status = key_of_single(now, i, key_of, &key, err);
		if (status || !key.len)
			continue;
		size_t n = keys.n, at = spk_keys_add(&keys, (spn_bytes){ key.data, key.len });
		if (at == SIZE_MAX)
			return spk_nomem(err);
		if (at == n)
			numbers[at] = i;
	}
	for (size_t i = 0; !status && i < old->accounts.n; i++) {
		status = key_of_single(old, i, key_of, &key, err);
		size_t at = status || !key.len ? SIZE_MAX : spk_keys_find(&keys, (spn_bytes){ key.data, key.len });
		if (at == SIZE_MAX || now->partners[numbers[at]] != SPK_NOBODY ||
				!may_be_same(old->accounts.list[i], now->accounts.list[numbers[at]]))
			continue;
		old->partners[i] = numbers[at];
		now->partners[numbers[at]] = i;
	}
	return status;
}

static spn_status match_all(spk_sides *sides, spn_error *err)
{
	static key_fn *const keys[] = { guid_key, dn_key, sid_key, name_key };
	for (size_t i = 0; i < SPK_SIDES; i++) {
		spk_side *side = &sides->side[i];
		free(side->partners);
		side->partners = malloc((side->accounts.n + 1) * sizeof *side->partners);
		if (!side->partners)
			return spk_nomem(err);
		for (size_t j = 0; j < side->accounts.n; j++)
			side->partners[j] = SPK_NOBODY;
	}
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < sizeof keys / sizeof *keys; i++)
		status = match(sides, keys[i], err);
	return status;
}

/* ---- accounts that hold no names on the other side ---- */

/* An account with names is listed already, unless it is the same on both sides. */
static spn_status keep_nameless(const spn_entry *entry, void *data, spn_error *err)
{
	return spn_entry_values(entry, SPK_SPN, NULL) > 0 ? SPN_OK : keep(entry, data, err);
}

static spn_status look_up_dn(spk_side *other, const char *dn, spn_error *err)
{
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	spn_error why = { .status = SPN_OK };
	spn_status status = spn_directory_search(other->dir, &search, keep_nameless, other, &why);
	if (!status || status == SPN_ERR_NOT_FOUND)
		return SPN_OK;
	return spk_fail_as(err, status, &why, "%s", why.message);
}

/* Of a file, DNs are looked up one by one; of a server, all with one search. */
static spn_status look_up_some(spk_side *other, const spn_account *const *accounts, size_t n, spn_error *err)
{
	enum { PARTS = 2 };
	spn_filter equals[TOGETHER * PARTS];
	const spn_filter *parts[TOGETHER * PARTS + 1];
	bool is_local = spk_directory_is_local(other->dir);
	size_t n_parts = 0;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++) {
		const char *name = spn_account_name(accounts[i]), *dn = spn_account_dn(accounts[i]);
		if (is_local)
			status = look_up_dn(other, dn, err);
		else
			equals[n_parts++] = (spn_filter){
				.op = SPN_FILTER_EQUAL, .attr = "distinguishedName", .value = spk_bytes(dn)
			};
		if (*name)
			equals[n_parts++] = (spn_filter){
				.op = SPN_FILTER_EQUAL, .attr = "sAMAccountName", .value = spk_bytes(name)
			};
	}
	for (size_t i = 0; i < n_parts; i++)
		parts[i] = &equals[i];
	parts[n_parts] = NULL;
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = attrs };
	return status || n_parts == 0 ? status : spn_directory_search(other->dir, &search, keep_nameless, other, err);
}

/* Adds to each side the accounts without names that have names on the other one.  Some may be added twice, which does
 * no harm. */
static spn_status look_up_partners(spk_sides *sides, bool *ret_more, spn_error *err)
{
	size_t before[SPK_SIDES] = { sides->side[SPK_OLD].accounts.n, sides->side[SPK_NEW].accounts.n };
	*ret_more = false;
	for (size_t i = 0; i < SPK_SIDES; i++) {
		const spk_side *side = &sides->side[i];
		spk_side *other = &sides->side[!i];
		const spn_account *some[TOGETHER];
		size_t n = 0;
		for (size_t j = 0; j < before[i]; j++) {
			if (side->partners[j] == SPK_NOBODY)
				some[n++] = side->accounts.list[j];
			if (n < TOGETHER && j + 1 < before[i])
				continue;
			spn_status status = n ? look_up_some(other, some, n, err) : SPN_OK;
			if (status)
				return status;
			n = 0;
		}
		*ret_more |= other->accounts.n > before[!i];
	}
	return SPN_OK;
}

/* ---- what they are called ---- */

static bool put_pair(spk_text *pair, const char *old, const char *now)
{
	spk_text_clear(pair);
	bool ok = spk_dn_key_or_text(old, pair);
	spk_text_add_char(pair, '\0');
	return ok && spk_dn_key_or_text(now, pair) && !pair->failed;
}

static spn_status list_renamed(spk_sides *sides, spn_error *err)
{
	const spk_side *old = &sides->side[SPK_OLD], *now = &sides->side[SPK_NEW];
	SPK_AUTOTEXT spk_text pair = { 0 };
	for (size_t i = 0; i < old->accounts.n; i++) {
		if (old->partners[i] == SPK_NOBODY) {
			if (spk_dns_add(&sides->apart, spn_account_dn(old->accounts.list[i])) == SIZE_MAX)
				return spk_nomem(err);
			continue;
		}
		if (!put_pair(&pair, spn_account_dn(old->accounts.list[i]),
				    spn_account_dn(now->accounts.list[old->partners[i]])) ||
				spk_keys_add(&sides->renamed, (spn_bytes){ pair.data, pair.len }) == SIZE_MAX)
			return spk_nomem(err);
	}
	return SPN_OK;
}

bool spk_sides_same(const spk_sides *sides, const spn_account_ref *old, const spn_account_ref *now)
{
	SPK_AUTOTEXT spk_text pair = { 0 };
	bool is_apart = false;
	if (!put_pair(&pair, old->dn, now->dn) || !spk_dns_contain(&sides->apart, old->dn, &is_apart)) {
		*sides->lost = true;
		return false;
	}
	/* else it is none of those that may differ */
	return spk_keys_find(&sides->renamed, (spn_bytes){ pair.data, pair.len }) != SIZE_MAX ||
			(!is_apart && spk_dn_equal(old->dn, now->dn));
}

spn_status spk_sides_read(spk_sides *sides, spn_error *err)
{
	bool has_more = false;
	spn_status status = spk_directory_folding(sides->side[SPK_NEW].dir, &sides->folding, err);
	if (!status)
		status = find_unlike(sides, err);
	if (!status)
		status = match_all(sides, err);
	if (!status)
		status = look_up_partners(sides, &has_more, err);
	if (!status && has_more)
		status = match_all(sides, err);
	for (size_t i = 0; !status && i < SPK_SIDES; i++)
		status = spk_sides_mark_unseen(sides, i, err);
	return status ? status : list_renamed(sides, err);
}

void spk_sides_free(spk_sides *sides)
{
	for (size_t i = 0; i < SPK_SIDES; i++) {
		spk_accounts_free(&sides->side[i].accounts);
		free(sides->side[i].partners);
		free(sides->side[i].unseen);
	}
	spk_keys_free(&sides->renamed);
	spk_keys_free(&sides->apart);
}

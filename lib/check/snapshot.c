/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include <stdlib.h>

#include "account/account.h"
#include "account/creator.h"
#include "base/error.h"
#include "base/hash.h"
#include "delegation.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/ldif/ldif.h"

#define GUID "objectGUID"
/* Any will do: they are compared with each other only, and nobody gains by choosing names that meet. */
#define SEED 0x5e71f00d

#define ATTRS \
	SPK_KIND_ATTRS, "cn", "dNSHostName", SPK_SPN, "userAccountControl", "userPrincipalName", "objectSid", \
			"primaryGroupID", "operatingSystem", "msDS-AdditionalDnsHostName", \
			"msDS-AdditionalSamAccountName", "msDS-SupportedEncryptionTypes", "operatingSystemVersion", \
			SPK_DELEGATES_TO, SPK_KRBTGT_NUMBER, SPK_CREATOR

const char *const spk_snapshot_attrs[] = { ATTRS, GUID, NULL };
const char *const spk_snapshot_watched[] = { ATTRS, "name", "isDeleted", NULL };

/* ---- one account ---- */

static bool put_key(const spn_entry *entry, spk_text *key)
{
	const spn_bytes *values;
	bool has_guid = spn_entry_values(entry, GUID, &values) > 0;
	spk_text_add_char(key, has_guid ? 'g' : 'd');
	if (has_guid)
		spk_text_add_bytes(key, values[0].data, values[0].len);
	return !key->failed && (has_guid || spk_dn_key_or_text(spn_entry_dn(entry), key));
}

/* Names that are not all here, as in an export, are written as the part that they are. */
static void put_entry(const spn_entry *entry, spk_text *text)
{
	const spn_bytes *values;
	size_t n;
	char part[64];
	bool is_part = spk_entry_lacks_names(entry);
	spk_ldif_put(text, "dn", spk_bytes(spn_entry_dn(entry)));
	for (size_t i = 0; i < spn_entry_count(entry); i++) {
		const char *attr = spn_entry_attribute(entry, i, &values, &n);
		snprintf(part, sizeof part, SPK_SPN ";range=0-%zu", n - 1);
		bool is_put_as_part = is_part && spk_ascii_equal(attr, SPK_SPN);
		for (size_t j = 0; j < n; j++)
			if (is_put_as_part)
				spk_ldif_put_unfolded(text, spk_bytes(part), values[j], spk_is_printable(values[j]));
			else
				spk_ldif_put(text, attr, values[j]);
	}
	spk_text_add_char(text, '\n');
}

/* The first label of the host in a name; all of what has no slash.  A computer is called like its host, and a $. */
static uint64_t hint_of(const spk_text *folded)
{
	const char *slash = memchr(folded->data, '/', folded->len);
	const char *host = slash ? slash + 1 : folded->data;
	size_t len = 0, left = folded->len - (size_t)(host - folded->data);
	while (len < left && !strchr(".:/@$", host[len]))
		len++;
	return spk_hash(host, len, SEED);
}

static bool add_hints(const spn_entry *entry, const char *attr, bool is_host, spk_folding folding, spk_text *hints)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, attr, &values);
	for (size_t i = 0; i < n; i++) {
		spk_text_clear(&key);
		if (is_host)
			spk_text_add_char(&key, '/');
		else
			spk_text_add_bytes(&key, "", 0);
		spk_fold_key(values[i], folding, &key);
		uint64_t hint = key.failed ? 0 : hint_of(&key);
		spk_text_add_bytes(hints, &hint, sizeof hint);
		hints->failed |= key.failed;
	}
	return !hints->failed;
}

/* The hosts of a machine, whose names others must not hold; and the names that an account may delegate to. */
static bool add_reach(const spn_entry *entry, spk_folding folding, spk_text *hints, bool *ret_reaches)
{
	static const char *const hosts[] = { "dNSHostName", "msDS-AdditionalDnsHostName", "msDS-AdditionalSamAccountName" };
	size_t before = hints->len;
	bool ok = add_hints(entry, SPK_DELEGATES_TO, false, folding, hints);
	for (size_t i = 0; ok && i < sizeof hosts / sizeof *hosts; i++)
		ok = add_hints(entry, hosts[i], true, folding, hints);
	*ret_reaches = hints->len > before;
	return ok;
}

spn_status spk_record_new(const spn_entry *entry, spn_dialect dialect, spk_record **ret_record, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	SPK_AUTOTEXT spk_text text = { 0 };
	SPK_AUTOTEXT spk_text hints = { 0 };
	bool reaches = false;
	spk_folding folding = dialect == SPN_DIALECT_SAMBA ? SPK_FOLD_SAMBA : SPK_FOLD_WINDOWS;
	put_entry(entry, &text);
	if (!put_key(entry, &key) || text.failed || !add_hints(entry, SPK_SPN, false, folding, &hints) ||
			!add_hints(entry, "userPrincipalName", false, folding, &hints) ||
			!add_hints(entry, "cn", true, folding, &hints) ||
			!add_hints(entry, "sAMAccountName", true, folding, &hints) || !add_reach(entry, folding, &hints, &reaches))
		return spk_nomem(err);
	spk_record *record = malloc(sizeof *record + key.len + text.len);
	uint64_t *own = malloc(hints.len + 1);
	if (!record || !own) {
		free(record);
		free(own);
		return spk_nomem(err);
	}
	*record = (spk_record){ key.len, text.len, hints.len / sizeof *own, reaches, own };
	memcpy(record->bytes, key.data, key.len);
	memcpy(record->bytes + key.len, text.data, text.len);
	if (hints.len)
		memcpy(own, hints.data, hints.len);
	*ret_record = record;
	return SPN_OK;
}

static void free_record(spk_record *record)
{
	if (record)
		free(record->hints);
	free(record);
}

/* ---- all of them ---- */

spn_status spk_snapshot_add(spk_snapshot *snapshot, spk_record *record, spn_error *err)
{
	if (snapshot->n == snapshot->size) {
		size_t size = snapshot->size * 2 + 64;
		spk_record **grown = realloc(snapshot->list, size * sizeof(spk_record *));
		if (!grown) {
			free_record(record);
			return spk_nomem(err);
		}
		snapshot->list = grown;
		snapshot->size = size;
	}
	snapshot->list[snapshot->n++] = record;
	return SPN_OK;
}

static int compare_bytes(spn_bytes a, spn_bytes b)
{
	int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_keys(const void *a, const void *b)
{
	return compare_bytes(spk_record_key(*(spk_record *const *)a), spk_record_key(*(spk_record *const *)b));
}

/* One that was read twice, because it moved meanwhile, is the same account. */
void spk_snapshot_sort(spk_snapshot *snapshot)
{
	if (snapshot->n)
		qsort(snapshot->list, snapshot->n, sizeof *snapshot->list, compare_keys);
	size_t n = 0;
	for (size_t i = 0; i < snapshot->n; i++) {
		if (n && compare_keys(&snapshot->list[n - 1], &snapshot->list[i]) == 0)
			free_record(snapshot->list[--n]);
		snapshot->list[n++] = snapshot->list[i];
	}
	snapshot->n = n;
}

/* Goes through two of them side by side: either is NULL where the other one is alone. */
struct pair {
	spk_record **a, **b;
};

static bool next_pair(const spk_snapshot *a, const spk_snapshot *b, size_t *i, size_t *j, struct pair *ret_pair)
{
	bool has_a = *i < a->n, has_b = *j < b->n;
	int order = has_a && has_b ? compare_keys(&a->list[*i], &b->list[*j]) : has_a ? -1 : 1;
	*ret_pair = (struct pair){ has_a && order <= 0 ? &a->list[*i] : NULL,
		has_b && order >= 0 ? &b->list[*j] : NULL };
	*i += ret_pair->a != NULL;
	*j += ret_pair->b != NULL;
	return ret_pair->a || ret_pair->b;
}

static bool is_equal(const struct pair *pair)
{
	return pair->a && pair->b &&
			(*pair->a == *pair->b || spk_bytes_equal(spk_record_text(*pair->a), spk_record_text(*pair->b)));
}

void spk_snapshot_share(spk_snapshot *snapshot, const spk_snapshot *with)
{
	struct pair pair;
	for (size_t i = 0, j = 0; next_pair(snapshot, with, &i, &j, &pair);)
		if (is_equal(&pair) && *pair.a != *pair.b) {
			free_record(*pair.a);
			*pair.a = *pair.b;
		}
}

void spk_snapshot_free(spk_snapshot *snapshot, const spk_snapshot *shared_with)
{
	const spk_snapshot none = { .n = 0 };
	struct pair pair;
	for (size_t i = 0, j = 0; next_pair(snapshot, shared_with ? shared_with : &none, &i, &j, &pair);)
		if (pair.a && !(pair.b && *pair.a == *pair.b))
			free_record(*pair.a);
	free(snapshot->list);
	free(snapshot->domain);
	spk_text_free(&snapshot->settings);
	spk_text_free(&snapshot->cookie);
	*snapshot = (spk_snapshot){ .n = 0 };
}

bool spk_snapshot_differs(const spk_snapshot *a, const spk_snapshot *b)
{
	struct pair pair;
	for (size_t i = 0, j = 0; next_pair(a, b, &i, &j, &pair);)
		if (!is_equal(&pair))
			return true;
	return !spk_bytes_equal((spn_bytes){ a->settings.data, a->settings.len },
			(spn_bytes){ b->settings.data, b->settings.len });
}

/* ---- directories ---- */

/* The hints of what differs. */
struct hints {
	uint64_t *list;
	size_t n;
};

static int compare_hints(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
	return (one > other) - (one < other);
}

static spn_status list_hints(const spk_snapshot *old, const spk_snapshot *now, spk_text *list, spn_error *err)
{
	struct pair pair;
	for (size_t i = 0, j = 0; next_pair(old, now, &i, &j, &pair);) {
		if (is_equal(&pair))
			continue;
		for (int k = 0; k < 2; k++) {
			const spk_record *const *record = (const spk_record *const *)(k ? pair.b : pair.a);
			if (record)
				spk_text_add_bytes(list, (*record)->hints, (*record)->n_hints * sizeof(uint64_t));
		}
	}
	return list->failed ? spk_nomem(err) : SPN_OK;
}

static bool concerns(const spk_record *record, const struct hints *hints)
{
	for (size_t i = 0; i < record->n_hints; i++)
		if (hints->n && bsearch(&record->hints[i], hints->list, hints->n, sizeof *hints->list, compare_hints))
			return true;
	return false;
}

static void sort_hints(const spk_text *list, struct hints *ret_hints)
{
	*ret_hints = (struct hints){ (uint64_t *)(void *)list->data, list->len / sizeof(uint64_t) };
	if (ret_hints->n)
		qsort(ret_hints->list, ret_hints->n, sizeof *ret_hints->list, compare_hints);
}

/* What is judged of a machine, or of who delegates, is judged of all of its names: so whoever holds those is there. */
static void add_reached(const spk_snapshot *snapshot, const struct hints *hints, spk_text *reached)
{
	for (size_t i = 0; i < snapshot->n; i++) {
		const spk_record *record = snapshot->list[i];
		if (record->reaches && concerns(record, hints))
			spk_text_add_bytes(reached, (const char *)record->hints, record->n_hints * sizeof *record->hints);
	}
}

static spn_status find_hints(const spk_snapshot *old, const spk_snapshot *now, spk_text *list, struct hints *ret_hints,
		spn_error *err)
{
	SPK_AUTOTEXT spk_text reached = { 0 };
	spn_status status = list_hints(old, now, list, err);
	sort_hints(list, ret_hints);
	for (size_t i = 0; !status && i < 2; i++)
		add_reached(i ? now : old, ret_hints, &reached);
	spk_text_add_bytes(list, reached.data ? reached.data : "", reached.len);
	list->failed |= reached.failed;
	sort_hints(list, ret_hints);
	return status || !list->failed ? status : spk_nomem(err);
}

spn_status spk_snapshot_related(const spk_snapshot *old, const spk_snapshot *now, spk_text *ret_guids, spn_error *err)
{
	SPK_AUTOTEXT spk_text list = { 0 };
	struct hints hints;
	struct pair pair;
	spn_status status = find_hints(old, now, &list, &hints, err);
	for (size_t i = 0, j = 0; !status && next_pair(old, now, &i, &j, &pair);) {
		if (!is_equal(&pair) || !concerns(*pair.b, &hints))
			continue;
		const spn_bytes key = spk_record_key(*pair.b);
		if (key.len == 1 + SPK_SNAPSHOT_GUID_SIZE)
			spk_text_add_bytes(ret_guids, key.data + 1, SPK_SNAPSHOT_GUID_SIZE);
	}
	return status || !ret_guids->failed ? status : spk_nomem(err);
}

static void put_records(const spk_snapshot *own, const spk_snapshot *other, const struct hints *hints, spk_text *text)
{
	struct pair pair;
	for (size_t i = 0, j = 0; next_pair(own, other, &i, &j, &pair);) {
		bool is_put = !hints || !is_equal(&pair) || concerns(*pair.a, hints);
		if (pair.a && is_put)
			spk_text_add_bytes(text, spk_record_text(*pair.a).data, (*pair.a)->len);
	}
}

void spk_snapshot_put_head(const spk_snapshot *snapshot, spk_text *text)
{
	spk_ldif_put(text, "dn", spk_bytes(snapshot->domain));
	spk_text_add(text, "objectClass: domainDNS\n\n");
	if (snapshot->settings.len)
		spk_text_add_bytes(text, snapshot->settings.data, snapshot->settings.len);
}

static spn_status open_text(const spk_snapshot *shown, const spk_snapshot *beside, const struct hints *hints,
		spn_directory **ret_dir, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_snapshot_put_head(shown, &text);
	put_records(shown, beside, hints, &text);
	return text.failed ? spk_nomem(err) :
			     spk_text_open("the names of the domain", (spn_bytes){ text.data, text.len }, shown->dialect,
					     shown->domain, ret_dir, err);
}

spn_status spk_snapshot_open(const spk_snapshot *old, const spk_snapshot *now, spn_directory **ret_old,
		spn_directory **ret_now, spn_error *err)
{
	SPK_AUTOTEXT spk_text list = { 0 };
	const spk_snapshot none = { .n = 0 };
	bool is_part = old && old->is_whole && now->is_whole;
	struct hints hints = { .n = 0 };
	spn_status status = is_part ? find_hints(old, now, &list, &hints, err) : SPN_OK;
	if (!status)
		status = open_text(now, old ? old : &none, is_part ? &hints : NULL, ret_now, err);
	if (!status && old)
		status = open_text(old, now, is_part ? &hints : NULL, ret_old, err);
	if (!status && now->is_whole)
		spk_directory_set_whole(*ret_now);
	if (!status && old && old->is_whole)
		spk_directory_set_whole(*ret_old);
	if (!status && now->is_chosen) {
		spk_directory_choose(*ret_now);
		if (old)
			spk_directory_choose(*ret_old);
	}
	if (status)
		*ret_now = spn_directory_free(*ret_now);
	return status;
}

/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include <stdlib.h>

#include "account/account.h"
#include "account/repair.h"
#include "base/cleanup.h"
#include "delegation.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/ldif/ldif.h"
#include "model/mapping.h"

#define GUID_SIZE SPK_SNAPSHOT_GUID_SIZE
/* So many are looked up with one search. */
#define TOGETHER 100
/* Of more changes than these and half of the accounts, all of them are read. */
#define FEW 1000
/* All of a domain is read this often: who may not read deleted objects does not hear that an account was deleted, and
 * nobody that the mappings have changed. */
#define SECONDS_BETWEEN_ALL 900

static spn_status take_account(const spn_entry *entry, void *data, spn_error *err)
{
	spk_snapshot *snapshot = data;
	spk_record *record = NULL;
	spn_status status = spk_record_new(entry, snapshot->dialect, &record, err);
	return status ? status : spk_snapshot_add(snapshot, record, err);
}

static spn_status take_settings(const spn_entry *entry, void *data, spn_error *err)
{
	spk_text *settings = data;
	const spn_bytes *values;
	size_t n;
	spk_text_clear(settings);
	spk_ldif_put(settings, "dn", spk_bytes(spn_entry_dn(entry)));
	for (size_t i = 0; i < spn_entry_count(entry); i++) {
		const char *attr = spn_entry_attribute(entry, i, &values, &n);
		for (size_t j = 0; j < n; j++)
			spk_ldif_put(settings, attr, values[j]);
	}
	spk_text_add_char(settings, '\n');
	return settings->failed ? spk_nomem(err) : SPN_OK;
}

static spn_status read_settings(spn_directory *dir, spk_snapshot *snapshot, spn_error *err)
{
	static const char *const attrs[] = { "sPNMappings", "dSHeuristics", NULL };
	const char *configuration = NULL;
	spn_status status = spk_directory_context(dir, "configurationNamingContext", &configuration, err);
	if (status || !configuration)
		return status;
	SPK_AUTOFREE char *dn = spk_printf(SPK_MAPPING_RDNS ",%s", configuration);
	if (!dn)
		return spk_nomem(err);
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	spn_error why = { .status = SPN_OK };
	status = spn_directory_search(dir, &search, take_settings, &snapshot->settings, &why);
	return status && status != SPN_ERR_NOT_FOUND ? spk_fail_as(err, status, &why, "%s", why.message) : SPN_OK;
}

/* Those without names matter to Samba, which finds a computer by its cn; as what is found by its userPrincipalName;
 * and as who may act as others towards those with names. */
static const spn_filter named = { .op = SPN_FILTER_PRESENT, .attr = SPK_SPN };
static const spn_filter by_upn = { .op = SPN_FILTER_GLOB, .attr = "userPrincipalName", .value = { "*/*", 3 } };
static const spn_filter computer = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = { "computer", 8 } };
static const spn_filter delegating = { .op = SPN_FILTER_PRESENT, .attr = SPK_DELEGATES_TO };
static const spn_filter *const wanted_parts[] = { &named, &by_upn, &computer, &delegating, NULL };
static const spn_filter wanted = { .op = SPN_FILTER_OR, .parts = wanted_parts };

static spn_status read_accounts(spn_directory *dir, spk_snapshot *snapshot, spn_error *err)
{
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &wanted, .attrs = spk_snapshot_attrs };
	return spn_directory_search(dir, &search, take_account, snapshot, err);
}

/* Who is missing has not gone: a look that recorded it so would never tell who took over the names meanwhile. */
static spn_status check_is_all_there(spn_directory *dir, spn_error *err)
{
	SPK_AUTOTEXT spk_text lack = { 0 };
	spk_directory_lack(dir, &lack);
	if (lack.failed)
		return spk_nomem(err);
	return !lack.len ? SPN_OK : spn_fail(err, SPN_ERR_INVALID, 0,
			"'%s' does not show all names, so what has changed cannot be told: %s", spn_directory_url(dir), lack.data);
}

static bool has_names(const spk_snapshot *snapshot)
{
	static const char attr[] = "\n" SPK_SPN;
	for (size_t i = 0; i < snapshot->n; i++)
		if (memmem(spk_record_text(snapshot->list[i]).data, snapshot->list[i]->len, attr, sizeof attr - 1))
			return true;
	return false;
}

static spn_status keep_domain(spn_directory *dir, spk_snapshot *snapshot, spn_error *err)
{
	const char *domain = NULL;
	snapshot->is_whole = !spk_directory_is_local(dir);
	spn_status status = spn_directory_base(dir, &domain, err);
	if (!status)
		status = spk_directory_rules(dir, &snapshot->dialect, err);
	if (!status && !(snapshot->domain = strdup(domain)))
		status = spk_nomem(err);
	return status;
}

/* Where the directory is: another server that stands in for it may know more or less.  NULL without memory. */
static char *place_of(spn_directory *dir)
{
	return strdup(spn_directory_url(dir));
}

static bool has_moved(spn_directory *dir, const char *place)
{
	return strcmp(spn_directory_url(dir), place) != 0;
}

/* ---- all of it ---- */

static spn_status pass_by(const spn_entry *entry, void *data, spn_error *err)
{
	(void)entry;
	(void)data;
	(void)err;
	return SPN_OK;
}

/* First, so that what changes while the rest is read will be told. */
static spn_status get_cookie(spn_directory *dir, spk_snapshot *snapshot, spn_error *err)
{
	spn_bytes cookie = { NULL, 0 };
	spn_error why = { .status = SPN_OK };
	spn_status status = spk_directory_changes(dir, spk_snapshot_watched, cookie, pass_by, NULL, &cookie, &why);
	if (status == SPN_ERR_UNSUPPORTED)
		return SPN_OK;
	if (status)
		return spk_fail_as(err, status, &why, "%s", why.message);
	spk_text_add_bytes(&snapshot->cookie, cookie.data, cookie.len);
	free((void *)(uintptr_t)cookie.data);
	return snapshot->cookie.failed ? spk_nomem(err) : SPN_OK;
}

static spn_status read_all(spn_directory *dir, int64_t now, spk_snapshot *snapshot, spn_error *err)
{
	SPK_AUTOFREE char *place = place_of(dir);
	snapshot->read_at = now;
	snapshot->is_read_anew = true;
	spn_status status = place ? keep_domain(dir, snapshot, err) : spk_nomem(err);
	if (!status)
		status = get_cookie(dir, snapshot, err);
	if (!status)
		status = read_settings(dir, snapshot, err);
	if (!status)
		status = read_accounts(dir, snapshot, err);
	if (!status)
		status = check_is_all_there(dir, err);
	spk_snapshot_sort(snapshot);
	if (!status && !has_names(snapshot))
		status = spn_fail(err, SPN_ERR_DENIED, 0,
				"no account of '%s' shows a servicePrincipalName: let the account that asks read that "
				"attribute",
				snapshot->domain);
	if (!status && has_moved(dir, place))
		spk_text_clear(&snapshot->cookie); /* it is not of what was read: then all of it is read again */
	return status;
}

/* ---- what has changed ---- */

/* objectGUIDs, one behind the other; each of them once, and sorted, after settle(). */
struct guids {
	spk_text text;
	size_t n;
};

static int compare_guids(const void *a, const void *b)
{
	return memcmp(a, b, GUID_SIZE);
}

static bool has_guid(const struct guids *guids, const char *guid)
{
	return guids->n && bsearch(guid, guids->text.data, guids->n, GUID_SIZE, compare_guids);
}

static bool has_record(const struct guids *guids, const spk_record *record)
{
	const spn_bytes key = spk_record_key(record);
	return key.len == 1 + GUID_SIZE && has_guid(guids, key.data + 1);
}

static void settle(struct guids *guids)
{
	char *list = guids->text.data;
	size_t n = 0, n_given = guids->text.len / GUID_SIZE;
	if (n_given)
		qsort(list, n_given, GUID_SIZE, compare_guids);
	for (size_t i = 0; i < n_given; i++)
		if (n == 0 || compare_guids(list + (n - 1) * GUID_SIZE, list + i * GUID_SIZE) != 0)
			memmove(list + n++ * GUID_SIZE, list + i * GUID_SIZE, GUID_SIZE);
	guids->n = n;
	guids->text.len = n * GUID_SIZE;
}

static spn_status note_changed(const spn_entry *entry, void *data, spn_error *err)
{
	struct guids *changed = data;
	const spn_bytes *values;
	if (!spn_entry_values(entry, "objectGUID", &values) || values[0].len != GUID_SIZE)
		return spn_fail(err, SPN_ERR_INVALID, 0, "'%s' has changed, and shows no objectGUID",
				spn_entry_dn(entry));
	spk_text_add_bytes(&changed->text, values[0].data, GUID_SIZE);
	return changed->text.failed ? spk_nomem(err) : SPN_OK;
}

static spn_status keep_others(
		const spk_snapshot *last, const struct guids *changed, spk_snapshot *snapshot, spn_error *err)
{
	snapshot->list = malloc((last->n + 1) * sizeof(spk_record *));
	if (!snapshot->list)
		return spk_nomem(err);
	snapshot->size = last->n + 1;
	for (size_t i = 0; i < last->n; i++)
		if (!has_record(changed, last->list[i]))
			snapshot->list[snapshot->n++] = last->list[i];
	return SPN_OK;
}

struct reading {
	const struct guids *wanted;
	spk_snapshot *snapshot;
};

/* Those that a search for all accounts would find, and nothing that was not asked for. */
static spn_status take_wanted(const spn_entry *entry, void *data, spn_error *err)
{
	const struct reading *reading = data;
	const spn_bytes *guid;
	bool is_asked = spn_entry_values(entry, "objectGUID", &guid) && guid[0].len == GUID_SIZE &&
			has_guid(reading->wanted, guid[0].data);
	bool is_wanted = false;
	spn_status status = is_asked ? spn_filter_match(&wanted, entry, &is_wanted, err) : SPN_OK;
	return status || !is_wanted ? status : take_account(entry, reading->snapshot, err);
}

/* As they are now: what comes with a change need not be all of it. */
static spn_status read_some(spn_directory *dir, const struct guids *guids, spk_snapshot *snapshot, spn_error *err)
{
	spn_filter equals[TOGETHER];
	const spn_filter *parts[TOGETHER + 1];
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = spk_snapshot_attrs };
	struct reading reading = { guids, snapshot };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < guids->n;) {
		size_t n = 0;
		for (; n < TOGETHER && i < guids->n; n++, i++) {
			equals[n] = (spn_filter){ .op = SPN_FILTER_EQUAL,
				.attr = "objectGUID",
				.value = { guids->text.data + i * GUID_SIZE, GUID_SIZE } };
			parts[n] = &equals[n];
		}
		parts[n] = NULL;
		status = spn_directory_search(dir, &search, take_wanted, &reading, err);
	}
	spk_snapshot_sort(snapshot);
	return status;
}

/* Takes those out that have to do with the changes and were not read: only who may read deleted objects hears that an
 * account was deleted, and its names must not be held against whoever gets them now. */
static spn_status take_out_related(const spk_snapshot *last, const struct guids *read, spk_snapshot *snapshot,
		struct guids *ret_guids, spn_error *err)
{
	SPK_AUTOTEXT spk_text related = { 0 };
	spn_status status = spk_snapshot_related(last, snapshot, &related, err);
	spk_text_clear(&ret_guids->text);
	for (size_t i = 0; !status && i + GUID_SIZE <= related.len; i += GUID_SIZE)
		if (!has_guid(read, related.data + i))
			spk_text_add_bytes(&ret_guids->text, related.data + i, GUID_SIZE);
	if (!status && ret_guids->text.failed)
		status = spk_nomem(err);
	settle(ret_guids);
	size_t n = 0;
	for (size_t i = 0; !status && i < snapshot->n; i++)
		if (!has_record(ret_guids, snapshot->list[i])) /* that is the last snapshot's */
			snapshot->list[n++] = snapshot->list[i];
	snapshot->n = status ? snapshot->n : n;
	return status;
}

static spn_status read_changed(spn_directory *dir, const spk_snapshot *last, const struct guids *changed,
		spk_snapshot *snapshot, spn_error *err)
{
	struct guids read = { .n = 0 }, due = { .n = 0 };
	spk_text_add_bytes(&due.text, changed->text.data ? changed->text.data : "", changed->text.len);
	settle(&due);
	spn_status status = due.text.failed ? spk_nomem(err) : SPN_OK;
	while (!status && due.n) {
		spk_text_add_bytes(&read.text, due.text.data, due.text.len);
		settle(&read);
		status = read.text.failed ? spk_nomem(err) : read_some(dir, &due, snapshot, err);
		if (!status)
			status = take_out_related(last, &read, snapshot, &due, err);
	}
	spk_text_free(&read.text);
	spk_text_free(&due.text);
	return status;
}

static spn_status fail_useless(spn_error *err)
{
	return spn_fail(err, SPN_ERR_INVALID, 0, "all of the domain has to be read");
}

static spn_status ask_for_changes(spn_directory *dir, const spk_snapshot *last, struct guids *changed,
		spk_snapshot *snapshot, spn_error *err)
{
	spn_bytes cookie = { NULL, 0 };
	spn_status status = spk_directory_changes(dir, spk_snapshot_watched,
			(spn_bytes){ last->cookie.data, last->cookie.len }, note_changed, changed, &cookie, err);
	if (status)
		return status;
	spk_text_add_bytes(&snapshot->cookie, cookie.data, cookie.len);
	free((void *)(uintptr_t)cookie.data);
	settle(changed);
	if (changed->n > FEW + last->n / 2)
		return fail_useless(err);
	return snapshot->cookie.failed ? spk_nomem(err) : SPN_OK;
}

static spn_status read_after(spn_directory *dir, const spk_snapshot *last, struct guids *changed,
		spk_snapshot *snapshot, spn_error *err)
{
	SPK_AUTOFREE char *place = place_of(dir);
	spn_status status = place ? ask_for_changes(dir, last, changed, snapshot, err) : spk_nomem(err);
	if (!status)
		status = keep_others(last, changed, snapshot, err);
	if (!status && changed->n)
		status = read_settings(dir, snapshot, err);
	else if (!status && last->settings.len)
		spk_text_add_bytes(&snapshot->settings, last->settings.data, last->settings.len);
	if (!status)
		status = read_changed(dir, last, changed, snapshot, err);
	return status || !has_moved(dir, place) ? status : fail_useless(err);
}

static bool is_of_use(const spk_snapshot *last, const spk_snapshot *snapshot, int64_t now)
{
	return last->cookie.len && last->is_whole && last->is_judged && snapshot->is_whole && last->read_at <= now &&
			now - last->read_at < SECONDS_BETWEEN_ALL && last->dialect == snapshot->dialect &&
			spk_dn_equal(last->domain, snapshot->domain);
}

spn_status spk_snapshot_read(
		spn_directory *dir, const spk_snapshot *last, int64_t now, spk_snapshot *ret_snapshot, spn_error *err)
{
	spk_snapshot snapshot = { .read_at = last->read_at };
	struct guids changed = { .n = 0 };
	spn_error why = { .status = SPN_OK };
	spn_status status = keep_domain(dir, &snapshot, &why);
	if (!status)
		status = is_of_use(last, &snapshot, now) ? read_after(dir, last, &changed, &snapshot, &why) :
							   SPN_ERR_INVALID;
	spk_text_free(&changed.text);
	if (status)
		spk_snapshot_free(&snapshot, last);
	if (status == SPN_ERR_INVALID) {
		why = (spn_error){ .status = SPN_OK };
		status = read_all(dir, now, &snapshot, &why);
		if (status)
			spk_snapshot_free(&snapshot, NULL);
	}
	if (status)
		return spk_fail_as(err, status, &why, "%s", why.message);
	SPK_AUTOTEXT spk_text domain = { 0 };
	spk_repair_domain(dir, &domain);
	if (domain.failed) {
		spk_snapshot_free(&snapshot, last);
		return spk_nomem(err);
	}
	snapshot.is_chosen = domain.len > 0;
	snapshot.is_judged = snapshot.is_whole; /* of a file, which may show less next time, the rules say nothing */
	*ret_snapshot = snapshot;
	return SPN_OK;
}

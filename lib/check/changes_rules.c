/* SPDX-License-Identifier: MIT */
/*
 * Findings that a change of a watched domain brings or clears: a name on several accounts; a machine's name on another
 * account; a name that makes an account look like a domain controller; accounts that get tickets with weak keys, or
 * none; delegation to a name that nobody holds.
 */
#include "changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/directory.h"
#include "model/entry.h"

#define GUID "objectGUID"

/* ---- which ---- */

struct finder {
	spn_directory *dir;
	spn_finding_fn *fn;
	void *data;
	const char *const *codes;
};

/* Those that depend on nothing but what a look reads.  A notice says what could be better. */
static const char *const of_audit[] = { "wrong-account", "impersonation", "weak-enctype", NULL };
static const char *const of_delegations[] = { "ghost-delegation", NULL };
static const char *const of_names[] = { "duplicate", "alias-conflict", NULL };

static spn_status keep_entry(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_entry_copy(entry, data, err);
}

static spn_status read_account(spn_directory *dir, const char *dn, spn_entry **ret_entry, spn_error *err)
{
	static const char *const attrs[] = { GUID, "userAccountControl", SPK_KIND_ATTRS, NULL };
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	return spn_directory_search(dir, &search, keep_entry, ret_entry, err);
}

/* A disabled account logs on nowhere, and delegates nothing. */
static spn_status is_enabled(const struct finder *finder, const spn_finding *finding, bool *ret_is, spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	SPK_AUTO(spn_account) *account = NULL;
	spn_status status = read_account(finder->dir, finding->accounts[0].dn, &entry, err);
	if (!status && entry)
		status = spk_account_new(entry, &account, err);
	*ret_is = !account || spn_account_enabled(account);
	return status;
}

static bool is_one_of(const char *code, const char *const *codes)
{
	while (*codes && strcmp(code, *codes) != 0)
		codes++;
	return *codes != NULL;
}

static spn_status take_wanted(const spn_finding *finding, void *data, spn_error *err)
{
	const struct finder *finder = data;
	bool is_wanted = is_one_of(finding->code, finder->codes);
	if (!is_wanted || finding->severity == SPN_SEVERITY_NOTICE || !finding->n_accounts)
		return SPN_OK;
	spn_status status = finder->codes == of_delegations ? is_enabled(finder, finding, &is_wanted, err) : SPN_OK;
	return status || !is_wanted ? status : finder->fn(finding, finder->data, err);
}

spn_status spk_names_find(spn_directory *dir, spn_finding_fn *fn, void *data, spn_error *err)
{
	struct finder finder = { dir, fn, data, of_names };
	return spn_find_duplicates(dir, NULL, take_wanted, &finder, err);
}

spn_status spk_rules_find(spn_directory *dir, spn_finding_fn *fn, void *data, spn_error *err)
{
	const spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	struct finder finder = { dir, fn, data, of_audit };
	spn_status status = spn_audit(dir, &options, take_wanted, &finder, err);
	finder.codes = of_delegations; /* of an audit, several names are one finding */
	return status ? status : spn_find_delegations(dir, NULL, take_wanted, &finder, err);
}

/* ---- what has changed ---- */

/* As in changes.c: the old state is looked through first, and once more for what the new one no longer has. */
enum pass { NOTE, NEW, CLEARED, PASSES };

struct rules {
	spn_directory *dirs[PASSES];
	enum pass pass;
	spk_keys seen[PASSES];
	spn_event_fn *fn;
	void *data;
};

/* An account that is called differently is the same one. */
static spn_status put_account(const struct rules *rules, const char *dn, spk_text *key, spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	const spn_bytes *values;
	spn_status status = read_account(rules->dirs[rules->pass], dn, &entry, err);
	if (status)
		return status;
	if (entry && spn_entry_values(entry, GUID, &values))
		spk_text_add_bytes(key, values[0].data, values[0].len);
	else
		spk_text_add(key, "%s", dn);
	return SPN_OK;
}

/* A name on several accounts is one finding, whoever they are: that another one holds it now is an event anyway. */
static spn_status make_key(const struct rules *rules, const spn_finding *finding, spk_text *key, spn_error *err)
{
	spk_folding folding = SPK_FOLD_CASE;
	bool is_of_name = is_one_of(finding->code, of_names);
	spn_status status =
			is_of_name ? spk_directory_folding(rules->dirs[rules->pass], &folding, err) : SPN_OK;
	spk_text_add(key, "%s %d ", finding->code, (int)finding->severity);
	for (size_t i = 0; !status && !is_of_name && i < finding->n_accounts; i++)
		status = put_account(rules, finding->accounts[i].dn, key, err);
	if (finding->spn)
		spk_fold_key(spk_bytes(finding->spn), folding, key);
	return status || !key->failed ? status : spk_nomem(err);
}

spn_status spk_rules_tell(const spn_finding *finding, bool is_cleared, spn_event_fn *fn, void *data, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_text_add(&text, "%s%s", is_cleared ? "no longer so: " : "", finding->text);
	if (text.failed)
		return spk_nomem(err);
	const spn_event event = { .kind = is_cleared ? SPN_EVENT_CLEARED : SPN_EVENT_NEW,
		.spn = finding->spn,
		.from = finding->spn ? NULL : &finding->accounts[0],
		.finding = finding,
		.text = text.data };
	return fn(&event, data, err);
}

static spn_status take(const spn_finding *finding, void *data, spn_error *err)
{
	struct rules *rules = data;
	spk_keys *seen = &rules->seen[rules->pass];
	SPK_AUTOTEXT spk_text key = { 0 };
	spn_status status = make_key(rules, finding, &key, err);
	if (status)
		return status;
	const spn_bytes bytes = { key.data, key.len };
	if (spk_keys_add(seen, bytes) == SIZE_MAX)
		return spk_nomem(err);
	if (rules->pass == NOTE || spk_keys_find(seen - 1, bytes) != SIZE_MAX)
		return SPN_OK;
	return spk_rules_tell(finding, rules->pass == CLEARED, rules->fn, rules->data, err);
}

spn_status spk_rules_changes(spn_directory *old, spn_directory *now, spn_event_fn *fn, void *data, spn_error *err)
{
	struct rules rules = { .dirs = { old, now, old }, .fn = fn, .data = data };
	spn_status status = SPN_OK;
	for (; !status && rules.pass < PASSES; rules.pass++) {
		status = spk_names_find(rules.dirs[rules.pass], take, &rules, err);
		if (!status)
			status = spk_rules_find(rules.dirs[rules.pass], take, &rules, err);
	}
	for (size_t i = 0; i < PASSES; i++)
		spk_keys_free(&rules.seen[i]);
	return status;
}

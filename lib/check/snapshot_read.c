/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include "account/account.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/entry.h"
#include "model/ldif/ldif.h"
#include "model/mapping.h"

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

/* Those without names matter to Samba, which finds a computer by its cn; and as what is found by its
 * userPrincipalName. */
static spn_status read_accounts(spn_directory *dir, spk_snapshot *snapshot, spn_error *err)
{
	const spn_filter named = { .op = SPN_FILTER_PRESENT, .attr = SPK_SPN };
	const spn_filter by_upn = { .op = SPN_FILTER_GLOB, .attr = "userPrincipalName", .value = spk_bytes("*/*") };
	const spn_filter computer = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = spk_bytes("computer") };
	const spn_filter *const parts[] = { &named, &by_upn, &computer, NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = spk_snapshot_attrs };
	return spn_directory_search(dir, &search, take_account, snapshot, err);
}

static bool has_names(const spk_snapshot *snapshot)
{
	static const char attr[] = "\n" SPK_SPN;
	for (size_t i = 0; i < snapshot->n; i++)
		if (memmem(spk_record_text(snapshot->list[i]).data, snapshot->list[i]->len, attr, sizeof attr - 1))
			return true;
	return false;
}

spn_status spk_snapshot_read(spn_directory *dir, spk_snapshot *ret_snapshot, spn_error *err)
{
	spk_snapshot snapshot = { .is_whole = !spk_directory_is_local(dir) };
	const char *domain = NULL;
	spn_status status = spn_directory_base(dir, &domain, err);
	if (!status)
		status = spk_directory_rules(dir, &snapshot.dialect, err);
	if (!status && !(snapshot.domain = strdup(domain)))
		status = spk_nomem(err);
	if (!status)
		status = read_settings(dir, &snapshot, err);
	if (!status)
		status = read_accounts(dir, &snapshot, err);
	spk_snapshot_sort(&snapshot);
	if (!status && !has_names(&snapshot))
		status = spn_fail(err, SPN_ERR_DENIED, 0,
				"no account of '%s' shows a servicePrincipalName: let the account that asks read that "
				"attribute",
				snapshot.domain);
	if (status) {
		spk_snapshot_free(&snapshot, NULL);
		return status;
	}
	*ret_snapshot = snapshot;
	return SPN_OK;
}

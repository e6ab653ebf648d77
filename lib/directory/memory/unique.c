/* SPDX-License-Identifier: MIT */
/* Who else holds a name: [MS-ADTS] 3.1.1.5.1.3 for Windows, samldb for Samba (seen on 4.17). */
#include <string.h>

#include "rules.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/mapping.h"
#include "model/meant.h"

#define SPN "servicePrincipalName"

static spn_status check_parts(const spk_work *work, spn_bytes name, spn_error *err)
{
	unsigned n = spk_spn_parts(name);
	if (n == name.len + 1 && !spk_is_samba(work))
		return spk_fail_win32(err, SPN_ERR_REFUSED, SPK_LDAP_CONSTRAINT, SPK_AD_CONSTRAINT,
				"all parts of the name '%.*s' for '%s' are empty",
				(int)(name.len < 200 ? name.len : 200), name.data, work->record->dn);
	if (n == 2 || n == 3)
		return SPN_OK;
	return spk_fail_win32(err, SPN_ERR_REFUSED, SPK_LDAP_CONSTRAINT, SPK_AD_CONSTRAINT,
			"'%.*s' for '%s' has %u part%s: an SPN has two or three, such as http/web", (int)(name.len < 200 ? name.len : 200),
			name.data, work->record->dn, n, n == 1 ? "" : "s");
}

/* Who holds one name. */
struct holders {
	bool own;    /* the entry that is changed */
	char *other; /* another one: its DN */
};

static spn_status find_holders(spk_work *work, spn_bytes name, struct holders *ret, spn_error *err)
{
	spk_memory *memory = work->memory;
	SPK_AUTOINDEX spk_index wanted = { 0 }, found = { 0 };
	bool is_known;
	spn_status status = spk_memory_want(memory, SPN, name, &wanted, &is_known, err);
	if (!status)
		status = spk_memory_find(memory, &wanted, &found, err);
	for (size_t i = 0; !status && i < found.n && !(ret->own && ret->other); i++) {
		const spk_ldif_record *record = NULL;
		status = spk_view_at(&work->others, memory->outline.records.offsets[spk_place_record(found.places[i])], &record, err);
		bool holds = false;
		for (size_t j = 0; !status && !holds && j < record->n_lines; j++)
			holds = spk_line_is(&record->lines[j], SPN) &&
					spk_fold_equal(record->lines[j].value, name, memory->hasher.folding);
		if (!holds)
			continue;
		bool is_own = record->offset == work->record->offset;
		/* Samba does not look into other naming contexts */
		if (!is_own && spk_is_samba(work) && !spk_dn_same_domain(record->dn, work->record->dn))
			continue;
		ret->own |= is_own;
		if (!is_own && !ret->other && !(ret->other = strdup(record->dn)))
			status = spk_nomem(err);
	}
	return status;
}

/* The directory's own sPNMappings and dSHeuristics as an entry, or NULL. */
static spn_status read_settings(spk_work *work, spn_entry **ret_entry, spn_error *err)
{
	static const char *const attrs[] = { "sPNMappings", "dSHeuristics", NULL };
	const spk_ldif_record *record = NULL;
	SPK_AUTOFREE char *dn = NULL;
	if (!work->memory->config)
		return SPN_OK;
	dn = spk_printf(SPK_MAPPING_RDNS ",%s", work->memory->config);
	if (!dn)
		return spk_nomem(err);
	spn_status status = spk_view_find(&work->others, work->memory, dn, &record, err);
	return !status && record ? spk_record_entry(record, attrs, ret_entry, err) : status;
}

/* Looks for holders of the names that HOST/x stands for. */
struct aliases {
	spk_work *work;
	char *holder, *alias; /* the first that was found */
	bool several;         /* and another entry holds another one */
};

static spn_status look_at_alias(const char *alias, void *data, spn_error *err)
{
	struct aliases *aliases = data;
	struct holders holders = { 0 };
	spn_status status = find_holders(aliases->work, spk_bytes(alias), &holders, err);
	if (!status && holders.other && !aliases->holder) {
		aliases->holder = holders.other;
		aliases->alias = strdup(alias);
		return aliases->alias ? SPN_OK : spk_nomem(err);
	}
	if (!status && holders.other)
		aliases->several |= !spk_dn_equal(holders.other, aliases->holder);
	free(holders.other);
	return status;
}

/* Samba refuses HOST/x as soon as anybody else holds an alias of it; Windows lets an administrator do it unless two
 * others do. */
static spn_status check_aliases(spk_work *work, spn_bytes name, spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	SPK_AUTOFREE char *text = strndup(name.data, name.len);
	if (!text)
		return spk_nomem(err);
	spn_status status = read_settings(work, &entry, err);
	spk_mapping own = { 0 };
	if (entry)
		own.n = spn_entry_values(entry, "sPNMappings", &own.values);
	struct aliases aliases = { .work = work };
	if (!status)
		status = spk_mapping_aliases(own.n > 0 ? &own : &spk_mapping_default, text, look_at_alias, &aliases, err);
	if (!status && aliases.holder && (spk_is_samba(work) || aliases.several))
		status = spk_fail_win32(err, SPN_ERR_NOT_UNIQUE, SPK_LDAP_CONSTRAINT,
				spk_is_samba(work) ? 0 : SPK_AD_SPN_NOT_UNIQUE,
				"'%s' stands for '%s' too, which is held by '%s'", text, aliases.alias, aliases.holder);
	free(aliases.holder);
	free(aliases.alias);
	return status;
}

static spn_status refuse_held(const spk_work *work, spn_bytes name, const char *holder, uint32_t win32, spn_error *err)
{
	return spk_fail_win32(err, SPN_ERR_NOT_UNIQUE, SPK_LDAP_CONSTRAINT, win32, "'%.*s' for '%s' is held by '%s'",
			(int)(name.len < 200 ? name.len : 200), name.data, work->record->dn, holder);
}

static spn_status check_samba(spk_work *work, spn_bytes name, spn_error *err)
{
	struct holders holders = { 0 };
	spn_status status = check_parts(work, name, err);
	if (!status)
		status = find_holders(work, name, &holders, err);
	if (!status && holders.other)
		/* held twice, samldb finds no single holder and gives up without a word */
		status = refuse_held(work, name, holders.other, holders.own ? 0 : SPK_AD_CONSTRAINT, err);
	else if (!status && !holders.own)
		status = check_aliases(work, name, err);
	free(holders.other);
	return status;
}

/*
 * Samba checks what is named, whether it is added or deleted, and only in the first change of the attribute that the
 * request has: what libldap sends as a second one passes.  So a name held twice can be deleted as the second change.
 */
spn_status spk_rules_check_request(spk_work *work, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	spn_status status = SPN_OK;
	const spn_mod *first = NULL;
	bool is_checked = spk_is_samba(work) && !work->memory->allows_duplicates;
	for (size_t i = 0; is_checked && !status && i < n_mods; i++) {
		bool is_name = spk_ascii_equal(mods[i].attr, SPN);
		if (first && (!is_name || mods[i].op != first->op))
			break;
		if (is_name && mods[i].value.len > 0)
			status = check_samba(work, mods[i].value, err);
		if (is_name && !first)
			first = &mods[i];
	}
	return status;
}

static spn_status check_windows(spk_work *work, spn_bytes name, unsigned unchecked, spn_error *err)
{
	struct holders holders = { 0 };
	spn_status status = check_parts(work, name, err);
	if (!status && !(unchecked & SPK_SPN_UNCHECKED))
		status = find_holders(work, name, &holders, err);
	if (!status && holders.other)
		status = refuse_held(work, name, holders.other, SPK_AD_SPN_NOT_UNIQUE, err);
	if (!status && !(unchecked & SPK_ALIAS_UNCHECKED))
		status = check_aliases(work, name, err);
	free(holders.other);
	return status;
}

spn_status spk_rules_check_names(spk_work *work, spn_error *err)
{
	SPK_AUTO(spn_entry) *settings = NULL;
	spn_status status = spk_is_samba(work) ? SPN_OK : read_settings(work, &settings, err);
	unsigned unchecked = settings ? spk_unchecked(spn_entry_text(settings, "dSHeuristics")) : 0;
	if (work->memory->allows_duplicates)
		unchecked = SPK_SPN_UNCHECKED | SPK_ALIAS_UNCHECKED;
	for (size_t i = 0; !spk_is_samba(work) && !status && i < work->n; i++) {
		const spk_item *item = &work->items[i];
		if (!item->line && !item->is_gone && spk_ascii_equal(item->attr, SPN))
			status = check_windows(work, item->value, unchecked, err);
	}
	return status;
}

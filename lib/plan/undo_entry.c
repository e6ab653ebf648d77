/* SPDX-License-Identifier: MIT */
#include "undo_entry.h"

#include <stdlib.h>
#include <string.h>

#include "values.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/adtypes.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"

#define GUID "objectGUID"

static const char *const guid_attrs[] = { GUID, NULL };

void spk_entry_today_free(struct spk_entry_today *today)
{
	free(today->dn);
	today->dn = NULL;
}

/* Looks for the DN of the entry that has an objectGUID. */
struct quest {
	spn_bytes guid;
	char *dn;
};

/* A filter compares as text is compared. */
static spn_status take_dn(const spn_entry *entry, void *data, spn_error *err)
{
	struct quest *quest = data;
	const spn_bytes *guid;
	if (quest->dn || !spn_entry_values(entry, GUID, &guid) || !spk_bytes_equal(*guid, quest->guid))
		return SPN_OK;
	quest->dn = strdup(spn_entry_dn(entry));
	return quest->dn ? SPN_OK : spk_nomem(err);
}

static spn_status find_by_guid(spn_directory *dir, spn_bytes guid, char **ret_dn, spn_error *err)
{
	struct quest quest = { .guid = guid };
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = GUID, .value = guid };
	/* a file may hold several domains */
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = guid_attrs,
			.forest = spk_directory_is_local(dir) };
	spn_status status = spn_directory_search(dir, &search, take_dn, &quest, err);
	if (status)
		free(quest.dn);
	else
		*ret_dn = quest.dn;
	return status;
}

static spn_status note_any(const spn_entry *entry, void *data, spn_error *err)
{
	(void)entry;
	(void)err;
	*(bool *)data = true;
	return SPN_OK;
}

/* Whether the directory has objectGUIDs at all, which an export may lack. */
static spn_status has_guids(spn_directory *dir, bool *ret_has, spn_error *err)
{
	const spn_filter filter = { .op = SPN_FILTER_PRESENT, .attr = GUID };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = guid_attrs, .forest = true };
	*ret_has = !spk_directory_is_local(dir);
	return *ret_has ? SPN_OK : spn_directory_search(dir, &search, note_any, ret_has, err);
}

/* noted: what there is to know the entry by, or NULL. */
static spn_status find(spn_directory *dir, const spn_entry *noted, const char *dn, struct spk_entry_today *today,
		spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	const spn_bytes *then, *now;
	SPK_AUTOFREE char *new_dn = NULL;
	spn_error why = { .status = SPN_OK };
	bool is_known = noted && spn_entry_values(noted, GUID, &then);
	spn_status status = spk_values_read(dir, dn, guid_attrs, &entry, &why);
	if (status && status != SPN_ERR_NOT_FOUND) {
		if (err)
			*err = why;
		return status;
	}
	bool is_another = !status && is_known && spn_entry_values(entry, GUID, &now) && !spk_bytes_equal(*then, *now);
	if (!status && !is_another)
		return SPN_OK;
	today->loss = is_another ? "is another one by now, with another objectGUID" : "no longer exists";
	today->is_replaced = is_another;
	status = is_known ? find_by_guid(dir, *then, &new_dn, err) : SPN_OK;
	if (!status && is_known && !new_dn)
		status = has_guids(dir, &is_known, err);
	today->may_be_renamed = noted && !is_known;
	if (!status && new_dn) {
		free(today->dn);
		*today = (struct spk_entry_today){ .dn = new_dn, .is_renamed = true };
		new_dn = NULL;
	}
	return status;
}

static spn_status find_today(spn_directory *dir, const spk_notes *notes, const char *dn, bool is_member,
		struct spk_entry_today *ret_today, spn_error *err)
{
	const spn_entry *noted = NULL;
	struct spk_entry_today today = { .dn = strdup(dn) };
	spn_status status = today.dn ? SPN_OK : spk_nomem(err);
	if (!status && notes)
		status = spk_notes_of(notes, dn, &noted, err);
	if (!status && !(is_member && notes && !noted))
		status = find(dir, noted, dn, &today, err);
	if (status)
		spk_entry_today_free(&today);
	else
		*ret_today = today;
	return status;
}

spn_status spk_entry_find_today(spn_directory *dir, const spk_notes *notes, const char *dn,
		struct spk_entry_today *ret_today, spn_error *err)
{
	return find_today(dir, notes, dn, false, ret_today, err);
}

spn_status spk_member_find_today(spn_directory *dir, const spk_notes *notes, const char *dn,
		struct spk_entry_today *ret_today, spn_error *err)
{
	return find_today(dir, notes, dn, true, ret_today, err);
}

spn_status spk_group_is_primary(spn_directory *dir, const char *group, const char *member, bool *ret_is, spn_error *err)
{
	static const char *const of_group[] = { "objectSid", NULL },
				 *const of_member[] = { "objectSid", "primaryGroupID", NULL };
	SPK_AUTO(spn_entry) *there = NULL, *here = NULL;
	const spn_bytes *group_sid, *sid;
	char primary[SPK_SID_MAX];
	*ret_is = false;
	spn_status status = spk_values_read(dir, group, of_group, &there, err);
	if (!status)
		status = spk_values_read(dir, member, of_member, &here, err);
	const char *rid = status ? NULL : spn_entry_text(here, "primaryGroupID");
	if (rid && spn_entry_values(there, "objectSid", &group_sid) && spn_entry_values(here, "objectSid", &sid) &&
			spk_sid_with_rid(*sid, (uint32_t)strtoul(rid, NULL, 10), primary))
		*ret_is = spk_bytes_equal(*group_sid, (spn_bytes){ primary, sid->len });
	return status == SPN_ERR_NOT_FOUND ? SPN_OK : status;
}

spn_status spk_other_spelling(spn_directory *dir, const char *dn, spn_bytes name, char **ret_other, spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	const spn_bytes *values;
	*ret_other = NULL;
	spn_status status = spk_names_read(dir, dn, &entry, err);
	size_t n = status ? 0 : spn_entry_values(entry, SPK_SPN, &values);
	for (size_t i = 0; !*ret_other && i < n; i++) {
		if (!spk_fold_equal(values[i], name, spk_entry_folding(entry)) || spk_bytes_equal(values[i], name))
			continue;
		*ret_other = strdup(values[i].data);
		status = *ret_other ? SPN_OK : spk_nomem(err);
	}
	return status;
}

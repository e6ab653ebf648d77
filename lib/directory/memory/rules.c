/* SPDX-License-Identifier: MIT */
#include "rules.h"

#include <string.h>

#include "base/error.h"
#include "model/dn.h"

/* Values of a non-linked attribute that fit into one object: 3,000 since Windows Server 2025, about 1,200 before. Which
 * one it is, an export does not say, and what is deleted from an entry of it must come back. */
#define WINDOWS_VALUES_MAX 3000

bool spk_item_is(const spk_item *item, const char *attr)
{
	return item->line ? spk_line_is(item->line, attr) : spk_ascii_equal(item->attr, attr);
}

static bool is_attr(const spk_item *item, const char *attr)
{
	return !item->is_gone && spk_item_is(item, attr);
}

static size_t count(const spk_work *work, const char *attr)
{
	size_t n = 0;
	for (size_t i = 0; i < work->n; i++)
		n += is_attr(&work->items[i], attr);
	return n;
}

static bool has(const spk_work *work, const char *attr)
{
	bool is = false;
	for (size_t i = 0; !is && i < work->n; i++)
		is = is_attr(&work->items[i], attr);
	return is;
}

bool spk_value_is_dn(spn_bytes a, spn_bytes b)
{
	return spk_dn_equal_bytes(a, b);
}

spk_item *spk_work_find(spk_work *work, const spn_mod *mod)
{
	bool is_link = spk_ascii_equal(mod->attr, "member");
	/* Samba stores a name that differs in case from one that is there, but deletes in any case, the first that fits */
	bool is_exact = spk_is_samba(work) && mod->op == SPN_MOD_ADD && !is_link;
	spk_item *equal = NULL;
	uint64_t hash = is_link ? 0 : spk_fold_hash(mod->value, work->memory->hasher.folding, work->memory->hasher.seed);
	if (!is_link && !(*spk_work_hashed(work, hash) & 1ull << hash % 64))
		return NULL;
	for (size_t i = 0; i < work->n; i++) {
		spk_item *item = &work->items[i];
		if ((!is_link && item->hash != hash) || !is_attr(item, mod->attr))
			continue;
		/* a file of another server may have several names that are equal to Windows: not just any of them is meant */
		if ((is_exact || !spk_is_samba(work)) && item->value.len == mod->value.len &&
				memcmp(item->value.data, mod->value.data, mod->value.len) == 0)
			return item;
		if (!equal && !is_exact && (is_link ? spk_value_is_dn(item->value, mod->value) :
				spk_fold_equal(item->value, mod->value, work->memory->hasher.folding)))
			equal = item;
	}
	return equal;
}

static bool has_class(const spk_work *work, const char *name)
{
	return spk_record_has(work->record, "objectClass", name);
}

static void read_classes(spk_work *work)
{
	if (work->classes.is_known)
		return;
	work->classes.is_known = true;
	work->classes.any = has(work, "objectClass");
	work->classes.account = has_class(work, "user") || has_class(work, "computer");
	work->classes.group = has_class(work, "group");
}

/* An export without objectClass cannot be held against its entries. */
static spn_status check_class(spk_work *work, const spn_mod *mod, spn_error *err)
{
	read_classes(work);
	bool fits = spk_ascii_equal(mod->attr, "servicePrincipalName") ? work->classes.account :
			spk_ascii_equal(mod->attr, "member") ? work->classes.group : true;
	if (!work->classes.any || fits)
		return SPN_OK;
	return spk_fail_win32(err, SPN_ERR_REFUSED, SPK_LDAP_OBJECT_CLASS,
			spk_is_samba(work) ? SPK_AD_OBJECT_CLASS : SPK_AD_NOT_IN_CLASS,
			"'%s' cannot have the attribute '%s': it is not a %s", work->record->dn, mod->attr,
			spk_ascii_equal(mod->attr, "member") ? "group" : "user or computer");
}

/* The RID of a group is the number at the end of its SID ([MS-DTYP] 2.4.2.2). */
static bool is_primary_group(const spk_work *work, const spk_ldif_record *member)
{
	for (size_t i = 0; i < work->n; i++) {
		spn_bytes sid = work->items[i].value;
		if (!is_attr(&work->items[i], "objectSid") || sid.len < 12)
			continue;
		const unsigned char *at = (const unsigned char *)sid.data + sid.len - 4;
		char rid[16];
		snprintf(rid, sizeof rid, "%lu",
				(unsigned long)at[0] | (unsigned long)at[1] << 8 | (unsigned long)at[2] << 16 | (unsigned long)at[3] << 24);
		return spk_record_has(member, "primaryGroupID", rid);
	}
	return false;
}

static spn_status check_member(spk_work *work, const spn_mod *mod, spn_error *err)
{
	bool samba = spk_is_samba(work), is_add = mod->op == SPN_MOD_ADD;
	const char *group = work->record->dn;
	SPK_AUTOTEXT spk_text dn = { 0 };
	spk_text_add_bytes(&dn, mod->value.data, mod->value.len);
	if (dn.failed)
		return spk_nomem(err);
	const spk_item *present = spk_work_find(work, mod);
	const spk_ldif_record *member = NULL;
	spn_status status = spk_view_find(&work->others, work->memory, dn.data, &member, err);
	if (status)
		return status;
	bool is_primary = member && is_primary_group(work, member);
	if (is_add && !member)
		return spk_fail_win32(err, SPN_ERR_NOT_FOUND, SPK_LDAP_NO_SUCH_OBJECT,
				samba ? SPK_AD_NO_SUCH_USER : SPK_AD_NO_SUCH_OBJECT, "there is no entry '%s' to be made a member of '%s'",
				dn.data, group);
	if (is_add && (present || is_primary))
		return spk_fail_win32(err, SPN_ERR_EXISTS, SPK_LDAP_ALREADY_EXISTS,
				!samba ? SPK_AD_MEMBER_IN_GROUP : is_primary ? SPK_AD_PRIMARY_GROUP : 0,
				"'%s' is a member of '%s' already%s", dn.data, group, is_primary ? ", which is its primary group" : "");
	if (!is_add && !present)
		return spk_fail_win32(err, SPN_ERR_NOT_FOUND,
				samba && is_primary ? SPK_LDAP_NO_SUCH_ATTRIBUTE : SPK_LDAP_UNWILLING,
				!samba ? SPK_AD_MEMBER_NOT_IN_GROUP : member ? 0 : SPK_AD_UNWILLING,
				"'%s' is not a member of '%s'%s", dn.data, group, is_primary ? " but has it as its primary group" : "");
	return SPN_OK;
}

static spn_status check_add(spk_work *work, const spn_mod *mod, spn_error *err)
{
	bool samba = spk_is_samba(work);
	int length = (int)(mod->value.len < 200 ? mod->value.len : 200);
	if (spk_work_find(work, mod))
		return spk_fail_win32(err, SPN_ERR_EXISTS, SPK_LDAP_VALUE_EXISTS, samba ? 0 : SPK_AD_VALUE_EXISTS,
				"'%s' has the value '%.*s' of '%s' already", work->record->dn, length, mod->value.data, mod->attr);
	if (spk_is_single_valued(mod->attr) && has(work, mod->attr))
		return spk_fail_win32(err, SPN_ERR_REFUSED, samba ? SPK_LDAP_VALUE_EXISTS : SPK_LDAP_CONSTRAINT,
				samba ? SPK_AD_VALUE_TWICE : SPK_AD_SINGLE_VALUE, "'%s' can have one value of '%s' only, and has one",
				work->record->dn, mod->attr);
	if (!samba && work->n >= WINDOWS_VALUES_MAX && count(work, mod->attr) >= WINDOWS_VALUES_MAX)
		return spk_fail_win32(err, SPN_ERR_REFUSED, SPK_LDAP_ADMIN_LIMIT, SPK_AD_ADMIN_LIMIT,
				"'%s' has %d values of '%s': no more fit into one entry", work->record->dn, WINDOWS_VALUES_MAX, mod->attr);
	return SPN_OK;
}

spn_status spk_rules_check(spk_work *work, const spn_mod *mod, spn_error *err)
{
	if (!spk_attr_is_valid(mod->attr))
		return spn_fail(err, SPN_ERR_INVALID, 0, "'%s' is not an attribute name", mod->attr);
	if (mod->value.len == 0)
		return spk_fail_win32(err, SPN_ERR_REFUSED, SPK_LDAP_INVALID_SYNTAX, 0, "an empty value of '%s' for '%s'", mod->attr,
				work->record->dn);
	if (spk_ascii_equal(mod->attr, "memberOf"))
		return spk_fail_win32(err, SPN_ERR_REFUSED, SPK_LDAP_UNWILLING, SPK_AD_UNWILLING,
				"'memberOf' of '%s' cannot be written: change 'member' of the group", work->record->dn);
	spn_status status = check_class(work, mod, err);
	if (status)
		return status;
	if (spk_ascii_equal(mod->attr, "member"))
		return check_member(work, mod, err);
	if (mod->op == SPN_MOD_ADD)
		return check_add(work, mod, err);
	if (spk_work_find(work, mod))
		return SPN_OK;
	return spk_fail_win32(err, SPN_ERR_NOT_FOUND, SPK_LDAP_NO_SUCH_ATTRIBUTE,
			spk_is_samba(work) ? 0 : SPK_AD_VALUE_MISSING, "'%s' has no value '%.*s' of '%s'",
			work->record->dn, (int)(mod->value.len < 200 ? mod->value.len : 200), mod->value.data,
			mod->attr);
}

/* SPDX-License-Identifier: MIT */
#include "trustees.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "model/adtypes.h"

/* servicePrincipalName, which is also the validated write's; the property set that it is in ([MS-ADA3] 2.253,
 * [MS-ADTS] 5.1.3.2.1, 3.1.1.2.3.3). */
#define NAMES_ID "f3a64788-5306-11d1-a9c5-0000f80367c1"
#define PUBLIC_INFORMATION_ID "e48d0154-bcf8-11d1-8702-00c04fb96050"

/* What the right to write an object of one of these is about may be its class, which stands for all of its properties
 * ([MS-ADTS] 5.1.3.3.3); the most special one first ([MS-ADSC]). */
static const struct {
	const char *name, *id;
} classes[] = {
	{ "msDS-GroupManagedServiceAccount", "7b8b558a-93a5-4af7-adca-c017e67f1057" },
	{ "msDS-DelegatedManagedServiceAccount", "0feb936f-47b3-49f2-9386-1dedc2c23765" },
	{ "msDS-ManagedServiceAccount", "ce206244-5827-4a86-ba1c-1c0c386c1b64" },
	{ "computer", "bf967a86-0de6-11d0-a285-00aa003049e2" },
	{ "inetOrgPerson", "4828cc14-1437-45bc-9b07-ad6f015e5f28" },
	{ "user", "bf967aba-0de6-11d0-a285-00aa003049e2" },
};

#define OWNER_RIGHTS "S-1-3-4"

enum { N_RIGHTS = 4 };

static const char *class_id_of(const spn_entry *entry)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, "objectClass", &values);
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		for (size_t j = 0; j < n; j++)
			if (spk_ascii_equal(values[j].data, classes[i].name))
				return classes[i].id;
	return NULL;
}

/* The first three parts are numbers with the lowest byte first ([MS-DTYP] 2.3.4.2). */
static bool guid_is(const char *guid, const char *text)
{
	static const unsigned char order[SPK_GUID_SIZE] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	for (size_t i = 0; i < SPK_GUID_SIZE; i++) {
		char hex[3];
		text += *text == '-';
		snprintf(hex, sizeof hex, "%02x", (unsigned char)guid[order[i]]);
		if (hex[0] != text[0] || hex[1] != text[1])
			return false;
		text += 2;
	}
	return true;
}

static bool is_about_names(const spk_permissions *permissions, const char *object)
{
	return !object || guid_is(object, NAMES_ID) || guid_is(object, PUBLIC_INFORMATION_ID) ||
			(permissions->class_id && guid_is(object, permissions->class_id));
}

/* What an entry is about, of SPN_RIGHT_*. */
static unsigned rights_of(const spk_permissions *permissions, const spk_acl_entry *entry)
{
	unsigned rights = 0;
	if (entry->rights & SPK_ACL_WRITE_PROPERTY && is_about_names(permissions, entry->object))
		rights |= SPN_RIGHT_WRITE;
	if (entry->rights & SPK_ACL_VALIDATED_WRITE && (!entry->object || guid_is(entry->object, NAMES_ID)))
		rights |= SPN_RIGHT_VALIDATED;
	if (entry->rights & SPK_ACL_WRITE_DAC && !entry->object)
		rights |= SPN_RIGHT_DACL;
	if (entry->rights & SPK_ACL_WRITE_OWNER && !entry->object)
		rights |= SPN_RIGHT_OWNER;
	return rights;
}

/* ---- lists ---- */

static bool add_sid(spk_sids *sids, spn_bytes sid)
{
	for (size_t i = 0; i < sids->n; i++)
		if (spk_bytes_equal(sids->list[i], sid))
			return true;
	spn_bytes *grown = realloc(sids->list, (sids->n + 1) * sizeof *grown);
	if (!grown)
		return false;
	sids->list = grown;
	grown[sids->n++] = sid;
	return true;
}

void spk_sids_free(spk_sids *sids)
{
	free(sids->list);
}

/* ---- reading ---- */

/* Self is the object, and Owner Rights its owner; Creator Owner is nobody, once an object is there. */
static spn_bytes who_is(const spk_permissions *permissions, spn_bytes sid)
{
	if (permissions->self.len && spk_sid_is(sid, "S-1-5-10"))
		return permissions->self;
	if (permissions->owner.len && spk_sid_is(sid, OWNER_RIGHTS))
		return permissions->owner;
	return sid;
}

static bool is_nobody(const spk_permissions *permissions, spn_bytes sid)
{
	return spk_sid_is(sid, "S-1-3-0") || spk_sid_is(sid, "S-1-3-1") ||
			(permissions->is_samba && spk_sid_is(sid, OWNER_RIGHTS));
}

static void add_entry(const spk_acl_entry *entry, void *data)
{
	spk_permissions *permissions = data;
	permissions->has_owner_rights |= !permissions->is_samba && spk_sid_is(entry->sid, OWNER_RIGHTS);
	unsigned rights = rights_of(permissions, entry);
	if (!rights || is_nobody(permissions, entry->sid))
		return;
	spk_permission *grown = permissions->failed ? NULL :
						     realloc(permissions->list, (permissions->n + 1) * sizeof *grown);
	permissions->failed = !grown;
	if (!grown)
		return;
	permissions->list = grown;
	grown[permissions->n] = (spk_permission){ *entry, rights };
	grown[permissions->n++].entry.sid = who_is(permissions, entry->sid);
}

spn_status spk_permissions_read(const spn_account *account, spk_permissions *permissions, bool *ret_whole,
		spn_error *err)
{
	const spn_bytes *values;
	*ret_whole = false;
	permissions->class_id = class_id_of(account->entry);
	if (spn_entry_values(account->entry, "objectSid", &values))
		permissions->self = *values;
	if (!spn_entry_values(account->entry, SPK_DESCRIPTOR, &values))
		return SPN_OK;
	if (!spk_acl_owner(*values, &permissions->owner))
		permissions->owner = (spn_bytes){ NULL, 0 };
	*ret_whole = spk_acl_is_present(*values) && spk_acl_walk(*values, add_entry, permissions);
	return permissions->failed ? spk_nomem(err) : SPN_OK;
}

void spk_permissions_free(spk_permissions *permissions)
{
	free(permissions->list);
}

spn_status spk_permissions_sids(const spk_permissions *permissions, spk_sids *ret_sids, size_t *ret_n,
		spn_error *err)
{
	bool ok = true;
	for (size_t i = 0; ok && i < permissions->n; i++)
		ok = !permissions->list[i].entry.allows || add_sid(ret_sids, permissions->list[i].entry.sid);
	if (ok && permissions->owner.len)
		ok = add_sid(ret_sids, permissions->owner);
	*ret_n = ret_sids->n;
	for (size_t i = 0; ok && i < permissions->n; i++)
		ok = add_sid(ret_sids, permissions->list[i].entry.sid);
	return ok ? SPN_OK : spk_nomem(err);
}

/* ---- evaluating ---- */

static void add_phrase(spk_text *text, const char *phrase, bool is_inherited, bool is_conditional)
{
	SPK_AUTOTEXT spk_text whole = { 0 };
	spk_text_add(&whole, "%s%s%s", phrase, is_inherited ? ", inherited" : "",
			is_conditional ? ", under a condition" : "");
	text->failed |= whole.failed;
	if (!text->failed && !(text->len && strstr(text->data, whole.data)))
		spk_text_add(text, "%s%s", text->len ? "; " : "", whole.data);
}

static const char *phrase_of(const spk_acl_entry *entry, unsigned right)
{
	if (!entry->object && (entry->rights & SPK_ACL_ALL) == SPK_ACL_ALL)
		return "full control";
	switch (right) {
	case SPN_RIGHT_WRITE:
		return !entry->object                                ? "write all properties" :
				guid_is(entry->object, NAMES_ID)              ? "write servicePrincipalName" :
				guid_is(entry->object, PUBLIC_INFORMATION_ID) ? "write the property set Public-Information" :
										"write all properties";
	case SPN_RIGHT_VALIDATED: return entry->object ? "validated write to service principal name" : "all validated writes";
	case SPN_RIGHT_DACL: return "change permissions";
	default: return "take ownership";
	}
}

/* A right and a token, while the entries go by. */
struct decision {
	const spk_acl_entry *by; /* what grants it; NULL: nothing has yet */
	const spk_acl_entry *denied_by;
	bool may_be_denied;
	const spk_acl_entry *perhaps; /* what grants it under a condition */
	spk_sids excepted; /* who is denied it, but not the token */
};

static spn_status decide(struct decision *decision, const spk_acl_entry *entry, bool is_ours, bool is_given,
		spn_error *err)
{
	if (!is_ours && !entry->allows && !add_sid(&decision->excepted, entry->sid))
		return spk_nomem(err);
	if (!is_ours || (entry->allows && !is_given))
		return SPN_OK;
	if (entry->is_conditional && entry->allows && !decision->perhaps)
		decision->perhaps = entry;
	else if (entry->is_conditional)
		decision->may_be_denied |= !entry->allows;
	else if (entry->allows)
		decision->by = entry;
	else
		decision->denied_by = entry;
	return SPN_OK;
}

static spn_status keep_excepted(const spk_sids *from, spk_grant *to, spn_error *err)
{
	for (size_t i = 0; i < from->n; i++)
		if (!add_sid(&to->excepted, from->list[i]))
			return spk_nomem(err);
	return SPN_OK;
}

static spn_status grant(const struct decision *decision, unsigned right, bool has_validated, spk_grant *ret,
		spn_error *err)
{
	const spk_acl_entry *by = decision->by ? decision->by : decision->perhaps;
	if (!by)
		return SPN_OK;
	if (right == SPN_RIGHT_VALIDATED && !has_validated) {
		ret->is_idle |= by->object != NULL;
		return SPN_OK;
	}
	bool is_conditional = !decision->by || decision->may_be_denied;
	ret->rights |= right;
	ret->inherited |= by->is_inherited ? right : 0;
	ret->conditional |= is_conditional ? right : 0;
	/* with the right to write all, or any name, the validated write says nothing new */
	if (right != SPN_RIGHT_VALIDATED || !(ret->rights & SPN_RIGHT_WRITE))
		add_phrase(&ret->granted, phrase_of(by, right), by->is_inherited, is_conditional);
	return add_sid(&ret->through, by->sid) ? keep_excepted(&decision->excepted, ret, err) : spk_nomem(err);
}

static spn_status evaluate_right(const spk_permissions *permissions, const spk_token *token, const spn_bytes *only,
		unsigned right, bool has_validated, spk_grant *ret, spn_error *err)
{
	struct decision decision = { .by = NULL };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && !decision.by && !decision.denied_by && i < permissions->n; i++) {
		const spk_acl_entry *entry = &permissions->list[i].entry;
		bool is_given = !only || spk_bytes_equal(*only, entry->sid);
		if (permissions->list[i].rights & right)
			status = decide(&decision, entry, spk_token_has(token, entry->sid), is_given, err);
	}
	if (!status && decision.denied_by && right == SPN_RIGHT_WRITE && !add_sid(&ret->denied, decision.denied_by->sid))
		status = spk_nomem(err);
	if (!status)
		status = grant(&decision, right, has_validated, ret, err);
	spk_sids_free(&decision.excepted);
	return status;
}

/* An owner may change the permissions whatever they are ([MS-ADTS] 5.1.3.3.2), unless they have entries for Owner
 * Rights ([MS-DTYP] 2.5.3.2), which controllers of Samba do not look at (4.17: the test 'who-may-write' of the lab). */
static spn_status add_owner(const spk_permissions *permissions, const spk_token *token, const spn_bytes *only,
		spk_grant *ret, spn_error *err)
{
	const spn_bytes *owner = &permissions->owner;
	if (!owner->len || permissions->has_owner_rights || !spk_token_has(token, *owner) ||
			(only && !spk_bytes_equal(*only, *owner)))
		return SPN_OK;
	ret->rights |= SPN_RIGHT_DACL;
	ret->inherited &= ~SPN_RIGHT_DACL;
	ret->conditional &= ~SPN_RIGHT_DACL;
	add_phrase(&ret->granted, "owner", false, false);
	return add_sid(&ret->through, *owner) ? SPN_OK : spk_nomem(err);
}

spn_status spk_permissions_evaluate(const spk_permissions *permissions, const spk_token *token, const spn_bytes *only,
		bool has_validated, spk_grant *ret_grant, spn_error *err)
{
	spn_status status = SPN_OK;
	for (unsigned i = 0; !status && i < N_RIGHTS; i++)
		status = evaluate_right(permissions, token, only, 1u << i, has_validated, ret_grant, err);
	if (!status)
		status = add_owner(permissions, token, only, ret_grant, err);
	ret_grant->is_idle &= !(ret_grant->rights & SPN_RIGHT_WRITE);
	return !status && ret_grant->granted.failed ? spk_nomem(err) : status;
}

void spk_grant_free(spk_grant *grant)
{
	spk_text_free(&grant->granted);
	spk_sids_free(&grant->excepted);
	spk_sids_free(&grant->denied);
	spk_sids_free(&grant->through);
}

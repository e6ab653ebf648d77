/* SPDX-License-Identifier: MIT */
#include "delegation_look.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/finding.h"
#include "account/proof.h"
#include "base/error.h"
#include "model/acl.h"

/* ADS_RIGHT_DS_CONTROL_ACCESS, which a KDC asks for, and GENERIC_ALL ([MS-DTYP] 2.4.3) */
#define MAY_ACT 0x10000100u

/* userAccountControl ([MS-ADTS] 2.2.16) */
#define UF_TRUSTED_FOR_DELEGATION 0x80000ul
#define UF_TRUSTED_TO_AUTH_FOR_DELEGATION 0x1000000ul

const char *const spk_delegation_attrs[] = { SPK_PROOF_ATTRS, "userPrincipalName", "memberOf", "objectSid",
	SPK_DELEGATES_TO, SPK_LETS_ACT, SPK_PRECEDED_BY, SPK_SUCCEEDED_BY, SPK_SUPERSEDED_STATE, SPK_POLICY, SPK_SILO,
	"adminCount", NULL };

static bool has_flag(const spn_account *account, unsigned long flag)
{
	unsigned long control;
	return spk_account_control(account, &control) && control & flag;
}

bool spk_is_handed_tickets(const spn_account *account)
{
	return has_flag(account, UF_TRUSTED_FOR_DELEGATION) && !spk_account_may_be_controller(account);
}

bool spk_acts_as_any_user(const spn_account *account)
{
	return has_flag(account, UF_TRUSTED_TO_AUTH_FOR_DELEGATION);
}

void spk_look_clear(spk_look *look)
{
	spk_accounts_free(&look->about);
	spk_accounts_free(&look->accounts);
	spk_accounts_free(&look->policies);
	spk_accounts_free(&look->referred);
	free(look->wanted);
	spk_keys_free(&look->wanted_keys);
	spk_keys_free(&look->policy_dns);
	spk_keys_free(&look->sids);
	free(look->by_sid);
	spk_keys_free(&look->dns);
	spk_keys_free(&look->groups);
	spk_token_free(&look->wide);
	spk_keys_free(&look->wide_of);
}

bool spk_look_is_about(const spk_look *look, const spn_account *account)
{
	return look->is_about_all || spk_keys_find(&look->dns, spk_bytes(spn_account_dn(account))) != SIZE_MAX;
}

bool spk_look_is_about_member(const spk_look *look, const spn_account *group)
{
	return spk_keys_find(&look->groups, spk_bytes(spn_account_dn(group))) != SIZE_MAX;
}

spn_status spk_look_tell(const spk_look *look, const char *code, spn_severity severity, const char *spn,
		const spn_account *front, const spn_account *target, spn_error *err, const char *format, ...)
{
	const spn_account *const both[] = { front, target };
	spn_account_ref refs[2];
	size_t n = 0;
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int len = vasprintf(&text, format, args);
	va_end(args);
	SPK_AUTOFREE char *owned = len < 0 ? NULL : text;
	if (!owned)
		return spk_nomem(err);
	spk_make_printable(owned);
	for (size_t i = 0; i < 2; i++)
		if (both[i])
			refs[n++] = spk_account_ref(both[i]);
	const spn_finding finding = {
		.code = code, .severity = severity, .spn = spn, .accounts = refs, .n_accounts = n, .text = owned
	};
	return spk_tell_finding(&look->to, &finding, err);
}

/* ---- whom lists let in ---- */

static void add_ace(spn_bytes sid, bool allows, bool is_conditional, void *data)
{
	spk_aces *aces = data;
	spk_ace *grown = aces->failed ? NULL : realloc(aces->list, (aces->n + 1) * sizeof *grown);
	aces->failed = !grown;
	if (!grown)
		return;
	aces->list = grown;
	grown[aces->n++] = (spk_ace){ sid, allows, is_conditional };
}

spn_status spk_aces_add(spk_aces *aces, const spn_account *account, const char *attr, bool *ret_unclear, spn_error *err)
{
	const spn_bytes *values;
	size_t before = aces->n;
	bool is_whole = !spn_entry_values(account->entry, attr, &values) ||
			spk_acl_read(values[0], MAY_ACT, add_ace, aces);
	if (!is_whole)
		aces->n = before;
	*ret_unclear = !is_whole;
	return aces->failed ? spk_nomem(err) : SPN_OK;
}

bool spk_aces_let_in(const spk_aces *aces, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!aces->list[j].allows && spk_bytes_equal(aces->list[j].sid, aces->list[i].sid))
			return false;
	return aces->list[i].allows;
}

void spk_aces_free(spk_aces *aces)
{
	free(aces->list);
}

spn_status spk_look_want(spk_look *look, const char *attr, spn_bytes value, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	spk_text_add(&key, "%s=", attr);
	spk_text_add_bytes(&key, value.data, value.len);
	size_t n = look->wanted_keys.n;
	size_t place = key.failed ? SIZE_MAX : spk_keys_add(&look->wanted_keys, (spn_bytes){ key.data, key.len });
	if (place < n)
		return SPN_OK;
	spn_filter *grown = place == SIZE_MAX ? NULL : realloc(look->wanted, (n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	look->wanted = grown;
	grown[n] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = attr, .value = value };
	return SPN_OK;
}

spn_status spk_look_want_trustees(spk_look *look, const spk_aces *aces, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < aces->n; i++)
		status = spk_look_want(look, "objectSid", aces->list[i].sid, err);
	return status;
}

spn_status spk_look_list_sids(spk_look *look, spn_error *err)
{
	const spn_bytes *sid;
	look->by_sid = calloc(look->referred.n + 1, sizeof *look->by_sid);
	if (!look->by_sid)
		return spk_nomem(err);
	for (size_t i = 0; i < look->referred.n; i++) {
		if (!spn_entry_values(look->referred.list[i]->entry, "objectSid", &sid))
			continue;
		size_t place = spk_keys_add(&look->sids, *sid);
		if (place == SIZE_MAX)
			return spk_nomem(err);
		look->by_sid[place] = look->referred.list[i];
	}
	return SPN_OK;
}

const spn_account *spk_look_trustee(const spk_look *look, spn_bytes sid)
{
	size_t place = spk_keys_find(&look->sids, sid);
	return place == SIZE_MAX ? NULL : look->by_sid[place];
}

const char *spk_look_trustee_label(
		const spk_look *look, spn_bytes sid, const spn_account *account, char text[SPK_SID_NAME])
{
	const spn_account *trustee = spk_look_trustee(look, sid);
	const spn_bytes *own;
	spk_domain_id domain = { .is_known = false };
	if (spn_entry_values(account->entry, "objectSid", &own))
		spk_domain_id_set(&domain, *own);
	if (trustee && spk_sid_is_elsewhere(sid, &domain))
		return spn_account_dn(trustee);
	if (trustee && *spn_account_name(trustee))
		return spn_account_name(trustee);
	if (!spk_sid_put_name(sid, &domain, text) && !spk_sid_print(sid, text))
		text[0] = '\0';
	return text;
}

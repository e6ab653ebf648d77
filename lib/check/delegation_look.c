/* SPDX-License-Identifier: MIT */
#include "delegation_look.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "account/finding.h"
#include "account/proof.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/acl.h"

/* ADS_RIGHT_DS_CONTROL_ACCESS, which a KDC asks for, and GENERIC_ALL ([MS-DTYP] 2.4.3) */
#define MAY_ACT 0x10000100u

/* userAccountControl ([MS-ADTS] 2.2.16) */
#define UF_TRUSTED_FOR_DELEGATION 0x80000ul
#define UF_TRUSTED_TO_AUTH_FOR_DELEGATION 0x1000000ul

const char *const spk_delegation_attrs[] = { SPK_PROOF_ATTRS, "objectSid", SPK_DELEGATES_TO, SPK_LETS_ACT,
	SPK_PRECEDED_BY, SPK_SUCCEEDED_BY, SPK_SUPERSEDED_STATE, SPK_POLICY, SPK_SILO, "adminCount", NULL };

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
	spk_accounts_free(&look->trustees);
	spk_keys_free(&look->policy_dns);
	spk_keys_free(&look->sids);
	free(look->by_sid);
	spk_keys_free(&look->dns);
}

bool spk_look_is_about(const spk_look *look, const spn_account *account)
{
	return look->is_about_all || spk_keys_find(&look->dns, spk_bytes(spn_account_dn(account))) != SIZE_MAX;
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
			refs[n++] = (spn_account_ref){ spn_account_dn(both[i]), spn_account_name(both[i]) };
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

static spn_status take_account(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

static spn_status search_trustees(spk_look *look, const spk_aces *aces, spn_error *err)
{
	SPK_AUTOFREE spn_filter *filters = calloc(aces->n + 1, sizeof *filters);
	SPK_AUTOFREE const spn_filter **parts = calloc(aces->n + 1, sizeof *parts);
	SPK_AUTOKEYS spk_keys sids = { 0 };
	if (!filters || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < aces->n; i++) {
		size_t n = sids.n, place = spk_keys_add(&sids, aces->list[i].sid);
		if (place == SIZE_MAX)
			return spk_nomem(err);
		if (place < n)
			continue;
		filters[n] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = "objectSid", .value = aces->list[i].sid };
		parts[n] = &filters[n];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = spk_delegation_attrs };
	return aces->n ? spn_directory_search(look->dir, &search, take_account, &look->trustees, err) : SPN_OK;
}

spn_status spk_look_find_trustees(spk_look *look, const spk_aces *aces, spn_error *err)
{
	const spn_bytes *sid;
	spn_status status = search_trustees(look, aces, err);
	look->by_sid = calloc(look->trustees.n + 1, sizeof *look->by_sid);
	if (!status && !look->by_sid)
		return spk_nomem(err);
	for (size_t i = 0; !status && i < look->trustees.n; i++) {
		size_t place = spn_entry_values(look->trustees.list[i]->entry, "objectSid", &sid) ?
				spk_keys_add(&look->sids, *sid) :
				SIZE_MAX;
		if (place == SIZE_MAX)
			return spk_nomem(err);
		look->by_sid[place] = look->trustees.list[i];
	}
	return status;
}

const spn_account *spk_look_trustee(const spk_look *look, spn_bytes sid)
{
	size_t place = spk_keys_find(&look->sids, sid);
	return place == SIZE_MAX ? NULL : look->by_sid[place];
}

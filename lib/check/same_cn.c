/* SPDX-License-Identifier: MIT */
#include "same_cn.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "account/by_cn.h"
#include "account/proof.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/filter.h"

spn_status spk_same_cn_begin(spk_same_cn *same_cn, const spk_scope *scope, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < scope->n; i++) {
		spn_dialect rules = SPN_DIALECT_WINDOWS;
		status = spk_directory_rules(scope->dirs[i], &rules, err);
		same_cn->is_samba |= rules == SPN_DIALECT_SAMBA;
	}
	return status;
}

/* HOST/x as clients ask for it; else NULL.  Free it.  ret_is_own: the account itself is found for it. */
static spn_status name_of_host(
		const spn_account *account, spn_bytes stored, char **ret_name, bool *ret_is_own, spn_error *err)
{
	static const char class[] = "HOST/";
	spn_name name;
	SPK_AUTOTEXT spk_text own = { 0 };
	const spn_bytes asked = spk_name_asked(stored);
	*ret_name = NULL;
	*ret_is_own = false;
	if (asked.len < sizeof class || strncasecmp(asked.data, class, sizeof class - 1) != 0)
		return SPN_OK;
	SPK_AUTOFREE char *spn = strndup(asked.data, asked.len);
	if (!spn)
		return spk_nomem(err);
	if (spn_name_parse(spn, &name, NULL) || !spk_name_is_of_host(&name))
		return SPN_OK;
	spk_account_put_cn(account, &own);
	if (own.failed)
		return spk_nomem(err);
	*ret_is_own = own.len &&
			spk_fold_equal((spn_bytes){ own.data, own.len }, spk_name_label(&name), SPK_FOLD_SAMBA);
	*ret_name = spn;
	spn = NULL;
	return SPN_OK;
}

spn_status spk_same_cn_note_cn(spk_same_cn *same_cn, spn_bytes cn, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	size_t n = same_cn->cns.n;
	spk_fold_key(cn, SPK_FOLD_SAMBA, &key);
	if (key.failed || spk_keys_add(&same_cn->cns, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
		return spk_nomem(err);
	if (same_cn->cns.n > n && !same_cn->is_of_some)
		return SPN_OK;
	SPK_AUTOFREE char *name = spk_printf("HOST/%.*s", (int)cn.len, cn.data);
	return name ? spk_names_add(&same_cn->twice, name, err) : spk_nomem(err);
}

spn_status spk_same_cn_note(spk_same_cn *same_cn, const spn_account *account, spn_error *err)
{
	const spn_bytes *names;
	spn_status status = SPN_OK;
	SPK_AUTOTEXT spk_text cn = { 0 };
	bool is_at_risk = false;
	if (!same_cn->is_samba)
		return SPN_OK;
	for (size_t i = 0, n = spn_account_spns(account, &names); !status && !is_at_risk && i < n; i++) {
		SPK_AUTOFREE char *name = NULL;
		bool is_own;
		status = name_of_host(account, names[i], &name, &is_own, err);
		is_at_risk = name && !is_own;
	}
	if (!status && is_at_risk)
		status = spk_accounts_add(&same_cn->holders, account->entry, err);
	spk_account_put_cn(account, &cn);
	if (status || cn.failed)
		return status ? status : spk_nomem(err);
	return cn.len ? spk_same_cn_note_cn(same_cn, (spn_bytes){ cn.data, cn.len }, err) : SPN_OK;
}

static spn_status want_all(const spk_same_cn *same_cn, spk_by_cn *by_cn, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < same_cn->twice.n; i++)
		status = spk_by_cn_want(by_cn, same_cn->twice.list[i], err);
	for (size_t a = 0; !status && a < same_cn->holders.n; a++) {
		const spn_account *account = same_cn->holders.list[a];
		const spn_bytes *names;
		for (size_t i = 0, n = spn_account_spns(account, &names); !status && i < n; i++) {
			SPK_AUTOFREE char *name = NULL;
			bool is_own;
			status = name_of_host(account, names[i], &name, &is_own, err);
			if (!status && name && !is_own)
				status = spk_by_cn_want(by_cn, name, err);
		}
	}
	return status;
}

static spn_status collect(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

/* What is noted of an account is not enough to tell which hosts it claims. */
static spn_status is_clear(const spk_scope *scope, const spn_account *holder, const char *name,
		const spn_account *computer, int64_t now, bool *ret_is, spn_error *err)
{
	static const char *const attrs[] = { SPK_PROOF_ATTRS, NULL };
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	const char *dn = spn_account_dn(holder);
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	spn_directory *dir = spn_directory_of_dn(scope->dirs, scope->n, dn);
	*ret_is = false;
	if (!dir || !spk_by_cn_is_clear(computer, holder, name, now))
		return SPN_OK;
	spn_status status = spn_directory_search(dir, &search, collect, &found, err);
	*ret_is = found.n && spk_by_cn_is_clear(computer, found.list[0], name, now);
	return status;
}

static spn_status tell_one(const spk_same_cn *same_cn, const spk_scope *scope, const spn_account *holder, bool own,
		const char *name, const spn_account *computer, const spk_teller *to, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	bool is = false;
	spn_status status = is_clear(scope, holder, name, computer, same_cn->now, &is, err);
	if (status)
		return status;
	if (is)
		spk_scope_repair_name(&repairs, scope, SPN_REPAIR_DELETE, name, holder);
	spk_text_add(&text,
			"'%s' is held by '%s', and Samba's KDC finds '%s' for it as well, by its cn: no client gets a ticket for "
			"it, nor for its aliases (http, cifs, ...)%s",
			name, spk_account_label(holder), spk_account_label(computer), repairs.n ? "" :
			own ? "; both have that cn: give one of them another" :
			"; find out which is meant, and delete the name from the other, or give that another cn");
	const spn_account_ref refs[] = { spk_account_ref(holder), spk_account_ref(computer) };
	const spn_finding finding = { .code = "duplicate", .severity = SPN_SEVERITY_BROKEN, .spn = name, .accounts = refs,
		.n_accounts = 2, .text = text.data, .repairs = repairs.list, .n_repairs = repairs.n };
	return text.failed || repairs.failed ? spk_nomem(err) : spk_tell_finding(to, &finding, err);
}

/* Judges the names of a holder that match its own cn (own), or the others.  If the computer holds the name too, that is
 * an ordinary duplicate, which is reported elsewhere. */
static spn_status judge(const spk_same_cn *same_cn, const spk_by_cn *by_cn, const spk_scope *scope,
		const spn_account *holder, bool own, const char *pattern, const spk_teller *to, spn_error *err)
{
	const spn_bytes *names;
	spn_status status = SPN_OK;
	for (size_t i = 0, n = spn_account_spns(holder, &names); !status && i < n; i++) {
		SPK_AUTOFREE char *name = NULL;
		bool is_own;
		status = name_of_host(holder, names[i], &name, &is_own, err);
		if (status || !name || is_own != own ||
				(pattern && !spk_glob_match(spk_bytes(pattern), spk_bytes(name), SPK_FOLD_WINDOWS)))
			continue;
		const spn_account *computer = spk_by_cn_find(by_cn, name, spn_account_dn(holder));
		if (computer && !spn_account_holds(computer, name))
			status = tell_one(same_cn, scope, holder, own, name, computer, to, err);
	}
	return status;
}

spn_status spk_same_cn_tell(const spk_same_cn *same_cn, const spk_scope *scope, const char *pattern,
		const spk_teller *to, spn_error *err)
{
	SPK_AUTOBYCN spk_by_cn by_cn = { .roll = { .n = 0 } };
	spn_status status = want_all(same_cn, &by_cn, err);
	for (size_t i = 0; !status && i < scope->n; i++)
		status = spk_by_cn_search(&by_cn, scope->dirs[i], err);
	for (size_t a = 0; !status && by_cn.found.n && a < same_cn->holders.n; a++)
		status = judge(same_cn, &by_cn, scope, same_cn->holders.list[a], false, pattern, to, err);
	for (size_t a = 0; !status && a < by_cn.found.n; a++) {
		const char *dn = spn_account_dn(by_cn.found.list[a]);
		if (scope->forest || spn_directory_of_dn(scope->dirs, scope->n, dn))
			status = judge(same_cn, &by_cn, scope, by_cn.found.list[a], true, pattern, to, err);
	}
	return status;
}

spn_status spk_same_cn_search(
		const spk_scope *scope, const char *const *attrs, spn_entry_fn *fn, void *data, spn_error *err)
{
	static const spn_filter holders = { .op = SPN_FILTER_PRESENT, .attr = SPK_SPN };
	const spn_filter computers = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = spk_bytes("computer") };
	const spn_filter *const parts[] = { &holders, &computers, NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	return spk_scope_search(scope, &any, attrs, fn, data, err);
}

spn_status spk_same_cn_take(const spn_entry *entry, void *data, spn_error *err)
{
	spk_same_cn *same_cn = data;
	spn_account *account = NULL;
	spn_status status = same_cn->is_samba ? spk_account_borrow(entry, &account, err) : SPN_OK;
	if (!status && account)
		status = spk_same_cn_note(same_cn, account, err);
	spk_account_give_back(account);
	return status;
}

spn_status spk_same_cn_find(const spk_scope *scope, const spk_teller *to, spn_error *err)
{
	static const char *const attrs[] = { SPK_SPN, SPK_KIND_ATTRS, NULL };
	spk_same_cn same_cn = { .is_samba = false };
	spn_status status = spk_same_cn_begin(&same_cn, scope, err);
	if (!status && same_cn.is_samba)
		status = spk_same_cn_search(scope, attrs, spk_same_cn_take, &same_cn, err);
	if (!status)
		status = spk_same_cn_tell(&same_cn, scope, NULL, to, err);
	spk_same_cn_free(&same_cn);
	return status;
}

void spk_same_cn_free(spk_same_cn *same_cn)
{
	spk_accounts_free(&same_cn->holders);
	spk_keys_free(&same_cn->cns);
	spk_names_free(&same_cn->twice);
}

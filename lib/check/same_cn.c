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

/* HOST/x as clients ask for it, if another computer than the account itself may be found for it; else NULL.  Free
 * it. */
static spn_status name_at_risk(const spn_account *account, spn_bytes stored, char **ret_name, spn_error *err)
{
	static const char class[] = "HOST/";
	spn_name name;
	SPK_AUTOTEXT spk_text own = { 0 };
	const spn_bytes asked = spk_name_asked(stored);
	*ret_name = NULL;
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
	if (own.len && spk_fold_equal((spn_bytes){ own.data, own.len }, spk_name_label(&name), SPK_FOLD_SAMBA))
		return SPN_OK;
	*ret_name = spn;
	spn = NULL;
	return SPN_OK;
}

spn_status spk_same_cn_note(spk_same_cn *same_cn, const spn_account *account, spn_error *err)
{
	const spn_bytes *names;
	spn_status status = SPN_OK;
	bool is_at_risk = false;
	size_t n = same_cn->is_samba ? spn_account_spns(account, &names) : 0;
	for (size_t i = 0; !status && !is_at_risk && i < n; i++) {
		SPK_AUTOFREE char *name = NULL;
		status = name_at_risk(account, names[i], &name, err);
		is_at_risk = name != NULL;
	}
	return is_at_risk ? spk_accounts_add(&same_cn->holders, account->entry, err) : status;
}

static spn_status want_all(const spk_same_cn *same_cn, spk_by_cn *by_cn, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t a = 0; !status && a < same_cn->holders.n; a++) {
		const spn_account *account = same_cn->holders.list[a];
		const spn_bytes *names;
		for (size_t i = 0, n = spn_account_spns(account, &names); !status && i < n; i++) {
			SPK_AUTOFREE char *name = NULL;
			status = name_at_risk(account, names[i], &name, err);
			if (!status && name)
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
		const spn_account *computer, bool *ret_is, spn_error *err)
{
	static const char *const attrs[] = { SPK_PROOF_ATTRS, NULL };
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	const char *dn = spn_account_dn(holder);
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	spn_directory *dir = spn_directory_of_dn(scope->dirs, scope->n, dn);
	*ret_is = false;
	if (!dir || !spk_by_cn_is_clear(computer, holder, name))
		return SPN_OK;
	spn_status status = spn_directory_search(dir, &search, collect, &found, err);
	*ret_is = found.n && spk_by_cn_is_clear(computer, found.list[0], name);
	return status;
}

static spn_status tell_one(const spk_scope *scope, const spn_account *holder, const char *name,
		const spn_account *computer, const spk_teller *to, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	bool is = false;
	spn_status status = is_clear(scope, holder, name, computer, &is, err);
	if (status)
		return status;
	if (is)
		spk_scope_repair_name(&repairs, scope, SPN_REPAIR_DELETE, name, holder);
	spk_text_add(&text,
			"'%s' is held by '%s', and Samba's KDC finds '%s' for it as well, by its cn: no client gets a ticket for "
			"it, nor for its aliases (http, cifs, ...)%s",
			name, spk_account_label(holder), spk_account_label(computer), repairs.n ? "" :
			"; find out which is meant, and delete the name from the other, or give that another cn");
	const spn_account_ref refs[] = { spk_account_ref(holder), spk_account_ref(computer) };
	const spn_finding finding = { .code = "duplicate", .severity = SPN_SEVERITY_BROKEN, .spn = name, .accounts = refs,
		.n_accounts = 2, .text = text.data, .repairs = repairs.list, .n_repairs = repairs.n };
	return text.failed || repairs.failed ? spk_nomem(err) : spk_tell_finding(to, &finding, err);
}

/* A computer that holds the name, too, is told of as one of its holders. */
static spn_status judge(const spk_by_cn *by_cn, const spk_scope *scope, const spn_account *holder, spn_bytes stored,
		const char *pattern, const spk_teller *to, spn_error *err)
{
	SPK_AUTOFREE char *name = NULL;
	spn_status status = name_at_risk(holder, stored, &name, err);
	if (status || !name || (pattern && !spk_glob_match(spk_bytes(pattern), spk_bytes(name), SPK_FOLD_WINDOWS)))
		return status;
	const spn_account *computer = spk_by_cn_find(by_cn, name, spn_account_dn(holder));
	return !computer || spn_account_holds(computer, name) ? SPN_OK : tell_one(scope, holder, name, computer, to, err);
}

spn_status spk_same_cn_tell(const spk_same_cn *same_cn, const spk_scope *scope, const char *pattern,
		const spk_teller *to, spn_error *err)
{
	SPK_AUTOBYCN spk_by_cn by_cn = { .roll = { .n = 0 } };
	spn_status status = want_all(same_cn, &by_cn, err);
	for (size_t i = 0; !status && i < scope->n; i++)
		status = spk_by_cn_search(&by_cn, scope->dirs[i], err);
	for (size_t a = 0; !status && by_cn.found.n && a < same_cn->holders.n; a++) {
		const spn_account *holder = same_cn->holders.list[a];
		const spn_bytes *names;
		for (size_t i = 0, n = spn_account_spns(holder, &names); !status && i < n; i++)
			status = judge(&by_cn, scope, holder, names[i], pattern, to, err);
	}
	return status;
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
	const spn_filter filter = { .op = SPN_FILTER_PRESENT, .attr = SPK_SPN };
	spk_same_cn same_cn = { .is_samba = false };
	spn_status status = spk_same_cn_begin(&same_cn, scope, err);
	if (!status && same_cn.is_samba)
		status = spk_scope_search(scope, &filter, attrs, spk_same_cn_take, &same_cn, err);
	if (!status)
		status = spk_same_cn_tell(&same_cn, scope, NULL, to, err);
	spk_same_cn_free(&same_cn);
	return status;
}

void spk_same_cn_free(spk_same_cn *same_cn)
{
	spk_accounts_free(&same_cn->holders);
}

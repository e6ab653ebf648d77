/* SPDX-License-Identifier: MIT */
/* Disabled accounts that hold names.  Names that a duplicate finding already says to delete are not reported again. */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "account/proof.h"
#include "account/roll.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/filter.h"
#include "model/fold.h"

/* What few names there are to take away. */
#define FEW_NAMES 5
/* So many are looked up together. */
#define NAMES_TOGETHER 2000

struct spk_disabled {
	spk_accounts some;
	size_t n_names;
};

spn_status spk_disabled_new(struct spk_disabled **ret_disabled, spn_error *err)
{
	*ret_disabled = calloc(1, sizeof **ret_disabled);
	return *ret_disabled ? SPN_OK : spk_nomem(err);
}

void spk_disabled_free(struct spk_disabled *disabled)
{
	if (disabled)
		spk_accounts_free(&disabled->some);
	free(disabled);
}

/* Whether two names are one, or one of them is what an account's name keeps of the other: its first 15 characters. */
static bool is_same_label(spn_bytes a, spn_bytes b)
{
	enum { KEPT = 15 };
	if (a.len > KEPT && b.len == KEPT)
		a.len = KEPT;
	if (b.len > KEPT && a.len == KEPT)
		b.len = KEPT;
	return spk_fold_equal(a, b, SPK_FOLD_WINDOWS);
}

static spn_bytes first_label(spn_bytes host)
{
	size_t len = 0;
	while (len < host.len && host.data[len] != '.')
		len++;
	return (spn_bytes){ host.data, len };
}

/* Of a computer in an export without dNSHostName or sAMAccountName: what it is called by the other one, or by its DN.
 */
static bool is_called(const spn_account *account, spn_bytes host)
{
	SPK_AUTOTEXT spk_text cn = { 0 };
	const char *name = spn_account_name(account), *dns = spn_account_dns_host(account);
	size_t len = strlen(name);
	if (spn_account_get_kind(account) != SPN_KIND_COMPUTER || (len > 0 && dns))
		return false;
	spk_dn_first_value(spn_account_dn(account), &cn);
	spn_bytes called = len > 0 ? (spn_bytes){ name, len - (name[len - 1] == '$') } : dns ? first_label(spk_bytes(dns)) :
			(spn_bytes){ cn.data, cn.failed ? 0 : cn.len };
	return called.len > 0 && is_same_label(called, first_label(host));
}

/* What a machine that is switched off had: it needs it again when it is enabled. */
static bool is_own(const spn_account *account, spn_bytes spn)
{
	spn_name name;
	return !spn_name_parse(spn.data, &name, NULL) &&
			(spk_account_claims_host(account, name.host) || is_called(account, name.host));
}

static bool holds_own_names_only(const spn_account *account)
{
	const spn_bytes *names;
	size_t n = spn_account_spns(account, &names);
	for (size_t i = 0; i < n; i++)
		if (!is_own(account, names[i]))
			return false;
	return true;
}

/* Who holds the names of the disabled accounts. */
struct held {
	spk_accounts all;
	spk_roll roll;
	spn_account **list;         /* room for all of them */
	const spn_account **keepers; /* of each name that was asked for, in the place of the first account that holds it; */
	const spk_line **of;         /* and for which line of that account */
};

static void clear_held(struct held *held)
{
	spk_accounts_free(&held->all);
	spk_roll_free(&held->roll);
	free(held->list);
	free(held->keepers);
	free(held->of);
}

/* The one who keeps a name, as the finding about a duplicate says; found once for all who hold it. */
static const spn_account *find_keeper(struct held *held, spn_bytes name)
{
	spk_accounts holders = { held->list, 0 };
	const spk_line *first = held->all.list ? spk_roll_find(&held->roll, name) : NULL;
	if (first && held->of[first->account] == first)
		return held->keepers[first->account];
	for (const spk_line *line = first; line; line = line->next)
		held->list[holders.n++] = held->all.list[line->account];
	const spn_account *keeper = spk_likely_holder(&holders, name.data);
	if (first) {
		held->of[first->account] = first;
		held->keepers[first->account] = keeper;
	}
	return keeper;
}

/* Whether the finding about a duplicate says to delete it from this account. */
static bool is_told_as_duplicate(const spk_audit *audit, const spn_account *account, spn_bytes name, struct held *held)
{
	const char *pattern = audit->options->pattern;
	if (pattern && !spk_glob_match(spk_bytes(pattern), name, SPK_FOLD_WINDOWS))
		return false;
	const spn_account *keeper = find_keeper(held, name);
	return keeper && !spk_dn_equal(spn_account_dn(keeper), spn_account_dn(account));
}

/* Where the KDC gives no tickets for a disabled account, its names are of no use; where it does, a service that has a
 * keytab may read them.  beside: what else it holds, of which this does not speak. */
static spn_status tell(const spk_audit *audit, const spn_account *account, const spn_bytes *names, size_t n,
		const char *beside, spn_error *err)
{
	SPK_AUTOTEXT spk_text first = { 0 };
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	bool is_served = spk_account_is_served_disabled(account);
	const char *label = spk_account_label(account);
	spk_text_add_shown(&first, names[0]);
	if (n <= FEW_NAMES && !is_served)
		spk_scope_repair_names(&repairs, audit->scope, SPN_REPAIR_DELETE, names, n, account);
	if (first.failed)
		return spk_nomem(err);
	if (is_served)
		return spk_tell(audit->to, err, "disabled-account", SPN_SEVERITY_NOTICE, NULL, account, NULL,
				"'%s' is disabled and holds %s%zu name%s ('%s'%s): a KDC of Samba gives tickets for %s all the same, "
				"which a service with a keytab can read; one of Windows does not",
				label, beside, n, n == 1 ? "" : "s", first.data ? first.data : "", n == 1 ? "" : " first",
				n == 1 ? "it" : "them");
	return spk_tell(audit->to, err, "disabled-account", SPN_SEVERITY_WARNING, NULL, account, &repairs,
			"'%s' is disabled and holds %s%zu name%s ('%s'%s): no service can run as it, and no other account can take %s",
			label, beside, n, n == 1 ? "" : "s", first.data ? first.data : "", n == 1 ? "" : " first", n == 1 ? "it" : "them");
}

static spn_status judge_one(const spk_audit *audit, const spn_account *account, struct held *held, spn_error *err)
{
	const spn_bytes *names;
	size_t n = spn_account_spns(account, &names), n_left = 0, n_own = 0;
	SPK_AUTOFREE spn_bytes *left = calloc(n + 1, sizeof *left);
	if (!left)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		if (is_own(account, names[i]))
			n_own++;
		else if (!is_told_as_duplicate(audit, account, names[i], held))
			left[n_left++] = names[i];
	}
	bool has_told = n_own + n_left < n;
	return n_left == 0 ? SPN_OK :
			     tell(audit, account, left, n_left,
					     n_own && has_told        ? "in addition to its own names and duplicates " :
							     n_own    ? "in addition to its own names " :
							     has_told ? "in addition to duplicates " :
									"",
					     err);
}

/* An account that several searches have found counts once. */
static spn_status drop_repeated(spk_accounts *accounts, spn_error *err)
{
	SPK_AUTOKEYS spk_keys seen = { .n = 0 };
	size_t kept = 0, i = 0;
	for (; i < accounts->n; i++) {
		size_t n = seen.n, place = spk_dns_add(&seen, spn_account_dn(accounts->list[i]));
		if (place == SIZE_MAX)
			break;
		if (place < n)
			spn_account_free(accounts->list[i]);
		else
			accounts->list[kept++] = accounts->list[i];
	}
	bool failed = i < accounts->n;
	for (; i < accounts->n; i++)
		accounts->list[kept++] = accounts->list[i];
	accounts->n = kept;
	return failed ? spk_nomem(err) : SPN_OK;
}

spn_status spk_disabled_judge(const spk_audit *audit, spn_error *err)
{
	spk_accounts some = audit->disabled->some;
	SPK_AUTONAMES spk_names names = { 0 };
	__attribute__((cleanup(clear_held))) struct held held = { .list = NULL };
	spn_status status = SPN_OK;
	*audit->disabled = (struct spk_disabled){ .n_names = 0 };
	for (size_t a = 0; a < some.n; a++) {
		const spn_bytes *values;
		for (size_t i = 0, n = spn_account_spns(some.list[a], &values); !status && i < n; i++)
			status = spk_names_add(&names, values[i].data, err);
	}
	if (!status && names.n)
		status = spk_audit_holders(audit, &names, &held.all, err);
	if (!status)
		status = drop_repeated(&held.all, err);
	if (!status)
		status = spk_roll_of_accounts(&held.all, &held.roll, err);
	held.list = calloc(held.all.n + 1, sizeof *held.list);
	held.keepers = calloc(held.all.n + 1, sizeof *held.keepers);
	held.of = calloc(held.all.n + 1, sizeof *held.of);
	if (!status && (!held.list || !held.keepers || !held.of))
		status = spk_nomem(err);
	for (size_t a = 0; !status && a < some.n; a++)
		status = judge_one(audit, some.list[a], &held, err);
	spk_accounts_free(&some);
	return status;
}

spn_status spk_rule_disabled(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	struct spk_disabled *disabled = audit->disabled;
	(void)rule;
	if (spn_account_enabled(account) || spk_is_superseded(account))
		return SPN_OK;
	spk_audit_noted(audit);
	if (holds_own_names_only(account))
		return ++audit->retired->n > SPK_RETIRED_SHOWN ?
				SPN_OK :
				spk_accounts_add(&audit->retired->some, account->entry, err);
	disabled->n_names += spn_account_spns(account, NULL);
	spn_status status = spk_accounts_add(&disabled->some, account->entry, err);
	return status || disabled->n_names < NAMES_TOGETHER ? status : spk_disabled_judge(audit, err);
}

spn_status spk_retired_tell(const spk_audit *audit, spn_error *err)
{
	const struct spk_retired *retired = audit->retired;
	spn_account_ref refs[SPK_RETIRED_SHOWN];
	SPK_AUTOTEXT spk_text text = { 0 };
	if (retired->n == 0)
		return SPN_OK;
	for (size_t i = 0; i < retired->some.n; i++)
		refs[i] = spk_account_ref(retired->some.list[i]);
	spk_text_add(&text, "%zu disabled computer%s only %s own names; nothing to do%s", retired->n,
			retired->n == 1 ? " holds" : "s hold", retired->n == 1 ? "its" : "their",
			retired->n > retired->some.n ? " (the first are listed)" : "");
	if (text.failed)
		return spk_nomem(err);
	const spn_finding finding = { .code = "disabled-account", .severity = SPN_SEVERITY_NOTICE, .accounts = refs,
		.n_accounts = retired->some.n, .text = text.data };
	return spk_tell_finding(audit->to, &finding, err);
}

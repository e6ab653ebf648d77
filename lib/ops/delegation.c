/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "delegation.h"
#include "directory/directory.h"
#include "holders.h"
#include "model/acl.h"
#include "model/adtypes.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"
#include "plan.h"
#include "proof.h"

/* userAccountControl ([MS-ADTS] 2.2.16) */
#define UF_TRUSTED_FOR_DELEGATION 0x80000ul
#define UF_TRUSTED_TO_AUTH_FOR_DELEGATION 0x1000000ul
/* ADS_RIGHT_DS_CONTROL_ACCESS, which a KDC asks for, and GENERIC_ALL ([MS-DTYP] 2.4.3) */
#define MAY_ACT 0x10000100u

const char *const spk_delegation_attrs[] = { SPK_PROOF_ATTRS, "objectSid", SPK_DELEGATES_TO, SPK_LETS_ACT, NULL };

/* What is to be told of the delegations of a domain. */
struct look {
	spn_directory *dir;
	const char *name;   /* that the question is about, or NULL */
	spk_accounts about; /* the accounts that it is about: those that the name leads to, or the one that was named */
	bool is_about_all;
	spk_accounts accounts; /* that delegate, or are delegated to */
	spk_accounts trustees; /* whose SIDs are in what lets others act */
	spk_teller to;
};

static void clear(struct look *look)
{
	spk_accounts_free(&look->about);
	spk_accounts_free(&look->accounts);
	spk_accounts_free(&look->trustees);
}
#define AUTOLOOK __attribute__((cleanup(clear)))

/* ---- what there is ---- */

static bool has_flag(const spn_account *account, unsigned long flag)
{
	unsigned long control;
	return spk_account_control(account, &control) && control & flag;
}

bool spk_is_handed_tickets(const spn_account *account)
{
	return has_flag(account, UF_TRUSTED_FOR_DELEGATION) && !spk_account_is_controller(account);
}

bool spk_acts_as_any_user(const spn_account *account)
{
	return has_flag(account, UF_TRUSTED_TO_AUTH_FOR_DELEGATION);
}

static spn_status take_account(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

static spn_status search(spn_directory *dir, const spn_filter *filter, spk_accounts *accounts, spn_error *err)
{
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = filter, .attrs = spk_delegation_attrs };
	return spn_directory_search(dir, &search, take_account, accounts, err);
}

static spn_status find_accounts(struct look *look, spn_error *err)
{
	const spn_filter names = { .op = SPN_FILTER_PRESENT, .attr = SPK_DELEGATES_TO };
	const spn_filter me = { .op = SPN_FILTER_PRESENT, .attr = SPK_LETS_ACT };
	const spn_filter anywhere = { .op = SPN_FILTER_BITS, .attr = "userAccountControl", .value = spk_bytes("524288") };
	const spn_filter *const parts[] = { &names, &me, &anywhere, NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	return search(look->dir, &any, &look->accounts, err);
}

/* SIDs that stand for many ([MS-DTYP] 2.4.2.4). */
static bool is_everybody(spn_bytes sid)
{
	char text[SPK_SID_TEXT];
	uint32_t rid;
	if (!spk_sid_print(sid, text) || !spk_sid_rid(sid, &rid))
		return false;
	bool is_of_domain = strncmp(text, "S-1-5-21-", 9) == 0;
	return strcmp(text, "S-1-1-0") == 0 || strcmp(text, "S-1-5-11") == 0 ||
			(is_of_domain && (rid == 513 || rid == 515));
}

/* ---- telling ---- */

static bool is_same(const spn_account *a, const spn_account *b)
{
	return strcmp(spn_account_dn(a), spn_account_dn(b)) == 0;
}

static bool is_about(const struct look *look, const spn_account *account)
{
	bool is = look->is_about_all;
	for (size_t i = 0; !is && i < look->about.n; i++)
		is = is_same(look->about.list[i], account);
	return is;
}

static spn_status tell(const struct look *look, const char *code, spn_severity severity, const char *spn,
		const spn_account *front, const spn_account *target, spn_error *err, const char *format, ...)
		__attribute__((format(printf, 8, 9)));

static spn_status tell(const struct look *look, const char *code, spn_severity severity, const char *spn,
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
	return look->to.fn(&finding, look->to.data, err);
}

static const char *as_whom(const spn_account *front)
{
	return spk_acts_as_any_user(front) ? "any user" : "the users who log on to it";
}

/* The answer for one name of a list. */
struct lead {
	struct look *look;
	const spn_account *front;
	const char *name;
	bool is_named; /* the question is about this name */
};

static spn_status tell_towards(const struct lead *lead, const spn_account *target, spn_error *err)
{
	const char *front = spk_account_label(lead->front), *holder = spk_account_label(target);
	if (!spk_acts_as_any_user(lead->front))
		return tell(lead->look, "delegation", SPN_SEVERITY_OK, lead->name, lead->front, target, err,
				"'%s' may act as the users who log on to it towards '%s', which leads to '%s', and with that towards "
				"every service of '%s'",
				front, lead->name, holder, holder);
	bool is_worst = spk_account_is_controller(target);
	return tell(lead->look, "wide-delegation", is_worst ? SPN_SEVERITY_BROKEN : SPN_SEVERITY_WARNING, lead->name,
			lead->front, target, err,
			"'%s' may act as any user towards '%s', which leads to '%s', and with that towards every "
			"service of '%s'",
			front, lead->name, holder, holder);
}

static spn_status tell_lead(const spn_resolution *resolution, void *data, spn_error *err)
{
	const struct lead *lead = data;
	const spn_account *target = resolution->n_accounts ? resolution->accounts[0] : NULL;
	const char *front = spk_account_label(lead->front), *whom = as_whom(lead->front);
	bool is_wide = spk_acts_as_any_user(lead->front), is_asked = lead->is_named || is_about(lead->look, lead->front);
	for (size_t i = 0; !is_asked && i < resolution->n_accounts; i++)
		is_asked = is_about(lead->look, resolution->accounts[i]);
	if (!is_asked)
		return SPN_OK;
	if (resolution->n_accounts > 1)
		return tell(lead->look, "delegation", SPN_SEVERITY_OK, lead->name, lead->front, NULL, err,
				"'%s' may act as %s towards '%s', which several accounts hold, so that it gets no ticket for it", front,
				whom, lead->name);
	if (target)
		return tell_towards(lead, target, err);
	if (resolution->rule != SPN_RULE_NONE)
		return SPN_OK; /* the KDC's own name, whose account cannot be seen */
	/* an export may lack the account */
	bool is_file = spk_directory_is_local(lead->look->dir);
	spn_severity live = is_wide ? SPN_SEVERITY_BROKEN : SPN_SEVERITY_WARNING;
	return tell(lead->look, "ghost-delegation", is_file ? SPN_SEVERITY_NOTICE : live, lead->name, lead->front, NULL, err,
			"'%s' may act as %s towards '%s', which no account%s holds: it will be able to do so towards whatever account "
			"is given that name; if nobody needs it, delete it from " SPK_DELEGATES_TO,
			front, whom, lead->name, is_file ? " in this file" : "");
}

static spn_status tell_names(struct look *look, const spn_account *front, spn_error *err)
{
	const spn_bytes *names;
	size_t n = spn_entry_values(front->entry, SPK_DELEGATES_TO, &names);
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++) {
		/* the KDC compares the whole name, without case */
		bool is_named = look->name && spk_fold_equal(names[i], spk_bytes(look->name), SPK_FOLD_CASE);
		struct lead lead = { look, front, names[i].data, is_named };
		spn_error why = { .status = SPN_OK };
		status = spn_resolve(look->dir, lead.name, tell_lead, &lead, &why);
		if (status == SPN_ERR_SYNTAX) /* no account can hold it */
			status = tell_lead(&(spn_resolution){ .rule = SPN_RULE_NONE }, &lead, &why);
		if (status && err)
			*err = why;
	}
	return status;
}

/* ---- who is let in ---- */

struct ace {
	spn_bytes sid;
	bool allows;
};

/* Lends the SIDs of accounts. */
struct aces {
	struct ace *list;
	size_t n;
	bool failed;
};

static void add_ace(spn_bytes sid, bool allows, void *data)
{
	struct aces *aces = data;
	struct ace *grown = aces->failed ? NULL : realloc(aces->list, (aces->n + 1) * sizeof *grown);
	aces->failed = !grown;
	if (!grown)
		return;
	aces->list = grown;
	grown[aces->n++] = (struct ace){ sid, allows };
}

/* What an account lets others do; ret_unclear: it cannot be read.  The attribute takes one value. */
static spn_status add_aces(const spn_account *account, struct aces *aces, bool *ret_unclear, spn_error *err)
{
	const spn_bytes *values;
	size_t before = aces->n;
	bool is_whole =
			!spn_entry_values(account->entry, SPK_LETS_ACT, &values) || spk_acl_read(values[0], MAY_ACT, add_ace, aces);
	if (!is_whole)
		aces->n = before;
	*ret_unclear = !is_whole;
	return aces->failed ? spk_nomem(err) : SPN_OK;
}

/* The accounts and groups of the SIDs, in one search. */
static spn_status find_trustees(struct look *look, const struct aces *aces, spn_error *err)
{
	SPK_AUTOFREE spn_filter *filters = calloc(aces->n + 1, sizeof *filters);
	SPK_AUTOFREE const spn_filter **parts = calloc(aces->n + 1, sizeof *parts);
	if (!filters || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < aces->n; i++) {
		filters[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = "objectSid", .value = aces->list[i].sid };
		parts[i] = &filters[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	return aces->n ? search(look->dir, &any, &look->trustees, err) : SPN_OK;
}

static spn_status find_all_trustees(struct look *look, spn_error *err)
{
	struct aces aces = { .n = 0 };
	spn_status status = SPN_OK;
	bool unclear;
	for (size_t i = 0; !status && i < look->accounts.n; i++)
		status = add_aces(look->accounts.list[i], &aces, &unclear, err);
	if (!status)
		status = find_trustees(look, &aces, err);
	free(aces.list);
	return status;
}

static const spn_account *trustee_of(const struct look *look, spn_bytes sid)
{
	for (size_t i = 0; i < look->trustees.n; i++) {
		const spn_bytes *own;
		if (spn_entry_values(look->trustees.list[i]->entry, "objectSid", &own) && spk_bytes_equal(*own, sid))
			return look->trustees.list[i];
	}
	return NULL;
}

/* Of another domain, or of no domain, there may be accounts that are not here. */
static bool is_of_domain_of(spn_bytes sid, const spn_account *account)
{
	const spn_bytes *own;
	char expected[SPK_SID_MAX];
	uint32_t rid;
	return spn_entry_values(account->entry, "objectSid", &own) && spk_sid_rid(sid, &rid) && own->len == sid.len &&
			spk_sid_with_rid(*own, rid, expected) && memcmp(expected, sid.data, sid.len) == 0;
}

static spn_status tell_trustee(const struct look *look, spn_bytes sid, const spn_account *target, spn_error *err)
{
	const spn_account *front = trustee_of(look, sid);
	const char *label = spk_account_label(target);
	char text[SPK_SID_TEXT] = "";
	if (!is_about(look, target) && !(front && is_about(look, front)))
		return SPN_OK;
	spk_sid_print(sid, text);
	if (is_everybody(sid))
		return tell(look, "open-delegation", SPN_SEVERITY_BROKEN, NULL, target, NULL, err,
				"'%s' lets %s act as any user towards it: whoever has an account of that kind can take it over; "
				"clear " SPK_LETS_ACT,
				label, front ? spk_account_label(front) : text);
	if (front)
		return tell(look, "delegation", SPN_SEVERITY_OK, NULL, front, target, err,
				"'%s' may act as any user towards '%s', which allows it", spk_account_label(front), label);
	if (!is_of_domain_of(sid, target))
		return tell(look, "delegation", SPN_SEVERITY_OK, NULL, target, NULL, err,
				"'%s' may act as any user towards '%s', which allows it", text, label);
	return tell(look, "dead-delegation", SPN_SEVERITY_NOTICE, NULL, target, NULL, err,
			"'%s' lets '%s' act as any user towards it, which is the SID of no account%s: if the account was deleted, "
			"delete the SID from " SPK_LETS_ACT,
			label, text, spk_directory_is_local(look->dir) ? " in this file" : " of the domain");
}

/* Whether an earlier entry of the list denies it. */
static bool is_denied(const struct aces *aces, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!aces->list[j].allows && spk_bytes_equal(aces->list[j].sid, aces->list[i].sid))
			return true;
	return false;
}

static spn_status tell_trustees(const struct look *look, const spn_account *target, spn_error *err)
{
	struct aces aces = { .n = 0 };
	bool unclear;
	spn_status status = add_aces(target, &aces, &unclear, err);
	if (!status && unclear && is_about(look, target))
		status = tell(look, "delegation", SPN_SEVERITY_NOTICE, NULL, target, NULL, err,
				"who may act as a user towards '%s' cannot be read: " SPK_LETS_ACT " is not a security descriptor",
				spk_account_label(target));
	for (size_t i = 0; !status && i < aces.n; i++)
		if (aces.list[i].allows && !is_denied(&aces, i))
			status = tell_trustee(look, aces.list[i].sid, target, err);
	free(aces.list);
	return status;
}

/* ---- the question ---- */

static spn_status take_holders(const spn_resolution *resolution, void *data, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < resolution->n_accounts; i++)
		status = spk_accounts_add(data, resolution->accounts[i]->entry, err);
	return status;
}

static spn_status find_subject(struct look *look, const char *what, spn_error *err)
{
	SPK_AUTO(spn_account) *account = NULL;
	look->is_about_all = !what;
	if (!what)
		return SPN_OK;
	if (strchr(what, '/') && !spk_dn_is_valid(what)) {
		look->name = what;
		return spn_resolve(look->dir, what, take_holders, &look->about, err);
	}
	spn_status status = spn_account_find(look->dir, what, SPN_WANT_ANY, &account, err);
	return status ? status : spk_accounts_add(&look->about, account->entry, err);
}

static spn_status tell_account(struct look *look, const spn_account *account, spn_error *err)
{
	spn_status status = SPN_OK;
	if (spk_is_handed_tickets(account) && is_about(look, account))
		status = tell(look, "unconstrained", SPN_SEVERITY_WARNING, NULL, account, NULL, err,
				"'%s' is trusted for delegation: clients hand it their ticket-granting tickets, with which it can act "
				"as them everywhere",
				spk_account_label(account));
	if (!status)
		status = tell_names(look, account, err);
	return status ? status : tell_trustees(look, account, err);
}

spn_status spn_find_delegations(spn_directory *dir, const char *what, spn_finding_fn *fn, void *data, spn_error *err)
{
	if (!dir || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_find_delegations: an argument is NULL");
	AUTOLOOK struct look look = { .dir = dir, .to = { fn, data } };
	spn_status status = find_subject(&look, what, err);
	if (!status)
		status = find_accounts(&look, err);
	if (!status)
		status = find_all_trustees(&look, err);
	for (size_t i = 0; !status && i < look.accounts.n; i++)
		status = tell_account(&look, look.accounts.list[i], err);
	return status;
}

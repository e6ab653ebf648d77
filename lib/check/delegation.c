/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delegation.h"
#include "resolve.h"
#include "account/proof.h"
#include "base/error.h"
#include "base/keys.h"
#include "directory/directory.h"
#include "model/acl.h"
#include "model/adtypes.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"
#include "plan/holders.h"
#include "plan/plan.h"

/* userAccountControl ([MS-ADTS] 2.2.16) */
#define UF_TRUSTED_FOR_DELEGATION 0x80000ul
#define UF_TRUSTED_TO_AUTH_FOR_DELEGATION 0x1000000ul
/* ADS_RIGHT_DS_CONTROL_ACCESS, which a KDC asks for, and GENERIC_ALL ([MS-DTYP] 2.4.3) */
#define MAY_ACT 0x10000100u

const char *const spk_delegation_attrs[] = { SPK_PROOF_ATTRS, "objectSid", SPK_DELEGATES_TO, SPK_LETS_ACT,
	SPK_PRECEDED_BY, SPK_SUCCEEDED_BY, SPK_SUPERSEDED_STATE, SPK_POLICY, SPK_SILO, "adminCount", NULL };

/* What is to be told of the delegations of a domain. */
struct look {
	spn_directory *dir;
	const char *name;   /* that the question is about, or NULL */
	spk_accounts about; /* the accounts that it is about: those that the name leads to, or the one that was named */
	bool is_about_all;
	bool is_brief; /* names of one account that lead to the same are one finding */
	spk_accounts accounts; /* that delegate, or are delegated to */
	spk_accounts trustees; /* whose SIDs are in what lets others act */
	spk_keys sids;         /* of trustees, and which of them has each */
	const spn_account **by_sid;
	spk_keys dns;          /* of about */
	spk_teller to;
};

static void clear(struct look *look)
{
	spk_accounts_free(&look->about);
	spk_accounts_free(&look->accounts);
	spk_accounts_free(&look->trustees);
	spk_keys_free(&look->sids);
	free(look->by_sid);
	spk_keys_free(&look->dns);
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
	return has_flag(account, UF_TRUSTED_FOR_DELEGATION) && !spk_account_may_be_controller(account);
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
	const spn_filter successors = { .op = SPN_FILTER_PRESENT, .attr = SPK_PRECEDED_BY };
	const spn_filter *const parts[] = { &names, &me, &anywhere, &successors, NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	return search(look->dir, &any, &look->accounts, err);
}

/* SIDs that stand for many: of everybody, of whoever has logged on or is connected, of what every account of a domain
 * is in ([MS-DTYP] 2.4.2.4). */
static bool is_everybody(spn_bytes sid)
{
	static const char *const many[] = { "S-1-1-0", "S-1-2-0", "S-1-5-2", "S-1-5-3", "S-1-5-4", "S-1-5-6", "S-1-5-7",
		"S-1-5-11", "S-1-5-15", "S-1-5-32-545", "S-1-5-32-546", "S-1-5-32-554", "S-1-18-1", "S-1-18-2" };
	char text[SPK_SID_TEXT];
	uint32_t rid;
	if (!spk_sid_print(sid, text) || !spk_sid_rid(sid, &rid))
		return false;
	for (size_t i = 0; i < sizeof many / sizeof *many; i++)
		if (strcmp(text, many[i]) == 0)
			return true;
	return strncmp(text, "S-1-5-21-", 9) == 0 && (rid == 513 || rid == 515);
}

/* ---- telling ---- */

static bool is_about(const struct look *look, const spn_account *account)
{
	return look->is_about_all || spk_keys_find(&look->dns, spk_bytes(spn_account_dn(account))) != SIZE_MAX;
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
	return spk_tell_finding(&look->to, &finding, err);
}

static const char *as_whom(const spn_account *front)
{
	return spk_acts_as_any_user(front) ? "any user" : "the users who log on to it";
}

/* Where a name leads, however many list it: to nobody, to one account, or to several. */
struct goal {
	spn_rule rule;
	size_t target; /* the place of the first account in those that were kept, and one; 0: there is none */
	size_t n_targets;
	bool is_asked; /* the question is about one of them */
};

/* A name that an account lists. */
struct lead {
	const spn_account *front;
	const char *name;
	bool is_asked; /* the question is about this name or its front */
	size_t goal;   /* SIZE_MAX: no account can hold such a name */
};

/* Those of all accounts. */
struct leads {
	struct look *look;
	struct lead *list;
	size_t n;
	spk_keys keys;      /* of the names that can be looked up */
	const char **names; /* these, each once, and where they lead */
	struct goal *goals;
	spk_accounts targets;
};

static void clear_leads(struct leads *leads)
{
	free(leads->list);
	spk_keys_free(&leads->keys);
	free(leads->names);
	free(leads->goals);
	spk_accounts_free(&leads->targets);
}
#define AUTOLEADS __attribute__((cleanup(clear_leads)))

static const struct goal nowhere = { .rule = SPN_RULE_NONE };

static const struct goal *goal_of(const struct leads *leads, const struct lead *lead)
{
	return lead->goal == SIZE_MAX ? &nowhere : &leads->goals[lead->goal];
}

static const spn_account *target_of(const struct leads *leads, const struct goal *goal)
{
	return goal->target ? leads->targets.list[goal->target - 1] : NULL;
}

static spn_status tell_towards(const struct look *look, const struct lead *lead, const spn_account *target,
		const char *more, spn_error *err)
{
	const char *front = spk_account_label(lead->front), *holder = spk_account_label(target), *s = *more ? "" : "s";
	bool is_worst = spk_account_is_controller(target);
	if (!spk_acts_as_any_user(lead->front))
		return tell(look, "delegation", SPN_SEVERITY_OK, lead->name, lead->front, target, err,
				"'%s' may act as the users who log on to it towards '%s'%s, which lead%s to '%s', and with that towards every "
				"service of '%s'", front, lead->name, more, s, holder, holder);
	return tell(look, "wide-delegation", is_worst ? SPN_SEVERITY_BROKEN : SPN_SEVERITY_WARNING, lead->name,
			lead->front, target, err,
			"'%s' may act as any user towards '%s'%s, which lead%s to '%s', and with that towards every "
			"service of '%s'",
			front, lead->name, more, s, holder, holder);
}

/* An export may lack the account that holds it. */
static spn_status tell_ghost(const struct look *look, const struct lead *lead, const char *more, spn_error *err)
{
	bool is_file = spk_directory_is_local(look->dir), is_wide = spk_acts_as_any_user(lead->front);
	spn_severity live = is_wide ? SPN_SEVERITY_BROKEN : SPN_SEVERITY_WARNING;
	return tell(look, "ghost-delegation", is_file ? SPN_SEVERITY_NOTICE : live, lead->name, lead->front, NULL, err,
			"'%s' may act as %s towards '%s'%s, which no account%s holds: it will be able to do so towards whatever account "
			"is given %s; if nobody needs %s from " SPK_DELEGATES_TO, spk_account_label(lead->front), as_whom(lead->front),
			lead->name, more, is_file ? " in this file" : "", *more ? "one of these names" : "that name",
			*more ? "them, delete them" : "it, delete it");
}

static spn_status tell_lead(const struct leads *leads, const struct lead *lead, size_t n_more, spn_error *err)
{
	const struct look *look = leads->look;
	const struct goal *goal = goal_of(leads, lead);
	const spn_account *target = target_of(leads, goal);
	char more[48] = "";
	if (n_more > 0)
		snprintf(more, sizeof more, " and %zu more", n_more);
	if (goal->rule == SPN_RULE_NONE)
		return tell_ghost(look, lead, more, err);
	if (goal->n_targets > 1)
		return tell(look, "delegation", SPN_SEVERITY_OK, lead->name, lead->front, NULL, err,
				"'%s' may act as %s towards '%s', which several accounts hold, so that it gets no ticket for it",
				spk_account_label(lead->front), as_whom(lead->front), lead->name);
	return target ? tell_towards(look, lead, target, more, err) :
			SPN_OK; /* the KDC's own name, whose account cannot be seen */
}

/* What names of one list that say the same have in common, as that of a short and of a long name of a host mostly:
 * where they lead.  NULL: to several accounts, so each is reported on its own. */
static const char *sense_of(const struct leads *leads, const struct lead *lead)
{
	const struct goal *goal = goal_of(leads, lead);
	const spn_account *target = target_of(leads, goal);
	return goal->rule == SPN_RULE_NONE ? "" : goal->n_targets == 1 && target ? spn_account_dn(target) : NULL;
}

/* The names of one account, at n places of the list: those that say the same are reported once, at the first. */
static spn_status tell_brief(const struct leads *leads, const struct lead *list, size_t n, spn_error *err)
{
	SPK_AUTOKEYS spk_keys senses = { 0 };
	SPK_AUTOFREE size_t *counts = calloc(n, sizeof *counts);
	SPK_AUTOFREE size_t *numbers = calloc(n, sizeof *numbers);
	if (!counts || !numbers)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		const char *sense = sense_of(leads, &list[i]);
		numbers[i] = sense ? spk_keys_add(&senses, spk_bytes(sense)) : n;
		if (numbers[i] == SIZE_MAX)
			return spk_nomem(err);
		if (sense)
			counts[numbers[i]]++;
	}
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++) {
		size_t same = numbers[i] < n ? counts[numbers[i]] : 1;
		if (same && list[i].is_asked)
			status = tell_lead(leads, &list[i], same - 1, err);
		if (numbers[i] < n)
			counts[numbers[i]] = 0;
	}
	return status;
}

static spn_status tell_leads(const struct leads *leads, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0, n; !status && i < leads->n; i += n) {
		const struct lead *lead = &leads->list[i];
		for (n = 1; leads->look->is_brief && i + n < leads->n && leads->list[i + n].front == lead->front;)
			n++;
		if (leads->look->is_brief)
			status = tell_brief(leads, lead, n, err);
		else if (lead->is_asked || goal_of(leads, lead)->is_asked)
			status = tell_lead(leads, lead, 0, err);
	}
	return status;
}

static spn_status take_answer(size_t i, const spk_answer *answer, void *data, spn_error *err)
{
	struct leads *leads = data;
	struct goal *goal = &leads->goals[i];
	*goal = (struct goal){ .rule = answer->rule, .n_targets = answer->n_accounts };
	for (size_t j = 0; !goal->is_asked && j < answer->n_accounts; j++)
		goal->is_asked = is_about(leads->look, answer->accounts[j]);
	if (!answer->n_accounts)
		return SPN_OK;
	goal->target = leads->targets.n + 1;
	return spk_accounts_add(&leads->targets, answer->accounts[0]->entry, err);
}

/* One more name that an account lists. */
static spn_status add_lead(struct leads *leads, const spn_account *front, spn_bytes name, spn_error *err)
{
	const struct look *look = leads->look;
	spn_name parts;
	size_t n = leads->keys.n, goal = SIZE_MAX;
	/* the KDC compares the whole name, without case */
	bool is_named = look->name && spk_fold_equal(name, spk_bytes(look->name), SPK_FOLD_CASE);
	if (!spn_name_parse(name.data, &parts, NULL)) {
		goal = spk_keys_add(&leads->keys, name);
		if (goal == SIZE_MAX)
			return spk_nomem(err);
		leads->names[goal] = goal == n ? name.data : leads->names[goal];
	}
	leads->list[leads->n++] = (struct lead){
		.front = front, .name = name.data, .is_asked = is_named || is_about(look, front), .goal = goal
	};
	return SPN_OK;
}

static spn_status tell_names(struct look *look, spn_error *err)
{
	const spn_bytes *names;
	size_t n = 0;
	for (size_t i = 0; i < look->accounts.n; i++)
		n += spn_entry_values(look->accounts.list[i]->entry, SPK_DELEGATES_TO, &names);
	AUTOLEADS struct leads leads = { .look = look, .list = calloc(n + 1, sizeof *leads.list),
		.names = calloc(n + 1, sizeof *leads.names), .goals = calloc(n + 1, sizeof *leads.goals) };
	spn_status status = leads.list && leads.names && leads.goals ? SPN_OK : spk_nomem(err);
	for (size_t i = 0; !status && i < look->accounts.n; i++) {
		n = spn_entry_values(look->accounts.list[i]->entry, SPK_DELEGATES_TO, &names);
		for (size_t j = 0; !status && j < n; j++)
			status = add_lead(&leads, look->accounts.list[i], names[j], err);
	}
	if (!status)
		status = spk_resolve_many(look->dir, leads.names, leads.keys.n, take_answer, &leads, err);
	return status ? status : tell_leads(&leads, err);
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
	return aces->n ? search(look->dir, &any, &look->trustees, err) : SPN_OK;
}

static spn_status list_trustees(struct look *look, spn_error *err)
{
	const spn_bytes *sid;
	look->by_sid = calloc(look->trustees.n + 1, sizeof *look->by_sid);
	if (!look->by_sid)
		return spk_nomem(err);
	for (size_t i = 0; i < look->trustees.n; i++) {
		size_t place = spn_entry_values(look->trustees.list[i]->entry, "objectSid", &sid) ?
				spk_keys_add(&look->sids, *sid) :
				SIZE_MAX;
		if (place == SIZE_MAX)
			return spk_nomem(err);
		look->by_sid[place] = look->trustees.list[i];
	}
	return SPN_OK;
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
	if (!status)
		status = list_trustees(look, err);
	free(aces.list);
	return status;
}

static const spn_account *trustee_of(const struct look *look, spn_bytes sid)
{
	size_t place = spk_keys_find(&look->sids, sid);
	return place == SIZE_MAX ? NULL : look->by_sid[place];
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
		return tell(look, "rbcd-open", SPN_SEVERITY_BROKEN, NULL, target, NULL, err,
				"'%s' lets %s act as any user towards it: whoever has an account of that kind can take it over; "
				"clear " SPK_LETS_ACT,
				label, front ? spk_account_label(front) : text);
	if (spk_account_is_controller(target) || spn_account_is_kdc(target))
		return tell(look, "wide-delegation", SPN_SEVERITY_BROKEN, NULL, target, NULL, err,
				"'%s' lets '%s' act as any user towards it: whoever can log on as that account rules "
				"the domain; clear " SPK_LETS_ACT,
				label, front ? spk_account_label(front) : text);
	if (front)
		return tell(look, "delegation", SPN_SEVERITY_OK, NULL, front, target, err,
				"'%s' may act as any user towards '%s', which allows it", spk_account_label(front), label);
	if (!is_of_domain_of(sid, target))
		return tell(look, "delegation", SPN_SEVERITY_OK, NULL, target, NULL, err,
				"'%s' may act as any user towards '%s', which allows it", text, label);
	return tell(look, "rbcd-dead", SPN_SEVERITY_NOTICE, NULL, target, NULL, err,
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

static spn_status find_holders(struct look *look, const char *spn, spn_error *err)
{
	SPK_AUTO(spn_resolution) *resolution = NULL;
	spn_status status = spn_resolve(look->dir, spn, &resolution, err);
	for (size_t i = 0; !status && i < resolution->n_accounts; i++)
		status = spk_accounts_add(&look->about, resolution->accounts[i]->entry, err);
	return status;
}

static spn_status find_about(struct look *look, const char *what, spn_error *err)
{
	SPK_AUTO(spn_account) *account = NULL;
	look->is_about_all = !what;
	if (!what)
		return SPN_OK;
	if (strchr(what, '/') && !spk_dn_is_valid(what)) {
		look->name = what;
		return find_holders(look, what, err);
	}
	spn_status status = spn_account_find(look->dir, what, SPN_WANT_ANY, &account, err);
	return status ? status : spk_accounts_add(&look->about, account->entry, err);
}

static spn_status find_subject(struct look *look, const char *what, spn_error *err)
{
	spn_status status = find_about(look, what, err);
	for (size_t i = 0; !status && i < look->about.n; i++)
		if (spk_keys_add(&look->dns, spk_bytes(spn_account_dn(look->about.list[i]))) == SIZE_MAX)
			status = spk_nomem(err);
	return status;
}

static spn_status tell_handed(const struct look *look, const spn_account *account, spn_error *err)
{
	if (!spk_is_handed_tickets(account) || !is_about(look, account))
		return SPN_OK;
	return tell(look, "unconstrained", SPN_SEVERITY_WARNING, NULL, account, NULL, err,
			"'%s' is trusted for delegation: clients hand it their ticket-granting tickets, with which it "
			"can act as them everywhere",
			spk_account_label(account));
}

static spn_status tell_successor(const struct look *look, const spn_account *successor, spn_error *err)
{
	SPK_AUTO(spn_account) *old = NULL;
	if (!spn_entry_values(successor->entry, SPK_PRECEDED_BY, NULL))
		return SPN_OK;
	spn_status status = spk_predecessor(look->dir, successor, &old, err);
	if (status || !(is_about(look, successor) || (old && is_about(look, old))))
		return status;
	return spk_succession_tell(&look->to, look->dir, successor, old, err);
}

/* Of the accounts that were found. */
static spn_status tell_all(struct look *look, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < look->accounts.n; i++)
		status = tell_handed(look, look->accounts.list[i], err);
	for (size_t i = 0; !status && i < look->accounts.n; i++)
		status = tell_successor(look, look->accounts.list[i], err);
	if (!status)
		status = tell_names(look, err);
	if (!status)
		status = find_all_trustees(look, err);
	for (size_t i = 0; !status && i < look->accounts.n; i++)
		status = tell_trustees(look, look->accounts.list[i], err);
	return status;
}

spn_status spk_delegations_tell(spn_directory *dir, const spk_accounts *accounts, const spk_teller *to, spn_error *err)
{
	AUTOLOOK struct look look = { .dir = dir, .is_about_all = true, .is_brief = true, .accounts = *accounts, .to = *to };
	spn_status status = tell_all(&look, err);
	look.accounts = (spk_accounts){ .n = 0 }; /* they were lent */
	return status;
}

spn_status spn_find_delegations(spn_directory *dir, const char *what, spn_finding_fn *fn, void *data, spn_error *err)
{
	if (!dir || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_find_delegations: an argument is NULL");
	AUTOLOOK struct look look = { .dir = dir, .to = { fn, data } };
	spn_status status = find_subject(&look, what, err);
	if (!status)
		status = find_accounts(&look, err);
	return status ? status : tell_all(&look, err);
}

/* SPDX-License-Identifier: MIT */
#include "resolve.h"

#include <string.h>
#include <strings.h>

#include "account/by_cn.h"
#include "account/domain.h"
#include "account/mapping.h"
#include "account/proof.h"
#include "account/roll.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/fold.h"
#include "plan/holders.h"

const char *spn_severity_name(spn_severity severity)
{
	switch (severity) {
	case SPN_SEVERITY_OK: return "ok";
	case SPN_SEVERITY_NOTICE: return "notice";
	case SPN_SEVERITY_WARNING: return "warning";
	case SPN_SEVERITY_BROKEN: return "broken";
	}
	return "unknown";
}

const char *spn_match_name(spn_match match)
{
	switch (match) {
	case SPN_MATCH_NONE: return "none";
	case SPN_MATCH_EXPLICIT: return "explicit";
	case SPN_MATCH_ALIAS: return "alias";
	case SPN_MATCH_UPN: return "upn";
	case SPN_MATCH_AMBIGUOUS: return "ambiguous";
	case SPN_MATCH_CN: return "cn";
	case SPN_MATCH_KRBTGT: return "krbtgt";
	}
	return "unknown";
}


/* A name, and what the KDC looks for because of it. */
struct question {
	spn_name name;
	bool is_samba;
	spk_folding folding;
	const char *base;     /* of the domain */
	spk_text domain;      /* in DNS */
	spk_text explicitly;
	spk_text target;      /* of the alias, or empty */
	spk_text cn;          /* of a computer, or empty */
	spk_text upn;         /* with the domain */
	bool is_krbtgt;       /* the domain's own */
	spk_text partner;     /* the domain that trusts ours, if the name is that of its ticket-granting service; or empty */
	bool is_controllers;  /* a name of domain controllers: its third part is the domain */
};

static void clear_question(struct question *q)
{
	spk_text *const texts[] = { &q->domain, &q->explicitly, &q->target, &q->cn, &q->upn, &q->partner };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		spk_text_free(texts[i]);
}

static bool bytes_are(spn_bytes bytes, const char *word)
{
	return spk_fold_equal(bytes, spk_bytes(word), SPK_FOLD_CASE);
}

/* Samba looks for a name as krb5_unparse_name writes it: with a backslash before what means something to Kerberos. */
static void add_unparsed(spk_text *text, const char *name)
{
	for (; *name; name++) {
		if (*name == ' ' || *name == '@' || *name == '\\')
			spk_text_add_char(text, '\\');
		spk_text_add_char(text, *name);
	}
}

static void ask_samba(struct question *q, const char *spn, const spk_mapping *mapping)
{
	add_unparsed(&q->explicitly, spn);
	SPK_AUTOTEXT spk_text two_parts = { 0 };
	size_t len = strlen(spn) - (q->name.service_name.len ? q->name.service_name.len + 1 : 0);
	SPK_AUTOTEXT spk_text target = { 0 };
	spk_text_add(&two_parts, "%.*s", (int)len, spn);
	if (!two_parts.failed && spk_mapping_target(mapping, two_parts.data, &target) && !target.failed)
		add_unparsed(&q->target, target.data);
	if (spk_name_is_of_host(&q->name) || (q->target.len && strncasecmp(q->target.data, "host/", 5) == 0))
		spk_text_add_bytes(&q->cn, spk_name_label(&q->name).data, spk_name_label(&q->name).len);
	q->target.failed |= two_parts.failed || target.failed;
}

/* Samba's KDC takes the NetBIOS name of the domain for the domain, too. */
static spn_status find_third_part(spn_directory *dir, struct question *q, spn_error *err)
{
	SPK_AUTOTEXT spk_text third = { 0 }, dns = { 0 };
	spk_text_add_bytes(&third, q->name.service_name.data, q->name.service_name.len);
	if (third.failed)
		return spk_nomem(err);
	spn_status status = SPN_OK;
	if (third.len && q->is_samba)
		status = spk_domain_named(dir, third.data, &dns, err);
	const char *domain = dns.len ? dns.data : third.data;
	q->is_controllers = third.len && q->domain.len && bytes_are(spk_bytes(domain), q->domain.data);
	return status;
}

/* krbtgt/DOMAIN, by either name of the domain; of another one, if it trusts ours: that one's KDC is asked next. */
static spn_status find_realm(spn_directory *dir, struct question *q, spn_error *err)
{
	SPK_AUTOTEXT spk_text realm = { 0 }, dns = { 0 };
	if (!bytes_are(q->name.service_class, "krbtgt") || q->name.port.len || q->name.service_name.len || !q->domain.len)
		return SPN_OK;
	q->is_krbtgt = bytes_are(q->name.host, q->domain.data);
	spk_text_add_bytes(&realm, q->name.host.data, q->name.host.len);
	if (q->is_krbtgt || realm.failed)
		return realm.failed ? spk_nomem(err) : SPN_OK;
	bool is_dns = strchr(realm.data, '.') != NULL;
	spn_status status = is_dns ? SPN_OK : spk_known_partition(dir, "nETBIOSName", realm.data, &dns, err);
	q->is_krbtgt = dns.len && spk_ascii_equal(dns.data, q->domain.data);
	if (!status && !q->is_krbtgt)
		status = spk_known_trust(dir, is_dns ? "trustPartner" : "flatName", realm.data, &q->partner, err);
	return status;
}

static spn_status make_question(
		spn_directory *dir, const char *spn, const spk_mapping *mapping, struct question *q, spn_error *err)
{
	spn_status status = spn_name_parse(spn, &q->name, err);
	if (status)
		return status;
	spk_dn_domain(q->base, &q->domain);
	if (q->is_samba) {
		ask_samba(q, spn, mapping);
	} else {
		spk_text_add(&q->explicitly, "%s", spn);
		(void)spk_mapping_target(mapping, spn, &q->target);
		spk_text_add(&q->upn, "%s@%s", spn, q->domain.len ? q->domain.data : "");
	}
	status = find_realm(dir, q, err);
	if (!status)
		status = find_third_part(dir, q, err);
	if (status)
		return status;
	bool failed = q->domain.failed || q->explicitly.failed || q->target.failed || q->cn.failed || q->upn.failed ||
			q->partner.failed;
	return failed ? spk_nomem(err) : SPN_OK;
}

/* Names that are looked up together, and what was found for any of them. */
struct lookup {
	spn_directory *dir;
	const char *const *spns;
	size_t n;
	struct question *questions;
	spk_accounts found;
	spk_roll spns_of, upns_of, cns_of; /* by account; cns_of: of computers, if it is asked for any */
	spk_names cns;
	/* the accounts that a rule picks for the question at hand */
	spn_account **picked;
	size_t n_picked;
	size_t n_by_cn; /* of those, the last ones: by their cn alone */
	size_t *picked_for; /* by account: the number of the last question that it was picked for, from 1 */
	const char *via;
	bool is_loose; /* a value was taken for the one that is asked for by more than case */
};

static void clear_lookup(struct lookup *lookup)
{
	for (size_t i = 0; lookup->questions && i < lookup->n; i++)
		clear_question(&lookup->questions[i]);
	free(lookup->questions);
	spk_accounts_free(&lookup->found);
	spk_roll_free(&lookup->spns_of);
	spk_roll_free(&lookup->upns_of);
	spk_roll_free(&lookup->cns_of);
	spk_names_free(&lookup->cns);
	free(lookup->picked);
	free(lookup->picked_for);
}
#define AUTOLOOKUP __attribute__((cleanup(clear_lookup)))

static void pick(struct lookup *lookup, const struct question *q, size_t account, const char *via)
{
	size_t number = (size_t)(q - lookup->questions) + 1;
	if (lookup->picked_for[account] == number)
		return;
	lookup->picked_for[account] = number;
	lookup->picked[lookup->n_picked++] = lookup->found.list[account];
	lookup->via = via;
}

static void note_loose(struct lookup *lookup, const spk_line *line, const char *wanted)
{
	lookup->is_loose |= !spk_fold_equal(line->value, spk_bytes(wanted), SPK_FOLD_CASE);
}

static void pick_holders(struct lookup *lookup, const struct question *q, const char *name)
{
	for (const spk_line *line = spk_roll_find(&lookup->spns_of, spk_bytes(name)); line; line = line->next) {
		note_loose(lookup, line, name);
		pick(lookup, q, line->account, line->value.data);
	}
}

static void pick_cn(struct lookup *lookup, const struct question *q)
{
	const spk_line *line = q->cn.len ? spk_roll_find(&lookup->cns_of, spk_bytes(q->cn.data)) : NULL;
	for (; line; line = line->next) {
		note_loose(lookup, line, q->cn.data);
		pick(lookup, q, line->account, spn_account_name(lookup->found.list[line->account]));
	}
}

/* In the order of the accounts, whichever of the two an account has. */
static void pick_upns(struct lookup *lookup, const struct question *q)
{
	if (!q->upn.len)
		return;
	const char *const wanted[] = { q->upn.data, q->explicitly.data };
	const spk_line *lines[] = { spk_roll_find(&lookup->upns_of, spk_bytes(wanted[0])),
		spk_roll_find(&lookup->upns_of, spk_bytes(wanted[1])) };
	while (lines[0] || lines[1]) {
		size_t next = !lines[0] || (lines[1] && lines[1]->account < lines[0]->account);
		note_loose(lookup, lines[next], wanted[next]);
		pick(lookup, q, lines[next]->account, lines[next]->value.data);
		lines[next] = lines[next]->next;
	}
}

/* A file may hold several domains, each with its own. */
static void pick_krbtgt(struct lookup *lookup, const struct question *q)
{
	const spk_accounts *found = &lookup->found;
	for (size_t i = 0; i < found->n; i++)
		if (spk_ascii_equal(spn_account_name(found->list[i]), "krbtgt") &&
				spk_dn_same_domain(spn_account_dn(found->list[i]), q->base))
			pick(lookup, q, i, spn_account_name(found->list[i]));
}

/* HOST/x, or what http/x is an alias of: on Samba, the holders and the computer are looked up together. */
static void pick_named(struct lookup *lookup, const struct question *q, const char *name, spn_match *match)
{
	pick_holders(lookup, q, name);
	size_t n_holders = lookup->n_picked;
	const char *held = lookup->via;
	if (strncasecmp(name, "host/", 5) == 0)
		pick_cn(lookup, q);
	lookup->n_by_cn = lookup->n_picked - n_holders;
	if (n_holders == 0 && lookup->n_picked)
		*match = SPN_MATCH_CN;
	else
		lookup->via = held;
}

/* Whether a name is one of a domain controller's, and the account is none: the KDC does not give it away. */
static bool is_withheld(const struct question *q, const spn_account *account)
{
	const char *uac = spn_entry_text(account->entry, "userAccountControl");
	return q->is_controllers && uac && spk_account_is_no_controller(account);
}

static void forget_picked(struct lookup *lookup)
{
	lookup->n_picked = lookup->n_by_cn = 0;
	lookup->via = NULL;
}

static spk_answer answer(struct lookup *lookup, const struct question *q)
{
	spn_match match = SPN_MATCH_EXPLICIT;
	forget_picked(lookup);
	lookup->is_loose = false;
	pick_named(lookup, q, q->explicitly.data, &match);
	if (lookup->n_picked == 0 && q->target.len) {
		match = SPN_MATCH_ALIAS;
		pick_named(lookup, q, q->target.data, &match);
	}
	if (lookup->n_picked == 0) {
		match = SPN_MATCH_UPN;
		pick_upns(lookup, q);
	}
	if (q->is_krbtgt) {
		for (size_t i = 0; i < lookup->found.n; i++)
			lookup->picked_for[i] = 0;
		forget_picked(lookup);
		match = SPN_MATCH_KRBTGT;
		pick_krbtgt(lookup, q);
	}
	bool is_kdc = q->is_krbtgt;
	if (lookup->n_picked == 0 && q->partner.len) {
		is_kdc = true;
		match = SPN_MATCH_KRBTGT;
		lookup->via = q->partner.data;
	}
	if (lookup->n_picked == 1 && is_withheld(q, lookup->picked[0]))
		forget_picked(lookup);
	return (spk_answer){
		.match = lookup->n_picked == 0 && !is_kdc ? SPN_MATCH_NONE : lookup->n_picked > 1 ? SPN_MATCH_AMBIGUOUS : match,
		.via = lookup->via,
		.accounts = lookup->picked,
		.n_accounts = lookup->n_picked,
		.n_by_cn = lookup->n_by_cn,
	};
}

bool spk_answer_is_upn_of_several(const spk_answer *answer)
{
	bool is = false;
	for (size_t i = 0; answer->match == SPN_MATCH_AMBIGUOUS && !is && i < answer->n_accounts; i++) {
		const char *upn = spn_entry_text(answer->accounts[i]->entry, "userPrincipalName");
		is = upn && strcmp(upn, answer->via) == 0;
	}
	return is;
}

/* Who does not hold what it matched by has it as its userPrincipalName, or is found by its cn. */
void spk_answer_put_several(const spk_answer *answer, spk_text *text)
{
	size_t n_holders = answer->n_accounts - answer->n_by_cn;
	if (n_holders)
		spk_text_add(text, spk_answer_is_upn_of_several(answer) ? "'%s' is the userPrincipalName of" :
									  "'%s' is held by", answer->via);
	for (size_t i = 0; i < answer->n_accounts; i++)
		spk_text_add(text, "%s'%s'", i == 0 ? n_holders ? " " : "" : i == n_holders ? ", and " : " and ",
				spn_account_dn(answer->accounts[i]));
	if (answer->n_by_cn)
		spk_text_add(text, answer->n_by_cn > 1 ? " answer for it by their cn" : " answers for it by its cn");
}

/* ---- looking up ---- */

static spn_status make_questions(struct lookup *lookup, spn_error *err)
{
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	spn_dialect rules = SPN_DIALECT_WINDOWS;
	const char *base = NULL;
	spn_status status;
	lookup->questions = calloc(lookup->n, sizeof *lookup->questions);
	if (!lookup->questions)
		return spk_nomem(err);
	status = spk_mapping_load(lookup->dir, &live, err);
	if (!status)
		status = spk_directory_rules(lookup->dir, &rules, err);
	if (!status)
		status = spk_directory_context(lookup->dir, "defaultNamingContext", &base, err);
	for (size_t i = 0; !status && i < lookup->n; i++) {
		struct question *q = &lookup->questions[i];
		q->is_samba = rules == SPN_DIALECT_SAMBA;
		q->folding = q->is_samba ? SPK_FOLD_SAMBA : SPK_FOLD_WINDOWS;
		q->base = base ? base : "";
		status = make_question(lookup->dir, lookup->spns[i], &live.mapping, q, err);
	}
	return status;
}

/* What is searched for, each once. */
struct wanted {
	spn_filter *filters;
	const spn_filter **parts;
	size_t n;
	spk_keys keys;
};

static void clear_wanted(struct wanted *wanted)
{
	free(wanted->filters);
	free(wanted->parts);
	spk_keys_free(&wanted->keys);
}

static bool want(struct wanted *wanted, const char *attr, const char *value)
{
	if (!value)
		return true;
	SPK_AUTOTEXT spk_text key = { 0 };
	spk_text_add(&key, "%s=%s", attr, value);
	size_t n = wanted->keys.n, at = key.failed ? SIZE_MAX : spk_keys_add(&wanted->keys, (spn_bytes){ key.data, key.len });
	if (at == n) {
		wanted->filters[n] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = attr, .value = spk_bytes(value) };
		wanted->parts[n] = &wanted->filters[n];
	}
	return at != SIZE_MAX;
}

static size_t count_parts(const spk_also *also)
{
	size_t n = 0;
	while (also && also->parts[n])
		n++;
	return n;
}

static spn_status take_found(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

static spn_status hand_on(const spk_accounts *found, const spk_also *also, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && also && i < found->n; i++)
		status = also->fn(found->list[i]->entry, also->data, err);
	return status;
}

/* All rules of all names are asked in one search. */
static spn_status search(struct lookup *lookup, const spk_also *also, spn_error *err)
{
	enum { MOST = 6 };
	__attribute__((cleanup(clear_wanted))) struct wanted wanted = {
		.filters = calloc(lookup->n, MOST * sizeof *wanted.filters),
		.parts = calloc(lookup->n * MOST + count_parts(also) + 1, sizeof *wanted.parts),
	};
	bool ok = wanted.filters && wanted.parts;
	for (size_t i = 0; ok && i < lookup->n; i++) {
		const struct question *q = &lookup->questions[i];
		ok = want(&wanted, SPK_SPN, q->explicitly.data) &&
				want(&wanted, SPK_SPN, q->target.len ? q->target.data : NULL) &&
				want(&wanted, "userPrincipalName", q->upn.len ? q->upn.data : NULL) &&
				want(&wanted, "userPrincipalName", q->upn.len ? q->explicitly.data : NULL) &&
				want(&wanted, "sAMAccountName", q->is_krbtgt ? "krbtgt" : NULL) &&
				want(&wanted, "cn", q->cn.len ? q->cn.data : NULL);
	}
	if (!ok)
		return spk_nomem(err);
	for (size_t i = 0, n = count_parts(also); i < n; i++)
		wanted.parts[wanted.keys.n + i] = also->parts[i];
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = wanted.parts };
	const spn_search search = {
		.scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = also ? also->attrs : spk_account_attrs
	};
	spn_status status = spn_directory_search(lookup->dir, &search, take_found, &lookup->found, err);
	return status ? status : hand_on(&lookup->found, also, err);
}

static spn_status list_upns(struct lookup *lookup, spn_error *err)
{
	spn_status status = SPN_OK;
	lookup->upns_of.folding = lookup->questions[0].folding;
	for (size_t i = 0; !status && i < lookup->found.n; i++) {
		const char *has = spn_entry_text(lookup->found.list[i]->entry, "userPrincipalName");
		if (has)
			status = spk_roll_add(&lookup->upns_of, i, spk_bytes(has), err);
	}
	return status;
}

static spn_status list_found(struct lookup *lookup, spn_error *err)
{
	lookup->picked = calloc(lookup->found.n + 1, sizeof *lookup->picked);
	lookup->picked_for = calloc(lookup->found.n + 1, sizeof *lookup->picked_for);
	spn_status status = lookup->picked && lookup->picked_for ? SPN_OK : spk_nomem(err);
	if (!status)
		status = spk_roll_of_accounts(&lookup->found, &lookup->spns_of, err);
	if (!status)
		status = list_upns(lookup, err);
	lookup->cns_of.folding = lookup->questions[0].folding;
	return status ? status : spk_list_cns(&lookup->found, &lookup->cns, &lookup->cns_of, err);
}

/* first: the number of the first of them. */
static spn_status resolve_together(spn_directory *dir, const char *const *spns, size_t n, size_t first,
		const spk_also *also, spk_answer_fn *fn, void *data, spn_error *err)
{
	AUTOLOOKUP struct lookup lookup = { .dir = dir, .spns = spns, .n = n };
	spn_status status = make_questions(&lookup, err);
	if (!status)
		status = search(&lookup, also, err);
	if (!status)
		status = list_found(&lookup, err);
	for (size_t i = 0; !status && i < n; i++) {
		const spk_answer found = answer(&lookup, &lookup.questions[i]);
		/* what was found because of another name, and is like this one only for us, may be another one for the server */
		if (n > 1 && lookup.is_loose && !spk_directory_is_local(dir))
			status = resolve_together(dir, &spns[i], 1, first + i, NULL, fn, data, err);
		else
			status = fn(first + i, &found, data, err);
	}
	return status;
}

static spn_status search_also(spn_directory *dir, const spk_also *also, spn_error *err)
{
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = also->parts };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = also->attrs };
	return spn_directory_search(dir, &search, also->fn, also->data, err);
}

spn_status spk_resolve_many(
		spn_directory *dir, const char *const *spns, size_t n, spk_answer_fn *fn, void *data, spn_error *err)
{
	return spk_resolve_also(dir, spns, n, NULL, fn, data, err);
}

spn_status spk_resolve_also(spn_directory *dir, const char *const *spns, size_t n, const spk_also *also,
		spk_answer_fn *fn, void *data, spn_error *err)
{
	enum { MOST = 300 }; /* a server takes no request of any length; a file is gone over for each search */
	size_t together = n && !spk_directory_is_local(dir) ? MOST : n;
	spn_name name;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++) /* before the directory is asked */
		status = spn_name_parse(spns[i], &name, err);
	if (!status && n == 0 && count_parts(also))
		return search_also(dir, also, err);
	for (size_t first = 0; !status && first < n; first += together)
		status = resolve_together(dir, spns + first, n - first < together ? n - first : together, first,
				first == 0 && count_parts(also) ? also : NULL, fn, data, err);
	return status;
}

/* What a caller of the library gets, and what it points to. */
struct resolution {
	spn_resolution shown; /* first: the caller has its address */
	char *via;
	spk_accounts accounts;
};

spn_resolution *spn_resolution_free(spn_resolution *resolution)
{
	struct resolution *whole = (struct resolution *)resolution;
	if (!whole)
		return NULL;
	free(whole->via);
	spk_accounts_free(&whole->accounts);
	free(whole);
	return NULL;
}

static spn_status keep_answer(size_t i, const spk_answer *answer, void *data, spn_error *err)
{
	(void)i;
	struct resolution *resolution = data;
	if (answer->via && !(resolution->via = strdup(answer->via)))
		return spk_nomem(err);
	for (size_t a = 0; a < answer->n_accounts; a++) {
		spn_status status = spk_accounts_add(&resolution->accounts, answer->accounts[a]->entry, err);
		if (status)
			return status;
	}
	resolution->shown = (spn_resolution){
		.match = answer->match,
		.via = resolution->via,
		.accounts = (const spn_account *const *)resolution->accounts.list,
		.n_accounts = resolution->accounts.n,
	};
	return SPN_OK;
}

spn_status spn_resolve(spn_directory *dir, const char *spn, spn_resolution **ret_resolution, spn_error *err)
{
	if (!dir || !spn || !ret_resolution)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_resolve: an argument is NULL");
	struct resolution *resolution = calloc(1, sizeof *resolution);
	if (!resolution)
		return spk_nomem(err);
	spn_status status = spk_resolve_many(dir, &spn, 1, keep_answer, resolution, err);
	if (status)
		spn_resolution_free(&resolution->shown);
	else
		*ret_resolution = &resolution->shown;
	return status;
}

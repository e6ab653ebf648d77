/* SPDX-License-Identifier: MIT */
#include "rights.h"

#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "token.h"
#include "trustees.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/adtypes.h"
#include "model/dn.h"

/* How many of those who may write are named in a message. */
#define SHOWN 4

/* The answer, with all that it points to. */
struct answer {
	spn_rights shown; /* first: the caller has its address */
	spn_account *account;
	spn_trustee *list; /* those, and in the end who was asked about */
	char *unknown, *condition;
};

const char *spn_right_name(unsigned right)
{
	switch (right) {
	case SPN_RIGHT_WRITE: return "write";
	case SPN_RIGHT_VALIDATED: return "validated-write";
	case SPN_RIGHT_DACL: return "change-permissions";
	case SPN_RIGHT_OWNER: return "take-ownership";
	default: return NULL;
	}
}

static void free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

static void free_trustee(const spn_trustee *trustee)
{
	const char *const texts[] = { trustee->sid, trustee->name, trustee->dn, trustee->granted, trustee->except,
		trustee->denied };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free_text(texts[i]);
}

spn_rights *spn_rights_free(spn_rights *rights)
{
	struct answer *answer = (struct answer *)rights;
	if (!answer)
		return NULL;
	for (size_t i = 0; i < rights->n_trustees; i++)
		free_trustee(&answer->list[i]);
	if (rights->who)
		free_trustee(rights->who);
	free(answer->list);
	free(answer->unknown);
	free(answer->condition);
	spn_account_free(answer->account);
	free(answer);
	return NULL;
}

/* ---- looking up ---- */

/* What is known while an answer is made. */
struct work {
	spn_directory *dir;
	struct answer *answer;
	spk_permissions permissions;
	spk_accounts found; /* those of the SIDs that have an entry */
	spk_token everybody; /* the groups of all */
	spk_token users;     /* and those of the users and computers of the domain */
	spk_place place;
	const spk_token *asked; /* of who was asked about, once it is known */
	bool has_validated; /* the validated write counts for this account */
};

static spn_status take_account(const spn_entry *entry, void *data, spn_error *err)
{
	spn_account **account = data;
	return *account ? SPN_OK : spk_account_new(entry, account, err);
}

static spn_status read_account(spn_directory *dir, const char *dn, spn_account **ret_account, spn_error *err)
{
	static const char *const attrs[] = { SPK_KIND_ATTRS, SPK_SPN, SPK_DESCRIPTOR, "objectSid", "userAccountControl",
		"adminCount", "dNSHostName", "msDS-AdditionalDnsHostName", "msDS-AdditionalSamAccountName", NULL };
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	spn_status status = spn_directory_search(dir, &search, take_account, ret_account, err);
	return status || *ret_account ? status : spn_fail(err, SPN_ERR_NOT_FOUND, 0, "no entry '%s'", dn);
}

static spn_status take_found(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

static const char *const who_attrs[] = { SPK_KIND_ATTRS, "objectSid", "sIDHistory", "memberOf", "primaryGroupID",
	NULL };

/* What an account is known by: its SID, and on Windows those that it had elsewhere. */
static const char *const sid_attrs[] = { "objectSid", "sIDHistory" };
enum { N_SIDS = sizeof sid_attrs / sizeof *sid_attrs };

/* In one search. */
static spn_status find_sids(struct work *work, const spk_sids *sids, spn_error *err)
{
	SPK_AUTOFREE spn_filter *filters = calloc(sids->n * N_SIDS + 1, sizeof *filters);
	SPK_AUTOFREE const spn_filter **parts = calloc(sids->n * N_SIDS + 1, sizeof *parts);
	if (!filters || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < sids->n * N_SIDS; i++) {
		filters[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = sid_attrs[i % N_SIDS], .value = sids->list[i / N_SIDS] };
		parts[i] = &filters[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = {
		.scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = who_attrs, .forest = work->place.has_others
	};
	return sids->n ? spn_directory_search(work->dir, &search, take_found, &work->found, err) : SPN_OK;
}

static bool has_sid(const spn_account *account, const char *attr, spn_bytes sid)
{
	const spn_bytes *sids;
	size_t n = spn_entry_values(account->entry, attr, &sids);
	for (size_t i = 0; i < n; i++)
		if (spk_bytes_equal(sids[i], sid))
			return true;
	return false;
}

static const spn_account *find_account(const struct work *work, spn_bytes sid)
{
	/* nobody takes a SID along that every domain has: whoever has it in their history is not all of that group */
	size_t n_attrs = work->everybody.is_samba || spk_sid_usual_name(sid) ? 1 : N_SIDS;
	for (size_t attr = 0; attr < n_attrs; attr++)
		for (size_t i = 0; i < work->found.n; i++)
			if (has_sid(work->found.list[i], sid_attrs[attr], sid))
				return work->found.list[i];
	for (size_t i = 0; work->asked && i < work->asked->groups.n; i++)
		if (has_sid(work->asked->groups.list[i], "objectSid", sid))
			return work->asked->groups.list[i];
	return NULL;
}

/* sAMAccountName, the usual name, or "", of another domain behind that domain: into a new text. */
static char *name_of(const struct work *work, const spn_account *account, spn_bytes sid)
{
	char usual[SPK_SID_NAME];
	const char *own = work->place.own;
	SPK_AUTOTEXT spk_text domain = { 0 };
	bool is_named = account && *spn_account_name(account);
	if (is_named && own && !spk_dn_same_domain(spn_account_dn(account), own)) {
		spk_dn_domain(spn_account_dn(account), &domain);
		spk_text_add(&domain, "\\");
	}
	if (!is_named && !spk_sid_put_name(sid, &work->place.home.own, usual))
		usual[0] = '\0';
	spk_text_add(&domain, "%s", is_named ? spn_account_name(account) : usual);
	char *name = domain.failed ? NULL : strdup(domain.data ? domain.data : "");
	if (name)
		spk_make_printable(name);
	return name;
}

static char *text_of_sid(spn_bytes sid)
{
	char text[SPK_SID_TEXT];
	return strdup(spk_sid_print(sid, text) ? text : "");
}

/* ---- trustees ---- */

/* "'a', 'b' and 3 more". */
static spn_status put_names(struct work *work, const spk_sids *sids, spk_text *text, spn_error *err)
{
	for (size_t i = 0; i < sids->n && i < SHOWN; i++) {
		SPK_AUTOFREE char *name = name_of(work, find_account(work, sids->list[i]), sids->list[i]);
		SPK_AUTOFREE char *sid = text_of_sid(sids->list[i]);
		if (!name || !sid)
			return spk_nomem(err);
		spk_text_add(text, "%s'%s'", i ? ", " : "", *name ? name : sid);
	}
	if (sids->n > SHOWN)
		spk_text_add(text, " and %zu more", sids->n - SHOWN);
	return text->failed ? spk_nomem(err) : SPN_OK;
}

/* What of it is a group, or not known, has members of whom nothing is known. */
static bool is_account(const spn_account *account)
{
	return account && spk_account_is_wanted(account->entry, SPN_WANT_ANY);
}

static char *text_or_empty(const spk_text *text)
{
	return strdup(text->data ? text->data : "");
}

/* One of those in BUILTIN or of our own domain that Authenticated Users are in is like them, and one that Domain Users
 * or Domain Computers are in. */
static bool is_everybody(const struct work *work, spn_bytes sid, const spn_account *account)
{
	return spk_sid_is_everybody(sid, &work->place.home.own) ||
			(account && !is_account(account) && spk_token_has(&work->users, sid));
}

/* Fills a trustee, all texts of which are new. */
static spn_status describe(struct work *work, spn_bytes sid, const spn_account *account, const spk_token *token,
		spk_grant *grant, spn_trustee *ret, spn_error *err)
{
	SPK_AUTOTEXT spk_text except = { 0 }, denied = { 0 };
	spn_status status = is_account(account) ? SPN_OK : put_names(work, &grant->excepted, &except, err);
	if (!status && !(grant->rights & SPN_RIGHT_WRITE))
		status = put_names(work, &grant->denied, &denied, err);
	if (status)
		return status;
	if (grant->is_idle && !grant->rights)
		spk_text_add(&grant->granted, "validated write to service principal name");
	if (grant->granted.failed)
		return spk_nomem(err);
	spk_domain_id own = { .is_known = false };
	spk_domain_id_set(&own, work->permissions.self);
	*ret = (spn_trustee){ .sid = text_of_sid(sid),
		.name = name_of(work, account, sid),
		.dn = strdup(account ? spn_account_dn(account) : ""),
		.rights = grant->rights,
		.inherited = grant->inherited,
		.conditional = grant->conditional,
		.granted = text_or_empty(&grant->granted),
		.except = text_or_empty(&except),
		.denied = text_or_empty(&denied),
		.is_itself = spk_bytes_equal(sid, work->permissions.self) || spk_sid_is(sid, "S-1-5-10"),
		.is_administrator = token->is_administrator,
		.is_idle = grant->is_idle && !grant->rights,
		.is_everybody = is_everybody(work, sid, account),
		.is_nobody = !account && spk_domain_id_is_of(&own, sid) && !spk_sid_usual_name(sid) &&
				!spk_directory_is_local(work->dir) };
	bool is_whole = ret->sid && ret->name && ret->dn && ret->granted && ret->except && ret->denied;
	if (!is_whole)
		free_trustee(ret);
	return is_whole ? SPN_OK : spk_nomem(err);
}

static spn_status add_trustee(struct work *work, spn_bytes sid, spn_error *err)
{
	SPK_AUTOTOKEN spk_token token = { .is_administrator = false };
	SPK_AUTOGRANT spk_grant grant = { .rights = 0 };
	struct answer *answer = work->answer;
	const spn_account *account = find_account(work, sid);
	spn_status status = spk_token_of_sid(sid, &work->everybody, &token, err);
	if (!status && account)
		status = spk_token_read(work->dir, account, &work->everybody, &token, err);
	if (!status)
		status = spk_permissions_evaluate(&work->permissions, &token, &sid, work->has_validated, &grant, err);
	if (status || (!grant.rights && !grant.is_idle))
		return status;
	grant.denied.n = 0;
	status = describe(work, sid, account, &token, &grant, &answer->list[answer->shown.n_trustees], err);
	answer->shown.n_trustees += !status;
	return status;
}

/* ---- who was asked about ---- */

static spn_status find_group(spn_directory *dir, const char *text, spn_account **ret_group, spn_error *err)
{
	const spn_filter group = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = spk_bytes("group") };
	const spn_filter name = { .op = SPN_FILTER_EQUAL, .attr = "sAMAccountName", .value = spk_bytes(text) };
	const spn_filter *const parts[] = { &group, &name, NULL };
	const spn_filter both = { .op = SPN_FILTER_AND, .parts = parts };
	const spn_search by_name = { .scope = SPN_SCOPE_SUBTREE, .filter = &both, .attrs = who_attrs },
			 by_dn = { .base = text, .scope = SPN_SCOPE_BASE, .filter = &group, .attrs = who_attrs };
	return spn_directory_search(dir, spk_dn_is_valid(text) ? &by_dn : &by_name, take_account, ret_group, err);
}

/* An account with what only this asks of it. */
static spn_status read_who(spn_directory *dir, spn_account **who, spn_error *err)
{
	spn_account *found = NULL;
	const spn_search search = { .base = spn_account_dn(*who), .scope = SPN_SCOPE_BASE, .attrs = who_attrs };
	spn_status status = spn_directory_search(dir, &search, take_account, &found, err);
	if (!found)
		return status;
	spn_account_free(*who);
	*who = found;
	return status;
}

/* An account or a group; what it is not is told of accounts. */
static spn_status find_who(spn_directory *dir, const char *text, spn_account **ret_who, spn_error *err)
{
	spn_error why = { .status = SPN_OK };
	spn_status status = spk_account_find_only(dir, text, ret_who, &why);
	if (status == SPN_ERR_NOT_FOUND) {
		spn_status looked = find_group(dir, text, ret_who, err);
		if (looked && looked != SPN_ERR_NOT_FOUND)
			return looked;
		status = *ret_who ? SPN_OK : status;
	}
	else if (!status)
		return read_who(dir, ret_who, err);
	if (status && err)
		*err = why;
	return status;
}

/* Through whom, where that is not the one who was asked about. */
static spn_status put_through(struct work *work, const spk_grant *grant, spn_bytes own, spk_text *ret_granted,
		spn_error *err)
{
	SPK_AUTOSIDS spk_sids others = { .n = 0 };
	others.list = calloc(grant->through.n + 1, sizeof *others.list);
	if (!others.list)
		return spk_nomem(err);
	for (size_t i = 0; i < grant->through.n; i++)
		if (!spk_bytes_equal(grant->through.list[i], own))
			others.list[others.n++] = grant->through.list[i];
	if (grant->granted.len)
		spk_text_add(ret_granted, "%s", grant->granted.data);
	if (others.n)
		spk_text_add(ret_granted, "; through ");
	return put_names(work, &others, ret_granted, err);
}

static spn_status evaluate_token(struct work *work, const spk_token *token, spk_grant *ret, spn_error *err)
{
	spk_grant_free(ret);
	*ret = (spk_grant){ .rights = 0 };
	return spk_permissions_evaluate(&work->permissions, token, NULL, work->has_validated, ret, err);
}

static bool may_write(const spk_grant *grant)
{
	return grant->rights & (SPN_RIGHT_WRITE | SPN_RIGHT_VALIDATED);
}

/* Of what is granted already, a further group could only deny something. */
static bool could_change(const struct work *work, const spk_grant *grant)
{
	bool could = !may_write(grant);
	for (size_t i = 0; !could && i < work->permissions.n; i++)
		could = !work->permissions.list[i].entry.allows;
	return could;
}

/* On what the answer depends. */
static spn_status tell_condition(struct work *work, const spn_account *who, const spk_token *token, bool is_wide,
		const spk_grant *grant, spn_error *err)
{
	SPK_AUTOTEXT spk_text unseen = { 0 };
	const spk_place *place = &work->place;
	spn_status status = could_change(work, grant) ? spk_token_put_unseen(token, who, &unseen, err) : SPN_OK;
	bool is_cut = place->is_silent && is_wide;
	if (status || (!unseen.len && !is_cut))
		return status;
	char *text = spk_printf("not considered, because %s%s%s: %s",
			place->is_silent ? "the global catalog did not answer (" : "not found here",
			place->is_silent ? place->why : "", place->is_silent ? ")" : "",
			unseen.len ? unseen.data : "groups of other domains");
	if (!text)
		return spk_nomem(err);
	spk_make_printable(text);
	work->answer->condition = text;
	work->answer->shown.condition = text;
	return SPN_OK;
}

/* A server that is no global catalog shows groups of its own domain only: the others are asked for if they matter. */
static spn_status evaluate_groups(
		struct work *work, const spn_account *who, spk_token *token, spk_grant *ret_grant, spn_error *err)
{
	spn_status status = spk_token_read(work->dir, who, &work->everybody, token, err);
	if (!status)
		status = evaluate_token(work, token, ret_grant, err);
	bool is_wide = !status && work->place.is_partial && could_change(work, ret_grant);
	if (is_wide)
		status = spk_token_widen(work->dir, who, token, err);
	if (!status && is_wide)
		status = evaluate_token(work, token, ret_grant, err);
	return status ? status : tell_condition(work, who, token, is_wide, ret_grant, err);
}

static spn_status evaluate_who(struct work *work, const spn_account *who, spn_trustee *ret, spn_error *err)
{
	SPK_AUTOTOKEN spk_token token = { .is_administrator = false };
	SPK_AUTOGRANT spk_grant grant = { .rights = 0 };
	SPK_AUTOTEXT spk_text granted = { 0 };
	const spn_bytes *sid;
	if (!spn_entry_values(who->entry, "objectSid", &sid))
		return spn_fail(err, SPN_ERR_NOT_FOUND, 0, "the objectSid of '%s' is not known: what '%s' may do cannot be said",
				spn_account_dn(who), spk_account_label(who));
	spn_status status = evaluate_groups(work, who, &token, &grant, err);
	work->asked = &token;
	if (!status)
		status = put_through(work, &grant, *sid, &granted, err);
	if (!status) {
		spk_text_free(&grant.granted);
		grant.granted = granted;
		granted = (spk_text){ 0 };
		status = describe(work, *sid, who, &token, &grant, ret, err);
	}
	work->asked = NULL;
	return status;
}

/* ---- all of it ---- */

static bool is_computer(const spn_account *account)
{
	switch (spn_account_get_kind(account)) {
	case SPN_KIND_COMPUTER:
	case SPN_KIND_GMSA:
	case SPN_KIND_MSA:
	case SPN_KIND_DMSA: return true;
	default: return false;
	}
}

static spn_status tell_unknown(struct work *work, spn_error *err)
{
	const spn_account *account = work->answer->account;
	bool is_there = spn_entry_values(account->entry, SPK_DESCRIPTOR, NULL) > 0;
	bool is_file = spk_directory_is_local(work->dir);
	work->answer->unknown = spk_printf("%s",
			is_there             ? SPK_DESCRIPTOR " is not a security descriptor with a list of permissions" :
				     is_file ? SPK_DESCRIPTOR " was not exported" :
					       SPK_DESCRIPTOR " cannot be read with these credentials");
	work->answer->shown.unknown = work->answer->unknown;
	return work->answer->unknown ? SPN_OK : spk_nomem(err);
}

static spn_status list_trustees(struct work *work, const spn_account *who, spn_error *err)
{
	SPK_AUTOSIDS spk_sids sids = { .n = 0 };
	struct answer *answer = work->answer;
	size_t n = 0;
	spn_status status = spk_permissions_sids(&work->permissions, &sids, &n, err);
	if (!status)
		status = find_sids(work, &sids, err);
	answer->list = status ? NULL : calloc(n + 1, sizeof *answer->list);
	if (!status && !answer->list)
		status = spk_nomem(err);
	answer->shown.trustees = answer->list;
	for (size_t i = 0; !status && i < n; i++)
		status = add_trustee(work, sids.list[i], err);
	spn_trustee *asked = answer->list ? &answer->list[answer->shown.n_trustees] : NULL;
	if (!status && who) {
		status = evaluate_who(work, who, asked, err);
		answer->shown.who = status ? NULL : asked;
	}
	return status;
}

static spn_status make(struct work *work, const char *who, spn_error *err)
{
	SPK_AUTO(spn_account) *asked = NULL;
	bool is_whole;
	spn_dialect rules = SPN_DIALECT_WINDOWS;
	spn_status status = who ? find_who(work->dir, who, &asked, err) : SPN_OK;
	if (!status)
		status = spk_directory_rules(work->dir, &rules, err);
	work->permissions.is_samba = rules == SPN_DIALECT_SAMBA;
	if (!status)
		status = spk_permissions_read(work->answer->account, &work->permissions, &is_whole, err);
	if (status)
		return status;
	work->has_validated = is_computer(work->answer->account);
	if (!is_whole)
		return tell_unknown(work, err);
	work->everybody.place = work->users.place = &work->place;
	status = spk_place_read(work->dir, &work->permissions, &work->place, err);
	if (!status)
		status = spk_token_of_domain(work->dir, work->permissions.self, &work->users, err);
	work->place.users = &work->users;
	if (!status)
		status = spk_token_of_everybody(work->dir, &work->everybody, err);
	return status ? status : list_trustees(work, asked, err);
}

spn_status spk_rights_read(
		spn_directory *dir, const char *dn, const char *who, spn_rights **ret_rights, spn_error *err)
{
	struct answer *answer = calloc(1, sizeof *answer);
	if (!answer)
		return spk_nomem(err);
	struct work work = { .dir = dir, .answer = answer };
	spn_status status = read_account(dir, dn, &answer->account, err);
	answer->shown.account = answer->account;
	if (!status)
		status = make(&work, who, err);
	spk_permissions_free(&work.permissions);
	spk_accounts_free(&work.found);
	spk_token_free(&work.everybody);
	spk_token_free(&work.users);
	if (status)
		spn_rights_free(&answer->shown);
	else
		*ret_rights = &answer->shown;
	return status;
}

spn_status spn_account_rights(spn_directory *dir, const spn_account *account, const char *who, spn_rights **ret_rights,
		spn_error *err)
{
	if (!dir || !account || !ret_rights)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_account_rights: an argument is NULL");
	return spk_rights_read(dir, spn_account_dn(account), who, ret_rights, err);
}

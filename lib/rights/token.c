/* SPDX-License-Identifier: MIT */
#include "token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "directory/directory.h"
#include "model/adtypes.h"
#include "model/dn.h"

/* S-1-1-0, and what a log-on over the network has: S-1-5-11, S-1-5-2, with tickets S-1-18-1, on Windows S-1-5-15
 * ([MS-DTYP] 2.4.2.4) */
static const char everyone[12] = { 1, 1, [7] = 1 };
static const char authenticated[12] = { 1, 1, [7] = 5, [8] = 11 };
static const char network[12] = { 1, 1, [7] = 5, [8] = 2 };
static const char asserted[12] = { 1, 1, [7] = 18, [8] = 1 };
static const char organization[12] = { 1, 1, [7] = 5, [8] = 15 };

/* The places of the first two in a domain, for those who put them into groups ([MS-ADTS] 6.1.1.4.9). */
static const char *const strangers[] = { "S-1-1-0", "S-1-5-11" };
enum { N_STRANGERS = sizeof strangers / sizeof *strangers };

/* groupType ([MS-ADTS] 2.2.12): a domain local group, which counts in its own domain only */
#define GROUP_TYPE_RESOURCE_GROUP 4u

void spk_token_free(spk_token *token)
{
	spk_keys_free(&token->sids);
	spk_keys_free(&token->dns);
	spk_accounts_free(&token->groups);
}

bool spk_token_has(const spk_token *token, spn_bytes sid)
{
	return spk_keys_find(&token->sids, sid) != SIZE_MAX;
}

spn_status spk_token_add(spk_token *token, spn_bytes sid, spn_error *err)
{
	const spk_token *users = token->place ? token->place->users : NULL;
	if (!users || !spk_token_has(users, sid))
		token->is_administrator |= spk_sid_is_administrator(sid, token->place ? &token->place->home : NULL);
	return spk_keys_add(&token->sids, sid) == SIZE_MAX ? spk_nomem(err) : SPN_OK;
}

/* Whoever has no session has no such SIDs either, but asks for nothing. */
spn_status spk_token_of_sid(spn_bytes sid, const spk_token *everybody, spk_token *token, spn_error *err)
{
	const spn_bytes all[] = { { everyone, sizeof everyone }, { network, sizeof network },
		{ authenticated, sizeof authenticated }, { asserted, sizeof asserted }, { organization, sizeof organization } };
	enum { ALL = sizeof all / sizeof *all, OF_ANYBODY = 2 };
	size_t n = spk_sid_is(sid, "S-1-5-7") ? OF_ANYBODY : everybody->is_samba ? ALL - 1 : ALL;
	token->place = everybody->place;
	spn_status status = spk_token_add(token, sid, err);
	for (size_t i = 0; !status && i < n; i++)
		status = spk_token_add(token, all[i], err);
	return status;
}

/* Whether a DN was new. */
static spn_status add_dn(spk_keys *dns, const char *dn, bool *ret_new, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	size_t n = dns->n;
	if (!spk_dn_key_or_text(dn, &key) || spk_keys_add(dns, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
		return spk_nomem(err);
	*ret_new = dns->n > n;
	return SPN_OK;
}

/* The SIDs that an entry had in the domain that it came from: Windows puts them into tokens ([MS-PAC] 2.5). */
static spn_status add_history(const spn_entry *entry, spk_token *token, spn_error *err)
{
	const spn_bytes *sids;
	size_t n = token->is_samba ? 0 : spn_entry_values(entry, "sIDHistory", &sids);
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++)
		status = spk_token_add(token, sids[i], err);
	return status;
}

/* ---- other domains ---- */

spn_status spk_place_open(spn_directory *dir, spk_place *place, spn_error *err)
{
	const char *is_catalog = NULL, *config = NULL;
	spn_status status = spk_directory_context(dir, "defaultNamingContext", &place->own, err);
	if (!status)
		status = spk_directory_context(dir, "rootDomainNamingContext", &place->root, err);
	if (!status)
		status = spk_directory_context(dir, "configurationNamingContext", &config, err);
	if (!status)
		status = spk_directory_context(dir, "isGlobalCatalogReady", &is_catalog, err);
	place->is_file = spk_directory_is_local(dir);
	place->has_others = place->is_file && spk_directory_has_several_domains(dir);
	place->is_partial = !place->is_file && is_catalog && strcasecmp(is_catalog, "FALSE") == 0;
	if (place->is_file && !config) /* that of the domain stands for it */
		place->root = NULL;
	return status;
}

void spk_place_is_silent(spk_place *place, const spn_error *why)
{
	place->is_silent = true;
	snprintf(place->why, sizeof place->why, "%s", why->message);
}

static bool is_elsewhere(const spk_token *token, const char *dn)
{
	const char *own = token->place ? token->place->own : NULL;
	return own && !spk_dn_same_domain(dn, own);
}

/* Whether it is the account, or one of the groups, of a token; without memory: it is not. */
static bool has_dn(const spk_token *token, const char *dn)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	return spk_dn_key_or_text(dn, &key) && spk_keys_find(&token->dns, (spn_bytes){ key.data, key.len }) != SIZE_MAX;
}

/* A group of another domain: not if its members have its SID there only. */
static bool counts_here(const spk_token *token, const spn_entry *group)
{
	const spn_bytes *sid;
	char text[SPK_SID_TEXT];
	if (!is_elsewhere(token, spn_entry_dn(group)))
		return true;
	const char *type = spn_entry_text(group, "groupType");
	if (type && (unsigned long)strtoll(type, NULL, 10) & GROUP_TYPE_RESOURCE_GROUP)
		return false;
	return spn_entry_values(group, "objectSid", &sid) && spk_sid_print(*sid, text) && strncmp(text, "S-1-5-21-", 9) == 0;
}

/* A group of the root domain tells its SID. */
static void note_root(const spk_token *token, const spn_entry *group, spn_bytes sid)
{
	spk_place *place = token->place;
	if (place && place->root && !place->home.root.is_known && spk_dn_same_domain(spn_entry_dn(group), place->root))
		spk_domain_id_set(&place->home.root, sid);
}

static spn_status take_group(const spn_entry *entry, void *data, spn_error *err)
{
	spk_token *token = data;
	const spn_bytes *sid;
	bool is_new;
	spn_status status = add_dn(&token->dns, spn_entry_dn(entry), &is_new, err);
	if (status || !is_new || !counts_here(token, entry))
		return status;
	if (spn_entry_values(entry, "objectSid", &sid)) {
		note_root(token, entry, *sid);
		status = spk_token_add(token, *sid, err);
	}
	if (!status)
		status = add_history(entry, token, err);
	return status ? status : spk_accounts_add(&token->groups, entry, err);
}

/* A growing OR. */
struct alternatives {
	spn_filter *list;
	size_t n;
};

/* What is to be asked next, of the directory and of the global catalog. */
struct questions {
	struct alternatives here, abroad;
	spk_keys sent; /* DNs that the catalog was asked for */
};

static void free_questions(struct questions *all)
{
	free(all->here.list);
	free(all->abroad.list);
	spk_keys_free(&all->sent);
}

static spn_status add_alternative(struct alternatives *all, const char *attr, spn_bytes value, spn_error *err)
{
	spn_filter *grown = realloc(all->list, (all->n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	all->list = grown;
	grown[all->n++] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = attr, .value = value };
	return SPN_OK;
}

/* A group of another domain, each once: the catalog tells its SID, and what universal groups it is in. */
static spn_status ask_abroad(spn_bytes dn, struct questions *all, spn_error *err)
{
	bool is_new;
	spn_status status = add_dn(&all->sent, dn.data, &is_new, err);
	if (status || !is_new)
		return status;
	status = add_alternative(&all->abroad, "distinguishedName", dn, err);
	return status ? status : add_alternative(&all->abroad, "member", dn, err);
}

static spn_status ask_group(spn_bytes dn, const spk_token *token, struct questions *all, spn_error *err)
{
	bool elsewhere = is_elsewhere(token, dn.data);
	spn_status status = SPN_OK;
	if (!elsewhere || token->place->is_file)
		status = add_alternative(&all->here, "distinguishedName", dn, err);
	if (!status && elsewhere) /* our own groups can have it as a member */
		status = add_alternative(&all->here, "member", dn, err);
	return status || !elsewhere || token->place->is_file ? status : ask_abroad(dn, all, err);
}

/* What an entry is in: a file may tell that of the group, of the member, or of both. */
static spn_status ask_groups_of(const spn_entry *entry, const spk_token *token, struct questions *all, spn_error *err)
{
	const spn_bytes *groups;
	spn_status status = add_alternative(&all->here, "member", spk_bytes(spn_entry_dn(entry)), err);
	for (size_t i = 0, n = spn_entry_values(entry, "memberOf", &groups); !status && i < n; i++)
		status = ask_group(groups[i], token, all, err);
	return status;
}

static spn_status search_any(spn_directory *dir, const struct alternatives *all, bool forest, spn_entry_fn *fn,
		spk_token *token, spn_error *err)
{
	static const char *const attrs[] = { "objectSid", "sIDHistory", "sAMAccountName", "memberOf", "objectClass",
		"groupType", NULL };
	SPK_AUTOFREE const spn_filter **parts = calloc(all->n + 1, sizeof *parts);
	if (!parts)
		return spk_nomem(err);
	for (size_t i = 0; i < all->n; i++)
		parts[i] = &all->list[i];
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = attrs, .forest = forest };
	return spn_directory_search(dir, &search, fn, token, err);
}

/* The rest of the forest may be out of reach: then what it would say is not considered, and that is said. */
static spn_status search_abroad(spn_directory *dir, const struct alternatives *all, spk_token *token, spn_error *err)
{
	spn_error why = { .status = SPN_OK };
	if (token->place->is_silent)
		return SPN_OK;
	spn_status status = search_any(dir, all, true, take_group, token, &why);
	if (status == SPN_ERR_NOMEM)
		return spk_nomem(err);
	if (status)
		spk_place_is_silent(token->place, &why);
	return SPN_OK;
}

/* Whether a group is in the root of the forest.  If it is not known which that is: in our domain, or one above it. */
static bool may_be_of_root(const spk_place *place, const char *group)
{
	if (place->root || !place->own)
		return !place->root || spk_dn_same_domain(group, place->root);
	const char *domain = strcasestr(group, ",DC=");
	return spk_dn_same_domain(group, place->own) || (domain && spk_dn_is_under(place->own, domain + 1));
}

/* A group that a file says somebody is in, but may not have: by its name in its own place, as long as nobody translated
 * it.  Elsewhere, anybody who may create groups could call one so.  The last two are in the root of the forest. */
static void judge_by_name(const spn_entry *entry, spk_token *token)
{
	static const char *const names[] = { "CN=Domain Admins,CN=Users,DC=", "CN=Administrators,CN=Builtin,DC=",
		"CN=Enterprise Admins,CN=Users,DC=", "CN=Schema Admins,CN=Users,DC=" };
	enum { OF_OWN = 2 };
	const spk_place *place = token->place;
	const spn_bytes *groups;
	bool is_asked_for = place && place->is_file && !(place->users && has_dn(place->users, spn_entry_dn(entry)));
	size_t n = is_asked_for ? spn_entry_values(entry, "memberOf", &groups) : 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < sizeof names / sizeof *names; j++) {
			bool is_there = j < OF_OWN ? !place->own || spk_dn_same_domain(groups[i].data, place->own) :
						     may_be_of_root(place, groups[i].data);
			token->is_administrator |= is_there && strncasecmp(groups[i].data, names[j], strlen(names[j])) == 0;
		}
}

static spn_status take_builtin(const spn_entry *entry, void *data, spn_error *err)
{
	const spn_bytes *sid;
	char text[SPK_SID_TEXT];
	bool is_builtin = spn_entry_values(entry, "objectSid", &sid) && spk_sid_print(*sid, text) &&
			strncmp(text, "S-1-5-32-", 9) == 0;
	return is_builtin ? take_group(entry, data, err) : SPN_OK;
}

/* Finds the alternatives, and level by level what the groups of the token are in, from number done on.  Each is new
 * once, so that circles end.  Other domains are asked when our own one says nothing new.  Frees the questions. */
static spn_status climb(spn_directory *dir, struct questions *all, size_t done, spk_token *token, spn_error *err)
{
	spn_status status = SPN_OK;
	while (!status) {
		for (; !status && done < token->groups.n; done++) {
			judge_by_name(token->groups.list[done]->entry, token);
			status = ask_groups_of(token->groups.list[done]->entry, token, all, err);
		}
		struct alternatives *next = all->here.n ? &all->here : &all->abroad;
		if (status || !next->n)
			break;
		status = next == &all->here ?
				search_any(dir, next, token->place && token->place->has_others, take_group, token, err) :
				search_abroad(dir, next, token, err);
		next->n = 0;
	}
	free_questions(all);
	return status;
}

/* The groups that everybody is in, and alternatives for those who have more. */
static spn_status read_everybody(spn_directory *dir, struct questions *all, spk_token *token, spn_error *err)
{
	const char *domain = NULL;
	spn_dialect dialect = SPN_DIALECT_WINDOWS;
	struct alternatives first = { .n = 0 };
	char *dns[N_STRANGERS] = { NULL };
	spn_status status = spk_directory_context(dir, "defaultNamingContext", &domain, err);
	if (!status)
		status = spk_directory_rules(dir, &dialect, err);
	token->is_samba = dialect == SPN_DIALECT_SAMBA;
	for (size_t i = 0; !status && domain && i < N_STRANGERS; i++) {
		dns[i] = spk_printf("CN=%s,CN=ForeignSecurityPrincipals,%s", strangers[i], domain);
		status = dns[i] ? add_alternative(&first, "member", spk_bytes(dns[i]), err) : spk_nomem(err);
	}
	/* Samba's controllers follow Everyone and Authenticated Users into the groups of BUILTIN only */
	if (!status && first.n)
		status = search_any(dir, &first, false, token->is_samba ? take_builtin : take_group, token, err);
	for (size_t i = 0; i < N_STRANGERS; i++)
		free(dns[i]);
	free(first.list);
	if (status)
		free_questions(all);
	return status ? status : climb(dir, all, 0, token, err);
}

spn_status spk_token_of_everybody(spn_directory *dir, spk_token *token, spn_error *err)
{
	struct questions all = { .here.n = 0 };
	return read_everybody(dir, &all, token, err);
}

/* Domain Users and Domain Computers of a domain ([MS-DTYP] 2.4.2.4).  The room is for their SIDs. */
static spn_status ask_everybody_of(
		spn_bytes sid, char users[SPK_SID_MAX], char computers[SPK_SID_MAX], struct alternatives *all, spn_error *err)
{
	enum { DOMAIN_USERS = 513, DOMAIN_COMPUTERS = 515 };
	if (!spk_sid_with_rid(sid, DOMAIN_USERS, users) || !spk_sid_with_rid(sid, DOMAIN_COMPUTERS, computers))
		return SPN_OK;
	spn_status status = add_alternative(all, "objectSid", (spn_bytes){ users, sid.len }, err);
	return status ? status : add_alternative(all, "objectSid", (spn_bytes){ computers, sid.len }, err);
}

spn_status spk_token_of_domain(spn_directory *dir, spn_bytes sid, spk_token *token, spn_error *err)
{
	struct questions all = { .here.n = 0 };
	char users[SPK_SID_MAX], computers[SPK_SID_MAX];
	spn_status status = ask_everybody_of(sid, users, computers, &all.here, err);
	if (status)
		free_questions(&all);
	return status ? status : read_everybody(dir, &all, token, err);
}

spn_status spk_token_add_domain(spn_directory *dir, spn_bytes sid, spk_token *token, spn_error *err)
{
	struct questions all = { .here.n = 0 };
	char users[SPK_SID_MAX], computers[SPK_SID_MAX];
	spn_status status =
			ask_everybody_of(sid, users, computers, token->place->is_file ? &all.here : &all.abroad, err);
	if (status)
		free_questions(&all);
	return status ? status : climb(dir, &all, token->groups.n, token, err);
}

/* The primary group, which memberOf leaves out ([MS-ADTS] 3.1.1.4.5.19). */
static spn_status ask_primary(const spn_account *who, char sid[SPK_SID_MAX], struct alternatives *all, spk_token *token,
		spn_error *err)
{
	const spn_bytes *own;
	const char *rid = spn_entry_text(who->entry, "primaryGroupID");
	if (!rid || !spn_entry_values(who->entry, "objectSid", &own) ||
			!spk_sid_with_rid(*own, (uint32_t)strtoul(rid, NULL, 10), sid))
		return SPN_OK;
	const spn_bytes group = { sid, own->len };
	spn_status status = spk_token_add(token, group, err);
	return status ? status : add_alternative(all, "objectSid", group, err);
}

spn_status spk_token_read(spn_directory *dir, const spn_account *who, const spk_token *everybody, spk_token *token,
		spn_error *err)
{
	struct questions all = { .here.n = 0 };
	const spn_bytes *sid;
	char primary[SPK_SID_MAX];
	bool is_new;
	token->is_samba = everybody->is_samba;
	token->place = everybody->place;
	spn_status status = add_dn(&token->dns, spn_account_dn(who), &is_new, err);
	if (!status && spn_entry_values(who->entry, "objectSid", &sid))
		status = spk_token_of_sid(*sid, everybody, token, err);
	if (!status)
		status = add_history(who->entry, token, err);
	for (size_t i = 0; !status && i < everybody->groups.n; i++)
		status = take_group(everybody->groups.list[i]->entry, token, err);
	size_t done = token->groups.n;
	if (!status)
		status = ask_groups_of(who->entry, token, &all, err);
	if (!status)
		status = ask_primary(who, primary, &all.here, token, err);
	judge_by_name(who->entry, token);
	if (status)
		free_questions(&all);
	return status ? status : climb(dir, &all, done, token, err);
}

spn_status spk_token_widen(spn_directory *dir, const spn_account *who, spk_token *token, spn_error *err)
{
	struct questions all = { .here.n = 0 };
	size_t done = token->groups.n;
	spn_status status = add_alternative(&all.abroad, "member", spk_bytes(spn_account_dn(who)), err);
	for (size_t i = 0; !status && i < done; i++)
		status = add_alternative(&all.abroad, "member", spk_bytes(spn_account_dn(token->groups.list[i])), err);
	if (status)
		free_questions(&all);
	return status ? status : climb(dir, &all, done, token, err);
}

/* ---- what is not known ---- */

enum { SHOWN = 3 };

static spn_status put_unseen_of(const spk_token *token, const spn_entry *entry, spk_keys *unseen, spk_text *text,
		spn_error *err)
{
	const spn_bytes *groups;
	for (size_t i = 0, n = spn_entry_values(entry, "memberOf", &groups); i < n; i++) {
		SPK_AUTOTEXT spk_text key = { 0 };
		if (!spk_dn_key_or_text(groups[i].data, &key))
			return spk_nomem(err);
		const spn_bytes found = { key.data, key.len };
		size_t before = unseen->n;
		if (spk_keys_find(&token->dns, found) == SIZE_MAX && spk_keys_add(unseen, found) == SIZE_MAX)
			return spk_nomem(err);
		if (unseen->n > before && before < SHOWN)
			spk_text_add(text, "%s'%s'", before ? ", " : "", groups[i].data);
	}
	return SPN_OK;
}

spn_status spk_token_put_unseen(const spk_token *token, const spn_account *who, spk_text *text, spn_error *err)
{
	SPK_AUTOKEYS spk_keys unseen = { .n = 0 };
	spn_status status = put_unseen_of(token, who->entry, &unseen, text, err);
	for (size_t i = 0; !status && i < token->groups.n; i++)
		status = put_unseen_of(token, token->groups.list[i]->entry, &unseen, text, err);
	if (unseen.n > SHOWN)
		spk_text_add(text, " and %zu more", unseen.n - SHOWN);
	return !status && text->failed ? spk_nomem(err) : status;
}

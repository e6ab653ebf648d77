/* SPDX-License-Identifier: MIT */
#include "token.h"

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
	token->is_administrator |= spk_sid_is_administrator(sid);
	return spk_keys_add(&token->sids, sid) == SIZE_MAX ? spk_nomem(err) : SPN_OK;
}

/* Whoever has no session has no such SIDs either, but asks for nothing. */
spn_status spk_token_of_sid(spn_bytes sid, const spk_token *everybody, spk_token *token, spn_error *err)
{
	const spn_bytes all[] = { { everyone, sizeof everyone }, { network, sizeof network },
		{ authenticated, sizeof authenticated }, { asserted, sizeof asserted }, { organization, sizeof organization } };
	enum { ALL = sizeof all / sizeof *all, OF_ANYBODY = 2 };
	size_t n = spk_sid_is(sid, "S-1-5-7") ? OF_ANYBODY : everybody->is_samba ? ALL - 1 : ALL;
	spn_status status = spk_token_add(token, sid, err);
	for (size_t i = 0; !status && i < n; i++)
		status = spk_token_add(token, all[i], err);
	return status;
}

/* Whether a DN was new. */
static spn_status add_dn(spk_token *token, const char *dn, bool *ret_new, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	size_t n = token->dns.n;
	if (!spk_dn_key_or_text(dn, &key) || spk_keys_add(&token->dns, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
		return spk_nomem(err);
	*ret_new = token->dns.n > n;
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

static spn_status take_group(const spn_entry *entry, void *data, spn_error *err)
{
	spk_token *token = data;
	const spn_bytes *sid;
	bool is_new;
	spn_status status = add_dn(token, spn_entry_dn(entry), &is_new, err);
	if (status || !is_new)
		return status;
	if (spn_entry_values(entry, "objectSid", &sid))
		status = spk_token_add(token, *sid, err);
	if (!status)
		status = add_history(entry, token, err);
	return status ? status : spk_accounts_add(&token->groups, entry, err);
}

/* A growing OR. */
struct alternatives {
	spn_filter *list;
	size_t n;
};

static spn_status add_alternative(struct alternatives *all, const char *attr, spn_bytes value, spn_error *err)
{
	spn_filter *grown = realloc(all->list, (all->n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	all->list = grown;
	grown[all->n++] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = attr, .value = value };
	return SPN_OK;
}

/* What an entry is in: a file may tell that of the group, of the member, or of both. */
static spn_status ask_groups_of(const spn_entry *entry, struct alternatives *all, spn_error *err)
{
	const spn_bytes *groups;
	spn_status status = add_alternative(all, "member", spk_bytes(spn_entry_dn(entry)), err);
	for (size_t i = 0, n = spn_entry_values(entry, "memberOf", &groups); !status && i < n; i++)
		status = add_alternative(all, "distinguishedName", groups[i], err);
	return status;
}

static spn_status search_any(spn_directory *dir, const struct alternatives *all, spn_entry_fn *fn, spk_token *token,
		spn_error *err)
{
	static const char *const attrs[] = { "objectSid", "sIDHistory", "sAMAccountName", "memberOf", "objectClass", NULL };
	SPK_AUTOFREE const spn_filter **parts = calloc(all->n + 1, sizeof *parts);
	if (!parts)
		return spk_nomem(err);
	for (size_t i = 0; i < all->n; i++)
		parts[i] = &all->list[i];
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = attrs };
	return spn_directory_search(dir, &search, fn, token, err);
}

/* A group that a file says somebody is in, but may not have: by its name in its own place, as long as nobody translated
 * it.  Elsewhere, anybody who may create groups could call one so. */
static void judge_by_name(spn_directory *dir, const spn_entry *entry, spk_token *token)
{
	static const char *const names[] = { "CN=Domain Admins,CN=Users,DC=", "CN=Enterprise Admins,CN=Users,DC=",
		"CN=Schema Admins,CN=Users,DC=", "CN=Administrators,CN=Builtin,DC=" };
	const spn_bytes *groups;
	size_t n = spk_directory_is_local(dir) ? spn_entry_values(entry, "memberOf", &groups) : 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < sizeof names / sizeof *names; j++)
			token->is_administrator |= strncasecmp(groups[i].data, names[j], strlen(names[j])) == 0;
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
 * once, so that circles end.  Frees the alternatives. */
static spn_status climb(spn_directory *dir, struct alternatives *all, size_t done, spk_token *token, spn_error *err)
{
	spn_status status = SPN_OK;
	while (!status) {
		for (; !status && done < token->groups.n; done++) {
			judge_by_name(dir, token->groups.list[done]->entry, token);
			status = ask_groups_of(token->groups.list[done]->entry, all, err);
		}
		if (status || !all->n)
			break;
		status = search_any(dir, all, take_group, token, err);
		all->n = 0;
	}
	free(all->list);
	*all = (struct alternatives){ .n = 0 };
	return status;
}

/* Samba's controllers follow Everyone and Authenticated Users into the groups of BUILTIN only. */
spn_status spk_token_of_everybody(spn_directory *dir, spk_token *token, spn_error *err)
{
	const char *domain = NULL;
	spn_dialect dialect = SPN_DIALECT_WINDOWS;
	struct alternatives all = { .n = 0 };
	char *dns[N_STRANGERS] = { NULL };
	spn_status status = spk_directory_context(dir, "defaultNamingContext", &domain, err);
	if (!status)
		status = spk_directory_rules(dir, &dialect, err);
	token->is_samba = dialect == SPN_DIALECT_SAMBA;
	for (size_t i = 0; !status && domain && i < N_STRANGERS; i++) {
		dns[i] = spk_printf("CN=%s,CN=ForeignSecurityPrincipals,%s", strangers[i], domain);
		status = dns[i] ? add_alternative(&all, "member", spk_bytes(dns[i]), err) : spk_nomem(err);
	}
	if (!status && all.n)
		status = search_any(dir, &all, token->is_samba ? take_builtin : take_group, token, err);
	for (size_t i = 0; i < N_STRANGERS; i++)
		free(dns[i]);
	all.n = 0;
	if (status)
		free(all.list);
	return status ? status : climb(dir, &all, 0, token, err);
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
	struct alternatives all = { .n = 0 };
	const spn_bytes *sid;
	char primary[SPK_SID_MAX];
	bool is_new;
	token->is_samba = everybody->is_samba;
	spn_status status = add_dn(token, spn_account_dn(who), &is_new, err);
	if (!status && spn_entry_values(who->entry, "objectSid", &sid))
		status = spk_token_of_sid(*sid, everybody, token, err);
	if (!status)
		status = add_history(who->entry, token, err);
	for (size_t i = 0; !status && i < everybody->groups.n; i++)
		status = take_group(everybody->groups.list[i]->entry, token, err);
	token->is_administrator |= everybody->is_administrator;
	size_t done = token->groups.n;
	if (!status)
		status = ask_groups_of(who->entry, &all, err);
	if (!status)
		status = ask_primary(who, primary, &all, token, err);
	judge_by_name(dir, who->entry, token);
	if (status)
		free(all.list);
	return status ? status : climb(dir, &all, done, token, err);
}

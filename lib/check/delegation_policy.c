/* SPDX-License-Identifier: MIT */
/* Authentication policies and silos: who may get tickets for an account ([MS-KILE] 3.3.5.4, 3.3.5.5). */
#include <stdlib.h>
#include <string.h>

#include "delegation_look.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/adtypes.h"
#include "model/dn.h"
#include "model/entry.h"
#include "plan/holders.h"

#define KEPT_IN "CN=AuthN Policy Configuration,CN=Services,"
#define MEMBERS "msDS-AuthNPolicySiloMembers"

/* What rules an account of each kind: of a silo, its policy; of a policy, whom it lets get tickets. */
enum kind { USERS, COMPUTERS, SERVICES, N_KINDS };
static const struct names {
	const char *policy, *let_in;
} names[N_KINDS] = { { "msDS-UserAuthNPolicy", "msDS-UserAllowedToAuthenticateTo" },
	{ "msDS-ComputerAuthNPolicy", "msDS-ComputerAllowedToAuthenticateTo" },
	{ "msDS-ServiceAuthNPolicy", "msDS-ServiceAllowedToAuthenticateTo" } };

static enum kind kind_of(const spn_account *account)
{
	switch (spn_account_get_kind(account)) {
	case SPN_KIND_COMPUTER: return COMPUTERS;
	case SPN_KIND_GMSA:
	case SPN_KIND_MSA:
	case SPN_KIND_DMSA: return SERVICES;
	default: return USERS;
	}
}

/* ---- reading ---- */

static bool has_policy(const spn_account *account)
{
	return spn_entry_values(account->entry, SPK_POLICY, NULL) || spn_entry_values(account->entry, SPK_SILO, NULL);
}

static spn_status take_policy(const spn_entry *entry, void *data, spn_error *err)
{
	spk_look *look = data;
	size_t n = look->policy_dns.n, place = spk_dns_add(&look->policy_dns, spn_entry_dn(entry));
	if (place == SIZE_MAX)
		return spk_nomem(err);
	return place < n ? SPN_OK : spk_accounts_add(&look->policies, entry, err);
}

/* All of them, in one search; where they are not to be seen, none. */
spn_status spk_look_read_policies(spk_look *look, spn_error *err)
{
	static const char *const attrs[] = { "objectClass", MEMBERS, "msDS-AuthNPolicySiloEnforced",
		"msDS-AuthNPolicyEnforced", "msDS-UserAuthNPolicy", "msDS-UserAllowedToAuthenticateTo",
		"msDS-ComputerAuthNPolicy", "msDS-ComputerAllowedToAuthenticateTo", "msDS-ServiceAuthNPolicy",
		"msDS-ServiceAllowedToAuthenticateTo", NULL };
	const char *config = NULL;
	bool is_needed = false;
	for (size_t i = 0; !is_needed && i < look->accounts.n; i++)
		is_needed = has_policy(look->accounts.list[i]);
	spn_status status = is_needed ? spk_directory_context(look->dir, "configurationNamingContext", &config, err) :
					SPN_OK;
	if (status || !config)
		return status;
	SPK_AUTOFREE char *base = spk_printf(KEPT_IN "%s", config);
	if (!base)
		return spk_nomem(err);
	const spn_search search = { .base = base, .scope = SPN_SCOPE_SUBTREE, .attrs = attrs };
	spn_error why = { .status = SPN_OK };
	status = spn_directory_search(look->dir, &search, take_policy, look, &why);
	if (status && status != SPN_ERR_NOT_FOUND && err)
		*err = why;
	return status == SPN_ERR_NOT_FOUND ? SPN_OK : status;
}

/* The place of a policy or a silo in the list; SIZE_MAX: it cannot be read. */
static spn_status find_policy(const spk_look *look, const char *dn, size_t *ret_place, spn_error *err)
{
	return spk_dns_find(&look->policy_dns, dn, ret_place) ? SPN_OK : spk_nomem(err);
}

/* ---- what rules an account ---- */

/* Whom a policy lets get tickets for accounts of a kind: read once, however many there are. */
struct limits {
	spk_text list;
	bool is_read, is_none, is_unclear, is_nobody;
	bool is_asked; /* the question is about one of them */
};

struct policies {
	const spk_look *look;
	struct limits *limits; /* for each policy, one of each kind */
	bool is_samba;
	spk_keys members; /* the number of a silo and the key of a DN that it lists */
};

static void clear(struct policies *all)
{
	for (size_t i = 0; all->limits && i < all->look->policies.n * N_KINDS; i++)
		spk_text_free(&all->limits[i].list);
	free(all->limits);
	spk_keys_free(&all->members);
}
#define AUTOPOLICIES __attribute__((cleanup(clear)))

static spn_status member_key(size_t silo, const char *dn, spk_text *ret_key, spn_error *err)
{
	spk_text_add(ret_key, "%zu ", silo);
	return spk_dn_key_or_text(dn, ret_key) && !ret_key->failed ? SPN_OK : spk_nomem(err);
}

static spn_status list_members(struct policies *all, spn_error *err)
{
	const spk_accounts *policies = &all->look->policies;
	for (size_t i = 0; i < policies->n; i++) {
		const spn_bytes *members;
		for (size_t j = 0, n = spn_entry_values(policies->list[i]->entry, MEMBERS, &members); j < n; j++) {
			SPK_AUTOTEXT spk_text key = { 0 };
			spn_status status = member_key(i, members[j].data, &key, err);
			if (status)
				return status;
			if (spk_keys_add(&all->members, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
				return spk_nomem(err);
		}
	}
	return SPN_OK;
}

static spn_status is_member(
		const struct policies *all, size_t silo, const spn_account *account, bool *ret_is, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	spn_status status = member_key(silo, spn_account_dn(account), &key, err);
	*ret_is = !status && spk_keys_find(&all->members, (spn_bytes){ key.data, key.len }) != SIZE_MAX;
	return status;
}

struct ruling {
	const char *silo_dn, *policy_dn; /* NULL: none */
	const spn_account *silo, *policy; /* NULL: none, or it cannot be read */
	size_t place; /* of the policy */
	bool is_member; /* the silo lists the account: only then it counts */
	bool is_enforced;
};

static bool is_true(const spn_account *policy, const char *attr)
{
	const char *text = spn_entry_text(policy->entry, attr);
	return text && spk_ascii_equal(text, "TRUE");
}

static spn_status find_ruling(
		const struct policies *all, const spn_account *account, struct ruling *ret, spn_error *err)
{
	const spk_look *look = all->look;
	size_t silo = SIZE_MAX;
	*ret = (struct ruling){ .silo_dn = spn_entry_text(account->entry, SPK_SILO), .place = SIZE_MAX };
	spn_status status = ret->silo_dn ? find_policy(look, ret->silo_dn, &silo, err) : SPN_OK;
	if (status || (ret->silo_dn && silo == SIZE_MAX))
		return status;
	ret->silo = ret->silo_dn ? look->policies.list[silo] : NULL;
	status = ret->silo ? is_member(all, silo, account, &ret->is_member, err) : SPN_OK;
	ret->policy_dn = ret->is_member ? spn_entry_text(ret->silo->entry, names[kind_of(account)].policy) :
					  spn_entry_text(account->entry, SPK_POLICY);
	if (!status && ret->policy_dn)
		status = find_policy(look, ret->policy_dn, &ret->place, err);
	if (status || ret->place == SIZE_MAX)
		return status;
	ret->policy = look->policies.list[ret->place];
	ret->is_enforced = ret->is_member ? is_true(ret->silo, "msDS-AuthNPolicySiloEnforced") :
					    is_true(ret->policy, "msDS-AuthNPolicyEnforced");
	return SPN_OK;
}

spn_status spk_look_add_policies(const spk_look *look, spk_aces *aces, spn_error *err)
{
	spn_status status = SPN_OK;
	bool unclear;
	for (size_t i = 0; !status && i < look->policies.n; i++) {
		for (size_t kind = 0; !status && kind < N_KINDS; kind++)
			status = spk_aces_add(aces, look->policies.list[i], names[kind].let_in, &unclear, err);
	}
	return status;
}

/* ---- telling ---- */

static bool is_one_of(const spk_look *look, const spn_account *trustee)
{
	return spk_look_is_about(look, trustee) || spk_look_is_about_member(look, trustee);
}

/* "policy 'P'", or of a silo "policy 'P' of the silo 'S'". */
static spn_status add_title(spk_text *text, const struct ruling *ruling, spn_error *err)
{
	SPK_AUTOTEXT spk_text policy = { 0 }, silo = { 0 };
	spk_dn_first_value(ruling->policy_dn, &policy);
	if (ruling->is_member)
		spk_dn_first_value(ruling->silo_dn, &silo);
	spk_text_add(text, "the authentication policy '%s'", policy.len ? policy.data : ruling->policy_dn);
	if (ruling->is_member)
		spk_text_add(text, " of the silo '%s'", silo.len ? silo.data : ruling->silo_dn);
	return policy.failed || silo.failed || text->failed ? spk_nomem(err) : SPN_OK;
}

static spn_status list_let_in(const spk_look *look, const spk_aces *aces, const spn_account *account,
		struct limits *ret, spn_error *err)
{
	enum { SHOWN = 5 };
	size_t n = 0;
	for (size_t i = 0; i < aces->n; i++) {
		char sid[SPK_SID_NAME] = "";
		const spn_account *trustee = spk_look_trustee(look, aces->list[i].sid);
		if (!spk_aces_let_in(aces, i))
			continue;
		ret->is_asked |= trustee && is_one_of(look, trustee);
		if (++n <= SHOWN)
			spk_text_add(&ret->list, "%s'%s'%s", n > 1 ? ", " : "",
					spk_look_trustee_label(look, aces->list[i].sid, account, sid),
					aces->list[i].is_conditional ? " under a condition" : "");
	}
	if (n > SHOWN)
		spk_text_add(&ret->list, " and %zu more", n - SHOWN);
	ret->is_nobody = n == 0;
	return ret->list.failed ? spk_nomem(err) : SPN_OK;
}

/* Of all accounts of a kind, which are of one domain. */
static spn_status read_limits(const spk_look *look, const spn_account *policy, const spn_account *account,
		struct limits *ret, spn_error *err)
{
	enum kind kind = kind_of(account);
	SPK_AUTOACES spk_aces aces = { .n = 0 };
	ret->is_read = true;
	ret->is_none = !spn_entry_values(policy->entry, names[kind].let_in, NULL);
	if (ret->is_none)
		return SPN_OK;
	spn_status status = spk_aces_add(&aces, policy, names[kind].let_in, &ret->is_unclear, err);
	return status || ret->is_unclear ? status : list_let_in(look, &aces, account, ret, err);
}

static spn_status tell_limits(struct policies *all, const spn_account *account, const struct ruling *ruling,
		const char *title, spn_error *err)
{
	const spk_look *look = all->look;
	const char *attr = names[kind_of(account)].let_in, *label = spk_account_label(account);
	struct limits *limits = &all->limits[ruling->place * N_KINDS + kind_of(account)];
	spn_status status = limits->is_read ? SPN_OK : read_limits(look, ruling->policy, account, limits, err);
	if (status || !(limits->is_asked || spk_look_is_about(look, account)))
		return status;
	if (limits->is_none)
		return spk_look_tell(look, "authentication-policy", SPN_SEVERITY_OK, NULL, account, NULL, err,
				"%s does not limit who may get tickets for '%s' (no %s)", title, label, attr);
	if (limits->is_unclear)
		return spk_look_tell(look, "authentication-policy", SPN_SEVERITY_NOTICE, NULL, account, NULL, err,
				"%s limits who may get tickets for '%s', but whom it lets cannot be read: %s is not a "
				"security descriptor",
				title, label, attr);
	if (!ruling->is_enforced)
		return spk_look_tell(look, "authentication-policy", SPN_SEVERITY_OK, NULL, account, NULL, err,
				"%s lets %s get tickets for '%s', but is not enforced: the KDC records whom it would "
				"refuse, and refuses nobody",
				title, limits->is_nobody ? "nobody" : limits->list.data, label);
	return spk_look_tell(look, "authentication-policy", SPN_SEVERITY_OK, NULL, account, NULL, err,
			"%s lets %s get tickets for '%s'%s (Kerberos error 12)%s", title,
			limits->is_nobody ? "nobody" : limits->list.data, label,
			limits->is_nobody ? "" : ", and nobody else",
			all->is_samba ? ", if the KDC heeds policies, as that of Samba does since 4.20" : "");
}

static spn_status tell_unseen(
		const spk_look *look, const spn_account *account, const char *what, const char *dn, spn_error *err)
{
	return spk_look_tell(look, "authentication-policy", SPN_SEVERITY_NOTICE, NULL, account, NULL, err,
			"'%s' is assigned to the %s '%s', which %s: whether that limits who may get tickets for it is "
			"not known",
			spk_account_label(account), what, dn,
			spk_directory_is_local(look->dir) ? "is not in this file" : "cannot be read");
}

/* Only the silo's own list counts. */
static spn_status tell_no_member(
		const spk_look *look, const spn_account *account, const struct ruling *ruling, spn_error *err)
{
	SPK_AUTOTEXT spk_text silo = { 0 };
	bool is_file = spk_directory_is_local(look->dir) && !spn_entry_values(ruling->silo->entry, MEMBERS, NULL);
	spk_dn_first_value(ruling->silo_dn, &silo);
	if (silo.failed)
		return spk_nomem(err);
	return spk_look_tell(look, "authentication-policy", SPN_SEVERITY_NOTICE, NULL, account, NULL, err,
			"'%s' is assigned to the silo '%s', which does not list it (" MEMBERS
			"%s): the silo does not apply",
			spk_account_label(account), silo.data,
			is_file ? ", of which this file has none for it: if that was exported" : "");
}

static spn_status tell_no_policy(
		const spk_look *look, const spn_account *account, const struct ruling *ruling, spn_error *err)
{
	SPK_AUTOTEXT spk_text silo = { 0 };
	spk_dn_first_value(ruling->silo_dn, &silo);
	if (silo.failed)
		return spk_nomem(err);
	return spk_look_tell(look, "authentication-policy", SPN_SEVERITY_OK, NULL, account, NULL, err,
			"the silo '%s' does not limit who may get tickets for '%s' (no %s)", silo.data,
			spk_account_label(account), names[kind_of(account)].policy);
}

static spn_status tell_ruling(struct policies *all, const spn_account *account, spn_error *err)
{
	const spk_look *look = all->look;
	SPK_AUTOTEXT spk_text title = { 0 };
	struct ruling ruling;
	bool is_asked = spk_look_is_about(look, account);
	spn_status status = find_ruling(all, account, &ruling, err);
	if (status)
		return status;
	if (ruling.silo_dn && !ruling.silo)
		return is_asked ? tell_unseen(look, account, "silo", ruling.silo_dn, err) : SPN_OK;
	if (ruling.silo && !ruling.is_member && is_asked)
		status = tell_no_member(look, account, &ruling, err);
	if (!status && ruling.is_member && !ruling.policy_dn && is_asked)
		return tell_no_policy(look, account, &ruling, err);
	if (status || !ruling.policy_dn)
		return status;
	if (!ruling.policy)
		return is_asked ? tell_unseen(look, account, "authentication policy", ruling.policy_dn, err) : SPN_OK;
	status = add_title(&title, &ruling, err);
	return status ? status : tell_limits(all, account, &ruling, title.data, err);
}

spn_status spk_look_tell_policies(const spk_look *look, spn_error *err)
{
	AUTOPOLICIES struct policies all = { .look = look,
		.limits = calloc(look->policies.n * N_KINDS + 1, sizeof *all.limits) };
	spn_dialect rules = SPN_DIALECT_WINDOWS;
	spn_status status = all.limits ? list_members(&all, err) : spk_nomem(err);
	if (!status && look->policies.n)
		status = spk_directory_rules(look->dir, &rules, err);
	all.is_samba = rules == SPN_DIALECT_SAMBA;
	for (size_t i = 0; !status && !look->is_brief && i < look->accounts.n; i++)
		if (has_policy(look->accounts.list[i]))
			status = tell_ruling(&all, look->accounts.list[i], err);
	return status;
}

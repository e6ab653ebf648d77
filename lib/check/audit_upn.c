/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "audit.h"
#include "posing.h"
#include "account/proof.h"
#include "account/roll.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/fold.h"

/* How many are looked up together, so that few accounts are kept at a time. */
#define NAMES_A_SEARCH 50

/* Accounts whose userPrincipalName looks like a name with a realm. */
struct spk_upns {
	spk_accounts accounts;
	spk_names names; /* of each account: its userPrincipalName without the realm */
	spk_roll roll;   /* of names */
};

static void clear(struct spk_upns *upns)
{
	spk_accounts_free(&upns->accounts);
	spk_names_free(&upns->names);
	spk_roll_free(&upns->roll);
}

spn_status spk_upns_new(struct spk_upns **ret_upns, spn_error *err)
{
	struct spk_upns *upns = calloc(1, sizeof *upns);
	if (!upns)
		return spk_nomem(err);
	*ret_upns = upns;
	return SPN_OK;
}

void spk_upns_free(struct spk_upns *upns)
{
	if (upns)
		clear(upns);
	free(upns);
}

/* "http/web" of http/web@EXAMPLE.COM; NULL: no memory. */
static char *name_of(const spn_account *account)
{
	const char *upn = spn_entry_text(account->entry, "userPrincipalName"), *at = strrchr(upn, '@');
	return strndup(upn, at ? (size_t)(at - upn) : strlen(upn));
}

/* Of another realm, nobody asks the KDC for it ([MS-KILE] 3.3.5.1.1). */
static spn_status is_of_domain(const spn_account *account, bool *ret_is, spn_error *err)
{
	SPK_AUTOTEXT spk_text domain = { 0 };
	const char *upn = spn_entry_text(account->entry, "userPrincipalName"), *at = strrchr(upn, '@');
	spk_dn_domain(spn_account_dn(account), &domain);
	*ret_is = !at || (domain.len && spk_fold_equal(spk_bytes(at + 1), spk_bytes(domain.data), SPK_FOLD_WINDOWS));
	return domain.failed ? spk_nomem(err) : SPN_OK;
}

/* Whoever holds the name too has it by right, as ktpass leaves it. */
spn_status spk_rule_upn(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	(void)rule;
	const char *upn = spn_entry_text(account->entry, "userPrincipalName");
	bool is_asked_for = false;
	spn_status status = upn && strchr(upn, '/') ? is_of_domain(account, &is_asked_for, err) : SPN_OK;
	if (status || !is_asked_for)
		return status;
	spk_audit_noted(audit);
	SPK_AUTOFREE char *name = name_of(account);
	if (!name)
		return spk_nomem(err);
	return spn_account_holds(account, name) ? SPN_OK : spk_accounts_add(&audit->upns->accounts, account->entry, err);
}

/* Once, at the first of the accounts that have the name. */
static spn_status tell_twice(const spk_audit *audit, const spk_line *line, const spn_account *account, const char *name,
		spn_error *err)
{
	const spn_account *first = audit->upns->accounts.list[line->account],
			  *second = audit->upns->accounts.list[line->next->account];
	return first != account ? SPN_OK :
				  spk_tell(audit->to, err, "upn", SPN_SEVERITY_BROKEN, name, account, NULL,
						  "'%s' is the "
						  "userPrincipalName of '%s' and of '%s': no client gets a ticket for "
						  "it; give all but the right one another",
						  name, spk_account_label(first), spk_account_label(second));
}

/* What it makes of the account to answer for a name of two parts; a KDC of Windows finds no others so ([MS-KILE]
 * 3.3.5.1.1). */
static spn_status tell_posing(
		const spk_audit *audit, const spn_account *account, const char *name, bool *ret_told, spn_error *err)
{
	const char *as = NULL, *slash = strchr(name, '/');
	spn_status status = strchr(slash + 1, '/') ? SPN_OK : spk_account_pose(account, name, &as, err);
	*ret_told = as;
	return status || !as ? status :
			spk_tell(audit->to, err, "impersonation", SPN_SEVERITY_WARNING, name, account, NULL,
					"'%s' is not %s, but clients that are led to it take it for one because of its "
					"userPrincipalName '%s': give it another one",
					spk_account_label(account), as, spn_entry_text(account->entry, "userPrincipalName"));
}

/* Whose accounts are wanted for the names of some: who holds them, and whose host they are about. */
struct others {
	spk_accounts holders, machines;
};

static void free_others(struct others *others)
{
	spk_accounts_free(&others->holders);
	spk_accounts_free(&others->machines);
}
#define AUTOOTHERS __attribute__((cleanup(free_others)))

/* Another machine in use that is the host; an account name is one in its own domain.  NULL: there is none. */
static const spn_account *find_machine(const spk_accounts *machines, const spn_account *account, spn_bytes host)
{
	for (size_t i = 0; i < machines->n; i++) {
		const spn_account *machine = machines->list[i];
		bool is_near = memchr(host.data, '.', host.len) ||
				spk_dn_same_domain(spn_account_dn(machine), spn_account_dn(account));
		if (is_near && spk_account_is_host(machine, host))
			return spk_dn_equal(spn_account_dn(machine), spn_account_dn(account)) ? NULL : machine;
	}
	return NULL;
}

static spn_status tell_alone(const spk_audit *audit, const spn_account *account, const char *name,
		const spn_account *machine, const spk_repairs *repairs, spn_error *err)
{
	const char *label = spk_account_label(account), *upn = spn_entry_text(account->entry, "userPrincipalName");
	const char *answers = spn_account_enabled(account) ? "answers" : "is disabled; once it is enabled, it answers";
	if (!machine)
		return spk_tell(audit->to, err, "upn", SPN_SEVERITY_NOTICE, name, account, repairs, "'%s' %s for '%s' by its "
				"userPrincipalName '%s' alone: who looks for the name among servicePrincipalNames does not find it",
				label, answers, name, upn);
	return spk_tell(audit->to, err, "upn", SPN_SEVERITY_NOTICE, name, account, NULL,
			"'%s' %s for '%s' by its userPrincipalName '%s' alone, but the host is '%s': what runs as that "
			"machine cannot read the tickets; give '%s' another userPrincipalName, unless the service there runs as it",
			label, answers, name, upn, spk_account_label(machine), label);
}

static spn_status judge(const spk_audit *audit, const spn_account *account, const char *name,
		const struct others *others, spn_error *err)
{
	SPK_AUTOTEXT spk_text target = { 0 };
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	const spk_accounts *holders = &others->holders;
	const char *upn = spn_entry_text(account->entry, "userPrincipalName"), *stored = NULL;
	const spk_line *line;
	bool is_alias = spk_mapping_target(audit->mapping, name, &target);
	const spn_account *holder = spk_holder_of(holders, name, NULL, &stored);
	if (!holder && is_alias && !target.failed)
		holder = spk_holder_of(holders, target.data, NULL, &stored);
	if (target.failed)
		return spk_nomem(err);
	const char *pose;
	spn_name parts;
	bool has_parts = !spn_name_parse(name, &parts, NULL);
	bool is_machines = has_parts && spk_is_machine_class(parts.service_class); /* the computer's to hold */
	spn_status status = spk_account_pose(NULL, name, &pose, err);
	if (status)
		return status;
	if (!holder && spk_entry_folding(account->entry) != SPK_FOLD_WINDOWS)
		return SPN_OK; /* Samba's KDC gives no ticket for it (tests/lab/names) */
	bool is_told = false;
	if (!holder)
		status = tell_posing(audit, account, name, &is_told, err);
	if (status || is_told)
		return status;
	if (!holder && (line = spk_roll_find(&audit->upns->roll, spk_bytes(name))) && line->next &&
			spk_dn_same_domain(spn_account_dn(account), spn_account_dn(audit->upns->accounts.list[line->next->account])))
		return tell_twice(audit, line, account, name, err);
	const spn_account *machine = has_parts ? find_machine(&others->machines, account, parts.host) : NULL;
	if (!holder && !pose && !is_machines && !machine && spn_account_enabled(account))
		spk_scope_repair_name(&repairs, audit->scope, SPN_REPAIR_ADD, name, account);
	if (!holder)
		return tell_alone(audit, account, name, machine, &repairs, err);
	if (spk_dn_equal(spn_account_dn(holder), spn_account_dn(account)))
		return SPN_OK;
	return spk_tell(audit->to, err, "upn", SPN_SEVERITY_WARNING, name, account, NULL,
			"'%s' has '%s' as its userPrincipalName, but '%s' "
			"holds '%s' and answers instead: a keytab of '%s' under this name cannot read the tickets; "
			"give one of the two another name",
			spk_account_label(account), upn, spk_account_label(holder), stored, spk_account_label(account));
}

static spn_status add_host(spk_names *hosts, const char *name, spn_error *err)
{
	spn_name parts;
	if (spn_name_parse(name, &parts, NULL))
		return SPN_OK;
	SPK_AUTOFREE char *host = strndup(parts.host.data, parts.host.len);
	return host ? spk_names_add(hosts, host, err) : spk_nomem(err);
}

static spn_status judge_some(const spk_audit *audit, spn_account *const *accounts, size_t n, spn_error *err)
{
	SPK_AUTONAMES spk_names names = { 0 }, hosts = { 0 };
	AUTOOTHERS struct others others = { .holders.n = 0 };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++) {
		SPK_AUTOTEXT spk_text target = { 0 };
		SPK_AUTOFREE char *name = name_of(accounts[i]);
		status = name ? spk_names_add(&names, name, err) : spk_nomem(err);
		if (!status && spk_mapping_target(audit->mapping, name, &target))
			status = target.failed ? spk_nomem(err) : spk_names_add(&names, target.data, err);
		if (!status)
			status = add_host(&hosts, name, err);
	}
	if (!status)
		status = spk_audit_holders(audit, &names, &others.holders, err);
	if (!status)
		status = spk_audit_machines(audit, &hosts, &others.machines, err);
	for (size_t i = 0; !status && i < n; i++) {
		SPK_AUTOFREE char *name = name_of(accounts[i]);
		status = name ? judge(audit, accounts[i], name, &others, err) : spk_nomem(err);
	}
	return status;
}

static spn_status list_names(struct spk_upns *upns, spn_error *err)
{
	spn_status status = SPN_OK;
	upns->roll.folding = SPK_FOLD_WINDOWS;
	for (size_t i = 0; !status && i < upns->accounts.n; i++) {
		SPK_AUTOFREE char *name = name_of(upns->accounts.list[i]);
		status = name ? spk_names_add(&upns->names, name, err) : spk_nomem(err);
		if (!status)
			status = spk_roll_add(&upns->roll, i, spk_bytes(upns->names.list[i]), err);
	}
	return status;
}

spn_status spk_upns_judge(const spk_audit *audit, spn_error *err)
{
	const spk_accounts *all = &audit->upns->accounts;
	spn_status status = list_names(audit->upns, err);
	for (size_t i = 0; !status && i < all->n; i += NAMES_A_SEARCH)
		status = judge_some(audit, all->list + i, all->n - i < NAMES_A_SEARCH ? all->n - i : NAMES_A_SEARCH, err);
	return status;
}

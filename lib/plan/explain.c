/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <string.h>

#include "account/by_cn.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "rights/rights.h"

static spn_status add_targets(const spk_mapping *mapping, const char *const *names, size_t n, spk_names *all,
		spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++) {
		SPK_AUTOTEXT spk_text target = { 0 };
		status = spk_names_add(all, names[i], err);
		if (!status && spk_mapping_target(mapping, names[i], &target))
			status = target.failed ? spk_nomem(err) : spk_names_add(all, target.data, err);
	}
	return status;
}

static spn_status refuse_takeover(const char *name, const char *stored, const spn_account *owner, spn_error *err)
{
	spn_fail(err, SPN_ERR_NOT_UNIQUE, 0,
			"'%s' is served by '%s' today, through its '%s': with the name on another account, clients of the "
			"services of '%s' under this name get tickets that those cannot read (0x80090322)",
			name, spn_account_dn(owner), stored, spk_account_label(owner));
	return spk_remedy(err, SPN_ERR_NOT_UNIQUE, SPN_REMEDY_TAKEOVER, NULL);
}

/* Whether the account at dn holds a name. */
static bool is_holder(const spk_roll *roll, const spk_accounts *holders, const char *name, const char *dn)
{
	for (const spk_line *line = spk_roll_find(roll, spk_bytes(name)); line; line = line->next)
		if (spk_dn_equal(spn_account_dn(holders->list[line->account]), dn))
			return true;
	return false;
}

/* On Samba, another account that holds a name in two spellings; NULL: there is none. */
static const spn_account *find_twice(
		const spk_roll *roll, const spk_accounts *holders, const char *name, const char *dn)
{
	const spk_line *line = roll->folding == SPK_FOLD_SAMBA ? spk_roll_find(roll, spk_bytes(name)) : NULL;
	while (line && (!line->more || spk_dn_equal(spn_account_dn(holders->list[line->account]), dn)))
		line = line->next;
	return line ? holders->list[line->account] : NULL;
}

static spn_status check_one(const spk_roll *roll, const spk_accounts *holders, const spk_mapping *mapping,
		const char *dn, const char *name, bool takeover, spn_error *err)
{
	const char *stored = NULL;
	const spn_account *holder = spk_holder_on(roll, holders, name, dn, &stored);
	if (holder)
		return spn_fail(err, SPN_ERR_NOT_UNIQUE, 0, "'%s' is held by '%s' (%s)%s%s%s", name, spn_account_dn(holder),
				spk_account_label(holder), strcmp(stored, name) ? " as '" : "", strcmp(stored, name) ? stored : "",
				strcmp(stored, name) ? "'" : "");
	SPK_AUTOTEXT spk_text target = { 0 };
	if (!spk_mapping_target(mapping, name, &target))
		return SPN_OK;
	if (target.failed)
		return spk_nomem(err);
	/* Samba makes host/x of the HOST/x of others, and fails, with a word on rights, where they hold that already */
	holder = find_twice(roll, holders, target.data, dn);
	if (holder)
		return spn_fail(err, SPN_ERR_REFUSED, 0,
				"Samba adds '%s' to no account while '%s' (%s) holds '%s' in two spellings; delete one of them first",
				name, spn_account_dn(holder), spk_account_label(holder), target.data);
	/* an account that holds HOST/x itself takes nothing over; two holders of HOST/x are another fault */
	if (takeover || is_holder(roll, holders, target.data, dn))
		return SPN_OK;
	holder = spk_holder_on(roll, holders, target.data, dn, &stored);
	return holder ? refuse_takeover(name, stored, holder, err) : SPN_OK;
}

/* Leaves those of the domain that dn is in. */
static void keep_domain(spk_accounts *accounts, const char *dn)
{
	for (size_t i = 0; i < accounts->n;) {
		if (spk_dn_same_domain(spn_account_dn(accounts->list[i]), dn)) {
			i++;
		} else {
			spn_account_free(accounts->list[i]);
			accounts->list[i] = accounts->list[--accounts->n];
		}
	}
}

spn_status spk_rivals(spn_directory *dir, const spn_plan *plan, const char *dn, const char *const *names,
		size_t n_names, bool forest, spk_accounts *ret_accounts, spn_error *err)
{
	spn_dialect rules = SPN_DIALECT_WINDOWS;
	bool several = spk_directory_has_several_domains(dir);
	spn_status status = several ? spk_directory_rules(dir, &rules, err) : SPN_OK;
	if (!status)
		status = spk_holders(dir, plan, names, n_names, forest || several, ret_accounts, err);
	if (!status && several && !forest && rules == SPN_DIALECT_SAMBA)
		keep_domain(ret_accounts, dn);
	return status;
}

spn_status spk_check_unique(spn_directory *dir, const spn_plan *plan, const spk_mapping *mapping, const char *dn,
		const char *const *names, size_t n_names, unsigned flags, spn_error *err)
{
	SPK_AUTONAMES spk_names all = { 0 };
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
	SPK_AUTOROLL spk_roll roll = { 0 };
	spn_status status = add_targets(mapping, names, n_names, &all, err);
	if (!status)
		status = spk_rivals(dir, plan, dn, (const char *const *)all.list, all.n, flags & SPN_FOREST, &holders, err);
	if (!status)
		status = spk_roll_of_accounts(&holders, &roll, err);
	for (size_t i = 0; !status && i < n_names; i++)
		status = check_one(&roll, &holders, mapping, dn, names[i], flags & SPN_TAKEOVER, err);
	return status;
}

spn_status spk_check_by_cn(spn_directory *dir, const char *dn, const char *const *names, size_t n_names,
		const spk_teller *to, spn_error *err)
{
	SPK_AUTOBYCN spk_by_cn by_cn = { .roll = { .n = 0 } };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n_names; i++)
		status = spk_by_cn_want(&by_cn, names[i], err);
	if (!status)
		status = spk_by_cn_search(&by_cn, dir, err);
	for (size_t i = 0; !status && i < n_names; i++) {
		const spn_account *other = spk_by_cn_find(&by_cn, names[i], dn);
		spn_error why = { .status = SPN_OK };
		if (!other)
			continue;
		spn_fail(&why, SPN_ERR_NOT_UNIQUE, 0,
				"with '%s' on '%s', nobody would get a ticket for it: Samba's KDC finds '%s' (%s) for it as well, by its "
				"cn", names[i], dn, spn_account_dn(other), spk_account_label(other));
		status = to ? spk_tell(to, err, "duplicate", SPN_SEVERITY_WARNING, names[i], other, NULL, "%s", why.message) :
			      spk_fail_as(err, SPN_ERR_NOT_UNIQUE, &why, "%s", why.message);
	}
	return status;
}

spn_status spk_check_duplicate(spn_directory *dir, const spn_plan *plan, size_t i, const spn_plan *done, spn_error *err)
{
	const spn_step *step = spn_plan_step(plan, i);
	spn_status status = SPN_OK;
	for (size_t j = 0; step->flags & SPN_DUPLICATE && !status && j < step->n_mods; j++) {
		const char *name = step->mods[j].value.data;
		SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
		if (step->mods[j].op != SPN_MOD_DELETE || !spk_mod_is_spn(&step->mods[j]) || spk_plan_goal(plan, i,
				step->mods[j].value))
			continue;
		status = spk_rivals(dir, done, step->dn, &name, 1, false, &holders, err);
		if (!status && !spk_holder_of(&holders, name, step->dn, NULL))
			status = spn_fail(err, SPN_ERR_REFUSED, 0,
					"'%s' is now on '%s' only: deleting it there would leave it on no account", name, step->dn);
	}
	return status;
}

spn_status spk_alias_holders(spn_directory *dir, const spn_plan *plan, const spk_mapping *mapping, const char *name,
		const char *dn, spk_names *ret_aliases, spk_accounts *ret_accounts, spn_error *err)
{
	spn_status status = spk_mapping_aliases(mapping, name, spk_names_collect, ret_aliases, err);
	if (!status && ret_aliases->n)
		status = spk_rivals(dir, plan, dn, (const char *const *)ret_aliases->list, ret_aliases->n, false, ret_accounts, err);
	for (size_t i = 0; !status && i < ret_accounts->n;) {
		if (spk_dn_equal(spn_account_dn(ret_accounts->list[i]), dn)) {
			spn_account_free(ret_accounts->list[i]);
			ret_accounts->list[i] = ret_accounts->list[--ret_accounts->n];
		} else {
			i++;
		}
	}
	return status;
}

/* Says in ret_text who holds name; nothing if nobody does. */
static spn_status describe_holder(
		spn_directory *dir, const char *dn, const char *name, spk_text *ret_text, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
	const char *stored;
	spn_status status = spk_rivals(dir, NULL, dn, &name, 1, false, &holders, err);
	const spn_account *holder = status ? NULL : spk_holder_of(&holders, name, dn, &stored);
	if (holder)
		spk_text_add(ret_text, "'%s' is held by '%s'", stored, spn_account_dn(holder));
	return status;
}

/* Says in ret_text who holds what name is an alias of, or an alias of it; nothing if nobody does. */
static spn_status describe_aliases(spn_directory *dir, const spk_mapping *mapping, const char *dn, const char *name,
		spk_text *ret_text, spn_error *err)
{
	SPK_AUTONAMES spk_names names = { 0 }, aliases = { 0 };
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 }, alias_holders = { 0 };
	SPK_AUTOTEXT spk_text target = { 0 };
	bool is_alias = spk_mapping_target(mapping, name, &target);
	spn_status status = add_targets(mapping, &name, 1, &names, err);
	if (!status)
		status = spk_rivals(dir, NULL, dn, (const char *const *)names.list, names.n, false, &holders, err);
	if (!status)
		status = spk_alias_holders(dir, NULL, mapping, name, dn, &aliases, &alias_holders, err);
	if (status)
		return status;
	const char *stored;
	const spn_account *holder = is_alias ? spk_holder_of(&holders, target.data, dn, &stored) : NULL;
	if (holder) {
		spk_text_add(ret_text, "'%s' is an alias of '%s', which '%s' holds, and whoever may not write to that account "
				"too may not add it elsewhere", name, stored, spn_account_dn(holder));
		return SPN_OK;
	}
	for (size_t i = 0; i < aliases.n; i++) {
		holder = spk_holder_of(&alias_holders, aliases.list[i], dn, &stored);
		if (holder) {
			spk_text_add(ret_text, "'%s', an alias of '%s', is held by '%s': the directory refuses every change that "
					"names '%s' elsewhere until that is gone", stored, name, spn_account_dn(holder), name);
			return SPN_OK;
		}
	}
	return SPN_OK;
}

/* To a refusal for want of rights: who has the one that is missing. */
static spn_status add_writers(spn_directory *dir, const spn_step *step, spn_status status, spn_error *err)
{
	SPK_AUTOTEXT spk_text who = { 0 };
	bool is_of_names = false;
	for (size_t i = 0; i < step->n_mods; i++)
		is_of_names |= spk_ascii_equal(step->mods[i].attr, SPK_SPN);
	if (status == SPN_ERR_DENIED && is_of_names)
		spk_rights_put_writers(dir, step->dn, &who, NULL);
	if (who.failed || who.len == 0)
		return status;
	return spk_fail_win32(err, status, err->native, err->win32,
			"%s; missing: the right to write servicePrincipalName, held by %s", err->message, who.data);
}

/* Whether other holders of a name may be the reason: not if a file cannot be written, or a directory is open for
 * reading only. */
static bool may_be_about_names(spn_status status, const spn_error *err)
{
	enum { CONSTRAINT_VIOLATION = 19 }; /* RFC 4511 4.1.9; Samba says no more than that of an alias */
	return status == SPN_ERR_NOT_UNIQUE || status == SPN_ERR_DENIED ||
			(status == SPN_ERR_REFUSED && err->native == CONSTRAINT_VIOLATION);
}

spn_status spk_explain(spn_directory *dir, const spn_step *step, spn_status status, spn_error *err)
{
	if (!err || !may_be_about_names(status, err))
		return status;
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	SPK_AUTOTEXT spk_text who = { 0 };
	spn_status looked = spk_mapping_load(dir, &live, NULL);
	for (size_t i = 0; !looked && i < step->n_mods && who.len == 0; i++)
		if (spk_ascii_equal(step->mods[i].attr, SPK_SPN))
			looked = describe_holder(dir, step->dn, step->mods[i].value.data, &who, NULL);
	for (size_t i = 0; !looked && i < step->n_mods && who.len == 0; i++)
		if (spk_ascii_equal(step->mods[i].attr, SPK_SPN))
			looked = describe_aliases(dir, &live.mapping, step->dn, step->mods[i].value.data, &who, NULL);
	if (looked || who.failed || who.len == 0)
		return add_writers(dir, step, status, err); /* else the directory's own words will have to do */
	bool conflict = status == SPN_ERR_NOT_UNIQUE;
	return spk_fail_win32(err, status, err->native, err->win32, conflict ? "the directory refuses the change of '%s': %s" :
			"%s; besides, %s", conflict ? step->dn : err->message, who.data);
}

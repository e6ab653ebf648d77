/* SPDX-License-Identifier: MIT */
/* Delegated managed service accounts, which take the place of other accounts ([MS-ADTS] 3.1.1.4.5). */
#include <stdlib.h>

#include "delegation_look.h"
#include "account/finding.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "plan/holders.h"

#define FIX "; find out who created it, and clear " SPK_PRECEDED_BY " unless that is meant"
#define BY_ATTACK "a controller without the update for CVE-2025-53779 gives it the rights of that account"

/* What is wrong with a predecessor that can be read; NULL: nothing. */
static const char *fault_of(spn_directory *dir, const spn_account *successor, const spn_account *old,
		spn_severity *ret_severity)
{
	const char *back = spn_entry_text(old->entry, SPK_SUCCEEDED_BY), *count = spn_entry_text(old->entry, "adminCount");
	bool agrees = back && spk_dn_equal(back, spn_account_dn(successor)), is_admin = count && strtol(count, NULL, 10) > 0;
	/* an export may have the one link, and not the other */
	bool may_be_left_out = !back && !is_admin && spk_directory_is_local(dir);
	*ret_severity = may_be_left_out ? SPN_SEVERITY_NOTICE : SPN_SEVERITY_BROKEN;
	if (agrees && is_admin)
		return "is, or was, the account of an administrator: whoever may use it has the rights of that account" FIX;
	if (agrees)
		return NULL;
	return may_be_left_out ?
			"does not name it as its successor, as far as this file shows: if it was exported, " BY_ATTACK
					FIX :
			"does not name it as its successor: " BY_ATTACK FIX;
}

/* What a controller sets on both accounts is a migration; what is on one of them alone, whoever could create that one
 * has set. */
static spn_status tell_succession(const spk_teller *to, spn_directory *dir, const spn_account *successor,
		const spn_account *old, spn_error *err)
{
	const char *label = spk_account_label(successor), *fault = NULL;
	spn_severity severity;
	if (!old)
		return spk_tell(to, err, "delegation", SPN_SEVERITY_NOTICE, NULL, successor, NULL,
				"'%s' takes the place of '%s', which %s: whether that one agrees is not known", label,
				spn_entry_text(successor->entry, SPK_PRECEDED_BY),
				spk_directory_is_local(dir) ? "is not in this file" : "cannot be read");
	fault = fault_of(dir, successor, old, &severity);
	SPK_AUTOFREE char *text = spk_printf("'%s' takes the place of '%s'%s %s", label, spk_account_label(old),
			fault ? ", which" : ":", fault ? fault : "it gets the names and the delegations of that account");
	if (!text)
		return spk_nomem(err);
	spk_make_printable(text);
	const spn_account_ref refs[] = {
		{ spn_account_dn(successor), spn_account_name(successor) }, { spn_account_dn(old), spn_account_name(old) }
	};
	spn_finding finding = { .severity = SPN_SEVERITY_OK, .accounts = refs, .n_accounts = 2, .text = text };
	finding.code = "delegation";
	if (fault) {
		finding.code = "dmsa-link";
		finding.severity = severity;
	}
	return spk_tell_finding(to, &finding, err);
}

/* Accounts by their DNs. */
struct by_dn {
	spk_keys dns;
	const spn_account **list;
};

static void clear_by_dn(struct by_dn *all)
{
	spk_keys_free(&all->dns);
	free(all->list);
}
#define AUTOBYDN __attribute__((cleanup(clear_by_dn)))

static spn_status add_by_dn(struct by_dn *all, const spk_accounts *accounts, spn_error *err)
{
	const spn_account **grown = realloc(all->list, (all->dns.n + accounts->n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	all->list = grown;
	for (size_t i = 0; i < accounts->n; i++) {
		size_t place = spk_dns_add(&all->dns, spn_account_dn(accounts->list[i]));
		if (place == SIZE_MAX)
			return spk_nomem(err);
		all->list[place] = accounts->list[i];
	}
	return SPN_OK;
}

static spn_status find_by_dn(const struct by_dn *all, const char *dn, const spn_account **ret, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	*ret = NULL;
	if (!spk_dn_key_or_text(dn, &key))
		return spk_nomem(err);
	size_t place = spk_keys_find(&all->dns, (spn_bytes){ key.data, key.len });
	*ret = place == SIZE_MAX ? NULL : all->list[place];
	return SPN_OK;
}

/* Those that do not name a successor were not found with the others. */
spn_status spk_look_want_predecessors(spk_look *look, spn_error *err)
{
	AUTOBYDN struct by_dn known = { .list = NULL };
	spn_status status = add_by_dn(&known, &look->accounts, err);
	for (size_t i = 0; !status && i < look->accounts.n; i++) {
		const char *dn = spn_entry_text(look->accounts.list[i]->entry, SPK_PRECEDED_BY);
		const spn_account *old = NULL;
		status = dn ? find_by_dn(&known, dn, &old, err) : SPN_OK;
		if (!status && dn && !old)
			status = spk_look_want(look, "distinguishedName", spk_bytes(dn), err);
	}
	return status;
}

spn_status spk_look_tell_successions(const spk_look *look, spn_error *err)
{
	AUTOBYDN struct by_dn known = { .list = NULL };
	spn_status status = add_by_dn(&known, &look->referred, err);
	if (!status)
		status = add_by_dn(&known, &look->accounts, err);
	for (size_t i = 0; !status && i < look->accounts.n; i++) {
		const spn_account *successor = look->accounts.list[i], *old = NULL;
		const char *dn = spn_entry_text(successor->entry, SPK_PRECEDED_BY);
		status = dn ? find_by_dn(&known, dn, &old, err) : SPN_OK;
		if (!status && dn && (spk_look_is_about(look, successor) || (old && spk_look_is_about(look, old))))
			status = tell_succession(&look->to, look->dir, successor, old, err);
	}
	return status;
}

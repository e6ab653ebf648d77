/* SPDX-License-Identifier: MIT */
#include "posing.h"

#include <string.h>

#include "account/proof.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"

#define UF_INTERDOMAIN_TRUST_ACCOUNT 0x800ul /* [MS-ADTS] 2.2.16 */
#define UF_KINDS 0x3a00ul                    /* of which each account has one */
#define SAM_TRUST_ACCOUNT 0x30000002         /* [MS-SAMR] 2.2.1.9 */

static const char kdc[] = "the account of a KDC", controller[] = "a domain controller";

/* An export may lack the attributes that tell. */
static bool may_be_trust(const spn_account *account)
{
	unsigned long control;
	const char *type = spn_entry_text(account->entry, "sAMAccountType"), *name = spn_account_name(account);
	spn_account_kind kind = spn_account_get_kind(account);
	if (spk_account_control(account, &control) && control & UF_KINDS)
		return control & UF_INTERDOMAIN_TRUST_ACCOUNT;
	if (!type && spk_account_kind_is_told(account) && kind != SPN_KIND_USER && kind != SPN_KIND_OTHER)
		return false; /* that of a trust is a user by its class */
	return type ? strtoll(type, NULL, 10) == SAM_TRUST_ACCOUNT : !*name || name[strlen(name) - 1] == '$';
}

static spn_status fold(const char *text, spk_folding folding, spk_text *ret_key, spn_error *err)
{
	spk_fold_key(spk_bytes(text), folding, ret_key);
	return ret_key->failed ? spk_nomem(err) : SPN_OK;
}

/* The domain of an account; or_above: or one above it: its forest's root is one. */
static spn_status is_domain_of(
		const spn_account *account, const char *folded, bool or_above, bool *ret_is, spn_error *err)
{
	SPK_AUTOTEXT spk_text domain = { 0 }, key = { 0 };
	spk_dn_domain(spn_account_dn(account), &domain);
	spn_status status = domain.failed ? spk_nomem(err) : fold(domain.len ? domain.data : "", SPK_FOLD_WINDOWS, &key, err);
	size_t len = strlen(folded);
	*ret_is = !status && len > 0 && len <= key.len && strcmp(key.data + key.len - len, folded) == 0 &&
			(len == key.len || (or_above && key.data[key.len - len - 1] == '.'));
	return status;
}

#define REPLICATION "E3514235-4B06-11D1-AB04-00C04FC2DCD2"
#define KRBTGT "krbtgt"

/* What clients ask a controller for by its domain ([MS-DRSR] 2.2.3.2, 2.2.4.2). */
static const char *const of_controllers[] = { "ldap", "GC", REPLICATION };
enum { N_OF_CONTROLLERS = sizeof of_controllers / sizeof *of_controllers };

static bool is_class_of_controllers(spn_bytes folded)
{
	for (size_t i = 0; i < N_OF_CONTROLLERS; i++)
		if (spk_fold_equal(spk_bytes(of_controllers[i]), folded, SPK_FOLD_WINDOWS))
			return true;
	return false;
}

/* By its first letter, unless something is to be folded there. */
bool spk_may_pose(const char *spn)
{
	char first = spk_ascii_lower(*spn);
	bool may = *spn <= ' ' || (unsigned char)*spn >= 0x80 || first == *KRBTGT;
	for (size_t i = 0; i < N_OF_CONTROLLERS; i++)
		may |= first == spk_ascii_lower(*of_controllers[i]);
	return may;
}

/* Clients that are given the domain instead of a controller ask for it as it is typed: those of OpenLDAP with
 * SASL_NOCANON, Java, Go.  No controller registers that; one above the account's domain may be another host's name. */
static spn_status is_controllers_host(
		const spn_account *account, spn_bytes class, const char *host, bool *ret_is, spn_error *err)
{
	*ret_is = false;
	return account && spk_fold_equal(spk_bytes("ldap"), class, SPK_FOLD_WINDOWS) ?
			is_domain_of(account, host, false, ret_is, err) :
			SPN_OK;
}

/* By parts, not by spn_name_parse: a KDC also finds names that it refuses. */
spn_status spk_account_pose(const spn_account *account, const char *spn, const char **ret_as, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	bool own = true;
	*ret_as = NULL;
	if (spn && !spk_may_pose(spn)) /* as nearly always */
		return SPN_OK;
	/* Samba takes no notice of blanks at the ends; without an account, either server is meant */
	bool is_windows = account && spk_entry_folding(account->entry) == SPK_FOLD_WINDOWS;
	spn_status status = fold(spn ? spn : "", is_windows ? SPK_FOLD_WINDOWS : SPK_FOLD_EITHER, &key, err);
	const char *slash = !status && key.len ? strchr(key.data, '/') : NULL, *second = slash ? strchr(slash + 1, '/') : NULL;
	if (!slash)
		return status;
	const spn_bytes class = { key.data, (size_t)(slash - key.data) };
	if (spk_fold_equal(class, spk_bytes(KRBTGT), SPK_FOLD_WINDOWS)) {
		*ret_as = account && (spn_account_is_kdc(account) || may_be_trust(account)) ? NULL : kdc;
		return SPN_OK;
	}
	if (!is_class_of_controllers(class) || (account && !spk_account_is_no_controller(account)))
		return SPN_OK;
	if (!second)
		status = is_controllers_host(account, class, slash + 1, &own, err);
	else if (account)
		status = is_domain_of(account, second + 1, true, &own, err);
	*ret_as = !status && own ? controller : NULL;
	return status;
}

const char *spn_account_poses_as(const spn_account *account, const char *spn)
{
	const char *as;
	return spk_account_pose(account, spn, &as, NULL) ? NULL : as;
}

/* A computer's name that other controllers ask for, of those that have an nTDSDSA object: only administrators create
 * one. */
static bool may_be_left_of_controller(const spn_account *account, const char *spn)
{
	return spn_account_get_kind(account) == SPN_KIND_COMPUTER &&
			spk_fold_equal((spn_bytes){ spn, strcspn(spn, "/") }, spk_bytes(REPLICATION), SPK_FOLD_WINDOWS);
}

spn_status spk_posing_tell(const spk_teller *to, const spn_account *account, spn_bytes name, const spk_repairs *repairs,
		spn_error *err)
{
	SPK_AUTOTEXT spk_text shown = { 0 };
	const char *as;
	spn_status status = spk_account_pose(account, name.data, &as, err);
	if (status || !as)
		return status;
	spk_text_add_shown(&shown, name);
	if (shown.failed)
		return spk_nomem(err);
	const char *spn = shown.data;
	if (may_be_left_of_controller(account, spn))
		return spk_tell(to, err, "impersonation", SPN_SEVERITY_NOTICE, spn, account, repairs,
				"'%s' is not a domain controller, but "
				"has '%s', by which controllers replicate: one that was demoted may have kept it, and "
				"who forges changes "
				"(DCShadow) needs it",
				spk_account_label(account), spn);
	return spk_tell(to, err, "impersonation", SPN_SEVERITY_WARNING, spn, account, repairs,
			"'%s' is not %s, but clients that are "
			"led to it take it for one because of '%s': whoever knows its password can %s",
			spk_account_label(account), as, spn,
			as == kdc ? "make tickets of that realm for them" : "answer for the directory");
}

spn_status spk_posing_refuse(const spn_account *account, const char *const *spns, size_t n_spns, spn_error *err)
{
	for (size_t i = 0; i < n_spns; i++) {
		const char *as;
		spn_status status = spk_account_pose(NULL, spns[i], &as, err);
		if (status)
			return status;
		if (as)
			return spn_fail(err, SPN_ERR_REFUSED, 0, "'%s' would make '%s' look like %s: nothing is proposed", spns[i],
					spk_account_label(account), as);
	}
	return SPN_OK;
}

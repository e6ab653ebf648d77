/* SPDX-License-Identifier: MIT */
/* explain.h - who stands in the way */
#ifndef SPK_EXPLAIN_H
#define SPK_EXPLAIN_H

#include "holders.h"
#include "account/mapping.h"

/*
 * Finds who stands in the way of a name on the account at dn, once the plan (NULL: none) is carried out.
 *
 * Returns SPN_ERR_NOT_UNIQUE and a sentence if another account holds the name itself or, unless SPN_TAKEOVER, a name of
 * which it is an alias; of the whole forest with SPN_FOREST; SPN_OK if nobody does.
 */
spn_status spk_check_unique(spn_directory *dir, const spn_plan *plan, const spk_mapping *mapping, const char *dn,
		const char *const *names, size_t n_names, unsigned flags, spn_error *err);

/* Whether clients get tickets for names once they are on the account at dn: no takeover helps where Samba's KDC finds
 * another computer by its cn.  Each name for which they get none is a warning; to: NULL to return SPN_ERR_NOT_UNIQUE
 * and a sentence for the first of them instead. */
spn_status spk_check_by_cn(spn_directory *dir, const char *dn, const char *const *names, size_t n_names,
		const spk_teller *to, spn_error *err);

/* As spk_holders, but only the accounts that the directory itself compares with when names are added to the one at
 * dn: in a file with several domains, all of them under the rules of Windows, and those of its domain under Samba's. */
spn_status spk_rivals(spn_directory *dir, const spn_plan *plan, const char *dn, const char *const *names,
		size_t n_names, bool forest, spk_accounts *ret_accounts, spn_error *err);

/* If step i of a plan is SPN_DUPLICATE: checks that each name which it removes, and no later step adds, is on
 * another account once the steps of done (NULL: none) are carried out.  Returns SPN_ERR_REFUSED if one is not. */
spn_status spk_check_duplicate(spn_directory *dir, const spn_plan *plan, size_t i, const spn_plan *done,
		spn_error *err);

/* Adds to a directory's refusal of a step what the directory does not say: who holds which of the names.  Keeps status
 * and codes. */
spn_status spk_explain(spn_directory *dir, const spn_step *step, spn_status status, spn_error *err);

/* Collects the accounts, but the one at dn, that hold an alias of name, such as http/x for HOST/x. */
spn_status spk_alias_holders(spn_directory *dir, const spn_plan *plan, const spk_mapping *mapping, const char *name,
		const char *dn, spk_names *ret_aliases, spk_accounts *ret_accounts, spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* holders.h - who holds a name, once a plan is carried out */
#ifndef SPK_HOLDERS_H
#define SPK_HOLDERS_H

#include "plan.h"
#include "account/account.h"
#include "account/names.h"
#include "account/roll.h"
#include "base/keys.h"
#include "model/fold.h"

/* Collects every account that holds one of the names (in any spelling) when the steps of plan (NULL: none) are
 * done.  Asks for many names in one search.  Each account's entry is as it will be then.  forest: the global catalog is
 * asked too, not instead: it is behind the domain. */
spn_status spk_holders(spn_directory *dir, const spn_plan *plan, const char *const *names, size_t n_names, bool forest,
		spk_accounts *ret_accounts, spn_error *err);

/* The first account but the one at not_dn (NULL: any) that holds the name; ret_stored is its spelling there. */
const spn_account *spk_holder_of(const spk_accounts *accounts, const char *name, const char *not_dn,
		const char **ret_stored);
/* The same for many names of many accounts: those are on the roll. */
const spn_account *spk_holder_on(const spk_roll *roll, const spk_accounts *accounts, const char *name,
		const char *not_dn, const char **ret_stored);

/* The number of a DN in a set, new or not, whatever its spelling; SIZE_MAX if memory runs out. */
size_t spk_dns_add(spk_keys *dns, const char *dn);
/* Its number; SIZE_MAX: it is not in the set.  False: memory ran out. */
bool spk_dns_find(const spk_keys *dns, const char *dn, size_t *ret_place);
/* Whether a DN is in the set; false: memory ran out. */
bool spk_dns_contain(const spk_keys *dns, const char *dn, bool *ret_contain);

#endif

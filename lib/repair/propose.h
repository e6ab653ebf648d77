/* SPDX-License-Identifier: MIT */
/* propose.h - the parts that plan builders share */
#ifndef SPK_PROPOSE_H
#define SPK_PROPOSE_H

#include <spnkit/repair.h>

#include "plan/explain.h"
#include "plan/plan.h"

/* Finds an account and shows it as it will be when the plan is carried out. */
spn_status spk_account_after(const spn_plan *plan, spn_directory *dir, const char *text, spn_account **ret_account,
		spn_error *err);

/* Appends the step that adds those names that the account does not hold yet, after all checks. */
spn_status spk_propose_add_to(spn_plan *plan, spn_directory *dir, const spn_account *account, const char *const *spns,
		size_t n_spns, unsigned flags, const char *reason, const spk_teller *to, spn_error *err);

/* served.c: fails if another account serves one of the names today by its userPrincipalName (on Samba, its cn). */
spn_status spk_refuse_served(
		spn_directory *dir, const spn_account *account, const char *const *spns, size_t n_spns, spn_error *err);
/* Tells which other account serves each of the names today, though it does not hold it: see spn_find_takeovers. */
spn_status spk_tell_served(spn_directory *dir, const spn_account *account, const char *const *spns, size_t n_spns,
		const spk_teller *to, spn_error *err);

/* Appends the step that takes names away from an account, every case variant. */
spn_status spk_propose_delete_from(spn_plan *plan, spn_directory *dir, const spn_account *account,
		const char *const *spns, size_t n_spns, const char *reason, const spk_teller *to, spn_error *err);

/* Appends the steps that make to a member of the groups of one account after the other; see spn_propose_membership. */
spn_status spk_propose_groups_of(spn_plan *plan, spn_directory *dir, const spk_accounts *froms, const spn_account *to,
		unsigned flags, spn_group_fn *fn, void *data, spn_error *err);

#endif

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

/* Reports that an account is disabled which is to get names; nothing of others. */
spn_status spk_propose_tell_disabled(const spk_teller *to, const spn_account *account, spn_error *err);

/* served.c: which other account the KDC picks for a name today, though it does not hold it, and through what: "its
 * userPrincipalName 'http/web'". */
typedef struct spk_served {
	const spn_account *by;
	const char *way;
	const char *covered; /* what it serves is not the name, but this one, an alias of that; else NULL */
	bool is_alias;       /* it holds what the name is an alias of */
	bool is_host_by_cn;  /* the name is HOST/x, and it is found by its cn: then it stays so */
} spk_served;
typedef spn_status spk_served_fn(size_t i, const spk_served *served, void *data, spn_error *err);
/* Calls fn for each name that another account than this one (NULL: any) serves so; i is the number of the name. */
spn_status spk_find_served(spn_directory *dir, const spn_account *account, const char *const *spns, size_t n_spns,
		spk_served_fn *fn, void *data, spn_error *err);
/* The same of each name, by its number; by is NULL where no other account does. */
typedef struct spk_served_list {
	struct spk_served_by {
		spn_account *by;
		char *way;
	} *list; /* NULL: nobody has looked */
	size_t n;
} spk_served_list;
spn_status spk_served_list_new(
		spn_directory *dir, const spn_account *account, const spk_names *names, spk_served_list *ret_served, spn_error *err);
void spk_served_list_free(spk_served_list *served);
#define SPK_AUTOSERVED __attribute__((cleanup(spk_served_list_free)))
/* Fails if one of them is served by a userPrincipalName (on Samba, the cn of a computer). */
spn_status spk_refuse_served(
		spn_directory *dir, const spn_account *account, const char *const *spns, size_t n_spns, spn_error *err);
/* Tells which other account serves each of the names today, though it does not hold it: see spn_find_takeovers. */
spn_status spk_tell_served(spn_directory *dir, const spn_account *account, const char *const *spns, size_t n_spns,
		const spk_teller *to, spn_error *err);
/* The same of names that a plan gives to accounts, each to the one with the DN, as far as the check of the plan does
 * not refuse it. */
spn_status spk_tell_served_of_plan(spn_directory *dir, const char *const *dns, const char *const *spns, size_t n_spns,
		const spk_teller *to, spn_error *err);

/* Appends the step that takes names away from an account, every case variant. */
spn_status spk_propose_delete_from(spn_plan *plan, spn_directory *dir, const spn_account *account,
		const char *const *spns, size_t n_spns, const char *reason, const spk_teller *to, spn_error *err);

/* Appends the steps that make to a member of the groups of one account after the other; see spn_propose_membership. */
spn_status spk_propose_groups_of(spn_plan *plan, spn_directory *dir, const spk_accounts *froms, const spn_account *to,
		unsigned flags, spn_group_fn *fn, void *data, spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* duplicates.h - names on several accounts, for those who look at every account anyway */
#ifndef SPK_DUPLICATES_H
#define SPK_DUPLICATES_H

#include "clash.h"
#include "account/finding.h"
#include "account/mapping.h"
#include "base/keys.h"
#include "plan/holders.h"
#include "plan/plan.h"

/* DNs of accounts: those that a command calls by their name, and by this. */
struct spk_called {
	spk_keys by_name, by_dn;
	spn_error trouble; /* what kept one from being looked up: a command has the DN then, which is right in any case */
};

/* The directories that one look is about. */
typedef struct spk_scope {
	spn_directory *const *dirs;
	size_t n;
	bool forest;
	struct spk_called *called; /* accounts that commands have named, and how */
} spk_scope;

/* dir and others, each of them once: the same domain given twice would be full of duplicates. */
spn_status spk_scope_new(spn_directory *dir, spn_directory *const *others, size_t n_others, bool forest,
		spk_scope *ret_scope, spn_error *err);
void spk_scope_free(spk_scope *scope);

/* status; or, if all went well but for how accounts are named in commands, what was in the way of that. */
spn_status spk_scope_trouble(const spk_scope *scope, spn_status status, spn_error *err);
/* How names compare in all of them: as on Windows if they differ.  exact: just so, and nobody need be asked. */
spn_status spk_scope_folding(const spk_scope *scope, spk_folding *ret_folding, bool *ret_exact, spn_error *err);
/* One search in all of them. */
spn_status spk_scope_search(const spk_scope *scope, const spn_filter *filter, const char *const *attrs,
		spn_entry_fn *fn, void *data, spn_error *err);

/* The same for the accounts that hold names which others may hold as well; perhaps for all that hold any. */
spn_status spk_scope_search_shared(
		const spk_scope *scope, const char *const *attrs, spn_entry_fn *fn, void *data, spn_error *err);

/* The same for the accounts that hold a name like the pattern, or one of the family of such a name; perhaps for a few
 * others. */
spn_status spk_scope_search_names(const spk_scope *scope, const spk_mapping *mapping, const char *pattern,
		const char *const *attrs, spn_entry_fn *fn, void *data, spn_error *err);

/* Looks the suspects up and tells those that are duplicates or alias conflicts, and like the pattern (NULL: any). */
spn_status spk_duplicates_confirm(const spk_scope *scope, const spk_suspect *suspects, size_t n_suspects,
		const char *pattern, const spk_teller *to, spn_error *err);

/* Tells the duplicates and alias conflicts of some names and of the families of these; perhaps of a few others, which
 * their holders have as well. */
spn_status spk_duplicates_of_names(
		const spk_scope *scope, const char *const *names, size_t n, const spk_teller *to, spn_error *err);

/* What an account of the one domain that is looked at is called. */
const char *spk_scope_operand(const spk_scope *scope, const spn_account *account);
/* Adds a repair in the domain of an account, which is named unless it is the one that is looked at, and nobody has
 * chosen that.  Its account, if it is NULL, becomes this one, as it has to be called there. */
void spk_scope_repair(spk_repairs *repairs, const spk_scope *scope, const spn_account *account, spn_repair repair);
/* Adds a repair that changes names of an account.  If one of them contains a NUL, no repair is offered. */
void spk_scope_repair_names(spk_repairs *repairs, const spk_scope *scope, spn_repair_kind kind, const spn_bytes *names,
		size_t n, const spn_account *account);
void spk_scope_repair_name(spk_repairs *repairs, const spk_scope *scope, spn_repair_kind kind, const char *name,
		const spn_account *account);

#endif

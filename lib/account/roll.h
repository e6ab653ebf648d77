/* SPDX-License-Identifier: MIT */
/* roll.h - who of some accounts holds which name, without going over all of them for each name */
#ifndef SPK_ROLL_H
#define SPK_ROLL_H

#include "account.h"
#include "model/fold.h"

/* A value of an account. */
typedef struct spk_line {
	size_t account;
	spn_bytes value;       /* as it is stored */
	struct spk_line *next; /* an equal value of the next account that has one, or NULL */
	struct spk_line *more; /* the next spelling of the value on the same account, or NULL */
} spk_line;

/* Lends what it lists.  Start from { 0 }, or from a folding. */
typedef struct spk_roll {
	spk_folding folding;
	uint64_t seed;
	struct spk_roll_name *names; /* by the hash of the folded value */
	size_t n, size;
} spk_roll;

/* Lists a value.  All those of one account come together. */
spn_status spk_roll_add(spk_roll *roll, size_t account, spn_bytes value, spn_error *err);

/* Lists the names that accounts hold; or texts, the place of each in the place of an account.  Forgets what was
 * listed before. */
spn_status spk_roll_of_account(const spn_account *account, spk_roll *ret_roll, spn_error *err);
spn_status spk_roll_of_accounts(const spk_accounts *accounts, spk_roll *ret_roll, spn_error *err);
spn_status spk_roll_of_names(const char *const *names, size_t n, spk_folding folding, spk_roll *ret_roll,
		spn_error *err);

/* The first account's line of a value in any spelling; NULL: nobody has it.  Needs no memory. */
const spk_line *spk_roll_find(const spk_roll *roll, spn_bytes value);
/* How the first account that has a name spells it, or NULL. */
const char *spk_roll_spelling(const spk_roll *roll, const char *name);
void spk_roll_free(spk_roll *roll);
#define SPK_AUTOROLL __attribute__((cleanup(spk_roll_free)))

#endif

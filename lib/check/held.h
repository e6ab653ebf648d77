/* SPDX-License-Identifier: MIT */
/* held.h - who holds which of many names, told at the cost of reading each name once */
#ifndef SPK_HELD_H
#define SPK_HELD_H

#include "duplicates.h"
#include "base/keys.h"

/* A name as an account spells it. */
typedef struct spk_holding {
	size_t account; /* its place among those that were found */
	const char *stored;
	bool has_nul;   /* stored ends before the name does */
} spk_holding;

/* A suspect that somebody holds.  Spellings that the directory takes for equal are one. */
typedef struct spk_held {
	const spk_suspect *suspect;
	const char *stored;    /* as the first holder spells it */
	spk_accounts holders;  /* lent; the list belongs to the whole */
	spk_holding *holdings; /* of each of them, one */
} spk_held;

/* The held names that have one key.  More than one if the server sees a difference between accents where Windows is
 * said to see none. */
typedef struct spk_held_group {
	const spk_suspect *suspect; /* the first */
	size_t first, n;
} spk_held_group;

/* Start from { 0 }. */
typedef struct spk_held_names {
	const spk_scope *scope;
	const spk_accounts *found;
	spk_folding folding;
	bool exact;             /* we compare as all of the directories do, so nobody need be asked */
	spk_keys keys;          /* of the groups */
	spk_held_group *groups; /* those of a family together, in the order of the suspects */
	spk_held *list;
	size_t n, size;
	size_t *same; /* of each account found, the first one with its DN */
	bool *marked; /* of each account: for who compares two lists */
	/* other names with the same class and host: of each account's, the first and one unlike it */
	spk_keys siblings;
	struct spk_sibling *pairs;
	size_t pairs_size;
	bool *is_indexed; /* of each account: whether its names are among the siblings */
} spk_held_names;

/* Of accounts found, those that hold the suspects, which must be whole families.  All that is given must live as long.
 */
spn_status spk_held_find(const spk_scope *scope, const spk_suspect *suspects, size_t n, const spk_accounts *found,
		spk_held_names *ret, spn_error *err);
void spk_held_free(spk_held_names *names);

/* The holders of what an alias stands for; NULL if the name is not an alias, or nobody holds its target. */
spn_status spk_held_target(
		const spk_held_names *names, const spk_held *alias, const spk_held_group **ret_group, spn_error *err);
/* Whether the directory finds an alias's target under a name of that group. */
spn_status spk_held_means(const spk_held_names *names, const spk_held *alias, const spk_held *target, bool *ret_means,
		spn_error *err);

/* The only one of the enabled holders with another name of the same class and host, and that name; NULL in ret_account:
 * none, or several. */
spn_status spk_held_sibling(spk_held_names *names, const spk_held *held, const spn_account **ret_account,
		const char **ret_name, spn_error *err);

/* Searches for suspects in a scope, and collects the accounts. */
spn_status spk_suspects_search(
		const spk_scope *scope, const spk_suspect *suspects, size_t n, spk_accounts *ret_found, spn_error *err);

#endif

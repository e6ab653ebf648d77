/* SPDX-License-Identifier: MIT */
#include "roll.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "model/entry.h"

/* What is listed of one value. */
struct spk_roll_name {
	uint64_t hash;
	spk_line *first, *last; /* of the accounts; NULL: a free place */
	spk_line *last_spelling;
};

/* Where a value is, or would be. */
static struct spk_roll_name *place_of(const spk_roll *roll, spn_bytes value, uint64_t hash)
{
	size_t mask = roll->size - 1; /* a power of two */
	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct spk_roll_name *name = &roll->names[i];
		if (!name->first || (name->hash == hash && spk_fold_equal(name->first->value, value, roll->folding)))
			return name;
	}
}

/* Keeps half of the places free. */
static bool make_room(spk_roll *roll)
{
	if (2 * (roll->n + 1) <= roll->size)
		return true;
	size_t size = roll->size ? 2 * roll->size : 16;
	struct spk_roll_name *names = calloc(size, sizeof *names);
	if (!names)
		return false;
	roll->seed = spk_hash_process_seed();
	for (size_t i = 0; i < roll->size; i++) {
		size_t to = roll->names[i].hash & (size - 1);
		while (names[to].first)
			to = (to + 1) & (size - 1);
		if (roll->names[i].first)
			names[to] = roll->names[i];
	}
	free(roll->names);
	roll->names = names;
	roll->size = size;
	return true;
}

spn_status spk_roll_add(spk_roll *roll, size_t account, spn_bytes value, spn_error *err)
{
	spk_line *line = malloc(sizeof *line);
	if (!line || !make_room(roll)) {
		free(line);
		return spk_nomem(err);
	}
	*line = (spk_line){ .account = account, .value = value };
	uint64_t hash = spk_fold_hash(value, roll->folding, roll->seed);
	struct spk_roll_name *name = place_of(roll, value, hash);
	if (!name->first) {
		*name = (struct spk_roll_name){ hash, line, line, line };
		roll->n++;
	} else if (name->last->account == account) {
		name->last_spelling->more = line;
		name->last_spelling = line;
	} else {
		name->last->next = line;
		name->last = name->last_spelling = line;
	}
	return SPN_OK;
}

static spn_status add_names(spk_roll *roll, size_t i, const spn_account *account, spn_error *err)
{
	const spn_bytes *spns;
	size_t n = spn_account_spns(account, &spns);
	spn_status status = SPN_OK;
	for (size_t j = 0; !status && j < n; j++)
		status = spk_roll_add(roll, i, spns[j], err);
	return status;
}

spn_status spk_roll_of_account(const spn_account *account, spk_roll *ret_roll, spn_error *err)
{
	spk_roll_free(ret_roll);
	ret_roll->folding = spk_entry_folding(account->entry);
	return add_names(ret_roll, 0, account, err);
}

spn_status spk_roll_of_accounts(const spk_accounts *accounts, spk_roll *ret_roll, spn_error *err)
{
	spk_roll_free(ret_roll);
	ret_roll->folding = accounts->n ? spk_entry_folding(accounts->list[0]->entry) : SPK_FOLD_WINDOWS;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < accounts->n; i++)
		status = add_names(ret_roll, i, accounts->list[i], err);
	return status;
}

spn_status spk_roll_of_names(const char *const *names, size_t n, spk_folding folding, spk_roll *ret_roll,
		spn_error *err)
{
	spk_roll_free(ret_roll);
	ret_roll->folding = folding;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++)
		status = spk_roll_add(ret_roll, i, spk_bytes(names[i]), err);
	return status;
}

const spk_line *spk_roll_find(const spk_roll *roll, spn_bytes value)
{
	return roll->n ? place_of(roll, value, spk_fold_hash(value, roll->folding, roll->seed))->first : NULL;
}

const char *spk_roll_spelling(const spk_roll *roll, const char *name)
{
	const spk_line *line = spk_roll_find(roll, spk_bytes(name));
	return line ? line->value.data : NULL;
}

void spk_roll_free(spk_roll *roll)
{
	for (size_t i = 0; i < roll->size; i++)
		for (spk_line *line = roll->names[i].first; line;) {
			spk_line *next = line->next;
			for (spk_line *more = line; more;) {
				spk_line *after = more->more;
				free(more);
				more = after;
			}
			line = next;
		}
	free(roll->names);
	*roll = (spk_roll){ .folding = roll->folding };
}

/* SPDX-License-Identifier: MIT */
#include "changes.h"

#include <stdlib.h>
#include <string.h>

#include "account/proof.h"
#include "account/roll.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/entry.h"

static bool grow(spk_moves *moves)
{
	size_t size = moves->size * 2 + 64;
	spk_move *grown = realloc(moves->list, size * sizeof *grown);
	if (!grown)
		return false;
	moves->list = grown;
	moves->size = size;
	return true;
}

static spn_status add(spk_moves *moves, spn_event_kind kind, spn_bytes name, size_t from, size_t to, spn_error *err)
{
	if (moves->n == moves->size && !grow(moves))
		return spk_nomem(err);
	SPK_AUTOTEXT spk_text shown = { 0 };
	spk_text_add_bytes(&shown, "", 0); /* a text even if it is empty */
	spk_text_add_shown(&shown, name);
	if (shown.failed || !shown.data)
		return spk_nomem(err);
	moves->list[moves->n++] = (spk_move){ .kind = kind, .spn = shown.data, .from = from, .to = to };
	shown = (spk_text){ 0 };
	return SPN_OK;
}

/* The last one that was added is the name of an account: how clients ask for it, and whether they can. */
static spn_status look_at_request(const spk_moves *moves, const spn_account *account, spn_bytes name, spn_error *err)
{
	spk_move *move = &moves->list[moves->n - 1];
	bool is_served = spk_name_is_served(account, name);
	spn_bytes asked = is_served ? spk_name_asked(name) : name;
	spn_name parts;
	if (asked.len != name.len && !(move->asked = strndup(asked.data, asked.len)))
		return spk_nomem(err);
	spn_status parsed = spn_name_parse(spk_move_asked(move), &parts, NULL);
	if (parsed == SPN_ERR_NOMEM)
		return spk_nomem(err);
	move->is_servable = !spk_has_nul(asked) && parsed == SPN_OK;
	move->is_odd = is_served && !move->is_servable;
	return SPN_OK;
}

/* Whether the last name of an account may be what is left of one that the counterpart holds: an export that is cut off
 * ends in such a name. */
static bool may_be_torn(const spn_account *account, spn_bytes last, const spn_account *counterpart)
{
	const spn_bytes *names;
	size_t n = spk_entry_lacks_names(account->entry) && counterpart ? spn_account_spns(counterpart, &names) : 0;
	for (size_t i = 0; i < n; i++)
		if (names[i].len > last.len && memcmp(names[i].data, last.data, last.len) == 0)
			return true;
	return false;
}

/* Of one account: its names that its counterpart does not hold. */
static spn_status compare(
		const spk_sides *sides, size_t side, size_t i, spk_moves *lost, spk_moves *unseen, spn_error *err)
{
	const spk_side *own = &sides->side[side], *other = &sides->side[!side];
	const spn_account *counterpart = own->partners[i] == SPK_NOBODY ? NULL : other->accounts.list[own->partners[i]];
	bool is_unseen = counterpart ? spk_entry_lacks_names(counterpart->entry) : own->unseen[i];
	SPK_AUTOROLL spk_roll roll = { .folding = sides->folding };
	const spn_bytes *names;
	size_t n = spn_account_spns(own->accounts.list[i], &names);
	spn_status status = counterpart && n ? spk_roll_of_account(counterpart, &roll, err) : SPN_OK;
	for (size_t j = 0; !status && j < n; j++) {
		if (counterpart && spk_roll_find(&roll, names[j]))
			continue;
		is_unseen |= j + 1 == n && may_be_torn(own->accounts.list[i], names[j], counterpart);
		status = add(is_unseen ? unseen : lost,
				is_unseen                       ? SPN_EVENT_UNSEEN :
						side == SPK_OLD ? SPN_EVENT_WENT :
								  SPN_EVENT_CAME,
				names[j], side == SPK_OLD ? i : SPK_NOBODY, side == SPK_OLD ? SPK_NOBODY : i, err);
		if (!status)
			status = look_at_request(is_unseen ? unseen : lost, own->accounts.list[i], names[j], err);
	}
	return status;
}

/* A name that one account lost and another one got has moved: both are one line then. */
static spn_status pair(const spk_sides *sides, spk_moves *lost, spk_moves *got, spn_error *err)
{
	SPK_AUTOKEYS spk_keys keys = { 0 };
	SPK_AUTOFREE size_t *first = calloc(got->n + 1, sizeof *first), *next = calloc(got->n + 1, sizeof *next);
	if (!first || !next)
		return spk_nomem(err);
	for (size_t i = got->n; i-- > 0;) { /* so that the first comes first */
		size_t n = keys.n, at = spk_folded_add(&keys, spk_bytes(spk_move_asked(&got->list[i])), sides->folding);
		if (at == SIZE_MAX)
			return spk_nomem(err);
		next[i] = at == n ? SPK_NOBODY : first[at];
		first[at] = i;
	}
	for (size_t i = 0; i < lost->n; i++) {
		size_t at;
		if (!spk_folded_find(&keys, spk_bytes(spk_move_asked(&lost->list[i])), sides->folding, &at))
			return spk_nomem(err);
		if (at == SIZE_MAX || first[at] == SPK_NOBODY)
			continue;
		spk_move *taken = &got->list[first[at]];
		lost->list[i].kind = SPN_EVENT_MOVED;
		lost->list[i].to = taken->to;
		taken->kind = SPN_EVENT_MOVED; /* it is part of the other one */
		first[at] = next[first[at]];
	}
	return SPN_OK;
}

/* Takes them over, except those that are part of another one. */
static spn_status join(spk_moves *all, spk_moves *more, bool is_got, spn_error *err)
{
	for (size_t i = 0; i < more->n; i++) {
		spk_move *move = &more->list[i];
		if (is_got && move->kind == SPN_EVENT_MOVED)
			continue;
		if (all->n == all->size && !grow(all))
			return spk_nomem(err);
		all->list[all->n++] = *move;
		move->spn = move->asked = NULL;
	}
	return SPN_OK;
}

static spn_status find_renamed(const spk_sides *sides, spk_moves *moves, spn_error *err)
{
	const spk_side *old = &sides->side[SPK_OLD], *now = &sides->side[SPK_NEW];
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < old->accounts.n; i++) {
		if (old->partners[i] == SPK_NOBODY)
			continue;
		const spn_account *before = old->accounts.list[i], *after = now->accounts.list[old->partners[i]];
		const char *name = spn_account_name(before), *new_name = spn_account_name(after);
		bool has_names = spn_account_spns(before, NULL) || spn_account_spns(after, NULL);
		bool is_renamed = *name && *new_name &&
				!spk_fold_equal(spk_bytes(name), spk_bytes(new_name), SPK_FOLD_CASE);
		if (has_names && (is_renamed || !spk_dn_equal(spn_account_dn(before), spn_account_dn(after))))
			status = add(moves, SPN_EVENT_RENAMED, (spn_bytes){ "", 0 }, i, old->partners[i], err);
	}
	return status;
}

static spn_status list_unseen(const spk_sides *sides, const spk_moves *unseen, spk_keys *ret_keys, spn_error *err)
{
	for (size_t i = 0; i < unseen->n; i++)
		if (spk_folded_add(ret_keys, spk_bytes(spk_move_asked(&unseen->list[i])), sides->folding) == SIZE_MAX)
			return spk_nomem(err);
	return SPN_OK;
}

spn_status spk_moves_unsure(const spk_sides *sides, const spk_moves *moves, const spk_mapping *mapping,
		const char *name, bool *ret_unsure, spn_error *err)
{
	SPK_AUTOTEXT spk_text target = { 0 };
	size_t place = SIZE_MAX;
	*ret_unsure = false;
	if (moves->unseen.n == 0)
		return SPN_OK;
	bool is_known = spk_folded_find(&moves->unseen, spk_bytes(name), sides->folding, &place);
	if (is_known && place == SIZE_MAX && spk_mapping_target(mapping, name, &target))
		is_known = !target.failed &&
				spk_folded_find(&moves->unseen, spk_bytes(target.data), sides->folding, &place);
	*ret_unsure = place != SIZE_MAX;
	return is_known ? SPN_OK : spk_nomem(err);
}

spn_status spk_moves_find(const spk_sides *sides, spk_moves *ret_moves, spn_error *err)
{
	spk_moves found[SPK_SIDES] = { { 0 }, { 0 } }, unseen = { 0 };
	spn_status status = SPN_OK;
	for (size_t side = 0; side < SPK_SIDES; side++)
		for (size_t i = 0; !status && i < sides->side[side].accounts.n; i++)
			status = compare(sides, side, i, &found[side], &unseen, err);
	if (!status)
		status = pair(sides, &found[SPK_OLD], &found[SPK_NEW], err);
	for (size_t side = 0; !status && side < SPK_SIDES; side++)
		status = join(ret_moves, &found[side], side == SPK_NEW, err);
	if (!status)
		status = list_unseen(sides, &unseen, &ret_moves->unseen, err);
	if (!status)
		status = join(ret_moves, &unseen, false, err);
	if (!status)
		status = find_renamed(sides, ret_moves, err);
	spk_moves_free(&found[SPK_OLD]);
	spk_moves_free(&found[SPK_NEW]);
	spk_moves_free(&unseen);
	return status;
}

void spk_moves_free(spk_moves *moves)
{
	for (size_t i = 0; i < moves->n; i++) {
		free(moves->list[i].spn);
		free(moves->list[i].asked);
	}
	free(moves->list);
	spk_keys_free(&moves->unseen);
	*moves = (spk_moves){ 0 };
}

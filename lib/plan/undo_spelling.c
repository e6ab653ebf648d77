/* SPDX-License-Identifier: MIT */
#include "undo_spelling.h"

#include <string.h>
#include <strings.h>

#include "plan.h"
#include "values.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"

/* Step i of what is planned; behind the last one, the part of the next step. */
static const spn_step *planned(const struct spk_undo_look *look, size_t i)
{
	return i < spn_plan_count(look->plan) ? spn_plan_step(look->plan, i) : look->rest;
}

bool spk_undo_plans(const struct spk_undo_look *look, spn_mod_op op, spn_bytes name)
{
	for (size_t i = 0; i <= spn_plan_count(look->plan); i++) {
		const spn_step *step = planned(look, i);
		for (size_t j = 0; spk_dn_equal(step->dn, look->rest->dn) && j < step->n_mods; j++)
			if (step->mods[j].op == op && spk_mod_is_spn(&step->mods[j]) && spk_bytes_equal(step->mods[j].value, name))
				return true;
	}
	return false;
}

size_t spk_undo_count(const struct spk_undo_look *look, spn_mod_op op, spn_bytes name)
{
	size_t n = 0;
	for (size_t i = 0; i <= spn_plan_count(look->plan); i++) {
		const spn_step *step = planned(look, i);
		for (size_t j = 0; spk_dn_equal(step->dn, look->rest->dn) && j < step->n_mods; j++)
			n += step->mods[j].op == op && spk_mod_is_spn(&step->mods[j]) &&
					spk_fold_equal(step->mods[j].value, name, look->folding);
	}
	return n;
}

static size_t count_spellings(const spn_entry *entry, spn_bytes name, spk_folding folding)
{
	const spn_bytes *values;
	size_t n = entry ? spn_entry_values(entry, SPK_SPN, &values) : 0, n_equal = 0;
	for (size_t i = 0; i < n; i++)
		n_equal += spk_fold_equal(values[i], name, folding);
	return n_equal;
}

/* A spelling that the undo does not remove anyway. */
static const char *find_unplanned(const struct spk_undo_look *look, const spn_entry *entry, spn_bytes name)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, SPK_SPN, &values);
	for (size_t i = 0; i < n; i++)
		if (spk_fold_equal(values[i], name, look->folding) && !spk_undo_plans(look, SPN_MOD_DELETE, values[i]))
			return values[i].data;
	return NULL;
}

/* Whether the journal has the undo remove a value from an entry, as it was called then. */
static bool removes(const struct spk_journal *journal, const char *dn, spn_bytes value)
{
	bool removes = false;
	for (size_t i = 0; !removes && i < spn_plan_count(journal->inverses); i++) {
		const spn_step *step = spn_plan_step(journal->inverses, i);
		for (size_t j = 0; j < step->n_mods && spk_dn_equal(step->dn, dn); j++)
			removes |= step->mods[j].op == SPN_MOD_DELETE && spk_mod_is_spn(&step->mods[j]) &&
					spk_bytes_equal(step->mods[j].value, value);
	}
	return removes;
}

static bool has_exactly(const spn_entry *entry, spn_bytes value)
{
	const spn_bytes *values;
	size_t n = entry ? spn_entry_values(entry, SPK_SPN, &values) : 0, i = 0;
	while (i < n && !spk_bytes_equal(values[i], value))
		i++;
	return i < n;
}

spn_status spk_undo_find_other(const struct spk_undo_look *look, const spn_step *step, const spn_entry *entry,
		spn_bytes name, const char **ret_other, spn_error *err)
{
	const spn_entry *noted = NULL;
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, SPK_SPN, &values);
	bool are_side_by_side = look->folding == SPK_FOLD_SAMBA;
	spn_status status = are_side_by_side ? spk_notes_of(&look->journal->notes, step->dn, &noted, err) : SPN_OK;
	*ret_other = NULL;
	for (size_t i = 0; !status && !*ret_other && i < n; i++)
		if (spk_fold_equal(values[i], name, spk_entry_folding(entry)) && !spk_undo_plans(look, SPN_MOD_DELETE, values[i]) &&
				!(are_side_by_side && (has_exactly(noted, values[i]) || removes(look->journal, step->dn, values[i]))))
			*ret_other = values[i].data;
	return status;
}

/* Whether the undo gives a name back to an account, in any spelling. */
static bool gives_spelling(const struct spk_undo_look *look, const char *dn, spn_bytes name)
{
	bool gives = false;
	for (size_t i = 0; i < spn_plan_count(look->journal->inverses); i++) {
		const spn_step *step = spn_plan_step(look->journal->inverses, i);
		for (size_t j = 0; j < step->n_mods && spk_dn_equal(step->dn, dn); j++)
			gives |= step->mods[j].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[j]) &&
					spk_fold_equal(step->mods[j].value, name, look->folding);
	}
	return gives;
}

/* The account had the name before, and has it in the spelling that was added. */
static spn_status look_for_last(const struct spk_undo_look *look, const spn_entry *entry, spn_bytes name,
		struct spk_spelling *ret, spn_error *err)
{
	if (count_spellings(entry, name, look->folding) > spk_undo_count(look, SPN_MOD_DELETE, name) + 1)
		return SPN_OK;
	ret->present = false;
	ret->stays = spk_printf("'%s' stays on '%s', which had the name before, and has it in no other spelling now",
			name.data, look->rest->dn);
	return ret->stays ? SPN_OK : spk_nomem(err);
}

/* The account did not have the name before, and has it in another spelling than the one that was added, if at all. */
static spn_status look_for_respelled(const struct spk_undo_look *look, const spn_entry *entry, spn_bytes name,
		struct spk_spelling *ret, spn_error *err)
{
	const char *stored = find_unplanned(look, entry, name);
	if (!stored)
		return SPN_OK;
	if (look->may_be_respelled && strncasecmp(name.data, "HOST/", 5) == 0) {
		ret->present = true;
		ret->spelling = strdup(stored);
	} else {
		ret->stays = spk_printf("'%s' is not removed from '%s', which has it as '%s' by now", name.data, look->rest->dn,
				stored);
	}
	return ret->spelling || ret->stays ? SPN_OK : spk_nomem(err);
}

spn_status spk_undo_spelling(const struct spk_undo_look *look, const spn_step *step, spn_bytes name,
		struct spk_spelling *ret, spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	const spn_entry *noted = NULL;
	spn_status status = spk_notes_of(&look->journal->notes, step->dn, &noted, err);
	bool was_there = count_spellings(noted, name, look->folding) > 0;
	if (status || ret->present != was_there || gives_spelling(look, step->dn, name))
		return status;
	status = spk_names_read(look->dir, look->rest->dn, &entry, err);
	if (status)
		return status;
	return was_there ? look_for_last(look, entry, name, ret, err) : look_for_respelled(look, entry, name, ret, err);
}

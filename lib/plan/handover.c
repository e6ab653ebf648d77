/* SPDX-License-Identifier: MIT */
#include "handover.h"

#include <stdlib.h>

#include "plan.h"
#include "account/mapping.h"
#include "base/error.h"
#include "model/fold.h"

enum { TAKEN = 1, GIVEN = 2, HANDED_OVER = TAKEN | GIVEN };

static size_t count_mods(const spn_plan *plan)
{
	size_t n = 0;
	for (size_t i = 0; i < spn_plan_count(plan); i++)
		n += spn_plan_step(plan, i)->n_mods;
	return n;
}

/* Numbers the names of the plan. */
static spn_status number_all(const spn_plan *plan, spk_keys *names, size_t *numbers, spn_error *err)
{
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; j < step->n_mods; j++, numbers++) {
			*numbers = SIZE_MAX;
			if (!spk_mod_is_spn(&step->mods[j]))
				continue;
			*numbers = spk_folded_add(names, step->mods[j].value, SPK_FOLD_EITHER);
			if (*numbers == SIZE_MAX)
				return spk_nomem(err);
		}
	}
	return SPN_OK;
}

/* A name gets the number of the one that serves it, if the plan changes that, too. */
static spn_status join(
		const spk_mapping *mapping, const spn_plan *plan, const spk_keys *names, size_t *numbers, spn_error *err)
{
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; j < step->n_mods; j++, numbers++) {
			SPK_AUTOTEXT spk_text target = { 0 };
			size_t place = SIZE_MAX;
			if (!spk_mod_is_spn(&step->mods[j]) || !spk_mapping_target(mapping, step->mods[j].value.data, &target))
				continue;
			if (target.failed ||
					!spk_folded_find(names, (spn_bytes){ target.data, target.len }, SPK_FOLD_EITHER, &place))
				return spk_nomem(err);
			if (place != SIZE_MAX)
				*numbers = place;
		}
	}
	return SPN_OK;
}

/* Of the names, only those count that are both taken and given: they are numbered anew. */
static spn_status keep_handed_over(const spn_plan *plan, size_t n_names, spk_handovers *handovers, spn_error *err)
{
	SPK_AUTOFREE unsigned char *done = calloc(n_names + 1, sizeof *done);
	SPK_AUTOFREE size_t *anew = calloc(n_names + 1, sizeof *anew);
	size_t *number = handovers->numbers;
	if (!done || !anew)
		return spk_nomem(err);
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; j < step->n_mods; j++, number++)
			if (*number != SIZE_MAX)
				done[*number] |= step->mods[j].op == SPN_MOD_ADD ? GIVEN : TAKEN;
	}
	for (size_t k = 0; k < n_names; k++)
		anew[k] = done[k] == HANDED_OVER ? handovers->n++ : SIZE_MAX;
	for (; number-- > handovers->numbers;)
		*number = *number == SIZE_MAX ? SIZE_MAX : anew[*number];
	return SPN_OK;
}

spn_status spk_handovers_find(spn_directory *dir, const spn_plan *plan, spk_handovers *ret_handovers, spn_error *err)
{
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	SPK_AUTOKEYS spk_keys names = { 0 };
	spn_status status = spk_mapping_load(dir, &live, err);
	if (status)
		return status;
	ret_handovers->numbers = calloc(count_mods(plan) + 1, sizeof *ret_handovers->numbers);
	if (!ret_handovers->numbers)
		return spk_nomem(err);
	status = number_all(plan, &names, ret_handovers->numbers, err);
	if (!status)
		status = join(&live.mapping, plan, &names, ret_handovers->numbers, err);
	return status ? status : keep_handed_over(plan, names.n, ret_handovers, err);
}

spn_status spk_handovers_select(const spk_handovers *handovers, const spn_plan *plan, size_t first, size_t end,
		spn_plan **ret_part, spn_error *err)
{
	SPK_AUTO(spn_plan) *part = NULL;
	SPK_AUTOFREE spn_mod *mods = calloc(count_mods(plan) + 1, sizeof *mods);
	const size_t *number = handovers->numbers;
	spn_status status = mods ? spn_plan_new(&part, err) : spk_nomem(err);
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		spn_step of_part = *step;
		of_part.mods = mods;
		of_part.n_mods = 0;
		for (size_t j = 0; j < step->n_mods; j++, number++)
			if (*number >= first && *number < end)
				mods[of_part.n_mods++] = step->mods[j];
		if (of_part.n_mods)
			status = spn_plan_append(part, &of_part, err);
	}
	if (status)
		return status;
	spk_plan_allow(part, SPK_UNDO_ALLOWS);
	*ret_part = part;
	part = NULL;
	return SPN_OK;
}

void spk_handovers_free(spk_handovers *handovers)
{
	free(handovers->numbers);
}

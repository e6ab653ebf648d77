/* SPDX-License-Identifier: MIT */
#include "step.h"

#include "explain.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/fold.h"

/* The names that a step adds. */
static spn_status added_names(const spn_step *step, spk_names *ret_names, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < step->n_mods; i++)
		if (step->mods[i].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[i]))
			status = spk_names_add(ret_names, step->mods[i].value.data, err);
	return status;
}

spn_status spk_step_check_unique(spn_directory *dir, const spn_plan *done, spk_live_mapping *live, const spn_step *step,
		unsigned flags, spn_error *err)
{
	SPK_AUTONAMES spk_names names = { 0 };
	spn_status status = added_names(step, &names, err);
	if (status || names.n == 0)
		return status;
	if (!live->mapping.n && (status = spk_mapping_load(dir, live, err)))
		return status;
	return spk_check_unique(dir, done, &live->mapping, step->dn, (const char *const *)names.list, names.n, flags, err);
}

spn_status spk_step_check_by_cn(spn_directory *dir, const spn_step *step, const spk_teller *to, spn_error *err)
{
	SPK_AUTONAMES spk_names names = { 0 };
	spn_status status = added_names(step, &names, err);
	return status ? status : spk_check_by_cn(dir, step->dn, (const char *const *)names.list, names.n, to, err);
}

bool spk_mod_makes_way(const spn_step *taking, const spn_mod *taken, const spn_step *giving, const spn_mod *given)
{
	if (taken->op != SPN_MOD_DELETE || given->op != SPN_MOD_ADD || !spk_ascii_equal(taken->attr, given->attr) ||
			spk_ascii_equal(given->attr, "member"))
		return false;
	return spk_mod_is_spn(taken) ? spk_fold_equal(taken->value, given->value, SPK_FOLD_EITHER) :
			spk_dn_equal(taking->dn, giving->dn);
}

/* Whether a plan takes away what a change gives. */
static bool takes_away(const spn_plan *plan, const spn_step *giving, const spn_mod *given)
{
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; j < step->n_mods; j++)
			if (spk_mod_makes_way(step, &step->mods[j], giving, given))
				return true;
	}
	return false;
}

bool spk_step_may_fail(const spn_plan *plan, const spn_step *step, spn_status status)
{
	bool may = step->flags & SPN_OPTIONAL && status != SPN_ERR_UNREACHABLE && status != SPN_ERR_NOMEM &&
			status != SPN_ERR_STOPPED;
	for (size_t j = 0; may && j < step->n_mods; j++)
		may = !takes_away(plan, step, &step->mods[j]);
	return may;
}

bool spk_step_is_independent(const spn_step *step)
{
	for (size_t i = 0; i < step->n_mods; i++)
		if (spk_mod_is_spn(&step->mods[i]) || step->mods[i].op != SPN_MOD_ADD)
			return false;
	return step->flags & SPN_OPTIONAL;
}

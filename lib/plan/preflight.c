/* SPDX-License-Identifier: MIT */
#include "preflight.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "attributes.h"
#include "explain.h"
#include "rights.h"
#include "step.h"
#include "values.h"
#include "wayback.h"
#include "account/domain.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"

/* A plan is for one domain.  A controller holds no other one; a file may. */
static spn_status check_domain(const spn_plan *plan, spn_directory *dir, spn_error *err)
{
	for (size_t i = 0; spk_directory_is_local(dir) && i < spn_plan_count(plan); i++) {
		SPK_AUTOTEXT spk_text domain = { 0 };
		const char *dn = spn_plan_step(plan, i)->dn;
		if (spk_account_is_elsewhere(dir, dn, &domain))
			return spn_fail(err, SPN_ERR_REFUSED, 0,
					"step %zu changes '%s', which is in the domain '%s', not in the one that was "
					"chosen of '%s'. Nothing was changed",
					i + 1, dn, domain.data, spn_directory_url(dir));
	}
	return SPN_OK;
}

/* What is checked once for the whole plan: the attributes that it changes, its domain, whether names that it removes
 * could be restored, and permissions. */
static spn_status check_plan(const spn_plan *plan, spn_directory *dir, spn_error *err)
{
	spn_status status = spk_attributes_check(plan, err);
	if (!status)
		status = check_domain(plan, dir, err);
	if (!status)
		status = spk_directory_onwards(dir, spk_way_back_check(dir, plan, err));
	return status ? status : spk_rights_check(dir, plan, err);
}

/* A plan that is looked through, one step after the other. */
struct flight {
	spn_directory *dir;
	spk_live_mapping live; /* once a step adds names */
	spn_plan *done; /* the steps that count as carried out */
};

static spn_status refuse_value(const spn_step *step, const spn_mod *mod, bool present, spn_error *err)
{
	return present ? spk_fail_present(step, mod, err) : spk_fail_missing(step, mod, err);
}

/* A change of names that does not fit. */
static spn_status refuse_name(const spn_step *step, size_t misfit, spk_folding folding, spn_error *err)
{
	const spn_mod *mod = &step->mods[misfit];
	for (size_t j = 0; mod->op == SPN_MOD_DELETE && j < misfit; j++)
		if (step->mods[j].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[j]) &&
				spk_fold_equal(step->mods[j].value, mod->value, folding))
			return spn_fail(err, SPN_ERR_REFUSED, 0,
					"one step adds '%s' to '%s' and deletes it again: take both changes out of the plan",
					mod->value.data, step->dn);
	return refuse_value(step, mod, mod->op == SPN_MOD_ADD, err);
}

/* Compares names as the directory does, with the entry as the earlier steps leave it. */
static spn_status check_names(const struct flight *flight, const spn_step *step, spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	size_t misfit = step->n_mods;
	spn_status status = spk_names_read(flight->dir, step->dn, &entry, err);
	spk_folding folding = status ? SPK_FOLD_WINDOWS : spk_entry_folding(entry);
	if (!status)
		status = spk_plan_project(flight->done, entry, err);
	if (!status && folding == SPK_FOLD_SAMBA)
		status = spk_check_twins(step, entry, err);
	if (!status)
		status = spk_step_find_misfit(step, entry, &misfit, err);
	return status || misfit == step->n_mods ? status : refuse_name(step, misfit, folding, err);
}

static spn_status check_other(const struct flight *flight, const spn_step *step, size_t j, spn_error *err)
{
	const spn_mod *mod = &step->mods[j];
	bool present;
	spn_status status = spk_mod_is_present_behind(flight->dir, flight->done, step, j, mod, &present, err);
	return status || present == (mod->op == SPN_MOD_DELETE) ? status : refuse_value(step, mod, present, err);
}

static spn_status check_values(const struct flight *flight, const spn_step *step, spn_error *err)
{
	bool of_names = false;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < step->n_mods; i++) {
		of_names |= spk_mod_is_spn(&step->mods[i]);
		if (!spk_mod_is_spn(&step->mods[i]))
			status = spk_directory_onwards(flight->dir, check_other(flight, step, i, err));
		if (!status)
			status = spk_directory_onwards(
					flight->dir, spk_single_value_check(flight->dir, flight->done, step, i, err));
	}
	return status || !of_names ? status : check_names(flight, step, err);
}

/* Whether others hold the names that a step adds, or names that those cover. */
static spn_status check_holders(struct flight *flight, const spn_step *step, spn_error *err)
{
	spn_status status = spk_step_check_unique(flight->dir, flight->done, &flight->live, step, step->flags, err);
	for (size_t i = 0; !status && i < step->n_mods; i++)
		if (step->mods[i].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[i]))
			status = spk_addable_check(flight->dir, flight->done, &flight->live, step, i, err);
	return status;
}

/* What a file says of a step, behind those before it. */
static spn_status try(const struct flight *flight, const spn_step *step, spn_error *err)
{
	size_t n = 0, first;
	if (!spk_plan_first_of(flight->done, step->dn, &first))
		return spk_nomem(err);
	for (size_t i = first; i != SIZE_MAX; i = spk_plan_next_of(flight->done, i))
		n++;
	SPK_AUTOFREE spn_change *changes = calloc(n + 1, sizeof *changes);
	if (!changes)
		return spk_nomem(err);
	n = 0;
	for (size_t i = first; i != SIZE_MAX; i = spk_plan_next_of(flight->done, i)) {
		const spn_step *before = spn_plan_step(flight->done, i);
		changes[n++] = (spn_change){ before->dn, before->mods, before->n_mods };
	}
	changes[n++] = (spn_change){ step->dn, step->mods, step->n_mods };
	return spk_directory_try(flight->dir, changes, n, err);
}

static spn_status check_step(struct flight *flight, const spn_plan *plan, size_t i, spn_error *err)
{
	const spn_step *step = spn_plan_step(plan, i);
	spn_status status = spk_directory_onwards(flight->dir, check_values(flight, step, err));
	if (!status)
		status = spk_directory_onwards(flight->dir, spk_check_duplicate(flight->dir, plan, i, flight->done, err));
	if (!status)
		status = spk_directory_onwards(flight->dir, check_holders(flight, step, err));
	if (!status && !spk_plan_allows(plan, SPN_GIVES_BACK)) /* what an undo gives back was there */
		status = spk_directory_onwards(flight->dir, spk_step_check_by_cn(flight->dir, step, NULL, err));
	if (!status)
		status = spk_rights_check_step(flight->dir, flight->done, step, NULL, NULL, err);
	return status ? status : try(flight, step, err);
}

static bool changes_names(const spn_plan *plan)
{
	for (size_t i = 0; i < spn_plan_count(plan); i++)
		for (size_t j = 0; j < spn_plan_step(plan, i)->n_mods; j++)
			if (spk_mod_is_spn(&spn_plan_step(plan, i)->mods[j]))
				return true;
	return false;
}

spn_status spk_plan_foresee(const spn_plan *given, spn_directory *dir, size_t *ret_step, spn_error *err)
{
	struct flight flight = { .dir = dir };
	SPK_AUTO(spn_plan) *plan = NULL; /* the same, with a list of its names */
	spk_folding folding = SPK_FOLD_WINDOWS;
	*ret_step = spn_plan_count(given);
	spn_status status = changes_names(given) ? spk_directory_folding(dir, &folding, err) : SPN_OK;
	if (!status)
		status = spk_plan_copy_listed(given, folding, &plan, err);
	if (!status)
		status = spk_directory_onwards(dir, check_plan(plan, dir, err));
	if (!status)
		status = spn_plan_new(&flight.done, err);
	if (!status)
		status = spk_plan_list_names(flight.done, folding, err);
	for (size_t i = 0; !status && i < spn_plan_count(given); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		spn_error why = { .status = SPN_OK };
		status = spk_step_is_independent(step) ? SPN_OK :
				spk_directory_onwards(dir, check_step(&flight, plan, i, &why));
		if (!status) {
			status = spn_plan_append(flight.done, step, err);
		} else if (spk_step_may_fail(plan, step, status)) {
			status = SPN_OK;
		} else {
			*ret_step = i;
			if (err)
				*err = why;
		}
	}
	spk_mapping_free(&flight.live);
	spn_plan_free(flight.done);
	return status;
}

static void look_at_plan(spn_directory *dir, void *data)
{
	size_t step;
	(void)spk_plan_foresee(data, dir, &step, NULL);
}

spn_status spn_plan_preflight(const spn_plan *plan, spn_directory *dir, spn_error *err)
{
	size_t step;
	if (!plan || !dir)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_preflight: an argument is NULL");
	if (spn_plan_count(plan) <= SPK_LOOKED_AT)
		spk_directory_look_ahead(dir, NULL, look_at_plan, (void *)(uintptr_t)plan);
	spn_status status = spn_plan_count(plan) ? spk_plan_foresee(plan, dir, &step, err) : SPN_OK;
	spk_directory_forget(dir);
	return status;
}

/* SPDX-License-Identifier: MIT */
#include "preflight.h"

#include <string.h>

#include "apply.h"
#include "attributes.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/entry.h"
#include "rights.h"
#include "wayback.h"

spn_status spk_preflight_plan(const spn_plan *plan, spn_directory *dir, spn_error *err)
{
	spn_status status = spk_attributes_check(plan, err);
	if (!status)
		status = spk_way_back_check(dir, plan, err);
	return status ? status : spk_rights_check(dir, plan, err);
}

/* A plan that is looked through, one step after the other. */
struct flight {
	spn_directory *dir;
	spk_live_mapping live;
	spn_plan *done; /* the steps that count as carried out */
};

static spn_status refuse_value(const spn_step *step, const spn_mod *mod, bool present, spn_error *err)
{
	if (present)
		return spk_fail_present(step, mod, err);
	return spk_fail_missing(step, mod, err);
}

/* Names are compared as the directory does, with the entry as the steps before leave it. */
static spn_status check_names(const struct flight *flight, const spn_step *step, spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	spn_status status = spk_names_read(flight->dir, step->dn, &entry, err);
	if (!status)
		status = spk_plan_project(flight->done, entry, err);
	for (size_t i = 0; !status && i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		if (!spk_mod_is_spn(mod))
			continue;
		const spn_bytes *values, *stored = spk_stored_name(entry, mod->value);
		bool present = stored != NULL;
		spn_entry_values(entry, SPK_SPN, &values);
		if (present != (mod->op == SPN_MOD_DELETE))
			status = refuse_value(step, mod, present, err);
		else if (present)
			spk_entry_remove(entry, SPK_SPN, (size_t)(stored - values));
		else
			status = spn_entry_add(entry, SPK_SPN, mod->value, err);
	}
	return status;
}

/* The last word of the steps before about a value decides; else the directory does. */
static spn_status check_other(const struct flight *flight, const spn_step *step, const spn_mod *mod, spn_error *err)
{
	bool present = false, known = false;
	for (size_t i = 0; i < spn_plan_count(flight->done); i++) {
		const spn_step *before = spn_plan_step(flight->done, i);
		for (size_t j = 0; j < before->n_mods; j++)
			if (spk_mod_is_same_value(&before->mods[j], mod) && spk_dn_equal(before->dn, step->dn)) {
				known = true;
				present = before->mods[j].op == SPN_MOD_ADD;
			}
	}
	spn_status status = known ? SPN_OK : spk_mod_is_present(flight->dir, step->dn, mod, &present, err);
	return status || present == (mod->op == SPN_MOD_DELETE) ? status : refuse_value(step, mod, present, err);
}

static spn_status check_values(const struct flight *flight, const spn_step *step, spn_error *err)
{
	bool of_names = false;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < step->n_mods; i++) {
		of_names |= spk_mod_is_spn(&step->mods[i]);
		if (!spk_mod_is_spn(&step->mods[i]))
			status = check_other(flight, step, &step->mods[i], err);
		if (!status)
			status = spk_single_value_check(flight->dir, flight->done, step, i, err);
	}
	return status || !of_names ? status : check_names(flight, step, err);
}

static spn_status check_step(struct flight *flight, const spn_step *step, spn_error *err)
{
	spn_status status = check_values(flight, step, err);
	if (!status)
		status = spk_step_check_unique(flight->dir, flight->done, &flight->live, step, step->flags, err);
	if (!status)
		status = spk_rights_check_step(flight->dir, step, err);
	return status;
}

spn_status spn_plan_preflight(const spn_plan *plan, spn_directory *dir, spn_error *err)
{
	if (!plan || !dir)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_preflight: an argument is NULL");
	if (spn_plan_count(plan) == 0)
		return SPN_OK;
	struct flight flight = { .dir = dir };
	spn_status status = spk_preflight_plan(plan, dir, err);
	if (!status)
		status = spn_plan_new(&flight.done, err);
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		spn_error why = { .status = SPN_OK };
		status = check_step(&flight, step, &why);
		if (!status)
			status = spn_plan_append(flight.done, step, err);
		else if (spk_step_may_fail(plan, step, status))
			status = SPN_OK;
		else if (err)
			*err = why;
	}
	spk_mapping_free(&flight.live);
	spn_plan_free(flight.done);
	return status;
}

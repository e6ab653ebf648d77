/* SPDX-License-Identifier: MIT */
#include "undo_kept.h"

#include <string.h>

#include "explain.h"
#include "handover.h"
#include "holders.h"
#include "plan.h"
#include "rights.h"
#include "wayback.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/ldif/ldif.h"

static char *key_of(const spn_step *step, const spn_mod *mod)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	if (spk_mod_is_spn(mod))
		return strdup(mod->value.data);
	spk_text_add(&key, "%s of %s: ", mod->attr, step->dn);
	spk_base64_encode(&key, mod->value.data, mod->value.len);
	return key.failed ? NULL : strdup(key.data);
}

spn_status spk_kept_has(
		const spk_kept *kept, const spn_step *step, const spn_mod *mod, bool *ret_has, spn_error *err)
{
	SPK_AUTOFREE char *key = key_of(step, mod);
	if (!key)
		return spk_nomem(err);
	*ret_has = spk_names_contain(&kept->keys, key, kept->folding);
	return SPN_OK;
}

spn_status spk_kept_add_key(spk_kept *kept, const char *key, const char *reason, spn_error *err)
{
	spn_status status = key && reason ? spk_names_add(&kept->keys, key, err) : spk_nomem(err);
	return status ? status : spk_names_add(&kept->reasons, reason, err);
}

spn_status spk_kept_add(spk_kept *kept, const spn_step *step, const spn_mod *mod, const char *reason, spn_error *err)
{
	SPK_AUTOFREE char *key = key_of(step, mod);
	return spk_kept_add_key(kept, key, reason, err);
}

/* ---- what can be foreseen ---- */

/* A plan that is to undo, and what it is asked of. */
struct look {
	spk_kept *kept;
	spn_directory *dir;
	const spk_live_mapping *live;
	const spn_plan *plan;
	spn_plan *so_far; /* the steps of it that count as carried out */
};

/* Whether the plan gives a name to another account as well: a change took it from several, and no controller puts it
 * back on them. */
static bool was_on_several(const struct look *look, const spn_step *step, const spn_mod *mod)
{
	for (size_t i = 0; i < spn_plan_count(look->plan); i++) {
		const spn_step *other = spn_plan_step(look->plan, i);
		for (size_t j = 0; j < other->n_mods; j++)
			if (other->mods[j].op == SPN_MOD_ADD && spk_mod_is_spn(&other->mods[j]) && !spk_dn_equal(other->dn, step->dn) &&
					spk_fold_equal(other->mods[j].value, mod->value, look->kept->folding))
				return true;
	}
	return false;
}

/* A reason for which a plan would not be begun, as one for which a name stays where it is. */
static void cut_to_reason(spn_error *why)
{
	static const char end[] = ". Nothing was changed";
	size_t len = strlen(why->message);
	if (len >= sizeof end && strcmp(why->message + len - (sizeof end - 1), end) == 0)
		why->message[len - (sizeof end - 1)] = '\0';
}

/* A name that somebody else holds by now, or that the directory would refuse, stays as it is, on every account. */
static spn_status check_name(const struct look *look, const spn_step *step, size_t j, spn_error *err)
{
	const spn_mod *mod = &step->mods[j];
	const char *name = mod->value.data;
	spn_error why = { .status = SPN_OK };
	spn_status status = spk_addable_check(look->dir, look->so_far, look->live, step, j, &why);
	if (!status)
		status = spk_check_unique(
				look->dir, look->so_far, &look->live->mapping, step->dn, &name, 1, SPN_TAKEOVER, &why);
	if (status != SPN_ERR_NOT_UNIQUE && status != SPN_ERR_REFUSED) {
		if (status && err)
			*err = why;
		return status;
	}
	cut_to_reason(&why);
	SPK_AUTOFREE char *reason = spk_printf("'%s' is not given back to '%s': %s", name, step->dn,
			was_on_several(look, step, mod) ?
					"it was on several accounts, and a controller accepts it on one only" :
					why.message);
	return reason ? spk_kept_add(look->kept, step, mod, reason, err) : spk_nomem(err);
}

/* A name that could not be put back where it is, if it were refused where it was, stays where it is. */
static spn_status check_move(const struct look *look, size_t i, size_t j, spn_error *err)
{
	const spn_step *step = spn_plan_step(look->plan, i);
	spn_error why = { .status = SPN_OK };
	spn_status status = spk_move_back_check(look->dir, look->plan, look->so_far, look->live, i, j, &why);
	if (status != SPN_ERR_REFUSED)
		return status ? spk_fail_as(err, status, &why, "%s", why.message) : SPN_OK;
	cut_to_reason(&why);
	SPK_AUTOFREE char *reason = spk_printf("'%s' stays on '%s': %s", step->mods[j].value.data, step->dn, why.message);
	return reason ? spk_kept_add(look->kept, step, &step->mods[j], reason, err) : spk_nomem(err);
}

static spn_status add_denied(
		const spn_step *step, const spn_mod *mod, const spn_error *why, void *data, spn_error *err)
{
	spk_kept *kept = data;
	bool is_spn = spk_mod_is_spn(mod), has = false;
	spn_status status = spk_kept_has(kept, step, mod, &has, err);
	if (status || has)
		return status;
	SPK_AUTOFREE char *reason = spk_printf("'%s%s%s' %s: %s", is_spn ? "" : mod->attr, is_spn ? "" : ": ", mod->value.data,
			mod->op == SPN_MOD_ADD ? "is not given back" : "stays where it is", why->message);
	kept->n_denied++;
	return spk_kept_add(kept, step, mod, reason, err);
}

static spn_status check_step(const struct look *look, size_t i, spn_error *err)
{
	const spn_step *step = spn_plan_step(look->plan, i);
	spn_status status = SPN_OK;
	size_t n_kept = look->kept->keys.n;
	for (size_t j = 0; !status && j < step->n_mods; j++)
		if (step->mods[j].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[j]))
			status = check_name(look, step, j, err);
	if (!status)
		status = spn_plan_append(look->so_far, step, err);
	for (size_t j = 0; !status && j < step->n_mods; j++)
		status = check_move(look, i, j, err);
	if (status || look->kept->keys.n > n_kept || spk_directory_is_local(look->dir))
		return status;
	return spk_rights_check_step(look->dir, look->plan, step, add_denied, look->kept, err);
}

/* All names of a part of the plan stay where they are. */
static spn_status keep_part(const struct look *look, const spn_plan *part, spn_error *why, spn_error *err)
{
	spn_status status = SPN_OK;
	cut_to_reason(why);
	for (size_t i = 0; !status && i < spn_plan_count(part); i++) {
		const spn_step *step = spn_plan_step(part, i);
		for (size_t j = 0; !status && j < step->n_mods; j++)
			status = add_denied(step, &step->mods[j], why, look->kept, err);
	}
	return status;
}

/* A name that we might take from one account without being able to give it to anybody stays where it is.  Of many,
 * those are looked for by halves. */
static spn_status check_handovers(
		const struct look *look, const spk_handovers *handovers, size_t first, size_t end, spn_error *err)
{
	SPK_AUTO(spn_plan) *part = NULL;
	spn_error why = { .status = SPN_OK };
	spn_status status = spk_handovers_select(handovers, look->plan, first, end, &part, err);
	if (status)
		return status;
	status = spk_rights_check(look->dir, part, &why);
	if (status != SPN_ERR_DENIED)
		return status ? spk_fail_as(err, status, &why, "%s", why.message) : SPN_OK;
	if (end - first == 1)
		return keep_part(look, part, &why, err);
	size_t middle = first + (end - first) / 2;
	status = check_handovers(look, handovers, first, middle, err);
	return status ? status : check_handovers(look, handovers, middle, end, err);
}

spn_status spk_kept_foresee(
		spk_kept *kept, spn_directory *dir, const spk_live_mapping *live, const spn_plan *plan, size_t first,
		spn_error *err)
{
	SPK_AUTO(spn_plan) *so_far = NULL;
	SPK_AUTOHANDOVERS spk_handovers handovers = { 0 };
	spn_status status = spn_plan_new(&so_far, err);
	const struct look look = { kept, dir, live, plan, so_far };
	size_t n_kept = kept->keys.n;
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++)
		status = i < first ? spn_plan_append(so_far, spn_plan_step(plan, i), err) : check_step(&look, i, err);
	if (status || kept->keys.n > n_kept || spk_directory_is_local(dir))
		return status;
	status = spk_handovers_find(dir, plan, &handovers, err);
	return status || handovers.n == 0 ? status : check_handovers(&look, &handovers, 0, handovers.n, err);
}

void spk_kept_free(spk_kept *kept)
{
	spk_names_free(&kept->keys);
	spk_names_free(&kept->reasons);
}

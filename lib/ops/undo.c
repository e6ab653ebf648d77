/* SPDX-License-Identifier: MIT */
#include "apply.h"
#include "base/error.h"
#include "directory/directory.h"
#include "journal.h"
#include "model/dn.h"

/* Appends what of a step is still to be done. */
static spn_status append_rest(spn_plan *plan, spn_directory *dir, const spn_step *step, size_t *n_left_out, spn_error *err)
{
	SPK_AUTOFREE spn_mod *mods = calloc(step->n_mods, sizeof *mods);
	if (!mods)
		return spk_nomem(err);
	spn_step rest = *step;
	rest.mods = mods;
	rest.n_mods = 0;
	for (size_t i = 0; i < step->n_mods; i++) {
		bool present;
		spn_status status = spk_mod_is_present(dir, step->dn, &step->mods[i], &present, err);
		if (status)
			return status;
		if (present == (step->mods[i].op == SPN_MOD_ADD))
			++*n_left_out;
		else
			mods[rest.n_mods++] = step->mods[i];
	}
	/* what was optional to do is not optional to take back */
	rest.flags = SPN_STEP_TAKEOVER;
	return rest.n_mods ? spn_plan_append(plan, &rest, err) : SPN_OK;
}

static spn_status check_same_directory(spn_directory *dir, const char *path, const char *base, spn_error *err)
{
	const char *here;
	spn_status status = spk_directory_context(dir, "defaultNamingContext", &here, err);
	if (!status && *base && here && !spk_dn_equal(base, here))
		status = spn_fail(err, SPN_ERR_REFUSED, 0, "the journal '%s' belongs to '%s', and this directory is '%s'", path, base,
				here);
	return status;
}

static spn_status append_all(spn_plan *plan, spn_directory *dir, const spn_plan *inverses, const spk_teller *to,
		spn_error *err)
{
	size_t n_left_out = 0, before = spn_plan_count(plan);
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < spn_plan_count(inverses); i++)
		status = append_rest(plan, dir, spn_plan_step(inverses, i), &n_left_out, err);
	if (!status && n_left_out)
		status = spk_tell(to, err, "present", SPN_SEVERITY_OK, NULL, NULL, NULL, "%zu change%s already as before",
				n_left_out, n_left_out == 1 ? " is" : "s are");
	if (status)
		spk_plan_truncate(plan, before);
	return status;
}

spn_status spn_propose_undo(spn_plan *plan, spn_directory *dir, const char *path, spn_finding_fn *fn, void *data,
		spn_error *err)
{
	if (!plan || !dir || !path)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_propose_undo: an argument is NULL");
	SPK_AUTOFILE FILE *file = fopen(path, "re");
	SPK_AUTOHEAD struct spk_journal_head head = { .n = 0 };
	SPK_AUTO(spn_plan) *inverses = NULL;
	if (!file)
		return spk_journal_fail(err, "read", path);
	spn_status status = spk_journal_head_read(file, path, &head, err);
	if (!status)
		status = check_same_directory(dir, path, head.info.base, err);
	rewind(file);
	if (!status)
		status = spn_plan_read(file, path, &inverses, err);
	return status ? status : append_all(plan, dir, inverses, &(spk_teller){ fn, data }, err);
}

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apply.h"
#include "base/error.h"
#include "directory/directory.h"
#include "journal.h"
#include "model/dn.h"

static bool is_same_value(const spn_step *a, const spn_mod *x, const spn_step *b, const spn_mod *y)
{
	return x->value.len == y->value.len && memcmp(x->value.data, y->value.data, x->value.len) == 0 &&
			spk_ascii_equal(x->attr, y->attr) && spk_dn_equal(a->dn, b->dn);
}

/* Whether a later change of the journal is about the same value: it has the last word. */
static bool is_superseded(const spn_plan *inverses, size_t i, size_t j)
{
	const spn_step *step = spn_plan_step(inverses, i);
	for (size_t k = i; k < spn_plan_count(inverses); k++) {
		const spn_step *later = spn_plan_step(inverses, k);
		for (size_t m = k == i ? j + 1 : 0; m < later->n_mods; m++)
			if (is_same_value(step, &step->mods[j], later, &later->mods[m]))
				return true;
	}
	return false;
}

/* Appends what of step i is still to be done. */
static spn_status append_rest(spn_plan *plan, spn_directory *dir, const spn_plan *inverses, size_t i, size_t *n_left_out,
		spn_error *err)
{
	const spn_step *step = spn_plan_step(inverses, i);
	SPK_AUTOFREE spn_mod *mods = calloc(step->n_mods, sizeof *mods);
	if (!mods)
		return spk_nomem(err);
	spn_step rest = *step;
	rest.mods = mods;
	rest.n_mods = 0;
	for (size_t j = 0; j < step->n_mods; j++) {
		bool present;
		if (is_superseded(inverses, i, j))
			continue;
		spn_status status = spk_mod_is_present(dir, step->dn, &step->mods[j], &present, err);
		if (status)
			return status;
		if (present == (step->mods[j].op == SPN_MOD_ADD))
			++*n_left_out;
		else
			mods[rest.n_mods++] = step->mods[j];
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
		status = append_rest(plan, dir, inverses, i, &n_left_out, err);
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

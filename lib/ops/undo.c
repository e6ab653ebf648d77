/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apply.h"
#include "base/error.h"
#include "directory/directory.h"
#include "identity.h"
#include "journal.h"
#include "journal_file.h"
#include "model/dn.h"
#include "model/fold.h"

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

/* Whether a record of the journal gives a name to some account, and is carried out: none later is about the same. */
static bool is_given_back(const spn_plan *inverses, spn_bytes name)
{
	for (size_t i = 0; i < spn_plan_count(inverses); i++) {
		const spn_step *step = spn_plan_step(inverses, i);
		for (size_t j = 0; j < step->n_mods; j++)
			if (step->mods[j].op == SPN_MOD_ADD && spk_fold_equal(step->mods[j].value, name, SPK_FOLD_WINDOWS) &&
					!is_superseded(inverses, i, j))
				return true;
	}
	return false;
}

/* Of a torn journal: a name that somebody held at the start, and whose way back there is in the missing part, stays where it is,
 * for taken away it would be on nobody. */
static bool would_be_lost(const struct spk_journal *journal, const spn_mod *mod)
{
	return journal->torn && mod->op == SPN_MOD_DELETE && spk_ascii_equal(mod->attr, SPK_SPN) &&
			spk_journal_knows(journal, mod->value) && !is_given_back(journal->inverses, mod->value);
}

/* What is not proposed, and why. */
struct left_out {
	size_t as_before, lost;
};

/* Appends what of step i is still to be done. */
static spn_status append_rest(spn_plan *plan, spn_directory *dir, const struct spk_journal *journal, size_t i,
		struct left_out *left_out, spn_error *err)
{
	const spn_plan *inverses = journal->inverses;
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
		if (would_be_lost(journal, &step->mods[j])) {
			left_out->lost++;
			continue;
		}
		spn_status status = spk_mod_is_present(dir, step->dn, &step->mods[j], &present, err);
		if (status)
			return status;
		if (present == (step->mods[j].op == SPN_MOD_ADD))
			left_out->as_before++;
		else
			mods[rest.n_mods++] = step->mods[j];
	}
	/* what was optional to do is not optional to take back */
	rest.flags = SPN_TAKEOVER;
	return rest.n_mods ? spn_plan_append(plan, &rest, err) : SPN_OK;
}

static spn_status tell(const struct spk_journal *journal, const struct left_out *left_out, const char *path,
		const spk_teller *to, spn_error *err)
{
	spn_status status = SPN_OK;
	if (left_out->as_before)
		status = spk_tell(to, err, "present", SPN_SEVERITY_OK, NULL, NULL, NULL, "%zu change%s already as before",
				left_out->as_before, left_out->as_before == 1 ? " is" : "s are");
	if (status || !journal->torn)
		return status;
	char lost[96] = "";
	if (left_out->lost)
		snprintf(lost, sizeof lost, left_out->lost == 1 ? "; %zu name stays where it is, because nothing would give it back"
				: "; %zu names stay where they are, because nothing would give them back", left_out->lost);
	return spk_tell(to, err, "torn", SPN_SEVERITY_WARNING, NULL, NULL, NULL, "the journal '%s' is cut off: the first steps of the "
			"work may be missing, and then stay as they are (its 'before' lines tell what was)%s", path, lost);
}

static spn_status append_all(spn_plan *plan, spn_directory *dir, const struct spk_journal *journal, const char *path,
		const spk_teller *to, spn_error *err)
{
	struct left_out left_out = { 0 };
	size_t before = spn_plan_count(plan);
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < spn_plan_count(journal->inverses); i++)
		status = append_rest(plan, dir, journal, i, &left_out, err);
	if (!status)
		status = tell(journal, &left_out, path, to, err);
	if (status)
		spk_plan_truncate(plan, before);
	return status;
}

spn_status spn_propose_undo(spn_plan *plan, spn_directory *dir, const char *path, unsigned flags, spn_finding_fn *fn, void *data,
		spn_error *err)
{
	if (!plan || !dir || !path)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_propose_undo: an argument is NULL");
	SPK_AUTOJOURNALFILE struct spk_journal_file file = SPK_JOURNAL_FILE_INIT;
	SPK_AUTOJOURNAL struct spk_journal journal = { .text = NULL };
	spn_status status = spk_flags_check("spn_propose_undo", flags, SPN_ELSEWHERE, err);
	if (!status)
		status = spk_journal_file_open(path, true, &file, err);
	if (!status && file.info.problem)
		status = spn_fail(err, SPN_ERR_REFUSED, 0, "the journal '%s' is not used: %s", path, file.info.problem);
	if (!status)
		status = flags & SPN_ELSEWHERE ? spk_identity_check_base(&file.info, dir, err) : spk_identity_check(&file.info, dir, err);
	if (!status)
		status = spk_journal_load(&file.text, path, &journal, err);
	if (!status) /* of an undo, the journal is the way back */
		status = spn_plan_allow(plan, SPN_UNSURE | SPN_NO_WAY_BACK | SPN_ANY_ATTRIBUTE, err); /* what the journal says was allowed once */
	return status ? status : append_all(plan, dir, &journal, path, &(spk_teller){ fn, data }, err);
}

/* SPDX-License-Identifier: MIT */
/* send.c - one step: checked, recorded, sent, taken back */
#include "work.h"

#include <stdint.h>
#include <string.h>

#include "explain.h"
#include "journal.h"
#include "samba.h"
#include "spell.h"
#include "step.h"
#include "values.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"

spn_status spk_work_tell(const struct spk_work *work, size_t i, const spn_step *step, spn_step_state state,
		const spn_error *why, spn_error *err)
{
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(work->fn ? work->fn(i, step, state, why, work->data, err) : SPN_OK, before, err);
}

spn_status spk_work_check_unique(struct spk_work *work, const spn_step *step, unsigned flags, spn_error *err)
{
	return spk_step_check_unique(work->dir, NULL, &work->live, step, flags, err);
}

/* When the directory gave no answer: have the changes of a step been made? */
static spn_status is_carried_out(struct spk_work *work, const spn_step *step, bool *ret_done, spn_error *err)
{
	for (size_t i = 0; i < step->n_mods; i++) {
		bool present;
		spn_status status = spk_mod_is_present(work->dir, step->dn, &step->mods[i], &present, err);
		if (status)
			return status;
		if (present != (step->mods[i].op == SPN_MOD_ADD)) {
			*ret_done = false;
			return SPN_OK;
		}
	}
	*ret_done = true;
	return SPN_OK;
}

/* Behind a name that comes and goes, Samba does not look at the changes of a step (samba.h). */
static spn_status send_past_samba(struct spk_work *work, const spn_step *step, spn_error *err)
{
	SPK_AUTOFREE spn_mod *mods = calloc(step->n_mods + 2, sizeof *mods);
	SPK_AUTOFREE char *fleeting = NULL;
	spn_status status = mods ? spk_samba_make_fleeting(work->dir, step->dn, &fleeting, err) : spk_nomem(err);
	if (status)
		return status;
	mods[0] = (spn_mod){ SPN_MOD_ADD, SPK_SPN, spk_bytes(fleeting) };
	mods[1] = (spn_mod){ SPN_MOD_DELETE, SPK_SPN, spk_bytes(fleeting) };
	memcpy(mods + 2, step->mods, step->n_mods * sizeof *mods);
	return spn_directory_modify(work->dir, step->dn, mods, step->n_mods + 2, err);
}

/* Whoever the directory finds by a name holds it, be it that we see none that is equal. */
static spn_status look_at_found(const spn_entry *entry, void *data, spn_error *err)
{
	const spn_step *step = data;
	return spk_dn_equal(spn_entry_dn(entry), step->dn) ? SPN_OK : spn_fail(err, SPN_ERR_NOT_UNIQUE, 0,
			"the directory takes one of the names of '%s' for a name of '%s'", spn_entry_dn(entry), step->dn);
}

static spn_status check_unfound(struct spk_work *work, const spn_step *step, spn_error *err)
{
	static const char *const attrs[] = { "objectClass", NULL };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < step->n_mods; i++) {
		const spn_filter equal = { .op = SPN_FILTER_EQUAL, .attr = SPK_SPN, .value = step->mods[i].value };
		const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &equal, .attrs = attrs };
		if (step->mods[i].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[i]))
			status = spn_directory_search(work->dir, &search, look_at_found, (void *)(uintptr_t)step, err);
	}
	return status;
}

/* What the directory then no longer sees to is seen to here: no name of another account is added. */
static spn_status add_past_samba(struct spk_work *work, const spn_step *step, spn_error *err)
{
	unsigned flags = step->flags | SPN_TAKEOVER;
	SPK_AUTO(spn_plan) *inverse = NULL;
	spn_status status = check_unfound(work, step, err);
	if (!status)
		status = spk_work_check_unique(work, step, flags, err);
	if (!status)
		status = spn_plan_new(&inverse, err);
	if (!status)
		status = spk_step_invert(step, inverse, err);
	if (!status)
		status = send_past_samba(work, step, err);
	if (status)
		return status;
	status = check_unfound(work, step, err);
	if (!status)
		status = spk_work_check_unique(work, step, flags, err);
	if (status == SPN_ERR_NOT_UNIQUE)
		return send_past_samba(work, spn_plan_step(inverse, 0), NULL) ? SPN_ERR_UNREACHABLE : status;
	return SPN_OK;
}

static spn_status modify(struct spk_work *work, const spn_step *step, spn_error *err)
{
	spn_error cause = { .status = SPN_OK };
	bool deletes = spk_samba_begins_by_deleting(step); /* then Samba does not look at what is added behind */
	spn_status status = deletes ? check_unfound(work, step, err) : SPN_OK;
	if (status)
		return status;
	status = spn_directory_modify(work->dir, step->dn, step->mods, step->n_mods, &cause);
	if (spk_samba_is_to_be_passed(step, status, &cause)) {
		spn_status again = deletes ? send_past_samba(work, step, NULL) : add_past_samba(work, step, NULL);
		if (!again || again == SPN_ERR_UNREACHABLE)
			return again ? spk_fail_as(err, again, &cause,
						       "no answer: the change of '%s' may stand or not", step->dn) :
				       SPN_OK;
	}
	if (status && err)
		*err = cause;
	return status;
}

spn_status spk_work_look_after(struct spk_work *work, const spn_step *step, spn_status status, spn_error *err)
{
	if (status != SPN_ERR_UNREACHABLE)
		return status;
	bool done;
	if (is_carried_out(work, step, &done, NULL)) {
		work->uncertain = true;
		return spk_prefix(err, status, "it is not known whether the change of '%s' was made: ", step->dn);
	}
	return done ? SPN_OK : status;
}

static spn_status send(struct spk_work *work, const spn_step *step, spn_error *err)
{
	return spk_work_look_after(work, step, modify(work, step, err), err);
}

spn_status spk_work_take_back(struct spk_work *work, const spn_step *step, spn_error *err)
{
	SPK_AUTO(spn_plan) *inverse = NULL;
	spn_status status = spn_plan_new(&inverse, err);
	if (!status)
		status = spk_step_invert(step, inverse, err);
	if (status)
		return status;
	const spn_step *whole = spn_plan_step(inverse, 0);
	status = send(work, whole, err);
	if (!status || status == SPN_ERR_UNREACHABLE || whole->n_mods == 1)
		return status;
	spn_error first = { .status = SPN_OK };
	for (size_t j = 0; j < whole->n_mods && first.status != SPN_ERR_UNREACHABLE; j++) {
		spn_step part = *whole;
		part.mods = &whole->mods[j];
		part.n_mods = 1;
		spn_error why = { .status = SPN_OK };
		if (send(work, &part, &why) && (!first.status || why.status == SPN_ERR_UNREACHABLE))
			first = why;
	}
	if (first.status && err)
		*err = first;
	return first.status;
}

spn_status spk_work_keep(struct spk_work *work, size_t i, const spn_step *step, spn_error *err)
{
	work->numbers[spn_plan_count(work->sent)] = i;
	return spn_plan_append(work->sent, step, err);
}

/* Of a value that is not there, the inverse would add what never was; of one that is there, it would take away what was
 * before.  (For names, spell_as_stored and the notes of the journal see to that.) */
spn_status spk_work_check_others(struct spk_work *work, const spn_step *step, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		bool present, wanted = mod->op == SPN_MOD_DELETE;
		if (spk_mod_is_spn(mod))
			continue;
		status = spk_mod_is_present_behind(work->dir, NULL, step, i, mod, &present, err);
		if (!status && present != wanted)
			status = present ? spk_fail_present(step, mod, err) : spk_fail_missing(step, mod, err);
	}
	return status;
}

/* Tells a step, and records how to take back what will be sent of it. */
static spn_status announce(struct spk_work *work, size_t i, const spn_step *planned, const spn_step *step,
		spn_error *err)
{
	spn_status status = spk_work_tell(work, i, planned, SPN_STEP_PLANNED, NULL, err);
	if (!status)
		status = spk_journal_push(work->journal, &step, 1, err);
	work->is_stuck |= status != SPN_OK;
	return status;
}

spn_status spk_work_carry_out(struct spk_work *work, size_t i, const spn_step *planned, spn_error *err)
{
	SPK_AUTOFREE spn_mod *mods = calloc(planned->n_mods, sizeof *mods);
	SPK_AUTO(spn_entry) *entry = NULL; /* keeps the spellings that mods point to */
	if (!mods)
		return spk_nomem(err);
	spn_step step = *planned;
	step.mods = mods;
	spn_status status = spk_spell_as_stored(work->dir, planned, mods, &entry, err);
	if (!status)
		status = spk_work_check_others(work, planned, err);
	if (!status)
		status = spk_work_check_unique(work, planned, planned->flags, err);
	if (!status)
		status = spk_check_duplicate(work->dir, work->plan, i, NULL, err);
	if (!status)
		status = announce(work, i, planned, &step, err);
	if (status)
		return status;
	/* noted before it is sent, so that no lack of memory can come between the change and the note */
	status = spk_work_keep(work, i, &step, err);
	if (!status) {
		status = send(work, &step, err);
		if (status)
			spk_plan_truncate(work->sent, spn_plan_count(work->sent) - 1);
	}
	if (status && !work->uncertain)
		spk_journal_forget(work->journal, 0);
	if (status == SPN_ERR_NOT_FOUND && entry && err) /* what was read just before is gone */
		status = spk_fail_win32(err, SPN_ERR_REFUSED, err->native, err->win32,
				"another writer came in between: %s", err->message);
	return status ? spk_explain(work->dir, &step, status, err) : SPN_OK;
}

spn_status spk_work_check_after(struct spk_work *work, size_t i, const spn_step *step, spn_error *err)
{
	spn_status status = spk_work_check_unique(work, step, step->flags | SPN_TAKEOVER, err);
	if (!status)
		status = spk_check_duplicate(work->dir, work->plan, i, NULL, err);
	if (status == SPN_ERR_NOT_UNIQUE || status == SPN_ERR_REFUSED)
		return spk_prefix(err, status, "another writer came in between: ");
	return status;
}

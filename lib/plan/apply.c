/* SPDX-License-Identifier: MIT */
#include "step.h"

#include <stdint.h>
#include <string.h>

#include "explain.h"
#include "journal.h"
#include "preflight.h"
#include "samba.h"
#include "spell.h"
#include "values.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"

/* The work on one plan. */
struct work {
	const spn_plan *plan;
	spn_directory *dir;
	spn_journal *journal;
	spn_step_fn *fn;
	void *data;
	spk_live_mapping live;
	spn_plan *sent;    /* the steps that stand, as they were sent */
	size_t *numbers;   /* of each of those, its number in plan */
	bool uncertain;    /* a step whose fate is not known */
};

static spn_status tell(const struct work *work, size_t i, const spn_step *step, spn_step_state state,
		const spn_error *why, spn_error *err)
{
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(work->fn ? work->fn(i, step, state, why, work->data, err) : SPN_OK, before, err);
}

static spn_status check_unique(struct work *work, const spn_step *step, unsigned flags, spn_error *err)
{
	return spk_step_check_unique(work->dir, NULL, &work->live, step, flags, err);
}

/* When the directory gave no answer: have the changes of a step been made? */
static spn_status is_carried_out(struct work *work, const spn_step *step, bool *ret_done, spn_error *err)
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
static spn_status send_past_samba(struct work *work, const spn_step *step, spn_error *err)
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

static spn_status check_unfound(struct work *work, const spn_step *step, spn_error *err)
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
static spn_status add_past_samba(struct work *work, const spn_step *step, spn_error *err)
{
	unsigned flags = step->flags | SPN_TAKEOVER;
	SPK_AUTO(spn_plan) *inverse = NULL;
	spn_status status = check_unfound(work, step, err);
	if (!status)
		status = check_unique(work, step, flags, err);
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
		status = check_unique(work, step, flags, err);
	if (status == SPN_ERR_NOT_UNIQUE)
		return send_past_samba(work, spn_plan_step(inverse, 0), NULL) ? SPN_ERR_UNREACHABLE : status;
	return SPN_OK;
}

static spn_status modify(struct work *work, const spn_step *step, spn_error *err)
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

/* An answer that did not come is replaced by a look at the entry. */
static spn_status look_after(struct work *work, const spn_step *step, spn_status status, spn_error *err)
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

static spn_status send(struct work *work, const spn_step *step, spn_error *err)
{
	return look_after(work, step, modify(work, step, err), err);
}

static spn_status keep(struct work *work, size_t i, const spn_step *step, spn_error *err)
{
	work->numbers[spn_plan_count(work->sent)] = i;
	return spn_plan_append(work->sent, step, err);
}

/* Sends the opposite of a step.  If that is refused as a whole, its changes are sent one by one: some of them may
 * pass. */
static spn_status take_back(struct work *work, const spn_step *step, spn_error *err)
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

/* Takes step i of those that were sent back. */
static spn_status take_back_sent(struct work *work, size_t i, spn_error *err)
{
	const spn_step *step = spn_plan_step(work->sent, i);
	spn_status status = take_back(work, step, err);
	if (!status)
		tell(work, work->numbers[i], step, SPN_STEP_UNDONE, NULL, NULL);
	return status;
}

/* Takes the last step that stands back, and forgets it. */
static spn_status take_back_last(struct work *work, spn_error *err)
{
	size_t last = spn_plan_count(work->sent) - 1;
	spn_status status = take_back_sent(work, last, err);
	if (!status)
		spk_plan_truncate(work->sent, last);
	return status;
}

/* Of a value that is not there, the inverse would add what never was; of one that is there, it would take away what was
 * before.  (For names, spell_as_stored and the notes of the journal see to that.) */
static spn_status check_others(struct work *work, const spn_step *step, spn_error *err)
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

/* Everything of one step up to its being sent; it stands if this returns SPN_OK. */
static spn_status carry_out(struct work *work, size_t i, const spn_step *planned, spn_error *err)
{
	SPK_AUTOFREE spn_mod *mods = calloc(planned->n_mods, sizeof *mods);
	SPK_AUTO(spn_entry) *entry = NULL; /* keeps the spellings that mods point to */
	if (!mods)
		return spk_nomem(err);
	spn_step step = *planned;
	step.mods = mods;
	spn_status status = spk_spell_as_stored(work->dir, planned, mods, &entry, err);
	if (!status)
		status = check_others(work, planned, err);
	if (!status)
		status = check_unique(work, planned, planned->flags, err);
	if (!status)
		status = spk_check_duplicate(work->dir, work->plan, i, NULL, err);
	if (!status)
		status = tell(work, i, planned, SPN_STEP_PLANNED, NULL, err);
	if (!status)
		status = spk_journal_push(work->journal, &(const spn_step *){ &step }, 1, err);
	if (status)
		return status;
	/* noted before it is sent, so that no lack of memory can come between the change and the note */
	status = keep(work, i, &step, err);
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

/* Has another writer added one of the names while we did, or taken its own away?  Then our step is taken back. */
static spn_status check_after(struct work *work, size_t i, spn_error *err)
{
	const spn_step *step = spn_plan_step(work->plan, i);
	spn_status status = check_unique(work, step, step->flags | SPN_TAKEOVER, err);
	if (!status)
		status = spk_check_duplicate(work->dir, work->plan, i, NULL, err);
	if (status == SPN_ERR_NOT_UNIQUE || status == SPN_ERR_REFUSED)
		return spk_prefix(err, status, "another writer came in between: ");
	return status;
}

/* An optional step that failed is reported, and that is all; unless nothing is sure any more. */
static bool may_go_on(const struct work *work, const spn_step *step, spn_status status)
{
	return !work->uncertain && spk_step_may_fail(work->plan, step, status);
}

/* More would be a long time in which nobody can interrupt. */
#define MAX_BATCH 512

/* Optional steps that add values other than names to different entries need not wait for each other. */
struct batch {
	const spn_step *steps[MAX_BATCH];
	spn_change changes[MAX_BATCH];
	size_t numbers[MAX_BATCH]; /* in the plan */
	spn_error outcomes[MAX_BATCH];
	size_t n;
};

/* How many steps from i on may be on their way together. */
static size_t count_independent(const spn_plan *plan, size_t i)
{
	size_t n = 0;
	for (; i + n < spn_plan_count(plan) && n < MAX_BATCH; n++) {
		const spn_step *step = spn_plan_step(plan, i + n);
		bool again = false;
		for (size_t j = 0; j < n && !again; j++)
			again = spk_dn_equal(step->dn, spn_plan_step(plan, i + j)->dn);
		if (again || !spk_step_is_independent(step))
			break;
	}
	return n;
}

/* ---- what is asked for before it is needed ---- */

/* What is read before a step is sent. */
static void look_before(struct work *work, size_t i)
{
	size_t n = count_independent(work->plan, i);
	const spn_step *step = spn_plan_step(work->plan, i);
	for (size_t j = 0; j < n; j++)
		(void)check_others(work, spn_plan_step(work->plan, i + j), NULL);
	if (n > 0)
		return;
	SPK_AUTOFREE spn_mod *mods = calloc(step->n_mods, sizeof *mods);
	SPK_AUTO(spn_entry) *entry = NULL;
	if (!mods)
		return;
	(void)spk_spell_as_stored(work->dir, step, mods, &entry, NULL);
	(void)check_others(work, step, NULL);
	(void)check_unique(work, step, step->flags, NULL);
	(void)spk_check_duplicate(work->dir, work->plan, i, NULL, NULL);
}

struct look {
	struct work *work;
	size_t i;
};

static void look_at_step(spn_directory *dir, void *data)
{
	const struct look *look = data;
	(void)dir;
	look_before(look->work, look->i);
}

/* All that is read before the first step is sent. */
static void look_at_start(spn_directory *dir, void *data)
{
	struct work *work = data;
	size_t i;
	(void)spk_plan_foresee(work->plan, dir, &i, NULL);
	if (work->journal)
		spk_journal_look(work->plan, dir);
	look_before(work, 0);
}

static bool is_followed_by_independent(const spn_plan *plan, size_t i)
{
	return i + 1 < spn_plan_count(plan) && spk_step_is_independent(spn_plan_step(plan, i + 1));
}

/* Behind a step: optional ones that come next and add values which the directory refuses if they are there already, so
 * that it does not matter when that was looked at, are looked at together with it. */
static void look_behind(spn_directory *dir, void *data)
{
	const struct look *look = data;
	struct work *work = look->work;
	const spn_step *step = spn_plan_step(work->plan, look->i);
	(void)dir;
	(void)check_unique(work, step, step->flags | SPN_TAKEOVER, NULL);
	(void)spk_check_duplicate(work->dir, work->plan, look->i, NULL, NULL);
	if (is_followed_by_independent(work->plan, look->i))
		look_before(work, look->i + 1);
}

static void look_ahead(struct work *work, size_t i, spk_look_fn *fn)
{
	spk_directory_look_ahead(work->dir, NULL, fn, &(struct look){ work, i });
}

static spn_status do_step(struct work *work, size_t i, spn_error *err)
{
	const spn_step *step = spn_plan_step(work->plan, i);
	size_t n_sent = spn_plan_count(work->sent);
	spn_error cause = { .status = SPN_OK };
	if (!spk_directory_is_ahead(work->dir))
		look_ahead(work, i, look_at_step);
	spn_status status = carry_out(work, i, step, &cause);
	if (!status)
		look_ahead(work, i, look_behind);
	if (!status)
		status = check_after(work, i, &cause);
	if (!is_followed_by_independent(work->plan, i)) /* what a step of names needs is read once those before are told */
		spk_directory_forget(work->dir);
	if (!status)
		return tell(work, i, step, SPN_STEP_DONE, NULL, err);
	tell(work, i, step, SPN_STEP_FAILED, &cause, NULL);
	if (may_go_on(work, step, status) && (spn_plan_count(work->sent) == n_sent || !take_back_last(work, NULL)))
		return SPN_OK;
	if (err)
		*err = cause;
	return status;
}

/* ---- several steps at once ---- */

/* Announces the steps; one that cannot be made, or that somebody objects to, has failed. */
static spn_status gather(struct work *work, size_t first, size_t n, struct batch *batch, spn_error *err)
{
	spn_status worst = SPN_OK;
	for (size_t i = first; !worst && i < first + n; i++) {
		const spn_step *step = spn_plan_step(work->plan, i);
		spn_error cause = { .status = SPN_OK };
		spn_status status = check_others(work, step, &cause);
		if (!status)
			status = tell(work, i, step, SPN_STEP_PLANNED, NULL, &cause);
		if (!status) {
			batch->steps[batch->n] = step;
			batch->changes[batch->n] = (spn_change){ step->dn, step->mods, step->n_mods };
			batch->numbers[batch->n++] = i;
			continue;
		}
		tell(work, i, step, SPN_STEP_FAILED, &cause, NULL);
		if (!may_go_on(work, step, status)) {
			worst = status;
			if (err)
				*err = cause;
		}
	}
	return worst;
}

/* What became of one step of a batch, of which those behind it stand until it is their turn.  Returns why the work
 * cannot go on, if so. */
static spn_status settle(struct work *work, struct batch *batch, size_t i, spn_error *err)
{
	const spn_step *step = batch->steps[i];
	size_t behind = batch->n - 1 - i, at = spn_plan_count(work->sent) - 1 - behind;
	spn_error *cause = &batch->outcomes[i];
	/* once nobody answers, nobody is asked any more */
	spn_status status = work->uncertain ? cause->status : look_after(work, step, cause->status, cause);
	if (!status)
		return tell(work, batch->numbers[i], step, SPN_STEP_DONE, NULL, err);
	spk_plan_remove(work->sent, at);
	memmove(&work->numbers[at], &work->numbers[at + 1], behind * sizeof *work->numbers);
	if (!work->uncertain) {
		spk_journal_forget(work->journal, behind);
		spk_explain(work->dir, step, status, cause);
	}
	tell(work, batch->numbers[i], step, SPN_STEP_FAILED, cause, NULL);
	if (may_go_on(work, step, status))
		return SPN_OK;
	if (err)
		*err = *cause;
	return status;
}

static void not_sent(const struct work *work, const struct batch *batch, const spn_error *why)
{
	static const spn_error unknown = { .status = SPN_ERR_FAILED };
	for (size_t i = 0; i < batch->n; i++)
		tell(work, batch->numbers[i], batch->steps[i], SPN_STEP_FAILED, why ? why : &unknown, NULL);
}

/* As do_step, for all of them. */
static spn_status do_batch(struct work *work, size_t first, size_t n, spn_error *err)
{
	SPK_AUTOFREE struct batch *batch = calloc(1, sizeof *batch);
	if (!batch)
		return spk_nomem(err);
	size_t before = spn_plan_count(work->sent);
	if (!spk_directory_is_ahead(work->dir))
		look_ahead(work, first, look_at_step);
	spn_status status = gather(work, first, n, batch, err);
	/* noted before they are sent, as single ones are */
	for (size_t i = 0; !status && i < batch->n; i++)
		status = keep(work, batch->numbers[i], batch->steps[i], err);
	if (!status)
		status = spk_journal_push(work->journal, batch->steps, batch->n, err);
	if (status) {
		spk_plan_truncate(work->sent, before);
		not_sent(work, batch, err);
		return status;
	}
	spk_directory_modify_many(work->dir, batch->changes, batch->n, batch->outcomes);
	spn_error first_cause = { .status = SPN_OK };
	for (size_t i = 0; i < batch->n; i++) {
		spn_error cause = { .status = SPN_OK };
		if (settle(work, batch, i, &cause) && !status) {
			first_cause = cause;
			status = cause.status;
		}
	}
	if (status && err)
		*err = first_cause;
	return status;
}

/* Goes on after a step that cannot be taken back, but not once the server does not answer. */
static spn_status take_back_all_sent(struct work *work, spn_error *err)
{
	spn_error first = { .status = SPN_OK };
	for (size_t i = spn_plan_count(work->sent); i-- > 0 && first.status != SPN_ERR_UNREACHABLE;) {
		spn_error why = { .status = SPN_OK };
		if (take_back_sent(work, i, &why) && (!first.status || why.status == SPN_ERR_UNREACHABLE))
			first = why;
	}
	if (first.status && err)
		*err = first;
	return first.status;
}

static spn_status take_all_back(struct work *work, spn_status why, spn_error *err)
{
	spn_error second = { .status = SPN_OK }, unwritten = { .status = SPN_OK };
	spn_status status = take_back_all_sent(work, &second);
	bool whole = !status && !work->uncertain;
	spn_status finished = spk_journal_finish(work->journal, whole ? SPN_JOURNAL_UNDONE : SPN_JOURNAL_HALF, &unwritten);
	SPK_AUTOFREE char *cause = strdup(err ? err->message : "");
	if (whole && !finished)
		return why;
	if (whole)
		return spk_fail_as(err, why, err, "%s; everything was taken back, but the "
				"journal still says that the work goes on (%s)", cause ? cause : "", unwritten.message);
	return spk_fail_as(err, SPN_ERR_HALF_DONE, err, "%s; %s%s%s%s%s", cause ? cause : "",
			status ? "and the changes could not be rolled back completely (" : "undo will restore it when the directory answers",
			status ? second.message : "", status ? ")" : "", work->journal ? ": the journal is " : "",
			work->journal ? spn_journal_path(work->journal) : "");
}

static spn_status run(struct work *work, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0, n; !status && i < spn_plan_count(work->plan); i += n) {
		n = count_independent(work->plan, i);
		if (n > 1)
			status = do_batch(work, i, n, err);
		else
			status = do_step(work, i, err);
		n += n == 0;
	}
	if (status)
		return take_all_back(work, status, err);
	spn_error why = { .status = SPN_OK };
	status = spk_journal_finish(work->journal, SPN_JOURNAL_DONE, &why);
	return status ? spk_fail_as(err, SPN_ERR_HALF_DONE, &why, "everything was done, but %s", why.message) : SPN_OK;
}

/* Nothing is begun that would be refused on the way. */
static spn_status foresee(const spn_plan *plan, spn_directory *dir, spn_step_fn *fn, void *data, spn_error *err)
{
	size_t i;
	spn_error why = { .status = SPN_OK };
	spn_status status = spk_plan_foresee(plan, dir, &i, &why);
	if (status && fn && i < spn_plan_count(plan))
		fn(i, spn_plan_step(plan, i), SPN_STEP_FAILED, &why, data, NULL);
	if (status && err)
		*err = why;
	return status;
}

spn_status spn_plan_apply(const spn_plan *plan, spn_directory *dir, spn_journal *journal, spn_step_fn *fn, void *data,
		spn_error *err)
{
	if (!plan || !dir)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_apply: an argument is NULL");
	if (spn_plan_count(plan) == 0)
		return SPN_OK;
	SPK_AUTOFREE size_t *numbers = calloc(spn_plan_count(plan), sizeof *numbers);
	SPK_AUTO(spn_plan) *sent = NULL;
	if (!numbers)
		return spk_nomem(err);
	spk_directory_stay(dir);
	struct work work = { .plan = plan, .dir = dir, .journal = journal, .fn = fn, .data = data, .numbers = numbers };
	if (spn_plan_count(plan) <= SPK_LOOKED_AT)
		spk_directory_look_ahead(dir, NULL, look_at_start, &work);
	spn_status status = foresee(plan, dir, fn, data, err);
	if (!status)
		status = spn_plan_new(&sent, err);
	if (!status)
		status = spk_journal_begin(journal, plan, dir, err);
	work.sent = sent;
	if (!status)
		status = run(&work, err);
	spk_directory_forget(dir);
	spk_mapping_free(&work.live);
	return status;
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "attributes.h"
#include "explain.h"
#include "identity.h"
#include "journal.h"
#include "journal_file.h"
#include "step.h"
#include "undo_entry.h"
#include "undo_kept.h"
#include "undo_spelling.h"
#include "values.h"
#include "wayback.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/fold.h"
#include "model/ldif/ldif.h"

/* The undoing of one journal. */
struct undo {
	spn_directory *dir;
	const struct spk_journal *journal;
	bool is_elsewhere; /* where the entries are others */
	bool is_partly;    /* it was undone in part before */
	spk_live_mapping live;
	spk_kept kept;     /* changes that are not taken back */
	spk_names renamed; /* what was renamed since: the old DN and the new one, in a sentence */
	spk_names twins;   /* names that come back in one of their spellings only, in a sentence */
	size_t as_before, lost;
	char *moved; /* if another account holds a name that the change added: says which account; else NULL */
};

static spn_status remark(spk_names *remarks, const char *text, spn_error *err)
{
	if (!text)
		return spk_nomem(err);
	for (size_t i = 0; i < remarks->n; i++)
		if (strcmp(remarks->list[i], text) == 0)
			return SPN_OK;
	return spk_names_add(remarks, text, err);
}

static struct spk_undo_look look_of(const struct undo *undo, const spn_plan *plan, const spn_step *rest)
{
	return (struct spk_undo_look){
		.dir = undo->dir,
		.journal = undo->journal,
		.plan = plan,
		.rest = rest,
		.folding = undo->kept.folding,
		.may_be_respelled = undo->kept.folding == SPK_FOLD_SAMBA && !undo->is_partly,
	};
}

/* Of two spellings that an account had of a name, a directory that follows the rules of Windows accepts only one. */
static spn_status look_for_twin(struct undo *undo, const struct spk_undo_look *look, const spn_mod *mod,
		bool *ret_present, spn_error *err)
{
	if (look->folding != SPK_FOLD_WINDOWS || !spk_undo_count(look, SPN_MOD_ADD, mod->value))
		return SPN_OK;
	SPK_AUTOFREE char *text =
			spk_printf("'%s' of '%s' comes back in one of its two spellings: here, both are the same name",
					mod->value.data, look->rest->dn);
	*ret_present = true;
	return remark(&undo->twins, text, err);
}

/* A name that its account now has in another spelling is not added beside it, unless the undo deletes that one. */
static spn_status look_for_spelling(struct undo *undo, const struct spk_undo_look *look, const spn_step *step,
		const spn_mod *mod, bool *ret_present, spn_error *err)
{
	const spn_step *rest = look->rest;
	SPK_AUTO(spn_entry) *entry = NULL;
	const char *other = NULL;
	if (*ret_present || mod->op != SPN_MOD_ADD || !spk_mod_is_spn(mod))
		return SPN_OK;
	spn_status status = spk_names_read(undo->dir, rest->dn, &entry, err);
	if (!status)
		status = spk_undo_find_other(look, step, entry, mod->value, &other, err);
	if (status || !other)
		return status ? status : look_for_twin(undo, look, mod, ret_present, err);
	SPK_AUTOFREE char *reason = spk_printf("'%s' is not given back: '%s' has it as '%s' by now", mod->value.data, rest->dn,
			other);
	*ret_present = true;
	return reason ? spk_kept_add(&undo->kept, rest, mod, reason, err) : spk_nomem(err);
}

/* An entry that was renamed is changed under its new name, and that is said. */
static spn_status note_renamed(struct undo *undo, const char *dn, const struct spk_entry_today *today, spn_error *err)
{
	if (!today->is_renamed)
		return SPN_OK;
	SPK_AUTOFREE char *text = spk_printf("'%s' is '%s' by now", dn, today->dn);
	return remark(&undo->renamed, text, err);
}

/* Nothing can be given back to an entry that is gone, and nothing removed from one that may only have been renamed. */
static spn_status keep_lost(struct undo *undo, const spn_step *rest, const spn_mod *mod,
		const struct spk_entry_today *lost, spn_error *err)
{
	SPK_AUTOFREE char *reason = mod->op == SPN_MOD_ADD ?
			spk_printf("'%s' is not given back: the entry '%s' %s", mod->value.data, lost->dn, lost->loss) :
			spk_printf("'%s' is not removed: the entry '%s' %s; it may have been renamed, but without an objectGUID it "
					"cannot be found", mod->value.data, lost->dn, lost->loss);
	return reason ? spk_kept_add(&undo->kept, rest, mod, reason, err) : spk_nomem(err);
}

/* A change of a journal that is to be undone. */
struct target {
	const struct spk_entry_today *entry;
	struct spk_entry_today member; /* of a change of members */
	spn_mod mod;                   /* with the member as it is called today, and a name to remove as it is spelled */
	char *spelling;
	bool stays; /* a name, and why was said */
};

/* The name to remove is what the account calls it now.  One that stays is one value only: other accounts, and other
 * spellings, get what is theirs. */
static spn_status find_spelling(struct undo *undo, const struct spk_undo_look *look, const spn_step *step,
		struct target *target, bool *ret_present, spn_error *err)
{
	struct spk_spelling spelling = { .present = *ret_present };
	spn_status status = spk_undo_spelling(look, step, target->mod.value, &spelling, err);
	*ret_present = spelling.present;
	target->spelling = spelling.spelling;
	if (spelling.spelling)
		target->mod.value = spk_bytes(spelling.spelling);
	target->stays = spelling.stays != NULL;
	if (!status && spelling.stays && !spk_names_contain(&undo->kept.keys, spelling.stays, SPK_FOLD_CASE))
		status = spk_kept_add_key(&undo->kept, spelling.stays, spelling.stays, err);
	free(spelling.stays);
	return status;
}

static spn_status look_for(struct undo *undo, const spn_plan *plan, const spn_step *step, const spn_step *rest,
		struct target *target, bool *ret_present, spn_error *err)
{
	const struct spk_undo_look look = look_of(undo, plan, rest);
	const spn_mod *mod = &target->mod;
	bool is_add = mod->op == SPN_MOD_ADD;
	const struct spk_entry_today *lost_member = target->member.loss ? &target->member : NULL;
	const struct spk_entry_today *lost = target->entry->loss ? target->entry : lost_member;
	/* where the entry is lost, nothing is to be done; but what is left of a member that is gone goes, too */
	*ret_present = is_add;
	spn_status status = SPN_OK;
	if (!lost || (!is_add && lost == lost_member && !lost->is_replaced))
		status = spk_mod_is_present_behind(undo->dir, plan, rest, rest->n_mods, mod, ret_present, err);
	if (!status && !lost && !is_add && spk_mod_is_spn(mod))
		status = find_spelling(undo, &look, step, target, ret_present, err);
	if (!status && !lost && is_add && !*ret_present && spk_ascii_equal(mod->attr, "member"))
		status = spk_group_is_primary(undo->dir, rest->dn, mod->value.data, ret_present, err);
	if (status || !lost)
		return status ? status : look_for_spelling(undo, &look, step, mod, ret_present, err);
	return is_add || (lost->may_be_renamed && !*ret_present) ? keep_lost(undo, rest, mod, lost, err) : SPN_OK;
}

static const spk_notes *notes_of(const struct undo *undo)
{
	return undo->is_elsewhere ? NULL : &undo->journal->notes;
}

/* Whether a step of the journal gives a name to the account that has the DN today. */
static spn_status gives(const struct undo *undo, const spn_step *step, spn_bytes name, const char *dn, bool *ret_gives,
		spn_error *err)
{
	SPK_AUTOTODAY struct spk_entry_today today = { .dn = NULL };
	bool is_of_name = false;
	for (size_t j = 0; j < step->n_mods; j++)
		is_of_name |= step->mods[j].op == SPN_MOD_ADD && spk_fold_equal(step->mods[j].value, name, undo->kept.folding);
	spn_status status = is_of_name ? spk_entry_find_today(undo->dir, notes_of(undo), step->dn, &today, err) : SPN_OK;
	*ret_gives = !status && is_of_name && spk_dn_equal(today.dn, dn);
	return status;
}

/* Whether the undo gives a name to an account, or leaves it there. */
static spn_status is_given_to(const struct undo *undo, const spn_step *rest, spn_bytes name, const char *dn,
		bool *ret_given, spn_error *err)
{
	const spn_plan *inverses = undo->journal->inverses;
	spn_status status = SPN_OK;
	*ret_given = spk_dn_equal(rest->dn, dn);
	for (size_t i = 0; !status && !*ret_given && i < spn_plan_count(inverses); i++)
		status = gives(undo, spn_plan_step(inverses, i), name, dn, ret_given, err);
	return status;
}

/* A name that the account has lost since the change may have been moved to another account. */
static spn_status look_for_move(struct undo *undo, const spn_step *rest, const spn_mod *mod, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
	const char *name = mod->value.data;
	if (undo->moved || mod->op != SPN_MOD_DELETE || !spk_mod_is_spn(mod))
		return SPN_OK;
	spn_status status = spk_rivals(undo->dir, NULL, rest->dn, &name, 1, false, &holders, err);
	for (size_t i = 0; !status && !undo->moved && i < holders.n; i++) {
		const char *dn = spn_account_dn(holders.list[i]);
		bool given;
		status = is_given_to(undo, rest, mod->value, dn, &given, err);
		if (status || given)
			continue;
		undo->moved = spk_printf("'%s' is now on '%s': undo the change that moved it there first", name, dn);
		status = undo->moved ? SPN_OK : spk_nomem(err);
	}
	return status;
}

/* Samba, told to delete one of two spellings of a name, may delete the other. */
static spn_status note_other_spelling(struct undo *undo, const spn_step *rest, const spn_mod *mod, spn_error *err)
{
	SPK_AUTOFREE char *other = NULL;
	spn_dialect rules = SPN_DIALECT_WINDOWS;
	spn_status status = mod->op == SPN_MOD_DELETE && spk_mod_is_spn(mod) ?
			spk_directory_rules(undo->dir, &rules, err) :
			SPN_OK;
	if (!status && rules == SPN_DIALECT_SAMBA)
		status = spk_other_spelling(undo->dir, rest->dn, mod->value, &other, err);
	if (status || !other)
		return status;
	SPK_AUTOFREE char *text = spk_printf("'%s' has '%s' as '%s' too: Samba keeps one of the two spellings, and "
					     "perhaps not the one that was "
					     "there before",
			rest->dn, mod->value.data, other);
	return remark(&undo->twins, text, err);
}

/* Whether change j of step i is still to be done, behind the plan and what there is of rest. */
static spn_status is_left(struct undo *undo, size_t i, size_t j, const spn_plan *plan, const spn_step *rest,
		struct target *target, bool *ret_left, spn_error *err)
{
	const spn_step *step = spn_plan_step(undo->journal->inverses, i);
	const spn_mod *mod = &step->mods[j];
	bool kept = false, present = false, was_there = false;
	*ret_left = false;
	if (spk_journal_supersedes(undo->journal, i, j))
		return SPN_OK;
	/* the inverse of a step that was refused, if the work was ended before the journal could say so */
	spn_status status = mod->op == SPN_MOD_DELETE ? spk_journal_had(undo->journal, step, mod, &was_there, err) : SPN_OK;
	undo->as_before += was_there;
	if (!status && !was_there)
		status = spk_kept_has(&undo->kept, rest, &target->mod, &kept, err);
	if (status || was_there || kept)
		return status;
	if (spk_journal_would_lose(undo->journal, mod, undo->kept.folding)) {
		undo->lost++;
		return SPN_OK;
	}
	size_t n_kept = undo->kept.keys.n;
	status = look_for(undo, plan, step, rest, target, &present, err);
	*ret_left = !status && present != (mod->op == SPN_MOD_ADD);
	if (*ret_left)
		status = note_other_spelling(undo, rest, &target->mod, err);
	bool is_as_before = !status && !*ret_left && !target->stays && undo->kept.keys.n == n_kept;
	if (is_as_before)
		status = look_for_move(undo, rest, mod, err);
	undo->as_before += is_as_before && !undo->moved;
	return status;
}

/* What the account of a step is called today, not what a comment of the journal says. */
static spn_status find_account(const struct undo *undo, const spn_step *step, spn_account **ret_account, spn_error *err)
{
	bool is_of_names = false;
	for (size_t i = 0; i < step->n_mods; i++)
		is_of_names |= spk_mod_is_spn(&step->mods[i]);
	spn_status status = is_of_names ? spn_account_find(undo->dir, step->dn, SPN_WANT_ANY, ret_account, err) : SPN_OK;
	return status == SPN_ERR_NOT_FOUND ? SPN_OK : status;
}

/* A value that has become another one meanwhile is not overwritten. */
static spn_status check_single_values(struct undo *undo, const spn_plan *plan, const spn_step *rest, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t j = 0; !status && j < rest->n_mods; j++) {
		const spn_mod *mod = &rest->mods[j];
		spn_error why = { .status = SPN_OK };
		status = spk_single_value_check(undo->dir, plan, rest, j, &why);
		if (status == SPN_ERR_REFUSED) {
			SPK_AUTOFREE char *reason = spk_printf("'%s: %s' is not given back: %s", mod->attr, mod->value.data, why.message);
			status = reason ? spk_kept_add(&undo->kept, rest, mod, reason, err) : spk_nomem(err);
		} else if (status && err) {
			*err = why;
		}
	}
	return status;
}

/* The part of step i that is still to be done.  The members of targets keep what the changes of rest point to. */
static spn_status collect_rest(struct undo *undo, size_t i, const spn_plan *plan, const struct spk_entry_today *entry,
		struct target *targets, spn_step *rest, spn_mod *mods, spn_error *err)
{
	const spn_step *step = spn_plan_step(undo->journal->inverses, i);
	const spk_notes *notes = notes_of(undo);
	spn_status status = SPN_OK;
	for (size_t j = 0; !status && j < step->n_mods; j++) {
		struct target *target = &targets[j];
		const spn_mod *mod = &step->mods[j];
		bool left = false;
		*target = (struct target){ .entry = entry, .mod = *mod };
		if (spk_ascii_equal(mod->attr, "member")) {
			status = spk_member_find_today(undo->dir, notes, mod->value.data, &target->member, err);
			if (!status) {
				target->mod.value = spk_bytes(target->member.dn);
				status = note_renamed(undo, mod->value.data, &target->member, err);
			}
		}
		if (!status)
			status = is_left(undo, i, j, plan, rest, target, &left, err);
		if (!status && left)
			mods[rest->n_mods++] = target->mod;
	}
	return status;
}

/* Appends a part of a step of the journal to the plan. */
static spn_status append(struct undo *undo, spn_step *rest, spn_plan *plan, spn_error *err)
{
	SPK_AUTO(spn_account) *account = NULL;
	/* what was optional to do is not optional to take back */
	rest->flags = SPN_TAKEOVER;
	spn_status status = check_single_values(undo, plan, rest, err);
	if (!status)
		status = find_account(undo, rest, &account, err);
	if (account)
		rest->account = spn_account_name(account);
	return status ? status : spn_plan_append(plan, rest, err);
}

/* How many changes of a step, from one on, may be one request: to Samba, which looks at the first change of names only
 * (samba.h), either additions of names or deletions. */
static size_t count_request(const struct undo *undo, const spn_mod *mods, size_t n)
{
	const spn_mod *first = NULL;
	for (size_t j = 0; j < n && undo->kept.folding == SPK_FOLD_SAMBA; j++) {
		if (!spk_mod_is_spn(&mods[j]))
			continue;
		if (first && first->op != mods[j].op)
			return j;
		first = &mods[j];
	}
	return n;
}

/* Appends what of step i is still to be done. */
static spn_status append_rest(struct undo *undo, size_t i, spn_plan *plan, spn_error *err)
{
	const spn_step *step = spn_plan_step(undo->journal->inverses, i);
	SPK_AUTOFREE spn_mod *mods = calloc(step->n_mods, sizeof *mods);
	SPK_AUTOFREE struct target *targets = calloc(step->n_mods, sizeof *targets);
	SPK_AUTOTODAY struct spk_entry_today entry = { .dn = NULL };
	spn_status status = mods && targets ? SPN_OK : spk_nomem(err);
	if (!status)
		status = spk_entry_find_today(undo->dir, notes_of(undo), step->dn, &entry, err);
	if (!status)
		status = note_renamed(undo, step->dn, &entry, err);
	spn_step rest = *step;
	rest.dn = entry.dn;
	rest.mods = mods;
	rest.n_mods = 0;
	if (!status)
		status = collect_rest(undo, i, plan, &entry, targets, &rest, mods, err);
	for (size_t from = 0, n = rest.n_mods; !status && from < n; from += rest.n_mods) {
		rest.mods = mods + from;
		rest.n_mods = count_request(undo, mods + from, n - from);
		status = append(undo, &rest, plan, err);
	}
	for (size_t j = 0; targets && j < step->n_mods; j++) {
		spk_entry_today_free(&targets[j].member);
		free(targets[j].spelling);
	}
	return status;
}

/* What a file would refuse of a step, behind the steps before it, stays as it is. */
static spn_status try_step(struct undo *undo, const spn_plan *plan, size_t i, spn_error *err)
{
	const spn_step *step = spn_plan_step(plan, i);
	SPK_AUTOFREE spn_change *changes = calloc(i + step->n_mods + 1, sizeof *changes);
	size_t n = 0;
	spn_status status = changes ? SPN_OK : spk_nomem(err);
	for (size_t k = 0; !status && k < i; k++) {
		const spn_step *before = spn_plan_step(plan, k);
		if (spk_dn_equal(before->dn, step->dn))
			changes[n++] = (spn_change){ before->dn, before->mods, before->n_mods };
	}
	for (size_t j = 0; !status && j < step->n_mods; j++) {
		spn_error why = { .status = SPN_OK };
		changes[n++] = (spn_change){ step->dn, &step->mods[j], 1 };
		if (!spk_directory_try(undo->dir, changes, n, &why))
			continue;
		n--;
		SPK_AUTOFREE char *reason = spk_printf("'%s: %s' of '%s' stays as it is: %s", step->mods[j].attr,
				step->mods[j].value.data, step->dn, why.message);
		status = why.status == SPN_ERR_NOMEM || !reason ?
				spk_nomem(err) :
				spk_kept_add(&undo->kept, step, &step->mods[j], reason, err);
	}
	return status;
}

static spn_status try_all(struct undo *undo, const spn_plan *plan, size_t before, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = before; !status && i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		const spn_change whole = { step->dn, step->mods, step->n_mods };
		if (spk_directory_try(undo->dir, &whole, 1, NULL))
			status = try_step(undo, plan, i, err);
	}
	return status;
}

/* What is kept changes what becomes of the rest: until nothing more is kept. */
static spn_status append_all(struct undo *undo, spn_plan *plan, spn_error *err)
{
	size_t before = spn_plan_count(plan), n_kept;
	spn_status status = spk_mapping_load(undo->dir, &undo->live, err);
	do {
		n_kept = undo->kept.keys.n;
		undo->as_before = undo->lost = 0;
		spk_plan_truncate(plan, before);
		for (size_t i = 0; !status && i < spn_plan_count(undo->journal->inverses); i++)
			status = append_rest(undo, i, plan, err);
		if (!status)
			status = spk_kept_foresee(&undo->kept, undo->dir, &undo->live, plan, before, err);
		if (!status && undo->kept.keys.n == n_kept)
			status = try_all(undo, plan, before, err);
	} while (!status && undo->kept.keys.n > n_kept);
	return status;
}

static spn_status tell(
		const struct undo *undo, bool tells_reasons, const char *path, const spk_teller *to, spn_error *err)
{
	spn_status status = SPN_OK;
	if (undo->as_before)
		status = spk_tell(to, err, "present", SPN_SEVERITY_OK, NULL, NULL, NULL, "%zu change%s already as before",
				undo->as_before, undo->as_before == 1 ? " is" : "s are");
	for (size_t i = 0; !status && i < undo->renamed.n; i++)
		status = spk_tell(to, err, "renamed", SPN_SEVERITY_OK, NULL, NULL, NULL, "%s", undo->renamed.list[i]);
	for (size_t i = 0; !status && i < undo->twins.n; i++)
		status = spk_tell(to, err, "spelling", SPN_SEVERITY_OK, NULL, NULL, NULL, "%s", undo->twins.list[i]);
	for (size_t i = 0; !status && tells_reasons && i < undo->kept.reasons.n; i++)
		status = spk_tell(to, err, "kept", SPN_SEVERITY_WARNING, NULL, NULL, NULL, "%s", undo->kept.reasons.list[i]);
	if (status || !undo->journal->torn)
		return status;
	if (undo->journal->grew)
		return spk_tell(to, err, "torn", SPN_SEVERITY_WARNING, NULL, NULL, NULL,
				"the journal '%s' ends in the middle of a record: "
				"a change that is not recorded there stays as it is",
				path);
	char lost[96] = "";
	if (undo->lost)
		snprintf(lost, sizeof lost, undo->lost == 1 ? "; %zu name stays where it is, because nothing would give it back"
				: "; %zu names stay where they are, because nothing would give them back", undo->lost);
	return spk_tell(to, err, "torn", SPN_SEVERITY_WARNING, NULL, NULL, NULL,
			"the journal '%s' is cut off: the first steps of the "
			"work may be missing, and then stay as they are (its 'before' lines show the earlier state)%s",
			path, lost);
}

/* Of a journal from which lines were taken, what is left would pass for the whole. */
static spn_status check_count(const struct spk_journal_file *file, struct undo *undo, spn_error *err)
{
	const spn_plan *inverses = undo->journal->inverses;
	size_t n = 0;
	for (size_t i = 0; i < spn_plan_count(inverses); i++)
		n += spn_plan_step(inverses, i)->n_mods;
	if (!file->n_values || file->n_values == n)
		return SPN_OK;
	if (!undo->journal->torn)
		return spn_fail(err, SPN_ERR_REFUSED, 0, "the journal '%s' was edited: it was written with %zu value%s, and has %zu. "
				"Without its line '# values:', what it has is undone", file->info.path, file->n_values,
				file->n_values == 1 ? "" : "s", n);
	SPK_AUTOFREE char *reason = spk_printf("%zu of the %zu values of the journal are missing, and are not given back",
			file->n_values - n, file->n_values);
	return spk_kept_add_key(&undo->kept, "", reason, err); /* which values they are is not known */
}

/* Of a torn journal: a name that is on nobody, and that somebody had before the work, may have been removed by it. */
static spn_status look_for_lost(struct undo *undo, spn_error *err)
{
	const spk_notes *notes = &undo->journal->notes;
	SPK_AUTONAMES spk_names names = { 0 };
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < notes->keys.n; i++) {
		const spn_bytes *values;
		size_t n = spn_entry_values(notes->entries[i], SPK_SPN, &values);
		for (size_t j = 0; !status && j < n; j++)
			if (!spk_journal_gives_back(undo->journal, values[j], undo->kept.folding))
				status = spk_names_add(&names, values[j].data, err);
	}
	if (!status && names.n)
		status = spk_holders(undo->dir, NULL, (const char *const *)names.list, names.n, false, &holders, err);
	for (size_t i = 0; !status && i < names.n; i++) {
		if (spk_holder_of(&holders, names.list[i], NULL, NULL))
			continue;
		SPK_AUTOFREE char *reason = spk_printf(
				"'%s' was on an account before the work and is on none now: what would give it back "
				"is missing from the journal, whose 'before' lines show where it was",
				names.list[i]);
		status = spk_kept_add_key(&undo->kept, names.list[i], reason, err);
	}
	return status;
}

static void clear(struct undo *undo)
{
	spk_kept_free(&undo->kept);
	spk_names_free(&undo->renamed);
	spk_names_free(&undo->twins);
	free(undo->moved);
	spk_mapping_free(&undo->live);
}

static spn_status propose(spn_plan *plan, struct undo *undo, const struct spk_journal_file *file, const spk_teller *to,
		spn_error *err)
{
	const spn_journal_info *info = &file->info;
	bool was_undone = info->state == SPN_JOURNAL_UNDONE && !file->is_partly && !undo->is_elsewhere;
	size_t before = spn_plan_count(plan);
	spn_status status = append_all(undo, plan, err);
	if (!status && was_undone && spn_plan_count(plan) > before)
		status = spn_fail(err, SPN_ERR_REFUSED, 0, "it was undone already, and what it would undo now was done anew since "
				"then: undo the journal of that");
	bool is_empty = spn_plan_count(plan) == before, nothing = undo->kept.keys.n && is_empty;
	if (!status)
		status = tell(undo, !nothing || undo->kept.keys.n > 1, info->path, to, err);
	for (size_t i = before; !status && i < spn_plan_count(plan); i++) /* what was there comes back, but that is said */
		status = spk_step_check_by_cn(undo->dir, spn_plan_step(plan, i), to, err);
	if (!status && is_empty && !nothing && undo->lost)
		status = spn_fail(err, SPN_ERR_REFUSED, 0,
				"nothing can be restored: the part of the journal that would restore it is missing");
	if (!status && is_empty && !nothing && undo->moved)
		status = spn_fail(err, SPN_ERR_REFUSED, 0, "%s", undo->moved);
	if (!status && nothing)
		status = spn_fail(err, undo->kept.n_denied == undo->kept.keys.n ? SPN_ERR_DENIED : SPN_ERR_REFUSED, 0, "%s",
				undo->kept.keys.n == 1 ? undo->kept.reasons.list[0] : "nothing can be given back");
	if (status)
		spk_plan_truncate(plan, before);
	return status;
}

spn_status spn_propose_undo(spn_plan *plan, spn_directory *dir, const char *path, unsigned flags, spn_finding_fn *fn,
		void *data, spn_error *err)
{
	if (!plan || !dir || !path)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_propose_undo: an argument is NULL");
	SPK_AUTOJOURNALFILE struct spk_journal_file file = SPK_JOURNAL_FILE_INIT;
	SPK_AUTOJOURNAL struct spk_journal journal = { .inverses = NULL };
	spn_status status = spk_flags_check("spn_propose_undo", flags, SPN_ELSEWHERE, err);
	if (!status)
		status = spk_journal_file_open(path, true, &file, err);
	if (!status && file.info.problem)
		status = spn_fail(err, SPN_ERR_REFUSED, 0, "the journal '%s' is not used: %s", path, file.info.problem);
	if (!status)
		status = flags & SPN_ELSEWHERE ? spk_identity_check_base(&file.info, dir, err) : spk_identity_check(&file, dir, err);
	if (!status)
		status = spk_journal_load(&file.text, path, &journal, err);
	journal.is_whole = !journal.torn && file.info.state != SPN_JOURNAL_OPEN;
	struct undo undo = { .dir = dir, .journal = &journal, .is_elsewhere = flags & SPN_ELSEWHERE,
		.is_partly = file.is_partly };
	if (!status)
		status = spk_directory_folding(dir, &undo.kept.folding, err);
	if (!status)
		status = check_count(&file, &undo, err);
	if (!status && journal.torn && !undo.is_elsewhere)
		status = look_for_lost(&undo, err);
	spk_plan_allow(plan, SPK_UNDO_ALLOWS);
	if (!status)
		status = propose(plan, &undo, &file, &(spk_teller){ fn, data }, err);
	clear(&undo);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* What a plan removes and an undo could not give back. */
#include <stdint.h>
#include <stdlib.h>

#include "explain.h"
#include "plan.h"
#include "preflight.h"
#include "reach.h"
#include "account/by_cn.h"
#include "account/roll.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/meant.h"

/* Work on one plan. */
struct look {
	const spn_plan *plan;
	spn_directory *dir;
	const spk_teller *to;
};

static spn_status tell(const struct look *look, const spn_step *step, const char *name, const char *why, spn_error *err)
{
	const spn_account_ref ref = { step->dn, step->account ? step->account : "" };
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_text_add(&text, "'%s' cannot be given back once it is deleted: %s", name, why);
	if (text.failed)
		return spk_nomem(err);
	const spn_finding finding = { .code = "kept",
		.severity = SPN_SEVERITY_WARNING,
		.spn = name,
		.accounts = &ref,
		.n_accounts = 1,
		.text = text.data };
	return spk_tell_finding(look->to, &finding, err);
}

/* Names that are deleted for good, and by which step. */
struct deleted {
	const char **names;
	const spn_step **steps;
	size_t n;
};

static void clear(struct deleted *deleted)
{
	free((void *)(uintptr_t)deleted->names);
	free((void *)(uintptr_t)deleted->steps);
}
#define AUTODELETED __attribute__((cleanup(clear))) struct deleted

/* The names that the steps add or delete: the number of the step in the place of an account. */
static spn_status list_names(const spn_plan *plan, spn_mod_op op, spk_roll *names, size_t *ret_n_mods, spn_error *err)
{
	spn_status status = SPN_OK;
	*ret_n_mods = 0;
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		*ret_n_mods += step->n_mods;
		for (size_t j = 0; !status && j < step->n_mods; j++)
			if (step->mods[j].op == op && spk_ascii_equal(step->mods[j].attr, SPK_SPN))
				status = spk_roll_add(names, i, step->mods[j].value, err);
	}
	return status;
}

/* Whether a step behind step i adds a name. */
static bool is_added_later(const spk_roll *added, size_t i, spn_bytes name)
{
	const spk_line *line = spk_roll_find(added, name);
	while (line && line->account <= i)
		line = line->next;
	return line;
}

/* Whether step i deletes a name that its account has from a step before. */
static bool is_of_plan(const spn_plan *plan, const spk_roll *added, size_t i, spn_bytes name)
{
	for (const spk_line *line = spk_roll_find(added, name); line && line->account < i; line = line->next)
		if (spk_dn_equal(spn_plan_step(plan, line->account)->dn, spn_plan_step(plan, i)->dn))
			return true;
	return false;
}

/* A step that deletes the same name as step i, from another account that also had it; NULL: there is none. */
static const spn_step *find_other(
		const spn_plan *plan, const spk_roll *added, const spk_roll *gone, size_t i, spn_bytes name)
{
	if (is_of_plan(plan, added, i, name))
		return NULL;
	for (const spk_line *line = spk_roll_find(gone, name); line; line = line->next) {
		const spn_step *other = spn_plan_step(plan, line->account);
		if (!spk_dn_equal(other->dn, spn_plan_step(plan, i)->dn) && !is_of_plan(plan, added, line->account, name))
			return other;
	}
	return NULL;
}

/* Two accounts had the name: undo leaves it where it is. */
static spn_status tell_of_other(
		const struct look *look, const spn_step *step, const char *name, const spn_step *other, spn_error *err)
{
	SPK_AUTOFREE char *why = spk_printf("'%s' holds it too, and a controller accepts it on one account only",
			other->account && *other->account ? other->account : other->dn);
	return why ? tell(look, step, name, why, err) : spk_nomem(err);
}

static spn_status collect(const struct look *look, struct deleted *ret_deleted, spn_error *err)
{
	SPK_AUTOROLL spk_roll added = { .folding = SPK_FOLD_EITHER }, gone = { .folding = SPK_FOLD_EITHER };
	size_t n_mods;
	spn_status status = list_names(look->plan, SPN_MOD_ADD, &added, &n_mods, err);
	if (!status)
		status = list_names(look->plan, SPN_MOD_DELETE, &gone, &n_mods, err);
	if (status)
		return status;
	n_mods++;
	ret_deleted->names = calloc(n_mods, sizeof *ret_deleted->names);
	ret_deleted->steps = calloc(n_mods, sizeof *ret_deleted->steps);
	status = ret_deleted->names && ret_deleted->steps ? SPN_OK : spk_nomem(err);
	for (size_t i = 0; !status && i < spn_plan_count(look->plan); i++) {
		const spn_step *step = spn_plan_step(look->plan, i);
		for (size_t j = 0; !status && j < step->n_mods; j++) {
			const spn_mod *mod = &step->mods[j];
			if (mod->op != SPN_MOD_DELETE || !spk_ascii_equal(mod->attr, SPK_SPN))
				continue;
			unsigned parts = spk_spn_parts(mod->value);
			const spn_step *other = find_other(look->plan, &added, &gone, i, mod->value);
			if (parts != 2 && parts != 3) { /* it was stored before controllers checked that, or by a server that does not */
				status = tell(look, step, mod->value.data,
						"no directory accepts it, because it has neither two nor three parts",
						err);
			} else if (other) {
				status = tell_of_other(look, step, mod->value.data, other, err);
			} else if (!is_added_later(&added, i, mod->value)) {
				ret_deleted->names[ret_deleted->n] = mod->value.data;
				ret_deleted->steps[ret_deleted->n++] = step;
			}
		}
	}
	return status;
}

/* Why a name that somebody else holds does not come back, and whether clients get tickets for it there. */
static char *why_held(const spk_by_cn *by_cn, const char *name, const spn_account *holder)
{
	const spn_account *computer = spk_by_cn_find(by_cn, name, spn_account_dn(holder));
	const char *label = spk_account_label(holder);
	return computer ? spk_printf("'%s' holds it too, where nobody would get a ticket for it: Samba's KDC finds '%s' for "
				     "it as well, by its cn", label, spk_account_label(computer)) :
			  spk_printf("'%s' holds it too", label);
}

/* Those that others hold when the plan is carried out: all of them are looked up together. */
static spn_status look_at_holders(const struct look *look, const struct deleted *deleted, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
	SPK_AUTOROLL spk_roll roll = { 0 };
	SPK_AUTOBYCN spk_by_cn by_cn = { .roll = { .n = 0 } };
	spn_status status = spk_rivals(
			look->dir, look->plan, deleted->steps[0]->dn, deleted->names, deleted->n, false, &holders, err);
	if (!status)
		status = spk_roll_of_accounts(&holders, &roll, err);
	for (size_t i = 0; !status && i < deleted->n; i++)
		if (spk_holder_on(&roll, &holders, deleted->names[i], deleted->steps[i]->dn, NULL))
			status = spk_by_cn_want(&by_cn, deleted->names[i], err);
	if (!status)
		status = spk_by_cn_search(&by_cn, look->dir, err);
	for (size_t i = 0; !status && i < deleted->n; i++) {
		const spn_account *holder = spk_holder_on(&roll, &holders, deleted->names[i], deleted->steps[i]->dn, NULL);
		SPK_AUTOFREE char *why = holder ? why_held(&by_cn, deleted->names[i], holder) : NULL;
		if (holder)
			status = why ? tell(look, deleted->steps[i], deleted->names[i], why, err) : spk_nomem(err);
	}
	return status;
}

/* Those that whoever deletes them may not add. */
static spn_status look_at_reach(const struct look *look, const struct deleted *deleted, spn_error *err)
{
	SPK_AUTO(spn_account) *limited = NULL;
	SPK_AUTOTEXT spk_text others = { 0 };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < deleted->n; i++) {
		const char *why = NULL;
		if (i == 0 || deleted->steps[i] != deleted->steps[i - 1]) {
			limited = spn_account_free(limited);
			spk_text_free(&others);
			status = spk_reach_read_limited(look->dir, deleted->steps[i]->dn, &limited, err);
		}
		if (!status && limited)
			status = spk_reach_objection(look->dir, limited->entry, spk_bytes(deleted->names[i]), true,
					&why, err);
		if (!status && why && !others.data)
			status = spk_reach_put_others(look->dir, deleted->steps[i]->dn, &others, err);
		SPK_AUTOFREE char *text = !status && why ? spk_printf("%s%s", why, others.data) : NULL;
		if (!status && why)
			status = text ? tell(look, deleted->steps[i], deleted->names[i], text, err) : spk_nomem(err);
	}
	return status;
}

/* A plan, and what it deletes. */
struct questions {
	const struct look *look;
	const struct deleted *deleted;
};

/* What the two of them ask first. */
static void look_ahead(spn_directory *dir, void *data)
{
	const struct questions *questions = data;
	const struct deleted *deleted = questions->deleted;
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
	(void)spk_rivals(dir, questions->look->plan, deleted->steps[0]->dn, deleted->names, deleted->n, false, &holders, NULL);
	for (size_t i = 0; i < deleted->n; i++) {
		SPK_AUTO(spn_account) *limited = NULL;
		if (i == 0 || deleted->steps[i] != deleted->steps[i - 1])
			(void)spk_reach_read_limited(dir, deleted->steps[i]->dn, &limited, NULL);
	}
}

static spn_status look_at_all(const struct look *look, const struct deleted *deleted, spn_error *err)
{
	if (spn_plan_count(look->plan) <= SPK_LOOKED_AT)
		spk_directory_look_ahead(look->dir, NULL, look_ahead, &(struct questions){ look, deleted });
	spn_status status = look_at_holders(look, deleted, err);
	if (!status)
		status = look_at_reach(look, deleted, err);
	spk_directory_forget(look->dir);
	return status;
}

spn_status spn_plan_one_way(const spn_plan *plan, spn_directory *dir, spn_finding_fn *fn, void *data, spn_error *err)
{
	if (!plan || !dir || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_one_way: an argument is NULL");
	const spk_teller to = { fn, data };
	const struct look look = { plan, dir, &to };
	AUTODELETED deleted = { .n = 0 };
	spn_status status = collect(&look, &deleted, err);
	return status || deleted.n == 0 ? status : look_at_all(&look, &deleted, err);
}

/* SPDX-License-Identifier: MIT */
#include <spnkit/expect.h>
#include <spnkit/repair.h>

#include <stdlib.h>
#include <string.h>

#include "account/names.h"
#include "base/error.h"
#include "model/dn.h"
#include "plan/plan.h"

/* Names that are repaired in one way. */
struct repairs {
	spk_names names;
	spk_names holders; /* the account that loses each; none: nobody does */
};

/* The plan of a service at work. */
struct work {
	spn_plan *plan;
	spn_directory *dir;
	spn_expectation_fn *fn;
	void *data;
	char *expected; /* the DN of the account that should answer */
	struct repairs missing, misplaced, doubled;
};

static void clear(struct work *work)
{
	struct repairs *const all[] = { &work->missing, &work->misplaced, &work->doubled };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		spk_names_free(&all[i]->names);
		spk_names_free(&all[i]->holders);
	}
	free(work->expected);
}

static spn_status note_repair(struct repairs *repairs, const char *spn, const char *holder, spn_error *err)
{
	spn_status status = spk_names_add(&repairs->names, spn, err);
	return status || !holder ? status : spk_names_add(&repairs->holders, holder, err);
}

/* Of several holders, the right one keeps the name; if it is not among them, the last one hands it on. */
static spn_status collect_doubled(struct work *work, const spn_finding *finding, spn_error *err)
{
	size_t last = 0, n = finding->n_accounts;
	bool holds = false;
	for (size_t i = 0; i < n; i++) {
		if (spk_dn_equal(finding->accounts[i].dn, work->expected))
			holds = true;
		else
			last = i;
	}
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++) {
		const char *dn = finding->accounts[i].dn;
		if (!spk_dn_equal(dn, work->expected))
			status = note_repair(!holds && i == last ? &work->misplaced : &work->doubled, finding->spn, dn, err);
	}
	return status;
}

/* A verdict with a repair is one whose repair needs no decision. */
static spn_status collect(struct work *work, const spn_expectation *expectation, spn_error *err)
{
	const spn_finding *finding = expectation->finding;
	if (!finding->spn || !finding->n_repairs || !expectation->expected)
		return SPN_OK;
	if (!work->expected)
		work->expected = strdup(spn_account_dn(expectation->expected));
	if (!work->expected)
		return spk_nomem(err);
	if (strcmp(finding->code, "missing") == 0)
		return note_repair(&work->missing, finding->spn, NULL, err);
	return strcmp(finding->code, "duplicate") == 0 ? collect_doubled(work, finding, err) :
			note_repair(&work->misplaced, finding->spn, finding->accounts[0].dn, err);
}

static spn_status take(const spn_expectation *expectation, void *data, spn_error *err)
{
	struct work *work = data;
	spn_status status = collect(work, expectation, err);
	return status || !work->fn ? status : work->fn(expectation, work->data, err);
}

/* As a spn_finding_fn: what a builder has noticed. */
static spn_status remark(const spn_finding *finding, void *data, spn_error *err)
{
	const struct work *work = data;
	const spn_expectation about = { .finding = finding };
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(work->fn ? work->fn(&about, work->data, err) : SPN_OK, before, err);
}

/* One step for each account that loses names, in the order in which they were found. */
static spn_status propose_from(struct work *work, const struct repairs *repairs, bool moves, spn_error *err)
{
	const size_t n = repairs->names.n;
	SPK_AUTOFREE const char **names = calloc(n + 1, sizeof *names);
	SPK_AUTOFREE bool *done = calloc(n + 1, sizeof *done);
	spn_status status = names && done ? SPN_OK : spk_nomem(err);
	for (size_t i = 0; !status && i < n; i++) {
		const char *holder = repairs->holders.list[i];
		size_t n_names = 0;
		for (size_t j = i; j < n; j++) {
			if (done[j] || strcmp(repairs->holders.list[j], holder) != 0)
				continue;
			names[n_names++] = repairs->names.list[j];
			done[j] = true;
		}
		if (n_names && moves)
			status = spn_propose_move(work->plan, work->dir, holder, work->expected, names, n_names, remark,
					work, err);
		else if (n_names)
			status = spn_propose_delete(work->plan, work->dir, holder, names, n_names, remark, work, err);
	}
	return status;
}

static spn_status propose(struct work *work, spn_error *err)
{
	const spk_names *missing = &work->missing.names;
	size_t before = spn_plan_count(work->plan);
	spn_status status = propose_from(work, &work->doubled, false, err);
	if (!status) /* each of them stays at the other account */
		status = spk_plan_keep_names(work->plan, before, err);
	if (!status)
		status = propose_from(work, &work->misplaced, true, err);
	if (!status && missing->n)
		status = spn_propose_add(work->plan, work->dir, work->expected, (const char *const *)missing->list,
				missing->n, 0, remark, work, err);
	return status;
}

spn_status spn_propose_expected(spn_plan *plan, spn_directory *dir, const spn_recipe *recipe,
		const spn_expect_options *options, spn_expectation_fn *fn, void *data, spn_error *err)
{
	if (!plan)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_propose_expected: an argument is NULL");
	struct work work = { .plan = plan, .dir = dir, .fn = fn, .data = data };
	size_t before = spn_plan_count(plan);
	spn_status status = spn_expect(dir, NULL, recipe, options, take, &work, err);
	if (!status)
		status = propose(&work, err);
	if (status)
		spk_plan_truncate(plan, before);
	clear(&work);
	return status;
}

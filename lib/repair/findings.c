/* SPDX-License-Identifier: MIT */
/* findings.c - the plan that repairs the findings of an audit, of one domain */
#include <spnkit/repair.h>

#include "base/error.h"
#include "base/text.h"
#include "model/dn.h"
#include "plan/plan.h"

/* The domain that a DN is in, as a DNS name.  False: memory ran out. */
static bool domain_of(const char *dn, spk_text *ret_domain)
{
	spk_text_clear(ret_domain);
	spk_dn_domain(dn, ret_domain);
	return !ret_domain->failed;
}

static bool is_in(const char *dn, const char *domain, spk_text *scratch)
{
	return domain_of(dn, scratch) && spk_ascii_equal(scratch->data ? scratch->data : "", domain);
}

/* The findings of several domains, on their way to the plan of one. */
struct work {
	const spn_plan *all;
	const char *own; /* the domain of the plan */
	spn_elsewhere_fn *fn;
	void *data;
	spk_text scratch;
};

/* Once for each domain: how many steps there are in it.  i: the first of them, perhaps. */
static spn_status tell_elsewhere(struct work *work, size_t i, spn_error *err)
{
	SPK_AUTOTEXT spk_text domain = { 0 };
	size_t n = 0;
	if (!domain_of(spn_plan_step(work->all, i)->dn, &domain))
		return spk_nomem(err);
	for (size_t j = 0; j < spn_plan_count(work->all); j++) {
		bool is_same = is_in(spn_plan_step(work->all, j)->dn, domain.data ? domain.data : "", &work->scratch);
		if (is_same && j < i)
			return SPN_OK; /* told already */
		n += is_same;
	}
	if (!work->fn || work->scratch.failed)
		return work->scratch.failed ? spk_nomem(err) : SPN_OK;
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(work->fn(domain.data ? domain.data : "", n, work->data, err), before, err);
}

static spn_status choose_steps(struct work *work, spn_plan *plan, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < spn_plan_count(work->all); i++) {
		const spn_step *step = spn_plan_step(work->all, i);
		status = is_in(step->dn, work->own, &work->scratch) ? spn_plan_append(plan, step, err) : tell_elsewhere(work, i, err);
	}
	return status;
}

spn_status spn_propose_repairs(spn_plan *plan, spn_directory *const *dirs, size_t n_dirs,
		const spn_finding *const *findings, size_t n_findings, spn_finding_fn *fn, spn_elsewhere_fn *elsewhere_fn, void *data,
		spn_error *err)
{
	SPK_AUTO(spn_plan) *all = NULL;
	SPK_AUTOTEXT spk_text own = { 0 };
	const char *base;
	if (!plan || !dirs || !n_dirs || (n_findings && !findings))
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_propose_repairs: an argument is NULL");
	size_t before = spn_plan_count(plan);
	spn_status status = spn_directory_base(dirs[0], &base, err);
	if (!status)
		status = domain_of(base, &own) ? spn_plan_new(&all, err) : spk_nomem(err);
	for (size_t i = 0; !status && i < n_findings; i++) {
		const spn_finding *finding = findings[i];
		spn_directory *dir = spn_directory_of_dn(dirs, n_dirs, finding->n_accounts ? finding->accounts[0].dn : "");
		status = spn_propose_repair(all, dir ? dir : dirs[0], finding, fn, data, err);
	}
	struct work work = { .all = all, .own = own.data ? own.data : "", .fn = elsewhere_fn, .data = data };
	if (!status)
		status = choose_steps(&work, plan, err);
	spk_text_free(&work.scratch);
	if (status)
		spk_plan_truncate(plan, before);
	return status;
}

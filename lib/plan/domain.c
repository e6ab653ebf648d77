/* SPDX-License-Identifier: MIT */
/* domain.c - which domain a plan is for */
#include "base/error.h"
#include "directory/directory.h"
#include "plan.h"

/* A plan of two domains could be carried out, and undone, in part only. */
static spn_status check_step(const spn_plan *plan, size_t i, spn_directory *dir, const spn_open_options *options,
		spn_error *err)
{
	const char *dn = spn_plan_step(plan, i)->dn;
	SPK_AUTO(spn_directory) *there = NULL;
	spn_status status = spn_account_domain_open(dir, dn, SPN_WANT_ANY, false, options, &there, err);
	return status || !there ? status :
			spn_fail(err, SPN_ERR_REFUSED, 0,
					"step %zu is for '%s', which is in another domain (%s) than '%s' of step 1: "
					"nothing was changed; make a plan of its own for each domain",
					i + 1, dn, spn_directory_url(there), spn_plan_step(plan, 0)->dn);
}

spn_status spn_plan_domain_open(const spn_plan *plan, spn_directory *dir, const spn_open_options *options,
		spn_directory **ret_dir, spn_error *err)
{
	SPK_AUTO(spn_directory) *there = NULL;
	if (!plan || !dir || !options || !ret_dir)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_domain_open: an argument is NULL");
	spn_status status = spn_plan_count(plan) == 0 ? SPN_OK :
			spn_account_domain_open(dir, spn_plan_step(plan, 0)->dn, SPN_WANT_ANY, false, options, &there, err);
	for (size_t i = 1; !status && i < spn_plan_count(plan); i++)
		status = check_step(plan, i, there ? there : dir, options, err);
	if (status)
		return status;
	*ret_dir = there;
	there = NULL;
	return SPN_OK;
}

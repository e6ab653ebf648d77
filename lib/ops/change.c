/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "plan.h"

spn_status spn_delete(spn_directory *dir, const char *account, const char *const *spns, size_t n_spns, spn_error *err)
{
	SPK_AUTO(spn_plan) *plan = NULL;
	spn_status status = spn_plan_new(&plan, err);
	if (!status)
		status = spn_propose_delete(plan, dir, account, spns, n_spns, NULL, NULL, err);
	return status ? status : spn_plan_apply(plan, dir, NULL, NULL, NULL, err);
}

spn_status spn_add_unique(spn_directory *dir, const char *account, const char *const *spns, size_t n_spns,
		unsigned flags, spn_error *err)
{
	SPK_AUTO(spn_plan) *plan = NULL;
	spn_status status = spn_plan_new(&plan, err);
	if (!status)
		status = spn_propose_add(plan, dir, account, spns, n_spns, flags, NULL, NULL, err);
	return status ? status : spn_plan_apply(plan, dir, NULL, NULL, NULL, err);
}

/* SPDX-License-Identifier: MIT */
/* takeover.c - who answers until now for names that an account is to get */
#include "base/error.h"
#include "propose.h"

/* A plan for one domain does not see a takeover in another: what would be refused without SPN_TAKEOVER is one. */
static spn_status tell_forest(spn_directory *dir, const spn_account *account, const char *spn, const spk_teller *to,
		spn_error *err)
{
	SPK_AUTO(spn_plan) *trial = NULL;
	spn_error why = { .status = SPN_OK };
	spn_status status = spn_plan_new(&trial, err);
	if (status || spn_propose_add(trial, dir, spn_account_dn(account), &spn, 1, SPN_FOREST, NULL, NULL, &why) == SPN_OK)
		return status;
	return why.remedy != SPN_REMEDY_TAKEOVER ? SPN_OK :
			spk_tell(to, err, "takeover", SPN_SEVERITY_WARNING, spn, account, NULL, "%s", why.message);
}

spn_status spn_find_takeovers(spn_directory *dir, const spn_account *account, const char *const *spns, size_t n_spns,
		bool forest, spn_finding_fn *fn, void *data, spn_error *err)
{
	const spk_teller to = { fn, data };
	spn_status status = SPN_OK;
	if (!dir || !account || (n_spns && !spns) || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_find_takeovers: an argument is NULL");
	if (!forest)
		return spk_tell_served(dir, account, spns, n_spns, &to, err);
	for (size_t i = 0; !status && i < n_spns; i++)
		status = tell_forest(dir, account, spns[i], &to, err);
	return status;
}

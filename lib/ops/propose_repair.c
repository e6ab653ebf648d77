/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/error.h"
#include "duplicates.h"
#include "propose.h"

static spn_status delete_name(spn_plan *plan, spn_directory *dir, const spn_account *account, const char *spn, const char *reason,
		spn_error *err)
{
	return spk_propose_delete_from(plan, dir, account, &spn, 1, reason, &(spk_teller){ NULL, NULL }, err);
}

static spn_status repair_malformed(spn_plan *plan, spn_directory *dir, const spn_finding *finding, spn_error *err)
{
	SPK_AUTO(spn_account) *account = NULL;
	spn_status status = spk_account_after(plan, dir, finding->accounts[0].dn, &account, err);
	if (status || !spk_account_holds(account, finding->spn))
		return status;
	return delete_name(plan, dir, account, finding->spn, "no client asks for a malformed name", err);
}

static spn_status repair_duplicate(spn_plan *plan, spn_directory *dir, const spn_finding *finding, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < finding->n_accounts; i++) {
		SPK_AUTO(spn_account) *account = NULL;
		status = spk_account_after(plan, dir, finding->accounts[i].dn, &account, err);
		if (!status && spk_account_holds(account, finding->spn))
			status = spk_accounts_add(&holders, account->entry, err);
	}
	const spn_account *keeper = status ? NULL : spk_rightful_holder(&holders, finding->spn);
	SPK_AUTOFREE char *reason = keeper ? spk_printf("'%s' keeps the name", spk_account_label(keeper)) : NULL;
	if (keeper && !reason)
		return spk_nomem(err);
	for (size_t i = 0; !status && keeper && i < holders.n; i++)
		if (holders.list[i] != keeper)
			status = delete_name(plan, dir, holders.list[i], finding->spn, reason, err);
	return status;
}

/* Only what the default names are; others are a matter of the service that they belong to. */
static spn_status repair_missing(spn_plan *plan, spn_directory *dir, const spn_finding *finding, spn_error *err)
{
	static const char command[] = "spnkit defaults ";
	if (finding->spn || !finding->repair || strncmp(finding->repair, command, sizeof command - 1) != 0)
		return SPN_OK;
	return spn_propose_defaults(plan, dir, finding->accounts[0].dn, NULL, NULL, err);
}

static const struct {
	const char *code;
	bool of_name;
	spn_status (*repair)(spn_plan *plan, spn_directory *dir, const spn_finding *finding, spn_error *err);
} repairs[] = {
	{ "malformed", true, repair_malformed },
	{ "duplicate", true, repair_duplicate },
	{ "missing", false, repair_missing },
};

/* What stands in the way of one repair is no reason to give up the others. */
static bool is_refusal(spn_status status)
{
	return status == SPN_ERR_NOT_FOUND || status == SPN_ERR_NOT_UNIQUE || status == SPN_ERR_REFUSED || status == SPN_ERR_AMBIGUOUS;
}

spn_status spn_propose_repair(spn_plan *plan, spn_directory *dir, const spn_finding *finding, spn_finding_fn *fn, void *data,
		spn_error *err)
{
	if (!plan || !dir || !finding || !finding->code)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_propose_repair: an argument is NULL");
	size_t before = spn_plan_count(plan);
	spn_error why = { .status = SPN_OK };
	spn_status status = SPN_OK;
	for (size_t i = 0; i < sizeof repairs / sizeof *repairs; i++)
		if (strcmp(finding->code, repairs[i].code) == 0 && finding->n_accounts && (finding->spn || !repairs[i].of_name))
			status = repairs[i].repair(plan, dir, finding, &why);
	if (!status)
		return SPN_OK;
	spk_plan_truncate(plan, before);
	if (!is_refusal(status))
		return spk_fail_win32(err, status, why.native, why.win32, "%s", why.message);
	SPK_AUTOFREE char *text = spk_printf("left out of the plan: %s", why.message);
	if (!text)
		return spk_nomem(err);
	spn_finding left_out = *finding;
	left_out.severity = SPN_SEVERITY_NOTICE;
	left_out.text = text;
	left_out.repair = NULL;
	return fn ? fn(&left_out, data, err) : SPN_OK;
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "finding.h"
#include "base/error.h"

/* A copy, and what it points to. */
struct copy {
	spn_finding shown; /* first: the caller has its address */
	spn_account_ref *accounts;
	spn_repair_step *steps;
	spk_repairs repairs;
	spn_enctype_prediction predicted;
};

static void free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

spn_finding *spn_finding_free(spn_finding *copy)
{
	struct copy *whole = (struct copy *)copy;
	if (!whole)
		return NULL;
	free_text(copy->spn);
	free_text(copy->text);
	for (size_t i = 0; whole->accounts && i < copy->n_accounts; i++) {
		free_text(whole->accounts[i].dn);
		free_text(whole->accounts[i].account);
	}
	for (size_t i = 0; whole->steps && i < copy->n_steps; i++) {
		free_text(whole->steps[i].purpose);
		free_text(whole->steps[i].tool);
		free_text(whole->steps[i].command);
		spk_repair_free(whole->steps[i].repair);
	}
	spk_repairs_clear(&whole->repairs);
	free(whole->accounts);
	free(whole->steps);
	free(whole);
	return NULL;
}

/* False without memory. */
static bool copy_text(const char *text, const char **ret_copy)
{
	*ret_copy = text ? strdup(text) : NULL;
	return !text || *ret_copy;
}

static bool copy_texts(const spn_finding *from, spn_finding *to)
{
	return copy_text(from->spn, &to->spn) && copy_text(from->text, &to->text);
}

static bool copy_accounts(const spn_finding *from, struct copy *to)
{
	to->accounts = calloc(from->n_accounts + 1, sizeof *to->accounts);
	if (!to->accounts)
		return false;
	bool ok = true;
	for (size_t i = 0; i < from->n_accounts; i++)
		ok &= copy_text(from->accounts[i].dn, &to->accounts[i].dn) &&
				copy_text(from->accounts[i].account, &to->accounts[i].account);
	to->shown.accounts = from->accounts ? to->accounts : NULL;
	return ok;
}

static bool copy_steps(const spn_finding *from, struct copy *to)
{
	to->steps = calloc(from->n_steps + 1, sizeof *to->steps);
	if (!to->steps)
		return false;
	bool ok = true;
	for (size_t i = 0; i < from->n_steps; i++) {
		to->steps[i].number = from->steps[i].number;
		ok &= copy_text(from->steps[i].purpose, &to->steps[i].purpose) &&
				copy_text(from->steps[i].tool, &to->steps[i].tool) &&
				copy_text(from->steps[i].command, &to->steps[i].command) &&
				spk_repair_copy(from->steps[i].repair, &to->steps[i].repair);
	}
	to->shown.steps = from->steps ? to->steps : NULL;
	return ok;
}

static bool copy_repairs(const spn_finding *from, struct copy *to)
{
	for (size_t i = 0; i < from->n_repairs; i++)
		spk_repairs_add(&to->repairs, &from->repairs[i]);
	to->shown.repairs = to->repairs.list;
	to->shown.n_repairs = to->repairs.n;
	return !to->repairs.failed;
}

spn_status spn_finding_copy(const spn_finding *finding, spn_finding **ret_copy, spn_error *err)
{
	if (!finding || !ret_copy)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_finding_copy: an argument is NULL");
	struct copy *copy = calloc(1, sizeof *copy);
	if (!copy)
		return spk_nomem(err);
	copy->shown = (spn_finding){
		.code = finding->code, .severity = finding->severity, .n_accounts = finding->n_accounts, .n_steps = finding->n_steps
	};
	if (finding->predicted) {
		copy->predicted = *finding->predicted;
		copy->shown.predicted = &copy->predicted;
	}
	if (!copy_texts(finding, &copy->shown) || !copy_accounts(finding, copy) || !copy_steps(finding, copy) ||
			!copy_repairs(finding, copy)) {
		spn_finding_free(&copy->shown);
		return spk_nomem(err);
	}
	*ret_copy = &copy->shown;
	return SPN_OK;
}

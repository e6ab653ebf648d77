/* SPDX-License-Identifier: MIT */
#include "findings.h"

#include <stdlib.h>
#include <string.h>

#include <spnkit/backend.h>

static void drop(const void *owned)
{
	free((void *)(uintptr_t)owned);
}

static void clear(spn_finding *finding)
{
	for (size_t i = 0; i < finding->n_accounts; i++) {
		drop(finding->accounts[i].dn);
		drop(finding->accounts[i].account);
	}
	drop(finding->accounts);
	drop(finding->spn);
	drop(finding->text);
	drop(finding->repair);
}

static char *copy(const char *text, bool *failed)
{
	char *copy = text ? strdup(text) : NULL;
	*failed |= text && !copy;
	return copy;
}

spn_status findings_add(struct findings *findings, const spn_finding *finding, spn_error *err)
{
	if (findings->n == findings->size) {
		size_t size = findings->size * 2 + 16;
		spn_finding *grown = realloc(findings->list, size * sizeof *grown);
		if (!grown)
			return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
		findings->list = grown;
		findings->size = size;
	}
	bool failed = false;
	spn_account_ref *accounts = calloc(finding->n_accounts ? finding->n_accounts : 1, sizeof *accounts);
	for (size_t i = 0; accounts && i < finding->n_accounts; i++)
		accounts[i] = (spn_account_ref){ copy(finding->accounts[i].dn, &failed),
			copy(finding->accounts[i].account, &failed) };
	spn_finding kept = *finding; /* the code is a constant of the library */
	kept.accounts = accounts;
	kept.predicted = NULL; /* what is said of one server, or one keytab, is not kept */
	kept.steps = NULL;
	kept.n_steps = 0;
	kept.n_accounts = accounts ? finding->n_accounts : 0;
	kept.spn = copy(finding->spn, &failed);
	kept.text = copy(finding->text, &failed);
	kept.repair = copy(finding->repair, &failed);
	if (failed || !accounts) {
		clear(&kept);
		return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	}
	findings->list[findings->n++] = kept;
	return SPN_OK;
}

/* What is alike keeps its order: one pass for each severity. */
void findings_sort(struct findings *findings)
{
	spn_finding *sorted = calloc(findings->size ? findings->size : 1, sizeof *sorted);
	if (!sorted)
		return; /* then they stay as they were found */
	size_t n = 0;
	for (int severity = SPN_SEVERITY_BROKEN; severity >= SPN_SEVERITY_OK; severity--)
		for (size_t i = 0; i < findings->n; i++)
			if ((int)findings->list[i].severity == severity)
				sorted[n++] = findings->list[i];
	free(findings->list);
	findings->list = sorted;
}

void findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		clear(&findings->list[i]);
	free(findings->list);
	*findings = (struct findings){ .n = 0 };
}

void tally_add(struct tally *tally, const spn_finding *finding)
{
	size_t at = 0;
	while (at < tally->n_rows && strcmp(tally->rows[at].code, finding->code) != 0)
		at++;
	if (at == sizeof tally->rows / sizeof *tally->rows)
		at--; /* the library has far fewer codes */
	if (at == tally->n_rows)
		tally->rows[tally->n_rows++].code = finding->code;
	tally->rows[at].n[finding->severity]++;
	tally->n[finding->severity]++;
	tally->total++;
}

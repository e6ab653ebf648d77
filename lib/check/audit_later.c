/* SPDX-License-Identifier: MIT */
/* Findings that are told later: a summary of all accounts comes before them, and a server is asked for those once. */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "base/error.h"

/* A copy, with its texts behind it.  Findings of an audit have no steps, and nothing is predicted for them. */
struct spk_later_finding {
	struct spk_later_finding *next;
	spn_finding finding;
};

static size_t length(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static const char *put(char **at, const char *text)
{
	char *copy = *at;
	size_t len = length(text);
	if (!len)
		return NULL;
	memcpy(copy, text, len);
	*at += len;
	return copy;
}

static struct spk_later_finding *copy(const spn_finding *finding)
{
	size_t refs = finding->n_accounts * sizeof(spn_account_ref);
	size_t size = sizeof(struct spk_later_finding) + refs + length(finding->spn) + length(finding->text) +
			length(finding->repair);
	for (size_t i = 0; i < finding->n_accounts; i++)
		size += length(finding->accounts[i].dn) + length(finding->accounts[i].account);
	struct spk_later_finding *kept = malloc(size);
	if (!kept)
		return NULL;
	spn_account_ref *accounts = (spn_account_ref *)(kept + 1);
	char *at = (char *)(accounts + finding->n_accounts);
	*kept = (struct spk_later_finding){ .finding = *finding };
	kept->finding.accounts = accounts;
	for (size_t i = 0; i < finding->n_accounts; i++) {
		accounts[i].dn = put(&at, finding->accounts[i].dn);
		accounts[i].account = put(&at, finding->accounts[i].account);
	}
	kept->finding.spn = put(&at, finding->spn);
	kept->finding.text = put(&at, finding->text);
	kept->finding.repair = put(&at, finding->repair);
	return kept;
}

spn_status spk_later_take(const spn_finding *finding, void *data, spn_error *err)
{
	spk_later *later = data;
	if (!later->is_waiting)
		return spk_tell_finding(later->to, finding, err);
	struct spk_later_finding *kept = copy(finding);
	if (!kept)
		return spk_nomem(err);
	*(later->first ? &later->last->next : &later->first) = kept;
	later->last = kept;
	return SPN_OK;
}

spn_status spk_later_tell(spk_later *later, spn_error *err)
{
	spn_status status = SPN_OK;
	later->is_waiting = false;
	for (const struct spk_later_finding *kept = later->first; !status && kept; kept = kept->next)
		status = spk_tell_finding(later->to, &kept->finding, err);
	spk_later_free(later);
	return status;
}

void spk_later_free(spk_later *later)
{
	while (later->first) {
		struct spk_later_finding *next = later->first->next;
		free(later->first);
		later->first = next;
	}
}

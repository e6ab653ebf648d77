/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "audit.h"
#include "delegation.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"

/* A disabled account logs on nowhere, and gets no tickets to pass on. */
spn_status spk_rule_delegation(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	const spn_bytes *values;
	(void)rule;
	bool delegates = spk_is_handed_tickets(account) ||
			spn_entry_values(account->entry, SPK_DELEGATES_TO, &values) ||
			spn_entry_values(account->entry, SPK_LETS_ACT, &values) ||
			spn_entry_values(account->entry, SPK_PRECEDED_BY, &values);
	if (!delegates || !spn_account_enabled(account))
		return SPN_OK;
	spk_audit_noted(audit);
	return spk_accounts_add(audit->delegating, account->entry, err);
}

/* A right that leads somewhere is no finding. */
static spn_status tell_fault(const spn_finding *finding, void *data, spn_error *err)
{
	const spk_teller *to = data;
	return finding->severity == SPN_SEVERITY_OK ? SPN_OK : spk_tell_finding(to, finding, err);
}

/* Names are looked up in the domain of those who list them. */
spn_status spk_delegating_judge(const spk_audit *audit, spn_error *err)
{
	const spk_accounts *all = audit->delegating;
	SPK_AUTOFREE spn_account **list = calloc(all->n + 1, sizeof *list);
	spk_teller to = *audit->to;
	spn_status status = list ? SPN_OK : spk_nomem(err);
	for (size_t d = 0; !status && d < audit->scope->n; d++) {
		spn_directory *dir = audit->scope->dirs[d];
		const char *base = NULL;
		spk_accounts here = { list, 0 };
		status = spk_directory_context(dir, "defaultNamingContext", &base, err);
		for (size_t i = 0; !status && base && i < all->n; i++)
			if (spk_dn_same_domain(spn_account_dn(all->list[i]), base))
				list[here.n++] = all->list[i];
		if (!status && here.n)
			status = spk_delegations_tell(dir, &here, &(spk_teller){ tell_fault, &to }, err);
	}
	return status;
}

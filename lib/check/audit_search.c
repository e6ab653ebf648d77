/* SPDX-License-Identifier: MIT */
#include "audit.h"
#include "account/proof.h"
#include "base/error.h"
#include "model/filter.h"

static spn_status collect(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

spn_status spk_audit_search(const spk_audit *audit, const spn_filter *filter, const char *const *attrs_wanted, spk_accounts *ret,
		spn_error *err)
{
	return spk_scope_search(audit->scope, filter, attrs_wanted, collect, ret, err);
}

spn_status spk_audit_holders(const spk_audit *audit, const spk_names *names, spk_accounts *ret_holders, spn_error *err)
{
	enum { TOGETHER = 100 };
	static const char *const of_holders[] = { SPK_PROOF_ATTRS, NULL };
	spn_status status = SPN_OK;
	for (size_t from = 0; !status && from < names->n; from += TOGETHER) {
		spn_filter equals[TOGETHER];
		const spn_filter *parts[TOGETHER + 1] = { NULL };
		for (size_t i = 0; i < TOGETHER && from + i < names->n; i++) {
			equals[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = SPK_SPN, .value = spk_bytes(names->list[from + i]) };
			parts[i] = &equals[i];
		}
		const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
		status = spk_audit_search(audit, &any, of_holders, ret_holders, err);
	}
	return status;
}

bool spk_audit_wants(const spk_audit *audit, const spn_account *account)
{
	const spn_bytes *names;
	size_t n = spn_account_spns(account, &names);
	for (size_t i = 0; audit->options->pattern && i < n; i++)
		if (spk_glob_match(spk_bytes(audit->options->pattern), names[i], SPK_FOLD_WINDOWS))
			return true;
	return !audit->options->pattern;
}

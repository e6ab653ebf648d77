/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "account.h"
#include "base/error.h"
#include "directory/directory.h"
#include "mapping.h"
#include "model/dn.h"
#include "model/fold.h"

const char *spn_severity_name(spn_severity severity)
{
	switch (severity) {
	case SPN_SEVERITY_OK: return "ok";
	case SPN_SEVERITY_NOTICE: return "notice";
	case SPN_SEVERITY_WARNING: return "warning";
	case SPN_SEVERITY_BROKEN: return "broken";
	}
	return "unknown";
}

const char *spn_rule_name(spn_rule rule)
{
	switch (rule) {
	case SPN_RULE_NONE: return "none";
	case SPN_RULE_EXPLICIT: return "explicit";
	case SPN_RULE_ALIAS: return "alias";
	case SPN_RULE_UPN: return "upn";
	case SPN_RULE_AMBIGUOUS: return "ambiguous";
	}
	return "unknown";
}

/* The accounts of found that a rule picks. */
struct picked {
	const spn_account **list;
	size_t n;
	const char *via;
};

static void pick_holders(const spk_accounts *found, const char *name, struct picked *picked)
{
	for (size_t i = 0; i < found->n; i++) {
		const char *stored = spk_account_holds(found->list[i], name);
		if (!stored)
			continue;
		picked->list[picked->n++] = found->list[i];
		picked->via = stored;
	}
}

static void pick_upns(const spk_accounts *found, const char *upn, struct picked *picked)
{
	for (size_t i = 0; i < found->n; i++) {
		const char *has = spn_entry_text(found->list[i]->entry, "userPrincipalName");
		if (!has || !spk_fold_equal(spk_bytes(has), spk_bytes(upn), SPK_FOLD_WINDOWS))
			continue;
		picked->list[picked->n++] = found->list[i];
		picked->via = has;
	}
}

static spn_status answer(const spk_accounts *found, const char *name, const char *target, const char *upn,
		spn_resolution_fn *fn, void *data, spn_error *err)
{
	SPK_AUTOFREE const spn_account **list = calloc(found->n + 1, sizeof *list);
	if (!list)
		return spk_nomem(err);
	struct picked picked = { .list = list };
	spn_rule rule = SPN_RULE_EXPLICIT;
	pick_holders(found, name, &picked);
	if (picked.n == 0 && target) {
		rule = SPN_RULE_ALIAS;
		pick_holders(found, target, &picked);
	}
	if (picked.n == 0) {
		rule = SPN_RULE_UPN;
		pick_upns(found, upn, &picked);
	}
	const spn_resolution resolution = {
		.rule = picked.n == 0 ? SPN_RULE_NONE : picked.n > 1 ? SPN_RULE_AMBIGUOUS : rule,
		.via = picked.via,
		.accounts = list,
		.n_accounts = picked.n,
	};
	return fn(&resolution, data, err);
}

/* The three rules are asked in one search. */
spn_status spn_resolve(spn_directory *dir, const char *spn, spn_resolution_fn *fn, void *data, spn_error *err)
{
	if (!dir || !spn || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_resolve: an argument is NULL");
	spn_name name;
	spn_status status = spn_name_parse(spn, &name, err);
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	const char *base;
	if (!status)
		status = spk_mapping_load(dir, &live, err);
	if (!status)
		status = spk_directory_context(dir, "defaultNamingContext", &base, err);
	if (status)
		return status;
	SPK_AUTOTEXT spk_text target = { 0 }, upn = { 0 };
	bool is_alias = spk_mapping_target(&live.mapping, spn, &target);
	spk_text_add(&upn, "%s@", spn);
	spk_dn_domain(base ? base : "", &upn);
	if (target.failed || upn.failed)
		return spk_nomem(err);
	const spn_filter explicitly = { .op = SPN_FILTER_EQUAL, .attr = SPK_SPN, .value = spk_bytes(spn) };
	const spn_filter by_upn = { .op = SPN_FILTER_EQUAL, .attr = "userPrincipalName", .value = spk_bytes(upn.data) };
	const spn_filter by_alias = { .op = SPN_FILTER_EQUAL, .attr = SPK_SPN,
		.value = spk_bytes(is_alias ? target.data : "") };
	const spn_filter *const parts[] = { &explicitly, &by_upn, is_alias ? &by_alias : NULL, NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	status = spk_accounts_search(dir, &any, false, &found, err);
	if (status)
		return status;
	return answer(&found, spn, is_alias ? target.data : NULL, upn.data, fn, data, err);
}

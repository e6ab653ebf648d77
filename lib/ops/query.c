/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "account.h"
#include "base/error.h"
#include "model/filter.h"

struct query {
	const char *pattern;
	spn_account_fn *fn;
	void *data;
};

static spn_status hand_on(const spn_entry *entry, void *data, spn_error *err)
{
	const struct query *query = data;
	SPK_AUTO(spn_account) *account = NULL;
	spn_status status = spk_account_new(entry, &account, err);
	if (status)
		return status;
	const spn_bytes *spns;
	size_t n = spn_account_spns(account, &spns), n_matched = 0;
	SPK_AUTOFREE spn_bytes *matched = calloc(n ? n : 1, sizeof *matched);
	if (!matched)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++)
		if (spk_glob_match(spk_bytes(query->pattern), spns[i], SPK_FOLD_WINDOWS))
			matched[n_matched++] = spns[i];
	return query->fn(account, matched, n_matched, query->data, err);
}

spn_status spn_query(spn_directory *dir, const char *pattern, bool forest, spn_account_fn *fn, void *data,
		spn_error *err)
{
	if (!dir || !pattern || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_query: an argument is NULL");
	if (!*pattern)
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "the name to look for is empty");
	struct query query = { pattern, fn, data };
	bool all = pattern[strspn(pattern, "*")] == '\0', glob = strchr(pattern, '*');
	const spn_filter filter = {
		.op = all ? SPN_FILTER_PRESENT : glob ? SPN_FILTER_GLOB : SPN_FILTER_EQUAL,
		.attr = SPK_SPN,
		.value = spk_bytes(pattern),
	};
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = spk_account_attrs,
		.forest = forest };
	return spn_directory_search(dir, &search, hand_on, &query, err);
}

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "account.h"
#include "base/error.h"
#include "model/entry.h"
#include "model/filter.h"

static spn_filter filter_of(const char *pattern)
{
	bool all = pattern[strspn(pattern, "*")] == '\0', glob = strchr(pattern, '*');
	return (spn_filter){
		.op = all ? SPN_FILTER_PRESENT : glob ? SPN_FILTER_GLOB : SPN_FILTER_EQUAL,
		.attr = SPK_SPN,
		.value = spk_bytes(pattern),
	};
}

/* The names of an account that match a pattern; free *ret_matched. */
static spn_status match(
		const spn_account *account, const char *pattern, spn_bytes **ret_matched, size_t *ret_n, spn_error *err)
{
	const spn_bytes *spns;
	size_t n = spn_account_spns(account, &spns), n_matched = 0;
	spn_bytes *matched = calloc(n ? n : 1, sizeof *matched);
	if (!matched)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++)
		if (spk_glob_match(spk_bytes(pattern), spns[i], spk_entry_folding(account->entry)))
			matched[n_matched++] = spns[i];
	*ret_matched = matched;
	*ret_n = n_matched;
	return SPN_OK;
}

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
	SPK_AUTOFREE spn_bytes *matched = NULL;
	size_t n_matched;
	status = match(account, query->pattern, &matched, &n_matched, err);
	if (status)
		return status;
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(query->fn(account, matched, n_matched, query->data, err), before, err);
}

spn_status spn_query(spn_directory *dir, const char *pattern, bool forest, spn_account_fn *fn, void *data,
		spn_error *err)
{
	if (!dir || !pattern || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_query: an argument is NULL");
	if (!*pattern)
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "the name to look for is empty");
	struct query query = { pattern, fn, data };
	const spn_filter filter = filter_of(pattern);
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = spk_account_attrs,
		.forest = forest };
	return spn_directory_search(dir, &search, hand_on, &query, err);
}

struct numbered {
	size_t i;
	spn_query_fn *fn;
	void *data;
};

static spn_status add_number(
		const spn_account *account, const spn_bytes *matched, size_t n_matched, void *data, spn_error *err)
{
	const struct numbered *numbered = data;
	return numbered->fn(numbered->i, account, matched, n_matched, numbered->data, err);
}

/* Tells of those accounts that hold a name like the pattern.  Notes in used which ones that are. */
static spn_status tell(
		const spk_accounts *found, const char *pattern, bool *used, const struct numbered *to, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < found->n; i++) {
		SPK_AUTOFREE spn_bytes *matched = NULL;
		size_t n_matched;
		status = match(found->list[i], pattern, &matched, &n_matched, err);
		used[i] |= !status && n_matched > 0;
		if (!status && n_matched > 0 && to) {
			spn_status before = spk_callback_begin(err);
			status = spk_callback_end(to->fn(to->i, found->list[i], matched, n_matched, to->data, err), before, err);
		}
	}
	return status;
}

static spn_status search_all(spn_directory *dir, const char *const *patterns, size_t n, bool forest,
		spk_accounts *found, spn_error *err)
{
	SPK_AUTOFREE spn_filter *filters = calloc(n, sizeof *filters);
	SPK_AUTOFREE const spn_filter **parts = calloc(n + 1, sizeof *parts);
	if (!filters || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		filters[i] = filter_of(patterns[i]);
		parts[i] = &filters[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	return spk_accounts_search(dir, &any, forest, found, err);
}

spn_status spn_query_many(spn_directory *dir, const char *const *patterns, size_t n, bool forest, spn_query_fn *fn,
		void *data, spn_error *err)
{
	if (!dir || !patterns || !fn || n == 0)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_query_many: an argument is NULL, or there is no pattern");
	for (size_t i = 0; i < n; i++)
		if (!patterns[i] || !*patterns[i])
			return spn_fail(err, SPN_ERR_SYNTAX, 0, "the name to look for is empty");
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	spn_status status = search_all(dir, patterns, n, forest, &found, err);
	SPK_AUTOFREE bool *used = calloc(found.n + 1, sizeof *used);
	if (!status && !used)
		return spk_nomem(err);
	for (size_t i = 0; !status && i < n; i++)
		status = tell(&found, patterns[i], used, NULL, err);
	/* the directory decides what is equal: where it finds more than we can tell apart, each pattern is asked for alone */
	bool clear = true;
	for (size_t i = 0; !status && i < found.n; i++)
		clear &= used[i];
	for (size_t i = 0; !status && i < n; i++) {
		struct numbered numbered = { i, fn, data };
		status = clear ? tell(&found, patterns[i], used, &numbered, err)
				: spn_query(dir, patterns[i], forest, add_number, &numbered, err);
	}
	return status;
}

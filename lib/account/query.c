/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "base/error.h"
#include "base/keys.h"
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

/* A name of an account that is like a pattern. */
struct hit {
	size_t pattern, account;
	spn_bytes name;
};

/* All of them: in the order of the accounts, then in that of the patterns. */
struct hits {
	struct hit *list;
	size_t n, size;
};

static void free_hits(struct hits *hits)
{
	free(hits->list);
}
#define AUTOHITS __attribute__((cleanup(free_hits)))

/* The patterns that a name is compared with: those that have the same key, and those that are more than a name. */
struct patterns {
	const char *const *list;
	size_t n;
	spk_keys keys[SPK_FOLD_EITHER + 1]; /* of those without '*', for each way to compare that is needed */
	size_t *first[SPK_FOLD_EITHER + 1]; /* of each key, the first pattern */
	size_t *next[SPK_FOLD_EITHER + 1];  /* of each pattern, the next one with its key; n: there is none */
	size_t *globs, n_globs;
};

static void free_patterns(struct patterns *patterns)
{
	for (size_t i = 0; i <= SPK_FOLD_EITHER; i++) {
		spk_keys_free(&patterns->keys[i]);
		free(patterns->first[i]);
		free(patterns->next[i]);
	}
	free(patterns->globs);
}
#define AUTOPATTERNS __attribute__((cleanup(free_patterns)))

static bool is_glob(const char *pattern)
{
	return strchr(pattern, '*');
}

/* False: out of memory. */
static bool make_keys(struct patterns *patterns, spk_folding folding)
{
	size_t n = patterns->n, *first = calloc(n, sizeof *first), *next = calloc(n, sizeof *next);
	patterns->first[folding] = first;
	patterns->next[folding] = next;
	for (size_t i = n; first && next && i-- > 0;) { /* so that the first of them comes first */
		size_t before = patterns->keys[folding].n;
		size_t key = is_glob(patterns->list[i]) ? before :
				spk_folded_add(&patterns->keys[folding], spk_bytes(patterns->list[i]), folding);
		if (key == SIZE_MAX)
			return false;
		next[i] = key < before ? first[key] : n;
		if (!is_glob(patterns->list[i]))
			first[key] = i;
	}
	return first && next;
}

static bool add_hit(struct hits *hits, struct hit hit)
{
	if (hits->n == hits->size) {
		size_t size = hits->size * 2 + 16;
		struct hit *grown = realloc(hits->list, size * sizeof *grown);
		if (!grown)
			return false;
		hits->list = grown;
		hits->size = size;
	}
	hits->list[hits->n++] = hit;
	return true;
}

/* Adds what patterns a name is like.  A key tells which ones it may be like.  False: out of memory. */
static bool match_name(
		struct patterns *patterns, size_t account, spn_bytes name, spk_folding folding, struct hits *hits)
{
	size_t key;
	if ((!patterns->first[folding] && !make_keys(patterns, folding)) ||
			!spk_folded_find(&patterns->keys[folding], name, folding, &key))
		return false;
	bool ok = true;
	for (size_t i = key == SIZE_MAX ? patterns->n : patterns->first[folding][key]; ok && i < patterns->n;
			i = patterns->next[folding][i])
		if (spk_glob_match(spk_bytes(patterns->list[i]), name, folding))
			ok = add_hit(hits, (struct hit){ i, account, name });
	for (size_t i = 0; ok && i < patterns->n_globs; i++)
		if (spk_glob_match(spk_bytes(patterns->list[patterns->globs[i]]), name, folding))
			ok = add_hit(hits, (struct hit){ patterns->globs[i], account, name });
	return ok;
}

static spn_status match_all(struct patterns *patterns, const spk_accounts *found, struct hits *hits, spn_error *err)
{
	patterns->globs = calloc(patterns->n, sizeof *patterns->globs);
	bool ok = patterns->globs;
	for (size_t i = 0; ok && i < patterns->n; i++)
		if (is_glob(patterns->list[i]))
			patterns->globs[patterns->n_globs++] = i;
	for (size_t i = 0; ok && i < found->n; i++) {
		const spn_bytes *spns;
		size_t n = spn_account_spns(found->list[i], &spns);
		for (size_t j = 0; ok && j < n; j++)
			ok = match_name(patterns, i, spns[j], spk_entry_folding(found->list[i]->entry), hits);
	}
	return ok ? SPN_OK : spk_nomem(err);
}

/* By patterns; of one, in the order in which they were found. */
static spn_status sort_hits(struct hits *hits, size_t n_patterns, spn_error *err)
{
	SPK_AUTOFREE size_t *to = calloc(n_patterns + 1, sizeof *to);
	struct hit *sorted = calloc(hits->n + 1, sizeof *sorted);
	if (!to || !sorted) {
		free(sorted);
		return spk_nomem(err);
	}
	for (size_t i = 0; i < hits->n; i++)
		to[hits->list[i].pattern + 1]++;
	for (size_t i = 0; i < n_patterns; i++)
		to[i + 1] += to[i];
	for (size_t i = 0; i < hits->n; i++)
		sorted[to[hits->list[i].pattern]++] = hits->list[i];
	free(hits->list);
	hits->list = sorted;
	return SPN_OK;
}

/* Tells of each account that holds names like a pattern, one pattern after the other. */
static spn_status tell(const spk_accounts *found, const struct hits *hits, spn_query_fn *fn, void *data, spn_error *err)
{
	SPK_AUTOFREE spn_bytes *names = calloc(hits->n + 1, sizeof *names);
	spn_status status = names ? SPN_OK : spk_nomem(err);
	for (size_t i = 0, n; !status && i < hits->n; i += n) {
		const struct hit *hit = &hits->list[i];
		for (n = 0; i + n < hits->n && hit[n].pattern == hit->pattern && hit[n].account == hit->account; n++)
			names[n] = hit[n].name;
		spn_status before = spk_callback_begin(err);
		status = spk_callback_end(fn(hit->pattern, found->list[hit->account], names, n, data, err), before, err);
	}
	return status;
}

/* The directory decides what is equal: where it finds more than we can tell apart, each pattern is asked for alone. */
static bool are_all_hit(const struct hits *hits, size_t n_accounts)
{
	size_t next = 0; /* they are in the order of the accounts */
	for (size_t i = 0; i < hits->n && hits->list[i].account <= next; i++)
		next = hits->list[i].account + 1;
	return next == n_accounts;
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
	AUTOPATTERNS struct patterns all = { .list = patterns, .n = n };
	AUTOHITS struct hits hits = { .n = 0 };
	spn_status status = search_all(dir, patterns, n, forest, &found, err);
	if (!status)
		status = match_all(&all, &found, &hits, err);
	if (!status && are_all_hit(&hits, found.n)) {
		status = sort_hits(&hits, n, err);
		return status ? status : tell(&found, &hits, fn, data, err);
	}
	for (size_t i = 0; !status && i < n; i++) {
		struct numbered numbered = { i, fn, data };
		status = spn_query(dir, patterns[i], forest, add_number, &numbered, err);
	}
	return status;
}

static spn_status note_holder(
		const spn_account *account, const spn_bytes *matched, size_t n_matched, void *data, spn_error *err)
{
	(void)account, (void)matched, (void)n_matched, (void)err;
	*(bool *)data = true;
	return SPN_ERR_STOPPED; /* one is enough */
}

spn_status spn_query_any(spn_directory *const *dirs, size_t n_dirs, const char *pattern, bool forest, bool *ret_any,
		spn_error *err)
{
	bool any = false;
	spn_status status = SPN_OK;
	if (!ret_any || (!dirs && n_dirs))
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_query_any: an argument is NULL");
	for (size_t i = 0; !status && !any && i < n_dirs; i++) {
		status = spn_query(dirs[i], pattern, forest, note_holder, &any, err);
		status = status == SPN_ERR_STOPPED ? SPN_OK : status;
	}
	if (!status)
		*ret_any = any;
	return status;
}

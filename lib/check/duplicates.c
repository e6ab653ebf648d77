/* SPDX-License-Identifier: MIT */
#include "duplicates.h"
#include "same_cn.h"

#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "directory/directory.h"
#include "model/dn.h"

/* How many accounts go by between two looks at the watch. */
#define WATCH_EACH 1024

/* Work on all accounts. */
struct work {
	const spn_duplicates_options *options;
	spk_clash *clash;
	spk_same_cn same_cn;
	uint32_t n_accounts;
	size_t n_names;
};

static spn_status take_names(const spn_entry *entry, void *data, spn_error *err)
{
	struct work *work = data;
	const spn_bytes *names;
	size_t n = spn_entry_values(entry, SPK_SPN, &names);
	if (n && ++work->n_accounts == UINT32_MAX)
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "there are more accounts than can be counted");
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++)
		status = spk_clash_add(work->clash, work->n_accounts, names[i], err);
	work->n_names += n;
	if (!status)
		status = spk_same_cn_take(entry, &work->same_cn, err);
	if (!status && n && work->options->progress && work->n_accounts % WATCH_EACH == 0)
		status = work->options->progress(work->n_accounts, work->n_names, work->options->progress_data, err);
	return status;
}

static spn_status add_family(const spk_mapping *mapping, const char *name, spk_names *names, spn_error *err)
{
	SPK_AUTOTEXT spk_text target = { 0 };
	spn_status status = spk_names_add(names, name, err);
	if (!status && spk_mapping_target(mapping, name, &target))
		status = target.failed ? spk_nomem(err) : spk_names_add(names, target.data, err);
	return status ? status : spk_mapping_aliases(mapping, name, spk_names_collect, names, err);
}

/* Some names: those of their families are looked up, and nothing else is read. */
static spn_status search_families(const spk_scope *scope, const spk_mapping *mapping, const char *const *wanted,
		size_t n, const char *const *attrs, spn_entry_fn *fn, void *data, spn_error *err)
{
	SPK_AUTONAMES spk_names names = { 0 };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++)
		status = add_family(mapping, wanted[i], &names, err);
	if (status)
		return status;
	SPK_AUTOFREE spn_filter *equals = calloc(names.n, sizeof *equals);
	SPK_AUTOFREE const spn_filter **parts = calloc(names.n + 1, sizeof *parts);
	if (!equals || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < names.n; i++) {
		equals[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = SPK_SPN, .value = spk_bytes(names.list[i]) };
		parts[i] = &equals[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	return spk_scope_search(scope, &any, attrs, fn, data, err);
}

/* The class of a name makes no difference here: HOST/web counts for http/web*. */
spn_status spk_scope_search_names(const spk_scope *scope, const spk_mapping *mapping, const char *pattern,
		const char *const *attrs, spn_entry_fn *fn, void *data, spn_error *err)
{
	const char *slash = strchr(pattern, '/');
	if (!strchr(pattern, '*'))
		return search_families(scope, mapping, &pattern, 1, attrs, fn, data, err);
	SPK_AUTOFREE char *glob = slash ? spk_printf("*%s", slash) : NULL;
	if (slash && !glob)
		return spk_nomem(err);
	const spn_filter filter = { .op = glob ? SPN_FILTER_GLOB : SPN_FILTER_PRESENT, .attr = SPK_SPN,
		.value = spk_bytes(glob ? glob : "") };
	return spk_scope_search(scope, &filter, attrs, fn, data, err);
}

/* Accounts of several directories may have names in common: then all of them are read. */
spn_status spk_scope_search_shared(
		const spk_scope *scope, const char *const *attrs, spn_entry_fn *fn, void *data, spn_error *err)
{
	const spn_filter filter = { .op = SPN_FILTER_PRESENT, .attr = SPK_SPN };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = attrs, .forest = scope->forest };
	return scope->n == 1 ? spk_directory_search_shared(scope->dirs[0], &search, fn, data, err)
			: spk_scope_search(scope, &filter, attrs, fn, data, err);
}

/* Goes over the accounts that may hold some of the names, or one that matches the pattern; NULL: over all.  On Samba,
 * a name that one account alone holds may be another's by its cn. */
static spn_status go_over(const spk_scope *scope, const spk_mapping *mapping, const char *const *names, size_t n,
		struct work *work, spn_error *err)
{
	static const char *const of_names[] = { SPK_SPN, NULL }, *const of_accounts[] = { SPK_SPN, SPK_KIND_ATTRS, NULL };
	const char *pattern = work->options->pattern;
	const char *const *attrs = work->same_cn.is_samba ? of_accounts : of_names;
	if (names)
		return search_families(scope, mapping, names, n, attrs, take_names, work, err);
	if (pattern)
		return spk_scope_search_names(scope, mapping, pattern, attrs, take_names, work, err);
	return work->same_cn.is_samba ? spk_same_cn_search(scope, attrs, take_names, work, err) :
					spk_scope_search_shared(scope, attrs, take_names, work, err);
}

static spn_status find(const spk_scope *scope, const char *const *names, size_t n_names, struct work *work,
		const spk_teller *to, spn_error *err)
{
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	SPK_AUTOCLASH spk_clash *clash = NULL;
	const spk_suspect *suspects = NULL;
	size_t n = 0;
	spk_folding folding = SPK_FOLD_WINDOWS;
	bool exact = false;
	spn_status status = spk_mapping_load(scope->dirs[0], &live, err);
	if (!status)
		status = spk_scope_folding(scope, &folding, &exact, err);
	if (!status)
		status = spk_clash_new(&live.mapping, folding, &clash, err);
	work->clash = clash;
	if (!status)
		status = spk_same_cn_begin(&work->same_cn, scope, err);
	work->same_cn.is_of_some = names || work->options->pattern;
	if (!status)
		status = go_over(scope, &live.mapping, names, n_names, work, err);
	if (!status)
		status = spk_clash_finish(clash, &suspects, &n, err);
	if (!status && work->options->progress) {
		spn_status before = spk_callback_begin(err);
		status = work->options->progress(work->n_accounts, work->n_names, work->options->progress_data, err);
		spk_callback_end(status, before, err);
	}
	if (!status)
		status = spk_duplicates_confirm(scope, suspects, n, work->options->pattern, to, err);
	if (!status)
		status = spk_same_cn_tell(&work->same_cn, scope, work->options->pattern, to, err);
	spk_same_cn_free(&work->same_cn);
	return status;
}

spn_status spk_duplicates_of_names(
		const spk_scope *scope, const char *const *names, size_t n, const spk_teller *to, spn_error *err)
{
	static const spn_duplicates_options options = SPN_DUPLICATES_OPTIONS_INIT;
	struct work work = { .options = &options };
	return n ? find(scope, names, n, &work, to, err) : SPN_OK;
}

spn_status spn_find_duplicates(spn_directory *dir, const spn_duplicates_options *options, spn_finding_fn *fn,
		void *data, spn_error *err)
{
	spn_duplicates_options taken;
	spn_status status = spk_take("spn_duplicates_options", options, SPK_ONLY(spn_duplicates_options), &taken, err);
	if (status)
		return status;
	options = &taken;
	if (!dir || !fn || (options->n_others && !options->others))
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_find_duplicates: an argument is NULL");
	if (options->pattern && !*options->pattern)
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "the name to look for is empty");
	spk_scope scope;
	struct work work = { .options = options };
	status = spk_scope_new(dir, options->others, options->n_others, options->forest, &scope, err);
	if (status)
		return status;
	status = spk_scope_trouble(&scope, find(&scope, NULL, 0, &work, &(spk_teller){ fn, data }, err), err);
	spk_scope_free(&scope);
	return status;
}

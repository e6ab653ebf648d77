/* SPDX-License-Identifier: MIT */
#include "duplicates.h"

#include <string.h>

#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"

/* Whether a search of one directory finds what a search of another does: both are the same domain. */
static spn_status is_same_domain(
		spn_directory *dir, spn_directory *other, const char *attr, bool *ret_same, spn_error *err)
{
	const char *context = NULL, *other_context = NULL;
	spn_status status = spk_directory_context(dir, attr, &context, err);
	if (!status)
		status = spk_directory_context(other, attr, &other_context, err);
	*ret_same = !status && context && other_context && spk_dn_equal(context, other_context);
	return status;
}

spn_status spk_scope_new(spn_directory *dir, spn_directory *const *others, size_t n_others, bool forest,
		spk_scope *ret_scope, spn_error *err)
{
	SPK_AUTOFREE spn_directory **dirs = calloc(n_others + 1, sizeof *dirs);
	const char *attr = forest ? "rootDomainNamingContext" : "defaultNamingContext";
	if (!dirs)
		return spk_nomem(err);
	size_t n = 0;
	for (size_t i = 0; i < n_others + 1; i++) {
		spn_directory *one = i == 0 ? dir : others[i - 1];
		bool is_known = false;
		if (!one)
			return spn_fail(err, SPN_ERR_INVALID, 0, "one of the directories is NULL");
		spn_status status = SPN_OK;
		for (size_t j = 0; !status && !is_known && j < n; j++)
			status = is_same_domain(dirs[j], one, attr, &is_known, err);
		if (status)
			return status;
		if (!is_known)
			dirs[n++] = one;
	}
	struct spk_called *called = calloc(1, sizeof *called);
	if (!called)
		return spk_nomem(err);
	*ret_scope = (spk_scope){ dirs, n, forest, called };
	dirs = NULL;
	return SPN_OK;
}

void spk_scope_free(spk_scope *scope)
{
	spk_keys_free(&scope->called->by_name);
	spk_keys_free(&scope->called->by_dn);
	free(scope->called);
	free((void *)(uintptr_t)scope->dirs);
}

/* An account is looked up once, whatever it holds. */
const char *spk_scope_operand(const spk_scope *scope, const spn_account *account)
{
	const char *name = spn_account_name(account), *dn = spn_account_dn(account);
	if (spk_keys_find(&scope->called->by_name, spk_bytes(dn)) != SIZE_MAX)
		return name;
	if (spk_keys_find(&scope->called->by_dn, spk_bytes(dn)) != SIZE_MAX)
		return dn;
	spn_error why = { .status = SPN_OK };
	const char *operand = spk_account_operand(scope->dirs[0], account, &why);
	if (spk_keys_add(operand == dn ? &scope->called->by_dn : &scope->called->by_name, spk_bytes(dn)) == SIZE_MAX)
		(void)spk_nomem(&why);
	if (why.status && !scope->called->trouble.status)
		scope->called->trouble = why;
	return operand;
}

spn_status spk_scope_trouble(const spk_scope *scope, spn_status status, spn_error *err)
{
	const spn_error *trouble = &scope->called->trouble;
	return status || !trouble->status ?
			status :
			spk_fail_as(err, trouble->status, trouble, "%s", trouble->message);
}

spn_status spk_scope_folding(const spk_scope *scope, spk_folding *ret_folding, bool *ret_exact, spn_error *err)
{
	spn_status status = SPN_OK;
	*ret_exact = true;
	for (size_t i = 0; !status && i < scope->n; i++) {
		spk_folding folding = SPK_FOLD_WINDOWS;
		status = spk_directory_folding(scope->dirs[i], &folding, err);
		bool same = i == 0 || folding == *ret_folding;
		*ret_exact &= same && spk_directory_is_local(scope->dirs[i]);
		*ret_folding = same ? folding : SPK_FOLD_WINDOWS;
	}
	return status;
}

spn_status spk_scope_search(const spk_scope *scope, const spn_filter *filter, const char *const *attrs,
		spn_entry_fn *fn, void *data, spn_error *err)
{
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = filter, .attrs = attrs, .forest = scope->forest };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < scope->n; i++)
		status = spn_directory_search(scope->dirs[i], &search, fn, data, err);
	return status;
}

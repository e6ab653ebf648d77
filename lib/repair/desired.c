/* SPDX-License-Identifier: MIT */
/* desired.c - names that an account shall hold, as spn_propose_converge reads them */
#include <stdlib.h>
#include <string.h>

#include <spnkit/expect.h>
#include <spnkit/repair.h>

#include "account/names.h"
#include "base/cleanup.h"
#include "base/error.h"

static spn_status take_dn(const spn_entry *entry, void *data, spn_error *err)
{
	char **dn = data;
	*dn = strdup(spn_entry_dn(entry));
	return *dn ? spn_fail(err, SPN_ERR_STOPPED, 0, "one is enough") : spk_nomem(err);
}

spn_status spn_desired_account(spn_directory *desired, char **ret_dn, spn_error *err)
{
	const spn_filter has_names = { .op = SPN_FILTER_PRESENT, .attr = "servicePrincipalName" };
	static const char *const attrs[] = { "objectClass", NULL };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &has_names, .attrs = attrs };
	if (!desired || !ret_dn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_desired_account: an argument is NULL");
	*ret_dn = NULL;
	spn_status status = spn_directory_search(desired, &search, take_dn, ret_dn, err);
	return status == SPN_ERR_STOPPED ? SPN_OK : status;
}

/* The names of a service that the account shall hold. */
struct desired {
	spn_expectation_fn *fn;
	void *data;
	char *dn, *account;
	spk_names spns;
};

static void clear_desired(struct desired *desired)
{
	free(desired->dn);
	free(desired->account);
	spk_names_free(&desired->spns);
}
#define AUTODESIRED __attribute__((cleanup(clear_desired)))

/* An alias of HOST/ need not be registered.  A name that is asked for only if typed is listed if it is registered. */
static bool is_desired(const spn_expectation *expectation)
{
	const spn_finding *finding = expectation->finding;
	if (!expectation->expected || !expectation->resolution || !finding->spn || strcmp(finding->code, "by-alias") == 0)
		return false;
	return expectation->need == SPN_NEED_MUST || spn_account_holds(expectation->expected, finding->spn);
}

static spn_status take(const spn_expectation *expectation, void *data, spn_error *err)
{
	struct desired *desired = data;
	const spn_account *expected = expectation->expected;
	if (expected && !desired->dn) {
		desired->dn = strdup(spn_account_dn(expected));
		desired->account = strdup(spn_account_name(expected));
		if (!desired->dn || !desired->account)
			return spk_nomem(err);
	}
	spn_status status = is_desired(expectation) ? spk_names_add(&desired->spns, expectation->finding->spn, err) : SPN_OK;
	return status || !desired->fn ? status : desired->fn(expectation, desired->data, err);
}

spn_status spn_desired_write_expected(spn_directory *dir, const spn_recipe *recipe, const spn_expect_options *options,
		FILE *file, size_t *ret_n, spn_expectation_fn *fn, void *data, spn_error *err)
{
	AUTODESIRED struct desired desired = { .fn = fn, .data = data };
	if (!file)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_desired_write_expected: an argument is NULL");
	spn_status status = spn_expect(dir, NULL, recipe, options, take, &desired, err);
	size_t n = desired.spns.n;
	SPK_AUTOFREE spn_bytes *spns = calloc(n + 1, sizeof *spns);
	if (!status && !spns)
		status = spk_nomem(err);
	for (size_t i = 0; !status && i < n; i++)
		spns[i] = (spn_bytes){ desired.spns.list[i], strlen(desired.spns.list[i]) };
	if (!status && n)
		status = spn_desired_write(desired.dn, desired.account, spns, n, file, err);
	if (!status && ret_n)
		*ret_n = n;
	return status;
}

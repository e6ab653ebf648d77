/* SPDX-License-Identifier: MIT */
/* Allocation n fails, for n = 1, 2, ... until the scenario passes, while a server of LDAP answers: each time a clean
 * answer, and a change that is known to stand or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <spnkit/spnkit.h>

#include "wrap.h"
#include "unit/ldap_server.h"

#define BASE "DC=example,DC=com"
#define N_NAMES 120

typedef spn_status scenario_fn(spn_directory *dir, spn_error *err);

/* ---- the server: a group whose members come in parts, in two pages ---- */

static void answer(struct server *server, int fd, const struct request *request)
{
	bool first = request->cookie.bv_len == 0;
	(void)server;
	if (request->kind == LDAP_REQ_MODIFY) {
		reply_result(fd, request->id, LDAP_RES_MODIFY, strstr(request->base, "refused") ? LDAP_UNWILLING_TO_PERFORM : 0, "");
		return;
	}
	if (request->base[0] == '\0')
		reply_entry(fd, request->id, "", "defaultNamingContext", BASE, 0, 0);
	else if (request->attr && strncmp(request->attr, "member;range=", 13) == 0)
		reply_entry(fd, request->id, "CN=1," BASE, "member;range=5-*", "v", 5, 7);
	else
		reply_entry(fd, request->id, first ? "CN=1," BASE : "CN=2," BASE, "member;range=0-4", "v", 0, 4);
	if (request->paged)
		reply_page_end(fd, request->id, first ? "next" : "");
	else
		reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

static spn_status give(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *err)
{
	(void)data, (void)err;
	*ret_len = (size_t)snprintf(buffer, size, "secret");
	return SPN_OK;
}

/* ---- the scenarios ---- */

static spn_status ignore(const spn_entry *entry, void *data, spn_error *err)
{
	(void)entry, (void)data, (void)err;
	return SPN_OK;
}

static spn_status search(spn_directory *dir, spn_error *err)
{
	static const spn_search search = { .base = BASE, .scope = SPN_SCOPE_SUBTREE };
	const spn_entry *root;
	spn_status status = spn_directory_root(dir, &root, err);
	return status ? status : spn_directory_search(dir, &search, ignore, NULL, err);
}

static spn_status search_names(spn_directory *dir, spn_error *err)
{
	static char names[N_NAMES][16];
	spn_filter equals[N_NAMES];
	const spn_filter *parts[N_NAMES + 1] = { NULL };
	for (unsigned i = 0; i < N_NAMES; i++) {
		int len = snprintf(names[i], sizeof names[i], "http/%u", i);
		equals[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = "servicePrincipalName",
				.value = { names[i], (size_t)len } };
		parts[i] = &equals[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = { .base = BASE, .scope = SPN_SCOPE_SUBTREE, .filter = &any };
	return spn_directory_search(dir, &search, ignore, NULL, err);
}

static spn_status modify(spn_directory *dir, spn_error *err)
{
	static const spn_mod mods[] = {
		{ SPN_MOD_DELETE, "servicePrincipalName", { "a/1", 3 } },
		{ SPN_MOD_DELETE, "servicePrincipalName", { "a/2", 3 } },
		{ SPN_MOD_ADD, "member", { "c", 1 } },
	};
	return spn_directory_modify(dir, "CN=a," BASE, mods, 3, err);
}

/* Several changes at once, of which one is refused. */
static spn_status apply(spn_directory *dir, spn_error *err)
{
	static const char *const groups[] = { "CN=a," BASE, "CN=refused," BASE, "CN=c," BASE };
	const spn_mod mod = { SPN_MOD_ADD, "member", { "CN=m," BASE, 22 } };
	spn_plan *plan = NULL;
	spn_status status = spn_plan_new(&plan, err);
	for (size_t i = 0; !status && i < 3; i++)
		status = spn_plan_append(plan, &(spn_step){ 0, groups[i], "", &mod, 1, "", SPN_OPTIONAL }, err);
	if (!status)
		status = spn_plan_apply(plan, dir, NULL, NULL, NULL, err);
	spn_plan_free(plan);
	return status;
}

static const struct {
	const char *name;
	scenario_fn *run;
	bool forgives; /* a refusal is explained with less */
} scenarios[] = {
	{ "search", search, false },
	{ "search for many names", search_names, false },
	{ "modify", modify, false },
	{ "apply", apply, true },
};
#define N_SCENARIOS (sizeof scenarios / sizeof scenarios[0])

/* ---- the faults ---- */

static spn_status run(scenario_fn *scenario, unsigned long nth, bool lasting, unsigned long *ret_failed, spn_error *err)
{
	struct server server;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.credentials = &credentials;
	spn_directory *dir = NULL;
	credentials.bind_dn = "CN=x";
	credentials.password = give;
	options.timeout = 60;
	*err = (spn_error){ .status = SPN_OK };
	server_start(&server, answer);
	wrap_fail(WRAP_MEMORY, nth, ENOMEM, lasting);
	spn_status status = spn_directory_open(server.url, &options, &dir, err);
	if (!status)
		status = scenario(dir, err);
	wrap_end(ret_failed);
	spn_directory_free(dir);
	server_stop(&server);
	return status;
}

static void whichever_allocation_fails_the_answer_is_clean(void **state)
{
	(void)state;
	unsigned long total = 0, n_wrong = 0, failed;
	spn_error err;
	for (size_t s = 0; s < N_SCENARIOS; s++)
		for (int lasting = 0; lasting < 2; lasting++) {
			assert_int_equal(run(scenarios[s].run, 0, false, &failed, &err), SPN_OK);
			for (unsigned long n = 1;; n++) {
				spn_status status = run(scenarios[s].run, n, lasting, &failed, &err);
				if (failed == 0)
					break;
				total++;
				if (status != SPN_ERR_NOMEM && status != SPN_ERR_HALF_DONE && (status || !scenarios[s].forgives)) {
					print_error("%s, allocation %lu: %s: %s\n", scenarios[s].name, n, spn_status_name(status), err.message);
					n_wrong++;
				}
			}
		}
	print_message("%lu allocations failed\n", total);
	assert_int_equal(n_wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whichever_allocation_fails_the_answer_is_clean),
	};
	return cmocka_run_group_tests_name("faults_ldap", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What is looked up about a plan that somebody else wrote. */
#include "ops.h"

static void append(struct fixture *f, const char *dn, const char *attr, const char *value)
{
	const spn_mod mod = { SPN_MOD_ADD, attr, { value, strlen(value) } };
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = dn, .account = "forged", .mods = &mod, .n_mods = 1,
			.reason = "" }, &f->err), SPN_OK);
}

static void a_person_hears_of_other_attributes_and_of_names_that_impersonate(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "servicePrincipalName", "http/fine");
	append(f, POOL, "krbtgt", "x");
	append(f, READERS, "member", DB);
	append(f, POOL, "servicePrincipalName", "krbtgt/EXAMPLE.COM");
	append(f, POOL, "servicePrincipalName", "ldap/web.example.com");
	assert_int_equal(spn_plan_review(f->plan, f->dir, note_finding, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "other-attribute -;impersonation krbtgt/EXAMPLE.COM;");
}

/* How many searches a look at the plan takes. */
static unsigned long cost(struct fixture *f)
{
	unsigned long before = spn_mock_calls(f->dir, SPN_FAULT_ON_SEARCH);
	assert_int_equal(spn_plan_review(f->plan, f->dir, note_finding, f, &f->err), SPN_OK);
	return spn_mock_calls(f->dir, SPN_FAULT_ON_SEARCH) - before;
}

static void what_is_looked_up_is_looked_up_together(void **state)
{
	struct fixture *f = *state;
	append(f, READERS, "member", DB);
	assert_int_equal(cost(f), 0);
	append(f, POOL, "servicePrincipalName", "http/fine");
	cost(f); /* that reads the mapping, too */
	unsigned long of_one = cost(f);
	append(f, DB, "servicePrincipalName", "http/fine2");
	append(f, POOL, "servicePrincipalName", "no name");
	assert_int_equal(cost(f), of_one);
	assert_string_equal(f->told, "");
}

static void a_person_hears_of_who_answers_by_its_principal(void **state)
{
	struct fixture *f = *state;
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/upn", 8 } };
	const spn_mod upn = { SPN_MOD_ADD, "userPrincipalName", { "http/upn@EXAMPLE.COM", 20 } };
	assert_int_equal(spn_directory_modify(f->dir, DB, &upn, 1, &f->err), SPN_OK);
	append(f, DB, "servicePrincipalName", "http/upn");
	cost(f);
	assert_string_equal(f->told, "");
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = POOL, .mods = &mod, .n_mods = 1,
			.flags = SPN_TAKEOVER }, &f->err), SPN_OK);
	cost(f);
	assert_string_equal(f->told, "");
	append(f, POOL, "servicePrincipalName", "http/upn");
	cost(f);
	assert_string_equal(f->told, "takeover http/upn;");
}

static void the_account_of_a_step_is_that_of_its_entry(void **state)
{
	struct fixture *f = *state;
	spn_plan *named = NULL;
	append(f, POOL, "servicePrincipalName", "http/new");
	append(f, READERS, "member", DB);
	append(f, "CN=nobody," BASE, "member", DB);
	assert_int_equal(spn_plan_name_accounts(f->plan, f->dir, SPN_PLAN_LDIF, &named, &f->err), SPN_OK);
	assert_string_equal(spn_plan_step(named, 0)->account, "pool");
	assert_string_equal(spn_plan_step(named, 1)->account, "readers");
	assert_string_equal(spn_plan_step(named, 2)->account, "");
	named = spn_plan_free(named);
	assert_int_equal(spn_plan_name_accounts(f->plan, f->dir, SPN_PLAN_SETSPN, &named, &f->err), SPN_OK);
	assert_string_equal(spn_plan_step(named, 0)->account, "pool");
	assert_string_equal(spn_plan_step(named, 1)->account, "");
	spn_plan_free(named);
}

static void a_line_of_setspn_needs_an_account(void **state)
{
	struct fixture *f = *state;
	spn_plan *named = NULL;
	append(f, "CN=nobody," BASE, "servicePrincipalName", "http/new");
	assert_int_equal(spn_plan_name_accounts(f->plan, f->dir, SPN_PLAN_POWERSHELL, &named, &f->err), SPN_OK);
	named = spn_plan_free(named);
	assert_int_equal(spn_plan_name_accounts(f->plan, f->dir, SPN_PLAN_SETSPN, &named, &f->err), SPN_ERR_NOT_FOUND);
	assert_null(named);
}

static void a_plan_without_steps_and_one_of_a_file_stay_where_they_are(void **state)
{
	struct fixture *f = *state;
	const spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	spn_directory *there = f->dir;
	assert_int_equal(spn_plan_domain_open(f->plan, f->dir, &options, &there, &f->err), SPN_OK);
	assert_null(there);
	append(f, POOL, "servicePrincipalName", "http/new");
	assert_int_equal(spn_plan_domain_open(f->plan, f->dir, &options, &there, &f->err), SPN_OK);
	assert_null(there);
	assert_int_equal(spn_plan_domain_open(f->plan, f->dir, NULL, &there, &f->err), SPN_ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(a_person_hears_of_other_attributes_and_of_names_that_impersonate),
		with_sample(what_is_looked_up_is_looked_up_together),
		with_sample(a_person_hears_of_who_answers_by_its_principal),
		with_sample(the_account_of_a_step_is_that_of_its_entry),
		with_sample(a_line_of_setspn_needs_an_account),
		with_sample(a_plan_without_steps_and_one_of_a_file_stay_where_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

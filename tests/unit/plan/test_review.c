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

static void only_what_may_impersonate_is_looked_up(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "servicePrincipalName", "http/fine");
	append(f, READERS, "member", DB);
	unsigned long before = spn_mock_calls(f->dir, SPN_FAULT_ON_SEARCH);
	assert_int_equal(spn_plan_review(f->plan, f->dir, note_finding, f, &f->err), SPN_OK);
	assert_int_equal(spn_mock_calls(f->dir, SPN_FAULT_ON_SEARCH), before);
	assert_string_equal(f->told, "");
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
		with_sample(only_what_may_impersonate_is_looked_up),
		with_sample(the_account_of_a_step_is_that_of_its_entry),
		with_sample(a_line_of_setspn_needs_an_account),
		with_sample(a_plan_without_steps_and_one_of_a_file_stay_where_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

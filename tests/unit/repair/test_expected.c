/* SPDX-License-Identifier: MIT */
#include "ops.h"

static const char domain[] =
	"dn: " BASE "\nobjectClass: domainDNS\n\n"
	"dn: CN=db," BASE "\nobjectClass: user\nobjectClass: computer\nsAMAccountName: db$\nuserAccountControl: 4096\n"
	"dNSHostName: db.example.com\noperatingSystem: Windows\nservicePrincipalName: HOST/db.example.com\n"
	"servicePrincipalName: MSSQLSvc/db.example.com:1433\n\n"
	"dn: CN=sql," BASE "\nobjectClass: user\nsAMAccountName: sql\nuserAccountControl: 512\n"
	"servicePrincipalName: MSSQLSvc/db.example.com:NAMED\n\n"
	"dn: CN=old," BASE "\nobjectClass: user\nsAMAccountName: old\nuserAccountControl: 512\n"
	"servicePrincipalName: MSSQLSvc/db.example.com:NAMED\n";

static spn_status note(const spn_expectation *expectation, void *data, spn_error *err)
{
	return note_finding(expectation->finding, data, err);
}

static spn_status propose(struct fixture *f, const char *id, const spn_expect_options *options)
{
	const spn_recipe *recipe = NULL;
	assert_int_equal(spn_recipe_find(id, &recipe, NULL), SPN_OK);
	f->told[0] = '\0';
	return spn_propose_expected(f->plan, f->dir, recipe, options, note, f, &f->err);
}

static int open_domain(void **state)
{
	return open_fixture(state, domain, SPN_DIALECT_WINDOWS);
}

#define OPTIONS(...) (&(spn_expect_options){ .version = SPN_EXPECT_OPTIONS_VERSION, __VA_ARGS__ })

static void the_plan_adds_moves_and_takes_duplicates_away_and_leaves_a_healthy_service(void **state)
{
	struct fixture *f = *state;
	const char *const alias = "db2";
	const spn_expect_options *const options = OPTIONS(.host = "db", .port = 1433, .instance = "NAMED",
			.account = "sql", .aliases = &alias, .n_aliases = 1);
	assert_int_equal(propose(f, "mssql", options), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 4);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	expect_names(f, "sql", "MSSQLSvc/db.example.com:NAMED;MSSQLSvc/db.example.com:1433;"
			"MSSQLSvc/db2.example.com:1433;MSSQLSvc/db2.example.com:NAMED;");
	expect_names(f, "db", "HOST/db.example.com;");
	expect_names(f, "old", "");
	assert_int_equal(propose(f, "mssql", options), SPN_OK);
	assert_string_equal(f->told, "ok MSSQLSvc/db.example.com:1433;ok MSSQLSvc/db.example.com:NAMED;"
			"ok MSSQLSvc/db2.example.com:1433;ok MSSQLSvc/db2.example.com:NAMED;ok -;");
	assert_int_equal(spn_plan_count(f->plan), 4);
}

static void a_duplicate_goes_only_while_it_is_one(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(propose(f, "mssql", OPTIONS(.host = "db", .instance = "NAMED", .account = "sql")), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 1);
	assert_string_equal(spn_plan_step(f->plan, 0)->dn, "CN=old," BASE);
	assert_int_equal(spn_plan_step(f->plan, 0)->flags & SPN_DUPLICATE, SPN_DUPLICATE);
	change(f, "CN=sql," BASE, SPN_MOD_DELETE, "servicePrincipalName", "MSSQLSvc/db.example.com:NAMED");
	assert_int_not_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "old", "MSSQLSvc/db.example.com:NAMED"));
}

static void of_duplicates_on_accounts_that_should_not_answer_the_last_one_is_moved(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(propose(f, "mssql", OPTIONS(.host = "db", .instance = "NAMED", .account = "db")), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	expect_names(f, "db$", "HOST/db.example.com;MSSQLSvc/db.example.com:1433;MSSQLSvc/db.example.com:NAMED;");
	expect_names(f, "sql", "");
	expect_names(f, "old", "");
}

static void nothing_is_planned_where_a_person_has_to_decide(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(propose(f, "iis-pool", OPTIONS(.host = "db", .account = "sql")),
			SPN_OK); /* HOST/ of the computer */
	assert_int_equal(spn_plan_count(f->plan), 0);
	assert_int_equal(propose(f, "iis-pool", OPTIONS(.host = "site.example.com")),
			SPN_OK); /* nobody says which account */
	assert_int_equal(spn_plan_count(f->plan), 0);
	assert_int_equal(propose(f, "mssql", OPTIONS(.host = "a b")), SPN_ERR_SYNTAX);
	assert_int_equal(spn_propose_expected(NULL, f->dir, spn_recipe_at(0), OPTIONS(.host = "db"), note, f, &f->err),
			SPN_ERR_INVALID);
	expect_message(f, "NULL");
}

#define with_domain(test) cmocka_unit_test_setup_teardown(test, open_domain, close_sample)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_domain(the_plan_adds_moves_and_takes_duplicates_away_and_leaves_a_healthy_service),
		with_domain(a_duplicate_goes_only_while_it_is_one),
		with_domain(of_duplicates_on_accounts_that_should_not_answer_the_last_one_is_moved),
		with_domain(nothing_is_planned_where_a_person_has_to_decide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

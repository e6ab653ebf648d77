/* SPDX-License-Identifier: MIT */
/* The plan of an audit of several domains, what a takeover takes, and names for converge. */
#include "ops.h"

#define THERE "DC=other,DC=test"

static const char there[] = "dn: " THERE "\nobjectClass: domainDNS\n\n"
	"dn: CN=svc," THERE "\nobjectClass: user\nsAMAccountName: svc\nservicePrincipalName: http/\n\n"
	"dn: CN=two," THERE "\nobjectClass: user\nsAMAccountName: two\nservicePrincipalName: ftp/\n";

static spn_finding malformed(const spn_account_ref *ref, const char *spn)
{
	return (spn_finding){ .code = "malformed",
		.severity = SPN_SEVERITY_BROKEN,
		.spn = spn,
		.accounts = ref,
		.n_accounts = 1,
		.text = "" };
}

static spn_status note_elsewhere(const char *domain, size_t n_steps, void *data, spn_error *err)
{
	char n[24];
	(void)err;
	snprintf(n, sizeof n, "%zu", n_steps);
	append_told(data, domain, n);
	return SPN_OK;
}

static void a_plan_is_for_the_first_domain_and_each_other_one_is_told_once(void **state)
{
	struct fixture *f = *state;
	spn_directory *other = NULL;
	const spn_account_ref refs[] = { { "CN=svc," THERE, "svc" }, { "CN=two," THERE, "two" } };
	const spn_finding first = malformed(&refs[0], "http/"), second = malformed(&refs[1], "ftp/");
	const spn_finding *const findings[] = { &first, &second };
	assert_int_equal(spn_mock_new(there, SPN_DIALECT_WINDOWS, &other, NULL), SPN_OK);
	spn_directory *const here_first[] = { f->dir, other }, *const there_first[] = { other, f->dir };
	assert_int_equal(spn_propose_repairs(f->plan, here_first, 2, findings, 2, NULL, note_elsewhere, f, &f->err), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 0);
	assert_string_equal(f->told, "other.test 2;");
	*f->told = '\0';
	assert_int_equal(spn_propose_repairs(f->plan, there_first, 2, findings, 2, NULL, note_elsewhere, f, &f->err), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 2);
	assert_string_equal(f->told, "");
	spn_directory_free(other);
}

static void a_directory_is_found_by_the_domain_of_a_dn(void **state)
{
	struct fixture *f = *state;
	spn_directory *other = NULL;
	assert_int_equal(spn_mock_new(there, SPN_DIALECT_WINDOWS, &other, NULL), SPN_OK);
	spn_directory *const dirs[] = { f->dir, other };
	assert_ptr_equal(spn_directory_of_dn(dirs, 2, "CN=svc,dc=OTHER,DC=test"), other);
	assert_ptr_equal(spn_directory_of_dn(dirs, 2, POOL), f->dir);
	assert_null(spn_directory_of_dn(dirs, 2, "CN=svc,DC=third,DC=test"));
	assert_null(spn_directory_of_dn(dirs, 2, NULL));
	spn_directory_free(other);
}

static spn_account *find(struct fixture *f, const char *text)
{
	spn_account *account = NULL;
	assert_int_equal(spn_account_find(f->dir, text, SPN_WANT_ANY, &account, &f->err), SPN_OK);
	return account;
}

static void whoever_answers_through_an_alias_until_now_is_told(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "cifs/web.example.com", "http/new" };
	spn_account *pool = find(f, "pool"), *web = find(f, "WEB$");
	assert_int_equal(spn_find_takeovers(f->dir, pool, names, 2, false, note_finding, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "takeover cifs/web.example.com;");
	*f->told = '\0';
	assert_int_equal(spn_find_takeovers(f->dir, web, names, 2, false, note_finding, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "");
	spn_account_free(pool);
	spn_account_free(web);
}

/* The machine gets its own names in any case. */
static void whoever_answers_for_a_default_name_until_now_is_told(void **state)
{
	static const char upn[] = "dn: CN=old,DC=example,DC=com\nobjectClass: user\nsAMAccountName: old\n"
				  "userPrincipalName: HOST/box\n\ndn: CN=box,DC=example,DC=com\nobjectClass: computer\n"
				  "sAMAccountName: box$\ndNSHostName: box.example.com\n";
	struct fixture *f = *state;
	spn_directory *dir = NULL;
	assert_int_equal(spn_mock_new(upn, SPN_DIALECT_WINDOWS, &dir, NULL), SPN_OK);
	assert_int_equal(spn_propose_defaults(f->plan, dir, "box$", note_finding, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "takeover HOST/box;");
	assert_int_equal(spn_plan_count(f->plan), 1);
	spn_directory_free(dir);
}

static void the_names_that_an_account_shall_hold_are_what_converge_reads(void **state)
{
	struct fixture *f = *state;
	const spn_recipe *recipe = NULL;
	spn_expect_options options = SPN_EXPECT_OPTIONS_INIT;
	char *text = NULL;
	size_t size, n = 99;
	FILE *file = open_memstream(&text, &size);
	options.host = "web";
	options.port = 1433;
	options.account = "pool";
	assert_int_equal(spn_recipe_find("mssql", &recipe, NULL), SPN_OK);
	assert_int_equal(spn_desired_write_expected(f->dir, recipe, &options, file, &n, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(n, 2);
	assert_non_null(strstr(text, "dn: " POOL "\n"));
	assert_non_null(strstr(text, "servicePrincipalName: MSSQLSvc/web.example.com:1433\n"));
	free(text);
	options.account = "WEB$";
	file = open_memstream(&text, &size);
	assert_int_equal(spn_recipe_find("winrm", &recipe, NULL), SPN_OK);
	assert_int_equal(spn_desired_write_expected(f->dir, recipe, &options, file, &n, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(fclose(file), 0);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(a_plan_is_for_the_first_domain_and_each_other_one_is_told_once),
		with_sample(a_directory_is_found_by_the_domain_of_a_dn),
		with_sample(whoever_answers_through_an_alias_until_now_is_told),
		with_sample(whoever_answers_for_a_default_name_until_now_is_told),
		with_sample(the_names_that_an_account_shall_hold_are_what_converge_reads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "ops.h"

static const char domain[] =
	"dn: " BASE "\nobjectClass: domainDNS\n\n"
	"dn: CN=WEB," BASE "\nobjectClass: user\nobjectClass: computer\nsAMAccountName: WEB$\nuserAccountControl: 4096\n"
	"dNSHostName: web.example.com\nservicePrincipalName: HOST/web.example.com\nservicePrincipalName: TERMSRV/web\n"
	"servicePrincipalName: MSSQLSvc/web.example.com\nservicePrincipalName: ftp/web\n\n"
	"dn: CN=DC1," BASE "\nobjectClass: user\nobjectClass: computer\nsAMAccountName: DC1$\nuserAccountControl: 532480\n"
	"servicePrincipalName: HOST/dc1\nservicePrincipalName: ldap/dc1\n\n"
	"dn: CN=shop," BASE "\nobjectClass: user\nsAMAccountName: shop\nuserAccountControl: 512\n"
	"servicePrincipalName: http/shop\nservicePrincipalName: HOST/shop\n\n"
	"dn: CN=old," BASE "\nobjectClass: user\nsAMAccountName: old\nuserAccountControl: 512\n"
	"servicePrincipalName: http/old\nservicePrincipalName: http/twice\n\n"
	"dn: CN=new," BASE "\nobjectClass: user\nsAMAccountName: new\nuserAccountControl: 512\n"
	"servicePrincipalName: http/twice\n";

static int open_domain(void **state)
{
	return open_fixture(state, domain, SPN_DIALECT_WINDOWS);
}

static spn_status converge(struct fixture *f, const char *desired, unsigned flags)
{
	spn_directory *file = NULL;
	assert_int_equal(spn_mock_new(desired, SPN_DIALECT_WINDOWS, &file, NULL), SPN_OK);
	f->told[0] = '\0';
	f->plan = spn_plan_free(f->plan);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	spn_status status = spn_propose_converge(f->plan, f->dir, file, flags, note_finding, f, &f->err);
	spn_directory_free(file);
	return status;
}

/* Carries the plan out; the second time there is nothing left to do. */
static void settle(struct fixture *f, const char *desired, unsigned flags)
{
	assert_int_equal(converge(f, desired, flags), SPN_OK);
	assert_int_not_equal(spn_plan_count(f->plan), 0);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(converge(f, desired, flags), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 0);
}

static void what_is_missing_is_added_and_the_rest_stays(void **state)
{
	struct fixture *f = *state;
	settle(f, "dn: CN=shop," BASE "\nservicePrincipalName: HTTP/SHOP\nservicePrincipalName: http/pay\n"
		"servicePrincipalName: HTTP/Pay\n", 0);
	assert_true(holds(f, "shop", "http/pay"));
	assert_true(holds(f, "shop", "HOST/shop"));
	assert_string_equal(f->told, "");
}

static void names_change_places_within_the_file_in_one_plan(void **state)
{
	struct fixture *f = *state;
	settle(f, "dn: CN=shop," BASE "\nservicePrincipalName: http/old\n\n"
		"dn: CN=old," BASE "\nservicePrincipalName: http/shop\nservicePrincipalName: http/twice\n\n"
		"dn: CN=new," BASE "\n", 0);
	expect_names(f, "shop", "HOST/shop;http/old;");
	expect_names(f, "old", "http/twice;http/shop;");
	expect_names(f, "new", "");
}

static void a_duplicate_within_the_file_goes_only_while_it_is_one(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(converge(f, "dn: CN=old," BASE "\nservicePrincipalName: http/twice\n\ndn: CN=new," BASE "\n", 0),
			SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 1);
	assert_string_equal(spn_plan_step(f->plan, 0)->dn, "CN=new," BASE);
	change(f, "CN=old," BASE, SPN_MOD_DELETE, "servicePrincipalName", "http/twice");
	assert_int_not_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "new", "http/twice"));
}

static void a_name_of_an_account_outside_the_file_is_refused(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(converge(f, "dn: CN=shop," BASE "\nservicePrincipalName: HTTP/OLD\n"
			"servicePrincipalName: http/pay\n", 0), SPN_ERR_NOT_UNIQUE);
	assert_string_equal(f->told, "held-elsewhere HTTP/OLD;");
	assert_int_equal(spn_plan_count(f->plan), 0);
	/* nor is a name that both of them hold right */
	assert_int_equal(converge(f, "dn: CN=old," BASE "\nservicePrincipalName: http/twice\n", 0), SPN_ERR_NOT_UNIQUE);
	assert_string_equal(f->told, "held-elsewhere http/twice;");
}

static spn_status note_repairs(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	*(bool *)data |= finding->n_repairs > 0;
	return SPN_OK;
}

/* A service that is declared with the name of its server: what runs as the computer would not be found any more. */
static void a_machine_loses_none_of_its_own_names_unasked(void **state)
{
	struct fixture *f = *state;
	spn_directory *file = NULL;
	bool has_repair = false;
	static const char foreign[] = "dn: CN=shop," BASE "\nservicePrincipalName: host/WEB.example.com\n";
	assert_int_equal(spn_mock_new(foreign, SPN_DIALECT_WINDOWS, &file, NULL), SPN_OK);
	assert_int_equal(spn_propose_converge(f->plan, f->dir, file, 0, note_repairs, &has_repair, &f->err),
			SPN_ERR_NOT_UNIQUE);
	assert_false(has_repair);
	spn_directory_free(file);
	/* be it that the file lists the machine, with another name */
	static const char both[] = "dn: CN=WEB," BASE "\nservicePrincipalName: ftp/web\n\n"
		"dn: CN=shop," BASE "\nservicePrincipalName: host/WEB.example.com\n";
	assert_int_equal(converge(f, both, 0), SPN_ERR_NOT_UNIQUE);
	assert_string_equal(f->told, "held-elsewhere host/WEB.example.com;");
	assert_int_equal(spn_plan_count(f->plan), 0);
	assert_int_equal(converge(f, both, SPN_TAKEOVER), SPN_OK);
	/* what a service on it has registered is the service's */
	assert_int_equal(converge(f, "dn: CN=WEB," BASE "\nservicePrincipalName: ftp/web\n\n"
			"dn: CN=shop," BASE "\nservicePrincipalName: MSSQLSvc/web.example.com\n", 0), SPN_OK);
	assert_int_not_equal(spn_plan_count(f->plan), 0);
}

static void what_host_of_another_serves_takes_takeover(void **state)
{
	struct fixture *f = *state;
	const char *const desired = "dn: CN=new," BASE "\nservicePrincipalName: http/web.example.com\n";
	assert_int_equal(converge(f, desired, 0), SPN_ERR_NOT_UNIQUE);
	assert_int_equal(converge(f, desired, SPN_TAKEOVER), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 1);
}

static void what_another_serves_by_its_principal_takes_takeover(void **state)
{
	struct fixture *f = *state;
	static const char desired[] = "dn: CN=shop," BASE "\nservicePrincipalName: nfs/x\n";
	spn_error error = { .status = SPN_OK };
	const spn_mod mod = { SPN_MOD_ADD, "userPrincipalName", { "nfs/x@example.com", 17 } };
	assert_int_equal(spn_directory_modify(f->dir, "CN=new," BASE, &mod, 1, &error), SPN_OK);
	assert_int_equal(converge(f, desired, 0), SPN_ERR_NOT_UNIQUE);
	expect_message(f, "its userPrincipalName 'nfs/x@example.com'");
	settle(f, desired, SPN_TAKEOVER);
	assert_true(holds(f, "shop", "nfs/x"));
}

static void exactly_keeps_what_registers_itself(void **state)
{
	struct fixture *f = *state;
	const char *const desired = "dn: CN=WEB," BASE "\nservicePrincipalName: HOST/web.example.com\n\n"
		"dn: CN=DC1," BASE "\nservicePrincipalName: HOST/dc1\n\n"
		"dn: CN=shop," BASE "\nservicePrincipalName: http/shop\nservicePrincipalName: http/old\n\n"
		"dn: CN=old," BASE "\n";
	settle(f, desired, SPN_EXACT);
	assert_string_equal(f->told, "self-registered -;self-registered -;");
	assert_false(holds(f, "WEB$", "ftp/web"));
	assert_true(holds(f, "WEB$", "TERMSRV/web"));
	assert_true(holds(f, "WEB$", "MSSQLSvc/web.example.com"));
	assert_true(holds(f, "DC1$", "ldap/dc1"));   /* a controller's */
	assert_false(holds(f, "shop", "HOST/shop")); /* no computer: nothing registers that */
	assert_false(holds(f, "old", "http/old"));
	assert_true(holds(f, "old", "http/twice"));  /* nothing is listed for it */
}

static void exactly_keeps_what_server_products_register(void **state)
{
	static const char *const kept[] = { "nfs/web", "iSCSITarget/web", "exchangeMDB/web", "exchangeRFR/web",
		"exchangeAB/web", "SMTP/web", "SMTPSVC/web", "CmRcService/web", "MSOMHSvc/web", "MSOMSdkSvc/web",
		"AdtServer/web" };
	struct fixture *f = *state;
	char ldif[1000] = "dn: CN=WEB," BASE "\nobjectClass: user\nobjectClass: computer\nsAMAccountName: WEB$\n";
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		snprintf(ldif + strlen(ldif), sizeof ldif - strlen(ldif), "servicePrincipalName: %s\n", kept[i]);
	snprintf(ldif + strlen(ldif), sizeof ldif - strlen(ldif), "servicePrincipalName: exchangeXX/web\n\n"
			"dn: CN=sdk," BASE "\nobjectClass: user\nsAMAccountName: sdk\n"
			"servicePrincipalName: MSOMSdkSvc/om\nservicePrincipalName: MSOMHSvc/om\n");
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	settle(f, "dn: CN=WEB," BASE "\nservicePrincipalName: HOST/web\n\n"
		"dn: CN=sdk," BASE "\nservicePrincipalName: http/om\n", SPN_EXACT);
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		assert_true(holds(f, "WEB$", kept[i]));
	assert_false(holds(f, "WEB$", "exchangeXX/web"));
	assert_true(holds(f, "sdk", "MSOMSdkSvc/om"));
	assert_false(holds(f, "sdk", "MSOMHSvc/om")); /* of a computer only */
}

static void an_incomplete_list_takes_nothing_away(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(converge(f, "dn: CN=shop," BASE "\nservicePrincipalName;range=0-0: http/shop\n", SPN_EXACT), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 0);
	assert_string_equal(f->told, "incomplete -;");
}

/* What was cut off would be deleted. */
static void exactly_refuses_a_file_that_does_not_show_all_names(void **state)
{
	static const struct {
		const char *desired;
		const char *says;
	} lacking[] = {
		{ "dn: CN=shop," BASE "\nservicePrincipalName: http/sh", "ends without a line end" },
		{ "dn: CN=shop," BASE "\nservicePrincipalName: http/shop\n\nsearch: 2\nresult: 4 Size limit exceeded\n",
				"ended early" },
		{ "dn: CN=shop," BASE "\nservicePrincipalName: http/shop\n\ndn: CN=old," BASE "\nservicePrincipalName:\n",
				"its names are unknown" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++) {
		assert_int_equal(converge(f, lacking[i].desired, SPN_EXACT), SPN_ERR_INVALID);
		assert_non_null(strstr(f->err.message, lacking[i].says));
		assert_non_null(strstr(f->err.message, "nothing was changed"));
		assert_int_equal(spn_plan_count(f->plan), 0);
		assert_int_equal(converge(f, lacking[i].desired, 0), SPN_OK);
	}
	/* where no name is listed, none is taken away */
	assert_int_equal(converge(f, "dn: CN=shop," BASE "\nsAMAccountName: sh", SPN_EXACT), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 0);
}

static void wrong_files_are_refused(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(converge(f, "dn: CN=shop," BASE "\nservicePrincipalName: http/pay\n\n"
		"dn: CN=old," BASE "\nservicePrincipalName: HTTP/PAY\n", 0), SPN_ERR_INVALID);
	expect_message(f, "belongs to one account");
	assert_int_equal(converge(f, "dn: CN=shop," BASE "\nservicePrincipalName: http\n", 0), SPN_ERR_SYNTAX);
	assert_int_equal(converge(f, "dn: CN=shop," BASE "\nservicePrincipalName:: aHR0cC9hAGI=\n", 0), SPN_ERR_SYNTAX);
	assert_int_equal(converge(f, "dn: CN=shop,DC=other,DC=com\nservicePrincipalName: http/pay\n", 0), SPN_ERR_REFUSED);
	assert_int_equal(converge(f, "dn: CN=gone," BASE "\nservicePrincipalName: http/pay\n\n"
		"dn: CN=Shop,OU=Before," BASE "\nsAMAccountName: shop\nservicePrincipalName: http/shop\n", 0), SPN_ERR_NOT_FOUND);
	assert_string_equal(f->told, "no-account -;no-account -;");
	assert_int_equal(converge(f, "dn: CN=shop," BASE "\nservicePrincipalName: http/pay\n", SPN_PROTECTED),
			SPN_ERR_INVALID);
	assert_int_equal(spn_plan_count(f->plan), 0);
	assert_int_equal(spn_propose_converge(f->plan, f->dir, NULL, 0, NULL, NULL, &f->err), SPN_ERR_INVALID);
	assert_int_equal(converge(f, "dn: CN=shop," BASE "\nservicePrincipalName: http/pay\n", 0), SPN_OK);
	assert_int_equal(spn_propose_converge(f->plan, f->dir, f->dir, 0, NULL, NULL, &f->err), SPN_ERR_INVALID);
	expect_message(f, "has steps");
}

static void what_is_written_is_sorted_and_read_again(void **state)
{
	struct fixture *f = *state;
	const spn_bytes spns[] = { { "http/b", 6 }, { "HTTP/a", 6 }, { "http/\303\266", 7 } };
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	assert_non_null(file);
	assert_int_equal(spn_desired_write("CN=shop," BASE, "shop", spns, 3, file, &f->err), SPN_OK);
	assert_int_equal(spn_desired_write("CN=old," BASE, NULL, NULL, 0, file, &f->err), SPN_OK);
	assert_int_equal(spn_desired_write(NULL, NULL, NULL, 0, file, &f->err), SPN_ERR_INVALID);
	fclose(file);
	assert_string_equal(text, "dn: CN=shop," BASE "\nsAMAccountName: shop\nservicePrincipalName: HTTP/a\n"
		"servicePrincipalName: http/b\nservicePrincipalName:: aHR0cC/Dtg==\n\ndn: CN=old," BASE "\n\n");
	settle(f, text, 0);
	assert_true(holds(f, "shop", "http/\303\266"));
	free(text);
}

#define with_domain(test) cmocka_unit_test_setup_teardown(test, open_domain, close_sample)

static void the_first_account_that_is_listed_says_which_domain_is_meant(void **state)
{
	struct fixture *f = *state;
	spn_directory *file = NULL;
	char *dn = NULL;
	assert_int_equal(spn_desired_account(f->dir, &dn, &f->err), SPN_OK);
	assert_string_equal(dn, "CN=WEB," BASE);
	free(dn);
	assert_int_equal(spn_mock_new("dn: CN=a," BASE "\ncn: a\n", SPN_DIALECT_WINDOWS, &file, NULL), SPN_OK);
	assert_int_equal(spn_desired_account(file, &dn, &f->err), SPN_OK);
	assert_null(dn);
	assert_int_equal(spn_desired_account(NULL, &dn, &f->err), SPN_ERR_INVALID);
	spn_directory_free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_domain(the_first_account_that_is_listed_says_which_domain_is_meant),
		with_domain(what_is_missing_is_added_and_the_rest_stays),
		with_domain(names_change_places_within_the_file_in_one_plan),
		with_domain(a_duplicate_within_the_file_goes_only_while_it_is_one),
		with_domain(a_name_of_an_account_outside_the_file_is_refused),
		with_domain(a_machine_loses_none_of_its_own_names_unasked),
		with_domain(what_host_of_another_serves_takes_takeover),
		with_domain(what_another_serves_by_its_principal_takes_takeover),
		with_domain(exactly_keeps_what_registers_itself),
		with_domain(exactly_keeps_what_server_products_register),
		with_domain(an_incomplete_list_takes_nothing_away),
		with_domain(exactly_refuses_a_file_that_does_not_show_all_names),
		with_domain(wrong_files_are_refused),
		with_domain(what_is_written_is_sorted_and_read_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "unit.h"
#include "remedy_helper.h"

#include <spnkit/mock.h>

#define BASE "DC=example,DC=com"
#define USER(cn, more) \
	"dn: CN=" cn "," BASE "\nobjectClass: user\ncn: " cn "\nsAMAccountName: " cn \
	"\nuserAccountControl: 512\n" more "\n"
#define COMPUTER(cn, more) \
	"dn: CN=" cn "," BASE "\nobjectClass: user\nobjectClass: computer\ncn: " cn "\nsAMAccountName: " cn "$\n" \
	"userAccountControl: 4096\noperatingSystem: Windows Server 2022 Standard\ndNSHostName: " cn \
	".example.com\n" more "\n"
#define SPN(name) "servicePrincipalName: " name "\n"
#define OWN(cn) SPN("HOST/" cn) SPN("HOST/" cn ".example.com")

static const char domain[] = "dn: " BASE "\nobjectClass: domainDNS\n\n"
	COMPUTER("web", OWN("web"))
	COMPUTER("db", OWN("db"))
	COMPUTER("db2", OWN("db2") SPN("MSSQLSvc/db2.example.com:1433") SPN("MSSQLSvc/db2.example.com"))
	COMPUTER("apart", OWN("apart"))
	COMPUTER("crm", OWN("crm"))
	COMPUTER("hv", OWN("hv") SPN("Hyper-V Replica Service/hv.example.com")
		SPN("Microsoft Virtual Console Service/hv.example.com")
		SPN("Microsoft Virtual System Migration Service/hv.example.com"))
	COMPUTER("made", OWN("made") "mS-DS-CreatorSID:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAA6QMAAA==\n")
	USER("sql", SPN("MSSQLSvc/db.example.com:1433") SPN("MSSQLSvc/db.example.com:NAMED"))
	USER("one", SPN("MSSQLSvc/apart.example.com:1433"))
	USER("two", SPN("MSSQLSvc/apart.example.com"))
	USER("pool", SPN("http/crm") SPN("http/crm.example.com"))
	COMPUTER("iis", OWN("iis") SPN("HTTP/iis.example.com"))
	USER("svc", "")
	USER("farm", SPN("HTTP/shop.example.com") SPN("HTTP/twice.example.com"))
	USER("other", SPN("HTTP/twice.example.com"))
	USER("adfs", SPN("HOST/fs.example.com"))
	"dn: CN=gone," BASE "\nobjectClass: user\nsAMAccountName: gone\nuserAccountControl: 514\n"
	SPN("nfs/nas.example.com") "\n";

struct told {
	spn_directory *dir;
	char text[4096];
};

/* "code spn [-> repair];" of each verdict */
static spn_status note(const spn_expectation *expectation, void *data, spn_error *err)
{
	struct told *told = data;
	const spn_finding *finding = expectation->finding;
	size_t len = strlen(told->text);
	(void)err;
	assert_true((finding->spn != NULL) == (expectation->resolution != NULL));
	if (expectation->resolution)
		assert_int_equal(expectation->resolution->n_accounts, finding->n_accounts);
	snprintf(told->text + len, sizeof told->text - len, "%s %s%s%s%s;", finding->code,
			finding->spn ? finding->spn : "=",
			finding->spn && expectation->need == SPN_NEED_TYPED ? " (typed)" : "",
			finding->n_repairs ? " -> " : "", remedy_text(finding));
	return SPN_OK;
}

static int open_domain(void **state)
{
	struct told *told = calloc(1, sizeof *told);
	assert_non_null(told);
	assert_int_equal(spn_mock_new(domain, SPN_DIALECT_WINDOWS, &told->dir, NULL), SPN_OK);
	*state = told;
	return 0;
}

static int close_domain(void **state)
{
	struct told *told = *state;
	spn_directory_free(told->dir);
	free(told);
	return 0;
}

static spn_status ask(struct told *told, const char *id, const spn_expect_options *options, spn_error *err)
{
	const spn_recipe *recipe = NULL;
	spn_status status = spn_recipe_find(id, &recipe, err);
	told->text[0] = '\0';
	return status ? status : spn_expect(told->dir, NULL, recipe, options, note, told, err);
}

#define OPTIONS(...) (&(spn_expect_options){ .version = SPN_EXPECT_OPTIONS_VERSION, __VA_ARGS__ })
#define assert_told(id, options, expected) \
	do { \
		assert_ok(ask(told, id, options, err)); \
		assert_string_equal(told->text, expected); \
	} while (0)

static void what_runs_as_the_computer_is_found_by_its_host_name(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	assert_told("iis", OPTIONS(.host = "web"), "by-alias HTTP/web.example.com;by-alias HTTP/web (typed);ok =;");
	assert_told("smb", OPTIONS(.host = "WEB.example.com."),
			"by-alias cifs/WEB.example.com;by-alias cifs/WEB (typed);ok =;");
	assert_told("winrm", OPTIONS(.host = "web"),
			"by-alias HTTP/web.example.com;by-alias HTTP/web (typed);"
			"typed-only WSMAN/web.example.com (typed);typed-only WSMAN/web (typed);typed-only "
			"HTTP/web.example.com:5985 (typed);"
			"typed-only HTTP/web:5985 (typed);ok =;");
}

static void another_account_that_holds_the_name_is_wrong_and_gives_it_back(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	assert_told("iis", OPTIONS(.host = "crm"),
			"wrong-account HTTP/crm.example.com -> spnkit move --from pool --to 'crm$' "
			"HTTP/crm.example.com;"
			"wrong-account HTTP/crm (typed) -> spnkit move --from pool --to 'crm$' HTTP/crm;wrong-account "
			"=;");
}

static void the_account_is_the_only_one_that_holds_a_name(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	assert_told("mssql", OPTIONS(.host = "db"),
			"ok MSSQLSvc/db.example.com:1433;"
			"missing MSSQLSvc/db.example.com -> spnkit add MSSQLSvc/db.example.com sql;missing =;");
	assert_told("mssql", OPTIONS(.host = "db2"),
			"ok MSSQLSvc/db2.example.com:1433;ok MSSQLSvc/db2.example.com;ok =;");
	assert_told("web-farm", OPTIONS(.host = "shop"), "ok HTTP/shop.example.com;typed-only HTTP/shop (typed);ok =;");
	assert_told("iis-pool", OPTIONS(.host = "crm"), "ok HTTP/crm.example.com;ok HTTP/crm (typed);ok =;");
}

static void nobody_guesses_which_of_two_accounts_is_right(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	assert_fails(ask(told, "mssql", OPTIONS(.host = "apart"), err), SPN_ERR_AMBIGUOUS,
			"'one' and 'two' hold names of");
	assert_string_equal(told->text, "");
	assert_told("mssql", OPTIONS(.host = "apart", .account = "one"),
			"ok MSSQLSvc/apart.example.com:1433;wrong-account MSSQLSvc/apart.example.com"
			" -> spnkit move --from two --to one MSSQLSvc/apart.example.com;wrong-account =;");
}

static void an_instance_takes_the_place_of_the_default_one(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	assert_told("mssql", OPTIONS(.host = "db", .instance = "NAMED"),
			"ok MSSQLSvc/db.example.com:NAMED;not-checked =;ok =;");
	assert_told("mssql", OPTIONS(.host = "db", .instance = "NAMED", .port = 1444),
			"missing MSSQLSvc/db.example.com:1444 -> "
			"spnkit add MSSQLSvc/db.example.com:1444 sql;ok MSSQLSvc/db.example.com:NAMED;missing =;");
	assert_told("ssas", OPTIONS(.host = "db", .account = "sql"),
			"missing MSOLAPSvc.3/db.example.com -> spnkit add MSOLAPSvc.3/db.example.com sql;"
			"typed-only MSOLAPSvc.3/db (typed);missing =;");
}

static void an_alias_gives_the_names_once_more(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	const char *const aliases[] = { "shop.example.com", "web" };
	assert_told("iis", OPTIONS(.host = "web", .aliases = aliases, .n_aliases = 2),
			"by-alias HTTP/web.example.com;by-alias HTTP/web (typed);"
			"wrong-account HTTP/shop.example.com -> spnkit move --from farm --to 'web$' "
			"HTTP/shop.example.com;typed-only HTTP/shop (typed);"
			"wrong-account =;");
}

static void an_account_with_a_host_name_of_its_own_answers_for_its_aliases(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	assert_told("adfs", OPTIONS(.host = "fs.example.com"),
			"by-alias HTTP/fs.example.com;ok HOST/fs.example.com (typed);ok =;");
	assert_told("apache", OPTIONS(.host = "fs.example.com"),
			"by-alias HTTP/fs.example.com;typed-only HTTP/fs (typed);ok =;");
}

static void a_service_account_without_a_name_of_its_own_does_not_take_the_computers(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	assert_told("iis-pool", OPTIONS(.host = "web"),
			"wrong-account HTTP/web.example.com;wrong-account HTTP/web (typed);wrong-account =;");
	assert_told("iis-pool", OPTIONS(.host = "web", .account = "farm"),
			"wrong-account HTTP/web.example.com;wrong-account HTTP/web (typed);wrong-account =;");
	assert_told("iis-pool", OPTIONS(.host = "fresh"),
			"missing HTTP/fresh.example.com;typed-only HTTP/fresh (typed);missing =;");
	assert_told("iis-pool", OPTIONS(.host = "web", .account = "web"),
			"by-alias HTTP/web.example.com;by-alias HTTP/web (typed);wrong-kind =;ok =;");
}

/* A federation service that is called as its server is: everything that runs as the computer would stop. */
static void names_of_a_machine_itself_are_not_taken_from_it(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	assert_told("adfs", OPTIONS(.host = "web", .account = "svc"),
			"wrong-account HTTP/web.example.com;wrong-account HOST/web.example.com (typed);wrong-account =;");
	assert_told("iis-pool", OPTIONS(.host = "iis", .account = "svc"),
			"wrong-account HTTP/iis.example.com;wrong-account HTTP/iis (typed);wrong-account =;");
	/* nor those of another machine, or what another account serves through HOST/ */
	const char *const alias = "iis";
	assert_told("iis-pool", OPTIONS(.host = "web", .account = "svc", .aliases = &alias, .n_aliases = 1),
			"wrong-account HTTP/web.example.com;wrong-account HTTP/web (typed);"
			"wrong-account HTTP/iis.example.com;wrong-account HTTP/iis (typed);wrong-account =;");
	assert_told("apache", OPTIONS(.host = "fs.example.com", .account = "svc"),
			"wrong-account HTTP/fs.example.com;typed-only HTTP/fs (typed);wrong-account =;");
	/* nor where nobody holds one yet */
	assert_told("rdp", OPTIONS(.host = "web", .account = "svc"),
			"missing TERMSRV/web.example.com;typed-only TERMSRV/web (typed);missing =;");
	/* what a service on it has registered is the service's */
	assert_told("mssql", OPTIONS(.host = "db2", .account = "svc"),
			"wrong-account MSSQLSvc/db2.example.com:1433 -> spnkit move --from 'db2$' --to svc MSSQLSvc/db2.example.com:1433;"
			"wrong-account MSSQLSvc/db2.example.com -> spnkit move --from 'db2$' --to svc "
			"MSSQLSvc/db2.example.com;wrong-account =;");
}

static void a_duplicate_is_taken_from_the_other_account(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	assert_told("web-farm", OPTIONS(.host = "twice", .account = "farm"),
			"duplicate HTTP/twice.example.com -> spnkit delete HTTP/twice.example.com other;"
			"typed-only HTTP/twice (typed);duplicate =;");
	assert_told("web-farm", OPTIONS(.host = "twice", .account = "pool"),
			"duplicate HTTP/twice.example.com -> spnkit delete HTTP/twice.example.com farm;"
			"typed-only HTTP/twice (typed);duplicate =;"); /* a move from the last one follows */
}

static void a_disabled_account_answers_nobody(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	assert_told("nfs", OPTIONS(.host = "nas"), "disabled-account nfs/nas.example.com;disabled-account =;");
}

static void who_created_the_computer_is_said_before_it_is_given_names(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	assert_told("rdp", OPTIONS(.host = "made"),
			"missing TERMSRV/made.example.com -> spnkit add TERMSRV/made.example.com 'made$';"
			"typed-only TERMSRV/made (typed);created-by-user =;missing =;");
}

/* Whoever may create a computer could have the names of a service that way. */
static void an_account_that_has_a_computer_for_a_namesake_is_not_guessed(void **state)
{
	static const char twins[] = "dn: " BASE "\nobjectClass: domainDNS\n\n"
		USER("sap", SPN("MSSQLSvc/sap.example.com:1433"))
		"dn: CN=later," BASE "\nobjectClass: computer\nsAMAccountName: SAP$\nuserAccountControl: 4096\n\n";
	struct told *told = *state;
	spn_error error, *err = &error;
	spn_directory_free(told->dir);
	told->dir = NULL;
	assert_ok(spn_mock_new(twins, SPN_DIALECT_WINDOWS, &told->dir, err));
	assert_int_equal(ask(told, "mssql", OPTIONS(.host = "sap.example.com", .account = "sap"), err), SPN_ERR_AMBIGUOUS);
	assert_string_equal(told->text, "");
	assert_non_null(strstr(err->message, "'CN=sap,DC=example,DC=com', 'CN=later,DC=example,DC=com'"));
}

static void a_class_with_blanks_is_served_by_windows_only(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	assert_ok(ask(told, "hyper-v", OPTIONS(.host = "hv"), err));
	assert_non_null(strstr(told->text, "ok Hyper-V Replica Service/hv.example.com;"));
	spn_directory_free(told->dir);
	told->dir = NULL;
	assert_ok(spn_mock_new(domain, SPN_DIALECT_SAMBA, &told->dir, err));
	assert_ok(ask(told, "hyper-v", OPTIONS(.host = "hv"), err));
	assert_non_null(strstr(
			told->text, "missing Hyper-V Replica Service/hv.example.com;")); /* no command would help */
}

static void what_a_name_is_made_of_is_asked_for_and_checked(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	const char *const alias = "a/b";
	assert_fails(ask(told, "mssql-listener", OPTIONS(.host = "db"), err), SPN_ERR_INVALID,
			"cannot be made without a listener");
	assert_fails(ask(told, "mssql", OPTIONS(.port = 1433), err), SPN_ERR_INVALID, "cannot be made without a host");
	assert_fails(ask(told, "sap", OPTIONS(.host = "db"), err), SPN_ERR_INVALID,
			"cannot be made without an instance");
	assert_fails(ask(told, "smb", OPTIONS(.host = "10.0.0.1", .account = "web"), err), SPN_ERR_SYNTAX,
			"'10.0.0.1' is an address");
	assert_fails(ask(told, "smb", OPTIONS(.host = "::1", .account = "web"), err), SPN_ERR_SYNTAX,
			"'::1' is an address: clients ask for the name of the server");
	assert_fails(ask(told, "smb", OPTIONS(.host = "we b", .account = "web"), err), SPN_ERR_SYNTAX,
			"'we b' is not the name of a server");
	assert_fails(ask(told, "smb", OPTIONS(.host = "web", .aliases = &alias, .n_aliases = 1), err), SPN_ERR_SYNTAX,
			"not the name of an alias");
	assert_fails(ask(told, "mssql", OPTIONS(.host = "db", .instance = "A/B"), err), SPN_ERR_SYNTAX,
			"not the name of an instance");
	assert_fails(ask(told, "smb", OPTIONS(.host = "absent"), err), SPN_ERR_NOT_FOUND, "absent");
	assert_fails(ask(told, "smb", OPTIONS(.host = "web", .account = "absent"), err), SPN_ERR_NOT_FOUND, "absent");
	assert_fails(ask(told, "smb", &(spn_expect_options){ .version = 99, .host = "web" }, err), SPN_ERR_INVALID,
			"where 1 to 1 were expected");
	assert_string_equal(told->text, "");
}

static void a_caller_may_bring_a_recipe_of_its_own(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	static const spn_recipe_name names[] = { { "app/{listener}:{port}", SPN_NEED_MUST, false },
		{ "app/fixed", SPN_NEED_TYPED, false } };
	spn_recipe recipe = SPN_RECIPE_INIT;
	recipe.id = "own";
	recipe.title = "our service";
	recipe.holder = SPN_HOLDER_ACCOUNT;
	recipe.names = names;
	recipe.n_names = 2;
	told->text[0] = '\0';
	assert_ok(spn_expect(told->dir, NULL, &recipe, OPTIONS(.listener = "ear", .port = 7, .account = "sql"), note,
			told, err));
	assert_string_equal(told->text,
			"missing app/ear.example.com:7 -> spnkit add app/ear.example.com:7 sql;typed-only app/fixed "
			"(typed);missing =;");
	recipe.n_names = 0;
	assert_fails(spn_expect(told->dir, NULL, &recipe, OPTIONS(.host = "web"), note, told, err), SPN_ERR_INVALID,
			"cannot be made");
	recipe.version = 2;
	assert_fails(spn_expect(told->dir, NULL, &recipe, OPTIONS(.host = "web"), note, told, err), SPN_ERR_INVALID,
			"where 1 to 1 were expected");
}

/* A recipe from somebody else: no command makes a KDC or a controller of an account. */
static void no_repair_gives_a_name_that_makes_an_account_a_kdc(void **state)
{
	struct told *told = *state;
	spn_error error, *err = &error;
	static const spn_recipe_name names[] = { { "krbtgt/EVIL.TEST", SPN_NEED_MUST, false },
		{ "ldap/web.example.com/example.com", SPN_NEED_MUST, false } };
	spn_recipe recipe = SPN_RECIPE_INIT;
	recipe.id = "own";
	recipe.title = "our service";
	recipe.names = names;
	recipe.n_names = 2;
	told->text[0] = '\0';
	assert_ok(spn_expect(told->dir, NULL, &recipe, OPTIONS(.account = "sql"), note, told, err));
	assert_string_equal(told->text, "missing krbtgt/EVIL.TEST;missing ldap/web.example.com/example.com;missing =;");
}

#define with_domain(test) cmocka_unit_test_setup_teardown(test, open_domain, close_domain)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_domain(what_runs_as_the_computer_is_found_by_its_host_name),
		with_domain(another_account_that_holds_the_name_is_wrong_and_gives_it_back),
		with_domain(the_account_is_the_only_one_that_holds_a_name),
		with_domain(nobody_guesses_which_of_two_accounts_is_right),
		with_domain(an_instance_takes_the_place_of_the_default_one),
		with_domain(an_alias_gives_the_names_once_more),
		with_domain(an_account_with_a_host_name_of_its_own_answers_for_its_aliases),
		with_domain(a_service_account_without_a_name_of_its_own_does_not_take_the_computers),
		with_domain(names_of_a_machine_itself_are_not_taken_from_it),
		with_domain(a_duplicate_is_taken_from_the_other_account),
		with_domain(a_disabled_account_answers_nobody),
		with_domain(who_created_the_computer_is_said_before_it_is_given_names),
		with_domain(an_account_that_has_a_computer_for_a_namesake_is_not_guessed),
		with_domain(a_class_with_blanks_is_served_by_windows_only),
		with_domain(what_a_name_is_made_of_is_asked_for_and_checked),
		with_domain(a_caller_may_bring_a_recipe_of_its_own),
		with_domain(no_repair_gives_a_name_that_makes_an_account_a_kdc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

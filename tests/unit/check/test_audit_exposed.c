/* SPDX-License-Identifier: MIT */
#include "server_helper.h"

/* 2026-01-01, in the two ways of counting; and 2025-12-31 */
#define NOW INT64_C(1767225600)
#define YOUNG "pwdLastSet: 134116128000000000\n"
#define OLD "pwdLastSet: 130000000000000000\n"
#define ACCOUNT(class, name, control, more) "dn: CN=" name "," BASE "\nobjectClass: " class "\nsAMAccountName: " name \
	"\nuserAccountControl: " control "\n" more "\n"
#define USER(name, more) ACCOUNT("user", name, "512", YOUNG more)
#define SPN(name) "servicePrincipalName: " name "\n"

/* "code severity account spn;" of each finding. */
static spn_status note(const spn_finding *finding, void *data, spn_error *err)
{
	char *list = data;
	size_t len = strlen(list);
	(void)err;
	snprintf(list + len, 1024 - len, "%s %s %s %s;", finding->code, spn_severity_name(finding->severity),
			finding->accounts[0].account, finding->spn ? finding->spn : "-");
	return SPN_OK;
}

static void expect_in(spn_directory *dir, const char *wanted)
{
	spn_error err = { .status = SPN_OK };
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	char list[1024] = "";
	options.now = NOW;
	if (spn_audit(dir, &options, note, list, &err))
		fail_msg("%s", err.message);
	assert_string_equal(list, wanted);
}

static spn_directory *open_accounts(const char *accounts)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	char ldif[8192];
	snprintf(ldif, sizeof ldif, "dn: " BASE "\nobjectClass: domainDNS\n\n%s", accounts);
	if (spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &dir, &err))
		fail_msg("%s", err.message);
	return dir;
}

static void expect(const char *accounts, const char *wanted)
{
	spn_directory *dir = open_accounts(accounts);
	expect_in(dir, wanted);
	spn_directory_free(dir);
}

static void expect_in_file(const char *accounts, const char *wanted)
{
	char url[] = "ldif:/tmp/spnkit-exposed-XXXXXX", ldif[8192];
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	snprintf(ldif, sizeof ldif, "dn: " BASE "\nobjectClass: domainDNS\n\n%s", accounts);
	make_file(url, ldif);
	if (spn_directory_open(url, NULL, &dir, &err))
		fail_msg("%s", err.message);
	expect_in(dir, wanted);
	spn_directory_free(dir);
	unlink(url + 5);
}

/* Returns how many searches that took. */
static size_t expect_on_server(const char *accounts, const char *wanted)
{
	struct server server = { .dir = open_accounts(accounts) };
	spn_directory *dir = open_server(&server);
	expect_in(dir, wanted);
	spn_directory_free(dir);
	spn_directory_free(server.dir);
	return server.n_searches;
}

static void an_administrator_who_holds_names_is_told(void **state)
{
	(void)state;
	expect(USER("boss", "adminCount: 1\n" SPN("http/x")), "roastable-admin warning boss -;");
	expect(USER("boss", "adminCount: 1\nmsDS-SupportedEncryptionTypes: 4\n" SPN("http/x")),
			"weak-enctype warning boss -;roastable-admin broken boss -;");
	expect(ACCOUNT("user", "boss", "512", OLD "adminCount: 1\n" SPN("http/x")),
			"old-password warning boss -;roastable-admin broken boss -;");
}

static void who_is_no_administrator_holds_no_names_or_has_no_password_of_a_person_is_not(void **state)
{
	(void)state;
	expect(USER("boss", "adminCount: 1\n"), "");
	expect(USER("svc", "adminCount: 0\n" SPN("http/x")), "");
	expect(USER("svc", SPN("http/x")), "");
	expect(ACCOUNT("computer", "pc$", "4096", "adminCount: 1\n" SPN("http/x")), "");
	expect(ACCOUNT("msDS-GroupManagedServiceAccount", "gmsa$", "4096", "adminCount: 1\n" SPN("http/x")), "");
	expect(ACCOUNT("user", "krbtgt", "514", "adminCount: 1\n" SPN("kadmin/changepw")), "");
}

static void names_of_an_account_without_preauthentication_are_told(void **state)
{
	(void)state;
	expect(ACCOUNT("user", "svc", "4194816", SPN("http/x")), "roastable-no-preauth broken svc -;");
	expect(ACCOUNT("user", "svc", "4194816", ""), "");
	expect(ACCOUNT("user", "svc", "512", SPN("http/x")), "");
}

static void a_service_in_protected_users_is_told(void **state)
{
	(void)state;
	expect(USER("svc", "memberOf: CN=Protected Users,CN=Users," BASE "\n" SPN("http/x")),
			"protected-service warning svc -;");
	expect(USER("svc", "memberOf: CN=Protected Users,CN=Users," BASE "\n"), "");
	expect(USER("svc", "memberOf: CN=Protected Users,OU=Mine," BASE "\n" SPN("http/x")), "");
	expect(USER("svc", "memberOf: CN=Protected Users,CN=Users,OU=Mine," BASE "\n" SPN("http/x")), "");
	expect(USER("svc", "memberOf: CN=Users,CN=Users," BASE "\n" SPN("http/x")), "");
}

#define SID_OF_PROTECTED_USERS "objectSid:: AQUAAAAAAAUVAAAA3PTcO4M9K0aCi6YoDQIAAA==\n"
#define SID_OF_USER "objectSid:: AQUAAAAAAAUVAAAA3PTcO4M9K0aCi6YoUQQAAA==\n"
#define SID_OF_GROUP "objectSid:: AQUAAAAAAAUVAAAA3PTcO4M9K0aCi6YoUgQAAA==\n"
#define GROUP(rdn, more) "dn: " rdn "," BASE "\nobjectClass: group\n" more "\n"
#define MEMBER(rdn) "member: " rdn "," BASE "\n"
#define IN(rdn) "memberOf: " rdn "," BASE "\n"
#define TOLD "protected-service warning svc -;"

static void protected_users_is_known_by_its_sid_and_by_what_is_in_it(void **state)
{
	(void)state;
	/* in another language, elsewhere: the link at either end */
	expect_in_file(GROUP("CN=Gesch,OU=x", SID_OF_PROTECTED_USERS) USER("svc", IN("CN=Gesch,OU=x") SPN("http/x")), TOLD);
	expect_in_file(GROUP("CN=Gesch,OU=x", SID_OF_PROTECTED_USERS MEMBER("CN=svc")) USER("svc", SPN("http/x")), TOLD);
	expect_in_file(USER("svc", SPN("http/x")) GROUP("CN=Protected Users,CN=Users", MEMBER("CN=svc")), TOLD);
	/* nested, one and two levels deep, also if the group itself was not exported */
	expect_in_file(GROUP("CN=Gesch", SID_OF_PROTECTED_USERS MEMBER("CN=g")) GROUP("CN=g", MEMBER("CN=h"))
			GROUP("CN=h", MEMBER("CN=svc"))
			USER("svc", SPN("http/x")), TOLD);
	expect_in_file(GROUP("CN=g", IN("CN=Protected Users,CN=Users")) GROUP("CN=h", IN("CN=g"))
			USER("svc", IN("CN=h") SPN("http/x")), TOLD);
	expect_in_file(USER("svc", "primaryGroupID: 525\n" SPN("http/x")), TOLD);
	/* another group of that name, which its SID tells; one that is a member of nothing */
	expect_in_file(GROUP("CN=Protected Users,CN=Users", SID_OF_GROUP MEMBER("CN=svc"))
			USER("svc", IN("CN=Protected Users,CN=Users") SPN("http/x")), "");
	expect_in_file(GROUP("CN=Gesch", SID_OF_PROTECTED_USERS MEMBER("CN=g")) GROUP("CN=g", MEMBER("CN=a"))
			GROUP("CN=h", MEMBER("CN=svc"))
			USER("svc", IN("CN=h") SPN("http/x")), "");
}

static void a_server_is_asked_for_protected_users_by_its_sid(void **state)
{
	(void)state;
	static const char plain[] = USER("svc", IN("CN=h") SID_OF_USER SPN("http/x"))
			USER("other", IN("CN=h") SID_OF_USER SPN("http/y"));
	size_t n_nested = expect_on_server(GROUP("CN=Gesch", SID_OF_PROTECTED_USERS MEMBER("CN=g"))
			GROUP("CN=g", IN("CN=Gesch") MEMBER("CN=h"))
			GROUP("CN=h", IN("CN=g") MEMBER("CN=svc")) USER("svc", IN("CN=h") SID_OF_USER SPN("http/x")), TOLD);
	size_t n_flat = expect_on_server(GROUP("CN=Gesch", SID_OF_PROTECTED_USERS MEMBER("CN=svc"))
			USER("svc", IN("CN=Gesch") SID_OF_USER SPN("http/x")), TOLD);
	size_t n_without = expect_on_server(USER("svc", SID_OF_USER SPN("http/x")), "");
	/* the search that finds since when a domain makes AES keys finds the group, too; then one for each level of
	 * groups in it */
	assert_int_equal(expect_on_server(plain, ""), n_without);
	assert_int_equal(n_flat, n_without + 1);
	assert_int_equal(n_nested, n_without + 3);
}

/* Groups in one that is called as in English are found with it. */
static void a_server_is_asked_once_where_protected_users_is_called_so(void **state)
{
	(void)state;
	size_t n_flat = expect_on_server(GROUP("CN=Protected Users,CN=Users", SID_OF_PROTECTED_USERS MEMBER("CN=svc"))
			USER("svc", IN("CN=Protected Users,CN=Users") SID_OF_USER SPN("http/x")), TOLD);
	size_t n_nested = expect_on_server(GROUP("CN=Protected Users,CN=Users", SID_OF_PROTECTED_USERS MEMBER("CN=g"))
			GROUP("CN=g", IN("CN=Protected Users,CN=Users") MEMBER("CN=svc"))
			USER("svc", IN("CN=g") SID_OF_USER SPN("http/x")), TOLD);
	size_t n_without = expect_on_server(USER("svc", SID_OF_USER SPN("http/x")), "");
	assert_int_equal(n_flat, n_without);
	assert_int_equal(n_nested, n_without + 1);
}

static void groups_that_are_in_each_other_end(void **state)
{
	(void)state;
	static const char loop[] = GROUP("CN=Gesch", SID_OF_PROTECTED_USERS IN("CN=g") MEMBER("CN=g"))
			GROUP("CN=g", IN("CN=Gesch") MEMBER("CN=Gesch")
			MEMBER("CN=svc")) USER("svc", IN("CN=g") SID_OF_USER SPN("http/x"));
	expect_in_file(loop, TOLD);
	(void)expect_on_server(loop, TOLD);
}

static void names_of_a_superseded_account_are_told_once(void **state)
{
	(void)state;
	expect(ACCOUNT("user", "old", "514", "msDS-SupersededServiceAccountState: 2\n" SPN("http/x")),
			"superseded warning old -;");
	expect(USER("old", "msDS-SupersededServiceAccountState: 1\n" SPN("http/x")), "");
	expect(ACCOUNT("user", "old", "514", "msDS-SupersededServiceAccountState: 2\n"), "");
}

#define LISTS(name) "msDS-AllowedToDelegateTo: " name "\n"
#define TARGET ACCOUNT("computer", "db$", "4096", SPN("MSSQLSvc/db.example.com") SPN("MSSQLSvc/db") SPN("HOST/db"))

static void delegations_that_lead_nowhere_or_too_far_are_told(void **state)
{
	(void)state;
	expect(USER("front", SPN("http/x") LISTS("MSSQLSvc/gone")), "ghost-delegation warning front MSSQLSvc/gone;");
	expect(TARGET USER("front", SPN("http/x") LISTS("MSSQLSvc/db")), "");
	expect(TARGET USER("front", LISTS("cifs/db")), "");
	expect(TARGET ACCOUNT("user", "front", "16777728", LISTS("mssqlsvc/DB")),
			"wide-delegation warning front mssqlsvc/DB;");
	expect(TARGET ACCOUNT("user", "front", "16777730", LISTS("mssqlsvc/DB") LISTS("MSSQLSvc/gone")), ""); /* disabled */
	expect(ACCOUNT("computer", "dc$", "532480", SPN("ldap/dc")) ACCOUNT("user", "front", "16777728", LISTS("ldap/dc")),
			"wide-delegation broken front ldap/dc;");
}

/* The short and the long name of a host are one right. */
static void several_names_that_lead_to_one_account_are_one_finding(void **state)
{
	(void)state;
	expect(TARGET ACCOUNT("user", "front", "16777728", LISTS("MSSQLSvc/db") LISTS("MSSQLSvc/db.example.com")
			LISTS("cifs/db")), "wide-delegation warning front MSSQLSvc/db;");
	expect(USER("front", LISTS("MSSQLSvc/gone") LISTS("MSSQLSvc/gone.example.com")),
			"ghost-delegation warning front MSSQLSvc/gone;");
}

static void an_account_that_clients_hand_their_tickets_is_told(void **state)
{
	(void)state;
	expect(ACCOUNT("user", "svc", "524800", SPN("http/x")), "unconstrained warning svc -;");
	expect(ACCOUNT("computer", "pc$", "528384", SPN("http/x")), "unconstrained warning pc$ -;");
	expect(ACCOUNT("computer", "dc$", "532480", SPN("http/x")), "");
	expect(ACCOUNT("user", "svc", "524802", SPN("http/x")), "disabled-account warning svc -;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_administrator_who_holds_names_is_told),
		cmocka_unit_test(who_is_no_administrator_holds_no_names_or_has_no_password_of_a_person_is_not),
		cmocka_unit_test(names_of_an_account_without_preauthentication_are_told),
		cmocka_unit_test(a_service_in_protected_users_is_told),
		cmocka_unit_test(protected_users_is_known_by_its_sid_and_by_what_is_in_it),
		cmocka_unit_test(a_server_is_asked_for_protected_users_by_its_sid),
		cmocka_unit_test(a_server_is_asked_once_where_protected_users_is_called_so),
		cmocka_unit_test(groups_that_are_in_each_other_end),
		cmocka_unit_test(names_of_a_superseded_account_are_told_once),
		cmocka_unit_test(delegations_that_lead_nowhere_or_too_far_are_told),
		cmocka_unit_test(several_names_that_lead_to_one_account_are_one_finding),
		cmocka_unit_test(an_account_that_clients_hand_their_tickets_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

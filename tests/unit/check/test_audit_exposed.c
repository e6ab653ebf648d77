/* SPDX-License-Identifier: MIT */
#include "ops.h"

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
	snprintf(list + len, 1024 - len, "%s %s %s %s;", finding->code, spn_severity_name(finding->severity), finding->accounts[0].account,
			finding->spn ? finding->spn : "-");
	return SPN_OK;
}

static void expect(const char *accounts, const char *wanted)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	char list[1024] = "", ldif[8192];
	options.now = NOW;
	snprintf(ldif, sizeof ldif, "dn: " BASE "\nobjectClass: domainDNS\n\n%s", accounts);
	if (spn_mock_new(ldif, SPN_RULES_WINDOWS, &dir, &err) || spn_audit(dir, &options, note, list, &err))
		fail_msg("%s", err.message);
	assert_string_equal(list, wanted);
	spn_directory_free(dir);
}

static void an_administrator_who_holds_names_is_told(void **state)
{
	(void)state;
	expect(USER("boss", "adminCount: 1\n" SPN("http/x")), "roastable-admin warning boss -;");
	expect(USER("boss", "adminCount: 1\nmsDS-SupportedEncryptionTypes: 4\n" SPN("http/x")),
			"weak-enctype warning boss -;roastable-admin broken boss -;");
	expect(ACCOUNT("user", "boss", "512", OLD "adminCount: 1\n" SPN("http/x")), "old-password warning boss -;roastable-admin broken boss -;");
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
	expect(USER("svc", "memberOf: CN=Protected Users,CN=Users," BASE "\n" SPN("http/x")), "protected-service warning svc -;");
	expect(USER("svc", "memberOf: CN=Protected Users,CN=Users," BASE "\n"), "");
	expect(USER("svc", "memberOf: CN=Protected Users,OU=Mine," BASE "\n" SPN("http/x")), "");
	expect(USER("svc", "memberOf: CN=Protected Users,CN=Users,OU=Mine," BASE "\n" SPN("http/x")), "");
	expect(USER("svc", "memberOf: CN=Users,CN=Users," BASE "\n" SPN("http/x")), "");
}

static void names_of_a_superseded_account_are_told_once(void **state)
{
	(void)state;
	expect(ACCOUNT("user", "old", "514", "msDS-SupersededServiceAccountState: 2\n" SPN("http/x")), "superseded warning old -;");
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
	expect(TARGET ACCOUNT("user", "front", "16777728", LISTS("mssqlsvc/DB")), "wide-delegation warning front mssqlsvc/DB;");
	expect(TARGET ACCOUNT("user", "front", "16777730", LISTS("mssqlsvc/DB") LISTS("MSSQLSvc/gone")), ""); /* disabled */
	expect(ACCOUNT("computer", "dc$", "532480", SPN("ldap/dc")) ACCOUNT("user", "front", "16777728", LISTS("ldap/dc")),
			"wide-delegation broken front ldap/dc;");
}

/* The short and the long name of a host are one right. */
static void several_names_that_lead_to_one_account_are_one_finding(void **state)
{
	(void)state;
	expect(TARGET ACCOUNT("user", "front", "16777728", LISTS("MSSQLSvc/db") LISTS("MSSQLSvc/db.example.com") LISTS("cifs/db")),
			"wide-delegation warning front MSSQLSvc/db;");
	expect(USER("front", LISTS("MSSQLSvc/gone") LISTS("MSSQLSvc/gone.example.com")), "ghost-delegation warning front MSSQLSvc/gone;");
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
		cmocka_unit_test(names_of_a_superseded_account_are_told_once),
		cmocka_unit_test(delegations_that_lead_nowhere_or_too_far_are_told),
		cmocka_unit_test(several_names_that_lead_to_one_account_are_one_finding),
		cmocka_unit_test(an_account_that_clients_hand_their_tickets_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

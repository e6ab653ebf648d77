/* SPDX-License-Identifier: MIT */
/* audit: keys that are weak, and passwords that are old. */
#include "audit_helper.h"

static void weak_keys_and_old_passwords_of_services_are_told(void **state)
{
	(void)state;
	/* the password is of 2024-12-31, one day too old */
	expect("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nmsDS-SupportedEncryptionTypes: 4\n"
			"pwdLastSet: 133800768000000000\n" SPN("x/a"),
			"weak-enctype warning a -;old-password warning a -;", "");
	/* without AES and RC4 there is no key at all */
	expect("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nmsDS-SupportedEncryptionTypes: 3\n" SPN("x/a"),
			"weak-enctype broken a -;", "");
	expect("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nmsDS-SupportedEncryptionTypes: 65536\n"
			SPN("x/a"), "weak-enctype broken a -;", "");
	expect("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nuserAccountControl: 2097664\n" SPN("x/a"),
			"weak-enctype broken a -;", "");
	/* what Windows makes of it is not known */
	expect("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nmsDS-SupportedEncryptionTypes: 32\n"
			SPN("x/a"), "", "");
	/* AES is used, but RC4 can be */
	expect("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nmsDS-SupportedEncryptionTypes: 28\n"
			SPN("x/a"), "weak-enctype notice a -;", "");
	expect("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nmsDS-SupportedEncryptionTypes: -2147483624\n"
			SPN("x/a"), "", "");
	/* not set: the controller's default, which is AES */
	expect("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\npwdLastSet: 133801632000000000\n" SPN("x/a"), "", "");
	expect("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nmsDS-SupportedEncryptionTypes: 0\n"
			SPN("x/a"), "", "");
	expect("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nmsDS-SupportedEncryptionTypes: 4\n"
			"pwdLastSet: 1\n", "", "");
	expect("dn: CN=a," BASE "\nobjectClass: msDS-GroupManagedServiceAccount\nsAMAccountName: a$\n" SPN("x/a"), "", "");
}

/* Only Windows lets msDS-SupportedEncryptionTypes count for more than the flag. */
static void an_account_restricted_to_des_is_told_to_lose_the_flag(void **state)
{
	(void)state;
	struct found found;
	const char *const ldif = "dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nuserAccountControl: 2097664\n"
		"msDS-SupportedEncryptionTypes: 24\n" SPN("x/a");
	look(ldif, NULL, &found);
	assert_string_equal(found.list, "");
	look_by(SPN_DIALECT_SAMBA, ldif, NULL, &found);
	assert_string_equal(found.list, "weak-enctype broken a -;");
	assert_non_null(strstr(found.text, "clear that flag of userAccountControl"));
}

/* As Linux hosts register it: the kernel's version. */
static void what_windows_ignores_of_an_old_computer_is_told_where_it_matters(void **state)
{
	(void)state;
	const char *const told = "weak-enctype warning pc$ -;";
	expect(COMPUTER("pc", NAMES("pc") "msDS-SupportedEncryptionTypes: 4\noperatingSystemVersion: 5.15\n"), told, "");
	expect(COMPUTER("pc", NAMES("pc") "msDS-SupportedEncryptionTypes: 24\noperatingSystemVersion: 5.15\n"), "", "");
	expect(COMPUTER("pc", NAMES("pc") "msDS-SupportedEncryptionTypes: 4\noperatingSystemVersion: 10.0 (20348)\n"), "", "");
	expect(COMPUTER("pc", NAMES("pc") "msDS-SupportedEncryptionTypes: 3\n"), "weak-enctype broken pc$ -;", "");
}

/* Whose name HOST/x is on Samba: an audit of an old export is dated as the export is. */
static void whether_a_machine_runs_is_judged_by_the_date_of_the_audit(void **state)
{
	(void)state;
	struct found found;
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	const char *const ldif = "dn: " BASE "\nobjectClass: domainDNS\n\n" /* the password is of 2025-01-01 */
		COMPUTER("web", "cn: web\npwdLastSet: 133801632000000000\n" SPN("HOST/web"))
		USER("svc", "cn: svc\n" SPN("HOST/web.example.com"));
	options.now = NOW - INT64_C(300) * 24 * 60 * 60;
	look_by(SPN_DIALECT_SAMBA, ldif, &options, &found);
	assert_non_null(strstr(found.all_repairs, "spnkit delete HOST/web.example.com svc;"));
	options.now = NOW;
	look_by(SPN_DIALECT_SAMBA, ldif, &options, &found);
	assert_non_null(strstr(found.list, "duplicate broken svc HOST/web.example.com;"));
	assert_null(strstr(found.all_repairs, "spnkit delete"));
}

static void a_date_of_a_password_is_read_or_unknown_and_never_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *set;
		const char *days; /* NULL: nothing is said */
	} cases[] = {
		{ "133485408000000000", "731 days old" }, /* 2024-01-01 */
		{ "/Date(1704067200000)/", "731 days old" },
		{ "/Date(1704067200000+0200)/", "731 days old" },
		{ "2024-01-01T00:00:00Z", "731 days old" },
		{ "2024-01-01T00:00:00.0000000+00:00", "731 days old" },
		{ "2023-12-31 23:00:00.5-01:00", "731 days old" },
		{ "2024-01-01T01:00:01+0100", "730 days old" },
		{ "2023-12-31T23:00:00Z", "731 days old" },
		{ "2024-01-01T12:00:00-12", "730 days old" },
		{ "2024-01-01 00:00:00", NULL }, /* of which zone? */
		{ "01.01.2024 00:00:00", NULL }, { "1/1/2024 12:00:00 AM", NULL }, { "2024-01-01", NULL },
		{ "Monday, 1 January 2024", NULL },
		{ "1.33501E+17", NULL }, { "133501 0", NULL }, { "-1", NULL }, { "0", NULL }, { "9223372036854775807", NULL },
		{ "99999999999999999999", NULL }, { "/Date(x)/", NULL }, { "/Date(1704067200000)", NULL },
		{ "/Date(1704067200000x)/", NULL }, { "2024-13-01T00:00:00Z", NULL }, { "2024-01-01T00:00:00ZZ", NULL },
		{ "2024-01-01T00:00:00+1:", NULL }, { "/Date(", NULL },
	};
	char ldif[512];
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	options.now = NOW;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct found found;
		snprintf(ldif, sizeof ldif, USER("svc", SPN("http/app") "pwdLastSet: %s\n"), cases[i].set);
		look(ldif, &options, &found);
		if (!*found.list != !cases[i].days || (cases[i].days && !strstr(found.text, cases[i].days)))
			fail_msg("%s: %s", cases[i].set, *found.list ? found.text : "nothing");
	}
	/* PowerShell has it twice */
	expect(USER("svc", SPN("http/app") "pwdLastSet: 01.01.2024 00:00:00\npwdLastSet: 133485408000000000\n"),
			"old-password warning svc -;", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whether_a_machine_runs_is_judged_by_the_date_of_the_audit),
		cmocka_unit_test(a_date_of_a_password_is_read_or_unknown_and_never_wrong),
		cmocka_unit_test(weak_keys_and_old_passwords_of_services_are_told),
		cmocka_unit_test(an_account_restricted_to_des_is_told_to_lose_the_flag),
		cmocka_unit_test(what_windows_ignores_of_an_old_computer_is_told_where_it_matters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

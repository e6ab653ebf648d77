/* SPDX-License-Identifier: MIT */
/* audit: names that only KDCs, controllers and trusts may have. */
#include "audit_helper.h"

#define ACCOUNT(class, name, control, more) "dn: CN=" name "," BASE "\nobjectClass: " class "\n" \
	"sAMAccountName: " name "\nuserAccountControl: " control "\nmsDS-SupportedEncryptionTypes: 24\n" more "\n"
#define DSA "E3514235-4B06-11D1-AB04-00C04FC2DCD2/b7a2"

static void names_that_pose_as_a_kdc_or_a_controller_are_told(void **state)
{
	(void)state;
	expect(USER("svc", SPN("krbtgt/EVIL.EXAMPLE")), "impersonation warning svc krbtgt/EVIL.EXAMPLE;",
			"spnkit delete krbtgt/EVIL.EXAMPLE svc");
	expect(ACCOUNT("computer", "pc$", "4096", SPN("KRBTGT/pc.example.com")),
			"impersonation warning pc$ KRBTGT/pc.example.com;",
			"spnkit delete KRBTGT/pc.example.com 'pc$'");
	expect(USER("svc", SPN("ldap/evil.example.com/example.com")),
			"impersonation warning svc ldap/evil.example.com/example.com;",
			"spnkit delete ldap/evil.example.com/example.com svc");
	expect(USER("svc", SPN("gc/evil/COM")), "impersonation warning svc gc/evil/COM;", "spnkit delete gc/evil/COM svc");
	expect(USER("svc", SPN(DSA "/example.com")), "impersonation warning svc " DSA "/example.com;",
			"spnkit delete " DSA "/example.com svc");
	/* of clients that are given the domain instead of a controller */
	expect(USER("svc", SPN("LDAP/Example.COM")), "impersonation warning svc LDAP/Example.COM;",
			"spnkit delete LDAP/Example.COM svc");
	/* what a computer may have kept that was demoted: no controller replicates with it as long as nobody makes it
	 * a partner */
	expect(ACCOUNT("computer", "pc$", "4096", SPN(DSA "/example.com")), "impersonation notice pc$ " DSA "/example.com;",
			"spnkit delete " DSA "/example.com 'pc$'");
	/* of another width, as a KDC on Windows finds it */
	expect(USER("svc", "servicePrincipalName:: bO+9hGFwL2UvZXhhbXBsZS5jb20=\n"),
			"impersonation warning svc l\xef\xbd\x84" "ap/e/example.com;",
			"spnkit delete 'l\xef\xbd\x84" "ap/e/example.com' svc");
}

/* Samba finds a name without the blanks at its ends, and up to a NUL. */
static void a_name_poses_as_the_directory_finds_it(void **state)
{
	(void)state;
	static const char *const names[] = { "IGtyYnRndC9FVklM", "a3JidGd0L0VWSUwg", "a3JidGd0L0VWSUwAeA==",
		"IEdDL2UvZXhhbXBsZS5jb20g" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct found found;
		char *ldif = NULL;
		assert_true(asprintf(&ldif, ACCOUNT("computer", "pc$", "4096", "servicePrincipalName:: %s\n"), names[i]) > 0);
		look_by(SPN_DIALECT_SAMBA, ldif, NULL, &found);
		assert_non_null(strstr(found.list, "impersonation warning pc$"));
		look(ldif, NULL, &found);
		assert_int_equal(!!strstr(found.list, "impersonation"), i == 1 || i == 2); /* the class is right there */
		free(ldif);
	}
	assert_non_null(spn_account_poses_as(NULL, " krbtgt/X"));
}

/* That of a trust is a user. */
static void a_computer_is_no_trust_though_nothing_else_is_known_of_it(void **state)
{
	(void)state;
	expect("dn: CN=EVIL," BASE "\nobjectClass: user\nobjectClass: computer\nsAMAccountName: EVIL$\n"
			SPN("krbtgt/EVIL") "\n",
			"impersonation warning EVIL$ krbtgt/EVIL;", "spnkit delete krbtgt/EVIL 'EVIL$'");
	expect("dn: CN=CHILD," BASE "\nobjectClass: user\nsAMAccountName: CHILD$\n" SPN("krbtgt/CHILD") "\n", "", "");
}

/* Anybody who may create an account may call it krbtgt_1. */
static void an_account_that_is_called_like_a_kdc_is_judged(void **state)
{
	(void)state;
	expect(ACCOUNT("user", "krbtgt_1", "514", SPN("krbtgt/EVIL.EXAMPLE")),
			"impersonation warning krbtgt_1 krbtgt/EVIL.EXAMPLE;",
			"spnkit delete krbtgt/EVIL.EXAMPLE krbtgt_1");
	expect(ACCOUNT("user", "krbtgt_1", "512", SPN("http//web")), "malformed warning krbtgt_1 http//web;",
			"spnkit delete http//web krbtgt_1");
	expect(ACCOUNT("user", "krbtgt_1", "512", SPN("kadmin/changepw"))
			ACCOUNT("user", "krbtgt", "514", SPN("kadmin/changepw")),
			"duplicate broken krbtgt_1 kadmin/changepw;", "");
	/* that of a read-only controller is disabled, and so is what nothing more is known of */
	expect(ACCOUNT("user", "krbtgt_1", "514", SPN("http//web")), "", "");
	expect("dn: CN=x," BASE "\nsAMAccountName: krbtgt_1\n" SPN("http//web") "\n", "", "");
}

static void controllers_trusts_and_kdcs_hold_their_names_by_right(void **state)
{
	(void)state;
	const char *const controllers[] = { "532480", "83890176" };
	for (size_t i = 0; i < 2; i++) {
		char *ldif = NULL;
		assert_true(asprintf(&ldif, ACCOUNT("computer", "DC$", "%s", SPN("ldap/dc.example.com/example.com")
				SPN("GC/dc.example.com/com") SPN("ldap/example.com")
				SPN(DSA "/example.com")), controllers[i]) > 0);
		expect(ldif, "", "");
		free(ldif);
	}
	expect(ACCOUNT("user", "CHILD$", "2080", SPN("krbtgt/child.example.com") SPN("krbtgt/CHILD")), "", "");
	expect(ACCOUNT("user", "krbtgt", "514", SPN("krbtgt/EXAMPLE.COM")) ACCOUNT("user", "krbtgt_24731", "514",
			"msDS-SecondaryKrbTgtNumber: 24731\n" SPN("krbtgt/X")), "", "");
	/* another domain, a child of ours, two parts, another class, a name that only begins alike */
	expect(USER("svc", SPN("ldap/a.example.com/other.com") SPN("ldap/a/child.example.com") SPN("ldap/a/mple.com")
			SPN("ldap/a.example.com") SPN("ldap/com") SPN("ldap/xexample.com") SPN("gc/example.com")
			SPN("http/a/example.com") SPN("krbtgtx/a") SPN(DSA "-ADAM/a:389")), "", "");
	/* an export that does not say what the account is */
	expect("dn: CN=x," BASE "\nsAMAccountName: x$\n" SPN("ldap/x/example.com") SPN("krbtgt/CHILD") "\n", "", "");
	expect("dn: CN=x," BASE "\nsAMAccountName: x$\nsAMAccountType: 805306370\n" SPN("krbtgt/CHILD") "\n", "", "");
	expect("dn: CN=x," BASE "\nsAMAccountName: x$\nsAMAccountType: 805306369\n" SPN("krbtgt/CHILD") "\n",
			"impersonation warning x$ krbtgt/CHILD;", "spnkit delete krbtgt/CHILD 'x$'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_pose_as_a_kdc_or_a_controller_are_told),
		cmocka_unit_test(controllers_trusts_and_kdcs_hold_their_names_by_right),
		cmocka_unit_test(a_name_poses_as_the_directory_finds_it),
		cmocka_unit_test(a_computer_is_no_trust_though_nothing_else_is_known_of_it),
		cmocka_unit_test(an_account_that_is_called_like_a_kdc_is_judged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

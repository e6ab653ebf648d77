/* SPDX-License-Identifier: MIT */
/* audit: names that are malformed, of no known class, on disabled accounts, or held by another as well. */
#include "audit_helper.h"

#define LOSER(more) "dn: CN=pc\\0ACNF:6a3a1d0e-0000-4000-8000-00000000000c," BASE "\nobjectClass: computer\n" \
	"sAMAccountName: $DUPLICATE-1f4\nuserAccountControl: 4096\ndNSHostName: pc.example.com\n" more "\n"

static void a_conflict_object_never_keeps_a_name_be_the_winner_disabled(void **state)
{
	(void)state;
	struct found found;
	static const char winner[] = "dn: CN=pc," BASE "\nobjectClass: computer\nsAMAccountName: pc$\n"
		"userAccountControl: 4098\n"
		"dNSHostName: pc.example.com\n" NAMES("pc") "\n";
	char ldif[2048];
	snprintf(ldif, sizeof ldif, "%s%s", winner, LOSER(SPN("HOST/pc") SPN("TERMSRV/pc")));
	look(ldif, NULL, &found);
	assert_string_equal(found.list,
			"conflict-object warning $DUPLICATE-1f4 -;duplicate broken pc$ HOST/pc;"
			"disabled-account notice pc$ -;");
	snprintf(ldif, sizeof ldif, "%s%s", winner, LOSER(SPN("HOST/pc") SPN("TERMSRV/pc")));
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	options.pattern = "HOST/pc";
	look(ldif, &options, &found);
	assert_non_null(strstr(found.all_repairs, "spnkit delete HOST/pc '$DUPLICATE-1f4';"));
	assert_null(strstr(found.all_repairs, "'pc$'"));
	/* two others: a person finds out which of them it is, but the loser it is not */
	snprintf(ldif, sizeof ldif, "%s%s%s", winner, LOSER(SPN("x/pc") SPN("x/pc.example.com")), USER("a", SPN("x/pc"))
			USER("b", SPN("x/pc")));
	look(ldif, &options, &found);
	options.pattern = "x/pc";
	look(ldif, &options, &found);
	assert_null(strstr(found.all_repairs, "delete"));
}

static void what_is_in_order_is_not_told(void **state)
{
	(void)state;
	expect(USER("svc", SPN("http/app") "pwdLastSet: 134110000000000000\n")
		COMPUTER("web", SPN("HOST/web") SPN("HOST/web.example.com") SPN("RestrictedKrbHost/web"))
		"dn: CN=krbtgt," BASE "\nobjectClass: user\nsAMAccountName: krbtgt\nuserAccountControl: 514\n"
		SPN("kadmin/changepw"), "", "");
}

static void malformed_names_are_told_with_their_repair(void **state)
{
	(void)state;
	expect(USER("svc", SPN("HTTP/") SPN("HOSTWEB")), "malformed warning svc HTTP/;malformed warning svc HOSTWEB;",
			"spnkit delete HOSTWEB svc");
	expect(USER("svc", SPN("http/a b")), "malformed warning svc http/a b;", "spnkit delete 'http/a b' svc");
	expect(USER("svc", SPN("\"http/a\"") SPN("http/a,http/b") SPN("http/o'brien") SPN("x/h/CN=a,DC=b")),
			"malformed warning svc \"http/a\";malformed warning svc http/a,http/b;", "spnkit delete http/a,http/b svc");
}

/* dSHeuristics, of which character 21 is this. */
#define SERVICE(bits) "dn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration," BASE "\n" \
	"dSHeuristics: 00000000010000000002" bits "\n"

static void checks_that_the_forest_does_not_make_are_one_finding(void **state)
{
	(void)state;
	struct found found;
	expect(SERVICE("0"), "", "");
	expect(SERVICE(""), "", "");
	expect(SERVICE("1"), "unchecked warning dSHeuristics -;", "");
	expect(SERVICE("6"), "unchecked warning dSHeuristics -;", "");
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	look(SERVICE("6"), &options, &found);
	assert_non_null(strstr(found.text, "do not check that names, aliases are unique (character 21 of dSHeuristics is 6)"));
	options.pattern = "http/*";
	look(SERVICE("6"), &options, &found);
	assert_string_equal(found.list, "");
}

static void a_class_of_several_words_is_not_malformed(void **state)
{
	(void)state;
	expect(USER("svc", SPN("Microsoft Virtual Console Service/hv1") SPN("Hyper-V Replica Service/hv1")), "", "");
}

static void an_unknown_class_is_told_once_with_how_many_hold_it(void **state)
{
	(void)state;
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	struct found found = { .wants_classes = true };
	assert_int_equal(spn_mock_new(USER("a", SPN("htpp/x") SPN("HTPP/y") SPN("MSSQLSvc/db:1433")
			SPN("MSSQL$NAMED/db") SPN("{14E52635-0A95-4a5c-BDB1-E0D0C703B6C8}/db")) USER("b", SPN("htpp/z") SPN("own/b"))
			USER("c", SPN("http/c") SPN("alerter/c") SPN("bad") SPN("Microsoft Virtual Console Service/c") SPN("Agent 20.4/c")),
			SPN_DIALECT_WINDOWS, &dir, &err), SPN_OK);
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	options.now = NOW;
	assert_int_equal(spn_audit(dir, &options, note, &found, &err), SPN_OK);
	assert_string_equal(found.list, "malformed warning c bad;unknown-class notice a htpp/x;unknown-class notice b own/b;");
	options.pattern = "htpp/x";
	found = (struct found){ .wants_classes = true };
	assert_int_equal(spn_audit(dir, &options, note, &found, &err), SPN_OK);
	assert_string_equal(found.text, "no product is known to register names of the class 'htpp' (2 names on 1 account): "
			"an application of your own, or a typing error");
	spn_directory_free(dir);
}

static void what_the_forest_maps_to_host_is_known(void **state)
{
	(void)state;
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	struct found found = { .wants_classes = true };
	assert_int_equal(spn_mock_new("dn: DC=example,DC=com\nobjectClass: domainDNS\n\n"
			"dn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,DC=example,DC=com\n"
			"objectClass: nTDSService\nsPNMappings: host=own,http\n\n" USER("a", SPN("own/x")), SPN_DIALECT_WINDOWS, &dir, &err),
			SPN_OK);
	assert_int_equal(spn_audit(dir, NULL, note, &found, &err), SPN_OK);
	assert_string_equal(found.list, "");
	spn_directory_free(dir);
}

static void names_on_a_disabled_account_are_told_once(void **state)
{
	(void)state;
	expect("dn: CN=old," BASE "\nobjectClass: user\nsAMAccountName: old\nuserAccountControl: 514\npwdLastSet: 1\n"
			SPN("http/a") SPN("http/b"),
			"disabled-account warning old -;", "spnkit delete http/a http/b old");
}

static void a_duplicate_on_a_disabled_account_is_one_finding(void **state)
{
	(void)state;
	struct found found;
	/* the duplicate says to delete it from there */
	expect(USER("svc", SPN("http/a")) USER_OFF("old", SPN("HTTP/a")), "duplicate broken svc http/a;",
			"spnkit delete HTTP/a old");
	/* names that no other account holds are reported with a repair of their own, and only those */
	look(USER("svc", SPN("http/a")) USER_OFF("old", SPN("http/a") SPN("http/b")), NULL, &found);
	assert_string_equal(found.list, "disabled-account warning old -;duplicate broken svc http/a;");
	assert_string_equal(found.all_repairs, "spnkit delete http/b old;spnkit delete http/a old;");
	/* two who are disabled: the duplicate does not say which of them keeps it */
	expect(USER_OFF("off", SPN("http/a")) USER_OFF("old", SPN("http/a")),
			"disabled-account warning off -;disabled-account warning old -;duplicate broken off http/a;", "");
	/* nor does it where the audit is of another name */
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	options.pattern = "http/b";
	look(USER("svc", SPN("http/a")) USER_OFF("old", SPN("http/a") SPN("http/b")), &options, &found);
	assert_string_equal(found.list, "disabled-account warning old -;");
	assert_string_equal(found.repair, "spnkit delete http/a http/b old");
}

static void disabled_computers_with_their_own_names_are_one_notice(void **state)
{
	(void)state;
	struct found found;
	look(OFF("pc1", SPN("HOST/pc1") SPN("TERMSRV/pc1.example.com")) OFF("pc2", SPN("HOST/PC2")), NULL, &found);
	assert_string_equal(found.list, "disabled-account notice pc1$ -;");
	assert_string_equal(found.text, "2 disabled computers hold only their own names; nothing to do");
	/* what others may ask for is still told */
	expect(OFF("pc1", SPN("HOST/pc1") SPN("http/intranet")), "disabled-account warning pc1$ -;",
			"spnkit delete http/intranet 'pc1$'");
}

static void nearly_too_many_names_are_told(void **state)
{
	(void)state;
	char *ldif = NULL;
	size_t size;
	FILE *file = open_memstream(&ldif, &size);
	assert_non_null(file);
	fputs("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nmsDS-SupportedEncryptionTypes: 24\n", file);
	for (int i = 0; i < 1000; i++)
		fprintf(file, "servicePrincipalName: http/host%d\n", i);
	fclose(file);
	expect(ldif, "near-limit warning a -;", "");
	free(ldif);
}

static void a_upn_that_answers_for_a_name_is_told(void **state)
{
	(void)state;
	expect(USER("a", "userPrincipalName: http/x@EXAMPLE.COM\n"), "upn notice a http/x;", "spnkit add http/x a");
	expect(USER("a", "userPrincipalName: http/x@EXAMPLE.COM\n") USER("b", SPN("HTTP/X")), "upn warning a http/x;", "");
	/* what would make it look like a KDC is not proposed */
	/* who answers for it is taken for a KDC, or for a controller; and no command gives him the name */
	expect(USER("a", "userPrincipalName: krbtgt/x@EXAMPLE.COM\n"), "impersonation warning a krbtgt/x;", "");
	expect(USER("a", "userPrincipalName: ldap/Example.com@EXAMPLE.COM\n"),
			"impersonation warning a ldap/Example.com;", "");
	expect(USER("a", "userPrincipalName: ldap/x/example.com@EXAMPLE.COM\n"), "upn notice a ldap/x/example.com;", "");
	/* what a machine is named by is not a user's to hold, though no machine is known there */
	expect(USER("a", "userPrincipalName: host/x@EXAMPLE.COM\n"), "upn notice a host/x;", "");
	/* a KDC of Samba gives no ticket for a userPrincipalName; who holds the name is in the way of its keytab all
	 * the same */
	struct found found;
	look_by(SPN_DIALECT_SAMBA, USER("a", "userPrincipalName: http/x@EXAMPLE.COM\n")
			USER("b", "userPrincipalName: krbtgt/x@EXAMPLE.COM\n"), NULL, &found);
	assert_string_equal(found.list, "");
	look_by(SPN_DIALECT_SAMBA, USER("a", "userPrincipalName: http/x@EXAMPLE.COM\n") USER("b", SPN("HTTP/X")), NULL,
			&found);
	assert_string_equal(found.list, "upn warning a http/x;");
	expect(USER("a", "userPrincipalName: http/x@EXAMPLE.COM\n") USER("b", SPN("HOST/x")), "upn warning a http/x;", "");
	expect(USER("a", "userPrincipalName: http/x@EXAMPLE.COM\n" SPN("http/X")), "", "");
	/* the name of an enabled machine is that one's, not that of one that is switched off */
	expect(USER("a", "userPrincipalName: http/web.example.com:81@EXAMPLE.COM\n") COMPUTER("web", NAMES("web")),
			"upn notice a http/web.example.com:81;", "");
	expect(USER("a", "userPrincipalName: nfs/Web@EXAMPLE.COM\n") COMPUTER("web", NAMES("web")), "upn notice a nfs/Web;",
			"");
	expect(USER("a", "userPrincipalName: nfs/off@EXAMPLE.COM\n") OFF("off", ""),
			"upn notice a nfs/off;", "spnkit add nfs/off a");
	/* as for the machine itself */
	expect(COMPUTER("web", NAMES("web") "userPrincipalName: nfs/web@EXAMPLE.COM\n"), "upn notice web$ nfs/web;",
			"spnkit add nfs/web 'web$'");
	expect(USER("a", "userPrincipalName: http/x@EXAMPLE.COM\n" SPN("HOST/X")), "", "");
}

static void collisions_are_told_too(void **state)
{
	(void)state;
	expect(USER("a", SPN("x/1")) USER("b", SPN("X/1") SPN("http/c"))
			COMPUTER("c", SPN("HOST/c") SPN("HOST/c.example.com")),
			"duplicate broken a x/1;alias-conflict warning b http/c;", "spnkit fix c");
}

static void samba_finds_an_alias_before_a_nul(void **state)
{
	(void)state;
	struct found found;
	look_by(SPN_DIALECT_SAMBA, COMPUTER("c", NAMES("c")) USER("a", "servicePrincipalName:: Y2lmcy9jAHg=\n"), NULL, &found);
	assert_non_null(strstr(found.list, "alias-conflict warning a cifs/c;"));
}

static void a_pattern_chooses_accounts(void **state)
{
	(void)state;
	struct found found;
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	options.pattern = "http/*";
	look(USER("a", SPN("http/") SPN("nothing")) USER("b", SPN("something")), &options, &found);
	assert_string_equal(found.list, "malformed warning a http/;malformed warning a nothing;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conflict_object_never_keeps_a_name_be_the_winner_disabled),
		cmocka_unit_test(what_is_in_order_is_not_told),
		cmocka_unit_test(checks_that_the_forest_does_not_make_are_one_finding),
		cmocka_unit_test(malformed_names_are_told_with_their_repair),
		cmocka_unit_test(a_class_of_several_words_is_not_malformed),
		cmocka_unit_test(an_unknown_class_is_told_once_with_how_many_hold_it),
		cmocka_unit_test(what_the_forest_maps_to_host_is_known),
		cmocka_unit_test(names_on_a_disabled_account_are_told_once),
		cmocka_unit_test(a_duplicate_on_a_disabled_account_is_one_finding),
		cmocka_unit_test(nearly_too_many_names_are_told),
		cmocka_unit_test(a_upn_that_answers_for_a_name_is_told),
		cmocka_unit_test(collisions_are_told_too),
		cmocka_unit_test(a_pattern_chooses_accounts),
		cmocka_unit_test(disabled_computers_with_their_own_names_are_one_notice),
		cmocka_unit_test(samba_finds_an_alias_before_a_nul),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What a domain controller refuses: Windows as documented, Samba as seen on 4.17. */
#include "memory_helper.h"

#define WEB "CN=web,DC=kim,DC=com"
#define SVC "CN=svc,DC=kim,DC=com"
#define TWO "CN=two,DC=kim,DC=com"
#define GROUP "CN=g,DC=kim,DC=com"

static const char sample[] =
	"dn: DC=kim,DC=com\nobjectClass: domainDNS\n\n"
	"dn: OU=o,DC=kim,DC=com\nobjectClass: organizationalUnit\n\n"
	"dn: " WEB "\nobjectClass: user\nobjectClass: computer\nprimaryGroupID: 515\ndNSHostName: web.kim.com\n"
	"servicePrincipalName: HOST/web\nservicePrincipalName: TERMSRV/web\nmemberOf: " GROUP "\n\n"
	"dn: " SVC "\nobjectClass: user\nservicePrincipalName: http/web\nservicePrincipalName: MSSQLSvc/db:1433\n\n"
	"dn: " TWO "\nobjectClass: user\nsAMAccountName: two\n\n"
	"dn: " GROUP "\nobjectClass: group\nmember: " WEB "\n\n"
	/* S-1-5-21-1-2-3-515 */
	"dn: CN=Domain Computers,DC=kim,DC=com\nobjectClass: group\nobjectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAAwIAAA==\n";

static spn_error error, *const err = &error;
static spn_directory *dir;

static int close_dir(void **state)
{
	(void)state;
	dir = spn_directory_free(dir);
	return 0;
}

static void open_text(const char *text, spn_dialect rules)
{
	close_dir(NULL);
	assert_ok(spn_mock_new(text, rules, &dir, err));
}

static int open_windows(void **state)
{
	(void)state;
	open_text(sample, SPN_DIALECT_WINDOWS);
	return 0;
}

static int open_samba(void **state)
{
	(void)state;
	open_text(sample, SPN_DIALECT_SAMBA);
	return 0;
}

/* The call is refused with these codes, and nothing has changed. */
#define assert_refused(call, wanted, text, ldap, ad) do { \
	char before[20000]; \
	snprintf(before, sizeof before, "%s", spn_mock_ldif(dir)); \
	assert_fails((call), (wanted), (text)); \
	assert_int_equal(error.native, (ldap)); \
	assert_int_equal(error.win32, (ad)); \
	assert_string_equal(spn_mock_ldif(dir), before); \
} while (0)

static void a_name_of_another_account_is_refused_and_the_holder_named(void **state)
{
	(void)state;
	assert_refused(add(dir, TWO, SPN, "HTTP/Web"), SPN_ERR_NOT_UNIQUE, "'HTTP/Web' for '" TWO "' is held by '" SVC
			"'", 19, 0x21c7);
	assert_refused(add(dir, TWO, SPN, "http/w\xc3\xa9" "b"), SPN_ERR_NOT_UNIQUE, SVC, 19, 0x21c7);
	open_text(sample, SPN_DIALECT_SAMBA);
	assert_refused(add(dir, TWO, SPN, "HTTP/Web"), SPN_ERR_NOT_UNIQUE, "'HTTP/Web' for '" TWO "' is held by '" SVC
			"'", 19, 0x202f);
	assert_ok(add(dir, TWO, SPN, "http/w\xc3\xa9" "b"));
}

static void an_alias_of_another_accounts_host_is_allowed_to_an_administrator(void **state)
{
	(void)state;
	assert_ok(add(dir, TWO, SPN, "cifs/web"));
	open_text(sample, SPN_DIALECT_SAMBA);
	assert_ok(add(dir, TWO, SPN, "cifs/web"));
}

static void host_beside_an_alias_elsewhere_is_refused_by_samba(void **state)
{
	(void)state;
	assert_ok(delete(dir, WEB, SPN, "HOST/web"));
	assert_ok(add(dir, WEB, SPN, "HOST/web"));
	open_text(sample, SPN_DIALECT_SAMBA);
	assert_ok(delete(dir, WEB, SPN, "HOST/web"));
	assert_refused(add(dir, WEB, SPN, "HOST/web"), SPN_ERR_NOT_UNIQUE,
			"'HOST/web' stands for 'http/web' too, which is held by '" SVC "'", 19, 0);
	assert_ok(add(dir, WEB, SPN, "HOST/web:80"));
}

static void host_is_refused_by_windows_if_two_others_hold_aliases(void **state)
{
	(void)state;
	assert_ok(delete(dir, WEB, SPN, "HOST/web"));
	assert_ok(add(dir, TWO, SPN, "cifs/web"));
	assert_refused(add(dir, WEB, SPN, "host/WEB"), SPN_ERR_NOT_UNIQUE, "'host/WEB' stands for", 19, 0x21c7);
}

static void the_directorys_own_mappings_decide(void **state)
{
	(void)state;
	char text[4000];
	snprintf(text, sizeof text, "%s\ndn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,DC=kim,DC=com\n"
			"sPNMappings: host=www\nsPNMappings: termsrv=rdp\n", sample);
	open_text(text, SPN_DIALECT_SAMBA);
	assert_ok(delete(dir, WEB, SPN, "HOST/web"));
	assert_ok(add(dir, WEB, SPN, "HOST/web"));
	assert_ok(add(dir, TWO, SPN, "rdp/box"));
	assert_refused(add(dir, WEB, SPN, "TERMSRV/box"), SPN_ERR_NOT_UNIQUE, "rdp/box", 19, 0);
}

/* Character 21 of dSHeuristics: 2, names, and 4, aliases, need not be unique. */
static void what_the_forest_does_not_check_is_taken(void **state)
{
	(void)state;
	char text[4000];
	for (char bits = '0'; bits <= '7'; bits++) {
		bool takes_names = (bits - '0') & 2, takes_aliases = (bits - '0') & 4;
		snprintf(text, sizeof text, "%s\ndn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,DC=kim,DC=com\n"
				"dSHeuristics: 00000000010000000002%c\n", sample, bits);
		open_text(text, SPN_DIALECT_WINDOWS);
		assert_ok(delete(dir, WEB, SPN, "HOST/web"));
		assert_ok(add(dir, TWO, SPN, "cifs/web"));
		if (takes_aliases)
			assert_ok(add(dir, WEB, SPN, "HOST/web"));
		else
			assert_refused(add(dir, WEB, SPN, "HOST/web"), SPN_ERR_NOT_UNIQUE, "'HOST/web' stands for", 19, 0x21c7);
		if (takes_names)
			assert_ok(add(dir, TWO, SPN, "MSSQLSvc/db:1433"));
		else
			assert_refused(add(dir, TWO, SPN, "MSSQLSvc/db:1433"), SPN_ERR_NOT_UNIQUE, "is held by", 19, 0x21c7);
		open_text(text, SPN_DIALECT_SAMBA); /* which does not look at it */
		assert_refused(add(dir, TWO, SPN, "MSSQLSvc/db:1433"), SPN_ERR_NOT_UNIQUE, "is held by", 19, 0x202f);
	}
}

static void names_have_two_or_three_parts(void **state)
{
	(void)state;
	for (int samba = 0; samba < 2; samba++) {
		open_text(sample, samba ? SPN_DIALECT_SAMBA : SPN_DIALECT_WINDOWS);
		assert_refused(add(dir, TWO, SPN, "abc"), SPN_ERR_REFUSED, "'abc' for '" TWO "' has 1 part:", 19, 0x202f);
		assert_refused(add(dir, TWO, SPN, "a/b/c/d"), SPN_ERR_REFUSED, "has 4 parts", 19, 0x202f);
		assert_ok(add(dir, TWO, SPN, "a/b/c"));
		if (samba)
			assert_ok(add(dir, TWO, SPN, "//"));
		else
			assert_refused(add(dir, TWO, SPN, "//"), SPN_ERR_REFUSED, "all parts of the name '//'", 19, 0x202f);
	}
}

static void a_value_that_is_there_is_refused(void **state)
{
	(void)state;
	assert_refused(add(dir, SVC, SPN, "HTTP/web"), SPN_ERR_EXISTS, "'" SVC "' has the value 'HTTP/web'", 20, 0x2083);
	const spn_mod twice[] = { { SPN_MOD_ADD, SPN, bytes("x/y") }, { SPN_MOD_ADD, SPN, bytes("X/y") } };
	assert_refused(spn_directory_modify(dir, SVC, twice, 2, err), SPN_ERR_EXISTS, "X/y", 20, 0x2083);
}

static void samba_stores_a_name_in_several_cases_and_deletes_the_first(void **state)
{
	(void)state;
	assert_refused(add(dir, SVC, SPN, "http/web"), SPN_ERR_EXISTS, "http/web", 20, 0);
	assert_ok(add(dir, SVC, SPN, "HTTP/web"));
	const spn_mod twice[] = { { SPN_MOD_ADD, SPN, bytes("x/y") }, { SPN_MOD_ADD, SPN, bytes("X/y") } };
	assert_ok(spn_directory_modify(dir, SVC, twice, 2, err));
	assert_ok(delete(dir, SVC, SPN, "hTTp/wEb"));
	assert_non_null(strstr(spn_mock_ldif(dir), SPN ": HTTP/web\n"));
	assert_null(strstr(spn_mock_ldif(dir), SPN ": http/web\n"));
	assert_ok(delete(dir, SVC, SPN, "hTTp/wEb"));
	assert_refused(delete(dir, SVC, SPN, "hTTp/wEb"), SPN_ERR_NOT_FOUND, "hTTp/wEb", 16, 0);
}

static void a_value_that_is_missing_cannot_be_deleted(void **state)
{
	(void)state;
	assert_refused(delete(dir, TWO, SPN, "http/absent"), SPN_ERR_NOT_FOUND,
			"'" TWO "' has no value 'http/absent'", 16, 0x2085);
	assert_ok(delete(dir, SVC, SPN, "HTTP/WEB"));
}

static void samba_looks_at_names_that_are_deleted_too(void **state)
{
	(void)state;
	assert_refused(delete(dir, TWO, SPN, "http/web"), SPN_ERR_NOT_UNIQUE, SVC, 19, 0x202f);
	assert_refused(delete(dir, TWO, SPN, "abc"), SPN_ERR_REFUSED, "has 1 part", 19, 0x202f);
	assert_refused(delete(dir, TWO, SPN, "HOST/gone"), SPN_ERR_NOT_FOUND, "", 16, 0);
	assert_ok(delete(dir, WEB, SPN, "TERMSRV/web"));
}

#define TWICE "dn: CN=a,DC=k\nservicePrincipalName: x/1\nservicePrincipalName: http/dup\n\n" \
	"dn: CN=b,DC=k\nservicePrincipalName: http/dup\nservicePrincipalName: bad\n"

static void a_name_held_twice_can_be_deleted_on_windows(void **state)
{
	(void)state;
	open_text(TWICE, SPN_DIALECT_WINDOWS);
	assert_ok(delete(dir, "CN=b,DC=k", SPN, "http/dup"));
	assert_ok(delete(dir, "CN=b,DC=k", SPN, "bad"));
}

/* Samba checks the first change of the attribute only. */
static void a_name_held_twice_can_be_deleted_on_samba_behind_another_change(void **state)
{
	(void)state;
	open_text(TWICE, SPN_DIALECT_SAMBA);
	assert_refused(delete(dir, "CN=a,DC=k", SPN, "http/dup"), SPN_ERR_NOT_UNIQUE, "CN=b,DC=k", 19, 0);
	const spn_mod one[] = { { SPN_MOD_DELETE, SPN, bytes("x/1") }, { SPN_MOD_DELETE, SPN, bytes("http/dup") } };
	assert_refused(spn_directory_modify(dir, "CN=a,DC=k", one, 2, err), SPN_ERR_NOT_UNIQUE, "CN=b,DC=k", 19, 0);
	const spn_mod behind[] = { { SPN_MOD_ADD, SPN, bytes("tmp/1") }, { SPN_MOD_DELETE, SPN, bytes("tmp/1") },
		{ SPN_MOD_DELETE, SPN, bytes("http/dup") } };
	assert_ok(spn_directory_modify(dir, "CN=a,DC=k", behind, 3, err));
	assert_string_equal(spn_mock_ldif(dir), "dn: CN=a,DC=k\nservicePrincipalName: x/1\n\n"
			"dn: CN=b,DC=k\nservicePrincipalName: http/dup\nservicePrincipalName: bad\n");
}

static void some_attributes_have_one_value(void **state)
{
	(void)state;
	assert_refused(add(dir, WEB, "dNSHostName", "two.kim.com"), SPN_ERR_REFUSED, "one value of 'dNSHostName'", 19, 0x2081);
	assert_ok(add(dir, TWO, "dNSHostName", "two.kim.com"));
	open_text(sample, SPN_DIALECT_SAMBA);
	assert_refused(add(dir, WEB, "dNSHostName", "two.kim.com"), SPN_ERR_REFUSED, "one value of 'dNSHostName'", 20, 0x200d);
	const spn_mod swap[] = { { SPN_MOD_DELETE, "dNSHostName", bytes("WEB.kim.com") },
		{ SPN_MOD_ADD, "dNSHostName", bytes("two.kim.com") } };
	assert_ok(spn_directory_modify(dir, WEB, swap, 2, err));
}

static void only_users_and_computers_have_names(void **state)
{
	(void)state;
	assert_refused(add(dir, GROUP, SPN, "a/b"), SPN_ERR_REFUSED, "'" GROUP
			"' cannot have the attribute 'servicePrincipalName'", 65, 0x207d);
	assert_refused(add(dir, TWO, "member", WEB), SPN_ERR_REFUSED, "it is not a group", 65, 0x207d);
	open_text(sample, SPN_DIALECT_SAMBA);
	assert_refused(add(dir, "OU=o,DC=kim,DC=com", SPN, "a/b"), SPN_ERR_REFUSED,
			"it is not a user or computer", 65, 0x2014);
	open_text("dn: CN=a,DC=k\ncn: a\n", SPN_DIALECT_WINDOWS);
	assert_ok(add(dir, "CN=a,DC=k", SPN, "a/b"));
}

static void an_entry_that_is_missing_is_not_found(void **state)
{
	(void)state;
	assert_refused(add(dir, "CN=nope,DC=kim,DC=com", SPN, "a/b"), SPN_ERR_NOT_FOUND,
			"no entry 'CN=nope,DC=kim,DC=com'", 32, 0x2030);
}

static void values_are_not_empty_and_attributes_have_names(void **state)
{
	(void)state;
	assert_refused(add(dir, TWO, SPN, ""), SPN_ERR_REFUSED, "an empty value", 21, 0);
	assert_fails(add(dir, TWO, "c n: x\ny", "a"), SPN_ERR_INVALID, "");
	assert_refused(add(dir, TWO, "memberOf", GROUP), SPN_ERR_REFUSED, "change 'member' of the group", 53, 0x2035);
}

static void windows_keeps_3000_names(void **state)
{
	(void)state;
	static spn_mod mods[3001];
	static char names[3001][16];
	for (size_t i = 0; i < 3001; i++) {
		snprintf(names[i], sizeof names[i], "x/%zu", i);
		mods[i] = (spn_mod){ SPN_MOD_ADD, SPN, bytes(names[i]) };
	}
	assert_refused(spn_directory_modify(dir, TWO, mods, 3001, err), SPN_ERR_REFUSED,
			"'" TWO "' has 3000 values", 11, 0x2024);
	assert_ok(spn_directory_modify(dir, TWO, mods, 3000, err));
	open_text(sample, SPN_DIALECT_SAMBA);
	assert_ok(spn_directory_modify(dir, TWO, mods, 3001, err));
}

static void memberof_follows_member(void **state)
{
	(void)state;
	assert_ok(add(dir, GROUP, "member", "cn=TWO,dc=kim,dc=com"));
	assert_non_null(strstr(spn_mock_ldif(dir), "sAMAccountName: two\nmemberOf: " GROUP "\n"));
	assert_ok(delete(dir, GROUP, "member", TWO));
	assert_ok(delete(dir, GROUP, "member", "cn=WEB, dc=kim, dc=com"));
	assert_null(strstr(spn_mock_ldif(dir), "memberOf"));
	assert_null(strstr(spn_mock_ldif(dir), "member:"));
	assert_ok(add(dir, GROUP, "member", GROUP));
	assert_non_null(strstr(spn_mock_ldif(dir), "dn: " GROUP "\nobjectClass: group\nmember: " GROUP "\n"
			"memberOf: " GROUP "\n"));
}

static void a_member_deleted_and_added_in_one_request_stays_one(void **state)
{
	(void)state;
	const spn_mod mods[] = { { SPN_MOD_DELETE, "member", bytes(WEB) },
		{ SPN_MOD_ADD, "member", bytes("cn=web,DC=kim,DC=com") } };
	assert_ok(spn_directory_modify(dir, GROUP, mods, 2, err));
	assert_non_null(strstr(spn_mock_ldif(dir), "TERMSRV/web\nmemberOf: " GROUP "\n"));
}

static void members_are_refused_as_a_dc_refuses_them(void **state)
{
	(void)state;
	const char *primary = "CN=Domain Computers,DC=kim,DC=com", *nope = "CN=nope,DC=kim,DC=com";
	assert_refused(add(dir, GROUP, "member", "cn=WEB,dc=kim,dc=com"), SPN_ERR_EXISTS, "is a member of '" GROUP
			"' already", 68, 0x562);
	assert_refused(delete(dir, GROUP, "member", TWO), SPN_ERR_NOT_FOUND,
			"'" TWO "' is not a member of '" GROUP "'", 53, 0x561);
	assert_refused(add(dir, GROUP, "member", nope), SPN_ERR_NOT_FOUND,
			"there is no entry 'CN=nope,DC=kim,DC=com'", 32, 0x2030);
	assert_refused(add(dir, primary, "member", WEB), SPN_ERR_EXISTS, "primary group", 68, 0x562);
	assert_refused(delete(dir, primary, "member", WEB), SPN_ERR_NOT_FOUND, "primary group", 53, 0x561);
	assert_ok(add(dir, primary, "member", TWO));
	open_text(sample, SPN_DIALECT_SAMBA);
	assert_refused(add(dir, GROUP, "member", WEB), SPN_ERR_EXISTS, "", 68, 0);
	assert_refused(delete(dir, GROUP, "member", TWO), SPN_ERR_NOT_FOUND, "", 53, 0);
	assert_refused(delete(dir, GROUP, "member", nope), SPN_ERR_NOT_FOUND, "", 53, 0x2035);
	assert_refused(add(dir, GROUP, "member", nope), SPN_ERR_NOT_FOUND, "", 32, 0x525);
	assert_refused(add(dir, primary, "member", WEB), SPN_ERR_EXISTS, "", 68, 0x2071);
	assert_refused(delete(dir, primary, "member", WEB), SPN_ERR_NOT_FOUND, "", 16, 0);
}

int main(void)
{
#define WINDOWS(name) cmocka_unit_test_setup_teardown(name, open_windows, close_dir)
#define SAMBA(name) cmocka_unit_test_setup_teardown(name, open_samba, close_dir)
	const struct CMUnitTest tests[] = {
		WINDOWS(a_name_of_another_account_is_refused_and_the_holder_named),
		WINDOWS(an_alias_of_another_accounts_host_is_allowed_to_an_administrator),
		WINDOWS(host_beside_an_alias_elsewhere_is_refused_by_samba),
		WINDOWS(host_is_refused_by_windows_if_two_others_hold_aliases),
		WINDOWS(the_directorys_own_mappings_decide),
		WINDOWS(what_the_forest_does_not_check_is_taken),
		WINDOWS(names_have_two_or_three_parts),
		WINDOWS(a_value_that_is_there_is_refused),
		SAMBA(samba_stores_a_name_in_several_cases_and_deletes_the_first),
		WINDOWS(a_value_that_is_missing_cannot_be_deleted),
		SAMBA(samba_looks_at_names_that_are_deleted_too),
		WINDOWS(a_name_held_twice_can_be_deleted_on_windows),
		SAMBA(a_name_held_twice_can_be_deleted_on_samba_behind_another_change),
		WINDOWS(some_attributes_have_one_value),
		WINDOWS(only_users_and_computers_have_names),
		WINDOWS(an_entry_that_is_missing_is_not_found),
		WINDOWS(values_are_not_empty_and_attributes_have_names),
		WINDOWS(windows_keeps_3000_names),
		WINDOWS(memberof_follows_member),
		WINDOWS(a_member_deleted_and_added_in_one_request_stays_one),
		WINDOWS(members_are_refused_as_a_dc_refuses_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

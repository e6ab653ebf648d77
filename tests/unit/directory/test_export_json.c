/* SPDX-License-Identifier: MIT */
/* Exports in JSON: what becomes of each kind as LDIF. */
#include "export_helper.h"

static void json_of_powershell_becomes_accounts(void **state)
{
	(void)state;
	static const char head[] = "{\"DistinguishedName\":\"CN=s,DC=x\",\"Enabled\":true,\"ObjectClass\":\"computer\","
		"\"servicePrincipalName\":";
	static const char tail[] = ",\"SID\":{\"BinaryLength\":12,\"Value\":\"S-1-5-21-1\"},\"PropertyNames\":[\"a\"],"
		"\"pwdLastSet\":13}";
	static const char *const lists[] = { "[\"a/x\",\"My Service/x\"]",
		"{\"value\":[\"a/x\",\"My Service/x\"],\"Count\":2}" };
	static const char *const around[][2] = { { "", "" }, { "[", "]" }, { "{\"value\":[", "],\"Count\":1}" } };
	for (size_t i = 0; i < 6; i++) {
		char text[640];
		snprintf(text, sizeof text, "%s%s%s%s%s", around[i / 2][0], head, lists[i % 2], tail, around[i / 2][1]);
		expect_ldif(text, "\ndn: CN=s,DC=x\nuserAccountControl: 0\nobjectClass: top\nobjectClass: person\n"
			"objectClass: organizationalPerson\nobjectClass: user\nobjectClass: computer\n"
			"objectSid:: AQIAAAAAAAUVAAAAAQAAAA==\npwdLastSet: 13\nservicePrincipalName: a/x\n"
			"servicePrincipalName: My Service/x\n");
	}
}

static void files_of_bloodhound_become_accounts_one_after_the_other(void **state)
{
	(void)state;
	expect_ldif("{\"data\":[{\"Properties\":{\"domain\":\"X\",\"name\":\"S@X\",\"distinguishedname\":\"CN=S,DC=X\","
		"\"samaccountname\":\"s\",\"hasspn\":true,\"enabled\":false,\"pwdlastset\":1,\"serviceprincipalnames\":[\"a/x\"]},"
		"\"ObjectIdentifier\":\"S-1-5-21-1\",\"IsDeleted\":true}],\"meta\":{\"type\":\"users\",\"count\":1}}\n"
		"{\"computers\":[{\"Properties\":{\"name\":\"W.X\",\"distinguishedname\":\"CN=W,DC=X\","
		"\"operatingsystem\":\"Windows\",\"enabled\":true,\"trustedtoauth\":true}},"
		"{\"Properties\":{\"name\":\"AZUREADSSOACC.X\",\"distinguishedname\":\"CN=A,DC=X\","
		"\"operatingsystem\":null}}]}",
		"\ndn: CN=S,DC=X\nisDeleted: TRUE\nuserAccountControl: 2\n"
		"objectClass: top\nobjectClass: person\nobjectClass: organizationalPerson\nobjectClass: user\nsamaccountname: s\n"
		"pwdlastset: 116444736010000000\nobjectSid:: AQIAAAAAAAUVAAAAAQAAAA==\nservicePrincipalName: a/x\n"
		"\ndn: CN=W,DC=X\nuserAccountControl: 16777216\nobjectClass: top\nobjectClass: person\n"
		"objectClass: organizationalPerson\n"
		"objectClass: user\nobjectClass: computer\ndNSHostName: W.X\noperatingsystem: Windows\n"
		"\ndn: CN=A,DC=X\nobjectClass: top\nobjectClass: person\nobjectClass: organizationalPerson\nobjectClass: user\n"
		"objectClass: computer\n");
}

#define PERSON "objectClass: top\nobjectClass: person\nobjectClass: organizationalPerson\n"

/* Collectors turn adminCount into a boolean and encryption types into names, and mark managed service accounts among
 * the users. */
static void what_bloodhound_says_in_other_words_becomes_the_attributes(void **state)
{
	(void)state;
	expect_ldif("{\"data\":[{\"Properties\":{\"distinguishedname\":\"CN=A,DC=X\",\"hasspn\":true,\"admincount\":true,"
		"\"supportedencryptiontypes\":[\"RC4-HMAC-MD5\",\"AES128-CTS-HMAC-SHA1-96\",\"AES256-CTS-HMAC-SHA1-96\"]}},"
		"{\"Properties\":{\"distinguishedname\":\"CN=B,DC=X\",\"hasspn\":true,\"admincount\":false,"
		"\"supportedencryptiontypes\":[\"Not defined\"]}}]}",
		"\ndn: CN=A,DC=X\nmsDS-SupportedEncryptionTypes: 28\n" PERSON "objectClass: user\nadminCount: 1\n"
		"\ndn: CN=B,DC=X\n" PERSON "objectClass: user\nadminCount: 0\n");
	expect_ldif("{\"data\":["
		"{\"Properties\":{\"distinguishedname\":\"CN=G,DC=X\",\"samaccountname\":\"g$\",\"hasspn\":true,\"gmsa\":true}},"
		"{\"Properties\":{\"distinguishedname\":\"CN=M,DC=X\",\"samaccountname\":\"m$\",\"hasspn\":true,\"msa\":true}},"
		"{\"Properties\":{\"distinguishedname\":\"CN=O,DC=X\",\"samaccountname\":\"o$\",\"hasspn\":true}}]}",
		"\ndn: CN=G,DC=X\n" PERSON "objectClass: user\nobjectClass: computer\nobjectClass: msDS-GroupManagedServiceAccount\n"
		"samaccountname: g$\ngmsa: TRUE\n"
		"\ndn: CN=M,DC=X\n" PERSON "objectClass: user\nobjectClass: computer\n"
		"objectClass: msDS-ManagedServiceAccount\nsamaccountname: m$\nmsa: TRUE\n"
		"\ndn: CN=O,DC=X\nsamaccountname: o$\n");
}

static void an_admin_count_or_encryption_type_in_other_words_is_counted(void **state)
{
	(void)state;
	static const char *const odd[] = { "\"adminCount\":\"yes\"",
		"\"supportedencryptiontypes\":[\"RC4-HMAC-MD5\",\"AES512\"]" };
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		spn_error err = { .status = SPN_OK };
		spk_export_losses losses;
		char text[256];
		snprintf(text, sizeof text, "[{\"dn\":\"CN=a\",\"cn\":\"a\",%s}]", odd[i]);
		char *ldif = convert(text, &losses, &err);
		assert_non_null(ldif);
		assert_string_equal(ldif, "\ndn: CN=a\ncn: a\n");
		assert_int_equal(losses.words, 1);
		free(ldif);
	}
}

static void a_member_of_json_hides_no_value(void **state)
{
	(void)state;
	static const char a[] = "\ndn: CN=a\nservicePrincipalName: x/y\nservicePrincipalName: x/z\n";
	expect_refusal("[{\"dn\":\"CN=a\",\"SPN\":[\"x/y\"],\"SPN\":[]}]", "stands twice in one object");
	expect_refusal("{\"dn\":\"CN=a\",\"SPN\":[\"x/y\"],\"SPN\":[]}", "byte 33: a member stands twice in one object");
	expect_refusal("[{\"dn\":\"CN=a\",\"attributes\":{\"SPN\":\"x/y\",\"SPN\":\"x/z\"}}]", "stands twice in one object");
	expect_refusal("[{\"dn\":\"CN=a\",\"distinguishedName\":\"CN=b\"}]", "two different distinguished names");
	expect_refusal("[{\"dn\":\"CN=a\",\"servicePrincipalName;x\":\"x/y\"}]",
			"a member 'servicePrincipalName;x' stands for 'servicePrincipalName'");
	expect_refusal("[{\"dn\":\"CN=a\",\"s\u0435rvicePrincipalName\":\"x/y\"}]", "' stands for 'servicePrincipalName'");
	expect_refusal("[{\"dn\":\"CN=a\",\"attributes\":{\"OID.1.2.840.113556.1.4.771\":\"x/y\"}}]",
			"stands for 'servicePrincipalName'");
	expect_refusal("[{\"dn\":\"CN=a\",\"SPN\":\"x/y\",\"SPN_2\":\"x/z\"}]", "'SPN_2' stands for 'SPN'");
	expect_ldif("[{\"dn\":\"CN=a\",\"SPN\":[[\"x/y\"],[[\"x/z\"]]]}]", a);
	expect_ldif("[{\"dn\":\"CN=a\",\"SPN\":[{\"Value\":\"x/y\"},{\"value\":[\"x/z\"]}]}]", a);
	expect_ldif("[{\"dn\":\"CN=a\",\"SPN\":\"x/y\",\"spn\":\"x/z\"}]", a);
	expect_ldif("[{\" dn\":\"CN=a\",\"servicePrincipalName \":[\"x/y\",\"x/z\"]}]", a); /* as CSV */
	expect_refusal("[{\"dn\":\"CN=a\",\"distinguishedName \":\"CN=b\"}]", "two different distinguished names");
}

static void values_in_json_that_are_not_understood_are_counted(void **state)
{
	(void)state;
	static const char *const lost[] = { "\"SPN\":[{\"a\":1}]", "\"SPN\":[1.5]", "\"userPrincipalName\":{\"a\":\"b\"}",
		"\"dNSHostName\":[[{\"value\":{\"a\":1}}]]" };
	for (size_t i = 0; i < 8; i++) {
		static const char *const none[] = { "\"SPN\":[null]", "\"SPN\":{}", "\"SPN\":[]",
			"\"nTSecurityDescriptor\":{\"Owner\":\"x\"}" };
		spn_error err = { .status = SPN_OK };
		spk_export_losses losses;
		char text[256];
		snprintf(text, sizeof text, "[{\"dn\":\"CN=a\",%s}]", i < 4 ? lost[i] : none[i - 4]);
		free(convert(text, &losses, &err));
		assert_int_equal(err.status, SPN_OK);
		assert_int_equal(losses.values, i < 4);
	}
}

static void accounts_in_a_list_of_json_that_is_not_read_are_counted(void **state)
{
	(void)state;
	static const struct {
		const char *others;
		size_t n;
	} cases[] = { { "\"also\":[{\"dn\":\"CN=b\"},{\"dn\":\"CN=c\"}]", 2 },
		{ "\"Count\":1,\"meta\":{\"a\":1},\"names\":[\"dn\"],\"also\":[]", 0 } };
	for (size_t i = 0; i < 4; i++) {
		const char *list = "\"value\":[{\"dn\":\"CN=a\",\"cn\":\"a\"}]", *others = cases[i / 2].others;
		spn_error err = { .status = SPN_OK };
		spk_export_losses losses;
		char text[256];
		snprintf(text, sizeof text, "{%s,%s}", i % 2 ? list : others, i % 2 ? others : list);
		char *ldif = convert(text, &losses, &err);
		assert_string_equal(ldif, "\ndn: CN=a\ncn: a\n");
		assert_int_equal(losses.passed, cases[i / 2].n);
		free(ldif);
	}
}

/* A member of an account may be called as a list of accounts is. */
static void an_account_around_a_list_is_read_too(void **state)
{
	(void)state;
	static const char a[] = "\ndn: CN=a\nservicePrincipalName: x/y\n", b[] = "\ndn: CN=b\ncn: b\n";
	static const char both[] = "\ndn: CN=b\ncn: b\n\ndn: CN=a\nservicePrincipalName: x/y\n";
	expect_ldif("{\"dn\":\"CN=a\",\"SPN\":[\"x/y\"],\"entries\":{}}", a);
	expect_ldif("{\"dn\":\"CN=a\",\"SPN\":[\"x/y\"],\"data\":[]}", a);
	expect_ldif("{\"dn\":\"CN=a\",\"attributes\":{\"SPN\":[\"x/y\"]},\"value\":{}}", a);
	expect_ldif("{\"dn\":\"CN=a\",\"users\":{\"dn\":\"CN=b\",\"cn\":\"b\"},\"SPN\":[\"x/y\"]}", both);
	expect_ldif("{\"dn\":\"CN=a\",\"SPN\":\"x/y\",\"Entries\":{}}", a);
	/* but not what was searched, and for what */
	expect_ldif("{\"dn\":\"DC=x\",\"SPN\":\"x/y\",\"entries\":[{\"dn\":\"CN=b\",\"cn\":\"b\"}]}", b);
	expect_ldif("{\"dn\":\"OU=x\",\"SID\":\"S-1-5-21-1\",\"Users\":[{\"dn\":\"CN=b\",\"cn\":\"b\"}]}", b);
	expect_ldif("{\"dn\":\"CN=base\",\"Computers\":[{\"dn\":\"CN=b\",\"cn\":\"b\"}]}", b);
	expect_ldif("{\"spn\":\"x/*\",\"Entries\":{\"dn\":\"CN=b\",\"cn\":\"b\"}}", b);
	expect_ldif("{\"dn\":\"CN=a\",\"SPN\":[\"x/y\"],\"entries\":{},\"users\":\"@{a=b}\"}", a);
	expect_ldif("{\"dn\":\"CN=base\",\"objectClass\":\"user\",\"entries\":[{\"dn\":\"CN=b\",\"cn\":\"b\"}]}", b);
	expect_ldif("{\"dn\":\"CN=base\",\"spn\":\"x/*\",\"entries\":[{\"dn\":\"CN=b\",\"cn\":\"b\"}]}", b);
}

static void expect_unnamed(const char *text, size_t n, size_t n_lost)
{
	spn_error err = { .status = SPN_OK };
	spk_export_losses losses;
	free(convert(text, &losses, &err));
	assert_string_equal(err.message, "");
	assert_int_equal(losses.unnamed, n);
	assert_int_equal(losses.lost, n_lost);
}

static void names_around_a_list_are_not_lost_in_silence(void **state)
{
	(void)state;
	expect_unnamed("{\"SPN\":[\"x/y\"],\"entries\":{}}", 1, 1);
	expect_unnamed("{\"entries\":[],\"SPN\":{\"value\":[\"x/y\"],\"Count\":1}}", 1, 1);
	expect_unnamed("{\"sAMAccountName\":\"a\",\"SPN\":\"x/y\",\"data\":[]}", 1, 1);
	/* but a search has none, nor has what describes a domain */
	expect_unnamed("{\"SPN\":[\"x/*\"],\"entries\":[]}", 0, 0);
	expect_unnamed("{\"SPN\":\"x/y\",\"entries\":[]}", 0, 0);
	expect_unnamed("{\"Name\":\"corp\",\"SID\":\"S-1-5-21-1\",\"SPN\":\"all\",\"users\":[]}", 0, 0);
	expect_unnamed("{\"memberOf\":\"CN=g\",\"SPN\":\"x/y\",\"users\":[]}", 0, 0);
	expect_unnamed("{\"memberOf\":\"CN=g\",\"SID\":\"S-1-5-21-1\",\"SPN\":\"x/y\",\"users\":[]}", 1, 1);
	expect_unnamed("{\"sAMAccountName\":\"a\",\"SID\":\"S-1-5-21-1\",\"Users\":[]}", 0, 0);
}

static void a_member_of_an_account_is_a_value_whatever_it_is_called(void **state)
{
	(void)state;
	static const char *const members[] = { "\"Computers\":[\"M1\"]", "\"value\":[ 1, 2]", "\"Data\":{\"a\":\"b\"}",
		"\"users\":[{\"a\":\"b\"},{\"a\":\"c\"}]", "\"Entries\":{\"value\":[true],\"Count\":1}",
		"\"Users\":[\"@{a=b}\"]", "\"Users\":[\"CN=b\"],\"Data\":[]", "\"Data\":{\"value\":[\"a\"],\"Count\":1}",
		"\"Value\":\"System.Object[]\"", "\"Data\":[null]" };
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		char text[256];
		spn_error err = { .status = SPN_OK };
		spk_export_losses losses;
		snprintf(text, sizeof text, "{\"dn\":\"CN=a\",%s,\"SPN\":[\"x/y\"]}", members[i]);
		char *ldif = convert(text, &losses, &err);
		assert_non_null(strstr(ldif, "\ndn: CN=a\n"));
		assert_non_null(strstr(ldif, "\nservicePrincipalName: x/y\n"));
		assert_int_equal(losses.unnamed + losses.passed + losses.aside + losses.values, 0);
		free(ldif);
	}
	expect_unnamed("{\"dn\":\"CN=a\",\"objectClass\":\"user\",\"SID\":\"S-1-5-21-1\",\"Computers\":[\"M1\"]}", 0, 0);
	/* but a record within one is none of its values if it has names */
	expect_unnamed("{\"dn\":\"CN=a\",\"SPN\":\"x/y\",\"Users\":[{\"a\":\"b\"},{\"SPN\":\"x/z\"}]}", 1, 1);
}

/* As ConvertTo-Json -Depth 1 writes lists of accounts: a DN, the name of a type, "@{...}" or what else a script made of
 * them. */
static void a_list_of_texts_outside_an_account_is_accounts_that_were_cut_off(void **state)
{
	(void)state;
	static const char *const texts[] = { "CN=svc,DC=x", "System.Collections.Hashtable",
		"Microsoft.ActiveDirectory.Management.ADUser", "@{a=b}", "M1" };
	static const char *const around[][2] = { { "{\"users\":[\"", "\"],\"computers\":[{\"dn\":\"CN=b\",\"cn\":\"b\"}]}" },
		{ "{\"computers\":{\"dn\":\"CN=b\",\"cn\":\"b\"},\"Users\":[\"", "\",\"M2\"]}" },
		{ "{\"value\":[\"", "\"],\"Count\":1}" },
		{ "{\"data\":{\"users\":[\"", "\"],\"computers\":[{\"dn\":\"CN=b\"}]}}" },
		{ "{\"Entries\":{\"value\":[null,\"", "\"]}}" },
		{ "{\"value\":[\"", "\"]} [{\"dn\":\"CN=b\",\"cn\":\"b\"}]" },
		{ "{\"dn\":\"DC=x\",\"objectClass\":\"user\",\"data\":[\"", "\"]}" },
		/* nor is one a value of an account that is around others */
		{ "{\"dn\":\"CN=a\",\"SPN\":[\"x/y\"],\"users\":[\"", "\"],\"computers\":{\"dn\":\"CN=b\",\"cn\":\"b\"}}" } };
	for (size_t i = 0; i < sizeof around / sizeof *around * sizeof texts / sizeof *texts; i++) {
		char text[256];
		snprintf(text, sizeof text, "%s%s%s", around[i % 8][0], texts[i / 8], around[i % 8][1]);
		expect_refusal(text, "write the file again with more depth");
	}
	expect_refusal("{\"users\":\"System.Object[]\",\"computers\":[]}", "write the file again with more depth");
	expect_ldif("{\"data\":\"of today\",\"users\":[{\"dn\":\"CN=b\",\"cn\":\"b\"}]}", "\ndn: CN=b\ncn: b\n");
}

static void a_list_of_accounts_begins_with_one(void **state)
{
	(void)state;
	expect_refusal("{\"users\":[null,{\"dn\":\"CN=a\"}]}", "byte 9: a list of accounts begins with something else");
	spn_error err = { .status = SPN_OK };
	spk_export_losses losses;
	static const char nul[] = "{\"users\":[\0{\"dn\":\"CN=a\"}]}";
	assert_null(convert_bytes(nul, sizeof nul - 1, &losses, &err));
	assert_non_null(strstr(err.message, "byte 10: a NUL"));
	expect_refusal("{\"users\":[", "the file is cut off");
}

/* As "select *,@{n='SPN';e={$_.servicePrincipalName -join ';'}}" has them. */
static void names_that_another_member_shows_are_not_lost(void **state)
{
	(void)state;
#define TYPE "Microsoft.ActiveDirectory.Management.ADPropertyValueCollection"
	static const char names[] = "\ndn: CN=a\nservicePrincipalName: x/y\nservicePrincipalName: x/z\n";
	expect_ldif("{\"dn\":\"CN=a\",\"servicePrincipalName\":\"" TYPE "\",\"SPN\":\"x/y;x/z\"}", names);
	expect_ldif("{\"dn\":\"CN=a\",\"SPN\":[\"x/y\",\"x/z\"],\"servicePrincipalNames\":\"" TYPE "\"}", names);
	static const struct {
		const char *members;
		size_t n;
	} cases[] = { { "\"SPN\":\"\",\"servicePrincipalName\":\"" TYPE "\"", 0 },
		{ "\"servicePrincipalName\":\"" TYPE "\"", 1 },
		{ "\"servicePrincipalName\":\"" TYPE "\",\"SPNs\":null", 1 },
		{ "\"servicePrincipalName\":\"" TYPE "\",\"SPN\":\"" TYPE "\"", 2 },
		{ "\"SPN\":[\"x/y\",\"" TYPE "\"]", 1 }, { "\"SPN\":\"{x/y, x/z...}\",\"SPNs\":\"x/y\"", 1 } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[400];
		spn_error err = { .status = SPN_OK };
		spk_export_losses losses;
		snprintf(text, sizeof text, "[{\"dn\":\"CN=a\",\"SPN\":\"x/y\"},{\"dn\":\"CN=b\",\"cn\":\"b\",%s}]",
				cases[i].members);
		char *ldif = convert(text, &losses, &err);
		assert_non_null(ldif);
		assert_int_equal(losses.values, cases[i].n);
		assert_int_equal(strstr(ldif, "servicePrincipalName:\n") || strstr(ldif, "servicePrincipalName: \n"), cases[i].n > 0);
		free(ldif);
	}
}

static void names_that_python_shows_as_bytes_are_no_others(void **state)
{
	(void)state;
	static const char *const raw[] = { "b'x/y'", "b'x/z'", "b'x/y", "x/y'" };
	for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
		spn_error err = { .status = SPN_OK };
		spk_export_losses losses;
		char text[256];
		snprintf(text, sizeof text, "[{\"dn\":\"CN=a\",\"SPN\":[\"x/y\"],\"raw\":{\"SPN\":[\"%s\"]}}]", raw[i]);
		free(convert(text, &losses, &err));
		assert_int_equal(err.status, SPN_OK);
		assert_int_equal(losses.aside, i > 0);
	}
}

static void no_value_of_json_becomes_a_line_of_its_own(void **state)
{
	(void)state;
	expect_ldif("[{\"dn\":\"CN=a\",\"cn\":\"x\\n\\ndn: CN=evil\"}]", "\ndn: CN=a\ncn:: eAoKZG46IENOPWV2aWw=\n");
	expect_ldif("[{\"dn\":\"CN=a\",\"x: y\\nservicePrincipalName\":\"http/evil\",\"cn\":\"a\"}]", "\ndn: CN=a\ncn: a\n");
}

static void accounts_that_were_cut_off_are_refused(void **state)
{
	(void)state;
	expect_refusal("{\"data\":[{\"Properties\":\"@{name=a}\"}]}", "write the file again with more depth");
	expect_refusal("[\"@{DistinguishedName=CN=a}\"]", "write the file again with more depth");
	expect_refusal("{\"data\":[],\"meta\":{\"type\":\"groups\",\"version\":5}}", "know of groups");
}

static void json_that_cannot_be_understood_is_refused_with_its_byte(void **state)
{
	(void)state;
	expect_refusal("[{\"distinguishedName\":\"CN=a\"}", "byte 29: the file is cut off");
	expect_refusal("[{\"distinguishedName\":\"CN=a\"},", "byte 30: the file is cut off");
	expect_refusal("[1]", "byte 1: this is not JSON of accounts here (expected one of {])");
	expect_refusal("[{\"a\" 1}]", "byte");
	expect_refusal("{\"a\":1", "byte 6: the file is cut off");
	expect_refusal("[] x", "byte 3: this is not JSON of accounts here (expected one of [{)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_of_powershell_becomes_accounts),
		cmocka_unit_test(files_of_bloodhound_become_accounts_one_after_the_other),
		cmocka_unit_test(what_bloodhound_says_in_other_words_becomes_the_attributes),
		cmocka_unit_test(an_admin_count_or_encryption_type_in_other_words_is_counted),
		cmocka_unit_test(a_member_of_json_hides_no_value),
		cmocka_unit_test(values_in_json_that_are_not_understood_are_counted),
		cmocka_unit_test(accounts_in_a_list_of_json_that_is_not_read_are_counted),
		cmocka_unit_test(an_account_around_a_list_is_read_too),
		cmocka_unit_test(names_around_a_list_are_not_lost_in_silence),
		cmocka_unit_test(a_member_of_an_account_is_a_value_whatever_it_is_called),
		cmocka_unit_test(a_list_of_texts_outside_an_account_is_accounts_that_were_cut_off),
		cmocka_unit_test(a_list_of_accounts_begins_with_one),
		cmocka_unit_test(names_that_another_member_shows_are_not_lost),
		cmocka_unit_test(names_that_python_shows_as_bytes_are_no_others),
		cmocka_unit_test(no_value_of_json_becomes_a_line_of_its_own),
		cmocka_unit_test(accounts_that_were_cut_off_are_refused),
		cmocka_unit_test(json_that_cannot_be_understood_is_refused_with_its_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Exports in CSV and JSON: what becomes of each kind as LDIF. */
#include "export_helper.h"

static void a_byte_order_mark_is_no_part_of_the_text(void **state)
{
	(void)state;
	static const char ldif[] = "\ndn: CN=a,DC=b\nsAMAccountName: a\n";
	expect_ldif("\xef\xbb\xbf" "DN,sAMAccountName\n\"CN=a,DC=b\",a\n", ldif);
	expect_ldif("\xef\xbb\xbf" "{\"dn\": \"CN=a,DC=b\", \"sAMAccountName\": \"a\"}", ldif);
}

static void an_export_is_recognized_by_its_first_line_and_not_by_its_name(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		spk_export_format format;
	} cases[] = {
		{ "dn: CN=a,DC=b\n", SPK_EXPORT_LDIF },
		{ "# a comment, with a comma\n\ndn: CN=a,DC=b\n", SPK_EXPORT_LDIF },
		{ "version: 1\ndn: CN=a;b,DC=b\n", SPK_EXPORT_LDIF },
		{ "", SPK_EXPORT_LDIF },
		{ "nothing that is known\n", SPK_EXPORT_LDIF },
		{ "DN,objectClass\n", SPK_EXPORT_CSV },
		{ "#TYPE Selected.X\r\n\"DistinguishedName\";\"Name\"\r\n", SPK_EXPORT_CSV },
		{ "Name\tDistinguishedName\n", SPK_EXPORT_CSV },
		{ " \r\n[{\"a\": 1}]", SPK_EXPORT_JSON },
		{ "{\"data\": []}", SPK_EXPORT_JSON },
		{ "\xef\xbb\xbf" "DN,objectClass\n", SPK_EXPORT_CSV },
		{ "\xef\xbb\xbf" "[{\"a\": 1}]", SPK_EXPORT_JSON },
		{ "\xef\xbb\xbf" "dn: CN=a;b,DC=b\n", SPK_EXPORT_LDIF },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(spk_export_recognize(spk_bytes(cases[i].text)), cases[i].format);
}

static void what_no_reader_understands_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t len;
		const char *named; /* NULL: it may be an export */
	} cases[] = {
#define CASE(text, named) { text, sizeof text - 1, named }
		CASE("dn: CN=a,DC=b\rcn: a\r", "CR alone"),
		CASE("DN,cn\r\"CN=a,DC=b\",a\r", "CR alone"),
		CASE("dn: CN=a,DC=b\r\ncn: a\r\n", NULL),
		CASE("DN,cn\r", NULL), /* the LF was not read yet */
		CASE("D\0\0\0N\0\0\0", "UTF-32"),
		CASE("\0\0\0D\0\0\0N", "UTF-32"),
		CASE("D\0N\0", "UTF-32"), /* decoded as UTF-16 */
		CASE("DN:cn:memberOf\nCN=a,DC=b:a:\n", "separated by something else"),
		CASE("SamAccountName:DistinguishedName\n", "separated by something else"),
		CASE("  dn: CN=a,DC=b\n  cn: a\n", "begin with blanks"),
		CASE("dn:CN=a,DC=b\ncn:a\n", NULL),
		CASE("dn::Q049YSxEQz1i\ncn:a\n", NULL),
		CASE("dn:\nobjectClass: top\n", NULL),
		CASE("Connecting to \"dc1.corp.example\"\r\nLogging in as current user using SSPI\r\n", "what ldifde and csvde say"),
		CASE("***Searching...\nldap_search_s(ld, \"DC=b\", 2, \"(cn=*)\", attrList,  0, &msg)\n", "what ldp shows"),
		CASE("Expanding base 'DC=b'...\nGetting 1 entries:\nDn: DC=b\n", "what ldp shows"),
		CASE("ld = ldap_open(\"dc\", 389);\n", "what ldp shows"),
		CASE(">> Dn: CN=a,DC=b\n\t1> cn: a;\n", "what ldp shows"),
		CASE("$ ldapsearch -LLL \"(cn=*)\"\ndn: CN=a,DC=b\n", "a command that was typed"),
		CASE("# a comment\nPS C:\\> Get-ADUser a -Properties b,c\n", "a command that was typed"),
		CASE("C:\\Users\\x>ldifde -f con\ndn: CN=a,DC=b\n", "a command that was typed"),
		CASE("root@dc:~# ldbsearch\ndn: CN=a,DC=b\n", "a command that was typed"),
		CASE("[root@dc ~]$ ldbsearch\ndn: CN=a,DC=b\n", "a command that was typed"),
		CASE("# ldbsearch\ndn: CN=a,DC=b\n", NULL), /* root's prompt, and a comment */
		CASE("dn: CN=PS x> $ a@b:~$ c,DC=b\n", NULL),
		CASE("mail,DN\na@b.c:~$ x,\"CN=a\"\n", NULL),
		CASE("[\"a@b$ c\"]", NULL),
#undef CASE
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t line;
		const char *named = spk_export_other((spn_bytes){ cases[i].text, cases[i].len }, &line);
		if (!named != !cases[i].named || (named && !strstr(named, cases[i].named)))
			fail_msg("%s: '%s'", cases[i].text, named ? named : "nothing");
	}
}

static void a_dn_that_is_escaped_in_another_way_in_its_second_column_is_that_of_the_first(void **state)
{
	(void)state;
	static const char ldif[] = "\ndn: CN=Doe\\, Jane 10,DC=x\nservicePrincipalName: x/y\n";
	static const char *const others[] = { "CN=Doe, Jane 10,DC=x", "CN=Doe\\2C Jane 10,DC=x", "CN=Doe\\\\, Jane 10,DC=x",
		"cn=doe\\, jane 10, DC=x" };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		char text[256];
		snprintf(text, sizeof text, "DN,distinguishedName,SPN\n\"CN=Doe\\, Jane 10,DC=x\",\"%s\",x/y\n", others[i]);
		expect_ldif(text, ldif);
		snprintf(text, sizeof text, "distinguishedName,DN,SPN\n\"%s\",\"CN=Doe\\, Jane 10,DC=x\",x/y\n", others[i]);
		expect_ldif(text, ldif);
	}
	expect_ldif("DN,SPN\n\"<GUID=0f7a>;<SID=S-1-5-21-1>;CN=a,DC=x\",x/y\n",
			"\ndn: CN=a,DC=x\nservicePrincipalName: x/y\n");
}

static void when_a_password_was_set_has_two_names(void **state)
{
	(void)state;
	expect_ldif("DN,PasswordLastSet\n\"CN=a,DC=x\",2024-01-01T00:00:00Z\n",
			"\ndn: CN=a,DC=x\npwdLastSet: 2024-01-01T00:00:00Z\n");
#ifdef WITH_JANSSON
	expect_ldif("{\"DistinguishedName\":\"CN=a\",\"PasswordLastSet\":\"\\/Date(1704067200000)\\/\"}",
			"\ndn: CN=a\npwdLastSet: /Date(1704067200000)/\n");
	expect_ldif("{\"DistinguishedName\":\"CN=a\",\"PasswordLastSet\":{\"value\":\"\\/Date(1)\\/\",\"DateTime\":\"x\"}}",
			"\ndn: CN=a\npwdLastSet: /Date(1)/\n");
	expect_ldif("{\"DistinguishedName\":\"CN=a\",\"PasswordLastSet\":null,\"cn\":\"a\"}", "\ndn: CN=a\ncn: a\n");
	expect_refusal("[{\"dn\":\"CN=a\"", "byte 13: the file is cut off");
	expect_refusal("{\"data\":[{\"dn\":\"CN=a\"}", "the file is cut off");
	expect_refusal("[{\"dn\":\"CN=a\"},", "the file is cut off");
	expect_refusal("[{\"dn\":\"CN=a\xfc\"}]", "WINDOWS-1252");
#endif
}

static void csvde_lists_are_separated_by_semicolons_and_bytes_are_hex(void **state)
{
	(void)state;
	expect_ldif("DN,objectClass,sAMAccountName,objectSid,servicePrincipalName,member,description\r\n"
		"\"CN=web,DC=corp,DC=example\",computer,WEB$,X'0102ff',HOST/web;HOST/web.corp.example,,\"says \"\"hi\"\", twice\"\r\n"
		"\"CN=staff,DC=corp,DC=example\",group,staff,,,\"CN=a\\;b,DC=corp,DC=example;CN=c,DC=corp,DC=example\",\r\n",
		"\ndn: CN=web,DC=corp,DC=example\n"
		"objectClass: top\nobjectClass: person\nobjectClass: organizationalPerson\nobjectClass: user\nobjectClass: computer\n"
		"sAMAccountName: WEB$\nobjectSid:: AQL/\ndescription: says \"hi\", twice\n"
		"servicePrincipalName: HOST/web\nservicePrincipalName: HOST/web.corp.example\n"
		"\ndn: CN=staff,DC=corp,DC=example\nobjectClass: group\nsAMAccountName: staff\n"
		"member: CN=a\\;b,DC=corp,DC=example\nmember: CN=c,DC=corp,DC=example\n");
}

static void properties_of_powershell_become_attributes(void **state)
{
	(void)state;
	expect_ldif("#TYPE Selected.Microsoft.ActiveDirectory.Management.ADUser\n"
		"\"DistinguishedName\",\"Enabled\",\"ObjectClass\",\"SID\",\"ServicePrincipalNames\",\"TrustedForDelegation\"\n"
		"\"CN=s,DC=x\",\"False\",\"user\",\"S-1-5-21-1\",\"HTTP/a HTTP/b.x\",\"True\"\n",
		"\ndn: CN=s,DC=x\nuserAccountControl: 524290\n"
		"objectClass: top\nobjectClass: person\nobjectClass: organizationalPerson\nobjectClass: user\n"
		"objectSid:: AQIAAAAAAAUVAAAAAQAAAA==\nservicePrincipalName: HTTP/a\nservicePrincipalName: HTTP/b.x\n");
	expect_ldif("DN,Enabled,userAccountControl\nCN=s,False,4096\n", "\ndn: CN=s\nuserAccountControl: 4096\n");
}

static void a_time_is_read_if_there_is_one_way_to_read_it(void **state)
{
	(void)state;
	static const struct {
		const char *time;
		long long minutes; /* from the beginning of 2015; -1: not known */
	} cases[] = {
		{ "1/1/2015 12:00:00 AM", 0 }, { "1/1/2015 12:00:00\u202fAM", 0 }, { "1/31/2015 12:30:00 PM", 43950 },
		{ "31/01/2015 01:00", 43260 }, { "02.01.2015 0:00:00", 1440 }, { "2015-01-02T00:00:00", 1440 },
		{ "2015/1/2 1:00", 1500 }, { "1/31/2015 11:00 PM", 44580 }, { "20150102000000.0Z", 1440 },
		{ "1/2/2015 12:00:00 AM", -1 }, { "31/31/2015", -1 }, { "1/1/15", -1 }, { "1/1/2015 13:00 PM", -1 },
		{ "1/1/2015 0:00 AM", -1 }, { "1.1/2015", -1 }, { "1/1/2015 x", -1 }, { "1/1/2015 12:60", -1 }, { "1/32/2015", -1 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char csv[80], wanted[80];
		snprintf(csv, sizeof csv, "DN,PasswordLastSet\nCN=s,%s\n", cases[i].time);
		snprintf(wanted, sizeof wanted, "\ndn: CN=s\npwdLastSet: %lld\n", 130645440000000000 + 600000000 * cases[i].minutes);
		expect_ldif(csv, cases[i].minutes < 0 ? "\ndn: CN=s\n" : wanted);
	}
}

static void the_primary_group_is_known_by_its_number_its_sid_or_its_name(void **state)
{
	(void)state;
	static const struct {
		const char *csv, *lines;
	} cases[] = {
		{ "DN,PrimaryGroup\nCN=s,\"CN=Domain Controllers,CN=Users,DC=x\"\n", "primaryGroupID: 516\n" },
		{ "DN,PrimaryGroup\nCN=s,\"CN=Read-Only Domain Controllers,CN=Users,DC=x\"\n", "primaryGroupID: 521\n" },
		{ "DN,PrimaryGroup\nCN=s,\"CN=Domänencomputer,CN=Users,DC=x\"\n", "" },
		{ "DN,PrimaryGroupSID\nCN=s,S-1-5-21-1-2-3-515\n", "primaryGroupID: 515\n" },
		{ "DN,PrimaryGroupSID,IsDC,Enabled\nCN=s,S-1-5-21-1-2-3-516,True,True\n", "userAccountControl: 8192\n"
			"primaryGroupID: 516\n" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char wanted[120];
		snprintf(wanted, sizeof wanted, "\ndn: CN=s\n%s", cases[i].lines);
		expect_ldif(cases[i].csv, wanted);
	}
	expect_ldif("DN,cn,PrimaryGroup,primaryGroupID\nCN=s,s,\"CN=Domain Users,CN=Users,DC=x\",600\n",
			"\ndn: CN=s\ncn: s\nprimaryGroupID: 600\n");
}

static void spns_are_separated_by_what_a_script_put_between_them_and_are_not_taken_apart(void **state)
{
	(void)state;
	static const char *const texts[] = { "HTTP/a|MSSQLSvc/b:1433", "HTTP/a; MSSQLSvc/b:1433",
		"\"HTTP/a, MSSQLSvc/b:1433\"",
		"\"HTTP/a,MSSQLSvc/b:1433\"", "HTTP/a MSSQLSvc/b:1433", "\"HTTP/a\nMSSQLSvc/b:1433\"",
		/* as Python, numpy, JSON and scripts write a list into one field */
		"\"['HTTP/a', 'MSSQLSvc/b:1433']\"", "\"[b'HTTP/a', b'MSSQLSvc/b:1433']\"", "['HTTP/a' 'MSSQLSvc/b:1433']",
		"\"[\"\"HTTP/a\"\",\"\"MSSQLSvc/b:1433\"\"]\"", "'HTTP/a';'MSSQLSvc/b:1433'", "\"[HTTP/a, MSSQLSvc/b:1433]\"",
		"\"('HTTP/a', 'MSSQLSvc/b:1433')\"" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char text[128];
		snprintf(text, sizeof text, "DN,SPN\nCN=s,%s\n", texts[i]);
		expect_ldif(text, "\ndn: CN=s\nservicePrincipalName: HTTP/a\nservicePrincipalName: MSSQLSvc/b:1433\n");
	}
	expect_ldif("DN;SPN\nCN=s;My Service/host\n", "\ndn: CN=s\nservicePrincipalName: My Service/host\n");
	expect_ldif("DN;SPN\nCN=s;x/y/CN=a,DC=b\n", "\ndn: CN=s\nservicePrincipalName: x/y/CN=a,DC=b\n");
	expect_ldif("DN;SPN\nCN=s;'x/y'\nCN=t;[]\n", "\ndn: CN=s\nservicePrincipalName: 'x/y'\n\ndn: CN=t\n");
}

/* One that was registered without its slash is malformed; the others are what they are. */
static void a_name_without_a_slash_does_not_make_one_name_of_a_list(void **state)
{
	(void)state;
	expect_ldif("DN;SPN\nCN=s;HOSTweb,HTTP/web\nCN=t;HTTP/web,HOSTweb,x/y\n",
			"\ndn: CN=s\nservicePrincipalName: HOSTweb\nservicePrincipalName: HTTP/web\n"
			"\ndn: CN=t\nservicePrincipalName: HTTP/web\nservicePrincipalName: HOSTweb\nservicePrincipalName: x/y\n");
}

static void a_class_in_braces_does_not_hide_those_of_the_list(void **state)
{
	(void)state;
	spn_error err = { .status = SPN_OK };
	spk_export_losses losses;
	expect_ldif("DN;SPN\nCN=s;{x/y, {0F7A}/s, x/z}\nCN=t;{0F7A}/{0F7B}\n",
			"\ndn: CN=s\nservicePrincipalName: x/y\nservicePrincipalName: {0F7A}/s\nservicePrincipalName: x/z\n"
			"\ndn: CN=t\nservicePrincipalName: {0F7A}/{0F7B}\n");
	char *ldif = convert("DN;SPN\nCN=s;{x/y, {0F7A}/s, x/z...}\nCN=t;{x/y, {0F7...}\n", &losses, &err);
	assert_non_null(ldif);
	assert_int_equal(losses.values, 2);
	assert_null(strstr(ldif, "..."));
	assert_non_null(strstr(ldif, "servicePrincipalName: {0F7A}/s\n"));
	free(ldif);
}

/* No host has what stands between the two. */
static void names_that_are_joined_by_anything_else_are_counted_as_unknown(void **state)
{
	(void)state;
	static const char *const between[] = { "#", "^", "&", "<br>", "~", "+", "`n" };
	for (size_t i = 0; i < sizeof between / sizeof *between; i++) {
		spn_error err = { .status = SPN_OK };
		spk_export_losses losses;
		char text[128];
		snprintf(text, sizeof text, "DN,SPN\nCN=s,HTTP/a%sHTTP/b\n", between[i]);
		char *ldif = convert(text, &losses, &err);
		assert_string_equal(ldif, "\ndn: CN=s\nservicePrincipalName:\n");
		assert_int_equal(losses.values, 1);
		free(ldif);
	}
}

static void bytes_that_python_shows_as_text_are_those_bytes(void **state)
{
	(void)state;
	const char *ldif = "\ndn: CN=s\nsAMAccountName: s\nobjectSid:: AQEAAAAAAAU=\nservicePrincipalName: HTTP/a\n"
			"servicePrincipalName:: SFRUUC9rw7ZsbidzXA==\n";
	expect_ldif("DN;sAMAccountName;objectSid;SPN\nb'CN=s';b's';b'\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x05';"
			"b'HTTP/a'\nCN=s;;;b\"HTTP/k\\xc3\\xb6ln's\\\\\"\n", ldif);
	expect_ldif("{\"dn\": \"b'CN=s'\", \"sAMAccountName\": \"b's'\", \"objectSid\": "
			"\"b'\\\\x01\\\\x01\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00\\\\x05'\", \"servicePrincipalName\": "
			"[\"b'HTTP/a'\", \"b\\\"HTTP/k\\\\xc3\\\\xb6ln's\\\\\\\\\\\"\"]}", ldif);
	/* what is no such text stays as it is */
	expect_ldif("DN;SPN\nCN=s;b'x/\\q'\nCN=t;b'x/\\x00'\n",
			"\ndn: CN=s\nservicePrincipalName: b'x/\\q'\n\ndn: CN=t\nservicePrincipalName: b'x/\\x00'\n");
}

/* Bytes are looked at several at a time. */
static void names_with_a_class_of_several_words_are_told_apart_or_counted(void **state)
{
	(void)state;
	spn_error err = { .status = SPN_OK };
	spk_export_losses losses;
	expect_ldif("DN,SPNs\n\"CN=a,DC=b\",HOST/a Microsoft Virtual Console Service/a HOST/a.b\n", "\ndn: CN=a,DC=b\n"
			"servicePrincipalName: HOST/a\nservicePrincipalName: Microsoft Virtual Console Service/a\n"
			"servicePrincipalName: HOST/a.b\n");
	expect_ldif("DN,SPNs\n\"CN=a,DC=b\",Microsoft Virtual Console Service/a\n", "\ndn: CN=a,DC=b\n"
			"servicePrincipalName: Microsoft Virtual Console Service/a\n");
	char *ldif = convert("DN,SPNs\n\"CN=a,DC=b\",HOST/a / HOST/a.b\n\"CN=c,DC=b\",HOST/a My Service/a\n"
		"\"CN=d,DC=b\",HOSTweb HTTP/web\n", &losses, &err);
	assert_string_equal(ldif, "\ndn: CN=a,DC=b\nservicePrincipalName:\n\ndn: CN=c,DC=b\nservicePrincipalName:\n"
			"\ndn: CN=d,DC=b\nservicePrincipalName:\n");
	assert_int_equal(losses.values, 3);
	free(ldif);
}

static void blanks_belong_to_a_name_unless_a_table_or_a_list_put_them_there(void **state)
{
	(void)state;
	expect_ldif("DN;SPN\n\"CN=a,DC=b\";\"http/a \"\n", "\ndn: CN=a,DC=b\nservicePrincipalName:: aHR0cC9hIA==\n");
	expect_ldif("DN;SPN\n\"CN=a,DC=b\";\"http/a ;http/b\"\n",
			"\ndn: CN=a,DC=b\nservicePrincipalName:: aHR0cC9hIA==\nservicePrincipalName: http/b\n");
	expect_ldif("DN;SPN\n\"CN=a,DC=b\";\"http/a ; http/b\"\n",
			"\ndn: CN=a,DC=b\nservicePrincipalName: http/a\nservicePrincipalName: http/b\n");
	expect_ldif("DN|SPN\nCN=a,DC=b|http/a \n", "\ndn: CN=a,DC=b\nservicePrincipalName: http/a\n");
#ifdef WITH_JANSSON
	expect_ldif("{\"dn\": \"CN=a,DC=b\", \"servicePrincipalName\": [\" http/a\", \"http/b \"]}",
			"\ndn: CN=a,DC=b\nservicePrincipalName:: IGh0dHAvYQ==\nservicePrincipalName:: aHR0cC9iIA==\n");
#endif
}

static void a_flag_in_another_language_says_nothing_and_is_counted(void **state)
{
	(void)state;
	spn_error err = { .status = SPN_OK };
	spk_export_losses losses;
	char *ldif = convert("DN,Enabled,TrustedForDelegation\n\"CN=a,DC=b\",WAHR,FALSE\n\"CN=c,DC=b\",False,False\n",
			&losses, &err);
	assert_string_equal(ldif, "\ndn: CN=a,DC=b\n\ndn: CN=c,DC=b\nuserAccountControl: 2\n");
	assert_int_equal(losses.words, 1);
	free(ldif);
	ldif = convert("DN,userAccountControl\n\"CN=a,DC=b\",0x202\n\"CN=c,DC=b\",514\n", &losses, &err);
	assert_string_equal(ldif, "\ndn: CN=a,DC=b\n\ndn: CN=c,DC=b\nuserAccountControl: 514\n");
	assert_int_equal(losses.words, 1);
	free(ldif);
}

static void the_names_of_an_account_count_once_though_powershell_has_them_twice(void **state)
{
	(void)state;
	static const char ldif[] = "\ndn: CN=a,DC=b\nservicePrincipalName: http/a\nservicePrincipalName: http/b\n";
	expect_ldif("DN,servicePrincipalName,ServicePrincipalNames\n\"CN=a,DC=b\",http/a;http/b,http/a;http/b\n", ldif);
	expect_ldif("DN,servicePrincipalName,SPNs\n\"CN=a,DC=b\",,http/a;http/b\n", ldif);
	/* in another order or spelling too; what only one of them has is not lost */
	expect_ldif("DN,servicePrincipalName,SPNs\n\"CN=a,DC=b\",http/a;http/b,HTTP/B;http/A\n", ldif);
	expect_ldif("DN,servicePrincipalName,SPNs\n\"CN=a,DC=b\",http/a,HTTP/A;http/b\n", ldif);
	expect_ldif("DN,SPN,SPNs\n\"CN=a,DC=b\",X'687474702f6bc3b66c6e',X'687474702f6bc3b66c6e';http/c\n",
			"\ndn: CN=a,DC=b\nservicePrincipalName:: aHR0cC9rw7Zsbg==\nservicePrincipalName: http/c\n");
#ifdef WITH_JANSSON
	expect_ldif("{\"dn\": \"CN=a,DC=b\", \"ServicePrincipalNames\": {\"value\": [\"http/a\", \"http/b\"], \"Count\": 2}, "
			"\"servicePrincipalName\": [\"http/a\", \"http/b\"]}", ldif);
#endif
}

static void classes_may_be_joined_by_anything(void **state)
{
	(void)state;
	static const char ldif[] = "\ndn: CN=a,DC=b\nobjectClass: top\nobjectClass: user\nobjectClass: computer\n";
	expect_ldif("DN,objectClass\n\"CN=a,DC=b\",top user computer\n", ldif);
	expect_ldif("DN,objectClass\n\"CN=a,DC=b\",\"top, user, computer\"\n", ldif);
	expect_ldif("DN,objectClass\n\"CN=a,DC=b\",top;user;computer\n", ldif);
}

static void a_list_and_a_row_are_divided_wherever_the_border_is(void **state)
{
	(void)state;
	static const char separators[] = ";|,\n ", c20[] = "cccccccccccccccccccc", x20[] = "xxxxxxxxxxxxxxxxxxxx";
	for (int a = 1; a < 20; a++)
		for (int b = 1; b < 20; b++)
			for (const char *c = separators; *c; c++) {
				char text[200], wanted[200];
				snprintf(text, sizeof text, "DN,cn,SPN,sn\nCN=a,%.*s,\"%.*s/a%cb/%.*s\",%.*s\n", b, c20,
						a, x20, *c, b, x20, a, c20);
				snprintf(wanted, sizeof wanted, "\ndn: CN=a\ncn: %.*s\nsn: %.*s\nservicePrincipalName: %.*s/a\n"
						"servicePrincipalName: b/%.*s\n", b, c20, a, c20, a, x20, b, x20);
				expect_ldif(text, wanted);
			}
}

static void a_row_for_each_spn_is_one_account(void **state)
{
	(void)state;
	expect_ldif("SamAccountName;DistinguishedName;ServicePrincipalName\ns;CN=s;a/x\ns;CN=s;b/x\nt;CN=t;c/x\n",
		"\ndn: CN=s\nSamAccountName: s\nservicePrincipalName: a/x\nservicePrincipalName: b/x\n"
		"\ndn: CN=t\nSamAccountName: t\nservicePrincipalName: c/x\n");
}

static void values_that_the_export_lost_are_counted(void **state)
{
	(void)state;
	spn_error err = { .status = SPN_OK };
	spk_export_losses losses;
	char *ldif = convert("DN,servicePrincipalName,whatever\n"
		"CN=s,Microsoft.ActiveDirectory.Management.ADPropertyValueCollection,System.Byte[]\n,x/y,\n", &losses, &err);
	assert_non_null(ldif);
	assert_string_equal(ldif, "\ndn: CN=s\nservicePrincipalName:\n");
	assert_int_equal(losses.values, 1);
	assert_int_equal(losses.unnamed, 1);
	assert_int_equal(losses.lost, 1);
	assert_true(losses.has_names);
	free(ldif);
}

static void a_column_with_a_range_keeps_it(void **state)
{
	(void)state;
	expect_ldif("DN,servicePrincipalName;range=0-1499\nCN=s,a/x;b/x\n",
		"\ndn: CN=s\nservicePrincipalName;range=0-1499: a/x\nservicePrincipalName;range=0-1499: b/x\n");
}

static void csv_that_cannot_be_understood_is_refused_with_its_line(void **state)
{
	(void)state;
	expect_refusal("Name,Enabled\na,True\n", "line 1: a CSV file without the column 'DN'");
	expect_refusal("DN,cn\nCN=a,a\nCN=b,\"b\n", "line 3: a quoted field does not end");
	expect_refusal("DN,cn\nCN=a,\"a\nb\"\nCN=b,\"b\"c\n", "line 4: text follows the closing quote");
	expect_refusal("DN,cn\nCN=a,a,DC=x\n", "line 2: 3 fields, but the header has 2");
	expect_refusal("DN,cn\nCN=a,m\xfcller\n", "line 2: not UTF-8");
}

static void no_column_hides_what_accounts_are_judged_by(void **state)
{
	(void)state;
	expect_refusal("DN,servicePrincipalName;binary\nCN=a,x/y\n",
			"line 1: the column 'servicePrincipalName;binary' stands for 'servicePrincipalName'");
	expect_refusal("DN,cn,1.2.840.113556.1.4.771\nCN=a,a,x/y\n",
			"the column '1.2.840.113556.1.4.771' stands for 'servicePrincipalName'");
	/* a no-break space, one without width, a Cyrillic letter, a wide one, what Turkish makes of an I; 'é' is
	 * another letter to everybody */
	static const char *const names[] = { "\u00a0servicePrincipalName", "service\u200bPrincipalName",
		"servicePrincipalName\u00a0", "s\u0435rvicePrincipalName", "servicePrincipalNam\uff45",
		"serv\u0131cePrincipalName", "servicePrincipalName;r\u0430nge=0-*", "servicePrincipalName.1",
		"servicePrincipalName[1]", "servicePrincipalName (12)", "servicePrincipalName_2",
		"servicePrincipalName2" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char text[200];
		snprintf(text, sizeof text, "DN,%s,servicePrincipalName\nCN=a,x/y,x/z\n", names[i]);
		expect_refusal(text, "' stands for 'servicePrincipalName");
	}
	expect_refusal("DN,\u00a0SPN\nCN=a,x/y\n", "' stands for 'SPN' but is not read as such");
	expect_refusal("DN,SPN,SPN2\nCN=a,x/y,x/z\n", "under that name; several columns of one name are all read");
	expect_ldif("DN,SPN,SPN\nCN=a,x/y,x/z\n", "\ndn: CN=a\nservicePrincipalName: x/y\nservicePrincipalName: x/z\n");
	expect_refusal("DN,SPN,\u0415nabled\nCN=a,x/y,False\n", "' stands for 'enabled'");
	expect_ldif("DN,\u00a0title,sp\u00e9n,\u0441n,servicePrincipalName\nCN=a,a,b,c,x/y\n",
			"\ndn: CN=a\nservicePrincipalName: x/y\n");
	expect_ldif("DN,cn1,servicePrincipalName\nCN=a,b,x/y\n", "\ndn: CN=a\ncn1: b\nservicePrincipalName: x/y\n");
	expect_ldif("DN, servicePrincipalName ,userCertificate;binary\nCN=a,x/y,z\n",
			"\ndn: CN=a\nservicePrincipalName: x/y\n");
	expect_ldif("DN,servicePrincipalName,spn\nCN=a,x/y,x/z\n", "\ndn: CN=a\nservicePrincipalName: x/y\n"
			"servicePrincipalName: x/z\n");
	expect_refusal("DN,distinguishedName,SPN\n\"CN=a,DC=x\",\"CN=b,DC=x\",x/y\n", "two different distinguished names");
	expect_refusal("distinguishedName,DN,SPN\n\"CN=a b,DC=x\",\"CN=ab,DC=x\",x/y\n", "two different distinguished names");
	expect_ldif("DN,distinguishedName,SPN\n\"CN=a,DC=x\",\"cn=A, dc=x\",x/y\n",
			"\ndn: CN=a,DC=x\nservicePrincipalName: x/y\n");
}

/* It would be one of another attribute, or of an entry that somebody makes up. */
static void no_value_becomes_a_line_of_its_own(void **state)
{
	(void)state;
	spn_error err = { .status = SPN_OK };
	spk_export_losses losses;
	expect_ldif("DN,cn,sn\nCN=a,\"x\n\ndn: CN=evil\",y\n", "\ndn: CN=a\ncn:: eAoKZG46IENOPWV2aWw=\nsn: y\n");
	expect_ldif("DN,cn\nCN=a,X'780a0a646e3a20434e3d65'\n", "\ndn: CN=a\ncn:: eAoKZG46IENOPWU=\n");
	expect_ldif("DN,cn,sn,description\nCN=a,: x,< y, z\n", "\ndn: CN=a\ncn:: OiB4\nsn:: PCB5\ndescription:: IHo=\n");
	expect_ldif("DN,cn\n\"CN=a\ndn: CN=evil\",x\n", "\ndn:: Q049YQpkbjogQ049ZXZpbA==\ncn: x\n");
	assert_null(convert_bytes("DN,cn\nCN=a,x\0y\n", 16, &losses, &err));
	assert_non_null(strstr(err.message, "line 2: a NUL byte"));
	/* those bytes are no text */
	expect_refusal("DN,cn\nX'434e3d6100',x\n", "line 2: 'X'434e3d6100'' is not a distinguished name");
}

static void a_list_that_was_cut_off_for_people_is_counted(void **state)
{
	(void)state;
	spn_error err = { .status = SPN_OK };
	spk_export_losses losses;
	char *ldif = convert("DN,SPN\nCN=a,\"{a/x, b/x...}\"\n", &losses, &err);
	assert_string_equal(ldif, "\ndn: CN=a\nservicePrincipalName:\nservicePrincipalName: a/x\n");
	assert_int_equal(losses.values, 1);
	free(ldif);
	expect_ldif("DN,cn,SPN\nCN=a,a,{}\n", "\ndn: CN=a\ncn: a\n");
}

static void a_last_row_that_is_cut_off_is_refused(void **state)
{
	(void)state;
	expect_refusal("DN,cn,SPN\nCN=a,a,x/y\nCN=b,b", "line 3: the file is cut off: 2 fields, but the header has 3");
	expect_refusal("DN,cn,SPN\r\nCN=a,\"a\"", "line 2: the file is cut off");
	/* spreadsheets leave out empty fields; a file may end without a line end */
	expect_ldif("DN,SPN,sn\nCN=a,x/y\nCN=b,x/z\n", "\ndn: CN=a\nservicePrincipalName: x/y\n\ndn: CN=b\n"
			"servicePrincipalName: x/z\n");
	expect_ldif("DN,SPN\nCN=a,x/y", "\ndn: CN=a\nservicePrincipalName: x/y\nservicePrincipalName:\n");
	/* blanks behind the last line are none of its own, nor is anything cut off there; a NUL is no blank */
	spn_error err = { .status = SPN_OK };
	spk_export_losses losses;
	char *ldif = convert("DN,SPN\nCN=a,x/y\n \r\n \t ", &losses, &err);
	assert_string_equal(ldif, "\ndn: CN=a\nservicePrincipalName: x/y\n");
	assert_false(losses.is_cut);
	free(ldif);
	assert_null(convert_bytes("DN,SPN\nCN=a,x/y\n\0\0", 18, &losses, &err));
	assert_non_null(strstr(err.message, "line 3: a NUL byte"));
}

static void a_table_that_is_shortened_while_it_is_read_is_refused(void **state)
{
	(void)state;
	const char text[] = "DN,SPN\nCN=a,x/y\n";
	spn_error err = { .status = SPN_OK };
	spk_export_input input = { .fd = memory_file(text, sizeof text - 1), .name = "file", .total = sizeof text + 100 };
	bool more = false;
	assert_int_equal(spk_export_more(&input, &more, &err), SPN_OK);
	assert_true(more);
	assert_int_equal(spk_export_more(&input, &more, &err), SPN_ERR_FAILED);
	assert_non_null(strstr(err.message, "changed while it was read"));
	close(input.fd);
	free(input.data);
}

static void a_field_may_lie_across_any_border_of_what_is_read_at_once(void **state)
{
	(void)state;
	enum { LEN = 300000 };
	char *field = malloc(LEN + 1);
	assert_non_null(field);
	memset(field, 'x', LEN);
	for (size_t len = LEN - 3; len < LEN; len++) {
		char *text, *wanted;
		field[len] = '\0';
		assert_true(asprintf(&text, "DN,cn,sn\r\nCN=s,\"%s\",y\r\n", field) > 0);
		assert_true(asprintf(&wanted, "\ndn: CN=s\ncn: %s\nsn: y\n", field) > 0);
		expect_ldif(text, wanted);
		free(text);
		free(wanted);
		field[len] = 'x';
	}
	free(field);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_byte_order_mark_is_no_part_of_the_text),
		cmocka_unit_test(an_export_is_recognized_by_its_first_line_and_not_by_its_name),
		cmocka_unit_test(what_no_reader_understands_is_named),
		cmocka_unit_test(a_dn_that_is_escaped_in_another_way_in_its_second_column_is_that_of_the_first),
		cmocka_unit_test(when_a_password_was_set_has_two_names),
		cmocka_unit_test(csvde_lists_are_separated_by_semicolons_and_bytes_are_hex),
		cmocka_unit_test(properties_of_powershell_become_attributes),
		cmocka_unit_test(a_time_is_read_if_there_is_one_way_to_read_it),
		cmocka_unit_test(the_primary_group_is_known_by_its_number_its_sid_or_its_name),
		cmocka_unit_test(spns_are_separated_by_what_a_script_put_between_them_and_are_not_taken_apart),
		cmocka_unit_test(names_with_a_class_of_several_words_are_told_apart_or_counted),
		cmocka_unit_test(a_name_without_a_slash_does_not_make_one_name_of_a_list),
		cmocka_unit_test(a_class_in_braces_does_not_hide_those_of_the_list),
		cmocka_unit_test(names_that_are_joined_by_anything_else_are_counted_as_unknown),
		cmocka_unit_test(bytes_that_python_shows_as_text_are_those_bytes),
		cmocka_unit_test(blanks_belong_to_a_name_unless_a_table_or_a_list_put_them_there),
		cmocka_unit_test(a_flag_in_another_language_says_nothing_and_is_counted),
		cmocka_unit_test(the_names_of_an_account_count_once_though_powershell_has_them_twice),
		cmocka_unit_test(classes_may_be_joined_by_anything),
		cmocka_unit_test(a_list_and_a_row_are_divided_wherever_the_border_is),
		cmocka_unit_test(a_row_for_each_spn_is_one_account),
		cmocka_unit_test(values_that_the_export_lost_are_counted),
		cmocka_unit_test(a_column_with_a_range_keeps_it),
		cmocka_unit_test(csv_that_cannot_be_understood_is_refused_with_its_line),
		cmocka_unit_test(no_column_hides_what_accounts_are_judged_by),
		cmocka_unit_test(no_value_becomes_a_line_of_its_own),
		cmocka_unit_test(a_list_that_was_cut_off_for_people_is_counted),
		cmocka_unit_test(a_last_row_that_is_cut_off_is_refused),
		cmocka_unit_test(a_table_that_is_shortened_while_it_is_read_is_refused),
		cmocka_unit_test(a_field_may_lie_across_any_border_of_what_is_read_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

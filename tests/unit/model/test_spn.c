/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "model/meant.h"

static spn_error error, *const err = &error;

static void part_is(spn_bytes part, const char *wanted)
{
	assert_int_equal(part.len, strlen(wanted));
	assert_memory_equal(part.data, wanted, part.len);
}

static void parsed(const char *text, const char *class, const char *host, const char *port, const char *service)
{
	spn_name name;
	char buffer[200];
	assert_ok(spn_name_parse(text, &name, err));
	part_is(name.service_class, class);
	part_is(name.host, host);
	part_is(name.port, port);
	part_is(name.service_name, service);
	assert_int_equal(spn_name_format(&name, buffer, sizeof buffer), strlen(text));
	assert_string_equal(buffer, text);
}

static void a_name_is_taken_apart_and_put_together(void **state)
{
	(void)state;
	parsed("http/LAX-CRM01", "http", "LAX-CRM01", "", "");
	parsed("http/LAX-CRM01.kimconnect.COM:5985", "http", "LAX-CRM01.kimconnect.COM", "5985", "");
	parsed("MSSQLSvc/db.kim.com:SQLEXPRESS", "MSSQLSvc", "db.kim.com", "SQLEXPRESS", "");
	parsed("ldap/dc1.kim.com/kim.com", "ldap", "dc1.kim.com", "", "kim.com");
	parsed("ldap/dc1:389/kim.com", "ldap", "dc1", "389", "kim.com");
	parsed("E3514235-4B06-11D1-AB04-00C04FC2DCD2/5b1d/kim.com", "E3514235-4B06-11D1-AB04-00C04FC2DCD2",
			"5b1d", "", "kim.com");
	parsed("http/w\xc3\xa9" "b", "http", "w\xc3\xa9" "b", "", "");
	parsed("cifs/[2001:db8::15]:445", "cifs", "[2001:db8::15]", "445", "");
	parsed("http/2001:db8::15", "http", "2001:db8::15", "", "");
	parsed("host/fe80::1%4", "host", "fe80::1%4", "", "");
	parsed("host/[fe80::1%eth0]", "host", "[fe80::1%eth0]", "", "");
	parsed("host/[fe80::1%4]:445", "host", "[fe80::1%4]", "445", "");
	parsed("host/192.168.10.5", "host", "192.168.10.5", "", "");
	parsed("NPRepository4(*)/DC01", "NPRepository4(*)", "DC01", "", "");
	parsed("{14E52635-0A95-4a5c-BDB1-E0D0C703B6C8}/DC01", "{14E52635-0A95-4a5c-BDB1-E0D0C703B6C8}", "DC01", "", "");
	parsed("MSSQL$DB01NETIQ/DC01", "MSSQL$DB01NETIQ", "DC01", "", "");
}

static void a_class_may_be_several_words(void **state)
{
	(void)state;
	parsed("Microsoft Virtual Console Service/HV01.kim.com", "Microsoft Virtual Console Service", "HV01.kim.com", "", "");
	parsed("Microsoft Virtual System Migration Service/HV01",
			"Microsoft Virtual System Migration Service", "HV01", "", "");
	parsed("Hyper-V Replica Service/hv01:443/kim.com", "Hyper-V Replica Service", "hv01", "443", "kim.com");
	assert_int_equal(spn_name_compare("Hyper-V Replica Service/HV01", "hyper-v replica SERVICE/hv01"), 0);
	assert_int_not_equal(spn_name_compare("Hyper-V Replica Service/HV01", "Hyper-V ReplicaService/HV01"), 0);
}

static void refused(const char *text, const char *why)
{
	spn_name name = { .host = { "kept", 4 } };
	assert_fails(spn_name_parse(text, &name, err), SPN_ERR_SYNTAX, why);
	part_is(name.host, "kept");
}

static void a_name_without_a_host_is_refused(void **state)
{
	(void)state;
	refused("HTTP/", "malformed SPN 'HTTP/': the host is missing at character 6");
	refused("HTTP//x", "the host is missing at character 6");
	refused("http/:80", "the host is missing at character 6");
	refused("http://", "the host is missing at character 7");
}

static void a_url_is_refused_with_the_name_that_it_stands_for(void **state)
{
	(void)state;
	refused("http://web.example.com:5985/wsman", "it is a URL; clients ask for 'HTTP/web.example.com'");
	refused("HTTPS://web", "clients ask for 'HTTP/web'");
	refused("ldap://dc1/", "clients ask for 'ldap/dc1'");
}

static void a_url_that_tells_no_name_is_refused_as_one(void **state)
{
	(void)state;
	refused("foo://web/x", "it is a URL, and does not tell which name its clients ask for (expected class/host");
	refused("jdbc:oracle://db", "it is a URL");
	refused("jdbc:sqlserver://db\\inst", "it is a URL");
	refused("file:///etc/x", "the host is missing");
}

static void quotes_and_several_names_in_one_are_refused(void **state)
{
	(void)state;
	refused("\"HTTP/web\"", "it is a name in quotes; clients ask for 'HTTP/web'");
	refused("HTTP/\"web\"", "character 6 is a quotation mark");
	refused("\"HTTP/web", "character 1 is a quotation mark");
	refused("'HTTP/web", "character 1 is a quotation mark");
	refused("HTTP/web\xe2\x80\x9d", "character 9 is a quotation mark");
	refused("HTTP/a,HTTP/b", "character 7 is ',', which no host has (several names are each a value of their own)");
	refused("HTTP/a;HTTP/b", "character 7 is ';'");
	refused("HTTP/a:80,HTTP/b:80", "character 10 is ','");
	/* but not what may be in a name: an apostrophe, and anything in the third part */
	parsed("HTTP/o'brien-pc", "HTTP", "o'brien-pc", "", "");
	parsed("O'Brien Service/pc", "O'Brien Service", "pc", "", "");
	parsed("class/host/CN=a,DC=b", "class", "host", "", "CN=a,DC=b");
	parsed("class/host/\"a;b\"", "class", "host", "", "\"a;b\"");
	parsed("a,b/host", "a,b", "host", "", "");
}

static void a_name_without_a_class_is_refused(void **state)
{
	(void)state;
	refused("/web", "the service class is missing at character 1");
	refused("HOSTDYNAMICS-CRM", "there is no '/'");
	refused("", "there is no '/'");
}

static void a_name_with_too_many_parts_is_refused(void **state)
{
	(void)state;
	refused("a/b/c/d", "there is a third '/' at character 6");
	refused("a/b/", "it is a name with a '/' at its end; clients ask for 'a/b'");
	refused("a/b:1:2", "there is a second ':' at character 6");
	refused("a/b:", "it is a name with a ':' at its end; clients ask for 'a/b'");
	refused("a/b:/c", "the port or instance after ':' is missing at character 5");
}

static void characters_that_no_name_has_are_refused_with_their_place(void **state)
{
	(void)state;
	refused("http/a b", "character 7 is a space");
	refused("http/a:8 0", "character 9 is a space");
	refused("http/a/b c", "character 9 is a space");
	refused(" http/a", "it is a name between blanks; clients ask for 'http/a'");
	refused("\xc2\xa0http/a", "character 1 is a space");
	refused("*/a", "character 1 is '*'");
	refused("http /a", "character 5 is a space");
	refused("a\xc2\xa0service/b", "character 2 is a space");
	refused("no class and no host", "there is no '/'");
	refused("http/\xc3\xa9\xc2\xa0", "character 7 is a space");
	refused("http/\tb", "character 6 is a control character");
	refused("http/\xc2\x85", "character 6 is a control character");
	refused("http/*", "character 6 is '*'");
	refused("http\\web", "it is written with '\\' instead of '/'; clients ask for 'http/web'");
	refused("http/we\\b", "character 8 is '\\'");
	refused("http/\xff", "character 6 is a byte that is not UTF-8");
	refused("http/\xc3", "character 6 is a byte that is not UTF-8");
	refused("http/a\xe2\x80\xa8" "b", "character 7 is a space");
	refused("http/a\xe2\x80\xae" "b", "character 7 is a control character");
	assert_null(strchr(error.message, '\xae'));
}

static void means(const char *text, const char *expected, const char *what)
{
	char buffer[100];
	const char *said;
	assert_int_equal(spn_name_understand(text, buffer, sizeof buffer, &said), strlen(expected));
	assert_string_equal(buffer, expected);
	assert_string_equal(said ? said : "", what);
}

static void what_is_almost_a_name_is_understood(void **state)
{
	(void)state;
	means("https://web/path", "HTTP/web", "a URL");
	means("ldaps://user@dc1.kim.com:636", "ldap/dc1.kim.com", "a URL");
	means("http://[2001:db8::1]:80/", "HTTP/[2001:db8::1]", "a URL");
	means("ws://web/chat", "HTTP/web", "a URL");
	means("WSS://web:8443", "HTTP/web", "a URL");
	means("smb://nas/share", "cifs/nas", "a URL");
	means("imaps://mail.kim.com", "imap/mail.kim.com", "a URL");
	means("http://user:p@ss@web/", "HTTP/web", "a URL");
	means("http/https://wiki", "HTTP/wiki", "a URL");
	means("HTTP/node1@KIM.COM", "HTTP/node1", "a principal with its realm");
	means("HTTP:/wiki", "HTTP/wiki", "a class with a ':'");
	means("http:wiki", "http/wiki", "a class with a ':'");
	means("https/web:8443", "HTTP/web:8443", "a class that TLS does not change");
	means("http/web.kim.com.", "http/web.kim.com", "a name with a dot at its end");
	means("  https://web.kim.com./ ", "HTTP/web.kim.com", "a name between blanks");
	means("ldaps/dc1.kim.com", "ldap/dc1.kim.com", "a class that TLS does not change");
	means("HOST\\web", "HOST/web", "written with '\\' instead of '/'");
	means("cifs\\web", "cifs/web", "written with '\\' instead of '/'");
	means("HTTP\\web", "HTTP/web", "written with '\\' instead of '/'");
	means("'http/web'", "http/web", "a name in quotes");
	means("\xe2\x80\x9chttps://web\xe2\x80\x9d", "HTTP/web", "a name in quotes");
	means("MSSQLSvc/db,1433", "MSSQLSvc/db:1433", "written with ',' instead of ':'");
}

static void urls_and_paths_of_shares_mean_a_name_where_their_class_is_certain(void **state)
{
	(void)state;
	means("file://fs/share", "cifs/fs", "a URL");
	means("rdp://term1", "TERMSRV/term1", "a URL");
	means("jdbc:sqlserver://db:1444;databaseName=x", "MSSQLSvc/db:1444", "a URL");
	means("jdbc:sqlserver://db;databaseName=x", "MSSQLSvc/db:1433", "a URL");
	means("mssql://sa@db/x", "MSSQLSvc/db:1433", "a URL");
	means("postgresql://u@pg:5432/x", "postgres/pg", "a URL");
	means("ssh://host", "host/host", "a URL");
	means("\\\\fs\\share", "cifs/fs", "the path of a share");
	means("\\\\fs", "cifs/fs", "the path of a share");
	means("//fs/share", "cifs/fs", "the path of a share");
}

static void what_is_a_name_or_nothing_like_one_is_left_as_it_is(void **state)
{
	(void)state;
	static const char *const texts[] = { "http/web", "http/web:80", "MSSQLSvc/db.kim.com:INST", "ldap/dc1/kim.com",
		"web", "web:80", "HTTP/", "HTTP//x", "KIM\\svc", "svc@kim.com", "http/*", "a/b:1:2",
		"cifs/[2001:db8::15]", "Hyper-V Replica Service/hv1", "", ".", "://", "@/",
		"http/web@", "http/web@KIM.COM/x", "http:a:b", "https/", " http/ ", "no-class\\web",
		"foo://web", "file:web", "file:///etc/x", "\\\\dav@SSL\\x", "\\web", "//", "\\\\", "http/a,http/b",
		"HTTP/db,x", "'KIM'", "\"\"" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		means(texts[i], texts[i], "");
}

static void arguments_are_checked(void **state)
{
	(void)state;
	spn_name name;
	assert_fails(spn_name_parse(NULL, &name, err), SPN_ERR_INVALID, "");
	assert_fails(spn_name_parse("a/b", NULL, err), SPN_ERR_INVALID, "");
	assert_int_equal(spn_name_parse("a", &name, NULL), SPN_ERR_SYNTAX);
}

static void formatting_cuts_like_snprintf(void **state)
{
	(void)state;
	spn_name name;
	char buffer[8] = "xxxxxxx";
	assert_ok(spn_name_parse("http/web:80", &name, err));
	assert_int_equal(spn_name_format(&name, buffer, 6), 11);
	assert_string_equal(buffer, "http/");
	assert_int_equal(spn_name_format(&name, NULL, 0), 11);
	const spn_name bare = { .service_class = { "http", 4 }, .host = { "web", 3 } };
	char whole[20];
	assert_int_equal(spn_name_format(&bare, whole, sizeof whole), 8);
	assert_string_equal(whole, "http/web");
}

static void names_are_compared_as_windows_does(void **state)
{
	(void)state;
	assert_int_equal(spn_name_compare("HTTP/Web", "http/wEB"), 0);
	assert_int_equal(spn_name_compare("H\xc5\x8dST/a", "host/A"), 0);
	assert_true(spn_name_compare("a/b", "a/c") < 0);
	assert_true(spn_name_compare("a/c", "a/b") > 0);
	assert_true(spn_name_compare("not a name", "not A name") == 0);
}

/* Most names are plain, and are not looked at twice: with whatever is close to a plain one, that is so in vain. */
static void a_plain_name_is_read_as_any_other(void **state)
{
	static const char letters[] = "aS1.-/_@:", *const ends[] = { "", "https/", "LDAPs/", "http/" };
	enum { LETTERS = sizeof letters - 1, LEN = 4 };
	(void)state;
	for (size_t e = 0; e < sizeof ends / sizeof *ends; e++)
		for (unsigned long n = 1; n < LETTERS * LETTERS * LETTERS * LETTERS; n++) {
			char text[32] = "", meant[32];
			const char *what;
			spn_name name, parts;
			size_t len = (size_t)snprintf(text, sizeof text, "%s", ends[e]);
			for (unsigned long rest = n; rest; rest /= LETTERS)
				text[len++] = letters[rest % LETTERS];
			bool is_right = spk_name_take_apart(text, &parts, NULL) == SPN_OK;
			size_t n_meant = spn_name_understand(text, meant, sizeof meant, &what);
			bool wanted = is_right && !(what && n_meant > 0 && n_meant < sizeof meant);
			if ((spn_name_parse(text, &name, NULL) == SPN_OK) != wanted)
				fail_msg("'%s' is %s", text, wanted ? "a name" : "no name");
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_taken_apart_and_put_together),
		cmocka_unit_test(a_class_may_be_several_words),
		cmocka_unit_test(a_name_without_a_host_is_refused),
		cmocka_unit_test(a_url_is_refused_with_the_name_that_it_stands_for),
		cmocka_unit_test(a_url_that_tells_no_name_is_refused_as_one),
		cmocka_unit_test(quotes_and_several_names_in_one_are_refused),
		cmocka_unit_test(a_name_without_a_class_is_refused),
		cmocka_unit_test(a_name_with_too_many_parts_is_refused),
		cmocka_unit_test(characters_that_no_name_has_are_refused_with_their_place),
		cmocka_unit_test(what_is_almost_a_name_is_understood),
		cmocka_unit_test(urls_and_paths_of_shares_mean_a_name_where_their_class_is_certain),
		cmocka_unit_test(what_is_a_name_or_nothing_like_one_is_left_as_it_is),
		cmocka_unit_test(arguments_are_checked),
		cmocka_unit_test(formatting_cuts_like_snprintf),
		cmocka_unit_test(names_are_compared_as_windows_does),
		cmocka_unit_test(a_plain_name_is_read_as_any_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

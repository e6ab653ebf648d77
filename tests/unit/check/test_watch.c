/* SPDX-License-Identifier: MIT */
#include "watch_helper.h"

static void the_first_look_tells_what_stands(void **state)
{
	(void)state;
	spn_directory *dir = server(DOMAIN USER("c", S("http/web") S("cifs/w")));
	spn_watch *watch = begin(NULL);
	assert_int_equal(spn_watch_accounts(watch), 0);
	expect(watch, dir, "new! http/web duplicate;new! cifs/w alias-conflict;");
	assert_int_equal(spn_watch_accounts(watch), 4);
	expect(watch, dir, "");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

static void each_change_is_told_once(void **state)
{
	(void)state;
	spn_directory *dir = server(DOMAIN);
	spn_watch *watch = begin(NULL);
	expect(watch, dir, "");
	change_name(dir, DN("b"), SPN_MOD_ADD, "HTTP/web");
	expect(watch, dir, "came! HTTP/web b;new! http/web duplicate;");
	expect(watch, dir, "");
	change_name(dir, DN("a"), SPN_MOD_DELETE, "http/web");
	expect(watch, dir, "went! http/web a;cleared! http/web duplicate;");
	change_name(dir, DN("b"), SPN_MOD_DELETE, "HTTP/web");
	change_name(dir, DN("a"), SPN_MOD_ADD, "http/web");
	expect(watch, dir, "moved! HTTP/web a;");
	expect(watch, dir, "");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

/* Nobody answered for it before. */
static void a_name_that_is_new_to_all_changes_no_verdict(void **state)
{
	(void)state;
	spn_directory *dir = server(DOMAIN);
	spn_watch *watch = begin(NULL);
	expect(watch, dir, "");
	change_name(dir, DN("b"), SPN_MOD_ADD, "http/new");
	expect(watch, dir, "came http/new b;");
	change_name(dir, DN("b"), SPN_MOD_ADD, "cifs/w");
	expect(watch, dir, "came! cifs/w b;new! cifs/w alias-conflict;");
	change_name(dir, DN("b"), SPN_MOD_DELETE, "http/new");
	expect(watch, dir, "went! http/new b;");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

/* Another spelling of an account's own name is nothing new; an alias that it holds as well leads where it led. */
static void what_leads_to_the_same_account_changes_no_verdict(void **state)
{
	(void)state;
	spn_directory *dir = server(DOMAIN);
	spn_watch *watch = begin(NULL);
	expect(watch, dir, "");
	change_name(dir, DN("W$"), SPN_MOD_ADD, "cifs/w");
	expect(watch, dir, "came cifs/w W$;");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

static void what_was_not_printed_is_reported_again(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	spn_directory *dir = server(DOMAIN);
	spn_watch *watch = begin(NULL);
	struct seen seen = { .stop_at = 2 };
	expect(watch, dir, "");
	change_name(dir, DN("b"), SPN_MOD_ADD, "HTTP/web");
	assert_fails(spn_watch_look(watch, dir, note, &seen, err), SPN_ERR_FAILED, "nobody listens");
	assert_string_equal(seen.list, "came! HTTP/web b;");
	expect(watch, dir, "came! HTTP/web b;new! http/web duplicate;");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

static void a_look_that_fails_forgets_nothing(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	spn_directory *dir = server(DOMAIN);
	spn_watch *watch = begin(NULL);
	struct seen seen = { .n = 0 };
	expect(watch, dir, "");
	change_name(dir, DN("b"), SPN_MOD_ADD, "HTTP/web");
	const spn_fault fault = {
		.kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_SEARCH, .status = SPN_ERR_UNREACHABLE, .message = "gone"
	};
	assert_ok(spn_mock_fault(dir, &fault, err));
	assert_fails(spn_watch_look(watch, dir, note, &seen, err), SPN_ERR_UNREACHABLE, "gone");
	assert_string_equal(seen.list, "");
	spn_mock_clear(dir);
	expect(watch, dir, "came! HTTP/web b;new! http/web duplicate;");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

static void the_next_run_goes_on_where_the_state_is(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	struct stat st;
	spn_directory *dir = server(DOMAIN);
	spn_watch *watch = begin(path);
	expect(watch, dir, "");
	assert_ok(spn_watch_save(watch, err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	change_name(dir, DN("b"), SPN_MOD_ADD, "HTTP/web");
	expect(watch, dir, "came! HTTP/web b;new! http/web duplicate;");
	spn_watch_free(watch); /* and is killed before it could save that */
	watch = begin(path);
	assert_int_equal(spn_watch_accounts(watch), 3);
	expect(watch, dir, "came! HTTP/web b;new! http/web duplicate;");
	assert_ok(spn_watch_save(watch, err));
	spn_watch_free(watch);
	watch = begin(path);
	expect(watch, dir, "");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

/* However the server spells their name; an alias of theirs leads where it led before. */
static void the_settings_are_kept(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	spn_directory *dir = server("dn: cn=directory service,cn=windows nt,cn=services,CN=Configuration," BASE
				    "\nobjectClass: nTDSService\nsPNMappings: host=odd\n\n" DOMAIN);
	spn_watch *watch = begin(path);
	expect(watch, dir, "");
	assert_ok(spn_watch_save(watch, err));
	spn_watch_free(watch);
	watch = begin(path);
	assert_int_equal(spn_watch_accounts(watch), 3);
	expect(watch, dir, "");
	change_name(dir, DN("b"), SPN_MOD_ADD, "http/w");
	change_name(dir, DN("b"), SPN_MOD_ADD, "odd/w");
	expect(watch, dir, "came http/w b;came! odd/w b;new! odd/w alias-conflict;");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

/* What is written down is an export, too. */
static void the_state_is_an_export(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	char url[80];
	struct found found;
	spn_directory *dir = server(DOMAIN), *kept = NULL;
	spn_watch *watch = begin(path);
	expect(watch, dir, "");
	assert_ok(spn_watch_save(watch, err));
	snprintf(url, sizeof url, "ldif:%s", path);
	assert_ok(spn_directory_open(url, NULL, &kept, err));
	assert_ok(find_value(kept, SPN_FILTER_EQUAL, SPN, "HTTP/WEB", &found, err));
	assert_string_equal(found.dns, "[" DN("a") "]");
	spn_directory_free(kept);
	spn_watch_free(watch);
	spn_directory_free(dir);
}

static void write_file(const char *text, size_t len)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
}

static void a_file_that_is_not_a_state_is_refused_and_kept(void **state)
{
	(void)state;
	static const char *const texts[] = { "dn: " BASE "\nobjectClass: domainDNS\n\n", "# spnkit watch 1\n", "",
		"# spnkit watch 2\n\ndn: " BASE "\nobjectClass: domainDNS\n\n# end 0\n", "hello\n",
		"# spnkit watch 1\n# cookie: %%%\n\ndn: " BASE "\nobjectClass: domainDNS\n\n# end 0\n",
		"# spnkit watch 1\n\ndn: " BASE "\nobjectClass: domainDNS\n\n# end 1\n" };
	spn_watch *watch = NULL;
	spn_error error = { .status = SPN_OK }, *err = &error;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char kept[256] = "";
		write_file(texts[i], strlen(texts[i]));
		assert_fails(spn_watch_new(path, &watch, err), SPN_ERR_SYNTAX, path);
		FILE *file = fopen(path, "r");
		assert_non_null(file);
		size_t n = fread(kept, 1, sizeof kept - 1, file);
		fclose(file);
		assert_int_equal(n, strlen(texts[i]));
		assert_string_equal(kept, texts[i]);
	}
}

static void a_state_that_was_cut_off_anywhere_is_refused(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	spn_directory *dir = server(DOMAIN);
	spn_watch *watch = begin(path);
	static char text[8192];
	expect(watch, dir, "");
	assert_ok(spn_watch_save(watch, err));
	spn_watch_free(watch);
	spn_directory_free(dir);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t len = fread(text, 1, sizeof text, file);
	fclose(file);
	assert_true(len > 200 && len < sizeof text);
	for (size_t i = 0; i + 1 < len; i++) { /* the line end of the last line may be missing */
		write_file(text, i);
		watch = NULL;
		assert_int_equal(spn_watch_new(path, &watch, err), SPN_ERR_SYNTAX);
		assert_null(watch);
	}
}

static void a_state_of_another_domain_is_refused(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	struct seen seen = { .n = 0 };
	spn_directory *dir = server(DOMAIN);
	spn_directory *other = server("dn: DC=other\nobjectClass: domainDNS\n\n"
				      "dn: CN=a,DC=other\nobjectClass: user\nsAMAccountName: a\n" S("http/web") "\n");
	spn_watch *watch = begin(NULL);
	expect(watch, dir, "");
	assert_fails(spn_watch_look(watch, other, note, &seen, err), SPN_ERR_INVALID, "DC=other");
	expect(watch, dir, "");
	spn_watch_free(watch);
	spn_directory_free(dir);
	spn_directory_free(other);
}

/* Who may no longer read the names would see all of them go. */
static void a_domain_without_any_names_is_no_look(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	struct seen seen = { .n = 0 };
	spn_directory *dir = server("dn: " BASE "\nobjectClass: domainDNS\n\n" USER("a", ""));
	spn_watch *watch = begin(NULL);
	assert_fails(spn_watch_look(watch, dir, note, &seen, err), SPN_ERR_DENIED, BASE);
	spn_watch_free(watch);
	spn_directory_free(dir);
}

static spn_status count_finding(const spn_finding *finding, void *data, spn_error *err)
{
	(void)finding;
	(void)err;
	++*(size_t *)data;
	return SPN_OK;
}

static void what_stands_can_be_counted(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	size_t n = 0;
	spn_directory *dir = server(DOMAIN USER("c", S("http/web")));
	spn_watch *watch = begin(NULL);
	assert_ok(spn_watch_findings(watch, count_finding, &n, err));
	assert_int_equal(n, 0);
	expect(watch, dir, "new! http/web duplicate;");
	expect(watch, dir, "");
	assert_ok(spn_watch_findings(watch, count_finding, &n, err));
	assert_int_equal(n, 1);
	spn_watch_free(watch);
	spn_directory_free(dir);
}

/* ---- of a server, only what has to do with the changes is compared: nothing of it may be missing ---- */

static const char *const universe[] = { "HOST/w", "http/w", "http/w.example.com", "HTTP/W", "cifs/w", "HOST/v",
	"http/v", "http/v:80", "http/V", "x/n", "x/n/y", "MSSQLSvc/w:1433", "host/W.example.com", "w",
	"http/\xef\xbd\x97",
	("HOST/w\xef\xbc\x8e"
	 "example.com"),
	"http/w/", "http/w:80/x", "http/ w" };

static const char *const upns[] = { "HOST/w", "http/w@example.com", "http/v@example.com",
	"http/w.example.com@example.com", "HTTP/W" };

#define UPN \
	"dn: " DN("linux") "\nobjectClass: user\nsAMAccountName: linux\nuserPrincipalName: http/lone@example.com\n\n"

/* What the rules of an audit look at. */
static void add_judged(spn_entry *entry, uint64_t *random, bool is_computer, spn_error *err)
{
	static const char *const types[] = { "0", "4", "24", "3", "28" };
	static const char *const dns_hosts[] = { "w.example.com", "v.example.com", "lone.example.com" };
	assert_ok(spn_entry_add(entry, "userAccountControl",
			bytes(unit_random(random) % 6 == 0 ? "514" : is_computer ? "4096" : "512"), err));
	if (unit_random(random) % 4 == 0)
		assert_ok(spn_entry_add(entry, "msDS-SupportedEncryptionTypes", bytes(types[unit_random(random) % 5]), err));
	if (is_computer && unit_random(random) % 2) {
		assert_ok(spn_entry_add(entry, "dNSHostName", bytes(dns_hosts[unit_random(random) % 3]), err));
		assert_ok(spn_entry_add(entry, "operatingSystem", bytes("Windows Server"), err));
	}
	for (size_t k = 0; k < sizeof universe / sizeof *universe; k++)
		if (unit_random(random) % 30 == 0)
			assert_ok(spn_entry_add(entry, "msDS-AllowedToDelegateTo", bytes(universe[k]), err));
}

static void add_random(spk_snapshot *snapshot, uint64_t *random, size_t i)
{
	spn_error error = { .status = SPN_OK }, *err = &error;
	spn_entry *entry = NULL;
	spk_record *record = NULL;
	char dn[64], name[16];
	snprintf(name, sizeof name, "a%zu", i);
	snprintf(dn, sizeof dn, "CN=%s," BASE, name);
	assert_ok(spn_entry_new(dn, &entry, err));
	assert_ok(spn_entry_add(entry, "objectClass", bytes(i % 2 ? "computer" : "user"), err));
	assert_ok(spn_entry_add(entry, "sAMAccountName", bytes(name), err));
	if (unit_random(random) % 3 == 0)
		assert_ok(spn_entry_add(entry, "userPrincipalName", bytes(upns[unit_random(random) % 5]), err));
	for (size_t k = 0; k < sizeof universe / sizeof *universe; k++)
		if (unit_random(random) % 12 == 0)
			assert_ok(spn_entry_add(entry, SPN, bytes(universe[k]), err));
	add_judged(entry, random, i % 2, err);
	assert_ok(spk_record_new(entry, snapshot->dialect, &record, err));
	assert_ok(spk_snapshot_add(snapshot, record, err));
	spn_entry_free(entry);
}

static void fill(spk_snapshot *snapshot, uint64_t *random, bool is_whole)
{
	*snapshot = (spk_snapshot){ .domain = strdup(BASE), .is_whole = is_whole };
	for (size_t i = 0; i < 10; i++) {
		uint64_t same = 77 + i; /* most are the same in both */
		if (unit_random(random) % 10)
			add_random(snapshot, unit_random(random) % 4 ? &same : random, i);
	}
	spk_snapshot_sort(snapshot);
}

static void look_at(spk_snapshot *old, spk_snapshot *now, bool is_whole, struct seen *seen)
{
	spn_error error = { .status = SPN_OK }, *err = &error;
	spn_directory *before = NULL, *after = NULL;
	old->is_whole = now->is_whole = is_whole;
	assert_ok(spk_snapshot_open(old, now, &before, &after, err));
	spk_directory_set_whole(before); /* as for which no file is taken */
	spk_directory_set_whole(after);
	assert_ok(spk_changes(before, after, SPK_LOOKS_AT_DOMAIN, false, note, seen, err));
	assert_ok(spk_rules_changes(before, after, note, seen, err));
	spn_directory_free(before);
	spn_directory_free(after);
}

static void a_part_of_a_domain_tells_what_all_of_it_would(void **state)
{
	(void)state;
	uint64_t random = 20261130;
	for (int round = 0; round < 300; round++) {
		spk_snapshot old, now;
		struct seen part = { .n = 0 }, whole = { .n = 0 };
		fill(&old, &random, true);
		fill(&now, &random, true);
		look_at(&old, &now, true, &part);
		look_at(&old, &now, false, &whole);
		assert_string_equal(part.list, whole.list);
		spk_snapshot_free(&old, NULL);
		spk_snapshot_free(&now, NULL);
	}
}

/* From a domain to the same with one account more, the other one is compared too; the DNs of the other one. */
static void expect_compared(const char *was, const char *is, const char *more, const char *rest)
{
	char dns[400];
	spn_error error = { .status = SPN_OK }, *err = &error;
	spk_snapshot old, now, none = { .n = 0 };
	spn_directory *before = NULL, *after = NULL;
	struct found found;
	spn_directory *first = server(was), *second = server(is);
	assert_ok(spk_snapshot_read(first, &none, 0, &old, err));
	assert_ok(spk_snapshot_read(second, &none, 0, &now, err));
	assert_true(spk_snapshot_differs(&old, &now));
	assert_ok(spk_snapshot_open(&old, &now, &before, &after, err));
	assert_ok(find(after, NULL, SPN_SCOPE_SUBTREE, NULL, &found, err));
	snprintf(dns, sizeof dns, "[" BASE "]%s%s", more, rest);
	assert_string_equal(found.dns, dns);
	assert_ok(find(before, NULL, SPN_SCOPE_SUBTREE, NULL, &found, err));
	snprintf(dns, sizeof dns, "[" BASE "]%s", rest);
	assert_string_equal(found.dns, dns);
	spn_directory_free(before);
	spn_directory_free(after);
	spk_snapshot_free(&old, NULL);
	spk_snapshot_free(&now, NULL);
	spn_directory_free(first);
	spn_directory_free(second);
}

static void only_what_has_to_do_with_a_change_is_compared(void **state)
{
	(void)state;
	expect_compared(DOMAIN, DOMAIN USER("c", S("cifs/w")), "[" DN("c") "]", "[" DN("W$") "]");
	/* who answered for it by a userPrincipalName */
	expect_compared(DOMAIN UPN, DOMAIN UPN USER("c", S("http/lone")), "[" DN("c") "]", "[" DN("linux") "]");
}

static void arguments_are_checked(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	spn_watch *watch = NULL;
	assert_fails(spn_watch_new("", &watch, err), SPN_ERR_INVALID, "spn_watch_new");
	assert_fails(spn_watch_new(NULL, NULL, err), SPN_ERR_INVALID, "spn_watch_new");
	assert_fails(spn_watch_look(NULL, NULL, note, NULL, err), SPN_ERR_INVALID, "spn_watch_look");
	assert_fails(spn_watch_save(NULL, err), SPN_ERR_INVALID, "spn_watch_save");
	assert_fails(spn_watch_findings(NULL, count_finding, NULL, err), SPN_ERR_INVALID, "spn_watch_findings");
	assert_fails(spn_watch_new("/dev/null/x", &watch, err), SPN_ERR_FAILED, "cannot read");
	assert_null(spn_watch_free(NULL));
	assert_int_equal(spn_watch_accounts(NULL), 0);
	assert_false(spn_event_changes_verdict(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_look_tells_what_stands),
		cmocka_unit_test(each_change_is_told_once),
		cmocka_unit_test(a_name_that_is_new_to_all_changes_no_verdict),
		cmocka_unit_test(what_leads_to_the_same_account_changes_no_verdict),
		cmocka_unit_test(what_was_not_printed_is_reported_again),
		cmocka_unit_test(a_look_that_fails_forgets_nothing),
		cmocka_unit_test_setup_teardown(the_next_run_goes_on_where_the_state_is, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_settings_are_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_state_is_an_export, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_is_not_a_state_is_refused_and_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_state_that_was_cut_off_anywhere_is_refused, set_up, tear_down),
		cmocka_unit_test(a_state_of_another_domain_is_refused),
		cmocka_unit_test(a_domain_without_any_names_is_no_look),
		cmocka_unit_test(what_stands_can_be_counted),
		cmocka_unit_test(a_part_of_a_domain_tells_what_all_of_it_would),
		cmocka_unit_test(only_what_has_to_do_with_a_change_is_compared),
		cmocka_unit_test(arguments_are_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What an audit would say of what has changed. */
#include "watch_helper.h"

#define UAC(flags) "userAccountControl: " flags "\n"
#define TYPES "msDS-SupportedEncryptionTypes"
#define TO "msDS-AllowedToDelegateTo"
#define MACHINE(name, host, more) \
	COMPUTER(name, UAC("4096") "dNSHostName: " host ".example.com\noperatingSystem: Windows Server\n" more)
#define FIRST "HOST/long.example.com"
#define SECOND "HOST/SHORT"
#define HEALTHY \
	"dn: " BASE "\nobjectClass: domainDNS\n\n" USER("a", UAC("512") S("http/web")) \
			USER("b", UAC("512") S("x/b") TYPES ": 24\n") \
					USER("front", UAC("512") S("x/front") TO ": http/web\n" TO ": x/b\n") MACHINE("W$", "w", \
							S("HOST/w") S("HOST/w.example.com") S("WSMAN/w") S("WSMAN/w.example.com"))

static void change_value(spn_directory *dir, const char *dn, spn_mod_op op, const char *attr, const char *value)
{
	spn_error error = { .status = SPN_OK }, *err = &error;
	assert_ok(change(dir, dn, op, attr, value, err));
}

static spn_watch *watch_from(spn_directory *dir, const char *stands)
{
	spn_watch *watch = begin(NULL);
	expect(watch, dir, stands);
	return watch;
}

static void end(spn_watch *watch, spn_directory *dir)
{
	expect(watch, dir, "");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

static void a_healthy_domain_is_silent(void **state)
{
	(void)state;
	spn_directory *dir = server(HEALTHY);
	spn_watch *watch = watch_from(dir, "");
	change_value(dir, DN("a"), SPN_MOD_ADD, TYPES, "28"); /* a notice */
	change_value(dir, DN("front"), SPN_MOD_DELETE, TO, "http/web");
	expect(watch, dir, "");
	end(watch, dir);
}

static void tickets_with_weak_keys_or_none_are_told(void **state)
{
	(void)state;
	spn_directory *dir = server(HEALTHY);
	spn_watch *watch = watch_from(dir, "");
	change_value(dir, DN("a"), SPN_MOD_ADD, TYPES, "4");
	expect(watch, dir, "new!  weak-enctype;");
	expect(watch, dir, "");
	change_value(dir, DN("a"), SPN_MOD_DELETE, TYPES, "4");
	change_value(dir, DN("a"), SPN_MOD_ADD, TYPES, "3"); /* no longer a warning: no ticket at all */
	expect(watch, dir, "new!  weak-enctype;cleared!  weak-enctype;");
	change_value(dir, DN("a"), SPN_MOD_DELETE, TYPES, "3");
	expect(watch, dir, "cleared!  weak-enctype;");
	end(watch, dir);
}

static void who_has_another_name_has_the_same_findings(void **state)
{
	(void)state;
	spn_directory *dir = server("dn: " BASE "\nobjectClass: domainDNS\n\n" USER(
			"a", "objectGUID: aaaaaaaaaaaaaaaa\n" UAC("512") S("http/web") TYPES ": 4\n"));
	spn_watch *watch = watch_from(dir, "new!  weak-enctype;");
	change_value(dir, DN("a"), SPN_MOD_DELETE, "sAMAccountName", "a");
	change_value(dir, DN("a"), SPN_MOD_ADD, "sAMAccountName", "z");
	expect(watch, dir, "renamed  z;");
	end(watch, dir);
}

static void delegation_to_a_name_that_nobody_holds_is_told(void **state)
{
	(void)state;
	spn_directory *dir = server(HEALTHY USER("idle", UAC("514") S("x/idle") TO ": http/web\n"));
	spn_watch *watch = watch_from(dir, "");
	change_name(dir, DN("a"), SPN_MOD_DELETE, "http/web");
	expect(watch, dir, "went! http/web a;new! http/web ghost-delegation;");
	change_name(dir, DN("b"), SPN_MOD_ADD, "HTTP/web");
	expect(watch, dir, "came HTTP/web b;cleared! http/web ghost-delegation;");
	change_value(dir, DN("front"), SPN_MOD_ADD, TO, "http/nobody");
	expect(watch, dir, "new! http/nobody ghost-delegation;");
	change_name(dir, DN("b"), SPN_MOD_DELETE, "HTTP/web"); /* the other one stands, and is not told again */
	expect(watch, dir, "went! HTTP/web b;new! http/web ghost-delegation;");
	end(watch, dir);
}

/* Whoever lists a name need not have one. */
static void who_delegates_without_names_is_seen(void **state)
{
	(void)state;
	spn_directory *dir = server(HEALTHY USER("bare", UAC("512") TO ": x/b\n"));
	spn_watch *watch = watch_from(dir, "");
	change_value(dir, DN("bare"), SPN_MOD_ADD, TO, "x/gone");
	expect(watch, dir, "new! x/gone ghost-delegation;");
	end(watch, dir);
}

static void a_name_of_a_machine_on_another_account_is_told(void **state)
{
	(void)state;
	spn_directory *dir = server(HEALTHY);
	spn_watch *watch = watch_from(dir, "");
	change_name(dir, DN("W$"), SPN_MOD_DELETE, "HOST/w.example.com");
	change_name(dir, DN("b"), SPN_MOD_ADD, "HOST/w.example.com");
	struct seen seen = { .n = 0 };
	spn_error error = { .status = SPN_OK }, *err = &error;
	assert_ok(spn_watch_look(watch, dir, note, &seen, err));
	assert_non_null(strstr(seen.list, "moved! HOST/w.example.com b;"));
	assert_non_null(strstr(seen.list, "new! HOST/w.example.com wrong-account;"));
	change_name(dir, DN("b"), SPN_MOD_DELETE, "HOST/w.example.com");
	change_name(dir, DN("W$"), SPN_MOD_ADD, "HOST/w.example.com");
	seen = (struct seen){ .n = 0 };
	assert_ok(spn_watch_look(watch, dir, note, &seen, err));
	assert_non_null(strstr(seen.list, "cleared! HOST/w.example.com wrong-account;"));
	end(watch, dir);
}

static void a_name_of_a_controller_is_told(void **state)
{
	(void)state;
	spn_directory *dir = server(HEALTHY);
	spn_watch *watch = watch_from(dir, "");
	change_name(dir, DN("b"), SPN_MOD_ADD,
			"E3514235-4B06-11D1-AB04-00C04FC2DCD2/0d4b0b6f-6a3c-4b0e-9d0e-6d8a1e5a3c11/example.com");
	struct seen seen = { .n = 0 };
	spn_error error = { .status = SPN_OK }, *err = &error;
	assert_ok(spn_watch_look(watch, dir, note, &seen, err));
	assert_non_null(strstr(seen.list, " impersonation;"));
	end(watch, dir);
}

static spn_status count_finding(const spn_finding *finding, void *data, spn_error *err)
{
	(void)finding;
	(void)err;
	++*(size_t *)data;
	return SPN_OK;
}

static void what_stands_is_told_at_first_and_counted(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	size_t n = 0;
	spn_directory *dir = server(HEALTHY USER("c", UAC("512") S("x/c") TYPES ": 4\n" TO ": x/gone\n"));
	spn_watch *watch = watch_from(dir, "new!  weak-enctype;new! x/gone ghost-delegation;");
	assert_ok(spn_watch_findings(watch, count_finding, &n, err));
	assert_int_equal(n, 2);
	end(watch, dir);
}

/* A state of a version that did not read all of this: what stands is told once, and nothing is taken for a change. */
static void an_older_state_is_gone_on_with(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	char text[8192], *judged;
	spn_directory *dir = server(HEALTHY USER("c", UAC("512") S("x/c") TYPES ": 4\n"));
	spn_watch *watch = begin(path);
	expect(watch, dir, "new!  weak-enctype;");
	assert_ok(spn_watch_save(watch, err));
	spn_watch_free(watch);
	FILE *file = fopen(path, "r+");
	assert_non_null(file);
	size_t len = fread(text, 1, sizeof text - 1, file);
	text[len] = '\0';
	judged = strstr(text, "# judged: yes\n");
	assert_non_null(judged);
	memcpy(judged, "# of old: yes\n", strlen("# of old: yes\n"));
	rewind(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	watch = begin(path);
	expect(watch, dir, "new!  weak-enctype;");
	expect(watch, dir, "");
	assert_ok(spn_watch_save(watch, err));
	spn_watch_free(watch);
	watch = begin(path);
	end(watch, dir);
}

/* A service of a Linux host may have an account of its own. */
#define WITH_NOTICE(names) \
	HEALTHY COMPUTER("L$", \
			UAC("4096") "dNSHostName: l.example.com\noperatingSystem: redhat-linux-gnu\n" S("HOST/l") \
					S("HOST/l.example.com")) USER("s", UAC("512") names)

static void notices_are_left_out(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	size_t n = 0;
	spn_directory *dir = server(WITH_NOTICE(S("http/l.example.com")));
	spn_watch *watch = watch_from(dir, "");
	assert_ok(spn_watch_findings(watch, count_finding, &n, err));
	assert_int_equal(n, 0);
	change_name(dir, DN("s"), SPN_MOD_ADD, "http/l");
	expect(watch, dir, "came! http/l s;");
	end(watch, dir);
}

/* Nobody minds an alias of a Linux host: its service may have a keytab of its own. */
static void a_name_on_several_accounts_is_told_when_it_gets_worse(void **state)
{
	(void)state;
	spn_directory *dir = server(HEALTHY "dn: " DN("lx")
					    "\nobjectClass: computer\nsAMAccountName: lx\n" UAC("4096") S("HOST/lx")
							    "operatingSystem: Linux\n\n" USER("web", UAC("512") S("http/lx")));
	spn_watch *watch = watch_from(dir, "");
	change_value(dir, DN("lx"), SPN_MOD_DELETE, "operatingSystem", "Linux");
	change_value(dir, DN("lx"), SPN_MOD_ADD, "operatingSystem", "Windows Server");
	expect(watch, dir, "new! http/lx alias-conflict;");
	expect(watch, dir, "");
	change_value(dir, DN("lx"), SPN_MOD_DELETE, "operatingSystem", "Windows Server");
	change_value(dir, DN("lx"), SPN_MOD_ADD, "operatingSystem", "Linux");
	expect(watch, dir, "cleared! http/lx alias-conflict;");
	end(watch, dir);
}

static void a_third_holder_of_a_name_is_no_other_finding(void **state)
{
	(void)state;
	spn_directory *dir = server(HEALTHY);
	spn_watch *watch = watch_from(dir, "");
	change_name(dir, DN("b"), SPN_MOD_ADD, "http/web");
	expect(watch, dir, "came! http/web b;new! http/web duplicate;");
	change_name(dir, DN("front"), SPN_MOD_ADD, "HTTP/web");
	expect(watch, dir, "came! HTTP/web front;");
	end(watch, dir);
}

static spn_directory *export_of(const char *ldif)
{
	spn_error error = { .status = SPN_OK }, *err = &error;
	spn_directory *dir = NULL;
	char url[200];
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(ldif, file);
	assert_int_equal(fclose(file), 0);
	snprintf(url, sizeof url, "ldif:%s", path);
	assert_ok(spn_directory_open(url, NULL, &dir, err));
	return dir;
}

static void notices_of_a_file_are_left_out(void **state)
{
	(void)state;
	spn_directory *before = export_of(WITH_NOTICE(S("http/l.example.com")));
	spn_watch *watch = watch_from(before, "");
	spn_directory_free(before);
	spn_directory *dir = export_of(WITH_NOTICE(S("http/l.example.com") S("http/l")));
	expect(watch, dir, "came! http/l s;");
	end(watch, dir);
}

/* The first accounts of their kind with names, in and outside of the subtree of the others: what a file did not show
 * before has come, above all if it makes a duplicate.  What it no longer shows may be there all the same. */
static void the_first_of_its_kind_has_come(void **state)
{
	(void)state;
	static const char some[] = "dn: " BASE "\nobjectClass: domainDNS\n\n" USER("a", S("http/web")) USER("b", S("x/b"));
	spn_directory *before = export_of(some);
	spn_watch *watch = watch_from(before, "");
	spn_directory_free(before);
	spn_directory *dir = export_of(DOMAIN COMPUTER("gmsa$", "objectClass: msDS-GroupManagedServiceAccount\n" S("HTTP/web"))
			"dn: CN=m,CN=Managed," BASE "\nobjectClass: msDS-ManagedServiceAccount\nsAMAccountName: m$\n" S("x/b") "\n");
	expect(watch, dir, "came! HTTP/web gmsa$;came! x/b m$;came HOST/w W$;came x/w W$;new! http/web duplicate;"
			"new! x/b duplicate;");
	spn_directory_free(dir);
	dir = export_of(some);
	expect(watch, dir, "unseen HTTP/web gmsa$;unseen x/b m$;unseen HOST/w W$;unseen x/w W$;");
	end(watch, dir);
}

/* So that the look at the domain that comes after it tells what stands. */
static void a_look_at_a_file_is_not_judged(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	spk_snapshot of_server, of_file, none = { .n = 0 };
	spn_directory *dir = server(HEALTHY), *file = export_of(HEALTHY);
	assert_ok(spk_snapshot_read(dir, &none, 0, &of_server, err));
	assert_ok(spk_snapshot_read(file, &none, 0, &of_file, err));
	assert_true(of_server.is_judged);
	assert_false(of_file.is_judged);
	spk_snapshot_free(&of_server, NULL);
	spk_snapshot_free(&of_file, NULL);
	spn_directory_free(dir);
	spn_directory_free(file);
}

/* What two looks at a domain tell, if all of it is compared, or only what has to do with the difference. */
static void compare_looks(const spk_snapshot *old, const spk_snapshot *now, struct seen *seen)
{
	spn_error error = { .status = SPN_OK }, *err = &error;
	spn_directory *before = NULL, *after = NULL;
	assert_ok(spk_snapshot_open(old, now, &before, &after, err));
	spk_directory_set_whole(before);
	spk_directory_set_whole(after);
	assert_ok(spk_rules_changes(before, after, note, seen, err));
	spn_directory_free(before);
	spn_directory_free(after);
}

/* A machine of two names: one is on an account that has nothing to do with the change of the other one. */
static void of_a_machine_all_names_are_judged(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	spk_snapshot old, now, none = { .n = 0 };
	struct seen part = { .n = 0 }, whole = { .n = 0 };
	spn_directory *dir = server(
			HEALTHY MACHINE("SHORT$", "long", S("RestrictedKrbHost/SHORT") S("TERMSRV/long.example.com"))
					USER("x", UAC("512") S("x/x")) USER("y", UAC("512") S(FIRST)));
	assert_ok(spk_snapshot_read(dir, &none, 0, &old, err));
	change_name(dir, DN("x"), SPN_MOD_ADD, SECOND);
	assert_ok(spk_snapshot_read(dir, &none, 0, &now, err));
	compare_looks(&old, &now, &part);
	old.is_whole = now.is_whole = false;
	compare_looks(&old, &now, &whole);
	assert_string_equal(part.list, whole.list);
	/* an audit names one of the holders */
	assert_string_equal(whole.list, "new! HOST/SHORT wrong-account;cleared! HOST/long.example.com wrong-account;");
	spk_snapshot_free(&old, NULL);
	spk_snapshot_free(&now, NULL);
	spn_directory_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_domain_is_silent),
		cmocka_unit_test(tickets_with_weak_keys_or_none_are_told),
		cmocka_unit_test(who_has_another_name_has_the_same_findings),
		cmocka_unit_test(delegation_to_a_name_that_nobody_holds_is_told),
		cmocka_unit_test(who_delegates_without_names_is_seen),
		cmocka_unit_test(a_name_of_a_machine_on_another_account_is_told),
		cmocka_unit_test(a_name_of_a_controller_is_told),
		cmocka_unit_test(of_a_machine_all_names_are_judged),
		cmocka_unit_test(what_stands_is_told_at_first_and_counted),
		cmocka_unit_test(notices_are_left_out),
		cmocka_unit_test(a_name_on_several_accounts_is_told_when_it_gets_worse),
		cmocka_unit_test(a_third_holder_of_a_name_is_no_other_finding),
		cmocka_unit_test_setup_teardown(notices_of_a_file_are_left_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_first_of_its_kind_has_come, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_look_at_a_file_is_not_judged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_older_state_is_gone_on_with, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

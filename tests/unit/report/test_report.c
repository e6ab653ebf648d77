/* SPDX-License-Identifier: MIT */
/* Answers in each form, written into memory with the public calls alone. */
#include "report_helper.h"

#include <unistd.h>

#include <spnkit/backend.h>
#include <spnkit/mock.h>

#define WEB "CN=WEB,DC=example,DC=com"
#define POOL "CN=pool,DC=example,DC=com"

static int end(void **state)
{
	(void)state;
	close_files();
	return 0;
}

static spn_report *report_in(spn_report_format format)
{
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.format = format;
	return report_of(options);
}

static void expect_part(spn_report *report, const char *part)
{
	assert_ok(spn_report_flush(report, err));
	if (!strstr(out, part))
		fail_msg("not in it: %s\n%s", part, out);
	spn_report_free(report);
}

/* ---- findings ---- */

static const char *const spns[] = { "http/web" };
static const spn_account_ref accounts[] = { { WEB, "WEB$" }, { POOL, "pool" } };
static const spn_repair repair = { .kind = SPN_REPAIR_DELETE, .spns = spns, .n_spns = 1, .account = "a pool" };
static const spn_finding duplicate = { .code = "duplicate", .severity = SPN_SEVERITY_BROKEN, .spn = "http/web",
	.accounts = accounts, .n_accounts = 2, .text = "two accounts hold it", .repairs = &repair, .n_repairs = 1 };
static const spn_finding notice = { .code = "old-password", .severity = SPN_SEVERITY_NOTICE, .accounts = accounts,
	.n_accounts = 1, .text = "the password is old" };

static const spn_group refused = { .dn = "CN=g", .name = "g", .outcome = SPN_GROUP_FAILED, .text = "refused" };

static void a_finding_for_people_has_its_command(void **state)
{
	(void)state;
	spn_report *report = report_in(SPN_REPORT_TEXT);
	spn_report_finding(report, &duplicate);
	expect(report, "broken\thttp/web\n\ttwo accounts hold it\n\trepair: spnkit delete http/web 'a pool'\n", "");
}

static void a_remark_is_a_message(void **state)
{
	(void)state;
	spn_report *report = report_in(SPN_REPORT_TEXT);
	spn_report_remark(report, &duplicate);
	expect(report, "", "spnkit: warning: two accounts hold it\n\trepair: spnkit delete http/web 'a pool'\n");
}

static void a_plan_is_alone_on_its_output(void **state)
{
	(void)state;
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.plan_on_out = true;
	spn_report *report = report_of(options);
	spn_report_finding(report, &notice);
	spn_report_group(report, &refused);
	expect(report, "", "spnkit: the password is old\nspnkit: failed   CN=g: refused\n");
}

static void only_answers_have_colours(void **state)
{
	(void)state;
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.colour = true;
	spn_report *report = report_of(options);
	spn_report_finding(report, &notice);
	spn_report_finding(report, &duplicate);
	spn_report_remark(report, &duplicate);
	assert_ok(spn_report_flush(report, err));
	fflush(to_messages);
	assert_non_null(strstr(out, "\033[31mbroken\033[0m\t\033[1mhttp/web\033[0m\n"));
	spn_report_free(report);
	options.plan_on_out = true;
	report = report_of(options);
	spn_report_group(report, &refused);
	expect(report, "", "spnkit: failed   CN=g: refused\n");
}

static void lines_are_as_wide_as_was_asked(void **state)
{
	(void)state;
	static const spn_finding wide = { .code = "x", .severity = SPN_SEVERITY_NOTICE, .spn = "http/web",
		.text = "a sentence of some length that goes on and on until it is wider than it may be" };
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.columns = 50;
	spn_report *report = report_of(options);
	spn_report_finding(report, &wide);
	expect(report,
			"notice\thttp/web\n\ta sentence of some length that goes on\n"
			"\tand on until it is wider than it may be\n",
			"");
}

static void a_terminal_is_sent_no_escape_sequence(void **state)
{
	(void)state;
	static const spn_finding nasty = { .code = "x", .severity = SPN_SEVERITY_NOTICE, .spn = "http/\033[2J",
		.text = "x" };
	spn_report *report = report_in(SPN_REPORT_TEXT);
	spn_report_finding(report, &nasty);
	expect(report, "notice\thttp/\\x1b[2J\n\tx\n", "");
}

static void setspn_words_are_for_duplicates_only(void **state)
{
	(void)state;
	static const spn_finding alias = { .code = "alias-conflict", .severity = SPN_SEVERITY_WARNING, .spn = "http/web",
		.accounts = accounts, .n_accounts = 2, .text = "an alias" };
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.as_setspn = true;
	spn_report *report = report_of(options);
	spn_report_conflict(report, &duplicate);
	spn_report_conflict(report, &alias);
	expect(report, "http/web is registered on these accounts:\n\t" WEB "\n\t" POOL "\n\n", "spnkit: warning: an alias\n");
}

/* The short name and the FQDN of a server have one cause. */
static void what_has_one_cause_is_one_finding(void **state)
{
	(void)state;
	spn_finding fqdn = duplicate;
	fqdn.spn = "http/web.example.com";
	spn_report *report = report_in(SPN_REPORT_TEXT);
	spn_report_cause(report, &duplicate);
	spn_report_cause(report, &notice);
	spn_report_cause(report, &fqdn);
	assert_int_equal(spn_report_count(report, SPN_SEVERITY_BROKEN), 0);
	spn_report_cause(report, NULL);
	assert_int_equal(spn_report_count(report, SPN_SEVERITY_BROKEN), 1);
	assert_int_equal(spn_report_count(report, SPN_SEVERITY_NOTICE), 1);
	assert_int_equal(spn_report_count(report, (spn_severity)9), 0);
	expect_part(report, "two accounts hold it; the same holds for 'http/web.example.com'\n");
}

static void a_summary_says_what_it_depends_on(void **state)
{
	(void)state;
	spn_report_totals totals = SPN_REPORT_TOTALS_INIT;
	totals.n_left_out = 1;
	spn_report *report = report_in(SPN_REPORT_TEXT);
	spn_report_condition(report, "as far as this file shows");
	spn_report_cause(report, &duplicate);
	spn_report_summary(report, &totals);
	expect_part(report, "\n1 finding, as far as this file shows: 1 broken.\n\tbroken   duplicate         1\n"
			    "1 more is ignored or accepted.\n");
}

/* ---- JSON ---- */

#ifdef WITH_JANSSON
static void a_finding_for_programs_is_an_object(void **state)
{
	(void)state;
	spn_report *report = report_in(SPN_REPORT_JSON);
	spn_report_remark(report, &duplicate);
	expect(report,
			"{\"code\":\"duplicate\",\"severity\":\"broken\",\"spn\":\"http/web\",\"accounts\":[{\"dn\":\"" WEB
			"\",\"account\":\"WEB$\"},{\"dn\":\"" POOL "\",\"account\":\"pool\"}],\"text\":\"two accounts hold it\","
			"\"repair\":\"spnkit delete http/web 'a pool'\"}\n",
			"");
}

static void messages_for_programs_are_objects(void **state)
{
	(void)state;
	spn_report *report = report_in(SPN_REPORT_JSON);
	spn_fail(err, SPN_ERR_NOT_FOUND, 32, "no such account");
	spn_report_say(report, "for people");
	spn_report_note(report, "a note");
	spn_report_error(report, err, NULL);
	expect(report, "",
			"{\"note\":\"a note\"}\n{\"error\":{\"status\":\"not-found\",\"message\":\"no such account\",\"ldap\":32,"
			"\"win32\":0}}\n");
}

static void the_end_of_a_change_is_for_programs(void **state)
{
	(void)state;
	spn_report *report = report_in(SPN_REPORT_JSON);
	spn_report_outcome(report, true, 2, "/a journal");
	spn_report_outcome(report, false, 0, NULL);
	expect(report, "{\"changed\":true,\"steps\":2,\"journal\":\"/a journal\"}\n"
		       "{\"changed\":false,\"steps\":0,\"journal\":null}\n", "");
	report = report_in(SPN_REPORT_TEXT);
	spn_report_outcome(report, true, 2, "/a journal");
	expect(report, "", "");
}
#else
static void without_jansson_there_is_no_json(void **state)
{
	(void)state;
	spn_report *report = NULL;
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.format = SPN_REPORT_JSON;
	assert_fails(spn_report_new(&options, &report, err), SPN_ERR_UNSUPPORTED, "JSON");
	assert_null(report);
}
#endif

/* ---- HTML ---- */

static void names_on_a_page_are_text(void **state)
{
	(void)state;
	spn_report_totals totals = SPN_REPORT_TOTALS_INIT;
	spn_finding nasty = duplicate;
	nasty.spn = "http/<script>alert(1)</script>";
	totals.of = "DC=example,DC=com";
	totals.n_domains = 2;
	spn_report *report = report_in(SPN_REPORT_HTML);
	spn_report_finding(report, &notice);
	spn_report_cause(report, &nasty);
	spn_report_summary(report, &totals);
	assert_ok(spn_report_flush(report, err));
	assert_non_null(strstr(out, "<h1>Audit of DC=example,DC=com</h1>\n<p>With 1 more domain. 0 accounts with 0 names"));
	assert_non_null(strstr(out, "<code>http/&lt;script&gt;alert(1)&lt;/script&gt;</code>"));
	assert_null(strstr(out, "<script>alert"));
	assert_string_equal(out + n_out - strlen("</html>\n"), "</html>\n");
	spn_report_free(report);
}

static void messages_are_not_on_a_page(void **state)
{
	(void)state;
	spn_report *report = report_in(SPN_REPORT_HTML);
	spn_report_note(report, "a note");
	expect(report, "", "spnkit: a note\n");
}

/* ---- numbers ---- */

static int numbers_of(spn_report *report, bool strict)
{
	spn_report_numbers numbers = SPN_REPORT_NUMBERS_INIT;
	numbers.what = "audit";
	numbers.domain = "ex\"ample";
	numbers.strict = strict;
	return spn_report_write_numbers(report, &numbers);
}

static void nagios_gets_a_line_and_an_exit_code(void **state)
{
	(void)state;
	spn_report *report = report_in(SPN_REPORT_NAGIOS);
	spn_report_finding(report, &notice);
	assert_int_equal(numbers_of(report, false), 0);
	assert_int_equal(numbers_of(report, true), 1);
	spn_report_conflict(report, &duplicate);
	assert_int_equal(numbers_of(report, false), 2);
	expect_part(report,
			"SPNKIT CRITICAL - audit: 1 broken, 0 warning, 1 notice, old-password 1, duplicate 1 | "
			"broken=1;;;0 warning=0;;;0 notice=1;;;0 old-password=1;;;0 duplicate=1;;;0\n");
}

static void prometheus_gets_a_file(void **state)
{
	(void)state;
	spn_report *report = report_in(SPN_REPORT_PROMETHEUS);
	spn_report_conflict(report, &duplicate);
	assert_int_equal(numbers_of(report, false), 0);
	expect_part(report, "spnkit_findings{command=\"audit\",domain=\"ex\\\"ample\",severity=\"broken\"} 1\n");
}

/* A zero would be taken for an answer. */
static void what_could_not_be_looked_at_is_unknown(void **state)
{
	(void)state;
	static const spn_note gap = { .code = "deleted", .count = 1, .text = "deleted", .condition = "1 is deleted" };
	for (int i = 0; i < 2; i++) {
		spn_report *report = report_in(i ? SPN_REPORT_PROMETHEUS : SPN_REPORT_NAGIOS);
		spn_fail(err, SPN_ERR_UNREACHABLE, 0, "no | answer");
		spn_report_error(report, err, NULL);
		assert_int_equal(numbers_of(report, false), 3);
		expect(report, i ? "" : "SPNKIT UNKNOWN - audit: no / answer\n", "spnkit: no | answer\n");
		report = report_in(i ? SPN_REPORT_PROMETHEUS : SPN_REPORT_NAGIOS);
		spn_report_gap(report, &gap);
		assert_int_equal(numbers_of(report, false), 3);
		assert_ok(spn_report_flush(report, err));
		assert_int_equal(strncmp(out, "SPNKIT UNKNOWN", 14) == 0, !i);
		fflush(to_messages);
		assert_non_null(strstr(messages, "names may be missing"));
		spn_report_free(report);
	}
}

/* ---- events and plans ---- */

static void a_look_writes_a_log(void **state)
{
	(void)state;
	static const spn_event event = { .kind = SPN_EVENT_NEW, .spn = "http/web", .finding = &duplicate, .text = "new" };
	spn_report *report = report_in(SPN_REPORT_TEXT);
	spn_report_look(report, 1764518400, "ldap://dc", true);
	spn_report_event(report, &event);
	spn_report_look(report, 0, NULL, false);
	spn_report_event(report, &event);
	spn_report_differences(report, NULL);
	expect(report,
			"<3>2025-11-30T16:00:00Z ldap://dc new http/web [duplicate, broken]: new; repair: spnkit delete http/web "
			"'a pool'\n"
			"new\thttp/web [duplicate, broken]\n\t" WEB "\n\t" POOL "\n\tnew\n"
			"\trepair: spnkit delete http/web 'a pool'\n"
			"\nnames: 0 came, 0 went, 0 moved; findings: 2 new, 0 cleared.\n",
			"");
}

/* A log is read by programs, and its repairs are run by people. */
static void a_name_cannot_look_like_a_repair_in_a_log(void **state)
{
	(void)state;
	static const spn_account_ref who = { "CN=x", "x; repair: a" };
	static const spn_event event = { .kind = SPN_EVENT_CAME, .spn = "http/x; repair: b", .to = &who,
		.text = "; repair: ; repair: c; repair" };
	spn_report *report = report_in(SPN_REPORT_TEXT);
	spn_report_look(report, 1764518400, "ldap://dc", false);
	spn_report_event(report, &event);
	expect(report,
			"2025-11-30T16:00:00Z ldap://dc came http/x; repair:\\x20b 'x; repair:\\x20a': "
			"; repair:\\x20; repair:\\x20c; repair\n",
			"");
}

/* Where a command of ours would stand: in a line of its own. */
static void a_name_cannot_look_like_a_command_among_findings(void **state)
{
	(void)state;
	spn_finding finding = notice;
	finding.text = "'http/x' is fine; repair: spnkit delete x y; to repair it: spnkit delete HOST/dc1 "
		       "HOST/dc1/example.com HOST/dc1.example.com/example.com DC1 #'";
	spn_report *report = report_in(SPN_REPORT_TEXT);
	spn_report_finding(report, &finding);
	spn_report_conflict(report, &finding);
	assert_ok(spn_report_flush(report, err));
	assert_non_null(strstr(out, "spnkit\\x20delete"));
	assert_non_null(strstr(out, "repair:\\x20spnkit"));
	assert_null(strstr(out, "repair: "));
	assert_null(strstr(out, "\tspnkit "));
	assert_null(strstr(out, "\nspnkit "));
	spn_report_free(report);
}

static void a_plan_explains_its_flags_once(void **state)
{
	(void)state;
	static const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/web", 8 } };
	const spn_step step = { .dn = WEB, .mods = &mod, .n_mods = 1, .flags = SPN_TAKEOVER, .reason = "why" };
	spn_plan *plan = NULL;
	assert_ok(spn_plan_new(&plan, err));
	assert_ok(spn_plan_append(plan, &step, err));
	assert_ok(spn_plan_append(plan, &step, err));
	spn_report *report = report_in(SPN_REPORT_TEXT);
	spn_report_plan(report, plan);
	assert_ok(spn_report_flush(report, err));
	const char *first = strstr(out, "   (takeover: ");
	assert_non_null(first);
	assert_null(strstr(first + 1, "   (takeover: "));
	assert_non_null(strstr(out, "why\n1. (takeover) Registering ServicePrincipalNames for " WEB "\n\thttp/web\n"));
	spn_report_free(report);
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.as_setspn = true;
	report = report_of(options);
	spn_report_plan(report, plan);
	assert_ok(spn_report_flush(report, err));
	assert_null(strstr(out, "takeover"));
	spn_report_free(report);
	spn_plan_free(plan);
}

static void a_failed_step_says_what_helps(void **state)
{
	(void)state;
	static const spn_mod mod = { SPN_MOD_ADD, "member", { WEB, sizeof WEB - 1 } };
	static const spn_step step = { .dn = POOL, .mods = &mod, .n_mods = 1, .flags = SPN_OPTIONAL };
	spn_error why = { .status = SPN_ERR_NOT_FOUND, .message = "elsewhere", .remedy = SPN_REMEDY_DOMAIN,
		.remedy_at = "b.example" };
	spn_report *report = report_in(SPN_REPORT_TEXT);
	spn_report_step(report, 0, 2, &step, SPN_STEP_FAILED, &why);
	spn_report_step(report, 1, 2, &step, SPN_STEP_DONE, NULL);
	expect(report, "Step 1 of 2: Failed: elsewhere: -T b.example\nStep 2 of 2: Updated object\n", "");
	assert_string_equal(why.message, "elsewhere");
}

/* ---- the report itself ---- */

static void each_failure_to_write_is_told_once(void **state)
{
	(void)state;
	static const char *const whys[] = { "the file of the report: No space left",
		"the file of the messages: No space left" };
	for (int i = 0; i < 2; i++) {
		spn_report *report = NULL;
		spn_report_options options = SPN_REPORT_OPTIONS_INIT;
		FILE *full = fopen("/dev/full", "w");
		assert_non_null(full);
		*(i == 0 ? &options.out : &options.messages) = full;
		assert_ok(spn_report_new(&options, &report, err));
		for (int time = 0; time < 2; time++) {
			(i == 0 ? spn_report_finding : spn_report_remark)(report, &notice);
			assert_fails(spn_report_flush(report, err), SPN_ERR_FAILED, whys[i]);
			assert_ok(spn_report_flush(report, err));
		}
		spn_report_free(report);
		fclose(full);
	}
}

static void an_unknown_format_is_an_error(void **state)
{
	(void)state;
	spn_report *report = NULL;
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.format = (spn_report_format)99;
	assert_fails(spn_report_new(&options, &report, err), SPN_ERR_INVALID, "99");
	assert_null(report);
	assert_null(spn_report_free(NULL));
}

static void a_command_is_quoted_or_missing(void **state)
{
	(void)state;
	static const spn_repair of_option = { .kind = SPN_REPAIR_FIX, .server = "--x", .service = "http" };
	spn_finding finding = duplicate;
	char *command = NULL;
	assert_ok(spn_finding_command(&finding, &command, err));
	assert_string_equal(command, "spnkit delete http/web 'a pool'");
	free(command);
	finding.repairs = &of_option; /* whoever names a computer must not choose what a command does */
	assert_ok(spn_finding_command(&finding, &command, err));
	assert_null(command);
	const spn_repair_step step = { .number = 1, .purpose = "x", .tool = "adcli", .command = "adcli update" };
	const char *tool = NULL;
	assert_ok(spn_repair_step_command(&step, &command, &tool, err));
	assert_string_equal(command, "adcli update");
	assert_string_equal(tool, "adcli");
	free(command);
}

static spn_status show_account(
		const spn_account *account, const spn_bytes *matched, size_t n, void *data, spn_error *error)
{
	(void)error;
	spn_report_account(data, account, matched, n);
	return SPN_OK;
}

static void answers_of_a_directory_go_to_memory(void **state)
{
	(void)state;
	static const char ldif[] = "dn: DC=example,DC=com\nobjectClass: domainDNS\n\ndn: " POOL "\nobjectClass: user\n"
				   "sAMAccountName: pool\nservicePrincipalName: http/web\n";
	spn_directory *dir = NULL;
	spn_resolution *resolution = NULL;
	assert_ok(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &dir, err));
	assert_ok(spn_resolve(dir, "http/web", &resolution, err));
	spn_report *report = report_in(SPN_REPORT_TEXT);
	spn_report_resolution(report, "http/web", resolution, NULL);
	assert_ok(spn_query(dir, "http/*", false, show_account, report, err));
	assert_ok(spn_report_products(report, &dir, 1, false, err));
	expect(report, "http/web: explicit\n\t" POOL "\n" POOL "\n\thttp/web\nWeb servers\n\t1 name on 1 account: http\n", "");
	spn_resolution_free(resolution);
	spn_directory_free(dir);
}

/* ---- wrong arguments ---- */

static void expect_invalid(spn_report *report, const char *call)
{
	assert_int_equal(spn_report_flush(report, err), SPN_ERR_INVALID);
	assert_non_null(strstr(err->message, call));
	assert_ok(spn_report_flush(report, err));
	assert_string_equal(out, "");
	spn_report_free(report);
}

static void what_is_not_given_is_not_written_and_remembered(void **state)
{
	(void)state;
	const spn_finding odd = { .code = "duplicate", .severity = (spn_severity)9, .text = "odd" };
	const spn_event strange = { .kind = (spn_event_kind)99, .text = "strange" };
	for (int format = SPN_REPORT_TEXT; format <= SPN_REPORT_PROMETHEUS; format++) {
#ifndef WITH_JANSSON
		if (format == SPN_REPORT_JSON)
			continue;
#endif
#define EXPECT_INVALID(call, ...) \
	do { \
		spn_report *report = report_in((spn_report_format)format); \
		call(report, __VA_ARGS__); \
		expect_invalid(report, #call); \
	} while (0)
		EXPECT_INVALID(spn_report_account, NULL, NULL, 0);
		EXPECT_INVALID(spn_report_resolution, "http/x", NULL, NULL);
		EXPECT_INVALID(spn_report_finding, &odd);
		EXPECT_INVALID(spn_report_cause, &odd);
		EXPECT_INVALID(spn_report_expectation, NULL);
		EXPECT_INVALID(spn_report_event, &strange);
		EXPECT_INVALID(spn_report_step, 0, 1, NULL, SPN_STEP_DONE, NULL);
		EXPECT_INVALID(spn_report_error, NULL, NULL);
	}
	char *command = NULL;
	spn_report_finding(NULL, &notice);
	assert_int_equal(spn_report_flush(NULL, err), SPN_ERR_INVALID);
	assert_int_equal(spn_finding_command(NULL, &command, err), SPN_ERR_INVALID);
	assert_int_equal(spn_repair_step_command(NULL, &command, NULL, err), SPN_ERR_INVALID);
	assert_int_equal(spn_report_products(NULL, NULL, 2, false, err), SPN_ERR_INVALID);
	assert_int_equal(spn_report_count(NULL, SPN_SEVERITY_BROKEN), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_for_people_has_its_command),
		cmocka_unit_test(a_remark_is_a_message),
		cmocka_unit_test(a_plan_is_alone_on_its_output),
		cmocka_unit_test(only_answers_have_colours),
		cmocka_unit_test(lines_are_as_wide_as_was_asked),
		cmocka_unit_test(a_terminal_is_sent_no_escape_sequence),
		cmocka_unit_test(setspn_words_are_for_duplicates_only),
		cmocka_unit_test(what_has_one_cause_is_one_finding),
		cmocka_unit_test(a_name_cannot_look_like_a_repair_in_a_log),
		cmocka_unit_test(a_name_cannot_look_like_a_command_among_findings),
		cmocka_unit_test(what_is_not_given_is_not_written_and_remembered),
		cmocka_unit_test(a_summary_says_what_it_depends_on),
#ifdef WITH_JANSSON
		cmocka_unit_test(a_finding_for_programs_is_an_object),
		cmocka_unit_test(messages_for_programs_are_objects),
		cmocka_unit_test(the_end_of_a_change_is_for_programs),
#else
		cmocka_unit_test(without_jansson_there_is_no_json),
#endif
		cmocka_unit_test(names_on_a_page_are_text),
		cmocka_unit_test(messages_are_not_on_a_page),
		cmocka_unit_test(nagios_gets_a_line_and_an_exit_code),
		cmocka_unit_test(prometheus_gets_a_file),
		cmocka_unit_test(what_could_not_be_looked_at_is_unknown),
		cmocka_unit_test(a_look_writes_a_log),
		cmocka_unit_test(a_plan_explains_its_flags_once),
		cmocka_unit_test(a_failed_step_says_what_helps),
		cmocka_unit_test(each_failure_to_write_is_told_once),
		cmocka_unit_test(an_unknown_format_is_an_error),
		cmocka_unit_test(a_command_is_quoted_or_missing),
		cmocka_unit_test(answers_of_a_directory_go_to_memory),
	};
	return cmocka_run_group_tests_name("report", tests, NULL, end);
}

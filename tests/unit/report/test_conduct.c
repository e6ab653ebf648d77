/* SPDX-License-Identifier: MIT */
/* What a report says of directories, repairs and changes, and what another one receives with it. */
#include "report_helper.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spnkit/backend.h>
#include <spnkit/mock.h>

#define POOL "CN=pool,DC=example,DC=com"

static const char ldif[] = "dn: DC=example,DC=com\nobjectClass: domainDNS\n\ndn: " POOL "\nobjectClass: user\n"
			   "sAMAccountName: pool\nservicePrincipalName: http/web\n";

static char folder[] = "/tmp/conductXXXXXX", page[80], journal[80];

static int begin(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(page, sizeof page, "%s/page.html", folder);
	snprintf(journal, sizeof journal, "%s/journal.ldif", folder);
	return 0;
}

static int end(void **state)
{
	(void)state;
	close_files();
	unlink(page);
	unlink(journal);
	return rmdir(folder);
}

static spn_report *report_in(spn_report_format format, bool plan_on_out)
{
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.format = format;
	options.plan_on_out = plan_on_out;
	return report_of(options);
}

static spn_report *page_at(const char *path)
{
	spn_report *report = NULL;
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.format = SPN_REPORT_HTML;
	options.path = path;
	assert_ok(spn_report_new(&options, &report, err));
	return report;
}

/* What a file holds, for free(); NULL: there is none. */
static char *text_of(const char *path)
{
	char *text = NULL;
	FILE *file = fopen(path, "r");
	if (file && getdelim(&text, &(size_t){ 0 }, '\0', file) < 0)
		text[0] = '\0';
	if (file)
		fclose(file);
	return text;
}

/* ---- another report ---- */

static const spn_finding notice = {
	.code = "upn", .severity = SPN_SEVERITY_NOTICE, .spn = "http/web", .text = "is odd"
};

static void a_page_is_written_besides_lines_for_people(void **state)
{
	(void)state;
	spn_report_totals totals = SPN_REPORT_TOTALS_INIT;
	spn_report *report = report_in(SPN_REPORT_TEXT, false), *other = page_at(page);
	totals.of = "DC=example,DC=com";
	spn_report_also(report, other);
	spn_report_condition(report, "as far as this file shows (little)");
	spn_report_cause(report, &notice);
	spn_report_cause(report, NULL);
	assert_null(text_of(page)); /* nothing is there before the end */
	spn_report_summary(report, &totals);
	assert_ok(spn_report_flush(report, err));
	char *text = text_of(page);
	assert_non_null(strstr(out, "http/web"));
	assert_non_null(strstr(text, "<code>http/web</code>"));
	assert_non_null(strstr(text, "as far as this file shows (little)"));
	assert_int_equal(spn_report_count(other, SPN_SEVERITY_NOTICE), 1);
	free(text);
	spn_report_free(report);
	spn_report_free(other);
}

static void a_page_that_cannot_be_written_ends_the_report(void **state)
{
	(void)state;
	spn_report_totals totals = SPN_REPORT_TOTALS_INIT;
	spn_report *report = report_in(SPN_REPORT_TEXT, false), *other = page_at("/nonexistent/page.html");
	spn_report_also(report, other);
	spn_report_summary(report, &totals);
	assert_fails(spn_report_flush(report, err), SPN_ERR_FAILED, "cannot write '/nonexistent/page.html': No such file");
	expect(report, "", "");
	spn_report_free(other);
}

static void beside_a_plan_there_is_no_summary(void **state)
{
	(void)state;
	spn_report_totals totals = SPN_REPORT_TOTALS_INIT;
	spn_report *report = report_in(SPN_REPORT_TEXT, true), *other = page_at(page);
	spn_report_also(report, other);
	const spn_finding wrong = {
		.code = "missing", .severity = SPN_SEVERITY_BROKEN, .spn = "http/web", .text = "nobody holds it"
	};
	spn_report_expectation(report, &(spn_expectation){ .finding = &wrong });
	spn_report_expectation(report, &(spn_expectation){ .finding = &notice });
	spn_report_cause(report, &notice);
	spn_report_summary(report, &totals);
	expect(report, "", "spnkit: http/web: nobody holds it\nspnkit: is odd\n");
	assert_int_equal(spn_report_count(other, SPN_SEVERITY_NOTICE), 1);
	spn_report_free(other);
}

/* ---- directories ---- */

static void what_a_directory_leaves_out_is_the_condition(void **state)
{
	(void)state;
	static const char *const but[] = { "unknown-names", NULL };
	spn_directory *dir = NULL;
	assert_ok(spn_mock_new("dn: CN=a,DC=x\nobjectClass: user\nuserAccountControl: 512\nservicePrincipalName:\n",
			SPN_DIALECT_WINDOWS, &dir, err));
	spn_report *report = report_in(SPN_REPORT_TEXT, false);
	assert_string_equal(spn_report_provided(report), "");
	spn_report_directory(report, dir, NULL);
	assert_string_equal(spn_report_provided(report), ", as far as this file shows (the names of 1 account are missing)");
	fflush(to_messages);
	assert_non_null(strstr(messages, "spnkit: "));
	spn_report_directory(report, dir, but);
	assert_string_equal(spn_report_provided(report), "");
	spn_report_free(report);
	report = report_in(SPN_REPORT_TEXT, false);
	spn_report_directory(report, dir, but);
	expect(report, "", "");
	spn_directory_free(dir);
}

static void differences_depend_on_what_both_states_lack(void **state)
{
	(void)state;
	spn_directory *whole = NULL, *part = NULL;
	spn_report *report = report_in(SPN_REPORT_TEXT, false);
	assert_ok(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &whole, err));
	assert_ok(spn_mock_new("dn: CN=a,DC=x\nobjectClass: user\nuserAccountControl: 512\nservicePrincipalName:\n",
			SPN_DIALECT_WINDOWS, &part, err));
	assert_ok(spn_report_two_states(report, whole, whole, err));
	assert_string_equal(spn_report_provided(report), "");
	assert_ok(spn_report_two_states(report, whole, part, err));
	assert_string_equal(spn_report_provided(report), ", as far as they show (now: the names of 1 account are missing)");
	assert_ok(spn_report_two_states(report, part, part, err));
	assert_string_equal(spn_report_provided(report), ", as far as they show (before: the names of 1 account are missing; "
			"now: the names of 1 account are missing)");
	assert_fails(spn_report_two_states(report, part, NULL, err), SPN_ERR_INVALID, "NULL");
	spn_report_free(report);
	spn_directory_free(whole);
	spn_directory_free(part);
}

static void a_page_over_what_is_read_is_seen_whatever_its_name(void **state)
{
	(void)state;
	char url[100], other[100];
	FILE *file = fopen(page, "w");
	assert_non_null(file);
	fclose(file);
	snprintf(url, sizeof url, "ldif:%s", page);
	snprintf(other, sizeof other, "%s/other", folder);
	assert_int_equal(symlink(page, other), 0);
	spn_report *report = page_at(page);
	assert_true(spn_report_is_over(report, page));
	assert_true(spn_report_is_over(report, url));
	assert_true(spn_report_is_over(report, other));
	assert_false(spn_report_is_over(report, "ldap://dc.example.com"));
	assert_false(spn_report_is_over(report, "-"));
	assert_false(spn_report_is_over(report, NULL));
	assert_false(spn_report_is_over(NULL, page));
	spn_report_free(report);
	assert_int_equal(unlink(other), 0);
}

/* ---- progress ---- */

static void long_work_is_shown_at_a_terminal_until_something_else_is(void **state)
{
	(void)state;
	char shown[200] = "";
	size_t n_names = 0;
	spn_report *report = NULL;
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	FILE *terminal = fopen(ptsname(master), "w");
	assert_non_null(terminal);
	options.messages = terminal;
	options.progress = true;
	assert_ok(spn_report_new(&options, &report, err));
	spn_report_begin_progress(report, NULL);
	assert_ok(spn_report_on_progress(3, 7, report, err)); /* too early for a line */
	assert_int_equal(spn_report_progress(report, &n_names), 3);
	assert_int_equal(n_names, 7);
	const spn_step step = { .dn = POOL };
	spn_report_step(report, 0, 1, &step, SPN_STEP_PLANNED, NULL); /* one of one is soon done */
	spn_report_step(report, 0, 2, &step, SPN_STEP_PLANNED, NULL);
	spn_report_note(report, "a note");
	spn_report_note(report, "another");
	fflush(terminal);
	while (!strstr(shown, "another\r\n")) /* it comes in pieces */
		assert_true(read(master, shown + strlen(shown), sizeof shown - 1 - strlen(shown)) > 0);
	assert_string_equal(shown, "step 1 of 2\r\033[Kspnkit: a note\r\nspnkit: another\r\n");
	spn_report_begin_progress(report, NULL);
	assert_int_equal(spn_report_progress(report, NULL), 0);
	spn_report_free(report);
	fclose(terminal);
	close(master);
}

static void in_a_file_there_is_no_progress(void **state)
{
	(void)state;
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.progress = true;
	spn_report *report = report_of(options);
	spn_report_step(report, 0, 2, &(spn_step){ .dn = POOL }, SPN_STEP_PLANNED, NULL);
	spn_report_note(report, "a note");
	expect(report, "", "spnkit: a note\n");
}

static void a_name_is_resolved_and_reported(void **state)
{
	(void)state;
	bool answered = false;
	spn_directory *dir = NULL;
	assert_ok(spn_mock_new(ldif, SPN_DIALECT_SAMBA, &dir, err));
	spn_report *report = report_in(SPN_REPORT_TEXT, false);
	assert_ok(spn_report_resolved(report, dir, "http/web", SPN_ERA_UNKNOWN, &answered, err));
	assert_true(answered);
	assert_ok(spn_report_resolved(report, dir, "Two words/web", SPN_ERA_UNKNOWN, &answered, err));
	assert_false(answered);
	assert_fails(spn_report_resolved(report, dir, "http/", SPN_ERA_UNKNOWN, NULL, err), SPN_ERR_SYNTAX, "");
	assert_fails(spn_report_resolved(report, NULL, "http/", SPN_ERA_UNKNOWN, NULL, err), SPN_ERR_INVALID, "NULL");
	assert_ok(spn_report_flush(report, err));
	fflush(to_messages);
	assert_memory_equal(out, "http/web: explicit\n\t" POOL "\n", strlen("http/web: explicit\n\t" POOL "\n"));
	assert_non_null(strstr(messages, "a KDC of Samba gives no ticket for a name whose class is several words"));
	spn_report_free(report);
	spn_directory_free(dir);
}

/* ---- repairs and changes ---- */

static void a_stage_says_what_became_of_the_server(void **state)
{
	(void)state;
	spn_report *report = report_in(SPN_REPORT_TEXT, false);
	spn_report_stage(report, SPN_STAGE_HEALTHY, "web", "");
	spn_report_stage(report, SPN_STAGE_MEMBERS, "web", POOL);
	spn_report_stage(report, SPN_STAGE_MEMBER_LOST, "web", "CN=Web,DC=example,DC=com");
	spn_report_stage(report, SPN_STAGE_ROLLED_BACK, "web", "");
	spn_report_stage(report, SPN_STAGE_VALIDATED, "web", "");
	expect(report, "Groups of '" POOL "':\nValidated: these names are where they should be\n",
			"spnkit: web is healthy; nothing was changed\n"
			"spnkit: another writer has taken " POOL " out of CN=Web,DC=example,DC=com again: "
			"spnkit copy-groups copies that again\n");
	report = report_in(SPN_REPORT_TEXT, true);
	spn_report_stage(report, SPN_STAGE_VALIDATED, "web", "");
	expect(report, "", ""); /* a plan is there */
}

static spn_status show_outcome(const spn_outcome *outcome, void *report, spn_error *error)
{
	return spn_report_changed(report, "ldif:web:secret@x", outcome, journal, error);
}

static void a_change_says_how_to_undo_it(void **state)
{
	(void)state;
	static const char *const name[] = { "http/web" };
	char expected[500];
	spn_directory *dir = NULL;
	spn_change_options options = SPN_CHANGE_OPTIONS_INIT;
	spn_report *report = report_in(SPN_REPORT_TEXT, false);
	assert_ok(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &dir, err));
	options.journal = journal;
	options.outcome_fn = show_outcome;
	options.data = report;
	assert_ok(spn_delete(dir, POOL, name, 1, &options, err));
	snprintf(expected, sizeof expected, "recorded in %s; to undo it:", journal);
	assert_ok(spn_report_flush(report, err));
	fflush(to_messages);
	assert_non_null(strstr(messages, "was changed\n"));
	assert_non_null(strstr(messages, expected));
	assert_non_null(strstr(messages, "spnkit undo /tmp/conduct"));
	spn_report_free(report);
	report = report_in(SPN_REPORT_TEXT, false);
	spn_journal_info *info = NULL;
	assert_ok(spn_journal_read(journal, &info, err));
	assert_ok(spn_report_on_journal(info, report, err));
	assert_ok(spn_report_flush(report, err));
	assert_non_null(strstr(out, journal));
	spn_journal_info_free(info);
	spn_report_free(report);
	spn_directory_free(dir);
}

static void interrupted_work_says_how_to_undo_it(void **state)
{
	(void)state;
	spn_journal_info info = { .path = "-a b", .title = "delete http/web", .time = "now", .state = SPN_JOURNAL_OPEN };
	spn_report *report = report_in(SPN_REPORT_TEXT, false);
	assert_ok(spn_report_on_interrupted(&info, report, err));
	info.problem = "others could have written it";
	assert_ok(spn_report_on_interrupted(&info, report, err));
	info.problem = NULL;
	info.state = SPN_JOURNAL_DONE;
	assert_ok(spn_report_on_interrupted(&info, report, err));
	expect(report, "", "spnkit: 'delete http/web' of now was interrupted; to undo what it did: spnkit undo './-a b'\n");
}

static void setspn_has_words_for_a_change(void **state)
{
	(void)state;
	static const char *const names[] = { "http/web" };
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	spn_report *report = report_in(SPN_REPORT_TEXT, false);
	spn_report_assigning(report, POOL, names, 1, false);
	spn_report_refused(report, POOL, SPN_ERR_DENIED);
	spn_report_no_account(report, "nobody");
	expect(report, "", ""); /* which are its own */
	spn_report_free(report_in(SPN_REPORT_TEXT, false));
	options.as_setspn = true;
	report = report_of(options);
	spn_report_assigning(report, POOL, names, 1, true);
	spn_report_refused(report, POOL, SPN_ERR_DENIED);
	spn_report_refused(report, POOL, SPN_ERR_FAILED);
	spn_report_no_account(report, "nobody\033");
	expect(report, "Unregistering ServicePrincipalNames for " POOL "\n\thttp/web\nFailed to assign SPN on account '" POOL
			"', error 0x2098/8344 -> Insufficient access rights to perform the operation.\n",
			"FindDomainForAccount: Call to DsGetDcNameWithAccountW failed with return value 0x00000525\n"
			"Could not find account nobody\\x1b\n");
	spn_directory *dir = NULL;
	spn_account *account = NULL;
	assert_ok(spn_mock_new("dn: CN=W,DC=x\nobjectClass: computer\nsAMAccountName: W$\ndNSHostName: w.x\n",
			SPN_DIALECT_WINDOWS, &dir, err));
	assert_ok(spn_account_find(dir, "W", SPN_WANT_ANY, &account, err));
	report = report_of(options);
	spn_report_assigning_defaults(report, account);
	expect(report, "Registering ServicePrincipalNames for CN=W,DC=x\n\tHOST/W\n\tHOST/w.x\n", "");
	spn_account_free(account);
	spn_directory_free(dir);
}

static void calls_report_to_a_report(void **state)
{
	(void)state;
	spn_report *report = report_in(SPN_REPORT_TEXT, false);
	spn_directory *dir;
	assert_ok(spn_mock_new("dn: " POOL "\nsAMAccountName: pool\nservicePrincipalName: http/web\n",
			SPN_DIALECT_WINDOWS, &dir, err));
	assert_ok(spn_query(dir, "http/web", false, spn_report_on_account, report, err));
	spn_directory_free(dir);
	assert_ok(spn_report_on_finding(&notice, report, err));
	assert_ok(spn_report_on_remark(&notice, report, err));
	assert_ok(spn_report_on_conflict(&notice, report, err));
	assert_int_equal(spn_report_count(report, SPN_SEVERITY_NOTICE), 3);
	assert_ok(spn_report_flush(report, err));
	fflush(to_messages);
	assert_int_equal(strncmp(out, POOL "\n\thttp/web\n", strlen(POOL "\n\thttp/web\n")), 0);
	assert_string_equal(messages, "spnkit: is odd\n"); /* the others are answers */
	spn_report_free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_is_written_besides_lines_for_people),
		cmocka_unit_test(a_page_that_cannot_be_written_ends_the_report),
		cmocka_unit_test(beside_a_plan_there_is_no_summary),
		cmocka_unit_test(what_a_directory_leaves_out_is_the_condition),
		cmocka_unit_test(differences_depend_on_what_both_states_lack),
		cmocka_unit_test(a_page_over_what_is_read_is_seen_whatever_its_name),
		cmocka_unit_test(long_work_is_shown_at_a_terminal_until_something_else_is),
		cmocka_unit_test(in_a_file_there_is_no_progress),
		cmocka_unit_test(a_name_is_resolved_and_reported),
		cmocka_unit_test(a_stage_says_what_became_of_the_server),
		cmocka_unit_test(a_change_says_how_to_undo_it),
		cmocka_unit_test(interrupted_work_says_how_to_undo_it),
		cmocka_unit_test(setspn_has_words_for_a_change),
		cmocka_unit_test(calls_report_to_a_report),
	};
	return cmocka_run_group_tests_name("conduct", tests, begin, end);
}

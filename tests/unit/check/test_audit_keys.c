/* SPDX-License-Identifier: MIT */
/* audit: accounts that may have no AES keys, by the dates of their passwords and as a KDC shows; and what becomes of
 * all at KDCs of an era. */
#include "ops.h"

#include <spnkit/backend.h>

/* S-1-5-21-1-2-3-1000 and so on; 521 is the group of read-only controllers */
#define OWN SID("6AMAAA==")
#define GROUP(date) "dn: CN=Controleurs RO," BASE "\nobjectClass: group\n" \
	"sAMAccountName: Controleurs RO\n" SID("CQIAAA==") \
	"whenCreated: " date "\n\n"
#define SPN(name) "servicePrincipalName: " name "\n"
/* 2026-01-01 */
#define NOW INT64_C(1767225600)
/* 2007-01-01, 2011-01-01, 2012-05-06 12:00 and 2012-05-04, 2025-06-01 */
#define IN_2007 "pwdLastSet: 128120832000000000\n"
#define IN_2011 "pwdLastSet: 129383136000000000\n"
#define DAY_OF_GROUP "pwdLastSet: 129807792000000000\n"
#define TWO_DAYS_BEFORE "pwdLastSet: 129805632000000000\n"
#define IN_2025 "pwdLastSet: 133932096000000000\n"
#define ENTRY(class, name, control, more) "dn: CN=" name "," BASE "\nobjectClass: " class "\nsAMAccountName: " name \
	"\nuserAccountControl: " control "\n" OWN more "\n"
#define USER(name, more) ENTRY("user", name, "512", SPN("http/" name) more)

struct seen {
	char list[2048], text[1024];
	spn_enctype_survey survey;
	int n_surveys;
	size_t n_before; /* findings before the survey */
	/* what the KDC says, and whom it was asked about */
	spn_status answer;
	unsigned keys;
	char asked[256];
};

static spn_status note(const spn_finding *finding, void *data, spn_error *err)
{
	struct seen *seen = data;
	size_t len = strlen(seen->list);
	(void)err;
	if (strcmp(finding->code, "old-password") == 0)
		return SPN_OK;
	snprintf(seen->list + len, sizeof seen->list - len, "%s %s %s;", finding->code, spn_severity_name(finding->severity),
			finding->n_accounts ? finding->accounts[0].account : "-");
	snprintf(seen->text, sizeof seen->text, "%s", finding->text);
	return SPN_OK;
}

static spn_status take_survey(const spn_enctype_survey *survey, void *data, spn_error *err)
{
	struct seen *seen = data;
	(void)err;
	seen->n_before = strlen(seen->list);
	seen->survey = *survey;
	seen->n_surveys++;
	return SPN_OK;
}

static spn_status tell_keys(spn_directory *dir, const spn_account *account, unsigned *ret_keys, void *data,
		spn_error *err)
{
	struct seen *seen = data;
	size_t len = strlen(seen->asked);
	(void)dir;
	snprintf(seen->asked + len, sizeof seen->asked - len, "%s;", spn_account_name(account));
	*ret_keys = seen->keys;
	return seen->answer ? spn_fail(err, seen->answer, 0, "as it was told to") : SPN_OK;
}

static const spn_audit_options by_dates = { .version = SPN_AUDIT_OPTIONS_VERSION, .now = NOW };

static void look(spn_dialect rules, const char *accounts, const spn_audit_options *wanted, struct seen *seen)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	spn_audit_options options = *wanted;
	char ldif[8192];
	options.survey_data = options.keys_data = seen;
	seen->list[0] = seen->text[0] = seen->asked[0] = '\0';
	snprintf(ldif, sizeof ldif, "dn: " BASE "\nobjectClass: domainDNS\n\n%s", accounts);
	if (spn_mock_new(ldif, rules, &dir, &err) || spn_audit(dir, &options, note, seen, &err))
		fail_msg("%s", err.message);
	spn_directory_free(dir);
}

static void expect(const char *accounts, const char *wanted)
{
	struct seen seen = { .n_surveys = 0 };
	look(SPN_DIALECT_WINDOWS, accounts, &by_dates, &seen);
	assert_string_equal(seen.list, wanted);
}

#define AES "msDS-SupportedEncryptionTypes: 24\n"
#define SOME_SET USER("set", IN_2025 AES) /* an entry that has the attribute: the export does not leave it out */

static void a_password_older_than_the_keys_of_the_domain_is_a_hint(void **state)
{
	struct seen seen = { .n_surveys = 0 };
	(void)state;
	look(SPN_DIALECT_WINDOWS, GROUP("20120506070809.0Z") USER("svc", IN_2011) SOME_SET, &by_dates, &seen);
	assert_string_equal(seen.list, "no-aes-keys warning svc;");
	assert_non_null(strstr(seen.text, "set on 2011-01-01"));
	assert_non_null(strstr(seen.text, "(2012-05-06)"));
	assert_non_null(strstr(seen.text, "unless the domain controllers have another default"));
	expect(GROUP("20120506070809.0Z") USER("svc", IN_2011 AES), "no-aes-keys warning svc;");
	expect(GROUP("20120506070809.0Z") USER("svc", TWO_DAYS_BEFORE AES), "no-aes-keys warning svc;");
	/* without the group, its release has to do */
	expect(USER("svc", IN_2007 AES), "no-aes-keys warning svc;");
	expect(USER("svc", IN_2011 AES), "");
	/* the attribute may be missing from the file, and then RC4 may be allowed */
	expect(USER("svc", IN_2007), "no-aes-keys notice svc;");
}

static void what_has_keys_or_needs_none_is_no_hint(void **state)
{
	(void)state;
	expect(GROUP("20120506070809.0Z") USER("svc", IN_2025 AES) USER("two", IN_2025), "");
	/* set while the domain was made */
	expect(GROUP("20120506070809.0Z") USER("svc", DAY_OF_GROUP AES), "");
	/* gets tickets encrypted with RC4, which is another finding */
	expect(GROUP("20120506070809.0Z") USER("svc", IN_2011 "msDS-SupportedEncryptionTypes: 28\n"),
			"weak-enctype notice svc;");
	/* unknown is not old */
	expect(GROUP("20120506070809.0Z") USER("svc", AES) USER("two", "pwdLastSet: 0\n" AES), "");
	expect(GROUP("20120506070809.0Z") ENTRY("user", "none", "512", IN_2011 AES), "");
	expect(GROUP("20120506070809.0Z") ENTRY("user", "krbtgt", "514", SPN("kadmin/changepw") IN_2011), "");
	/* the group of another domain */
	expect("dn: CN=RO," BASE "\nobjectClass: group\nsAMAccountName: RO\n"
			"objectSid:: AQUAAAAAAAUVAAAACQAAAAIAAAADAAAACQIAAA==\n"
			"whenCreated: 20120506070809.0Z\n\n" USER("svc", IN_2011 AES), "");
}

/* Issues of PingCastle and RC4-ADAssessment: what is no fault. */
static void what_other_tools_report_in_vain_is_not_told(void **state)
{
	(void)state;
	static const char group[] = GROUP("20120506070809.0Z");
	char ldif[4096];
	const char *const healthy[] = {
		/* a computer that was created beforehand, and never joined */
		ENTRY("computer", "pre$", "4128", SPN("HOST/pre") IN_2011),
		/* single sign-on of the cloud, appliances: no attribute, and yet AES */
		ENTRY("computer", "AZUREADSSOACC$", "4096", SPN("HOST/autologon.microsoftazuread-sso.com") IN_2025),
		ENTRY("computer", "filer$", "4096", SPN("HOST/filer") SPN("HOST/filer.example.com") SPN("cifs/filer") IN_2025
				"dNSHostName: filer.example.com\noperatingSystem: OnTap\n"),
		ENTRY("computer", "alone$", "4096", SPN("HOST/alone") IN_2025 "msDS-SupportedEncryptionTypes: 4\n"),
		/* a group managed account, as Windows makes it */
		ENTRY("msDS-GroupManagedServiceAccount", "gmsa$", "4096", SPN("http/gmsa") IN_2025
		"msDS-SupportedEncryptionTypes: 28\n"),
		/* the bit of session keys is no key */
		ENTRY("computer", "pc$", "4096", SPN("HOST/pc") SPN("HOST/pc.example.com") IN_2025 "dNSHostName: pc.example.com\n"
				"msDS-SupportedEncryptionTypes: 60\n"),
		/* the account of a trust */
		ENTRY("user", "OTHER$", "2080", IN_2011),
	};
	for (size_t i = 0; i < sizeof healthy / sizeof *healthy; i++) {
		snprintf(ldif, sizeof ldif, "%s%s", group, healthy[i]);
		expect(ldif, "");
	}
	/* RC4 alone is allowed: that is no proof that there are no AES keys, and nobody says so */
	expect(GROUP("20120506070809.0Z") USER("svc", IN_2025 "msDS-SupportedEncryptionTypes: 4\n"),
			"weak-enctype warning svc;");
	/* 0x27 is RC4 for the ticket, not AES */
	expect(GROUP("20120506070809.0Z") USER("svc", IN_2025 "msDS-SupportedEncryptionTypes: 39\n"),
			"weak-enctype warning svc;");
}

static void samba_falls_back_to_rc4_unless_windows_is_asked_about(void **state)
{
	struct seen seen = { .n_surveys = 0 };
	spn_audit_options options = by_dates;
	(void)state;
	look(SPN_DIALECT_SAMBA, GROUP("20120506070809.0Z") USER("svc", IN_2011 AES), &options, &seen);
	assert_string_equal(seen.list, "");
	options.era = SPN_ERA_WINDOWS_2026_07;
	look(SPN_DIALECT_SAMBA, GROUP("20120506070809.0Z") USER("svc", IN_2011 AES), &options, &seen);
	assert_string_equal(seen.list, "no-aes-keys warning svc;");
	options.era = SPN_ERA_WINDOWS_2022_11;
	look(SPN_DIALECT_WINDOWS, GROUP("20120506070809.0Z") USER("svc", IN_2011 AES), &options, &seen);
	assert_string_equal(seen.list, "");
}

#define ALL_KINDS GROUP("20120506070809.0Z") USER("old", IN_2011) \
	USER("des", IN_2025 "msDS-SupportedEncryptionTypes: 3\n") \
	USER("absent", IN_2025) USER("rc4", IN_2025 "msDS-SupportedEncryptionTypes: 4\n") USER("aes", IN_2025 AES) \
	USER("undated", AES) \
	USER("sha2", IN_2025 "msDS-SupportedEncryptionTypes: 192\n") ENTRY("user", "off", "514", SPN("http/off") IN_2025) \
	ENTRY("user", "nameless", "512", IN_2011) ENTRY("user", "krbtgt", "514", SPN("kadmin/changepw") IN_2011) \
	ENTRY("computer", "win$", "4096", SPN("HOST/win") SPN("HOST/win.example.com") IN_2025 \
	"dNSHostName: win.example.com\n" \
	"operatingSystem: Windows Server 2022\n" SPN("WSMAN/win") SPN("WSMAN/win.example.com"))

static void a_survey_counts_each_account_once_before_the_findings(void **state)
{
	struct seen seen = { .n_surveys = 0 };
	spn_audit_options options = by_dates;
	(void)state;
	options.survey = take_survey;
	options.era = SPN_ERA_WINDOWS_2026_07;
	look(SPN_DIALECT_WINDOWS, ALL_KINDS, &options, &seen);
	const spn_enctype_survey *s = &seen.survey;
	assert_int_equal(seen.n_surveys, 1);
	assert_int_equal(seen.n_before, 0);
	assert_int_equal(s->era, SPN_ERA_WINDOWS_2026_07);
	assert_int_equal(s->other_era, SPN_ERA_WINDOWS_2022_11);
	assert_int_equal(s->n_accounts, 8);
	assert_int_equal(s->n_refused, 1);
	assert_int_equal(s->n_without_aes, 0);
	assert_int_equal(s->n_old, 1);
	assert_int_equal(s->n_changing, 2); /* absent, win$ */
	assert_int_equal(s->n_rc4, 1);
	assert_int_equal(s->n_aes, 2); /* aes, undated */
	assert_int_equal(s->n_undocumented, 1);
	assert_int_equal(s->n_undated, 1);
	assert_int_equal(s->doubts, SPN_DOUBT_DEFAULT);
	/* Windows has every key of its own password: only the other needs a keytab */
	assert_non_null(strstr(seen.list, "enctype-change notice absent;"));
	assert_null(strstr(seen.list, "win$"));
	options.era = SPN_ERA_WINDOWS_2022_11;
	look(SPN_DIALECT_WINDOWS, ALL_KINDS, &options, &seen);
	assert_int_equal(s->n_old, 0);
	assert_int_equal(s->n_changing, 3);
	options.pattern = "http/aes";
	look(SPN_DIALECT_WINDOWS, ALL_KINDS, &options, &seen);
	assert_int_equal(s->n_accounts, 1);
	assert_int_equal(s->n_aes, 1);
}

/* Linux registers the version of its kernel. */
static void a_change_is_told_with_its_reason(void **state)
{
	struct seen seen = { .n_surveys = 0 };
	spn_audit_options options = by_dates;
	(void)state;
	options.era = SPN_ERA_WINDOWS_2026_07;
	look(SPN_DIALECT_WINDOWS, USER("svc", IN_2025) SOME_SET, &options, &seen);
	assert_string_equal(seen.list, "enctype-change notice svc;");
	assert_non_null(strstr(seen.text, "because msDS-SupportedEncryptionTypes is not set"));
	look(SPN_DIALECT_WINDOWS, ENTRY("computer", "lnx$", "69632", SPN("HOST/lnx.example.com") IN_2025 AES
			"dNSHostName: lnx.example.com\n"
			"operatingSystem: pc-linux-gnu\noperatingSystemVersion: 5.15\n"), &options, &seen);
	assert_string_equal(seen.list, "enctype-change notice lnx$;");
	assert_non_null(strstr(seen.text, "because msDS-SupportedEncryptionTypes is ignored"));
}

static void a_survey_says_what_an_export_may_leave_out(void **state)
{
	struct seen seen = { .n_surveys = 0 };
	spn_audit_options options = by_dates;
	(void)state;
	options.survey = take_survey;
	options.era = SPN_ERA_WINDOWS_2026_07;
	look(SPN_DIALECT_WINDOWS, USER("absent", IN_2025), &options, &seen);
	assert_int_equal(seen.survey.doubts, SPN_DOUBT_DEFAULT | SPN_DOUBT_EXPORT);
	options.era = SPN_ERA_UNKNOWN;
	look(SPN_DIALECT_SAMBA, USER("absent", IN_2025), &options, &seen);
	assert_int_equal(seen.survey.era, SPN_ERA_SAMBA_4_24);
	assert_string_equal(seen.list, "");
}

static void the_kdc_proves_what_dates_hint(void **state)
{
	struct seen seen = { .keys = SPN_ENC_RC4 };
	spn_audit_options options = by_dates;
	(void)state;
	options.knows_keys = tell_keys;
	options.survey = take_survey;
	look(SPN_DIALECT_WINDOWS, GROUP("20120506070809.0Z") USER("svc", IN_2011 AES), &options, &seen);
	assert_string_equal(seen.list, "no-aes-keys broken svc;");
	assert_string_equal(seen.asked, "svc;"); /* once, for survey and finding */
	assert_int_equal(seen.survey.n_without_aes, 1);
	assert_int_equal(seen.survey.n_old, 0);
	seen.keys |= SPN_ENC_AES256;
	look(SPN_DIALECT_WINDOWS, GROUP("20120506070809.0Z") USER("svc", IN_2011 AES), &options, &seen);
	assert_string_equal(seen.list, "");
	assert_string_equal(seen.asked, "svc;");
	assert_int_equal(seen.survey.n_aes, 1);
	/* what cannot be asked leaves the hint */
	seen.answer = SPN_ERR_AUTH;
	look(SPN_DIALECT_WINDOWS, GROUP("20120506070809.0Z") USER("svc", IN_2011 AES), &options, &seen);
	assert_string_equal(seen.list, "no-aes-keys warning svc;");
	assert_string_equal(seen.asked, "svc;");
}

static void the_kdc_is_asked_only_where_the_directory_leaves_it_open(void **state)
{
	struct seen seen = { .keys = SPN_ENC_AES256 };
	spn_audit_options options = by_dates;
	(void)state;
	options.knows_keys = tell_keys;
	look(SPN_DIALECT_WINDOWS, GROUP("20120506070809.0Z") USER("new", IN_2025 AES)
			USER("rc4", IN_2011 "msDS-SupportedEncryptionTypes: 4\n")
			ENTRY("user", "off", "514", SPN("http/off") IN_2011 AES)
			ENTRY("user", "open", "4194816", SPN("http/open") IN_2011 AES)
			USER("undated", AES)
			USER("moved", IN_2025 AES "sIDHistory:: AQUAAAAAAAUVAAAACQAAAAIAAAADAAAA6AMAAA==\n"),
			&options, &seen);
	assert_string_equal(seen.asked, "undated;moved;");
	/* who names accounts means all of those */
	options.pattern = "http/new";
	look(SPN_DIALECT_WINDOWS, GROUP("20120506070809.0Z") USER("new", IN_2025 AES) USER("other", IN_2011 AES),
			&options, &seen);
	assert_string_equal(seen.asked, "new;");
}

static void a_kdc_that_does_not_answer_is_left_alone(void **state)
{
	struct seen seen = { .answer = SPN_ERR_UNREACHABLE };
	spn_audit_options options = by_dates;
	(void)state;
	options.knows_keys = tell_keys;
	look(SPN_DIALECT_WINDOWS, GROUP("20120506070809.0Z") USER("one", IN_2011 AES) USER("two", IN_2011 AES),
			&options, &seen);
	assert_string_equal(seen.asked, "one;");
	assert_string_equal(seen.list, "no-aes-keys warning one;no-aes-keys warning two;unreachable warning -;");
	assert_non_null(strstr(seen.text, "as it was told to"));
}

static spn_status stop(const spn_enctype_survey *survey, void *data, spn_error *err)
{
	(void)survey, (void)data;
	return spn_fail(err, SPN_ERR_STOPPED, 0, "enough");
}

static void who_stops_a_survey_stops_the_audit(void **state)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	struct seen seen = { .n_surveys = 0 };
	spn_audit_options options = by_dates;
	(void)state;
	options.survey = stop;
	assert_int_equal(spn_mock_new("dn: " BASE "\nobjectClass: domainDNS\n\n" USER("svc", IN_2007 AES),
			SPN_DIALECT_WINDOWS, &dir, &err), SPN_OK);
	assert_int_equal(spn_audit(dir, &options, note, &seen, &err), SPN_ERR_STOPPED);
	assert_string_equal(err.message, "enough");
	assert_string_equal(seen.list, "");
	spn_directory_free(dir);
}

static unsigned long searches(const char *accounts, const spn_audit_options *options)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	struct seen seen = { .n_surveys = 0 };
	spn_audit_options with = *options;
	char ldif[4096];
	with.survey_data = &seen;
	snprintf(ldif, sizeof ldif, "dn: " BASE "\nobjectClass: domainDNS\n\n%s", accounts);
	if (spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &dir, &err) || spn_audit(dir, &with, note, &seen, &err))
		fail_msg("%s", err.message);
	unsigned long n = spn_mock_calls(dir, SPN_FAULT_ON_SEARCH);
	spn_directory_free(dir);
	return n;
}

/* Before it looked at delegations and keys, an audit took what it takes of accounts without names.  Now one search
 * more of a domain tells what must be known of it, and one whom its accounts refer to; a survey is made of the accounts
 * that pass by. */
static void an_audit_costs_few_searches(void **state)
{
	(void)state;
	spn_audit_options options = by_dates;
	unsigned long plain = searches(ENTRY("user", "nameless", "512", IN_2011 AES), &options);
	static const char accounts[] = GROUP("20120506070809.0Z") USER("a", IN_2011 AES) USER("b", IN_2011 AES)
			USER("c", IN_2007 AES);
	assert_int_equal(searches(accounts, &options), plain + 1);
	options.survey = take_survey;
	assert_int_equal(searches(accounts, &options), plain + 1);
	static const char delegating[] = GROUP("20120506070809.0Z")
			"dn: CN=Protected Users,CN=Users," BASE "\nobjectClass: group\nmember: CN=a," BASE "\n\n"
			USER("a", IN_2025 AES "memberOf: CN=Protected Users,CN=Users," BASE "\nmsDS-AllowedToDelegateTo: http/b\n")
			USER("b", IN_2025 AES
			"msDS-AllowedToActOnBehalfOfOtherIdentity:: "
			"AQAEgAAAAAAAAAAAAAAAABQAAAAEACwAAQAAAAAAJAD/AQ8AAQUAAAAAA"
					"AUVAAAAAQAAAAIAAAADAAAATAQAAA==\n")
			ENTRY("user", "old", "512", IN_2025)
			ENTRY("msDS-DelegatedManagedServiceAccount", "new", "4096", "msDS-ManagedAccountPrecededByLink: CN=old," BASE "\n");
	assert_int_equal(searches(delegating, &options), plain + 2);
	options.survey = NULL;
	assert_int_equal(searches(delegating, &options), plain + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_older_than_the_keys_of_the_domain_is_a_hint),
		cmocka_unit_test(what_has_keys_or_needs_none_is_no_hint),
		cmocka_unit_test(what_other_tools_report_in_vain_is_not_told),
		cmocka_unit_test(samba_falls_back_to_rc4_unless_windows_is_asked_about),
		cmocka_unit_test(a_survey_counts_each_account_once_before_the_findings),
		cmocka_unit_test(a_change_is_told_with_its_reason),
		cmocka_unit_test(a_survey_says_what_an_export_may_leave_out),
		cmocka_unit_test(the_kdc_proves_what_dates_hint),
		cmocka_unit_test(the_kdc_is_asked_only_where_the_directory_leaves_it_open),
		cmocka_unit_test(a_kdc_that_does_not_answer_is_left_alone),
		cmocka_unit_test(who_stops_a_survey_stops_the_audit),
		cmocka_unit_test(an_audit_costs_few_searches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "ops.h"
#include "returned.h"
#include "remedy_helper.h"

#include <spnkit/backend.h>

/* A KDC that answers by a table of names; what is not in it is unknown (7). */
struct canned {
	const char *spn;
	int code; /* 0: a ticket */
	unsigned kvno;
	int enctype;
};

#define KRB5_ERROR(code) (-1765328384 + (code))

static spn_status request(void *self, const char *spn, spn_ticket_fn *fn, void *data, spn_error *err)
{
	const struct canned *canned = self;
	while (canned->spn && strcasecmp(canned->spn, spn) != 0)
		canned++;
	int code = canned->spn ? canned->code : 7;
	if (code == 255)
		return spn_fail(err, SPN_ERR_UNREACHABLE, 0, "no KDC answers");
	if (code)
		return spn_fail(err, code == 7 ? SPN_ERR_NOT_FOUND : SPN_ERR_FAILED, KRB5_ERROR(code), "error %d", code);
	const spn_ticket ticket = { .client = "u@EXAMPLE.COM", .server = spn, .enctype = canned->enctype,
		.session_enctype = 18,
		.kvno = canned->kvno, .starts = 1, .ends = 2 };
	return fn(&ticket, data, err);
}

static void free_nothing(void *self)
{
	(void)self;
}

static spn_kdc *kdc_of(struct canned *canned)
{
	static const spn_kdc_ops ops = { SPN_KDC_OPS_VERSION, "canned", request, free_nothing, NULL };
	spn_kdc *kdc = NULL;
	assert_int_equal(spn_kdc_new(&ops, canned, &kdc, NULL), SPN_OK);
	return kdc;
}

static spn_status note_probe(const spn_probe *probe, void *data, spn_error *err)
{
	(void)err;
	struct fixture *f = data;
	append_told(f, probe->ok ? "ok" : "not", probe->account ? spn_account_name(probe->account) : NULL);
	append_told(f, spn_certainty_name(probe->certainty), probe->cause ? probe->cause->name : NULL);
	snprintf(f->err.message, sizeof f->err.message, "%s", probe->text);
	return SPN_OK;
}

static void expect_probe(struct fixture *f, struct canned *canned, const char *spn, const char *told, const char *text)
{
	spn_kdc *kdc = kdc_of(canned);
	f->told[0] = '\0';
	assert_int_equal(probe_name(f->dir, kdc, spn, NULL, note_probe, f, &f->err), SPN_OK);
	assert_string_equal(f->told, told);
	expect_message(f, text);
	spn_kdc_free(kdc);
}

static void a_ticket_is_likely_for_the_account_that_the_directory_names(void **state)
{
	struct canned canned[] = { { "http/web", 0, 2, 23 }, { NULL, 0, 0, 0 } };
	expect_probe(*state, canned, "http/web", "ok pool;likely -;", "'pool' (explicit)");
}

static void without_a_directory_a_ticket_is_for_an_account_that_nobody_names(void **state)
{
	struct fixture *f = *state;
	struct canned canned[] = { { "http/web", 0, 2, 23 }, { NULL, 0, 0, 0 } };
	spn_kdc *kdc = kdc_of(canned);
	f->told[0] = '\0';
	assert_int_equal(probe_name(NULL, kdc, "http/web", NULL, note_probe, f, &f->err), SPN_OK);
	spn_kdc_free(kdc);
	assert_string_equal(f->told, "ok -;none -;");
	expect_message(f, "the KDC gave a ticket for 'http/web'; no directory was asked whose it is");
}

static void a_name_that_the_kdc_does_not_know_is_missing_or_held_twice(void **state)
{
	struct fixture *f = *state;
	struct canned nothing[] = { { NULL, 0, 0, 0 } };
	expect_probe(f, nothing, "http/nobody", "not -;none KDC_ERR_S_PRINCIPAL_UNKNOWN;", "no account holds 'http/nobody'");
	static const char twice[] =
		"dn: " BASE "\nobjectClass: domainDNS\n\n"
		"dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nservicePrincipalName: http/x\n\n"
		"dn: CN=b," BASE "\nobjectClass: user\nsAMAccountName: b\nservicePrincipalName: http/X\n";
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(twice, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	expect_probe(f, nothing, "http/x", "not -;none KDC_ERR_S_PRINCIPAL_UNKNOWN;", "'CN=a," BASE "', 'CN=b," BASE "'");
}

static void an_error_of_the_kdc_is_a_result(void **state)
{
	struct canned canned[] = { { "http/web", 14, 0, 0 }, { NULL, 0, 0, 0 } };
	expect_probe(*state, canned, "http/web", "not pool;none KDC_ERR_ETYPE_NOSUPP;",
			"'pool' answers for 'http/web', but the KDC has no key of it");
	canned[0].spn = "http/nobody";
	expect_probe(*state, canned, "http/nobody", "not -;none KDC_ERR_ETYPE_NOSUPP;", "error 14");
}

static void a_kdc_that_is_silent_is_a_failure(void **state)
{
	struct fixture *f = *state;
	struct canned canned[] = { { "http/web", 255, 0, 0 }, { NULL, 0, 0, 0 } };
	spn_kdc *kdc = kdc_of(canned);
	assert_int_equal(probe_name(f->dir, kdc, "http/web", NULL, note_probe, f, &f->err), SPN_ERR_UNREACHABLE);
	assert_string_equal(f->err.message, "no KDC answers");
	assert_int_equal(probe_name(f->dir, kdc, "http", NULL, note_probe, f, &f->err), SPN_ERR_SYNTAX);
	spn_kdc_free(kdc);
}

static void a_key_version_that_differs_speaks_against_the_account(void **state)
{
	struct fixture *f = *state;
	static const char keyed[] =
		"dn: " BASE "\nobjectClass: domainDNS\n\n"
		"dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nservicePrincipalName: http/x\n"
		"msDS-KeyVersionNumber: 3\nmsDS-SupportedEncryptionTypes: 24\n\n"
		"dn: CN=b," BASE "\nobjectClass: user\nsAMAccountName: b\nservicePrincipalName: http/y\n"
		"msDS-SupportedEncryptionTypes: 4\n";
	struct canned canned[] = { { "http/x", 0, 2, 18 }, { "http/y", 0, 1, 18 }, { NULL, 0, 0, 0 } };
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(keyed, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	expect_probe(f, canned, "http/x", "ok a;none -;", "version 2, and the account's is 3");
	canned[0].kvno = 3;
	expect_probe(f, canned, "http/x", "ok a;likely -;", "'a'");
	canned[0].enctype = 23;
	/* an account without AES keys gets RC4 tickets from many a KDC */
	expect_probe(f, canned, "http/x", "ok a;likely -;",
			"arcfour-hmac, where aes256-cts-hmac-sha1-96 was expected (it is the strongest "
			"key that msDS-SupportedEncryptionTypes allows), unless the account lacks AES keys");
	expect_probe(f, canned, "http/y", "ok b;none -;", "which the account does not allow");
	canned[1].enctype = 20; /* AES-SHA2, which Server 2025 knows */
	expect_probe(f, canned, "http/y", "ok b;likely -;", "'b'");
	canned[1].enctype = 3;
	expect_probe(f, canned, "http/y", "ok b;none -;", "which the account does not allow");
}

static spn_status note_verdict(const spn_finding *finding, void *data, spn_error *err)
{
	struct fixture *f = data;
	if (!finding->spn && finding->n_repairs)
		append_told(f, finding->code, remedy_text(finding));
	else if (finding->severity != SPN_SEVERITY_OK || !finding->spn)
		return note_finding(finding, data, err);
	return SPN_OK;
}

static void diagnose_names_the_wrong_account_and_the_repair(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_diagnose(f->dir, NULL, "web", NULL, note_verdict, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "wrong-account http/web.example.com;wrong-account http/WEB;missing WSMAN/web.example.com;"
			"missing WSMAN/WEB;wrong-account spnkit fix WEB;");
}

static void diagnose_tells_names_that_several_hold_and_a_computer_that_is_disabled(void **state)
{
	struct fixture *f = *state;
	static const char ill[] =
		"dn: " BASE "\nobjectClass: domainDNS\n\n"
		"dn: CN=WEB," BASE "\nobjectClass: computer\nsAMAccountName: WEB$\ndNSHostName: web.example.com\n"
		"userAccountControl: 4098\n"
		"servicePrincipalName: HOST/WEB\nservicePrincipalName: http/WEB\nservicePrincipalName: http/web.example.com\n\n"
		"dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nservicePrincipalName: http/web\n";
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(ill, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	assert_int_equal(spn_diagnose(f->dir, NULL, "web", NULL, note_verdict, f, &f->err), SPN_OK);
	assert_non_null(strstr(f->told, "duplicate http/WEB;"));
	assert_non_null(strstr(f->told, "disabled-account http/web.example.com;"));
}

static void diagnose_of_a_fixed_server_is_ok(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_diagnose(f->dir, NULL, "WEB.example.com", NULL, note_verdict, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "missing WSMAN/web.example.com;missing WSMAN/WEB;ok -;");
}

static void diagnose_tells_what_the_kdc_says_of_a_right_account(void **state)
{
	struct fixture *f = *state;
	struct canned canned[] = { { "http/web.example.com", 0, 1, 18 }, { "http/WEB", 37, 0, 0 },
		{ "http/web.example.com:5985", 0, 1, 18 },
		{ "http/WEB:5985", 0, 1, 18 }, { "HOST/WEB", 0, 1, 18 }, { "HOST/web.example.com", 0, 1, 18 }, { NULL, 0, 0, 0 } };
	spn_kdc *kdc = kdc_of(canned);
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_diagnose(f->dir, kdc, "web", NULL, note_verdict, f, &f->err), SPN_OK);
	assert_non_null(strstr(f->told, "clock-skew http/WEB;"));
	spn_kdc_free(kdc);
}

static void diagnose_of_a_computer_without_a_key_ends_in_a_verdict(void **state)
{
	struct fixture *f = *state;
	struct canned canned[] = { { "http/web.example.com", 14, 0, 0 }, { "http/WEB", 14, 0, 0 },
		{ "http/web.example.com:5985", 14, 0, 0 },
		{ "http/WEB:5985", 14, 0, 0 }, { "HOST/WEB", 14, 0, 0 }, { "HOST/web.example.com", 14, 0, 0 }, { NULL, 0, 0, 0 } };
	spn_kdc *kdc = kdc_of(canned);
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_diagnose(f->dir, kdc, "web", NULL, note_verdict, f, &f->err), SPN_OK);
	assert_non_null(strstr(f->told, "no-key http/WEB;"));
	assert_non_null(strstr(f->told, "no-key -;"));
	canned[1].code = 37; /* another trouble besides: the conclusion is that of all */
	f->told[0] = '\0';
	assert_int_equal(spn_diagnose(f->dir, kdc, "web", NULL, note_verdict, f, &f->err), SPN_OK);
	assert_non_null(strstr(f->told, "unreachable -;"));
	spn_kdc_free(kdc);
}

static void what_only_dns_says_is_in_no_repair(void **state)
{
	struct fixture *f = *state;
	spn_diagnose_options options = SPN_DIAGNOSE_OPTIONS_INIT;
	options.alias = "db.example.com";
	options.service = "MSSQLSvc";
	assert_int_equal(spn_diagnose(f->dir, NULL, "web", &options, note_verdict, f, &f->err), SPN_OK);
	assert_non_null(strstr(f->told, "missing MSSQLSvc/db.example.com;"));
	assert_non_null(strstr(f->told, "missing spnkit add MSSQLSvc/web.example.com MSSQLSvc/WEB 'WEB$';"));
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, NULL), SPN_OK);
	f->told[0] = '\0';
	options.service = NULL;
	assert_int_equal(spn_diagnose(f->dir, NULL, "web", &options, note_verdict, f, &f->err), SPN_OK);
	assert_non_null(strstr(f->told, "missing http/db.example.com;"));
	assert_non_null(strstr(f->told, "missing -;"));
	assert_null(strstr(f->told, "spnkit"));
	options.alias = "WEB"; /* which the directory has */
	f->told[0] = '\0';
	assert_int_equal(spn_diagnose(f->dir, NULL, "web", &options, note_verdict, f, &f->err), SPN_OK);
	assert_non_null(strstr(f->told, "ok -;"));
}

static void what_only_dns_says_retires_no_computer(void **state)
{
	struct fixture *f = *state;
	static const char off[] =
		"dn: " BASE "\nobjectClass: domainDNS\n\n"
		"dn: CN=WEB," BASE "\nobjectClass: computer\nsAMAccountName: WEB$\ndNSHostName: web.example.com\n"
		"userAccountControl: 4098\nservicePrincipalName: HOST/WEB\nservicePrincipalName: HOST/web.example.com\n\n"
		"dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nservicePrincipalName: http/db.example.com\n";
	spn_diagnose_options options = SPN_DIAGNOSE_OPTIONS_INIT;
	options.alias = "db.example.com";
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(off, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	assert_int_equal(spn_diagnose(f->dir, NULL, "web", &options, note_verdict, f, &f->err), SPN_OK);
	assert_non_null(strstr(f->told, "unreachable -;"));
}

static void diagnose_of_no_server_is_refused(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_diagnose(f->dir, NULL, "pool", NULL, note_verdict, f, &f->err), SPN_ERR_NOT_FOUND);
	assert_int_equal(spn_diagnose(f->dir, NULL, "a/b", NULL, note_verdict, f, &f->err), SPN_ERR_SYNTAX);
}

static void reset_takes_the_plain_names_away_last_and_gives_them_back(void **state)
{
	struct fixture *f = *state;
	change(f, WEB, SPN_MOD_DELETE, "servicePrincipalName", "http/WEB:5985");
	change(f, POOL, SPN_MOD_ADD, "servicePrincipalName", "http/WEB:5985");
	char *before = strdup(spn_mock_ldif(f->dir));
	assert_int_equal(spn_propose_reset(f->plan, f->dir, "web", NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 4);
	const spn_step *away = spn_plan_step(f->plan, 2), *back = spn_plan_step(f->plan, 3);
	assert_string_equal(away->dn, POOL);
	assert_int_equal(away->n_mods, 2);
	assert_int_equal(away->mods[0].op, SPN_MOD_DELETE);
	assert_string_equal(back->dn, POOL);
	assert_true(back->flags & SPN_GIVES_BACK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "pool", "http/WEB"));
	assert_true(holds(f, "web", "http/WEB:5985"));
	free(before);
}

static spn_status fail_before_giving_back(size_t i, const spn_step *step, spn_step_state state,
		const spn_error *why, void *data, spn_error *err)
{
	struct fixture *f = data;
	(void)i, (void)why;
	if (state != SPN_STEP_PLANNED || !(step->flags & SPN_GIVES_BACK))
		return SPN_OK;
	assert_false(holds(f, "pool", "http/WEB")); /* the moment for the ticket */
	return spn_fail(err, SPN_ERR_UNREACHABLE, 0, "no ticket");
}

static void a_ticket_that_cannot_be_had_leaves_everything_as_it_was(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_propose_reset(f->plan, f->dir, "web", NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, fail_before_giving_back, f, &f->err), SPN_ERR_UNREACHABLE);
	assert_string_equal(f->err.message, "no ticket");
	assert_true(holds(f, "pool", "http/WEB"));
	assert_true(holds(f, "pool", "http/web.example.com"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(a_ticket_is_likely_for_the_account_that_the_directory_names),
		with_sample(without_a_directory_a_ticket_is_for_an_account_that_nobody_names),
		with_sample(a_name_that_the_kdc_does_not_know_is_missing_or_held_twice),
		with_sample(an_error_of_the_kdc_is_a_result),
		with_sample(a_kdc_that_is_silent_is_a_failure),
		with_sample(a_key_version_that_differs_speaks_against_the_account),
		with_sample(diagnose_names_the_wrong_account_and_the_repair),
		with_sample(diagnose_tells_names_that_several_hold_and_a_computer_that_is_disabled),
		with_sample(diagnose_of_a_fixed_server_is_ok),
		with_sample(diagnose_tells_what_the_kdc_says_of_a_right_account),
		with_sample(diagnose_of_a_computer_without_a_key_ends_in_a_verdict),
		with_sample(what_only_dns_says_is_in_no_repair),
		with_sample(what_only_dns_says_retires_no_computer),
		with_sample(diagnose_of_no_server_is_refused),
		with_sample(reset_takes_the_plain_names_away_last_and_gives_them_back),
		with_sample(a_ticket_that_cannot_be_had_leaves_everything_as_it_was),
	};
	return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}

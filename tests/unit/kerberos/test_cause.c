/* SPDX-License-Identifier: MIT */
/* What Kerberos errors are called, and that no number makes trouble. */
#include "unit.h"

#include "kerberos/cause.h"

static spn_error err[1];

static void known_errors_have_their_names(void **state)
{
	(void)state;
	static const struct {
		int code;
		const char *name;
		uint32_t windows_code;
		const char *windows_name;
	} cases[] = {
		{ 6, "KDC_ERR_C_PRINCIPAL_UNKNOWN", 0x8009030C, "SEC_E_LOGON_DENIED" },
		{ 7, "KDC_ERR_S_PRINCIPAL_UNKNOWN", 0x80090303, "SEC_E_TARGET_UNKNOWN" },
		{ 8, "KDC_ERR_PRINCIPAL_NOT_UNIQUE", 0x80090303, "SEC_E_TARGET_UNKNOWN" },
		{ 14, "KDC_ERR_ETYPE_NOSUPP", 0x80090342, "SEC_E_KDC_UNKNOWN_ETYPE" },
		{ 24, "KDC_ERR_PREAUTH_FAILED", 0x8009030C, "SEC_E_LOGON_DENIED" },
		{ 35, "KRB_AP_ERR_NOT_US", 0x80090322, "SEC_E_WRONG_PRINCIPAL" },
		{ 36, "KRB_AP_ERR_BADMATCH", 0x80090322, "SEC_E_WRONG_PRINCIPAL" },
		{ 37, "KRB_AP_ERR_SKEW", 0x80090324, "SEC_E_TIME_SKEW" },
		{ 41, "KRB_AP_ERR_MODIFIED", 0x80090322, "SEC_E_WRONG_PRINCIPAL" },
		{ 44, "KRB_AP_ERR_BADKEYVER", 0, "" },
		{ 60, "KRB_ERR_GENERIC", 0, "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const spn_kerberos_cause *cause = spn_kerberos_explain(cases[i].code);
		assert_ptr_equal(cause, spn_kerberos_explain(SPK_KRB5_BASE + cases[i].code));
		assert_int_equal(cause->code, cases[i].code);
		assert_string_equal(cause->name, cases[i].name);
		assert_int_equal(cause->windows_code, cases[i].windows_code);
		assert_string_equal(cause->windows_name, cases[i].windows_name);
	}
}

/* The library's own codes; numbers as in Heimdal's and MIT's krb5_err. */
static void the_librarys_own_errors_are_known_too(void **state)
{
	(void)state;
	static const struct {
		int code;
		const char *name, *windows_name;
	} cases[] = {
		{ -1765328243, "KRB5_CC_NOTFOUND", "SEC_E_NO_CREDENTIALS" }, { -1765328242, "KRB5_CC_END", "SEC_E_NO_CREDENTIALS" },
		{ -1765328228, "KRB5_KDC_UNREACH", "SEC_E_NO_AUTHENTICATING_AUTHORITY" },
		{ -1765328230, "KRB5_REALM_UNKNOWN", "SEC_E_NO_AUTHENTICATING_AUTHORITY" },
		{ -1765328164, "KRB5_REALM_CANT_RESOLVE", "SEC_E_NO_AUTHENTICATING_AUTHORITY" },
		{ -1765328189, "KRB5_FCC_NOFILE", "SEC_E_NO_CREDENTIALS" }, { -1765328190, "KRB5_FCC_PERM", "SEC_E_NO_CREDENTIALS" },
		{ -1765328203, "KRB5_KT_NOTFOUND", "" }, { -1765328234, "KRB5_PROG_ETYPE_NOSUPP", "SEC_E_KDC_UNKNOWN_ETYPE" },
		{ -1765328250, "KRB5_PARSE_MALFORMED", "" }, { -1765328160, "KRB5_CONFIG_NODEFREALM", "" },
		{ -1765328171, "KRB5_KEYTAB_BADVNO", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const spn_kerberos_cause *cause = spn_kerberos_explain(cases[i].code);
		assert_string_equal(cause->name, cases[i].name);
		assert_string_equal(cause->windows_name, cases[i].windows_name);
		assert_int_equal(cause->code, 0);
	}
}

static void every_number_has_an_answer(void **state)
{
	(void)state;
	static const int odd[] = { 0, -1, -128, 77, 126, 127, 128, 141, 255, 256, 1 << 20, INT32_MAX, INT32_MIN, SPK_KRB5_BASE,
		SPK_KRB5_BASE - 1, SPK_KRB5_BASE + 255, SPK_KRB5_BASE + 256 };
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		const spn_kerberos_cause *cause = spn_kerberos_explain(odd[i]);
		assert_string_equal(cause->name, "");
		assert_non_null(cause->text);
	}
	for (int code = SPK_KRB5_BASE - 10; code < SPK_KRB5_BASE + 300; code++) {
		const spn_kerberos_cause *cause = spn_kerberos_explain(code);
		assert_true(cause->text && *cause->text && cause->windows_name);
		assert_true(cause->code == 0 || cause->code == code - SPK_KRB5_BASE);
		assert_int_equal(cause->windows_code == 0, *cause->windows_name == '\0');
		size_t len = strlen(cause->text);
		assert_true(cause->text[len - 1] != '.' && !strchr(cause->text, '\n'));
	}
}

static void a_ticket_that_is_not_given_is_told_by_its_cause(void **state)
{
	(void)state;
	assert_fails(spk_cause_no_ticket(err, SPK_KRB5_BASE + 7, "http/web", "alice@X", ""), SPN_ERR_NOT_FOUND,
			"no ticket for 'http/web' as 'alice@X': no account holds");
	assert_int_equal(err->native, SPK_KRB5_BASE + 7);
	assert_fails(spk_cause_no_ticket(err, -1765328228, "http/web", "alice@X", "'kdc1': no answer in time"),
			SPN_ERR_UNREACHABLE, "no KDC answers ('kdc1': no answer in time)");
	assert_fails(spk_cause_no_ticket(err, SPK_KRB5_BASE + 99, "http/web", "alice@X", ""), SPN_ERR_FAILED,
			"Kerberos error 99");
	assert_int_equal(spk_cause_no_ticket(NULL, 5, "http/web", "alice@X", ""), SPN_ERR_AUTH);
}

static void enctypes_and_outcomes_have_names(void **state)
{
	(void)state;
	assert_string_equal(spn_enctype_name(18), "aes256-cts-hmac-sha1-96");
	assert_string_equal(spn_enctype_name(23), "arcfour-hmac");
	assert_string_equal(spn_enctype_name(-1), "");
	for (int i = SPN_HANDSHAKE_OK; i <= SPN_HANDSHAKE_DECRYPTED; i++)
		assert_string_not_equal(spn_handshake_outcome_name((spn_handshake_outcome)i), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_errors_have_their_names),
		cmocka_unit_test(the_librarys_own_errors_are_known_too),
		cmocka_unit_test(every_number_has_an_answer),
		cmocka_unit_test(a_ticket_that_is_not_given_is_told_by_its_cause),
		cmocka_unit_test(enctypes_and_outcomes_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

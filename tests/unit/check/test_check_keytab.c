/* SPDX-License-Identifier: MIT */
/* check-keytab: what is said of each key, by the directory alone and with a ticket of a KDC. */
#include "keytab_helper.h"

#include <unistd.h>

static void expect(spn_kdc *kdc, const char *keytab, const char *wanted)
{
	told[0] = '\0';
	assert_ok(spn_check_keytab(dir, kdc, kdc_path(keytab), NULL, note, NULL, err));
	assert_string_equal(told, wanted);
}

static void a_key_is_as_old_as_the_password_or_it_does_not_fit(void **state)
{
	(void)state;
	kdc_make_keytab(kdc_path("current"), "http/web@" REALM, 3, AES256, "secret");
	expect(NULL, "current", "ok 0 http/web@" REALM
			": key version 3, aes256-cts-hmac-sha1-96: is not tried, and has the key version of 'pool'\n");
	kdc_make_keytab(kdc_path("old"), "http/web@" REALM, 2, AES256, "secret");
	expect(NULL, "old", "kvno-mismatch 3 http/web@" REALM
			": key version 2, aes256-cts-hmac-sha1-96: the password of 'pool' has changed "
			"since: its key version is 3\n");
	kdc_make_keytab(kdc_path("old"), "http/web@" REALM, 3, AES256, "secret");
	expect(NULL, "old", "ok 0 http/web@" REALM
			": key version 2, aes256-cts-hmac-sha1-96: an older key of 'pool', kept in addition "
			"to the newer one\n"
			"ok 0 http/web@" REALM
			": key version 3, aes256-cts-hmac-sha1-96: is not tried, and has the key version of 'pool'\n");
	kdc_make_keytab(kdc_path("new"), "http/web@" REALM, 4, AES256, "secret");
	expect(NULL, "new", "kvno-mismatch 2 http/web@" REALM
			": key version 4, aes256-cts-hmac-sha1-96: newer than the key version 3 of 'pool': "
			"not replicated yet, or of another account\n");
	kdc_make_keytab(kdc_path("weak"), "pool@" REALM, 3, RC4, "secret");
	expect(NULL, "weak", "weak-enctype 1 pool@" REALM
			": key version 3, arcfour-hmac: is not tried, and has the key version of 'pool', but "
			"a weak enctype\n"
			"no-key 2 pool@" REALM
			": the KDC encrypts with aes256-cts-hmac-sha1-96 (msDS-SupportedEncryptionTypes is "
			"not set, so the KDC's default counts), unless the domain controllers are of another version, "
			"or the account lacks AES keys, or the domain controllers have another default configured; "
			"this principal has no such key here: add the AES keys to the keytab first, then set "
			"msDS-SupportedEncryptionTypes to 24\n");
}

/* Of one entry, whose verdict is not looked at: what else is said. */
static void foreseen(const char *principal, int enctype, spn_era era, const char *wanted)
{
	spn_keytab_options options = SPN_KEYTAB_OPTIONS_INIT;
	options.era = era;
	kdc_make_keytab(kdc_path("foreseen"), principal, 3, enctype, "secret");
	told[0] = '\0';
	assert_ok(spn_check_keytab(dir, NULL, kdc_path("foreseen"), &options, note, NULL, err));
	assert_string_equal(strchr(told, '\n') + 1, wanted);
	assert_int_equal(unlink(kdc_path("foreseen")), 0);
}

static void a_principal_is_the_account_that_is_called_just_so(void **state)
{
	(void)state;
	kdc_make_keytab(kdc_path("sap"), "sap@" REALM, 3, AES256, "secret");
	expect(NULL, "sap", "ok 0 sap@" REALM ": key version 3, aes256-cts-hmac-sha1-96: is not tried, and has the key "
			"version of 'sap'\n");
}

static void a_key_that_a_kdc_of_another_version_will_need_is_missed(void **state)
{
	(void)state;
	foreseen("http/aes@" REALM, AES256, SPN_ERA_WINDOWS_2026_07, "");
	foreseen("http/aes@" REALM, AES128, SPN_ERA_WINDOWS_2026_07, "no-key 2 http/aes@" REALM
			": a KDC of windows-2026-07 encrypts with "
			"aes256-cts-hmac-sha1-96 (it is the strongest key that msDS-SupportedEncryptionTypes allows), "
			"unless the account lacks AES keys; this principal has no such key here: add the AES keys to the keytab\n");
	foreseen("http/web@" REALM, RC4, SPN_ERA_SAMBA_4_17, "");
	foreseen("http/web@" REALM, AES256, SPN_ERA_SAMBA_4_17, "no-key 2 http/web@" REALM
			": a KDC of samba-4.17 encrypts with arcfour-hmac "
			"(msDS-SupportedEncryptionTypes is not set, so the KDC's default counts), unless the domain "
			"controllers have another default configured; "
			"this principal has no such key here: set msDS-SupportedEncryptionTypes to 24 (AES), if the "
			"account has AES keys\n");
	foreseen("http/des@" REALM, AES256, SPN_ERA_WINDOWS_2026_07, "no-ticket 2 http/des@" REALM
			": a KDC of windows-2026-07 gives no ticket "
			"(msDS-SupportedEncryptionTypes allows neither AES nor RC4)\n");
	foreseen("http/retired@" REALM, RC4, SPN_ERA_WINDOWS_2026_07, "");
}

/* As of a few columns: that the account allows AES, or RC4, is not known. */
static void what_an_export_may_have_left_out_is_a_condition(void **state)
{
	(void)state;
	spn_directory *whole = dir;
	assert_ok(spn_mock_new("dn: " BASE "\nobjectClass: domainDNS\n\n"
			ACCOUNT("svc", "servicePrincipalName: http/svc\n"), SPN_DIALECT_WINDOWS, &dir, err));
	kdc_make_keytab(kdc_path("few"), "http/svc@" REALM, 3, RC4, "secret");
	told[0] = '\0';
	assert_ok(spn_check_keytab(dir, NULL, kdc_path("few"), &of_2026, note, NULL, err));
	assert_non_null(strstr(told, "no-key 1 http/svc@" REALM ": "));
	assert_non_null(strstr(told, "unless the account has msDS-SupportedEncryptionTypes, which no entry has here"));
	spn_directory_free(dir);
	dir = whole;
}

static void a_name_without_one_account_is_told(void **state)
{
	(void)state;
	kdc_make_keytab(kdc_path("nobody"), "http/nobody@" REALM, 3, AES256, "secret");
	expect(NULL, "nobody", "missing 3 http/nobody@" REALM
			": key version 3, aes256-cts-hmac-sha1-96: no account holds the name\n");
	kdc_make_keytab(kdc_path("gone"), "gone@" REALM, 3, AES256, "secret");
	expect(NULL, "gone", "missing 3 gone@" REALM ": key version 3, aes256-cts-hmac-sha1-96: there is no such account\n");
	kdc_make_keytab(kdc_path("twice"), "http/twice@" REALM, 3, AES256, "secret");
	expect(NULL, "twice", "duplicate 3 http/twice@" REALM
			": key version 3, aes256-cts-hmac-sha1-96: several accounts hold the name\n");
	kdc_make_keytab(kdc_path("malformed"), "http/@" REALM, 3, AES256, "secret");
	told[0] = '\0';
	assert_ok(spn_check_keytab(dir, NULL, kdc_path("malformed"), NULL, note, NULL, err));
	assert_int_equal(strncmp(told, "malformed 2 ", 12), 0);
}

static void a_ticket_is_the_proof(void **state)
{
	(void)state;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
	options.credentials = &credentials;
	spn_kdc *kdc = NULL;
	credentials.ccache = kdc_path("cache");
	assert_ok(spn_kdc_open(&options, &kdc, err));
	kdc_make_keytab(kdc_path("foreign"), "http/web@" REALM, SERVICE_KVNO, AES256, "another word");
	expect(kdc, "foreign", "wrong-account 3 http/web@" REALM
			": key version 3, aes256-cts-hmac-sha1-96: does not decrypt the tickets of "
			"'pool' (0x80090322): another account's key, or another password\n");
	kdc_make_keytab(kdc_path("lacks"), "http/web@" REALM, SERVICE_KVNO, AES128, "secret");
	told[0] = '\0';
	assert_ok(spn_check_keytab(dir, kdc, kdc_path("lacks"), NULL, note, NULL, err));
	assert_non_null(strstr(told, "no-key 3 http/web@" REALM ": the KDC encrypts with aes256-cts-hmac-sha1-96"));
	kdc_mood = KDC_ERROR;
	kdc_error = 7; /* no ticket: the directory alone has to do */
	expect(kdc, "current", "ok 0 http/web@" REALM
			": key version 3, aes256-cts-hmac-sha1-96: is not tried, and has the key version of 'pool'\n");
	kdc_mood = KDC_TICKETS;
	spn_kdc_free(kdc);
}

#define AES " aes256-cts-hmac-sha1-96: "
#define WRONG "does not decrypt the tickets of 'pool' (0x80090322): another account's key, or another password\n"

static void each_entry_is_judged_by_its_own_key(void **state)
{
	(void)state;
	spn_kdc *kdc = open_kdc();
	kdc_make_keytab(kdc_path("both"), "http/web@" REALM, SERVICE_KVNO, AES256, "service");
	kdc_make_keytab(kdc_path("both"), "pool@" REALM, SERVICE_KVNO, AES256, "wrong");
	expect(kdc, "both", "ok 0 http/web@" REALM ": key version 3," AES "decrypts the tickets of 'pool'\n"
			"wrong-account 3 pool@" REALM ": key version 3," AES WRONG);
	kdc_make_keytab(kdc_path("beside"), "http/web@" REALM, SERVICE_KVNO, AES256, "wrong");
	kdc_make_keytab(kdc_path("beside"), "http/web@" REALM, SERVICE_KVNO + 1, AES256, "service");
	kdc_make_keytab(kdc_path("beside"), "http/web@" REALM, SERVICE_KVNO, AES128, "any");
	expect(kdc, "beside", "wrong-account 3 http/web@" REALM ": key version 3," AES WRONG
			"kvno-differs 1 http/web@" REALM ": key version 4," AES
			"decrypts the tickets of 'pool', but under another number than their "
			"key version 3: a service that looks for that does not find it\n"
			"ok 0 http/web@" REALM
			": key version 3, aes128-cts-hmac-sha1-96: is not tried, and has the key version of 'pool'\n");
	spn_kdc_free(kdc);
}

static void a_number_that_differs_does_not_make_a_key_wrong(void **state)
{
	(void)state;
	spn_kdc *kdc = open_kdc();
	kdc_make_keytab(kdc_path("none"), "http/web@" REALM, 0, AES256, "service");
	expect(kdc, "none", "kvno-differs 1 http/web@" REALM ": key version 0," AES
			"decrypts the tickets of 'pool', whose key version is 3: "
			"the keytab gives none, and some services accept no such entry\n");
	expect(NULL, "none", "kvno-differs 1 http/web@" REALM ": key version 0," AES
			"is not tried: it may be of 'pool', whose key version is 3: "
			"the keytab gives none, and some services accept no such entry\n");
	kdc_make_keytab(kdc_path("wrong0"), "http/web@" REALM, 0, AES256, "wrong");
	expect(kdc, "wrong0", "wrong-account 3 http/web@" REALM ": key version 0," AES WRONG);
	kdc_make_keytab(kdc_path("lower"), "http/web@" REALM, 2, AES256, "service");
	expect(kdc, "lower", "kvno-differs 1 http/web@" REALM ": key version 2," AES
			"decrypts the tickets of 'pool', but under another number "
			"than their key version 3: a service that looks for that does not find it\n");
	kdc_make_keytab(kdc_path("eight"), "http/web@" REALM, 3, AES256, "service");
	kdc_kvno = 259;
	expect(kdc, "eight", "kvno-differs 1 http/web@" REALM ": key version 3," AES
			"decrypts the tickets of 'pool', whose key version is 259: "
			"the keytab has the last 8 bits of it\n");
	kdc_kvno = SERVICE_KVNO;
	spn_kdc_free(kdc);
}

static void a_key_of_another_realm_is_not_found_by_the_service(void **state)
{
	(void)state;
	kdc_make_keytab(kdc_path("case"), "http/web@example.com", 3, AES256, "secret");
	expect(NULL, "case", "other-realm 3 http/web@example.com: key version 3," AES
			"tickets are for the realm 'EXAMPLE.COM', in capital "
			"letters: the service does not find this key\n");
	kdc_make_keytab(kdc_path("elsewhere"), "http/web@OTHER.TEST", 3, AES256, "secret");
	expect(NULL, "elsewhere", "other-realm 2 http/web@OTHER.TEST: key version 3," AES
			"is not checked: it is of another realm than the "
			"directory, 'EXAMPLE.COM'\n");
}

static void a_keytab_without_keys_is_empty(void **state)
{
	(void)state;
	FILE *file = fopen(kdc_path("hollow"), "w");
	assert_non_null(file);
	fwrite("\5\2", 1, 2, file);
	fclose(file);
	assert_fails(spn_check_keytab(dir, NULL, kdc_path("hollow"), NULL, note, NULL, err), SPN_ERR_NOT_FOUND,
			"hollow' is empty");
}

static void a_kdc_that_cannot_be_asked_is_a_failure(void **state)
{
	(void)state;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
	options.credentials = &credentials;
	spn_kdc *kdc = NULL;
	credentials.ccache = kdc_path("cache");
	options.timeout = 1;
	assert_ok(spn_kdc_open(&options, &kdc, err));
	kdc_mood = KDC_SILENT;
	assert_fails(spn_check_keytab(dir, kdc, kdc_path("current"), NULL, note, NULL, err), SPN_ERR_UNREACHABLE, "in time");
	kdc_mood = KDC_TICKETS;
	spn_kdc_free(kdc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_as_old_as_the_password_or_it_does_not_fit),
		cmocka_unit_test(a_principal_is_the_account_that_is_called_just_so),
		cmocka_unit_test(a_key_that_a_kdc_of_another_version_will_need_is_missed),
		cmocka_unit_test(what_an_export_may_have_left_out_is_a_condition),
		cmocka_unit_test(a_name_without_one_account_is_told),
		cmocka_unit_test(a_ticket_is_the_proof),
		cmocka_unit_test(each_entry_is_judged_by_its_own_key),
		cmocka_unit_test(a_number_that_differs_does_not_make_a_key_wrong),
		cmocka_unit_test(a_key_of_another_realm_is_not_found_by_the_service),
		cmocka_unit_test(a_keytab_without_keys_is_empty),
		cmocka_unit_test(a_kdc_that_cannot_be_asked_is_a_failure),
	};
	return cmocka_run_group_tests_name("check_keytab", tests, start, stop);
}

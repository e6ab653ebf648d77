/* SPDX-License-Identifier: MIT */
/* check-keytab: what is said of each key, by the directory alone and with a ticket of a KDC. */
#include "unit.h"

#include <unistd.h>

#include <spnkit/backend.h>
#include <spnkit/mock.h>

#include "kdc_server.h"
#include "remedy_helper.h"

#define BASE "DC=example,DC=com"
#define ACCOUNT(cn, more) "dn: CN=" cn "," BASE "\nobjectClass: user\nsAMAccountName: " cn "\n" more "\n"
#define AES256 18
#define AES128 17
#define RC4 23

static const char accounts[] =
	"dn: " BASE "\nobjectClass: domainDNS\n\n"
	ACCOUNT("pool", "servicePrincipalName: http/web\nmsDS-KeyVersionNumber: 3\n")
	ACCOUNT("aes", "servicePrincipalName: http/aes\nmsDS-KeyVersionNumber: 3\nmsDS-SupportedEncryptionTypes: 24\n")
	ACCOUNT("des", "servicePrincipalName: http/des\nmsDS-KeyVersionNumber: 3\nmsDS-SupportedEncryptionTypes: 3\n")
	ACCOUNT("retired", "servicePrincipalName: http/retired\nmsDS-KeyVersionNumber: 3\nuserAccountControl: 514\n")
	ACCOUNT("sap", "msDS-KeyVersionNumber: 3\nmsDS-SupportedEncryptionTypes: 24\n")
	"dn: CN=later," BASE "\nobjectClass: computer\nsAMAccountName: SAP$\nmsDS-KeyVersionNumber: 9\n\n"
	ACCOUNT("one", "servicePrincipalName: http/twice\n")
	ACCOUNT("other", "servicePrincipalName: HTTP/twice\n");

static const spn_keytab_options of_2026 = { .version = SPN_KEYTAB_OPTIONS_VERSION, .era = SPN_ERA_WINDOWS_2026_07 };
static spn_error err[1];
static spn_directory *dir;
static char told[2000];

static spn_status note(const spn_finding *finding, void *data, spn_error *error)
{
	(void)data, (void)error;
	size_t len = strlen(told);
	snprintf(told + len, sizeof told - len, "%s %d %s: %s\n", finding->code, (int)finding->severity, finding->spn,
			finding->text);
	return SPN_OK;
}

static int start(void **state)
{
	return kdc_start(state) || spn_mock_new(accounts, SPN_DIALECT_WINDOWS, &dir, err);
}

static int stop(void **state)
{
	spn_directory_free(dir);
	return kdc_stop(state);
}

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

static spn_kdc *open_kdc(void)
{
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
	options.credentials = &credentials;
	spn_kdc *kdc = NULL;
	credentials.ccache = kdc_path("cache");
	assert_ok(spn_kdc_open(&options, &kdc, err));
	return kdc;
}

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

/* ---- what repairs it ---- */

static char steps[4000], purpose[200]; /* the purpose of the first one */

static spn_status note_steps(const spn_finding *finding, void *data, spn_error *error)
{
	(void)data, (void)error;
	for (size_t i = 0; i < finding->n_steps; i++) {
		size_t len = strlen(steps);
		if (i == 0)
			snprintf(purpose, sizeof purpose, "%s", finding->steps[i].purpose);
		snprintf(steps + len, sizeof steps - len, "%s", step_text(&finding->steps[i]));
	}
	return SPN_OK;
}

/* What the KDC shows of every account, and how often it was asked. */
static spn_account_keys shown;
static spn_status shown_status;
static unsigned n_shown;

static spn_status show_keys(spn_directory *of, const spn_account *account, unsigned timeout,
		spn_account_keys **ret_keys, spn_error *error)
{
	(void)of, (void)account, (void)timeout;
	n_shown++;
	return shown_status ? spn_fail(error, shown_status, 0, "as it was told to") :
			      spn_account_keys_new(shown.keys, shown.salt, ret_keys, error);
}

/* The steps for a keytab that has the RC4 key of a principal alone, of kvno 3. */
static void expect_steps(const char *account, const char *principal, const spn_keytab_options *options,
		const char *wanted)
{
	spn_directory *whole = dir;
	char ldif[2000];
	snprintf(ldif, sizeof ldif, "dn: " BASE "\nobjectClass: domainDNS\n\n%s", account);
	assert_ok(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &dir, err));
	unlink(kdc_path("a b.keytab"));
	kdc_make_keytab(kdc_path("a b.keytab"), principal, 3, RC4, "secret");
	steps[0] = '\0';
	assert_int_equal(chdir(kdc_path(".")), 0);
	assert_ok(spn_check_keytab(dir, NULL, "a b.keytab", options, note_steps, NULL, err));
	assert_string_equal(steps, wanted);
	spn_directory_free(dir);
	dir = whole;
}

/* One line: what ktutil reads is words of it. */
#define MIT(entry) "printf 'Password: '; stty -echo; read -r password; stty echo; " \
	"printf '%s\\n' 'addent " entry "' \"$password\" " \
	"'wkt \"a b.keytab\"' quit | ktutil"
#define CHECK(n) n " spnkit: spnkit check-keytab 'a b.keytab'\n"
#define ALLOW(n, cmdlet, name, quoted) \
	n " PowerShell: " cmdlet " -KerberosEncryptionType AES128,AES256 -Identity ('" name "')\n" \
	n " net, of Samba: net ads enctypes set " quoted " 24\n"
#define AES_NAME "aes256-cts-hmac-sha1-96"

static void a_key_that_is_missing_comes_with_the_commands_that_add_it(void **state)
{
	(void)state;
	expect_steps(ACCOUNT("pool", "servicePrincipalName: http/web\nuserPrincipalName: web/Crm@example.com\n"
			"msDS-KeyVersionNumber: 3\n"), "http/web@" REALM, &of_2026,
			"1 msktutil: msktutil update --enctypes 0x18 --use-service-account --account-name pool --keytab 'a b.keytab'\n"
			"1 samba-tool, on a Samba controller: samba-tool domain exportkeytab 'a b.keytab' --principal=http/web\n"
			"1 ktutil (MIT): " MIT("-password -p http/web@" REALM " -k 3 -e " AES_NAME " -s " REALM "webCrm") "\n"
			"1 ktutil (Heimdal): ktutil -k 'a b.keytab.new' add -p webCrm@" REALM " -V 3 -e " AES_NAME
			" && ktutil -k 'a b.keytab.new' "
			"rename webCrm@" REALM " http/web@" REALM " && ktutil copy 'a b.keytab.new' 'a b.keytab' && rm 'a b.keytab.new'\n"
			CHECK("2") ALLOW("3", "Set-ADUser", "pool", "pool"));
	/* no line of a name becomes a command of ktutil */
	expect_steps("dn: CN=pool," BASE "\nobjectClass: user\nsAMAccountName: pool\nservicePrincipalName: http/web\n"
			"msDS-SupportedEncryptionTypes: 24\n"
			"userPrincipalName:: eApxdWl0QHg=\n\n", "http/web@" REALM, &of_2026,
			"1 msktutil: msktutil update --enctypes 0x18 --use-service-account --account-name pool --keytab 'a b.keytab'\n"
			"1 samba-tool, on a Samba controller: samba-tool domain exportkeytab 'a b.keytab' "
			"--principal=http/web\n" CHECK("2"));
	/* allowed already; and in its own name no other is needed in between */
	expect_steps(ACCOUNT("o''k", "servicePrincipalName: http/web\nmsDS-SupportedEncryptionTypes: 24\n"),
			"o''k@" REALM, &of_2026,
			"1 msktutil: msktutil update --enctypes 0x18 --use-service-account --account-name "
			"'o'\\'''\\''k' --keytab 'a b.keytab'\n"
			"1 samba-tool, on a Samba controller: samba-tool domain exportkeytab 'a b.keytab' --principal='o'\\'''\\''k'\n"
			"1 ktutil (MIT): " MIT("-password -p o'\\'''\\''k@" REALM " -k 3 -e " AES_NAME " -s " REALM "o'\\'''\\''k") "\n"
			"1 ktutil (Heimdal): ktutil -k 'a b.keytab.new' add -p 'o'\\'''\\''k@" REALM "' -V 3 -e " AES_NAME
			" && ktutil copy 'a b.keytab.new' 'a b.keytab' && rm 'a b.keytab.new'\n" CHECK("2"));
	/* nobody knows the password of a computer */
	expect_steps("dn: CN=web," BASE "\nobjectClass: computer\nsAMAccountName: web$\n"
			"dNSHostName: web.example.com\n\n", "web$@" REALM, &of_2026,
			"1 adcli: adcli update --computer-password-lifetime=0 --domain=example.com --computer-name=web "
			"--host-keytab='a b.keytab'\n"
			"1 msktutil: msktutil update --enctypes 0x18 --computer-name web --keytab 'a b.keytab'\n"
			"1 samba-tool, on a Samba controller: samba-tool domain exportkeytab 'a b.keytab' --principal='web$'\n"
			CHECK("2") ALLOW("3", "Set-ADComputer", "web$", "'web$'"));
}

/* Programs that know no "--" are not told; Heimdal makes the salt of the names of a principal, and knows escapes. */
static void no_name_in_a_command_is_taken_for_an_option(void **state)
{
	(void)state;
	expect_steps(ACCOUNT("-k", "userPrincipalName: -s@example.com\nmsDS-KeyVersionNumber: 3\n"), "-k@" REALM, &of_2026,
			"1 samba-tool, on a Samba controller: samba-tool domain exportkeytab 'a b.keytab' --principal=-k\n"
			"1 ktutil (MIT): " MIT("-password -p -k@" REALM " -k 3 -e " AES_NAME " -s " REALM "-s") "\n"
			"1 ktutil (Heimdal): ktutil -k 'a b.keytab.new' add -p -s@" REALM " -V 3 -e " AES_NAME
			" && ktutil -k 'a b.keytab.new' "
			"rename -- -s@" REALM " -k@" REALM " && ktutil copy 'a b.keytab.new' 'a b.keytab' && rm 'a b.keytab.new'\n"
			CHECK("2") ALLOW("3", "Set-ADUser", "-k", "-- -k"));
	expect_steps("dn: CN=web," BASE "\nobjectClass: computer\nsAMAccountName: -web$\n"
			"msDS-SupportedEncryptionTypes: 24\n\n", "-web$@" REALM, &of_2026,
			"1 adcli: adcli update --computer-password-lifetime=0 --domain=example.com --computer-name=-web "
			"--host-keytab='a b.keytab'\n"
			"1 samba-tool, on a Samba controller: samba-tool domain exportkeytab 'a b.keytab' --principal='-web$'\n"
			CHECK("2"));
	expect_steps(ACCOUNT("pool", "servicePrincipalName: http/web\nuserPrincipalName: web\\Crm@example.com\n"
			"msDS-SupportedEncryptionTypes: 24\nmsDS-KeyVersionNumber: 3\n"), "http/web@" REALM, &of_2026,
			"1 msktutil: msktutil update --enctypes 0x18 --use-service-account --account-name pool --keytab 'a b.keytab'\n"
			"1 samba-tool, on a Samba controller: samba-tool domain exportkeytab 'a b.keytab' --principal=http/web\n"
			"1 ktutil (MIT): " MIT("-password -p http/web@" REALM " -k 3 -e " AES_NAME " -s " REALM "web\\Crm") "\n"
			CHECK("2"));
}

/* Whoever makes a keytab, and joins a machine, chooses what they are called. */
static void no_command_writes_the_keys_of_somebody_else(void **state)
{
	(void)state;
	/* programs that leave out all behind a '$' would set the password of web$ */
	expect_steps("dn: CN=web," BASE "\nobjectClass: computer\nsAMAccountName: web$x$\n"
			"msDS-SupportedEncryptionTypes: 24\n\n", "web$x$@" REALM, &of_2026,
			"1 samba-tool, on a Samba controller: samba-tool domain exportkeytab 'a b.keytab' --principal='web$x$'\n"
			CHECK("2"));
	/* these keys open the domain */
	expect_steps("dn: CN=DC1," BASE "\nobjectClass: computer\nsAMAccountName: DC1$\nuserAccountControl: 532480\n\n",
			"DC1$@" REALM, &of_2026, "");
	expect_steps(ACCOUNT("krbtgt", "userAccountControl: 512\n"), "krbtgt@" REALM, &of_2026, "");
	expect_steps(ACCOUNT("admin", "adminCount: 1\n"), "admin@" REALM, &of_2026, "");
	expect_steps(ACCOUNT("chief", "objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAA9AEAAA==\n"), "chief@" REALM, &of_2026, "");
}

/* Of two domains in one file, the one that was chosen: a command without its name would be about a namesake. */
static void a_command_for_another_domain_names_it_or_is_not_given(void **state)
{
	(void)state;
	static const char both[] = "dn: DC=home,DC=com\nobjectClass: domainDNS\n\ndn: " BASE "\nobjectClass: domainDNS\n\n"
		ACCOUNT("pool", "servicePrincipalName: http/web\n");
	spn_open_options choice = SPN_OPEN_OPTIONS_INIT;
	spn_directory *whole = dir;
	char url[120];
	snprintf(url, sizeof url, "ldif:%s", kdc_path("both.ldif"));
	FILE *file = fopen(kdc_path("both.ldif"), "w");
	assert_non_null(file);
	fputs(both, file);
	assert_int_equal(fclose(file), 0);
	choice.domain = "example.com";
	assert_ok(spn_directory_open(url, &choice, &dir, err));
	kdc_make_keytab(kdc_path("there"), "pool@" REALM, 3, RC4, "secret");
	steps[0] = '\0';
	assert_ok(spn_check_keytab(dir, NULL, kdc_path("there"), &of_2026, note_steps, NULL, err));
	spn_directory_free(dir);
	dir = whole;
	assert_null(strstr(steps, "msktutil"));
	assert_null(strstr(steps, "samba-tool"));
	assert_null(strstr(steps, "net ads"));
	assert_non_null(strstr(steps, "spnkit check-keytab -T example.com "));
	assert_non_null(strstr(steps,
			"Set-ADUser -KerberosEncryptionType AES128,AES256 -Identity ('pool') -Server "
			"('example.com')\n"));
	assert_int_equal(unlink(kdc_path("both.ldif")), 0);
}

static void a_key_that_is_proved_wrong_comes_with_no_command_and_a_condition_with_one_that_is_not_tried(void **state)
{
	(void)state;
	spn_kdc *kdc = open_kdc();
	kdc_make_keytab(kdc_path("refuted"), "http/web@" REALM, SERVICE_KVNO, AES256, "wrong");
	steps[0] = told[0] = '\0';
	spn_keytab_options options = SPN_KEYTAB_OPTIONS_INIT;
	options.era = SPN_ERA_SAMBA_4_17;
	assert_ok(spn_check_keytab(dir, kdc, kdc_path("refuted"), &options, note_steps, NULL, err));
	assert_string_equal(steps, "");
	assert_ok(spn_check_keytab(dir, kdc, kdc_path("refuted"), &options, note, NULL, err));
	assert_non_null(strstr(told, "this principal has no such key here, and none of its keys here fits"));
	kdc_make_keytab(kdc_path("renumbered"), "http/web@" REALM, SERVICE_KVNO + 6, AES256, "wrong");
	assert_ok(spn_check_keytab(dir, kdc, kdc_path("renumbered"), &options, note_steps, NULL, err));
	assert_string_equal(steps, "");
	kdc_make_keytab(kdc_path("proved"), "http/web@" REALM, SERVICE_KVNO, AES256, "service");
	purpose[0] = '\0';
	assert_ok(spn_check_keytab(dir, kdc, kdc_path("proved"), &options, note_steps, NULL, err));
	assert_null(strstr(purpose, "if the service runs with this keytab"));
	kdc_make_keytab(kdc_path("untried"), "http/web@" REALM, SERVICE_KVNO, RC4, "service");
	purpose[0] = '\0';
	assert_ok(spn_check_keytab(dir, NULL, kdc_path("untried"), &of_2026, note_steps, NULL, err));
	assert_non_null(strstr(purpose, "if the service runs with this keytab, add the AES keys to it"));
	spn_kdc_free(kdc);
}

/* As ktpass leaves it, where nobody has ticked the box for AES. */
static void a_keytab_that_is_ahead_of_its_account_needs_no_key(void **state)
{
	spn_keytab_options options = SPN_KEYTAB_OPTIONS_INIT;
	(void)state;
	options.era = SPN_ERA_WINDOWS_2022_11;
	steps[0] = '\0';
	kdc_make_keytab(kdc_path("ahead"), "http/web@" REALM, 3, AES256, "secret");
	assert_ok(spn_check_keytab(dir, NULL, kdc_path("ahead"), &options, note_steps, NULL, err));
	assert_string_equal(steps, "1 spnkit: spnkit probe --keys pool\n" ALLOW("2", "Set-ADUser", "pool", "pool"));
	steps[0] = '\0';
	options.probe_keys = show_keys;
	shown = (spn_account_keys){ SPN_ENC_AES256, "EXAMPLE.COMpool" };
	assert_ok(spn_check_keytab(dir, NULL, kdc_path("ahead"), &options, note_steps, NULL, err));
	assert_string_equal(steps, ALLOW("1", "Set-ADUser", "pool", "pool"));
}

static void the_salt_that_the_kdc_shows_makes_the_key(void **state)
{
	spn_keytab_options options = of_2026;
	(void)state;
	options.probe_keys = show_keys;
	shown = (spn_account_keys){ SPN_ENC_RC4 | SPN_ENC_AES256, REALM "former" };
	expect_steps(ACCOUNT("pool", "servicePrincipalName: http/web\nmsDS-SupportedEncryptionTypes: 24\n"),
			"pool@" REALM, &options,
			"1 msktutil: msktutil update --enctypes 0x18 --use-service-account --account-name pool --keytab 'a b.keytab'\n"
			"1 samba-tool, on a Samba controller: samba-tool domain exportkeytab 'a b.keytab' --principal=pool\n"
			"1 ktutil (MIT): " MIT("-password -p pool@" REALM " -k 3 -e " AES_NAME " -s " REALM "former") "\n"
			"1 ktutil (Heimdal): ktutil -k 'a b.keytab.new' add -p former@" REALM " -V 3 -e " AES_NAME
			" && ktutil -k 'a b.keytab.new' "
			"rename former@" REALM " pool@" REALM
			" && ktutil copy 'a b.keytab.new' 'a b.keytab' && rm 'a b.keytab.new'\n" CHECK("2"));
}

/* The moment the password is set, the keytab must have its keys. */
static void an_account_without_aes_keys_gets_a_password_once_the_keytab_has_its_keys(void **state)
{
	spn_keytab_options options = of_2026;
	(void)state;
	options.probe_keys = show_keys;
	shown = (spn_account_keys){ SPN_ENC_RC4, NULL };
	expect_steps(ACCOUNT("pool", "servicePrincipalName: http/web\nmsDS-KeyVersionNumber: 3\n"), "pool@" REALM, &options,
			"1 msktutil: msktutil update --enctypes 0x18 --use-service-account --account-name pool --keytab 'a b.keytab'\n"
			"1 ktutil (MIT): " MIT("-password -p pool@" REALM " -k 4 -e " AES_NAME " -s " REALM "pool") "\n"
			"1 ktutil (Heimdal): ktutil -k 'a b.keytab.new' add -p pool@" REALM " -V 4 -e " AES_NAME
			" && ktutil copy 'a b.keytab.new' 'a b.keytab' && rm 'a b.keytab.new'\n"
			"2 samba-tool, on a Samba controller: samba-tool user setpassword pool\n"
			"2 PowerShell: Set-ADAccountPassword -Reset -Identity ('pool')\n" CHECK("3")
			ALLOW("4", "Set-ADUser", "pool", "pool"));
}

static void the_keys_that_the_kdc_shows_are_told_once_for_each_account(void **state)
{
	spn_keytab_options options = SPN_KEYTAB_OPTIONS_INIT;
	(void)state;
	options.probe_keys = show_keys;
	n_shown = 0;
	shown = (spn_account_keys){ SPN_ENC_AES256 | SPN_ENC_AES128, "EXAMPLE.COMpool" };
	kdc_make_keytab(kdc_path("shown"), "http/web@" REALM, 3, AES256, "secret");
	kdc_make_keytab(kdc_path("shown"), "pool@" REALM, 3, AES256, "secret");
	told[0] = '\0';
	assert_ok(spn_check_keytab(dir, NULL, kdc_path("shown"), &options, note, NULL, err));
	assert_int_equal(n_shown, 1);
	assert_non_null(strstr(told, "ok 0 http/web@" REALM
			": 'pool' has AES256 and AES128 keys, as the KDC shows, made with the salt "
			"'EXAMPLE.COMpool'\n"));
	shown.salt = "EXAMPLE.COMold";
	told[0] = '\0';
	assert_ok(spn_check_keytab(dir, NULL, kdc_path("shown"), &options, note, NULL, err));
	assert_non_null(strstr(told, "salt 1 http/web@" REALM
			": 'pool' has AES256 and AES128 keys, as the KDC shows, made with the salt "
			"'EXAMPLE.COMold', where its present name gives 'EXAMPLE.COMpool'"));
	shown = (spn_account_keys){ SPN_ENC_RC4, NULL };
	told[0] = '\0';
	assert_ok(spn_check_keytab(dir, NULL, kdc_path("shown"), &options, note, NULL, err));
	assert_non_null(strstr(told, "no-aes-keys 2 http/web@" REALM ": 'pool' has no AES keys"));
	assert_non_null(strstr(told, "no-ticket 2 http/web@" REALM ": the KDC gives no ticket"));
	/* a key that the KDC does not show is unknown; an account that cannot be asked ends it */
	shown_status = SPN_ERR_REFUSED;
	told[0] = '\0';
	assert_ok(spn_check_keytab(dir, NULL, kdc_path("shown"), &options, note, NULL, err));
	assert_non_null(strstr(told, "unknown-keys 1 http/web@" REALM
			": which AES keys 'pool' has is not known: as it was told to\n"));
	assert_null(strstr(told, "no-ticket"));
	shown_status = SPN_ERR_UNREACHABLE;
	assert_fails(spn_check_keytab(dir, NULL, kdc_path("shown"), &options, note, NULL, err),
			SPN_ERR_UNREACHABLE, "told to");
	shown_status = SPN_OK;
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
		cmocka_unit_test(a_key_that_is_missing_comes_with_the_commands_that_add_it),
		cmocka_unit_test(no_name_in_a_command_is_taken_for_an_option),
		cmocka_unit_test(no_command_writes_the_keys_of_somebody_else),
		cmocka_unit_test(a_command_for_another_domain_names_it_or_is_not_given),
		cmocka_unit_test(a_key_that_is_proved_wrong_comes_with_no_command_and_a_condition_with_one_that_is_not_tried),
		cmocka_unit_test(a_keytab_that_is_ahead_of_its_account_needs_no_key),
		cmocka_unit_test(the_salt_that_the_kdc_shows_makes_the_key),
		cmocka_unit_test(an_account_without_aes_keys_gets_a_password_once_the_keytab_has_its_keys),
		cmocka_unit_test(the_keys_that_the_kdc_shows_are_told_once_for_each_account),
	};
	return cmocka_run_group_tests_name("check_keytab", tests, start, stop);
}

/* SPDX-License-Identifier: MIT */
/* check-keytab: the steps that repair a key that is missing, and what no command is given for. */
#include "keytab_helper.h"

#include <unistd.h>

#include "remedy_helper.h"

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
	return cmocka_run_group_tests_name("keytab_repair", tests, start, stop);
}

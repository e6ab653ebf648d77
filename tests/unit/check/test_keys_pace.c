/* SPDX-License-Identifier: MIT */
/* How fast a KDC is asked about accounts: pauses are counted, none is made. */
#include "unit.h"

#include <errno.h>
#include <time.h>

#include <spnkit/check.h>
#include <spnkit/backend.h>
#include <spnkit/mock.h>

#include "account/account.h"
#include "account/domain.h"
#include "kdc/keys.h"
#include "kdc_server.h"

#define BASE "DC=example,DC=com"
#define ACCOUNT(cn) "dn: CN=" cn "," BASE "\nobjectClass: user\nsAMAccountName: " cn "\nuserAccountControl: 512\n" \
	"pwdLastSet: 119000000000000000\n" \
	"msDS-SupportedEncryptionTypes: 24\nservicePrincipalName: http/" cn "\n\n"

static const char accounts[] = "dn: " BASE "\nobjectClass: domainDNS\n\n" ACCOUNT("a") ACCOUNT("b") ACCOUNT("c");
static spn_error err[1];
static size_t n_asked, n_pauses, n_signals;
static long pause_ms;          /* all together */
static size_t asked_at[8];     /* how many pauses there were before each question */
static spn_status answer;

bool __wrap_spk_directory_is_live(const spn_directory *dir);
bool __wrap_spk_directory_is_live(const spn_directory *dir)
{
	(void)dir;
	return true;
}

spn_status __wrap_spk_kdc_keys(const char *realm, const char *account, unsigned timeout, unsigned *ret_keys,
		char **ret_salt, spn_error *error);
spn_status __wrap_spk_kdc_keys(const char *realm, const char *account, unsigned timeout, unsigned *ret_keys,
		char **ret_salt, spn_error *error)
{
	(void)timeout;
	assert_string_equal(realm, REALM);
	assert_int_equal(strlen(account), 1);
	asked_at[n_asked++] = n_pauses;
	if (answer)
		return spn_fail(error, answer, 0, "it was told to");
	*ret_keys = SPN_ENC_AES256 | SPN_ENC_AES128;
	*ret_salt = NULL;
	return SPN_OK;
}

int __wrap_nanosleep(const struct timespec *wanted, struct timespec *ret_left);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *ret_left)
{
	n_pauses++;
	pause_ms += wanted->tv_sec * 1000 + wanted->tv_nsec / 1000000;
	if (n_signals == 0)
		return 0;
	n_signals--;
	pause_ms -= 50;
	*ret_left = (struct timespec){ .tv_nsec = 50000000 };
	errno = EINTR;
	return -1;
}

static int begin(void **state)
{
	(void)state;
	n_asked = n_pauses = n_signals = 0;
	pause_ms = 0;
	answer = SPN_OK;
	return 0;
}

static spn_status ignore(const spn_finding *finding, void *data, spn_error *error)
{
	(void)finding, (void)data, (void)error;
	return SPN_OK;
}

static void audit(void)
{
	spn_directory *dir = NULL;
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	options.knows_keys = spn_keys_known;
	assert_ok(spn_mock_new(accounts, SPN_DIALECT_WINDOWS, &dir, err));
	assert_ok(spn_audit(dir, &options, ignore, NULL, err));
	spn_directory_free(dir);
}

static void an_audit_asks_about_five_accounts_a_second(void **state)
{
	(void)state;
	audit();
	assert_int_equal(n_asked, 3);
	assert_int_equal(pause_ms, 3 * 200);
	for (size_t i = 0; i < n_asked; i++)
		assert_int_equal(asked_at[i], i);
}

static void what_the_kdc_refuses_is_asked_no_faster(void **state)
{
	(void)state;
	answer = SPN_ERR_NOT_FOUND;
	audit();
	assert_int_equal(n_asked, 3);
	assert_int_equal(pause_ms, 3 * 200);
}

static void a_signal_makes_no_pause_shorter(void **state)
{
	(void)state;
	n_signals = 2;
	audit();
	assert_int_equal(n_pauses, 3 + 2);
	assert_int_equal(pause_ms, 3 * 200);
}

/* Between the questions: about one account, nobody waits. */
static void check_keytab_asks_no_faster(void **state)
{
	(void)state;
	spn_directory *dir = NULL;
	spn_keytab_options options = SPN_KEYTAB_OPTIONS_INIT;
	options.probe_keys = spn_probe_keys;
	assert_ok(spn_mock_new(accounts, SPN_DIALECT_WINDOWS, &dir, err));
	kdc_make_keytab(kdc_path("several"), "a@" REALM, 1, 18, "secret");
	assert_ok(spn_check_keytab(dir, NULL, kdc_path("several"), &options, ignore, NULL, err));
	assert_int_equal(n_asked, 1);
	assert_int_equal(pause_ms, 0);
	n_asked = 0;
	kdc_make_keytab(kdc_path("several"), "http/a@" REALM, 1, 18, "secret");
	kdc_make_keytab(kdc_path("several"), "b@" REALM, 1, 18, "secret");
	kdc_make_keytab(kdc_path("several"), "c@" REALM, 1, 18, "secret");
	assert_ok(spn_check_keytab(dir, NULL, kdc_path("several"), &options, ignore, NULL, err));
	assert_int_equal(n_asked, 3);
	assert_int_equal(pause_ms, 2 * 200);
	spn_directory_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_audit_asks_about_five_accounts_a_second, begin),
		cmocka_unit_test_setup(what_the_kdc_refuses_is_asked_no_faster, begin),
		cmocka_unit_test_setup(a_signal_makes_no_pause_shorter, begin),
		cmocka_unit_test_setup(check_keytab_asks_no_faster, begin),
	};
	return cmocka_run_group_tests(tests, kdc_start, kdc_stop);
}

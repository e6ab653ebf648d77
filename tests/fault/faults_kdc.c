/* SPDX-License-Identifier: MIT */
/* Allocation n fails, for n = 1, 2, ... until the scenario passes, while a KDC gives tickets: each time a clean
 * answer.  Heimdal's own allocations are its own. */
#include "unit/unit.h"

#include <errno.h>
#include <unistd.h>

#include <spnkit/mock.h>

#include "wrap.h"
#include "returned.h"
#include "unit/kdc_server.h"

#define AES256 18

static const char accounts[] =
	"dn: DC=example,DC=com\nobjectClass: domainDNS\n\n"
	"dn: CN=web,DC=example,DC=com\nobjectClass: user\nsAMAccountName: web\nservicePrincipalName: http/web\n"
	"msDS-KeyVersionNumber: 3\n";

typedef spn_status scenario_fn(spn_error *err);

static spn_directory *dir;

static spn_status try_keys(const spn_ticket *ticket, void *data, spn_error *err)
{
	spn_keytab_verdict verdict;
	return spn_keytab_try(data, ticket, &verdict, NULL, NULL, err);
}

static spn_status ignore_probe(const spn_probe *probe, void *data, spn_error *err)
{
	(void)probe, (void)data, (void)err;
	return SPN_OK;
}

static spn_status ignore_finding(const spn_finding *finding, void *data, spn_error *err)
{
	(void)finding, (void)data, (void)err;
	return SPN_OK;
}

static spn_status show_keys(spn_directory *of, const spn_account *account, unsigned timeout,
		spn_account_keys **ret_keys, spn_error *err)
{
	(void)of, (void)account, (void)timeout;
	return spn_account_keys_new(SPN_ENC_AES256 | SPN_ENC_RC4, "former", ret_keys, err);
}

static spn_status with_kdc(const char *keytab, spn_status (*fn)(spn_kdc *kdc, spn_error *err), spn_error *err)
{
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
	options.credentials = &credentials;
	spn_kdc *kdc = NULL;
	credentials.ccache = keytab ? NULL : kdc_path("cache");
	credentials.keytab = keytab;
	spn_status status = spn_kdc_open(&options, &kdc, err);
	if (!status)
		status = fn(kdc, err);
	spn_kdc_free(kdc);
	return status;
}

static spn_status request_and_try(spn_kdc *kdc, spn_error *err)
{
	return request_ticket(kdc, "http/web", try_keys, (void *)kdc_path("keys"), err);
}

static spn_status store_it(spn_kdc *kdc, spn_error *err)
{
	return spn_kdc_store(kdc, "http/web", kdc_path("stored"), err);
}

static spn_status probe_it(spn_kdc *kdc, spn_error *err)
{
	spn_probe_options options = SPN_PROBE_OPTIONS_INIT;
	options.keytab = kdc_path("keys");
	return probe_name(dir, kdc, "http/web", &options, ignore_probe, NULL, err);
}

static spn_status check_it(spn_kdc *kdc, spn_error *err)
{
	spn_keytab_options options = SPN_KEYTAB_OPTIONS_INIT;
	options.era = SPN_ERA_SAMBA_4_17; /* would need a key that is not there, so that commands are put together */
	options.probe_keys = show_keys;
	return spn_check_keytab(dir, kdc, kdc_path("keys"), &options, ignore_finding, NULL, err);
}

static spn_status request(spn_error *err) { return with_kdc(NULL, request_and_try, err); }
static spn_status store(spn_error *err) { return with_kdc(NULL, store_it, err); }
static spn_status probe(spn_error *err) { return with_kdc(NULL, probe_it, err); }
static spn_status check(spn_error *err) { return with_kdc(NULL, check_it, err); }

static const struct {
	const char *name;
	scenario_fn *run;
} scenarios[] = {
	{ "request", request }, { "store", store }, { "probe", probe }, { "check-keytab", check },
};
#define N_SCENARIOS (sizeof scenarios / sizeof scenarios[0])

static void whichever_allocation_fails_the_answer_is_clean(void **state)
{
	(void)state;
	unsigned long total = 0, n_wrong = 0;
	kdc_make_keytab(kdc_path("keys"), "http/web@" REALM, SERVICE_KVNO, AES256, "service");
	for (size_t s = 0; s < N_SCENARIOS; s++)
		for (int lasting = 0; lasting < 2; lasting++)
			for (unsigned long n = 1, of_plugin = 0;; n++) {
				spn_error err = { .status = SPN_OK };
				unsigned long failed;
				wrap_fail(WRAP_MEMORY, n, ENOMEM, lasting);
				spn_status status = scenarios[s].run(&err);
				wrap_end(&failed);
				unlink(kdc_path("stored"));
				if (failed == 0) {
					assert_int_equal(status, SPN_OK);
					break;
				}
				total++;
				/* our plug-in, which allocates twice, is asked again by Heimdal, which then says that nobody answers */
				bool no_answer = lasting ? strstr(err.message, "out of memory") != NULL : status == SPN_OK;
				if (status != SPN_ERR_NOMEM && (!no_answer || ++of_plugin > 2)) {
					print_error("%s, allocation %lu: %s: %s\n", scenarios[s].name, n, spn_status_name(status), err.message);
					n_wrong++;
				}
			}
	print_message("%lu allocations failed\n", total);
	assert_int_equal(n_wrong, 0);
}

static int start(void **state)
{
	return kdc_start(state) || spn_mock_new(accounts, SPN_DIALECT_WINDOWS, &dir, NULL);
}

static int stop(void **state)
{
	spn_directory_free(dir);
	return kdc_stop(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whichever_allocation_fails_the_answer_is_clean),
	};
	return cmocka_run_group_tests_name("faults_kdc", tests, start, stop);
}

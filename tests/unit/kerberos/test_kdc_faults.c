/* SPDX-License-Identifier: MIT */
/* Request n to the KDC fails with each status, for n = 1, 2, ... until diagnose and probe need no more: it is said
 * each time, and nothing is changed. */
#include "ops.h"
#include "returned.h"

#include <spnkit/backend.h>

/* A KDC that fails once. */
struct failing_kdc {
	spn_kdc *real;
	unsigned long nth, seen;
	spn_status answer;
};

static spn_status request_or_fail(void *self, const char *spn, spn_ticket_fn *fn, void *data, spn_error *err)
{
	struct failing_kdc *failing = self;
	if (++failing->seen == failing->nth)
		return spn_fail(err, failing->answer, 0, "no ticket today");
	return request_ticket(failing->real, spn, fn, data, err);
}

static void leave_it(void *self)
{
	(void)self;
}

/* All that is said, for a comparison. */
static spn_status tell_finding(const spn_finding *finding, void *data, spn_error *err)
{
	char *told = data;
	(void)err;
	snprintf(told + strlen(told), 4096 - strlen(told), "%s %s: %s;", finding->code, finding->spn, finding->text);
	return SPN_OK;
}

static spn_status tell_probe(const spn_probe *probe, void *data, spn_error *err)
{
	char *told = data;
	(void)err;
	snprintf(told + strlen(told), 4096 - strlen(told), "%s %d: %s;", probe->spn, probe->ok, probe->text);
	return SPN_OK;
}

static spn_status ask(spn_directory *dir, struct failing_kdc *failing, char *told, spn_error *err)
{
	static const spn_kdc_ops ops = { SPN_KDC_OPS_VERSION, "failing", request_or_fail, leave_it, NULL };
	spn_kdc *kdc = NULL;
	assert_int_equal(spn_kdc_new(&ops, failing, &kdc, NULL), SPN_OK);
	spn_status status = spn_diagnose(dir, kdc, "web", NULL, tell_finding, told, err);
	if (!status)
		status = probe_name(dir, kdc, "http/WEB", NULL, tell_probe, told, err);
	spn_kdc_free(kdc);
	return status;
}

/* As the answer, or as a result that another one would not have been. */
static void whichever_request_fails_it_is_said(void **state)
{
	(void)state;
	static const spn_status answers[] = { SPN_ERR_UNREACHABLE, SPN_ERR_AUTH, SPN_ERR_FAILED, SPN_ERR_NOMEM,
		SPN_ERR_NOT_FOUND };
	const spn_mock_answer ticket = { .spn = "http/WEB" };
	unsigned long total = 0;
	spn_directory *dir = NULL;
	spn_kdc *real = NULL;
	char wanted[4096] = "";
	assert_int_equal(spn_mock_new(sample, SPN_DIALECT_WINDOWS, &dir, NULL), SPN_OK);
	assert_int_equal(spn_mock_kdc_new(&real, NULL), SPN_OK);
	assert_int_equal(spn_mock_kdc_answer(real, &ticket, NULL), SPN_OK);
	assert_int_equal(ask(dir, &(struct failing_kdc){ .real = real }, wanted, NULL), SPN_OK);
	for (size_t a = 0; a < sizeof answers / sizeof *answers; a++)
		for (unsigned long n = 1;; n++, total++) {
			struct failing_kdc failing = { .real = real, .nth = n, .answer = answers[a] };
			spn_error err = { .status = SPN_OK };
			char told[4096] = "";
			spn_status status = ask(dir, &failing, told, &err);
			if (failing.seen < n)
				break;
			if (status != answers[a] && (status || strcmp(told, wanted) == 0))
				fail_msg("request %lu answered with %s: %s: %s", n, spn_status_name(answers[a]), spn_status_name(status), told);
			if (status && !err.message[0])
				fail_msg("request %lu answered with %s: no message", n, spn_status_name(answers[a]));
		}
	assert_int_equal(spn_mock_calls(dir, SPN_FAULT_ON_MODIFY), 0);
	print_message("%lu requests to the KDC failed\n", total);
	assert_true(total >= 10);
	spn_kdc_free(real);
	spn_directory_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(whichever_request_fails_it_is_said) };
	return cmocka_run_group_tests_name("kdc_faults", tests, NULL, NULL);
}

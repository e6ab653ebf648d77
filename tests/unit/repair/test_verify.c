/* SPDX-License-Identifier: MIT */
/* What the answers of a KDC and of a service say about the names, and what is sent to a service that nobody has
 * named. */
#include "ops.h"

#include <spnkit/backend.h>

/* What the service was asked, and what it answers. */
static struct {
	int real, stale; /* log-ons */
	char url[100];
	spn_handshake answer;
	spn_status status;
} service;

static spn_status answer(const char *url, spn_handshake **ret_handshake, spn_error *err)
{
	snprintf(service.url, sizeof service.url, "%s", url);
	*ret_handshake = &service.answer;
	return service.status ? spn_fail(err, service.status, 0, "no answer") : SPN_OK;
}

spn_status __wrap_spn_negotiate(const char *url, const char *spn, const spn_handshake_options *options,
		spn_handshake **ret_handshake, spn_error *err);
spn_status __wrap_spn_negotiate(const char *url, const char *spn, const spn_handshake_options *options,
		spn_handshake **ret_handshake, spn_error *err)
{
	(void)spn;
	*(options->stale ? &service.stale : &service.real) += 1;
	return answer(url, ret_handshake, err);
}

/* They are not from the heap. */
spn_handshake *__wrap_spn_handshake_free(spn_handshake *handshake);
spn_handshake *__wrap_spn_handshake_free(spn_handshake *handshake)
{
	(void)handshake;
	return NULL;
}

static spn_status verify(struct fixture *f, const spn_verify_options *options, int krb5_code, spn_health *ret_health)
{
	static const char *const names[] = { "http/web.example.com", "http/WEB" };
	spn_kdc *kdc = NULL;
	assert_int_equal(spn_mock_kdc_new(&kdc, NULL), SPN_OK);
	assert_int_equal(spn_mock_kdc_answer(kdc, &(spn_mock_answer){ .krb5_code = krb5_code }, NULL), SPN_OK);
	service.real = service.stale = 0;
	*service.url = '\0';
	spn_status status = spn_verify(f->dir, kdc, names, 2, options, ret_health, &f->err);
	spn_kdc_free(kdc);
	return status;
}

static void expect_asked(struct fixture *f, const spn_verify_options *options, int real, int stale, const char *url)
{
	spn_health health;
	assert_int_equal(verify(f, options, 0, &health), SPN_OK);
	assert_int_equal(service.real, real);
	assert_int_equal(service.stale, stale);
	assert_string_equal(service.url, url);
}

/* Whoever answers for DNS answers there. */
static void no_log_on_that_could_be_used_is_sent_unasked(void **state)
{
	spn_verify_options options = SPN_VERIFY_OPTIONS_INIT;
	service.answer = (spn_handshake){ .outcome = SPN_HANDSHAKE_DECRYPTED, .krb5_code = 37, .text = "x",
			.offered = "", .location = "" };
	service.status = SPN_OK;
	expect_asked(*state, NULL, 0, 2, "http://web.example.com:5985/wsman");
	options.port = 5986;
	expect_asked(*state, &options, 0, 2, "https://web.example.com:5986/wsman");
	options.port = 8080;
	expect_asked(*state, &options, 0, 0, "");
	options.port = 0;
	options.service = "cifs";
	expect_asked(*state, &options, 0, 0, "");
	options.url = "https://web/here";
	expect_asked(*state, &options, 2, 0, "https://web/here");
}

static void expect_health(struct fixture *f, bool is_real, int kdc_code, spn_handshake_outcome outcome, int code,
		spn_health expected)
{
	spn_verify_options options = SPN_VERIFY_OPTIONS_INIT;
	spn_health health = SPN_HEALTH_OTHER;
	options.url = is_real ? "http://web/" : NULL;
	service.status = SPN_OK;
	service.answer = (spn_handshake){ .outcome = outcome, .krb5_code = code, .text = "x", .offered = "", .location = "" };
	assert_int_equal(verify(f, &options, kdc_code, &health), SPN_OK);
	if (health != expected)
		fail_msg("%s log-on, KDC %d, %s, error %d: %d, expected %d", is_real ? "real" : "stale", kdc_code,
				spn_handshake_outcome_name(outcome), code, (int)health, (int)expected);
}

static void the_answer_tells_a_wrong_account_from_other_faults(void **state)
{
	struct fixture *f = *state;
	expect_health(f, true, 0, SPN_HANDSHAKE_OK, 0, SPN_HEALTH_OK);
	expect_health(f, false, 0, SPN_HANDSHAKE_DECRYPTED, 37, SPN_HEALTH_OK);
	expect_health(f, true, 0, SPN_HANDSHAKE_REFUSED, 41, SPN_HEALTH_WRONG_ACCOUNT);
	expect_health(f, false, 0, SPN_HANDSHAKE_REFUSED, 35, SPN_HEALTH_WRONG_ACCOUNT);
	expect_health(f, true, 0, SPN_HANDSHAKE_REFUSED, 37, SPN_HEALTH_OTHER); /* clocks */
	expect_health(f, true, 0, SPN_HANDSHAKE_REFUSED, 0, SPN_HEALTH_WRONG_ACCOUNT);
	expect_health(f, false, 0, SPN_HANDSHAKE_REFUSED, 0, SPN_HEALTH_UNKNOWN); /* perhaps for its age */
	expect_health(f, false, 0, SPN_HANDSHAKE_SERVER_ERROR, 0, SPN_HEALTH_OTHER);
	expect_health(f, false, 0, SPN_HANDSHAKE_NO_NEGOTIATE, 0, SPN_HEALTH_OTHER);
	expect_health(f, true, 7, SPN_HANDSHAKE_OK, 0, SPN_HEALTH_WRONG_ACCOUNT); /* no ticket: nobody was asked */
	assert_int_equal(service.real, 0);
	expect_health(f, true, 37, SPN_HANDSHAKE_OK, 0, SPN_HEALTH_OTHER);
}

static void a_service_that_is_silent_is_a_failure_and_one_that_cannot_be_asked_is_not(void **state)
{
	struct fixture *f = *state;
	spn_health health = SPN_HEALTH_OTHER;
	service.status = SPN_ERR_UNREACHABLE;
	assert_int_equal(verify(f, NULL, 0, &health), SPN_ERR_UNREACHABLE);
	assert_int_equal(health, SPN_HEALTH_OTHER);
	service.status = SPN_ERR_UNSUPPORTED; /* without libcurl */
	assert_int_equal(verify(f, NULL, 0, &health), SPN_OK);
	assert_int_equal(health, SPN_HEALTH_UNKNOWN);
	spn_verify_options options = SPN_VERIFY_OPTIONS_INIT;
	options.url = "http://web/";
	assert_int_equal(verify(f, &options, 0, &health), SPN_ERR_UNSUPPORTED);
	options.version = 99;
	assert_int_equal(verify(f, &options, 0, &health), SPN_ERR_INVALID);
	assert_int_equal(spn_verify(f->dir, NULL, NULL, 0, NULL, &health, &f->err), SPN_ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(no_log_on_that_could_be_used_is_sent_unasked),
		with_sample(the_answer_tells_a_wrong_account_from_other_faults),
		with_sample(a_service_that_is_silent_is_a_failure_and_one_that_cannot_be_asked_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

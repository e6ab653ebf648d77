/* SPDX-License-Identifier: MIT */
/* The KDC that says what it is told. */
#include "unit.h"
#include "returned.h"

#include <time.h>

#include <spnkit/mock.h>

static spn_error err[1];
static spn_kdc *kdc;

static int make(void **state)
{
	(void)state;
	return spn_mock_kdc_new(&kdc, err);
}

static int drop(void **state)
{
	(void)state;
	kdc = spn_kdc_free(kdc);
	return 0;
}

static void answer(const char *spn, int code, unsigned kvno)
{
	spn_mock_answer answer = { .spn = spn, .krb5_code = code, .ticket.kvno = kvno };
	assert_ok(spn_mock_kdc_answer(kdc, &answer, err));
}

static spn_status take_kvno(const spn_ticket *ticket, void *data, spn_error *error)
{
	(void)error;
	*(unsigned *)data = ticket->kvno;
	return SPN_OK;
}

static void an_unknown_name_is_error_7(void **state)
{
	(void)state;
	unsigned kvno = 0;
	assert_fails(request_ticket(kdc, "http/web", take_kvno, &kvno, err), SPN_ERR_NOT_FOUND, "'http/web'");
	assert_int_equal(spn_kerberos_explain(err->native)->code, 7);
	assert_true(err->native < 0); /* as a real one's */
	assert_int_equal(kvno, 0);
	assert_int_equal(spn_mock_kdc_calls(kdc), 1);
}

static void the_latest_answer_to_the_name_counts(void **state)
{
	(void)state;
	unsigned kvno = 0;
	answer("http/Web", 0, 4);
	answer(NULL, 18, 0);
	assert_ok(request_ticket(kdc, "HTTP/wEB", take_kvno, &kvno, err));
	assert_int_equal(kvno, 4);
	assert_fails(request_ticket(kdc, "http/other", take_kvno, &kvno, err), SPN_ERR_AUTH, "disabled");
	answer("HTTP/web", 0, 5);
	answer(NULL, 0, 9);
	assert_ok(request_ticket(kdc, "http/web", take_kvno, &kvno, err));
	assert_int_equal(kvno, 5);
	assert_ok(request_ticket(kdc, "http/other", take_kvno, &kvno, err));
	assert_int_equal(kvno, 9);
	answer("http/web", -1765328228, 0);
	assert_fails(request_ticket(kdc, "http/web", take_kvno, &kvno, err), SPN_ERR_UNREACHABLE, "no KDC answers");
	assert_int_equal(spn_mock_kdc_calls(kdc), 5);
}

static spn_status check_defaults(const spn_ticket *ticket, void *data, spn_error *error)
{
	(void)data;
	(void)error;
	assert_string_equal(ticket->client, "alice@EXAMPLE.COM");
	assert_string_equal(ticket->server, "http/web@EXAMPLE.COM");
	assert_int_equal(ticket->enctype, 18);
	assert_int_equal(ticket->session_enctype, 18);
	assert_int_equal(ticket->kvno, 1);
	assert_int_equal(ticket->ends - ticket->starts, 36000);
	assert_int_equal(ticket->der.len, 0);
	return SPN_OK;
}

static spn_status check_given(const spn_ticket *ticket, void *data, spn_error *error)
{
	(void)data;
	(void)error;
	answer("http/web", 7, 0); /* the ticket outlives its answer */
	assert_string_equal(ticket->client, "bob@X");
	assert_string_equal(ticket->server, "http/web@X");
	assert_int_equal(ticket->enctype, 23);
	assert_int_equal(ticket->rodc, 12);
	assert_int_equal(ticket->ends, 200);
	assert_int_equal(ticket->der.len, 3);
	assert_memory_equal(ticket->der.data, "abc", 3);
	return SPN_OK;
}

static void what_is_not_said_is_made_up(void **state)
{
	(void)state;
	answer("http/web", 0, 0);
	assert_ok(request_ticket(kdc, "http/web", check_defaults, NULL, err));
	char client[] = "bob@X", server[] = "http/web@X", der[] = "abc";
	spn_mock_answer given = { "http/web", 0, { client, server, 23, 17, 2, 12, 100, 200, { der, 3 } } };
	assert_ok(spn_mock_kdc_answer(kdc, &given, err));
	client[0] = server[0] = der[0] = '?';
	assert_ok(request_ticket(kdc, "http/web", check_given, NULL, err));
}

static void it_is_no_real_one(void **state)
{
	(void)state;
	assert_fails(spn_kdc_store(kdc, "http/web", NULL, err), SPN_ERR_UNSUPPORTED, "mock");
	assert_fails(spn_mock_kdc_answer(NULL, NULL, err), SPN_ERR_INVALID, "NULL");
	assert_int_equal(spn_mock_kdc_calls(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_unknown_name_is_error_7, make, drop),
		cmocka_unit_test_setup_teardown(the_latest_answer_to_the_name_counts, make, drop),
		cmocka_unit_test_setup_teardown(what_is_not_said_is_made_up, make, drop),
		cmocka_unit_test_setup_teardown(it_is_no_real_one, make, drop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

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
	const spn_ticket ticket = { .kvno = kvno };
	spn_mock_answer answer = { .spn = spn, .krb5_code = code, .ticket = &ticket };
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
	const spn_ticket ticket = { .client = client, .server = server, .enctype = 23, .session_enctype = 17,
		.kvno = 2, .rodc = 12,
		.starts = 100, .ends = 200, .der = { der, 3 } };
	spn_mock_answer given = { .spn = "http/web", .ticket = &ticket };
	assert_ok(spn_mock_kdc_answer(kdc, &given, err));
	client[0] = server[0] = der[0] = '?';
	assert_ok(request_ticket(kdc, "http/web", check_given, NULL, err));
}

static void it_is_no_real_one(void **state)
{
	(void)state;
	assert_fails(spn_mock_kdc_answer(NULL, NULL, err), SPN_ERR_INVALID, "NULL");
	assert_int_equal(spn_mock_kdc_calls(NULL), 0);
	assert_int_equal(spn_mock_kdc_stores(NULL), 0);
	const spn_ticket newer = { .version = SPN_TICKET_VERSION + 1 };
	assert_fails(spn_mock_kdc_answer(kdc, &(spn_mock_answer){ .ticket = &newer }, err), SPN_ERR_INVALID,
			"spn_ticket: version");
	assert_fails(spn_mock_kdc_answer(kdc, &(spn_mock_answer){ .version = SPN_MOCK_ANSWER_VERSION + 1 }, err),
			SPN_ERR_INVALID, "spn_mock_answer: version");
}

/* So reset can be tested without a KDC. */
static void it_counts_what_it_would_have_stored(void **state)
{
	(void)state;
	assert_fails(spn_kdc_store(kdc, "http/web", NULL, err), SPN_ERR_NOT_FOUND, "'http/web'");
	answer("http/web", 0, 0);
	assert_ok(spn_kdc_store_spellings(kdc, NULL, "http/web", NULL, err));
	assert_int_equal(spn_mock_kdc_stores(kdc), 3);
}

static spn_status request_nothing(void *self, const char *spn, spn_ticket_fn *fn, void *data, spn_error *error)
{
	(void)self, (void)spn, (void)fn, (void)data, (void)error;
	return SPN_OK;
}

static void free_nothing(void *self)
{
	(void)self;
}

static void a_kdc_without_store_or_tickets_says_so(void **state)
{
	(void)state;
	spn_kdc *own = NULL;
	spn_kdc_ops ops = { SPN_KDC_OPS_VERSION, "own", request_nothing, free_nothing, NULL };
	assert_ok(spn_kdc_new(&ops, NULL, &own, err));
	assert_fails(spn_kdc_store(own, "http/web", NULL, err), SPN_ERR_UNSUPPORTED, "own");
	assert_fails(spn_kdc_request(own, "http/web", &(spn_ticket *){ NULL }, err), SPN_ERR_FAILED, "handed over no ticket");
	spn_kdc_free(own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_unknown_name_is_error_7, make, drop),
		cmocka_unit_test_setup_teardown(the_latest_answer_to_the_name_counts, make, drop),
		cmocka_unit_test_setup_teardown(what_is_not_said_is_made_up, make, drop),
		cmocka_unit_test_setup_teardown(it_is_no_real_one, make, drop),
		cmocka_unit_test_setup_teardown(it_counts_what_it_would_have_stored, make, drop),
		cmocka_unit_test_setup_teardown(a_kdc_without_store_or_tickets_says_so, make, drop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

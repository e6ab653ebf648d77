/* SPDX-License-Identifier: MIT */
/* Logging on to a directory by Cyrus SASL, at a server that is Heimdal's own acceptor or pretends to be one, while
 * somebody else answers for DNS. */
#include "sasl_helper.h"

/* ---- the layer ---- */

static void tokens_may_be_split_anywhere(void **state)
{
	(void)state;
	spn_directory *dir;
	size_t n;
	start(gss_accept_bind);
	assert_ok(open_named(&dir));
	for (int trick = GSS_HONEST; trick <= GSS_SPLIT; trick++) {
		gss_trick = (enum gss_trick)trick;
		for (int i = 0; i < 2; i++) {
			assert_ok(search(dir, &n));
			assert_int_equal(n, N_VALUES);
		}
	}
	assert_int_equal(server.n_connections, 1);
	spn_directory_free(dir);
	server_stop(&server);
}

static void what_is_sent_fits_into_the_tokens_that_every_server_reads(void **state)
{
	(void)state;
	static char value[200000];
	spn_directory *dir;
	memset(value, 'v', sizeof value - 1);
	start(gss_accept_bind);
	gss_longest = 0;
	server.answer = answer;
	assert_ok(open_named(&dir));
	const spn_search big = { .base = "DC=x", .scope = SPN_SCOPE_SUBTREE,
		.filter = &(const spn_filter){ .op = SPN_FILTER_EQUAL, .attr = "description",
		.value = { value, sizeof value - 1 } } };
	size_t n = 0;
	assert_ok(spn_directory_search(dir, &big, count, &n, err));
	assert_int_equal(n, N_VALUES);
	assert_true(gss_longest > 0xf000 && gss_longest <= 0xffff);
	spn_directory_free(dir);
	server_stop(&server);
}

static void what_is_not_sealed_for_us_is_not_read(void **state)
{
	(void)state;
	static const enum gss_trick tricks[] = { GSS_CLEAR, GSS_SIGNED, GSS_FLIP, GSS_LONG };
	for (size_t i = 0; i < sizeof tricks / sizeof *tricks; i++) {
		spn_directory *dir;
		size_t n;
		start(gss_accept_bind);
		assert_ok(open_named(&dir));
		gss_trick = tricks[i];
		spn_status status = search(dir, &n);
		if (status != SPN_ERR_UNREACHABLE || n > 0 || !strstr(err->message, "Protocol error"))
			fail_msg("trick %d: %zu values, %s: %s", (int)tricks[i], n, spn_status_name(status), status ? err->message : "");
		spn_directory_free(dir);
		server_stop(&server);
	}
}

static void a_token_that_comes_twice_is_read_once_and_ends_the_connection(void **state)
{
	(void)state;
	spn_directory *dir;
	size_t n;
	start(gss_accept_bind);
	assert_ok(open_named(&dir));
	assert_ok(search(dir, &n));
	gss_trick = GSS_TWICE;
	(void)search(dir, &n);
	assert_true(n == 0 || n == N_VALUES);
	gss_trick = GSS_HONEST;
	assert_ok(search(dir, &n));
	assert_int_equal(n, N_VALUES);
	assert_true(server.n_connections >= 2);
	spn_directory_free(dir);
	server_stop(&server);
}

/* ---- servers that want us to go on without a proof ---- */

static void a_server_has_to_prove_who_it_is(void **state)
{
	(void)state;
	static const struct {
		answer_fn *bind;
		const char *text;
	} cases[] = {
		{ gss_accept_unproved, "does not prove who it is" },
		{ gss_refuse_mechanism, "the server does not offer GSS-SPNEGO" },
		{ gss_ask_for_more, "does not prove who it is" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		spn_directory *dir;
		start(cases[i].bind);
		assert_fails(open_named(&dir), SPN_ERR_AUTH, cases[i].text);
		assert_null(dir);
		assert_int_equal(server.n_searches, 0);
		server_stop(&server);
	}
}

static struct {
	bool from_server;
	size_t at, len; /* of its token */
} changed;

static void change_byte(struct berval *token, bool from_server)
{
	if (from_server != changed.from_server)
		return;
	changed.len = token->bv_len;
	if (changed.at < token->bv_len)
		token->bv_val[changed.at] ^= 1;
}

/* What is offered, chosen and granted is in these tokens. */
static size_t log_ons_with_a_byte_changed(bool from_server, size_t step)
{
	size_t n_refused = 0;
	changed.from_server = from_server;
	changed.len = 1;
	for (changed.at = 0; changed.at < changed.len; changed.at += step) {
		spn_directory *dir;
		size_t n;
		start(gss_accept_bind);
		gss_relay = change_byte;
		if (open_named(&dir)) {
			assert_int_not_equal(err->status, SPN_ERR_UNREACHABLE); /* it was reached, and another one would not help */
			assert_int_equal(server.n_searches, 0);
			n_refused++;
		} else {
			assert_ok(search(dir, &n)); /* the server hears nothing but what is sealed */
			assert_int_equal(n, N_VALUES);
		}
		spn_directory_free(dir);
		server_stop(&server);
	}
	assert_true(changed.len > 50);
	return n_refused;
}

static void whoever_changes_a_byte_of_a_log_on_ends_it_or_it_is_sealed_all_the_same(void **state)
{
	(void)state;
	assert_true(log_ons_with_a_byte_changed(true, 3) > 20);
	assert_true(log_ons_with_a_byte_changed(false, 17) > 20);
}

static const char *refusal;

static void refuse_ticket(struct server *at, int fd, const struct request *request)
{
	(void)at;
	reply_result(fd, request->id, LDAP_RES_BIND, LDAP_INVALID_CREDENTIALS, refusal);
}

/* It cannot decrypt it, since another account holds its name. */
static void a_server_that_does_not_accept_the_ticket_is_named_by_its_service_name(void **state)
{
	(void)state;
	static const struct {
		const char *refusal, *text;
	} cases[] = {
		{ "8009030C: LdapErr: DSID-0C0904DC, comment: AcceptSecurityContext error, data 52e, v1db1",
			"does not accept the ticket for 'ldap/dc1.example.com', which it cannot decrypt if another "
			"account holds that name (LDAP 49" },
		{ "SASL(-13): authentication failure: gss_accept_sec_context",
			"does not accept the ticket for 'ldap/dc1.example.com'" },
		{ "", "if another account holds that name" },
		{ "8009030C: LdapErr: DSID-0C0904DC, comment: AcceptSecurityContext error, data 533, v1db1",
			"the account is disabled" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		spn_directory *dir;
		start(refuse_ticket);
		refusal = cases[i].refusal;
		assert_fails(open_named(&dir), SPN_ERR_AUTH, cases[i].text);
		assert_null(strstr(err->message, "password"));
		assert_int_equal(err->native, LDAP_INVALID_CREDENTIALS);
		server_stop(&server);
	}
}

/* ---- whom we ask for, whatever DNS says ---- */

static void a_named_server_is_asked_for_literally(void **state)
{
	(void)state;
	spn_directory *dir;
	start(gss_accept_bind);
	assert_ok(open_named(&dir));
	assert_string_equal(kdc_asked, "ldap/dc1.example.com");
	spn_directory_free(dir);
	server_stop(&server);
}

static void a_dot_at_the_end_of_a_host_is_not_part_of_its_name(void **state)
{
	(void)state;
	char url[80];
	spn_directory *dir;
	start(gss_accept_bind);
	snprintf(url, sizeof url, "ldap://dc1.example.com.:%u", server.port);
	assert_ok(open_url(url, NULL, &dir));
	assert_string_equal(kdc_asked, "ldap/dc1.example.com");
	spn_directory_free(dir);
	server_stop(&server);
}

static void an_address_is_not_the_name_of_a_service(void **state)
{
	(void)state;
	char url[80];
	spn_directory *dir;
	start(gss_accept_bind);
	snprintf(url, sizeof url, "ldap://127.0.0.1:%u", server.port);
	assert_fails(open_url(url, NULL, &dir), SPN_ERR_AUTH, "Kerberos needs the name of the server");
	assert_string_equal(kdc_asked, "");
	server_stop(&server);
}

/* Each handle keeps its tickets in a cache in memory, and those are all in one collection of the process. */
static void no_handle_finds_the_private_tickets_of_another(void **state)
{
	(void)state;
	spn_kdc *kdc = NULL, *other = NULL;
	spn_credentials tickets = SPN_CREDENTIALS_INIT, name = SPN_CREDENTIALS_INIT;
	spn_kdc_options with_tickets = SPN_KDC_OPTIONS_INIT, by_name = SPN_KDC_OPTIONS_INIT;
	const char *const defaults[] = { kdc_path("none"), "MEMORY:none" };
	with_tickets.credentials = &tickets;
	by_name.credentials = &name;
	tickets.ccache = kdc_path("cache");
	name.principal = ALICE;
	kdc_mood = KDC_TICKETS;
	assert_ok(spn_kdc_open(&with_tickets, &kdc, err));
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
		setenv("KRB5CCNAME", defaults[i], 1);
		spn_status status = spn_kdc_open(&by_name, &other, err);
		if (status != SPN_ERR_AUTH)
			fail_msg("with the default cache '%s': %s", defaults[i], spn_status_name(status));
	}
	unsetenv("KRB5CCNAME");
	spn_kdc_free(kdc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_may_be_split_anywhere),
		cmocka_unit_test(what_is_sent_fits_into_the_tokens_that_every_server_reads),
		cmocka_unit_test(what_is_not_sealed_for_us_is_not_read),
		cmocka_unit_test(a_token_that_comes_twice_is_read_once_and_ends_the_connection),
		cmocka_unit_test(a_server_has_to_prove_who_it_is),
		cmocka_unit_test(whoever_changes_a_byte_of_a_log_on_ends_it_or_it_is_sealed_all_the_same),
		cmocka_unit_test(a_server_that_does_not_accept_the_ticket_is_named_by_its_service_name),
		cmocka_unit_test(a_named_server_is_asked_for_literally),
		cmocka_unit_test(a_dot_at_the_end_of_a_host_is_not_part_of_its_name),
		cmocka_unit_test(an_address_is_not_the_name_of_a_service),
		cmocka_unit_test(no_handle_finds_the_private_tickets_of_another),
	};
	return cmocka_run_group_tests_name("sasl", tests, start_all, kdc_stop);
}

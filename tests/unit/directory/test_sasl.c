/* SPDX-License-Identifier: MIT */
/* Logging on to a directory by Cyrus SASL, at a server that is Heimdal's own acceptor or pretends to be one, while somebody else
 * answers for DNS. */
#include "unit.h"

#include "fake_dns.h"
#include "gss_server.h"
#include "kdc_server.h"

static spn_error err[1];
static struct server server;

#define N_VALUES 900

/* What the directory says: of which domain it is, whether it trusts other.test, and the userAccountControl of the holder of krbtgt/other.test (NULL: nobody is). */
static const char *own_domain;
static bool is_trusted;
static const char *holder_control;

static void answer(struct server *at, int fd, const struct request *request)
{
	(void)at;
	if (request->kind == LDAP_REQ_SEARCH && strncmp(request->base, "CN=System,", 10) == 0) {
		if (is_trusted)
			reply_entry(fd, request->id, "CN=other.test,CN=System,DC=example,DC=com", "trustPartner", "other.test", 0, 0);
	} else if (request->kind == LDAP_REQ_SEARCH && strcmp(request->base, "DC=example,DC=com") == 0) {
		if (holder_control)
			reply_entry(fd, request->id, "CN=evil,DC=example,DC=com", "userAccountControl", holder_control, 0, 0);
	}
	else if (request->kind == LDAP_REQ_SEARCH && request->base[0] == '\0')
		reply_entry(fd, request->id, "", "defaultNamingContext", own_domain, 0, 0);
	else if (request->kind == LDAP_REQ_SEARCH)
		reply_entry(fd, request->id, "CN=a,DC=x", "member", "a secret name", 1, N_VALUES);
	reply_result(fd, request->id, request->kind == LDAP_REQ_MODIFY ? LDAP_RES_MODIFY : LDAP_RES_SEARCH_RESULT, 0, "");
}

static void start(answer_fn *bind)
{
	kdc_mood = KDC_TICKETS;
	gss_trick = GSS_HONEST;
	gss_relay = NULL;
	fake_dns_controllers = fake_dns_pdc = NULL;
	own_domain = "DC=example,DC=com";
	is_trusted = false;
	holder_control = NULL;
	kdc_asked[0] = '\0';
	server_start_tcp(&server, answer, &gss_line);
	server.bind = bind;
}

static spn_status open_url(const char *url, const spn_open_options *more, spn_directory **ret_dir)
{
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.credentials = &credentials;
	if (more)
		options = *more;
	if (options.credentials)
		credentials = *options.credentials;
	options.credentials = &credentials;
	credentials.ccache = credentials.bind_dn ? NULL : kdc_path("cache");
	options.timeout = 30;
	*ret_dir = NULL;
	return spn_directory_open(url, &options, ret_dir, err);
}

static spn_status open_named(spn_directory **ret_dir)
{
	char url[80];
	snprintf(url, sizeof url, "ldap://dc1.example.com:%u", server.port);
	return open_url(url, NULL, ret_dir);
}

static spn_status count(const spn_entry *entry, void *data, spn_error *why)
{
	(void)why;
	*(size_t *)data += spn_entry_values(entry, "member", NULL);
	return SPN_OK;
}

static spn_status search(spn_directory *dir, size_t *ret_n)
{
	static const spn_search all = { .base = "DC=x", .scope = SPN_SCOPE_SUBTREE };
	*ret_n = 0;
	return spn_directory_search(dir, &all, count, ret_n, err);
}

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
		.filter = &(const spn_filter){ .op = SPN_FILTER_EQUAL, .attr = "description", .value = { value, sizeof value - 1 } } };
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
			"does not accept the ticket for 'ldap/dc1.example.com', which it cannot decrypt if another account holds that name (LDAP 49" },
		{ "SASL(-13): authentication failure: gss_accept_sec_context", "does not accept the ticket for 'ldap/dc1.example.com'" },
		{ "", "if another account holds that name" },
		{ "8009030C: LdapErr: DSID-0C0904DC, comment: AcceptSecurityContext error, data 533, v1db1", "the account is disabled" },
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

/* DNS names one or two hosts, where the same server is. */
static spn_status open_located(const char *host, const char *another, const spn_open_options *more, spn_directory **ret_dir)
{
	static char list[200];
	snprintf(list, sizeof list, "%s:%u %s:%u", host, server.port, another ? another : host, server.port);
	fake_dns_controllers = list;
	return open_url(NULL, more, ret_dir);
}

static void a_controller_that_dns_names_is_asked_for_by_a_name_that_only_controllers_hold(void **state)
{
	(void)state;
	spn_directory *dir;
	start(gss_accept_bind);
	assert_ok(open_located("dc.elsewhere.test", "dc1.example.com", NULL, &dir));
	assert_string_equal(kdc_asked, "ldap/dc1.example.com/example.com");
	assert_int_equal(server.n_connections, 1);
	spn_directory_free(dir);
	server_stop(&server);
}

/* Of two changes of one account that two controllers make before they have replicated, one is lost. */
static void changes_go_to_one_controller_of_several(void **state)
{
	(void)state;
	spn_directory *dir;
	char pdc[60];
	for (int i = 0; i < 3; i++) {
		spn_open_options options = SPN_OPEN_OPTIONS_INIT;
		bool reads = i == 2;
		options.read_only = i > 0;
		options.foresees = i == 1; /* a dry run */
		start(gss_accept_bind);
		snprintf(pdc, sizeof pdc, "dc2.example.com:%u", server.port);
		fake_dns_pdc = pdc;
		assert_ok(open_located("dc1.example.com", "dc2.example.com", &options, &dir));
		assert_string_equal(kdc_asked, reads ? "ldap/dc1.example.com/example.com" : "ldap/dc2.example.com/example.com");
		spn_directory_free(dir);
		server_stop(&server);
	}
}

static void a_controller_outside_of_the_domain_is_not_even_called(void **state)
{
	(void)state;
	spn_directory *dir;
	start(gss_accept_bind);
	static const char *const hosts[] = { "dc.elsewhere.test", "dc.evilexample.com", "example.com", "com" };
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
		assert_fails(open_located(hosts[i], NULL, NULL, &dir), SPN_ERR_REFUSED, "outside of that domain");
	assert_int_equal(server.n_connections, 0);
	assert_string_equal(kdc_asked, "");
	spn_open_options disjoint = SPN_OPEN_OPTIONS_INIT;
	disjoint.trust_dns = true;
	assert_ok(open_located("dc.elsewhere.test", NULL, &disjoint, &dir));
	assert_string_equal(kdc_asked, "ldap/dc.elsewhere.test/example.com");
	spn_directory_free(dir);
	server_stop(&server);
}

/* The first server stops, and another one takes its place for DNS. */
static spn_status search_when_the_server_has_changed(bool writes)
{
	const spn_mod mod = { SPN_MOD_ADD, "member", { "CN=m,DC=x", 9 } };
	spn_directory *dir;
	size_t n;
	char list[100];
	start(gss_accept_bind);
	assert_ok(open_located("dc1.example.com", NULL, NULL, &dir));
	if (writes)
		assert_ok(spn_directory_modify(dir, "CN=a,DC=x", &mod, 1, err));
	server_stop(&server);
	start(gss_accept_bind);
	snprintf(list, sizeof list, "dc1.example.com:%u", server.port);
	fake_dns_controllers = list;
	spn_status status = search(dir, &n);
	spn_directory_free(dir);
	server_stop(&server);
	return status;
}

/* Another one may not have the change yet. */
static void what_was_written_to_one_controller_is_not_looked_for_at_another(void **state)
{
	(void)state;
	assert_ok(search_when_the_server_has_changed(false));
	assert_int_equal(search_when_the_server_has_changed(true), SPN_ERR_UNREACHABLE);
}

static spn_status give_password(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *why)
{
	(void)why;
	++*(unsigned *)data;
	*ret_len = (size_t)snprintf(buffer, size, "secret");
	return SPN_OK;
}

static void no_password_goes_to_a_server_that_dns_names(void **state)
{
	(void)state;
	unsigned asked = 0;
	spn_directory *dir;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.credentials = &credentials;
	credentials.bind_dn = "CN=x";
	credentials.password = give_password;
	credentials.password_data = &asked;
	options.tls = SPN_TLS_REQUIRE;
	options.domain = "example.com";
	start(gss_accept_unproved);
	assert_fails(open_located("dc1.example.com", NULL, &options, &dir), SPN_ERR_REFUSED, "only DNS vouches for");
	assert_int_equal(server.n_connections, 0);
	assert_int_equal(asked, 0);
	server_stop(&server);
}

static void name_server_as_controller_of_another_domain(void)
{
	static char list[100];
	snprintf(list, sizeof list, "dc1.other.test:%u", server.port);
	fake_dns_controllers = list;
}

/* It is a controller of other.test for DNS, but serves example.com. */
static void a_controller_of_another_domain_is_refused(void **state)
{
	(void)state;
	spn_directory *dir, *there = NULL;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.credentials = &credentials;
	credentials.ccache = kdc_path("cache");
	start(gss_accept_bind);
	is_trusted = true;
	assert_ok(open_named(&dir));
	name_server_as_controller_of_another_domain();
	assert_fails(spn_account_domain_open(dir, "CN=a,DC=other,DC=test", SPN_WANT_ANY, false, &options, &there, err),
			SPN_ERR_FAILED, "is of 'example.com");
	assert_null(there);
	spn_directory_free(dir);
	server_stop(&server);
}

/* A plan that somebody sent could hold an account of his own domain. */
static void no_password_goes_to_a_domain_that_only_an_account_names(void **state)
{
	(void)state;
	spn_directory *dir, *there = NULL;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.credentials = &credentials;
	unsigned asked = 0;
	credentials.bind_dn = "CN=x";
	credentials.password = give_password;
	credentials.password_data = &asked;
	options.tls = SPN_TLS_REQUIRE;
	options.trust_dns = true;
	start(gss_accept_bind);
	assert_ok(open_named(&dir));
	int n_before = server.n_connections;
	name_server_as_controller_of_another_domain();
	static const char *const accounts[] = { "CN=a,DC=other,DC=test", "other.test\\a" };
	for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++) {
		assert_fails(spn_account_domain_open(dir, accounts[i], SPN_WANT_ANY, false, &options, &there, err), SPN_ERR_REFUSED, "does not know");
		assert_null(there);
	}
	assert_int_equal(server.n_connections, n_before);
	assert_int_equal(asked, 0);
	spn_directory_free(dir);
	server_stop(&server);
}

/* Nor a log-on: whoever has krbtgt/OTHER.TEST on an account, and answers for DNS, would be that domain. */
static void no_log_on_goes_to_a_domain_that_only_an_account_names(void **state)
{
	(void)state;
	spn_directory *dir, *there = NULL;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.credentials = &credentials;
	credentials.ccache = kdc_path("cache");
	start(gss_accept_bind);
	assert_ok(open_named(&dir));
	int n_before = server.n_connections;
	name_server_as_controller_of_another_domain();
	static const char *const accounts[] = { "CN=a,DC=other,DC=test", "other.test\\a" };
	for (size_t i = 0; i < 4; i++) {
		options.trust_dns = i >= 2; /* which says nothing of a domain that nobody named */
		assert_fails(spn_account_domain_open(dir, accounts[i % 2], SPN_WANT_ANY, false, &options, &there, err), SPN_ERR_REFUSED,
				"does not know");
		assert_null(there);
	}
	assert_int_equal(server.n_connections, n_before);
	assert_string_equal(kdc_asked, "ldap/dc1.example.com");
	spn_directory_free(dir);
	server_stop(&server);
}

/* A server that was named may be of any domain, and say that it trusts any other. */
static void a_directory_that_is_not_of_the_credentials_domain_vouches_for_none(void **state)
{
	(void)state;
	spn_directory *dir, *there = NULL;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.credentials = &credentials;
	credentials.ccache = kdc_path("cache");
	start(gss_accept_bind);
	own_domain = "DC=evil,DC=test";
	is_trusted = true;
	const spn_entry *root;
	assert_ok(open_named(&dir));
	assert_ok(spn_directory_root(dir, &root, err));
	name_server_as_controller_of_another_domain();
	assert_fails(spn_account_domain_open(dir, "CN=a,DC=other,DC=test", SPN_WANT_ANY, false, &options, &there, err), SPN_ERR_REFUSED,
			"'EXAMPLE.COM', cannot be asked whether it knows 'other.test'");
	assert_null(there);
	assert_string_equal(kdc_asked, "ldap/dc1.example.com");
	spn_directory_free(dir);
	server_stop(&server);
}

/* DNS names controllers of both domains. */
static spn_status open_other(const char *domain, bool trust_dns, spn_directory **ret_dir)
{
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.domain = domain;
	options.trust_dns = trust_dns;
	return open_located("dc1.other.test", trust_dns ? NULL : "dc1.example.com", &options, ret_dir);
}

static void another_domain_is_opened_only_if_that_of_the_credentials_knows_it(void **state)
{
	(void)state;
	spn_directory *dir;
	static const char *const spellings[] = { "other.test", "OTHER.test", "other.test." };
	start(gss_accept_bind);
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
		is_trusted = false;
		assert_fails(open_other(spellings[i], false, &dir), SPN_ERR_REFUSED, "'EXAMPLE.COM', does not know 'other.test'");
		assert_string_equal(kdc_asked, "ldap/dc1.example.com/example.com");
		is_trusted = true;
		assert_ok(open_other(spellings[i], false, &dir));
		assert_string_equal(kdc_asked, "ldap/dc1.other.test/other.test");
		spn_directory_free(dir);
	}
	is_trusted = false;
	int n_searches = server.n_searches;
	assert_ok(open_other("other.test", true, &dir));
	assert_int_equal(server.n_searches, n_searches);
	spn_directory_free(dir);
	server_stop(&server);
}

static void a_domain_that_cannot_be_asked_for_another_is_named_with_what_helps(void **state)
{
	(void)state;
	spn_directory *dir;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.domain = "other.test";
	start(gss_accept_bind);
	is_trusted = true;
	assert_fails(open_located("dc1.other.test", NULL, &options, &dir), SPN_ERR_REFUSED,
			"'EXAMPLE.COM', cannot be asked whether it knows 'other.test', so name a controller of that yourself (ldap://HOST): ");
	assert_string_equal(kdc_asked, "");
	server_stop(&server);
}

static void a_domain_whose_krbtgt_an_account_holds_is_not_opened(void **state)
{
	(void)state;
	spn_directory *dir;
	start(gss_accept_bind);
	is_trusted = true;
	holder_control = "4096"; /* a workstation */
	assert_fails(open_other("other.test", false, &dir), SPN_ERR_REFUSED,
			"'CN=evil,DC=example,DC=com' holds 'krbtgt/other.test', and so can pose as the domain 'other.test'");
	assert_string_equal(kdc_asked, "ldap/dc1.example.com/example.com");
	holder_control = "2080"; /* that of the trust */
	assert_ok(open_other("other.test", false, &dir));
	spn_directory_free(dir);
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

static int start_all(void **state)
{
	static const char *const names[] = { "ldap/dc1.example.com@" REALM, "ldap/dc1.example.com/example.com@" REALM,
		"ldap/dc.elsewhere.test/example.com@" REALM, "ldap/dc1.other.test/other.test@OTHER.TEST" };
	char keytab[120];
	int failed = kdc_start(state);
	snprintf(keytab, sizeof keytab, "FILE:%s", kdc_path("keytab"));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		kdc_make_keytab(keytab, names[i], SERVICE_KVNO, ETYPE_AES256_CTS_HMAC_SHA1_96, "service");
	return failed;
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
		cmocka_unit_test(a_controller_that_dns_names_is_asked_for_by_a_name_that_only_controllers_hold),
		cmocka_unit_test(changes_go_to_one_controller_of_several),
		cmocka_unit_test(a_controller_outside_of_the_domain_is_not_even_called),
		cmocka_unit_test(what_was_written_to_one_controller_is_not_looked_for_at_another),
		cmocka_unit_test(no_password_goes_to_a_server_that_dns_names),
		cmocka_unit_test(a_controller_of_another_domain_is_refused),
		cmocka_unit_test(no_password_goes_to_a_domain_that_only_an_account_names),
		cmocka_unit_test(no_log_on_goes_to_a_domain_that_only_an_account_names),
		cmocka_unit_test(a_directory_that_is_not_of_the_credentials_domain_vouches_for_none),
		cmocka_unit_test(another_domain_is_opened_only_if_that_of_the_credentials_knows_it),
		cmocka_unit_test(a_domain_that_cannot_be_asked_for_another_is_named_with_what_helps),
		cmocka_unit_test(a_domain_whose_krbtgt_an_account_holds_is_not_opened),
		cmocka_unit_test(no_handle_finds_the_private_tickets_of_another),
	};
	return cmocka_run_group_tests_name("sasl", tests, start_all, kdc_stop);
}

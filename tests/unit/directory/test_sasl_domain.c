/* SPDX-License-Identifier: MIT */
/* Which controllers, and those of which domains, a log-on goes to that DNS names, whoever answers for it. */
#include "sasl_helper.h"

/* DNS names one or two hosts, where the same server is. */
static spn_status open_located(const char *host, const char *another, const spn_open_options *more,
		spn_directory **ret_dir)
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
		assert_fails(spn_account_domain_open(dir, accounts[i], SPN_WANT_ANY, false, &options, &there, err),
				SPN_ERR_REFUSED, "does not know");
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
		assert_fails(spn_account_domain_open(dir, accounts[i % 2], SPN_WANT_ANY, false, &options, &there, err),
				SPN_ERR_REFUSED, "does not know");
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
	assert_fails(spn_account_domain_open(dir, "CN=a,DC=other,DC=test", SPN_WANT_ANY, false, &options, &there, err),
			SPN_ERR_REFUSED, "'EXAMPLE.COM', cannot be asked whether it knows 'other.test'");
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
			"'EXAMPLE.COM', cannot be asked whether it knows 'other.test', so name a controller of that "
			"yourself (ldap://HOST): ");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};
	return cmocka_run_group_tests_name("sasl_domain", tests, start_all, kdc_stop);
}

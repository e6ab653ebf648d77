/* SPDX-License-Identifier: MIT */
/* Asking a KDC for tickets: what they say, what a refusal becomes, and how long it takes. */
#include "unit.h"

#include <sys/stat.h>
#include <time.h>

#include "kdc_server.h"
#include "patience.h"
#include "returned.h"
#include "base/net.h"

static spn_error err[1];

static spn_credentials credentials;

static spn_kdc_options options_of(const char *cache)
{
	spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
	credentials = (spn_credentials)SPN_CREDENTIALS_INIT;
	options.credentials = &credentials;
	credentials.ccache = cache;
	options.timeout = kdc_mood == KDC_SILENT ? 1 : PATIENCE;
	return options;
}

static spn_kdc *open_kdc(void)
{
	spn_kdc_options options = options_of(kdc_path("cache"));
	spn_kdc *kdc = NULL;
	kdc_mood = KDC_TICKETS;
	kdc_kvno = SERVICE_KVNO;
	assert_ok(spn_kdc_open(&options, &kdc, err));
	return kdc;
}

/* What was told of a ticket. */
static struct {
	unsigned calls, kvno, rodc;
	int enctype, session_enctype;
	char client[100], server[100];
	time_t starts, ends;
} seen;

static spn_status look(const spn_ticket *ticket, void *data, spn_error *error)
{
	(void)data;
	(void)error;
	seen.calls++;
	seen.kvno = ticket->kvno;
	seen.rodc = ticket->rodc;
	seen.enctype = ticket->enctype;
	seen.session_enctype = ticket->session_enctype;
	seen.starts = ticket->starts;
	seen.ends = ticket->ends;
	snprintf(seen.client, sizeof seen.client, "%s", ticket->client);
	snprintf(seen.server, sizeof seen.server, "%s", ticket->server);
	return SPN_OK;
}

static void a_ticket_says_what_the_kdc_said(void **state)
{
	(void)state;
	spn_kdc *kdc = open_kdc();
	memset(&seen, 0, sizeof seen);
	assert_ok(request_ticket(kdc, "HTTP/Web:5985", look, NULL, err));
	assert_int_equal(seen.calls, 1);
	assert_string_equal(seen.client, ALICE);
	assert_string_equal(seen.server, "HTTP/Web:5985@" REALM);
	assert_int_equal(seen.enctype, 18);
	assert_int_equal(seen.session_enctype, 18);
	assert_int_equal(seen.kvno, SERVICE_KVNO);
	assert_int_equal(seen.rodc, 0);
	assert_true(seen.starts >= time(NULL) - 60 && seen.ends > time(NULL) + 500);
	kdc_kvno = 27013u << 16 | 7; /* as an RODC does */
	assert_ok(request_ticket(kdc, "ldap/dc/example.com", look, NULL, err));
	assert_string_equal(seen.server, "ldap/dc/example.com@" REALM);
	assert_int_equal(seen.kvno, 7);
	assert_int_equal(seen.rodc, 27013);
	spn_kdc_free(kdc);
}

static void no_answer_comes_from_a_cache(void **state)
{
	(void)state;
	spn_kdc *kdc = open_kdc();
	assert_ok(spn_kdc_store(kdc, "http/web", kdc_path("cache"), err));
	unsigned long before = kdc_requests;
	assert_ok(request_ticket(kdc, "http/web", look, NULL, err));
	assert_ok(request_ticket(kdc, "http/web", look, NULL, err));
	assert_int_equal(kdc_requests, before + 2);
	spn_kdc_free(kdc);
	kdc = open_kdc();
	assert_ok(request_ticket(kdc, "http/web", look, NULL, err));
	assert_int_equal(kdc_requests, before + 3);
	spn_kdc_free(kdc);
}

/* What is asked for is shown, not kept: the user's cache holds what it held, and no other handle has a ticket of
 * ours. */
static void no_ticket_that_is_asked_for_is_left_anywhere(void **state)
{
	(void)state;
	struct stat before, after;
	spn_kdc *one = open_kdc(), *other = open_kdc();
	assert_int_equal(stat(kdc_path("cache"), &before), 0);
	unsigned long asked = kdc_requests;
	assert_ok(request_ticket(one, "http/left", look, NULL, err));
	assert_ok(request_ticket(other, "http/left", look, NULL, err));
	assert_ok(request_ticket(one, "http/left", look, NULL, err));
	assert_int_equal(kdc_requests, asked + 3);
	assert_int_equal(stat(kdc_path("cache"), &after), 0);
	assert_int_equal(after.st_size, before.st_size);
	assert_memory_equal(&after.st_mtim, &before.st_mtim, sizeof after.st_mtim);
	krb5_cccol_cursor cursor;
	krb5_creds creds;
	assert_int_equal(krb5_cccol_cursor_new(kdc_krb5, &cursor), 0);
	for (krb5_ccache cache; krb5_cccol_cursor_next(kdc_krb5, cursor, &cache) == 0 && cache;
			krb5_cc_close(kdc_krb5, cache)) {
		krb5_cc_cursor at;
		if (strcmp(krb5_cc_get_type(kdc_krb5, cache), "MEMORY") != 0 || krb5_cc_start_seq_get(kdc_krb5, cache, &at) != 0)
			continue;
		for (; krb5_cc_next_cred(kdc_krb5, cache, &at, &creds) == 0; krb5_free_cred_contents(kdc_krb5, &creds))
			if (!krb5_is_config_principal(kdc_krb5, creds.server))
				assert_string_equal(krb5_principal_get_comp_string(kdc_krb5, creds.server, 0), "krbtgt");
		krb5_cc_end_seq_get(kdc_krb5, cache, &at);
	}
	krb5_cccol_cursor_free(kdc_krb5, &cursor);
	spn_kdc_free(one);
	spn_kdc_free(other);
}

static void every_refusal_keeps_its_code(void **state)
{
	(void)state;
	static const struct {
		int code;
		spn_status status;
		const char *part;
	} cases[] = {
		{ 6, SPN_ERR_AUTH, "does not know this client" }, { 7, SPN_ERR_NOT_FOUND, "or more than one" },
		{ 8, SPN_ERR_NOT_FOUND, "more than one account" }, { 9, SPN_ERR_AUTH, "no key" }, { 12, SPN_ERR_AUTH, "policy" },
		{ 13, SPN_ERR_FAILED, "cannot do" }, { 14, SPN_ERR_FAILED, "encryption type" }, { 18, SPN_ERR_AUTH, "disabled" },
		{ 19, SPN_ERR_AUTH, "service's account is disabled" }, { 20, SPN_ERR_AUTH, "kinit" }, { 23, SPN_ERR_AUTH, "expired" },
		{ 24, SPN_ERR_AUTH, "key is wrong" }, { 27, SPN_ERR_AUTH, "user-to-user" }, { 28, SPN_ERR_AUTH, "path of trust" },
		{ 29, SPN_ERR_UNREACHABLE, "cannot serve" }, { 31, SPN_ERR_AUTH, "key is wrong" }, { 32, SPN_ERR_AUTH, "expired" },
		{ 37, SPN_ERR_AUTH, "clock" }, { 41, SPN_ERR_AUTH, "another account" }, { 60, SPN_ERR_FAILED, "check its log" },
		{ 68, SPN_ERR_AUTH, "another realm" }, { 99, SPN_ERR_FAILED, "Kerberos error 99" },
	};
	spn_kdc *kdc = open_kdc();
	kdc_mood = KDC_ERROR;
	seen.calls = 0;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		kdc_error = cases[i].code;
		assert_fails(request_ticket(kdc, "http/web", look, NULL, err), cases[i].status, cases[i].part);
		assert_int_equal(err->native, KRB5KDC_ERR_NONE + cases[i].code);
		assert_non_null(strstr(err->message, "'http/web'"));
	}
	assert_int_equal(seen.calls, 0);
	spn_kdc_free(kdc);
}

static void whatever_a_kdc_sends_ends_in_an_error(void **state)
{
	(void)state;
	spn_kdc *kdc = open_kdc();
	kdc_mood = KDC_GARBAGE;
	assert_int_not_equal(request_ticket(kdc, "http/web", look, NULL, err), SPN_OK);
	kdc_mood = KDC_HUGE;
	assert_fails(request_ticket(kdc, "http/web", look, NULL, err), SPN_ERR_UNREACHABLE, "127.0.0.1");
	kdc_mood = KDC_HANGS_UP;
	assert_fails(request_ticket(kdc, "http/web", look, NULL, err), SPN_ERR_UNREACHABLE, "127.0.0.1");
	assert_int_equal(err->native, KRB5_KDC_UNREACH);
	spn_kdc_free(kdc);
}

static void a_silent_kdc_costs_the_time_out_and_no_processor(void **state)
{
	(void)state;
	kdc_mood = KDC_SILENT;
	spn_kdc_options options = options_of(kdc_path("cache"));
	spn_kdc *kdc = NULL;
	assert_ok(spn_kdc_open(&options, &kdc, err));
	ASSERT_WAITS(1, assert_fails(request_ticket(kdc, "http/web", look, NULL, err), SPN_ERR_UNREACHABLE,
			"no answer in time"));
	spn_kdc_free(kdc);
	kdc = open_kdc();
	assert_ok(request_ticket(kdc, "http/web", look, NULL, err));
	spn_kdc_free(kdc);
}

static void credentials_of_no_use_are_refused_at_once(void **state)
{
	(void)state;
	spn_kdc *kdc = NULL;
	spn_kdc_options options = options_of("FILE:/nonexistent/cache");
	assert_fails(spn_kdc_open(&options, &kdc, err), SPN_ERR_AUTH, "run kinit");
	assert_string_equal(spn_kerberos_explain(err->native)->windows_name, "SEC_E_NO_CREDENTIALS");
	kdc_make_cache(kdc_path("old"), -3600);
	credentials.ccache = kdc_path("old");
	assert_fails(spn_kdc_open(&options, &kdc, err), SPN_ERR_AUTH, "have expired");
	assert_int_equal(spn_kerberos_explain(err->native)->code, 32);
	options.version = 99;
	assert_fails(spn_kdc_open(&options, &kdc, err), SPN_ERR_INVALID, "version");
	assert_null(kdc);
}

static spn_status give(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *error)
{
	const char *password = data;
	if (!password)
		return spn_fail(error, SPN_ERR_STOPPED, 0, "no terminal");
	*ret_len = (size_t)snprintf(buffer, size, "%s", password);
	return SPN_OK;
}

static void a_password_is_asked_for_and_used(void **state)
{
	(void)state;
	spn_kdc *kdc = NULL;
	spn_kdc_options options = options_of(NULL);
	credentials.principal = ALICE;
	credentials.password = give;
	assert_fails(spn_kdc_open(&options, &kdc, err), SPN_ERR_STOPPED, "no terminal");
	credentials.password_data = (void *)"";
	assert_fails(spn_kdc_open(&options, &kdc, err), SPN_ERR_INVALID, "empty");
	credentials.password_data = (void *)"secret";
	kdc_mood = KDC_ERROR;
	kdc_error = 24;
	assert_fails(spn_kdc_open(&options, &kdc, err), SPN_ERR_AUTH, "password is wrong");
	kdc_error = 6;
	assert_fails(spn_kdc_open(&options, &kdc, err), SPN_ERR_AUTH, "does not know this client");
	assert_null(kdc);
}

/* Or somebody would believe that it was used. */
static void a_password_that_would_be_ignored_is_an_error(void **state)
{
	(void)state;
	spn_kdc *kdc = NULL;
	const spn_credentials with[] = { { .principal = ALICE, .ccache = kdc_path("cache") },
		{ .principal = ALICE, .keytab = kdc_path("keytab") }, { .principal = ALICE, .bind_dn = "cn=alice" },
		{ .principal = NULL } };
	for (size_t i = 0; i < sizeof with / sizeof *with; i++) {
		spn_kdc_options options = options_of(NULL);
		spn_handshake_options handshake = SPN_HANDSHAKE_OPTIONS_INIT;
		credentials = with[i];
		credentials.version = SPN_CREDENTIALS_VERSION;
		credentials.password = give;
		credentials.password_data = (void *)"secret";
		handshake.credentials = &credentials;
		assert_fails(spn_kdc_open(&options, &kdc, err), SPN_ERR_INVALID, "the password would be ignored");
		assert_int_not_equal(spn_negotiate("http://127.0.0.1:1/", NULL, &handshake, &(spn_handshake *){ NULL }, err), SPN_OK);
	}
	assert_null(kdc);
	/* a name for the directory alone says nothing to a KDC */
	spn_kdc_options options = options_of(kdc_path("cache"));
	credentials.bind_dn = "cn=alice";
	assert_ok(spn_kdc_open(&options, &kdc, err));
	spn_kdc_free(kdc);
}

static void refused_with_keytab(const char *keytab, const char *part)
{
	spn_kdc *kdc = NULL;
	spn_kdc_options options = options_of(NULL);
	credentials.keytab = keytab;
	assert_ok(spn_kdc_open(&options, &kdc, err));
	assert_fails(request_ticket(kdc, "http/web", look, NULL, err), SPN_ERR_AUTH, part);
	spn_kdc_free(kdc);
}

static void a_keytab_that_begins_with_a_computer_that_is_gone_names_the_next(void **state)
{
	(void)state;
	static const char *const names[] = { "host/old.example.com@" REALM, "OLD$@" REALM,
		"host/web01.example.com@" REALM, "WEB01$@" REALM };
	char keytab[120];
	snprintf(keytab, sizeof keytab, "FILE:%s", kdc_path("renamed"));
	kdc_mood = KDC_ERROR;
	kdc_error = 6;
	for (size_t i = 0; i < 4; i++) {
		kdc_make_keytab(keytab, names[i], 1, ETYPE_AES256_CTS_HMAC_SHA1_96, "secret");
		refused_with_keytab(keytab, "does not know this client");
		assert_true(!strstr(err->message, "also has") == (i < 3));
	}
	assert_non_null(strstr(err->message, "'OLD$@" REALM "' with the keytab '"));
	assert_non_null(strstr(err->message, " (it also has keys of 'WEB01$@" REALM "'): "));
	kdc_error = 24;
	refused_with_keytab(keytab, "OLD$");
	assert_null(strstr(err->message, "also has"));
}

static void a_host_of_another_realm_is_asked_for_there(void **state)
{
	(void)state;
	spn_kdc *kdc = open_kdc();
	assert_ok(request_ticket(kdc, "http/Web.Other.test", look, NULL, err));
	assert_string_equal(seen.server, "http/Web.Other.test@OTHER.TEST");
	kdc_mood = KDC_ERROR;
	kdc_error = 7;
	assert_fails(request_ticket(kdc, "http/web.other.test", look, NULL, err), SPN_ERR_NOT_FOUND, "no account");
	/* now for krbtgt/EMPTY.TEST */
	assert_fails(request_ticket(kdc, "http/web.empty.test", look, NULL, err), SPN_ERR_AUTH, "path of trust");
	spn_kdc_free(kdc);
	spn_kdc_options options = options_of(kdc_path("cache"));
	options.realm = "other.test";
	assert_ok(spn_kdc_open(&options, &kdc, err));
	kdc_mood = KDC_TICKETS;
	assert_ok(request_ticket(kdc, "http/web", look, NULL, err));
	assert_string_equal(seen.server, "http/web@OTHER.TEST");
	spn_kdc_free(kdc);
	assert_ok(spn_kdc_open(&options, &kdc, err));
	kdc_mood = KDC_ERROR;
	assert_fails(request_ticket(kdc, "http/web", look, NULL, err), SPN_ERR_AUTH, "path of trust");
	spn_kdc_free(kdc);
	options.realm = "example.com"; /* the credentials' own */
	assert_ok(spn_kdc_open(&options, &kdc, err));
	assert_fails(request_ticket(kdc, "http/web", look, NULL, err), SPN_ERR_NOT_FOUND, "no account");
	spn_kdc_free(kdc);
}

/* The same error is about the log-on, about the trust with the other realm, or about the service. */
static void a_lack_of_keys_is_told_apart_by_whose_it_is(void **state)
{
	(void)state;
	char keytab[120];
	snprintf(keytab, sizeof keytab, "FILE:%s", kdc_path("alice"));
	kdc_make_keytab(keytab, ALICE, 1, ETYPE_AES256_CTS_HMAC_SHA1_96, "secret");
	kdc_mood = KDC_ERROR;
	kdc_error = 14;
	refused_with_keytab(keytab, "cannot get a ticket for '" ALICE "'");
	assert_int_equal(err->native, KRB5KDC_ERR_ETYPE_NOSUPP);
	spn_kdc *kdc = open_kdc();
	kdc_mood = KDC_ERROR;
	assert_fails(request_ticket(kdc, "http/web.other.test", look, NULL, err), SPN_ERR_AUTH, "encryption type in common");
	assert_int_equal(err->native, KRB5KDC_ERR_ETYPE_NOSUPP);
	kdc_mood = KDC_TICKETS;
	assert_ok(request_ticket(kdc, "http/web.other.test", look, NULL, err));
	kdc_mood = KDC_ERROR; /* the way there is known by now */
	assert_fails(request_ticket(kdc, "http/web.other.test", look, NULL, err), SPN_ERR_FAILED, "encryption type in common");
	assert_int_equal(err->native, KRB5KDC_ERR_ETYPE_NOSUPP);
	spn_kdc_free(kdc);
}

static int count(const char *cache, const char *server)
{
	krb5_ccache id;
	krb5_cc_cursor cursor;
	krb5_creds creds;
	int n = 0;
	assert_int_equal(krb5_cc_resolve(kdc_krb5, cache, &id), 0);
	assert_int_equal(krb5_cc_start_seq_get(kdc_krb5, id, &cursor), 0);
	while (krb5_cc_next_cred(kdc_krb5, id, &cursor, &creds) == 0) {
		char *name;
		assert_int_equal(krb5_unparse_name(kdc_krb5, creds.server, &name), 0);
		n += strcmp(name, server) == 0;
		free(name);
		krb5_free_cred_contents(kdc_krb5, &creds);
	}
	krb5_cc_end_seq_get(kdc_krb5, id, &cursor);
	krb5_cc_close(kdc_krb5, id);
	return n;
}

static void a_ticket_is_put_into_a_cache_beside_what_it_holds(void **state)
{
	(void)state;
	spn_kdc *kdc = open_kdc();
	const char *cache = kdc_path("store");
	kdc_make_cache(cache, 3600);
	assert_ok(spn_kdc_store(kdc, "http/one", cache, err));
	assert_ok(spn_kdc_store(kdc, "http/two", cache, err));
	assert_ok(spn_kdc_store(kdc, "http/one", cache, err));
	assert_int_equal(count(cache, "krbtgt/" REALM "@" REALM), 1);
	assert_int_equal(count(cache, "http/one@" REALM), 1);
	assert_int_equal(count(cache, "http/two@" REALM), 1);
	const char *fresh = kdc_path("fresh");
	assert_ok(spn_kdc_store(kdc, "http/one", fresh, err));
	assert_int_equal(count(fresh, "http/one@" REALM), 1);
	krb5_ccache id;
	krb5_principal bob;
	assert_int_equal(krb5_cc_resolve(kdc_krb5, fresh, &id), 0);
	assert_int_equal(krb5_parse_name(kdc_krb5, "bob@" REALM, &bob), 0);
	assert_int_equal(krb5_cc_initialize(kdc_krb5, id, bob), 0);
	assert_fails(spn_kdc_store(kdc, "http/one", fresh, err), SPN_ERR_AUTH, "is not that of '" ALICE "'");
	krb5_free_principal(kdc_krb5, bob);
	krb5_cc_close(kdc_krb5, id);
	kdc_mood = KDC_ERROR;
	kdc_error = 7;
	assert_fails(spn_kdc_store(kdc, "http/gone", cache, err), SPN_ERR_NOT_FOUND, "http/gone");
	spn_kdc_free(kdc);
}

static void arguments_are_checked(void **state)
{
	(void)state;
	spn_kdc *kdc = open_kdc();
	assert_fails(request_ticket(kdc, "web", look, NULL, err), SPN_ERR_SYNTAX, "'web'");
	assert_fails(spn_kdc_store(kdc, "a/b/c/d", NULL, err), SPN_ERR_SYNTAX, "third '/'");
	assert_fails(spn_kdc_request(kdc, "http/web", NULL, err), SPN_ERR_INVALID, "NULL");
	assert_fails(spn_kdc_request(NULL, "http/web", &(spn_ticket *){ NULL }, err), SPN_ERR_INVALID, "NULL");
	assert_fails(spn_kdc_new(NULL, NULL, &kdc, err), SPN_ERR_INVALID, "NULL");
	spn_kdc_free(kdc);
	assert_null(spn_kdc_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_says_what_the_kdc_said),
		cmocka_unit_test(no_answer_comes_from_a_cache),
		cmocka_unit_test(no_ticket_that_is_asked_for_is_left_anywhere),
		cmocka_unit_test(every_refusal_keeps_its_code),
		cmocka_unit_test(whatever_a_kdc_sends_ends_in_an_error),
		cmocka_unit_test(a_silent_kdc_costs_the_time_out_and_no_processor),
		cmocka_unit_test(credentials_of_no_use_are_refused_at_once),
		cmocka_unit_test(a_password_is_asked_for_and_used),
		cmocka_unit_test(a_password_that_would_be_ignored_is_an_error),
		cmocka_unit_test(a_keytab_that_begins_with_a_computer_that_is_gone_names_the_next),
		cmocka_unit_test(a_host_of_another_realm_is_asked_for_there),
		cmocka_unit_test(a_lack_of_keys_is_told_apart_by_whose_it_is),
		cmocka_unit_test(a_ticket_is_put_into_a_cache_beside_what_it_holds),
		cmocka_unit_test(arguments_are_checked),
	};
	return cmocka_run_group_tests(tests, kdc_start, kdc_stop);
}

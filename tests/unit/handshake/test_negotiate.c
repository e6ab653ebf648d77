/* SPDX-License-Identifier: MIT */
/* The HTTP handshake with every kind of server, and what is never sent. */
#include "unit.h"

#include <sys/stat.h>
#include <time.h>

#include "http_server.h"
#include "kdc_server.h"
#include "patience.h"
#include "returned.h"
#include "base/net.h"
#include "base/text.h"
#include "handshake/url.h"

#define HEAD(status) "HTTP/1.1 " status " x\r\nContent-Length: 0\r\n"
#define OFFER HEAD("401") "WWW-Authenticate: Negotiate\r\n\r\n"
#define ASK { HTTP_SEND, OFFER }

static spn_error err[1];

/* What was told of the last handshake. */
static struct {
	int calls, status, code;
	spn_handshake_outcome outcome;
	char offered[200], location[200], text[2000], requests[20000];
} seen;

static spn_status look(const spn_handshake *handshake, void *data, spn_error *error)
{
	(void)data;
	(void)error;
	seen.calls++;
	seen.status = handshake->http_status;
	seen.code = handshake->krb5_code;
	seen.outcome = handshake->outcome;
	snprintf(seen.offered, sizeof seen.offered, "%s", handshake->offered);
	snprintf(seen.location, sizeof seen.location, "%s", handshake->location);
	snprintf(seen.text, sizeof seen.text, "%s", handshake->text);
	return SPN_OK;
}

static unsigned time_out = PATIENCE;
static bool is_stale;

static spn_status shake(const char *url, const spn_handshake_options *options)
{
	spn_handshake *handshake = NULL;
	spn_handshake_options with = *options;
	with.stale = is_stale;
	spn_status status = spn_negotiate(url, NULL, &with, &handshake, err);
	if (!status)
		look(handshake, NULL, err);
	spn_handshake_free(handshake);
	return status;
}

static spn_status negotiate(const http_step *script, const char *path)
{
	char url[200];
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_handshake_options options = SPN_HANDSHAKE_OPTIONS_INIT;
	options.credentials = &credentials;
	credentials.ccache = kdc_path("cache");
	options.timeout = time_out;
	memset(&seen, 0, sizeof seen);
	snprintf(url, sizeof url, "http://127.0.0.1:%u%s", http_start(script), path);
	kdc_mood = KDC_TICKETS;
	/* each time a ticket is asked for, and the user's cache does not get it */
	unsigned long asked = kdc_requests;
	struct stat before, after;
	assert_int_equal(stat(kdc_path("cache"), &before), 0);
	spn_status status = shake(url, &options);
	assert_int_equal(kdc_requests, asked + 1);
	assert_int_equal(stat(kdc_path("cache"), &after), 0);
	assert_int_equal(after.st_size, before.st_size);
	assert_memory_equal(&after.st_mtim, &before.st_mtim, sizeof after.st_mtim);
	snprintf(seen.requests, sizeof seen.requests, "%s", http_stop());
	assert_null(strstr(seen.requests, "Basic"));
	assert_null(strstr(seen.requests, "NTLM"));
	return status;
}

static bool sent_ticket(void)
{
	return strstr(seen.requests, "Authorization: ") != NULL;
}

static void ends(const http_step *script, spn_handshake_outcome outcome, int status, bool ticket, const char *part)
{
	assert_ok(negotiate(script, "/wsman"));
	assert_int_equal(seen.calls, 1);
	if (seen.outcome != outcome || seen.status != status || !strstr(seen.text, part))
		fail_msg("%s, status %d: \"%s\"; wanted: %s, %d: \"%s\"", spn_handshake_outcome_name(seen.outcome), seen.status,
				seen.text, spn_handshake_outcome_name(outcome), status, part);
	assert_int_equal(sent_ticket(), ticket);
	assert_true(seen.text[strlen(seen.text) - 1] != '.');
}

static void a_server_that_proves_its_key_is_ok(void **state)
{
	(void)state;
	http_step script[] = { ASK, { HTTP_ACCEPT, HEAD("200") }, { 0 } };
	ends(script, SPN_HANDSHAKE_OK, 200, true, "proves that it holds the key");
	assert_non_null(strstr(seen.requests, "POST /wsman HTTP/1.1\r\n"));
	assert_non_null(strstr(seen.requests, "Content-Type: application/soap+xml"));
	assert_non_null(strstr(seen.requests, "Content-Length: 0\r\n"));
	assert_ok(negotiate(script, "/?x=/wsman"));
	assert_int_equal(seen.outcome, SPN_HANDSHAKE_OK);
	assert_non_null(strstr(seen.requests, "GET /?x=/wsman HTTP/1.1\r\n"));
	/* a new connection for each, interim answers, and an error of the application */
	http_step closing[] = { { HTTP_CLOSE, OFFER }, { HTTP_ACCEPT, "HTTP/1.1 100 Continue\r\n\r\n" HEAD("500") }, { 0 } };
	ends(closing, SPN_HANDSHAKE_OK, 500, true, "proves");
}

static void a_server_that_lets_us_not_in_is_told_apart(void **state)
{
	(void)state;
	http_step forbidden[] = { ASK, { HTTP_ACCEPT, HEAD("403") }, { 0 } };
	ends(forbidden, SPN_HANDSHAKE_FORBIDDEN, 403, true, "does not let '" ALICE "' in");
	http_step unauthorized[] = { ASK, { HTTP_ACCEPT, HEAD("401") }, { 0 } };
	ends(unauthorized, SPN_HANDSHAKE_FORBIDDEN, 401, true, "permissions");
}

static void a_server_that_proves_nothing_is_not_believed(void **state)
{
	(void)state;
	http_step missing[] = { ASK, { HTTP_SEND, HEAD("200") "\r\n" }, { 0 } };
	ends(missing, SPN_HANDSHAKE_UNPROVED, 200, true, "is missing");
	http_step wrong[] = { ASK,
		{ HTTP_SEND, HEAD("200") "WWW-Authenticate: Negotiate YWJjZGVmZ2hpamtsbW5vcA==\r\n\r\n" }, { 0 } };
	ends(wrong, SPN_HANDSHAKE_UNPROVED, 200, true, "is wrong");
	http_step forbidden[] = { ASK, { HTTP_SEND, HEAD("403") "\r\n" }, { 0 } };
	ends(forbidden, SPN_HANDSHAKE_UNPROVED, 403, true, "is missing");
	/* the proof of another ticket: its service does not hold the key of ours */
	setenv("KRB5_KTNAME", kdc_path("tgs"), 1);
	http_step other[] = { ASK, { HTTP_ACCEPT, HEAD("200") }, { 0 } };
	ends(other, SPN_HANDSHAKE_UNPROVED, 200, true, "missing");
	setenv("KRB5_KTNAME", kdc_path("keytab"), 1);
}

/* As MIT's acceptor and Windows send it: a KRB-ERROR in a token of Kerberos, in SPNEGO's answer or bare. */
static void refused_with(int code, bool wrapped, const char *part)
{
	char token[] = "\xa1\x58\x30\x56\xa0\x03\x0a\x01\x02\xa2\x4f\x04\x4d"
		"\x60\x4b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03\x00"
		"\x7e\x3c\x30\x3a\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x1e\xa4\x11\x18\x0f" "20261125020000Z" "\xa5\x03\x02\x01\x00"
		"\xa6\x03\x02\x01?\xa9\x03\x1b\x01" "R" "\xaa\x06\x30\x04\xa0\x02\x30\x00" "\xab\x04\x1b\x02" "h\x1b";
	*(char *)memchr(token, '?', sizeof token) = (char)code;
	size_t skip = wrapped ? 0 : 13;
	SPK_AUTOTEXT spk_text reply = { 0 };
	spk_text_add(&reply, HEAD("401") "WWW-Authenticate: Negotiate ");
	spk_base64_encode(&reply, token + skip, sizeof token - 1 - skip);
	spk_text_add(&reply, "\r\n\r\n");
	http_step script[] = { ASK, { HTTP_SEND, reply.data }, { 0 } };
	ends(script, SPN_HANDSHAKE_REFUSED, 401, true, part);
	assert_int_equal(seen.code, code);
	assert_non_null(strstr(seen.text, "'h?'")); /* nothing for a terminal to obey */
}

static void the_kerberos_error_of_a_refusal_is_told(void **state)
{
	(void)state;
	refused_with(35, true, "35 (KRB_AP_ERR_NOT_US)");
	refused_with(35, false, "HTTP/127.0.0.1");
	refused_with(41, true, "41 (KRB_AP_ERR_MODIFIED): the ticket is for another account");
	refused_with(37, false, "set the clock");
	refused_with(44, false, "keytab is older");
	refused_with(99, false, "Kerberos error 99;");
}

/* Whoever gets hold of it cannot use it, and the service still says whether it can decrypt the ticket. */
static void a_stale_log_on_lets_nobody_in_and_finds_the_key(void **state)
{
	(void)state;
	http_step script[] = { ASK, { HTTP_ACCEPT, HEAD("401") }, { 0 } };
	is_stale = true;
	http_accepted = true;
	ends(script, SPN_HANDSHAKE_DECRYPTED, 401, true, "could decrypt the ticket");
	assert_int_equal(seen.code, 37);
	assert_false(http_accepted);
	/* nor is a service believed that lets it in */
	http_step in[] = { ASK, { HTTP_SEND, HEAD("200") "\r\n" }, { 0 } };
	ends(in, SPN_HANDSHAKE_UNPROVED, 200, true, "is missing");
	refused_with(35, true, "35 (KRB_AP_ERR_NOT_US)");
	refused_with(41, true, "41 (KRB_AP_ERR_MODIFIED): the ticket is for another account");
	http_step bare[] = { ASK, ASK, { 0 } };
	ends(bare, SPN_HANDSHAKE_REFUSED, 401, true, "it is not known whether it could decrypt it");
	/* the next log-on is dated right again */
	is_stale = false;
	http_step next[] = { ASK, { HTTP_ACCEPT, HEAD("200") }, { 0 } };
	ends(next, SPN_HANDSHAKE_OK, 200, true, "proves");
	assert_true(http_accepted);
}

static void a_refusal_without_a_reason_is_told_as_such(void **state)
{
	(void)state;
	http_step bare[] = { ASK, ASK, { 0 } };
	ends(bare, SPN_HANDSHAKE_REFUSED, 401, true, "does not say why");
	assert_string_equal(seen.offered, "Negotiate");
	http_step closing[] = { { HTTP_CLOSE, OFFER }, { HTTP_CLOSE, OFFER }, { 0 } };
	ends(closing, SPN_HANDSHAKE_REFUSED, 401, true, "does not say why");
	http_step ntlm[] = { ASK, { HTTP_SEND, HEAD("401") "WWW-Authenticate: Negotiate TlRMTVNTUAACAAAA\r\n\r\n" }, { 0 } };
	ends(ntlm, SPN_HANDSHAKE_REFUSED, 401, true, "answers with NTLM");
	http_step large[] = { ASK, { HTTP_SEND, HEAD("400") "\r\n" }, { 0 } };
	ends(large, SPN_HANDSHAKE_REFUSED, 400, true, "too large");
}

static void no_ticket_goes_to_whom_it_does_not_concern(void **state)
{
	(void)state;
	http_step ntlm[] = { { HTTP_SEND, HEAD("401") "WWW-Authenticate: NTLM\r\n"
		"www-authenticate: Basic realm=\"x, y\"\r\n\r\n" }, { 0 } };
	ends(ntlm, SPN_HANDSHAKE_NO_NEGOTIATE, 401, false, "only NTLM, Basic");
	assert_string_equal(seen.offered, "NTLM, Basic");
	http_step nothing[] = { { HTTP_SEND, HEAD("401") "\r\n" }, { 0 } };
	ends(nothing, SPN_HANDSHAKE_NO_NEGOTIATE, 401, false, "does not say which kind");
	http_step redirect[] = { { HTTP_SEND, HEAD("302") "Location: http://elsewhere/\x1b[31m\r\n\r\n" }, ASK, { 0 } };
	ends(redirect, SPN_HANDSHAKE_REDIRECT, 302, false, "'http://elsewhere/?[31m'");
	assert_string_equal(seen.location, "http://elsewhere/?[31m");
	http_step later[] = { ASK, { HTTP_SEND, HEAD("307") "Location: https://elsewhere/\r\n\r\n" }, ASK, { 0 } };
	ends(later, SPN_HANDSHAKE_REDIRECT, 307, true, "'https://elsewhere/'");
	assert_null(strstr(strstr(seen.requests, "Authorization") + 1, "Authorization"));
	http_step proxy[] = { { HTTP_SEND, HEAD("407") "Proxy-Authenticate: Negotiate\r\n\r\n" }, ASK, { 0 } };
	ends(proxy, SPN_HANDSHAKE_PROXY, 407, false, "a proxy answers");
}

static void a_server_that_asks_for_nothing_proves_nothing(void **state)
{
	(void)state;
	http_step page[] = { { HTTP_SEND, HEAD("200") "\r\n" }, { 0 } };
	ends(page, SPN_HANDSHAKE_ANONYMOUS, 200, false, "without asking");
	http_step forbidden[] = { { HTTP_SEND, HEAD("403") "\r\n" }, { 0 } };
	ends(forbidden, SPN_HANDSHAKE_ANONYMOUS, 403, false, "without asking");
	http_step broken[] = { { HTTP_SEND, HEAD("503") "\r\n" }, { 0 } };
	ends(broken, SPN_HANDSHAKE_SERVER_ERROR, 503, false, "status 503");
	http_step endless[] = { { HTTP_FLOOD, "HTTP/1.1 200 x\r\n\r\nendless" }, { 0 } };
	ends(endless, SPN_HANDSHAKE_ANONYMOUS, 200, false, "without asking");
}

static void what_is_no_http_is_told_as_such(void **state)
{
	(void)state;
	http_step ssh[] = { { HTTP_CLOSE, "SSH-2.0-OpenSSH_9.2\r\n" }, { 0 } };
	ends(ssh, SPN_HANDSHAKE_SERVER_ERROR, 0, false, "is not HTTP");
	http_step binary[] = { { HTTP_CLOSE, "\x15\x03\x01\x02\x02\x46" }, { 0 } };
	ends(binary, SPN_HANDSHAKE_SERVER_ERROR, 0, false, "is not HTTP");
	http_step flood[] = { { HTTP_FLOOD, "HTTP/1.1 200 x\r\nX-Filler: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" },
		{ 0 } };
	ends(flood, SPN_HANDSHAKE_SERVER_ERROR, 0, false, "not HTTP");
	http_step line[] = { { HTTP_FLOOD, "HTTP/1.1 200 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" }, { 0 } };
	ends(line, SPN_HANDSHAKE_SERVER_ERROR, 0, false, "not HTTP");
	http_step odd[] = { { HTTP_CLOSE, "HTTP/1.1 abc\r\n\r\n" }, { 0 } };
	ends(odd, SPN_HANDSHAKE_SERVER_ERROR, 0, false, "not HTTP");
}

static void a_server_that_is_not_there_is_unreachable(void **state)
{
	(void)state;
	http_step hang_up[] = { { HTTP_CLOSE, NULL }, { 0 } };
	assert_fails(negotiate(hang_up, "/"), SPN_ERR_UNREACHABLE, "closed without an answer");
	http_step second[] = { ASK, { HTTP_CLOSE, NULL }, { HTTP_CLOSE, NULL }, { 0 } };
	assert_fails(negotiate(second, "/"), SPN_ERR_UNREACHABLE, "closed without an answer");
	assert_int_equal(seen.calls, 0);
	http_step silent[] = { { HTTP_SILENT, NULL }, { 0 } };
	time_out = 2;
	ASSERT_WAITS(2, assert_fails(negotiate(silent, "/"), SPN_ERR_UNREACHABLE, "no answer in time"));
	time_out = PATIENCE;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_handshake_options options = SPN_HANDSHAKE_OPTIONS_INIT;
	options.credentials = &credentials;
	credentials.ccache = kdc_path("cache");
	options.timeout = PATIENCE;
	assert_fails(shake_hands("http://127.0.0.1:1/", NULL, &options, look, NULL, err), SPN_ERR_UNREACHABLE,
			"Connection refused");
	assert_int_equal(err->native, 0);
	options.cacert = "/nonexistent/ca.pem";
	http_step tls[] = { { HTTP_CLOSE, NULL }, { 0 } };
	char url[100];
	snprintf(url, sizeof url, "https://127.0.0.1:%u/", http_start(tls));
	assert_fails(shake_hands(url, NULL, &options, look, NULL, err), SPN_ERR_FAILED, "'/nonexistent/ca.pem'");
	options.cacert = NULL;
	options.timeout = 1; /* it says nothing in TLS */
	assert_fails(shake_hands(url, NULL, &options, look, NULL, err), SPN_ERR_UNREACHABLE, "127.0.0.1");
	http_stop();
}

static void without_a_ticket_nobody_is_asked(void **state)
{
	(void)state;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_handshake_options options = SPN_HANDSHAKE_OPTIONS_INIT;
	options.credentials = &credentials;
	credentials.ccache = kdc_path("cache");
	kdc_mood = KDC_ERROR;
	kdc_error = 7;
	assert_fails(shake_hands("http://127.0.0.1:1/", "HTTP/other:5985", &options, look, NULL, err), SPN_ERR_NOT_FOUND,
			"'HTTP/other:5985'");
	credentials.ccache = "FILE:/nonexistent";
	assert_fails(shake_hands("http://127.0.0.1:1/", NULL, &options, look, NULL, err), SPN_ERR_AUTH, "kinit");
}

static void the_environment_has_no_say(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	http_step script[] = { ASK, { HTTP_ACCEPT, HEAD("200") }, { 0 } };
	ends(script, SPN_HANDSHAKE_OK, 200, true, "proves");
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

static void a_url_is_read_in_one_way_only(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "web", "ftp://web/", "http://", "http:///x", "http://a@b/",
		"http://a:b@c/", "http://a b/", "http://a\\@b/", "http://a:0/", "http://a:65536/", "http://a:/",
		"http://a:80x/", "http://[::1/", "http://[::1]x/", "http://a\n/", "http://w\303\251b/", "http://a%2fb/",
		"http://a;b/", "http://a:80@b/", "http://a#@b/x y", "http://*/", "http://a:99999999999/" };
	spk_url url;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_fails(spk_url_parse(bad[i], &url, err), SPN_ERR_SYNTAX, "malformed URL");
	assert_ok(spk_url_parse("HTTP://Web-1.example.com", &url, err));
	assert_string_equal(url.host, "Web-1.example.com");
	assert_true(url.port == 80 && !url.tls && !url.is_wsman);
	assert_ok(spk_url_parse("https://web:5986/WSMAN?x#y", &url, err));
	assert_true(url.port == 5986 && url.tls && url.is_wsman);
	assert_ok(spk_url_parse("https://[fe80::1]/wsman/x", &url, err));
	assert_string_equal(url.host, "fe80::1");
	assert_true(url.port == 443 && !url.is_wsman);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_proves_its_key_is_ok),
		cmocka_unit_test(a_server_that_lets_us_not_in_is_told_apart),
		cmocka_unit_test(a_server_that_proves_nothing_is_not_believed),
		cmocka_unit_test(the_kerberos_error_of_a_refusal_is_told),
		cmocka_unit_test(a_stale_log_on_lets_nobody_in_and_finds_the_key),
		cmocka_unit_test(a_refusal_without_a_reason_is_told_as_such),
		cmocka_unit_test(no_ticket_goes_to_whom_it_does_not_concern),
		cmocka_unit_test(a_server_that_asks_for_nothing_proves_nothing),
		cmocka_unit_test(what_is_no_http_is_told_as_such),
		cmocka_unit_test(a_server_that_is_not_there_is_unreachable),
		cmocka_unit_test(without_a_ticket_nobody_is_asked),
		cmocka_unit_test(the_environment_has_no_say),
		cmocka_unit_test(a_url_is_read_in_one_way_only),
	};
	return cmocka_run_group_tests(tests, kdc_start, kdc_stop);
}

/* SPDX-License-Identifier: MIT */
/* A web server that means harm: no crash, no hang, no memory without end, no ticket twice, and a sentence that can be
 * shown. */
#include "unit.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <time.h>

#define CURL_DISABLE_DEPRECATION
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <sys/resource.h>

#include "http_server.h"
#include "kdc_server.h"
#include "patience.h"
#include "returned.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "kerberos/der.h"

#define HEAD(status) "HTTP/1.1 " status " x\r\nContent-Length: 0\r\n"
#define OFFER HEAD("401") "WWW-Authenticate: Negotiate\r\n\r\n"
#define LONG "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static spn_error err[1];
static char told[20000];
static const char *last_requests;

static spn_status look(const spn_handshake *handshake, void *data, spn_error *error)
{
	(void)error;
	*(spn_handshake_outcome *)data = handshake->outcome;
	snprintf(told, sizeof told, "%s%s%s", handshake->text, handshake->offered, handshake->location);
	return SPN_OK;
}

static unsigned count(const char *text, const char *part)
{
	unsigned n = 0;
	for (const char *at = text; (at = strstr(at, part)); at++)
		n++;
	return n;
}

/* The handshake never succeeds; what it asked, and how often a ticket was in it, is told. */
static void meet(const char *name, const http_step *script, unsigned max_requests, unsigned max_tickets)
{
	char url[100];
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_handshake_options options = SPN_HANDSHAKE_OPTIONS_INIT;
	options.credentials = &credentials;
	spn_handshake_outcome outcome = SPN_HANDSHAKE_SERVER_ERROR;
	credentials.ccache = kdc_path("cache");
	options.timeout = 1;
	kdc_mood = KDC_TICKETS;
	*err = (spn_error){ 0 };
	told[0] = '\0';
	snprintf(url, sizeof url, "http://127.0.0.1:%u/wsman", http_start(script));
	double waited = seconds_waited();
	spn_status status = shake_hands(url, NULL, &options, look, &outcome, err);
	waited = seconds_waited() - waited;
	const char *requests = last_requests = http_stop(), *text = status ? err->message : told;
	SPK_AUTOFREE char *printable = strdup(text);
	spk_make_printable(printable);
	if (outcome == SPN_HANDSHAKE_OK || !*text || strcmp(text, printable) != 0 || waited > TOO_LONG)
		fail_msg("%s: status %d, %s, '%s', after %.1f s", name, status, spn_handshake_outcome_name(outcome), text, waited);
	if (count(requests, "POST ") > max_requests || count(requests, "Authorization") > max_tickets)
		fail_msg("%s: it was asked %u times, %u times with a ticket", name, count(requests, "POST "),
				count(requests, "Authorization"));
}

static void whatever_it_answers_there_is_a_sentence_in_time(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		http_step step;
	} enemies[] = {
		{ "a head that comes byte by byte", { HTTP_DRIP, "HTTP/1.1 401 Unauthorized" } },
		{ "a body that comes byte by byte", { HTTP_DRIP, "HTTP/1.1 200\r\n\r\n............" } },
		{ "a head that ends in the middle", { HTTP_CLOSE, "HTTP/1.1 401 x\r\nWWW-Authenticate: Negot" } },
		{ "a body that ends in the middle", { HTTP_CLOSE, "HTTP/1.1 500 x\r\nContent-Length: 1000\r\n\r\nabc" } },
		{ "a head without end", { HTTP_FLOOD, "HTTP/1.1 401 x\r\n" LONG ": " LONG LONG LONG "\r\n" } },
		{ "a line without end", { HTTP_FLOOD, LONG } },
		{ "interim answers without end", { HTTP_FLOOD, "HTTP/1.1 100 Continue\r\n\r\n" } },
		{ "offers without end", { HTTP_FLOOD, "HTTP/1.1 401 x\r\nWWW-Authenticate: a,b,c,d,e,f,g,h\r\n" } },
		{ "a body without end", { HTTP_FLOOD, "HTTP/1.1 500 x\r\n\r\n" LONG } },
		{ "chunks without end", { HTTP_FLOOD, "HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n" } },
		{ "a chunk of any size",
			{ HTTP_CLOSE, "HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n"
			"ffffffffffffffffff\r\nabc" } },
		{ "a negative length", { HTTP_CLOSE, "HTTP/1.1 500 x\r\nContent-Length: -1\r\n\r\nabc" } },
		{ "a length beyond all numbers",
			{ HTTP_CLOSE, "HTTP/1.1 500 x\r\nContent-Length: 99999999999999999999\r\n\r\nabc" } },
		{ "two lengths", { HTTP_CLOSE, "HTTP/1.1 500 x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nabc" } },
		{ "status 000", { HTTP_CLOSE, "HTTP/1.1 000 x\r\nContent-Length: 0\r\n\r\n" } },
		{ "status 999", { HTTP_CLOSE, "HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n" } },
		{ "another protocol", { HTTP_CLOSE, "HTTP/9.9 401 x\r\n\r\n" } },
		{ "a switch of protocols",
			{ HTTP_CLOSE, "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n"
			"Connection: Upgrade\r\n\r\n\x1b[2J" } },
		{ "control characters",
			{ HTTP_CLOSE, "HTTP/1.1 401 \x1b[2J\r\n"
			"WWW-Authenticate: \x1b]0;owned\x07, Neg\x01otiate, B\xc2\x9b" "31m\r\n"
				"Content-Length: 0\r\n\r\n" } },
		{ "control characters elsewhere",
			{ HTTP_CLOSE, HEAD("302") "Location: http://\x1b[2J\x07\xc2\x9b\xe2\x80\xae/\r\n\r\n" } },
		{ "a place that is no place", { HTTP_CLOSE, HEAD("302") "Location:\r\n\r\n" } },
		{ "nowhere to go", { HTTP_CLOSE, HEAD("302") "\r\n" } },
		{ "a proxy that comes from nowhere", { HTTP_CLOSE, HEAD("407") "Proxy-Authenticate: Negotiate\r\n\r\n" } },
	};
	for (size_t i = 0; i < sizeof enemies / sizeof *enemies; i++) {
		const http_step first[] = { enemies[i].step, enemies[i].step, { HTTP_CLOSE, NULL }, { 0 } };
		meet(enemies[i].name, first, 2, 0);
		const http_step second[] = { { HTTP_SEND, OFFER }, enemies[i].step, enemies[i].step, { HTTP_CLOSE, NULL }, { 0 } };
		meet(enemies[i].name, second, 3, 2);
	}
	struct rusage usage;
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	assert_true(usage.ru_maxrss < 1 << 20); /* KiB */
}

static void it_is_asked_twice_at_most(void **state)
{
	(void)state;
	const http_step again[] = { { HTTP_SEND, OFFER }, { HTTP_SEND, OFFER }, { HTTP_SEND, OFFER },
		{ HTTP_SEND, OFFER }, { 0 } };
	meet("401 for ever", again, 2, 1);
#define GO { HTTP_SEND, HEAD("307") "Location: /wsman\r\n\r\n" }
	const http_step round[] = { GO, GO, GO, GO, { 0 } };
	meet("a redirect to itself", round, 1, 0);
	const http_step later[] = { { HTTP_SEND, OFFER }, GO, GO, GO, { 0 } };
	meet("a redirect once it has the ticket", later, 2, 1);
}

/* An answer to the ticket with this in it, in base64. */
static void meet_token(const char *name, const spk_text *token)
{
	SPK_AUTOTEXT spk_text reply = { 0 };
	spk_text_add(&reply, HEAD("401") "WWW-Authenticate: Negotiate ");
	spk_base64_encode(&reply, token->data, token->len);
	spk_text_add(&reply, "\r\n\r\n");
	assert_false(reply.failed);
	const http_step script[] = { { HTTP_SEND, OFFER }, { HTTP_SEND, reply.data }, { 0 } };
	meet(name, script, 2, 1);
}

static void fill(spk_text *text, char c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		spk_text_add_char(text, c);
}

static void tokens_of_any_size_and_kind_are_read_or_left(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		char c;
		size_t n;
	} fillings[] = { { "a megabyte", 'x', 1 << 20 }, { "as much as there may be", '\x30', 90000 },
		{ "nested", (char)0xa1, 70000 },
		{ "zeros", '\0', 50000 }, { "a byte", '\x60', 1 }, { "no bytes", 'x', 0 } };
	for (size_t i = 0; i < sizeof fillings / sizeof *fillings; i++) {
		SPK_AUTOTEXT spk_text token = { 0 };
		fill(&token, fillings[i].c, fillings[i].n);
		meet_token(fillings[i].name, &token);
	}
	/* a KRB-ERROR, in which the text is long, and the code is any */
	static const char *const codes[] = { "\x02\x01\x00", "\x02\x01\xff", "\x02\x04\x7f\xff\xff\xff",
		"\x02\x05\xff\xff\xff\xff\xff", "\x02\x01\x29" };
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		SPK_AUTOTEXT spk_text token = { 0 }, fields = { 0 };
		const size_t code_len = 2 + (size_t)codes[i][1], text_len = 5000;
		const char code[] = { (char)0xa6, (char)code_len },
			text[] = { (char)0xab, (char)0x82, (char)((text_len + 4) >> 8), (char)(text_len + 4), 0x1b,
			(char)0x82, (char)(text_len >> 8),
				(char)text_len };
		spk_text_add_bytes(&fields, code, sizeof code);
		spk_text_add_bytes(&fields, codes[i], code_len);
		spk_text_add_bytes(&fields, text, sizeof text);
		fill(&fields, '\x1b', text_len);
		const char head[] = { 0x7e, (char)0x82, (char)((fields.len + 4) >> 8), (char)(fields.len + 4), 0x30, (char)0x82,
			(char)(fields.len >> 8), (char)fields.len };
		spk_text_add_bytes(&token, head, sizeof head);
		spk_text_add_bytes(&token, fields.data, fields.len);
		meet_token("a KRB-ERROR", &token);
	}
}

/* ---- as much as there may be, and a byte more ---- */

/* A head of so many bytes, in lines that are not too long for libcurl. */
static char *head_of(size_t len)
{
	static const char end[] = "Content-Length: 0\r\n\r\n";
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_text_add(&text, "HTTP/1.1 200 x\r\n");
	while (text.len + sizeof end - 1 < len) {
		size_t left = len - (sizeof end - 1) - text.len, line = left < 20000 ? left : 10000;
		spk_text_add(&text, "X:");
		fill(&text, 'x', line - 4);
		spk_text_add(&text, "\r\n");
	}
	spk_text_add(&text, "%s", end);
	assert_false(text.failed);
	assert_int_equal(text.len, len);
	char *data = text.data;
	text = (spk_text){ 0 };
	return data;
}

static void of_headers_128_kib_are_read(void **state)
{
	(void)state;
	enum { MOST = 128 << 10 };
	SPK_AUTOFREE char *most = head_of(MOST), *more = head_of(MOST + 1);
	const http_step right[] = { { HTTP_SEND, most }, { 0 } },
		wrong[] = { { HTTP_SEND, more }, { HTTP_SEND, more }, { 0 } };
	meet("as long a head as there may be", right, 1, 0);
	assert_non_null(strstr(told, "without asking"));
	meet("a byte more", wrong, 1, 0);
	assert_non_null(strstr(told, "its headers do not end"));
}

/* What is longer is left unread, and so the connection cannot be used again.  A newer libcurl (8.14) now and then
 * takes another one all the same: one of several attempts must have used it again. */
static void of_a_body_256_kib_are_read(void **state)
{
	(void)state;
	for (size_t more = 0; more < 2; more++) {
		SPK_AUTOTEXT spk_text text = { 0 };
		size_t len = (256u << 10) + more;
		spk_text_add(&text, "HTTP/1.1 401 x\r\nWWW-Authenticate: Negotiate\r\nContent-Length: %zu\r\n\r\n", len);
		fill(&text, 'x', len);
		assert_false(text.failed);
		const http_step script[] = { { HTTP_SEND, text.data }, { HTTP_SEND, OFFER }, { 0 } };
		unsigned attempts = 0;
		do
			meet("a long body", script, 2, 1);
		while (more == 0 && http_connections > 1 && ++attempts < 10);
		assert_int_equal(http_connections, 1 + more);
	}
}

/* ---- what libcurl is told ---- */

/* Every value of every option, as text; of a function, that there is one. */
static char options_set[10000];
static CURLcode (*real_setopt)(CURL *easy, CURLoption option, ...);

static CURLcode note_option(CURL *easy, CURLoption option, ...)
{
	va_list args;
	va_start(args, option);
	long number = option < CURLOPTTYPE_OBJECTPOINT ? va_arg(args, long) : 0;
	void *pointer = option < CURLOPTTYPE_OBJECTPOINT ? NULL : va_arg(args, void *);
	va_end(args);
	bool is_text = option == CURLOPT_PROXY || option == CURLOPT_NOPROXY || option == CURLOPT_URL;
	size_t len = strlen(options_set);
	if (option < CURLOPTTYPE_OBJECTPOINT)
		snprintf(options_set + len, sizeof options_set - len, "%d=%ld;", option, number);
	else
		snprintf(options_set + len, sizeof options_set - len, "%d=%s;", option, is_text ? (const char *)pointer : "");
	return option < CURLOPTTYPE_OBJECTPOINT ? real_setopt(easy, option, number) : real_setopt(easy, option, pointer);
}

void *__real_dlsym(void *library, const char *name);
void *__wrap_dlsym(void *library, const char *name);
void *__wrap_dlsym(void *library, const char *name)
{
	void *found = __real_dlsym(library, name);
	if (!found || strcmp(name, "curl_easy_setopt") != 0)
		return found;
	memcpy(&real_setopt, &found, sizeof found);
	CURLcode (*ours)(CURL *, CURLoption, ...) = note_option;
	memcpy(&found, &ours, sizeof found);
	return found;
}

static void expect_option(CURLoption option, const char *value)
{
	char wanted[100], name[20];
	snprintf(wanted, sizeof wanted, ";%d=%s;", option, value);
	snprintf(name, sizeof name, ";%d=", option);
	if (count(options_set, name) != 1 || !strstr(options_set, wanted))
		fail_msg("%s is not in %s", wanted, options_set);
}

/* Some of it is libcurl's own way, today; and some no answer can show, as long as the rest holds. */
static void libcurl_may_go_nowhere_else_and_send_nothing_else(void **state)
{
	(void)state;
	const http_step script[] = { { HTTP_SEND, HEAD("302") "Location: ftp://127.0.0.1/\r\n\r\n" }, { 0 } };
	snprintf(options_set, sizeof options_set, ";");
	meet("a redirect", script, 1, 0);
	char text[30];
	snprintf(text, sizeof text, "%d", CURLPROTO_HTTP | CURLPROTO_HTTPS);
	expect_option(CURLOPT_PROTOCOLS, text);
	snprintf(text, sizeof text, "%ld", (long)CURL_NETRC_IGNORED);
	expect_option(CURLOPT_NETRC, text);
	expect_option(CURLOPT_FOLLOWLOCATION, "0");
	expect_option(CURLOPT_PROXY, "");
	expect_option(CURLOPT_NOPROXY, "*");
	expect_option(CURLOPT_HTTP09_ALLOWED, "0");
	expect_option(CURLOPT_SSL_VERIFYPEER, "1");
	expect_option(CURLOPT_SSL_VERIFYHOST, "2");
	static const CURLoption none[] = { CURLOPT_USERPWD, CURLOPT_USERNAME, CURLOPT_HTTPAUTH,
		CURLOPT_UNRESTRICTED_AUTH, CURLOPT_COOKIEFILE,
		CURLOPT_COOKIEJAR, CURLOPT_ALTSVC, CURLOPT_HSTS, CURLOPT_PROXYUSERPWD, CURLOPT_REFERER, CURLOPT_AUTOREFERER };
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		snprintf(text, sizeof text, ";%d=", none[i]);
		if (strstr(options_set, text))
			fail_msg("%s is in %s", text, options_set);
	}
}

/* A person's password for this host is in his .netrc; a proxy is in his environment. */
static void what_the_user_has_for_other_programs_is_not_used(void **state)
{
	(void)state;
	const http_step script[] = { { HTTP_SEND, OFFER },
		{ HTTP_SEND, HEAD("401") "WWW-Authenticate: Basic realm=\"x\"\r\n\r\n" }, { 0 } };
	FILE *file = fopen(kdc_path(".netrc"), "w");
	assert_non_null(file);
	fputs("machine 127.0.0.1 login alice password secret\n", file);
	assert_int_equal(fclose(file), 0);
	char *home = strdup(getenv("HOME") ? getenv("HOME") : "/");
	char folder[200];
	snprintf(folder, sizeof folder, "%s", kdc_path(".netrc"));
	*strrchr(folder, '/') = '\0';
	setenv("HOME", folder, 1);
	setenv("http_proxy", "http://proxy.example.com:3128", 1);
	setenv("ALL_PROXY", "socks5://proxy.example.com:1080", 1);
	meet("Basic is offered", script, 2, 1);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	setenv("HOME", home, 1);
	unlink(kdc_path(".netrc"));
	free(home);
	assert_int_equal(count(last_requests, "POST /wsman HTTP/1.1\r\n"), 2); /* a proxy is told the whole URL */
	assert_null(strstr(last_requests, "Basic"));
	assert_null(strstr(last_requests, "Proxy"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_it_answers_there_is_a_sentence_in_time),
		cmocka_unit_test(it_is_asked_twice_at_most),
		cmocka_unit_test(tokens_of_any_size_and_kind_are_read_or_left),
		cmocka_unit_test(of_headers_128_kib_are_read),
		cmocka_unit_test(of_a_body_256_kib_are_read),
		cmocka_unit_test(libcurl_may_go_nowhere_else_and_send_nothing_else),
		cmocka_unit_test(what_the_user_has_for_other_programs_is_not_used),
	};
	return cmocka_run_group_tests_name("http_enemy", tests, kdc_start, kdc_stop);
}

/* SPDX-License-Identifier: MIT */
/* The LDAP back end against a server that means harm: no crash, no hang, no memory without end, and a sentence that
 * can be shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <spnkit/spnkit.h>

#include "ldap_server.h"
#include "patience.h"

/* libldap 2.5 loses the request (4 KiB) whose answer had a broken length, and the message by which a server takes
 * leave; an answer that we lost would be seen all the same, by what keeps it.  Who is to blame is seen with whole
 * stacks only. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:ldap_send_server_request\nleak:ldap_alloc_ber_with_options\n";
}

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

static void send_bytes(int fd, const void *data, size_t len)
{
	(void)!send(fd, data, len, MSG_NOSIGNAL);
}

static void answer_garbage(struct server *server, int fd, const struct request *request)
{
	(void)server, (void)request;
	send_bytes(fd, "HTTP/1.1 200 OK\r\n\r\n<html>", 25);
}

static void answer_two_gigabytes(struct server *server, int fd, const struct request *request)
{
	(void)server, (void)request;
	send_bytes(fd, "\x30\x84\x7f\xff\xff\xff\x02\x01\x02", 9);
}

static void answer_half_a_message(struct server *server, int fd, const struct request *request)
{
	(void)server;
	const char head[] = { 0x30, 0x20, 0x02, 0x01, (char)request->id, 0x64, 0x1b, 0x04, 0x05, 'C', 'N' };
	send_bytes(fd, head, sizeof head);
	shutdown(fd, SHUT_WR);
}

/* Everything inside says that it is longer than what it is in. */
static void answer_lengths_that_lie(struct server *server, int fd, const struct request *request)
{
	(void)server;
	const char entry[] = { 0x30, 0x0c, 0x02, 0x01, (char)request->id, 0x64, 0x7f, 0x04, 0x7e, 'C', 'N', '=', 'a', 0x30 };
	send_bytes(fd, entry, sizeof entry);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

static void answer_others(struct server *server, int fd, const struct request *request)
{
	(void)server;
	for (int i = 1; i < 50; i++)
		reply_result(fd, request->id + i, LDAP_RES_SEARCH_RESULT, 0, "");
}

static void answer_late(struct server *server, int fd, const struct request *request)
{
	(void)server;
	usleep(1500000);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

static void answer_another_kind(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_result(fd, request->id, LDAP_RES_MODIFY, 0, "");
}

static void answer_control_characters(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 80, "\x1b]0;owned\x07\x1b[2J\r\n"
			"spnkit: all is well\x7f\xc2\x9b" "31m");
}

static void answer_go_elsewhere(struct server *server, int fd, const struct request *request)
{
	(void)server;
	for (int i = 0; i < 1000; i++)
		reply_referral(fd, request->id);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, LDAP_REFERRAL,
			"0000202B: RefErr: DSID-03100835, data 0, 1 access points");
}

static void answer_byte_by_byte(struct server *server, int fd, const struct request *request)
{
	(void)server, (void)request;
	send_bytes(fd, "\x30\x50", 2);
	for (int i = 0; i < 15; i++) {
		send_bytes(fd, "\x02", 1);
		usleep(100000);
	}
}

/* Notice of Disconnection (RFC 4511, section 4.4.1), with the code of a success. */
static void answer_farewell(struct server *server, int fd, const struct request *request)
{
	(void)server, (void)request;
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	struct berval bytes;
	ber_printf(ber, "{it{essts}}", 0, LDAP_RES_EXTENDED, 0, "", "", LDAP_TAG_EXOP_RES_OID, LDAP_NOTICE_OF_DISCONNECTION);
	assert_int_equal(ber_flatten2(ber, &bytes, 0), 0);
	send_bytes(fd, bytes.bv_val, bytes.bv_len);
	ber_free(ber, 1);
}

/* A message without an id, with an operation that is none, and one of no length. */
static void answer_no_message(struct server *server, int fd, const struct request *request)
{
	(void)server, (void)request;
	send_bytes(fd, "\x30\x00", 2);
}

static void answer_no_id(struct server *server, int fd, const struct request *request)
{
	(void)server, (void)request;
	send_bytes(fd, "\x30\x05\x04\x03" "abc", 7);
}

static void answer_no_operation(struct server *server, int fd, const struct request *request)
{
	(void)server;
	const char message[] = { 0x30, 0x05, 0x02, 0x01, (char)request->id, 0x05, 0x00 };
	send_bytes(fd, message, sizeof message);
}

static void answer_empty_result(struct server *server, int fd, const struct request *request)
{
	(void)server;
	const char message[] = { 0x30, 0x05, 0x02, 0x01, (char)request->id, 0x65, 0x00 };
	send_bytes(fd, message, sizeof message);
}

/* An entry of a megabyte, again and again: with DN, and no attributes. */
static void answer_without_end(struct server *server, int fd, const struct request *request)
{
	(void)server;
	static char entry[1 << 20];
	const size_t all = sizeof entry - 6, op = all - 9, dn = op - 8;
	const char head[] = { 0x30, (char)0x84, 0, (char)(all >> 16), (char)(all >> 8), (char)all, 0x02, 0x01,
		(char)request->id,
		0x64, (char)0x84, 0, (char)(op >> 16), (char)(op >> 8), (char)op, 0x04, (char)0x84, 0, (char)(dn >> 16),
		(char)(dn >> 8), (char)dn };
	memset(entry, 'a', sizeof entry);
	memcpy(entry, head, sizeof head);
	memcpy(entry + sizeof entry - 2, "\x30\x00", 2);
	while (send(fd, entry, sizeof entry, MSG_NOSIGNAL) > 0)
		;
}

struct seen {
	size_t entries, largest;
};

static spn_status look(const spn_entry *entry, void *data, spn_error *err)
{
	(void)err;
	struct seen *seen = data;
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, "member", &values);
	seen->entries++;
	for (size_t i = 0; i < n; i++)
		if (values[i].len > seen->largest)
			seen->largest = values[i].len;
	return SPN_OK;
}

/* Searches once; returns the seconds that it waited. */
static double search_for(unsigned timeout, answer_fn *answer, struct seen *seen, spn_error *err)
{
	static const spn_search all = { .base = "DC=x", .scope = SPN_SCOPE_SUBTREE };
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.timeout = timeout;
	struct server server;
	spn_directory *dir = NULL;
	*err = (spn_error){ .status = SPN_OK };
	server_start(&server, answer);
	double waited = seconds_waited();
	spn_status status = spn_directory_open(server.url, &options, &dir, err);
	if (!status)
		status = spn_directory_search(dir, &all, look, seen, err);
	spn_directory_free(dir);
	waited = seconds_waited() - waited;
	server_stop(&server);
	assert_int_equal(status, err->status);
	return waited;
}

static double search(answer_fn *answer, struct seen *seen, spn_error *err)
{
	return search_for(1, answer, seen, err);
}

static void whatever_it_answers_there_is_a_sentence_in_time(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		answer_fn *answer;
	} enemies[] = {
		{ "garbage", answer_garbage }, { "two gigabytes", answer_two_gigabytes }, { "half a message", answer_half_a_message },
		{ "lengths that lie", answer_lengths_that_lie }, { "other message ids", answer_others }, { "late", answer_late },
		{ "another kind", answer_another_kind }, { "control characters", answer_control_characters },
		{ "go elsewhere", answer_go_elsewhere }, { "byte by byte", answer_byte_by_byte },
		{ "farewell", answer_farewell }, { "no message", answer_no_message }, { "no id", answer_no_id },
		{ "no operation", answer_no_operation }, { "empty result", answer_empty_result },
	};
	for (size_t i = 0; i < sizeof enemies / sizeof enemies[0]; i++) {
		struct seen seen = { 0 };
		spn_error err;
		double seconds = search(enemies[i].answer, &seen, &err);
		if (!err.status || !err.message[0] || seconds > TOO_LONG)
			fail_msg("%s: status %d, '%s', after %.1f s", enemies[i].name, err.status, err.message, seconds);
		if (strstr(err.message, "uccess"))
			fail_msg("%s: a success that is none: '%s'", enemies[i].name, err.message);
		for (const char *c = err.message; *c; c++)
			if ((unsigned char)*c < 0x20 || *c == 0x7f || strncmp(c, "\xc2\x9b", 2) == 0)
				fail_msg("%s: a control character in '%s'", enemies[i].name, err.message);
		assert_int_equal(seen.entries, 0);
	}
	struct rusage usage;
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	assert_true(usage.ru_maxrss < 1 << 20); /* KiB: what was announced was not allocated, nor what it was not */
}

static spn_status give(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *err)
{
	(void)data, (void)err;
	*ret_len = (size_t)snprintf(buffer, size, "secret");
	return SPN_OK;
}

static void answer_refusal(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_result(fd, request->id, LDAP_RES_BIND, 49,
			"80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data "
			"52e, v1db1\x1b[2J");
}

static void answer_another_id(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_result(fd, request->id - 1, LDAP_RES_BIND, 0, "");
}

static void answer_nothing(struct server *server, int fd, const struct request *request)
{
	(void)server, (void)fd, (void)request;
}

static void answer_more_to_come(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_result(fd, request->id, LDAP_RES_BIND, LDAP_SASL_BIND_IN_PROGRESS, "");
}

/* A simple bind is our own work, the other one libldap's. */
static void no_log_on_is_granted_by_an_answer_that_is_none(void **state)
{
	(void)state;
	static answer_fn *const answers[] = { answer_garbage, answer_two_gigabytes, answer_half_a_message,
		answer_lengths_that_lie, answer_another_id, answer_another_kind, answer_control_characters,
		answer_byte_by_byte, answer_nothing, answer_refusal, answer_farewell, answer_more_to_come,
		answer_no_message, answer_no_id, answer_no_operation, answer_empty_result };
	for (size_t i = 0; i < 2 * sizeof answers / sizeof *answers; i++) {
		struct server server;
		spn_credentials credentials = SPN_CREDENTIALS_INIT;
		spn_open_options options = SPN_OPEN_OPTIONS_INIT;
		options.credentials = &credentials;
		spn_directory *dir = NULL;
		spn_error err = { .status = SPN_OK };
		options.timeout = 1;
		credentials.bind_dn = i % 2 ? "CN=x" : NULL;
		credentials.password = i % 2 ? give : NULL;
		server_start(&server, answer_nothing);
		server.bind = answers[i / 2];
		double waited = seconds_waited();
		spn_status status = spn_directory_open(server.url, &options, &dir, &err);
		waited = seconds_waited() - waited;
		if (!status || !err.message[0] || strstr(err.message, "uccess") ||
				strpbrk(err.message, "\x1b\x07\r\n") || waited > TOO_LONG)
			fail_msg("%zu: status %d, '%s', after %.1f s", i, status, err.message, waited);
		if (answers[i / 2] == answer_refusal && (status != SPN_ERR_AUTH || !strstr(err.message, "wrong user or password")))
			fail_msg("%zu: '%s'", i, err.message);
		server_stop(&server);
	}
}

/* Kerberos and EXTERNAL would ignore it, and log on as somebody else than the caller thinks. */
static void a_password_without_a_name_is_refused(void **state)
{
	(void)state;
	static const char *const urls[] = { "ldif:/nonexistent", "ldap://127.0.0.1:1", "ldaps://127.0.0.1:1",
		"ldapi://%2fnonexistent", NULL };
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		spn_credentials credentials = SPN_CREDENTIALS_INIT;
		spn_open_options options = SPN_OPEN_OPTIONS_INIT;
		options.credentials = &credentials;
		spn_directory *dir = NULL;
		spn_error err = { .status = SPN_OK };
		credentials.password = give;
		spn_status status = spn_directory_open(urls[i], &options, &dir, &err);
		if (status != SPN_ERR_INVALID || dir ||
				!strstr(err.message, i ? "without a user name (bind_dn)" : "would be ignored"))
			fail_msg("%s: status %d, '%s'", urls[i] ? urls[i] : "NULL", status, err.message);
	}
}

/* However long one is willing to wait. */
static void options_that_would_be_ignored_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		spn_credentials credentials;
		spn_tls tls;
		const char *text;
	} cases[] = {
		{ "ldaps://127.0.0.1:1", { .bind_dn = "CN=x", .password = give, .keytab = "none" }, SPN_TLS_NONE,
			"do not apply to a simple bind" },
		{ "ldaps://127.0.0.1:1", { .bind_dn = "CN=x", .password = give, .principal = "a@EXAMPLE.COM" },
			SPN_TLS_NONE, "do not apply to a simple bind" },
		{ "ldapi://%2fnonexistent", { .ccache = "none" }, SPN_TLS_NONE, "do not apply to ldapi://" },
		{ "ldapi://%2fnonexistent", { .ccache = NULL }, SPN_TLS_REQUIRE, "StartTLS is for ldap:// only" },
		{ "ldaps://127.0.0.1:1", { .ccache = NULL }, SPN_TLS_REQUIRE, "StartTLS is for ldap:// only" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		spn_credentials credentials = cases[i].credentials;
		spn_open_options options = SPN_OPEN_OPTIONS_INIT;
		spn_directory *dir = NULL;
		spn_error err = { .status = SPN_OK };
		credentials.version = SPN_CREDENTIALS_VERSION;
		options.credentials = &credentials;
		options.tls = cases[i].tls;
		spn_status status = spn_directory_open(cases[i].url, &options, &dir, &err);
		if (status != SPN_ERR_INVALID || dir || !strstr(err.message, cases[i].text))
			fail_msg("%zu: status %d, '%s'", i, status, err.message);
	}
}

static void an_answer_without_end_ends_before_memory_does(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	spn_error err;
	struct rusage usage;
	search_for(100, answer_without_end, &seen, &err);
	if (err.status != SPN_ERR_UNREACHABLE || !strstr(err.message, "does not end"))
		fail_msg("status %d, '%s'", err.status, err.message);
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	assert_true(usage.ru_maxrss < 1 << 20);
}

/* One value of ten megabytes is a value. */
static void answer_large(struct server *server, int fd, const struct request *request)
{
	(void)server;
	const size_t len = (size_t)10 << 20;
	char *value = malloc(len + 1);
	assert_non_null(value);
	memset(value, 'v', len);
	value[len] = '\0';
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	struct berval bytes;
	ber_printf(ber, "{it{s{{s[s]}}}}", request->id, LDAP_RES_SEARCH_ENTRY, "CN=a,DC=x", "member", value);
	assert_int_equal(ber_flatten2(ber, &bytes, 0), 0);
	for (size_t at = 0; at < bytes.bv_len;) {
		ssize_t n = send(fd, bytes.bv_val + at, bytes.bv_len - at, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	ber_free(ber, 1);
	free(value);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

static void a_value_of_ten_megabytes_is_taken_or_refused(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	spn_error err;
	search(answer_large, &seen, &err);
	if (err.status)
		assert_true(err.message[0]);
	else
		assert_int_equal(seen.largest, (size_t)10 << 20);
}

static void answer_empty_root(struct server *server, int fd, const struct request *request)
{
	(void)server;
	if (request->base && !*request->base)
		reply_entry(fd, request->id, "", "vendorName", "nobody", 1, 1);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

static void answer_no_root(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

static spn_status ignore_account(const spn_account *account, const spn_bytes *matched, size_t n, void *data,
		spn_error *err)
{
	(void)account, (void)matched, (void)n, (void)data, (void)err;
	return SPN_OK;
}

static void a_root_without_naming_contexts_is_told(void **state)
{
	(void)state;
	static answer_fn *const answers[] = { answer_empty_root, answer_no_root };
	for (size_t i = 0; i < 2; i++) {
		struct server server;
		spn_open_options options = SPN_OPEN_OPTIONS_INIT;
		options.timeout = 1;
		spn_directory *dir = NULL;
		spn_error err = { .status = SPN_OK };
		server_start(&server, answers[i]);
		spn_status status = spn_directory_open(server.url, &options, &dir, &err);
		if (!status)
			status = spn_query(dir, "http/web", false, ignore_account, NULL, &err);
		assert_int_not_equal(status, SPN_OK);
		assert_true(err.message[0]);
		spn_directory_free(dir);
		server_stop(&server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_it_answers_there_is_a_sentence_in_time),
		cmocka_unit_test(no_log_on_is_granted_by_an_answer_that_is_none),
		cmocka_unit_test(a_password_without_a_name_is_refused),
		cmocka_unit_test(options_that_would_be_ignored_are_refused),
		cmocka_unit_test(an_answer_without_end_ends_before_memory_does),
		cmocka_unit_test(a_value_of_ten_megabytes_is_taken_or_refused),
		cmocka_unit_test(a_root_without_naming_contexts_is_told),
	};
	return cmocka_run_group_tests_name("ldap_enemy", tests, NULL, NULL);
}

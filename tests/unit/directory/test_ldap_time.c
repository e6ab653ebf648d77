/* SPDX-License-Identifier: MIT */
/* A server that says nothing costs no more than the time-out, and no processor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <errno.h>
#include <lber.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <spnkit/spnkit.h>

#include "ldap_server.h"
#include "patience.h"
#include "base/net.h"
#include "directory/ldap/transport.h"

/* Any certificate: so that the system's many need not be read. */
static const char certificate[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBgjCCASmgAwIBAgIUA4S4hs2GDrtAxGATqd5xJK809UkwCgYIKoZIzj0EAwIw\n"
	"FjEUMBIGA1UEAwwLc3Bua2l0LXRlc3QwIBcNMjYxMTI1MDE1MDIwWhgPMjEyNjEx\n"
	"MDEwMTUwMjBaMBYxFDASBgNVBAMMC3NwbmtpdC10ZXN0MFkwEwYHKoZIzj0CAQYI\n"
	"KoZIzj0DAQcDQgAE7MoVDPqleHZ4wKHuNV1ptPeJ6X3h1bbhmmttkpiUV/7jMl9Z\n"
	"v5XQIWOgGTi17rdhH0BknyDTKiBRcZ2xl096NqNTMFEwHQYDVR0OBBYEFHHRt54M\n"
	"mxijc2Y28xCKVKUhPRSQMB8GA1UdIwQYMBaAFHHRt54Mmxijc2Y28xCKVKUhPRSQ\n"
	"MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgPhE7iGXe9AU0aXWI\n"
	"HamPkPySceTao4oWvEd622BOIWcCIDPCIZ5i2wivCmVOkofBihZULgiXfF+pcY8F\n"
	"wGglJe44\n"
	"-----END CERTIFICATE-----\n";

/* ---- below libldap ---- */

static Sockbuf *attach(spk_transport *transport, int ends[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	*transport = (spk_transport){ .fd = ends[0], .deadline = spk_deadline_in(1000) };
	Sockbuf *sockbuf = ber_sockbuf_alloc();
	assert_true(spk_transport_attach(transport, sockbuf));
	return sockbuf;
}

static void reads_and_writes_end_at_the_deadline(void **state)
{
	(void)state;
	static char bytes[1 << 22];
	spk_transport transport;
	int ends[2];
	Sockbuf *sockbuf = attach(&transport, ends);
	ber_len_t len;
	BerElement *ber = ber_alloc_t(0);
	ASSERT_WAITS(1, assert_int_equal(ber_get_next(sockbuf, &len, ber), LBER_DEFAULT));
	assert_int_equal(transport.error, ETIMEDOUT);
	ber_free(ber, 1);
	transport.error = 0;
	ber = ber_alloc_t(LBER_USE_DER);
	ber_printf(ber, "o", bytes, (ber_len_t)sizeof bytes); /* more than the socket holds */
	transport.deadline = spk_deadline_in(1000);
	ASSERT_WAITS(1, assert_int_equal(ber_flush2(sockbuf, ber, LBER_FLUSH_FREE_ALWAYS), -1));
	assert_string_equal(spk_transport_why(&transport), "no answer in time");
	ber_sockbuf_free(sockbuf);
	assert_int_equal(transport.fd, -1);
	close(ends[1]);
}

/* SIGPIPE would end this program. */
static void a_hang_up_is_noticed_and_is_no_signal(void **state)
{
	(void)state;
	spk_transport transport;
	int ends[2];
	Sockbuf *sockbuf = attach(&transport, ends);
	assert_false(spk_transport_is_gone(&transport));
	assert_null(spk_transport_why(&transport));
	close(ends[1]);
	assert_true(spk_transport_is_gone(&transport));
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	ber_printf(ber, "i", 1);
	assert_int_equal(ber_flush2(sockbuf, ber, LBER_FLUSH_FREE_ALWAYS), -1);
	assert_int_equal(transport.error, EPIPE);
	ber_sockbuf_free(sockbuf);
}

static void sleep_long(void *arg)
{
	usleep(1200000);
	*(char *)arg = 'x';
}

static void double_it(void *arg)
{
	*(int *)arg *= 2;
}

static void a_call_without_a_time_out_gets_one(void **state)
{
	(void)state;
	int n = 21;
	assert_int_equal(spk_call_in_time(double_it, &n, free, spk_deadline_in(5000)), 0);
	assert_int_equal(n, 42);
	char *arg = malloc(1);
	ASSERT_WAITS(1, assert_int_equal(spk_call_in_time(sleep_long, arg, free, spk_deadline_in(1000)), ETIMEDOUT));
	usleep(500000); /* the thread ends, and frees arg */
}

/* ---- above libldap ---- */

static void answer_nothing(struct server *server, int fd, const struct request *request)
{
	(void)server;
	(void)fd;
	(void)request;
}

static spn_status ignore(const spn_entry *entry, void *data, spn_error *err)
{
	(void)entry;
	(void)data;
	(void)err;
	return SPN_OK;
}

static void a_silent_server_takes_no_longer_than_the_time_out(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_nothing);
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.timeout = 1;
	spn_directory *dir = NULL;
	spn_error err;
	assert_int_equal(spn_directory_open(server.url, &options, &dir, &err), SPN_OK);
	const spn_search search = { .base = "DC=x", .scope = SPN_SCOPE_SUBTREE };
	ASSERT_WAITS(1, assert_int_equal(spn_directory_search(dir, &search, ignore, NULL, &err), SPN_ERR_UNREACHABLE));
	assert_non_null(strstr(err.message, "no answer in time"));
	assert_int_equal(server.n_searches, 1);
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "a/b", 3 } };
	ASSERT_WAITS(1, assert_int_equal(spn_directory_modify(dir, "CN=a,DC=x", &mod, 1, &err), SPN_ERR_UNREACHABLE));
	assert_non_null(strstr(err.message, "may stand or not"));
	spn_directory_free(dir);
	server_stop(&server);
}

static void a_server_that_is_silent_at_once_as_well(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_nothing);
	server.silent = true;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.timeout = 1;
	spn_directory *dir = NULL;
	spn_error err;
	ASSERT_WAITS(1, assert_int_equal(spn_directory_open(server.url, &options, &dir, &err), SPN_ERR_UNREACHABLE));
	assert_null(dir);
	server_stop(&server);
}

static spn_status never_asked(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *err)
{
	(void)buffer;
	(void)size;
	(void)ret_len;
	(void)err;
	*(bool *)data = true;
	return SPN_ERR_STOPPED;
}

/* Preparing TLS may take longer than the time-out (under valgrind, on a busy machine), so that nothing is left to wait
 * for: a longer one leaves something, unless the waiting itself uses the processor. */
static void assert_waits_without_the_processor(const char *url, spn_open_options *options)
{
	for (options->timeout = 1;; options->timeout *= 3) {
		spn_directory *dir = NULL;
		double wall = seconds_by_clock(), waited = seconds_waited();
		assert_int_equal(spn_directory_open(url, options, &dir, NULL), SPN_ERR_UNREACHABLE);
		wall = seconds_by_clock() - wall;
		waited = seconds_waited() - waited;
		assert_true(wall >= 0.9 * options->timeout && waited < TOO_LONG);
		if (waited >= 0.5 * options->timeout)
			return;
		if (options->timeout > TOO_LONG / 3)
			fail_msg("%s: it took %.3f s, and waited for %.3f s of them", url, wall, waited);
	}
}

/* A listener of which nobody accepts: the kernel connects, and then nothing comes. */
static void a_silent_tls_handshake_ends_and_no_password_is_asked_for(void **state)
{
	(void)state;
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof name;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&name, size), 0);
	assert_int_equal(listen(listener, 10), 0);
	getsockname(listener, (struct sockaddr *)&name, &size);
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.credentials = &credentials;
	bool asked = false;
	char cacert[] = "/tmp/spnkit-test-XXXXXX";
	int file = mkstemp(cacert);
	assert_int_equal(write(file, certificate, sizeof certificate - 1), sizeof certificate - 1);
	close(file);
	options.cacert = cacert;
	credentials.bind_dn = "CN=x";
	credentials.password = never_asked;
	credentials.password_data = &asked;
	static const struct {
		const char *scheme;
		spn_tls tls;
	} ways[] = { { "ldaps", SPN_TLS_NONE }, { "ldap", SPN_TLS_REQUIRE }, { "ldap", SPN_TLS_TRY } };
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		char url[80];
		snprintf(url, sizeof url, "%s://127.0.0.1:%u", ways[i].scheme, ntohs(name.sin_port));
		options.tls = ways[i].tls;
		assert_waits_without_the_processor(url, &options);
	}
	options.tls = SPN_TLS_NONE;
	spn_directory *dir = NULL;
	assert_int_equal(spn_directory_open("ldap://127.0.0.1:1", &options, &dir, NULL), SPN_ERR_REFUSED);
	assert_false(asked);
	unlink(cacert);
	close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_end_at_the_deadline),
		cmocka_unit_test(a_hang_up_is_noticed_and_is_no_signal),
		cmocka_unit_test(a_call_without_a_time_out_gets_one),
		cmocka_unit_test(a_silent_server_takes_no_longer_than_the_time_out),
		cmocka_unit_test(a_server_that_is_silent_at_once_as_well),
		cmocka_unit_test(a_silent_tls_handshake_ends_and_no_password_is_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

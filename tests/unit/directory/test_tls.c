/* SPDX-License-Identifier: MIT */
/* Directories and web servers behind TLS: what their certificate has to prove before anything is said, and what
 * becomes of a password. */
#include "unit.h"

#include <pthread.h>
#include <time.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <gssapi/gssapi.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_dns.h"
#include "gss_server.h"
#include "kdc_server.h"
#include "returned.h"

#define PASSWORD "correct horse battery staple"
#define HOST "dc1.example.com"

static spn_error err[1];
static struct server server;

/* ---- certificates ---- */

struct identity {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t certificate;
};

static struct identity authority, other_authority, right, other_name, expired, unknown, self_signed;

/* Signed by issuer; NULL: by itself. */
static void make(struct identity *who, const char *name, bool is_authority, const struct identity *issuer, long seconds)
{
	static unsigned char serial;
	time_t now = time(NULL);
	serial++;
	gnutls_x509_privkey_init(&who->key);
	gnutls_x509_crt_init(&who->certificate);
	gnutls_x509_privkey_generate(who->key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_crt_set_version(who->certificate, 3);
	gnutls_x509_crt_set_serial(who->certificate, &serial, 1);
	gnutls_x509_crt_set_activation_time(who->certificate, now - 7200);
	gnutls_x509_crt_set_expiration_time(who->certificate, now + seconds);
	gnutls_x509_crt_set_dn_by_oid(who->certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name));
	gnutls_x509_crt_set_key(who->certificate, who->key);
	gnutls_x509_crt_set_basic_constraints(who->certificate, is_authority, -1);
	if (is_authority)
		gnutls_x509_crt_set_key_usage(who->certificate, GNUTLS_KEY_KEY_CERT_SIGN);
	else
		gnutls_x509_crt_set_subject_alt_name(who->certificate, GNUTLS_SAN_DNSNAME, name, (unsigned)strlen(name), 0);
	if (!issuer)
		issuer = who;
	assert_int_equal(gnutls_x509_crt_sign2(who->certificate, issuer->certificate, issuer->key, GNUTLS_DIG_SHA256, 0), 0);
}

static void write_authority(const struct identity *who, const char *name)
{
	gnutls_datum_t pem;
	assert_int_equal(gnutls_x509_crt_export2(who->certificate, GNUTLS_X509_FMT_PEM, &pem), 0);
	FILE *file = fopen(kdc_path(name), "w");
	assert_non_null(file);
	fwrite(pem.data, 1, pem.size, file);
	fclose(file);
	gnutls_free(pem.data);
}

static void make_all(void)
{
	make(&authority, "the authority", true, NULL, 86400);
	make(&other_authority, "the authority", true, NULL, 86400);
	make(&right, HOST, false, &authority, 86400);
	make(&other_name, "dc2.example.com", false, &authority, 86400);
	make(&expired, HOST, false, &authority, -3600);
	make(&unknown, HOST, false, &other_authority, 86400);
	make(&self_signed, HOST, false, NULL, 86400);
	write_authority(&authority, "ca.pem");
	write_authority(&other_authority, "other_ca.pem");
}

/* ---- TLS between server and socket: one connection at a time ---- */

static const struct identity *identity;
static const char *versions;
static gnutls_session_t session;
static gnutls_certificate_credentials_t own_certificate;

static bool open_tls(int fd)
{
	gss_line.open(fd);
	gnutls_certificate_allocate_credentials(&own_certificate);
	gnutls_certificate_set_x509_key(own_certificate, (gnutls_x509_crt_t[]){ identity->certificate }, 1, identity->key);
	gnutls_init(&session, GNUTLS_SERVER);
	assert_int_equal(gnutls_priority_set_direct(session, versions, NULL), 0);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, own_certificate);
	gnutls_transport_set_int(session, fd);
	int code;
	do
		code = gnutls_handshake(session);
	while (code < 0 && !gnutls_error_is_fatal(code));
	return code == 0;
}

static void close_tls(int fd)
{
	gss_line.close(fd);
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(own_certificate);
}

static ssize_t receive(int fd, void *buffer, size_t size)
{
	(void)fd;
	ssize_t n = gnutls_record_recv(session, buffer, size);
	return n < 0 ? 0 : n;
}

static ssize_t transmit(int fd, const void *bytes, size_t size)
{
	(void)fd;
	return gnutls_record_send(session, bytes, size);
}

static const struct server_line tls_line = { open_tls, receive, transmit, close_tls };

static ssize_t receive_plain(int fd, void *buffer, size_t size)
{
	return read(fd, buffer, size);
}

static ssize_t transmit_plain(int fd, const void *bytes, size_t size)
{
	return send(fd, bytes, size, MSG_NOSIGNAL);
}

static bool open_plain(int fd)
{
	return fd >= 0;
}

static void close_plain(int fd)
{
	(void)fd;
}

static const struct server_line plain_line = { open_plain, receive_plain, transmit_plain, close_plain };

/* ---- the directory ---- */

static char said[64]; /* the password that the server got */
static unsigned n_binds;

static void answer(struct server *at, int fd, const struct request *request)
{
	(void)at;
	reply_result(fd, request->id, request->kind == LDAP_REQ_MODIFY ? LDAP_RES_MODIFY : LDAP_RES_SEARCH_RESULT, 0, "");
}

static void note_password(struct server *at, int fd, const struct request *request)
{
	(void)at;
	n_binds++;
	snprintf(said, sizeof said, "%.*s", (int)request->cred.bv_len, request->cred.bv_val ? request->cred.bv_val : "");
	reply_result(fd, request->id, LDAP_RES_BIND, 0, "");
}

static bool serves;

/* After each test too: one that failed leaves the server at work. */
static int stop(void **state)
{
	(void)state;
	if (serves)
		server_stop(&server);
	serves = false;
	return 0;
}

static void start(const struct identity *who, const char *tls_versions, const struct server_line *line)
{
	identity = who;
	versions = tls_versions;
	n_binds = 0;
	said[0] = '\0';
	kdc_mood = KDC_TICKETS;
	server_start_tcp(&server, answer, line);
	server.bind = note_password;
	serves = true;
}

static const char *password = PASSWORD;
static size_t password_len = sizeof PASSWORD - 1;
static unsigned n_given;

static spn_status give_password(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *why)
{
	(void)data, (void)why;
	assert_true(password_len < size);
	n_given++;
	memcpy(buffer, password, password_len);
	*ret_len = password_len;
	return SPN_OK;
}

static const char *by_mech; /* of SASL, with bind_dn; NULL: a simple bind */

static spn_status open_dir(const char *scheme, spn_tls tls, const char *bind_dn)
{
	char url[80];
	spn_directory *dir = NULL;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.credentials = &credentials;
	credentials.bind_dn = bind_dn;
	credentials.sasl_mech = bind_dn ? by_mech : NULL;
	credentials.password = bind_dn ? give_password : NULL;
	credentials.ccache = bind_dn ? NULL : kdc_path("cache");
	options.cacert = kdc_path("ca.pem");
	options.tls = tls;
	options.timeout = 30;
	snprintf(url, sizeof url, "%s://" HOST ":%u", scheme, server.port);
	spn_status status = spn_directory_open(url, &options, &dir, err);
	spn_directory_free(dir);
	return status;
}

#define NORMAL "NORMAL"

static void the_right_certificate_gets_the_password(void **state)
{
	(void)state;
	start(&right, NORMAL, &tls_line);
	assert_ok(open_dir("ldaps", SPN_TLS_NONE, "CN=x"));
	assert_string_equal(said, PASSWORD);
	stop(NULL);
}

static void every_other_certificate_is_refused_before_anything_is_said(void **state)
{
	(void)state;
	static const struct {
		const struct identity *who;
		const char *name;
	} cases[] = {
		{ &other_name, "of another host" },
		{ &expired, "that has expired" },
		{ &unknown, "of an authority that is not trusted" },
		{ &self_signed, "that is signed by itself" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		start(cases[i].who, NORMAL, &tls_line);
		for (int simple = 0; simple < 2; simple++) {
			spn_status status = open_dir("ldaps", SPN_TLS_NONE, simple ? "CN=x" : NULL);
			if (status != SPN_ERR_FAILED || !strstr(err->message, "certificate") || n_binds)
				fail_msg("a certificate %s: %s, %u binds", cases[i].name, status ? err->message : "accepted", n_binds);
		}
		stop(NULL);
	}
}

static void an_old_version_of_tls_is_refused(void **state)
{
	(void)state;
	start(&right, "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT", &tls_line);
	assert_int_not_equal(open_dir("ldaps", SPN_TLS_NONE, "CN=x"), SPN_OK);
	assert_int_equal(n_binds, 0);
	stop(NULL);
	start(&right, "NORMAL:-VERS-ALL:+VERS-TLS1.2", &tls_line);
	assert_ok(open_dir("ldaps", SPN_TLS_NONE, "CN=x"));
	stop(NULL);
}

/* ---- passwords ---- */

static unsigned n_wiped; /* buffers that held the password */

static void note_wiped(const void *buffer, size_t len)
{
	n_wiped += memmem(buffer, len, PASSWORD, sizeof PASSWORD - 1) != NULL;
}

void __real_explicit_bzero(void *buffer, size_t len);
void __wrap_explicit_bzero(void *buffer, size_t len);
void __wrap_explicit_bzero(void *buffer, size_t len)
{
	note_wiped(buffer, len);
	__real_explicit_bzero(buffer, len);
}

void __wrap___explicit_bzero_chk(void *buffer, size_t len, size_t size);
void __wrap___explicit_bzero_chk(void *buffer, size_t len, size_t size)
{
	(void)size;
	__wrap_explicit_bzero(buffer, len);
}

static void no_password_is_said_without_tls(void **state)
{
	(void)state;
	static const char *const mechs[] = { NULL, "SCRAM-SHA-256", "SCRAM-SHA-512", "DIGEST-MD5" };
	for (size_t i = 0; i < sizeof mechs / sizeof *mechs; i++) {
		by_mech = mechs[i];
		n_given = 0;
		start(&right, NORMAL, &plain_line);
		assert_fails(open_dir("ldap", SPN_TLS_NONE, "CN=x"), SPN_ERR_REFUSED, "in the clear");
		assert_int_equal(server.n_connections, 0);
		/* the server refuses StartTLS */
		assert_fails(open_dir("ldap", SPN_TLS_TRY, "CN=x"), SPN_ERR_REFUSED, "in the clear");
		assert_int_equal(server.n_connections, 1);
		assert_int_equal(n_binds, 0);
		assert_int_equal(n_given, 0);
		stop(NULL);
	}
	by_mech = NULL;
}

/* Though it would be sealed without. */
static void tls_that_is_required_is_not_done_without(void **state)
{
	(void)state;
	start(&right, NORMAL, &plain_line);
	server.bind = gss_accept_bind;
	assert_int_not_equal(open_dir("ldap", SPN_TLS_REQUIRE, NULL), SPN_OK);
	assert_non_null(strstr(err->message, "StartTLS with '" HOST "' failed"));
	stop(NULL);
}

/* It has no way to prove that it knows the password. */
static void a_password_that_is_to_be_proved_is_not_sent(void **state)
{
	(void)state;
	start(&right, NORMAL, &tls_line);
	by_mech = "SCRAM-SHA-256";
	n_wiped = 0;
	assert_fails(open_dir("ldaps", SPN_TLS_NONE, "alice"), SPN_ERR_AUTH, "does not prove");
	by_mech = NULL;
	stop(NULL);
	assert_non_null(strstr(said, "n=alice,r="));
	assert_null(strstr(said, PASSWORD));
	assert_int_equal(n_wiped, 1);
}

/* A server takes an empty one for an anonymous bind, and grants it. */
static void an_empty_password_is_not_sent(void **state)
{
	(void)state;
	start(&right, NORMAL, &tls_line);
	password_len = 0;
	assert_fails(open_dir("ldaps", SPN_TLS_NONE, "CN=x"), SPN_ERR_INVALID, "empty");
	password = "\0secret";
	password_len = 7;
	assert_fails(open_dir("ldaps", SPN_TLS_NONE, "CN=x"), SPN_ERR_INVALID, "NUL");
	password = PASSWORD;
	password_len = strlen(PASSWORD);
	assert_int_equal(n_binds, 0);
	stop(NULL);
}

static void a_password_is_wiped_wherever_it_was(void **state)
{
	(void)state;
	start(&right, NORMAL, &tls_line);
	n_wiped = 0;
	assert_ok(open_dir("ldaps", SPN_TLS_NONE, "CN=x"));
	stop(NULL);
	assert_int_equal(n_wiped, 2); /* as it was given, and in the message to the server */
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
	options.credentials = &credentials;
	spn_kdc *kdc = NULL;
	credentials.principal = ALICE;
	credentials.password = give_password;
	kdc_mood = KDC_ERROR;
	kdc_error = 24;
	n_wiped = 0;
	assert_int_not_equal(spn_kdc_open(&options, &kdc, err), SPN_OK);
	kdc_mood = KDC_TICKETS;
	assert_int_equal(n_wiped, 1);
}

/* ---- Kerberos inside TLS ---- */

static char bound_to[200];
static size_t bound_len;

OM_uint32 __real_gss_init_sec_context(OM_uint32 *minor, gss_const_cred_id_t cred, gss_ctx_id_t *context,
		gss_const_name_t name, const gss_OID mech, OM_uint32 flags, OM_uint32 time,
		const gss_channel_bindings_t bindings, const gss_buffer_t in,
		gss_OID *actual, gss_buffer_t out, OM_uint32 *granted, OM_uint32 *ret_time);
OM_uint32 __wrap_gss_init_sec_context(OM_uint32 *minor, gss_const_cred_id_t cred, gss_ctx_id_t *context,
		gss_const_name_t name, const gss_OID mech, OM_uint32 flags, OM_uint32 time,
		const gss_channel_bindings_t bindings, const gss_buffer_t in,
		gss_OID *actual, gss_buffer_t out, OM_uint32 *granted, OM_uint32 *ret_time);
OM_uint32 __wrap_gss_init_sec_context(OM_uint32 *minor, gss_const_cred_id_t cred, gss_ctx_id_t *context,
		gss_const_name_t name, const gss_OID mech, OM_uint32 flags, OM_uint32 time,
		const gss_channel_bindings_t bindings, const gss_buffer_t in,
		gss_OID *actual, gss_buffer_t out, OM_uint32 *granted, OM_uint32 *ret_time)
{
	bound_len = bindings ? bindings->application_data.length : 0;
	if (bound_len)
		memcpy(bound_to, bindings->application_data.value, bound_len);
	return __real_gss_init_sec_context(minor, cred, context, name, mech, flags, time, bindings, in, actual, out,
			granted, ret_time);
}

static void a_log_on_inside_tls_is_bound_to_the_certificate_that_the_server_showed(void **state)
{
	(void)state;
	char expected[100] = "tls-server-end-point:";
	size_t prefix = strlen(expected), len = sizeof expected - prefix;
	start(&right, NORMAL, &tls_line);
	server.bind = gss_accept_bind;
	bound_len = 0;
	assert_ok(open_dir("ldaps", SPN_TLS_NONE, NULL));
	stop(NULL);
	assert_int_equal(gnutls_x509_crt_get_fingerprint(right.certificate, GNUTLS_DIG_SHA256, expected + prefix, &len), 0);
	assert_int_equal(bound_len, prefix + len);
	assert_memory_equal(bound_to, expected, bound_len);
}

/* ---- https ---- */

static int web;

/* Answers one request on each connection. */
static void *serve_web(void *data)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	char buffer[4096];
	(void)data;
	for (int fd; (fd = accept(web, NULL, NULL)) >= 0; close(fd)) {
		if (open_tls(fd) && receive(fd, buffer, sizeof buffer) > 0)
			transmit(fd, text, sizeof text - 1);
		close_tls(fd);
	}
	return NULL;
}

static spn_status note_handshake(const spn_handshake *handshake, void *data, spn_error *why)
{
	(void)why;
	*(int *)data = handshake->http_status;
	return SPN_OK;
}

static void a_web_server_has_to_have_the_name_that_it_is_called_by(void **state)
{
	(void)state;
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof name;
	pthread_t thread;
	char url[80];
	int status = 0;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_handshake_options options = SPN_HANDSHAKE_OPTIONS_INIT;
	options.credentials = &credentials;
	credentials.ccache = kdc_path("cache");
	options.cacert = kdc_path("ca.pem");
	options.timeout = 30;
	versions = NORMAL;
	kdc_mood = KDC_TICKETS;
	web = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(web, (struct sockaddr *)&name, size) || listen(web, 5) ||
			getsockname(web, (struct sockaddr *)&name, &size), 0);
	snprintf(url, sizeof url, "https://" HOST ":%u/", ntohs(name.sin_port));
	identity = &right;
	assert_int_equal(pthread_create(&thread, NULL, serve_web, NULL), 0);
	assert_ok(shake_hands(url, NULL, &options, note_handshake, &status, err));
	assert_int_equal(status, 200);
	static const struct identity *const wrong[] = { &other_name, &unknown };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		identity = wrong[i];
		status = 0;
		assert_int_not_equal(shake_hands(url, NULL, &options, note_handshake, &status, err), SPN_OK);
		assert_int_equal(status, 0);
	}
	shutdown(web, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(web);
}

/* What libldap would take from the environment when it starts: none of it may count. */
static void set_environment(void)
{
	setenv("LDAPTLS_REQCERT", "never", 1);
	setenv("LDAPTLS_REQSAN", "never", 1);
	setenv("LDAPTLS_CACERT", kdc_path("other_ca.pem"), 1);
	setenv("LDAPTLS_CACERTDIR", kdc_path("no_such_folder"), 1);
	setenv("LDAPTLS_CIPHER_SUITE", "no such suite", 1);
	setenv("LDAPTLS_CERT", kdc_path("ca.pem"), 1);
	setenv("LDAPTLS_KEY", kdc_path("no_such_key"), 1);
	setenv("LDAPTLS_PROTOCOL_MIN", "3.1", 1);
	setenv("LDAPSASL_SECPROPS", "none", 1);
}

static int start_all(void **state)
{
	int failed = kdc_start(state);
	kdc_name_service("ldap/" HOST "@" REALM);
	make_all();
	set_environment();
	return failed;
}

static void forget(struct identity *who)
{
	gnutls_x509_crt_deinit(who->certificate);
	gnutls_x509_privkey_deinit(who->key);
}

static int stop_all(void **state)
{
	struct identity *const all[] = { &authority, &other_authority, &right, &other_name, &expired, &unknown, &self_signed };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		forget(all[i]);
	return kdc_stop(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_right_certificate_gets_the_password, stop),
		cmocka_unit_test_teardown(every_other_certificate_is_refused_before_anything_is_said, stop),
		cmocka_unit_test_teardown(an_old_version_of_tls_is_refused, stop),
		cmocka_unit_test_teardown(no_password_is_said_without_tls, stop),
		cmocka_unit_test_teardown(tls_that_is_required_is_not_done_without, stop),
		cmocka_unit_test_teardown(an_empty_password_is_not_sent, stop),
		cmocka_unit_test_teardown(a_password_that_is_to_be_proved_is_not_sent, stop),
		cmocka_unit_test_teardown(a_password_is_wiped_wherever_it_was, stop),
		cmocka_unit_test_teardown(a_log_on_inside_tls_is_bound_to_the_certificate_that_the_server_showed, stop),
		cmocka_unit_test_teardown(a_web_server_has_to_have_the_name_that_it_is_called_by, stop),
	};
	return cmocka_run_group_tests_name("tls", tests, start_all, stop_all);
}

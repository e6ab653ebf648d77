/* SPDX-License-Identifier: MIT */
/* Credentials that are there, are not, or are of no use: what can be said without a KDC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <krb5.h>

#include <spnkit/kdc.h>

#include "patience.h"
#include "kerberos/credentials.h"
#include "kerberos/krb5_error.h"

#define ALICE "alice@EXAMPLE.COM"

static char folder[] = "/tmp/spnkit-test-XXXXXX", cache[64];
static krb5_context krb5;

static const char *path(const char *name)
{
	static char text[100];
	snprintf(text, sizeof text, "%s/%s", folder, name);
	return text;
}

/* The one KDC is a listener of which nobody accepts: the kernel connects, and then nothing comes. */
static int prepare(void **state)
{
	(void)state;
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof name;
	static int listener;
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (!mkdtemp(folder) || bind(listener, (struct sockaddr *)&name, size) || listen(listener, 10) ||
			getsockname(listener, (struct sockaddr *)&name, &size))
		return -1;
	FILE *file = fopen(path("krb5.conf"), "w");
	if (!file)
		return -1;
	fprintf(file, "[libdefaults]\ndefault_realm = EXAMPLE.COM\ndns_lookup_kdc = no\n"
			"[realms]\nEXAMPLE.COM = {\nkdc = 127.0.0.1:%u\n}\nEMPTY.TEST = {\n}\n", ntohs(name.sin_port));
	fclose(file);
	setenv("KRB5_CONFIG", path("krb5.conf"), 1);
	snprintf(cache, sizeof cache, "FILE:%s/cache", folder);
	return krb5_init_context(&krb5);
}

static int clean(void **state)
{
	(void)state;
	unlink(path("krb5.conf"));
	unlink(path("cache"));
	unlink(path("text"));
	krb5_free_context(krb5);
	return rmdir(folder);
}

/* A cache with a ticket-granting ticket that ends so many seconds from now; 0: with none. */
static void make_cache(long seconds)
{
	krb5_ccache id;
	krb5_principal alice;
	char key[16] = "0123456789abcde";
	assert_int_equal(krb5_cc_resolve(krb5, cache, &id), 0);
	assert_int_equal(krb5_parse_name(krb5, ALICE, &alice), 0);
	assert_int_equal(krb5_cc_initialize(krb5, id, alice), 0);
	krb5_creds tgt = { .client = alice };
	assert_int_equal(krb5_make_principal(krb5, &tgt.server, "EXAMPLE.COM", KRB5_TGS_NAME, "EXAMPLE.COM", NULL), 0);
	tgt.session = (krb5_keyblock){ ETYPE_AES128_CTS_HMAC_SHA1_96, { sizeof key, key } };
	tgt.times.endtime = time(NULL) + seconds;
	if (seconds)
		assert_int_equal(krb5_cc_store_cred(krb5, id, &tgt), 0);
	krb5_free_principal(krb5, tgt.server);
	krb5_free_principal(krb5, alice);
	krb5_cc_close(krb5, id);
}

static void refused(const char *principal, const char *keytab, const char *ccache, spn_status status, const char *part)
{
	spn_error err;
	spk_credentials *credentials = NULL;
	assert_int_equal(spk_credentials_open(principal, keytab, ccache, &credentials, &err), status);
	assert_null(credentials);
	assert_int_equal(err.status, status);
	if (!strstr(err.message, part))
		fail_msg("'%s' is not in '%s'", part, err.message);
}

static spn_status ignore_entry(const spn_keytab_entry *entry, void *data, spn_error *err)
{
	(void)entry;
	(void)data;
	(void)err;
	return SPN_OK;
}

static void a_cache_with_a_ticket_granting_ticket_is_taken(void **state)
{
	(void)state;
	make_cache(3600);
	spk_credentials *credentials = NULL;
	assert_int_equal(spk_credentials_open(NULL, NULL, cache, &credentials, NULL), SPN_OK);
	assert_string_equal(spk_credentials_principal(credentials), ALICE);
	assert_string_equal(spk_credentials_realm(credentials), "EXAMPLE.COM");
	void *cred = NULL;
	assert_int_equal(spk_credentials_gss(credentials, &cred, NULL), SPN_OK);
	assert_non_null(cred);
	spk_credentials_free(credentials);
	credentials = NULL;
	assert_int_equal(spk_credentials_open("alice", NULL, cache, &credentials, NULL), SPN_OK);
	spk_credentials_free(credentials);
}

static void a_cache_of_no_use_is_refused_with_its_name(void **state)
{
	(void)state;
	refused(NULL, NULL, "FILE:/nonexistent/cache", SPN_ERR_AUTH,
			"no Kerberos credentials in 'FILE:/nonexistent/cache', run kinit");
	refused(NULL, NULL, "KEYRING:x", SPN_ERR_AUTH, "KEYRING:x");
	make_cache(0);
	refused(NULL, NULL, cache, SPN_ERR_AUTH, "no Kerberos credentials of '" ALICE "'");
	make_cache(-60);
	refused(NULL, NULL, cache, SPN_ERR_AUTH, "have expired: run kinit");
	make_cache(3600);
	refused("bob", NULL, cache, SPN_ERR_AUTH, "is not that of 'bob'");
	refused("a@b@c", NULL, cache, SPN_ERR_SYNTAX, "'a@b@c'");
}

static void a_keytab_of_no_use_is_refused_with_its_name(void **state)
{
	(void)state;
	refused(NULL, "/nonexistent/keytab", NULL, SPN_ERR_AUTH, "'/nonexistent/keytab' cannot be used: No such file");
	refused(NULL, "NOSUCH:x", NULL, SPN_ERR_AUTH, "knows no such type of keytab");
	FILE *file = fopen(path("text"), "w");
	assert_non_null(file);
	fputs("this is text\n", file);
	fclose(file);
	refused(NULL, path("text"), NULL, SPN_ERR_AUTH, "it is not a keytab");
	refused("alice", path("text"), NULL, SPN_ERR_AUTH, "text' cannot be used for 'alice'");
}

/* A keytab in memory, with one key. */
static krb5_keytab make_keytab(const char *name, const char *principal)
{
	krb5_keytab keytab;
	char key[16] = "0123456789abcde";
	krb5_keytab_entry entry = { .vno = 1, .keyblock = { ETYPE_AES128_CTS_HMAC_SHA1_96, { sizeof key, key } } };
	assert_int_equal(krb5_kt_resolve(krb5, name, &keytab), 0);
	assert_int_equal(krb5_parse_name(krb5, principal, &entry.principal), 0);
	assert_int_equal(krb5_kt_add_entry(krb5, keytab, &entry), 0);
	krb5_free_principal(krb5, entry.principal);
	return keytab;
}

static void a_configuration_that_cannot_be_read_is_named(void **state)
{
	(void)state;
	make_cache(3600);
	setenv("KRB5_CONFIG", "/dev/null/krb5.conf", 1);
	refused(NULL, NULL, cache, SPN_ERR_FAILED, "'/dev/null/krb5.conf': Not a directory");
	assert_int_equal(spn_keytab_list(cache, ignore_entry, NULL, NULL), SPN_ERR_FAILED);
	setenv("KRB5_CONFIG", path("krb5.conf"), 1);
}

static void configure(const char *setting)
{
	FILE *file = fopen(path("krb5.conf.d"), "w");
	assert_non_null(file);
	fprintf(file, "[libdefaults]\ndefault_realm = EXAMPLE.COM\n%s\n", setting);
	fclose(file);
	setenv("KRB5_CONFIG", path("krb5.conf.d"), 1);
	unsetenv("KRB5CCNAME");
}

static void the_default_cache_of_mit_programs_is_taken(void **state)
{
	(void)state;
	char setting[120];
	spk_credentials *credentials = NULL;
	spn_error err;
	make_cache(3600);
	snprintf(setting, sizeof setting, "default_ccache_name = %s", cache);
	configure(setting);
	assert_int_equal(spk_credentials_open(NULL, NULL, NULL, &credentials, &err), SPN_OK);
	assert_string_equal(spk_credentials_principal(credentials), ALICE);
	spk_credentials_free(credentials);
	configure("default_ccache_name = FILE:/nonexistent/cc_%{uid}");
	char name[60];
	snprintf(name, sizeof name, "'FILE:/nonexistent/cc_%lu'", (unsigned long)getuid());
	refused(NULL, NULL, NULL, SPN_ERR_AUTH, name);
	setenv("KRB5CCNAME", cache, 1); /* which has precedence */
	credentials = NULL;
	assert_int_equal(spk_credentials_open(NULL, NULL, NULL, &credentials, &err), SPN_OK);
	spk_credentials_free(credentials);
	configure("default_ccache_name = FILE:/tmp/%{nonsense}");
	refused(NULL, NULL, NULL, SPN_ERR_AUTH, "Heimdal does not know: use a file: 'export KRB5CCNAME=FILE:");
	unlink(path("krb5.conf.d"));
	setenv("KRB5_CONFIG", path("krb5.conf"), 1);
}

static void a_cache_that_heimdal_cannot_read_is_explained(void **state)
{
	(void)state;
	configure("default_ccache_name = KEYRING:persistent:%{uid}");
	refused(NULL, NULL, NULL, SPN_ERR_AUTH, "cannot read: use a file: 'export KRB5CCNAME=FILE:/tmp/krb5cc_");
	refused(NULL, NULL, NULL, SPN_ERR_AUTH, "'KEYRING:persistent:");
	refused("alice", NULL, NULL, SPN_ERR_AUTH, "'KEYRING:persistent:");
	refused(NULL, NULL, "API:x", SPN_ERR_AUTH, "'API:x' is of a type");
	unlink(path("krb5.conf.d"));
	setenv("KRB5_CONFIG", path("krb5.conf"), 1);
}

static void nobody_finds_the_credentials_that_another_handle_has_in_memory(void **state)
{
	(void)state;
	krb5_ccache id;
	krb5_principal bob;
	assert_int_equal(krb5_cc_resolve(krb5, "MEMORY:another", &id), 0);
	assert_int_equal(krb5_parse_name(krb5, "bob@EXAMPLE.COM", &bob), 0);
	assert_int_equal(krb5_cc_initialize(krb5, id, bob), 0);
	make_cache(3600);
	setenv("KRB5CCNAME", cache, 1);
	refused("bob", NULL, NULL, SPN_ERR_AUTH, "is not that of 'bob'");
	unsetenv("KRB5CCNAME");
	krb5_free_principal(krb5, bob);
	krb5_cc_destroy(krb5, id);
}

static void of_the_keys_of_a_machine_the_computers_is_taken(void **state)
{
	(void)state;
	spk_credentials *credentials = NULL;
	krb5_keytab keytab = make_keytab("MEMORY:machine", "host/web01.example.com@EXAMPLE.COM");
	assert_int_equal(spk_credentials_open(NULL, "MEMORY:machine", NULL, &credentials, NULL), SPN_OK);
	assert_string_equal(spk_credentials_principal(credentials), "host/web01.example.com@EXAMPLE.COM");
	krb5_kt_close(krb5, make_keytab("MEMORY:machine", "WEB01$@EXAMPLE.COM"));
	krb5_kt_close(krb5, make_keytab("MEMORY:machine", "WEB02$@EXAMPLE.COM"));
	spk_credentials_free(credentials);
	credentials = NULL;
	assert_int_equal(spk_credentials_open(NULL, "MEMORY:machine", NULL, &credentials, NULL), SPN_OK);
	assert_string_equal(spk_credentials_principal(credentials), "WEB01$@EXAMPLE.COM");
	spk_credentials_free(credentials);
	krb5_kt_close(krb5, keytab);
}

static void a_silent_kdc_takes_no_longer_than_the_deadline(void **state)
{
	(void)state;
	krb5_keytab keytab = make_keytab("MEMORY:silent", ALICE);
	refused("bob", "MEMORY:silent", NULL, SPN_ERR_AUTH, "holds no key");
	spk_credentials *credentials = NULL;
	char *name = NULL;
	spn_error err;
	assert_int_equal(spk_credentials_open(NULL, "MEMORY:silent", NULL, &credentials, &err), SPN_OK);
	ASSERT_WAITS(1, assert_int_equal(spk_credentials_ticket(credentials, NULL, "ldap/dc1.example.com", false,
			spk_deadline_in(1000), &name, &err), SPN_ERR_UNREACHABLE));
	assert_int_equal(err.native, KRB5_KDC_UNREACH);
	assert_non_null(strstr(err.message, "no answer in time"));
	spk_credentials_free(credentials);
	krb5_kt_close(krb5, keytab);
}

static void a_realm_without_a_kdc_is_named(void **state)
{
	(void)state;
	krb5_keytab keytab = make_keytab("MEMORY:lost", "alice@EMPTY.TEST");
	spk_credentials *credentials = NULL;
	char *name = NULL;
	spn_error err;
	assert_int_equal(spk_credentials_open(NULL, "MEMORY:lost", NULL, &credentials, &err), SPN_OK);
	assert_int_equal(spk_credentials_ticket(credentials, NULL, "ldap/dc1.empty.test", false,
			spk_deadline_in(1000), &name, &err), SPN_ERR_UNREACHABLE);
	assert_non_null(strstr(err.message, "'EMPTY.TEST'"));
	spk_credentials_free(credentials);
	krb5_kt_close(krb5, keytab);
}

static void kerberos_errors_become_a_status_and_a_sentence(void **state)
{
	(void)state;
	static const struct {
		krb5_error_code code;
		spn_status status;
		const char *part;
	} known[] = {
		{ KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, SPN_ERR_AUTH, "does not know this client" },
		{ KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, SPN_ERR_AUTH, "holds this service name" },
		{ KRB5KDC_ERR_CLIENT_REVOKED, SPN_ERR_AUTH, "disabled" },
		{ KRB5KDC_ERR_KEY_EXPIRED, SPN_ERR_AUTH, "expired" },
		{ KRB5KDC_ERR_PREAUTH_FAILED, SPN_ERR_AUTH, "key is wrong" },
		{ KRB5KRB_AP_ERR_SKEW, SPN_ERR_AUTH, "clock" },
		{ KRB5_KDC_UNREACH, SPN_ERR_UNREACHABLE, "no KDC answers" },
		{ KRB5_ERR_RCSID, SPN_ERR_FAILED, "Kerberos says '" },
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		spn_error err;
		assert_int_equal(spk_krb5_fail(&err, krb5, known[i].code, "context"), known[i].status);
		assert_int_equal(err.native, known[i].code);
		assert_ptr_equal(strstr(err.message, "context: "), err.message);
		assert_non_null(strstr(err.message, known[i].part));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cache_with_a_ticket_granting_ticket_is_taken),
		cmocka_unit_test(a_cache_of_no_use_is_refused_with_its_name),
		cmocka_unit_test(a_keytab_of_no_use_is_refused_with_its_name),
		cmocka_unit_test(a_configuration_that_cannot_be_read_is_named),
		cmocka_unit_test(the_default_cache_of_mit_programs_is_taken),
		cmocka_unit_test(a_cache_that_heimdal_cannot_read_is_explained),
		cmocka_unit_test(nobody_finds_the_credentials_that_another_handle_has_in_memory),
		cmocka_unit_test(of_the_keys_of_a_machine_the_computers_is_taken),
		cmocka_unit_test(a_silent_kdc_takes_no_longer_than_the_deadline),
		cmocka_unit_test(a_realm_without_a_kdc_is_named),
		cmocka_unit_test(kerberos_errors_become_a_status_and_a_sentence),
	};
	return cmocka_run_group_tests(tests, prepare, clean);
}

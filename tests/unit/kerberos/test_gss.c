/* SPDX-License-Identifier: MIT */
/* What binds a logon to the TLS channel around it (RFC 5929, section 4.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kerberos/gss.h"

#define PREFIX "tls-server-end-point:"
#define RSA "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define ECDSA "\x2a\x86\x48\xce\x3d\x04\x03"

/* As much of a certificate as is looked at: its contents (none), how it is signed, and the signature. */
static spn_bytes certificate(char *buffer, const char *oid, size_t len)
{
	size_t n = 0;
	const char head[] = { 0x30, (char)(2 + 4 + len + 2), 0x30, 0, 0x30, (char)(2 + len), 0x06, (char)len };
	memcpy(buffer, head, sizeof head);
	n += sizeof head;
	memcpy(buffer + n, oid, len);
	n += len;
	memcpy(buffer + n, "\x03\x00", 2);
	return (spn_bytes){ buffer, n + 2 };
}

static size_t hash_size(const char *oid, size_t len)
{
	char buffer[64];
	SPK_AUTOTEXT spk_text binding = { 0 };
	assert_int_equal(spk_gss_channel(certificate(buffer, oid, len), &binding, NULL), SPN_OK);
	assert_memory_equal(binding.data, PREFIX, strlen(PREFIX));
	return binding.len - strlen(PREFIX);
}

static void the_hash_is_that_of_the_signature(void **state)
{
	(void)state;
	assert_int_equal(hash_size(RSA "\x0b", 9), 32);
	assert_int_equal(hash_size(RSA "\x0c", 9), 48);
	assert_int_equal(hash_size(RSA "\x0d", 9), 64);
	assert_int_equal(hash_size(ECDSA "\x02", 8), 32);
	assert_int_equal(hash_size(ECDSA "\x03", 8), 48);
	assert_int_equal(hash_size(ECDSA "\x04", 8), 64);
}

static void a_weak_or_unknown_one_is_replaced_by_sha256(void **state)
{
	(void)state;
	assert_int_equal(hash_size(RSA "\x04", 9), 32); /* MD5 */
	assert_int_equal(hash_size(RSA "\x05", 9), 32); /* SHA-1 */
	assert_int_equal(hash_size("\x2b\x65\x70", 3), 32); /* Ed25519 */
}

static void the_hash_is_of_the_whole_certificate(void **state)
{
	(void)state;
	/* sha256sum of 300d 3000 3007 0605 2b0e03021d 0300 */
	static const unsigned char expected[] = {
		0xd9, 0x03, 0x18, 0x22, 0xfc, 0x9a, 0xdd, 0x0a, 0x8a, 0xf9, 0x95, 0xb9, 0xa3, 0x23, 0xdf, 0xa0,
		0xdc, 0xe9, 0x7a, 0xb7, 0xc1, 0x8d, 0x44, 0xca, 0x20, 0x3c, 0x82, 0xeb, 0x49, 0xef, 0x86, 0x08
	};
	char buffer[64];
	SPK_AUTOTEXT spk_text binding = { 0 };
	assert_int_equal(spk_gss_channel(certificate(buffer, "\x2b\x0e\x03\x02\x1d", 5), &binding, NULL), SPN_OK);
	assert_int_equal(binding.len, strlen(PREFIX) + sizeof expected);
	assert_memory_equal(binding.data + strlen(PREFIX), expected, sizeof expected);
}

static void what_is_no_certificate_binds_nothing(void **state)
{
	(void)state;
	spn_error err;
	SPK_AUTOTEXT spk_text binding = { 0 };
	assert_int_equal(spk_gss_channel((spn_bytes){ "\x30\x02\x30", 3 }, &binding, &err), SPN_ERR_FAILED);
	assert_int_equal(spk_gss_channel((spn_bytes){ "", 0 }, &binding, &err), SPN_ERR_FAILED);
	assert_int_equal(binding.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_is_that_of_the_signature),
		cmocka_unit_test(a_weak_or_unknown_one_is_replaced_by_sha256),
		cmocka_unit_test(the_hash_is_of_the_whole_certificate),
		cmocka_unit_test(what_is_no_certificate_binds_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

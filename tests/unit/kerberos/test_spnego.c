/* SPDX-License-Identifier: MIT */
/* Tokens of SPNEGO and Kerberos: those that services send, and every way to damage them. */
#include "unit.h"

#include "kerberos/der.h"
#include "kerberos/spnego.h"

/* A KRB-ERROR as MIT's acceptor makes it: error 35, with a text. */
#define KRB_ERROR "\x7e\x3c\x30\x3a\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x1e\xa4\x11\x18\x0f" "20261125020000Z" \
	"\xa5\x03\x02\x01\x00" \
	"\xa6\x03\x02\x01\x23\xa9\x03\x1b\x01" "R" "\xaa\x06\x30\x04\xa0\x02\x30\x00" "\xab\x04\x1b\x02" "hi"
#define OID_KRB5 "\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
#define RAW "\x60\x4b" OID_KRB5 "\x03\x00" KRB_ERROR
#define RESPONSE "\xa1\x58\x30\x56\xa0\x03\x0a\x01\x02\xa2\x4f\x04\x4d" RAW

static spn_bytes bytes(const char *data, size_t len)
{
	return (spn_bytes){ data, len };
}
#define BYTES(literal) bytes(literal, sizeof(literal) - 1)

static void the_error_in_a_refusal_is_found(void **state)
{
	(void)state;
	spk_spnego_reply reply = spk_spnego_read(BYTES(RAW));
	assert_int_equal(reply.krb5_code, 35);
	assert_int_equal(reply.krb5_text.len, 2);
	assert_memory_equal(reply.krb5_text.data, "hi", 2);
	assert_int_equal(reply.state, -1);
	reply = spk_spnego_read(BYTES(RESPONSE));
	assert_int_equal(reply.krb5_code, 35);
	assert_int_equal(reply.state, 2);
	assert_int_equal(reply.krb5_token.len, sizeof RAW - 1);
	assert_int_equal(spk_spnego_read(BYTES(KRB_ERROR)).krb5_code, 35);
	/* SPNEGO in GSSAPI's head, as none should send it after the first message */
	assert_int_equal(spk_spnego_read(BYTES("\x60\x62\x06\x06\x2b\x06\x01\x05\x05\x02" RESPONSE)).krb5_code, 35);
}

static void other_answers_are_told_apart(void **state)
{
	(void)state;
	assert_true(spk_spnego_read(BYTES("NTLMSSP\0\x02\0\0\0")).is_ntlm);
	assert_true(spk_spnego_read(BYTES("\xa1\x13\x30\x11\xa2\x0f\x04\x0dNTLMSSP\0\x02\0\0\0\0")).is_ntlm);
	spk_spnego_reply reply = spk_spnego_read(BYTES("\xa1\x07\x30\x05\xa0\x03\x0a\x01\x01"));
	assert_int_equal(reply.state, 1);
	assert_int_equal(reply.krb5_token.len, 0);
	reply = spk_spnego_read(bytes(NULL, 0));
	assert_true(reply.krb5_code == 0 && reply.krb5_token.len == 0 && !reply.is_ntlm && reply.state == -1);
}

static void what_is_wrapped_can_be_unwrapped(void **state)
{
	(void)state;
	static const size_t sizes[] = { 0, 1, 100, 127, 128, 200, 255, 256, 1500, 65535, 65536, 100000 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char *token = malloc(sizes[i] + 1);
		memset(token, 'x', sizes[i]);
		spk_text text = { 0 };
		spk_spnego_wrap(&text, bytes(token, sizes[i]));
		assert_false(text.failed);
		spn_bytes all = { text.data, text.len }, inside, oid, init, mech;
		assert_true(spk_der_take(&all, SPK_DER_APPLICATION(0), &inside));
		assert_int_equal(all.len, 0);
		assert_true(spk_der_take(&inside, SPK_DER_OID, &oid));
		assert_true(spk_der_take(&inside, SPK_DER_CONTEXT(0), &init));
		assert_int_equal(inside.len, 0);
		assert_true(spk_der_take(&init, SPK_DER_SEQUENCE, &init));
		assert_true(spk_der_field(init, 0, SPK_DER_SEQUENCE, &mech));
		assert_memory_equal(mech.data, OID_KRB5, sizeof OID_KRB5 - 1);
		assert_int_equal(mech.len, sizeof OID_KRB5 - 1);
		assert_true(spk_der_field(init, 2, SPK_DER_OCTETS, &mech));
		assert_int_equal(mech.len, sizes[i]);
		spk_text_free(&text);
		free(token);
	}
}

/* Each in memory of exactly its size, so that a sanitizer sees a look beyond the end. */
static void read_copy(const char *data, size_t len)
{
	char *copy = malloc(len ? len : 1);
	memcpy(copy, data, len);
	spk_spnego_reply reply = spk_spnego_read(bytes(copy, len));
	if (reply.krb5_token.len)
		assert_true(reply.krb5_token.data >= copy && reply.krb5_token.data + reply.krb5_token.len <= copy + len);
	if (reply.krb5_text.len)
		assert_true(reply.krb5_text.data >= copy && reply.krb5_text.data + reply.krb5_text.len <= copy + len);
	assert_true(reply.krb5_code >= 0 && reply.krb5_code <= 0xffff);
	spk_der_ticket ticket;
	if (spk_der_read_ticket(bytes(copy, len), &ticket) && ticket.cipher.len)
		assert_true(ticket.cipher.data >= copy && ticket.cipher.data + ticket.cipher.len <= copy + len);
	free(copy);
}

static void no_damage_is_followed_beyond_the_end(void **state)
{
	(void)state;
	static const char good[] = RESPONSE;
	const size_t len = sizeof good - 1;
	char bad[sizeof good];
	for (size_t n = 0; n <= len; n++)
		read_copy(good, n);
	for (size_t i = 0; i < len; i++)
		for (int value = 0; value < 256; value++) {
			memcpy(bad, good, len);
			bad[i] = (char)value;
			read_copy(bad, len);
		}
	uint64_t random = 88172645463325252u;
	for (int round = 0; round < 20000; round++) {
		memcpy(bad, good, len);
		for (int n = (int)(unit_random(&random) % 6); n >= 0; n--)
			bad[unit_random(&random) % len] = (char)unit_random(&random);
		read_copy(bad, unit_random(&random) % len + 1);
	}
}

static void lengths_that_lie_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *data;
		size_t len;
	} cases[] = {
		{ "", 0 }, { "\x30", 1 }, { "\x30\x01", 2 }, { "\x30\x80\x00\x00", 4 }, { "\x30\x84\xff\xff\xff\xff", 6 },
		{ "\x30\x85\x00\x00\x00\x00\x01x", 8 }, { "\x30\x82\x01", 3 }, { "\x3f\x01\x00", 3 }, { "\x30\xff", 2 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		spn_bytes from = { cases[i].data, cases[i].len }, inside;
		int tag;
		assert_false(spk_der_next(&from, &tag, &inside));
		assert_int_equal(from.len, cases[i].len);
	}
	int64_t value;
	assert_true(spk_der_int_field(BYTES("\xa0\x03\x02\x01\xff"), 0, &value));
	assert_int_equal(value, -1);
	assert_true(spk_der_int_field(BYTES("\xa0\x07\x02\x05\x00\xff\xff\xff\xff"), 0, &value));
	assert_int_equal(value, 0xffffffff);
	assert_false(spk_der_int_field(BYTES("\xa0\x08\x02\x06\x01\x00\xff\xff\xff\xff"), 0, &value));
	assert_false(spk_der_int_field(BYTES("\xa0\x02\x02\x00"), 0, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_error_in_a_refusal_is_found),
		cmocka_unit_test(other_answers_are_told_apart),
		cmocka_unit_test(what_is_wrapped_can_be_unwrapped),
		cmocka_unit_test(no_damage_is_followed_beyond_the_end),
		cmocka_unit_test(lengths_that_lie_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

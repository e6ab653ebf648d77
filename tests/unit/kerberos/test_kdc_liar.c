/* SPDX-License-Identifier: MIT */
/* A KDC that lies in messages that are well-formed: nothing is claimed, no secret is sent, no other realm is asked,
 * and it ends in time, whatever work it asks for. */
#include "unit.h"

#include <sys/socket.h>
#include <unistd.h>

#include "kdc_server.h"
#include "patience.h"
#include "returned.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "kerberos/der.h"

#define PASSWORD "correct horse battery staple"
#define LIMIT 600u /* nothing here waits for it */

static spn_error err[1];

/* ---- messages ---- */

/* An element of DER with a length of four bytes, around what is in inside, which is emptied. */
static void put(spk_text *out, int tag, spk_text *inside)
{
	size_t len = inside->len;
	const char head[] = { (char)tag, (char)0x84, (char)(len >> 24), (char)(len >> 16), (char)(len >> 8), (char)len };
	spk_text_add_bytes(out, head, sizeof head);
	spk_text_add_bytes(out, inside->data, len);
	spk_text_free(inside);
}

static void put_field(spk_text *out, int number, int tag, const void *data, size_t len)
{
	spk_text value = { 0 }, field = { 0 };
	spk_text_add_bytes(&value, data, len);
	put(&field, tag, &value);
	put(out, SPK_DER_CONTEXT(number), &field);
}

/* [n] { name-type 2, name-string { "krbtgt" or the like } } */
static void put_name(spk_text *out, int number, const char *name)
{
	spk_text string = { 0 }, strings = { 0 }, fields = { 0 }, sequence = { 0 };
	spk_text_add(&string, "%s", name);
	put(&strings, SPK_DER_STRING, &string);
	put_field(&fields, 0, SPK_DER_INTEGER, "\2", 1);
	put_field(&fields, 1, SPK_DER_SEQUENCE, strings.data, strings.len);
	put(&sequence, SPK_DER_SEQUENCE, &fields);
	put(out, SPK_DER_CONTEXT(number), &sequence);
	spk_text_free(&strings);
}

static void put_message(int fd, const spk_text *message)
{
	const char head[] = { (char)(message->len >> 24), (char)(message->len >> 16), (char)(message->len >> 8),
		(char)message->len };
	(void)!send(fd, head, sizeof head, MSG_NOSIGNAL);
	(void)!send(fd, message->data, message->len, MSG_NOSIGNAL);
}

/* A KRB-ERROR (RFC 4120, section 5.9.1), of the client's realm if that is not NULL. */
static void put_error(int fd, int code, const char *client_realm, spn_bytes e_data)
{
	const char number = (char)code;
	SPK_AUTOTEXT spk_text message = { 0 };
	spk_text fields = { 0 }, sequence = { 0 };
	put_field(&fields, 0, SPK_DER_INTEGER, "\5", 1);
	put_field(&fields, 1, SPK_DER_INTEGER, "\x1e", 1);
	put_field(&fields, 4, 0x18, "20261125020000Z", 15);
	put_field(&fields, 5, SPK_DER_INTEGER, "\0", 1);
	put_field(&fields, 6, SPK_DER_INTEGER, &number, 1);
	if (client_realm) {
		put_field(&fields, 7, SPK_DER_STRING, client_realm, strlen(client_realm));
		put_name(&fields, 8, "alice");
	}
	put_field(&fields, 9, SPK_DER_STRING, REALM, strlen(REALM));
	put_name(&fields, 10, "krbtgt");
	if (e_data.len)
		put_field(&fields, 12, SPK_DER_OCTETS, e_data.data, e_data.len);
	put(&sequence, SPK_DER_SEQUENCE, &fields);
	put(&message, SPK_DER_APPLICATION(30), &sequence);
	put_message(fd, &message);
}

/* METHOD-DATA that offers an encrypted time stamp, by a key that takes so many rounds (RFC 4120, section 5.2.7.5). */
static void put_method(spk_text *out, const char *rounds)
{
	spk_text fields = { 0 }, entry = { 0 }, entries = { 0 }, info = { 0 }, stamp = { 0 };
	put_field(&fields, 0, SPK_DER_INTEGER, "\x12", 1);
	put_field(&fields, 1, SPK_DER_STRING, "salt", 4);
	put_field(&fields, 2, SPK_DER_OCTETS, rounds, 4);
	put(&entry, SPK_DER_SEQUENCE, &fields);
	put(&entries, SPK_DER_SEQUENCE, &entry);
	put_field(&info, 1, SPK_DER_INTEGER, "\x13", 1); /* PA-ETYPE-INFO2 */
	put_field(&info, 2, SPK_DER_OCTETS, entries.data, entries.len);
	put_field(&stamp, 1, SPK_DER_INTEGER, "\2", 1); /* PA-ENC-TIMESTAMP */
	put_field(&stamp, 2, SPK_DER_OCTETS, "", 0);
	spk_text_clear(&entries);
	put(&entries, SPK_DER_SEQUENCE, &info);
	put(&entries, SPK_DER_SEQUENCE, &stamp);
	put(out, SPK_DER_SEQUENCE, &entries);
}

/* ---- questions ---- */

static unsigned n_tickets;

static spn_status count(const spn_ticket *ticket, void *data, spn_error *error)
{
	(void)ticket, (void)data, (void)error;
	n_tickets++;
	return SPN_OK;
}

static spn_status ask(void)
{
	spn_kdc *kdc = NULL;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
	options.credentials = &credentials;
	credentials.ccache = kdc_path("cache");
	options.timeout = PATIENCE;
	*err = (spn_error){ 0 };
	n_tickets = 0;
	kdc_mood = KDC_TICKETS;
	spn_status status = spn_kdc_open(&options, &kdc, err);
	if (!status)
		status = request_ticket(kdc, "http/web", count, NULL, err);
	spn_kdc_free(kdc);
	return status;
}

static spn_status give(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *error)
{
	(void)data, (void)error;
	*ret_len = (size_t)snprintf(buffer, size, "%s", PASSWORD);
	return SPN_OK;
}

static spn_status log_on(kdc_enemy_fn *enemy)
{
	spn_kdc *kdc = NULL;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
	options.credentials = &credentials;
	credentials.principal = ALICE;
	credentials.password = give;
	options.timeout = LIMIT;
	*err = (spn_error){ 0 };
	kdc_mood = KDC_ENEMY;
	kdc_enemy = enemy;
	kdc_forget();
	spn_status status = spn_kdc_open(&options, &kdc, err);
	spn_kdc_free(kdc);
	return status;
}

static bool was_sent(const char *bytes, size_t len)
{
	return memmem(kdc_heard.data, kdc_heard.length, bytes, len) != NULL;
}

static void assert_no_secret_was_sent(void)
{
	char wide[2 * sizeof PASSWORD] = "";
	for (size_t i = 0; i < sizeof PASSWORD - 1; i++)
		wide[2 * i] = PASSWORD[i];
	assert_true(kdc_heard.length > 50);
	assert_true(was_sent("alice", 5));
	assert_false(was_sent(PASSWORD, 8));
	assert_false(was_sent(wide, 16));
	assert_false(was_sent("OTHER.TEST", 10));
}

/* ---- tests ---- */

static void a_ticket_that_is_not_what_was_asked_for_is_none(void **state)
{
	(void)state;
	for (kdc_lie = KDC_LIES_KEY; kdc_lie <= KDC_LIES_OUTSIDE; kdc_lie++) {
		spn_status status = ask();
		if (!status || n_tickets || !err->message[0])
			fail_msg("lie %d: status %d, %u tickets, '%s'", (int)kdc_lie, status, n_tickets, err->message);
		assert_non_null(strstr(err->message, "'http/web'"));
	}
	kdc_lie = KDC_HONEST;
	assert_ok(ask());
	assert_int_equal(n_tickets, 1);
}

static void sends_elsewhere(int fd, const krb5_data *right)
{
	(void)right;
	put_error(fd, 68, "OTHER.TEST", (spn_bytes){ NULL, 0 }); /* KDC_ERR_WRONG_REALM (RFC 6806, section 7) */
}

static void nobody_is_followed_to_another_realm(void **state)
{
	(void)state;
	unsigned long asked = kdc_requests;
	assert_fails(log_on(sends_elsewhere), SPN_ERR_AUTH, "another realm");
	assert_int_equal(kdc_requests, asked + 1);
	assert_no_secret_was_sent();
}

static void ask_for_rounds(int fd, const char *rounds)
{
	SPK_AUTOTEXT spk_text method = { 0 };
	put_method(&method, rounds);
	put_error(fd, 25, NULL, (spn_bytes){ method.data, method.len });
}

static void asks_for_four_billion_rounds(int fd, const krb5_data *right)
{
	(void)right;
	ask_for_rounds(fd, "\xff\xff\xff\xff");
}

static void asks_for_zero_rounds(int fd, const krb5_data *right)
{
	(void)right;
	ask_for_rounds(fd, "\0\0\0\0"); /* which are 2^32 (RFC 3962, section 4) */
}

static void asks_for_one_round_too_many(int fd, const krb5_data *right)
{
	(void)right;
	ask_for_rounds(fd, "\0\2\0\1");
}

static void asks_for_one_round_too_few(int fd, const krb5_data *right)
{
	(void)right;
	ask_for_rounds(fd, "\0\0\x0f\xff");
}

static void asks_for_the_most_for_ever(int fd, const krb5_data *right)
{
	(void)right;
	ask_for_rounds(fd, "\0\2\0\0");
}

/* Nor prove that we know the password in a way that makes it easy to guess. */
static void nobody_makes_us_compute_for_hours(void **state)
{
	(void)state;
	static kdc_enemy_fn *const enemies[] = { asks_for_four_billion_rounds, asks_for_zero_rounds,
		asks_for_one_round_too_many, asks_for_one_round_too_few };
	for (size_t i = 0; i < sizeof enemies / sizeof *enemies; i++) {
		assert_fails(log_on(enemies[i]), SPN_ERR_REFUSED, "rounds");
		assert_no_secret_was_sent();
	}
	unsigned long asked = kdc_requests;
	assert_int_not_equal(log_on(asks_for_the_most_for_ever), SPN_OK);
	assert_in_range(kdc_requests - asked, 1, 20);
	assert_null(strstr(err->message, "rounds"));
	assert_no_secret_was_sent();
}

/* An AS-REP (RFC 4120, section 5.4.2) that nobody can decrypt: whoever answers does not know the password. */
static void does_not_know_the_password(int fd, const krb5_data *right)
{
	(void)right;
	SPK_AUTOTEXT spk_text message = { 0 };
	spk_text fields = { 0 }, sequence = { 0 }, sealed = { 0 }, ticket = { 0 }, inside = { 0 };
	char noise[200];
	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (char)(i * 37 + 11);
	put_field(&sealed, 0, SPK_DER_INTEGER, "\x12", 1);
	put_field(&sealed, 2, SPK_DER_OCTETS, noise, sizeof noise);
	put_field(&fields, 0, SPK_DER_INTEGER, "\5", 1);
	put_field(&fields, 1, SPK_DER_STRING, REALM, strlen(REALM));
	put_name(&fields, 2, "krbtgt");
	put_field(&fields, 3, SPK_DER_SEQUENCE, sealed.data, sealed.len);
	put(&sequence, SPK_DER_SEQUENCE, &fields);
	put(&ticket, SPK_DER_APPLICATION(1), &sequence);
	put_field(&fields, 0, SPK_DER_INTEGER, "\5", 1);
	put_field(&fields, 1, SPK_DER_INTEGER, "\x0b", 1);
	put_field(&fields, 3, SPK_DER_STRING, REALM, strlen(REALM));
	put_name(&fields, 4, "alice");
	put(&fields, SPK_DER_CONTEXT(5), &ticket);
	put(&inside, SPK_DER_SEQUENCE, &sealed);
	put(&fields, SPK_DER_CONTEXT(6), &inside);
	put(&sequence, SPK_DER_SEQUENCE, &fields);
	put(&message, SPK_DER_APPLICATION(11), &sequence);
	put_message(fd, &message);
}

static void who_does_not_know_the_password_is_no_kdc(void **state)
{
	(void)state;
	assert_fails(log_on(does_not_know_the_password), SPN_ERR_AUTH, "the password is wrong");
	assert_no_secret_was_sent();
}

static size_t n_noise;

static void explains_at_length(int fd, const krb5_data *right)
{
	(void)right;
	SPK_AUTOFREE char *noise = calloc(1, n_noise);
	put_error(fd, 25, NULL, (spn_bytes){ noise, n_noise });
}

static void an_explanation_of_megabytes_is_not_read(void **state)
{
	(void)state;
	static const size_t sizes[] = { 900000, 5000000 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		n_noise = sizes[i];
		assert_int_not_equal(log_on(explains_at_length), SPN_OK);
		assert_in_range(strlen(err->message), 10, 400);
		assert_no_secret_was_sent();
	}
	assert_non_null(strstr(err->message, "127.0.0.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_that_is_not_what_was_asked_for_is_none),
		cmocka_unit_test(nobody_is_followed_to_another_realm),
		cmocka_unit_test(nobody_makes_us_compute_for_hours),
		cmocka_unit_test(who_does_not_know_the_password_is_no_kdc),
		cmocka_unit_test(an_explanation_of_megabytes_is_not_read),
	};
	return cmocka_run_group_tests_name("kdc_liar", tests, kdc_start, kdc_stop);
}

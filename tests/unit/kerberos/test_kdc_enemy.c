/* SPDX-License-Identifier: MIT */
/* A KDC that means harm: no crash, no hang, no memory without end, no ticket that is none, and a sentence that can be
 * shown. */
#include "unit.h"

#include <time.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kdc_server.h"
#include "patience.h"
#include "returned.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "kerberos/der.h"
#include "kerberos/gss.h"

static spn_error err[1];

static void put(int fd, const void *data, size_t len)
{
	(void)!send(fd, data, len, MSG_NOSIGNAL);
}

static void put_length(int fd, size_t n)
{
	const unsigned char head[4] = { (unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n };
	put(fd, head, 4);
}

static void put_message(int fd, const void *data, size_t len)
{
	put_length(fd, len);
	put(fd, data, len);
}

/* ---- what is wrong with the line ---- */

static void comes_late(int fd, const krb5_data *right)
{
	usleep(1500000);
	put_message(fd, right->data, right->length);
}

static void comes_byte_by_byte(int fd, const krb5_data *right)
{
	put_length(fd, right->length ? right->length : 1000);
	for (size_t i = 0; i < 15; i++) {
		put(fd, "m", 1);
		usleep(100000);
	}
}

static void ends_in_the_middle(int fd, const krb5_data *right)
{
	put_length(fd, right->length ? right->length : 1000);
	put(fd, right->data, right->length / 2);
}

static void ends_in_the_length(int fd, const krb5_data *right)
{
	(void)right;
	put(fd, "\0\0\1", 3);
}

static void is_empty(int fd, const krb5_data *right)
{
	(void)right;
	put_length(fd, 0);
}

static void says_two_gigabytes(int fd, const krb5_data *right)
{
	put_length(fd, 0x7fffffff);
	put(fd, right->data, right->length);
}

static void says_four_gigabytes(int fd, const krb5_data *right)
{
	put_length(fd, 0xffffffff);
	put(fd, right->data, right->length);
}

static void is_cut_short(int fd, const krb5_data *right)
{
	put_message(fd, right->data, right->length / 2);
}

static void is_http(int fd, const krb5_data *right)
{
	(void)right;
	put(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
}

/* ---- what is wrong with the message ---- */

static krb5_data before; /* the answer to the last question */

static void is_the_last_answer_again(int fd, const krb5_data *right)
{
	krb5_data now;
	assert_int_equal(krb5_data_copy(&now, right->data, right->length), 0);
	put_message(fd, before.length ? before.data : "x", before.length ? before.length : 1);
	krb5_data_free(&before);
	before = now;
}

static void is_of_another_kind(int fd, const krb5_data *right)
{
	krb5_data changed;
	assert_int_equal(krb5_data_copy(&changed, right->length ? right->data : "k", right->length ? right->length : 1), 0);
	((unsigned char *)changed.data)[0] = SPK_DER_APPLICATION(11);
	put_message(fd, changed.data, changed.length);
	krb5_data_free(&changed);
}

static void is_nested_without_end(int fd, const krb5_data *right)
{
	(void)right;
	static char deep[200000];
	for (size_t i = 0; i < sizeof deep; i += 4)
		memcpy(deep + i, i ? "\x30\x83\xff\xff" : "\x6d\x83\xff\xff", 4);
	put_message(fd, deep, sizeof deep);
}

static void has_lengths_that_lie(int fd, const krb5_data *right)
{
	(void)right;
	put_message(fd, "\x6d\x82\x7f\xff\x30\x84\xff\xff\xff\xff\xa0\x03\x02\x01\x05", 15);
}

static void has_no_definite_length(int fd, const krb5_data *right)
{
	(void)right;
	put_message(fd, "\x6d\x80\x30\x80\xa0\x80\x02\x01\x05\0\0\0\0\0\0", 15);
}

/* ---- errors ---- */

/* A KRB-ERROR of which time, code and text are not what anybody expects. */
static void put_error(int fd, spn_bytes stime, spn_bytes code, spn_bytes text)
{
	SPK_AUTOTEXT spk_text fields = { 0 }, error = { 0 };
	const struct {
		int number, tag;
		spn_bytes value;
	} parts[] = { { 0, SPK_DER_INTEGER, { "\5", 1 } }, { 1, SPK_DER_INTEGER, { "\x1e", 1 } }, { 4, 0x18, stime },
		{ 5, SPK_DER_INTEGER, { "\x7f\xff\xff\xff", 4 } }, { 6, SPK_DER_INTEGER, code }, { 9, 0x1b, { "R\x1b[2J", 5 } },
		{ 10, SPK_DER_SEQUENCE, { "\xa0\x03\x02\x01\x00\xa1\x02\x30\x00", 9 } }, { 11, 0x1b, text } };
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t len = parts[i].value.len;
		const char head[] = { (char)SPK_DER_CONTEXT(parts[i].number), (char)0x82, (char)((len + 4) >> 8), (char)(len + 4),
			(char)parts[i].tag, (char)0x82, (char)(len >> 8), (char)len };
		spk_text_add_bytes(&fields, head, sizeof head);
		spk_text_add_bytes(&fields, parts[i].value.data, len);
	}
	const char head[] = { SPK_DER_APPLICATION(30), (char)0x82, (char)((fields.len + 4) >> 8), (char)(fields.len + 4),
		SPK_DER_SEQUENCE, (char)0x82, (char)(fields.len >> 8), (char)fields.len };
	spk_text_add_bytes(&error, head, sizeof head);
	spk_text_add_bytes(&error, fields.data, fields.len);
	put_message(fd, error.data, error.len);
}

#define NOW { "20261125020000Z", 15 }
#define BYTES(text) { text, sizeof(text) - 1 }

static void refuses_for_no_reason(int fd, const krb5_data *right)
{
	(void)right;
	put_error(fd, (spn_bytes)NOW, (spn_bytes)BYTES("\0"), (spn_bytes)BYTES("ok"));
}

static void refuses_with_a_negative_code(int fd, const krb5_data *right)
{
	(void)right;
	put_error(fd, (spn_bytes)NOW, (spn_bytes)BYTES("\x80\0\0\0"), (spn_bytes)BYTES("\x1b[2J"));
}

static void refuses_with_a_huge_code(int fd, const krb5_data *right)
{
	(void)right;
	put_error(fd, (spn_bytes)NOW, (spn_bytes)BYTES("\x7f\xff\xff\xff\xff\xff\xff\xff"), (spn_bytes)BYTES("huge"));
}

static void refuses_in_the_year_zero(int fd, const krb5_data *right)
{
	(void)right;
	put_error(fd, (spn_bytes)BYTES("00000000000000Z"), (spn_bytes)BYTES("\x25"), (spn_bytes)BYTES("\r\n\x07"));
}

static void refuses_at_no_time(int fd, const krb5_data *right)
{
	(void)right;
	put_error(fd, (spn_bytes)BYTES("\x1b]0;owned"), (spn_bytes)BYTES("\x25"), (spn_bytes)BYTES(""));
}

static void refuses_at_length(int fd, const krb5_data *right)
{
	(void)right;
	static char text[60000];
	memset(text, '\x1b', sizeof text);
	put_error(fd, (spn_bytes)NOW, (spn_bytes)BYTES("\x3c"), (spn_bytes){ text, sizeof text });
}

static void wants_more_for_ever(int fd, const krb5_data *right)
{
	(void)right;
	/* PREAUTH_REQUIRED, and not of which kind */
	put_error(fd, (spn_bytes)NOW, (spn_bytes)BYTES("\x19"), (spn_bytes)BYTES(""));
}

static void wants_another_line_for_ever(int fd, const krb5_data *right)
{
	(void)right;
	put_error(fd, (spn_bytes)NOW, (spn_bytes)BYTES("\x34"), (spn_bytes)BYTES("")); /* RESPONSE_TOO_BIG, over TCP */
}

static const struct {
	const char *name;
	kdc_enemy_fn *answer;
} enemies[] = {
#define ENEMY(name) { #name, name }
	ENEMY(comes_late), ENEMY(comes_byte_by_byte), ENEMY(ends_in_the_middle), ENEMY(ends_in_the_length), ENEMY(is_empty),
	ENEMY(says_two_gigabytes), ENEMY(says_four_gigabytes), ENEMY(is_cut_short), ENEMY(is_http),
	ENEMY(is_the_last_answer_again),
	ENEMY(is_of_another_kind), ENEMY(is_nested_without_end), ENEMY(has_lengths_that_lie), ENEMY(has_no_definite_length),
	ENEMY(refuses_for_no_reason), ENEMY(refuses_with_a_negative_code), ENEMY(refuses_with_a_huge_code),
	ENEMY(refuses_in_the_year_zero), ENEMY(refuses_at_no_time), ENEMY(refuses_at_length), ENEMY(wants_more_for_ever),
	ENEMY(wants_another_line_for_ever),
};
#define N_ENEMIES (sizeof enemies / sizeof *enemies)

static spn_credentials who;

static spn_kdc_options options_of(const char *cache)
{
	spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
	who = (spn_credentials)SPN_CREDENTIALS_INIT;
	options.credentials = &who;
	who.ccache = cache;
	options.timeout = kdc_mood == KDC_ENEMY ? 1 : PATIENCE;
	return options;
}

static spn_status ignore(const spn_ticket *ticket, void *data, spn_error *error)
{
	(void)ticket, (void)data, (void)error;
	return SPN_OK;
}

static spn_status ask(void)
{
	spn_kdc *kdc = NULL;
	spn_kdc_options options = options_of(kdc_path("cache"));
	*err = (spn_error){ 0 };
	spn_status status = spn_kdc_open(&options, &kdc, err);
	if (!status)
		status = request_ticket(kdc, "http/web", ignore, NULL, err);
	spn_kdc_free(kdc);
	return status;
}

static spn_status give(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *error)
{
	(void)data, (void)error;
	*ret_len = (size_t)snprintf(buffer, size, "secret");
	return SPN_OK;
}

static spn_status log_on(void)
{
	spn_kdc *kdc = NULL;
	spn_kdc_options options = options_of(NULL);
	who.principal = ALICE;
	who.password = give;
	*err = (spn_error){ 0 };
	spn_status status = spn_kdc_open(&options, &kdc, err);
	spn_kdc_free(kdc);
	return status;
}

static void assert_shown(const char *name)
{
	SPK_AUTOFREE char *printable = strdup(err->message);
	spk_make_printable(printable);
	if (!err->message[0] || strcmp(printable, err->message) != 0)
		fail_msg("%s: '%s' cannot be shown", name, err->message);
}

static void meet(size_t i, spn_status call(void))
{
	double waited = seconds_waited();
	kdc_mood = KDC_ENEMY;
	kdc_enemy = enemies[i].answer;
	spn_status status = call();
	waited = seconds_waited() - waited;
	if (!status || status != err->status || waited > TOO_LONG)
		fail_msg("%s: status %d, '%s', after %.1f s", enemies[i].name, status, err->message, waited);
	assert_shown(enemies[i].name);
}

static void whatever_it_answers_there_is_a_sentence_in_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ENEMIES; i++) {
		meet(i, ask);
		meet(i, log_on);
	}
	krb5_data_free(&before);
	kdc_mood = KDC_TICKETS;
	assert_ok(ask());
	struct rusage usage;
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	assert_true(usage.ru_maxrss < 1 << 20); /* KiB: what was announced was not allocated */
}

static void it_cannot_send_us_round_in_circles(void **state)
{
	(void)state;
	static const char *const services[] = { "krbtgt/OTHER.TEST", ("krbtgt/" REALM), "krbtgt/NOWHERE.TEST", "http/other" };
	kdc_mood = KDC_TICKETS;
	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		unsigned long asked = kdc_requests;
		double waited = seconds_waited();
		kdc_service = services[i];
		spn_status status = ask();
		kdc_service = NULL;
		waited = seconds_waited() - waited;
		if (!status || waited > TOO_LONG || kdc_requests - asked > 40)
			fail_msg("%s: status %d, '%s', %lu requests, %.1f s", services[i], status, err->message,
					kdc_requests - asked, waited);
		assert_shown(services[i]);
	}
}

static size_t flipped, length;

static void has_a_byte_changed(int fd, const krb5_data *right)
{
	krb5_data changed;
	assert_int_equal(krb5_data_copy(&changed, right->data, right->length), 0);
	length = changed.length;
	((unsigned char *)changed.data)[flipped % length] ^= (unsigned char)(1u << flipped % 8);
	put_message(fd, changed.data, changed.length);
	krb5_data_free(&changed);
}

/* Of what the ticket holds for the service, the client cannot judge. */
static void a_byte_that_was_changed_does_no_harm(void **state)
{
	(void)state;
	size_t good = 0;
	kdc_mood = KDC_ENEMY;
	kdc_enemy = has_a_byte_changed;
	length = 1;
	for (flipped = 0; flipped < length; flipped++) {
		if (ask())
			assert_shown("a byte");
		else
			good++;
	}
	if (length < 300 || good > length * 3 / 4)
		fail_msg("%zu of %zu changes went unnoticed", good, length);
}

static void is_silent_once_it_gave_what_is_over(int fd, const krb5_data *right)
{
	static int n;
	char c;
	if (n++ == 0)
		put_message(fd, right->data, right->length);
	else
		(void)!recv(fd, &c, 1, 0);
}

/* GSSAPI asks by itself for what it does not find. */
static void a_logon_waits_no_longer_either(void **state)
{
	(void)state;
	SPK_AUTOFREE char *name = NULL;
	spk_credentials *credentials = NULL;
	spk_gss *gss = NULL;
	SPK_AUTOTEXT spk_text token = { 0 };
	double waited = seconds_waited();
	kdc_mood = KDC_ENEMY;
	kdc_enemy = is_silent_once_it_gave_what_is_over;
	kdc_lifetime = -3600;
	spk_deadline deadline = spk_deadline_in(1000);
	assert_ok(spk_credentials_open(NULL, NULL, kdc_path("cache"), &credentials, err));
	spn_status status = spk_credentials_ticket(credentials, NULL, "ldap/dc", false, deadline, &name, err);
	if (!status)
		status = spk_gss_open(credentials, name, (spn_bytes){ NULL, 0 }, &gss, err);
	if (!status)
		status = spk_gss_begin(gss, deadline, &token, err);
	waited = seconds_waited() - waited;
	kdc_lifetime = 600;
	spk_gss_free(gss);
	spk_credentials_free(credentials);
	if (!status || waited > TOO_LONG)
		fail_msg("status %d, '%s', after %.1f s", status, err->message, waited);
}

/* ---- DNS that does not answer ---- */

/* The resolver that Heimdal asks for a realm's KDCs is this one. */
int res_nsearch(void *state, const char *name, int class, int type, unsigned char *answer, int size);
int res_nsearch(void *state, const char *name, int class, int type, unsigned char *answer, int size)
{
	(void)state, (void)name, (void)class, (void)type, (void)answer, (void)size;
	sleep(60);
	return -1;
}

static spn_status ignore_ticket(const spn_ticket *ticket, void *data, spn_error *error)
{
	(void)ticket, (void)data, (void)error;
	return SPN_OK;
}

static void a_dns_that_is_silent_about_kdcs_does_not_hold_us(void **state)
{
	(void)state;
	spn_kdc_options options = options_of(NULL);
	spn_kdc *kdc = NULL;
	char *usual = strdup(getenv("KRB5_CONFIG"));
	FILE *conf = fopen(kdc_path("dns.conf"), "w");
	assert_non_null(conf);
	fputs("[libdefaults]\ndefault_realm = SILENT.TEST\ndns_lookup_kdc = true\n", conf);
	fclose(conf);
	setenv("KRB5_CONFIG", kdc_path("dns.conf"), 1);
	kdc_make_keytab(kdc_path("silent"), "a@SILENT.TEST", 1, 18, "secret");
	who.keytab = kdc_path("silent");
	who.principal = "a@SILENT.TEST";
	options.timeout = 1;
	assert_ok(spn_kdc_open(&options, &kdc, err));
	assert_fails(request_ticket(kdc, "http/x", ignore_ticket, NULL, err), SPN_ERR_UNREACHABLE,
			"DNS did not name one for 'SILENT.TEST' in time");
	spn_kdc_free(kdc);
	setenv("KRB5_CONFIG", usual, 1);
	free(usual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_it_answers_there_is_a_sentence_in_time),
		cmocka_unit_test(it_cannot_send_us_round_in_circles),
		cmocka_unit_test(a_dns_that_is_silent_about_kdcs_does_not_hold_us),
		cmocka_unit_test(a_logon_waits_no_longer_either),
		cmocka_unit_test(a_byte_that_was_changed_does_no_harm),
	};
	return cmocka_run_group_tests_name("kdc_enemy", tests, kdc_start, kdc_stop);
}

/* SPDX-License-Identifier: MIT */
/* What a KDC tells of an account's keys to whoever asks without a password; and what it tells that is not believed. */
#include "unit.h"

#include <sys/socket.h>

#include "kdc_server.h"
#include "returned.h"
#include "kdc/keys.h"

static spn_error err[1];

/* The answer at hand: an error, with hints if there are any; or other bytes. */
static int answer_code;
static const char *answer_bytes;
static unsigned long keys_there; /* a bit for each enctype */
static const char *salt;
static int hint_type, hint_shift; /* the hint is about the next encryption type but so many */
/* What was wrong with the questions: asserts are for the test's own thread. */
static int n_odd_questions;

static void put(int fd, const krb5_data *answer)
{
	size_t n = answer->length;
	const unsigned char head[4] = { (unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n };
	(void)!send(fd, head, 4, MSG_NOSIGNAL);
	(void)!send(fd, answer->data, n, MSG_NOSIGNAL);
}

/* The one that was asked for: request ends with the list of enctypes, one of them. */
static int asked_enctype(void)
{
	AS_REQ request;
	size_t size;
	int enctype = 0;
	if (decode_AS_REQ(kdc_heard.data, kdc_heard.length, &request, &size) == 0) {
		n_odd_questions += request.req_body.etype.len != 1;
		enctype = request.req_body.etype.val[0];
		for (unsigned i = 0; request.padata && i < request.padata->len; i++) /* nothing that is made of a password */
			n_odd_questions += request.padata->val[i].padata_type == KRB5_PADATA_ENC_TIMESTAMP;
		free_AS_REQ(&request);
	}
	kdc_forget();
	return enctype;
}

#define MUST(call) do { if ((call) != 0) abort(); } while (0)

#define ENCODE(type, value, to) do { \
	size_t size_; \
	int code_; \
	ASN1_MALLOC_ENCODE(type, (to)->data, (to)->length, value, &size_, code_); \
	MUST(code_); \
} while (0)

static void make_hints(int enctype, krb5_data *ret_hints)
{
	KerberosString text = (char *)(uintptr_t)salt;
	ETYPE_INFO2_ENTRY entry = { .etype = enctype + hint_shift, .salt = salt &&
		enctype != ETYPE_ARCFOUR_HMAC_MD5 ? &text : NULL };
	ETYPE_INFO2 list = { 1, &entry };
	PA_DATA hints[2] = { { .padata_type = KRB5_PADATA_ENC_TIMESTAMP }, { .padata_type = hint_type } };
	METHOD_DATA all = { 2, hints };
	ENCODE(ETYPE_INFO2, &list, &hints[1].padata_value);
	ENCODE(METHOD_DATA, &all, ret_hints);
	free(hints[1].padata_value.data);
}

static void tells(int fd, const krb5_data *right)
{
	krb5_data answer = { 0, NULL }, hints = { 0, NULL };
	krb5_principal server;
	krb5_context krb5;
	int enctype = asked_enctype();
	(void)right;
	if (answer_bytes) {
		put(fd, &(krb5_data){ strlen(answer_bytes), (void *)(uintptr_t)answer_bytes });
		return;
	}
	MUST(krb5_init_context(&krb5));
	MUST(krb5_make_principal(krb5, &server, REALM, KRB5_TGS_NAME, REALM, NULL));
	if (keys_there & 1ul << enctype)
		make_hints(enctype, &hints);
	MUST(krb5_mk_error(krb5, KRB5KDC_ERR_NONE + answer_code, NULL, hints.length ? &hints : NULL, NULL, server, NULL,
			NULL, &answer));
	put(fd, &answer);
	krb5_data_free(&answer);
	krb5_data_free(&hints);
	krb5_free_principal(krb5, server);
	krb5_free_context(krb5);
}

struct told {
	unsigned keys;
	char salt[80];
	bool answered;
};

static spn_status ask(int code, const char *bytes, struct told *told)
{
	*told = (struct told){ .keys = 0 };
	answer_code = code;
	answer_bytes = bytes;
	kdc_mood = KDC_ENEMY;
	kdc_enemy = tells;
	kdc_requests = 0;
	kdc_forget();
	n_odd_questions = 0;
	static char untouched[] = "";
	char *shown = untouched; /* what fails leaves this alone */
	spn_status status = spk_kdc_keys(REALM, "alice", 60, &told->keys, &shown, err);
	told->answered = status == SPN_OK;
	snprintf(told->salt, sizeof told->salt, "%s", shown ? shown : "-");
	if (told->answered)
		free(shown);
	return status;
}

static int begin(void **state)
{
	(void)state;
	keys_there = 0;
	salt = NULL;
	hint_type = KRB5_PADATA_ETYPE_INFO2;
	hint_shift = 0;
	return 0;
}

static void keys_are_told_with_their_salt_and_each_is_asked_for_once(void **state)
{
	struct told told;
	(void)state;
	salt = "EXAMPLE.COMalice";
	keys_there = 1ul << 18 | 1ul << 17 | 1ul << 23;
	assert_ok(ask(25, NULL, &told));
	assert_int_equal(told.keys, SPN_ENC_AES256 | SPN_ENC_AES128 | SPN_ENC_RC4);
	assert_string_equal(told.salt, salt);
	assert_int_equal(n_odd_questions, 0);
	assert_int_equal(kdc_requests, 3); /* a refusal is not the beginning of a conversation: no password is tried */
	keys_there = 1ul << 23;
	assert_ok(ask(25, NULL, &told));
	assert_int_equal(told.keys, SPN_ENC_RC4);
	assert_string_equal(told.salt, "-");
}

static void a_key_that_is_not_named_is_none(void **state)
{
	struct told told;
	(void)state;
	assert_ok(ask(14, NULL, &told));
	assert_int_equal(told.keys, 0);
	assert_true(told.answered);
	assert_ok(ask(25, NULL, &told)); /* without hints */
	assert_int_equal(told.keys, 0);
	keys_there = 1ul << 18;
	hint_type = KRB5_PADATA_ETYPE_INFO; /* another list */
	assert_ok(ask(25, NULL, &told));
	assert_int_equal(told.keys, 0);
	hint_type = KRB5_PADATA_ETYPE_INFO2;
	hint_shift = 1;
	assert_ok(ask(25, NULL, &told));
	assert_int_equal(told.keys, 0);
}

static void who_is_not_known_or_may_not_log_on_is_told_to_be_that(void **state)
{
	struct told told;
	(void)state;
	assert_int_equal(ask(6, NULL, &told), SPN_ERR_NOT_FOUND);
	assert_non_null(strstr(err->message, "'alice'"));
	assert_int_equal(ask(18, NULL, &told), SPN_ERR_AUTH);
	assert_int_equal(ask(68, NULL, &told), SPN_ERR_AUTH);
	assert_string_equal(told.salt, "");
}

/* What is encrypted with the key of the account is for whoever guesses passwords. */
static void an_answer_that_holds_a_ticket_is_discarded(void **state)
{
	struct told told;
	(void)state;
	assert_int_equal(ask(0, "\x6b\x02\x30\x80", &told), SPN_ERR_REFUSED);
	assert_int_equal(kdc_requests, 1);
	assert_string_equal(told.salt, "");
}

static void what_is_no_answer_is_no_key(void **state)
{
	static const char *const odd[] = { "x", "\x7e\x02\x30\x80", "\x7e\x05\x30\x03\x02\x01\x05",
		"\x7e\x84\xff\xff\xff\xff", "HTTP/1.1 200 OK\r\n\r\n" };
	struct told told;
	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		assert_int_equal(ask(0, odd[i], &told), SPN_ERR_FAILED);
		assert_string_equal(told.salt, "");
	}
}

static spn_status take_ticket(const spn_ticket *ticket, void *data, spn_error *e)
{
	(void)ticket;
	(void)e;
	++*(int *)data;
	return SPN_OK;
}

static void other_questions_of_the_thread_are_answered_as_before(void **state)
{
	struct told told;
	spn_kdc *kdc = NULL;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
	options.credentials = &credentials;
	int n = 0;
	(void)state;
	keys_there = 1ul << 18;
	assert_ok(ask(25, NULL, &told));
	credentials.ccache = kdc_path("cache");
	kdc_mood = KDC_TICKETS;
	assert_ok(spn_kdc_open(&options, &kdc, err));
	assert_ok(request_ticket(kdc, "http/x", take_ticket, &n, err));
	assert_ok(request_ticket(kdc, "http/y", take_ticket, &n, err));
	assert_int_equal(n, 2);
	spn_kdc_free(kdc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(keys_are_told_with_their_salt_and_each_is_asked_for_once, begin),
		cmocka_unit_test_setup(a_key_that_is_not_named_is_none, begin),
		cmocka_unit_test_setup(who_is_not_known_or_may_not_log_on_is_told_to_be_that, begin),
		cmocka_unit_test_setup(an_answer_that_holds_a_ticket_is_discarded, begin),
		cmocka_unit_test_setup(what_is_no_answer_is_no_key, begin),
		cmocka_unit_test_setup(other_questions_of_the_thread_are_answered_as_before, begin),
	};
	return cmocka_run_group_tests(tests, kdc_start, kdc_stop);
}

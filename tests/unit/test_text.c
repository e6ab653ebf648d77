/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <spnkit/backend.h>

#include "base/error.h"
#include "base/text.h"

static void text_grows(void **state)
{
	(void)state;
	SPK_AUTOTEXT spk_text text = { 0 };
	for (int i = 0; i < 1000; i++)
		spk_text_add(&text, "%d,", i % 10);
	assert_int_equal(text.len, 2000);
	assert_int_equal(strlen(text.data), 2000);
	spk_text_add_bytes(&text, "\0x", 2);
	assert_int_equal(text.len, 2002);
	spk_text_clear(&text);
	assert_string_equal(text.data, "");
	spk_text_add_char(&text, 'a');
	assert_string_equal(text.data, "a");
	assert_false(text.failed);
}

static void adding_nothing_makes_an_empty_text(void **state)
{
	(void)state;
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_text_add_bytes(&text, "", 0);
	assert_string_equal(text.data, "");
	spk_text_free(&text);
	assert_null(text.data);
}

static void a_text_that_is_too_long_fails_for_good(void **state)
{
	(void)state;
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_text_add(&text, "kept");
	spk_text_add_bytes(&text, "x", SIZE_MAX - 10);
	assert_true(text.failed);
	spk_text_add(&text, "more");
	assert_string_equal(text.data, "kept");
}

static void printable(const char *text, const char *wanted)
{
	char copy[100];
	snprintf(copy, sizeof copy, "%s", text);
	spk_make_printable(copy);
	assert_string_equal(copy, wanted);
}

static void what_a_terminal_would_act_on_is_replaced(void **state)
{
	(void)state;
	printable("plain \xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x98\x80", "plain \xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x98\x80");
	printable("a\x1b[31mb\n\r\t\x7f", "a?[31mb????");
	printable("\xc2\x9b" "31m", "?31m");              /* CSI in C1 */
	printable("a\xe2\x80\xae" "b", "a?b");             /* right-to-left override */
	printable("a\xe2\x81\xa6" "b", "a?b");             /* isolate */
	printable("a\xe2\x80\xa8" "b", "a?b");             /* line separator */
	printable("\xff\xc3", "??");                       /* no UTF-8 */
	printable("\xed\xa0\x80", "???");                  /* a surrogate */
	printable("", "");
}

static void base64_comes_and_goes(void **state)
{
	(void)state;
	uint64_t random = 7;
	for (size_t len = 0; len < 200; len++) {
		char bytes[200];
		SPK_AUTOTEXT spk_text text = { 0 }, back = { 0 };
		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)unit_random(&random);
		spk_base64_encode(&text, bytes, len);
		assert_int_equal(text.len, (len + 2) / 3 * 4);
		assert_true(spk_base64_decode(text.data, text.len, &back));
		assert_int_equal(back.len, len);
		assert_memory_equal(back.data, bytes, len);
	}
}

static void what_is_no_base64_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "A", "AB", "ABC", "AB=C", "A===", "====", "AB==CDEF", "AB-_", "AB C", "=AAA", "ABCD\n" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		SPK_AUTOTEXT spk_text back = { 0 };
		if (spk_base64_decode(bad[i], strlen(bad[i]), &back))
			fail_msg("'%s' is no base64", bad[i]);
	}
	SPK_AUTOTEXT spk_text back = { 0 };
	assert_false(spk_base64_decode("AA\0A", 4, &back));
}

static void ascii_is_compared_without_the_locale(void **state)
{
	(void)state;
	assert_true(spk_ascii_equal("sAMAccountName", "SAMACCOUNTNAME"));
	assert_true(spk_ascii_equal("", ""));
	assert_false(spk_ascii_equal("a", "ab"));
	assert_false(spk_ascii_equal("ab", "a"));
	assert_false(spk_ascii_equal("[", "{"));
	assert_false(spk_ascii_equal("\xc3\xa9", "\xc3\x89"));
}

static void a_message_that_is_too_long_ends_in_dots(void **state)
{
	(void)state;
	spn_error error;
	char long_text[3 * SPN_MESSAGE_SIZE];
	for (size_t start = 0; start < 2; start++) {
		memset(long_text, 'x', sizeof long_text);
		for (size_t i = start; i + 1 < sizeof long_text - 1; i += 2)
			memcpy(long_text + i, "\xc3\xa9", 2);
		long_text[sizeof long_text - 1] = '\0';
		assert_int_equal(spn_fail(&error, SPN_ERR_FAILED, 5, "%s", long_text), SPN_ERR_FAILED);
		assert_in_range(strlen(error.message), SPN_MESSAGE_SIZE - 5, SPN_MESSAGE_SIZE - 1);
		assert_string_equal(error.message + strlen(error.message) - 3, "...");
		assert_null(strchr(error.message, '?')); /* no character was cut in two */
	}
	assert_int_equal(error.native, 5);
	assert_int_equal(error.win32, 0);
}

static void a_message_is_one_printable_line(void **state)
{
	(void)state;
	spn_error error;
	spn_fail(&error, SPN_ERR_FAILED, 0, "%s", "a\nb\x1b");
	assert_string_equal(error.message, "a?b?");
	spk_fail_win32(&error, SPN_ERR_NOT_UNIQUE, 19, 0x21c7, "x");
	spk_prefix(&error, SPN_ERR_NOT_UNIQUE, "file '%s': ", "f");
	assert_string_equal(error.message, "file 'f': x");
	assert_int_equal(error.win32, 0x21c7);
	assert_int_equal(spn_fail(NULL, SPN_ERR_AUTH, 0, "x"), SPN_ERR_AUTH);
}

static void every_status_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = SPN_OK; i <= SPN_ERR_STOPPED; i++) {
		assert_string_not_equal(spn_status_name((spn_status)i), "unknown");
		for (int j = SPN_OK; j < i; j++)
			assert_string_not_equal(spn_status_name((spn_status)i), spn_status_name((spn_status)j));
	}
	assert_string_equal(spn_status_name((spn_status)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_grows),
		cmocka_unit_test(adding_nothing_makes_an_empty_text),
		cmocka_unit_test(a_text_that_is_too_long_fails_for_good),
		cmocka_unit_test(what_a_terminal_would_act_on_is_replaced),
		cmocka_unit_test(base64_comes_and_goes),
		cmocka_unit_test(what_is_no_base64_is_refused),
		cmocka_unit_test(ascii_is_compared_without_the_locale),
		cmocka_unit_test(a_message_that_is_too_long_ends_in_dots),
		cmocka_unit_test(a_message_is_one_printable_line),
		cmocka_unit_test(every_status_has_a_name_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

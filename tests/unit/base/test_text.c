/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <spnkit/backend.h>

#include "base/error.h"
#include "base/text.h"
#include "base/words.h"

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
	printable("a\xd8\x9c" "b", "a?b");                 /* U+061C, Arabic letter mark */
	printable("a\xe2\x80\x8b" "b", "a?b");             /* U+200B, zero width space */
	printable("a\xe2\x80\x8d" "b", "a?b");             /* U+200D, zero width joiner */
	printable("a\xe2\x81\xa0" "b", "a?b");             /* U+2060, word joiner */
	printable("a\xef\xbb\xbf" "b", "a?b");             /* U+FEFF, byte order mark */
	printable("a\xc2\xad" "b", "a?b");                 /* U+00AD, soft hyphen */
	printable("a\xe3\x85\xa4" "b", "a?b");             /* U+3164, Hangul filler: a letter that is not seen */
	printable("a\xef\xb8\x8f" "b", "a?b");             /* U+FE0F, variation selector */
	printable("a\xf3\xa0\x81\xa1" "b", "a?b");         /* U+E0061, tag */
	printable("\xff\xc3", "??");                       /* no UTF-8 */
	printable("\xed\xa0\x80", "???");                  /* a surrogate */
	printable("", "");
}

static void no_character_is_safe_that_nobody_sees(void **state)
{
	(void)state;
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		/* DerivedCoreProperties.txt, Default_Ignorable_Code_Point, and Cc, Zl, Zp, Cs; a blank of Braille */
		{ 0, 0x1f },
		{ 0x7f, 0x9f },
		{ 0xad, 0xad },
		{ 0x34f, 0x34f },
		{ 0x61c, 0x61c },
		{ 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 },
		{ 0x180b, 0x180e },
		{ 0x200b, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2060, 0x206f },
		{ 0x2800, 0x2800 },
		{ 0x3164, 0x3164 },
		{ 0xd800, 0xdfff },
		{ 0xfe00, 0xfe0f },
		{ 0xfeff, 0xfeff },
		{ 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb },
		{ 0xe0000, 0xe0fff },
		{ 0x110000, 0x110000 },
	};
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		for (uint32_t c = hidden[i].first; c <= hidden[i].last; c++)
			assert_true(spn_text_is_unsafe(c));
	static const uint32_t seen[] = { ' ', 'a', '~', 0xe9, 0x416, 0x5d0, 0x627, 0x3042, 0x6f22, 0xac00, 0x1f600 };
	for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++)
		assert_false(spn_text_is_unsafe(seen[i]));
}

static void a_character_is_read_whole_or_not_at_all(void **state)
{
	(void)state;
	uint32_t c = 0;
	assert_int_equal(spn_text_next("\xf0\x9f\x98\x80", 4, &c), 4);
	assert_int_equal(c, 0x1f600);
	assert_int_equal(spn_text_next("\xf0\x9f\x98\x80", 3, &c), 0);
	assert_int_equal(spn_text_next("\xc0\xaf", 2, &c), 0);     /* not the shortest form */
	assert_int_equal(spn_text_next("\xed\xa0\x80", 3, &c), 0); /* a surrogate */
	assert_int_equal(spn_text_next("a", 0, &c), 0);
	assert_int_equal(spn_text_next("\0", 1, &c), 1);
	assert_int_equal(c, 0);
}

static void expect_word(const char *text, const char *word)
{
	char *got = spn_text_shell_word(text);
	assert_string_equal(got, word);
	free(got);
}

static void a_shell_word_is_quoted_where_it_needs_to_be(void **state)
{
	(void)state;
	expect_word("/a/b-c_1.ldif", "/a/b-c_1.ldif");
	expect_word("it's; $(x)", "'it'\\''s; $(x)'");
	expect_word("", "''");
	expect_word("a=b", "a=b");
	expect_word("=ls", "'=ls'"); /* zsh: the path of ls */
	expect_word("svc web", "'svc web'");
}

/* A browser that copies makes one blank of several, and of a no-break space. */
static void a_shell_word_is_the_same_when_a_browser_has_copied_it(void **state)
{
	(void)state;
	expect_word("svc\xc2\xa0web", "$'svc\\302\\240web'");
	expect_word("svc\xe3\x80\x80web", "$'svc\\343\\200\\200web'");
	expect_word("svc   web  x", "$'svc \\040\\040web \\040x'");
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
	static const char *const bad[] = { "A", "AB", "ABC", "AB=C", "A===", "====", "AB==CDEF", "AB-_", "AB C",
		"=AAA", "ABCD\n" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		SPK_AUTOTEXT spk_text back = { 0 };
		if (spk_base64_decode(bad[i], strlen(bad[i]), &back))
			fail_msg("'%s' is no base64", bad[i]);
	}
	SPK_AUTOTEXT spk_text back = { 0 };
	assert_false(spk_base64_decode("AA\0A", 4, &back));
}

/* Ends where the memory does, so that valgrind sees who reads behind it. */
static char *digits_of(size_t len, uint64_t *random)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = malloc(len ? len : 1);
	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = digits[unit_random(random) % 64];
	return text;
}

static void expect_as_four_at_a_time(const char *text, size_t len)
{
	SPK_AUTOTEXT spk_text many = { 0 }, few = { 0 };
	spk_text_add(&many, "before");
	spk_text_add(&few, "before");
	assert_int_equal(spk_base64_decode(text, len, &many), spk_base64_decode_simply(text, len, &few));
	assert_int_equal(many.len, few.len);
	assert_memory_equal(many.data, few.data, few.len + 1);
}

static void many_digits_are_decoded_as_four_at_a_time(void **state)
{
	(void)state;
	uint64_t random = 5;
	for (size_t len = 0; len < 100; len++) {
		char *text = digits_of(len, &random);
		expect_as_four_at_a_time(text, len);
		for (unsigned c = 0; len > 0 && c < 256; c++) { /* each byte, somewhere */
			size_t at = unit_random(&random) % len;
			char was = text[at];
			text[at] = (char)c;
			expect_as_four_at_a_time(text, len);
			text[at] = was;
		}
		for (size_t i = 1; i <= len && i < 4; i++) { /* padding */
			text[len - i] = '=';
			expect_as_four_at_a_time(text, len);
		}
		free(text);
	}
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

static void passwords_in_urls_are_hidden(void **state)
{
	(void)state;
	static const char *const texts[][2] = {
		{ "'https://eve:secret@web/x' is a URL", "'https://eve:***@web/x' is a URL" },
		{ "https://eve:a@b@web/", "https://eve:***@web/" },
		{ "https://eve:sec/ret@web/x y@z", "https://eve:***@web/x y@z" },
		{ "https://eve:x@web", "https://eve:*@web" },
		{ "a://u:pass@b c://v:word@d", "a://u:***@b c://v:***@d" },
		{ "https://eve:@web", "https://eve:@web" },
		{ "https://eve@web:80/", "https://eve@web:80/" },
		{ "https://web:8080/@eve", "https://web:8080/@eve" },
		{ "https://[fd00::1]:80/x", "https://[fd00::1]:80/x" },
		{ "http/web@REALM: x@y", "http/web@REALM: x@y" },
		{ "://", "://" },
		{ "a://b:cc://d:ee@f g://h:ii@j k@l", "a://b:***@f g://h:**@j k@l" },
		{ "a://b:cc://d:80://e:f/@g a://b:x@y://c:long@d://e", "a://b:***@g a://b:*@y://c:***@d://e" },
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char text[100];
		snprintf(text, sizeof text, "%s", texts[i][0]);
		spn_text_hide_passwords(text);
		assert_string_equal(text, texts[i][1]);
	}
}

static void a_byte_that_is_not_printable_is_seen_wherever_it_is(void **state)
{
	(void)state;
	char text[20];
	for (size_t len = 1; len <= sizeof text; len++)
		for (size_t at = 0; at < len; at++)
			for (int c = 0; c < 256; c++) {
				memset(text, c % 2 ? ' ' : '~', len);
				text[at] = (char)c;
				assert_int_equal(spk_is_printable((spn_bytes){ text, len }), c >= 0x20 && c < 0x7f);
			}
	assert_true(spk_is_printable((spn_bytes){ text, 0 }));
}

static void the_first_of_two_bytes_is_found_wherever_it_is(void **state)
{
	(void)state;
	char text[20];
	for (size_t at = 0; at < sizeof text; at++)
		for (int filler = 0; filler < 256; filler++) {
			memset(text, filler, sizeof text);
			text[at] = at % 2 ? ',' : '\n';
			const char *found = spk_find_either(text, text + sizeof text, ',', '\n');
			assert_int_equal(found - text, filler == ',' || filler == '\n' ? 0 : at);
			if (filler != ',' && filler != '\n')
				assert_ptr_equal(spk_find_either(text, text + at, ',', '\n'), text + at);
		}
}

static void the_distance_of_two_words_is_how_many_letters_differ(void **state)
{
	(void)state;
	assert_int_equal(spn_text_distance("query", "QUERY"), 0);
	assert_int_equal(spn_text_distance("qeury", "query"), 2);
	assert_int_equal(spn_text_distance("", "abc"), 3);
	assert_int_equal(spn_text_distance("abc", "abcd"), 1);
	char wide[100];
	memset(wide, 'x', sizeof wide - 1);
	wide[sizeof wide - 1] = '\0';
	assert_int_equal(spn_text_distance(wide, wide), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_in_urls_are_hidden),
		cmocka_unit_test(text_grows),
		cmocka_unit_test(a_byte_that_is_not_printable_is_seen_wherever_it_is),
		cmocka_unit_test(the_first_of_two_bytes_is_found_wherever_it_is),
		cmocka_unit_test(adding_nothing_makes_an_empty_text),
		cmocka_unit_test(a_text_that_is_too_long_fails_for_good),
		cmocka_unit_test(what_a_terminal_would_act_on_is_replaced),
		cmocka_unit_test(no_character_is_safe_that_nobody_sees),
		cmocka_unit_test(a_character_is_read_whole_or_not_at_all),
		cmocka_unit_test(a_shell_word_is_quoted_where_it_needs_to_be),
		cmocka_unit_test(a_shell_word_is_the_same_when_a_browser_has_copied_it),
		cmocka_unit_test(base64_comes_and_goes),
		cmocka_unit_test(what_is_no_base64_is_refused),
		cmocka_unit_test(many_digits_are_decoded_as_four_at_a_time),
		cmocka_unit_test(ascii_is_compared_without_the_locale),
		cmocka_unit_test(a_message_that_is_too_long_ends_in_dots),
		cmocka_unit_test(a_message_is_one_printable_line),
		cmocka_unit_test(every_status_has_a_name_of_its_own),
		cmocka_unit_test(the_distance_of_two_words_is_how_many_letters_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "model/fold.h"

/* Whether a and b are equal, by comparison and by key alike. */
static bool equal(const char *a, const char *b, spk_folding folding)
{
	SPK_AUTOTEXT spk_text ka = { 0 }, kb = { 0 };
	int order = spk_fold_compare(spk_bytes(a), spk_bytes(b), folding);
	int back = spk_fold_compare(spk_bytes(b), spk_bytes(a), folding);
	assert_int_equal(order < 0, back > 0);
	assert_int_equal(order == 0, back == 0);
	spk_fold_key(spk_bytes(a), folding, &ka);
	spk_fold_key(spk_bytes(b), folding, &kb);
	assert_int_equal(strcmp(ka.data, kb.data) == 0, order == 0);
	return order == 0;
}

static void case_makes_no_difference(void **state)
{
	(void)state;
	for (int folding = SPK_FOLD_WINDOWS; folding <= SPK_FOLD_EITHER; folding++) {
		assert_true(equal("HTTP/Web.KIM.com", "http/wEB.kim.COM", (spk_folding)folding));
		assert_true(equal("\xc3\x89", "\xc3\xa9", (spk_folding)folding)); /* E and e with acute */
		assert_true(equal("\xd0\x9d", "\xd0\xbd", (spk_folding)folding)); /* Cyrillic EN */
		assert_true(equal("", "", (spk_folding)folding));
		assert_false(equal("http/a", "http/b", (spk_folding)folding));
		assert_false(equal("http/a", "http/aa", (spk_folding)folding));
		assert_false(equal("", "a", (spk_folding)folding));
	}
}

static void accents_width_and_kana_make_a_difference_to_samba_only(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{ "H\xc5\x8dST", "HOST" },                         /* o with macron */
		{ "\xc4\xa7\xc3\xb8\xc5\x9f\xc5\xa7", "host" },    /* h, o, s, t with strokes and cedilla */
		{ "\xe3\x83\x84", "\xe3\x81\xa4" },                /* katakana and hiragana TSU */
		{ "\xef\xbc\xa8\xef\xbd\x94tp", "http" },          /* fullwidth H, t */
		{ "e\xcc\x81", "\xc3\xa9" },                       /* combining acute */
		{ "\xef\xbe\x82", "\xe3\x83\x84" },                /* halfwidth TSU */
		{ "\xc5\x81", "l" },                               /* L with stroke */
		{ "\xc3\x98", "o" },                               /* O with stroke */
		{ "\xc4\x90", "D" },                               /* D with stroke */
		{ "\xc4\xa6", "h" },                               /* H with stroke */
		{ "we\xc2\xad" "b", "web" },                       /* a soft hyphen */
	};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		if (!equal(pairs[i][0], pairs[i][1], SPK_FOLD_WINDOWS))
			fail_msg("pair %zu is equal to Windows", i);
		if (equal(pairs[i][0], pairs[i][1], SPK_FOLD_CASE))
			fail_msg("pair %zu is not equal to Samba", i);
	}
}

static void other_letters_are_themselves(void **state)
{
	(void)state;
	assert_false(equal("\xd0\x9d", "H", SPK_FOLD_WINDOWS)); /* Cyrillic EN */
	assert_true(equal("\xc4\xb1", "i", SPK_FOLD_WINDOWS)); /* dotless i, an 'i' everywhere */
	assert_false(equal("h0st", "host", SPK_FOLD_WINDOWS));
	assert_false(equal("\xce\x9f", "O", SPK_FOLD_WINDOWS)); /* Greek OMICRON */
	assert_false(equal("a/b", "a\\b", SPK_FOLD_WINDOWS));
	assert_false(equal("a\xc2\xa0" "b", "a b", SPK_FOLD_WINDOWS)); /* NO-BREAK SPACE */
}

static void blanks_make_no_difference_at_the_ends_and_when_repeated_for_samba_only(void **state)
{
	(void)state;
	static const char *const pairs[][2] = { { " a", "a" }, { "a ", "a" }, { "a  b", "a b" } };
	for (size_t i = 0; i < 3; i++) {
		assert_true(equal(pairs[i][0], pairs[i][1], SPK_FOLD_SAMBA));
		assert_false(equal(pairs[i][0], pairs[i][1], SPK_FOLD_CASE));
		assert_false(equal(pairs[i][0], pairs[i][1], SPK_FOLD_WINDOWS));
	}
	assert_false(equal("a b", "ab", SPK_FOLD_SAMBA));
}

static bool equal_bytes(const char *a, size_t a_len, const char *b, size_t b_len, spk_folding folding)
{
	SPK_AUTOTEXT spk_text ka = { 0 }, kb = { 0 };
	const spn_bytes one = { a, a_len }, other = { b, b_len };
	bool is = spk_fold_equal(one, other, folding);
	spk_fold_key(one, folding, &ka);
	spk_fold_key(other, folding, &kb);
	assert_int_equal(ka.len == kb.len && memcmp(ka.data, kb.data, ka.len) == 0, is);
	assert_true(!is || spk_fold_hash(one, folding, 1) == spk_fold_hash(other, folding, 1));
	return is;
}
#define equal_nul(a, b, folding) equal_bytes(a, sizeof(a) - 1, b, sizeof(b) - 1, folding)

static void a_nul_ends_a_value_for_samba_only(void **state)
{
	(void)state;
	static const struct {
		const char *a;
		size_t len;
		const char *b;
	} pairs[] = { { "a\0x", 3, "A" }, { "a\0", 2, "a" }, { " a \0 b", 6, "a" }, { "\xc3\x89\0x", 4, "\xc3\xa9" },
		{ "\0x", 2, "" } };
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		assert_true(equal_bytes(pairs[i].a, pairs[i].len, pairs[i].b, strlen(pairs[i].b), SPK_FOLD_SAMBA));
		assert_true(equal_bytes(pairs[i].a, pairs[i].len, pairs[i].b, strlen(pairs[i].b), SPK_FOLD_EITHER));
		assert_false(equal_bytes(pairs[i].a, pairs[i].len, pairs[i].b, strlen(pairs[i].b), SPK_FOLD_CASE));
		assert_false(equal_bytes(pairs[i].a, pairs[i].len, pairs[i].b, strlen(pairs[i].b), SPK_FOLD_WINDOWS));
	}
	assert_true(equal_nul("a\0x", "a\0y", SPK_FOLD_SAMBA));
	assert_false(equal_nul("a\0x", "b\0x", SPK_FOLD_SAMBA));
}

static void either_server_takes_them_for_equal(void **state)
{
	(void)state;
	assert_true(equal(" H\xc5\x8dST/a ", "host/A", SPK_FOLD_EITHER));
	assert_false(equal("a b", "ab", SPK_FOLD_EITHER));
}

static void what_is_no_utf8_equals_only_itself(void **state)
{
	(void)state;
	for (int folding = SPK_FOLD_WINDOWS; folding <= SPK_FOLD_SAMBA; folding++) {
		assert_true(equal("a\xff" "B", "A\xff" "b", (spk_folding)folding));
		assert_false(equal("a\xff", "a\xfe", (spk_folding)folding));
		assert_false(equal("a\xff", "a", (spk_folding)folding));
		assert_false(equal("\xc3", "\xc3\xa9", (spk_folding)folding));
		assert_false(equal("\xa9", "\xc3\xa9", (spk_folding)folding));
	}
}

static void a_letter_may_become_many(void **state)
{
	(void)state;
	assert_true(equal("\xc3\x9f", "SS", SPK_FOLD_WINDOWS));        /* sharp s */
	assert_true(equal("\xef\xb7\xba", "\xef\xb7\xba", SPK_FOLD_WINDOWS)); /* an Arabic phrase of eighteen */
}

static void nul_bytes_are_part_of_a_value(void **state)
{
	(void)state;
	assert_int_not_equal(spk_fold_compare((spn_bytes){ "a\0b", 3 }, (spn_bytes){ "a\0c", 3 }, SPK_FOLD_CASE), 0);
	assert_int_equal(spk_fold_compare((spn_bytes){ NULL, 0 }, (spn_bytes){ "", 0 }, SPK_FOLD_CASE), 0);
}

/* Comparing is an order: antisymmetric, and the same for keys as for values. */
static void any_bytes_can_be_compared(void **state)
{
	(void)state;
	uint64_t random = 42;
	char values[200][12];
	for (size_t i = 0; i < 200; i++) {
		size_t len = unit_random(&random) % 11;
		for (size_t j = 0; j < len; j++)
			values[i][j] = "aAbB\xc3\xa9\x89\xff\xcc\x81/o"[unit_random(&random) % 12];
		values[i][len] = '\0';
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t j = 0; j < 200; j++) {
			equal(values[i], values[j], SPK_FOLD_WINDOWS);
			equal(values[i], values[j], SPK_FOLD_CASE);
			equal(values[i], values[j], SPK_FOLD_SAMBA);
			equal(values[i], values[j], SPK_FOLD_EITHER);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(case_makes_no_difference),
		cmocka_unit_test(accents_width_and_kana_make_a_difference_to_samba_only),
		cmocka_unit_test(other_letters_are_themselves),
		cmocka_unit_test(blanks_make_no_difference_at_the_ends_and_when_repeated_for_samba_only),
		cmocka_unit_test(a_nul_ends_a_value_for_samba_only),
		cmocka_unit_test(either_server_takes_them_for_equal),
		cmocka_unit_test(what_is_no_utf8_equals_only_itself),
		cmocka_unit_test(a_letter_may_become_many),
		cmocka_unit_test(nul_bytes_are_part_of_a_value),
		cmocka_unit_test(any_bytes_can_be_compared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

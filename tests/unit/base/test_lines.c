/* SPDX-License-Identifier: MIT */
/* What is found 64 bytes at a time is what is found byte by byte. */
#include "unit.h"

#include "base/hash.h"
#include "base/lines.h"
#include "base/text.h"

static unsigned seed;

static unsigned roll(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

/* Ends where the memory does, so that valgrind sees who reads behind it. */
static char *random_text(size_t len, const char *common, const char *rare)
{
	char *text = malloc(len ? len : 1);
	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = roll(40) ? common[roll((unsigned)strlen(common))] : rare[roll((unsigned)strlen(rare) + 1)];
	return text;
}

static void line_ends_and_what_is_not_plain_are_found_as_byte_by_byte(void **state)
{
	(void)state;
	static const char *const rares[] = { "\n", "\n\r", "x\xc3", "\n\xff" };
	static spk_lines wide, simple;
	for (seed = 1; seed < 3000; seed++) {
		unsigned keep = seed;
		size_t len = roll(10) ? roll(400) : roll(SPK_LINES_MAX + 1);
		char *text = random_text(len, roll(2) ? "abc\n" : "a\r\nb", rares[roll(4)]);
		for (size_t i = 0; i < len && roll(2); i++)
			text[i] = text[i] == '\0' || text[i] == '\r' ? '.' : text[i];
		spk_lines_find(text, len, &wide);
		spk_lines_find_simply(text, len, &simple);
		assert_memory_equal(wide.ends, simple.ends, (len + 63) / 64 * sizeof *wide.ends);
		assert_int_equal(wide.has_high, simple.has_high);
		assert_int_equal(wide.has_nul, simple.has_nul);
		assert_int_equal(wide.has_lone_cr, simple.has_lone_cr);
		for (size_t i = 0; i < len; i++)
			assert_int_equal(simple.ends[i / 64] >> i % 64 & 1, text[i] == '\n');
		free(text);
		seed = keep;
	}
}

static spk_lines lines_of(const char *text)
{
	static spk_lines lines;
	spk_lines_find(text, strlen(text), &lines);
	return lines;
}

static void a_cr_is_alone_unless_an_lf_follows(void **state)
{
	(void)state;
	char text[200];
	assert_false(lines_of("a\r\nb\n").has_lone_cr);
	assert_true(lines_of("a\rb\n").has_lone_cr);
	assert_true(lines_of("a\n\r").has_lone_cr);
	for (size_t i = 0; i + 1 < sizeof text - 1; i++) { /* also where the two are in different blocks */
		memset(text, 'x', sizeof text - 1);
		text[sizeof text - 1] = '\0';
		text[i] = '\r';
		text[i + 1] = '\n';
		assert_false(lines_of(text).has_lone_cr);
		text[i + 1] = 'x';
		assert_true(lines_of(text).has_lone_cr);
	}
}

static void each_byte_is_base64_or_not_wherever_it_is(void **state)
{
	(void)state;
	static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t len = 0; len < 100; len++) {
		char *text = malloc(len + 1);
		assert_non_null(text);
		for (size_t i = 0; i < len; i++)
			text[i] = all[i % 64];
		assert_true(spk_lines_is_base64(text, len));
		for (unsigned c = 0; len > 0 && c < 256; c++) {
			size_t at = (c * 7) % len;
			char was = text[at];
			text[at] = (char)c;
			bool is = c && strchr(all, (int)c);
			assert_int_equal(spk_lines_is_base64(text, len), is);
			assert_int_equal(spk_lines_is_base64_simply(text, len), is);
			text[at] = was;
		}
		free(text);
	}
}

static void a_text_and_its_lower_case_have_one_hash(void **state)
{
	(void)state;
	for (seed = 1; seed < 2000; seed++) {
		unsigned keep = seed;
		size_t len = roll(120);
		char *text = random_text(len, "AbCzZ@[`{09./-", "\xc3\xa9");
		SPK_AUTOTEXT spk_text folded = { 0 };
		bool is_ascii, was_ascii = spk_text_add_lower(&folded, text, len);
		uint64_t hash = spk_hash_lower(text, len, 42, &is_ascii);
		assert_int_equal(is_ascii, was_ascii);
		if (is_ascii && len > 0)
			assert_int_equal(hash, spk_hash(folded.data, len, 42));
		for (size_t i = 0; i < len; i++)
			assert_int_equal(folded.data[i], spk_ascii_lower(text[i]));
		free(text);
		seed = keep;
	}
}

static void what_is_behind_the_first_slash_has_its_own_hash(void **state)
{
	(void)state;
	for (seed = 1; seed < 2000; seed++) {
		unsigned keep = seed;
		size_t len = roll(120);
		char *text = random_text(len, "AbCzZ@[`{09./-", seed % 8 ? "" : "\xc3\xa9");
		const char *slash = memchr(text, '/', len);
		size_t first = slash ? (size_t)(slash + 1 - text) : 0;
		bool is_ascii, is_too;
		uint64_t all, other_all, hash = spk_hash_lower_parts(text, len, 42, &all, &is_ascii);
		spk_hash_lower(text, len, 42, &is_too);
		assert_int_equal(is_ascii, is_too);
		if (!memchr(text + first, '/', len - first)) /* without a class it is that of all */
			assert_int_equal(spk_hash_lower_parts(text + first, len - first, 42, &other_all, &is_too), hash);
		assert_int_equal(all == hash, first == 0);
		for (size_t i = 0; i < len; i++) /* in capitals it is the same, and with another byte not */
			text[i] = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
		assert_int_equal(spk_hash_lower_parts(text, len, 42, &other_all, &is_too), hash);
		assert_int_equal(other_all, all);
		for (size_t i = 0; i < len; i++) {
			char was = text[i];
			if (was == '/' && i + 1 == first)
				continue;
			text[i] = '_';
			assert_int_equal(spk_hash_lower_parts(text, len, 42, &other_all, &is_too) == hash, i < first);
			assert_int_not_equal(other_all, all);
			text[i] = was;
		}
		free(text);
		seed = keep;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_ends_and_what_is_not_plain_are_found_as_byte_by_byte),
		cmocka_unit_test(a_cr_is_alone_unless_an_lf_follows),
		cmocka_unit_test(each_byte_is_base64_or_not_wherever_it_is),
		cmocka_unit_test(a_text_and_its_lower_case_have_one_hash),
		cmocka_unit_test(what_is_behind_the_first_slash_has_its_own_hash),
	};
	return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}

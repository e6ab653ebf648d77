/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <spnkit/backend.h>

#include "model/filter.h"

static spn_error error, *const err = &error;
static spn_entry *entry;

static int setup(void **state)
{
	(void)state;
	static const char *const values[][2] = { { "cn", "LAX-CRM01" }, { "servicePrincipalName", "http/LAX-CRM01" },
		{ "servicePrincipalName", "HOST/lax-crm01.kim.com" }, { "userAccountControl", "4098" },
		{ "groupType", "-2147483646" }, { "member", "CN=a,OU=b,DC=c" }, { "description", "caf\xc3\xa9 *" } };
	assert_ok(spn_entry_new("CN=LAX-CRM01,DC=c", &entry, err));
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		assert_ok(spn_entry_add(entry, values[i][0], spk_bytes(values[i][1]), err));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	entry = spn_entry_free(entry);
	return 0;
}

/* The value has no NUL behind it. */
static bool matches(spn_filter_op op, const char *attr, const char *value)
{
	size_t len = strlen(value);
	char *copy = malloc(len + 1); /* malloc(0) may be NULL */
	memcpy(copy, value, len);
	copy[len] = '7';
	const spn_filter filter = { .op = op, .attr = attr, .value = { copy, len } };
	bool match = false;
	assert_ok(spn_filter_match(&filter, entry, &match, err));
	free(copy);
	return match;
}

static void presence_is_about_the_attribute(void **state)
{
	(void)state;
	assert_true(matches(SPN_FILTER_PRESENT, "CN", ""));
	assert_false(matches(SPN_FILTER_PRESENT, "sn", ""));
}

static void equality_folds_and_takes_stars_literally(void **state)
{
	(void)state;
	assert_true(matches(SPN_FILTER_EQUAL, "ServicePrincipalName", "HTTP/lax-crm01"));
	assert_true(matches(SPN_FILTER_EQUAL, "description", "CAFE *"));
	assert_false(matches(SPN_FILTER_EQUAL, "servicePrincipalName", "http/*"));
	assert_false(matches(SPN_FILTER_EQUAL, "servicePrincipalName", "http/LAX-CRM0"));
	assert_false(matches(SPN_FILTER_EQUAL, "sn", ""));
}

static void dns_are_compared_as_dns(void **state)
{
	(void)state;
	assert_true(matches(SPN_FILTER_EQUAL, "member", "cn=A, ou=B,dc=C"));
	assert_false(matches(SPN_FILTER_EQUAL, "member", "cn=A,ou=B"));
}

static void a_star_stands_for_any_text(void **state)
{
	(void)state;
	static const char *const good[] = { "*", "**", "http/*", "*crm01", "H*/L*1", "*/lax*.*", "*a*x*",
		"http/LAX-CRM01", "http/LAX-CRM01*", "*http/LAX-CRM01", "host/*kim.COM" };
	static const char *const bad[] = { "", "http", "*http", "http/LAX-CRM01?", "http/**x", "*kim", "ttp*",
		"*.*.*.*", "http/LAX-CRM01*1" };
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!matches(SPN_FILTER_GLOB, "servicePrincipalName", good[i]))
			fail_msg("'%s' matches", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (matches(SPN_FILTER_GLOB, "servicePrincipalName", bad[i]))
			fail_msg("'%s' does not match", bad[i]);
	assert_true(matches(SPN_FILTER_GLOB, "description", "*F\xc3\x89*"));
	assert_true(matches(SPN_FILTER_GLOB, "description", "C\xc3\x81*"));
}

static void bits_must_all_be_set(void **state)
{
	(void)state;
	assert_true(matches(SPN_FILTER_BITS, "userAccountControl", "2"));
	assert_true(matches(SPN_FILTER_BITS, "userAccountControl", "4098"));
	assert_true(matches(SPN_FILTER_BITS, "userAccountControl", "0"));
	assert_false(matches(SPN_FILTER_BITS, "userAccountControl", "6"));
	assert_true(matches(SPN_FILTER_BITS, "groupType", "2147483648"));
	assert_false(matches(SPN_FILTER_BITS, "groupType", "8"));
	assert_false(matches(SPN_FILTER_BITS, "sn", "0"));
}

static void parts_are_combined(void **state)
{
	(void)state;
	const spn_filter yes = { .op = SPN_FILTER_PRESENT, .attr = "cn" }, no = { .op = SPN_FILTER_PRESENT, .attr = "sn" };
	const spn_filter *const both[] = { &yes, &no, NULL }, *const good[] = { &yes, &yes, NULL },
			*const bad[] = { &no, NULL };
	const struct {
		spn_filter filter;
		bool wanted;
	} cases[] = {
		{ { .op = SPN_FILTER_AND, .parts = both }, false }, { { .op = SPN_FILTER_OR, .parts = both }, true },
		{ { .op = SPN_FILTER_AND, .parts = good }, true }, { { .op = SPN_FILTER_OR, .parts = bad }, false },
		{ { .op = SPN_FILTER_NOT, .parts = bad }, true },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(spk_filter_match(&cases[i].filter, entry, SPK_FOLD_CASE), cases[i].wanted);
	assert_true(spk_filter_match(NULL, entry, SPK_FOLD_CASE));
}

static void a_filter_that_makes_no_sense_is_refused(void **state)
{
	(void)state;
	const spn_filter yes = { .op = SPN_FILTER_PRESENT, .attr = "cn" };
	const spn_filter *const none[] = { NULL }, *const two[] = { &yes, &yes, NULL };
	const spn_filter bad[] = {
		{ .op = SPN_FILTER_AND }, { .op = SPN_FILTER_OR, .parts = none }, { .op = SPN_FILTER_NOT, .parts = two },
		{ .op = SPN_FILTER_PRESENT }, { .op = SPN_FILTER_PRESENT, .attr = "" }, { .op = SPN_FILTER_PRESENT, .attr = "a)(b" },
		{ .op = SPN_FILTER_EQUAL, .attr = "cn" }, { .op = SPN_FILTER_GLOB, .attr = "cn" },
		{ .op = SPN_FILTER_BITS, .attr = "cn", .value = { "2)", 2 } },
		{ .op = SPN_FILTER_BITS, .attr = "cn", .value = { "", 0 } },
		{ .op = SPN_FILTER_BITS, .attr = "cn", .value = { "12345678901", 11 } }, { .op = (spn_filter_op)99, .attr = "cn" },
	};
	bool match;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_fails(spn_filter_match(&bad[i], entry, &match, err), SPN_ERR_INVALID, "");
	const spn_filter *parts[SPK_FILTER_DEPTH + 1][2];
	spn_filter deep[SPK_FILTER_DEPTH + 1];
	for (size_t i = 0; i <= SPK_FILTER_DEPTH; i++) {
		parts[i][0] = i == 0 ? &yes : &deep[i - 1];
		parts[i][1] = NULL;
		deep[i] = (spn_filter){ .op = SPN_FILTER_NOT, .parts = parts[i] };
	}
	assert_ok(spn_filter_match(&deep[SPK_FILTER_DEPTH - 2], entry, &match, err));
	assert_fails(spn_filter_match(&deep[SPK_FILTER_DEPTH - 1], entry, &match, err), SPN_ERR_INVALID, "nested deeper");
}

static void rendered(const spn_filter *filter, const char *wanted)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_filter_render(filter, &text);
	assert_string_equal(text.data, wanted);
}

static void a_value_cannot_break_out_of_its_text(void **state)
{
	(void)state;
	const spn_filter evil = { .op = SPN_FILTER_EQUAL, .attr = "cn", .value = { "*)(a=\\\0\xc3\xa9 b", 10 } };
	const spn_filter glob = { .op = SPN_FILTER_GLOB, .attr = "cn", .value = { "a***(b*", 7 } };
	const spn_filter bits = { .op = SPN_FILTER_BITS, .attr = "uac", .value = { "2", 1 } };
	const spn_filter present = { .op = SPN_FILTER_PRESENT, .attr = "cn" };
	const spn_filter *const parts[] = { &present, &bits, NULL }, *const one[] = { &present, NULL };
	rendered(&evil, "(cn=\\2a\\29\\28a=\\5c\\00\\c3\\a9 )");
	rendered(&glob, "(cn=a*\\28b*)");
	rendered(&bits, "(uac:1.2.840.113556.1.4.803:=2)");
	rendered(&(spn_filter){ .op = SPN_FILTER_AND, .parts = parts }, "(&(cn=*)(uac:1.2.840.113556.1.4.803:=2))");
	rendered(&(spn_filter){ .op = SPN_FILTER_OR, .parts = one }, "(|(cn=*))");
	rendered(&(spn_filter){ .op = SPN_FILTER_NOT, .parts = one }, "(!(cn=*))");
	rendered(NULL, "(objectClass=*)");
}

/* Behind a letter that is not ASCII, a pattern and a text are folded and compared as long ones are. */
static void long_texts_match_as_short_ones_do(void **state)
{
	(void)state;
	uint64_t seed = 7;
	size_t n_matches = 0;
	for (unsigned i = 0; i < 20000; i++) {
		char pattern[16] = "\xc3\xa4", text[16] = "\xc3\xa4";
		size_t p = 2, t = 2;
		for (size_t n = unit_random(&seed) % 8; p < 2 + n; p++)
			pattern[p] = "abA*"[unit_random(&seed) % 4];
		for (size_t n = unit_random(&seed) % 10; t < 2 + n; t++)
			text[t] = "abB"[unit_random(&seed) % 3];
		bool short_matches = spk_glob_match((spn_bytes){ pattern + 2, p - 2 }, (spn_bytes){ text + 2, t - 2 },
				SPK_FOLD_WINDOWS);
		bool long_matches = spk_glob_match((spn_bytes){ pattern, p }, (spn_bytes){ text, t }, SPK_FOLD_WINDOWS);
		if (short_matches != long_matches)
			fail_msg("'%s' and '%s': %d, but %d behind a letter", pattern + 2, text + 2, short_matches, long_matches);
		n_matches += short_matches;
	}
	assert_in_range(n_matches, 1000, 19000);
}

static size_t values_of_entry(void *of, const char *attr, const spn_bytes **ret_values)
{
	return spn_entry_values(of, attr, ret_values);
}

/* A matcher finds by keys what a filter finds by trying each of its parts. */
static void many_values_are_found_by_their_keys_as_one_by_one(void **state)
{
	(void)state;
	static const char *const attrs[] = { "servicePrincipalName", "userPrincipalName", "member", "objectSid", "cn" };
	static const spn_bytes values[] = { { "http/a", 6 }, { "HTTP/A", 6 }, { "http/\xc3\xa4", 7 }, { "http/b", 6 },
		{ "CN=a,DC=x", 9 }, { "cn = a , dc=X", 13 }, { "CN=b,DC=x", 9 }, { "CN=\\61,DC=x", 12 }, { "a=", 2 },
		{ "\1\0a", 3 }, { "\1\0A", 3 }, { "\1\0", 2 }, { "", 0 },
		{ "x\xff", 2 } };
	enum { N_VALUES = sizeof values / sizeof *values, MOST = 9 };
	uint64_t seed = 11;
	size_t n_matches = 0, n_keyed = 0;
	for (unsigned round = 0; round < 20000; round++) {
		spn_filter equals[MOST];
		const spn_filter *parts[MOST + 1] = { NULL };
		spn_entry *one = NULL;
		size_t n = 1 + unit_random(&seed) % MOST;
		for (size_t i = 0; i < n; i++) {
			equals[i] = (spn_filter){ .op = unit_random(&seed) % 50 ? SPN_FILTER_EQUAL : SPN_FILTER_PRESENT,
					.attr = attrs[unit_random(&seed) % 5],
				.value = values[unit_random(&seed) % N_VALUES] };
			parts[i] = &equals[i];
		}
		const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
		assert_ok(spn_entry_new("CN=x", &one, err));
		for (size_t i = 0, n_has = unit_random(&seed) % 3; i < n_has; i++)
			assert_ok(spn_entry_add(one, attrs[unit_random(&seed) % 5], values[unit_random(&seed) % N_VALUES], err));
		for (spk_folding folding = SPK_FOLD_WINDOWS; folding <= SPK_FOLD_SAMBA; folding++) {
			spk_matcher matcher = { 0 };
			assert_true(spk_matcher_make(&matcher, &any, folding));
			bool alone = spk_filter_match(&any, one, folding), by_key = spk_matcher_match(&matcher, values_of_entry, one);
			n_keyed += matcher.of_key != NULL;
			n_matches += by_key;
			spk_matcher_free(&matcher);
			assert_int_equal(alone, by_key);
		}
		spn_entry_free(one);
	}
	assert_in_range(n_keyed, 10000, 30000);
	assert_in_range(n_matches, 3000, 30000);
}

/* More attributes than a matcher counts are looked at one by one. */
static void attributes_are_counted(void **state)
{
	(void)state;
	static const char *const attrs[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i" };
	spn_filter equals[9];
	const spn_filter *parts[10] = { NULL };
	spn_entry *one = NULL;
	for (size_t i = 0; i < 9; i++) {
		equals[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = attrs[i], .value = { "x", 1 } };
		parts[i] = &equals[i];
	}
	assert_ok(spn_entry_new("CN=x", &one, err));
	assert_ok(spn_entry_add(one, "i", (spn_bytes){ "x", 1 }, err));
	for (size_t n = 8; n <= 9; n++) {
		spk_matcher matcher = { 0 };
		parts[n] = NULL;
		parts[n - 1] = &equals[8];
		assert_true(spk_matcher_make(&matcher, &(spn_filter){ .op = SPN_FILTER_OR, .parts = parts }, SPK_FOLD_WINDOWS));
		assert_int_equal(matcher.of_key != NULL, n == 8);
		assert_true(spk_matcher_match(&matcher, values_of_entry, one));
		spk_matcher_free(&matcher);
		parts[7] = &equals[7];
		parts[8] = &equals[8];
	}
	spn_entry_free(one);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(presence_is_about_the_attribute),
		TEST(equality_folds_and_takes_stars_literally),
		TEST(dns_are_compared_as_dns),
		TEST(a_star_stands_for_any_text),
		TEST(bits_must_all_be_set),
		TEST(parts_are_combined),
		TEST(a_filter_that_makes_no_sense_is_refused),
		TEST(a_value_cannot_break_out_of_its_text),
		cmocka_unit_test(long_texts_match_as_short_ones_do),
		cmocka_unit_test(many_values_are_found_by_their_keys_as_one_by_one),
		cmocka_unit_test(attributes_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

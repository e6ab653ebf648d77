/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <spnkit/backend.h>
#include <spnkit/mock.h>

#define ALL (SPN_ENC_RC4 | SPN_ENC_AES128 | SPN_ENC_AES256)

static spn_error error, *const err = &error;

static const int rc4_only[] = { 23 }, aes256_only[] = { 18 }, aes128_only[] = { 17 }, rc4_first[] = { 23, 18 };

static const char *answer_of(const spn_enctype_case *what, spn_enctype_prediction *ret)
{
	static char text[20];
	assert_ok(spn_enctype_predict(what, ret, err));
	assert_int_equal(ret->ticket == 0, ret->session == 0);
	assert_true(ret->why && *ret->why);
	snprintf(text, sizeof text, ret->ticket ? "%d/%d" : "none", ret->ticket, ret->session);
	return text;
}

/* The four eras' answers: "TICKET/SESSION" or "none". */
static void answers(spn_enctype_case what, const char *windows_2022, const char *windows_2026, const char *samba_17,
		const char *samba_24)
{
	const char *const expected[] = { windows_2022, windows_2026, samba_17, samba_24 };
	for (int era = SPN_ERA_WINDOWS_2022_11; era <= SPN_ERA_SAMBA_4_24; era++) {
		spn_enctype_prediction got;
		what.version = SPN_ENCTYPE_CASE_VERSION;
		what.era = (spn_era)era;
		const char *text = answer_of(&what, &got);
		if (strcmp(text, expected[era - 1]) != 0)
			fail_msg("supported %x, keys %x, %s: %s (%s), expected %s", (unsigned)what.supported, what.keys,
					spn_era_name(what.era), text, got.why, expected[era - 1]);
	}
}

#define CLIENT(list) .client = (list), .n_client = sizeof(list) / sizeof *(list)

static void without_the_attribute_the_default_of_the_era_counts(void **state)
{
	(void)state;
	answers((spn_enctype_case){ .keys = ALL }, "23/18", "18/18", "23/18", "18/18");
	answers((spn_enctype_case){ .keys = SPN_ENC_RC4 }, "23/18", "none", "23/18", "23/18");
	answers((spn_enctype_case){ .keys = ALL, CLIENT(rc4_only) }, "23/23", "none", "23/23", "none");
	answers((spn_enctype_case){ .keys = ALL, .kdc_default = 0x1c }, "18/18", "18/18", "18/18", "18/18");
	answers((spn_enctype_case){ .keys = ALL, .kdc_default = 0x24, CLIENT(rc4_only) }, "23/23", "23/23", "23/23", "23/23");
}

static void the_attribute_chooses_the_strongest_key(void **state)
{
	(void)state;
	answers((spn_enctype_case){ .supported = 4, .keys = ALL }, "23/23", "23/23", "23/23", "23/23");
	answers((spn_enctype_case){ .supported = 4, .keys = ALL, CLIENT(aes256_only) }, "none", "none", "none", "none");
	answers((spn_enctype_case){ .supported = 8, .keys = ALL }, "17/17", "17/17", "17/17", "17/17");
	answers((spn_enctype_case){ .supported = 0x10, .keys = ALL }, "18/18", "18/18", "18/18", "18/18");
	answers((spn_enctype_case){ .supported = 0x18, .keys = ALL }, "18/18", "18/18", "18/18", "18/18");
	answers((spn_enctype_case){ .supported = 0x38, .keys = ALL, CLIENT(aes128_only) }, "18/17", "18/17", "18/17", "18/17");
	answers((spn_enctype_case){ .supported = 0x18, .keys = ALL, CLIENT(rc4_only) }, "18/23", "none", "none", "none");
	answers((spn_enctype_case){ .supported = 0x1c, .keys = ALL, CLIENT(rc4_only) }, "18/23", "18/23", "18/23", "18/23");
	answers((spn_enctype_case){ .supported = 0x1c, .keys = ALL, CLIENT(rc4_first) }, "18/18", "18/18", "18/23", "18/23");
	answers((spn_enctype_case){ .supported = 0x24, .keys = ALL }, "23/18", "23/18", "23/18", "23/18");
	answers((spn_enctype_case){ .supported = 0x27, .keys = ALL }, "23/18", "23/18", "23/18", "23/18");
	/* bits of the group policy's "future encryption types", and flags that are not enctypes */
	answers((spn_enctype_case){ .supported = 0x7ffffff8u, .keys = ALL }, "18/18", "18/18", "18/18", "18/18");
	answers((spn_enctype_case){ .supported = 0x10000, .keys = ALL }, "none", "none", "none", "none");
}

static void an_account_without_aes_keys_is_served_with_rc4_but_not_by_a_patched_windows(void **state)
{
	(void)state;
	answers((spn_enctype_case){ .supported = 0x18, .keys = SPN_ENC_RC4 }, "23/18", "none", "23/18", "23/18");
	answers((spn_enctype_case){ .supported = 0x1c, .keys = SPN_ENC_RC4 }, "23/18", "23/18", "23/18", "23/18");
}

static void des_makes_no_tickets(void **state)
{
	(void)state;
	for (uint32_t set = 1; set <= 3; set++)
		answers((spn_enctype_case){ .supported = set, .keys = ALL }, "none", "none", "none", "none");
	answers((spn_enctype_case){ .user_account_control = 0x200200, .keys = ALL }, "none", "none", "none", "none");
	answers((spn_enctype_case){ .user_account_control = 0x200200, .supported = 0x18, .keys = ALL }, "18/18",
			"18/18", "none", "none");
}

static void controllers_and_the_kdc_itself_and_trusts_have_rules_of_their_own(void **state)
{
	(void)state;
	answers((spn_enctype_case){ .user_account_control = 0x82000, .supported = 4, .keys = ALL }, "18/18",
			"18/18", "18/18", "18/18");
	answers((spn_enctype_case){ .user_account_control = 0x4001000, .supported = 4, .keys = ALL }, "18/18",
			"18/18", "18/18", "18/18");
	answers((spn_enctype_case){ .owner = SPN_ENCTYPE_KRBTGT, .supported = 4, .keys = ALL }, "18/18",
			"18/18", "18/18", "18/18");
	answers((spn_enctype_case){ .owner = SPN_ENCTYPE_TRUST, .keys = ALL }, "18/18", "18/18", "18/18", "18/18");
	answers((spn_enctype_case){ .owner = SPN_ENCTYPE_TRUST, .supported = 4, .keys = ALL }, "23/23",
			"23/23", "23/23", "23/23");
}

static void windows_ignores_the_attribute_of_a_computer_older_than_vista(void **state)
{
	(void)state;
	spn_enctype_case linux_host = { .user_account_control = 0x1000, .supported = 4, .keys = ALL, .os_version = "5.15" };
	answers(linux_host, "23/18", "18/18", "23/23", "23/23");
	linux_host.os_version = "10.0 (20348)";
	answers(linux_host, "23/23", "23/23", "23/23", "23/23");
	linux_host.os_version = "bookworm";
	answers(linux_host, "23/23", "23/23", "23/23", "23/23");
	linux_host.os_version = "5.15";
	linux_host.user_account_control = 0x200; /* a user: nobody reads its operatingSystemVersion */
	answers(linux_host, "23/23", "23/23", "23/23", "23/23");
}

static void a_policy_of_the_kdc_takes_enctypes_away(void **state)
{
	(void)state;
	const unsigned aes = SPN_ENC_AES128 | SPN_ENC_AES256;
	answers((spn_enctype_case){ .keys = ALL, .kdc_filter = aes }, "none", "18/18", "none", "18/18");
	answers((spn_enctype_case){ .keys = ALL, .kdc_filter = aes, .kdc_default = 0x18 }, "18/18", "18/18", "18/18", "18/18");
	answers((spn_enctype_case){ .keys = ALL, .kdc_filter = SPN_ENC_RC4, .supported = 0x1c }, "23/23",
			"23/23", "23/23", "23/23");
}

static void a_refusal_names_the_event_that_windows_logs(void **state)
{
	(void)state;
	static const struct {
		spn_enctype_case what;
		int event;
	} refusals[] = {
		{ { .keys = ALL, CLIENT(rc4_only) }, 203 },
		{ { .keys = SPN_ENC_RC4 }, 204 },
		{ { .supported = 0x18, .keys = ALL, CLIENT(rc4_only) }, 208 },
		{ { .supported = 0x18, .keys = SPN_ENC_RC4 }, 209 },
		{ { .supported = 3, .keys = ALL }, 0 },
	};
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		spn_enctype_prediction got;
		spn_enctype_case what = refusals[i].what;
		what.version = SPN_ENCTYPE_CASE_VERSION;
		what.era = SPN_ERA_WINDOWS_2026_07;
		assert_string_equal(answer_of(&what, &got), "none");
		assert_int_equal(got.event, refusals[i].event);
	}
	spn_enctype_case samba = { .version = 1, .era = SPN_ERA_SAMBA_4_24, .keys = ALL, CLIENT(rc4_only) };
	spn_enctype_prediction got;
	assert_string_equal(answer_of(&samba, &got), "none");
	assert_int_equal(got.event, 0);
}

static unsigned doubts_of(spn_enctype_case what)
{
	spn_enctype_prediction got;
	what.version = SPN_ENCTYPE_CASE_VERSION;
	answer_of(&what, &got);
	return got.doubts;
}

static void an_answer_is_sure_only_if_nothing_unknown_could_change_it(void **state)
{
	(void)state;
	const spn_era new = SPN_ERA_WINDOWS_2026_07;
	assert_int_equal(doubts_of((spn_enctype_case){ .era = new, .keys = ALL, .supported = 0x18 }), 0);
	assert_int_equal(doubts_of((spn_enctype_case){ .era = new, .supported = 4 }), 0); /* any account has an RC4 key */
	assert_int_equal(doubts_of((spn_enctype_case){ .era = new, .supported = 0x18 }), SPN_DOUBT_KEYS);
	assert_int_equal(doubts_of((spn_enctype_case){ .era = new, .keys = ALL }), SPN_DOUBT_DEFAULT);
	assert_int_equal(doubts_of((spn_enctype_case){ .era = new, .keys = ALL, .kdc_default = 0x18 }), 0);
	assert_int_equal(doubts_of((spn_enctype_case){ .keys = ALL, .supported = 0x18 }), 0);
	assert_int_equal(doubts_of((spn_enctype_case){ .keys = ALL }), SPN_DOUBT_ERA | SPN_DOUBT_DEFAULT);
	assert_int_equal(doubts_of((spn_enctype_case){ .keys = ALL, .supported = 0x18, CLIENT(rc4_only) }), SPN_DOUBT_ERA);
	assert_int_equal(doubts_of((spn_enctype_case){ .era = new, .keys = ALL, .supported = 0x18,
			.kdc_filter = 0x18 }), SPN_DOUBT_POLICY);
	assert_int_equal(doubts_of((spn_enctype_case){ .era = new, .keys = ALL, .supported = 0x20 }), SPN_DOUBT_BITS);
	assert_int_equal(doubts_of((spn_enctype_case){ .era = new, .keys = ALL, .supported = 0xc0 }), SPN_DOUBT_BITS);
	/* AES-SHA2 too */
	assert_int_equal(doubts_of((spn_enctype_case){ .era = new, .keys = ALL, .supported = 0xd8 }), SPN_DOUBT_BITS);
	assert_int_equal(doubts_of((spn_enctype_case){ .era = SPN_ERA_SAMBA_4_17, .keys = ALL, .supported = 0xc0 }), 0);
	assert_int_equal(doubts_of((spn_enctype_case){ .era = SPN_ERA_SAMBA_4_17, .supported = 0x18 }), SPN_DOUBT_KEYS);
}

static void the_doubts_make_one_condition(void **state)
{
	(void)state;
	char text[SPN_DOUBTS_SIZE];
	assert_int_equal(spn_doubts_text(0, text, sizeof text), 0);
	assert_string_equal(text, "");
	assert_int_equal(spn_doubts_text(SPN_DOUBT_KEYS, text, sizeof text), strlen("unless the account lacks AES keys"));
	assert_string_equal(text, "unless the account lacks AES keys");
	size_t len = spn_doubts_text(SPN_DOUBT_KEYS | SPN_DOUBT_ERA, text, sizeof text);
	assert_string_equal(text, "unless the domain controllers are of another version, or the account lacks AES keys");
	assert_int_equal(len, strlen(text));
	assert_int_equal(spn_doubts_text(SPN_DOUBT_KEYS | SPN_DOUBT_ERA, text, 10), len);
	assert_string_equal(text, "unless th");
	assert_int_equal(spn_doubts_text(SPN_DOUBT_KEYS | SPN_DOUBT_ERA, NULL, 0), len);
	assert_true(spn_doubts_text(~0u, text, sizeof text) < sizeof text);
}

static void an_era_has_a_name_that_can_be_read_again(void **state)
{
	(void)state;
	for (int era = SPN_ERA_WINDOWS_2022_11; era <= SPN_ERA_SAMBA_4_24; era++) {
		spn_era read = SPN_ERA_UNKNOWN;
		assert_ok(spn_era_parse(spn_era_name((spn_era)era), &read, err));
		assert_int_equal(read, era);
	}
	spn_era read;
	assert_fails(spn_era_parse("windows-1999", &read, err), SPN_ERR_INVALID, "windows-2026-07");
	assert_fails(spn_era_parse("unknown", &read, err), SPN_ERR_INVALID, "expected");
	assert_fails(spn_era_parse(NULL, &read, err), SPN_ERR_INVALID, "expected");
	assert_string_equal(spn_era_name((spn_era)77), "unknown");
}

static void a_case_that_means_nothing_is_refused(void **state)
{
	(void)state;
	spn_enctype_prediction got;
	const spn_enctype_case wrong[] = {
		{ .version = 2 }, { .version = 1, .era = (spn_era)5 }, { .version = 1, .owner = (spn_enctype_owner)3 },
		{ .version = 1, .keys = 1 },
		{ .version = 1, .kdc_filter = 0x20 },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_fails(spn_enctype_predict(&wrong[i], &got, err), SPN_ERR_INVALID, "spn_enctype_");
	assert_fails(spn_enctype_predict(NULL, &got, err), SPN_ERR_INVALID, "NULL");
}

static unsigned doubts_about(spn_directory *dir, const char *name)
{
	spn_account *account = NULL;
	spn_enctype_prediction got;
	assert_ok(spn_account_find(dir, name, SPN_WANT_ANY, &account, err));
	assert_ok(spn_account_enctype(dir, account, SPN_ERA_WINDOWS_2022_11, &got, err));
	spn_account_free(account);
	return got.doubts;
}

/* Of an export in which no account has the attribute, it may have been left out. */
static void an_export_without_the_attribute_is_doubted_until_an_account_has_it(void **state)
{
	(void)state;
	static const char text[] = "dn: DC=x\nobjectClass: domainDNS\n\ndn: CN=a,DC=x\nobjectClass: user\n"
		"sAMAccountName: a\n\n"
		"dn: CN=b,DC=x\nobjectClass: user\nsAMAccountName: b\n";
	const spn_mod add = { SPN_MOD_ADD, "msDS-SupportedEncryptionTypes", { "24", 2 } };
	spn_directory *dir = NULL;
	assert_ok(spn_mock_new(text, SPN_DIALECT_WINDOWS, &dir, err));
	assert_true(doubts_about(dir, "a") & SPN_DOUBT_EXPORT);
	assert_true(doubts_about(dir, "b") & SPN_DOUBT_EXPORT);
	assert_ok(spn_directory_modify(dir, "CN=b,DC=x", &add, 1, err));
	assert_false(doubts_about(dir, "a") & SPN_DOUBT_EXPORT);
	assert_false(doubts_about(dir, "b") & SPN_DOUBT_EXPORT);
	spn_directory_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_attribute_the_default_of_the_era_counts),
		cmocka_unit_test(the_attribute_chooses_the_strongest_key),
		cmocka_unit_test(an_account_without_aes_keys_is_served_with_rc4_but_not_by_a_patched_windows),
		cmocka_unit_test(des_makes_no_tickets),
		cmocka_unit_test(controllers_and_the_kdc_itself_and_trusts_have_rules_of_their_own),
		cmocka_unit_test(windows_ignores_the_attribute_of_a_computer_older_than_vista),
		cmocka_unit_test(a_policy_of_the_kdc_takes_enctypes_away),
		cmocka_unit_test(a_refusal_names_the_event_that_windows_logs),
		cmocka_unit_test(an_answer_is_sure_only_if_nothing_unknown_could_change_it),
		cmocka_unit_test(the_doubts_make_one_condition),
		cmocka_unit_test(an_era_has_a_name_that_can_be_read_again),
		cmocka_unit_test(a_case_that_means_nothing_is_refused),
		cmocka_unit_test(an_export_without_the_attribute_is_doubted_until_an_account_has_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "model/entry.h"

static spn_error error, *const err = &error;

static spn_bytes bytes(const char *text)
{
	return (spn_bytes){ text, strlen(text) };
}

static void attributes_are_found_in_any_case(void **state)
{
	(void)state;
	SPK_AUTO(spn_entry) *entry = NULL;
	const spn_bytes *values = NULL;
	assert_ok(spn_entry_new("CN=a", &entry, err));
	assert_ok(spn_entry_add(entry, "servicePrincipalName", bytes("x/1"), err));
	assert_ok(spn_entry_add(entry, "cn", bytes("a"), err));
	assert_ok(spn_entry_add(entry, "SERVICEPRINCIPALNAME", bytes("x/2"), err));
	assert_int_equal(spn_entry_values(entry, "ServicePrincipalName", &values), 2);
	assert_string_equal(values[0].data, "x/1");
	assert_string_equal(values[1].data, "x/2");
	assert_string_equal(spn_entry_text(entry, "CN"), "a");
	assert_string_equal(spn_entry_dn(entry), "CN=a");
	assert_int_equal(spn_entry_count(entry), 2);
	size_t n;
	assert_string_equal(spn_entry_attribute(entry, 0, &values, &n), "servicePrincipalName");
	assert_int_equal(n, 2);
	assert_null(spn_entry_attribute(entry, 2, &values, &n));
	assert_int_equal(n, 0);
	assert_null(values);
}

static void what_is_not_there_is_null(void **state)
{
	(void)state;
	SPK_AUTO(spn_entry) *entry = NULL;
	const spn_bytes *values = (const spn_bytes *)&values;
	assert_ok(spn_entry_new("", &entry, err));
	assert_int_equal(spn_entry_values(entry, "cn", &values), 0);
	assert_null(values);
	assert_null(spn_entry_text(entry, "cn"));
	assert_int_equal(spn_entry_values(entry, "cn", NULL), 0);
	assert_null(spn_entry_free(NULL));
}

static void values_are_copies_with_a_nul_behind(void **state)
{
	(void)state;
	SPK_AUTO(spn_entry) *entry = NULL;
	char value[] = { 'a', '\0', 'b' };
	assert_ok(spn_entry_new("CN=a", &entry, err));
	assert_ok(spn_entry_add(entry, "x", (spn_bytes){ value, 3 }, err));
	assert_ok(spn_entry_add(entry, "x", (spn_bytes){ NULL, 0 }, err));
	value[0] = '?';
	const spn_bytes *values;
	assert_int_equal(spn_entry_values(entry, "x", &values), 2);
	assert_memory_equal(values[0].data, "a\0b", 4);
	assert_int_equal(values[1].len, 0);
	assert_string_equal(values[1].data, "");
}

static void an_attribute_without_values_is_gone(void **state)
{
	(void)state;
	SPK_AUTO(spn_entry) *entry = NULL;
	assert_ok(spn_entry_new("CN=a", &entry, err));
	assert_ok(spn_entry_add(entry, "x", bytes("1"), err));
	assert_ok(spn_entry_add(entry, "x", bytes("2"), err));
	assert_ok(spn_entry_add(entry, "y", bytes("3"), err));
	spk_entry_drop(entry, "X", (bool[]){ true, false });
	assert_string_equal(spn_entry_text(entry, "x"), "2");
	spk_entry_drop(entry, "z", (bool[]){ true });
	spk_entry_drop(entry, "x", (bool[]){ true });
	assert_int_equal(spn_entry_count(entry), 1);
	assert_string_equal(spn_entry_text(entry, "y"), "3");
}

static void a_copy_is_its_own(void **state)
{
	(void)state;
	SPK_AUTO(spn_entry) *entry = NULL, *copy = NULL;
	assert_ok(spn_entry_new("CN=a", &entry, err));
	assert_ok(spn_entry_add(entry, "x", bytes("1"), err));
	assert_ok(spk_entry_copy(entry, &copy, err));
	spk_entry_drop(entry, "x", (bool[]){ true });
	assert_string_equal(spn_entry_text(copy, "x"), "1");
	assert_string_equal(spn_entry_dn(copy), "CN=a");
}

static void arguments_are_checked(void **state)
{
	(void)state;
	SPK_AUTO(spn_entry) *entry = NULL;
	assert_fails(spn_entry_new(NULL, &entry, err), SPN_ERR_INVALID, "");
	assert_fails(spn_entry_new("CN=a", NULL, err), SPN_ERR_INVALID, "");
	assert_ok(spn_entry_new("CN=a", &entry, err));
	assert_fails(spn_entry_add(NULL, "x", bytes(""), err), SPN_ERR_INVALID, "");
	assert_fails(spn_entry_add(entry, NULL, bytes(""), err), SPN_ERR_INVALID, "");
	assert_fails(spn_entry_add(entry, "x", (spn_bytes){ NULL, 1 }, err), SPN_ERR_INVALID, "");
}

static void wanted_attributes_are_told_from_others(void **state)
{
	(void)state;
	static const char *const some[] = { "cn", "memberOf", NULL }, *const star[] = { "*", NULL }, *const none[] = { NULL };
	assert_true(spk_attr_wanted(NULL, "x"));
	assert_true(spk_attr_wanted(some, "MEMBEROF"));
	assert_false(spk_attr_wanted(some, "member"));
	assert_true(spk_attr_wanted(star, "x"));
	assert_false(spk_attr_wanted(none, "x"));
}

static void attribute_names_have_letters_digits_and_few_signs(void **state)
{
	(void)state;
	assert_true(spk_attr_is_valid("msDS-SupportedEncryptionTypes"));
	assert_true(spk_attr_is_valid("1.2.840"));
	assert_true(spk_attr_is_valid("userCertificate;binary"));
	assert_false(spk_attr_is_valid(""));
	assert_false(spk_attr_is_valid(NULL));
	assert_false(spk_attr_is_valid("a b"));
	assert_false(spk_attr_is_valid("a:\nb"));
	assert_false(spk_attr_is_valid("caf\xc3\xa9"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_are_found_in_any_case),
		cmocka_unit_test(what_is_not_there_is_null),
		cmocka_unit_test(values_are_copies_with_a_nul_behind),
		cmocka_unit_test(an_attribute_without_values_is_gone),
		cmocka_unit_test(a_copy_is_its_own),
		cmocka_unit_test(arguments_are_checked),
		cmocka_unit_test(wanted_attributes_are_told_from_others),
		cmocka_unit_test(attribute_names_have_letters_digits_and_few_signs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

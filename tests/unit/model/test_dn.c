/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <spnkit/directory.h>

#include "model/dn.h"

static void texts_that_are_dns(void **state)
{
	(void)state;
	static const char *const good[] = { "", "  ", "CN=a", "CN=a,DC=b", "cn = a , dc = b",
		"CN=a+OU=b,DC=c", "CN=a\\,b,DC=c",
		"CN=\\C3\\A9", "CN=\"a,b\",DC=c", "CN=a;DC=b", "2.5.4.3=a", "CN=", "CN=#0401", "CN=\\ a\\ ", "CN=a=b", "O=x" };
	static const char *const bad[] = { "a", "=a", "CN=a,", "CN=a,,DC=b", ",CN=a", "CN=a\\", "CN=\"a", "CN=\"a\"b", "C N=a",
		"CN=a,b", "CN", "C\xc3\xa9=a", "<GUID=1>", "CN=a\\4" };
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!spk_dn_is_valid(good[i]))
			fail_msg("'%s' is a DN", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (spk_dn_is_valid(bad[i]))
			fail_msg("'%s' is no DN", bad[i]);
}

static void ways_of_writing_make_no_difference(void **state)
{
	(void)state;
	static const char *const same[][2] = {
		{ "CN=a,DC=b", "cn=A, dc=B" }, { "CN=a,DC=b", " CN = a ;DC=b" }, { "CN=a\\,b", "CN=a\\2Cb" },
		{ "CN=a\\,b", "CN=\"a,b\"" }, { "CN=\\C3\\A9", "CN=\xc3\x89" }, { "CN=a\\ ", "CN=a\\20" },
		{ "CN=a\\\\", "CN=a\\5c" }, { "CN=a\\\"", "CN=a\\22" }, { "CN=\\61", "CN=a" }, { "", "  " },
		{ "CN=a\\+b", "CN=a\\2bb" },
	};
	static const char *const different[][2] = {
		{ "CN=a,DC=b", "CN=a,DC=c" }, { "CN=a,DC=b", "CN=a" }, { "CN=a\\,DC=b", "CN=a,DC=b" }, { "CN=e", "CN=\xc3\xa9" },
		{ "CN=a\\ ", "CN=a" }, { "CN=a+OU=b", "CN=a,OU=b" }, { "CN=a\\0ADC=b", "CN=a,DC=b" },
		{ "CN=a\\0AOU=b,DC=c", "CN=a,OU=b,DC=c" },
		{ "CN=a", "bad" }, { "bad", "worse" }, { "CN=a\\09OU=b", "CN=a+OU=b" }, { "CN=a\\00b", "CN=a" },
	};
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		if (!spk_dn_equal(same[i][0], same[i][1]))
			fail_msg("'%s' and '%s' are one DN", same[i][0], same[i][1]);
	for (size_t i = 0; i < sizeof different / sizeof different[0]; i++)
		if (spk_dn_equal(different[i][0], different[i][1]))
			fail_msg("'%s' and '%s' are two DNs", different[i][0], different[i][1]);
}

static void dns_are_ordered_from_the_top(void **state)
{
	(void)state;
	static const char *const ordered[] = { "", "DC=com", "DC=a,DC=com", "CN=z,DC=a,DC=com", "CN=a,CN=z,DC=a,DC=com",
		"OU=b,DC=a,DC=com", "DC=b,DC=com", "bad", "worse" };
	enum { N = sizeof ordered / sizeof *ordered };
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++) {
			int order = spn_dn_compare(ordered[i], ordered[j]);
			if ((order > 0) - (order < 0) != (i > j) - (i < j))
				fail_msg("'%s' and '%s': %d", ordered[i], ordered[j], order);
		}
	assert_int_equal(spn_dn_compare("CN=A\\,b , dc=X", "cn=a\\2cB,DC=x"), 0);
}

static void a_normal_dn_is_one_text(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ " CN = LAX\\2C CRM ;DC=\"com\"", "cn=lax\\, crm,dc=com" }, { "cn=\\#a+OU=b\\ ,DC=c", "cn=\\#a+ou=b\\ ,dc=c" },
		{ "CN=\\C3\\89", "cn=\xc3\xa9" }, { "CN=a\\00b", "cn=a\\00b" }, { "CN=a\\\\b", "cn=a\\\\b" },
		{ "bad", "" }, { "", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[100] = "?", again[100], little[4] = "??";
		size_t len = spn_dn_normalize(cases[i][0], text, sizeof text);
		if (strcmp(text, cases[i][1]) != 0 || len != strlen(text))
			fail_msg("'%s': '%s'", cases[i][0], text);
		assert_int_equal(spn_dn_normalize(text, again, sizeof again), len); /* it stays as it is */
		assert_string_equal(text, again);
		assert_int_equal(spn_dn_normalize(cases[i][0], little, sizeof little), len);
		assert_memory_equal(little, text, len < 3 ? len : 3);
		assert_int_equal(spn_dn_normalize(cases[i][0], NULL, 0), len);
		if (len)
			assert_int_equal(spn_dn_compare(text, cases[i][0]), 0);
	}
}

static void a_dn_is_under_its_ancestors_only(void **state)
{
	(void)state;
	assert_true(spk_dn_is_under("CN=a,OU=b,DC=c", "dc=C"));
	assert_true(spk_dn_is_under("CN=a,OU=b,DC=c", "ou=b, dc=c"));
	assert_true(spk_dn_is_under("CN=a,DC=c", "CN=A,DC=C"));
	assert_true(spk_dn_is_under("CN=a", ""));
	assert_false(spk_dn_is_under("CN=a,DC=c", "CN=a,OU=b,DC=c"));
	assert_false(spk_dn_is_under("CN=a,DC=xc", "C=c"));
	assert_false(spk_dn_is_under("CN=x,CN=ab,DC=c", "CN=b,DC=c"));
	assert_false(spk_dn_is_under("CN=x\\,DC=c", "DC=c"));
	assert_false(spk_dn_is_under("CN=x+DC=c", "DC=c"));
	assert_false(spk_dn_is_under("bad", "DC=c"));
}

static void the_parent_is_what_follows_the_first_rdn(void **state)
{
	(void)state;
	assert_string_equal(spk_dn_parent("CN=a\\,b,OU=c,DC=d"), "OU=c,DC=d");
	assert_string_equal(spk_dn_parent("CN=\"a,b\" , OU=c"), "OU=c");
	assert_string_equal(spk_dn_parent("CN=a+OU=b,DC=c"), "DC=c");
	assert_string_equal(spk_dn_parent("CN=a"), "");
	assert_string_equal(spk_dn_parent("bad"), "");
}

static void a_deleted_object_has_a_mark_in_its_first_rdn(void **state)
{
	(void)state;
	assert_true(spk_dn_has_mark("CN=a\\0ADEL:1-2,CN=Deleted Objects,DC=d", "DEL:"));
	assert_true(spk_dn_has_mark("CN=MODEL:1\\0aDEL:1-2,DC=d", "DEL:"));
	assert_true(spk_dn_has_mark("CN=a\nDEL:1-2,DC=d", "DEL:"));
	assert_true(spk_dn_has_mark("CN=a\\0ACNF:1-2", "CNF:"));
	assert_false(spk_dn_has_mark("CN=a\\0ACNF:1-2,DC=d", "DEL:"));
	assert_false(spk_dn_has_mark("CN=MODEL:1-2,DC=d", "DEL:"));
	assert_false(spk_dn_has_mark("CN=a,CN=b\\0ADEL:1-2,DC=d", "DEL:"));
	assert_false(spk_dn_has_mark("DEL:", "DEL:"));
}

static void first_value(const char *dn, const char *wanted)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_dn_first_value(dn, &text);
	assert_string_equal(text.data, wanted);
}

static void the_first_value_has_no_escapes(void **state)
{
	(void)state;
	first_value("CN=LAX-CRM01,OU=CRM", "LAX-CRM01");
	first_value("CN=a\\,b,OU=c", "a,b");
	first_value("CN=\"a,b\",OU=c", "a,b");
	first_value("CN=\\C3\\A9", "\xc3\xa9");
	first_value("CN= a b ,OU=c", "a b");
	first_value("bad", "");
}

static void domain(const char *dn, const char *wanted)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_dn_domain(dn, &text);
	assert_string_equal(text.data, wanted);
	char whole[80], cut[4] = "???";
	assert_int_equal(spn_dn_domain(dn, whole, sizeof whole), strlen(wanted));
	assert_string_equal(whole, wanted);
	assert_int_equal(spn_dn_domain(dn, cut, sizeof cut), strlen(wanted));
	assert_memory_equal(cut, wanted, strlen(wanted) < 3 ? strlen(wanted) + 1 : 3);
	assert_int_equal(spn_dn_domain(dn, NULL, 0), strlen(wanted));
}

static void the_domain_is_the_run_of_dcs_at_the_end(void **state)
{
	(void)state;
	domain("CN=a,OU=b,DC=kimconnect,dc=com", "kimconnect.com");
	domain("DC=kimconnect,DC=com", "kimconnect.com");
	domain("CN=a,O=b", "");
	domain("DC=host,DC=zone,CN=MicrosoftDNS,DC=DomainDnsZones,DC=kim,DC=com", "DomainDnsZones.kim.com");
	domain("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_that_are_dns),
		cmocka_unit_test(ways_of_writing_make_no_difference),
		cmocka_unit_test(dns_are_ordered_from_the_top),
		cmocka_unit_test(a_normal_dn_is_one_text),
		cmocka_unit_test(a_dn_is_under_its_ancestors_only),
		cmocka_unit_test(the_parent_is_what_follows_the_first_rdn),
		cmocka_unit_test(a_deleted_object_has_a_mark_in_its_first_rdn),
		cmocka_unit_test(the_first_value_has_no_escapes),
		cmocka_unit_test(the_domain_is_the_run_of_dcs_at_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Which computers Samba's KDC finds by their cn, of however many that have it. */
#include "ops.h"

#include "account/by_cn.h"

#define AT(ou, domain) "CN=web,OU=" ou "," domain BASE
#define CALLED_WEB(ou) "dn: " AT(ou, "") "\nobjectClass: computer\ncn: web\nsAMAccountName: " ou "$\n\n"
#define ASKED "HOST/WEB.example.com"

static const char accounts[] =
	"dn: " BASE "\nobjectClass: domainDNS\n\n" CALLED_WEB("a") CALLED_WEB("b")
	CALLED_WEB("c") CALLED_WEB("d")
	"dn: CN=db," BASE "\nobjectClass: computer\ncn: db\nsAMAccountName: db$\n\n"
	"dn: CN=web,OU=u," BASE "\nobjectClass: user\ncn: web\nsAMAccountName: u\n\n";

/* In a directory that shows one of them, and in one that shows all: that one is found twice. */
static int begin(void **state)
{
	static const char *const shown[] = { "dn: " BASE "\nobjectClass: domainDNS\n\n" CALLED_WEB("a"), accounts };
	static spk_by_cn by_cn;
	spn_error err = { .status = SPN_OK };
	by_cn = (spk_by_cn){ .roll = { .n = 0 } };
	*state = &by_cn;
	spn_status status = spk_by_cn_want(&by_cn, ASKED, &err);
	for (size_t i = 0; !status && i < sizeof shown / sizeof *shown; i++) {
		spn_directory *dir = NULL;
		status = spn_mock_new(shown[i], SPN_DIALECT_SAMBA, &dir, &err);
		status = status ? status : spk_by_cn_search(&by_cn, dir, &err);
		spn_directory_free(dir);
	}
	return (int)status;
}

static int end(void **state)
{
	spk_by_cn_free(*state);
	return 0;
}

static void expect_other(const spk_by_cn *by_cn, const char *dn, const char *other)
{
	const spn_account *found = spk_by_cn_find(by_cn, ASKED, dn);
	assert_non_null(found);
	assert_string_equal(spn_account_dn(found), other);
}

static void of_many_computers_each_has_another_beside_it(void **state)
{
	expect_other(*state, AT("a", ""), AT("b", ""));
	expect_other(*state, AT("b", ""), AT("a", ""));
	expect_other(*state, AT("d", ""), AT("a", ""));
	expect_other(*state, "CN=db," BASE, AT("a", ""));
	assert_null(spk_by_cn_find(*state, ASKED, AT("a", "DC=kid,")));
	assert_null(spk_by_cn_find(*state, "HOST/db.example.com", AT("a", "")));
}

static void each_of_many_computers_is_found(void **state)
{
	assert_true(spk_by_cn_finds(*state, ASKED, AT("a", "")));
	assert_true(spk_by_cn_finds(*state, ASKED, AT("b", "")));
	assert_true(spk_by_cn_finds(*state, ASKED, AT("c", "")));
	assert_true(spk_by_cn_finds(*state, ASKED, AT("d", "")));
	assert_false(spk_by_cn_finds(*state, ASKED, "CN=db," BASE));
	assert_false(spk_by_cn_finds(*state, ASKED, AT("a", "DC=kid,")));
	assert_false(spk_by_cn_finds(*state, "HOST/db.example.com", AT("a", "")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_many_computers_each_has_another_beside_it, begin, end),
		cmocka_unit_test_setup_teardown(each_of_many_computers_is_found, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

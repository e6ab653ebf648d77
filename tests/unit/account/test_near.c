/* SPDX-License-Identifier: MIT */
/* What is said of an account that is not there. */
#include "ops.h"

#define ACCOUNT(cn, class, sam, more) "dn: CN=" cn "," BASE "\nobjectClass: user\n" class "cn: " cn "\n" \
	"sAMAccountName: " sam "\n" more "\n"
#define COMPUTER "objectClass: computer\n"

static const char accounts[] =
	"dn: " BASE "\nobjectClass: domainDNS\n\n"
	ACCOUNT("IIS Pool of the CRM server", "", "CrmIisPool", "displayName: Crm Pool\n")
	ACCOUNT("LAX-CRM01", COMPUTER, "LAX-CRM01$", "dNSHostName: lax-crm01.example.com\n")
	ACCOUNT("LAX-CRM02", COMPUTER, "LAX-CRM02$", "")
	ACCOUNT("LAX-CRM03", COMPUTER, "LAX-CRM03$", "")
	ACCOUNT("LAX-CRM11", COMPUTER, "LAX-CRM11$", "")
	ACCOUNT("lax-crm09", "", "lax-crm09", "")
	ACCOUNT("web", "", "web", "")
	"dn: CN=CrmIisPoolS," BASE "\nobjectClass: group\nsAMAccountName: CrmIisPoolS\n";

static int open_accounts(void **state)
{
	static struct fixture f;
	f = (struct fixture){ .dir = NULL };
	*state = &f;
	return spn_mock_new(accounts, SPN_DIALECT_WINDOWS, &f.dir, NULL) != SPN_OK;
}

static int close_accounts(void **state)
{
	struct fixture *f = *state;
	spn_directory_free(f->dir);
	return 0;
}

/* said: the whole message. */
static void expect(struct fixture *f, const char *name, spn_account_want want, const char *said)
{
	spn_account *account = NULL;
	assert_int_equal(spn_account_find(f->dir, name, want, &account, &f->err), SPN_ERR_NOT_FOUND);
	assert_string_equal(f->err.message, said);
}

static void a_letter_too_many_or_too_few_or_another_is_noticed(void **state)
{
	expect(*state, "CrmIsPool", SPN_WANT_ANY, "there is no account 'CrmIsPool'; did you mean 'CrmIisPool'?");
	expect(*state, "crmiispolo", SPN_WANT_ANY, "there is no account 'crmiispolo'; did you mean 'CrmIisPool'?");
	expect(*state, "CmrIisPool", SPN_WANT_USER, "there is no user account 'CmrIisPool'; did you mean 'CrmIisPool'?");
	expect(*state, "EXAMPLE\\CrmIisPoo", SPN_WANT_ANY,
			"there is no account 'EXAMPLE\\CrmIisPoo'; did you mean 'CrmIisPool'?");
	expect(*state, "CrmIisPoo@example.com", SPN_WANT_ANY,
			"there is no account 'CrmIisPoo@example.com'; did you mean 'CrmIisPool'?");
	expect(*state, "CrmIiPsool", SPN_WANT_ANY, "there is no account 'CrmIiPsool'; did you mean 'CrmIisPool'?");
	expect(*state, "LXA-CRM11$", SPN_WANT_ANY, "there is no account 'LXA-CRM11$'; did you mean 'LAX-CRM11$'?");
}

static void the_first_letter_may_be_wrong_in_a_file(void **state)
{
	expect(*state, "VrmIisPool", SPN_WANT_ANY, "there is no account 'VrmIisPool'; did you mean 'CrmIisPool'?");
	expect(*state, "rmIisPool", SPN_WANT_ANY, "there is no account 'rmIisPool'; did you mean 'CrmIisPool'?");
	expect(*state, "KAX-CRM11", SPN_WANT_COMPUTER, "there is no computer account 'KAX-CRM11'; did you mean 'LAX-CRM11'?");
}

static void a_wrong_place_or_domain_leads_to_the_account(void **state)
{
	expect(*state, "CN=LAX-CRM11,OU=Servers," BASE, SPN_WANT_ANY,
			"there is no account 'CN=LAX-CRM11,OU=Servers," BASE "'; did you mean 'LAX-CRM11', 'LAX-CRM01' or 'LAX-CRM02'?");
	expect(*state, "CrmIisPool@exmaple.com", SPN_WANT_ANY,
			"there is no account 'CrmIisPool@exmaple.com'; did you mean 'CrmIisPool'?");
}

static void the_name_of_a_list_or_of_DNS_leads_to_the_account(void **state)
{
	expect(*state, "iis pool of the crm server", SPN_WANT_ANY,
			"there is no account 'iis pool of the crm server'; did you mean 'CrmIisPool'?");
	expect(*state, "Crm Pool", SPN_WANT_ANY, "there is no account 'Crm Pool'; did you mean 'CrmIisPool'?");
	expect(*state, "LAX-CRM01.example.com", SPN_WANT_ANY,
			"there is no account 'LAX-CRM01.example.com'; did you mean 'LAX-CRM01'?");
}

static void the_three_nearest_are_offered_the_nearest_first(void **state)
{
	expect(*state, "LAX-CRM21", SPN_WANT_COMPUTER,
			"there is no computer account 'LAX-CRM21'; did you mean 'LAX-CRM01', 'LAX-CRM11' or 'LAX-CRM02'?");
	expect(*state, "LAX-CRM19", SPN_WANT_ANY,
			"there is no account 'LAX-CRM19'; did you mean 'LAX-CRM11', 'lax-crm09' or 'LAX-CRM01'?");
}

static void only_what_is_near_and_wanted_is_offered(void **state)
{
	struct fixture *f = *state;
	expect(f, "nobody", SPN_WANT_ANY, "there is no account 'nobody'");
	expect(f, "wed", SPN_WANT_ANY, "there is no account 'wed'"); /* a third of it */
	expect(f, "w", SPN_WANT_ANY, "there is no account 'w'");
	expect(f, "Crm*", SPN_WANT_ANY, "there is no account 'Crm*'");
	expect(f, "CrmIisPool", SPN_WANT_COMPUTER, "there is no computer account 'CrmIisPool'");
	expect(f, "LAX-CRM01", SPN_WANT_USER, "there is no user account 'LAX-CRM01'; did you mean 'lax-crm09'?");
	/* not the group */
	expect(f, "CrmIisPoolS", SPN_WANT_ANY, "there is no account 'CrmIisPoolS'; did you mean 'CrmIisPool'?");
}

static void looking_costs_one_search_and_nothing_where_the_account_is_there(void **state)
{
	struct fixture *f = *state;
	spn_account *account = NULL;
	expect(f, "CrmIisPoo", SPN_WANT_ANY, "there is no account 'CrmIisPoo'; did you mean 'CrmIisPool'?");
	assert_int_equal(spn_mock_calls(f->dir, SPN_FAULT_ON_SEARCH), 2);
	assert_int_equal(spn_account_find(f->dir, "CrmIisPool", SPN_WANT_ANY, &account, &f->err), SPN_OK);
	assert_int_equal(spn_mock_calls(f->dir, SPN_FAULT_ON_SEARCH), 3);
	spn_account_free(account);
}

static void a_search_that_fails_leaves_the_error_as_it_is(void **state)
{
	struct fixture *f = *state;
	const spn_fault second = { .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_SEARCH, .nth = 2,
		.status = SPN_ERR_UNREACHABLE };
	assert_int_equal(spn_mock_fault(f->dir, &second, NULL), SPN_OK);
	expect(f, "CrmIisPoo", SPN_WANT_ANY, "there is no account 'CrmIisPoo'");
}

static void the_search_ends_after_a_thousand_entries(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;
	size_t size;
	FILE *ldif = open_memstream(&text, &size);
	fputs("dn: " BASE "\nobjectClass: domainDNS\n\n", ldif);
	for (int i = 0; i < 1200; i++) /* the last is near, the others only begin like it */
		fprintf(ldif, "dn: CN=u%d," BASE "\nobjectClass: user\nsAMAccountName: service%d%s\n\n", i, i,
				i < 1199 ? "-of-another" : "");
	fclose(ldif);
	spn_directory_free(f->dir);
	f->dir = NULL;
	assert_int_equal(spn_mock_new(text, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	free(text);
	expect(f, "service119", SPN_WANT_ANY, "there is no account 'service119'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_accounts, close_accounts)
		TEST(a_letter_too_many_or_too_few_or_another_is_noticed),
		TEST(the_first_letter_may_be_wrong_in_a_file),
		TEST(a_wrong_place_or_domain_leads_to_the_account),
		TEST(the_name_of_a_list_or_of_DNS_leads_to_the_account),
		TEST(the_three_nearest_are_offered_the_nearest_first),
		TEST(only_what_is_near_and_wanted_is_offered),
		TEST(looking_costs_one_search_and_nothing_where_the_account_is_there),
		TEST(a_search_that_fails_leaves_the_error_as_it_is),
		TEST(the_search_ends_after_a_thousand_entries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

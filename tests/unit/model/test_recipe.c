/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <ctype.h>

#include "model/recipe.h"

static const spk_recipe_values all = { "web.example.com", "web", "8443", "INST", "list.example.com" };

static void every_recipe_has_what_people_and_programs_need(void **state)
{
	const spn_recipe *recipe, *found = NULL;
	size_t n = 0;
	(void)state;
	for (; (recipe = spn_recipe_at(n)); n++) {
		assert_int_equal(recipe->version, SPN_RECIPE_VERSION);
		assert_true(*recipe->id && *recipe->title && recipe->source && *recipe->source);
		for (const char *c = recipe->id; *c; c++)
			assert_true(islower((unsigned char)*c) || *c == '-');
		assert_int_equal(spn_recipe_find(recipe->id, &found, NULL), SPN_OK);
		if (found != recipe)
			fail_msg("two recipes are called '%s'", recipe->id);
	}
	assert_true(n >= 40);
	assert_null(spn_recipe_at(SIZE_MAX));
}

static void every_template_makes_a_name_and_every_recipe_has_one_that_clients_must_find(void **state)
{
	const spn_recipe *recipe;
	spn_error error, *err = &error;
	(void)state;
	for (size_t r = 0; (recipe = spn_recipe_at(r)); r++) {
		bool any = false;
		for (size_t i = 0; i < recipe->n_names; i++) {
			const char *lacks = NULL;
			spn_name parsed;
			spk_text name = { 0 };
			assert_true(spk_recipe_fill(recipe->names[i].pattern, &all, &name, &lacks));
			assert_ok(spn_name_parse(name.data, &parsed, err));
			if (strpbrk(name.data, "{}"))
				fail_msg("%s: '%s' has a word that is not known", recipe->id, recipe->names[i].pattern);
			any |= recipe->names[i].need == SPN_NEED_MUST;
			spk_text_free(&name);
		}
		if (!any)
			fail_msg("%s has no name that clients must find", recipe->id);
	}
}

static void a_template_without_a_value_is_no_name_and_says_what_it_lacks(void **state)
{
	static const struct {
		const char *pattern, *name, *lacks;
	} cases[] = {
		{ "MSSQLSvc/{fqdn}:{port}", "MSSQLSvc/web.example.com:8443", NULL },
		{ "x/{host}", "x/web", NULL },
		{ "x/{listener}", NULL, "{listener}" },
		{ "x/{fqdn}:{instance}", NULL, "{instance}" },
		{ "x/{Host}", "x/{Host}", NULL },
		{ "x/y", "x/y", NULL },
	};
	const spk_recipe_values some = { "web.example.com", "web", "8443", NULL, NULL };
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		spk_text name = { 0 };
		const char *lacks = NULL;
		assert_int_equal(spk_recipe_fill(cases[i].pattern, &some, &name, &lacks), cases[i].name != NULL);
		if (cases[i].name)
			assert_string_equal(name.data, cases[i].name);
		else
			assert_string_equal(lacks, cases[i].lacks);
		spk_text_free(&name);
	}
}

static void a_recipe_is_found_in_any_case_and_others_are_suggested(void **state)
{
	const spn_recipe *recipe = NULL;
	spn_error error, *err = &error;
	(void)state;
	assert_ok(spn_recipe_find("MSSQL", &recipe, err));
	assert_string_equal(recipe->id, "mssql");
	assert_fails(spn_recipe_find("sql", &recipe, err), SPN_ERR_INVALID,
			"'mssql', 'mssql-fci', 'mssql-listener', 'sql-browser', 'postgresql'");
	assert_fails(spn_recipe_find("TERMSRV", &recipe, err), SPN_ERR_INVALID, "did you mean one of 'rdp'");
	assert_fails(spn_recipe_find("", &recipe, err), SPN_ERR_INVALID, "unknown service ''");
	assert_fails(spn_recipe_find(NULL, &recipe, err), SPN_ERR_INVALID, "NULL");
}

static void host_stands_for_web_and_files_but_for_no_database(void **state)
{
	static const char *const covered[] = { "HTTP/{fqdn}", "cifs/nas", "http/web:8080" };
	static const char *const others[] = { "MSSQLSvc/{fqdn}:{port}", "nfs/{fqdn}", "ldap/x", "postgres/x",
		"TERMSRV/x", "HOST/x", "", "http" };
	(void)state;
	for (size_t i = 0; i < sizeof covered / sizeof *covered; i++)
		assert_true(spn_name_by_host(covered[i]));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(spn_name_by_host(others[i]));
	assert_false(spn_name_by_host(NULL));
}

static void the_words_of_records_stay(void **state)
{
	(void)state;
	assert_string_equal(spn_need_name(SPN_NEED_MUST), "must");
	assert_string_equal(spn_need_name(SPN_NEED_TYPED), "typed");
	assert_string_equal(spn_holder_name(SPN_HOLDER_COMPUTER), "computer");
	assert_string_equal(spn_holder_name(SPN_HOLDER_ACCOUNT), "account");
	assert_string_equal(spn_holder_name(SPN_HOLDER_ANY), "any");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_recipe_has_what_people_and_programs_need),
		cmocka_unit_test(every_template_makes_a_name_and_every_recipe_has_one_that_clients_must_find),
		cmocka_unit_test(a_template_without_a_value_is_no_name_and_says_what_it_lacks),
		cmocka_unit_test(a_recipe_is_found_in_any_case_and_others_are_suggested),
		cmocka_unit_test(host_stands_for_web_and_files_but_for_no_database),
		cmocka_unit_test(the_words_of_records_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

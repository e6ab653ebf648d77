/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <ctype.h>
#include <unistd.h>

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

static spn_status read_text(const char *text, size_t len, spn_recipe **ret_recipe, spn_error *err)
{
	FILE *file = tmpfile();
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	rewind(file);
	spn_status status = spn_recipe_read(file, "own", ret_recipe, err);
	fclose(file);
	return status;
}

static void a_file_gives_a_recipe(void **state)
{
	static const char text[] = "\xef\xbb\xbf# ours\r\nservice: billing\r\n\n  Title :\tthe billing  service "
					"\naccount: computer\n"
					"port: 8443\nmust: billing/{fqdn}:{port}\nMUST: x/{listener}\ntyped: "
					"billing/{host}\nclients: a: b\npitfall: c\nsource: d";
	spn_recipe *recipe = NULL;
	spn_error error, *err = &error;
	(void)state;
	assert_ok(read_text(text, sizeof text - 1, &recipe, err));
	assert_int_equal(recipe->version, SPN_RECIPE_VERSION);
	assert_string_equal(recipe->id, "billing");
	assert_string_equal(recipe->title, "the billing  service");
	assert_int_equal(recipe->holder, SPN_HOLDER_COMPUTER);
	assert_int_equal(recipe->port, 8443);
	assert_int_equal(recipe->n_names, 3);
	assert_string_equal(recipe->names[0].pattern, "billing/{fqdn}:{port}");
	assert_int_equal(recipe->names[1].need, SPN_NEED_MUST);
	assert_int_equal(recipe->names[2].need, SPN_NEED_TYPED);
	assert_string_equal(recipe->clients, "a: b");
	assert_string_equal(recipe->pitfall, "c");
	assert_string_equal(recipe->source, "d");
	spn_recipe_free(recipe);
	assert_ok(read_text("service: x\nmust: x/y", 20, &recipe, err));
	assert_string_equal(recipe->title, "x");
	assert_int_equal(recipe->holder, SPN_HOLDER_ANY);
	spn_recipe_free(recipe);
	assert_null(spn_recipe_free(NULL));
}

static void what_is_wrong_with_a_file_is_said_with_its_line(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "own: 'service:' is missing" },
		{ "must: x/y\n", "own: 'service:' is missing" },
		{ "service: x\ntyped: x/y\n", "own: 'must:' is missing" },
		{ "service: x\nmust x/y\n", "own:2: expected a word and a colon" },
		{ "service: x\nmuss: x/y\n", "own:2: unknown word 'muss'" },
		{ "service:\n", "own:1: nothing stands behind 'service:'" },
		{ "service: x\n\nservice: y\n", "own:3: a second 'service:'" },
		{ "account: both\n", "own:1: expected computer, account or any, got 'both'" },
		{ "port: 0\n", "own:1: expected a port" },
		{ "port: 65536\n", "own:1: expected a port" },
		{ "port: 80x\n", "own:1: expected a port" },
		{ "port: -1\n", "own:1: expected a port" },
		{ "must: x/{fdqn}\n", "own:1: 'x/{fdqn}' has a word in braces" },
		{ "must: x/{\n", "has a word in braces" },
		{ "must: {host}\n", "own:1: '{host}' makes no name" },
		{ "must: x/y z\n", "makes no name" },
		{ "title: \xff\n", "own:1: not a line of text in UTF-8" },
		{ "title: \x1b[0m\n", "not a line of text" },
		{ "title: \xe2\x80\xae\n", "not a line of text" },
	};
	spn_recipe *recipe = NULL;
	spn_error error, *err = &error;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_fails(read_text(cases[i].text, strlen(cases[i].text), &recipe, err), SPN_ERR_SYNTAX,
				cases[i].message);
	assert_fails(read_text("title: a\0b\n", 11, &recipe, err), SPN_ERR_SYNTAX, "not a line of text");
	FILE *zero = fopen("/dev/zero", "re");
	assert_non_null(zero);
	assert_fails(spn_recipe_read(zero, "own", &recipe, err), SPN_ERR_SYNTAX,
			"'own' is longer than 64 KiB: it is not a recipe");
	fclose(zero);
	assert_fails(spn_recipe_read(NULL, "own", &recipe, err), SPN_ERR_INVALID, "NULL");
	assert_null(recipe);
}

static void the_class_of_every_recipe_has_a_product(void **state)
{
	(void)state;
	const spn_recipe *recipe;
	for (size_t i = 0; (recipe = spn_recipe_at(i)); i++)
		for (size_t j = 0; j < recipe->n_names; j++)
			if (recipe->names[j].pattern[0] != '{' && !spn_class_product(recipe->names[j].pattern))
				fail_msg("%s", recipe->names[j].pattern);
	assert_string_equal(spn_class_product("mssqlSVC/db"), "SQL Server");
	assert_string_equal(spn_class_product("MSSQL$A/db"), "SQL Server");
	assert_string_equal(spn_class_product("{14E52635-0A95-4a5c-BDB1-E0D0C703B6C8}/x"), "RPC interfaces");
	assert_string_equal(spn_class_product("accumulo/x"), "Hadoop"); /* the first of the table, and the last one */
	assert_string_equal(spn_class_product("zookeeper"), "Kafka, ZooKeeper");
	const char *const unknown[] = { "htt/x", "httpx/x", "", "/x", "$x", "14E52635-0A95-4a5c-BDB1-E0D0C703B6Cg/x", NULL };
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		assert_null(spn_class_product(unknown[i]));
}

static void a_recipe_is_read_from_a_file_and_from_no_device(void **state)
{
	(void)state;
	char path[] = "/tmp/spnkit-recipe-XXXXXX";
	spn_error err = { .status = SPN_OK };
	spn_recipe *recipe = NULL;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "service: own\nmust: own/{fqdn}\n") > 0);
	close(fd);
	assert_int_equal(spn_recipe_open(path, 0, &recipe, &err), SPN_OK);
	assert_string_equal(recipe->id, "own");
	recipe = spn_recipe_free(recipe);
	unlink(path);
	assert_int_equal(spn_recipe_open("/dev/zero", 0, &recipe, &err), SPN_ERR_FAILED);
	assert_non_null(strstr(err.message, "is neither a file nor a pipe"));
	assert_int_equal(spn_recipe_open(path, 0, &recipe, &err), SPN_ERR_FAILED);
	assert_null(recipe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_recipe_has_what_people_and_programs_need),
		cmocka_unit_test(every_template_makes_a_name_and_every_recipe_has_one_that_clients_must_find),
		cmocka_unit_test(a_template_without_a_value_is_no_name_and_says_what_it_lacks),
		cmocka_unit_test(a_recipe_is_found_in_any_case_and_others_are_suggested),
		cmocka_unit_test(host_stands_for_web_and_files_but_for_no_database),
		cmocka_unit_test(the_class_of_every_recipe_has_a_product),
		cmocka_unit_test(the_words_of_records_stay),
		cmocka_unit_test(a_file_gives_a_recipe),
		cmocka_unit_test(what_is_wrong_with_a_file_is_said_with_its_line),
		cmocka_unit_test(a_recipe_is_read_from_a_file_and_from_no_device),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What people paste where a name or a server is expected. */
#include "unit.h"

static spn_error err[1];

static void expect_guess(const char *text, spn_asked asked, const char *name, const char *why)
{
	char *got = NULL, *got_why = NULL;
	assert_ok(spn_name_guess(text, asked, &got, &got_why, err));
	if (name) {
		assert_non_null(got);
		assert_string_equal(got, name);
		assert_string_equal(got_why, why);
	} else {
		assert_null(got);
		assert_null(got_why);
	}
	free(got);
	free(got_why);
}

static void a_host_stands_for_what_was_asked(void **state)
{
	(void)state;
	expect_guess("web", SPN_ASKED_NAME, NULL, NULL);
	expect_guess(" web.example.com. ", SPN_ASKED_TICKET, "HTTP/web.example.com",
			"' web.example.com. ' is a host without a class; its web clients ask for 'HTTP/web.example.com'");
	expect_guess("EXAMPLE\\web", SPN_ASKED_TICKET, "HTTP/web",
			"'EXAMPLE\\web' is a host without a class; its web clients ask for 'HTTP/web'");
	expect_guess("web", SPN_ASKED_SEARCH, "*/web*", "'web' is a host without a class: looking for '*/web*'");
}

static void what_is_almost_a_name_is_explained_without_its_password(void **state)
{
	(void)state;
	for (spn_asked asked = SPN_ASKED_NAME; asked <= SPN_ASKED_SEARCH; asked++)
		expect_guess("https://me:secret@web/x", asked, "HTTP/web",
				"'https://me:***@web/x' is a URL; clients ask for 'HTTP/web'");
}

static void a_text_that_means_itself_is_no_guess(void **state)
{
	(void)state;
	static const char *const texts[] = { "http/web", "*/web*", "-web", "", "CN=web,DC=x", "a b" };
	char longer[600] = "";
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect_guess(texts[i], SPN_ASKED_SEARCH, NULL, NULL);
	memset(longer, 'a', sizeof longer - 1);
	expect_guess(longer, SPN_ASKED_TICKET, NULL, NULL);
}

static void expect_server(const char *text, const char *server, const char *class, unsigned port)
{
	char *got = NULL, *got_class = NULL;
	unsigned got_port = 1;
	assert_ok(spn_server_guess(text, &got, &got_class, &got_port, err));
	assert_string_equal(got, server);
	if (class)
		assert_string_equal(got_class, class);
	else
		assert_null(got_class);
	assert_int_equal(got_port, port);
	free(got);
	free(got_class);
}

static void a_server_is_the_host_of_a_name(void **state)
{
	(void)state;
	expect_server(" web.example.com.\n", "web.example.com", NULL, 0);
	expect_server(".", ".", NULL, 0);
	expect_server("MSSQLSvc/db:1433", "db", "MSSQLSvc", 1433);
	expect_server("MSSQLSvc/db:INSTANCE", "db", "MSSQLSvc", 0);
	expect_server("http/web:99999", "web", "http", 0);
	expect_server("https://web/x", "web", "HTTP", 0);
	char *server = NULL, *class = NULL;
	unsigned port;
	assert_fails(spn_server_guess("http/", &server, &class, &port, err), SPN_ERR_SYNTAX, "");
	assert_null(server);
	assert_ok(spn_server_guess("http/web ", &server, NULL, NULL, err));
	assert_string_equal(server, "http/web");
	free(server);
}

static void without_arguments_nothing_is_guessed(void **state)
{
	(void)state;
	char *text = NULL;
	assert_fails(spn_name_guess(NULL, SPN_ASKED_NAME, &text, NULL, err), SPN_ERR_INVALID, "NULL");
	assert_fails(spn_name_guess("web", SPN_ASKED_SEARCH + 1, &text, NULL, err), SPN_ERR_INVALID, "out of range");
	assert_fails(spn_server_guess("web", &text, &text, NULL, err), SPN_ERR_INVALID, "NULL");
	assert_fails(spn_host_canonical(NULL, &text, err), SPN_ERR_INVALID, "NULL");
	assert_ok(spn_host_canonical("127.0.0.1", &text, err)); /* is its own name */
	assert_null(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_stands_for_what_was_asked),
		cmocka_unit_test(what_is_almost_a_name_is_explained_without_its_password),
		cmocka_unit_test(a_text_that_means_itself_is_no_guess),
		cmocka_unit_test(a_server_is_the_host_of_a_name),
		cmocka_unit_test(without_arguments_nothing_is_guessed),
	};
	return cmocka_run_group_tests_name("guess", tests, NULL, NULL);
}

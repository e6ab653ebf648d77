/* SPDX-License-Identifier: MIT */
/* Findings that somebody accepts. */
#include "unit.h"

#include <unistd.h>

#include <spnkit/check.h>

static spn_accepted *read_lines(const char *lines)
{
	char path[] = "/tmp/spnkit-accepted-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	spn_accepted *accepted = NULL;
	spn_error err = { .status = SPN_OK };
	assert_non_null(file);
	fputs(lines, file);
	assert_int_equal(fclose(file), 0);
	if (spn_accepted_read(path, &accepted, &err))
		fail_msg("%s", err.message);
	unlink(path);
	return accepted;
}

static const spn_account_ref two[] = { { "CN=a,DC=x", "a" }, { "CN=b,DC=x", "b" } };
static const spn_finding duplicate = { .code = "duplicate", .spn = "http/web", .accounts = two, .n_accounts = 2 };
static const spn_finding disabled = { .code = "disabled-account", .accounts = two, .n_accounts = 1 };

static bool has(const spn_accepted *accepted, const spn_finding *finding)
{
	bool has_it = false;
	spn_error err = { .status = SPN_OK };
	assert_int_equal(spn_accepted_has(accepted, finding, &has_it, &err), SPN_OK);
	return has_it;
}

static void a_line_of_code_and_name_accepts_whichever_accounts_hold_it(void **state)
{
	(void)state;
	spn_accepted *accepted = read_lines("# reviewed\n\nduplicate\tHTTP/Web\r\ndisabled-account\tcn=A,dc=x\n");
	spn_finding other = duplicate;
	other.spn = "http/other";
	assert_true(has(accepted, &duplicate));
	assert_true(has(accepted, &disabled));
	assert_false(has(accepted, &other));
	other = duplicate;
	other.code = "alias-conflict";
	assert_false(has(accepted, &other));
	spn_accepted_free(accepted);
}

/* An account of a finding about a name does not stand for it. */
static void an_account_accepts_what_is_about_no_name(void **state)
{
	(void)state;
	spn_accepted *accepted = read_lines("duplicate\ta\ndisabled-account\ta\n");
	assert_false(has(accepted, &duplicate));
	assert_true(has(accepted, &disabled));
	spn_accepted_free(accepted);
}

#ifdef WITH_JANSSON
static void a_record_accepts_the_same_accounts_in_any_order_and_no_others(void **state)
{
	(void)state;
	spn_accepted *accepted = read_lines("{\"type\":\"summary\"}\n"
			"{\"code\":\"duplicate\",\"spn\":\"http/web\",\"also\":[\"http/web.x\"],"
			"\"accounts\":[{\"dn\":\"CN=b,DC=x\"},{\"dn\":\"cn=A,dc=X\"}]}\n");
	const spn_account_ref three[] = { two[0], two[1], { "CN=c,DC=x", "c" } };
	spn_finding other = duplicate;
	assert_true(has(accepted, &duplicate));
	other.spn = "http/web.x";
	assert_true(has(accepted, &other));
	other.accounts = three;
	other.n_accounts = 3;
	assert_false(has(accepted, &other));
	spn_accepted_free(accepted);
}
#endif

static void what_is_no_such_line_is_refused_with_its_number(void **state)
{
	(void)state;
	char path[] = "/tmp/spnkit-accepted-XXXXXX";
	int fd = mkstemp(path);
	static const char *const wrong[] = { "duplicate http/web\n", "\thttp/web\n", "duplicate\t\n", "{\"code\":\n" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		spn_accepted *accepted = NULL;
		spn_error err = { .status = SPN_OK };
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, "# one\n", 6, 0), 6);
		assert_int_equal(pwrite(fd, wrong[i], strlen(wrong[i]), 6), (ssize_t)strlen(wrong[i]));
		spn_status status = spn_accepted_read(path, &accepted, &err);
		assert_true(status == SPN_ERR_SYNTAX || (status == SPN_ERR_UNSUPPORTED && *wrong[i] == '{'));
		assert_non_null(strstr(err.message, "line 2: "));
		assert_null(accepted);
	}
	close(fd);
	unlink(path);
}

static void a_rule_is_a_code_or_a_code_and_a_pattern(void **state)
{
	(void)state;
	assert_true(spn_finding_is_like(&duplicate, "duplicate"));
	assert_false(spn_finding_is_like(&duplicate, "dup"));
	assert_true(spn_finding_is_like(&duplicate, "duplicate:HTTP/*"));
	assert_true(spn_finding_is_like(&duplicate, "duplicate:*b"));
	assert_true(spn_finding_is_like(&duplicate, "duplicate:cn=b,*"));
	assert_false(spn_finding_is_like(&duplicate, "duplicate:*q"));
	assert_false(spn_finding_is_like(&duplicate, "duplicate:http/we"));
	assert_false(spn_finding_is_like(&duplicate, "malformed:*"));
}

static void a_rule_accepts_what_is_like_it(void **state)
{
	(void)state;
	spn_accepted *accepted = NULL;
	spn_error err = { .status = SPN_OK };
	assert_int_equal(spn_accepted_add(&accepted, "duplicate:http/*", &err), SPN_OK);
	assert_true(has(accepted, &duplicate));
	assert_false(has(accepted, &disabled));
	assert_int_equal(spn_accepted_add(&accepted, "disabled-account", &err), SPN_OK);
	assert_true(has(accepted, &disabled));
	spn_accepted_free(accepted);
	accepted = read_lines("duplicate\thttp/web\n");
	assert_int_equal(spn_accepted_add(&accepted, "disabled-account", &err), SPN_OK);
	assert_true(has(accepted, &duplicate)); /* besides a file */
	assert_true(has(accepted, &disabled));
	assert_int_equal(spn_accepted_add(&accepted, NULL, &err), SPN_ERR_INVALID);
	spn_accepted_free(accepted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_code_and_name_accepts_whichever_accounts_hold_it),
		cmocka_unit_test(an_account_accepts_what_is_about_no_name),
#ifdef WITH_JANSSON
		cmocka_unit_test(a_record_accepts_the_same_accounts_in_any_order_and_no_others),
#endif
		cmocka_unit_test(what_is_no_such_line_is_refused_with_its_number),
		cmocka_unit_test(a_rule_is_a_code_or_a_code_and_a_pattern),
		cmocka_unit_test(a_rule_accepts_what_is_like_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <unistd.h>

#include <spnkit/credentials.h>

static char path[] = "/tmp/spnkit-password-XXXXXX";

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void expect_password(const char *text, const char *expected)
{
	char buffer[16];
	size_t len = 0;
	spn_error error, *err = &error;
	write_file(text);
	assert_ok(spn_password_from_file(buffer, sizeof buffer, &len, path, err));
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(buffer, expected, len);
}

static void a_password_is_the_first_line_without_its_end(void **state)
{
	(void)state;
	expect_password("secret\nmore\n", "secret");
	expect_password("secret\r\n", "secret");
	expect_password("secret", "secret");
	expect_password("", "");
	expect_password("exactly 16 bytes\n", "exactly 16 bytes");
}

static void a_password_that_does_not_fit_is_refused_and_not_cut_off(void **state)
{
	char buffer[16];
	size_t len = 7;
	spn_error err = { .status = SPN_OK };
	(void)state;
	write_file("more than 16 bytes\n");
	assert_int_equal(spn_password_from_file(buffer, sizeof buffer, &len, path, &err), SPN_ERR_AUTH);
	assert_string_equal(err.message, "the password is longer than 16 bytes");
	assert_int_equal(len, 7);
}

static void a_file_that_is_missing_is_named(void **state)
{
	char buffer[16], missing[] = "/tmp/spnkit-there-is-no-such-file";
	size_t len;
	spn_error err = { .status = SPN_OK };
	(void)state;
	assert_int_equal(spn_password_from_file(buffer, sizeof buffer, &len, missing, &err), SPN_ERR_AUTH);
	assert_non_null(strstr(err.message, missing));
	assert_int_equal(spn_password_from_file(buffer, sizeof buffer, &len, NULL, &err), SPN_ERR_INVALID);
}

static int make(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int take_away(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_is_the_first_line_without_its_end),
		cmocka_unit_test(a_password_that_does_not_fit_is_refused_and_not_cut_off),
		cmocka_unit_test(a_file_that_is_missing_is_named),
	};
	return cmocka_run_group_tests(tests, make, take_away);
}

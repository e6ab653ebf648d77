/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <termios.h>
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

/* ---- a terminal ---- */

#define NOTHING_TYPED 97

/* In a program of its own, whose terminal this is: exits with 0 if the password is "secret", with native of the failure
 * else, or NOTHING_TYPED. */
static void ask_at(const char *terminal)
{
	char buffer[16];
	size_t len = 0;
	spn_error error = { .status = SPN_OK };
	struct termios now;
	setsid();
	int fd = open(terminal, O_RDWR);
	spn_status status = spn_password_from_terminal(buffer, sizeof buffer, &len, (char[]){ "CN=a" }, &error);
	if (tcgetattr(fd, &now) != 0 || !(now.c_lflag & ECHO))
		_exit(98);
	if (status == SPN_ERR_AUTH && strstr(error.message, "nothing was typed"))
		_exit(NOTHING_TYPED);
	_exit(status ? error.native : len == 6 && memcmp(buffer, "secret", len) == 0 ? 0 : 99);
}

/* What is shown when somebody types that, and what becomes of it. */
static int type(const char *typed, char *shown, size_t size)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), status = -1;
	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	pid_t child = fork();
	if (child == 0)
		ask_at(ptsname(master));
	bool is_answered = false;
	size_t used = 0;
	ssize_t n;
	while (used < size - 1 && (n = read(master, shown + used, size - 1 - used)) > 0) {
		used += (size_t)n;
		shown[used] = '\0';
		if (is_answered || !strchr(shown, ':'))
			continue;
		is_answered = true;
		assert_int_equal(write(master, typed, strlen(typed)), strlen(typed));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	close(master);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_terminal_does_not_show_the_password(void **state)
{
	char shown[200] = "";
	(void)state;
	assert_int_equal(type("secret\n", shown, sizeof shown), 0);
	assert_string_equal(shown, "Password of CN=a: \r\n");
}

static void an_interrupt_ends_the_question_and_not_the_program(void **state)
{
	char shown[200] = "";
	(void)state;
	assert_int_equal(type("sec\003", shown, sizeof shown), EINTR);
}

static void an_empty_line_is_no_password(void **state)
{
	char shown[200] = "";
	(void)state;
	assert_int_equal(type("\n", shown, sizeof shown), NOTHING_TYPED);
	shown[0] = '\0';
	assert_int_equal(type("\004", shown, sizeof shown), NOTHING_TYPED);
}

static void without_a_terminal_nobody_is_asked(void **state)
{
	char buffer[16];
	size_t len;
	spn_error err = { .status = SPN_OK };
	(void)state;
	assert_int_equal(spn_password_from_terminal(buffer, sizeof buffer, &len, NULL, &err), SPN_ERR_INVALID);
	pid_t child = fork();
	if (child == 0) {
		setsid();
		_exit((int)spn_password_from_terminal(buffer, sizeof buffer, &len, (char[]){ "a" }, &err));
	}
	int status = -1;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), SPN_ERR_AUTH);
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
		cmocka_unit_test(a_terminal_does_not_show_the_password),
		cmocka_unit_test(an_interrupt_ends_the_question_and_not_the_program),
		cmocka_unit_test(an_empty_line_is_no_password),
		cmocka_unit_test(without_a_terminal_nobody_is_asked),
	};
	return cmocka_run_group_tests(tests, make, take_away);
}

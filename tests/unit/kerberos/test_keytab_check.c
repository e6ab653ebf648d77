/* SPDX-License-Identifier: MIT */
/* Heimdal 7.8 crashes on some keytabs that end too early (found by fuzz/keytab.c): it does not get to see them. */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "kerberos/keytab_check.h"

/* http/web@EXAMPLE.COM, kvno 2, a key of AES128 */
static const unsigned char whole[] = "\x05\x02\0\0\0\x3b\0\x02\0\x0b"
		"EXAMPLE.COM\0\x04http\0\x03web\0\0\0\x01\0\0\0\x01\x02\0\x11\0\x10"
	"0123456789abcdef\0\0\0\x02";
#define SIZE (sizeof whole - 1)

static spn_error err[1];
static char path[] = "/tmp/spnkit-test-XXXXXX";

static spn_status note(const spn_keytab_entry *entry, void *data, spn_error *error)
{
	(void)error;
	*(bool *)data = strcmp(entry->principal, "http/web@EXAMPLE.COM") == 0;
	return SPN_OK;
}

static void write_file(const unsigned char *data, size_t size)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	fclose(file);
}

static void a_whole_keytab_is_read(void **state)
{
	(void)state;
	bool seen = false;
	write_file(whole, SIZE);
	assert_true(spk_keytab_is_whole(whole, SIZE));
	assert_ok(spn_keytab_list(path, note, &seen, err));
	assert_true(seen);
}

/* The same in version 5.1: numbers as this machine has them, the realm counted, no name type. */
static size_t make_v1(unsigned char *data)
{
	static const struct {
		unsigned char width; /* of a number; 0: that many bytes */
		unsigned number;
		const char *bytes;
	} parts[] = {
		{ 4, 0, NULL }, /* of the entry */
		{ 2, 3, NULL }, { 2, 11, NULL }, { 0, 11, "EXAMPLE.COM" }, { 2, 4, NULL }, { 0, 4, "http" },
		{ 2, 3, NULL }, { 0, 3, "web" },
		{ 4, 1, NULL }, { 1, 2, NULL }, { 2, 17, NULL }, { 2, 16, NULL }, { 0, 16, "0123456789abcdef" },
	};
	size_t len = 2;
	data[0] = 5;
	data[1] = 1;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		const uint32_t four = parts[i].number;
		const uint16_t two = (uint16_t)four;
		const uint8_t one = (uint8_t)four;
		const void *from = parts[i].width == 4 ? (const void *)&four : parts[i].width == 2 ? (const void *)&two :
				parts[i].width == 1 ? (const void *)&one : parts[i].bytes;
		const size_t width = parts[i].width ? parts[i].width : four;
		memcpy(data + len, from, width);
		len += width;
	}
	const uint32_t size = (uint32_t)(len - 6);
	memcpy(data + 2, &size, 4);
	return len;
}

static void a_keytab_of_version_1_is_read(void **state)
{
	(void)state;
	unsigned char data[100];
	size_t len = make_v1(data);
	bool seen = false;
	write_file(data, len);
	assert_true(spk_keytab_is_whole(data, len));
	assert_ok(spn_keytab_list(path, note, &seen, err));
	assert_true(seen);
	for (size_t cut = 3; cut < len; cut++) {
		write_file(data, cut);
		assert_fails(spn_keytab_list(path, note, &seen, err), SPN_ERR_AUTH, "damaged");
	}
}

static void a_file_without_a_byte_is_empty(void **state)
{
	(void)state;
	bool seen = false;
	write_file(whole, 0);
	assert_fails(spn_keytab_list(path, note, &seen, err), SPN_ERR_AUTH, "is empty");
	assert_false(seen);
}

static void one_that_is_cut_anywhere_is_damaged(void **state)
{
	(void)state;
	bool seen = false;
	for (size_t len = 3; len < SIZE; len++) {
		write_file(whole, len);
		assert_fails(spn_keytab_list(path, note, &seen, err), SPN_ERR_AUTH, "damaged");
	}
}

static void more_components_than_there_are_is_damage(void **state)
{
	(void)state;
	unsigned char data[SIZE];
	bool seen = false;
	memcpy(data, whole, SIZE);
	data[7] = 9;
	write_file(data, SIZE);
	assert_fails(spn_keytab_list(path, note, &seen, err), SPN_ERR_AUTH, "damaged");
	assert_false(seen);
}

static void what_is_no_keytab_is_left_to_kerberos(void **state)
{
	(void)state;
	write_file((const unsigned char *)"this is text\n", 13);
	assert_ok(spk_keytab_check(path, err));
	assert_ok(spk_keytab_check("/nonexistent/keytab", err));
	assert_ok(spk_keytab_check("MEMORY:x", err));
}

static void one_that_is_too_large_to_be_looked_through_is_refused(void **state)
{
	(void)state;
	bool seen = false;
	write_file(whole, SIZE);
	assert_int_equal(truncate(path, (64 << 20) + 1), 0);
	assert_fails(spn_keytab_list(path, note, &seen, err), SPN_ERR_AUTH, "too large");
	assert_false(seen);
}

/* Whoever reads a pipe waits for its writer, and there may be none. */
static void a_pipe_is_not_waited_for(void **state)
{
	(void)state;
	char pipe[sizeof path + 8];
	bool seen = false;
	snprintf(pipe, sizeof pipe, "%s.pipe", path);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	alarm(30); /* or the test would wait for ever, too */
	assert_fails(spn_keytab_list(pipe, note, &seen, err), SPN_ERR_AUTH, "is not a regular file");
	alarm(0);
	assert_int_equal(unlink(pipe), 0);
	assert_false(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_keytab_is_read),
		cmocka_unit_test(a_keytab_of_version_1_is_read),
		cmocka_unit_test(a_file_without_a_byte_is_empty),
		cmocka_unit_test(one_that_is_cut_anywhere_is_damaged),
		cmocka_unit_test(more_components_than_there_are_is_damage),
		cmocka_unit_test(one_that_is_too_large_to_be_looked_through_is_refused),
		cmocka_unit_test(what_is_no_keytab_is_left_to_kerberos),
		cmocka_unit_test(a_pipe_is_not_waited_for),
	};
	int fd = mkstemp(path);
	if (fd < 0)
		return 1;
	close(fd);
	int failed = cmocka_run_group_tests_name("keytab_check", tests, NULL, NULL);
	unlink(path);
	return failed;
}

/* SPDX-License-Identifier: MIT */
/* A file so large that several threads read it says what the same text in one piece would say. */
#include "memory_helper.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "directory/directory.h"

#define N_ACCOUNTS 40000
#define BASE "DC=kim,DC=com"
#define FIRST "CN=a0," BASE
#define LAST "CN=last," BASE

static spn_error error, *const err = &error;
static spn_directory *dir;
static struct found found;
static char path[] = "/tmp/spnkit-test-XXXXXX", url[80];
static size_t n_lines;    /* in the file */
static unsigned n_threads; /* that were started */
static bool no_threads;

/* Four processors, wherever the test runs: the file makes three stretches. */
int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	(void)pid;
	CPU_ZERO_S(size, set);
	for (size_t i = 0; i < 4; i++)
		CPU_SET_S(i, size, set);
	return 0;
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *data);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *data);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *data)
{
	n_threads += !no_threads;
	return no_threads ? EAGAIN : __real_pthread_create(thread, attr, fn, data);
}

/* One account after the other, each a record of some 300 bytes, and what a test is about at the end. */
static void write_accounts(const char *first_lines, const char *line_end, const char *end)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	n_lines = 0;
	for (int i = 0; i < N_ACCOUNTS; i++) {
		char more[8][60] = { { 0 } };
		const char *lines[] = { "objectClass: user", more[2], more[3],
			"description: an account of a large export, with a", "  folded line",
			"thumbnailPhoto:: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==",
			"whenCreated: 20200101000000.0Z", i == 0 ? first_lines : "pwdLastSet: 132223104000000000" };
		fprintf(file, "dn: CN=a%d," BASE "%s", i, line_end);
		snprintf(more[2], sizeof more[2], "sAMAccountName: a%d", i);
		snprintf(more[3], sizeof more[3], SPN ": HOST/h%d.kim.com", i);
		for (size_t j = 0; j < sizeof lines / sizeof *lines; j++)
			fprintf(file, "%s%s", lines[j], line_end);
		fprintf(file, "%s", line_end);
		n_lines += sizeof lines / sizeof *lines + 2;
	}
	fputs(end, file);
	assert_int_equal(fclose(file), 0);
}

static spn_status open_file(void)
{
	dir = spn_directory_free(dir);
	return spn_directory_open(url, NULL, &dir, err);
}

static int setup(void **state)
{
	(void)state;
	memcpy(path + strlen(path) - 6, "XXXXXX", 6);
	int fd = mkstemp(path);
	assert_true(fd >= 0 && close(fd) == 0);
	snprintf(url, sizeof url, "ldif:%s", path);
	n_threads = 0;
	no_threads = false;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dir = spn_directory_free(dir);
	return unlink(path);
}

static void accounts_at_both_ends_of_a_large_file_hold_a_name_together(void **state)
{
	(void)state;
	const char *line_ends[] = { "\n", "\r\n" };
	for (size_t i = 0; i < 2; i++) {
		write_accounts(SPN ": http/both", line_ends[i],
				"dn: " LAST "\nobjectClass: user\n" SPN ": HTTP/Both\nuserPrincipalName: last@kim.com\n");
		assert_ok(open_file());
		assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/both", &found, err));
		assert_string_equal(found.dns, "[" FIRST "][" LAST "]");
		assert_ok(find_value(dir, SPN_FILTER_EQUAL, "userPrincipalName", "last@kim.com", &found, err));
		assert_string_equal(found.dns, "[" LAST "]");
		assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "host/h39999.kim.com", &found, err));
		assert_string_equal(found.dns, "[CN=a39999," BASE "]");
		assert_ok(find_value(dir, SPN_FILTER_EQUAL, "sAMAccountName", "A20000", &found, err));
		assert_string_equal(found.dns, "[CN=a20000," BASE "]");
	}
}

/* The index of a large file is in parts until it has been searched a few times. */
static void what_is_looked_for_often_in_a_large_file_is_found_each_time(void **state)
{
	(void)state;
	write_accounts(SPN ": http/both", "\n", "dn: " LAST "\nobjectClass: user\n" SPN ": HTTP/Both\n");
	assert_ok(open_file());
	for (int i = 0; i < 12; i++) {
		char name[40], dn[60];
		int at = i * (N_ACCOUNTS / 12);
		snprintf(name, sizeof name, "host/h%d.kim.com", at);
		snprintf(dn, sizeof dn, "[CN=a%d," BASE "]", at);
		assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, name, &found, err));
		assert_string_equal(found.dns, dn);
		assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/both", &found, err));
		assert_string_equal(found.dns, "[" FIRST "][" LAST "]");
	}
}

static void accounts_at_both_ends_of_a_large_file_share_a_name(void **state)
{
	(void)state;
	const spn_filter filter = { .op = SPN_FILTER_PRESENT, .attr = SPN };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter };
	write_accounts(SPN ": http/both", "\n", "dn: " LAST "\nobjectClass: user\n" SPN ": HTTP/Both\n");
	assert_ok(open_file());
	found = (struct found){ 0 };
	assert_ok(spk_directory_search_shared(dir, &search, add_dn, &found, err));
	assert_non_null(strstr(found.dns, "[" FIRST "]"));
	assert_non_null(strstr(found.dns, "[" LAST "]"));
	assert_true(found.n < N_ACCOUNTS / 1000); /* two names may have the same hash by chance */
}

static void every_entry_of_a_large_file_is_there_once(void **state)
{
	(void)state;
	write_accounts("l: x", "\n", "");
	assert_ok(open_file());
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, "objectClass", "user", &found, err));
	assert_int_equal(found.n, N_ACCOUNTS);
	assert_int_equal(n_threads, 2);
}

static void a_large_file_is_read_where_no_thread_can_be_started(void **state)
{
	no_threads = true;
	accounts_at_both_ends_of_a_large_file_hold_a_name_together(state);
	assert_int_equal(n_threads, 0);
}

static void a_change_at_the_end_of_a_large_file_is_found_again(void **state)
{
	(void)state;
	write_accounts("l: x", "\n", "dn: " LAST "\nobjectClass: user\n");
	assert_ok(open_file());
	assert_ok(add(dir, LAST, SPN, "http/new"));
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/new", &found, err));
	assert_string_equal(found.dns, "[" LAST "]");
	assert_ok(open_file());
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/new", &found, err));
	assert_string_equal(found.dns, "[" LAST "]");
}

static void damage_at_the_end_of_a_large_file_is_told_with_its_line(void **state)
{
	(void)state;
	char wanted[40];
	write_accounts("l: x", "\n", "dn: " LAST "\nobjectClass: user\nno colon\n");
	assert_int_equal(open_file(), SPN_ERR_SYNTAX);
	snprintf(wanted, sizeof wanted, ", line %zu, ", n_lines + 3);
	assert_non_null(strstr(error.message, wanted));
	assert_null(dir);
}

/* The first stretch is read by the caller's thread, and the others are of no use then. */
static void damage_at_the_start_of_a_large_file_is_told_before_damage_at_its_end(void **state)
{
	(void)state;
	write_accounts("no colon", "\n", "neither here\n");
	assert_int_equal(open_file(), SPN_ERR_SYNTAX);
	assert_non_null(strstr(error.message, ", line 9, "));
}

static void an_entry_at_both_ends_of_a_large_file_is_refused(void **state)
{
	(void)state;
	write_accounts("l: x", "\n", "dn: cn=A0," BASE "\nobjectClass: user\n");
	assert_int_equal(open_file(), SPN_ERR_SYNTAX);
	assert_non_null(strstr(error.message, "holds two versions of"));
}

static void the_domain_is_learnt_from_the_end_of_a_large_file(void **state)
{
	(void)state;
	const spn_entry *root;
	write_accounts("l: x", "\n", "dn: CN=x,CN=Configuration,DC=com\nobjectClass: user\n\ndn: DC=com\n"
		"objectClass: domainDNS\n");
	assert_ok(open_file());
	assert_ok(spn_directory_root(dir, &root, err));
	assert_string_equal(spn_entry_text(root, "defaultNamingContext"), "DC=com");
	assert_string_equal(spn_entry_text(root, "configurationNamingContext"), "CN=Configuration,DC=com");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(accounts_at_both_ends_of_a_large_file_hold_a_name_together),
		TEST(what_is_looked_for_often_in_a_large_file_is_found_each_time),
		TEST(accounts_at_both_ends_of_a_large_file_share_a_name),
		TEST(every_entry_of_a_large_file_is_there_once),
		TEST(a_large_file_is_read_where_no_thread_can_be_started),
		TEST(a_change_at_the_end_of_a_large_file_is_found_again),
		TEST(damage_at_the_end_of_a_large_file_is_told_with_its_line),
		TEST(damage_at_the_start_of_a_large_file_is_told_before_damage_at_its_end),
		TEST(an_entry_at_both_ends_of_a_large_file_is_refused),
		TEST(the_domain_is_learnt_from_the_end_of_a_large_file),
	};
	return cmocka_run_group_tests_name("memory_large", tests, NULL, NULL);
}

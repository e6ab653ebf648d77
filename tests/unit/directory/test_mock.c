/* SPDX-License-Identifier: MIT */
#include "memory_helper.h"
#include "patience.h"

#include <time.h>

#define A "CN=a,DC=kim,DC=com"
#define B "CN=b,DC=kim,DC=com"

static const char sample[] = "dn: " A "\n" SPN ": x/1\n\ndn: " B "\ncn: b\n";

static spn_error error, *const err = &error;
static spn_directory *dir;
static struct found found;

static int setup(void **state)
{
	(void)state;
	assert_ok(spn_mock_new(sample, SPN_DIALECT_WINDOWS, &dir, err));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dir = spn_directory_free(dir);
	return 0;
}

static void fault(const spn_fault *what)
{
	assert_ok(spn_mock_fault(dir, what, err));
}

static spn_status search(void)
{
	return find_value(dir, SPN_FILTER_EQUAL, SPN, "x/1", &found, err);
}

static void a_call_fails_as_it_was_told(void **state)
{
	(void)state;
	fault(&(spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .status = SPN_ERR_DENIED, .native = 50,
			.win32 = 0x2098, .message = "no right" });
	assert_fails(add(dir, A, SPN, "x/2"), SPN_ERR_DENIED, "no right");
	assert_int_equal(error.native, 50);
	assert_int_equal(error.win32, 0x2098);
	assert_string_equal(spn_mock_ldif(dir), sample);
	assert_ok(search());
	spn_mock_clear(dir);
	assert_ok(add(dir, A, SPN, "x/2"));
}

static void only_the_nth_call_fails(void **state)
{
	(void)state;
	assert_ok(add(dir, A, SPN, "x/2"));
	fault(&(spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .nth = 2, .status = SPN_ERR_FAILED });
	assert_ok(add(dir, A, SPN, "x/3"));
	assert_ok(search());
	assert_fails(add(dir, A, SPN, "x/4"), SPN_ERR_FAILED, "the mock was told to fail");
	assert_ok(add(dir, A, SPN, "x/4"));
}

static void only_calls_about_one_entry_fail(void **state)
{
	(void)state;
	fault(&(spn_fault){ .kind = SPN_FAULT_FAIL, .dn = "cn=B, dc=kim, dc=com", .status = SPN_ERR_FAILED });
	assert_ok(add(dir, A, SPN, "x/2"));
	assert_fails(add(dir, B, SPN, "x/3"), SPN_ERR_FAILED, "");
	assert_fails(find(dir, B, SPN_SCOPE_BASE, NULL, &found, err), SPN_ERR_FAILED, "");
	assert_ok(search());
}

static void a_lost_reply_leaves_the_change(void **state)
{
	(void)state;
	fault(&(spn_fault){ .kind = SPN_FAULT_LOST_REPLY, .nth = 1 });
	assert_ok(search());
	assert_fails(add(dir, B, SPN, "x/2"), SPN_ERR_UNREACHABLE, "no answer");
	assert_non_null(strstr(spn_mock_ldif(dir), SPN ": x/2\n"));
	fault(&(spn_fault){ .kind = SPN_FAULT_LOST_REPLY, .nth = 1 });
	assert_fails(add(dir, B, SPN, "x/1"), SPN_ERR_UNREACHABLE, "no answer");
}

static void a_slow_call_takes_its_time(void **state)
{
	(void)state;
	struct timespec from, to;
	fault(&(spn_fault){ .kind = SPN_FAULT_SLOW, .on = SPN_FAULT_ON_SEARCH, .delay_ms = 30 });
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_ok(search());
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_in_range((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000, 29, 1000 * PATIENCE);
}

static void take_the_name(spn_directory *mock, void *data)
{
	*(int *)data += 1;
	assert_ok(change(mock, B, SPN_MOD_ADD, SPN, "x/9", err));
}

static void a_hook_is_a_second_writer(void **state)
{
	(void)state;
	int calls = 0;
	fault(&(spn_fault){ .kind = SPN_FAULT_CALL, .on = SPN_FAULT_ON_MODIFY, .nth = 1, .hook = take_the_name,
			.hook_data = &calls });
	assert_fails(add(dir, A, SPN, "x/9"), SPN_ERR_NOT_UNIQUE, B);
	assert_int_equal(calls, 1);
	assert_int_equal(spn_mock_calls(dir, SPN_FAULT_ON_MODIFY), 1);
}

static void clear_all(spn_directory *mock, void *data)
{
	(void)data;
	spn_mock_clear(mock);
}

static void a_hook_may_clear_the_faults(void **state)
{
	(void)state;
	fault(&(spn_fault){ .kind = SPN_FAULT_CALL, .hook = clear_all });
	fault(&(spn_fault){ .kind = SPN_FAULT_FAIL, .status = SPN_ERR_FAILED, .message = "not reached" });
	assert_ok(search());
}

static void calls_are_counted_by_kind(void **state)
{
	(void)state;
	assert_ok(search());
	assert_ok(search());
	assert_ok(add(dir, A, SPN, "x/2"));
	assert_int_equal(spn_mock_calls(dir, SPN_FAULT_ON_SEARCH), 2);
	assert_int_equal(spn_mock_calls(dir, SPN_FAULT_ON_MODIFY), 1);
	assert_int_equal(spn_mock_calls(dir, SPN_FAULT_ON_ROOT), 1);
	assert_int_equal(spn_mock_calls(dir, SPN_FAULT_ON_ANY), 4);
}

static void the_root_dse_can_fail_and_be_asked_again(void **state)
{
	(void)state;
	const spn_entry *root = NULL;
	fault(&(spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_ROOT, .nth = 1, .status = SPN_ERR_UNREACHABLE });
	assert_fails(spn_directory_root(dir, &root, err), SPN_ERR_UNREACHABLE, "");
	assert_null(root);
	assert_ok(spn_directory_root(dir, &root, err));
}

static void faults_without_sense_are_refused(void **state)
{
	(void)state;
	const spn_fault bad[] = {
		{ .kind = SPN_FAULT_FAIL },
		{ .kind = SPN_FAULT_CALL },
		{ .kind = SPN_FAULT_LOST_REPLY, .on = SPN_FAULT_ON_SEARCH },
		{ .kind = SPN_FAULT_SLOW, .on = SPN_FAULT_ON_ROOT, .dn = A },
		{ .kind = (spn_fault_kind)77 },
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_fails(spn_mock_fault(dir, &bad[i], err), SPN_ERR_INVALID, "makes no sense");
	assert_fails(spn_mock_fault(NULL, &(spn_fault){ .kind = SPN_FAULT_SLOW }, err), SPN_ERR_INVALID, "not a mock");
	assert_int_equal(spn_mock_calls(NULL, SPN_FAULT_ON_ANY), 0);
	spn_mock_clear(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_call_fails_as_it_was_told),
		TEST(only_the_nth_call_fails),
		TEST(only_calls_about_one_entry_fail),
		TEST(a_lost_reply_leaves_the_change),
		TEST(a_slow_call_takes_its_time),
		TEST(a_hook_is_a_second_writer),
		TEST(a_hook_may_clear_the_faults),
		TEST(calls_are_counted_by_kind),
		TEST(the_root_dse_can_fail_and_be_asked_again),
		TEST(faults_without_sense_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

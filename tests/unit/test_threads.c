/* SPDX-License-Identifier: MIT */
/* Different handles in different threads: no state is shared.  A build with -Db_sanitize=thread (tools/test does one)
 * sees to it. */
#include "ops.h"

#include <pthread.h>
#include <unistd.h>

#define N_THREADS 6

static spn_status ignore_account(const spn_account *account, const spn_bytes *matched, size_t n, void *data,
		spn_error *err)
{
	(void)account, (void)matched, (void)n, (void)data, (void)err;
	return SPN_OK;
}

/* A fix, a look and the way back, on a directory of its own; returns NULL if all went well. */
static void *work(void *data)
{
	const char *url = data;
	const spn_change_options unrecorded = { .version = SPN_CHANGE_OPTIONS_VERSION, .flags = SPN_NO_JOURNAL };
	spn_directory *dir = NULL;
	spn_plan *plan = NULL;
	spn_status status = url ? spn_directory_open(url, NULL, &dir, NULL) :
			spn_mock_new(sample, SPN_DIALECT_WINDOWS, &dir, NULL);
	for (int i = 0; !status && i < 5; i++) {
		const char *name = "http/new";
		status = spn_plan_new(&plan, NULL);
		if (!status)
			status = spn_propose_fix(plan, dir, "web", NULL, NULL);
		if (!status && i == 0)
			status = spn_plan_apply(plan, dir, NULL, NULL, NULL, NULL);
		if (!status)
			status = spn_add_unique(dir, "db", &name, 1, &unrecorded, NULL);
		if (!status)
			status = spn_query(dir, "http/*", false, ignore_account, NULL, NULL);
		if (!status)
			status = spn_delete(dir, "db", &name, 1, &unrecorded, NULL);
		plan = spn_plan_free(plan);
	}
	spn_directory_free(dir);
	return status ? (void *)sample : NULL;
}

static void handles_of_several_threads_do_not_meet(void **state)
{
	(void)state;
	pthread_t threads[N_THREADS];
	char path[N_THREADS][64], url[N_THREADS][80];
	for (size_t i = 0; i < N_THREADS; i++) {
		snprintf(path[i], sizeof path[i], "/tmp/spnkit-test-XXXXXX");
		int fd = mkstemp(path[i]);
		assert_true(fd >= 0 && write(fd, sample, sizeof sample - 1) == sizeof sample - 1 && close(fd) == 0);
		snprintf(url[i], sizeof url[i], "ldif:%s", path[i]);
		assert_int_equal(pthread_create(&threads[i], NULL, work, i % 2 ? url[i] : NULL), 0);
	}
	for (size_t i = 0; i < N_THREADS; i++) {
		void *failed;
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		unlink(path[i]);
		assert_null(failed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(handles_of_several_threads_do_not_meet) };
	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}

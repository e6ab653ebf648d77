/* SPDX-License-Identifier: MIT */
/* libldap looks up the name of this machine when it starts: here the resolver does not answer until it is told to, or
 * for a minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <netdb.h>
#include <pthread.h>

#include <cmocka.h>

#include <spnkit/spnkit.h>

#include "ldap_server.h"
#include "patience.h"
#include "base/net.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_silent = true;
static int n_waiting;

/* The program's own comes before that of the C library. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	(void)node, (void)service, (void)hints, (void)ret;
	struct timespec end;
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE;
	pthread_mutex_lock(&lock);
	n_waiting++;
	while (is_silent && pthread_cond_timedwait(&changed, &lock, &end) == 0)
		;
	pthread_mutex_unlock(&lock);
	return EAI_NONAME;
}

static void speak(void)
{
	pthread_mutex_lock(&lock);
	is_silent = false;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void answer_nothing(struct server *server, int fd, const struct request *request)
{
	(void)server, (void)fd, (void)request;
}

static void the_start_of_libldap_takes_no_longer_than_the_time_out(void **state)
{
	(void)state;
	struct server server;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	spn_directory *dir = NULL;
	spn_error err = { .status = SPN_OK };
	server_start(&server, answer_nothing);
	options.timeout = 1;
	for (int i = 0; i < 2; i++) {
		ASSERT_WAITS(1, assert_int_equal(spn_directory_open(server.url, &options, &dir, &err), SPN_ERR_UNREACHABLE));
		assert_non_null(strstr(err.message, "the name of this machine could not be looked up in time"));
		assert_null(dir);
	}
	assert_int_equal(n_waiting, 1);
	speak();
	options.timeout = PATIENCE;
	if (spn_directory_open(server.url, &options, &dir, &err))
		fail_msg("%s", err.message);
	spn_directory_free(dir);
	server_stop(&server);
}

/* Whoever answers for DNS chooses the targets of SRV, and the hint is for a shell. */
static void a_host_is_repeated_in_a_command_only_if_no_shell_could_mind(void **state)
{
	(void)state;
	static const char *const odd[] = { "k|reboot|.example.com", "x`reboot`.example.com", "$(reboot)", "a;b", "-v",
		"a b", "a'b", "a\nb", "\u0430" };
	spn_error err = { .status = SPN_OK };
	int fd;
	speak();
	assert_int_equal(spk_dial("dc-9_a.Example.com", 389, spk_deadline_in(PATIENCE * 1000), &fd, &err),
			SPN_ERR_UNREACHABLE);
	assert_non_null(strstr(err.message, "('getent hosts dc-9_a.Example.com' must find it)"));
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		assert_int_equal(spk_dial(odd[i], 389, spk_deadline_in(PATIENCE * 1000), &fd, &err), SPN_ERR_UNREACHABLE);
		assert_null(strstr(err.message, "getent"));
		assert_non_null(strstr(err.message, "cannot be found: "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_start_of_libldap_takes_no_longer_than_the_time_out),
		cmocka_unit_test(a_host_is_repeated_in_a_command_only_if_no_shell_could_mind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

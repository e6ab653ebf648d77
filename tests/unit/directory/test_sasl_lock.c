/* SPDX-License-Identifier: MIT */
/*
 * The list of mechanisms is the process's, and Cyrus SASL does not lock it.  The calls of Cyrus SASL that read or
 * change it are ours here: one thread stops inside such a call until another one has either come into one too, or waits
 * at the lock.
 */
#include "unit.h"

#include <pthread.h>
#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "ldap_server.h"
#include "directory/ldap/sasl.h"

enum call { NONE, ADD, FIND, NEW, START };

static spn_error err[1];
static struct server server;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static enum call stop_at;          /* where the first thread stops, once */
static void (*second)(void);       /* what the other one does meanwhile */
static pthread_t thread;
static _Thread_local bool is_second;
static bool waits, is_inside;      /* the second thread */
static bool together;              /* both were inside at once */

static void tell(bool *what)
{
	pthread_mutex_lock(&lock);
	*what = true;
	pthread_cond_signal(&told);
	pthread_mutex_unlock(&lock);
}

static void *run_second(void *unused)
{
	is_second = true;
	second();
	return unused;
}

static void come_into(enum call call)
{
	if (is_second)
		tell(&is_inside);
	if (is_second || call != stop_at)
		return;
	stop_at = NONE;
	assert_int_equal(pthread_create(&thread, NULL, run_second, NULL), 0);
	pthread_mutex_lock(&lock);
	while (!waits && !is_inside)
		pthread_cond_wait(&told, &lock);
	together = is_inside;
	pthread_mutex_unlock(&lock);
}

/* ---- in the place of the real ones ---- */

int __real_pthread_rwlock_rdlock(pthread_rwlock_t *at);
int __wrap_pthread_rwlock_rdlock(pthread_rwlock_t *at);
int __wrap_pthread_rwlock_rdlock(pthread_rwlock_t *at)
{
	if (is_second && pthread_rwlock_tryrdlock(at) == 0)
		return 0;
	if (is_second)
		tell(&waits);
	return __real_pthread_rwlock_rdlock(at);
}

int __real_pthread_rwlock_wrlock(pthread_rwlock_t *at);
int __wrap_pthread_rwlock_wrlock(pthread_rwlock_t *at);
int __wrap_pthread_rwlock_wrlock(pthread_rwlock_t *at)
{
	if (is_second && pthread_rwlock_trywrlock(at) == 0)
		return 0;
	if (is_second)
		tell(&waits);
	return __real_pthread_rwlock_wrlock(at);
}

static bool is_started; /* Cyrus SASL, by a first log-on */

int __real_sasl_client_add_plugin(const char *name, sasl_client_plug_init_t *entry);
int __wrap_sasl_client_add_plugin(const char *name, sasl_client_plug_init_t *entry);
int __wrap_sasl_client_add_plugin(const char *name, sasl_client_plug_init_t *entry)
{
	if (!is_started)
		return __real_sasl_client_add_plugin(name, entry);
	come_into(ADD);
	return SASL_FAIL; /* so that the next time is the first time again */
}

int __real_sasl_client_plugin_info(const char *mechs, sasl_client_info_callback_t *see, void *data);
int __wrap_sasl_client_plugin_info(const char *mechs, sasl_client_info_callback_t *see, void *data);
int __wrap_sasl_client_plugin_info(const char *mechs, sasl_client_info_callback_t *see, void *data)
{
	come_into(FIND);
	return __real_sasl_client_plugin_info(mechs, see, data);
}

int __real_sasl_client_new(const char *service, const char *host, const char *from, const char *to,
		const sasl_callback_t *callbacks, unsigned flags, sasl_conn_t **ret_conn);
int __wrap_sasl_client_new(const char *service, const char *host, const char *from, const char *to,
		const sasl_callback_t *callbacks, unsigned flags, sasl_conn_t **ret_conn);
int __wrap_sasl_client_new(const char *service, const char *host, const char *from, const char *to,
		const sasl_callback_t *callbacks, unsigned flags, sasl_conn_t **ret_conn)
{
	come_into(NEW);
	return __real_sasl_client_new(service, host, from, to, callbacks, flags, ret_conn);
}

int __real_sasl_client_start(sasl_conn_t *conn, const char *mechs, sasl_interact_t **prompt, const char **ret_out,
		unsigned *ret_len, const char **ret_mech);
int __wrap_sasl_client_start(sasl_conn_t *conn, const char *mechs, sasl_interact_t **prompt, const char **ret_out,
		unsigned *ret_len, const char **ret_mech);
int __wrap_sasl_client_start(sasl_conn_t *conn, const char *mechs, sasl_interact_t **prompt, const char **ret_out,
		unsigned *ret_len, const char **ret_mech)
{
	come_into(START);
	return __real_sasl_client_start(conn, mechs, prompt, ret_out, ret_len, ret_mech);
}

/* ---- what threads do ---- */

static void answer(struct server *at, int fd, const struct request *request)
{
	(void)at;
	if (request->kind == LDAP_REQ_SEARCH)
		reply_entry(fd, request->id, "", "defaultNamingContext", "DC=example,DC=com", 0, 0);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

static void log_on(void)
{
	spn_directory *dir = NULL;
	spn_error why;
	if (spn_directory_open(server.url, NULL, &dir, &why))
		*err = why;
	spn_directory_free(dir);
}

static void load(void)
{
	const spk_mech none = { "SCRAM-SHA-999", NULL, SPK_NEEDS_PASSWORD, "libscram.so" };
	(void)spk_mech_load(&none, NULL);
}

static bool meet(void (*first)(void), enum call call, void (*meanwhile)(void))
{
	stop_at = call;
	second = meanwhile;
	waits = is_inside = false;
	*err = (spn_error){ .status = SPN_OK };
	first();
	assert_int_equal(stop_at, NONE);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_ok(err->status);
	return together;
}

static void nobody_reads_the_mechanisms_while_one_is_added(void **state)
{
	(void)state;
	assert_false(meet(load, ADD, log_on));
	assert_false(meet(log_on, NEW, load));
	assert_false(meet(log_on, START, load));
}

static void one_mechanism_is_added_at_a_time(void **state)
{
	(void)state;
	assert_false(meet(load, ADD, load));
	assert_false(meet(load, FIND, load));
}

static void log_ons_do_not_wait_for_one_another(void **state)
{
	(void)state;
	assert_true(meet(log_on, NEW, log_on));
	assert_true(meet(log_on, START, log_on));
}

static int start(void **state)
{
	(void)state;
	server_start(&server, answer);
	log_on();
	is_started = true;
	return err->status;
}

static int stop(void **state)
{
	(void)state;
	server_stop(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_reads_the_mechanisms_while_one_is_added),
		cmocka_unit_test(one_mechanism_is_added_at_a_time),
		cmocka_unit_test(log_ons_do_not_wait_for_one_another),
	};
	setenv("SASL_PATH", "/dev/null", 1);
	return cmocka_run_group_tests_name("sasl_lock", tests, start, stop);
}

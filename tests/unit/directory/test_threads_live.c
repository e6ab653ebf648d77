/* SPDX-License-Identifier: MIT */
/* Handles of several threads, each with a server and a KDC of its own or one for all: no state is shared.  A build with
 * -Db_sanitize=thread (tools/test does one) sees to it. */
#include "unit.h"

#include <pthread.h>

#include "kdc_server.h"
#include "ldap_server.h"
#include "returned.h"

#define N_THREADS 6
#define N_ROUNDS 10

/* What one thread does, and what it has seen. */
struct work {
	const char *url;
	const char *spn, *cache;
	unsigned entries, tickets, closed;
	spn_error err;
};

static void answer(struct server *server, int fd, const struct request *request)
{
	(void)server;
	if (request->kind == LDAP_REQ_SEARCH)
		reply_entry(fd, request->id, "CN=a,DC=x", "member", "v", 0, 3);
	reply_result(fd, request->id, request->kind == LDAP_REQ_MODIFY ? LDAP_RES_MODIFY : LDAP_RES_SEARCH_RESULT, 0, "");
}

static spn_status count_entry(const spn_entry *entry, void *data, spn_error *err)
{
	(void)err;
	((struct work *)data)->entries += spn_entry_values(entry, "member", NULL) == 4;
	return SPN_OK;
}

static spn_status count_ticket(const spn_ticket *ticket, void *data, spn_error *err)
{
	(void)err;
	struct work *work = data;
	work->tickets += strncmp(ticket->server, work->spn, strlen(work->spn)) == 0;
	return SPN_OK;
}

static spn_status count_handshake(const spn_handshake *handshake, void *data, spn_error *err)
{
	(void)handshake, (void)data, (void)err;
	return SPN_OK;
}

/* A search, a change, a ticket, and a web server that is not there. */
static spn_status one_round(struct work *work, spn_directory *dir, spn_kdc *kdc, const spn_handshake_options *options)
{
	static const spn_search all = { .base = "DC=x", .scope = SPN_SCOPE_SUBTREE };
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "a/b", 3 } };
	spn_error refused;
	spn_status status = spn_directory_search(dir, &all, count_entry, work, &work->err);
	if (!status)
		status = spn_directory_modify(dir, "CN=a,DC=x", &mod, 1, &work->err);
	if (!status)
		status = request_ticket(kdc, work->spn, count_ticket, work, &work->err);
	if (!status && shake_hands("http://127.0.0.1:1/", work->spn, options, count_handshake, NULL, &refused) != SPN_OK)
		work->closed += strstr(refused.message, "127.0.0.1") || strstr(refused.message, "this build");
	return status;
}

static void *run(void *data)
{
	struct work *work = data;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	spn_kdc_options tickets = SPN_KDC_OPTIONS_INIT;
	spn_handshake_options handshake = SPN_HANDSHAKE_OPTIONS_INIT;
	spn_directory *dir = NULL;
	spn_kdc *kdc = NULL;
	credentials.ccache = work->cache;
	tickets.credentials = handshake.credentials = &credentials;
	spn_status status = spn_directory_open(work->url, &options, &dir, &work->err);
	if (!status)
		status = spn_kdc_open(&tickets, &kdc, &work->err);
	for (int i = 0; !status && i < N_ROUNDS; i++)
		status = one_round(work, dir, kdc, &handshake);
	spn_kdc_free(kdc);
	spn_directory_free(dir);
	return NULL;
}

static void handles_of_several_threads_do_not_meet(void **state)
{
	(void)state;
	struct server common, own[N_THREADS / 2];
	pthread_t threads[N_THREADS];
	struct work works[N_THREADS];
	char spns[N_THREADS][32];
	const char *cache = kdc_path("cache");
	server_start(&common, answer);
	for (size_t i = 0; i < N_THREADS; i++) {
		if (i % 2)
			server_start(&own[i / 2], answer);
		snprintf(spns[i], sizeof spns[i], "http/web-%zu", i);
		works[i] = (struct work){ .url = i % 2 ? own[i / 2].url : common.url, .spn = spns[i], .cache = cache };
	}
	for (size_t i = 0; i < N_THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run, &works[i]), 0);
	for (size_t i = 0; i < N_THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	server_stop(&common);
	for (size_t i = 0; i < N_THREADS / 2; i++)
		server_stop(&own[i]);
	for (size_t i = 0; i < N_THREADS; i++)
		if (works[i].err.status || works[i].entries != N_ROUNDS || works[i].tickets != N_ROUNDS ||
				works[i].closed != N_ROUNDS)
			fail_msg("%zu: %u entries, %u tickets, %u refusals, '%s'", i, works[i].entries, works[i].tickets, works[i].closed,
					works[i].err.message);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(handles_of_several_threads_do_not_meet) };
	return cmocka_run_group_tests_name("threads_live", tests, kdc_start, kdc_stop);
}

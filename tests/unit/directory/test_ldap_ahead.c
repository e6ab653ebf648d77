/* SPDX-License-Identifier: MIT */
/* What an LDAP server does while we work on a page that it has sent. */
#include "unit.h"

#include <semaphore.h>
#include <time.h>

#include "ldap_server.h"

#define N_FIRST 2000 /* entries of the first page */
#define N_LARGE 16  /* of the second one, if it is larger than what a socket holds */

static sem_t reached;

/* Two pages; the server tells when it has heard of the second one. */
static void answer_pages(struct server *server, int fd, const struct request *request)
{
	(void)server;
	bool first = request->cookie.bv_len == 0;
	if (!first)
		sem_post(&reached);
	for (int i = 0; i < 2; i++)
		reply_entry(fd, request->id, "CN=a,DC=x", "member", "value", 1, 1);
	reply_page_end(fd, request->id, first ? "next" : "");
}

/* A page of small entries and a large one; the server tells when it is rid of that. */
static void answer_large_page(struct server *server, int fd, const struct request *request)
{
	(void)server;
	bool first = request->cookie.bv_len == 0;
	for (int i = 0; i < (first ? N_FIRST : N_LARGE); i++)
		reply_entry(fd, request->id, "CN=a,DC=x", "member", "value", 1, first ? 1 : 2000);
	reply_page_end(fd, request->id, first ? "next" : "");
	if (!first)
		sem_post(&reached);
}

/* How the entries go by. */
struct work {
	unsigned ms;   /* of work on each entry, until the server has told */
	unsigned n, n_then; /* entries so far, and when it told; 0: it did not */
};

static spn_status work_on(const spn_entry *entry, void *data, spn_error *err)
{
	struct work *work = data;
	struct timespec limit;
	(void)entry, (void)err;
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_nsec += work->ms % 1000 * 1000000L;
	limit.tv_sec += work->ms / 1000 + limit.tv_nsec / 1000000000;
	limit.tv_nsec %= 1000000000;
	work->n++;
	if (!work->n_then && sem_timedwait(&reached, &limit) == 0)
		work->n_then = work->n;
	return SPN_OK;
}

static struct work search(answer_fn *answer, unsigned ms)
{
	static const spn_search all = { .base = "DC=x", .scope = SPN_SCOPE_SUBTREE };
	struct server server;
	struct work work = { .ms = ms };
	spn_directory *dir = NULL;
	spn_error error, *err = &error;
	sem_init(&reached, 0, 0);
	server_start(&server, answer);
	assert_ok(spn_directory_open(server.url, NULL, &dir, err));
	assert_ok(spn_directory_search(dir, &all, work_on, &work, err));
	spn_directory_free(dir);
	server_stop(&server);
	sem_destroy(&reached);
	return work;
}

static void the_next_page_is_on_its_way_while_one_is_worked_on(void **state)
{
	(void)state;
	struct work work = search(answer_pages, 10000);
	assert_int_equal(work.n, 4);
	assert_int_equal(work.n_then, 1);
}

static void a_server_need_not_stand_still_while_a_page_is_worked_on(void **state)
{
	(void)state;
	struct work work = search(answer_large_page, 20);
	assert_int_equal(work.n, N_FIRST + N_LARGE);
	assert_in_range(work.n_then, 1, N_FIRST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_page_is_on_its_way_while_one_is_worked_on),
		cmocka_unit_test(a_server_need_not_stand_still_while_a_page_is_worked_on),
	};
	return cmocka_run_group_tests_name("ldap_ahead", tests, NULL, NULL);
}

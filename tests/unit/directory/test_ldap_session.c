/* SPDX-License-Identifier: MIT */
/* The LDAP back end against a server that misbehaves: ranges, pages, and connections that break. */
#include <sys/socket.h>
#include <unistd.h>

#include "ldap_session_helper.h"

/* ---- ranges ---- */

/* 12 values in steps of 5. */
static void answer_ranges(struct server *server, int fd, const struct request *request)
{
	(void)server;
	if (!request->attr)
		reply_entry(fd, request->id, "CN=g,DC=x", "member;range=0-4", "v", 0, 4);
	else if (strcmp(request->attr, "member;range=5-*") == 0)
		reply_entry(fd, request->id, "CN=g,DC=x", "member;Range=5-9", "v", 5, 9);
	else if (strcmp(request->attr, "member;range=10-*") == 0)
		reply_entry(fd, request->id, "CN=g,DC=x", "member;range=10-*", "v", 10, 11);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

static void an_attribute_in_parts_is_put_together(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_ranges);
	spn_directory *dir = open_server(&server);
	struct found found = { 0 };
	assert_int_equal(search_all(dir, &found, NULL), SPN_OK);
	assert_int_equal(found.entries, 1);
	assert_int_equal(found.values, 12);
	assert_string_equal(found.last, "v-11");
	spn_directory_free(dir);
	server_stop(&server);
}

/* Whatever is asked for, the same five values come. */
static void answer_endless_range(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_entry(fd, request->id, "CN=g,DC=x", "member;range=0-4", "v", 0, 4);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

/* One value at a time, for ever. */
static void answer_slow_range(struct server *server, int fd, const struct request *request)
{
	(void)server;
	char attr[80];
	unsigned from = 0;
	if (request->attr)
		sscanf(request->attr, "member;range=%u", &from);
	snprintf(attr, sizeof attr, "member;range=%u-%u", from, from);
	reply_entry(fd, request->id, "CN=g,DC=x", attr, "v", from, from);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

static void answer_broken_range(struct server *server, int fd, const struct request *request)
{
	(void)server;
	if (!request->attr)
		reply_entry(fd, request->id, "CN=g,DC=x", "member;range=0-4", "v", 0, 4);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

/* The rest is of another attribute, or begins too late. */
static void answer_another_rest(struct server *server, int fd, const struct request *request, const char *rest)
{
	(void)server;
	reply_entry(fd, request->id, "CN=g,DC=x", request->attr ? rest : "member;range=0-4", "v", 0, 4);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

static void answer_range_of_another(struct server *server, int fd, const struct request *request)
{
	answer_another_rest(server, fd, request, "memberOf;range=5-*");
}

static void answer_range_with_a_gap(struct server *server, int fd, const struct request *request)
{
	answer_another_rest(server, fd, request, "member;range=7-*");
}

static void an_attribute_without_end_is_an_error(void **state)
{
	(void)state;
	static answer_fn *const answers[] = { answer_endless_range, answer_slow_range, answer_broken_range,
		answer_range_of_another, answer_range_with_a_gap };
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct server server;
		server_start(&server, answers[i]);
		spn_directory *dir = open_server(&server);
		struct found found = { 0 };
		spn_error err;
		assert_int_equal(search_all(dir, &found, &err), SPN_ERR_FAILED);
		assert_non_null(strstr(err.message, "'member'"));
		assert_int_equal(found.entries, 0);
		spn_directory_free(dir);
		server_stop(&server);
	}
}

/* ---- pages ---- */

/* Two pages of two entries, with referrals; as slapd does, a new first page makes the connection's cookie invalid. */
static void answer_pages(struct server *server, int fd, const struct request *request)
{
	static char valid[MAX_CONNECTIONS];
	(void)server;
	bool first = request->cookie.bv_len == 0;
	if (request->connection < MAX_CONNECTIONS) {
		if (!first && !valid[request->connection]) {
			reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 53, "paged results cookie is invalid or old");
			return;
		}
		valid[request->connection] = first;
	}
	reply_entry(fd, request->id, first ? "CN=a,DC=x" : "CN=c,DC=x", "member", "v", 1, 1);
	reply_referral(fd, request->id);
	reply_entry(fd, request->id, first ? "CN=b,DC=x" : "CN=d,DC=x", "member", "v", 2, 2);
	if (request->paged)
		reply_page_end(fd, request->id, first ? "next" : "");
	else
		reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

static void pages_are_joined_and_referrals_left_out(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_pages);
	spn_directory *dir = open_server(&server);
	struct found found = { 0 };
	assert_int_equal(search_all(dir, &found, NULL), SPN_OK);
	assert_int_equal(found.entries, 4);
	assert_int_equal(server.n_searches, 2);
	spn_directory_free(dir);
	server_stop(&server);
}

static void a_search_inside_a_search_disturbs_no_pages(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_pages);
	spn_directory *dir = open_server(&server);
	struct found found = { .dir = dir };
	spn_error err;
	if (search_all(dir, &found, &err))
		fail_msg("%s", err.message);
	assert_int_equal(found.entries, 4);
	assert_int_equal(server.n_connections, 2);
	spn_directory_free(dir);
	server_stop(&server);
}

static void what_the_callback_says_ends_the_search(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_pages);
	spn_directory *dir = open_server(&server);
	struct found found = { .status = SPN_ERR_STOPPED };
	assert_int_equal(search_all(dir, &found, NULL), SPN_ERR_STOPPED);
	assert_int_equal(found.entries, 1);
	found = (struct found){ 0 };
	assert_int_equal(search_all(dir, &found, NULL), SPN_OK);
	assert_int_equal(found.entries, 4);
	spn_directory_free(dir);
	server_stop(&server);
}

static void answer_same_page(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_entry(fd, request->id, "CN=a,DC=x", "member", "v", 1, 1);
	reply_page_end(fd, request->id, "next");
}

/* Seven pages, round and round, each with a cookie that was never seen before. */
static void answer_pages_in_circles(struct server *server, int fd, const struct request *request)
{
	(void)server;
	char dn[32], cookie[32];
	snprintf(dn, sizeof dn, "CN=%d,DC=x", request->nth % 7);
	snprintf(cookie, sizeof cookie, "%d", request->nth);
	reply_entry(fd, request->id, dn, "member", "v", 1, 1);
	reply_page_end(fd, request->id, cookie);
}

static void answer_empty_pages(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_page_end(fd, request->id, "next");
}

static void pages_without_end_are_an_error(void **state)
{
	(void)state;
	static answer_fn *const answers[] = { answer_same_page, answer_pages_in_circles, answer_empty_pages };
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct server server;
		server_start(&server, answers[i]);
		spn_directory *dir = open_server(&server);
		struct found found = { 0 };
		spn_error err;
		assert_int_equal(search_all(dir, &found, &err), SPN_ERR_FAILED);
		assert_non_null(strstr(err.message, "pages do not end"));
		assert_true(server.n_searches < 100);
		spn_directory_free(dir);
		server_stop(&server);
	}
}

/* ---- connections that break ---- */

/* The first connection breaks when a search comes; the second serves. */
static void answer_hanging_up(struct server *server, int fd, const struct request *request)
{
	if (request->nth == 1)
		shutdown(fd, SHUT_RDWR);
	else
		answer_pages(server, fd, request);
}

static void a_search_is_asked_again_when_the_server_has_hung_up(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_hanging_up);
	spn_directory *dir = open_server(&server);
	struct found found = { 0 };
	spn_error err = { .status = SPN_OK };
	assert_int_equal(search_all(dir, &found, &err), SPN_OK);
	assert_int_equal(err.status, SPN_OK);
	assert_int_equal(found.entries, 4);
	assert_int_equal(server.n_connections, 2);
	spn_directory_free(dir);
	server_stop(&server);
}

static void answer_half(struct server *server, int fd, const struct request *request)
{
	if (request->cookie.bv_len > 0)
		shutdown(fd, SHUT_RDWR);
	else
		answer_pages(server, fd, request);
}

static void a_search_that_has_delivered_is_not_asked_again(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_half);
	spn_directory *dir = open_server(&server);
	struct found found = { 0 };
	spn_error err;
	assert_int_equal(search_all(dir, &found, &err), SPN_ERR_UNREACHABLE);
	assert_non_null(strstr(err.message, "closed the connection"));
	assert_int_equal(found.entries, 2);
	assert_int_equal(server.n_searches, 2);
	spn_directory_free(dir);
	server_stop(&server);
}

static void answer_modify(struct server *server, int fd, const struct request *request)
{
	(void)server;
	if (request->kind == LDAP_REQ_MODIFY && request->nth == 1)
		shutdown(fd, SHUT_RDWR);
	else
		reply_result(fd, request->id, request->kind == LDAP_REQ_MODIFY ? LDAP_RES_MODIFY : LDAP_RES_SEARCH_RESULT, 0, "");
}

static const spn_mod mods[] = {
	{ SPN_MOD_DELETE, "servicePrincipalName", { "a/1", 3 } },
	{ SPN_MOD_DELETE, "serviceprincipalname", { "a/2", 3 } },
	{ SPN_MOD_ADD, "servicePrincipalName", { "b/1", 3 } },
	{ SPN_MOD_ADD, "member", { "c", 1 } },
	{ SPN_MOD_DELETE, "member", { "d", 1 } },
};

static void a_change_without_an_answer_is_not_sent_again(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_modify);
	spn_directory *dir = open_server(&server);
	spn_error err;
	assert_int_equal(spn_directory_modify(dir, "CN=a,DC=x", mods, 1, &err), SPN_ERR_UNREACHABLE);
	assert_non_null(strstr(err.message, "may stand or not"));
	assert_int_equal(server.n_modifies, 1);
	assert_int_equal(spn_directory_modify(dir, "CN=a,DC=x", mods, 1, &err), SPN_OK);
	assert_int_equal(server.n_connections, 2);
	spn_directory_free(dir);
	server_stop(&server);
}

/* Hangs up once everything is answered, as a server does with idle connections. */
static void answer_and_hang_up(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_result(fd, request->id, request->kind == LDAP_REQ_MODIFY ? LDAP_RES_MODIFY : LDAP_RES_SEARCH_RESULT, 0, "");
	shutdown(fd, SHUT_WR);
}

static void a_change_is_not_sent_on_a_connection_that_has_ended(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_and_hang_up);
	spn_directory *dir = open_server(&server);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(spn_directory_modify(dir, "CN=a,DC=x", mods, 1, NULL), SPN_OK);
		usleep(20000); /* for the end to arrive */
	}
	assert_int_equal(server.n_modifies, 3);
	assert_int_equal(server.n_connections, 3);
	spn_directory_free(dir);
	server_stop(&server);
}

static void answer_ok(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_result(fd, request->id, request->kind == LDAP_REQ_MODIFY ? LDAP_RES_MODIFY : LDAP_RES_SEARCH_RESULT, 0, "");
}

static void neighbouring_mods_are_one_change_and_keep_their_order(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_ok);
	spn_directory *dir = open_server(&server);
	assert_int_equal(spn_directory_modify(dir, "CN=a,DC=x", mods, sizeof mods / sizeof *mods, NULL), SPN_OK);
	spn_directory_free(dir);
	server_stop(&server);
	assert_string_equal(server.seen,
			"delete servicePrincipalName=a/1,a/2; add servicePrincipalName=b/1; add member=c; delete member=d; ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_attribute_in_parts_is_put_together),
		cmocka_unit_test(an_attribute_without_end_is_an_error),
		cmocka_unit_test(pages_are_joined_and_referrals_left_out),
		cmocka_unit_test(a_search_inside_a_search_disturbs_no_pages),
		cmocka_unit_test(what_the_callback_says_ends_the_search),
		cmocka_unit_test(pages_without_end_are_an_error),
		cmocka_unit_test(a_search_is_asked_again_when_the_server_has_hung_up),
		cmocka_unit_test(a_search_that_has_delivered_is_not_asked_again),
		cmocka_unit_test(a_change_without_an_answer_is_not_sent_again),
		cmocka_unit_test(a_change_is_not_sent_on_a_connection_that_has_ended),
		cmocka_unit_test(neighbouring_mods_are_one_change_and_keep_their_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

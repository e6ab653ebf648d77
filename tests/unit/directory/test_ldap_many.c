/* SPDX-License-Identifier: MIT */
/* Searches and changes that the LDAP back end has under way at once, whatever the server answers first. */
#include <sys/socket.h>

#include "ldap_session_helper.h"

#include "directory/directory.h"

#define N_NAMES 120

static spn_status search_names(spn_directory *dir, struct found *found, spn_error *err)
{
	static char names[N_NAMES][16];
	spn_filter equals[N_NAMES];
	const spn_filter *parts[N_NAMES + 1] = { NULL };
	for (unsigned i = 0; i < N_NAMES; i++) {
		int len = snprintf(names[i], sizeof names[i], "http/%u", i);
		equals[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = "servicePrincipalName",
				.value = { names[i], (size_t)len } };
		parts[i] = &equals[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = { .base = "DC=x", .scope = SPN_SCOPE_SUBTREE, .filter = &any };
	return spn_directory_search(dir, &search, count, found, err);
}

/* The first two answers wait for the third question. */
static void answer_last_first(struct server *server, int fd, const struct request *request)
{
	static int ids[3];
	(void)server;
	ids[request->nth - 1] = request->id;
	for (int i = request->nth == 3 ? 2 : -1; i >= 0; i--) {
		char dn[32];
		snprintf(dn, sizeof dn, "CN=only%d,DC=x", i);
		reply_entry(fd, ids[i], dn, "member", "v", 0, 0);
		reply_entry(fd, ids[i], "CN=all,DC=x", "member", "v", 0, 0);
		reply_result(fd, ids[i], LDAP_RES_SEARCH_RESULT, 0, "");
	}
}

static void many_alternatives_are_asked_for_at_once_and_each_entry_comes_once(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_last_first);
	spn_directory *dir = open_server(&server);
	struct found found = { 0 };
	assert_int_equal(search_names(dir, &found, NULL), SPN_OK);
	assert_int_equal(found.entries, 4);
	assert_int_equal(server.n_searches, 3);
	spn_directory_free(dir);
	server_stop(&server);
}

static void answer_too_much(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_entry(fd, request->id, "CN=a,DC=x", "member", "v", 0, 0);
	if (request->paged)
		reply_page_end(fd, request->id, "");
	else
		reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, LDAP_SIZELIMIT_EXCEEDED, "");
}

static void a_part_that_finds_too_much_is_asked_for_in_pages(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_too_much);
	spn_directory *dir = open_server(&server);
	struct found found = { 0 };
	assert_int_equal(search_names(dir, &found, NULL), SPN_OK);
	assert_int_equal(found.entries, 1);
	assert_int_equal(server.n_searches, 6);
	spn_directory_free(dir);
	server_stop(&server);
}

static void answer_all_but_one(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, request->nth == 2 ? LDAP_OPERATIONS_ERROR : 0, "");
}

static void a_part_that_fails_is_not_taken_for_one_that_finds_nothing(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_all_but_one);
	spn_directory *dir = open_server(&server);
	struct found found = { 0 };
	spn_error err = { .status = SPN_OK };
	assert_int_equal(search_names(dir, &found, &err), SPN_ERR_FAILED);
	assert_int_equal(err.native, LDAP_OPERATIONS_ERROR);
	spn_directory_free(dir);
	server_stop(&server);
}

static void what_the_callback_says_ends_many_searches(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_last_first);
	spn_directory *dir = open_server(&server);
	struct found found = { .status = SPN_ERR_STOPPED };
	assert_int_equal(search_names(dir, &found, NULL), SPN_ERR_STOPPED);
	assert_int_equal(found.entries, 1);
	spn_directory_free(dir);
	server_stop(&server);
}

/* ---- several searches ---- */

static unsigned count_members(spn_directory *dir, const char *base, spn_status wanted)
{
	struct found found = { 0 };
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = "cn", .value = { base, strlen(base) } };
	const spn_search search = { .base = base, .scope = SPN_SCOPE_SUBTREE, .filter = &filter };
	spn_status status = spn_directory_search(dir, &search, count, &found, NULL);
	assert_true(status == wanted || status == SPN_ERR_STOPPED);
	return found.entries;
}

static void look_at_two(spn_directory *dir, void *data)
{
	(void)data;
	(void)count_members(dir, "DC=a", SPN_OK);
	(void)count_members(dir, "DC=b", SPN_OK);
}

static void several_searches_are_on_their_way_at_once(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_last_first);
	spn_directory *dir = open_server(&server);
	spk_directory_look_ahead(dir, NULL, look_at_two, NULL); /* and the root DSE */
	assert_int_equal(server.n_searches, 3);
	assert_int_equal(count_members(dir, "DC=a", SPN_OK), 2);
	assert_int_equal(count_members(dir, "DC=b", SPN_OK), 2);
	assert_int_equal(server.n_searches, 3);
	spn_directory_free(dir);
	server_stop(&server);
}

/* The second search, and when it is made alone, that one as well. */
static void answer_all_but_b(struct server *server, int fd, const struct request *request)
{
	(void)server;
	bool is_b = strcmp(request->base, "DC=b") == 0;
	if (!is_b)
		reply_entry(fd, request->id, "CN=e,DC=x", "member", "v", 0, 0);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, is_b ? LDAP_OPERATIONS_ERROR : 0, "");
}

static void one_that_fails_is_made_again_and_the_others_count(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, answer_all_but_b);
	spn_directory *dir = open_server(&server);
	spk_directory_look_ahead(dir, NULL, look_at_two, NULL);
	assert_int_equal(server.n_searches, 3);
	assert_int_equal(count_members(dir, "DC=b", SPN_ERR_FAILED), 0);
	assert_int_equal(server.n_searches, 4);
	assert_int_equal(count_members(dir, "DC=a", SPN_OK), 1);
	assert_int_equal(server.n_searches, 4);
	spn_directory_free(dir);
	server_stop(&server);
}

static spn_status note_state(size_t i, const spn_step *step, spn_step_state step_state,
		const spn_error *why, void *data, spn_error *err)
{
	(void)step, (void)err;
	char *told = data;
	size_t len = strlen(told);
	if (step_state != SPN_STEP_PLANNED)
		snprintf(told + len, 200 - len, "%zu %s %d;", i, spn_step_state_name(step_state), why ? why->native : 0);
	return SPN_OK;
}

static void apply_three(spn_directory *dir, spn_status wanted, char *told)
{
	static const char *const groups[] = { "CN=a,DC=x", "CN=b,DC=x", "CN=c,DC=x" };
	const spn_mod mod = { SPN_MOD_ADD, "member", { "CN=m,DC=x", 9 } };
	spn_plan *plan = NULL;
	assert_int_equal(spn_plan_new(&plan, NULL), SPN_OK);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(spn_plan_append(plan, &(spn_step){ 0, groups[i], "", &mod, 1, "", SPN_OPTIONAL }, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(plan, dir, NULL, note_state, told, NULL), wanted);
	spn_plan_free(plan);
}

/* Like answer_last_first; and the second change is refused. */
static void answer_changes_last_first(struct server *server, int fd, const struct request *request)
{
	static int ids[3];
	(void)server;
	if (request->kind != LDAP_REQ_MODIFY) {
		reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
		return;
	}
	ids[request->nth - 1] = request->id;
	for (int i = request->nth == 3 ? 2 : -1; i >= 0; i--)
		reply_result(fd, ids[i], LDAP_RES_MODIFY, i == 1 ? LDAP_UNWILLING_TO_PERFORM : 0, "");
}

static void many_changes_are_sent_at_once_and_each_gets_its_own_answer(void **state)
{
	(void)state;
	struct server server;
	char told[200] = "";
	server_start(&server, answer_changes_last_first);
	spn_directory *dir = open_server(&server);
	apply_three(dir, SPN_OK, told);
	assert_string_equal(told, "0 done 0;1 failed 53;2 done 0;");
	assert_int_equal(server.n_modifies, 3);
	spn_directory_free(dir);
	server_stop(&server);
}

/* The first is answered, and then the line is dead; whoever looks afterwards finds the first two made. */
static void answer_and_die(struct server *server, int fd, const struct request *request)
{
	if (request->kind == LDAP_REQ_MODIFY && request->nth == 1) {
		reply_result(fd, request->id, LDAP_RES_MODIFY, 0, "");
	} else if (request->kind == LDAP_REQ_MODIFY) {
		shutdown(fd, SHUT_RDWR);
	} else {
		if (server->n_modifies > 0 && (request->base[3] == 'a' || request->base[3] == 'b'))
			reply_entry(fd, request->id, request->base, "objectClass", "v", 0, 0);
		reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
	}
}

static void changes_without_an_answer_are_looked_at_and_never_sent_again(void **state)
{
	(void)state;
	struct server server;
	char told[200] = "";
	server_start(&server, answer_and_die);
	spn_directory *dir = open_server(&server);
	/* the third was not made: as nobody knows what else is wrong, all is taken back, which this server does not answer */
	apply_three(dir, SPN_ERR_HALF_DONE, told);
	assert_memory_equal(told, "0 done 0;1 done 0;2 failed", 25);
	assert_int_equal(strncmp(server.seen, "add member=CN=m,DC=x; ", 22), 0);
	spn_directory_free(dir);
	server_stop(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_alternatives_are_asked_for_at_once_and_each_entry_comes_once),
		cmocka_unit_test(a_part_that_finds_too_much_is_asked_for_in_pages),
		cmocka_unit_test(a_part_that_fails_is_not_taken_for_one_that_finds_nothing),
		cmocka_unit_test(what_the_callback_says_ends_many_searches),
		cmocka_unit_test(several_searches_are_on_their_way_at_once),
		cmocka_unit_test(one_that_fails_is_made_again_and_the_others_count),
		cmocka_unit_test(many_changes_are_sent_at_once_and_each_gets_its_own_answer),
		cmocka_unit_test(changes_without_an_answer_are_looked_at_and_never_sent_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

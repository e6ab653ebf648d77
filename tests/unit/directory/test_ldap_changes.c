/* SPDX-License-Identifier: MIT */
/* Servers without DirSync: what they are asked for, and what a cookie of theirs is good for. */
#include "ldap_session_helper.h"

#include <stdlib.h>
#include <unistd.h>

#include "directory/directory.h"

#define BASE "DC=example,DC=com"
#define GUID "0123456789abcdef"
#define SERVICE "CN=NTDS Settings,CN=DC1"

static struct {
	const char *control, *number, *invocation;
	const char *cookie; /* of RFC 4533; NULL: none comes */
	bool are_deletions_named;
	int state; /* of the entry that comes: LDAP_SYNC_ADD and so on; less than 0: there is none */
	bool has_set; /* of entries that are still there */
	int code; /* of a search for what has changed */
	int n_searches; /* for that */
} it;

static void send_ber(int fd, BerElement *ber)
{
	struct berval bytes;
	assert_int_equal(ber_flatten2(ber, &bytes, 0), 0);
	assert_int_equal(write(fd, bytes.bv_val, bytes.bv_len), bytes.bv_len);
	ber_free(ber, 1);
}

static void send_entry(int fd, int id, const char *dn, const char *const pairs[][2], size_t n)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	ber_printf(ber, "{it{s{", id, LDAP_RES_SEARCH_ENTRY, dn);
	for (size_t i = 0; i < n; i++)
		ber_printf(ber, "{s[s]}", pairs[i][0], pairs[i][1]);
	ber_printf(ber, "}}}");
	send_ber(fd, ber);
}

static void send_root(int fd, const struct request *request)
{
	const char *const pairs[][2] = { { "defaultNamingContext", BASE }, { "dsServiceName", SERVICE },
		{ "supportedControl", it.control }, { "highestCommittedUSN", it.number } };
	send_entry(fd, request->id, "", pairs, it.number ? 4 : 3);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

/* An entry with the control that says why it comes. */
static void send_changed(int fd, int id)
{
	BerElement *value = ber_alloc_t(LBER_USE_DER), *ber = ber_alloc_t(LBER_USE_DER);
	struct berval bytes;
	ber_printf(value, "{eo}", it.state, "entryUUID entryU", (ber_len_t)16);
	ber_flatten2(value, &bytes, 0);
	ber_printf(ber, "{it{s{{s[s]}}}t{{sO}}}", id, LDAP_RES_SEARCH_ENTRY, "CN=a," BASE, "objectGUID", GUID,
			LDAP_TAG_CONTROLS, LDAP_CONTROL_SYNC_STATE, &bytes);
	send_ber(fd, ber);
	ber_free(value, 1);
}

static void send_set(int fd, int id)
{
	BerElement *value = ber_alloc_t(LBER_USE_DER), *ber = ber_alloc_t(LBER_USE_DER);
	struct berval bytes;
	ber_printf(value, "t{[o]}", LDAP_TAG_SYNC_ID_SET, "entryUUID entryU", (ber_len_t)16);
	ber_flatten2(value, &bytes, 0);
	ber_printf(ber, "{it{tstO}}", id, LDAP_RES_INTERMEDIATE, LDAP_TAG_IM_RES_OID, LDAP_SYNC_INFO, LDAP_TAG_IM_RES_VALUE,
			&bytes);
	send_ber(fd, ber);
	ber_free(value, 1);
}

static void send_end(int fd, int id)
{
	BerElement *value = ber_alloc_t(LBER_USE_DER), *ber = ber_alloc_t(LBER_USE_DER);
	struct berval bytes;
	ber_printf(value, "{");
	if (it.cookie)
		ber_printf(value, "s", it.cookie);
	if (it.are_deletions_named)
		ber_printf(value, "b", 1);
	ber_printf(value, "}");
	ber_flatten2(value, &bytes, 0);
	ber_printf(ber, "{it{ess}t{{sO}}}", id, LDAP_RES_SEARCH_RESULT, 0, "", "", LDAP_TAG_CONTROLS,
			LDAP_CONTROL_SYNC_DONE, &bytes);
	send_ber(fd, ber);
	ber_free(value, 1);
}

static void answer(struct server *server, int fd, const struct request *request)
{
	(void)server;
	const char *const settings[][2] = { { "invocationId", it.invocation } };
	const char *const changed[][2] = { { "objectGUID", GUID } };
	if (!*request->base) {
		send_root(fd, request);
		return;
	}
	if (strcmp(request->base, SERVICE) == 0) {
		send_entry(fd, request->id, SERVICE, settings, 1);
		reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
		return;
	}
	it.n_searches++;
	bool is_sync = strcmp(it.control, LDAP_CONTROL_SYNC) == 0;
	if (it.code || !is_sync) {
		if (!it.code)
			send_entry(fd, request->id, "CN=a," BASE, changed, 1);
		reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, it.code, "");
		return;
	}
	if (it.has_set)
		send_set(fd, request->id);
	if (it.state >= 0)
		send_changed(fd, request->id);
	send_end(fd, request->id);
}

static struct server server;
static spn_directory *dir;
static spn_error error, *const err = &error;

static void begin_with(const char *control)
{
	it.control = control;
	it.number = "5";
	it.invocation = "INVOCATIONINVOCA";
	it.cookie = "csn=1";
	it.are_deletions_named = it.has_set = false;
	it.state = -1;
	it.code = it.n_searches = 0;
	server_start(&server, answer);
	dir = open_server(&server);
}

static void end(void)
{
	spn_directory_free(dir);
	server_stop(&server);
}

static spn_status note_guid(const spn_entry *entry, void *data, spn_error *unused)
{
	const spn_bytes *values;
	(void)unused;
	assert_int_equal(spn_entry_values(entry, "objectGUID", &values), 1);
	assert_memory_equal(values[0].data, GUID, sizeof GUID - 1);
	++*(size_t *)data;
	return SPN_OK;
}

/* Asks what has changed since a cookie, which becomes the next one. */
static spn_status ask(spn_bytes *cookie, size_t *ret_n)
{
	static const char *const attrs[] = { "servicePrincipalName", NULL };
	spn_bytes next = { NULL, 0 };
	*ret_n = 0;
	spn_status status = spk_directory_changes(dir, attrs, *cookie, note_guid, ret_n, &next, err);
	if (status)
		return status;
	free((void *)(uintptr_t)cookie->data);
	*cookie = next;
	return SPN_OK;
}

static void cookie_is(spn_bytes cookie, const char *wanted, size_t len)
{
	assert_int_equal(cookie.len, len);
	assert_memory_equal(cookie.data, wanted, len);
}

static void first(spn_bytes *cookie)
{
	size_t n;
	*cookie = (spn_bytes){ NULL, 0 };
	assert_ok(ask(cookie, &n));
	assert_int_equal(n, 0);
	it.n_searches = 0;
}

static void a_controller_without_dirsync_is_asked_by_number(void **state)
{
	static const char at_5[] = "uSNChanged\0INVOCATIONINVOCA5", at_7[] = "uSNChanged\0INVOCATIONINVOCA7";
	spn_bytes cookie;
	size_t n;
	(void)state;
	begin_with("1.2.3");
	first(&cookie);
	cookie_is(cookie, at_5, sizeof at_5 - 1);
	assert_ok(ask(&cookie, &n)); /* nothing has changed: nothing is searched */
	assert_int_equal(n, 0);
	assert_int_equal(it.n_searches, 0);
	it.number = "7";
	assert_ok(ask(&cookie, &n));
	assert_int_equal(n, 1);
	assert_int_equal(it.n_searches, 1);
	cookie_is(cookie, at_7, sizeof at_7 - 1);
	free((void *)(uintptr_t)cookie.data);
	end();
}

/* Where DirSync is refused, that way is taken, too. */
static void a_controller_that_refuses_dirsync_is_asked_by_number(void **state)
{
	static const char at_5[] = "uSNChanged\0INVOCATIONINVOCA5";
	spn_bytes cookie;
	(void)state;
	begin_with(LDAP_CONTROL_X_DIRSYNC);
	it.code = LDAP_INSUFFICIENT_ACCESS;
	first(&cookie);
	cookie_is(cookie, at_5, sizeof at_5 - 1);
	free((void *)(uintptr_t)cookie.data);
	end();
}

static void of_no_use(const char *bytes, size_t len)
{
	size_t n;
	spn_bytes cookie = { bytes, len };
	assert_fails(ask(&cookie, &n), SPN_ERR_INVALID, "");
	assert_int_equal(n, 0);
}

static void a_number_of_another_controller_or_of_a_later_time_is_of_no_use(void **state)
{
	static const char other[] = "uSNChanged\0ANOTHERANOTHERAN5", later[] = "uSNChanged\0INVOCATIONINVOCA6",
			  rubbish[] = "uSNChanged\0INVOCATIONINVOCA5x", short_one[] = "uSNChanged\0INVOCATIONINVOCA",
			  huge[] = "uSNChanged\0INVOCATIONINVOCA99999999999999999999", dirsync[] = "CN=NTDS Settings,CN=DC2\0x";
	(void)state;
	begin_with("1.2.3");
	of_no_use(other, sizeof other - 1);
	of_no_use(later, sizeof later - 1);
	of_no_use(rubbish, sizeof rubbish - 1);
	of_no_use(short_one, sizeof short_one - 1);
	of_no_use(huge, sizeof huge - 1);
	of_no_use(dirsync, sizeof dirsync - 1);
	assert_int_equal(it.n_searches, 0);
	end();
}

/* More than a server sends at once. */
static void changes_that_are_cut_off_are_of_no_use(void **state)
{
	static const char at_4[] = "uSNChanged\0INVOCATIONINVOCA4";
	(void)state;
	begin_with("1.2.3");
	it.code = LDAP_SIZELIMIT_EXCEEDED;
	of_no_use(at_4, sizeof at_4 - 1);
	end();
}

static void a_server_without_numbers_tells_no_changes(void **state)
{
	spn_bytes cookie = { NULL, 0 };
	size_t n;
	(void)state;
	begin_with("1.2.3");
	it.number = NULL;
	assert_fails(ask(&cookie, &n), SPN_ERR_UNSUPPORTED, "");
	end();
}

static void openldap_is_asked_by_its_own_control(void **state)
{
	static const char at_1[] = "sync\0csn=1", at_2[] = "sync\0csn=2";
	spn_bytes cookie;
	size_t n;
	(void)state;
	begin_with(LDAP_CONTROL_SYNC);
	first(&cookie);
	cookie_is(cookie, at_1, sizeof at_1 - 1);
	it.cookie = NULL; /* nothing has changed */
	assert_ok(ask(&cookie, &n));
	cookie_is(cookie, at_1, sizeof at_1 - 1);
	assert_int_equal(n, 0);
	it.cookie = "csn=2";
	it.state = LDAP_SYNC_ADD;
	it.are_deletions_named = true;
	assert_ok(ask(&cookie, &n));
	cookie_is(cookie, at_2, sizeof at_2 - 1);
	assert_int_equal(n, 1);
	assert_int_equal(it.n_searches, 2);
	free((void *)(uintptr_t)cookie.data);
	end();
}

static void what_has_gone_from_openldap_is_read_anew(void **state)
{
	static const char at_1[] = "sync\0csn=1";
	(void)state;
	begin_with(LDAP_CONTROL_SYNC);
	it.cookie = "csn=2"; /* who is no longer there is not said */
	of_no_use(at_1, sizeof at_1 - 1);
	it.are_deletions_named = true;
	it.state = LDAP_SYNC_DELETE;
	of_no_use(at_1, sizeof at_1 - 1);
	it.state = -1;
	it.has_set = true; /* their entryUUIDs */
	of_no_use(at_1, sizeof at_1 - 1);
	it.code = LDAP_SYNC_REFRESH_REQUIRED;
	of_no_use(at_1, sizeof at_1 - 1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_controller_without_dirsync_is_asked_by_number),
		cmocka_unit_test(a_controller_that_refuses_dirsync_is_asked_by_number),
		cmocka_unit_test(a_number_of_another_controller_or_of_a_later_time_is_of_no_use),
		cmocka_unit_test(changes_that_are_cut_off_are_of_no_use),
		cmocka_unit_test(a_server_without_numbers_tells_no_changes),
		cmocka_unit_test(openldap_is_asked_by_its_own_control),
		cmocka_unit_test(what_has_gone_from_openldap_is_read_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

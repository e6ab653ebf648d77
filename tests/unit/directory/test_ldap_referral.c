/* SPDX-License-Identifier: MIT */
/* A server that refers to another one: nobody goes there, and what is said of it can be typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <spnkit/backend.h>
#include <spnkit/spnkit.h>

#include "ldap_server.h"

static const char *refers_to;

static void answer_elsewhere(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_elsewhere(fd, request->id, request->kind == LDAP_REQ_MODIFY ? LDAP_RES_MODIFY : LDAP_RES_SEARCH_RESULT,
			refers_to);
}

static spn_status ignore(const spn_entry *entry, void *data, spn_error *err)
{
	(void)entry, (void)data, (void)err;
	return SPN_OK;
}

/* What a search or a change of the entry says. */
static void ask(const char *referral, bool change, spn_error *err)
{
	static const spn_search search = { .base = "CN=a,DC=child,DC=one,DC=test", .scope = SPN_SCOPE_SUBTREE };
	static const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/a", 6 } };
	struct server server;
	spn_directory *dir = NULL;
	refers_to = referral;
	server_start(&server, answer_elsewhere);
	assert_int_equal(spn_directory_open(server.url, NULL, &dir, err), SPN_OK);
	spn_status status = change ? spn_directory_modify(dir, search.base, &mod, 1, err)
			: spn_directory_search(dir, &search, ignore, NULL, err);
	assert_int_equal(status, SPN_ERR_NOT_FOUND);
	assert_int_equal(server.n_connections, 1);
	spn_directory_free(dir);
	server_stop(&server);
}

static void the_domain_is_named(void **state)
{
	(void)state;
	spn_error err;
	for (int change = 0; change < 2; change++) {
		ask("ldap://Child.one.test/CN=a,DC=child,DC=one,DC=test", change, &err);
		assert_int_equal(err.win32, 0x202b);
		assert_non_null(strstr(err.message, "it is in the domain 'Child.one.test'"));
		assert_int_equal(err.remedy, SPN_REMEDY_DOMAIN);
		assert_string_equal(err.remedy_at, "Child.one.test");
	}
}

/* As a read-only controller answers a change. */
static void another_controller_is_named(void **state)
{
	(void)state;
	spn_error err;
	ask("ldap://dc2.one.test/CN=a,DC=one,DC=test", true, &err);
	assert_int_equal(err.remedy, SPN_REMEDY_SERVER);
	assert_string_equal(err.remedy_at, "dc2.one.test");
}

static void nobody_is_told_to_type_what_a_shell_would_carry_out(void **state)
{
	(void)state;
	static const char *const hostile[] = { "ldap://x%3b%20reboot/DC=x", "ldap://$(reboot)/DC=x",
		"ldap:///DC=x", "no URL", "" };
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		spn_error err;
		ask(hostile[i], false, &err);
		assert_null(strstr(err.message, "reboot"));
		assert_non_null(strstr(err.message, "another domain"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_domain_is_named),
		cmocka_unit_test(another_controller_is_named),
		cmocka_unit_test(nobody_is_told_to_type_what_a_shell_would_carry_out),
	};
	return cmocka_run_group_tests_name("ldap_referral", tests, NULL, NULL);
}

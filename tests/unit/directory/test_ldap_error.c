/* SPDX-License-Identifier: MIT */
/* What servers have been heard to say, and what we make of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "directory/ldap/error.h"

#define WINDOWS_SPN "000021C7: AtrErr: DSID-03200DF3, #1: 0: 000021C7: DSID-03200DF3, problem 1005 " \
	"(CONSTRAINT_ATT_TYPE), " \
	"data 0, Att 90303 (servicePrincipalName)\n"
#define WINDOWS_UPN "000021C8: AtrErr: DSID-03200EC1, #1:\n\t0: 000021C8: DSID-03200EC1, problem " \
	"1005 (CONSTRAINT_ATT_TYPE), " \
	"data 0, Att 90290 (userPrincipalName)\n"
#define WINDOWS_RIGHTS "00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0\n"
#define WINDOWS_MEMBER "00000562: UpdErr: DSID-031A11DA, problem 6005 (ENTRY_EXISTS), data 0\n"
#define WINDOWS_NO_MEMBER "00000561: SvcErr: DSID-031A1236, problem 5003 (WILL_NOT_PERFORM), data 0\n"
#define WINDOWS_SIGNING "00002028: LdapErr: DSID-0C090259, comment: The server requires binds to " \
	"turn on integrity checking " \
	"if SSL\\TLS are not already active on the connection, data 0, v4563"
#define WINDOWS_BINDING "80090346: LdapErr: DSID-0C090597, comment: AcceptSecurityContext error, data 80090346, v4563"
#define BIND(data) "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data " data ", v1db1"

struct heard {
	int code;
	const char *diagnostic;
	spn_status status;
	uint32_t win32;
	const char *part; /* of the sentence that it becomes */
};

static const struct heard heard[] = {
	{ 19, WINDOWS_SPN, SPN_ERR_NOT_UNIQUE, 0x21c7, "another account in the forest holds the name" },
	{ 19, WINDOWS_UPN, SPN_ERR_NOT_UNIQUE, 0x21c8, "userPrincipalName" },
	{ 19, "0000202F: samldb: spn[HTTP/x] would cause a conflict",
		SPN_ERR_NOT_UNIQUE, 0x202f, "holds the name ('HTTP/x')" },
	{ 50, "00002098: samldb: spn[cifs/x] would cause a conflict", SPN_ERR_NOT_UNIQUE, 0x2098, "through an alias" },
	{ 19, "error in module samldb: Constraint violation during LDB_MODIFY (19)",
		SPN_ERR_NOT_UNIQUE, 0, "an alias of the name" },
	{ 19, "0000202F: samldb: spn[abc] invalid with 1 components", SPN_ERR_REFUSED, 0x202f, "two or three parts" },
	{ 19, "acl: spn validation failed for spn[http/evil] uac[0x1000] account[WEB01$] hostname[web01.x] nbname[X]",
		SPN_ERR_DENIED, 0, "validated write" },
	{ 19, "00002081: AttErr: DSID-031A120C, #1:", SPN_ERR_REFUSED, 0x2081, "single value" },
	{ 19, "0000200B: AtrErr: DSID-03151E04, #1:", SPN_ERR_REFUSED, 0x200b, "LDAP 19" },
	{ 50, "SASL(-14): authorization failure: not authorized", SPN_ERR_AUTH, 0, "act as another user" },
	{ 80, "SASL(-1): generic failure: unable to canonify user and get auxprops", SPN_ERR_AUTH, 0,
		"does not know the user" },
	{ 50, WINDOWS_RIGHTS, SPN_ERR_DENIED, 0x2098, "permission denied" },
	{ 50, "error in module acl: insufficient access rights during LDB_MODIFY (50)",
		SPN_ERR_DENIED, 0, "permission denied" },
	{ 20, "00002083: AtrErr: DSID-031519F4, #1:", SPN_ERR_EXISTS, 0x2083, "already there" },
	{ 20, "attribute 'servicePrincipalName': value #27 on 'CN=x' already exists", SPN_ERR_EXISTS, 0, "already there" },
	{ 16, "00002085: AtrErr: DSID-03151904, #1:", SPN_ERR_NOT_FOUND, 0x2085, "not there" },
	{ 32, "00002030: No such Base DN: CN=x", SPN_ERR_NOT_FOUND, 0x2030, "no such entry" },
	{ 32, "0000208D: NameErr: DSID-03100245, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'DC=x'\n",
		SPN_ERR_NOT_FOUND,
		0x208d, "no such entry" },
	{ 10, "0000202B: RefErr: DSID-03100835, data 0, 1 access points\n\tref 1: 'x'\n", SPN_ERR_NOT_FOUND, 0x202b,
		"another domain" },
	{ 68, WINDOWS_MEMBER, SPN_ERR_EXISTS, 0x562, "a member already" },
	{ 53, WINDOWS_NO_MEMBER, SPN_ERR_NOT_FOUND, 0x561, "not a member" },
	{ 16, "00000561: x", SPN_ERR_NOT_FOUND, 0x561, "not a member" },
	{ 53, "00002035: SvcErr: DSID-031A1254, problem 5003 (WILL_NOT_PERFORM), data 0",
		SPN_ERR_REFUSED, 0x2035, "read-only" },
	{ 53, "0000001F: SvcErr: DSID-031A1254, problem 5003 (WILL_NOT_PERFORM), data 0",
		SPN_ERR_REFUSED, 0x1f, "will not" },
	{ 11, "00002024: SvcErr: DSID-02050B9F, problem 5008 (ADMIN_LIMIT_EXCEEDED), data -1026\n",
		SPN_ERR_REFUSED, 0x2024, "limit" },
	{ 8, WINDOWS_SIGNING, SPN_ERR_AUTH, 0x2028, "sealed or encrypted" },
	{ 8, "SASL:[GSSAPI]: Sign or Seal are required.", SPN_ERR_AUTH, 0, "use ldap:// without StartTLS" },
	{ 8, "BindSimple: Transport encryption required.", SPN_ERR_AUTH, 0, "sealed or encrypted" },
	{ 53, "Sign or Seal are not allowed if TLS is used", SPN_ERR_AUTH, 0, "does not accept Kerberos sealing inside TLS" },
	{ 49, WINDOWS_BINDING, SPN_ERR_AUTH, 0x80090346, "channel binding" },
	{ 49, BIND("52e"), SPN_ERR_AUTH, 0x80090308, "wrong user or password" },
	{ 49, BIND("525"), SPN_ERR_AUTH, 0x80090308, "no such user" },
	{ 49, BIND("533"), SPN_ERR_AUTH, 0x80090308, "disabled" },
	{ 49, BIND("773"), SPN_ERR_AUTH, 0x80090308, "must be changed" },
	{ 49, BIND("775"), SPN_ERR_AUTH, 0x80090308, "locked" },
	{ 49, NULL, SPN_ERR_AUTH, 0, "does not accept" },
	{ 48, NULL, SPN_ERR_AUTH, 0, "this kind" },
	{ -2, "SASL(-1): generic failure: GSSAPI Error", SPN_ERR_AUTH, 0, "GSSAPI Error" },

		{ 1, "000004DC: LdapErr: DSID-0C0907E9, comment: In order to perform this operation a successful bind "
			"must be completed",
		SPN_ERR_AUTH, 0x4dc, "credentials first" },
	{ 1, "00002020: Operation unavailable without authentication", SPN_ERR_AUTH, 0x2020, "credentials first" },
	{ 51, "", SPN_ERR_UNREACHABLE, 0, "busy" },
	{ 52, NULL, SPN_ERR_UNREACHABLE, 0, "not available" },
	{ -1, NULL, SPN_ERR_UNREACHABLE, 0, "lost" },
	{ 81, NULL, SPN_ERR_UNREACHABLE, 0, "lost" },
	{ -5, NULL, SPN_ERR_UNREACHABLE, 0, "in time" },
	{ 85, NULL, SPN_ERR_UNREACHABLE, 0, "in time" },
	{ 12, NULL, SPN_ERR_UNSUPPORTED, 0, "cannot do it" },
	{ 4, NULL, SPN_ERR_FAILED, 0, "more results" },
	{ 3, NULL, SPN_ERR_FAILED, 0, "more time" },
	{ 80, "0000054F: SvcErr: DSID-020A0D09\n", SPN_ERR_FAILED, 0x54f, "(LDAP 80: '0000054F: SvcErr: DSID-020A0D09')" },
};

static void what_servers_say_becomes_a_status_and_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof heard / sizeof *heard; i++) {
		const struct heard *h = &heard[i];
		spn_error err;
		spn_status status = spk_ldap_fail(&err, h->code, h->diagnostic, "cannot change '%s'", "CN=x");
		print_message("LDAP %d '%.30s'\n", h->code, h->diagnostic ? h->diagnostic : "");
		assert_int_equal(status, h->status);
		assert_int_equal(err.status, h->status);
		assert_int_equal(err.native, h->code);
		assert_int_equal(err.win32, h->win32);
		assert_ptr_equal(strstr(err.message, "cannot change 'CN=x': "), err.message);
		assert_non_null(strstr(err.message, h->part));
		assert_null(strpbrk(err.message, "\r\n\t"));
	}
}

static void a_text_that_only_looks_like_a_code_is_none(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "0", "000021C", "000021C7", "000021C7 x", "0000 1C7: x",
		"\xc3\xa4", "000021CG: x" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		spn_error err;
		assert_int_equal(spk_ldap_fail(&err, 19, texts[i], "x"), SPN_ERR_REFUSED);
		assert_int_equal(err.win32, 0);
	}
}

static void a_text_without_end_is_cut(void **state)
{
	(void)state;
	char text[5000];
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	memcpy(text, "samldb: spn[", 12);
	spn_error err;
	assert_int_equal(spk_ldap_fail(&err, 80, text, "x"), SPN_ERR_FAILED);
	assert_true(strlen(err.message) < SPN_MESSAGE_SIZE);
}

static void no_place_for_the_cause_is_fine(void **state)
{
	(void)state;
	assert_int_equal(spk_ldap_fail(NULL, 32, NULL, "x"), SPN_ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_servers_say_becomes_a_status_and_a_sentence),
		cmocka_unit_test(a_text_that_only_looks_like_a_code_is_none),
		cmocka_unit_test(a_text_without_end_is_cut),
		cmocka_unit_test(no_place_for_the_cause_is_fine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

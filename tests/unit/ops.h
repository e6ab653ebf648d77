/* SPDX-License-Identifier: MIT */
/* ops.h - what the tests of the operations share: a small directory with the incident in it */
#ifndef TEST_OPS_H
#define TEST_OPS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <spnkit/mock.h>
#include <spnkit/spnkit.h>

#define BASE "DC=example,DC=com"
#define POOL "CN=pool,OU=CRM," BASE
#define WEB "CN=WEB,OU=CRM," BASE
#define OTHER "CN=other,OU=CRM," BASE
#define DB "CN=DB,OU=CRM," BASE
#define READERS "CN=readers," BASE
#define WRITERS "CN=writers," BASE
#define ADMINS "CN=Domain Admins," BASE

/* S-1-5-21-1-2-3-RID */
#define SID(rid) "objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAA" rid "\n"

static const char sample[] =
	"dn: " BASE "\nobjectClass: domainDNS\n\n"
	"dn: " WEB "\nobjectClass: user\nobjectClass: computer\nsAMAccountName: WEB$\ndNSHostName: web.example.com\n"
	"primaryGroupID: 515\n" SID("6QMAAA==")
	"servicePrincipalName: HOST/WEB\nservicePrincipalName: HOST/web.example.com\n"
	"servicePrincipalName: http/WEB:5985\nservicePrincipalName: http/web.example.COM:5985\n"
	"memberOf: " READERS "\n\n"
	"dn: " DB "\nobjectClass: user\nobjectClass: computer\nsAMAccountName: DB$\ndNSHostName: db.example.com\n"
	SID("6gMAAA==") "\n"
	"dn: " POOL "\nobjectClass: user\nsAMAccountName: pool\nuserPrincipalName: pool@example.com\n"
	"userAccountControl: 512\nprimaryGroupID: 513\n" SID("6wMAAA==")
	"servicePrincipalName: http/WEB\nservicePrincipalName: http/web.example.com\n"
	"memberOf: " READERS "\nmemberOf: " WRITERS "\nmemberOf: " ADMINS "\n\n"
	"dn: " OTHER "\nobjectClass: user\nsAMAccountName: other\nuserAccountControl: 514\n"
	"userPrincipalName: MSSQLSvc/upn@example.com\n" SID("7AMAAA==") "\n"
	"dn: CN=Domain Users," BASE "\nobjectClass: group\nsAMAccountName: Domain Users\n" SID("AQIAAA==") "\n"
	"dn: CN=Domain Computers," BASE "\nobjectClass: group\nsAMAccountName: Domain Computers\n" SID("AwIAAA==") "\n"
	"dn: " READERS "\nobjectClass: group\nsAMAccountName: readers\n" SID("TQQAAA==") "member: " WEB "\n"
	"member: " POOL "\n\n"
	"dn: " WRITERS "\nobjectClass: group\nsAMAccountName: writers\n" SID("TgQAAA==") "member: " POOL "\n\n"
	"dn: " ADMINS "\nobjectClass: group\nsAMAccountName: Domain Admins\n" SID("AAIAAA==") "member: " POOL "\n";

/* What a test works with. */
struct fixture {
	spn_directory *dir;
	spn_plan *plan;
	spn_error err;
	char told[4096]; /* "code spn;" of each finding, "name outcome;" of each group */
};

static inline void append_told(struct fixture *f, const char *a, const char *b)
{
	size_t len = strlen(f->told);
	snprintf(f->told + len, sizeof f->told - len, "%s %s;", a, b ? b : "-");
}

static inline spn_status note_finding(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	append_told(data, finding->code, finding->spn);
	return SPN_OK;
}

static inline spn_status note_group(const spn_group *group, void *data, spn_error *err)
{
	(void)err;
	append_told(data, group->name, spn_group_outcome_name(group->outcome));
	return SPN_OK;
}

static inline int open_fixture(void **state, const char *ldif, spn_dialect rules)
{
	struct fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	assert_int_equal(spn_mock_new(ldif, rules, &f->dir, NULL), SPN_OK);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	*state = f;
	return 0;
}

static inline int open_with(void **state, spn_dialect rules)
{
	return open_fixture(state, sample, rules);
}

static inline int open_sample(void **state)
{
	return open_with(state, SPN_DIALECT_WINDOWS);
}

static inline int close_sample(void **state)
{
	struct fixture *f = *state;
	spn_plan_free(f->plan);
	spn_directory_free(f->dir);
	free(f);
	return 0;
}

#define with_sample(test) cmocka_unit_test_setup_teardown(test, open_sample, close_sample)

static inline void expect_message(const struct fixture *f, const char *part)
{
	if (!strstr(f->err.message, part))
		fail_msg("'%s' is not in: %s", part, f->err.message);
}

/* Puts a text into a file of its own, at a URL that ends in XXXXXX; it is for the test to unlink. */
static inline void make_file(char *url, const char *text)
{
	int fd = mkstemp(url + strlen("ldif:"));
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* Whether an account holds exactly this spelling of a name. */
static inline bool holds(struct fixture *f, const char *account, const char *name)
{
	spn_account *found = NULL;
	const spn_bytes *spns;
	bool held = false;
	assert_int_equal(spn_account_find(f->dir, account, SPN_WANT_ANY, &found, NULL), SPN_OK);
	for (size_t i = 0, n = spn_account_spns(found, &spns); i < n; i++)
		held |= strcmp(spns[i].data, name) == 0;
	spn_account_free(found);
	return held;
}

/* An account holds these names and no others: a ';' behind each. */
static inline void expect_names(struct fixture *f, const char *account, const char *wanted)
{
	spn_account *found = NULL;
	const spn_bytes *spns;
	char names[1024] = "";
	assert_int_equal(spn_account_find(f->dir, account, SPN_WANT_ANY, &found, NULL), SPN_OK);
	for (size_t i = 0, len = 0, n = spn_account_spns(found, &spns); i < n; i++, len = strlen(names))
		snprintf(names + len, sizeof names - len, "%s;", spns[i].data);
	spn_account_free(found);
	assert_string_equal(names, wanted);
}

/* The plan as text, for the test to free.  Inlined, gcc 12 takes what the stream knew of it for a dangling pointer. */
__attribute__((noinline, unused))
static char *plan_text(const spn_plan *plan, spn_plan_format format)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	assert_non_null(file);
	assert_int_equal(spn_plan_write(plan, format, file, NULL), SPN_OK);
	fclose(file);
	return text;
}

static inline void change(struct fixture *f, const char *dn, spn_mod_op op, const char *attr, const char *value)
{
	const spn_mod mod = { op, attr, { value, strlen(value) } };
	assert_int_equal(spn_directory_modify(f->dir, dn, &mod, 1, NULL), SPN_OK);
}

#endif

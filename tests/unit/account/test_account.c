/* SPDX-License-Identifier: MIT */
#include "ops.h"
#include "returned.h"

#include <spnkit/backend.h>

#include "directory/known.h"

static void expect_found(struct fixture *f, const char *text, spn_account_want want, const char *dn)
{
	spn_account *account = NULL;
	if (spn_account_find(f->dir, text, want, &account, &f->err))
		fail_msg("%s", f->err.message);
	assert_string_equal(spn_account_dn(account), dn);
	spn_account_free(account);
}

static void expect_refused(struct fixture *f, const char *text, spn_account_want want, spn_status status,
		const char *part)
{
	spn_account *account = NULL;
	assert_int_equal(spn_account_find(f->dir, text, want, &account, &f->err), status);
	assert_null(account);
	assert_int_equal(f->err.status, status);
	expect_message(f, part);
}

static void an_account_is_found_in_every_form(void **state)
{
	expect_found(*state, "pool", SPN_WANT_ANY, POOL);
	expect_found(*state, "POOL", SPN_WANT_ANY, POOL);
	expect_found(*state, "web", SPN_WANT_ANY, WEB);
	expect_found(*state, "WEB$", SPN_WANT_ANY, WEB);
	expect_found(*state, "EXAMPLE\\pool", SPN_WANT_ANY, POOL);
	expect_found(*state, "example.com\\web", SPN_WANT_ANY, WEB);
	expect_found(*state, "pool@example.com", SPN_WANT_ANY, POOL);
	expect_found(*state, "other@example.com", SPN_WANT_ANY, OTHER);
	expect_found(*state, "cn=POOL , ou=crm,dc=EXAMPLE,dc=com", SPN_WANT_ANY, POOL);
}

static void an_unknown_account_is_named(void **state)
{
	expect_refused(*state, "nobody", SPN_WANT_ANY, SPN_ERR_NOT_FOUND, "'nobody'");
	expect_refused(*state, "CN=no,DC=example,DC=com", SPN_WANT_ANY, SPN_ERR_NOT_FOUND, "CN=no");
	expect_refused(*state, "ELSEWHERE\\pool", SPN_WANT_ANY, SPN_ERR_NOT_FOUND, "example.com");
	expect_refused(*state, "pool@elsewhere.com", SPN_WANT_ANY, SPN_ERR_NOT_FOUND, "pool@elsewhere.com");
	expect_refused(*state, "p*", SPN_WANT_ANY, SPN_ERR_NOT_FOUND, "p*");
}

static void a_domain_is_known_if_it_is_in_the_forest_or_trusts_ours(void **state)
{
	struct fixture *f = *state;
	static const char forest[] =
		"dn: " BASE "\nobjectClass: domainDNS\n\n"
		"dn: CN=Configuration," BASE "\nobjectClass: configuration\n\n"
		"dn: CN=CHILD,CN=Partitions,CN=Configuration," BASE "\nobjectClass: crossRef\n"
		"nCName: DC=child," BASE "\nnETBIOSName: CHILD\n\n"
		"dn: CN=TOLD,CN=Partitions,CN=Configuration," BASE "\nobjectClass: crossRef\nnCName: DC=told," BASE "\n"
		"systemFlags: 3\n\n"
		"dn: CN=a,CN=Partitions,CN=Configuration," BASE "\nobjectClass: crossRef\n"
		"nCName: DC=ForestDnsZones," BASE "\nsystemFlags: 5\n\n"
		"dn: CN=b,CN=Partitions,CN=Configuration," BASE "\nobjectClass: crossRef\nnCName: DC=posing," BASE "\n"
		"systemFlags: 5\n"
		"nETBIOSName: POSING\n\n"
		"dn: CN=c,CN=Partitions,CN=Configuration," BASE "\nobjectClass: crossRef\nnCName: DC=untold," BASE "\n\n"
		"dn: CN=both.test,CN=System," BASE "\nobjectClass: trustedDomain\ntrustPartner: both.test\ntrustDirection: 3\n\n"
		"dn: CN=in.test,CN=System," BASE "\nobjectClass: trustedDomain\ntrustPartner: in.test\ntrustDirection: 1\n\n"
		"dn: CN=untold.test,CN=System," BASE "\nobjectClass: trustedDomain\ntrustPartner: untold.test\n\n"
		"dn: CN=out.test,CN=System," BASE "\nobjectClass: trustedDomain\ntrustPartner: out.test\ntrustDirection: 2\n\n"
		"dn: CN=off.test,CN=System," BASE "\nobjectClass: trustedDomain\ntrustPartner: off.test\ntrustDirection: 0\n";
	static const struct {
		const char *domain;
		bool known;
	} cases[] = { { "child.example.com", true }, { "told.example.com", true }, { "forestdnszones.example.com", false },
		{ "posing.example.com", false }, { "untold.example.com", false }, { "CHILD.example.com", true },
		{ "both.test", true }, { "in.test", true },
		{ "untold.test", true }, { "out.test", false }, { "off.test", false }, { "third.test", false }, { "CHILD", false },
		{ "child,DC=example.com", false }, { "", false }, { "sub.both.test", false }, { "*", false } };
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(forest, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool known = !cases[i].known;
		assert_int_equal(spk_domain_is_known(f->dir, cases[i].domain, &known, &f->err), SPN_OK);
		if (known != cases[i].known)
			fail_msg("'%s' is %sknown", cases[i].domain, known ? "" : "not ");
	}
}

static void a_text_that_cannot_be_an_account_is_refused(void **state)
{
	expect_refused(*state, "", SPN_WANT_ANY, SPN_ERR_SYNTAX, "not an account name");
	expect_refused(*state, "http/web", SPN_WANT_ANY, SPN_ERR_SYNTAX, "SPN");
	expect_refused(*state, "\\pool", SPN_WANT_ANY, SPN_ERR_SYNTAX, "not an account name");
	expect_refused(*state, "a=b\\", SPN_WANT_ANY, SPN_ERR_SYNTAX, "DN");
}

static void a_group_is_no_account(void **state)
{
	expect_refused(*state, "readers", SPN_WANT_ANY, SPN_ERR_NOT_FOUND, "readers");
	expect_refused(*state, READERS, SPN_WANT_ANY, SPN_ERR_NOT_FOUND, READERS);
}

static void a_name_that_fits_two_accounts_is_ambiguous_and_a_computer_comes_first(void **state)
{
	struct fixture *f = *state;
	static const char twins[] =
		"dn: " BASE "\nobjectClass: domainDNS\n\n"
		"dn: CN=u," BASE "\nobjectClass: user\nsAMAccountName: web\n\n"
		"dn: CN=c," BASE "\nobjectClass: user\nobjectClass: computer\nsAMAccountName: web$\n\n"
		"dn: CN=t1," BASE "\nobjectClass: user\nsAMAccountName: twin\n\n"
		"dn: CN=t2," BASE "\nobjectClass: user\nsAMAccountName: twin\n";
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(twins, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	expect_found(f, "web", SPN_WANT_ANY, "CN=c," BASE);
	expect_found(f, "web", SPN_WANT_USER, "CN=u," BASE);
	expect_found(f, "web", SPN_WANT_COMPUTER, "CN=c," BASE);
	expect_refused(f, "twin", SPN_WANT_ANY, SPN_ERR_AMBIGUOUS, "'CN=t1," BASE "', 'CN=t2," BASE "'");
	expect_refused(f, "twin", SPN_WANT_COMPUTER, SPN_ERR_NOT_FOUND, "computer");
}

static void expect_not_added(struct fixture *f, const char *text, const char *part)
{
	const char *const name = "http/new";
	spn_plan *plan = NULL;
	assert_int_equal(spn_plan_new(&plan, NULL), SPN_OK);
	assert_int_equal(spn_propose_add(plan, f->dir, text, &name, 1, 0, NULL, NULL, &f->err), SPN_ERR_AMBIGUOUS);
	assert_non_null(strstr(f->err.message, part));
	assert_int_equal(spn_add_unique(f->dir, text, &name, 1, NULL, &f->err), SPN_ERR_AMBIGUOUS);
	spn_plan_free(plan);
}

static void expect_added_to(struct fixture *f, const char *text, const char *dn)
{
	const char *const name = "http/new";
	spn_plan *plan = NULL;
	assert_int_equal(spn_plan_new(&plan, NULL), SPN_OK);
	assert_int_equal(spn_propose_add(plan, f->dir, text, &name, 1, 0, NULL, NULL, &f->err), SPN_OK);
	assert_string_equal(spn_plan_step(plan, 0)->dn, dn);
	spn_plan_free(plan);
}

static const char namesakes[] =
	"dn: " BASE "\nobjectClass: domainDNS\n\n"
	"dn: CN=u," BASE "\nobjectClass: user\nsAMAccountName: web\n\n"
	"dn: CN=c," BASE "\nobjectClass: user\nobjectClass: computer\nsAMAccountName: WEB$\n\n"
	"dn: CN=d," BASE "\nobjectClass: user\nobjectClass: computer\nsAMAccountName: WEB$$\n\n"
	"dn: CN=lone," BASE "\nobjectClass: user\nobjectClass: computer\nsAMAccountName: LONE$\n\n"
	"dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: svc@example.com\n\n"
	"dn: CN=b," BASE "\nobjectClass: user\nsAMAccountName: other\nuserPrincipalName: svc@example.com\n\n"
	"dn: CN=e," BASE "\nobjectClass: user\nsAMAccountName: third\nuserPrincipalName: u@example.com\n\n"
	"dn: CN=f," BASE "\nobjectClass: user\nsAMAccountName: u\n";

static void what_changes_an_account_chooses_none_of_two(void **state)
{
	struct fixture *f = *state;
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(namesakes, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	expect_not_added(f, "web", "'web' fits several accounts: 'CN=u," BASE "', 'CN=c," BASE
			"'; name one by its DN, or the one with the "
			"'$' as 'WEB$'");
	expect_not_added(f, "web@example.com", "'CN=u," BASE "', 'CN=c," BASE "'");
	expect_not_added(f, "EXAMPLE\\web", "'CN=u," BASE "', 'CN=c," BASE "'");
	expect_not_added(f, "svc@example.com", "'CN=a," BASE "', 'CN=b," BASE "'");
	expect_not_added(f, "u@example.com", "'CN=e," BASE "', 'CN=f," BASE "'");
	expect_added_to(f, "WEB$", "CN=c," BASE);
	expect_added_to(f, "lone", "CN=lone," BASE);
	expect_added_to(f, "third", "CN=e," BASE);
	expect_added_to(f, "CN=u," BASE, "CN=u," BASE);
}

static void who_looks_is_told_of_the_other_account(void **state)
{
	struct fixture *f = *state;
	spn_account *account = NULL, *other = NULL;
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(namesakes, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	assert_int_equal(spn_account_find(f->dir, "Web", SPN_WANT_ANY, &account, NULL), SPN_OK);
	assert_string_equal(spn_account_dn(account), "CN=c," BASE);
	assert_int_equal(spn_account_namesake(f->dir, "EXAMPLE\\Web", account, &other, NULL), SPN_OK);
	assert_string_equal(spn_account_dn(other), "CN=u," BASE);
	spn_account_free(other);
	assert_int_equal(spn_account_namesake(f->dir, "WEB$", account, &other, NULL), SPN_OK);
	assert_null(other);
	assert_int_equal(spn_account_namesake(f->dir, NULL, account, &other, &f->err), SPN_ERR_INVALID);
	spn_account_free(account);
	assert_int_equal(spn_account_find(f->dir, "lone", SPN_WANT_ANY, &account, NULL), SPN_OK);
	assert_int_equal(spn_account_namesake(f->dir, "lone", account, &other, NULL), SPN_OK);
	assert_null(other);
	spn_account_free(account);
}

static void what_an_entry_says_is_what_the_account_says(void **state)
{
	struct fixture *f = *state;
	spn_account *account = NULL;
	assert_int_equal(spn_account_find(f->dir, "other", SPN_WANT_ANY, &account, NULL), SPN_OK);
	assert_false(spn_account_enabled(account));
	assert_int_equal(spn_account_get_kind(account), SPN_KIND_USER);
	assert_null(spn_account_dns_host(account));
	spn_account_free(account);
	assert_int_equal(spn_account_find(f->dir, "web", SPN_WANT_ANY, &account, NULL), SPN_OK);
	assert_true(spn_account_enabled(account));
	assert_int_equal(spn_account_get_kind(account), SPN_KIND_COMPUTER);
	assert_string_equal(spn_account_dns_host(account), "web.example.com");
	assert_int_equal(spn_account_spns(account, NULL), 4);
	spn_account_free(account);
}

static spn_status note_account(const spn_account *account, const spn_bytes *matched, size_t n, void *data,
		spn_error *err)
{
	(void)err;
	char count[32];
	snprintf(count, sizeof count, "%zu:%s", n, n ? matched[0].data : "");
	append_told(data, spn_account_name(account), count);
	return SPN_OK;
}

static void a_netbios_name_is_that_of_a_partition_or_of_a_trust(void **state)
{
	struct fixture *f = *state;
	char text[sizeof sample + 600];
	snprintf(text, sizeof text, "%s\ndn: CN=System," BASE "\nobjectClass: container\n\n"
			"dn: CN=far.test,CN=System," BASE "\nobjectClass: trustedDomain\nflatName: FAR\ntrustPartner: far.test\n\n"
			"dn: CN=NT4,CN=System," BASE "\nobjectClass: trustedDomain\nflatName: NT4\ntrustPartner: NT4\n\n"
			"dn: CN=KID,CN=Partitions,CN=Configuration," BASE "\nobjectClass: crossRef\nnETBIOSName: KID\n"
			"nCName: DC=child," BASE "\n", sample);
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(text, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	expect_refused(f, "KID\\x", SPN_WANT_ANY, SPN_ERR_NOT_FOUND, "'KID\\x' is in the domain 'child.example.com'");
	expect_refused(f, "far\\x", SPN_WANT_ANY, SPN_ERR_NOT_FOUND, "'far\\x' is in the domain 'far.test'");
	expect_refused(f, "NT4\\x", SPN_WANT_ANY, SPN_ERR_NOT_FOUND, "there is no account 'NT4\\x'");
	expect_refused(f, "NOBODY\\x", SPN_WANT_ANY, SPN_ERR_NOT_FOUND, "there is no account 'NOBODY\\x'");
}

static void no_other_domain_is_opened_from_a_directory_that_is_no_server(void **state)
{
	struct fixture *f = *state;
	const spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	spn_directory *there = f->dir;
	assert_int_equal(spn_account_domain_open(f->dir, "CN=x,DC=far,DC=test", SPN_WANT_ANY, true, &options, &there,
			NULL), SPN_OK);
	assert_null(there);
	there = f->dir;
	assert_int_equal(spn_server_domain_open(f->dir, "x.far.test", true, &options, &there, NULL), SPN_OK);
	assert_null(there);
	there = f->dir;
	assert_int_equal(spn_domain_open(f->dir, "far.test", &options, &there, NULL), SPN_OK);
	assert_null(there);
	assert_int_equal(spn_domain_open(f->dir, NULL, &options, &there, NULL), SPN_ERR_INVALID);
	assert_int_equal(spn_server_domain_open(f->dir, NULL, false, &options, &there, NULL), SPN_ERR_INVALID);
}

static void query_finds_holders_with_what_matched(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_query(f->dir, "HTTP/web", false, note_account, f, NULL), SPN_OK);
	assert_string_equal(f->told, "pool 1:http/WEB;");
	f->told[0] = '\0';
	assert_int_equal(spn_query(f->dir, "*/web.example.com*", false, note_account, f, NULL), SPN_OK);
	assert_string_equal(f->told, "WEB$ 2:HOST/web.example.com;pool 1:http/web.example.com;");
	f->told[0] = '\0';
	assert_int_equal(spn_query(f->dir, "http/nobody", false, note_account, f, NULL), SPN_OK);
	assert_string_equal(f->told, "");
	assert_int_equal(spn_query(f->dir, "", false, note_account, f, &f->err), SPN_ERR_SYNTAX);
}

static spn_status stop(const spn_account *account, const spn_bytes *matched, size_t n, void *data, spn_error *err)
{
	(void)account, (void)matched, (void)n, (void)data;
	return spn_fail(err, SPN_ERR_STOPPED, 0, "enough");
}

static void a_callback_ends_a_query_with_its_own_status(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_query(f->dir, "*", false, stop, NULL, &f->err), SPN_ERR_STOPPED);
	assert_string_equal(f->err.message, "enough");
}

static spn_status note_resolution(const spn_resolution *r, void *data, spn_error *err)
{
	(void)err;
	append_told(data, spn_match_name(r->match), r->n_accounts ? spn_account_name(r->accounts[0]) : NULL);
	append_told(data, "via", r->via);
	return SPN_OK;
}

static void expect_rule(struct fixture *f, const char *name, const char *told)
{
	f->told[0] = '\0';
	assert_int_equal(resolve_name(f->dir, name, note_resolution, f, NULL), SPN_OK);
	assert_string_equal(f->told, told);
}

static void resolve_follows_explicit_then_alias_then_upn(void **state)
{
	struct fixture *f = *state;
	expect_rule(f, "HTTP/web", "explicit pool;via http/WEB;");
	expect_rule(f, "cifs/WEB", "alias WEB$;via HOST/WEB;");
	expect_rule(f, "http/WEB:5985", "explicit WEB$;via http/WEB:5985;");
	expect_rule(f, "cifs/WEB:445", "none -;via -;");
	expect_rule(f, "MSSQLSvc/WEB", "none -;via -;");
	expect_rule(f, "mssqlsvc/UPN", "upn other;via MSSQLSvc/upn@example.com;");
}

static void resolve_says_ambiguous_when_two_accounts_hold_the_alias(void **state)
{
	struct fixture *f = *state;
	static const char twice[] =
		"dn: " BASE "\nobjectClass: domainDNS\n\n"
		"dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nservicePrincipalName: HOST/x\n\n"
		"dn: CN=b," BASE "\nobjectClass: user\nsAMAccountName: b\nservicePrincipalName: host/X\n";
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(twice, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	expect_rule(f, "http/x", "ambiguous a;via host/X;");
	assert_int_equal(resolve_name(f->dir, "http", note_resolution, f, &f->err), SPN_ERR_SYNTAX);
}

static void resolve_reads_the_mappings_of_the_directory(void **state)
{
	struct fixture *f = *state;
	static const char own[] =
		"dn: " BASE "\nobjectClass: domainDNS\n\n"
		"dn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration," BASE "\nobjectClass: nTDSService\n"
		"sPNMappings: ldap=foo,bar\nsPNMappings: host=bar,cifs\n\n"
		"dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nservicePrincipalName: HOST/x\n"
		"servicePrincipalName: ldap/x\n";
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(own, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	expect_rule(f, "bar/x", "alias a;via ldap/x;");
	expect_rule(f, "cifs/x", "alias a;via HOST/x;");
	expect_rule(f, "http/x", "none -;via -;");
}

static spn_status note_numbered(size_t i, const spn_account *account, const spn_bytes *matched,
		size_t n_matched, void *data, spn_error *err)
{
	(void)err;
	char number[16];
	snprintf(number, sizeof number, "%zu/%zu", i, n_matched);
	append_told(data, number, spn_account_name(account));
	return matched[0].data ? SPN_OK : SPN_ERR_FAILED;
}

static void many_names_are_told_in_their_order(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "http/none", "HTTP/web", "http/web*", "*" };
	assert_int_equal(spn_query_many(f->dir, names, 4, false, note_numbered, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "1/1 pool;2/2 WEB$;2/2 pool;3/4 WEB$;3/2 pool;");
	static const char *const empty[] = { "http/web", "" };
	assert_int_equal(spn_query_many(f->dir, empty, 2, false, note_numbered, f, &f->err), SPN_ERR_SYNTAX);
	assert_int_equal(spn_query_many(f->dir, names, 0, false, note_numbered, f, &f->err), SPN_ERR_INVALID);
}

static void one_holder_in_any_directory_is_enough(void **state)
{
	struct fixture *f = *state;
	spn_directory *empty = NULL;
	bool any = true;
	assert_int_equal(spn_mock_new("dn: DC=x\nobjectClass: domainDNS\n", SPN_DIALECT_WINDOWS, &empty, NULL), SPN_OK);
	spn_directory *const dirs[] = { empty, f->dir };
	assert_int_equal(spn_query_any(dirs, 2, "http/none*", false, &any, &f->err), SPN_OK);
	assert_false(any);
	assert_int_equal(spn_query_any(dirs, 2, "http/web*", false, &any, &f->err), SPN_OK);
	assert_true(any);
	assert_int_equal(spn_query_any(dirs, 2, "", false, &any, &f->err), SPN_ERR_SYNTAX);
	assert_int_equal(spn_query_any(NULL, 2, "http/web", false, &any, &f->err), SPN_ERR_INVALID);
	spn_directory_free(empty);
}

/* Of a name, what its account is called and what of it matched. */
static void put_match(spk_text *told, size_t i, const spn_account *account, const spn_bytes *matched, size_t n_matched)
{
	spk_text_add(told, "%zu %s:", i, spn_account_name(account));
	for (size_t j = 0; j < n_matched; j++)
		spk_text_add(told, " %.*s", (int)matched[j].len, matched[j].data);
	spk_text_add(told, "\n");
}

static spn_status put_one_of_many(size_t i, const spn_account *account, const spn_bytes *matched, size_t n_matched,
		void *data, spn_error *err)
{
	(void)err;
	put_match(data, i, account, matched, n_matched);
	return SPN_OK;
}

struct alone {
	spk_text told;
	size_t i;
};

static spn_status put_alone(
		const spn_account *account, const spn_bytes *matched, size_t n_matched, void *data, spn_error *err)
{
	struct alone *alone = data;
	(void)err;
	put_match(&alone->told, alone->i, account, matched, n_matched);
	return SPN_OK;
}

static void many_names_find_what_each_finds_alone(void **state)
{
	struct fixture *f = *state;
	static const char text[] =
		"dn: " BASE "\nobjectClass: domainDNS\n\n"
		"dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\n"
		"servicePrincipalName: http/web\nservicePrincipalName: http/w\xc3\xa9" "b\nservicePrincipalName: HOST/x\n\n"
		"dn: CN=b," BASE "\nobjectClass: user\nsAMAccountName: b\n"
		"servicePrincipalName: HTTP/Web\nservicePrincipalName: http/two  words\nservicePrincipalName: cifs/y\n\n"
		"dn: CN=c," BASE "\nobjectClass: user\nsAMAccountName: c\nservicePrincipalName: cifs/Y\n";
	static const char *const names[] = { "http/web", "HTTP/WEB", "http/w\303\211b", "http/none", "cifs/y",
		"*/y", "http/*",
		"host/x", "http/web", "http/two  words", "*" };
	enum { N = sizeof names / sizeof *names };
	for (unsigned chosen = 1; chosen < 1u << N; chosen += 7) {
		const char *list[N];
		size_t n = 0;
		for (size_t i = 0; i < N; i++)
			if (chosen >> i & 1)
				list[n++] = names[i];
		for (int dialect = SPN_DIALECT_WINDOWS; dialect <= SPN_DIALECT_SAMBA; dialect++) {
			SPK_AUTOTEXT spk_text told = { 0 };
			struct alone alone = { .i = 0 };
			spn_directory_free(f->dir);
			assert_int_equal(spn_mock_new(text, (spn_dialect)dialect, &f->dir, NULL), SPN_OK);
			assert_int_equal(spn_query_many(f->dir, list, n, false, put_one_of_many, &told, &f->err), SPN_OK);
			for (; alone.i < n; alone.i++)
				assert_int_equal(spn_query(f->dir, list[alone.i], false, put_alone, &alone, &f->err), SPN_OK);
			assert_int_equal(told.len, alone.told.len);
			assert_true(told.len == 0 || strcmp(told.data, alone.told.data) == 0);
			spk_text_free(&alone.told);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(an_account_is_found_in_every_form),
		with_sample(an_unknown_account_is_named),
		with_sample(a_netbios_name_is_that_of_a_partition_or_of_a_trust),
		with_sample(a_domain_is_known_if_it_is_in_the_forest_or_trusts_ours),
		with_sample(no_other_domain_is_opened_from_a_directory_that_is_no_server),
		with_sample(a_text_that_cannot_be_an_account_is_refused),
		with_sample(a_group_is_no_account),
		with_sample(a_name_that_fits_two_accounts_is_ambiguous_and_a_computer_comes_first),
		with_sample(what_changes_an_account_chooses_none_of_two),
		with_sample(who_looks_is_told_of_the_other_account),
		with_sample(what_an_entry_says_is_what_the_account_says),
		with_sample(query_finds_holders_with_what_matched),
		with_sample(a_callback_ends_a_query_with_its_own_status),
		with_sample(many_names_are_told_in_their_order),
		with_sample(one_holder_in_any_directory_is_enough),
		with_sample(many_names_find_what_each_finds_alone),
		with_sample(resolve_follows_explicit_then_alias_then_upn),
		with_sample(resolve_says_ambiguous_when_two_accounts_hold_the_alias),
		with_sample(resolve_reads_the_mappings_of_the_directory),
	};
	return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}

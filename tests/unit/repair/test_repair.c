/* SPDX-License-Identifier: MIT */
#include "ops.h"

#include <unistd.h>

static spn_repair_options telling(struct fixture *f)
{
	spn_repair_options options = SPN_REPAIR_OPTIONS_INIT;
	options.finding_fn = note_finding;
	options.group_fn = note_group;
	options.data = f;
	return options;
}

static spn_status fix(struct fixture *f, const char *server)
{
	const spn_repair_options options = telling(f);
	return spn_propose_fix(f->plan, f->dir, server, &options, &f->err);
}

static spn_status split(struct fixture *f, const char *server)
{
	const spn_repair_options options = telling(f);
	return spn_propose_split(f->plan, f->dir, server, &options, &f->err);
}

static void apply(struct fixture *f)
{
	if (spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err))
		fail_msg("%s", f->err.message);
}

static void fix_moves_the_plain_names_before_the_groups(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(fix(f, "web"), SPN_OK);
	assert_non_null(strstr(f->told, "wrong-account http/web.example.com;wrong-account http/WEB;"));
	assert_int_equal(spn_plan_count(f->plan), 3);
	assert_string_equal(spn_plan_step(f->plan, 0)->dn, POOL);
	assert_string_equal(spn_plan_step(f->plan, 1)->dn, WEB);
	assert_string_equal(spn_plan_step(f->plan, 2)->dn, WRITERS);
	apply(f);
	assert_true(holds(f, "web", "http/WEB"));
	assert_true(holds(f, "web", "http/web.example.com"));
	assert_false(holds(f, "pool", "http/WEB"));
}

/* Nobody holds the name; but clients do get a ticket, and what runs as that account reads it. */
static void who_answers_by_its_principal_is_told_before_it_loses_the_name(void **state)
{
	struct fixture *f = *state;
	spn_error error = { .status = SPN_OK };
	const spn_mod of_pool[] = { { SPN_MOD_DELETE, "servicePrincipalName", { "http/web.example.com", 20 } },
		{ SPN_MOD_DELETE, "userPrincipalName", { "pool@example.com", 16 } },
		{ SPN_MOD_ADD, "userPrincipalName", { "http/web.example.com@example.com", 32 } } };
	const spn_mod host = { SPN_MOD_DELETE, "servicePrincipalName", { "HOST/web.example.com", 20 } };
	assert_int_equal(spn_directory_modify(f->dir, POOL, of_pool, 3, &error), SPN_OK);
	assert_int_equal(spn_directory_modify(f->dir, WEB, &host, 1, &error), SPN_OK);
	assert_int_equal(fix(f, "web"), SPN_OK);
	assert_non_null(strstr(f->told, "wrong-account http/web.example.com;"));
	assert_null(strstr(f->told, "missing http/web.example.com"));
}

/* HOST/ of a third account serves one of the names that a split gives to the service. */
static void who_serves_a_name_is_told_before_a_split_takes_it(void **state)
{
	static const char ldif[] = "dn: CN=fa,DC=example,DC=com\nobjectClass: computer\nsAMAccountName: fa$\n"
				   "userAccountControl: 4096\ndNSHostName: fa.example.com\n"
				   "operatingSystem: Windows Server\n\ndn: CN=clu,DC=example,DC=com\n"
				   "objectClass: computer\nsAMAccountName: clu$\nuserAccountControl: 4096\n"
				   "servicePrincipalName: HOST/fa.example.com\n\ndn: CN=svc,DC=example,DC=com\n"
				   "objectClass: user\nsAMAccountName: svc\nservicePrincipalName: http/fa\n";
	struct fixture *f = *state;
	spn_directory *own = f->dir, *dir = NULL;
	assert_int_equal(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &dir, &f->err), SPN_OK);
	f->dir = dir;
	assert_int_equal(split(f, "fa"), SPN_OK);
	assert_non_null(strstr(f->told, "wrong-account http/fa.example.com;ok http/fa;"));
	f->dir = own;
	spn_directory_free(dir);
}

static void no_repair_makes_a_server_look_like_a_kdc(void **state)
{
	struct fixture *f = *state;
	spn_repair_options options = telling(f);
	options.service = "krbtgt";
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", &options, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "'krbtgt/web.example.com' would make 'WEB$' look like the account of a KDC");
	assert_int_equal(spn_propose_split(f->plan, f->dir, "web", &options, &f->err), SPN_ERR_REFUSED);
	assert_int_equal(spn_plan_count(f->plan), 0);
}

static void the_server_is_known_by_either_name_in_any_case(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "WEB", "web", "web.example.com", "WEB.EXAMPLE.COM" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		spn_plan_free(f->plan);
		assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
		assert_int_equal(fix(f, names[i]), SPN_OK);
		assert_int_equal(spn_plan_count(f->plan), 3);
	}
}

static void a_server_that_is_none_is_refused(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(fix(f, "nobody"), SPN_ERR_NOT_FOUND);
	assert_int_equal(fix(f, "web.elsewhere.com"), SPN_ERR_NOT_FOUND);
	assert_int_equal(fix(f, "pool"), SPN_ERR_NOT_FOUND);
	assert_int_equal(fix(f, "http/web"), SPN_ERR_SYNTAX);
	assert_int_equal(fix(f, ""), SPN_ERR_SYNTAX);
	assert_int_equal(spn_plan_count(f->plan), 0);
}

static void a_fixed_server_needs_nothing(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(fix(f, "web"), SPN_OK);
	apply(f);
	spn_plan_free(f->plan);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	f->told[0] = '\0';
	assert_int_equal(fix(f, "web"), SPN_OK);
	assert_string_equal(f->told, "ok http/web.example.com;ok http/WEB;");
	assert_int_equal(spn_plan_count(f->plan), 0);
}

static void a_name_on_an_account_of_another_domain_is_refused_when_the_forest_is_asked(void **state)
{
	struct fixture *f = *state;
	char text[sizeof sample + 200];
	spn_repair_options options = telling(f);
	options.flags = SPN_FOREST;
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", &options, NULL), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 3);
	assert_int_equal(spn_plan_step(f->plan, 1)->flags, SPN_TAKEOVER | SPN_FOREST);
	spn_plan_free(f->plan);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	spn_directory_free(f->dir);
	snprintf(text, sizeof text, "%s\ndn: CN=far,DC=other,DC=com\nobjectClass: user\nservicePrincipalName: HTTP/web\n"
			"servicePrincipalName: http/WEB:5985\n", sample);
	assert_int_equal(spn_mock_new(text, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", &options, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "'CN=far,DC=other,DC=com' in the domain 'other.com'");
	assert_int_equal(f->err.remedy, SPN_REMEDY_DOMAIN);
	assert_string_equal(f->err.remedy_at, "other.com");
	assert_int_equal(spn_propose_reset(f->plan, f->dir, "web", &options, &f->err), SPN_ERR_REFUSED);
	assert_int_equal(spn_plan_count(f->plan), 0);
	options.flags = 0;
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", &options, NULL), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 3);
}

#define GROUP(name, rid, members) "dn: CN=" name "," BASE "\nobjectClass: group\nsAMAccountName: " name "\n" \
	SID(rid) members "\n"

/* Three accounts hold names of a server, each in groups of its own, in some with others; the last one has none but the
 * primary one. */
static const char three[] =
	"dn: " BASE "\nobjectClass: domainDNS\n\n"
	"dn: " WEB "\nobjectClass: computer\nsAMAccountName: WEB$\ndNSHostName: web.example.com\n"
	"primaryGroupID: 515\n" SID("6QMAAA==")
	"servicePrincipalName: HOST/WEB\nmsDS-AdditionalDnsHostName: other.example.com\n\n"
	"dn: CN=one," BASE "\nobjectClass: user\nsAMAccountName: one\nprimaryGroupID: 513\n" SID("6wMAAA==")
	"servicePrincipalName: http/WEB\nmemberOf: CN=far,DC=elsewhere,DC=com\n\n"
	"dn: CN=two," BASE "\nobjectClass: user\nsAMAccountName: two\nprimaryGroupID: 514\n" SID("7AMAAA==")
	"servicePrincipalName: http/web.example.com\n\n"
	"dn: CN=three\\, the last," BASE "\nobjectClass: user\nsAMAccountName: three\nprimaryGroupID: 513\n" SID("7QMAAA==")
	"servicePrincipalName: http/other.example.com\n\n"
	GROUP("Domain Users", "AQIAAA==", "") GROUP("Domain Guests", "AgIAAA==", "") GROUP("Domain Computers", "AwIAAA==", "")
	GROUP("a", "TQQAAA==", "member: CN=one," BASE "\nmember: CN=nobody," BASE "\n")
	GROUP("b", "TgQAAA==", "member: cn=two , " BASE "\nmember: CN=one," BASE "\nmember: CN=three\\2c the last," BASE "\n")
	GROUP("c", "TwQAAA==", "member: CN=two," BASE "\nmember: " WEB "\n")
	GROUP("d", "UAQAAA==", "member: CN=nobody," BASE "\n");

static void each_of_several_accounts_hands_on_its_own_groups(void **state)
{
	struct fixture *f = *state;
	char url[] = "ldif:/tmp/spnkit-repair-XXXXXX";
	make_file(url, three);
	for (int i = 0; i < 2; i++) { /* by itself, as at a server; all together, as in a file */
		spn_repair_options options = telling(f);
		options.finding_fn = NULL;
		spn_directory_free(f->dir);
		f->dir = NULL;
		f->told[0] = '\0';
		assert_int_equal(i ? spn_directory_open(url, NULL, &f->dir, &f->err) :
				spn_mock_new(three, SPN_DIALECT_WINDOWS, &f->dir, &f->err), SPN_OK);
		if (spn_propose_fix(f->plan, f->dir, "web", &options, &f->err))
			fail_msg("%s", f->err.message);
		assert_string_equal(f->told,
				"Domain Users primary;a added;b added;far failed;Domain Guests primary;"
				"b already;c already;Domain Users primary;b already;");
		assert_int_equal(spn_plan_count(f->plan), 6); /* a group gets a member once */
		spn_plan_free(f->plan);
		assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	}
	unlink(url + 5);
}

static void names_that_nobody_holds_are_served_through_host_or_missing(void **state)
{
	struct fixture *f = *state;
	change(f, POOL, SPN_MOD_DELETE, "servicePrincipalName", "http/WEB");
	change(f, POOL, SPN_MOD_DELETE, "servicePrincipalName", "http/web.example.com");
	assert_int_equal(fix(f, "web"), SPN_OK);
	assert_string_equal(f->told, "ok http/web.example.com;ok http/WEB;");
	f->told[0] = '\0';
	assert_int_equal(fix(f, "db"), SPN_OK);
	assert_string_equal(f->told, "missing http/db.example.com;missing http/DB;");
	assert_int_equal(spn_plan_count(f->plan), 0);
}

static void another_service_class_is_fixed_too(void **state)
{
	struct fixture *f = *state;
	change(f, POOL, SPN_MOD_ADD, "servicePrincipalName", "MSSQLSvc/DB");
	spn_repair_options options = telling(f);
	options.service = "MSSQLSvc";
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "db", &options, NULL), SPN_OK);
	apply(f);
	assert_true(holds(f, "db", "MSSQLSvc/DB"));
	options.service = "a/b";
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "db", &options, NULL), SPN_ERR_SYNTAX);
	options.service = NULL;
	options.port = 70000;
	assert_int_equal(spn_propose_split(f->plan, f->dir, "db", &options, NULL), SPN_ERR_SYNTAX);
}

static void split_of_the_incident_changes_nothing(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(split(f, "web"), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 0);
}

static void split_gives_the_ported_names_to_the_computer_and_leaves_the_plain_ones(void **state)
{
	struct fixture *f = *state;
	change(f, WEB, SPN_MOD_DELETE, "servicePrincipalName", "http/WEB:5985");
	change(f, POOL, SPN_MOD_ADD, "servicePrincipalName", "http/WEB:5985");
	assert_int_equal(split(f, "web"), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 2);
	apply(f);
	assert_true(holds(f, "web", "http/WEB:5985"));
	assert_false(holds(f, "pool", "http/WEB:5985"));
	assert_true(holds(f, "pool", "http/WEB"));
}

static void split_puts_a_missing_plain_name_on_the_service_account(void **state)
{
	struct fixture *f = *state;
	change(f, POOL, SPN_MOD_DELETE, "servicePrincipalName", "http/web.example.com");
	change(f, WEB, SPN_MOD_ADD, "servicePrincipalName", "http/web.example.com");
	assert_int_equal(split(f, "web"), SPN_OK);
	apply(f);
	assert_true(holds(f, "pool", "http/web.example.com"));
	assert_false(holds(f, "web", "http/web.example.com"));
}

static void split_without_a_service_account_says_who_answers(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(fix(f, "web"), SPN_OK);
	apply(f);
	spn_plan_free(f->plan);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	f->told[0] = '\0';
	assert_int_equal(split(f, "web"), SPN_OK);
	assert_string_equal(f->told, "ok http/web.example.com;ok http/WEB;");
	assert_int_equal(spn_plan_count(f->plan), 0);
}

/* HOST/ of the computer does not protect a name with a port: whoever may write one account's names puts it there. */
static void who_holds_a_name_with_the_port_only_gets_nothing(void **state)
{
	struct fixture *f = *state;
	change(f, POOL, SPN_MOD_DELETE, "servicePrincipalName", "http/web.example.com");
	change(f, POOL, SPN_MOD_DELETE, "servicePrincipalName", "http/WEB");
	change(f, WEB, SPN_MOD_ADD, "servicePrincipalName", "http/WEB");
	change(f, WEB, SPN_MOD_DELETE, "servicePrincipalName", "http/WEB:5985");
	change(f, OTHER, SPN_MOD_ADD, "servicePrincipalName", "http/WEB:5985");
	assert_int_equal(spn_propose_reset(f->plan, f->dir, "web", NULL, &f->err), SPN_OK);
	apply(f);
	assert_true(holds(f, "web", "http/WEB"));
	assert_true(holds(f, "web", "http/WEB:5985"));
	assert_false(holds(f, "other", "http/WEB"));
	assert_false(holds(f, "other", "http/web.example.com"));
	assert_false(holds(f, "other", "http/WEB:5985"));
}

static void split_between_two_service_accounts_is_ambiguous(void **state)
{
	struct fixture *f = *state;
	change(f, POOL, SPN_MOD_DELETE, "servicePrincipalName", "http/web.example.com");
	change(f, OTHER, SPN_MOD_ADD, "servicePrincipalName", "http/web.example.com");
	assert_int_equal(split(f, "web"), SPN_ERR_AMBIGUOUS);
	expect_message(f, POOL);
	expect_message(f, OTHER);
}

static void split_warns_of_a_computer_without_any_name(void **state)
{
	struct fixture *f = *state;
	change(f, POOL, SPN_MOD_ADD, "servicePrincipalName", "http/DB");
	assert_int_equal(split(f, "db"), SPN_OK);
	assert_non_null(strstr(f->told, "missing -;"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(fix_moves_the_plain_names_before_the_groups),
		with_sample(who_answers_by_its_principal_is_told_before_it_loses_the_name),
		with_sample(who_serves_a_name_is_told_before_a_split_takes_it),
		with_sample(no_repair_makes_a_server_look_like_a_kdc),
		with_sample(the_server_is_known_by_either_name_in_any_case),
		with_sample(a_server_that_is_none_is_refused),
		with_sample(a_fixed_server_needs_nothing),
		with_sample(a_name_on_an_account_of_another_domain_is_refused_when_the_forest_is_asked),
		with_sample(each_of_several_accounts_hands_on_its_own_groups),
		with_sample(names_that_nobody_holds_are_served_through_host_or_missing),
		with_sample(another_service_class_is_fixed_too),
		with_sample(split_of_the_incident_changes_nothing),
		with_sample(split_gives_the_ported_names_to_the_computer_and_leaves_the_plain_ones),
		with_sample(split_puts_a_missing_plain_name_on_the_service_account),
		with_sample(split_without_a_service_account_says_who_answers),
		with_sample(who_holds_a_name_with_the_port_only_gets_nothing),
		with_sample(split_between_two_service_accounts_is_ambiguous),
		with_sample(split_warns_of_a_computer_without_any_name),
	};
	return cmocka_run_group_tests_name("repair", tests, NULL, NULL);
}

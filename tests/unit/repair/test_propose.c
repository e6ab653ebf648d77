/* SPDX-License-Identifier: MIT */
#include "ops.h"

static spn_status add(struct fixture *f, const char *account, unsigned flags, const char *name)
{
	return spn_propose_add(f->plan, f->dir, account, &name, 1, flags, note_finding, f, &f->err);
}

static spn_status delete(struct fixture *f, const char *account, const char *name)
{
	return spn_propose_delete(f->plan, f->dir, account, &name, 1, note_finding, f, &f->err);
}

static void expect_step(struct fixture *f, size_t i, const char *dn, spn_mod_op op, const char *value)
{
	const spn_step *step = spn_plan_step(f->plan, i);
	assert_non_null(step);
	assert_string_equal(step->dn, dn);
	assert_int_equal(step->mods[0].op, op);
	assert_string_equal(step->mods[0].value.data, value);
}

static void expect_no_step(struct fixture *f)
{
	assert_int_equal(spn_plan_count(f->plan), 0);
	assert_int_equal(spn_mock_calls(f->dir, SPN_FAULT_ON_MODIFY), 0);
}

static void a_free_name_is_added(void **state)
{
	assert_int_equal(add(*state, "db", 0, "MSSQLSvc/db:1433"), SPN_OK);
	expect_step(*state, 0, DB, SPN_MOD_ADD, "MSSQLSvc/db:1433");
}

static void a_name_that_poses_as_a_kdc_or_a_controller_is_told_first(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(add(f, "pool", 0, "krbtgt/OTHER.TEST"), SPN_OK);
	assert_int_equal(add(f, "pool", 0, "ldap/evil.example.com/example.com"), SPN_OK);
	assert_int_equal(add(f, "pool", 0, "ldap/evil.example.com"), SPN_OK);
	assert_string_equal(f->told, "impersonation krbtgt/OTHER.TEST;impersonation ldap/evil.example.com/example.com;");
	assert_string_equal(spn_account_poses_as(NULL, "GC/a/b"), "a domain controller");
	assert_null(spn_account_poses_as(NULL, "http/a/b"));
	assert_null(spn_account_poses_as(NULL, NULL));
}

static void a_name_held_by_another_is_refused_and_the_holder_named(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(add(f, "db", SPN_TAKEOVER, "HTTP/web"), SPN_ERR_NOT_UNIQUE);
	expect_message(f, "'" POOL "'");
	expect_message(f, "'http/WEB'");
	expect_no_step(f);
}

static void an_alias_of_anothers_host_name_is_a_takeover(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(add(f, "db", 0, "cifs/web.example.com"), SPN_ERR_NOT_UNIQUE);
	expect_message(f, "'" WEB "'");
	expect_message(f, "'HOST/web.example.com'");
	assert_int_equal(f->err.remedy, SPN_REMEDY_TAKEOVER);
	expect_no_step(f);
	assert_int_equal(add(f, "db", SPN_TAKEOVER, "cifs/web.example.com"), SPN_OK);
	assert_int_equal(spn_plan_step(f->plan, 0)->flags, SPN_TAKEOVER);
}

static void a_name_with_a_port_takes_nothing_over(void **state)
{
	assert_int_equal(add(*state, "db", 0, "http/web:8080"), SPN_OK);
}

static void the_holder_of_host_may_add_its_aliases(void **state)
{
	assert_int_equal(add(*state, "web", 0, "cifs/web"), SPN_OK);
}

static void a_name_that_is_there_is_told_and_left_alone(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(add(f, "pool", 0, "HTTP/Web"), SPN_OK);
	assert_string_equal(f->told, "present HTTP/Web;");
	expect_no_step(f);
}

static void a_malformed_name_is_refused_before_the_directory_is_asked(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(add(f, "db", 0, "http/"), SPN_ERR_SYNTAX);
	expect_message(f, "character 6");
	assert_int_equal(spn_mock_calls(f->dir, SPN_FAULT_ON_ANY), 0);
}

static void one_bad_name_among_several_leaves_the_plan_empty(void **state)
{
	struct fixture *f = *state;
	const char *const names[] = { "http/new", "http/WEB" };
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", names, 2, 0, NULL, NULL, &f->err), SPN_ERR_NOT_UNIQUE);
	expect_no_step(f);
}

static void a_name_given_twice_is_added_once(void **state)
{
	struct fixture *f = *state;
	const char *const names[] = { "http/new", "HTTP/NEW" };
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", names, 2, 0, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_step(f->plan, 0)->n_mods, 1);
}

static void a_disabled_account_is_warned_of(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(add(f, "other", 0, "http/new"), SPN_OK);
	assert_string_equal(f->told, "disabled-account -;");
}

static void a_host_name_added_beside_an_explicit_alias_elsewhere_is_warned_of(void **state)
{
	struct fixture *f = *state;
	change(f, POOL, SPN_MOD_ADD, "servicePrincipalName", "cifs/db");
	assert_int_equal(add(f, "db", 0, "HOST/db"), SPN_OK);
	assert_string_equal(f->told, "alias-conflict cifs/db;");
}

static void a_name_is_deleted_in_its_stored_spelling(void **state)
{
	assert_int_equal(delete(*state, "pool", "HTTP/web"), SPN_OK);
	expect_step(*state, 0, POOL, SPN_MOD_DELETE, "http/WEB");
}

static void a_name_that_is_not_there_is_told_with_its_holder(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(delete(f, "db", "http/web"), SPN_ERR_NOT_FOUND);
	expect_message(f, "'" POOL "' holds it");
	assert_int_equal(delete(f, "db", "http/nobody"), SPN_ERR_NOT_FOUND);
	expect_message(f, "nor on any other account");
	expect_no_step(f);
}

static int open_samba_sample(void **state)
{
	return open_with(state, SPN_DIALECT_SAMBA);
}

static void both_spellings_of_a_name_are_deleted_and_told(void **state)
{
	struct fixture *f = *state;
	change(f, POOL, SPN_MOD_ADD, "servicePrincipalName", "HTTP/Web");
	assert_int_equal(delete(f, "pool", "http/web"), SPN_OK);
	assert_int_equal(spn_plan_step(f->plan, 0)->n_mods, 2);
	assert_string_equal(f->told, "case-variant HTTP/Web;");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, NULL), SPN_OK);
	assert_false(holds(f, "pool", "HTTP/Web"));
	assert_false(holds(f, "pool", "http/WEB"));
}

static void a_malformed_name_can_be_deleted(void **state)
{
	struct fixture *f = *state;
	static const char bad[] = "dn: " BASE "\nobjectClass: domainDNS\n\ndn: " DB "\nobjectClass: user\nsAMAccountName: db\n"
			"servicePrincipalName: HOSTDYNAMICS\n";
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(bad, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	assert_int_equal(delete(f, "db", "hostdynamics"), SPN_OK);
}

static void a_move_deletes_there_and_adds_here_without_a_takeover_flag(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/web";
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "db", &name, 1, NULL, NULL, &f->err), SPN_OK);
	expect_step(f, 0, POOL, SPN_MOD_DELETE, "http/WEB");
	expect_step(f, 1, DB, SPN_MOD_ADD, "http/web");
}

static void a_move_of_a_name_that_is_at_its_goal_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/web";
	assert_int_equal(spn_propose_move(f->plan, f->dir, "db", "pool", &name, 1, note_finding, f, NULL), SPN_OK);
	assert_string_equal(f->told, "present http/web;");
	expect_no_step(f);
}

static void a_move_to_the_same_account_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/web";
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", POOL, &name, 1, NULL, NULL, &f->err), SPN_ERR_INVALID);
	expect_no_step(f);
}

static void a_failed_move_leaves_the_plan_as_it_was(void **state)
{
	struct fixture *f = *state;
	const char *const names[] = { "http/web", "http/nobody" };
	assert_int_equal(add(f, "db", 0, "http/new"), SPN_OK);
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "db", names, 2, NULL, NULL, NULL), SPN_ERR_NOT_FOUND);
	assert_int_equal(spn_plan_count(f->plan), 1);
}

/* Its userPrincipalName; on Samba, whose KDC does not look at that, the cn of a computer. */
static void what_another_serves_without_the_name_is_a_takeover(void **state)
{
	static const char upn[] = "dn: CN=old,DC=example,DC=com\nobjectClass: user\nsAMAccountName: old\n"
				  "userPrincipalName: http/old@example.com\n\ndn: CN=new,DC=example,DC=com\n"
				  "objectClass: user\nsAMAccountName: new\n\ndn: CN=off,DC=example,DC=com\nobjectClass: user\n"
				  "sAMAccountName: off\nuserAccountControl: 514\nuserPrincipalName: http/off@example.com\n\n"
				  "dn: CN=box,DC=example,DC=com\n"
				  "objectClass: computer\nsAMAccountName: box$\ncn: box\n";
	static const struct {
		spn_dialect dialect;
		const char *name, *through;
	} cases[] = { { SPN_DIALECT_WINDOWS, "http/old", "its userPrincipalName 'http/old@example.com'" },
		{ SPN_DIALECT_WINDOWS, "HOST/old", "'http/old', which 'HOST/old' covers, is served" },
		/* Windows gives no tickets for it */
		{ SPN_DIALECT_WINDOWS, "http/off", NULL }, { SPN_DIALECT_WINDOWS, "HOST/off", NULL },
		{ SPN_DIALECT_WINDOWS, "http/box", NULL }, { SPN_DIALECT_SAMBA, "http/old", NULL },
		{ SPN_DIALECT_SAMBA, "http/box", "through its cn: " } };
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		spn_directory *dir = NULL, *own = f->dir;
		assert_int_equal(spn_mock_new(upn, cases[i].dialect, &dir, &f->err), SPN_OK);
		f->dir = dir;
		spn_plan_free(f->plan);
		assert_int_equal(spn_plan_new(&f->plan, &f->err), SPN_OK);
		assert_int_equal(add(f, "new", 0, cases[i].name), cases[i].through ? SPN_ERR_NOT_UNIQUE : SPN_OK);
		if (cases[i].through) {
			expect_message(f, cases[i].through);
			assert_int_equal(f->err.remedy, SPN_REMEDY_TAKEOVER);
			expect_no_step(f);
			assert_int_equal(add(f, "new", SPN_TAKEOVER, cases[i].name), SPN_OK);
		}
		f->dir = own;
		spn_directory_free(dir);
	}
}

static void a_builder_sees_what_the_plan_will_have_done(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(delete(f, "pool", "http/web"), SPN_OK);
	assert_int_equal(add(f, "db", SPN_TAKEOVER, "http/web"), SPN_OK);
	assert_int_equal(add(f, "other", SPN_TAKEOVER, "http/web"), SPN_ERR_NOT_UNIQUE);
	expect_message(f, DB);
	assert_int_equal(delete(f, "pool", "http/web"), SPN_ERR_NOT_FOUND);
}

static void defaults_adds_the_missing_names_of_a_computer(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_propose_defaults(f->plan, f->dir, "web", note_finding, f, NULL), SPN_OK);
	const spn_step *step = spn_plan_step(f->plan, 0);
	assert_int_equal(step->n_mods, 2);
	assert_string_equal(step->mods[0].value.data, "RestrictedKrbHost/web.example.com");
	assert_string_equal(step->mods[1].value.data, "RestrictedKrbHost/WEB");
	assert_int_equal(spn_propose_defaults(f->plan, f->dir, "pool", NULL, NULL, &f->err), SPN_ERR_NOT_FOUND);
}

static void groups_are_copied_but_for_the_primary_and_the_protected_ones(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_propose_membership(f->plan, f->dir, "pool", "web", 0, note_group, f, NULL), SPN_OK);
	assert_string_equal(f->told, "Domain Users primary;readers already;writers added;Domain Admins skipped;");
	assert_int_equal(spn_plan_count(f->plan), 1);
	expect_step(f, 0, WRITERS, SPN_MOD_ADD, WEB);
	assert_int_equal(spn_plan_step(f->plan, 0)->flags, SPN_OPTIONAL);
}

static void a_protected_group_is_copied_when_that_is_wanted(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_propose_membership(f->plan, f->dir, "pool", "web", SPN_PROTECTED, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 2);
	expect_step(f, 1, ADMINS, SPN_MOD_ADD, WEB);
}

/* A flag has one value everywhere, and one that a call has no use for is refused: nothing is ignored silently. */
static void a_flag_that_a_call_does_not_support_is_refused(void **state)
{
	struct fixture *f = *state;
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/new", 8 } };
	spn_repair_options options = SPN_REPAIR_OPTIONS_INIT;
	options.flags = SPN_TAKEOVER;
	assert_int_equal(add(f, "db", SPN_OPTIONAL, "http/new"), SPN_ERR_INVALID);
	assert_int_equal(add(f, "db", SPN_TAKEOVER | 0x80000000u, "http/new"), SPN_ERR_INVALID);
	expect_message(f, "flags 0x80000000");
	assert_int_equal(spn_propose_membership(f->plan, f->dir, "pool", "web", SPN_TAKEOVER, NULL, NULL, &f->err),
			SPN_ERR_INVALID);
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", &options, &f->err), SPN_ERR_INVALID);
	expect_message(f, "spn_propose_fix");
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ 0, DB, "", &mod, 1, "", SPN_PROTECTED }, &f->err),
			SPN_ERR_INVALID);
	assert_int_equal(spn_plan_count(f->plan), 0);
}

static void a_group_that_refuses_is_told_and_the_rest_goes_on(void **state)
{
	struct fixture *f = *state;
	const spn_fault deny = { .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .dn = WRITERS, .status = SPN_ERR_DENIED };
	const spn_change_options options = { .version = SPN_CHANGE_OPTIONS_VERSION, .flags = SPN_PROTECTED | SPN_NO_JOURNAL };
	assert_int_equal(spn_mock_fault(f->dir, &deny, NULL), SPN_OK);
	assert_int_equal(spn_copy_membership(f->dir, "pool", "web", &options, note_group, f, NULL), SPN_OK);
	assert_string_equal(f->told, "Domain Users primary;readers already;writers failed;Domain Admins added;");
	f->told[0] = '\0';
	assert_int_equal(spn_list_groups(f->dir, "web", note_group, f, NULL), SPN_OK);
	assert_string_equal(f->told, "Domain Computers primary;readers already;Domain Admins already;");
}

static void the_primary_group_of_each_of_two_accounts_is_told_from_that_of_the_other(void **state)
{
	struct fixture *f = *state;
	static const char accounts[] =
		"dn: " BASE "\nobjectClass: domainDNS\n\n"
		"dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nprimaryGroupID: 513\n" SID("UAQAAA==") "\n"
		"dn: CN=b," BASE "\nobjectClass: user\nsAMAccountName: b\nprimaryGroupID: 513\n" SID("UQQAAA==") "\n"
		"dn: CN=c," BASE "\nobjectClass: user\nsAMAccountName: c\nprimaryGroupID: 515\n" SID("UgQAAA==") "\n"
		"dn: CN=users," BASE "\nobjectClass: group\nsAMAccountName: users\nmember: CN=c," BASE "\n" SID("AQIAAA==") "\n"
		"dn: CN=computers," BASE "\nobjectClass: group\nsAMAccountName: computers\n" SID("AwIAAA==");
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(accounts, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	assert_int_equal(spn_propose_membership(f->plan, f->dir, "a", "b", 0, note_group, f, NULL), SPN_OK);
	assert_string_equal(f->told, "users already;");
	f->told[0] = '\0';
	assert_int_equal(spn_propose_membership(f->plan, f->dir, "c", "b", 0, note_group, f, NULL), SPN_OK);
	assert_string_equal(f->told, "computers primary;users already;"); /* b has it as its primary one */
	f->told[0] = '\0';
	assert_int_equal(spn_propose_membership(f->plan, f->dir, "a", "c", 0, note_group, f, NULL), SPN_OK);
	assert_string_equal(f->told, "users already;");
	expect_no_step(f);
}

static void a_group_outside_the_directory_is_told(void **state)
{
	struct fixture *f = *state;
	static const char partial[] =
		"dn: " BASE "\nobjectClass: domainDNS\n\n"
		"dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nmemberOf: CN=far,DC=elsewhere,DC=com\n\n"
		"dn: CN=b," BASE "\nobjectClass: user\nsAMAccountName: b\n";
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(partial, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	assert_int_equal(spn_propose_membership(f->plan, f->dir, "a", "b", 0, note_group, f, NULL), SPN_OK);
	assert_string_equal(f->told, "far failed;");
	expect_no_step(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(a_free_name_is_added),
		with_sample(a_name_that_poses_as_a_kdc_or_a_controller_is_told_first),
		with_sample(a_name_held_by_another_is_refused_and_the_holder_named),
		with_sample(an_alias_of_anothers_host_name_is_a_takeover),
		with_sample(what_another_serves_without_the_name_is_a_takeover),
		with_sample(a_name_with_a_port_takes_nothing_over),
		with_sample(the_holder_of_host_may_add_its_aliases),
		with_sample(a_name_that_is_there_is_told_and_left_alone),
		with_sample(a_malformed_name_is_refused_before_the_directory_is_asked),
		with_sample(one_bad_name_among_several_leaves_the_plan_empty),
		with_sample(a_name_given_twice_is_added_once),
		with_sample(a_disabled_account_is_warned_of),
		with_sample(a_host_name_added_beside_an_explicit_alias_elsewhere_is_warned_of),
		with_sample(a_name_is_deleted_in_its_stored_spelling),
		with_sample(a_name_that_is_not_there_is_told_with_its_holder),
		cmocka_unit_test_setup_teardown(both_spellings_of_a_name_are_deleted_and_told, open_samba_sample, close_sample),
		with_sample(a_malformed_name_can_be_deleted),
		with_sample(a_move_deletes_there_and_adds_here_without_a_takeover_flag),
		with_sample(a_move_of_a_name_that_is_at_its_goal_changes_nothing),
		with_sample(a_move_to_the_same_account_is_refused),
		with_sample(a_failed_move_leaves_the_plan_as_it_was),
		with_sample(a_builder_sees_what_the_plan_will_have_done),
		with_sample(defaults_adds_the_missing_names_of_a_computer),
		with_sample(groups_are_copied_but_for_the_primary_and_the_protected_ones),
		with_sample(a_protected_group_is_copied_when_that_is_wanted),
		with_sample(a_flag_that_a_call_does_not_support_is_refused),
		with_sample(a_group_that_refuses_is_told_and_the_rest_goes_on),
		with_sample(the_primary_group_of_each_of_two_accounts_is_told_from_that_of_the_other),
		with_sample(a_group_outside_the_directory_is_told),
	};
	return cmocka_run_group_tests_name("propose", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* HOST/x can be moved, deleted and put back, whoever holds names that it covers; or it is not touched. */
#include "ops.h"

#include <unistd.h>

#define HOST_NAME "HOST/WEB"

static int open_samba(void **state)
{
	return open_with(state, SPN_DIALECT_SAMBA);
}
#define on_samba(test) cmocka_unit_test_setup_teardown(test, open_samba, close_sample)

static const char *const host[] = { HOST_NAME };

/* The pool holds http/WEB; another account another name that HOST/WEB covers. */
static void add_second_alias(struct fixture *f)
{
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "cifs/WEB");
}

static void open_journal(char path[64], spn_journal **ret_journal)
{
	char folder[] = "/tmp/spnkit-test-XXXXXX";
	assert_non_null(mkdtemp(folder));
	snprintf(path, 64, "%s/j", folder);
	assert_int_equal(spn_journal_create(path, "test", ret_journal, NULL), SPN_OK);
}

static void remove_journal(char path[64])
{
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

/* Carries the plan out and takes it back. */
static void do_and_undo(struct fixture *f, const char *holder_between)
{
	char path[64];
	spn_journal *journal = NULL;
	spn_plan *undo = NULL;
	open_journal(path, &journal);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, journal, NULL, NULL, &f->err), SPN_OK);
	spn_journal_free(journal);
	assert_false(holds(f, "WEB$", HOST_NAME));
	assert_true(!holder_between || holds(f, holder_between, HOST_NAME));
	assert_int_equal(spn_plan_new(&undo, NULL), SPN_OK);
	assert_int_equal(spn_propose_undo(undo, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_apply(undo, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	spn_plan_free(undo);
	assert_true(holds(f, "WEB$", HOST_NAME));
	assert_true(!holder_between || !holds(f, holder_between, HOST_NAME));
	remove_journal(path);
}

static void on_samba_it_moves_and_comes_back_past_its_aliases(void **state)
{
	struct fixture *f = *state;
	add_second_alias(f);
	assert_int_equal(spn_propose_move(f->plan, f->dir, "WEB$", "other", host, 1, NULL, NULL, &f->err), SPN_OK);
	do_and_undo(f, "other");
}

static void on_samba_it_comes_back_after_a_deletion(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "WEB$", host, 1, NULL, NULL, &f->err), SPN_OK);
	do_and_undo(f, NULL);
}

static void on_samba_a_failure_behind_its_deletion_gives_it_back(void **state)
{
	struct fixture *f = *state;
	const spn_fault deny = { .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .dn = OTHER, .status = SPN_ERR_DENIED };
	assert_int_equal(spn_propose_move(f->plan, f->dir, "WEB$", "other", host, 1, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_mock_fault(f->dir, &deny, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_ERR_DENIED);
	assert_true(holds(f, "WEB$", HOST_NAME));
}

/* Samba refuses for that, too, who may not write the account with HOST/x: that is not to be got past. */
static void on_samba_a_missing_permission_is_respected(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "cifs/WEB" };
	const spn_fault deny = { .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .nth = 1,
		.status = SPN_ERR_NOT_UNIQUE, .native = 50 };
	assert_int_equal(spn_propose_add(f->plan, f->dir, "pool", names, 1, SPN_TAKEOVER, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_mock_fault(f->dir, &deny, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_ERR_NOT_UNIQUE);
	assert_false(holds(f, "pool", "cifs/WEB"));
	assert_int_equal(spn_mock_calls(f->dir, SPN_FAULT_ON_MODIFY), 1);
}

static void take_it(spn_directory *dir, void *data)
{
	(void)data;
	/* behind a fleeting name, as another spnkit does it */
	const spn_mod mods[] = { { SPN_MOD_ADD, "servicePrincipalName", { "a/b", 3 } },
		{ SPN_MOD_DELETE, "servicePrincipalName", { "a/b", 3 } },
		{ SPN_MOD_ADD, "servicePrincipalName", { HOST_NAME, sizeof HOST_NAME - 1 } } };
	assert_int_equal(spn_directory_modify(dir, DB, mods, 3, NULL), SPN_OK);
}

static void a_name_that_another_took_meanwhile_is_left_to_it(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_propose_move(f->plan, f->dir, "WEB$", "other", host, 1, NULL, NULL, &f->err), SPN_OK);
	/* the third change is the one behind the fleeting name */
	const spn_fault race = { .kind = SPN_FAULT_CALL, .on = SPN_FAULT_ON_MODIFY, .nth = 3, .hook = take_it };
	assert_int_equal(spn_mock_fault(f->dir, &race, NULL), SPN_OK);
	assert_int_not_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "DB$", HOST_NAME));
	assert_false(holds(f, "other", HOST_NAME));
	assert_false(holds(f, "WEB$", HOST_NAME));
}

static void on_windows_it_moves_and_comes_back_past_one_alias(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_propose_move(f->plan, f->dir, "WEB$", "other", host, 1, NULL, NULL, &f->err), SPN_OK);
	do_and_undo(f, "other");
}

static void on_windows_it_stays_where_it_is_while_two_accounts_hold_aliases(void **state)
{
	struct fixture *f = *state;
	add_second_alias(f);
	assert_int_equal(spn_propose_move(f->plan, f->dir, "WEB$", "other", host, 1, NULL, NULL, &f->err), SPN_OK);
	char *before = strdup(spn_mock_ldif(f->dir));
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	expect_message(f, POOL);
	expect_message(f, DB);
	assert_string_equal(spn_mock_ldif(f->dir), before);
	free(before);
}

static void it_moves_in_a_forest_that_does_not_check_aliases(void **state)
{
	struct fixture *f = *state;
	char text[sizeof sample + 300];
	snprintf(text, sizeof text, "%s\ndn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration," BASE "\n"
			"dSHeuristics: 000000000100000000024\n", sample);
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(text, SPN_DIALECT_WINDOWS, &f->dir, &f->err), SPN_OK);
	add_second_alias(f);
	assert_int_equal(spn_propose_move(f->plan, f->dir, "WEB$", "other", host, 1, NULL, NULL, &f->err), SPN_OK);
	do_and_undo(f, "other");
}

static void on_windows_it_is_deleted_for_good_only_if_that_is_allowed(void **state)
{
	struct fixture *f = *state;
	add_second_alias(f);
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "WEB$", host, 1, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_ERR_NO_WAY_BACK);
	assert_true(holds(f, "WEB$", HOST_NAME));
	assert_int_equal(spn_plan_allow(f->plan, SPN_NO_WAY_BACK, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_false(holds(f, "WEB$", HOST_NAME));
}

static spn_status count_kept(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	assert_string_equal(finding->code, "kept");
	++*(size_t *)data;
	return SPN_OK;
}

static void what_another_account_holds_too_is_told_before_it_is_deleted(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "http/x", "http/y", "HOSTX" };
	size_t n = 0;
	spn_directory_free(f->dir);
	f->dir = NULL;
	assert_int_equal(spn_mock_new("dn: " BASE "\nobjectClass: domainDNS\n\n"
			"dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nservicePrincipalName: http/x\n"
			"servicePrincipalName: http/y\n"
			"servicePrincipalName: HOSTX\n\n"
			"dn: CN=b," BASE "\nobjectClass: user\nsAMAccountName: b\nservicePrincipalName: HTTP/X\n",
			SPN_DIALECT_WINDOWS, &f->dir, &f->err), SPN_OK);
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "a", names, 3, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_one_way(f->plan, f->dir, count_kept, &n, &f->err), SPN_OK);
	assert_int_equal(n, 2);
	assert_int_equal(spn_plan_one_way(f->plan, f->dir, NULL, &n, &f->err), SPN_ERR_INVALID);
}

/* As fix does it of a duplicate: undo leaves the name with the third one. */
static void what_two_accounts_hold_is_told_before_a_third_one_gets_it(void **state)
{
	struct fixture *f = *state;
	static const char *const name[] = { "http/x" };
	size_t n = 0;
	spn_directory_free(f->dir);
	f->dir = NULL;
	assert_int_equal(spn_mock_new("dn: " BASE "\nobjectClass: domainDNS\n\n"
			"dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nservicePrincipalName: http/x\n\n"
			"dn: CN=b," BASE "\nobjectClass: user\nsAMAccountName: b\nservicePrincipalName: HTTP/X\n\n"
			"dn: CN=c," BASE "\nobjectClass: user\nsAMAccountName: c\n",
			SPN_DIALECT_WINDOWS, &f->dir, &f->err), SPN_OK);
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "a", name, 1, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "b", name, 1, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "c", name, 1, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_one_way(f->plan, f->dir, count_kept, &n, &f->err), SPN_OK);
	assert_int_equal(n, 2);
}

static void what_moves_twice_is_not_told(void **state)
{
	struct fixture *f = *state;
	static const char *const name[] = { "http/WEB" };
	size_t n = 0;
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "DB$", name, 1, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_propose_move(f->plan, f->dir, "DB$", "other", name, 1, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_one_way(f->plan, f->dir, count_kept, &n, &f->err), SPN_OK);
	assert_int_equal(n, 0);
}

static void what_moves_is_not_told(void **state)
{
	struct fixture *f = *state;
	static const char *const name[] = { "http/WEB" };
	size_t n = 0;
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "DB$", name, 1, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_one_way(f->plan, f->dir, count_kept, &n, &f->err), SPN_OK);
	assert_int_equal(n, 0);
}

static void an_unknown_permission_is_refused(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_plan_allow(f->plan, SPN_TAKEOVER, &f->err), SPN_ERR_INVALID);
}

/* A computer may write its own names.  Samba makes host/x of its HOST/x for whoever adds an alias, and fails if that is
 * there already: with the name on its way between two accounts, that would be the end of it. */
static void on_samba_an_alias_does_not_move_while_another_account_has_its_host_name_in_two_spellings(void **state)
{
	struct fixture *f = *state;
	const char *alias = "http/WEB";
	change(f, WEB, SPN_MOD_ADD, "servicePrincipalName", "host/web");
	assert_int_equal(
			spn_propose_move(f->plan, f->dir, "pool", "other", &alias, 1, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "'" WEB "' (WEB$) holds 'HOST/WEB' in two spellings");
	change(f, WEB, SPN_MOD_DELETE, "servicePrincipalName", "host/web");
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "other", &alias, 1, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_preflight(f->plan, f->dir, &f->err), SPN_OK);
}

static void plan_change(struct fixture *f, const char *dn, spn_mod_op op, const char *name)
{
	const spn_mod mod = { op, "servicePrincipalName", { name, strlen(name) } };
	const spn_step step = { .dn = dn, .mods = &mod, .n_mods = 1, .flags = SPN_TAKEOVER };
	assert_int_equal(spn_plan_append(f->plan, &step, &f->err), SPN_OK);
}

/* Behind the whole undo two accounts hold names that it covers; what takes that back begins with one of them. */
static void on_windows_it_comes_back_before_an_alias_goes_back_to_its_second_holder(void **state)
{
	struct fixture *f = *state;
	change(f, WEB, SPN_MOD_ADD, "servicePrincipalName", "cifs/WEB");
	plan_change(f, WEB, SPN_MOD_DELETE, "cifs/WEB");
	plan_change(f, POOL, SPN_MOD_ADD, "cifs/WEB");
	plan_change(f, WEB, SPN_MOD_DELETE, HOST_NAME);
	plan_change(f, OTHER, SPN_MOD_ADD, HOST_NAME);
	do_and_undo(f, "other");
	assert_true(holds(f, "WEB$", "cifs/WEB"));
}

static void on_windows_it_comes_back_before_its_aliases_do(void **state)
{
	struct fixture *f = *state;
	add_second_alias(f);
	assert_int_equal(spn_plan_allow(f->plan, SPN_NO_WAY_BACK, NULL), SPN_OK);
	plan_change(f, POOL, SPN_MOD_DELETE, "http/WEB");
	plan_change(f, DB, SPN_MOD_DELETE, "cifs/WEB");
	plan_change(f, WEB, SPN_MOD_DELETE, HOST_NAME);
	do_and_undo(f, NULL);
	assert_true(holds(f, "pool", "http/WEB") && holds(f, "db", "cifs/WEB"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_samba(on_samba_it_moves_and_comes_back_past_its_aliases),
		on_samba(on_samba_it_comes_back_after_a_deletion),
		on_samba(on_samba_a_failure_behind_its_deletion_gives_it_back),
		on_samba(on_samba_a_missing_permission_is_respected),
		on_samba(a_name_that_another_took_meanwhile_is_left_to_it),
		on_samba(on_samba_an_alias_does_not_move_while_another_account_has_its_host_name_in_two_spellings),
		with_sample(on_windows_it_moves_and_comes_back_past_one_alias),
		with_sample(it_moves_in_a_forest_that_does_not_check_aliases),
		with_sample(on_windows_it_stays_where_it_is_while_two_accounts_hold_aliases),
		with_sample(on_windows_it_is_deleted_for_good_only_if_that_is_allowed),
		with_sample(on_windows_it_comes_back_before_an_alias_goes_back_to_its_second_holder),
		with_sample(on_windows_it_comes_back_before_its_aliases_do),
		with_sample(what_another_account_holds_too_is_told_before_it_is_deleted),
		with_sample(what_two_accounts_hold_is_told_before_a_third_one_gets_it),
		with_sample(what_moves_is_not_told),
		with_sample(what_moves_twice_is_not_told),
		with_sample(an_unknown_permission_is_refused),
	};
	return cmocka_run_group_tests_name("wayback", tests, NULL, NULL);
}

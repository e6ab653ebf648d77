/* SPDX-License-Identifier: MIT */
#include "ops.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <spnkit/backend.h>

/* fix of web: pool -= 2 names, WEB += 2 names, writers += WEB (optional). */
static int open_with_fix(void **state)
{
	open_sample(state);
	struct fixture *f = *state;
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	return 0;
}
#define with_fix(test) cmocka_unit_test_setup_teardown(test, open_with_fix, close_sample)

static spn_status note_step(size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data,
		spn_error *err)
{
	(void)step, (void)why, (void)err;
	char number[16];
	snprintf(number, sizeof number, "%zu", i);
	append_told(data, number, spn_step_state_name(state));
	return SPN_OK;
}

static spn_status apply(struct fixture *f)
{
	return spn_plan_apply(f->plan, f->dir, NULL, note_step, f, &f->err);
}

static void fault(struct fixture *f, spn_fault fault)
{
	assert_int_equal(spn_mock_fault(f->dir, &fault, NULL), SPN_OK);
}

static void expect_as_at_the_start(struct fixture *f)
{
	spn_mock_clear(f->dir);
	assert_true(holds(f, "pool", "http/WEB"));
	assert_true(holds(f, "pool", "http/web.example.com"));
	assert_false(holds(f, "web", "http/WEB"));
	f->told[0] = '\0';
	assert_int_equal(spn_list_groups(f->dir, "web", note_group, f, NULL), SPN_OK);
	assert_string_equal(f->told, "Domain Computers primary;readers already;");
}

static void steps_are_told_as_they_are_done(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(apply(f), SPN_OK);
	assert_string_equal(f->told, "0 planned;0 done;1 planned;1 done;2 planned;2 done;");
}

static void a_failure_in_the_middle_undoes_what_was_done(void **state)
{
	struct fixture *f = *state;
	fault(f, (spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .nth = 2, .status = SPN_ERR_DENIED,
		.native = 50, .win32 = 0x2098 });
	assert_int_equal(apply(f), SPN_ERR_DENIED);
	assert_int_equal(f->err.native, 50);
	assert_int_equal(f->err.win32, 0x2098);
	assert_string_equal(f->told, "0 planned;0 done;1 planned;1 failed;0 undone;");
	expect_as_at_the_start(f);
}

/* The n changes behind the first one. */
static void fail_modifies(struct fixture *f, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		fault(f, (spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .nth = 2, .status = SPN_ERR_DENIED });
}

/* As two names, of which a controller would not take one back. */
static void what_cannot_be_taken_back_together_is_taken_back_one_by_one(void **state)
{
	struct fixture *f = *state;
	fail_modifies(f, 2); /* the second step; what takes the first one back, as a whole */
	assert_int_equal(apply(f), SPN_ERR_DENIED);
	expect_as_at_the_start(f);
}

static void a_failure_that_cannot_be_undone_is_half_done(void **state)
{
	struct fixture *f = *state;
	fail_modifies(f, 4); /* the second step; what takes the first one back, as a whole and name by name */
	assert_int_equal(apply(f), SPN_ERR_HALF_DONE);
	expect_message(f, "could not be rolled back");
}

/* What a controller tells whoever may write the service account and nothing else. */
static void limit_rights(struct fixture *f)
{
	change(f, POOL, SPN_MOD_ADD, "sDRightsEffective", "0");
	change(f, POOL, SPN_MOD_ADD, "allowedAttributesEffective", "servicePrincipalName");
	change(f, WEB, SPN_MOD_ADD, "sDRightsEffective", "0");
}

static void names_are_not_taken_away_if_they_can_neither_be_given_nor_put_back(void **state)
{
	struct fixture *f = *state;
	limit_rights(f);
	assert_int_equal(apply(f), SPN_ERR_DENIED);
	expect_message(f, "servicePrincipalName of '" WEB "'");
	assert_string_equal(f->told, "");
	expect_as_at_the_start(f);
	change(f, WEB, SPN_MOD_ADD, "allowedAttributesEffective", "servicePrincipalName");
	assert_int_equal(apply(f), SPN_OK);
}

/* HOST/WEB stands for the names, wherever they go. */
static void nor_if_an_alias_is_in_the_way_back(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { "http/WEB" };
	limit_rights(f);
	change(f, OTHER, SPN_MOD_ADD, "sDRightsEffective", "0");
	change(f, OTHER, SPN_MOD_ADD, "allowedAttributesEffective", "servicePrincipalName");
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "other", names, 1, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(apply(f), SPN_ERR_DENIED);
	expect_message(f, "servicePrincipalName of '" WEB "'");
	assert_true(holds(f, "pool", "http/WEB"));
}

static void an_optional_step_that_fails_does_not_end_the_work(void **state)
{
	struct fixture *f = *state;
	fault(f, (spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .dn = WRITERS, .status = SPN_ERR_DENIED });
	assert_int_equal(apply(f), SPN_OK);
	assert_string_equal(f->told, "0 planned;0 done;1 planned;1 done;2 planned;2 failed;");
	assert_int_equal(f->err.status, SPN_OK);
}

static void a_lost_reply_is_replaced_by_a_look(void **state)
{
	struct fixture *f = *state;
	for (unsigned long n = 1; n <= 3; n++)
		fault(f, (spn_fault){ .kind = SPN_FAULT_LOST_REPLY, .on = SPN_FAULT_ON_MODIFY, .nth = n });
	assert_int_equal(apply(f), SPN_OK);
	assert_true(holds(f, "web", "http/WEB"));
}

static void a_change_that_was_not_made_and_not_answered_is_a_failure(void **state)
{
	struct fixture *f = *state;
	fault(f, (spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .nth = 3, .status = SPN_ERR_UNREACHABLE });
	assert_int_equal(apply(f), SPN_ERR_UNREACHABLE);
	expect_as_at_the_start(f);
}

static void die(spn_directory *mock, void *data)
{
	(void)mock;
	struct fixture *f = data;
	fault(f, (spn_fault){ .kind = SPN_FAULT_FAIL, .status = SPN_ERR_UNREACHABLE });
}

static void a_server_that_dies_in_the_middle_leaves_a_journal(void **state)
{
	struct fixture *f = *state;
	char folder[] = "/tmp/spnkit-test-XXXXXX", path[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/j.ldif", folder);
	spn_journal *journal = NULL;
	assert_int_equal(spn_journal_create(path, "fix web", &journal, NULL), SPN_OK);
	fault(f, (spn_fault){ .kind = SPN_FAULT_CALL, .on = SPN_FAULT_ON_MODIFY, .nth = 3, .hook = die, .hook_data = f });
	assert_int_equal(spn_plan_apply(f->plan, f->dir, journal, NULL, NULL, &f->err), SPN_ERR_HALF_DONE);
	expect_message(f, path);
	spn_journal_free(journal);
	spn_mock_clear(f->dir);
	spn_plan *undo = NULL;
	assert_int_equal(spn_plan_new(&undo, NULL), SPN_OK);
	assert_int_equal(spn_propose_undo(undo, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_apply(undo, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	spn_plan_free(undo);
	expect_as_at_the_start(f);
	unlink(path);
	rmdir(folder);
}

static void take_the_name(spn_directory *mock, void *data)
{
	(void)data;
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/new", 8 } };
	spn_directory_modify(mock, OTHER, &mod, 1, NULL);
}

static void propose_new(struct fixture *f)
{
	const char *name = "http/new";
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, 0, NULL, NULL, NULL), SPN_OK);
}

static void a_name_taken_since_the_plan_is_not_added(void **state)
{
	struct fixture *f = *state;
	propose_new(f);
	take_the_name(f->dir, NULL);
	assert_int_equal(apply(f), SPN_ERR_NOT_UNIQUE);
	expect_message(f, OTHER);
	assert_false(holds(f, "db", "http/new"));
	assert_int_equal(spn_mock_calls(f->dir, SPN_FAULT_ON_MODIFY), 1); /* the other writer's */
}

/* The mock refuses a duplicate as a domain controller does, so the other writer wins before ours is sent... */
static void a_name_taken_while_we_write_is_left_to_the_winner(void **state)
{
	struct fixture *f = *state;
	propose_new(f);
	fault(f, (spn_fault){ .kind = SPN_FAULT_CALL, .on = SPN_FAULT_ON_MODIFY, .nth = 1, .hook = take_the_name });
	assert_int_equal(apply(f), SPN_ERR_NOT_UNIQUE);
	expect_message(f, OTHER);
	assert_false(holds(f, "db", "http/new"));
	assert_true(holds(f, "other", "http/new"));
}

static void a_value_gone_since_the_plan_is_refused_and_nothing_changed(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/web";
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "db", &name, 1, NULL, NULL, NULL), SPN_OK);
	change(f, POOL, SPN_MOD_DELETE, "servicePrincipalName", "http/WEB");
	assert_int_equal(apply(f), SPN_ERR_REFUSED);
	expect_message(f, "which the plan expects");
	assert_false(holds(f, "db", "http/web"));
}

static void take_the_value_away(spn_directory *dir, void *data)
{
	(void)data;
	const spn_mod mod = { SPN_MOD_DELETE, "servicePrincipalName", { "http/WEB", 8 } };
	assert_int_equal(spn_directory_modify(dir, POOL, &mod, 1, NULL), SPN_OK);
}

static void a_value_gone_while_we_write_is_refused_likewise(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/web";
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "db", &name, 1, NULL, NULL, NULL), SPN_OK);
	fault(f, (spn_fault){ .kind = SPN_FAULT_CALL, .on = SPN_FAULT_ON_MODIFY, .nth = 1, .hook = take_the_value_away });
	assert_int_equal(apply(f), SPN_ERR_REFUSED);
	expect_message(f, "another writer came in between");
	assert_false(holds(f, "db", "http/web"));
}

static void a_takeover_since_the_plan_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *name = "cifs/db";
	assert_int_equal(spn_propose_add(f->plan, f->dir, "other", &name, 1, 0, NULL, NULL, NULL), SPN_OK);
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "HOST/db");
	assert_int_equal(apply(f), SPN_ERR_NOT_UNIQUE);
	expect_message(f, DB);
}

static spn_status stop_at_second(size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data,
		spn_error *err)
{
	(void)step, (void)why, (void)data;
	return i == 1 && state == SPN_STEP_PLANNED ? spn_fail(err, SPN_ERR_STOPPED, 0, "stopped by the caller") : SPN_OK;
}

static void a_caller_who_stops_gets_everything_undone(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, stop_at_second, NULL, &f->err), SPN_ERR_STOPPED);
	assert_string_equal(f->err.message, "stopped by the caller");
	expect_as_at_the_start(f);
}

static void a_name_deleted_in_another_case_comes_back_in_its_own(void **state)
{
	struct fixture *f = *state;
	const spn_mod mods[] = { { SPN_MOD_DELETE, "servicePrincipalName", { "HTTP/web", 8 } } };
	const spn_mod never[] = { { SPN_MOD_ADD, "servicePrincipalName", { "http/new", 8 } } };
	const spn_step first = { .dn = POOL, .mods = mods, .n_mods = 1 }, second = { .dn = DB, .mods = never, .n_mods = 1 };
	assert_int_equal(spn_plan_append(f->plan, &first, NULL), SPN_OK);
	assert_int_equal(spn_plan_append(f->plan, &second, NULL), SPN_OK);
	fault(f, (spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .dn = DB, .status = SPN_ERR_DENIED });
	assert_int_equal(apply(f), SPN_ERR_DENIED);
	assert_true(strstr(f->told, "0 undone;") != NULL);
	assert_true(holds(f, "pool", "http/WEB"));
}

/* For n = 0, 1, 2, ... call n to the directory fails, until the work passes. */
static void whichever_call_fails_the_directory_is_unchanged_or_undoable(void **state)
{
	struct fixture *f = *state;
	static const spn_status statuses[] = { SPN_ERR_UNREACHABLE, SPN_ERR_DENIED, SPN_ERR_FAILED, SPN_ERR_NOMEM };
	for (size_t s = 0; s < sizeof statuses / sizeof statuses[0]; s++) {
		unsigned long n = 1;
		for (spn_status status = SPN_ERR_FAILED; status; n++) {
			close_sample(state);
			open_with_fix(state);
			f = *state;
			fault(f, (spn_fault){ .kind = SPN_FAULT_FAIL, .nth = n, .status = statuses[s] });
			status = apply(f);
			spn_mock_clear(f->dir);
			bool optional_failed = strstr(f->told, "0 failed");
			if (status)
				expect_as_at_the_start(f);
			else
				assert_true(holds(f, "web", "http/WEB") && !holds(f, "pool", "http/WEB"));
			if (optional_failed && !status)
				status = SPN_ERR_FAILED; /* gone on without the group: the next call is still to fail */
			assert_true(n < 100);
		}
		assert_true(n > 6);
	}
}

static void when_the_journal_cannot_be_written_nothing_is_sent(void **state)
{
	struct fixture *f = *state;
	char folder[] = "/tmp/spnkit-test-XXXXXX", path[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/j.ldif", folder);
	struct rlimit old, none;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	for (rlim_t size = 0; size < 100000; size += 200) {
		spn_journal *journal = NULL;
		assert_int_equal(spn_journal_create(path, "fix web", &journal, NULL), SPN_OK);
		none = (struct rlimit){ size, old.rlim_max };
		signal(SIGXFSZ, SIG_IGN);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
		spn_status status = spn_plan_apply(f->plan, f->dir, journal, NULL, NULL, &f->err);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		spn_journal_free(journal);
		unlink(path);
		if (!status)
			break;
		assert_int_equal(status, SPN_ERR_FAILED);
		expect_message(f, path);
		if (size == 0)
			assert_int_equal(spn_mock_calls(f->dir, SPN_FAULT_ON_MODIFY), 0);
		expect_as_at_the_start(f);
	}
	assert_true(holds(f, "web", "http/WEB"));
	assert_int_equal(rmdir(folder), 0); /* no temporary file stays */
}

/* ---- steps that are on their way together ---- */

/* OTHER joins readers, writers and admins: three steps that do not depend on each other. */
static void propose_three_groups(struct fixture *f)
{
	static const char *const groups[] = { READERS, WRITERS, ADMINS };
	const spn_mod mod = { SPN_MOD_ADD, "member", { OTHER, strlen(OTHER) } };
	for (size_t i = 0; i < 3; i++) {
		const spn_step step = { 0, groups[i], "", &mod, 1, "", SPN_OPTIONAL };
		assert_int_equal(spn_plan_append(f->plan, &step, NULL), SPN_OK);
	}
}

static void groups_of(struct fixture *f, const char *account)
{
	f->told[0] = '\0';
	assert_int_equal(spn_list_groups(f->dir, account, note_group, f, NULL), SPN_OK);
}

static void independent_steps_are_announced_together(void **state)
{
	struct fixture *f = *state;
	propose_three_groups(f);
	assert_int_equal(apply(f), SPN_OK);
	assert_string_equal(f->told, "0 planned;1 planned;2 planned;0 done;1 done;2 done;");
	groups_of(f, "other");
	assert_string_equal(f->told, "readers already;writers already;Domain Admins already;");
}

static void one_of_them_that_fails_leaves_the_others_alone(void **state)
{
	struct fixture *f = *state;
	propose_three_groups(f);
	fault(f, (spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .dn = WRITERS, .status = SPN_ERR_DENIED });
	assert_int_equal(apply(f), SPN_OK);
	assert_string_equal(f->told, "0 planned;1 planned;2 planned;0 done;1 failed;2 done;");
}

static void what_was_done_of_them_is_undone_with_the_rest(void **state)
{
	struct fixture *f = *state;
	propose_three_groups(f);
	const spn_mod mod = { SPN_MOD_DELETE, "servicePrincipalName", { "http/WEB", 8 } };
	const spn_step last = { 0, POOL, "pool", &mod, 1, "", 0 };
	assert_int_equal(spn_plan_append(f->plan, &last, NULL), SPN_OK);
	fault(f, (spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .nth = 1, .status = SPN_ERR_DENIED });
	fault(f, (spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .dn = POOL, .status = SPN_ERR_REFUSED });
	assert_int_equal(apply(f), SPN_ERR_REFUSED);
	assert_string_equal(f->told,
			"0 planned;1 planned;2 planned;0 failed;1 done;2 done;3 planned;3 failed;2 undone;1 undone;");
	groups_of(f, "other");
	assert_string_equal(f->told, "");
}

static void a_lost_reply_to_one_of_them_is_replaced_by_a_look(void **state)
{
	struct fixture *f = *state;
	propose_three_groups(f);
	fault(f, (spn_fault){ .kind = SPN_FAULT_LOST_REPLY, .on = SPN_FAULT_ON_MODIFY, .nth = 2 });
	assert_int_equal(apply(f), SPN_OK);
	groups_of(f, "other");
	assert_string_equal(f->told, "readers already;writers already;Domain Admins already;");
}

static void a_server_that_dies_among_them_leaves_a_journal_of_all(void **state)
{
	struct fixture *f = *state;
	char folder[] = "/tmp/spnkit-test-XXXXXX", path[64];
	propose_three_groups(f);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/j.ldif", folder);
	spn_journal *journal = NULL;
	assert_int_equal(spn_journal_create(path, "copy-groups", &journal, NULL), SPN_OK);
	fault(f, (spn_fault){ .kind = SPN_FAULT_CALL, .on = SPN_FAULT_ON_MODIFY, .nth = 2, .hook = die, .hook_data = f });
	assert_int_equal(spn_plan_apply(f->plan, f->dir, journal, NULL, NULL, &f->err), SPN_ERR_HALF_DONE);
	spn_journal_free(journal);
	spn_mock_clear(f->dir);
	spn_plan *undo = NULL;
	assert_int_equal(spn_plan_new(&undo, NULL), SPN_OK);
	assert_int_equal(spn_propose_undo(undo, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_true(spn_plan_count(undo) >= 1); /* the one that stands */
	assert_int_equal(spn_plan_apply(undo, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	spn_plan_free(undo);
	groups_of(f, "other");
	assert_string_equal(f->told, "");
	unlink(path);
	rmdir(folder);
}

static void append(struct fixture *f, const char *dn, spn_mod_op op, const char *attr, const char *value,
		unsigned flags)
{
	const spn_mod mod = { op, attr, { value, strlen(value) } };
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = dn, .mods = &mod, .n_mods = 1, .flags = flags },
			NULL), SPN_OK);
	assert_int_equal(spn_plan_allow(f->plan, SPN_ANY_ATTRIBUTE, NULL), SPN_OK);
}

static void a_step_that_cannot_be_taken_back_does_not_keep_the_others_from_it(void **state)
{
	struct fixture *f = *state;
	append(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/one", 0);
	append(f, OTHER, SPN_MOD_ADD, "servicePrincipalName", "http/two", 0);
	append(f, POOL, SPN_MOD_ADD, "servicePrincipalName", "http/three", 0);
	fault(f, (spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .dn = POOL, .status = SPN_ERR_DENIED });
	fault(f, (spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .dn = OTHER, .nth = 2,
			.status = SPN_ERR_DENIED });
	assert_int_equal(apply(f), SPN_ERR_HALF_DONE);
	assert_string_equal(f->told, "0 planned;0 done;1 planned;1 done;2 planned;2 failed;0 undone;");
	assert_true(holds(f, "other", "http/two"));
	assert_false(holds(f, "db", "http/one"));
}

/* Another writer, when the first step is done. */
static spn_status do_what_the_next_one_does(size_t i, const spn_step *step, spn_step_state state,
		const spn_error *why, void *data, spn_error *err)
{
	struct fixture *f = data;
	const spn_step *next = spn_plan_step(f->plan, 1);
	if (i == 0 && state == SPN_STEP_DONE)
		assert_int_equal(spn_directory_modify(f->dir, next->dn, next->mods, next->n_mods, NULL), SPN_OK);
	return note_step(i, step, state, why, data, err);
}

static void a_name_that_another_writer_takes_away_is_not_recorded_as_deleted(void **state)
{
	struct fixture *f = *state;
	append(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/new", 0);
	append(f, POOL, SPN_MOD_DELETE, "servicePrincipalName", "http/WEB", 0);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, do_what_the_next_one_does, f, &f->err), SPN_ERR_REFUSED);
	assert_int_equal(spn_mock_calls(f->dir, SPN_FAULT_ON_MODIFY), 3);
}

/* The directory lets an administrator do it. */
static spn_status add_what_serves_the_next_name(size_t i, const spn_step *step, spn_step_state state,
		const spn_error *why, void *data, spn_error *err)
{
	struct fixture *f = data;
	if (i == 0 && state == SPN_STEP_DONE)
		change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "HOST/new");
	return note_step(i, step, state, why, data, err);
}

static void a_takeover_while_we_write_is_refused(void **state)
{
	struct fixture *f = *state;
	append(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/one", 0);
	append(f, OTHER, SPN_MOD_ADD, "servicePrincipalName", "cifs/new", 0);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, add_what_serves_the_next_name, f, &f->err), SPN_ERR_NOT_UNIQUE);
	expect_message(f, DB);
	assert_false(holds(f, "other", "cifs/new"));
}

static void a_second_value_where_one_is_taken_is_foreseen(void **state)
{
	struct fixture *f = *state;
	change(f, POOL, SPN_MOD_ADD, "msDS-SupportedEncryptionTypes", "4");
	append(f, POOL, SPN_MOD_ADD, "msDS-SupportedEncryptionTypes", "24", 0);
	assert_int_equal(spn_plan_preflight(f->plan, f->dir, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "takes one value only");
}

/* The journal would say that it was added, and an undo of work that was interrupted there would take it away. */
static void a_value_that_is_there_already_is_refused_before_it_is_recorded(void **state)
{
	struct fixture *f = *state;
	append(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/new", 0);
	append(f, POOL, SPN_MOD_ADD, "description", "new", 0);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, do_what_the_next_one_does, f, &f->err), SPN_ERR_EXISTS);
	/* the first step, the other writer, the first step taken back */
	assert_int_equal(spn_mock_calls(f->dir, SPN_FAULT_ON_MODIFY), 3);
	assert_string_equal(f->told, "0 planned;0 done;1 failed;0 undone;");
}

static void so_is_one_of_several_that_are_sent_at_once(void **state)
{
	struct fixture *f = *state;
	append(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/new", 0);
	append(f, READERS, SPN_MOD_ADD, "member", OTHER, SPN_OPTIONAL);
	append(f, WRITERS, SPN_MOD_ADD, "member", OTHER, SPN_OPTIONAL);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, do_what_the_next_one_does, f, &f->err), SPN_OK);
	/* the first step, the other writer, the third step */
	assert_int_equal(spn_mock_calls(f->dir, SPN_FAULT_ON_MODIFY), 3);
	assert_string_equal(f->told, "0 planned;0 done;1 failed;2 planned;2 done;");
}

static void a_plan_with_a_step_that_would_be_refused_is_not_begun(void **state)
{
	struct fixture *f = *state;
	append(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/new", 0);
	append(f, OTHER, SPN_MOD_ADD, "servicePrincipalName", "http/WEB", 0);
	assert_int_equal(apply(f), SPN_ERR_NOT_UNIQUE);
	assert_string_equal(f->told, "1 failed;");
	assert_int_equal(spn_mock_calls(f->dir, SPN_FAULT_ON_MODIFY), 0);
}

static void a_value_deleted_in_another_case_comes_back_in_its_own(void **state)
{
	struct fixture *f = *state;
	change(f, POOL, SPN_MOD_ADD, "description", "Web Service");
	append(f, POOL, SPN_MOD_DELETE, "description", "WEB service", 0);
	append(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/new", 0);
	fault(f, (spn_fault){ .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .dn = DB, .status = SPN_ERR_DENIED });
	assert_int_equal(apply(f), SPN_ERR_DENIED);
	assert_non_null(strstr(spn_mock_ldif(f->dir), "description: Web Service\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_fix(steps_are_told_as_they_are_done),
		with_fix(a_failure_in_the_middle_undoes_what_was_done),
		with_fix(a_failure_that_cannot_be_undone_is_half_done),
		with_fix(what_cannot_be_taken_back_together_is_taken_back_one_by_one),
		with_sample(a_step_that_cannot_be_taken_back_does_not_keep_the_others_from_it),
		with_fix(names_are_not_taken_away_if_they_can_neither_be_given_nor_put_back),
		with_sample(a_value_that_is_there_already_is_refused_before_it_is_recorded),
		with_sample(so_is_one_of_several_that_are_sent_at_once),
		with_sample(a_name_that_another_writer_takes_away_is_not_recorded_as_deleted),
		with_sample(a_takeover_while_we_write_is_refused),
		with_sample(a_second_value_where_one_is_taken_is_foreseen),
		with_sample(a_plan_with_a_step_that_would_be_refused_is_not_begun),
		with_sample(a_value_deleted_in_another_case_comes_back_in_its_own),
		with_sample(nor_if_an_alias_is_in_the_way_back),
		with_fix(an_optional_step_that_fails_does_not_end_the_work),
		with_fix(a_lost_reply_is_replaced_by_a_look),
		with_fix(a_change_that_was_not_made_and_not_answered_is_a_failure),
		with_fix(a_server_that_dies_in_the_middle_leaves_a_journal),
		with_sample(a_name_taken_since_the_plan_is_not_added),
		with_sample(a_name_taken_while_we_write_is_left_to_the_winner),
		with_sample(a_value_gone_since_the_plan_is_refused_and_nothing_changed),
		with_sample(a_value_gone_while_we_write_is_refused_likewise),
		with_sample(a_takeover_since_the_plan_is_refused),
		with_fix(a_caller_who_stops_gets_everything_undone),
		with_sample(a_name_deleted_in_another_case_comes_back_in_its_own),
		with_fix(whichever_call_fails_the_directory_is_unchanged_or_undoable),
		with_fix(when_the_journal_cannot_be_written_nothing_is_sent),
		with_sample(independent_steps_are_announced_together),
		with_sample(one_of_them_that_fails_leaves_the_others_alone),
		with_sample(what_was_done_of_them_is_undone_with_the_rest),
		with_sample(a_lost_reply_to_one_of_them_is_replaced_by_a_look),
		with_sample(a_server_that_dies_among_them_leaves_a_journal_of_all),
	};
	return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}

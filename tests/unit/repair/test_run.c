/* SPDX-License-Identifier: MIT */
/* What a caller sees of a change from its plan to its outcome, and what becomes of it. */
#include "journal_helper.h"

static const char *const name = "http/new";

/* Everything that the options are told, in order. */
static struct told {
	struct fixture *f;
	spn_status confirms; /* what confirm_fn returns */
	spn_outcome outcome;
	char journal[256];
	spn_stage stages[16];
	size_t n_stages;
} told;

static spn_status see_plan(const spn_plan *plan, void *data, spn_error *err)
{
	char n[24];
	(void)err;
	snprintf(n, sizeof n, "%zu", spn_plan_count(plan));
	append_told(data, "plan", n);
	return SPN_OK;
}

static spn_status confirm(const spn_plan *plan, void *data, spn_error *err)
{
	(void)plan;
	append_told(data, "confirm", NULL);
	return told.confirms ? spn_fail(err, told.confirms, 0, "no") : SPN_OK;
}

static spn_status see_step(size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data,
		spn_error *err)
{
	(void)i, (void)step, (void)why, (void)err;
	append_told(data, "step", spn_step_state_name(state));
	return SPN_OK;
}

static spn_status see_outcome(const spn_outcome *outcome, void *data, spn_error *err)
{
	(void)err;
	append_told(data, "outcome", NULL);
	told.outcome = *outcome;
	snprintf(told.journal, sizeof told.journal, "%s", outcome->journal ? outcome->journal : "");
	return SPN_OK;
}

static const char *folder_of_journals(void)
{
	static char path[128];
	snprintf(path, sizeof path, "%s/state/spnkit/", folder);
	return path;
}

static spn_change_options seeing(struct fixture *f)
{
	spn_change_options options = SPN_CHANGE_OPTIONS_INIT;
	told = (struct told){ .f = f };
	*f->told = '\0';
	options.journal = folder_of_journals();
	options.title = "a test";
	options.plan_fn = see_plan;
	options.finding_fn = note_finding;
	options.confirm_fn = confirm;
	options.step_fn = see_step;
	options.outcome_fn = see_outcome;
	options.data = f;
	return options;
}

static void propose_move(struct fixture *f)
{
	const char *moved = "http/WEB";
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "DB$", &moved, 1, NULL, NULL, &f->err), SPN_OK);
}

static size_t count_journals(void)
{
	spn_journal_info *info = NULL;
	size_t n = 0;
	while (spn_journal_standing(folder_of_journals(), n, &info, NULL) == SPN_OK) {
		spn_journal_info_free(info);
		n++;
	}
	return n;
}

static void a_plan_is_shown_then_confirmed_then_carried_out_then_told(void **state)
{
	struct fixture *f = *state;
	const spn_change_options options = seeing(f);
	propose_move(f);
	assert_int_equal(spn_plan_run(f->plan, f->dir, &options, &f->err), SPN_OK);
	assert_string_equal(f->told, "plan 2;confirm -;step planned;step done;step planned;step done;outcome -;");
	assert_true(told.outcome.changed);
	assert_int_equal(told.outcome.n_planned, 2);
	assert_int_equal(told.outcome.n_steps, 2);
	assert_int_equal(told.outcome.undoable, SPN_UNDOABLE_ALL);
	assert_null(told.outcome.late);
	assert_true(holds(f, "DB$", "http/WEB"));
	assert_int_equal(spn_undo(f->dir, told.journal, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "pool", "http/WEB"));
}

static void nothing_is_written_unless_it_is_confirmed(void **state)
{
	struct fixture *f = *state;
	const spn_change_options options = seeing(f);
	char *before = strdup(spn_mock_ldif(f->dir));
	propose_move(f);
	told.confirms = SPN_ERR_REFUSED;
	assert_int_equal(spn_plan_run(f->plan, f->dir, &options, &f->err), SPN_ERR_REFUSED);
	assert_string_equal(f->told, "plan 2;confirm -;");
	assert_string_equal(f->err.message, "no");
	assert_string_equal(spn_mock_ldif(f->dir), before);
	assert_int_equal(count_journals(), 0);
	free(before);
}

static spn_status refuse_finding(const spn_finding *finding, void *data, spn_error *err)
{
	(void)data;
	return strcmp(finding->code, "guessable") == 0 ? spn_fail(err, SPN_ERR_REFUSED, 0, "not to a person") : SPN_OK;
}

/* What is found out about a plan is a reason to refuse it. */
static void nothing_is_written_if_a_finding_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *const held[] = { "http/WEB", "http/web.example.com" };
	spn_change_options options = seeing(f);
	assert_int_equal(spn_delete(f->dir, "pool", held, 2, &options, &f->err), SPN_OK);
	char *before = strdup(spn_mock_ldif(f->dir));
	options.finding_fn = refuse_finding;
	*f->told = '\0';
	assert_int_equal(spn_add_unique(f->dir, "pool", &name, 1, &options, &f->err), SPN_ERR_REFUSED);
	assert_string_equal(f->err.message, "not to a person");
	assert_string_equal(f->told, "plan 1;");
	assert_string_equal(spn_mock_ldif(f->dir), before);
	free(before);
}

static void every_call_that_changes_something_asks_for_confirmation(void **state)
{
	struct fixture *f = *state;
	const char *held = "http/WEB";
	const spn_change_options options = seeing(f);
	told.confirms = SPN_ERR_REFUSED;
	char *before = strdup(spn_mock_ldif(f->dir));
	assert_int_equal(spn_add_unique(f->dir, "db", &name, 1, &options, &f->err), SPN_ERR_REFUSED);
	assert_int_equal(spn_delete(f->dir, "pool", &held, 1, &options, &f->err), SPN_ERR_REFUSED);
	assert_int_equal(spn_copy_membership(f->dir, "pool", "DB$", &options, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	assert_int_equal(spn_fix(f->dir, NULL, "web", NULL, &options, NULL, &f->err), SPN_ERR_REFUSED);
	assert_string_equal(spn_mock_ldif(f->dir), before);
	free(before);
}

static void a_dry_run_asks_nobody_and_says_what_would_become_of_it(void **state)
{
	struct fixture *f = *state;
	spn_change_options options = seeing(f);
	options.flags = SPN_DRY_RUN;
	char *before = strdup(spn_mock_ldif(f->dir));
	propose_move(f);
	assert_int_equal(spn_plan_run(f->plan, f->dir, &options, &f->err), SPN_OK);
	assert_string_equal(f->told, "plan 2;outcome -;");
	assert_true(told.outcome.changed);
	assert_int_equal(told.outcome.n_steps, 2);
	assert_string_equal(told.journal, "");
	assert_string_equal(spn_mock_ldif(f->dir), before);
	assert_int_equal(count_journals(), 0);
	free(before);
}

static void a_dry_run_fails_as_the_real_one_would(void **state)
{
	struct fixture *f = *state;
	spn_change_options options = seeing(f);
	options.flags = SPN_DRY_RUN;
	propose_move(f);
	const char *held = "http/WEB";
	options.journal = "/dev/null";
	assert_int_equal(spn_plan_run(f->plan, f->dir, &options, &f->err), SPN_ERR_FAILED);
	assert_int_equal(f->err.remedy, SPN_REMEDY_JOURNAL);
	options.flags = 0;
	assert_int_equal(spn_plan_run(f->plan, f->dir, &options, &f->err), SPN_ERR_FAILED);
	assert_int_equal(f->err.remedy, SPN_REMEDY_JOURNAL);
	options = seeing(f);
	options.flags = SPN_DRY_RUN;
	assert_int_equal(spn_delete(f->dir, "pool", &held, 1, &(spn_change_options){ .version = 1, .flags = SPN_NO_JOURNAL },
			&f->err), SPN_OK);
	assert_int_equal(spn_plan_run(f->plan, f->dir, &options, &f->err), SPN_ERR_REFUSED);
	assert_string_equal(f->told, "plan 2;");
	options.flags = 0;
	assert_int_equal(spn_plan_run(f->plan, f->dir, &options, &f->err), SPN_ERR_REFUSED);
}

static void a_plan_without_steps_is_shown_and_leaves_no_journal(void **state)
{
	struct fixture *f = *state;
	const spn_change_options options = seeing(f);
	assert_int_equal(spn_plan_run(f->plan, f->dir, &options, &f->err), SPN_OK);
	assert_string_equal(f->told, "plan 0;outcome -;");
	assert_false(told.outcome.changed);
	assert_int_equal(told.outcome.n_planned, 0);
	assert_int_equal(count_journals(), 0);
}

static void what_is_half_done_has_an_outcome_with_its_journal(void **state)
{
	struct fixture *f = *state;
	const spn_change_options options = seeing(f);
	propose_move(f);
	spn_mock_fault(f->dir, &(spn_fault){ .on = SPN_FAULT_ON_MODIFY, .dn = DB, .status = SPN_ERR_DENIED }, NULL);
	spn_mock_fault(f->dir,
			&(spn_fault){ .on = SPN_FAULT_ON_MODIFY, .dn = POOL, .nth = 2, .status = SPN_ERR_FAILED },
			NULL);
	assert_int_equal(spn_plan_run(f->plan, f->dir, &options, &f->err), SPN_ERR_HALF_DONE);
	assert_true(told.outcome.half_done);
	assert_true(told.outcome.changed);
	assert_int_equal(access(told.journal, F_OK), 0);
}

static void names_that_are_not_there_are_ignored_on_request(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "http/absent", "HTTP/web" };
	spn_change_options options = seeing(f);
	assert_int_equal(spn_delete(f->dir, "pool", names, 2, &options, &f->err), SPN_ERR_NOT_FOUND);
	options = seeing(f);
	options.flags = SPN_IF_PRESENT;
	assert_int_equal(spn_delete(f->dir, "pool", names, 2, &options, &f->err), SPN_OK);
	assert_memory_equal(f->told, "absent http/absent;plan 1;", 25);
	assert_false(holds(f, "pool", "http/WEB"));
	options = seeing(f);
	options.flags = SPN_IF_PRESENT;
	assert_int_equal(spn_delete(f->dir, "pool", names, 2, &options, &f->err), SPN_OK);
	assert_string_equal(f->told, "absent http/absent;absent HTTP/web;plan 0;outcome -;");
}

static spn_journal_state state_of(const char *path)
{
	spn_journal_info *info = NULL;
	assert_int_equal(spn_journal_read(path, &info, NULL), SPN_OK);
	spn_journal_state state = info->state;
	spn_journal_info_free(info);
	return state;
}

static void an_undo_that_gives_all_back_marks_the_journal(void **state)
{
	struct fixture *f = *state;
	spn_undo_end end = SPN_UNDO_PARTLY;
	char path[256];
	propose_move(f);
	snprintf(path, sizeof path, "%s", apply(f, "move", SPN_OK));
	const spn_change_options options = seeing(f);
	assert_int_equal(spn_undo(f->dir, path, &options, &end, &f->err), SPN_OK);
	assert_int_equal(end, SPN_UNDO_WHOLE);
	assert_int_equal(state_of(path), SPN_JOURNAL_UNDONE);
	assert_int_equal(count_journals(), 0);
	assert_true(holds(f, "pool", "http/WEB"));
}

static void an_undo_of_which_something_is_left_does_not_mark_the_journal(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "http/WEB", "http/web.example.com" };
	spn_undo_end end = SPN_UNDO_WHOLE;
	char path[256];
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "pool", names, 2, NULL, NULL, &f->err), SPN_OK);
	snprintf(path, sizeof path, "%s", apply(f, "delete", SPN_OK));
	assert_int_equal(spn_add_unique(f->dir, "DB$", names, 1, &(spn_change_options){ .version = 1,
			.flags = SPN_NO_JOURNAL | SPN_TAKEOVER }, &f->err), SPN_OK);
	const spn_change_options options = seeing(f);
	assert_int_equal(spn_undo(f->dir, path, &options, &end, &f->err), SPN_OK);
	assert_non_null(strstr(f->told, "kept -;"));
	assert_int_equal(end, SPN_UNDO_PARTLY);
	assert_int_equal(state_of(path), SPN_JOURNAL_DONE);
	assert_true(holds(f, "pool", "http/web.example.com"));
}

static void a_dry_undo_marks_nothing(void **state)
{
	struct fixture *f = *state;
	char path[256];
	propose_move(f);
	snprintf(path, sizeof path, "%s", apply(f, "move", SPN_OK));
	spn_change_options options = seeing(f);
	options.flags = SPN_DRY_RUN;
	assert_int_equal(spn_undo(f->dir, path, &options, NULL, &f->err), SPN_OK);
	assert_int_equal(state_of(path), SPN_JOURNAL_DONE);
	assert_true(holds(f, "DB$", "http/WEB"));
}

static void the_newest_journal_that_may_be_undone_comes_first(void **state)
{
	struct fixture *f = *state;
	spn_journal_info *info = NULL;
	char first[256], second[256];
	assert_int_equal(spn_journal_standing(folder_of_journals(), 0, &info, &f->err), SPN_ERR_NOT_FOUND);
	propose_move(f);
	snprintf(first, sizeof first, "%s", apply(f, "first", SPN_OK));
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, 0, NULL, NULL, &f->err), SPN_OK);
	snprintf(second, sizeof second, "%s", apply(f, "second", SPN_OK));
	assert_int_equal(count_journals(), 2);
	assert_int_equal(spn_journal_standing(folder_of_journals(), 0, &info, &f->err), SPN_OK);
	assert_string_equal(info->path, second);
	info = spn_journal_info_free(info);
	assert_int_equal(spn_journal_forget(second, &f->err), SPN_OK);
	assert_int_equal(spn_journal_standing(folder_of_journals(), 0, &info, &f->err), SPN_OK);
	assert_string_equal(info->path, first);
	spn_journal_info_free(info);
}

/* ---- a server ---- */

static spn_status see_stage(spn_stage stage, const char *text, const spn_error *why, void *data, spn_error *err)
{
	(void)text, (void)why, (void)data, (void)err;
	assert_true(told.n_stages < sizeof told.stages / sizeof *told.stages);
	told.stages[told.n_stages++] = stage;
	return SPN_OK;
}

/* On a port that is not WinRM's, only the KDC is asked. */
static spn_repair_options repairing(struct fixture *f)
{
	spn_repair_options options = SPN_REPAIR_OPTIONS_INIT;
	options.port = 8080;
	options.group_fn = note_group;
	options.stage_fn = see_stage;
	options.data = f;
	return options;
}

static spn_status fix_with(struct fixture *f, int krb5_code, const spn_change_options *change, bool *ret_ok)
{
	const spn_repair_options options = repairing(f);
	spn_kdc *kdc = NULL;
	assert_int_equal(spn_mock_kdc_new(&kdc, NULL), SPN_OK);
	assert_int_equal(spn_mock_kdc_answer(kdc, &(spn_mock_answer){ .krb5_code = krb5_code }, NULL), SPN_OK);
	spn_status status = spn_fix(f->dir, kdc, "web", &options, change, ret_ok, &f->err);
	spn_kdc_free(kdc);
	return status;
}

static void a_server_that_is_repaired_is_looked_at_again(void **state)
{
	struct fixture *f = *state;
	const spn_change_options change = seeing(f);
	bool ok = false;
	assert_int_equal(fix_with(f, 0, &change, &ok), SPN_OK);
	assert_true(ok);
	assert_true(holds(f, "web", "http/WEB"));
	assert_int_equal(told.n_stages, 2);
	assert_int_equal(told.stages[0], SPN_STAGE_VALIDATED);
	assert_int_equal(told.stages[1], SPN_STAGE_MEMBERS);
	assert_non_null(strstr(f->told, "outcome -;writers added;"));
}

static void a_service_that_is_refused_all_the_same_is_not_called_repaired(void **state)
{
	struct fixture *f = *state;
	const spn_change_options change = seeing(f);
	bool ok = true;
	assert_int_equal(fix_with(f, 7, &change, &ok), SPN_OK);
	assert_false(ok);
	assert_int_equal(told.stages[0], SPN_STAGE_VALIDATED);
	assert_int_equal(told.stages[1], SPN_STAGE_NOT_VALID);
}

static void what_names_do_not_cause_is_not_repaired_by_moving_them(void **state)
{
	struct fixture *f = *state;
	const spn_change_options change = seeing(f);
	char *before = strdup(spn_mock_ldif(f->dir));
	bool ok = true;
	assert_int_equal(fix_with(f, 37, &change, &ok), SPN_OK);
	assert_false(ok);
	assert_int_equal(told.n_stages, 1);
	assert_int_equal(told.stages[0], SPN_STAGE_OTHER_REPAIR);
	assert_string_equal(spn_mock_ldif(f->dir), before);
	free(before);
}

static void leave(spn_directory *mock, void *data)
{
	(void)data;
	const spn_mod mod = { SPN_MOD_DELETE, "member", { WEB, strlen(WEB) } };
	(void)spn_directory_modify(mock, WRITERS, &mod, 1, NULL);
}

static spn_status leave_behind(const spn_outcome *outcome, void *data, spn_error *err)
{
	(void)outcome, (void)err;
	leave(((struct fixture *)data)->dir, NULL);
	return SPN_OK;
}

static void a_membership_that_another_writer_takes_away_again_is_told(void **state)
{
	struct fixture *f = *state;
	spn_change_options change = seeing(f);
	bool ok = true;
	change.outcome_fn = leave_behind;
	assert_int_equal(fix_with(f, 0, &change, &ok), SPN_OK);
	assert_false(ok);
	assert_int_equal(told.n_stages, 3);
	assert_int_equal(told.stages[2], SPN_STAGE_MEMBER_LOST);
}

static void reset_stores_the_tickets_while_the_names_are_away(void **state)
{
	struct fixture *f = *state;
	const spn_change_options change = seeing(f);
	spn_repair_options options = repairing(f);
	spn_kdc *kdc = NULL;
	bool ok = false;
	options.port = 0;
	assert_int_equal(spn_reset(f->dir, NULL, "web", &options, &change, &ok, &f->err), SPN_ERR_INVALID);
	assert_int_equal(spn_mock_kdc_new(&kdc, NULL), SPN_OK);
	assert_int_equal(spn_mock_kdc_answer(kdc, &(spn_mock_answer){ .krb5_code = 0 }, NULL), SPN_OK);
	assert_int_equal(spn_reset(f->dir, kdc, "web", &options, &change, &ok, &f->err), SPN_OK);
	assert_true(ok);
	assert_true(spn_mock_kdc_stores(kdc) > 0);
	assert_int_equal(told.stages[0], SPN_STAGE_TICKETS);
	assert_int_equal(told.stages[1], SPN_STAGE_VALIDATED);
	assert_true(holds(f, "pool", "http/WEB"));
	spn_kdc_free(kdc);
}

static void names_come_back_if_there_is_no_ticket(void **state)
{
	struct fixture *f = *state;
	const spn_change_options change = seeing(f);
	spn_kdc *kdc = NULL;
	char *before = strdup(spn_mock_ldif(f->dir));
	assert_int_equal(spn_mock_kdc_new(&kdc, NULL), SPN_OK);
	assert_int_not_equal(spn_reset(f->dir, kdc, "web", NULL, &change, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "pool", "http/WEB"));
	assert_true(holds(f, "pool", "http/web.example.com"));
	spn_kdc_free(kdc);
	free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_folder(a_plan_is_shown_then_confirmed_then_carried_out_then_told),
		with_folder(nothing_is_written_unless_it_is_confirmed),
		with_folder(nothing_is_written_if_a_finding_is_refused),
		with_folder(every_call_that_changes_something_asks_for_confirmation),
		with_folder(a_dry_run_asks_nobody_and_says_what_would_become_of_it),
		with_folder(a_dry_run_fails_as_the_real_one_would),
		with_folder(a_plan_without_steps_is_shown_and_leaves_no_journal),
		with_folder(what_is_half_done_has_an_outcome_with_its_journal),
		with_folder(names_that_are_not_there_are_ignored_on_request),
		with_folder(an_undo_that_gives_all_back_marks_the_journal),
		with_folder(an_undo_of_which_something_is_left_does_not_mark_the_journal),
		with_folder(a_dry_undo_marks_nothing),
		with_folder(the_newest_journal_that_may_be_undone_comes_first),
		with_folder(a_server_that_is_repaired_is_looked_at_again),
		with_folder(a_service_that_is_refused_all_the_same_is_not_called_repaired),
		with_folder(what_names_do_not_cause_is_not_repaired_by_moving_them),
		with_folder(a_membership_that_another_writer_takes_away_again_is_told),
		with_folder(reset_stores_the_tickets_while_the_names_are_away),
		with_folder(names_come_back_if_there_is_no_ticket),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

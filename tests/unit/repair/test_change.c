/* SPDX-License-Identifier: MIT */
/* The calls that change a directory by themselves: what they record, and what takes it back. */
#include "ops.h"

#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const name = "http/new";

/* A home of its own, in which the default folder for journals is. */
static char home[64];

static int open_with_home(void **state)
{
	snprintf(home, sizeof home, "/tmp/spnkit-test-XXXXXX");
	return mkdtemp(home) && setenv("HOME", home, 1) == 0 && unsetenv("XDG_STATE_HOME") == 0 ? open_sample(state) : -1;
}

static int remove_home(void **state)
{
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", home);
	return close_sample(state) || system(command);
}
#define with_home(test) cmocka_unit_test_setup_teardown(test, open_with_home, remove_home)

static const char *in_home(const char *rest)
{
	static char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", home, rest);
	return path;
}

/* The journal that a listing found last, and how many it found. */
struct found {
	char path[PATH_MAX], title[200];
	unsigned n;
};

static spn_status take(const spn_journal_info *info, void *data, spn_error *err)
{
	(void)err;
	struct found *found = data;
	snprintf(found->path, sizeof found->path, "%s", info->path);
	snprintf(found->title, sizeof found->title, "%s", info->title);
	found->n++;
	return SPN_OK;
}

static struct found journals(const char *folder)
{
	struct found found = { .n = 0 };
	spn_error err = { .status = SPN_OK };
	if (spn_journal_list(folder, take, &found, &err))
		fail_msg("%s", err.message);
	return found;
}

/* Undoes the one journal of a folder, which has this title; the directory is as it was. */
static void expect_undo(struct fixture *f, const char *folder, const char *title, const char *before)
{
	const struct found found = journals(folder);
	assert_int_equal(found.n, 1);
	assert_string_equal(found.title, title);
	assert_string_not_equal(spn_mock_ldif(f->dir), before);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, found.path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_string_equal(spn_mock_ldif(f->dir), before);
}

static void a_change_is_recorded_in_the_default_folder_and_undone(void **state)
{
	struct fixture *f = *state;
	char *before = strdup(spn_mock_ldif(f->dir));
	struct stat st;
	assert_int_equal(spn_add_unique(f->dir, "db", &name, 1, NULL, &f->err), SPN_OK);
	expect_undo(f, NULL, "add http/new db", before);
	assert_int_equal(stat(in_home(".local/state/spnkit"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	free(before);
}

static void names_that_were_deleted_come_back(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { "http/web", "HTTP/WEB.example.com" };
	assert_int_equal(spn_delete(f->dir, "pool", names, 2, NULL, &f->err), SPN_OK);
	assert_false(holds(f, "pool", "http/WEB"));
	const struct found found = journals(NULL);
	assert_string_equal(found.title, "delete http/web HTTP/WEB.example.com pool");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, found.path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "pool", "http/WEB"));
	assert_true(holds(f, "pool", "http/web.example.com"));
}

static void copied_memberships_are_recorded_and_undone(void **state)
{
	struct fixture *f = *state;
	char *before = strdup(spn_mock_ldif(f->dir));
	assert_int_equal(spn_copy_membership(f->dir, "pool", "web", NULL, NULL, NULL, &f->err), SPN_OK);
	expect_undo(f, NULL, "copy-groups pool web", before);
	free(before);
}

static void a_journal_is_where_the_caller_wants_it(void **state)
{
	struct fixture *f = *state;
	char *before = strdup(spn_mock_ldif(f->dir));
	char folder[PATH_MAX];
	spn_change_options options = SPN_CHANGE_OPTIONS_INIT;
	snprintf(folder, sizeof folder, "%s", in_home("mine/"));
	options.journal = folder;
	assert_int_equal(spn_add_unique(f->dir, "db", &name, 1, &options, &f->err), SPN_OK);
	expect_undo(f, folder, "add http/new db", before);
	assert_int_equal(journals(NULL).n, 0);
	options.journal = in_home("one.ldif");
	assert_int_equal(spn_add_unique(f->dir, "db", &name, 1, &options, &f->err), SPN_OK);
	assert_int_equal(access(in_home("one.ldif"), F_OK), 0);
	free(before);
}

static void none_is_recorded_only_if_the_caller_says_so(void **state)
{
	struct fixture *f = *state;
	spn_change_options options = SPN_CHANGE_OPTIONS_INIT;
	options.flags = SPN_NO_JOURNAL;
	unsetenv("HOME"); /* nor is a place for one required */
	assert_int_equal(spn_add_unique(f->dir, "db", &name, 1, &options, &f->err), SPN_OK);
	assert_int_equal(spn_copy_membership(f->dir, "pool", "web", &options, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_delete(f->dir, "db", &name, 1, &options, &f->err), SPN_OK);
	setenv("HOME", home, 1);
	assert_int_equal(journals(NULL).n, 0);
}

/* Each of the calls is refused, and changes nothing. */
static void expect_refusal(struct fixture *f, const spn_change_options *options, spn_status status, const char *why)
{
	char *before = strdup(spn_mock_ldif(f->dir));
	const char *held = "http/web";
	assert_int_equal(spn_add_unique(f->dir, "db", &name, 1, options, &f->err), status);
	expect_message(f, why);
	assert_int_equal(spn_delete(f->dir, "pool", &held, 1, options, &f->err), status);
	expect_message(f, why);
	assert_int_equal(spn_copy_membership(f->dir, "pool", "web", options, NULL, NULL, &f->err), status);
	expect_message(f, why);
	assert_string_equal(spn_mock_ldif(f->dir), before);
	free(before);
}

static void a_file_that_exists_is_refused_and_nothing_is_changed(void **state)
{
	struct fixture *f = *state;
	spn_change_options options = SPN_CHANGE_OPTIONS_INIT;
	options.journal = in_home("precious");
	FILE *file = fopen(options.journal, "w");
	assert_non_null(file);
	fclose(file);
	expect_refusal(f, &options, SPN_ERR_FAILED, "already exists");
	assert_int_equal(access(options.journal, F_OK), 0);
	options.journal = "/dev/null/journal.ldif";
	expect_refusal(f, &options, SPN_ERR_FAILED, "cannot create the journal");
}

static void without_a_place_for_the_journal_nothing_is_changed(void **state)
{
	struct fixture *f = *state;
	unsetenv("HOME");
	expect_refusal(f, NULL, SPN_ERR_FAILED, "set HOME");
	setenv("XDG_STATE_HOME", "relative", 1);
	expect_refusal(f, NULL, SPN_ERR_FAILED, "set HOME");
	unsetenv("XDG_STATE_HOME");
}

static void options_that_make_no_sense_are_refused_and_nothing_is_changed(void **state)
{
	struct fixture *f = *state;
	expect_refusal(f, &(spn_change_options){ .version = 0 }, SPN_ERR_INVALID, "version 0");
	expect_refusal(f, &(spn_change_options){ .version = SPN_CHANGE_OPTIONS_VERSION + 1 }, SPN_ERR_INVALID, "version 3");
	expect_refusal(f, &(spn_change_options){ .version = SPN_CHANGE_OPTIONS_VERSION, .flags = SPN_OPTIONAL },
			SPN_ERR_INVALID, "flags 0x8 ");
	expect_refusal(f, &(spn_change_options){ .version = SPN_CHANGE_OPTIONS_VERSION, .flags = 0x80000000u },
			SPN_ERR_INVALID, "flags 0x80000000");
	expect_refusal(f,
			&(spn_change_options){ .version = SPN_CHANGE_OPTIONS_VERSION,
					.flags = SPN_NO_JOURNAL,
					.journal = "x" },
			SPN_ERR_INVALID, "SPN_NO_JOURNAL");
	assert_int_equal(journals(NULL).n, 0);
}

static void a_call_that_changes_nothing_leaves_no_journal(void **state)
{
	struct fixture *f = *state;
	const char *there = "http/web:5985", *taken = "http/web";
	assert_int_equal(spn_add_unique(f->dir, "web", &there, 1, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_add_unique(f->dir, "db", &taken, 1, NULL, &f->err), SPN_ERR_NOT_UNIQUE);
	assert_int_equal(spn_delete(f->dir, "web", &taken, 1, NULL, &f->err), SPN_ERR_NOT_FOUND);
	assert_int_equal(journals(NULL).n, 0);
}

static void flags_of_the_options_count(void **state)
{
	struct fixture *f = *state;
	const char *covered = "cifs/web";
	spn_change_options options = SPN_CHANGE_OPTIONS_INIT;
	assert_int_equal(spn_add_unique(f->dir, "db", &covered, 1, &options, &f->err), SPN_ERR_NOT_UNIQUE);
	options.flags = SPN_TAKEOVER;
	assert_int_equal(spn_add_unique(f->dir, "db", &covered, 1, &options, &f->err), SPN_OK);
	assert_true(holds(f, "db", covered));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_home(a_change_is_recorded_in_the_default_folder_and_undone),
		with_home(names_that_were_deleted_come_back),
		with_home(copied_memberships_are_recorded_and_undone),
		with_home(a_journal_is_where_the_caller_wants_it),
		with_home(none_is_recorded_only_if_the_caller_says_so),
		with_home(a_file_that_exists_is_refused_and_nothing_is_changed),
		with_home(without_a_place_for_the_journal_nothing_is_changed),
		with_home(options_that_make_no_sense_are_refused_and_nothing_is_changed),
		with_home(a_call_that_changes_nothing_leaves_no_journal),
		with_home(flags_of_the_options_count),
	};
	return cmocka_run_group_tests_name("change", tests, NULL, NULL);
}

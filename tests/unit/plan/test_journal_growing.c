/* SPDX-License-Identifier: MIT */
/* Journals of work that was ended in the middle, when the file had grown by one record a step. */
#include <unistd.h>

#include "journal_helper.h"

enum { MAX_STEPS = 16 };

/* The journal and the directory as they were when each step had been done. */
struct snapshots {
	struct fixture *f;
	const spn_journal *journal;
	char *text[MAX_STEPS], *ldif[MAX_STEPS];
	size_t n;
	bool removes; /* the file, behind each step */
};

static spn_status take(size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data,
		spn_error *err)
{
	struct snapshots *taken = data;
	(void)i;
	(void)step;
	(void)why;
	(void)err;
	if (state != SPN_STEP_DONE)
		return SPN_OK;
	assert_true(taken->n < MAX_STEPS);
	taken->text[taken->n] = strdup(read_whole(spn_journal_path(taken->journal)));
	taken->ldif[taken->n++] = strdup(spn_mock_ldif(taken->f->dir));
	if (taken->removes)
		assert_int_equal(unlink(spn_journal_path(taken->journal)), 0);
	return SPN_OK;
}

static void apply_and_watch(struct fixture *f, struct snapshots *taken)
{
	char in[128];
	spn_journal *journal = NULL;
	snprintf(in, sizeof in, "%s/", folder);
	assert_int_equal(spn_journal_create(in, "test", &journal, &f->err), SPN_OK);
	taken->f = f;
	taken->journal = journal;
	assert_int_equal(spn_plan_apply(f->plan, f->dir, journal, take, taken, &f->err), SPN_OK);
	assert_true(taken->n > 0);
	spn_journal_free(journal);
}

static void forget(struct snapshots *taken)
{
	for (size_t i = 0; i < taken->n; i++) {
		free(taken->text[i]);
		free(taken->ldif[i]);
	}
}

/* Writes a journal as it was found, beside a directory as it was left; what the test had before goes. */
static struct fixture *find_left(void **state, const char *text, size_t len, const char *ldif, char path[128])
{
	close_sample(state);
	struct fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	*state = f;
	assert_int_equal(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	snprintf(path, 128, "%s/left.ldif", folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	return f;
}

static void undo(struct fixture *f, const char *path)
{
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
}

/* The order of values says nothing. */
static bool has_the_same_lines(const char *a, const char *b)
{
	for (const char *line = strchr(a, '\n'), *end; line && (end = strchr(line + 1, '\n')); line = end) {
		char text[256] = "";
		assert_true((size_t)(end + 1 - line) < sizeof text);
		memcpy(text, line, (size_t)(end + 1 - line)); /* with the ends of both lines */
		if (!strstr(b, text))
			return false;
	}
	return strlen(a) == strlen(b);
}

static void work_that_was_ended_behind_any_step_is_taken_back_whole(void **state)
{
	struct fixture *f = *state;
	struct snapshots taken = { .n = 0 };
	char path[128], *start = strdup(spn_mock_ldif(f->dir));
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	apply_and_watch(f, &taken);
	assert_true(taken.n > 2);
	for (size_t i = 0; i < taken.n; i++) {
		f = find_left(state, taken.text[i], strlen(taken.text[i]), taken.ldif[i], path);
		undo(f, path);
		assert_string_equal(f->told, "");
		assert_true(has_the_same_lines(spn_mock_ldif(f->dir), start));
	}
	free(start);
	forget(&taken);
}

/* The name went from A to B, to nobody and back to B: only the right order brings it back to A. */
static void the_last_step_is_taken_back_first(void **state)
{
	struct fixture *f = *state;
	struct snapshots taken = { .n = 0 };
	const char *name = "http/WEB";
	char path[128];
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "db", &name, 1, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "db", &name, 1, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, SPN_TAKEOVER, NULL, NULL, NULL), SPN_OK);
	apply_and_watch(f, &taken);
	size_t last = taken.n - 1;
	f = find_left(state, taken.text[last], strlen(taken.text[last]), taken.ldif[last], path);
	undo(f, path);
	assert_true(holds(f, "pool", "http/WEB"));
	assert_false(holds(f, "db", "http/WEB"));
	forget(&taken);
}

/* Wherever the machine lost power: what was written down whole is taken back, and no name is lost.  With the ends of
 * lines of a copy that went through Windows as well. */
static void a_record_that_was_cut_off_loses_no_name(void **state)
{
	struct fixture *f = *state;
	struct snapshots taken = { .n = 0 };
	char path[128], dos[8000];
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	apply_and_watch(f, &taken);
	const char *text = taken.text[taken.n - 1], *ldif = taken.ldif[taken.n - 1];
	size_t n_dos = 0;
	for (const char *c = text; *c; c++)
		n_dos += (size_t)snprintf(dos + n_dos, sizeof dos - n_dos, "%s%c", *c == '\n' ? "\r" : "", *c);
	unsigned n_told = 0;
	for (size_t len = strlen(text), dos_len = n_dos; len > 0; len--, dos_len--) {
		bool through_windows = len % 3 == 0 && dos_len > len;
		f = find_left(state, through_windows ? dos : text, through_windows ? dos_len : len, ldif, path);
		spn_status status = spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err);
		if (!status)
			status = spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err);
		/* not even its first line is left; or somebody else holds what the rest would give back */
		assert_true(status == SPN_OK || status == SPN_ERR_SYNTAX || status == SPN_ERR_REFUSED);
		assert_true(holds(f, "pool", "http/WEB") || holds(f, "web", "http/WEB"));
		assert_true(holds(f, "pool", "http/web.example.com") || holds(f, "web", "http/web.example.com"));
		n_told += strstr(f->told, "torn -;") != NULL;
	}
	assert_true(n_told > 100);
	forget(&taken);
}

/* The step that would have put DB into the group was refused; somebody else did so later. */
static void what_was_refused_is_not_taken_back(void **state)
{
	struct fixture *f = *state;
	struct snapshots taken = { .n = 0 };
	char path[128];
	const char *const names[] = { "http/one", "http/two" };
	const spn_mod member = { SPN_MOD_ADD, "member", { DB, strlen(DB) } };
	const spn_fault refusal = { .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .dn = READERS,
		.status = SPN_ERR_DENIED };
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", names, 1, 0, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = READERS, .mods = &member, .n_mods = 1,
			.flags = SPN_OPTIONAL }, NULL), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", names + 1, 1, 0, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_mock_fault(f->dir, &refusal, NULL), SPN_OK);
	apply_and_watch(f, &taken);
	assert_int_equal(taken.n, 2);
	f = find_left(state, taken.text[1], strlen(taken.text[1]), taken.ldif[1], path);
	change(f, READERS, SPN_MOD_ADD, "member", DB);
	undo(f, path);
	assert_false(holds(f, "db", "http/one"));
	assert_false(holds(f, "db", "http/two"));
	assert_non_null(strstr(spn_mock_ldif(f->dir), "member: " DB));
	forget(&taken);
}

/* The work was ended between the refusal and the next record, which would tell it. */
static void what_was_there_before_stays_though_the_journal_does_not_tell_the_refusal(void **state)
{
	struct fixture *f = *state;
	struct snapshots taken = { .n = 0 };
	char path[128];
	const char *const names[] = { "http/one", "http/two", "http/WEB:5985" };
	const spn_mod member = { SPN_MOD_ADD, "member", { DB, strlen(DB) } },
		name = { SPN_MOD_ADD, "servicePrincipalName", { names[2], 13 } };
	const spn_mod absent = { SPN_MOD_DELETE, "member", { DB, strlen(DB) } };
	change(f, READERS, SPN_MOD_ADD, "member", DB);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", names, 1, 0, NULL, NULL, NULL), SPN_OK);
	const spn_step refused[] = { { .dn = READERS, .mods = &member, .n_mods = 1, .flags = SPN_OPTIONAL },
		{ .dn = WEB, .mods = &name, .n_mods = 1, .flags = SPN_OPTIONAL },
		{ .dn = WRITERS, .mods = &absent, .n_mods = 1, .flags = SPN_OPTIONAL } };
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(spn_plan_append(f->plan, &refused[i], NULL), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", names + 1, 1, 0, NULL, NULL, NULL), SPN_OK);
	apply_and_watch(f, &taken);
	assert_int_equal(taken.n, 2);
	for (char *line; (line = strstr(taken.text[1], "# refused: "));)
		memcpy(line, "# nothing: ", 11);
	f = find_left(state, taken.text[1], strlen(taken.text[1]), taken.ldif[1], path);
	undo(f, path);
	assert_false(holds(f, "db", "http/one"));
	assert_true(holds(f, "web", "http/WEB:5985"));
	assert_non_null(strstr(spn_mock_ldif(f->dir), "member: " DB));
	assert_null(strstr(strstr(spn_mock_ldif(f->dir), "dn: " WRITERS), "member: " DB));
	forget(&taken);
}

#define HIDDEN "CN=hid\xe2\x80\x8b" "den,OU=CRM," BASE /* a zero width space */

/* The same of the second of two members, whose DN has a character that no terminal shows. */
static void so_does_a_member_of_any_name_in_any_place(void **state)
{
	struct fixture *f = *state;
	struct snapshots taken = { .n = 0 };
	char path[128], *ldif = NULL, *lines = strstr(spn_mock_ldif(f->dir), "dn: ");
	const spn_mod both[] = { { SPN_MOD_ADD, "member", { DB, strlen(DB) } },
		{ SPN_MOD_ADD, "member", { HIDDEN, strlen(HIDDEN) } } };
	const char *name = "http/one";
	assert_true(asprintf(&ldif, "%s\ndn:: Q049aGlk4oCLZGVuLE9VPUNSTSxEQz1leGFtcGxlLERDPWNvbQ==\nobjectClass: user\n"
			"sAMAccountName: hidden\n"
			"memberOf: " READERS "\n", lines) > 0);
	f = find_left(state, "", 0, ldif, path);
	change(f, READERS, SPN_MOD_ADD, "member", HIDDEN);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, 0, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_append(f->plan,
			&(spn_step){ .dn = READERS, .mods = both, .n_mods = 2, .flags = SPN_OPTIONAL }, NULL), SPN_OK);
	apply_and_watch(f, &taken);
	const char *record = strstr(taken.text[0], "\n\n");
	char *text = NULL;
	/* as if both had been recorded */
	assert_true(asprintf(&text, "%s# step\ndn: " READERS "\nchangetype: modify\ndelete: member\nmember: " DB "\n-\n"
			"delete: member\n"
			"member:: Q049aGlk4oCLZGVuLE9VPUNSTSxEQz1leGFtcGxlLERDPWNvbQ==\n-\n\n", taken.text[0]) > 0 && record);
	f = find_left(state, text, strlen(text), taken.ldif[0], path);
	undo(f, path);
	assert_false(holds(f, "db", "http/one"));
	assert_non_null(strstr(spn_mock_ldif(f->dir), "member:: Q049aGlk4oCLZGVu"));
	free(ldif);
	free(text);
	forget(&taken);
}

/* Somebody tidied up, or an editor saved another file in its place. */
static void a_journal_that_has_gone_is_written_anew(void **state)
{
	struct fixture *f = *state;
	struct snapshots taken = { .removes = true };
	char path[128];
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	apply_and_watch(f, &taken);
	size_t last = taken.n - 1;
	f = find_left(state, taken.text[last], strlen(taken.text[last]), taken.ldif[last], path);
	undo(f, path);
	assert_true(holds(f, "pool", "http/WEB"));
	assert_false(holds(f, "web", "http/WEB"));
	forget(&taken);
}

static void a_journal_of_work_that_has_not_ended_is_no_plan(void **state)
{
	struct fixture *f = *state;
	struct snapshots taken = { .n = 0 };
	char path[128];
	spn_plan *plan = NULL;
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	apply_and_watch(f, &taken);
	f = find_left(state, taken.text[0], strlen(taken.text[0]), taken.ldif[0], path);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(spn_plan_read(file, path, &plan, &f->err), SPN_ERR_SYNTAX);
	expect_message(f, "cut off");
	fclose(file);
	forget(&taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_folder(work_that_was_ended_behind_any_step_is_taken_back_whole),
		with_folder(the_last_step_is_taken_back_first),
		with_folder(a_record_that_was_cut_off_loses_no_name),
		with_folder(what_was_refused_is_not_taken_back),
		with_folder(what_was_there_before_stays_though_the_journal_does_not_tell_the_refusal),
		with_folder(so_does_a_member_of_any_name_in_any_place),
		with_folder(a_journal_that_has_gone_is_written_anew),
		with_folder(a_journal_of_work_that_has_not_ended_is_no_plan),
	};
	return cmocka_run_group_tests_name("journal_growing", tests, NULL, NULL);
}

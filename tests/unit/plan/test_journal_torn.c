/* SPDX-License-Identifier: MIT */
/* Journals of which a disk, or a copy, has lost the end. */
#include "journal_helper.h"

static void cut_off(const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* Wherever a disk tore it: a plain answer, or as much as can be taken back without losing a name. */
static void a_torn_journal_never_loses_a_name(void **state)
{
	struct fixture *f = *state;
	char path[256];
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	snprintf(path, sizeof path, "%s", apply(f, "fix web", SPN_OK));
	char *whole = strdup(read_whole(path)), *fixed = strdup(spn_mock_ldif(f->dir));
	unsigned n_used = 0;
	for (size_t len = strlen(whole); len-- > 0;) {
		cut_off(path, whole, len);
		close_sample(state);
		f = calloc(1, sizeof *f);
		*state = f;
		assert_int_equal(spn_mock_new(fixed, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
		assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
		spn_status status = spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err);
		if (status) {
			assert_int_equal(status, SPN_ERR_SYNTAX);
			assert_int_equal(spn_plan_count(f->plan), 0);
			continue;
		}
		assert_non_null(strstr(f->told, "torn -;"));
		n_used++;
		status = spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err);
		assert_true(status == SPN_OK || status == SPN_ERR_NOT_UNIQUE);
		assert_true(holds(f, "pool", "http/WEB") || holds(f, "web", "http/WEB"));
		assert_true(holds(f, "pool", "http/web.example.com") || holds(f, "web", "http/web.example.com"));
	}
	assert_true(n_used > 10);
	free(whole);
	free(fixed);
}

/* The name went from A to B, to nobody, and back to B.  Without its first records the journal cannot bring it back to
 * A; so it stays. */
static void a_name_that_a_torn_journal_moved_twice_stays_where_it_is(void **state)
{
	struct fixture *f = *state;
	char path[256];
	const char *name = "http/WEB";
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "db", &name, 1, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "db", &name, 1, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, SPN_TAKEOVER, NULL, NULL, &f->err), SPN_OK);
	snprintf(path, sizeof path, "%s", apply(f, "there and back", SPN_OK));
	const char *text = read_whole(path);
	cut_off(path, text, (size_t)(strstr(text, "\ndn: " POOL) - text) + 10);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	assert_non_null(strstr(f->err.message, "missing"));
	assert_true(holds(f, "db", "http/WEB"));
}

static int open_samba_with_folder(void **state)
{
	snprintf(folder, sizeof folder, "/tmp/spnkit-test-XXXXXX");
	return mkdtemp(folder) ? open_with(state, SPN_DIALECT_SAMBA) : -1;
}

/* To Samba, a name with an accent is another one: what gives back the one without does not give it back. */
static void a_torn_journal_of_samba_tells_names_apart_by_their_accents(void **state)
{
	struct fixture *f = *state;
	const char *const names[] = { "http/caf\xc3\xa9", "http/cafe" };
	char path[256];
	for (size_t i = 0; i < 2; i++) {
		change(f, POOL, SPN_MOD_ADD, "servicePrincipalName", names[i]);
		assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "db", &names[i], 1, NULL, NULL, &f->err), SPN_OK);
	}
	snprintf(path, sizeof path, "%s", apply(f, "two", SPN_OK));
	const char *text = read_whole(path), *last = text;
	for (const char *at = text; (at = strstr(at + 1, "\ndn: " POOL));)
		last = at;
	cut_off(path, text, (size_t)(last - text) + 10);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "pool", names[1]));
	assert_true(holds(f, "db", names[0]));
}

/* A copy through Windows has other ends of lines. */
static void a_torn_journal_knows_a_name_that_cannot_be_printed(void **state)
{
	struct fixture *f = *state;
	char path[256], *dos = NULL;
	size_t size;
	const char *name = "http/w\x01x\xef\xb8\x8f"; /* and a variation selector */
	const spn_mod away = { SPN_MOD_DELETE, "servicePrincipalName", { name, strlen(name) } };
	const spn_mod back = { SPN_MOD_ADD, "servicePrincipalName", { name, strlen(name) } };
	change(f, POOL, SPN_MOD_ADD, "servicePrincipalName", name);
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = POOL, .mods = &away, .n_mods = 1 }, NULL), SPN_OK);
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = DB, .mods = &back, .n_mods = 1 }, NULL), SPN_OK);
	snprintf(path, sizeof path, "%s", apply(f, "move", SPN_OK));
	const char *text = read_whole(path), *end = strstr(text, "\ndn: " POOL);
	FILE *file = open_memstream(&dos, &size);
	assert_true(file && end);
	for (const char *c = text; c <= end; c++)
		fprintf(file, "%s%c", *c == '\n' ? "\r" : "", *c);
	fclose(file);
	/* as an older spnkit noted it */
	char old[4000];
	const char *noted = strstr(text, "#   servicePrincipalName:: "), *rest = noted ? strchr(noted, '\n') : NULL;
	assert_true(rest && rest < end);
	int n_old = snprintf(old, sizeof old, "%.*s#   servicePrincipalName: http/w?x?%.*s", (int)(noted - text), text,
			(int)(end + 1 - rest), rest);
	const char *texts[] = { text, dos, old };
	const size_t lens[] = { (size_t)(end - text) + 1, size, (size_t)n_old };
	for (size_t i = 0; i < 3; i++) {
		cut_off(path, texts[i], lens[i]);
		spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err);
		assert_int_equal(spn_plan_count(f->plan), 0); /* taken from DB, it would be on nobody */
	}
	free(dos);
}

/* What was torn off is the first step; the records of the later ones are whole, and enough for these names. */
static void the_whole_records_of_a_torn_journal_are_used(void **state)
{
	struct fixture *f = *state;
	char path[256];
	const char *names[] = { "http/WEB" };
	assert_int_equal(spn_propose_membership(f->plan, f->dir, "pool", "web", 0, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "web", names, 1, NULL, NULL, NULL), SPN_OK);
	snprintf(path, sizeof path, "%s", apply(f, "move", SPN_OK));
	const char *text = read_whole(path);
	cut_off(path, text, (size_t)(strstr(text, "\ndn: " WRITERS) - text) + 10);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 2);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "pool", "http/WEB"));
	assert_false(holds(f, "web", "http/WEB"));
}

/* ... and a plan that somebody makes of it is refused, as a plan that was cut off is. */
static void a_torn_journal_is_no_plan(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/new";
	spn_plan *plan = NULL;
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, 0, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "add", SPN_OK), *text = read_whole(path);
	cut_off(path, text, strlen(text) - 1 - strlen("# end of the journal"));
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(spn_plan_read(file, path, &plan, &f->err), SPN_ERR_SYNTAX);
	expect_message(f, "cut off");
	fclose(file);
}

/* Thousands of names fit on a command line, and its journal tells them in the steps. */
static void a_change_whose_title_is_long_can_be_undone(void **state)
{
	struct fixture *f = *state;
	enum { LONG = 200000, KEPT = 1000 };
	static char title[LONG + 1];
	memset(title, 'x', LONG);
	memcpy(title + KEPT - 1, "\xc3\xa9", 2); /* a letter at the end of what is kept */
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	const char *path = apply(f, title, SPN_OK);
	spn_journal_info *info = NULL;
	assert_int_equal(spn_journal_read(path, &info, &f->err), SPN_OK);
	assert_int_equal(strlen(info->title), KEPT - 1 + strlen("..."));
	assert_string_equal(info->title + KEPT - 2, "x...");
	spn_journal_info_free(info);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 3);
}

/* spnkit 0.1 wrote the whole of it. */
static void a_journal_with_a_long_title_can_be_undone(void **state)
{
	struct fixture *f = *state;
	enum { LONG = 100000 };
	char path[256];
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	snprintf(path, sizeof path, "%s", apply(f, "fix web", SPN_OK));
	const char *text = read_whole(path), *rest = strstr(text, "fix web\n");
	assert_non_null(rest);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%.*s%0*d%s", (int)(rest - text), text, LONG, 0, rest);
	fclose(file);
	spn_journal_info *info = NULL;
	assert_int_equal(spn_journal_read(path, &info, &f->err), SPN_OK);
	assert_int_equal(strlen(info->title), LONG + strlen("fix web"));
	spn_journal_info_free(info);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 3);
}

/* Wherever a disk tore it: it is not offered any more, or the answer is a plain one. */
static void who_forgets_a_torn_journal_is_told_the_truth(void **state)
{
	struct fixture *f = *state;
	char path[256];
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	snprintf(path, sizeof path, "%s", apply(f, "fix web", SPN_OK));
	char *whole = strdup(read_whole(path));
	unsigned n_forgotten = 0, n_refused = 0;
	for (size_t len = strlen(whole); len-- > 0;) {
		spn_journal_info *info = NULL;
		cut_off(path, whole, len);
		spn_status status = spn_journal_forget(path, &f->err);
		if (status) {
			assert_int_equal(status, SPN_ERR_SYNTAX);
			n_refused++;
			continue;
		}
		assert_int_equal(spn_journal_read(path, &info, &f->err), SPN_OK);
		assert_int_equal(info->state, SPN_JOURNAL_FORGOTTEN);
		spn_journal_info_free(info);
		n_forgotten++;
	}
	assert_true(n_forgotten > 100 && n_refused > 20);
	free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_folder(a_torn_journal_never_loses_a_name),
		with_folder(a_name_that_a_torn_journal_moved_twice_stays_where_it_is),
		cmocka_unit_test_setup_teardown(a_torn_journal_of_samba_tells_names_apart_by_their_accents, open_samba_with_folder,
				remove_folder),
		with_folder(a_torn_journal_knows_a_name_that_cannot_be_printed),
		with_folder(the_whole_records_of_a_torn_journal_are_used),
		with_folder(a_torn_journal_is_no_plan),
		with_folder(a_change_whose_title_is_long_can_be_undone),
		with_folder(a_journal_with_a_long_title_can_be_undone),
		with_folder(who_forgets_a_torn_journal_is_told_the_truth),
	};
	return cmocka_run_group_tests_name("journal_torn", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What a server refuses of an undo though nobody could foresee it stays as it is; everything else comes back. */
#include "journal_helper.h"

#include <spnkit/backend.h>

/* A directory that refuses a value of one entry, be it added or deleted. */
struct refusing {
	spn_directory *dir;
	const char *dn, *value; /* dn NULL: it refuses to add the value to any */
	spn_status status;
	unsigned n_changes, last; /* from this change on, nobody answers; 0: always */
};

static spn_status search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	const struct refusing *refusing = self;
	if (refusing->last && refusing->n_changes >= refusing->last)
		return spn_fail(err, SPN_ERR_UNREACHABLE, 0, "it does not answer");
	return spn_directory_search(refusing->dir, search, fn, data, err);
}

static spn_status modify(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	struct refusing *refusing = self;
	if (++refusing->n_changes >= refusing->last && refusing->last)
		return spn_fail(err, SPN_ERR_UNREACHABLE, 0, "it does not answer");
	for (size_t i = 0; i < n_mods; i++)
		if ((refusing->dn ? strcmp(dn, refusing->dn) == 0 : mods[i].op == SPN_MOD_ADD) &&
				strcmp(mods[i].value.data, refusing->value) == 0)
			return spn_fail(err, refusing->status, 0, "a rule of the server's own");
	return spn_directory_modify(refusing->dir, dn, mods, n_mods, err);
}

static spn_status root(void *self, spn_entry **ret_root, spn_error *err)
{
	(void)self;
	spn_status status = spn_entry_new("", ret_root, err);
	return status ? status : spn_entry_add(*ret_root, "defaultNamingContext", (spn_bytes){ BASE, strlen(BASE) }, err);
}

static void free_nothing(void *self)
{
	(void)self;
}

static const spn_backend backend = { .version = SPN_BACKEND_VERSION, .name = "refusing", .search = search,
	.modify = modify, .root = root, .free = free_nothing };

static struct refusing refusing;
static spn_directory *sample_dir;

/* The directory of the fixture becomes one that refuses. */
static void refuse(struct fixture *f, const char *dn, const char *value, spn_status status)
{
	refusing = (struct refusing){ .dir = f->dir, .dn = dn, .value = value, .status = status };
	sample_dir = f->dir;
	assert_int_equal(spn_directory_new(&backend, &refusing, "refusing:", false, &f->dir, NULL), SPN_OK);
}

static void refuse_nothing(struct fixture *f)
{
	spn_directory_free(f->dir);
	f->dir = sample_dir;
}

static spn_status note_step(size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data,
		spn_error *err)
{
	(void)why, (void)err;
	char text[100];
	snprintf(text, sizeof text, "%zu %s", i, spn_step_state_name(state));
	if (state != SPN_STEP_PLANNED)
		append_told(data, text, step->n_mods == 1 ? step->mods[0].value.data : "several");
	return SPN_OK;
}

/* The undo of a journal, with a journal of its own in ret_path. */
static spn_status undo(struct fixture *f, const char *path, char *ret_path)
{
	spn_journal *journal = NULL;
	char in[128];
	snprintf(in, sizeof in, "%s/state/spnkit/", folder);
	spn_plan_free(f->plan);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, SPN_ELSEWHERE, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_journal_create(in, "undo", &journal, &f->err), SPN_OK);
	f->told[0] = '\0';
	spn_status status = spn_plan_apply(f->plan, f->dir, journal, note_step, f, &f->err);
	snprintf(ret_path, 256, "%s", spn_journal_path(journal));
	spn_journal_free(journal);
	return status;
}

/* Whether the journal of an undo brings back what was before it, exactly. */
static void expect_undone_again(struct fixture *f, const char *path, const char *before)
{
	char other[256];
	assert_int_equal(undo(f, path, other), SPN_OK);
	assert_null(strstr(f->told, "failed"));
	assert_string_equal(spn_mock_ldif(f->dir), before);
}

static const char *delete_two(struct fixture *f)
{
	static const char *const names[] = { "http/WEB", "http/web.example.com" };
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "pool", names, 2, NULL, NULL, NULL), SPN_OK);
	return apply(f, "delete", SPN_OK);
}

static void a_name_that_is_refused_does_not_keep_the_others_from_coming_back(void **state)
{
	struct fixture *f = *state;
	char path[256], again[256];
	snprintf(path, sizeof path, "%s", delete_two(f));
	char *before = strdup(spn_mock_ldif(f->dir));
	refuse(f, POOL, "http/WEB", SPN_ERR_REFUSED);
	assert_int_equal(undo(f, path, again), SPN_ERR_HALF_DONE);
	expect_message(f, "'http/WEB' is not given back to '" POOL "': a rule of the server's own");
	assert_string_equal(f->told, "0 failed http/WEB;0 done http/web.example.com;");
	refuse_nothing(f);
	expect_names(f, "pool", "http/web.example.com;");
	const char *text = read_whole(again);
	assert_non_null(strstr(text, "# state: done\n"));
	assert_non_null(strstr(text, "# values: 1\n"));
	assert_null(strstr(text, "servicePrincipalName: http/WEB\n-"));
	expect_undone_again(f, again, before);
	/* and what is left is tried again */
	assert_int_equal(undo(f, path, again), SPN_OK);
	expect_names(f, "pool", "http/web.example.com;http/WEB;");
	free(before);
}

static void if_nothing_comes_back_that_is_a_refusal_and_leaves_no_journal(void **state)
{
	static const spn_status statuses[] = { SPN_ERR_DENIED, SPN_ERR_REFUSED };
	struct fixture *f = *state;
	char path[256], again[256];
	const char *name = "http/WEB";
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "pool", &name, 1, NULL, NULL, NULL), SPN_OK);
	snprintf(path, sizeof path, "%s", apply(f, "delete", SPN_OK));
	for (size_t i = 0; i < 2; i++) {
		refuse(f, POOL, name, statuses[i]);
		assert_int_equal(undo(f, path, again), statuses[i]);
		assert_string_equal(f->told, "0 failed http/WEB;");
		assert_int_equal(access(again, F_OK), -1);
		refuse_nothing(f);
	}
}

static void the_other_steps_are_made_too(void **state)
{
	struct fixture *f = *state;
	char path[256], again[256];
	const char *other = "HOST/WEB";
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "web", &other, 1, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_allow(f->plan, SPN_NO_WAY_BACK, NULL), SPN_OK);
	snprintf(path, sizeof path, "%s", delete_two(f));
	refuse(f, POOL, "http/web.example.com", SPN_ERR_DENIED);
	assert_int_equal(undo(f, path, again), SPN_ERR_HALF_DONE);
	assert_string_equal(f->told, "0 failed http/web.example.com;0 done http/WEB;1 done HOST/WEB;");
	refuse_nothing(f);
	assert_true(holds(f, "web", "HOST/WEB"));
}

static const char *move_two(struct fixture *f)
{
	static const char *const names[] = { "http/WEB", "http/web.example.com" };
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "other", names, 2, NULL, NULL, NULL), SPN_OK);
	return apply(f, "move", SPN_OK);
}

/* What was taken from one account for another one goes back if that one cannot have it. */
static void a_moved_name_that_is_refused_stays_where_it_is(void **state)
{
	struct fixture *f = *state;
	char path[256], again[256];
	snprintf(path, sizeof path, "%s", move_two(f));
	char *before = strdup(spn_mock_ldif(f->dir));
	refuse(f, POOL, "http/WEB", SPN_ERR_REFUSED);
	assert_int_equal(undo(f, path, again), SPN_ERR_HALF_DONE);
	assert_string_equal(f->told, "0 done several;1 failed http/WEB;0 undone http/WEB;1 done http/web.example.com;");
	refuse_nothing(f);
	expect_names(f, "other", "http/WEB;");
	expect_names(f, "pool", "http/web.example.com;");
	assert_non_null(strstr(read_whole(again), "# values: 2\n"));
	expect_undone_again(f, again, before);
	free(before);
}

static void if_none_of_them_can_go_nothing_was_changed(void **state)
{
	struct fixture *f = *state;
	char path[256], again[256];
	const char *name = "http/WEB";
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "other", &name, 1, NULL, NULL, NULL), SPN_OK);
	snprintf(path, sizeof path, "%s", apply(f, "move", SPN_OK));
	char *before = strdup(spn_mock_ldif(f->dir));
	refuse(f, POOL, name, SPN_ERR_DENIED);
	assert_int_equal(undo(f, path, again), SPN_ERR_DENIED);
	assert_string_equal(f->told, "0 done http/WEB;1 failed http/WEB;0 undone http/WEB;");
	assert_int_equal(access(again, F_OK), -1);
	refuse_nothing(f);
	assert_string_equal(spn_mock_ldif(f->dir), before);
	free(before);
}

/* Clients found the service by http/x, which goes so that HOST/x can come back. */
static void so_does_an_alias_of_it(void **state)
{
	struct fixture *f = *state;
	char path[256], again[256];
	const char *host = "HOST/WEB", *alias = "cifs/WEB";
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "web", &host, 1, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "other", &alias, 1, 0, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_allow(f->plan, SPN_NO_WAY_BACK, NULL), SPN_OK);
	snprintf(path, sizeof path, "%s", apply(f, "by hand", SPN_OK));
	refuse(f, WEB, host, SPN_ERR_REFUSED);
	assert_int_equal(undo(f, path, again), SPN_ERR_REFUSED);
	assert_string_equal(f->told, "0 done cifs/WEB;1 failed HOST/WEB;0 undone cifs/WEB;");
	refuse_nothing(f);
	assert_true(holds(f, "other", alias));
}

/* A plan gave another value first, and took the old one away then: undone in the other order, the new one stays. */
static void what_was_to_go_behind_it_stays(void **state)
{
	struct fixture *f = *state;
	char path[256], again[256];
	const spn_mod mods[] = { { SPN_MOD_ADD, "info", { "new", 3 } }, { SPN_MOD_DELETE, "info", { "old", 3 } },
		{ SPN_MOD_ADD, "servicePrincipalName", { "http/new", 8 } } };
	const spn_step step = { .dn = DB, .mods = mods, .n_mods = 3 };
	change(f, DB, SPN_MOD_ADD, "info", "old");
	assert_int_equal(spn_plan_append(f->plan, &step, NULL), SPN_OK);
	assert_int_equal(spn_plan_allow(f->plan, SPN_ANY_ATTRIBUTE, NULL), SPN_OK);
	snprintf(path, sizeof path, "%s", apply(f, "by hand", SPN_OK));
	refuse(f, DB, "old", SPN_ERR_REFUSED);
	assert_int_equal(undo(f, path, again), SPN_ERR_HALF_DONE);
	assert_string_equal(f->told, "0 failed old;0 failed new;0 done http/new;");
	refuse_nothing(f);
	assert_non_null(strstr(spn_mock_ldif(f->dir), "info: new\n"));
	expect_names(f, "db", "");
}

/* Nobody knows what became of the rest: everything that can be taken back is, and the journal tells what stands. */
static void a_server_that_is_gone_refuses_nothing(void **state)
{
	struct fixture *f = *state;
	char path[256], again[256];
	snprintf(path, sizeof path, "%s", move_two(f));
	char *before = strdup(spn_mock_ldif(f->dir));
	for (unsigned last = 2; last < 5; last++) { /* the second step, a half of it, and what puts a name back */
		refuse(f, POOL, "http/WEB", SPN_ERR_REFUSED);
		refusing.last = last;
		assert_int_equal(undo(f, path, again), SPN_ERR_HALF_DONE);
		assert_true(refusing.n_changes <= last + 1); /* and one to take back what stands */
		assert_non_null(strstr(read_whole(again), "# state: half-done\n"));
		refuse_nothing(f);
		assert_false(holds(f, "other", "http/WEB"));
		expect_undone_again(f, again, before);
	}
	free(before);
}

/* The account that it was taken from refuses it, too. */
static void a_name_that_cannot_be_put_back_either_is_said_to_be_nowhere(void **state)
{
	struct fixture *f = *state;
	char path[256], again[256];
	snprintf(path, sizeof path, "%s", move_two(f));
	refuse(f, NULL, "http/WEB", SPN_ERR_REFUSED);
	assert_int_equal(undo(f, path, again), SPN_ERR_HALF_DONE);
	expect_message(f, "'http/WEB' cannot be put back on '" OTHER "'");
	refuse_nothing(f);
	assert_non_null(strstr(read_whole(again), "# state: half-done\n"));
	expect_names(f, "pool", "");
	expect_names(f, "other", "http/web.example.com;");
	char *half = strdup(again);
	assert_int_equal(undo(f, half, again), SPN_OK); /* its own journal gives it back */
	free(half);
	expect_names(f, "other", "http/web.example.com;http/WEB;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_folder(a_name_that_is_refused_does_not_keep_the_others_from_coming_back),
		with_folder(if_nothing_comes_back_that_is_a_refusal_and_leaves_no_journal),
		with_folder(the_other_steps_are_made_too),
		with_folder(a_moved_name_that_is_refused_stays_where_it_is),
		with_folder(if_none_of_them_can_go_nothing_was_changed),
		with_folder(so_does_an_alias_of_it),
		with_folder(what_was_to_go_behind_it_stays),
		with_folder(a_server_that_is_gone_refuses_nothing),
		with_folder(a_name_that_cannot_be_put_back_either_is_said_to_be_nowhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

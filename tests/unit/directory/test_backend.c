/* SPDX-License-Identifier: MIT */
/* What the library does for a back end: it says what the table lacks, and writes a text that is missing. */
#include "server_helper.h"

#include "journal_helper.h"
#include "directory/directory.h"

static spn_status search_denied(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	(void)self, (void)search, (void)fn, (void)data, (void)err;
	return SPN_ERR_DENIED;
}

static spn_status search_stopped(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	(void)self, (void)search, (void)fn, (void)data, (void)err;
	return SPN_ERR_STOPPED;
}

static spn_status modify_denied(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	(void)self, (void)dn, (void)mods, (void)n_mods, (void)err;
	return SPN_ERR_DENIED;
}

static spn_status root_denied(void *self, spn_entry **ret_root, spn_error *err)
{
	(void)self, (void)ret_root, (void)err;
	return SPN_ERR_DENIED;
}

static void modify_many_denied(void *self, const spn_change *changes, size_t n, spn_error *ret_outcomes)
{
	(void)self, (void)changes;
	for (size_t i = 0; i < n; i++)
		ret_outcomes[i].status = i == 0 ? SPN_OK : SPN_ERR_DENIED;
}

static const spn_backend silent = { .version = SPN_BACKEND_VERSION, .name = "silent", .search = search_denied,
	.modify = modify_denied, .root = root_denied, .free = free_server, .modify_many = modify_many_denied };

static spn_directory *open_own(const spn_backend *backend, void *self, const char *url)
{
	spn_directory *dir = NULL;
	assert_int_equal(spn_directory_new(backend, self, url, false, &dir, NULL), SPN_OK);
	return dir;
}

static spn_status see_nothing(const spn_entry *entry, void *data, spn_error *err)
{
	(void)entry, (void)data, (void)err;
	return SPN_OK;
}

static spn_status do_search(spn_directory *dir, spn_error *err)
{
	const spn_search search = { .base = BASE, .scope = SPN_SCOPE_SUBTREE };
	return spn_directory_search(dir, &search, see_nothing, NULL, err);
}

static spn_status do_modify(spn_directory *dir, spn_error *err)
{
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "a/b", 3 } };
	return spn_directory_modify(dir, WEB, &mod, 1, err);
}

static spn_status do_root(spn_directory *dir, spn_error *err)
{
	const spn_entry *root;
	return spn_directory_root(dir, &root, err);
}

static void a_back_end_that_fails_without_a_word_gets_one(void **state)
{
	(void)state;
	spn_status (*const calls[])(spn_directory *dir, spn_error *err) = { do_search, do_modify, do_root };
	spn_directory *dir = open_own(&silent, NULL, "silent:");
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		/* as an earlier failure has left it, of the same kind even */
		spn_error err = { .status = SPN_ERR_DENIED, .native = 50, .message = "long ago" };
		assert_int_equal(calls[i](dir, &err), SPN_ERR_DENIED);
		assert_int_equal(err.status, SPN_ERR_DENIED);
		assert_int_equal(err.native, 0);
		assert_non_null(strstr(err.message, "the back end 'silent' failed (denied) without giving a reason"));
		assert_int_equal(calls[i](dir, NULL), SPN_ERR_DENIED);
	}
	spn_directory_free(dir);
}

static void so_does_each_of_several_changes(void **state)
{
	(void)state;
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "a/b", 3 } };
	const spn_change changes[] = { { WEB, &mod, 1 }, { DB, &mod, 1 } };
	spn_error outcomes[2];
	spn_directory *dir = open_own(&silent, NULL, "silent:");
	spk_directory_modify_many(dir, changes, 2, outcomes);
	spn_directory_free(dir);
	assert_int_equal(outcomes[0].status, SPN_OK);
	assert_string_equal(outcomes[0].message, "");
	assert_int_equal(outcomes[1].status, SPN_ERR_DENIED);
	assert_non_null(strstr(outcomes[1].message, "denied"));
}

static void a_search_that_was_stopped_leaves_the_error_alone(void **state)
{
	(void)state;
	spn_backend backend = silent;
	backend.search = search_stopped;
	spn_error err = { .status = SPN_ERR_AUTH, .message = "long ago" };
	spn_directory *dir = open_own(&backend, NULL, "silent:");
	assert_int_equal(do_search(dir, &err), SPN_ERR_STOPPED);
	spn_directory_free(dir);
	assert_int_equal(err.status, SPN_ERR_AUTH);
	assert_string_equal(err.message, "long ago");
}

static void is_refused(const spn_backend *backend, const char *why)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	assert_int_equal(spn_directory_new(backend, NULL, "own:", false, &dir, &err), SPN_ERR_INVALID);
	if (!strstr(err.message, why))
		fail_msg("'%s' does not say '%s'", err.message, why);
}

static void what_a_table_lacks_is_named(void **state)
{
	(void)state;
	spn_backend none = silent;
	none.search = NULL;
	is_refused(&none, "the back end 'silent' has no function 'search'");
	none = silent, none.modify = NULL;
	is_refused(&none, "no function 'modify'");
	none = silent, none.root = NULL;
	is_refused(&none, "no function 'root'");
	none = silent, none.free = NULL;
	is_refused(&none, "no function 'free'");
	none = silent, none.flags = SPN_BACKEND_FILE | 64;
	is_refused(&none, "the unknown flag 0x40");
}

/* What undo says of the journal in a directory of that back end, at that URL. */
static spn_status undo_at(
		struct server *server, const spn_backend *backend, const char *url, const char *path, spn_error *err)
{
	spn_plan *plan = NULL;
	spn_directory *dir = open_own(backend, server, url);
	assert_int_equal(spn_plan_new(&plan, NULL), SPN_OK);
	spn_status status = spn_propose_undo(plan, dir, path, 0, NULL, NULL, err);
	spn_plan_free(plan);
	spn_directory_free(dir);
	return status;
}

static void a_journal_belongs_to_the_url_that_it_names_but_for_a_live_domain(void **state)
{
	struct fixture *f = *state;
	spn_backend backend = SERVER_BACKEND(search_server);
	struct server server = { .dir = f->dir };
	static const char *const names[] = { "http/new" };
	backend.flags = SPN_BACKEND_FILE;
	f->dir = open_own(&backend, &server, "own:/A.db");
	assert_int_equal(spn_propose_add(f->plan, f->dir, "pool", names, 1, 0, NULL, NULL, &f->err), SPN_OK);
	const char *path = apply(f, "add", SPN_OK);
	spn_directory_free(f->dir);
	f->dir = server.dir;

	assert_int_equal(undo_at(&server, &backend, "own:/A.db", path, &f->err), SPN_OK);
	assert_int_equal(undo_at(&server, &backend, "own:/B.db", path, &f->err), SPN_ERR_REFUSED);
	assert_non_null(strstr(f->err.message, "belongs to 'own:/A.db', not to 'own:/B.db'"));
	backend.flags = 0;
	assert_int_equal(undo_at(&server, &backend, "own:/B.db", path, &f->err), SPN_ERR_REFUSED);
	backend.flags = SPN_BACKEND_LIVE; /* another controller of the domain */
	assert_int_equal(undo_at(&server, &backend, "own:/B.db", path, &f->err), SPN_OK);
	assert_int_equal(undo_at(&server, &backend, "other:/A.db", path, &f->err), SPN_ERR_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_back_end_that_fails_without_a_word_gets_one),
		cmocka_unit_test(so_does_each_of_several_changes),
		cmocka_unit_test(a_search_that_was_stopped_leaves_the_error_alone),
		cmocka_unit_test(what_a_table_lacks_is_named),
		with_folder(a_journal_belongs_to_the_url_that_it_names_but_for_a_live_domain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

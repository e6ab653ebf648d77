/* SPDX-License-Identifier: MIT */
/*
 * Promises of SECURITY.md that no result shows while nothing goes wrong: what is on disk before what, and who won a
 * race.  The linker's --wrap leads the library's calls of fsync, rename, write, spk_hash_seed and spk_step_put by here.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops.h"
#include "unit.h"

#include <spnkit/backend.h>

#include "account/mapping.h"
#include "base/hash.h"
#include "check/clash.h"
#include "directory/directory.h"
#include "plan/ldif.h"

/* ---- what happens to files, in order: "file", "rename", "folder", and "modify" of the directory ---- */

static char events[1000];
static bool folders_fail, files_fail;
static unsigned n_seeds, n_rendered;
static size_t n_written;

static void note(const char *what)
{
	size_t len = strlen(events);
	snprintf(events + len, sizeof events - len, "%s ", what);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	struct stat st;
	assert_int_equal(fstat(fd, &st), 0);
	note(S_ISDIR(st.st_mode) ? "folder" : "file");
	if (S_ISDIR(st.st_mode) ? folders_fail : files_fail) {
		errno = EIO;
		return -1;
	}
	return __real_fsync(fd);
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
	note("rename");
	return __real_rename(from, to);
}

ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	n_written += len;
	return __real_write(fd, data, len);
}

uint64_t __real_spk_hash_seed(void);
uint64_t __wrap_spk_hash_seed(void);
uint64_t __wrap_spk_hash_seed(void)
{
	n_seeds++;
	return __real_spk_hash_seed();
}

void __real_spk_step_put(const spn_step *step, spk_text *out);
void __wrap_spk_step_put(const spn_step *step, spk_text *out);
void __wrap_spk_step_put(const spn_step *step, spk_text *out)
{
	n_rendered++;
	__real_spk_step_put(step, out);
}

/* ---- a directory that notes its changes, and in which another writer is as quick as we are ---- */

struct raced {
	spn_directory *dir;
	const char *rival; /* holds every name that is looked for once something was changed; NULL: nobody does */
	const char *hidden; /* is found by every name, though it holds none that we take for equal */
	bool comes_late;    /* only behind the change that passes the refusal */
	bool refuses;       /* additions by themselves, as Samba does */
	bool names_holder;  /* because another account holds the name, which it says by a code */
	unsigned n_changes;
	bool stays; /* it was said that no other server may stand in */
};

/* An entry without names. */
static spn_status show_hidden(const struct raced *raced, spn_entry_fn *fn, void *data, spn_error *err)
{
	spn_entry *entry = NULL;
	assert_int_equal(spn_entry_new(raced->hidden, &entry, NULL), SPN_OK);
	spn_status status = fn(entry, data, err);
	spn_entry_free(entry);
	return status;
}

static spn_status search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	const struct raced *raced = self;
	spn_entry *entry = NULL;
	spn_status status = spn_directory_search(raced->dir, search, fn, data, err);
	if (!status && raced->hidden && search->scope != SPN_SCOPE_BASE && (!raced->comes_late || raced->n_changes == 2))
		return show_hidden(raced, fn, data, err);
	if (status || !raced->rival || raced->n_changes != 1 || search->scope == SPN_SCOPE_BASE)
		return status;
	assert_int_equal(spn_entry_new(raced->rival, &entry, NULL), SPN_OK);
	spn_entry_add(entry, "objectClass", (spn_bytes){ "user", 4 }, NULL);
	spn_entry_add(entry, "sAMAccountName", (spn_bytes){ "rival", 5 }, NULL);
	spn_entry_add(entry, "servicePrincipalName", (spn_bytes){ "http/new", 8 }, NULL);
	bool matches;
	status = spn_filter_match(search->filter, entry, &matches, err);
	if (!status && matches)
		status = fn(entry, data, err);
	spn_entry_free(entry);
	return status;
}

static spn_status modify(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	struct raced *raced = self;
	raced->n_changes++;
	note("modify");
	if (raced->refuses && n_mods == 1) {
		spn_fail(err, SPN_ERR_NOT_UNIQUE, 19, "would cause a conflict");
		if (err)
			err->win32 = raced->names_holder ? 0x202f : 0;
		return SPN_ERR_NOT_UNIQUE;
	}
	return spn_directory_modify(raced->dir, dn, mods, n_mods, err);
}

static spn_status root(void *self, spn_entry **ret_root, spn_error *err)
{
	(void)self;
	spn_status status = spn_entry_new("", ret_root, err);
	return status ? status : spn_entry_add(*ret_root, "defaultNamingContext", (spn_bytes){ BASE, strlen(BASE) }, err);
}

static void stay(void *self)
{
	((struct raced *)self)->stays = true;
}

static void free_raced(void *self)
{
	(void)self;
}

static const spn_backend backend = { .version = SPN_BACKEND_VERSION, .name = "raced", .search = search,
	.modify = modify, .root = root,
	.free = free_raced, .stay = stay };

/* Adds http/new to DB in a directory in which rival, if any, adds it too. */
static spn_status add_raced(struct fixture *f, struct raced *raced, const char *journal)
{
	static const char *const name = "http/new";
	spn_directory *dir = NULL;
	spn_journal *record = NULL;
	*raced = (struct raced){ .dir = f->dir, .rival = raced->rival, .hidden = raced->hidden, .refuses = raced->refuses,
		.names_holder = raced->names_holder, .comes_late = raced->comes_late };
	assert_int_equal(spn_directory_new(&backend, raced, "raced:", false, &dir, NULL), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, dir, DB, &name, 1, raced->refuses ? SPN_TAKEOVER : 0, NULL, NULL,
			&f->err), SPN_OK);
	if (journal)
		assert_int_equal(spn_journal_create(journal, "test", &record, &f->err), SPN_OK);
	events[0] = '\0';
	spn_status status = spn_plan_apply(f->plan, dir, record, NULL, NULL, &f->err);
	spn_journal_free(record);
	spn_directory_free(dir);
	return status;
}

static void who_comes_second_takes_the_name_back(void **state)
{
	struct fixture *f = *state;
	struct raced raced = { .rival = OTHER };
	assert_int_equal(add_raced(f, &raced, NULL), SPN_ERR_NOT_UNIQUE);
	assert_non_null(strstr(f->err.message, OTHER));
	assert_int_equal(raced.n_changes, 2); /* ours, and its end */
	assert_null(strstr(spn_mock_ldif(f->dir), "http/new"));
}

static void who_is_alone_keeps_it(void **state)
{
	struct fixture *f = *state;
	struct raced raced = { .rival = NULL };
	assert_int_equal(add_raced(f, &raced, NULL), SPN_OK);
	assert_non_null(strstr(spn_mock_ldif(f->dir), "http/new"));
}

/* A value that the server takes for the name, and we do not: what it refuses because of that is not put past it. */
static void whoever_the_server_finds_by_a_name_holds_it(void **state)
{
	struct fixture *f = *state;
	struct raced raced = { .hidden = OTHER, .refuses = true };
	assert_int_equal(add_raced(f, &raced, NULL), SPN_ERR_NOT_UNIQUE);
	assert_int_equal(raced.n_changes, 1);
	assert_null(strstr(spn_mock_ldif(f->dir), "http/new"));
}

/* Samba looks at the first change of names only. */
static void so_it_is_for_a_name_that_comes_behind_one_that_goes(void **state)
{
	struct fixture *f = *state;
	struct raced raced = { .dir = f->dir };
	spn_directory *dir = NULL;
	const spn_mod mods[] = { { SPN_MOD_DELETE, "servicePrincipalName", { "HOST/WEB", 8 } },
		{ SPN_MOD_ADD, "servicePrincipalName", { "http/new", 8 } } };
	const spn_step step = { .dn = WEB, .account = "WEB$", .mods = mods, .n_mods = 2, .reason = "" };
	assert_int_equal(spn_directory_new(&backend, &raced, "raced:", false, &dir, NULL), SPN_OK);
	assert_int_equal(spn_plan_append(f->plan, &step, NULL), SPN_OK);
	raced.hidden = OTHER;
	assert_int_equal(spn_plan_apply(f->plan, dir, NULL, NULL, NULL, &f->err), SPN_ERR_NOT_UNIQUE);
	assert_int_equal(raced.n_changes, 0);
	raced.hidden = NULL;
	assert_int_equal(spn_plan_apply(f->plan, dir, NULL, NULL, NULL, &f->err), SPN_OK);
	spn_directory_free(dir);
}

static void what_is_refused_without_a_holder_is_put_past_the_server(void **state)
{
	struct fixture *f = *state;
	struct raced raced = { .refuses = true };
	assert_int_equal(add_raced(f, &raced, NULL), SPN_OK);
	assert_int_equal(raced.n_changes, 2);
}

/* Behind the way past the server nobody but us looks who was quicker. */
static void who_takes_a_name_while_it_is_put_past_the_server_keeps_it(void **state)
{
	struct fixture *f = *state;
	struct raced raced = { .hidden = OTHER, .refuses = true, .comes_late = true };
	assert_int_equal(add_raced(f, &raced, NULL), SPN_ERR_NOT_UNIQUE);
	assert_int_equal(raced.n_changes, 3); /* the refused one, ours, and its end */
	assert_null(strstr(spn_mock_ldif(f->dir), "http/new"));
}

/* Whoever may not be seen holds it all the same. */
static void what_is_refused_for_a_holder_that_we_do_not_see_is_not_put_past_the_server(void **state)
{
	struct fixture *f = *state;
	struct raced raced = { .refuses = true, .names_holder = true };
	assert_int_equal(add_raced(f, &raced, NULL), SPN_ERR_NOT_UNIQUE);
	assert_int_equal(raced.n_changes, 1);
}

/* ---- what is on disk ---- */

static char folder[] = "/tmp/promises.XXXXXX";

static const char *path_of(const char *name)
{
	static char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void the_way_back_is_on_disk_before_a_change_is_sent(void **state)
{
	struct fixture *f = *state;
	struct raced raced = { .rival = NULL };
	assert_int_equal(add_raced(f, &raced, path_of("journal.ldif")), SPN_OK);
	assert_non_null(strstr(events, "file rename folder file modify "));
	unlink(path_of("journal.ldif"));
}

static void a_call_that_changes_by_itself_puts_the_way_back_on_disk_first(void **state)
{
	struct fixture *f = *state;
	static const char *const name = "http/new";
	struct raced raced = { .dir = f->dir };
	spn_directory *dir = NULL;
	assert_int_equal(setenv("XDG_STATE_HOME", folder, 1), 0);
	assert_int_equal(spn_directory_new(&backend, &raced, "raced:", false, &dir, NULL), SPN_OK);
	events[0] = '\0';
	assert_int_equal(spn_add_unique(dir, DB, &name, 1, NULL, &f->err), SPN_OK);
	assert_non_null(strstr(events, "file rename folder file modify "));
	folders_fail = true;
	assert_int_equal(spn_delete(dir, DB, &name, 1, NULL, &f->err), SPN_ERR_FAILED);
	folders_fail = false;
	assert_int_equal(raced.n_changes, 1);
	spn_directory_free(dir);
}

static void nothing_is_sent_while_that_is_not_sure(void **state)
{
	struct fixture *f = *state;
	struct raced raced = { .rival = NULL };
	folders_fail = true;
	spn_status status = add_raced(f, &raced, path_of("journal.ldif"));
	folders_fail = false;
	assert_int_equal(status, SPN_ERR_FAILED);
	assert_int_equal(raced.n_changes, 0);
	unlink(path_of("journal.ldif"));
}

/* The journal is begun well; then the disk fails. */
static spn_status fail_from_now_on(size_t i, const spn_step *step, spn_step_state state, const spn_error *why,
		void *data, spn_error *err)
{
	(void)i;
	(void)step;
	(void)why;
	(void)data;
	(void)err;
	files_fail = files_fail || state == SPN_STEP_PLANNED;
	return SPN_OK;
}

static void nothing_is_sent_while_a_record_is_not_on_disk(void **state)
{
	struct fixture *f = *state;
	static const char *const name = "http/new";
	struct raced raced = { .dir = f->dir };
	spn_directory *dir = NULL;
	spn_journal *journal = NULL;
	assert_int_equal(spn_directory_new(&backend, &raced, "raced:", false, &dir, NULL), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, dir, DB, &name, 1, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_journal_create(path_of("journal.ldif"), "test", &journal, &f->err), SPN_OK);
	spn_status status = spn_plan_apply(f->plan, dir, journal, fail_from_now_on, NULL, &f->err);
	files_fail = false;
	assert_int_equal(status, SPN_ERR_FAILED);
	expect_message(f, "cannot write the journal");
	assert_int_equal(raced.n_changes, 0);
	spn_journal_free(journal);
	spn_directory_free(dir);
	unlink(path_of("journal.ldif"));
}

static spn_status see_whether_it_stays(size_t i, const spn_step *step, spn_step_state state, const spn_error *why,
		void *data, spn_error *err)
{
	(void)i, (void)step, (void)state, (void)why, (void)err;
	assert_true(((const struct raced *)data)->stays);
	return SPN_OK;
}

/* (What that means for a domain is seen in the lab.) */
static void the_server_that_a_plan_was_shown_for_is_the_one_that_is_written_to(void **state)
{
	struct fixture *f = *state;
	static const char *const name = "http/new";
	struct raced raced = { .dir = f->dir };
	spn_directory *dir = NULL;
	assert_int_equal(spn_directory_new(&backend, &raced, "raced:", false, &dir, NULL), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, dir, DB, &name, 1, 0, NULL, NULL, &f->err), SPN_OK);
	assert_false(raced.stays);
	assert_int_equal(spn_plan_apply(f->plan, dir, NULL, see_whether_it_stays, &raced, &f->err), SPN_OK);
	spn_directory_free(dir);
}

/* Carries a plan of n steps out; how many bytes were written to the journal. */
static size_t record_long_plan(void **state, int n)
{
	struct fixture *f = *state;
	spn_journal *journal = NULL;
	spn_plan *plan = NULL;
	assert_int_equal(spn_plan_new(&plan, NULL), SPN_OK);
	for (int i = 0; i < n; i++) {
		char name[32];
		snprintf(name, sizeof name, "http/new%d-%d", n, i);
		const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { name, strlen(name) } };
		assert_int_equal(spn_plan_append(plan, &(spn_step){ .dn = DB, .mods = &mod, .n_mods = 1 }, NULL), SPN_OK);
	}
	assert_int_equal(spn_journal_create(path_of("journal.ldif"), "test", &journal, NULL), SPN_OK);
	n_rendered = 0;
	n_written = 0;
	assert_int_equal(spn_plan_apply(plan, f->dir, journal, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(n_rendered, n);
	spn_journal_free(journal);
	spn_plan_free(plan);
	unlink(path_of("journal.ldif"));
	return n_written;
}

static void a_plan_twice_as_long_is_recorded_with_twice_the_work(void **state)
{
	size_t once = record_long_plan(state, 50), twice = record_long_plan(state, 100);
	assert_in_range(twice, once, 5 * once / 2);
}

static void a_changed_ldif_file_is_on_disk_before_it_takes_the_place_of_the_old_one(void **state)
{
	(void)state;
	static const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/new", 8 } };
	char url[PATH_MAX + 8];
	spn_directory *dir = NULL;
	FILE *file = fopen(path_of("in.ldif"), "w");
	assert_non_null(file);
	fputs(sample, file);
	fclose(file);
	snprintf(url, sizeof url, "ldif:%s", path_of("in.ldif"));
	assert_int_equal(spn_directory_open(url, NULL, &dir, NULL), SPN_OK);
	events[0] = '\0';
	assert_int_equal(spn_directory_modify(dir, DB, &mod, 1, NULL), SPN_OK);
	assert_string_equal(events, "file rename folder ");
	spn_directory_free(dir);
	unlink(path_of("in.ldif"));
}

/* ---- nobody can choose names that fall into one place ---- */

static void hashes_have_a_seed_that_nobody_knows(void **state)
{
	struct fixture *f = *state;
	assert_true(__real_spk_hash_seed() != __real_spk_hash_seed());
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	SPK_AUTOCLASH spk_clash *clash = NULL;
	assert_int_equal(spk_mapping_load(f->dir, &live, &f->err), SPN_OK);
	n_seeds = 0;
	assert_int_equal(spk_clash_new(&live.mapping, SPK_FOLD_WINDOWS, &clash, &f->err), SPN_OK);
	assert_true(n_seeds > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(who_comes_second_takes_the_name_back),
		with_sample(who_is_alone_keeps_it),
		with_sample(whoever_the_server_finds_by_a_name_holds_it),
		with_sample(so_it_is_for_a_name_that_comes_behind_one_that_goes),
		with_sample(what_is_refused_without_a_holder_is_put_past_the_server),
		with_sample(who_takes_a_name_while_it_is_put_past_the_server_keeps_it),
		with_sample(what_is_refused_for_a_holder_that_we_do_not_see_is_not_put_past_the_server),
		with_sample(the_way_back_is_on_disk_before_a_change_is_sent),
		with_sample(a_call_that_changes_by_itself_puts_the_way_back_on_disk_first),
		with_sample(nothing_is_sent_while_that_is_not_sure),
		with_sample(nothing_is_sent_while_a_record_is_not_on_disk),
		with_sample(the_server_that_a_plan_was_shown_for_is_the_one_that_is_written_to),
		with_sample(a_plan_twice_as_long_is_recorded_with_twice_the_work),
		with_sample(a_changed_ldif_file_is_on_disk_before_it_takes_the_place_of_the_old_one),
		with_sample(hashes_have_a_seed_that_nobody_knows),
	};
	if (!mkdtemp(folder))
		return 1;
	int failed = cmocka_run_group_tests_name("promises", tests, NULL, NULL);
	char command[64];
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command) || failed;
}

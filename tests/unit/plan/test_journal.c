/* SPDX-License-Identifier: MIT */
#include "journal_helper.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Access control lists, which not every file system has, are this test's: it stands before the C library. */
static bool file_has_acl, folder_has_acl;

static ssize_t acl_len(bool is_there)
{
	errno = ENODATA;
	return is_there ? 44 : -1;
}

ssize_t fgetxattr(int fd, const char *name, void *value, size_t size)
{
	(void)fd, (void)name, (void)value, (void)size;
	return acl_len(file_has_acl);
}

ssize_t getxattr(const char *path, const char *name, void *value, size_t size)
{
	(void)path, (void)name, (void)value, (void)size;
	return acl_len(folder_has_acl);
}

static void a_journal_records_what_was_and_how_to_get_back(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	const char *path = apply(f, "fix web", SPN_OK), *text = read_whole(path);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_non_null(strstr(text, "# title: fix web\n"));
	assert_non_null(strstr(text, "# state: done\n"));
	assert_non_null(strstr(text, "# before: " POOL "\n#   servicePrincipalName: http/WEB\n"));
	const char *web = strstr(text, "# before: " WEB "\n"); /* read once, though its names and its groups change */
	assert_non_null(web);
	assert_non_null(strstr(web, "\n#   memberOf: " READERS "\n"));
	assert_null(strstr(web + 1, "# before: " WEB "\n"));
	/* the last step is taken back first */
	const char *back_web = strstr(text, "\ndn: " WEB), *back_pool = strstr(text, "\ndn: " POOL),
			*back_group = strstr(text, "\ndn: " WRITERS);
	assert_true(back_group && back_group < back_web && back_web < back_pool);
}

static void undo_brings_back_what_was_recorded(void **state)
{
	struct fixture *f = *state;
	char *before = strdup(spn_mock_ldif(f->dir));
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	const char *path = apply(f, "fix web", SPN_OK);
	assert_string_not_equal(before, spn_mock_ldif(f->dir));
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 3);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "pool", "http/WEB"));
	assert_true(holds(f, "pool", "http/web.example.com"));
	assert_false(holds(f, "web", "http/WEB"));
	assert_int_equal(strlen(before), strlen(spn_mock_ldif(f->dir)));
	free(before);
}

static void undo_leaves_out_what_is_as_before_already(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/new";
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, 0, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "add http/new db", SPN_OK);
	change(f, DB, SPN_MOD_DELETE, "servicePrincipalName", "http/new");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, NULL), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 0);
	assert_string_equal(f->told, "present -;");
}

static void undo_does_not_take_a_name_from_whoever_holds_it_now(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/web";
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "pool", &name, 1, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "delete http/web pool", SPN_OK);
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/web");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	expect_message(f, DB);
	assert_int_equal(spn_plan_count(f->plan), 0);
	/* nor if that happens after the look at it */
	change(f, DB, SPN_MOD_DELETE, "servicePrincipalName", "http/web");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/web");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_ERR_NOT_UNIQUE);
	assert_false(holds(f, "pool", "http/WEB"));
}

static void a_name_that_somebody_else_took_does_not_keep_the_others_from_coming_back(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { "http/WEB", "http/web.example.com" };
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "pool", names, 2, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "delete", SPN_OK);
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "HTTP/web");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "kept -;");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "pool", "http/web.example.com"));
	assert_false(holds(f, "pool", "http/WEB"));
	assert_true(holds(f, "db", "HTTP/web"));
	/* the rest comes back once it is free */
	change(f, DB, SPN_MOD_DELETE, "servicePrincipalName", "HTTP/web");
	spn_plan_free(f->plan);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "pool", "http/WEB"));
}

static spn_status keep_text(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	snprintf(data, 400, "%s", finding->text);
	return SPN_OK;
}

/* No controller puts it on two accounts again; that others hold it would not be true. */
static void a_name_that_was_on_several_accounts_stays_where_it_is(void **state)
{
	struct fixture *f = *state;
	const char *both = "http/both", *new = "http/new";
	char *ldif = NULL, text[400] = "";
	assert_true(asprintf(&ldif, "%s\ndn: CN=one," BASE "\nobjectClass: user\nsAMAccountName: one\n"
			"servicePrincipalName: http/both\n"
			"\ndn: CN=two," BASE "\nobjectClass: user\nsAMAccountName: two\n"
			"servicePrincipalName: http/both\n", spn_mock_ldif(f->dir)) > 0);
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &f->dir, &f->err), SPN_OK);
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "one", &both, 1, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "two", &both, 1, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "one", &new, 1, 0, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_allow(f->plan, SPN_NO_WAY_BACK, NULL), SPN_OK);
	const char *path = apply(f, "delete", SPN_OK);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, keep_text, text, &f->err), SPN_OK);
	assert_non_null(strstr(text, "'http/both' is not given back to 'CN="));
	assert_non_null(strstr(text, "it was on several accounts"));
	assert_int_equal(spn_plan_count(f->plan), 1); /* the name that was added goes */
	free(ldif);
}

/* What was moved is not taken away where it is, if it cannot be given back where it was. */
static void a_name_that_cannot_be_given_back_is_not_taken_away(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { "http/WEB", "http/web.example.com" };
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "other", names, 2, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "move", SPN_OK);
	/* the mock refuses a name of two accounts: it is there from the start */
	char *text = strdup(spn_mock_ldif(f->dir)), *moved = NULL;
	assert_true(asprintf(&moved, "%s\ndn: CN=late," BASE "\nobjectClass: user\nsAMAccountName: late\n"
			"servicePrincipalName: HTTP/web\n", text) > 0);
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(moved, SPN_DIALECT_WINDOWS, &f->dir, &f->err), SPN_OK);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "kept -;");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "other", "http/WEB"));
	assert_true(holds(f, "pool", "http/web.example.com"));
	assert_false(holds(f, "other", "http/web.example.com"));
	free(text);
	free(moved);
}

static void an_entry_that_has_gone_does_not_keep_the_others_from_getting_theirs(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/WEB";
	assert_int_equal(spn_propose_move(f->plan, f->dir, "pool", "other", &name, 1, NULL, NULL, NULL), SPN_OK);
	name = "http/web:5985";
	assert_int_equal(spn_propose_move(f->plan, f->dir, "web", "other", &name, 1, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_propose_membership(f->plan, f->dir, "pool", "other", 0, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "moves", SPN_OK);
	char *text = strdup(spn_mock_ldif(f->dir)), *pool = strstr(text, "dn: " POOL "\n");
	assert_non_null(pool);
	memcpy(strstr(pool, "CN=pool"), "CN=gone", 7);
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(text, SPN_DIALECT_WINDOWS, &f->dir, &f->err), SPN_OK);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "kept -;");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "web", "http/WEB:5985"));
	assert_true(holds(f, "other", "http/WEB")); /* and nobody loses it */
	assert_null(strstr(strstr(spn_mock_ldif(f->dir), "dn: " WRITERS), "member: " OTHER));
	free(text);
}

/* Two accounts took what HOST/WEB covers: Windows would refuse it, and with it the whole step. */
static void a_name_that_the_directory_would_refuse_does_not_keep_the_others_from_coming_back(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { "HOST/WEB", "http/WEB:5985" };
	assert_int_equal(spn_plan_allow(f->plan, SPN_NO_WAY_BACK, NULL), SPN_OK);
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "web", names, 2, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "delete", SPN_OK);
	change(f, OTHER, SPN_MOD_ADD, "servicePrincipalName", "cifs/WEB");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "kept -;");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "web", "http/WEB:5985"));
	assert_false(holds(f, "web", "HOST/WEB"));
}

static void a_journal_of_another_directory_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/new";
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, 0, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "add", SPN_OK);
	spn_directory *other = NULL;
	assert_int_equal(spn_mock_new("dn: DC=other,DC=com\nobjectClass: domainDNS\n", SPN_DIALECT_WINDOWS, &other,
			NULL), SPN_OK);
	assert_int_equal(spn_propose_undo(f->plan, other, path, 0, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "DC=other,DC=com");
	spn_directory_free(other);
}

/* Two domains may bear the same name: a laboratory, or one that was built anew. */
static void a_journal_of_another_domain_of_the_same_name_is_refused(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "dn: " BASE "\nobjectClass: domainDNS\n"
		"objectSid:: AQQAAAAAAAUVAAAAAQAAAAIAAAADAAAA\n\n"
		"dn: " DB "\nobjectClass: user\nsAMAccountName: db\nservicePrincipalName: http/new\n";
	char *other = strdup(text), *sid = strstr(other, "AQQAAAAAAAUVAAAAAQAAAAIAAAADAAAA");
	assert_non_null(sid);
	sid[20] = 'B';
	spn_directory *first = NULL, *second = NULL;
	assert_int_equal(spn_mock_new(text, SPN_DIALECT_WINDOWS, &first, &f->err), SPN_OK);
	assert_int_equal(spn_mock_new(other, SPN_DIALECT_WINDOWS, &second, &f->err), SPN_OK);
	spn_directory_free(f->dir);
	f->dir = first;
	const char *name = "http/new";
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "db", &name, 1, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "delete", SPN_OK);
	assert_non_null(strstr(read_whole(path), "# identity: S-1-5-21-1-2-3\n"));
	assert_int_equal(spn_propose_undo(f->plan, second, path, 0, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "belongs to the domain S-1-5-21-1-2-3");
	assert_int_equal(spn_journal_mark_undone(path, second, true, &f->err), SPN_ERR_REFUSED);
	assert_non_null(strstr(read_whole(path), "# state: done\n"));
	assert_int_equal(spn_propose_undo(f->plan, second, path, SPN_ELSEWHERE, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_propose_undo(f->plan, first, path, 0, NULL, NULL, &f->err), SPN_OK);
	spn_directory_free(second);
	free(other);
}

/* The later plan would have decided what becomes of the earlier one. */
static void a_journal_records_one_plan(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { "http/one", "http/two" };
	spn_journal *journal = NULL;
	char path[128];
	snprintf(path, sizeof path, "%s/both.ldif", folder);
	assert_int_equal(spn_journal_create(path, "both", &journal, &f->err), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &names[0], 1, 0, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, journal, NULL, NULL, &f->err), SPN_OK);
	char *before = strdup(read_whole(path));
	spn_plan_free(f->plan);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &names[1], 1, 0, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, journal, NULL, NULL, &f->err), SPN_ERR_INVALID);
	expect_message(f, "each plan needs a journal of its own");
	assert_false(holds(f, "db", "http/two"));
	spn_journal_free(journal);
	assert_string_equal(read_whole(path), before);
	free(before);
}

/* What the step function does while the work goes on. */
struct meanwhile {
	struct fixture *f;
	const char *path;
	spn_status status;
	spn_error err;
};

static spn_status undo_meanwhile(size_t i, const spn_step *step, spn_step_state step_state,
		const spn_error *why, void *data, spn_error *err)
{
	(void)i, (void)step, (void)why, (void)err;
	struct meanwhile *meanwhile = data;
	spn_plan *undo = NULL;
	if (step_state != SPN_STEP_DONE)
		return SPN_OK;
	assert_int_equal(spn_plan_new(&undo, NULL), SPN_OK);
	meanwhile->status = spn_propose_undo(undo, meanwhile->f->dir, meanwhile->path, 0, NULL, NULL, &meanwhile->err);
	spn_plan_free(undo);
	return SPN_OK;
}

static void a_journal_whose_work_is_still_going_on_is_not_undone(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/new";
	char path[128];
	spn_journal *journal = NULL;
	snprintf(path, sizeof path, "%s/running.ldif", folder);
	struct meanwhile meanwhile = { .f = f, .path = path };
	assert_int_equal(spn_journal_create(path, "add", &journal, &f->err), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, 0, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, journal, undo_meanwhile, &meanwhile, &f->err), SPN_OK);
	assert_int_equal(meanwhile.status, SPN_ERR_REFUSED);
	assert_non_null(strstr(meanwhile.err.message, "still going on"));
	/* it is over, though the handle is not closed */
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	spn_journal_free(journal);
}

static void a_journal_that_others_could_have_written_is_not_used(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/new";
	char in[128];
	snprintf(in, sizeof in, "%s/state/spnkit", folder);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, 0, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "add", SPN_OK);
	assert_int_equal(chmod(path, 0606), 0);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "the file can be written by everybody");
	assert_int_equal(spn_journal_forget(path, &f->err), SPN_ERR_REFUSED);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(chmod(in, 0707), 0);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "its folder can be written by everybody");
	assert_int_equal(chmod(in, 01777), 0); /* as /tmp: nobody can exchange the file of another user */
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
		assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_ERR_REFUSED);
		expect_message(f, "belongs to another user");
	}
}

static void a_journal_that_an_access_control_list_lets_others_write_is_not_used(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/new";
	char in[128];
	snprintf(in, sizeof in, "%s/state/spnkit", folder);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, 0, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "add", SPN_OK);
	file_has_acl = true;
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK); /* its mask gives nothing */
	assert_int_equal(chmod(path, 0660), 0);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "the file can be written by whom its access control list names");
	file_has_acl = false;
	folder_has_acl = true;
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(chmod(in, 0770), 0);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "its folder can be written by whom its access control list names");
	folder_has_acl = false;
}

static spn_status count_journal(const spn_journal_info *info, void *data, spn_error *err)
{
	(void)info, (void)err;
	++*(size_t *)data;
	return SPN_OK;
}

/* Whoever reads a pipe waits for its writer, and a head without an end is not read for as long as it goes on.  What
 * begins as a journal may be the change that is to be undone next: it is listed. */
static void what_is_not_a_file_or_has_no_end_is_not_taken_for_a_journal(void **state)
{
	struct fixture *f = *state;
	char path[128];
	size_t n = 0;
	snprintf(path, sizeof path, "%s/pipe.ldif", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_ERR_SYNTAX);
	expect_message(f, "not a regular file");
	snprintf(path, sizeof path, "%s/endless.ldif", folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("# spnkit journal 1\n", file);
	for (int i = 0; i < 500000; i++)
		fputs("# a line of a head that does not end\n", file);
	fclose(file);
	assert_int_equal(spn_journal_read(path, &(spn_journal_info *){ NULL }, &f->err), SPN_ERR_SYNTAX);
	expect_message(f, "no empty line ends its head");
	assert_int_equal(spn_journal_list(folder, count_journal, &n, &f->err), SPN_OK);
	assert_int_equal(n, 1);
}

static void work_of_which_nothing_was_sent_leaves_no_journal(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/new";
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, 0, NULL, NULL, NULL), SPN_OK);
	change(f, POOL, SPN_MOD_ADD, "servicePrincipalName", "http/new");
	assert_int_equal(access(apply(f, "add", SPN_ERR_NOT_UNIQUE), F_OK), -1);
}

static void undone_work_leaves_a_journal_that_says_so(void **state)
{
	struct fixture *f = *state;
	const spn_fault deny = { .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .nth = 2, .status = SPN_ERR_DENIED };
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	assert_int_equal(spn_mock_fault(f->dir, &deny, NULL), SPN_OK);
	assert_non_null(strstr(read_whole(apply(f, "fix web", SPN_ERR_DENIED)), "# state: undone\n"));
}

static void a_journal_never_overwrites_a_file(void **state)
{
	struct fixture *f = *state;
	char path[128];
	snprintf(path, sizeof path, "%s/mine", folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("precious", file);
	fclose(file);
	spn_journal *journal = NULL;
	assert_int_equal(spn_journal_create(path, "x", &journal, &f->err), SPN_ERR_FAILED);
	expect_message(f, "already exists");
	assert_null(journal);
	assert_string_equal(read_whole(path), "precious");
	assert_int_equal(spn_journal_create(folder, "x", &journal, &f->err), SPN_ERR_FAILED);
	expect_message(f, "it is a folder; write '/tmp/");
	assert_int_equal(spn_journal_check(folder, &f->err), SPN_ERR_FAILED);
	expect_message(f, "it is a folder; write '/tmp/");
}

static spn_status note_journal(const spn_journal_info *info, void *data, spn_error *err)
{
	(void)err;
	append_told(data, info->title, spn_journal_state_name(info->state));
	return SPN_OK;
}

/* Somebody registered it again meanwhile, in another case. */
static void a_name_that_came_back_in_another_spelling_does_not_keep_the_others_from_coming_back(void **state)
{
	struct fixture *f = *state;
	const char *const names[] = { "http/WEB", "http/web.example.com" };
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "pool", names, 2, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "delete", SPN_OK);
	change(f, POOL, SPN_MOD_ADD, "servicePrincipalName", "HTTP/web");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "kept -;");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "pool", "http/web.example.com"));
	assert_true(holds(f, "pool", "HTTP/web"));
}

/* Samba stores two spellings of a name side by side, and writes HOST/x anew, as host/x, when another account gets an
 * alias of it. */
static int open_samba_with_folder(void **state)
{
	snprintf(folder, sizeof folder, "/tmp/spnkit-test-XXXXXX");
	return mkdtemp(folder) ? open_with(state, SPN_DIALECT_SAMBA) : -1;
}

#define on_samba(test) cmocka_unit_test_setup_teardown(test, open_samba_with_folder, remove_folder)

/* Adds a name; then somebody else has another spelling of it in its place. */
static const char *add_and_respell(struct fixture *f, const char *dn, const char *name, const char *spelling)
{
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { name, strlen(name) } };
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = dn, .mods = &mod, .n_mods = 1 }, NULL), SPN_OK);
	const char *path = apply(f, "add", SPN_OK);
	change(f, dn, SPN_MOD_DELETE, "servicePrincipalName", name);
	if (spelling)
		change(f, dn, SPN_MOD_ADD, "servicePrincipalName", spelling);
	return path;
}

static void a_host_name_that_was_added_is_removed_however_samba_spells_it_by_now(void **state)
{
	struct fixture *f = *state;
	const char *path = add_and_respell(f, DB, "HOST/new", "host/new");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, NULL), SPN_OK);
	assert_string_equal(f->told, "");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	expect_names(f, "db", "");
}

static void another_name_is_of_whoever_wrote_it_and_is_said_to_be_there(void **state)
{
	struct fixture *f = *state;
	const char *path = add_and_respell(f, DB, "http/new", "HTTP/new");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "'http/new' is not removed from '" DB "', which has it as 'HTTP/new' by now");
}

/* Makes a step of its own of each change, and carries them out. */
static const char *apply_each(struct fixture *f, const char *dn, const spn_mod *mods, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = dn, .mods = &mods[i], .n_mods = 1 }, NULL), SPN_OK);
	return apply(f, "by hand", SPN_OK);
}

/* Of two spellings, Samba deletes the one that is stored first, be it the other one that was added last. */
static void of_two_changes_that_each_added_a_spelling_both_can_be_undone_or_it_is_said(void **state)
{
	static const spn_mod mods[] = { { SPN_MOD_ADD, "servicePrincipalName", { "http/new", 8 } },
		{ SPN_MOD_ADD, "servicePrincipalName", { "HTTP/new", 8 } } };
	struct fixture *f = *state;
	char first[256];
	snprintf(first, sizeof first, "%s", apply_each(f, DB, mods, 1));
	const char *second = apply_each(f, DB, mods + 1, 1);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, second, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	expect_names(f, "db", "HTTP/new;");
	f->plan = spn_plan_free(f->plan);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, first, 0, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "which has it as 'HTTP/new' by now");
}

static void a_spelling_that_a_plan_put_in_the_place_of_another_one_goes_when_that_one_comes_back(void **state)
{
	static const spn_mod mods[] = { { SPN_MOD_ADD, "servicePrincipalName", { "HTTP/new", 8 } },
		{ SPN_MOD_DELETE, "servicePrincipalName", { "http/new", 8 } } };
	struct fixture *f = *state;
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/new");
	const char *path = apply_each(f, DB, mods, 2);
	expect_names(f, "db", "HTTP/new;");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	expect_names(f, "db", "http/new;");
}

static void a_spelling_comes_back_beside_the_one_that_was_there_before_too(void **state)
{
	static const spn_mod mod = { SPN_MOD_DELETE, "servicePrincipalName", { "http/new", 8 } };
	struct fixture *f = *state;
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/new");
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "HTTP/new");
	const char *path = apply_each(f, DB, &mod, 1);
	expect_names(f, "db", "HTTP/new;");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	expect_names(f, "db", "HTTP/new;http/new;");
}

/* One step took HOST/x away behind something else that it did; http/x is elsewhere. */
static void expect_host_name_back(struct fixture *f, const spn_mod *first)
{
	const spn_mod mods[] = { *first, { SPN_MOD_DELETE, "servicePrincipalName", { "HOST/new", 8 } } };
	char *before;
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "HOST/new");
	change(f, OTHER, SPN_MOD_ADD, "servicePrincipalName", "http/new");
	before = strdup(spn_mock_ldif(f->dir));
	const spn_step step = { .dn = DB, .mods = mods, .n_mods = 2, .flags = SPN_TAKEOVER };
	assert_int_equal(spn_plan_append(f->plan, &step, NULL), SPN_OK);
	assert_int_equal(spn_plan_allow(f->plan, SPN_ANY_ATTRIBUTE, NULL), SPN_OK);
	const char *path = apply(f, "by hand", SPN_OK);
	assert_false(holds(f, "db", "HOST/new"));
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_string_equal(spn_mock_ldif(f->dir), before);
	free(before);
}

static void a_host_name_comes_back_from_a_step_that_added_another_one(void **state)
{
	expect_host_name_back(*state, &(const spn_mod){ SPN_MOD_ADD, "servicePrincipalName", { "cifs/new", 8 } });
}

static void a_host_name_comes_back_from_a_step_that_changed_another_attribute(void **state)
{
	expect_host_name_back(*state, &(const spn_mod){ SPN_MOD_ADD, "description", { "new", 3 } });
}

/* Behind a deletion in one request, Samba would not see who else holds it, be it that we do not. */
static void what_an_undo_gives_back_is_no_part_of_a_request_that_deletes_names(void **state)
{
	static const spn_mod mods[] = { { SPN_MOD_DELETE, "servicePrincipalName", { "x/old", 5 } },
		{ SPN_MOD_ADD, "servicePrincipalName", { "x/new", 5 } } };
	struct fixture *f = *state;
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "x/old");
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = DB, .mods = mods, .n_mods = 2 }, NULL), SPN_OK);
	const char *path = apply(f, "by hand", SPN_OK);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 2);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	expect_names(f, "db", "x/old;");
}

static void what_was_there_before_is_not_taken_for_a_spelling_of_what_was_added(void **state)
{
	struct fixture *f = *state;
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "host/new");
	const char *path = add_and_respell(f, DB, "HOST/new", "host/new");
	change(f, DB, SPN_MOD_DELETE, "servicePrincipalName", "HOST/new");
	expect_names(f, "db", "host/new;");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, NULL), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 0);
}

/* Samba, told to delete one of two, may delete the other. */
static void the_last_spelling_of_what_was_there_before_stays(void **state)
{
	struct fixture *f = *state;
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/new");
	const char *path = add_and_respell(f, DB, "HTTP/new", NULL);
	expect_names(f, "db", "HTTP/new;");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "'HTTP/new' stays on '" DB "', which had the name before");
}

/* As when an undo was killed in which Samba had deleted that one. */
static void of_two_spellings_that_were_added_one_stays_for_what_was_there_before(void **state)
{
	static const spn_mod mods[] = { { SPN_MOD_ADD, "servicePrincipalName", { "HTTP/new", 8 } },
		{ SPN_MOD_ADD, "servicePrincipalName", { "Http/new", 8 } } };
	struct fixture *f = *state;
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/new");
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = DB, .mods = &mods[i], .n_mods = 1 }, NULL), SPN_OK);
	const char *path = apply(f, "add", SPN_OK);
	change(f, DB, SPN_MOD_DELETE, "servicePrincipalName", "http/new");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, NULL), SPN_OK);
	assert_string_equal(f->told, "spelling -;kept -;");
	assert_int_equal(spn_plan_count(f->plan), 1);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "db", "HTTP/new") != holds(f, "db", "Http/new"));
}

/* To Samba, these are two names. */
static void a_name_with_an_accent_is_no_spelling_of_the_one_without(void **state)
{
	struct fixture *f = *state;
	change(f, DB, SPN_MOD_ADD, "servicePrincipalName", "http/cafe");
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/caf\xc3\xa9", 10 } };
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = DB, .mods = &mod, .n_mods = 1 }, NULL), SPN_OK);
	const char *path = apply(f, "add", SPN_OK);
	change(f, DB, SPN_MOD_DELETE, "servicePrincipalName", "http/cafe");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	expect_names(f, "db", "");
}

static void a_spelling_that_the_account_had_before_comes_back(void **state)
{
	static const spn_mod mods[] = { { SPN_MOD_DELETE, "servicePrincipalName", { "HOST/WEB", 8 } },
		{ SPN_MOD_ADD, "servicePrincipalName", { "host/web", 8 } } };
	struct fixture *f = *state;
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = WEB, .mods = mods, .n_mods = 2 }, NULL), SPN_OK);
	const char *path = apply(f, "apply", SPN_OK);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "web", "HOST/WEB"));
	f->told[0] = '\0';
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, NULL), SPN_OK);
	assert_true(holds(f, "web", "HOST/WEB"));
}

/* Of the steps that the caller's plan has already, nothing is kept. */
static void an_undo_ends_behind_a_step_that_would_be_refused(void **state)
{
	static const spn_mod held = { SPN_MOD_ADD, "servicePrincipalName", { "http/WEB", 8 } };
	struct fixture *f = *state;
	const char *name = "http/new";
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, 0, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "add http/new db", SPN_OK);
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = OTHER, .mods = &held, .n_mods = 1 }, NULL), SPN_OK);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, NULL), SPN_OK);
	assert_string_equal(f->told, "");
	assert_int_equal(spn_plan_count(f->plan), 2);
}

/* The clock went back: the one that was made last is still the first that undo offers. */
static void the_last_journal_is_the_newest_whatever_the_clock_says(void **state)
{
	struct fixture *f = *state;
	const char *const first = "http/one", *const second = "http/two";
	char in[128], late[256], own[256];
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &first, 1, 0, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "first", SPN_OK);
	snprintf(in, sizeof in, "%s/state/spnkit/", folder);
	snprintf(late, sizeof late, "%s29991231T235959.999999Z-1.ldif", in);
	assert_int_equal(rename(path, late), 0);
	snprintf(own, sizeof own, "%szzz.ldif", in); /* whose name tells no time */
	fclose(fopen(own, "w"));
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &second, 1, 0, NULL, NULL, NULL), SPN_OK);
	apply(f, "second", SPN_OK);
	assert_int_equal(spn_journal_list(in, note_journal, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "second done;first done;");
}

/* A name of one's own sorts behind all times; what its head says counts. */
static void a_journal_with_a_name_of_its_own_has_its_place_by_its_time(void **state)
{
	struct fixture *f = *state;
	const char *const first = "http/one", *const second = "http/two";
	char in[128], own[256];
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &first, 1, 0, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "first", SPN_OK);
	snprintf(in, sizeof in, "%s/state/spnkit/", folder);
	snprintf(own, sizeof own, "%smonday.ldif", in);
	assert_int_equal(rename(path, own), 0);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &second, 1, 0, NULL, NULL, NULL), SPN_OK);
	apply(f, "second", SPN_OK);
	assert_int_equal(spn_journal_list(in, note_journal, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "second done;first done;");
}

static void journals_are_listed_newest_first_and_can_be_marked_undone(void **state)
{
	struct fixture *f = *state;
	char in[128], alien[160];
	const char *names[] = { "http/one", "http/two" };
	char first[256];
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &names[i], 1, 0, NULL, NULL, NULL), SPN_OK);
		const char *path = apply(f, names[i], SPN_OK);
		if (i == 0)
			snprintf(first, sizeof first, "%s", path);
	}
	snprintf(in, sizeof in, "%s/state/spnkit", folder);
	snprintf(alien, sizeof alien, "%s/zzz.ldif", in);
	fclose(fopen(alien, "w"));
	assert_int_equal(spn_journal_mark_undone(first, f->dir, true, &f->err), SPN_OK);
	assert_int_equal(spn_journal_list(in, note_journal, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "http/two done;http/one undone;");
	assert_int_equal(spn_journal_list("/nonexistent/spnkit", note_journal, f, NULL), SPN_OK);
	spn_journal_info *info = NULL, *copy = NULL;
	assert_int_equal(spn_journal_read(first, &info, &f->err), SPN_OK);
	assert_int_equal(spn_journal_info_copy(info, &copy, &f->err), SPN_OK);
	assert_null(spn_journal_info_free(info));
	assert_string_equal(copy->path, first);
	assert_int_equal(copy->state, SPN_JOURNAL_UNDONE);
	assert_null(copy->problem);
	spn_journal_info_free(copy);
	assert_int_equal(spn_journal_read(alien, &(spn_journal_info *){ NULL }, &f->err), SPN_ERR_SYNTAX);
	assert_int_equal(spn_journal_read("/nonexistent", &(spn_journal_info *){ NULL }, &f->err), SPN_ERR_NOT_FOUND);
}

/* What was as before may still arrive, from another controller or one that is slow. */
static void a_journal_that_was_undone_before_its_change_arrived_can_be_undone_again(void **state)
{
	struct fixture *f = *state;
	const char *const name = "http/late";
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, 0, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "late", SPN_OK);
	for (int whole = 0; whole < 2; whole++) {
		change(f, DB, SPN_MOD_DELETE, "servicePrincipalName", name);
		assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
		assert_int_equal(spn_plan_count(f->plan), 0);
		assert_int_equal(spn_journal_mark_undone(path, f->dir, whole, &f->err), SPN_OK);
		change(f, DB, SPN_MOD_ADD, "servicePrincipalName", name);
		assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err),
				whole ? SPN_ERR_REFUSED : SPN_OK);
		assert_int_equal(spn_plan_count(f->plan), !whole);
		f->plan = spn_plan_free(f->plan);
		assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	}
}

/* Whatever was on its way when the power went, undo gets the names back. */
static void a_journal_left_open_is_undone_as_far_as_it_stands(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, NULL), SPN_OK);
	const char *path = apply(f, "fix web", SPN_OK);
	/* as if the last step had been written down and not sent */
	change(f, WEB, SPN_MOD_DELETE, "servicePrincipalName", "http/WEB");
	change(f, WEB, SPN_MOD_DELETE, "servicePrincipalName", "http/web.example.com");
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 2);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_true(holds(f, "pool", "http/WEB"));
}

/* As reset does: what was taken away for a moment and given back must not be taken away by undo. */
static void undo_of_a_name_taken_away_and_given_back_leaves_it_alone(void **state)
{
	struct fixture *f = *state;
	const char *away = "http/WEB", *stays = "http/new";
	assert_int_equal(spn_propose_delete(f->plan, f->dir, "pool", &away, 1, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "pool", &away, 1, SPN_TAKEOVER, NULL, NULL, NULL), SPN_OK);
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &stays, 1, 0, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "reset", SPN_OK);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 1);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, NULL), SPN_OK);
	assert_true(holds(f, "pool", "http/WEB"));
	assert_false(holds(f, "db", "http/new"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_folder(a_journal_records_what_was_and_how_to_get_back),
		with_folder(undo_brings_back_what_was_recorded),
		with_folder(undo_leaves_out_what_is_as_before_already),
		with_folder(undo_does_not_take_a_name_from_whoever_holds_it_now),
		with_folder(a_name_that_somebody_else_took_does_not_keep_the_others_from_coming_back),
		with_folder(a_name_that_was_on_several_accounts_stays_where_it_is),
		with_folder(a_name_that_cannot_be_given_back_is_not_taken_away),
		with_folder(an_entry_that_has_gone_does_not_keep_the_others_from_getting_theirs),
		with_folder(a_name_that_the_directory_would_refuse_does_not_keep_the_others_from_coming_back),
		with_folder(a_journal_of_another_directory_is_refused),
		with_folder(a_journal_of_another_domain_of_the_same_name_is_refused),
		with_folder(a_journal_records_one_plan),
		with_folder(a_journal_whose_work_is_still_going_on_is_not_undone),
		with_folder(a_journal_that_others_could_have_written_is_not_used),
		with_folder(a_journal_that_an_access_control_list_lets_others_write_is_not_used),
		with_folder(what_is_not_a_file_or_has_no_end_is_not_taken_for_a_journal),
		with_folder(work_of_which_nothing_was_sent_leaves_no_journal),
		with_folder(undone_work_leaves_a_journal_that_says_so),
		with_folder(a_journal_never_overwrites_a_file),
		with_folder(a_name_that_came_back_in_another_spelling_does_not_keep_the_others_from_coming_back),
		on_samba(a_host_name_that_was_added_is_removed_however_samba_spells_it_by_now),
		on_samba(another_name_is_of_whoever_wrote_it_and_is_said_to_be_there),
		on_samba(of_two_changes_that_each_added_a_spelling_both_can_be_undone_or_it_is_said),
		on_samba(a_spelling_that_a_plan_put_in_the_place_of_another_one_goes_when_that_one_comes_back),
		on_samba(a_spelling_comes_back_beside_the_one_that_was_there_before_too),
		on_samba(a_host_name_comes_back_from_a_step_that_added_another_one),
		on_samba(a_host_name_comes_back_from_a_step_that_changed_another_attribute),
		on_samba(what_an_undo_gives_back_is_no_part_of_a_request_that_deletes_names),
		on_samba(what_was_there_before_is_not_taken_for_a_spelling_of_what_was_added),
		on_samba(the_last_spelling_of_what_was_there_before_stays),
		on_samba(of_two_spellings_that_were_added_one_stays_for_what_was_there_before),
		on_samba(a_name_with_an_accent_is_no_spelling_of_the_one_without),
		with_folder(a_spelling_that_the_account_had_before_comes_back),
		with_folder(an_undo_ends_behind_a_step_that_would_be_refused),
		with_folder(the_last_journal_is_the_newest_whatever_the_clock_says),
		with_folder(a_journal_with_a_name_of_its_own_has_its_place_by_its_time),
		with_folder(journals_are_listed_newest_first_and_can_be_marked_undone),
		with_folder(undo_of_a_name_taken_away_and_given_back_leaves_it_alone),
		with_folder(a_journal_that_was_undone_before_its_change_arrived_can_be_undone_again),
		with_folder(a_journal_left_open_is_undone_as_far_as_it_stands),
	};
	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Whose a group is that may write a journal.  Users and groups are this test's: it stands before the C library. */
#include "journal_helper.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GROUP = 4321 };

static gid_t group_of_file(void)
{
	return geteuid() == 0 ? GROUP : getegid();
}

static char *members[2];
static struct passwd users[3];
static size_t n_users, at;

int getpwuid_r(uid_t uid, struct passwd *user, char *buffer, size_t size, struct passwd **ret)
{
	(void)buffer, (void)size;
	*user = (struct passwd){ .pw_uid = uid, .pw_gid = group_of_file() };
	static char name[] = "alice";
	user->pw_name = name;
	*ret = user;
	return 0;
}

int getgrgid_r(gid_t gid, struct group *group, char *buffer, size_t size, struct group **ret)
{
	static char name[] = "alice";
	(void)buffer, (void)size;
	*group = (struct group){ .gr_name = name, .gr_gid = gid, .gr_mem = members };
	*ret = group;
	return 0;
}

int fgetpwent_r(FILE *file, struct passwd *user, char *buffer, size_t size, struct passwd **ret)
{
	(void)file, (void)buffer, (void)size;
	if (at == n_users) {
		*ret = NULL;
		at = 0;
		return ENOENT;
	}
	*user = users[at++];
	*ret = user;
	return 0;
}

static spn_status undo(struct fixture *f, const char *path)
{
	at = 0;
	return spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err);
}

static void a_journal_that_somebody_else_of_the_group_could_have_written_is_not_used(void **state)
{
	struct fixture *f = *state;
	const char *name = "http/new";
	assert_int_equal(spn_propose_add(f->plan, f->dir, "db", &name, 1, 0, NULL, NULL, NULL), SPN_OK);
	const char *path = apply(f, "add", SPN_OK);
	assert_int_equal(chown(path, (uid_t)-1, group_of_file()), 0);
	assert_int_equal(chmod(path, 0660), 0);
	users[0] = (struct passwd){ .pw_uid = geteuid(), .pw_gid = group_of_file() };
	users[1] = (struct passwd){ .pw_uid = geteuid() + 1, .pw_gid = group_of_file() + 1 };
	n_users = 2;
	assert_int_equal(undo(f, path), SPN_OK); /* the group is the user's own */
	users[2] = (struct passwd){ .pw_uid = geteuid() + 2, .pw_gid = group_of_file() };
	n_users = 3;
	assert_int_equal(undo(f, path), SPN_ERR_REFUSED);
	expect_message(f, "the file can be written by a group");
	n_users = 2;
	static char mallory[] = "mallory";
	members[0] = mallory;
	assert_int_equal(undo(f, path), SPN_ERR_REFUSED);
	expect_message(f, "the file can be written by a group");
	members[0] = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_folder(a_journal_that_somebody_else_of_the_group_could_have_written_is_not_used),
	};
	return cmocka_run_group_tests_name("journal_group", tests, NULL, NULL);
}

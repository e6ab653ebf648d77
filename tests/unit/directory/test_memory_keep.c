/* SPDX-License-Identifier: MIT */
/* What a file has besides its bytes is kept when it is written anew; and what cannot be kept exactly is refused.  The
 * extended attributes are faked, so that no file system has to have them. */
#include "memory_helper.h"

#include "directory/memory/save.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define WEB "CN=web,DC=kim,DC=com"

static const char sample[] = "dn: " WEB "\nobjectClass: computer\n" SPN ": HOST/web\n";
static spn_error error, *const err = &error;
static spn_directory *dir;
static char folder[100], path[200], url[400];

/* The attributes of every file that is read, and those that were set. */
static const char *names; /* one after the other, as flistxattr lists them; NULL: none are supported */
static size_t names_len;
static char set_names[200];
static const char *refused_name;
static bool shortens; /* somebody cuts the file off before it is copied */

ssize_t flistxattr(int fd, char *list, size_t size)
{
	(void)fd;
	if (shortens)
		assert_int_equal(truncate(path, 20), 0);
	if (!names) {
		errno = ENOTSUP;
		return -1;
	}
	if (size >= names_len)
		memcpy(list, names, names_len);
	return (ssize_t)names_len;
}

ssize_t fgetxattr(int fd, const char *name, void *value, size_t size)
{
	(void)fd;
	if (size >= strlen(name))
		memcpy(value, name, strlen(name)); /* the value is the name again */
	return (ssize_t)strlen(name);
}

/* The rights of a new file are among what is set, in its order. */
int fchmod(int fd, mode_t mode)
{
	size_t len = strlen(set_names);
	snprintf(set_names + len, sizeof set_names - len, "[mode]");
	return (int)syscall(SYS_fchmod, fd, mode);
}

static bool has_inherited; /* an ACL, from the folder */

int fremovexattr(int fd, const char *name)
{
	(void)fd;
	bool had = has_inherited && strcmp(name, "system.posix_acl_access") == 0;
	has_inherited &= !had;
	if (!had)
		errno = names ? ENODATA : ENOTSUP;
	return had ? 0 : -1;
}

int fsetxattr(int fd, const char *name, const void *value, size_t size, int flags)
{
	(void)fd;
	(void)flags;
	if (refused_name && strcmp(name, refused_name) == 0) {
		errno = EPERM;
		return -1;
	}
	assert_int_equal(size, strlen(name));
	assert_memory_equal(value, name, size);
	size_t len = strlen(set_names);
	snprintf(set_names + len, sizeof set_names - len, "[%s]", name);
	return 0;
}

#define HAS(list) (names = (list), names_len = sizeof(list))

static void write_sample(void)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(sample, file);
	assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/spnkit-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/x.ldif", folder);
	snprintf(url, sizeof url, "ldif:%s", path);
	write_sample();
	names = refused_name = NULL;
	shortens = has_inherited = false;
	*set_names = '\0';
	assert_ok(spn_directory_open(url, NULL, &dir, err));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	char other[300];
	dir = spn_directory_free(dir);
	snprintf(other, sizeof other, "%s/other", folder);
	unlink(other);
	unlink(path);
	return rmdir(folder);
}

static off_t size_now(void)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* The mode last: without the ACL, its group bits give the group more. */
static void an_acl_and_extended_attributes_are_kept(void **state)
{
	(void)state;
	HAS("user.origin\0system.posix_acl_access\0security.selinux");
	assert_ok(add(dir, WEB, SPN, "http/web"));
	assert_string_equal(set_names, "[user.origin][system.posix_acl_access][security.selinux][mode]");
}

static void an_acl_that_the_folder_gives_is_not_kept(void **state)
{
	(void)state;
	HAS("user.origin");
	has_inherited = true;
	assert_ok(add(dir, WEB, SPN, "http/web"));
	assert_false(has_inherited);
	assert_string_equal(set_names, "[user.origin][mode]");
}

static void a_file_system_without_extended_attributes_will_do(void **state)
{
	(void)state;
	assert_ok(add(dir, WEB, SPN, "http/web"));
	assert_true(size_now() > (off_t)sizeof sample);
}

static void a_change_that_would_lose_the_acl_or_an_attribute_is_refused(void **state)
{
	(void)state;
	static const char *const lost[] = { "user.origin", "system.posix_acl_access" };
	HAS("user.origin\0system.posix_acl_access\0security.selinux");
	for (size_t i = 0; i < 2; i++) {
		refused_name = lost[i];
		assert_fails(add(dir, WEB, SPN, "http/web"), SPN_ERR_REFUSED, "is not changed");
		assert_int_equal(size_now(), sizeof sample - 1);
	}
	refused_name = "security.selinux"; /* the system labels the new file itself */
	assert_ok(add(dir, WEB, SPN, "http/web"));
}

static void a_file_that_gets_shorter_while_it_is_copied_is_an_error(void **state)
{
	(void)state;
	shortens = true;
	assert_fails(add(dir, WEB, SPN, "http/web"), SPN_ERR_FAILED, "it was truncated while it was copied");
	assert_int_equal(size_now(), 20);
}

static void note_code(const spn_note *note, void *data)
{
	if (strcmp(note->code, "hard-links") == 0)
		*(size_t *)data = note->count;
}

static void hard_links_are_noted_where_a_change_is_possible(void **state)
{
	(void)state;
	char other[300];
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	snprintf(other, sizeof other, "%s/other", folder);
	assert_int_equal(link(path, other), 0);
	for (int read_only = 0; read_only < 2; read_only++) {
		size_t count = 0;
		options.read_only = read_only;
		dir = spn_directory_free(dir);
		assert_ok(spn_directory_open(url, &options, &dir, err));
		spn_directory_notes(dir, note_code, &count);
		assert_int_equal(count, read_only ? 0 : 2);
	}
}

/* As root would be made to replace, and to give away, a file of the system in the place of the user's own that it has
 * read. */
static void a_link_that_took_the_place_of_the_file_is_not_followed(void **state)
{
	(void)state;
	char other[sizeof path + 8], *text = NULL;
	size_t size = 0;
	int fd = -1;
	snprintf(other, sizeof other, "%s.other", path);
	names = NULL;
	const spk_original original = { .file = open(path, O_RDONLY), .text = open(path, O_RDONLY), .size = strlen(sample) };
	assert_true(original.file >= 0 && original.text >= 0);
	FILE *file = fopen(other, "w");
	assert_non_null(file);
	fputs("of somebody else", file);
	fclose(file);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(spk_save(path, &original, NULL, 0, &fd, NULL), SPN_ERR_REFUSED);
	assert_int_equal(fd, -1);
	file = fopen(other, "r");
	assert_int_equal(getdelim(&text, &size, '\0', file), 16);
	assert_string_equal(text, "of somebody else");
	free(text);
	fclose(file);
	close(original.file);
	close(original.text);
	unlink(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_link_that_took_the_place_of_the_file_is_not_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(an_acl_and_extended_attributes_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(an_acl_that_the_folder_gives_is_not_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_system_without_extended_attributes_will_do, setup, teardown),
		cmocka_unit_test_setup_teardown(a_change_that_would_lose_the_acl_or_an_attribute_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_gets_shorter_while_it_is_copied_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(hard_links_are_noted_where_a_change_is_possible, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* ldif:FILE on disk: what is written, when, and what happens when it cannot be. */
#include "memory_helper.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "patience.h"

#define WEB "CN=web,DC=kim,DC=com"
#define SVC "CN=svc,DC=kim,DC=com"

static const char sample[] = "# mine\r\ndn: " WEB "\r\nobjectClass: computer\r\n" SPN ": HOST/web\r\n\r\n# two\n"
	"dn: " SVC "\nobjectClass: user\n" SPN ": http/web\nthumbnailPhoto:: AAEC\n";

static spn_error error, *const err = &error;
static spn_directory *dir;
static struct found found;
static char folder[100], path[200], url[400];

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

static const char *read_file(const char *name)
{
	static char text[100000];
	FILE *file = fopen(name, "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void open_file(void)
{
	spn_directory_free(dir);
	dir = NULL;
	assert_ok(spn_directory_open(url, NULL, &dir, err));
}

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/spnkit-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/x.ldif", folder);
	snprintf(url, sizeof url, "ldif:%s", path);
	write_file(path, sample);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dir = spn_directory_free(dir);
	chmod(folder, 0700);
	DIR *list = opendir(folder);
	for (struct dirent *entry; list && (entry = readdir(list));) {
		char name[400];
		snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
		unlink(name);
	}
	closedir(list);
	return rmdir(folder);
}

static size_t count_files(void)
{
	size_t n = 0;
	DIR *list = opendir(folder);
	for (struct dirent *entry; (entry = readdir(list));)
		n += entry->d_name[0] != '.' || strstr(entry->d_name, "spnkit") != NULL;
	closedir(list);
	return n;
}

static void a_change_is_in_the_file_and_nothing_else_is_changed(void **state)
{
	(void)state;
	open_file();
	assert_ok(add(dir, WEB, SPN, "TERMSRV/web"));
	assert_ok(delete(dir, SVC, SPN, "HTTP/web"));
	assert_string_equal(read_file(path), "# mine\r\ndn: " WEB "\r\nobjectClass: computer\r\n" SPN ": HOST/web\r\n"
			SPN ": TERMSRV/web\r\n\r\n# two\ndn: " SVC "\nobjectClass: user\nthumbnailPhoto:: AAEC\n");
	assert_int_equal(count_files(), 1);
}

static void ctrl_z_at_the_end_of_a_file_is_no_text_and_stays(void **state)
{
	(void)state;
	static const char text[] = "dn: " WEB "\nobjectClass: computer\n" SPN ": HOST/web\n\x1a";
	write_file(path, text);
	open_file();
	assert_ok(add(dir, WEB, SPN, "TERMSRV/web"));
	assert_string_equal(read_file(path), "dn: " WEB "\nobjectClass: computer\n" SPN ": HOST/web\n" SPN
			": TERMSRV/web\n\x1a");
	assert_ok(delete(dir, WEB, SPN, "TERMSRV/web"));
	assert_string_equal(read_file(path), text);
	write_file(path, "dn: " WEB "\n\x1a\ndn: " SVC "\n");
	assert_fails(spn_directory_open(url, NULL, &(spn_directory *){ NULL }, err), SPN_ERR_SYNTAX, "line 2");
}

static void expect_domain(const char *name, const char *base)
{
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	const spn_entry *root;
	options.domain = name;
	dir = spn_directory_free(dir);
	if (!base) {
		assert_fails(spn_directory_open(url, &options, &dir, err), SPN_ERR_INVALID, "has no domain");
		return;
	}
	assert_ok(spn_directory_open(url, &options, &dir, err));
	assert_ok(spn_directory_root(dir, &root, err));
	assert_string_equal(spn_entry_text(root, "defaultNamingContext"), base);
}

static void a_domain_is_known_by_its_netbios_name(void **state)
{
	(void)state;
#define DOMAIN(dn) "dn: " dn "\nobjectClass: domainDNS\n\n"
	write_file(path, DOMAIN("DC=one,DC=test") DOMAIN("DC=two,DC=test") DOMAIN("DC=two,DC=example")
			DOMAIN("DC=a-name-longer-than-it,DC=test")
			"dn: CN=X,CN=Partitions,CN=Configuration,DC=one,DC=test\nnETBIOSName: three\nnCName: DC=two,DC=example\n\n"
			"dn: CN=Y,CN=Partitions,CN=Configuration,DC=one,DC=test\nnETBIOSName: ABSENT\nnCName: DC=absent,DC=example\n");
#undef DOMAIN
	expect_domain("ONE", "DC=one,DC=test");
	expect_domain("THREE", "DC=two,DC=example"); /* as the forest's list of domains says */
	expect_domain("A-NAME-LONGER-T", "DC=a-name-longer-than-it,DC=test");
	expect_domain("TWO", NULL); /* which of them? */
	expect_domain("ABSENT", NULL);
	expect_domain("one.", NULL);
}

static void mode_and_link_stay(void **state)
{
	(void)state;
	char link[300];
	struct stat st;
	snprintf(link, sizeof link, "%s/link.ldif", folder);
	assert_int_equal(symlink("x.ldif", link), 0);
	assert_int_equal(chmod(path, 0640), 0);
	snprintf(url, sizeof url, "ldif:%s", link);
	open_file();
	assert_ok(add(dir, WEB, SPN, "TERMSRV/web"));
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_non_null(strstr(read_file(path), "TERMSRV/web"));
	assert_int_equal(count_files(), 2);
}

static void a_relative_path_is_kept_when_the_folder_is_left(void **state)
{
	(void)state;
	char here[1000];
	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir(folder), 0);
	snprintf(url, sizeof url, "ldif:x.ldif");
	open_file();
	assert_int_equal(chdir(here), 0);
	assert_ok(add(dir, WEB, SPN, "TERMSRV/web"));
	assert_non_null(strstr(read_file(path), "TERMSRV/web"));
}

/* Runs a function as somebody who is not root, in a process of its own. */
static int as_nobody(int (*fn)(void))
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (geteuid() == 0 && (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0))
			_exit(99);
		_exit(fn());
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int change_what_cannot_be_written(void)
{
	spn_directory *mine;
	if (spn_directory_open(url, NULL, &mine, err))
		return 1;
	if (find_value(mine, SPN_FILTER_EQUAL, SPN, "http/web", &found, err) || found.n != 1)
		return 2;
	if (add(mine, WEB, SPN, "TERMSRV/web") != SPN_ERR_REFUSED || !strstr(error.message, path))
		return 3;
	if (find_value(mine, SPN_FILTER_EQUAL, SPN, "TERMSRV/web", &found, err) || found.n != 0)
		return 4;
	spn_directory_free(mine);
	return 0;
}

static void a_file_that_may_not_be_written_is_searched_only(void **state)
{
	(void)state;
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(chmod(folder, 0777), 0);
	assert_int_equal(as_nobody(change_what_cannot_be_written), 0);
	assert_string_equal(read_file(path), sample);
}

static void a_folder_that_may_not_be_written_keeps_its_file(void **state)
{
	(void)state;
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(chmod(folder, 0555), 0);
	assert_int_equal(as_nobody(change_what_cannot_be_written), 0);
	assert_string_equal(read_file(path), sample);
}

static int change_anothers_file(void)
{
	spn_directory *mine;
	if (spn_directory_open(url, NULL, &mine, err))
		return 1;
	spn_status status = add(mine, WEB, SPN, "TERMSRV/web");
	spn_directory_free(mine);
	return status == SPN_ERR_REFUSED && strstr(error.message, "same owner") ? 0 : 2;
}

static void a_file_does_not_change_its_owner(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return; /* only root has files of two users */
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(chmod(folder, 0777), 0);
	assert_int_equal(as_nobody(change_anothers_file), 0);
	assert_string_equal(read_file(path), sample);
	assert_int_equal(count_files(), 1);
}

static void a_full_disk_leaves_everything_as_it_was(void **state)
{
	(void)state;
	struct rlimit old, small;
	open_file();
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ 100, old.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	*err = (spn_error){ 0 };
	spn_status status = add(dir, WEB, SPN, "TERMSRV/web");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(status, SPN_ERR_FAILED);
	assert_int_equal(error.native, EFBIG);
	assert_non_null(strstr(error.message, "is not changed"));
	assert_string_equal(read_file(path), sample);
	assert_int_equal(count_files(), 1);
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "TERMSRV/web", &found, err));
	assert_int_equal(found.n, 0);
	assert_ok(add(dir, WEB, SPN, "TERMSRV/web"));
}

static void a_file_that_is_gone_fails(void **state)
{
	(void)state;
	open_file();
	assert_int_equal(unlink(path), 0);
	assert_fails(add(dir, WEB, SPN, "TERMSRV/web"), SPN_ERR_FAILED, "No such file");
	assert_fails(find(dir, NULL, SPN_SCOPE_SUBTREE, NULL, &found, err), SPN_ERR_FAILED, "No such file");
	write_file(path, sample);
	assert_ok(add(dir, WEB, SPN, "TERMSRV/web"));
}

static void what_somebody_else_wrote_is_seen(void **state)
{
	(void)state;
	open_file();
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/web", &found, err));
	write_file(path, "dn: " WEB "\n" SPN ": x/1\n\ndn: CN=new,DC=kim,DC=com\n" SPN ": x/2\n");
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "x/2", &found, err));
	assert_string_equal(found.dns, "[CN=new,DC=kim,DC=com]");
	write_file(path, "dn: CN=other,DC=kim,DC=com\n" SPN ": x/3\n\ndn: " WEB "\n" SPN ": x/1\n");
	assert_fails(add(dir, WEB, SPN, "x/3"), SPN_ERR_NOT_UNIQUE, "CN=other,DC=kim,DC=com");
	assert_ok(add(dir, WEB, SPN, "x/4"));
	assert_string_equal(read_file(path), "dn: CN=other,DC=kim,DC=com\n" SPN ": x/3\n\ndn: " WEB "\n" SPN
			": x/1\n" SPN ": x/4\n");
}

static spn_status shorten(const spn_entry *entry, void *data, spn_error *cause)
{
	(void)entry, (void)cause;
	assert_int_equal(truncate(path, *(const off_t *)data), 0);
	return SPN_OK;
}

/* As whoever writes an export into the same file again begins by doing. */
static void a_file_that_somebody_else_shortens_in_place_does_not_pass_for_the_whole(void **state)
{
	(void)state;
	enum { RECORDS = 3000 };
	static const char *const attrs[] = { "description", NULL };
	const spn_search all = { .base = "DC=kim,DC=com", .scope = SPN_SCOPE_SUBTREE, .attrs = attrs };
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < RECORDS; i++)
		fprintf(file, "dn: CN=a%04d,DC=kim,DC=com\nobjectClass: user\n" SPN ": http/host%04d\n\n", i, i);
	off_t len = ftell(file) / RECORDS, rest = 2000 * len; /* behind a record */
	assert_int_equal(fclose(file), 0);
	open_file();
	assert_fails(spn_directory_search(dir, &all, shorten, &rest, err), SPN_ERR_FAILED, "changed while it was read");
	open_file();
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/host0001", &found, err));
	assert_int_equal(truncate(path, 1500 * len), 0);
	assert_fails(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/host1999", &found, err), SPN_ERR_FAILED,
			"has become shorter");
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/host1999", &found, err)); /* it stays so */
	assert_string_equal(found.dns, "");
}

static void a_file_that_somebody_else_broke_is_refused_until_it_is_mended(void **state)
{
	(void)state;
	open_file();
	write_file(path, "dn: " WEB "\nbroken\n");
	assert_fails(find(dir, NULL, SPN_SCOPE_SUBTREE, NULL, &found, err), SPN_ERR_SYNTAX, "line 2");
	assert_fails(find(dir, NULL, SPN_SCOPE_SUBTREE, NULL, &found, err), SPN_ERR_SYNTAX, "line 2");
	assert_fails(add(dir, WEB, SPN, "x/1"), SPN_ERR_SYNTAX, "line 2");
	assert_string_equal(read_file(path), "dn: " WEB "\nbroken\n");
	write_file(path, sample);
	assert_ok(add(dir, WEB, SPN, "x/1"));
}

static void two_directories_of_one_file_see_each_others_changes(void **state)
{
	(void)state;
	spn_directory *other;
	open_file();
	assert_ok(spn_directory_open(url, NULL, &other, err));
	assert_ok(add(other, WEB, SPN, "x/1"));
	assert_ok(add(dir, WEB, SPN, "x/2"));
	assert_ok(find_value(other, SPN_FILTER_GLOB, SPN, "x/*", &found, err));
	assert_int_equal(found.n, 1);
	assert_non_null(strstr(read_file(path), SPN ": x/1\r\n" SPN ": x/2\r\n"));
	spn_directory_free(other);
}

static int add_forty(const char *dn, const char *class)
{
	spn_directory *mine;
	if (spn_directory_open(url, NULL, &mine, err))
		return 1;
	for (int i = 0; i < 40; i++) {
		char name[40];
		snprintf(name, sizeof name, "%s/%d", class, i);
		if (add(mine, dn, SPN, name))
			return 2;
	}
	spn_directory_free(mine);
	return 0;
}

static int add_forty_a(void)
{
	return add_forty(WEB, "a");
}

static void two_writers_lose_nothing(void **state)
{
	(void)state;
	assert_int_equal(chmod(folder, 0777), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(add_forty_a());
	int mine = add_forty(SVC, "b"), status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(mine, 0);
	assert_int_equal(status, 0);
	open_file();
	const char *text = read_file(path);
	for (int i = 0; i < 40; i++) {
		char a[60], b[60];
		snprintf(a, sizeof a, SPN ": a/%d\r\n", i);
		snprintf(b, sizeof b, SPN ": b/%d\n", i);
		assert_non_null(strstr(text, a));
		assert_non_null(strstr(text, b));
	}
	assert_int_equal(count_files(), 1);
}

static void a_writer_that_does_not_end_is_not_waited_for_for_ever(void **state)
{
	(void)state;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.timeout = 1;
	assert_ok(spn_directory_open(url, &options, &dir, err));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_fails(add(dir, WEB, SPN, "x/1"), SPN_ERR_REFUSED, "another program is changing");
	close(fd);
	assert_ok(add(dir, WEB, SPN, "x/1"));
}

static void an_unreadable_file_is_told(void **state)
{
	(void)state;
	spn_directory *none = NULL;
	assert_fails(spn_directory_open("ldif:/nope/x.ldif", NULL, &none, err), SPN_ERR_FAILED,
			"cannot open '/nope/x.ldif': No such file or directory");
	assert_int_equal(error.native, ENOENT);
	assert_fails(spn_directory_open("ldif:/", NULL, &none, err), SPN_ERR_FAILED, "'/' is a folder");
	assert_fails(spn_directory_open("ldif:", NULL, &none, err), SPN_ERR_INVALID, "lacks a file");
	write_file(path, "dn: CN=a\nbad\n");
	assert_fails(spn_directory_open(url, NULL, &none, err), SPN_ERR_SYNTAX, "x.ldif', line 2, column 4: no ':'");
	assert_null(none);
}

/* Nor for whoever put a pipe into the place of a file that is open. */
static void nobody_is_waited_for_who_never_writes_into_a_pipe(void **state)
{
	(void)state;
	spn_directory *none = NULL;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.timeout = 1;
	open_file();
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(PATIENCE); /* or the test would wait for ever, too */
	ASSERT_WAITS(1, assert_fails(spn_directory_open(url, &options, &none, err), SPN_ERR_FAILED,
			"is a pipe, and no program wrote into it within 1 s"));
	assert_null(none);
	assert_fails(find_value(dir, SPN_FILTER_PRESENT, SPN, "", &found, err), SPN_ERR_FAILED, "is no longer a regular file");
	assert_fails(add(dir, WEB, SPN, "x/1"), SPN_ERR_FAILED, "is no longer a regular file");
	alarm(0);
}

static void an_option_forbids_changes(void **state)
{
	(void)state;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.read_only = true;
	assert_ok(spn_directory_open(url, &options, &dir, err));
	assert_fails(add(dir, WEB, SPN, "x/1"), SPN_ERR_REFUSED, "reading only");
}

/* Runs a function with text on its standard input. */
static int with_input(const char *text, size_t times, int (*fn)(void))
{
	int ends[2], status = 0;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[0], STDIN_FILENO);
		close(ends[0]);
		close(ends[1]);
		_exit(fn());
	}
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < times; i++)
		if (write(ends[1], text, strlen(text)) < 0)
			break;
	close(ends[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int search_input(void)
{
	spn_directory *mine;
	if (spn_directory_open("ldif:-", NULL, &mine, err))
		return 1;
	for (int i = 0; i < 2; i++)
		if (find_value(mine, SPN_FILTER_EQUAL, SPN, "http/web", &found, err) || found.n != 1)
			return 2;
	if (add(mine, WEB, SPN, "x/1") != SPN_ERR_REFUSED)
		return 3;
	spn_directory_free(mine);
	return spn_directory_open("ldif:/dev/stdin", NULL, &mine, err) == SPN_ERR_SYNTAX ? 0 : 4;
}

static int refuse_input(void)
{
	spn_directory *mine;
	struct rusage usage;
	if (spn_directory_open("ldif:-", NULL, &mine, err) != SPN_ERR_SYNTAX || !strstr(error.message, "longer than 16 MiB"))
		return 1;
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss > 300 * 1024; /* with the address sanitizer's own */
}

static void standard_input_is_searched_only(void **state)
{
	(void)state;
	assert_int_equal(with_input(sample, 1, search_input), 0);
}

static void a_gibibyte_in_one_line_of_standard_input_is_refused(void **state)
{
	(void)state;
	char part[4097];
	memset(part, 'x', sizeof part - 1);
	part[sizeof part - 1] = '\0';
	assert_int_equal(with_input(part, (1 << 30) / 4096, refuse_input), 0);
}

/* What a search says of its progress, once for each entry. */
struct progress {
	size_t n, done[4], total[4];
};

static spn_status note_progress(const spn_entry *entry, void *data, spn_error *e)
{
	struct progress *seen = data;
	(void)entry;
	(void)e;
	assert_true(seen->n < 4);
	assert_true(spn_directory_progress(dir, &seen->done[seen->n], &seen->total[seen->n]));
	seen->n++;
	return SPN_OK;
}

static void a_search_says_how_far_in_the_file_it_is(void **state)
{
	(void)state;
	struct progress seen = { .n = 0 };
	size_t done, total;
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE,
		.filter = &(spn_filter){ .op = SPN_FILTER_PRESENT, .attr = SPN } };
	open_file();
	assert_ok(spn_directory_search(dir, &search, note_progress, &seen, err));
	assert_int_equal(seen.n, 2);
	assert_true(seen.done[0] < seen.done[1]);
	assert_true(seen.done[1] < sizeof sample - 1);
	assert_int_equal(seen.total[0], sizeof sample - 1);
	assert_true(spn_directory_progress(dir, &done, &total));
	assert_int_equal(done, total);
	assert_false(spn_directory_progress(NULL, &done, &total));
	dir = spn_directory_free(dir);
	assert_ok(spn_mock_new(sample, SPN_DIALECT_WINDOWS, &dir, err)); /* a back end that does not say */
	assert_false(spn_directory_progress(dir, &done, &total));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_change_is_in_the_file_and_nothing_else_is_changed),
		TEST(ctrl_z_at_the_end_of_a_file_is_no_text_and_stays),
		TEST(a_domain_is_known_by_its_netbios_name),
		TEST(mode_and_link_stay),
		TEST(a_search_says_how_far_in_the_file_it_is),
		TEST(a_relative_path_is_kept_when_the_folder_is_left),
		TEST(a_file_that_may_not_be_written_is_searched_only),
		TEST(a_folder_that_may_not_be_written_keeps_its_file),
		TEST(a_file_does_not_change_its_owner),
		TEST(a_full_disk_leaves_everything_as_it_was),
		TEST(a_file_that_is_gone_fails),
		TEST(what_somebody_else_wrote_is_seen),
		TEST(a_file_that_somebody_else_shortens_in_place_does_not_pass_for_the_whole),
		TEST(a_file_that_somebody_else_broke_is_refused_until_it_is_mended),
		TEST(two_directories_of_one_file_see_each_others_changes),
		TEST(two_writers_lose_nothing),
		TEST(a_writer_that_does_not_end_is_not_waited_for_for_ever),
		TEST(an_unreadable_file_is_told),
		TEST(nobody_is_waited_for_who_never_writes_into_a_pipe),
		TEST(an_option_forbids_changes),
		TEST(standard_input_is_searched_only),
		TEST(a_gibibyte_in_one_line_of_standard_input_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

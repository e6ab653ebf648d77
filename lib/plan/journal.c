/* SPDX-License-Identifier: MIT */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "identity.h"
#include "journal_file.h"
#include "journal_notes.h"
#include "ldif.h"
#include "base/error.h"
#include "base/file.h"
#include "directory/directory.h"

/* What takes one step back, as LDIF: rendered once, however often it is written. */
struct inverse {
	spk_text text;
	size_t n_values;
	bool refused; /* the step was not carried out */
};

struct spn_journal {
	char *path, *title, *base, *author, *identity;
	int fd;       /* of the file, locked, as long as the work goes on; -1: none */
	off_t size;   /* of the file, if it holds what is here; -1: it has to be written anew */
	const spn_directory *dir; /* whose URL may still change until the first step */
	spn_dialect rules;          /* of a file */
	char time[32];
	struct inverse *inverses; /* of the steps, in their order */
	size_t n_inverses;
	spk_text refusals; /* of steps whose inverses the file has, and which it does not tell yet */
	spk_text before;   /* comments */
	spn_journal_state state;
	bool begun;
};

enum { TRIES = 100 };

#define STAMP "%Y%m%dT%H%M%S"

/* The moment after the one that the name of a journal tells; 0 if it tells none. */
static struct timespec moment_after(const char *name)
{
	struct tm tm = { 0 };
	char *end = NULL;
	const char *rest = name ? strptime(name, STAMP, &tm) : NULL;
	long micros = rest && *rest == '.' ? strtol(rest + 1, &end, 10) : -1;
	if (micros < 0 || micros > 999999 || *end != 'Z')
		return (struct timespec){ 0 };
	time_t seconds = timegm(&tm);
	return micros == 999999 ? (struct timespec){ seconds + 1, 0 } : (struct timespec){ seconds, (micros + 1) * 1000 };
}

/* A name by the time, so that sorting by name sorts by time: even where the clock went back since the newest journal.
 */
static char *name_in(const char *folder)
{
	struct timespec now;
	struct tm tm;
	char stamp[32];
	SPK_AUTOFREE char *newest = spk_journal_newest(folder);
	const struct timespec next = moment_after(newest);
	clock_gettime(CLOCK_REALTIME, &now);
	if (next.tv_sec > now.tv_sec || (next.tv_sec == now.tv_sec && next.tv_nsec > now.tv_nsec))
		now = next;
	gmtime_r(&now.tv_sec, &tm);
	strftime(stamp, sizeof stamp, STAMP, &tm);
	return spk_printf("%s%s.%06ldZ-%ld" SPK_JOURNAL_SUFFIX, folder, stamp, now.tv_nsec / 1000, (long)getpid());
}

/* By errno. */
static spn_status cannot_create(const char *path, spn_error *err)
{
	struct stat st;
	int cause = errno;
	if (cause == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return spn_fail(err, SPN_ERR_FAILED, EISDIR, "cannot create the journal '%s': it is a folder; write '%s/'",
				path, path);
	errno = cause;
	return spk_journal_fail(err, "create", path);
}

/* Makes an empty file that only we may use; journal->path stays NULL if that fails: somebody else's file is not ours to
 * remove. */
static spn_status reserve(spn_journal *journal, const char *path, spn_error *err)
{
	bool is_folder = path[strlen(path) - 1] == '/';
	SPK_AUTOFREE char *file = NULL;
	int fd = -1;
	for (int i = 0; i == 0 || (fd < 0 && errno == EEXIST && is_folder && i < TRIES);
			i++) { /* another thread may be as quick */
		free(file);
		file = is_folder ? name_in(path) : strdup(path);
		if (!file)
			return spk_nomem(err);
		fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	}
	if (fd < 0)
		return cannot_create(file, err);
	close(fd);
	journal->path = file;
	file = NULL;
	return SPN_OK;
}

/* Whether a file can be made in a folder, or in what spk_folder_make would make there; sets errno if not. */
static bool can_hold_a_file(char *folder, bool may_be_made)
{
	struct stat st;
	while (stat(folder, &st) != 0) {
		if (errno != ENOENT || !may_be_made)
			return false;
		char *slash = strrchr(folder, '/');
		if (!slash)
			folder[0] = '.'; /* the parent of a relative path of one part */
		folder[!slash || slash == folder ? 1 : slash - folder] = '\0';
	}
	if (!S_ISDIR(st.st_mode))
		errno = ENOTDIR;
	return S_ISDIR(st.st_mode) && faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0;
}

spn_status spn_journal_check(const char *path, spn_error *err)
{
	SPK_AUTOFREE char *folder = NULL;
	struct stat st;
	if (path && !*path)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_journal_check: the path is empty");
	bool is_folder = !path || path[strlen(path) - 1] == '/';
	spn_status status = path ? SPN_OK : spk_journal_folder(&folder, err);
	if (status)
		return status;
	const char *slash = path ? strrchr(path, '/') : NULL;
	if (path)
		folder = !slash ? strdup(".") : strndup(path, (size_t)(slash - path) + (slash == path));
	if (!folder)
		return spk_nomem(err);
	SPK_AUTOFREE char *wanted = strdup(path ? path : folder);
	if (!wanted)
		return spk_nomem(err);
	if (!is_folder && lstat(path, &st) == 0)
		errno = EEXIST;
	else if (can_hold_a_file(folder, is_folder))
		return SPN_OK;
	return cannot_create(wanted, err);
}

/* Who does the work, and where: "alice@host". */
static char *author(void)
{
	struct passwd user, *found = NULL;
	char text[4096];
	struct utsname host;
	const char *node = uname(&host) == 0 ? host.nodename : "";
	if (getpwuid_r(geteuid(), &user, text, sizeof text, &found) == 0 && found)
		return spk_printf("%s@%s", user.pw_name, node);
	return spk_printf("uid %lu@%s", (unsigned long)geteuid(), node);
}

/* The names of a command line may be thousands: the steps tell which. */
static char *shorten(const char *title)
{
	enum { TITLE_MAX = 1000 };
	size_t len = strlen(title), end = len > TITLE_MAX ? TITLE_MAX : len;
	while (end < len && end > 0 && ((unsigned char)title[end] & 0xc0) == 0x80)
		end--; /* no part of a character */
	return spk_printf("%.*s%s", (int)end, title, end < len ? "..." : "");
}

spn_status spn_journal_create(const char *path, const char *title, spn_journal **ret_journal, spn_error *err)
{
	if ((path && !*path) || !title || !ret_journal)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_journal_create: the path is empty, or another argument is NULL");
	SPK_AUTO(spn_journal) *journal = calloc(1, sizeof *journal);
	SPK_AUTOFREE char *folder = NULL;
	if (!journal)
		return spk_nomem(err);
	journal->fd = -1;
	journal->title = shorten(title);
	journal->author = author();
	if (!journal->title || !journal->author)
		return spk_nomem(err);
	time_t now = time(NULL);
	struct tm tm;
	strftime(journal->time, sizeof journal->time, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	spn_status status = path ? SPN_OK : spk_journal_folder(&folder, err);
	if (!status && (!path || path[strlen(path) - 1] == '/'))
		status = spk_folder_make(path ? path : folder, err);
	if (!status)
		status = reserve(journal, path ? path : folder, err);
	if (status)
		return status;
	*ret_journal = journal;
	journal = NULL;
	return SPN_OK;
}

const char *spn_journal_path(const spn_journal *journal)
{
	return journal->path;
}

static void unlock(spn_journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	journal->fd = -1;
}

/* Drops the inverses from i on. */
static void forget_from(spn_journal *journal, size_t i)
{
	while (journal->n_inverses > i)
		spk_text_free(&journal->inverses[--journal->n_inverses].text);
}

spn_journal *spn_journal_free(spn_journal *journal)
{
	if (!journal)
		return NULL;
	if (journal->path && !journal->begun)
		unlink(journal->path);
	unlock(journal);
	forget_from(journal, 0);
	free(journal->inverses);
	spk_text_free(&journal->refusals);
	spk_text_free(&journal->before);
	free(journal->path);
	free(journal->title);
	free(journal->base);
	free(journal->author);
	free(journal->identity);
	free(journal);
	return NULL;
}

static size_t count_values(const spn_journal *journal)
{
	size_t n = 0;
	for (size_t i = 0; i < journal->n_inverses; i++)
		n += journal->inverses[i].n_values;
	return n;
}

static void put_head(const spn_journal *journal, bool grows, spk_text *out)
{
	spk_ldif_put_comment(out, "%s", grows ? SPK_JOURNAL_GROWING_MAGIC : SPK_JOURNAL_MAGIC);
	spk_ldif_put_comment(out, "title: %s", journal->title);
	spk_ldif_put_comment(out, "time: %s", journal->time);
	spk_ldif_put_comment(out, "author: %s", journal->author);
	spk_ldif_put_comment_value(out, "directory", spk_bytes(spn_directory_url(journal->dir)));
	spk_ldif_put_comment_value(out, "base", spk_bytes(journal->base));
	if (*journal->identity)
		spk_ldif_put_comment(out, "identity: %s", journal->identity);
	if (journal->rules == SPN_DIALECT_SAMBA)
		spk_ldif_put_comment(out, "rules: samba");
	if (!grows)
		spk_ldif_put_comment(out, "values: %zu", count_values(journal));
	spk_ldif_put_comment(out, "state: %s", spn_journal_state_name(journal->state));
	spk_ldif_put_comment(out, "To take it back: spnkit undo FILE%s", grows ? "" : ", or ldapmodify -f FILE");
	spk_text_add(out, "\n");
	spk_text_add_bytes(out, journal->before.data, journal->before.len);
}

static void put_inverse(const spn_journal *journal, size_t i, spk_text *out)
{
	spk_text_add_bytes(out, journal->inverses[i].text.data, journal->inverses[i].text.len);
}

/* Drops the inverses of steps that were refused. */
static void drop_refused(spn_journal *journal)
{
	size_t n = 0;
	for (size_t i = 0; i < journal->n_inverses; i++) {
		if (journal->inverses[i].refused)
			spk_text_free(&journal->inverses[i].text);
		else
			journal->inverses[n++] = journal->inverses[i];
	}
	journal->n_inverses = n;
	spk_text_clear(&journal->refusals);
}

/* Writes the file anew: as it is to stay, or to grow from now on. */
static spn_status save(spn_journal *journal, spn_error *err)
{
	bool grows = journal->state == SPN_JOURNAL_OPEN;
	SPK_AUTOTEXT spk_text text = { 0 };
	drop_refused(journal);
	put_head(journal, grows, &text);
	for (size_t i = 0; i < journal->n_inverses; i++)
		put_inverse(journal, grows ? i : journal->n_inverses - 1 - i, &text);
	if (!grows)
		spk_ldif_put_comment(&text, SPK_JOURNAL_END);
	if (text.failed || journal->before.failed)
		return spk_nomem(err);
	spn_status status = spk_file_replace_locked(journal->path, text.data, text.len, 0600, &journal->fd, err);
	journal->size = status ? -1 : (off_t)text.len;
	return status ? spk_prefix(err, status, "the journal: ") : SPN_OK;
}

void spk_journal_look(const spn_plan *plan, spn_directory *dir)
{
	SPK_AUTOFREE char *identity = NULL;
	SPK_AUTOTEXT spk_text before = { 0 };
	(void)spk_identity_read(dir, &identity, NULL);
	(void)spk_notes_take(plan, dir, &before, NULL);
}

spn_status spk_journal_begin(spn_journal *journal, const spn_plan *plan, spn_directory *dir, spn_error *err)
{
	const char *base;
	if (!journal)
		return SPN_OK;
	if (journal->begun)
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"the journal '%s' already records another plan: each plan needs a journal of its own",
				journal->path);
	SPK_AUTOFREE char *identity = NULL;
	spn_status status = spk_directory_context(dir, "defaultNamingContext", &base, err);
	if (!status)
		status = spk_identity_read(dir, &identity, err);
	if (!status && spk_directory_is_local(dir))
		status = spk_directory_rules(dir, &journal->rules, err);
	if (status)
		return status;
	free(journal->identity);
	journal->identity = identity;
	identity = NULL;
	free(journal->base);
	journal->state = SPN_JOURNAL_OPEN;
	journal->dir = dir;
	journal->base = strdup(base ? base : "");
	if (!journal->base)
		return spk_nomem(err);
	spk_text_clear(&journal->before);
	status = spk_notes_take(plan, dir, &journal->before, err);
	if (!status)
		status = save(journal, err);
	if (!status)
		journal->begun = true;
	return status;
}

static spn_status render(const spn_step *step, struct inverse *ret_inverse, spn_error *err)
{
	SPK_AUTO(spn_plan) *inverse = NULL;
	spn_status status = spn_plan_new(&inverse, err);
	if (!status)
		status = spk_step_invert(step, inverse, err);
	if (status)
		return status;
	spk_text text = { 0 };
	spk_step_put(spn_plan_step(inverse, 0), &text);
	*ret_inverse = (struct inverse){ .text = text, .n_values = step->n_mods };
	return text.failed ? spk_nomem(err) : SPN_OK;
}

/* There is room for it. */
static spn_status add_inverse(spn_journal *journal, const spn_step *step, spn_error *err)
{
	struct inverse *inverse = &journal->inverses[journal->n_inverses];
	*inverse = (struct inverse){ .n_values = 0 };
	spn_status status = render(step, inverse, err);
	journal->n_inverses++;
	return status;
}

/* Whether the file is the one that was written last, and has not been written by anybody else. */
static bool can_grow(const spn_journal *journal)
{
	struct stat st;
	return journal->size >= 0 && spk_file_is_at(journal->fd, journal->path) && fstat(journal->fd, &st) == 0 &&
			st.st_size == journal->size;
}

/* Adds what is new to the end of the file: the inverses from the given one on. */
static spn_status grow(spn_journal *journal, size_t from, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_text_add_bytes(&text, journal->refusals.data, journal->refusals.len);
	for (size_t i = from; i < journal->n_inverses; i++)
		put_inverse(journal, i, &text);
	if (text.failed || journal->refusals.failed)
		return spk_nomem(err);
	if (spk_file_write(journal->fd, text.data, text.len) && fsync(journal->fd) == 0) {
		journal->size += (off_t)text.len;
		spk_text_clear(&journal->refusals);
		return SPN_OK;
	}
	spn_status status = spk_journal_fail(err, "write", journal->path);
	(void)!ftruncate(journal->fd, journal->size); /* what it has beyond that is of steps that will not be sent */
	journal->size = -1;
	return status;
}

spn_status spk_journal_push(spn_journal *journal, const spn_step *const *steps, size_t n, spn_error *err)
{
	if (!journal)
		return SPN_OK;
	size_t before = journal->n_inverses;
	struct inverse *grown = realloc(journal->inverses, (before + n) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	journal->inverses = grown;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++)
		status = add_inverse(journal, steps[i], err);
	if (!status)
		status = can_grow(journal) ? grow(journal, before, err) : save(journal, err);
	if (status)
		forget_from(journal, before);
	return status;
}

void spk_journal_forget(spn_journal *journal, size_t from_last)
{
	size_t n = journal ? journal->n_inverses : 0;
	if (from_last >= n)
		return;
	journal->inverses[n - 1 - from_last].refused = true;
	spk_ldif_put_comment(&journal->refusals, SPK_JOURNAL_REFUSED "%zu", n - from_last);
	spk_text_add(&journal->refusals, "\n");
}

spn_status spk_journal_amend(spn_journal *journal, size_t number, const spn_step *step, spn_error *err)
{
	struct inverse amended = { .n_values = 0, .refused = !step };
	if (!journal)
		return SPN_OK;
	drop_refused(journal);
	journal->size = -1;
	spn_status status = step ? render(step, &amended, err) : SPN_OK;
	if (status) {
		spk_text_free(&amended.text);
		return status;
	}
	spk_text_free(&journal->inverses[number].text);
	journal->inverses[number] = amended;
	return SPN_OK;
}

spn_status spk_journal_finish(spn_journal *journal, spn_journal_state state, spn_error *err)
{
	if (!journal)
		return SPN_OK;
	/* nothing was sent, or nothing stands: there is nothing to keep */
	drop_refused(journal);
	bool empty = (state == SPN_JOURNAL_UNDONE || state == SPN_JOURNAL_DONE) && journal->n_inverses == 0;
	spn_status status = SPN_OK;
	journal->begun = !empty;
	journal->state = state;
	if (!empty)
		status = save(journal, err);
	unlock(journal);
	return status;
}

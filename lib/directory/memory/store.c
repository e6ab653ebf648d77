/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "save.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"

/* As much as is kept of a pipe. */
#define STREAM_MAX ((size_t)2 << 30)
#define DEFAULT_TIMEOUT 15

struct spk_content {
	unsigned holders;
	int fd;   /* -1: text */
	int file; /* fd, or the file in another encoding that fd is the text of */
	spk_encoding encoding;
	char *text;
	size_t len;
	struct stat stat;         /* of file */
	spk_export_format format; /* of the file; fd may be LDIF that was made of it */
	spk_export_losses losses;
};

struct spk_store {
	char *name, *path; /* path NULL: no file to write back to */
	bool is_text, is_stream;
	unsigned timeout;
	spk_content *content;
	int lock; /* -1, or a duplicate of the locked fd */
};

void spk_content_release(spk_content *content)
{
	if (!content || --content->holders > 0)
		return;
	if (content->file >= 0 && content->file != content->fd)
		close(content->file);
	if (content->fd >= 0)
		close(content->fd);
	free(content->text);
	free(content);
}

static spk_content *new_content(int fd)
{
	spk_content *content = calloc(1, sizeof *content);
	if (content) {
		content->holders = 1;
		content->fd = content->file = fd;
	}
	return content;
}

/* An unnamed file in memory, for text that is not a UTF-8 file on disk. */
static int make_room(void)
{
	return memfd_create("spnkit", MFD_CLOEXEC);
}

spk_content *spk_store_content(spk_store *store)
{
	store->content->holders++;
	return store->content;
}

bool spk_content_is_file(const spk_content *content)
{
	return content->fd >= 0;
}

size_t spk_content_size(const spk_content *content)
{
	struct stat st;
	return content->fd < 0 ? content->len : fstat(content->fd, &st) == 0 ? (size_t)st.st_size : 0;
}

/* A file that somebody else shortens in place must not pass for the whole.  (One byte may be a Ctrl-Z.) */
ssize_t spk_content_read(const spk_content *content, size_t offset, char *buffer, size_t size)
{
	ssize_t n = spk_file_read_text(content->fd, buffer, size, (off_t)offset);
	if (n != 0 || size == 0 || content->fd != content->file || (off_t)offset + 1 >= content->stat.st_size)
		return n;
	errno = ESTALE;
	return -1;
}

size_t spk_content_line_end(const spk_content *content, size_t offset)
{
	char last[2] = "";
	size_t n = offset < sizeof last ? offset : sizeof last;
	if (content->fd < 0)
		memcpy(last + sizeof last - n, content->text + offset - n, n);
	else if (spk_content_read(content, offset - n, last + sizeof last - n, n) != (ssize_t)n)
		return 0;
	return last[1] != '\n' ? 0 : last[0] == '\r' ? 2 : 1;
}

static ssize_t read_content(void *data, size_t offset, char *buffer, size_t size)
{
	return spk_content_read(data, offset, buffer, size);
}

spn_status spk_content_reader(spk_content *content, const char *name, spk_ldif_reader **ret_reader, spn_error *err)
{
	if (content->fd < 0)
		return spk_ldif_read_text(name, (spn_bytes){ content->text, content->len }, ret_reader, err);
	return spk_ldif_read_from(name, read_content, content, ret_reader, err);
}

static spn_status new_store(const char *name, spk_store **ret_store, spn_error *err)
{
	spk_store *store = calloc(1, sizeof *store);
	if (store)
		store->name = strdup(name);
	if (!store || !store->name) {
		free(store);
		return spk_nomem(err);
	}
	store->lock = -1;
	*ret_store = store;
	return SPN_OK;
}

spk_store *spk_store_free(spk_store *store)
{
	if (!store)
		return NULL;
	spk_store_unlock(store);
	spk_content_release(store->content);
	free(store->name);
	free(store->path);
	free(store);
	return NULL;
}

const spk_export_losses *spk_store_losses(const spk_store *store)
{
	return &store->content->losses;
}

bool spk_store_hides_names(const spk_store *store)
{
	const spk_export_losses *losses = spk_store_losses(store);
	return losses->values || losses->aside || losses->is_cut;
}

bool spk_store_is_empty(const spk_store *store)
{
	return spk_content_size(store->content) == 0;
}

bool spk_store_is_ldif(const spk_store *store)
{
	return store->content->format == SPK_EXPORT_LDIF;
}

const char *spk_store_name(const spk_store *store)
{
	return store->name;
}

const char *spk_store_text(const spk_store *store)
{
	return store->content->text;
}

static spn_status copy_text(spn_bytes text, spk_content **ret_content, spn_error *err)
{
	spk_content *content = new_content(-1);
	if (content)
		content->text = malloc(text.len + 1);
	if (!content || !content->text) {
		free(content);
		return spk_nomem(err);
	}
	memcpy(content->text, text.data, text.len);
	content->text[text.len] = '\0';
	content->len = text.len;
	*ret_content = content;
	return SPN_OK;
}

spn_status spk_store_new_text(const char *name, spn_bytes text, spk_store **ret_store, spn_error *err)
{
	spk_store *store = NULL;
	spn_status status = new_store(name, &store, err);
	if (status)
		return status;
	store->is_text = true;
	status = copy_text(text, &store->content, err);
	if (status) {
		spk_store_free(store);
		return status;
	}
	*ret_store = store;
	return SPN_OK;
}

static spn_status fail_errno(spn_error *err, const char *what, const char *name)
{
	int code = errno;
	return spn_fail(err, SPN_ERR_FAILED, code, "cannot %s '%s': %s", what, name, strerror(code));
}

/* Waits until there is something to read, or an end. */
static bool await_input(int fd, int ms)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	int n;
	do
		n = poll(&input, 1, ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

/* Once a program has a pipe open, it may take its time, as with any pipe of a shell; but nobody says that there ever is
 * one: whoever may write into a folder can leave a pipe in the place of a file.  ms: how long to wait for one.  -1,
 * EAGAIN: there was none. */
static ssize_t read_stream(int from, char *buffer, size_t size, int ms)
{
	for (;;) {
		ssize_t n = read(from, buffer, size);
		if ((n < 0 && errno == EINTR) || (n < 0 && errno == EAGAIN && await_input(from, -1)))
			continue;
		if (n != 0 || ms == 0)
			return n;
		if (!await_input(from, ms)) {
			errno = EAGAIN;
			return -1;
		}
		ms = 0;
	}
}

/* A pipe can be read once, a directory is searched often: its bytes go to memory that has no name.  A line that is
 * too long is refused before the rest of it arrives.  seconds: how long to wait for whoever writes into a pipe; 0:
 * somebody does. */
static spn_status copy_stream(int from, int to, const char *name, unsigned seconds, spn_error *err)
{
	static const size_t size = 64 << 10;
	SPK_AUTOFREE char *buffer = malloc(size);
	if (!buffer)
		return spk_nomem(err);
	const int ms = (int)(seconds < INT_MAX / 1000 ? seconds * 1000 : INT_MAX);
	size_t total = 0, line = 1, line_len = 0;
	for (;;) {
		ssize_t n = read_stream(from, buffer, size, total == 0 ? ms : 0);
		if (n < 0 && errno == EAGAIN)
			return spn_fail(err, SPN_ERR_FAILED, 0, "'%s' is a pipe, and no program wrote into it within %u s", name, seconds);
		if (n < 0)
			return fail_errno(err, "read", name);
		if (n == 0)
			return SPN_OK;
		for (const char *at = buffer, *end = buffer + n; at < end;) {
			const char *newline = memchr(at, '\n', (size_t)(end - at));
			line_len += (size_t)((newline ? newline : end) - at);
			if (line_len > SPK_LDIF_LINE_MAX)
				return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s', line %zu: the line is longer than %zu MiB", name,
						line, SPK_LDIF_LINE_MAX >> 20);
			at = newline ? newline + 1 : end;
			line += newline != NULL;
			line_len = newline ? 0 : line_len;
		}
		total += (size_t)n;
		if (total > STREAM_MAX)
			return spn_fail(err, SPN_ERR_FAILED, 0, "'%s' is longer than %zu GiB: write it to a file first", name,
					STREAM_MAX >> 30);
		for (ssize_t done = 0; done < n;) {
			ssize_t m = write(to, buffer + done, (size_t)(n - done));
			if (m < 0 && errno != EINTR)
				return fail_errno(err, "keep", name);
			done += m > 0 ? m : 0;
		}
	}
}

/* The first bytes of a file, as read gives them. */
static ssize_t read_head(int fd, char *head, size_t size)
{
	ssize_t n;
	do
		n = pread(fd, head, size, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

static spn_status recognize(const char *name, int fd, spk_export_format *ret_format, spn_error *err)
{
	char head[4096];
	ssize_t n = read_head(fd, head, sizeof head);
	const spn_bytes bytes = { head, n > 0 ? (size_t)n : 0 };
	size_t line;
	const char *other = spk_export_other(bytes, &line);
	*ret_format = spk_export_recognize(bytes);
	return other ? spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s', line %zu: %s", name, line, other) : SPN_OK;
}

/* Puts LDIF in the place of a text that is another kind of export. */
static spn_status convert(const char *name, spk_content *content, spn_error *err)
{
	spn_status status = recognize(name, content->fd, &content->format, err);
	if (status || content->format == SPK_EXPORT_LDIF)
		return status;
	int text = content->fd, fd = make_room();
	if (fd < 0)
		return fail_errno(err, "make room for", name);
	content->fd = fd;
	status = spk_export_convert(content->format, name, text, fd, &content->losses, err);
	if (text != content->file)
		close(text);
	return status;
}

/* Has the text of a file at hand in UTF-8.  Takes over fd, even if it fails. */
static spn_status make_content(const char *name, int fd, spk_content **ret_content, spn_error *err)
{
	char start[2];
	ssize_t n = read_head(fd, start, sizeof start);
	spk_content *content = new_content(fd);
	if (!content) {
		close(fd);
		return spk_nomem(err);
	}
	spn_status status = n < 0 ? fail_errno(err, "read", name) : SPN_OK;
	content->encoding = spk_encoding_of(start, n > 0 ? (size_t)n : 0);
	if (!status && content->encoding.form != SPK_UTF8) {
		content->fd = make_room();
		status = content->fd < 0 ? fail_errno(err, "make room for", name) :
			spk_decode_file(fd, content->encoding, content->fd, STREAM_MAX, name, err);
	}
	if (!status)
		status = convert(name, content, err);
	if (!status && fstat(fd, &content->stat) != 0)
		status = fail_errno(err, "read", name);
	if (status) {
		spk_content_release(content);
		return status;
	}
	*ret_content = content;
	return SPN_OK;
}

static spn_status take_stream(spk_store *store, int from, unsigned seconds, spn_error *err)
{
	int fd = make_room();
	if (fd < 0)
		return fail_errno(err, "make room for", store->name);
	store->is_stream = true;
	spn_status status = copy_stream(from, fd, store->name, seconds, err);
	if (!status)
		return make_content(store->name, fd, &store->content, err);
	close(fd);
	return status;
}

/* Takes the file at the path as the content. */
static spn_status take_file(spk_store *store, const char *path, spn_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail_errno(err, "open", path);
	struct stat st;
	spn_status status = SPN_OK;
	spk_content *content = NULL;
	if (fstat(fd, &st) != 0)
		status = fail_errno(err, "read", path);
	else if (S_ISDIR(st.st_mode))
		status = spn_fail(err, SPN_ERR_FAILED, EISDIR, "'%s' is a folder, not an LDIF file", path);
	else if (!S_ISREG(st.st_mode) && store->content)
		status = spn_fail(err, SPN_ERR_FAILED, 0, "'%s' is no longer a regular file", path);
	else if (!S_ISREG(st.st_mode))
		status = take_stream(store, fd, S_ISFIFO(st.st_mode) ? store->timeout : 0, err);
	if (status || !S_ISREG(st.st_mode)) {
		close(fd);
		return status;
	}
	status = make_content(store->name, fd, &content, err);
	if (status)
		return status;
	spk_content_release(store->content);
	store->content = content;
	return SPN_OK;
}

spn_status spk_store_new_file(const char *path, unsigned timeout, spk_store **ret_store, spn_error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	spk_store *store = NULL;
	spn_status status = new_store(is_stdin ? "standard input" : path, &store, err);
	if (status)
		return status;
	store->timeout = timeout ? timeout : DEFAULT_TIMEOUT;
	status = is_stdin ? take_stream(store, STDIN_FILENO, 0, err) : take_file(store, path, err);
	if (!status && !is_stdin && !store->is_stream) {
		/* absolute: the program may change its folder; links are followed at each write */
		store->path = spk_absolute_path(path);
		if (!store->path)
			status = spk_nomem(err);
	}
	if (status) {
		spk_store_free(store);
		return status;
	}
	*ret_store = store;
	return SPN_OK;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
			memcmp(&a->st_mtim, &b->st_mtim, sizeof a->st_mtim) == 0 &&
			memcmp(&a->st_ctim, &b->st_ctim, sizeof a->st_ctim) == 0;
}

spn_status spk_store_refresh(spk_store *store, bool *ret_changed, bool *ret_shorter, spn_error *err)
{
	struct stat st;
	*ret_changed = *ret_shorter = false;
	if (!store->path)
		return SPN_OK;
	if (stat(store->path, &st) != 0)
		return fail_errno(err, "read", store->name);
	const struct stat *known = &store->content->stat;
	if (is_same(&st, known))
		return SPN_OK;
	*ret_shorter = st.st_dev == known->st_dev && st.st_ino == known->st_ino && st.st_size < known->st_size;
	*ret_changed = true;
	return take_file(store, store->path, err);
}

/* A new file takes the place of the old one, so that its folder has to be writable too. */
static bool can_be_replaced(const char *path)
{
	SPK_AUTOFREE char *real = realpath(path, NULL);
	if (!real || faccessat(AT_FDCWD, real, W_OK, AT_EACCESS) != 0)
		return false;
	strrchr(real, '/')[1] = '\0';
	return faccessat(AT_FDCWD, real, W_OK, AT_EACCESS) == 0;
}

spn_status spk_store_check_writable(const spk_store *store, spn_error *err)
{
	if (store->is_text)
		return SPN_OK;
	if (!store->path)
		return spn_fail(err, SPN_ERR_REFUSED, 0, "'%s' is not a file and cannot be changed", store->name);
	if (store->content->format != SPK_EXPORT_LDIF)
		return spn_fail(err, SPN_ERR_REFUSED, 0,
				"'%s' is %s and can only be read; changes need an LDIF file or a server", store->name,
				store->content->format == SPK_EXPORT_CSV ? "CSV" : "JSON");
	if (can_be_replaced(store->path))
		return SPN_OK;
	int code = errno;
	if (code == ENOMEM)
		return spk_nomem(err);
	if (code == ENOENT || code == ENOTDIR)
		return fail_errno(err, "write", store->name);
	return spn_fail(err, SPN_ERR_REFUSED, code, "'%s' cannot be changed: %s", store->name, strerror(code));
}

/* Waits for the lock of a file; other programs give it back with their last descriptor. */
static spn_status wait_for_lock(const spk_store *store, int fd, unsigned *tries, spn_error *err)
{
	enum { NAP_MS = 20 };
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail_errno(err, "lock", store->name);
		if ((*tries)++ >= store->timeout * (1000 / NAP_MS))
			return spn_fail(err, SPN_ERR_REFUSED, EWOULDBLOCK, "another program is changing '%s' and does not finish",
					store->name);
		nanosleep(&(struct timespec){ .tv_nsec = NAP_MS * 1000000L }, NULL);
	}
	return SPN_OK;
}

/* The lock is on the file that the path leads to now: a writer that came first may have put another file there. */
spn_status spk_store_lock(spk_store *store, bool *ret_changed, bool *ret_shorter, spn_error *err)
{
	*ret_changed = *ret_shorter = false;
	if (store->is_text)
		return SPN_OK;
	spn_status status = spk_store_check_writable(store, err);
	unsigned tries = 0;
	while (!status) {
		/* of its own: the descriptor of the content is shared with searches, and with forked children */
		int fd = open(store->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		struct stat st, locked;
		if (fd < 0)
			return fail_errno(err, "open", store->name);
		status = wait_for_lock(store, fd, &tries, err);
		if (!status && stat(store->path, &st) == 0 && fstat(fd, &locked) == 0 && st.st_ino == locked.st_ino &&
				st.st_dev == locked.st_dev) {
			store->lock = fd;
			status = spk_store_refresh(store, ret_changed, ret_shorter, err);
			if (status)
				spk_store_unlock(store);
			return status;
		}
		close(fd);
	}
	return status;
}

void spk_store_unlock(spk_store *store)
{
	if (store->lock >= 0)
		close(store->lock);
	store->lock = -1;
}

static spn_status apply_to_text(spk_store *store, const spk_edit *edits, size_t n_edits, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	size_t at = 0;
	for (size_t i = 0; i < n_edits; i++) {
		spk_text_add_bytes(&text, store->content->text + at, edits[i].offset - at);
		spk_text_add_bytes(&text, edits[i].text.data, edits[i].text.len);
		at = edits[i].offset + edits[i].len;
	}
	spk_text_add_bytes(&text, store->content->text + at, store->content->len - at);
	spk_content *content = NULL;
	if (text.failed)
		return spk_nomem(err);
	spn_status status = copy_text((spn_bytes){ text.data, text.len }, &content, err);
	if (status)
		return status;
	spk_content_release(store->content);
	store->content = content;
	return SPN_OK;
}

spn_status spk_store_apply(spk_store *store, const spk_edit *edits, size_t n_edits, spn_error *err)
{
	if (store->is_text)
		return apply_to_text(store, edits, n_edits, err);
	int fd;
	const spk_content *old = store->content;
	const spk_original original = { old->file, old->fd, spk_content_size(old), old->encoding };
	spk_content *content = NULL;
	spn_status status = spk_save(store->path, &original, edits, n_edits, &fd, err);
	if (status)
		return status;
	if (make_content(store->name, fd, &content, NULL)) {
		/* the file is new already: what is in memory must be read again, which the next call does */
		memset(&store->content->stat, 0, sizeof store->content->stat);
		return SPN_OK;
	}
	spk_content_release(store->content);
	store->content = content;
	return SPN_OK;
}

size_t spk_store_links(const spk_store *store)
{
	return store->path ? (size_t)store->content->stat.st_nlink : 0;
}

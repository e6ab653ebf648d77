/* SPDX-License-Identifier: MIT */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "error.h"
#include "text.h"

bool spk_file_write(int fd, const void *data, size_t len)
{
	const char *at = data;
	while (len > 0) {
		ssize_t n = write(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

ssize_t spk_file_read_text(int fd, void *buffer, size_t size, off_t offset)
{
	enum { CTRL_Z = 0x1a };
	const char *bytes = buffer;
	struct stat st;
	ssize_t n = pread(fd, buffer, size, offset);
	bool may_end = n > 0 && bytes[n - 1] == CTRL_Z;
	return may_end && fstat(fd, &st) == 0 && st.st_size == offset + n ? n - 1 : n;
}

static spn_status fail(spn_error *err, const char *what, const char *path)
{
	int cause = errno;
	return spn_fail(err, cause == ENOMEM ? SPN_ERR_NOMEM : SPN_ERR_FAILED, cause, "cannot %s '%s': %s", what, path,
			strerror(cause));
}

/* The folder of a path, for open(). */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
}

static bool sync_folder(const char *path)
{
	SPK_AUTOFREE char *folder = folder_of(path);
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd < 0)
		return false;
	bool synced = fsync(fd) == 0 || errno == EINVAL; /* some file systems cannot, and need not */
	int cause = errno;
	close(fd);
	errno = cause;
	return synced;
}

/* A second descriptor of the file that is being written, with a lock on the file where there are locks. */
static int keep_open(int fd)
{
	int kept = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (kept >= 0)
		(void)flock(kept, LOCK_EX | LOCK_NB);
	return kept;
}

static spn_status replace(const char *path, const void *data, size_t len, mode_t mode, int *kept, spn_error *err)
{
	SPK_AUTOFREE char *temporary = spk_printf("%s.XXXXXX", path);
	if (!temporary)
		return spk_nomem(err);
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return fail(err, "write next to", path);
	if (kept)
		*kept = keep_open(fd);
	bool written = fchmod(fd, mode) == 0 && spk_file_write(fd, data, len) && fsync(fd) == 0;
	int cause = errno;
	if (close(fd) != 0 && written) {
		written = false;
		cause = errno;
	}
	if (written && rename(temporary, path) == 0)
		return sync_folder(path) ? SPN_OK : fail(err, "make sure of", path);
	if (written)
		cause = errno;
	unlink(temporary);
	errno = cause;
	return fail(err, "write", path);
}

spn_status spk_file_replace(const char *path, const void *data, size_t len, mode_t mode, spn_error *err)
{
	return replace(path, data, len, mode, NULL, err);
}

spn_status spk_file_replace_locked(const char *path, const void *data, size_t len, mode_t mode, int *fd, spn_error *err)
{
	int fresh = -1;
	spn_status status = replace(path, data, len, mode, &fresh, err);
	int stale = status ? fresh : *fd;
	if (!status)
		*fd = fresh;
	if (stale >= 0)
		close(stale);
	return status;
}

bool spk_file_is_at(int fd, const char *path)
{
	struct stat ours, there;
	return fd >= 0 && fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_dev == there.st_dev &&
			ours.st_ino == there.st_ino;
}

spn_status spk_folder_make(const char *path, spn_error *err)
{
	SPK_AUTOFREE char *part = strdup(path);
	if (!part)
		return spk_nomem(err);
	for (char *slash = part; (slash = strchr(slash + 1, '/')); *slash = '/') {
		*slash = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return fail(err, "make the folder", part);
	}
	struct stat st;
	if (mkdir(part, 0700) != 0 && (errno != EEXIST || stat(part, &st) != 0 || !S_ISDIR(st.st_mode)))
		return fail(err, "make the folder", part);
	return SPN_OK;
}

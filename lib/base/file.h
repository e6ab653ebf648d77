/* SPDX-License-Identifier: MIT */
/* file.h - files that are never seen half written */
#ifndef SPK_FILE_H
#define SPK_FILE_H

#include <sys/types.h>

#include <spnkit/error.h>

/*
 * Replaces the contents of a file, or creates it: a temporary file in the same folder, fsync, rename, fsync of the
 * folder.  After a failure the old file is as it was, and the temporary one is gone.
 *
 * Returns SPN_ERR_FAILED with errno in native.
 */
spn_status spk_file_replace(const char *path, const void *data, size_t len, mode_t mode, spn_error *err);

/*
 * The same, and takes a lock (flock) on the new file before it is seen: so the path is never without a lock.  *fd, a
 * descriptor or -1, is closed and replaced by one of the new file, which stands at its end and holds the lock.  Where
 * the file system knows no locks, there is none; without a free descriptor, *fd is -1.
 */
spn_status spk_file_replace_locked(
		const char *path, const void *data, size_t len, mode_t mode, int *fd, spn_error *err);

/* Whether what is at path is the file that was opened. */
bool spk_file_is_at(int fd, const char *path);

/* Writes all of it, whatever EINTR and short writes do.  False with errno. */
bool spk_file_write(int fd, const void *data, size_t len);

/* As pread, for text files: leaves out a Ctrl-Z at the end, which DOS and some Windows editors write there. */
ssize_t spk_file_read_text(int fd, void *buffer, size_t size, off_t offset);

/* Makes a folder and those above it, mode 0700. */
spn_status spk_folder_make(const char *path, spn_error *err);

#endif

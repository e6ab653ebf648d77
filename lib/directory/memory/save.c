/* SPDX-License-Identifier: MIT */
#include "save.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

#define COPY_SIZE ((size_t)256 << 10)

char *spk_absolute_path(const char *path)
{
	if (path[0] == '/')
		return strdup(path);
	SPK_AUTOFREE char *folder = getcwd(NULL, 0);
	return folder ? spk_printf("%s/%s", folder, path) : NULL;
}

/* Copies bytes from an offset up to another one; 0: to the end, which is not before the size that was known. */
static bool copy(const spk_original *from, spk_sink *to, char *buffer, size_t offset, size_t end)
{
	while (end == 0 || offset < end) {
		size_t size = end && end - offset < COPY_SIZE ? end - offset : COPY_SIZE;
		ssize_t n = pread(from->text, buffer, size, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0 && (end > 0 || offset < from->size))
			errno = ENODATA; /* somebody made it shorter */
		if (n == 0)
			return end == 0 && offset >= from->size;
		if (n < 0 || !spk_sink_write(to, buffer, (size_t)n))
			return false;
		offset += (size_t)n;
	}
	return true;
}

static bool write_edited(const spk_original *from, int fd, const spk_edit *edits, size_t n_edits)
{
	spk_sink to = { .fd = fd, .encoding = from->encoding };
	SPK_AUTOFREE char *buffer = malloc(COPY_SIZE);
	if (!buffer || !spk_sink_begin(&to))
		return false; /* without a buffer errno is ENOMEM */
	size_t at = 0;
	for (size_t i = 0; i < n_edits; i++) {
		if ((edits[i].offset > at && !copy(from, &to, buffer, at, edits[i].offset)) ||
				!spk_sink_write(&to, edits[i].text.data, edits[i].text.len))
			return false;
		at = edits[i].offset + edits[i].len;
	}
	return copy(from, &to, buffer, at, 0);
}

/* Those that the system itself sets, or lets nobody set, need not be kept; the ACL and a user's own must be. */
static bool must_be_kept(const char *name)
{
	return strncmp(name, "user.", 5) == 0 || strcmp(name, "system.posix_acl_access") == 0;
}

static bool copy_attribute(int from, int to, const char *name)
{
	ssize_t size = fgetxattr(from, name, NULL, 0);
	if (size < 0)
		return !must_be_kept(name);
	SPK_AUTOFREE char *value = malloc((size_t)size + 1);
	bool ok = value && fgetxattr(from, name, value, (size_t)size) == size &&
			fsetxattr(to, name, value, (size_t)size, 0) == 0;
	return ok || !must_be_kept(name);
}

/* The group bits of a mode are the mask of the ACL: without it they would give the group more than it had, and whoever
 * has opened the file reads what is written to it later. */
static bool copy_attributes(int from, int to)
{
	ssize_t size = flistxattr(from, NULL, 0);
	if (size <= 0)
		return size == 0 || errno == ENOTSUP;
	SPK_AUTOFREE char *names = malloc((size_t)size);
	bool ok = names && flistxattr(from, names, (size_t)size) == size;
	for (const char *name = names; ok && name < names + size; name += strlen(name) + 1)
		ok = copy_attribute(from, to, name);
	return ok;
}

/* What the new file has got from its folder is not what the old one had. */
static bool drop_inherited_acl(int fd)
{
	return fremovexattr(fd, "system.posix_acl_access") == 0 || errno == ENODATA || errno == ENOTSUP;
}

static bool copy_rights(int from, int to)
{
	struct stat old, new;
	if (fstat(from, &old) != 0 || fstat(to, &new) != 0)
		return false;
	if ((old.st_uid != new.st_uid || old.st_gid != new.st_gid) && fchown(to, old.st_uid, old.st_gid) != 0)
		return false;
	return drop_inherited_acl(to) && copy_attributes(from, to) && fchmod(to, old.st_mode & 07777) == 0;
}

static spn_status fail(spn_error *err, spn_status status, const char *path)
{
	int code = errno;
	if (code == ENODATA)
		return spn_fail(err, status, code, "'%s' is not changed: it was truncated while it was copied", path);
	if (code == ESTALE)
		return spn_fail(err, status, code, "'%s' is not changed: another file has taken its place; try again", path);
	if (code == ENOENT && access("/proc/self/fd", F_OK) != 0)
		return spn_fail(err, status, code, "'%s' is not changed: this needs /proc, which is not mounted", path);
	return spn_fail(err, code == ENOMEM ? SPN_ERR_NOMEM : status, code,
			"'%s' is not changed: cannot write a new one next to it: %s", path, strerror(code));
}

/* The temporary file, its name in ret_name. */
static int make_temporary(const char *path, char **ret_name)
{
	const char *slash = strrchr(path, '/');
	*ret_name = spk_printf("%.*s/.%.200s.spnkit-XXXXXX", (int)(slash - path), path, slash + 1);
	return *ret_name ? mkostemp(*ret_name, O_CLOEXEC) : -1;
}

/* The rename is on disk when its folder is.  A file system that cannot do that is no failure of the change, which
 * stands. */
static void sync_folder(const char *path)
{
	SPK_AUTOFREE char *folder = spk_printf("%.*s/", (int)(strrchr(path, '/') - path), path);
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

/*
 * A name of the file that nobody can lead elsewhere: that of its folder as it is open here.  Whoever owns a folder
 * could exchange the file that was read for a link to one of somebody else, which then would be replaced.  NULL with
 * errno.
 */
static char *pin_down(const char *path, int original, int *ret_folder)
{
	struct stat read, there;
	SPK_AUTOFREE char *real = realpath(path, NULL);
	if (!real)
		return NULL;
	const char *base = strrchr(real, '/') + 1;
	SPK_AUTOFREE char *folder = strndup(real, (size_t)(base - real));
	*ret_folder = folder ? open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (*ret_folder < 0 || fstatat(*ret_folder, base, &there, AT_SYMLINK_NOFOLLOW) != 0 || fstat(original, &read) != 0)
		return NULL;
	if (there.st_ino != read.st_ino || there.st_dev != read.st_dev) {
		errno = ESTALE;
		return NULL;
	}
	return spk_printf("/proc/self/fd/%d/%s", *ret_folder, base);
}

static spn_status save_as(const char *path, const char *pinned, const spk_original *original, const spk_edit *edits,
		size_t n_edits, int *ret_fd, spn_error *err)
{
	SPK_AUTOFREE char *temporary = NULL;
	int fd = make_temporary(pinned, &temporary);
	if (fd < 0)
		return fail(err, errno == EACCES || errno == EPERM || errno == EROFS ? SPN_ERR_REFUSED : SPN_ERR_FAILED, path);
	spn_status status = SPN_OK;
	if (!copy_rights(original->file, fd))
		status = spn_fail(err, SPN_ERR_REFUSED, errno,
				"'%s' is not changed: a new file could not be given the same owner, rights and extended attributes: %s", path,
				strerror(errno));
	else if (!write_edited(original, fd, edits, n_edits) || fsync(fd) != 0 || rename(temporary, pinned) != 0)
		status = fail(err, SPN_ERR_FAILED, path);
	if (status) {
		unlink(temporary);
		close(fd);
		return status;
	}
	sync_folder(pinned);
	*ret_fd = fd;
	return SPN_OK;
}

spn_status spk_save(const char *path, const spk_original *original, const spk_edit *edits, size_t n_edits, int *ret_fd,
		spn_error *err)
{
	int folder = -1;
	SPK_AUTOFREE char *pinned = pin_down(path, original->file, &folder);
	spn_status status = pinned ? save_as(path, pinned, original, edits, n_edits, ret_fd, err)
			: fail(err, errno == ESTALE ? SPN_ERR_REFUSED : SPN_ERR_FAILED, path);
	if (folder >= 0)
		close(folder);
	return status;
}

/* SPDX-License-Identifier: MIT */
#include "journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "journal.h"
#include "base/error.h"
#include "base/file.h"

enum { CHUNK = 4096, HEAD_MAX = 16 << 20, NAME_SIZE = 4096, TRIES = 100 };

#define ACL "system.posix_acl_access"
#define STATE "# state: "
#define VALUES "# values: "

spn_status spk_journal_fail(spn_error *err, const char *what, const char *path)
{
	int cause = errno;
	bool missing = cause == ENOENT && strcmp(what, "read") == 0;
	return spn_fail(err, missing ? SPN_ERR_NOT_FOUND : SPN_ERR_FAILED, cause, "cannot %s the journal '%s': %s",
			what, path, cause == EEXIST ? "it already exists" : strerror(cause));
}

void spk_journal_file_close(struct spk_journal_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	spk_text_free(&file->text);
	free(file->head);
}

/* ---- whose it is ---- */

/* Whether a group is the primary one of somebody else, which its own list of members does not say.  Users that are not
 * in the file (of a directory, say) have groups of their own there. */
static bool is_primary_of_another(gid_t gid, uid_t owner)
{
	struct passwd user, *found = NULL;
	char text[NAME_SIZE];
	FILE *file = fopen("/etc/passwd", "re");
	bool another = false;
	int code;
	if (!file)
		return errno != ENOENT;
	while ((code = fgetpwent_r(file, &user, text, sizeof text, &found)) == 0 && !another)
		another = user.pw_gid == gid && user.pw_uid != owner;
	fclose(file);
	return another || code != ENOENT; /* which says that the end was reached */
}

/* Whether a group has no member but its owner, as the private groups that Debian gives to users: what it may write, the
 * user may. */
static bool is_private_group(gid_t gid, uid_t owner)
{
	struct passwd user, *found_user = NULL;
	struct group group, *found_group = NULL;
	char user_text[NAME_SIZE], group_text[NAME_SIZE];
	if (getpwuid_r(owner, &user, user_text, sizeof user_text, &found_user) != 0 || !found_user ||
			getgrgid_r(gid, &group, group_text, sizeof group_text, &found_group) != 0 || !found_group)
		return false;
	return user.pw_gid == gid && strcmp(group.gr_name, user.pw_name) == 0 && !*group.gr_mem &&
			!is_primary_of_another(gid, owner);
}

/* From what getxattr(2) returned.  With an access control list, the rights of the group are the most that the list can
 * give to anybody. */
static bool has_acl(ssize_t len)
{
	return len >= 0 || (errno != ENODATA && errno != ENOTSUP);
}

/* Why a file or folder could have been written by somebody else; NULL: it could not. */
static const char *find_writer(const struct stat *st, bool acl)
{
	bool sticky = S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX; /* in /tmp, everybody has files of his own */
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return "belongs to another user";
	if (!sticky && st->st_mode & S_IWOTH)
		return "can be written by everybody";
	if (!sticky && st->st_mode & S_IWGRP && acl)
		return "can be written by whom its access control list names";
	if (!sticky && st->st_mode & S_IWGRP && st->st_gid != 0 && !is_private_group(st->st_gid, st->st_uid))
		return "can be written by a group";
	return NULL;
}

/* False if memory ran out. */
static bool check_owner(struct spk_journal_file *file, const char *path)
{
	struct stat st;
	bool acl = has_acl(fgetxattr(file->fd, ACL, NULL, 0));
	const char *writer = fstat(file->fd, &st) == 0 ? find_writer(&st, acl) : "cannot be examined";
	SPK_AUTOFREE char *real = realpath(path, NULL);
	if (!real && errno == ENOMEM)
		return false;
	if (writer) {
		snprintf(file->problem, sizeof file->problem, "the file %s: read it, and undo from a copy of your own", writer);
		return true;
	}
	char *slash = real ? strrchr(real, '/') : NULL;
	if (slash)
		slash[slash == real] = '\0';
	acl = slash && has_acl(getxattr(real, ACL, NULL, 0));
	writer = slash && stat(real, &st) == 0 ? find_writer(&st, acl) : "cannot be examined";
	if (writer)
		snprintf(file->problem, sizeof file->problem,
				"its folder %s: read it, and undo from a copy in a folder of your own", writer);
	return true;
}

/* ---- reading ---- */

/* Without waiting for who would write into a pipe. */
static spn_status open_regular(struct spk_journal_file *file, const char *path, spn_error *err)
{
	struct stat st;
	if ((file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) < 0 || fstat(file->fd, &st) != 0)
		return spk_journal_fail(err, "read", path);
	return S_ISREG(st.st_mode) ? SPN_OK :
				     spn_fail(err, SPN_ERR_SYNTAX, 0,
						     "'%s' is not a journal of spnkit: it is not a regular file", path);
}

/* Opens the file as it is now: whoever works with it replaces it, and holds a lock on the newest one. */
static spn_status open_current(struct spk_journal_file *file, const char *path, bool *ret_running, spn_error *err)
{
	for (int i = 0; i < TRIES; i++) {
		spn_status status = open_regular(file, path, err);
		if (status)
			return status;
		*ret_running = flock(file->fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
		if (*ret_running || spk_file_is_at(file->fd, path))
			return SPN_OK;
		close(file->fd);
		file->fd = -1;
	}
	*ret_running = true;
	errno = EBUSY;
	return spk_journal_fail(err, "read", path);
}

/* Reads up to the empty line behind the head, or everything. */
static spn_status read_text(struct spk_journal_file *file, const char *path, bool whole, spn_error *err)
{
	char buffer[CHUNK];
	ssize_t n;
	size_t seen = 0; /* up to there, no empty line begins */
	while ((n = read(file->fd, buffer, sizeof buffer)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return spk_journal_fail(err, "read", path);
		spk_text_add_bytes(&file->text, buffer, (size_t)n);
		if (file->text.failed)
			return spk_nomem(err);
		if (!whole && (*file->text.data != '#' || strstr(file->text.data + seen, "\n\n")))
			break;
		seen = file->text.len - 1;
		if (!whole && seen > HEAD_MAX)
			return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' is not a journal of spnkit: no empty line ends its head", path);
	}
	return SPN_OK;
}

/* The value of a line of the head, "# name: value" or "# name:: " and base64; NULL: it is another line.  What is
 * decoded takes the place of the line, which is longer. */
static const char *value_of(char *line, const char *name, bool *ret_failed)
{
	SPK_AUTOTEXT spk_text value = { 0 };
	size_t len = strlen(name);
	if (strncmp(line, "# ", 2) != 0 || strncmp(line + 2, name, len) != 0)
		return NULL;
	const char *at = line + 2 + len;
	if (strncmp(at, ": ", 2) == 0)
		return at + 2;
	if (strncmp(at, ":: ", 3) != 0)
		return NULL;
	bool valid = spk_base64_decode(at + 3, strlen(at + 3), &value) && value.data && strlen(value.data) == value.len;
	*ret_failed |= value.failed;
	return valid && !value.failed ? memcpy(line, value.data, value.len + 1) : NULL;
}

/* A state of a later version may mean anything. */
static void read_state(struct spk_journal_file *file, const char *name)
{
	for (int state = SPN_JOURNAL_OPEN; state <= SPN_JOURNAL_FORGOTTEN; state++)
		if (strcmp(name, spn_journal_state_name((spn_journal_state)state)) == 0) {
			file->info.state = (spn_journal_state)state;
			return;
		}
	snprintf(file->problem, sizeof file->problem, "its state is '%.40s', which this version does not know", name);
}

static bool set_field(spn_journal_info *info, char *line)
{
	static const struct {
		const char *name;
		size_t offset;
	} fields[] = {
		{ "title", offsetof(spn_journal_info, title) },
		{ "time", offsetof(spn_journal_info, time) },
		{ "author", offsetof(spn_journal_info, author) },
		{ "directory", offsetof(spn_journal_info, url) },
		{ "base", offsetof(spn_journal_info, base) },
		{ "identity", offsetof(spn_journal_info, identity) },
	};
	bool failed = false;
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		const char *value = value_of(line, fields[i].name, &failed);
		if (!value)
			continue;
		*(const char **)((char *)info + fields[i].offset) = value;
		break; /* the line may have become its value */
	}
	return !failed;
}

bool spk_journal_begins_with(const char *text, const char *magic)
{
	size_t len = strlen(magic);
	return strncmp(text, "# ", 2) == 0 && strncmp(text + 2, magic, len) == 0 && strchr("\r\n", text[2 + len]);
}

bool spk_journal_is_one(const char *text)
{
	return spk_journal_begins_with(text, SPK_JOURNAL_MAGIC) || spk_journal_begins_with(text, SPK_JOURNAL_GROWING_MAGIC);
}

spn_status spk_journal_head_read(struct spk_journal_file *file, const char *path, spn_error *err)
{
	const char *text = file->text.data ? file->text.data : "";
	file->info = (spn_journal_info){
		.path = path, .title = "", .url = "", .base = "", .time = "", .author = "", .identity = ""
	};
	if (!spk_journal_is_one(text))
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s' is not a journal of spnkit: its first line is not '# " SPK_JOURNAL_MAGIC "'",
				path);
	const char *end = text;
	while (*end == '#' && strchr(end, '\n'))
		end = strchr(end, '\n') + 1;
	if (!(file->head = strndup(text, (size_t)(end - text))))
		return spk_nomem(err);
	char *rest = file->head;
	for (char *line; (line = strsep(&rest, "\n"));) {
		line[strcspn(line, "\r")] = '\0';
		if (strcmp(line, "# rules: samba") == 0)
			file->rules = SPN_DIALECT_SAMBA;
		file->is_partly |= strcmp(line, SPK_JOURNAL_PARTLY) == 0;
		if (strncmp(line, STATE, strlen(STATE)) == 0)
			read_state(file, line + strlen(STATE));
		if (strncmp(line, VALUES, strlen(VALUES)) == 0)
			file->n_values = strtoull(line + strlen(VALUES), NULL, 10);
		if (!set_field(&file->info, line))
			return spk_nomem(err);
	}
	for (const char *title = file->info.title; strncmp(title, "undo ", 5) == 0; title += 5)
		file->info.is_undo = !file->info.is_undo; /* an undo that was undone: the work stands again */
	return SPN_OK;
}

spn_status spk_journal_file_open(const char *path, bool whole, struct spk_journal_file *ret_file, spn_error *err)
{
	bool running = false;
	spn_status status = open_current(ret_file, path, &running, err);
	if (!status)
		status = read_text(ret_file, path, whole, err);
	if (!status)
		status = spk_journal_head_read(ret_file, path, err);
	if (status)
		return status;
	if (running)
		snprintf(ret_file->problem, sizeof ret_file->problem, "the work that it records is still going on");
	else if (!check_owner(ret_file, path))
		return spk_nomem(err);
	ret_file->info.problem = *ret_file->problem ? ret_file->problem : NULL;
	return SPN_OK;
}

static const char *const state_names[] = { "open", "done", "undone", "half-done", "forgotten" };

const char *spn_journal_state_name(spn_journal_state state)
{
	return (unsigned)state < sizeof state_names / sizeof state_names[0] ? state_names[state] : "unknown";
}

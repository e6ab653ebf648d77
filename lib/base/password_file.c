/* SPDX-License-Identifier: MIT */
/* password_file.c - a password from the first line of a file */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <spnkit/credentials.h>

#include "error.h"

/* Reads one line without its end.  Returns its length; -1 with errno if it does not fit or cannot be read. */
static ssize_t read_line(int fd, char *buffer, size_t size)
{
	char c;
	for (size_t used = 0; used <= size; used++) {
		ssize_t n = read(fd, &c, 1);
		if (n < 0)
			return -1;
		if (n == 0 || c == '\n')
			return (ssize_t)(used > 0 && buffer[used - 1] == '\r' ? used - 1 : used);
		if (used < size)
			buffer[used] = c;
	}
	errno = EOVERFLOW;
	return -1;
}

spn_status spn_password_from_file(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *err)
{
	const char *path = data;
	if (!buffer || !ret_len || !path)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_password_from_file: an argument is NULL");
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : read_line(fd, buffer, size);
	int why = errno;
	if (fd >= 0)
		close(fd);
	if (n < 0 && why == EOVERFLOW)
		return spn_fail(err, SPN_ERR_AUTH, why, "the password is longer than %zu bytes", size);
	if (n < 0)
		return spn_fail(err, SPN_ERR_AUTH, why, "cannot read the password from '%s': %s", path, strerror(why));
	*ret_len = (size_t)n;
	return SPN_OK;
}

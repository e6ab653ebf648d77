/* SPDX-License-Identifier: MIT */
/* recipe_open.c - a recipe from a file of the caller's, which need not come to an end */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spnkit/expect.h>

#include "base/error.h"
#define DEFAULT_TIMEOUT 15u /* seconds */

/* A device may never end, and nobody says that a program will write into a pipe. */
static spn_status check(int fd, const char *path, unsigned seconds, spn_error *err)
{
	struct stat st;
	struct pollfd input = { .fd = fd, .events = POLLIN };
	if (fstat(fd, &st) != 0)
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot read '%s': %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return spn_fail(err, SPN_ERR_FAILED, 0, "'%s' is neither a file nor a pipe: name the file of the recipe", path);
	if (S_ISFIFO(st.st_mode) && poll(&input, 1, (int)seconds * 1000) <= 0)
		return spn_fail(err, SPN_ERR_FAILED, 0, "'%s' is a pipe, and no program wrote into it within %u second%s", path,
				seconds, seconds == 1 ? "" : "s");
	return fcntl(fd, F_SETFL, 0) == 0 ? SPN_OK :
			spn_fail(err, SPN_ERR_FAILED, errno, "cannot read '%s': %s", path, strerror(errno));
}

spn_status spn_recipe_open(const char *path, unsigned timeout, spn_recipe **ret_recipe, spn_error *err)
{
	if (!path || !ret_recipe)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_recipe_open: an argument is NULL");
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot open '%s': %s", path, strerror(errno));
	spn_status status = check(fd, path, timeout ? timeout : DEFAULT_TIMEOUT, err);
	FILE *file = status ? NULL : fdopen(fd, "r");
	if (!file)
		close(fd);
	if (!status)
		status = file ? spn_recipe_read(file, path, ret_recipe, err) : spk_nomem(err);
	if (file)
		fclose(file);
	return status;
}

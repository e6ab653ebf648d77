/* SPDX-License-Identifier: MIT */
#include "keytab_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

/* Larger than any: what it holds is not worth reading. */
#define SIZE_LIMIT ((size_t)64 << 20)

struct part {
	const unsigned char *at;
	size_t left;
	bool is_v1; /* version 5.1: numbers as this machine has them, the realm counted among the components, no name type */
};

static bool take(struct part *part, size_t width, uint32_t *ret_number)
{
	if (part->left < width)
		return false;
	const bool is_little = part->is_v1 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	*ret_number = 0;
	for (size_t i = 0; i < width; i++)
		*ret_number = *ret_number << 8 | part->at[is_little ? width - 1 - i : i];
	part->at += width;
	part->left -= width;
	return true;
}

static bool skip(struct part *part, size_t len)
{
	if (part->left < len)
		return false;
	part->at += len;
	part->left -= len;
	return true;
}

/* A length of two bytes, and as many bytes. */
static bool skip_counted(struct part *part)
{
	uint32_t len;
	return take(part, 2, &len) && skip(part, len);
}

/* Components, realm, name type, time, kvno, key; what follows is optional. */
static bool is_entry(struct part entry)
{
	uint32_t n, ignored;
	if (!take(&entry, 2, &n) || (entry.is_v1 && n-- == 0) || !skip_counted(&entry))
		return false;
	while (n-- > 0)
		if (!skip_counted(&entry))
			return false;
	return skip(&entry, (entry.is_v1 ? 0 : 4) + 4 + 1) && take(&entry, 2, &ignored) && skip_counted(&entry);
}

bool spk_keytab_is_whole(const unsigned char *data, size_t size)
{
	struct part file = { data, size, false };
	uint32_t version, len;
	if (!take(&file, 2, &version) || (version != 0x0501 && version != 0x0502))
		return false;
	file.is_v1 = version == 0x0501;
	while (file.left > 0) {
		if (!take(&file, 4, &len))
			return false;
		bool is_hole = len > INT32_MAX;
		size_t bytes = is_hole ? (size_t)(UINT32_MAX - len) + 1 : len;
		struct part entry = { file.at, bytes, file.is_v1 };
		if (!skip(&file, bytes) || (!is_hole && !is_entry(entry)))
			return false;
	}
	return true;
}

static spn_status check_file(int fd, const char *name, spn_error *err)
{
	struct stat st;
	if (fstat(fd, &st))
		return SPN_OK;
	if (!S_ISREG(st.st_mode)) /* Heimdal would wait for who writes into a pipe, and reads a keytab more than once */
		return spn_fail(err, SPN_ERR_AUTH, 0, "the keytab '%s' is not a regular file", name);
	if (st.st_size == 0)
		return spn_fail(err, SPN_ERR_AUTH, 0, "the keytab '%s' is empty", name);
	if ((size_t)st.st_size > SIZE_LIMIT)
		return spn_fail(err, SPN_ERR_AUTH, 0, "the keytab '%s' is too large to be one", name);
	SPK_AUTOFREE unsigned char *data = malloc((size_t)st.st_size);
	if (!data)
		return spk_nomem(err);
	ssize_t n = pread(fd, data, (size_t)st.st_size, 0);
	if (n < 0)
		return spn_fail(err, SPN_ERR_AUTH, errno, "the keytab '%s' cannot be read: %s", name, strerror(errno));
	if (n >= 2 && data[0] == 5 && !spk_keytab_is_whole(data, (size_t)n)) /* Kerberos tells what is no keytab at all */
		return spn_fail(err, SPN_ERR_AUTH, 0, "the keytab '%s' is damaged: an entry ends too early", name);
	return SPN_OK;
}

spn_status spk_keytab_check(const char *name, spn_error *err)
{
	const char *colon = strchr(name, ':');
	bool says_file = strncmp(name, "FILE:", 5) == 0 || strncmp(name, "WRFILE:", 7) == 0;
	bool is_file = says_file || !colon || strcspn(name, "/") < (size_t)(colon - name);
	int fd = is_file ? open(says_file ? colon + 1 : name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
	if (fd < 0)
		return SPN_OK;
	spn_status status = check_file(fd, name, err);
	close(fd);
	return status;
}

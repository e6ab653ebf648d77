/* SPDX-License-Identifier: MIT */
/* export_helper.h - what becomes of an export as LDIF */
#ifndef EXPORT_HELPER_H
#define EXPORT_HELPER_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unit.h"
#include "directory/export/export.h"

static inline int memory_file(const char *text, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	return fd;
}

static inline char *read_all(int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)len + 1);
	assert_non_null(text);
	assert_int_equal(pread(fd, text, (size_t)len, 0), len);
	return text;
}

/* The LDIF of an export; NULL with err if it is refused. */
static inline char *convert_bytes(const char *text, size_t len, spk_export_losses *ret_losses, spn_error *err)
{
	int from = memory_file(text, len), to = memory_file("", 0);
	spk_export_format format = spk_export_recognize((spn_bytes){ text, len });
	assert_int_not_equal(format, SPK_EXPORT_LDIF);
	spn_status status = spk_export_convert(format, "file", from, to, ret_losses, err);
	char *ldif = status ? NULL : read_all(to);
	close(from);
	close(to);
	return ldif;
}

static inline char *convert(const char *text, spk_export_losses *ret_losses, spn_error *err)
{
	return convert_bytes(text, strlen(text), ret_losses, err);
}

static inline void expect_ldif(const char *text, const char *wanted)
{
	spn_error err = { .status = SPN_OK };
	spk_export_losses losses;
	char *ldif = convert(text, &losses, &err);
	if (!ldif)
		fail_msg("%s", err.message);
	assert_string_equal(ldif, wanted);
	free(ldif);
}

static inline void expect_refusal(const char *text, const char *message)
{
	spn_error err = { .status = SPN_OK };
	spk_export_losses losses;
	assert_null(convert(text, &losses, &err));
	assert_int_equal(err.status, SPN_ERR_SYNTAX);
	if (!strstr(err.message, message))
		fail_msg("'%s' does not say '%s'", err.message, message);
}

#endif

/* SPDX-License-Identifier: MIT */
#include "wrap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A thread that answers as a server is left in peace. */
static _Thread_local struct {
	enum wrap_kind kind;
	unsigned long nth, seen, failed;
	int code;
	bool lasting;
} plan;

void wrap_fail(enum wrap_kind kind, unsigned long nth, int code, bool lasting)
{
	plan.kind = kind;
	plan.nth = nth;
	plan.code = code;
	plan.lasting = lasting;
	plan.seen = plan.failed = 0;
}

unsigned long wrap_end(unsigned long *ret_failed)
{
	plan.kind = WRAP_NOTHING;
	*ret_failed = plan.failed;
	return plan.seen;
}

static bool fails(enum wrap_kind kind)
{
	if (plan.kind != kind)
		return false;
	plan.seen++;
	if (plan.seen != plan.nth && !(plan.lasting && plan.seen > plan.nth))
		return false;
	plan.failed++;
	errno = plan.code;
	return true;
}

/* The real function, and the one that the library gets in its place. */
#define WRAP(type, name, kind, failure, parameters, arguments) \
	type __real_##name parameters; \
	type __wrap_##name parameters; \
	type __wrap_##name parameters \
	{ \
		return fails(kind) ? failure : __real_##name arguments; \
	}

WRAP(void *, malloc, WRAP_MEMORY, NULL, (size_t n), (n))
WRAP(void *, calloc, WRAP_MEMORY, NULL, (size_t n, size_t size), (n, size))
WRAP(void *, realloc, WRAP_MEMORY, NULL, (void *old, size_t n), (old, n))
WRAP(char *, strdup, WRAP_MEMORY, NULL, (const char *s), (s))
WRAP(char *, strndup, WRAP_MEMORY, NULL, (const char *s, size_t n), (s, n))
WRAP(int, vasprintf, WRAP_MEMORY, -1, (char **out, const char *format, va_list args), (out, format, args))
WRAP(int, __vasprintf_chk, WRAP_MEMORY, -1, (char **out, int flag, const char *format, va_list args),
		(out, flag, format, args))
WRAP(char *, getcwd, WRAP_MEMORY, NULL, (char *buffer, size_t size), (buffer, size))
WRAP(char *, realpath, WRAP_MEMORY, NULL, (const char *path, char *buffer), (path, buffer))

WRAP(int, mkostemp, WRAP_FILES, -1, (char *path, int flags), (path, flags))
WRAP(int, mkostemp64, WRAP_FILES, -1, (char *path, int flags), (path, flags))
WRAP(ssize_t, read, WRAP_FILES, -1, (int fd, void *data, size_t n), (fd, data, n))
WRAP(ssize_t, pread, WRAP_FILES, -1, (int fd, void *data, size_t n, off_t at), (fd, data, n, at))
WRAP(ssize_t, pread64, WRAP_FILES, -1, (int fd, void *data, size_t n, off_t at), (fd, data, n, at))
WRAP(int, rename, WRAP_FILES, -1, (const char *from, const char *to), (from, to))
WRAP(int, fchmod, WRAP_FILES, -1, (int fd, mode_t mode), (fd, mode))
WRAP(int, mkdir, WRAP_FILES, -1, (const char *path, mode_t mode), (path, mode))
/* A stream whose reads can fail as well, a few bytes at a time. */
static ssize_t read_some(void *cookie, char *data, size_t n)
{
	return fails(WRAP_FILES) ? -1 : (ssize_t)fread(data, 1, n < 100 ? n : 100, cookie);
}

static int close_it(void *cookie)
{
	return fclose(cookie);
}

static FILE *open_stream(FILE *real, const char *mode)
{
	static const cookie_io_functions_t io = { .read = read_some, .close = close_it };
	FILE *stream = real && *mode == 'r' && plan.kind == WRAP_FILES ? fopencookie(real, "r", io) : NULL;
	return stream ? stream : real;
}

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode)
{
	return fails(WRAP_FILES) ? NULL : open_stream(__real_fopen(path, mode), mode);
}

FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode)
{
	return fails(WRAP_FILES) ? NULL : open_stream(__real_fopen64(path, mode), mode);
}

/* Thousands of runs, none of which is about the power: the disk is not waited for. */
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	(void)fd;
	return fails(WRAP_FILES) ? -1 : 0;
}

ssize_t __real_write(int fd, const void *data, size_t n);
ssize_t __wrap_write(int fd, const void *data, size_t n);
ssize_t __wrap_write(int fd, const void *data, size_t n)
{
	if (fails(WRAP_FILES))
		return -1;
	return __real_write(fd, data, fails(WRAP_WRITES) && n > 1 ? n / 2 : n);
}

/* The descriptor is gone all the same, as on Linux. */
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
	int code = __real_close(fd);
	return fails(WRAP_FILES) ? -1 : code;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	mode_t mode = va_arg(args, mode_t);
	va_end(args);
	return fails(WRAP_FILES) ? -1 : __real_open(path, flags, mode);
}

int __wrap_open64(const char *path, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	mode_t mode = va_arg(args, mode_t);
	va_end(args);
	return fails(WRAP_FILES) ? -1 : __real_open(path, flags, mode);
}

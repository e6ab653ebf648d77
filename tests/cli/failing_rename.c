/* SPDX-License-Identifier: MIT */
/* failing_rename.c - loaded before the C library: an LDIF directory named in.ldif can be saved once, and no more */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

int rename(const char *from, const char *to)
{
	static int n;
	int (*real)(const char *, const char *);
	*(void **)&real = dlsym(RTLD_NEXT, "rename");
	const char *name = strrchr(to, '/');
	if (name && strcmp(name, "/in.ldif") == 0 && n++ > 0) {
		errno = EIO;
		return -1;
	}
	return real(from, to);
}

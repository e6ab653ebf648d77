/* SPDX-License-Identifier: MIT */
/* tell_environment.c - loaded before the C library: says what a program has made of its environment by the time it
 * ends */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((destructor)) static void tell(void)
{
	static const char *const names[] = { "SSLKEYLOGFILE", "SASL_PATH", "LDAPNOINIT" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);
		fprintf(stderr, "%s %s\n", names[i], value ? value : "is not set");
	}
	char file[80] = "";
	if (readlink("/proc/self/fd/2", file, sizeof file - 1) > 0 && strcmp(file, "/dev/null") == 0)
		dprintf(1, "standard error is %s\n", file);
}

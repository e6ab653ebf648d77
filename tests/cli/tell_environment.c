/* SPDX-License-Identifier: MIT */
/* tell_environment.c - loaded before the C library: says what a program has made of its environment by the time it ends */
#include <stdio.h>
#include <stdlib.h>

__attribute__((destructor)) static void tell(void)
{
	static const char *const names[] = { "SSLKEYLOGFILE", "SASL_PATH", "LDAPNOINIT" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);
		fprintf(stderr, "%s %s\n", names[i], value ? value : "is not set");
	}
}

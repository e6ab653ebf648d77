/* SPDX-License-Identifier: MIT */
/* poison.c - a SASL plug-in that nobody should load: tells it, by writing to the file $POISONED */
#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void tell(void)
{
	const char *path = getenv("POISONED");
	FILE *file = path ? fopen(path, "a") : NULL;
	if (file) {
		fputs("loaded\n", file);
		fclose(file);
	}
}

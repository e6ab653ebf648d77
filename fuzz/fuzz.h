/* SPDX-License-Identifier: MIT */
/* fuzz.h - what the targets share.  Each is one function that takes whatever bytes; what must hold is asserted. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnkit/mock.h>
#include <spnkit/spnkit.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As assert, in every build. */
#define MUST(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "%s:%d: this must hold: %s\n", __FILE__, __LINE__, #condition); \
		abort(); \
	} \
} while (0)

/* A copy that ends with a NUL, and where a NUL inside ends it; free it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	MUST(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* No message may take over a terminal. */
static inline void fuzz_check_message(spn_status status, const spn_error *err)
{
	MUST(status == err->status);
	MUST(!status || err->message[0]);
	for (const char *c = err->message; *c; c++)
		MUST((unsigned char)*c >= 0x20 && *c != 0x7f);
}

#endif

/* SPDX-License-Identifier: MIT */
/* unit.h - what every unit test needs */
#ifndef UNIT_H
#define UNIT_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <spnkit/spnkit.h>

/* The call succeeds; else the test fails with its message.  An spn_error *err must be in scope. */
#define assert_ok(call) do { \
	spn_status status_ = (call); \
	if (status_) \
		fail_msg("%s: %s: %s", #call, spn_status_name(status_), err->message); \
} while (0)

/* The call fails with a status and a message that contains a text, and sets both alike. */
#define assert_fails(call, wanted, text) do { \
	*err = (spn_error){ 0 }; \
	spn_status status_ = (call); \
	if (status_ != (wanted) || err->status != status_ || !strstr(err->message, (text))) \
		fail_msg("%s: %s: \"%s\"; wanted: %s: \"%s\"", #call, spn_status_name(status_), err->message, \
				spn_status_name(wanted), (text)); \
} while (0)

/* Numbers that are the same in every run: xorshift64. */
static inline uint64_t unit_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif

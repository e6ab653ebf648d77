/* SPDX-License-Identifier: MIT */
/* wrap.h - makes the library's allocations and its calls on files fail when told to (the linker's --wrap) */
#ifndef TEST_WRAP_H
#define TEST_WRAP_H

#include <stdbool.h>

enum wrap_kind {
	WRAP_NOTHING,
	WRAP_MEMORY, /* malloc and its kin: ENOMEM */
	WRAP_FILES,  /* open, write, fsync, rename, ... */
	WRAP_WRITES  /* write alone: half of what is asked for is done */
};

/* From now on call nth of a kind that this thread makes fails with code; lasting: every one from there on. */
void wrap_fail(enum wrap_kind kind, unsigned long nth, int code, bool lasting);

/* Ends that.  How many calls of the kind there were; *ret_failed: how many of them failed. */
unsigned long wrap_end(unsigned long *ret_failed);

#endif

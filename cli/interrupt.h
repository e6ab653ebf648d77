/* SPDX-License-Identifier: MIT */
/* interrupt.h - Ctrl-C while something has to be put in order before the end */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

struct interrupt {
	sigset_t was;
	int fd; /* on which they arrive; -1: they cannot be held back */
};

/* From here on SIGINT, SIGQUIT, SIGTERM and SIGHUP are held back. */
void interrupt_hold(struct interrupt *interrupt);
/* Waits until there is something to read (fd -1: nothing is), or the time is up (-1: never), whatever is done to the
 * clock.  False: one of the signals has arrived, however early. */
bool interrupt_wait(const struct interrupt *interrupt, int fd, int milliseconds);
/* Those that have arrived are taken as answered. */
void interrupt_release(struct interrupt *interrupt);

#endif

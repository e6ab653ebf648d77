/* SPDX-License-Identifier: MIT */
/* interrupt.h - Ctrl-C while something has to be put in order before the end */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

struct interrupt {
	struct sigaction was[4];
};

/* From here on SIGINT, SIGQUIT, SIGTERM and SIGHUP are only noted.  wakes: they end a read() that waits. */
void interrupt_catch(struct interrupt *interrupt, bool wakes);
/* Has one arrived since? */
bool interrupt_seen(void);
/* Waits until there is something to read.  False: one of the signals has arrived, however early. */
bool interrupt_wait(int fd);
/* Waits so long, whatever is done to the clock meanwhile.  False: one of the signals has arrived, however early. */
bool interrupt_sleep(unsigned milliseconds);
void interrupt_release(const struct interrupt *interrupt);

#endif

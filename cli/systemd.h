/* SPDX-License-Identifier: MIT */
/* systemd.h - what a service tells systemd, if that started it */
#ifndef CLI_SYSTEMD_H
#define CLI_SYSTEMD_H

#include <stdbool.h>

/* Sends a message, such as "READY=1", as sd_notify(3) says.  Does nothing if nobody listens. */
void systemd_notify(const char *message);
/* After how many milliseconds without "WATCHDOG=1" systemd takes the service for stuck; 0: never. */
unsigned systemd_patience(void);
/* Whether standard output goes to the journal, where a line may begin with its level (sd-daemon(3)). */
bool systemd_has_journal(void);

#endif

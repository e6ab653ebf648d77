/* SPDX-License-Identifier: MIT */
#include "pace.h"

#include <errno.h>
#include <time.h>

/* A signal makes it no shorter. */
void spk_kdc_pause(void)
{
	struct timespec pause = { .tv_nsec = 200000000 };
	while (nanosleep(&pause, &pause) && errno == EINTR)
		;
}

/* SPDX-License-Identifier: MIT */
/* A monotonic clock by which a third of a second passes between two looks at it: what is shown only of work that takes
 * a while is shown of any. */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *ret_time);

int clock_gettime(clockid_t clock, struct timespec *ret_time)
{
	static long looks;
	int failed = (int)syscall(SYS_clock_gettime, clock, ret_time);
	if (!failed && clock == CLOCK_MONOTONIC)
		ret_time->tv_sec += ++looks / 3;
	return failed;
}

/* SPDX-License-Identifier: MIT */
/* skew - (LD_PRELOAD) a clock that is SKEW seconds ahead, for one program */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *t)
{
	const char *skew = getenv("SKEW");
	int failed = (int)syscall(SYS_clock_gettime, clock, t);
	if (!failed && clock == CLOCK_REALTIME && skew)
		t->tv_sec += atol(skew);
	return failed;
}

time_t time(time_t *ret_time)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	if (ret_time)
		*ret_time = t.tv_sec;
	return t.tv_sec;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec t;
	(void)zone;
	clock_gettime(CLOCK_REALTIME, &t);
	*tv = (struct timeval){ t.tv_sec, t.tv_nsec / 1000 };
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* patience.h - time limits that hold on a machine that is busy, and under valgrind */
#ifndef PATIENCE_H
#define PATIENCE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

/* Seconds: a time-out for what is expected to succeed. */
#define PATIENCE 60
/* Seconds: less than the library's default time-out, and than what Heimdal waits by itself. */
#define TOO_LONG 14

/* The seconds that have gone by. */
static inline double seconds_by_clock(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Those in which this thread did not run because it had nothing to do: not those in which other programs had its
 * processor. */
static inline double seconds_waited(void)
{
	struct timespec ran;
	double queued = 0;
	unsigned long long ns;
	FILE *file = fopen("/proc/thread-self/schedstat", "re");
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ran);
	if (file && fscanf(file, "%*u %llu", &ns) == 1)
		queued = (double)ns / 1e9;
	if (file)
		fclose(file);
	return seconds_by_clock() - queued - (double)ran.tv_sec - (double)ran.tv_nsec / 1e9;
}

/* A call waits so many seconds, and leaves the processor alone meanwhile. */
#define ASSERT_WAITS(seconds, call) do { \
	double wall_ = seconds_by_clock(), waited_ = seconds_waited(); \
	call; \
	wall_ = seconds_by_clock() - wall_; \
	waited_ = seconds_waited() - waited_; \
	if (wall_ < 0.9 * (seconds) || waited_ < 0.5 * (seconds) || waited_ > TOO_LONG) \
		fail_msg("%s: it took %.3f s, and waited for %.3f s of them", #call, wall_, waited_); \
} while (0)

#endif

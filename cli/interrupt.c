/* SPDX-License-Identifier: MIT */
#include "interrupt.h"

#include <errno.h>
#include <poll.h>

static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
static volatile sig_atomic_t seen;

static void take_note(int signal)
{
	(void)signal;
	seen = 1;
}

_Static_assert(sizeof signals / sizeof *signals ==
				sizeof((struct interrupt *)0)->was / sizeof *((struct interrupt *)0)->was,
		"one place for each signal");

void interrupt_catch(struct interrupt *interrupt, bool wakes)
{
	struct sigaction action = { .sa_handler = take_note, .sa_flags = wakes ? 0 : SA_RESTART };
	seen = 0;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		sigaction(signals[i], NULL, &interrupt->was[i]);
		if (interrupt->was[i].sa_handler != SIG_IGN) /* nohup stays */
			sigaction(signals[i], &action, NULL);
	}
}

bool interrupt_seen(void)
{
	return seen;
}

/* Until there is something to read (fd < 0: nothing is), the time is up (NULL: never), or a signal has arrived: one
 * that comes just before the wait would not end it otherwise. */
static bool wait_for(int fd, const struct timespec *time)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };
	sigset_t noted, was;
	sigemptyset(&noted);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&noted, signals[i]);
	sigprocmask(SIG_BLOCK, &noted, &was);
	while (!seen && ppoll(&in, 1, time, &was) < 0 && errno == EINTR)
		;
	sigprocmask(SIG_SETMASK, &was, NULL);
	return !seen;
}

bool interrupt_wait(int fd)
{
	return wait_for(fd, NULL);
}

bool interrupt_sleep(unsigned milliseconds)
{
	const struct timespec time = { milliseconds / 1000, (long)(milliseconds % 1000) * 1000000L };
	return wait_for(-1, &time);
}

void interrupt_release(const struct interrupt *interrupt)
{
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &interrupt->was[i], NULL);
}

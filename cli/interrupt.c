/* SPDX-License-Identifier: MIT */
#include "interrupt.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

void interrupt_hold(struct interrupt *interrupt)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	struct sigaction action;
	sigset_t held;
	sigemptyset(&held);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) /* nohup stays */
			sigaddset(&held, signals[i]);
	interrupt->fd = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
	if (interrupt->fd >= 0)
		sigprocmask(SIG_BLOCK, &held, &interrupt->was);
}

bool interrupt_wait(const struct interrupt *interrupt, int fd, int milliseconds)
{
	struct pollfd at[] = { { .fd = interrupt->fd, .events = POLLIN }, { .fd = fd, .events = POLLIN } };
	while (poll(at, 2, milliseconds) < 0 && errno == EINTR)
		;
	return !at[0].revents;
}

void interrupt_release(struct interrupt *interrupt)
{
	struct signalfd_siginfo arrived;
	if (interrupt->fd < 0)
		return;
	while (read(interrupt->fd, &arrived, sizeof arrived) > 0)
		;
	close(interrupt->fd);
	sigprocmask(SIG_SETMASK, &interrupt->was, NULL);
}

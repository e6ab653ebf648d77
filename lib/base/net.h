/* SPDX-License-Identifier: MIT */
/* net.h - connections that are made in time, or not */
#ifndef SPK_NET_H
#define SPK_NET_H

#include <stdint.h>

#include <spnkit/backend.h>

/* A point in time by CLOCK_MONOTONIC, in milliseconds: setting the clock does not move it. */
typedef int64_t spk_deadline;

spk_deadline spk_deadline_in(unsigned milliseconds);
/* Milliseconds until then; 0 once it has passed. */
int spk_deadline_left(spk_deadline deadline);
spk_deadline spk_deadline_earlier(spk_deadline a, spk_deadline b);

/* Waits for poll(2) events on fd.  Returns 0 or an errno, ETIMEDOUT among them.  Signals do not end it. */
int spk_wait(int fd, short events, spk_deadline deadline);

/*
 * Connects to a host, its addresses tried one after another, a little overlapping.  The socket does not
 * block and is not inherited.
 *
 * Returns SPN_ERR_UNREACHABLE; native is an errno, or negative: a code of getaddrinfo(3).
 */
spn_status spk_dial(const char *host, unsigned port, spk_deadline deadline, int *ret_fd, spn_error *err);
spn_status spk_dial_local(const char *path, spk_deadline deadline, int *ret_fd, spn_error *err);

/*
 * Runs fn(arg) in a thread of its own, for calls that cannot be given a time-out (the resolver's).
 *
 * Returns 0; or ETIMEDOUT, and then arg belongs to the thread, which calls free_arg once fn returns;
 * or another errno, and then fn was not called.
 */
int spk_call_in_time(void (*fn)(void *arg), void *arg, void (*free_arg)(void *arg), spk_deadline deadline);

/*
 * Calls fn(question), which asks DNS for a host, as above, and waits five seconds.  If it fails, the question is no
 * longer the caller's.
 *
 * Returns SPN_ERR_UNREACHABLE if no answer arrives; SPN_ERR_FAILED.
 */
spn_status spk_ask_dns(void (*fn)(void *question), void *question, void (*free_question)(void *question),
		const char *host, spn_error *err);

#endif

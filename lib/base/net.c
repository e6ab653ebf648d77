/* SPDX-License-Identifier: MIT */
#include "net.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "error.h"

/* The next address is tried when the one before has not answered for so long (RFC 8305, section 5). */
#define STAGGER_MS 250
#define MAX_ADDRESSES 16

static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

spk_deadline spk_deadline_in(unsigned milliseconds)
{
	return now() + milliseconds;
}

int spk_deadline_left(spk_deadline deadline)
{
	int64_t left = deadline - now();
	return left <= 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

spk_deadline spk_deadline_earlier(spk_deadline a, spk_deadline b)
{
	return a < b ? a : b;
}

static int poll_until(struct pollfd *fds, nfds_t n, spk_deadline deadline)
{
	for (;;) {
		int ready = poll(fds, n, spk_deadline_left(deadline));
		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return errno;
		if (spk_deadline_left(deadline) == 0)
			return ETIMEDOUT;
	}
}

int spk_wait(int fd, short events, spk_deadline deadline)
{
	struct pollfd one = { .fd = fd, .events = events };
	return poll_until(&one, 1, deadline);
}

/* What a caller and the thread that works for it share; the last of the two frees it. */
struct call {
	pthread_mutex_t lock;
	pthread_cond_t done_cond;
	bool done, abandoned;
	void (*fn)(void *);
	void *arg;
	void (*free_arg)(void *);
};

static void free_call(struct call *call)
{
	pthread_cond_destroy(&call->done_cond);
	pthread_mutex_destroy(&call->lock);
	free(call);
}

static void *carry_out(void *data)
{
	struct call *call = data;
	call->fn(call->arg);
	pthread_mutex_lock(&call->lock);
	call->done = true;
	bool abandoned = call->abandoned;
	pthread_cond_signal(&call->done_cond);
	pthread_mutex_unlock(&call->lock);
	if (abandoned) {
		call->free_arg(call->arg);
		free_call(call);
	}
	return NULL;
}

static struct call *new_call(void)
{
	struct call *call = calloc(1, sizeof *call);
	if (!call)
		return NULL;
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&call->done_cond, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&call->lock, NULL);
	return call;
}

static int start_thread(struct call *call)
{
	pthread_t thread;
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigset_t all, before;
	sigfillset(&all); /* the application's signals are for the application's threads */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&thread, &attr, carry_out, call);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return error;
}

int spk_call_in_time(void (*fn)(void *arg), void *arg, void (*free_arg)(void *arg), spk_deadline deadline)
{
	struct call *call = new_call();
	if (!call)
		return ENOMEM;
	call->fn = fn;
	call->arg = arg;
	call->free_arg = free_arg;
	int error = start_thread(call);
	if (error) {
		free_call(call);
		return error;
	}
	struct timespec end = { .tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000 };
	pthread_mutex_lock(&call->lock);
	while (!call->done && error != ETIMEDOUT)
		error = pthread_cond_timedwait(&call->done_cond, &call->lock, &end);
	bool done = call->done;
	call->abandoned = !done;
	pthread_mutex_unlock(&call->lock);
	if (!done)
		return ETIMEDOUT;
	free_call(call);
	return 0;
}

spn_status spk_ask_dns(void (*fn)(void *question), void *question, void (*free_question)(void *question),
		const char *host, spn_error *err)
{
	enum { ANSWER_MS = 5000 };
	int code = spk_call_in_time(fn, question, free_question, spk_deadline_in(ANSWER_MS));
	if (code == ETIMEDOUT) /* the question belongs to the thread that waits for the answer */
		return spn_fail(err, SPN_ERR_UNREACHABLE, code, "DNS did not answer in time for '%s'", host);
	if (code)
		free_question(question);
	return code ? spn_fail(err, SPN_ERR_FAILED, code, "cannot ask for the host '%s': %s", host, strerror(code)) : SPN_OK;
}

struct lookup {
	char *host;
	char port[8];
	int flags;
	int error;
	struct addrinfo *list;
};

static void look_up(void *arg)
{
	struct lookup *lookup = arg;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = lookup->flags | AI_NUMERICSERV };
	lookup->error = getaddrinfo(lookup->host, lookup->port, &hints, &lookup->list);
}

static void free_lookup(void *arg)
{
	struct lookup *lookup = arg;
	if (lookup->list)
		freeaddrinfo(lookup->list);
	free(lookup->host);
	free(lookup);
}

/* A name may come from DNS, and a hint from here ends up in a shell: only what is a host's name is repeated there. */
static bool is_for_shell(const char *host)
{
	return *host != '-' && !host[strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")];
}

static spn_status resolve(const char *host, unsigned port, spk_deadline deadline, struct lookup **ret_lookup,
		spn_error *err)
{
	struct lookup *lookup = calloc(1, sizeof *lookup);
	if (!lookup || !(lookup->host = strdup(host))) {
		free(lookup);
		return spk_nomem(err);
	}
	snprintf(lookup->port, sizeof lookup->port, "%u", port);
	lookup->flags = AI_NUMERICHOST;
	look_up(lookup);
	int error = 0;
	if (lookup->error) { /* no address: ask the resolver */
		lookup->flags = AI_ADDRCONFIG;
		error = spk_call_in_time(look_up, lookup, free_lookup, deadline);
	}
	if (error == ETIMEDOUT)
		return spn_fail(err, SPN_ERR_UNREACHABLE, ETIMEDOUT,
				"the address of '%s' could not be found in time: DNS does not answer", host);
	if (error || lookup->error) {
		int code = error ? error : lookup->error;
		const char *why = error ? strerror(error) : gai_strerror(code);
		free_lookup(lookup);
		spn_fail(err, SPN_ERR_UNREACHABLE, code, "the address of '%s' cannot be found: %s", host, why);
		if (is_for_shell(host))
			spn_fail(err, SPN_ERR_UNREACHABLE, code,
					"the address of '%s' cannot be found: %s ('getent hosts %s' must find it)", host, why, host);
		if (err && !error)
			err->family = SPN_NATIVE_DNS;
		return SPN_ERR_UNREACHABLE;
	}
	*ret_lookup = lookup;
	return SPN_OK;
}

static int start_connecting(const struct addrinfo *address, int *ret_fd)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol);
	if (fd < 0)
		return errno;
	if (connect(fd, address->ai_addr, address->ai_addrlen) < 0 && errno != EINPROGRESS && errno != EAGAIN) {
		int error = errno;
		close(fd);
		return error;
	}
	*ret_fd = fd;
	return 0;
}

static int connecting_error(int fd)
{
	int error = 0;
	socklen_t size = sizeof error;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? errno : error;
}

/* Takes the first attempt that has ended well; closes those that failed, and keeps why. */
static int collect(struct pollfd *attempts, nfds_t *n, int *last_error)
{
	for (nfds_t i = 0; i < *n;) {
		if (!attempts[i].revents) {
			i++;
			continue;
		}
		int fd = attempts[i].fd, error = connecting_error(fd);
		attempts[i] = attempts[--*n];
		if (error == 0)
			return fd;
		*last_error = error;
		close(fd);
	}
	return -1;
}

/* Returns 0 or an errno. */
static int connect_any(const struct addrinfo *next, spk_deadline deadline, int *ret_fd)
{
	struct pollfd attempts[MAX_ADDRESSES];
	nfds_t n = 0;
	int fd = -1, last_error = ETIMEDOUT;
	while (fd < 0 && (next || n > 0)) {
		if (next && n < MAX_ADDRESSES) {
			attempts[n] = (struct pollfd){ .events = POLLOUT };
			int error = start_connecting(next, &attempts[n].fd);
			next = next->ai_next;
			if (error) {
				last_error = error;
				continue;
			}
			n++;
		}
		spk_deadline pause = next ? spk_deadline_earlier(deadline, spk_deadline_in(STAGGER_MS)) : deadline;
		int error = poll_until(attempts, n, pause);
		if (error == 0)
			fd = collect(attempts, &n, &last_error);
		else if (error != ETIMEDOUT || spk_deadline_left(deadline) == 0) {
			last_error = error;
			break;
		}
	}
	for (nfds_t i = 0; i < n; i++)
		close(attempts[i].fd);
	if (fd < 0)
		return last_error;
	*ret_fd = fd;
	return 0;
}

/* A server that is gone without a word is noticed, also while nothing is sent. */
static void keep_alive(int fd)
{
	int on = 1, idle = 60, interval = 15, probes = 4;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

spn_status spk_dial(const char *host, unsigned port, spk_deadline deadline, int *ret_fd, spn_error *err)
{
	struct lookup *lookup = NULL;
	spn_status status = resolve(host, port, deadline, &lookup, err);
	if (status)
		return status;
	int error = connect_any(lookup->list, deadline, ret_fd);
	free_lookup(lookup);
	if (error)
		return spn_fail(err, SPN_ERR_UNREACHABLE, error, "cannot connect to '%s', port %u: %s", host, port,
				error == ETIMEDOUT ? "no answer in time" : strerror(error));
	keep_alive(*ret_fd);
	return SPN_OK;
}

spn_status spk_dial_local(const char *path, spk_deadline deadline, int *ret_fd, spn_error *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof name.sun_path)
		return spn_fail(err, SPN_ERR_INVALID, ENAMETOOLONG, "the path '%s' is too long for a socket", path);
	memcpy(name.sun_path, path, strlen(path) + 1);
	struct addrinfo address = { .ai_family = AF_UNIX, .ai_addr = (struct sockaddr *)&name,
		.ai_addrlen = sizeof name };
	int error = connect_any(&address, deadline, ret_fd);
	if (error)
		return spn_fail(err, SPN_ERR_UNREACHABLE, error, "cannot connect to the socket '%s': %s", path,
				error == ETIMEDOUT ? "no answer in time" : strerror(error));
	return SPN_OK;
}

/* SPDX-License-Identifier: MIT */
/*
 * delay.c - a distant server: delay LISTEN SERVER MILLISECONDS (one way; each an IPv4 address:port, or the
 * path of a socket)
 *
 * Passes connections on, every byte as late as over a line of that length, as many as come.  The kernel shakes hands
 * at once, so the first bytes of a client come a round trip later still.  When it is ended by SIGTERM it prints how
 * many times a client spoke after it was answered, or at first: what the round trips of a protocol are, however fast
 * the line.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MAX_PAIRS 64
#define CHUNK 65536

/* Bytes on the line. */
struct chunk {
	struct chunk *next;
	int64_t due; /* nanoseconds; when they arrive */
	size_t len, sent;
	char bytes[];
};

/* One direction of a connection. */
struct way {
	int from, to;
	struct chunk *first, **end;
	bool read_ended, ended;
};

struct pair {
	struct way up, down; /* from the client, from the server */
	int64_t not_before;
	bool answered, used;
};

static struct pair pairs[MAX_PAIRS];
static int64_t delay;
static unsigned long turns, connections;
static volatile sig_atomic_t stop;

static void end(int signal)
{
	(void)signal;
	stop = 1;
}

static int64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void start_way(struct way *way, int from, int to)
{
	*way = (struct way){ .from = from, .to = to };
	way->end = &way->first;
}

/* Where something listens. */
struct place {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_un un;
	} name;
	socklen_t size;
};

static bool parse(const char *text, struct place *ret)
{
	memset(ret, 0, sizeof *ret);
	const char *colon = strchr(text, ':');
	char host[INET_ADDRSTRLEN], *end;
	if (*text == '/') {
		ret->name.un.sun_family = AF_UNIX;
		ret->size = sizeof ret->name.un;
		return snprintf(ret->name.un.sun_path, sizeof ret->name.un.sun_path, "%s", text) < (int)sizeof ret->name.un.sun_path;
	}
	if (!colon || (size_t)(colon - text) >= sizeof host)
		return false;
	snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
	ret->name.in.sin_family = AF_INET;
	unsigned long port = strtoul(colon + 1, &end, 10);
	if (end == colon + 1 || *end || port > UINT16_MAX)
		return false;
	ret->name.in.sin_port = htons((uint16_t)port);
	ret->size = sizeof ret->name.in;
	return inet_pton(AF_INET, host, &ret->name.in.sin_addr) == 1;
}

static void take_connection(int listener, const struct place *server)
{
	int client = accept(listener, NULL, NULL), one = 1, fd = socket(server->name.any.sa_family, SOCK_STREAM, 0);
	struct pair *pair = pairs;
	while (pair < pairs + MAX_PAIRS && pair->used)
		pair++;
	if (client < 0 || fd < 0 || pair == pairs + MAX_PAIRS ||
			connect(fd, &server->name.any, server->size)) {
		close(client);
		close(fd);
		return;
	}
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	*pair = (struct pair){ .not_before = now() + 3 * delay, .answered = true, .used = true };
	start_way(&pair->up, client, fd);
	start_way(&pair->down, fd, client);
	connections++;
}

static void take_bytes(struct pair *pair, struct way *way)
{
	struct chunk *chunk = malloc(sizeof *chunk + CHUNK);
	if (!chunk)
		exit(1);
	ssize_t n = recv(way->from, chunk->bytes, CHUNK, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		free(chunk);
		return;
	}
	bool is_up = way == &pair->up;
	*chunk = (struct chunk){ .due = now() + delay, .len = n > 0 ? (size_t)n : 0 };
	if (is_up && chunk->due < pair->not_before)
		chunk->due = pair->not_before;
	way->read_ended = n <= 0;
	if (n > 0 && is_up)
		turns += pair->answered;
	if (n > 0)
		pair->answered = !is_up;
	*way->end = chunk;
	way->end = &chunk->next;
}

/* Passes on what has arrived; an empty chunk is the end. */
static void pass_on(struct way *way, int64_t time)
{
	while (way->first && way->first->due <= time) {
		struct chunk *chunk = way->first;
		ssize_t n = chunk->len ? send(way->to, chunk->bytes + chunk->sent, chunk->len - chunk->sent,
				MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n > 0 && (chunk->sent += (size_t)n) < chunk->len)
			continue;
		if (n <= 0) {
			shutdown(way->to, SHUT_WR);
			way->ended = true;
		}
		way->first = chunk->next;
		if (!way->first)
			way->end = &way->first;
		free(chunk);
	}
}

static void close_if_done(struct pair *pair)
{
	if (!pair->up.ended || !pair->down.ended)
		return;
	close(pair->up.from);
	close(pair->up.to);
	pair->used = false;
}

static void run(int listener, const struct place *server)
{
	while (!stop) {
		struct pollfd fds[1 + 2 * MAX_PAIRS];
		struct way *ways[1 + 2 * MAX_PAIRS];
		struct pair *of[1 + 2 * MAX_PAIRS];
		int64_t time = now(), next = time + 1000000000;
		nfds_t n = 1;
		fds[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
		for (struct pair *pair = pairs; pair < pairs + MAX_PAIRS; pair++) {
			for (int i = 0; pair->used && i < 2; i++) {
				struct way *way = i ? &pair->down : &pair->up;
				pass_on(way, time);
				if (way->first && way->first->due < next)
					next = way->first->due;
				fds[n] = (struct pollfd){ .fd = way->read_ended ? -1 : way->from, .events = POLLIN };
				of[n] = pair;
				ways[n++] = way;
			}
			if (pair->used)
				close_if_done(pair);
		}
		int64_t wait = next > time ? next - time : 100000;
		struct timespec timeout = { wait / 1000000000, wait % 1000000000 };
		if (ppoll(fds, n, &timeout, NULL) <= 0)
			continue;
		for (nfds_t i = 1; i < n; i++)
			if (fds[i].revents && of[i]->used)
				take_bytes(of[i], ways[i]);
		if (fds[0].revents)
			take_connection(listener, server);
	}
}

int main(int argc, char **argv)
{
	struct place here, server;
	if (argc != 4 || !parse(argv[1], &here) || !parse(argv[2], &server))
		return fprintf(stderr, "usage: delay LISTEN SERVER MILLISECONDS\n"), 2;
	struct sigaction action = { .sa_handler = end };
	int listener = socket(here.name.any.sa_family, SOCK_STREAM, 0), one = 1;
	delay = (int64_t)(atof(argv[3]) * 1e6);
	sigaction(SIGTERM, &action, NULL);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener, &here.name.any, here.size) || listen(listener, 16))
		return perror("delay"), 1;
	puts("ready");
	fflush(stdout);
	run(listener, &server);
	printf("%lu round trips, %lu connections\n", turns, connections);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* ldap_server.h - a server that does as it is told, in a thread at the other end of a local socket */
#ifndef TEST_LDAP_SERVER_H
#define TEST_LDAP_SERVER_H

#include <stdbool.h>

#include <ldap.h>
#include <pthread.h>
#include <sys/types.h>

#define MAX_CONNECTIONS 16

struct request {
	int id;
	ber_tag_t kind;
	char *base;
	char *attr;           /* the first that is asked for, or NULL */
	char *mech;           /* of a bind by SASL, or NULL */
	struct berval cred;   /* of a bind: the password, or the mechanism's token */
	struct berval cookie; /* of the page that is asked for */
	bool paged;
	int connection; /* counted from 0 */
	int nth;        /* of its kind over all connections, from 1 */
};

struct server;

/* Answers a search or a modify; binds are answered already. */
typedef void answer_fn(struct server *server, int fd, const struct request *request);

/* What lies between the server and its socket: TLS, or the layer of a log-on. */
struct server_line {
	bool (*open)(int fd); /* a connection has come; false: it is closed */
	ssize_t (*receive)(int fd, void *buffer, size_t size);
	ssize_t (*transmit)(int fd, const void *bytes, size_t size); /* all of it, or less than 0 */
	void (*close)(int fd);
};

struct server {
	char folder[64], path[80], url[128];
	unsigned port; /* 0: a local socket */
	int listener, stop[2];
	pthread_t thread;
	answer_fn *answer;
	bool silent;       /* not even binds are answered */
	answer_fn *bind;   /* NULL: they are granted */
	int n_connections, n_searches, n_modifies;
	char seen[2000]; /* what modifies asked for */
};

/* Serves ldapi:// at server->url until it is stopped. */
void server_start(struct server *server, answer_fn *answer);
/* Serves 127.0.0.1 at server->port, through a line (NULL: as it comes); one server at a time has one. */
void server_start_tcp(struct server *server, answer_fn *answer, const struct server_line *line);
/* The same at an address of this host, and at a port (0: any). */
void server_start_at(struct server *server, const char *address, unsigned port, answer_fn *answer,
		const struct server_line *line);
void server_stop(struct server *server);

/* For answers: a result without more; an entry of one attribute with values prefix-from to prefix-to (0, 0: the prefix
 * itself); the end of a page. */
void reply_result(int fd, int id, ber_tag_t kind, int code, const char *diagnostic);
void reply_entry(int fd, int id, const char *dn, const char *attr, const char *prefix, unsigned from, unsigned to);
void reply_page_end(int fd, int id, const char *cookie);
/* The answer to a step of SASL. */
void reply_bind(int fd, int id, int code, struct berval cred);
void reply_referral(int fd, int id);
/* The result that another server is to be asked. */
void reply_elsewhere(int fd, int id, ber_tag_t kind, const char *url);

#endif

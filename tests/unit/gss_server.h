/* SPDX-License-Identifier: MIT */
/* gss_server.h - the server's side of a Kerberos log-on for ldap_server, with the keytab of KRB5_KTNAME, and of the
 * layer after it */
#ifndef GSS_SERVER_H
#define GSS_SERVER_H

#include "ldap_server.h"

/* What the layer does to the tokens that it sends. */
enum gss_trick {
	GSS_HONEST,
	GSS_SPLIT,  /* many small tokens, which are sent in small parts */
	GSS_CLEAR,  /* no token at all */
	GSS_SIGNED, /* not sealed */
	GSS_FLIP,   /* a bit changed */
	GSS_LONG,   /* a token that is longer than the protocol lets it be */
	GSS_TWICE   /* each token is sent again */
};
extern enum gss_trick gss_trick;
extern size_t gss_longest; /* token that came */
/* Somebody between the client and the server, who may change the tokens of a log-on; NULL: nobody. */
extern void (*gss_relay)(struct berval *token, bool from_server);

/* Answers to binds: accepts; accepts without a proof; does not know the mechanism; has one more question each time. */
void gss_accept_bind(struct server *server, int fd, const struct request *request);
void gss_accept_unproved(struct server *server, int fd, const struct request *request);
void gss_refuse_mechanism(struct server *server, int fd, const struct request *request);
void gss_ask_for_more(struct server *server, int fd, const struct request *request);

extern const struct server_line gss_line;

#endif

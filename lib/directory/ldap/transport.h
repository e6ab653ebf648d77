/* SPDX-License-Identifier: MIT */
/* transport.h - what libldap reads from and writes to: a socket with a deadline */
#ifndef SPK_TRANSPORT_H
#define SPK_TRANSPORT_H

#include <lber.h>

#include "base/net.h"

/* How much is taken from a server for one question, in bytes: a page of accounts is a few megabytes. */
#define SPK_ANSWER_MAX ((ber_len_t)256 << 20)

/* libldap's own socket code raises SIGPIPE, loses errno and waits for ever in a TLS handshake; this one
 * does not. */
typedef struct spk_transport {
	int fd;
	spk_deadline deadline; /* no read or write waits longer */
	ber_len_t received;    /* since the last question; more than SPK_ANSWER_MAX breaks it */
	int error;             /* the errno that broke it; 0 while it is whole */
	bool ended;            /* the server closed the connection */
	char ahead[0x40000];   /* read, and not asked for yet: libldap asks for the head of each message first */
	size_t at, end;        /* of that */
} spk_transport;

/* Puts the transport under a Sockbuf, which closes fd from then on.  False if memory ran out. */
bool spk_transport_attach(spk_transport *transport, Sockbuf *sockbuf);

/* Takes what has come meanwhile off the server's hands, as far as there is room, and waits for nothing: while we work,
 * it can go on. */
void spk_transport_relieve(spk_transport *transport);

/* Whether the server has hung up meanwhile, so that it would be of no use to send anything. */
bool spk_transport_is_gone(const spk_transport *transport);

/* What broke it, in words: "Connection reset by peer"; NULL while it is whole. */
const char *spk_transport_why(const spk_transport *transport);

#endif

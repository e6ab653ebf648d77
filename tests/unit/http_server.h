/* SPDX-License-Identifier: MIT */
/* http_server.h - a web server for tests, in a thread, that answers as it is told and may accept Kerberos tickets for
 * real */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdbool.h>

/* What it does with one request after another; on a new connection it goes on where it was. */
typedef struct http_step {
	enum {
		HTTP_END,
		HTTP_SEND,   /* text, then wait for the next request */
		HTTP_CLOSE,  /* text (NULL: none), then close the connection */
		/* a ticket with the keytab of KRB5_KTNAME: text is the head, without its empty line, to which the
		 * proof or the error is added */
		HTTP_ACCEPT,
		HTTP_SILENT, /* until the client gives up */
		HTTP_FLOOD,  /* text, again and again until the client gives up */
		HTTP_DRIP    /* text, a byte every tenth of a second */
	} kind;
	const char *text;
} http_step;

/* Starts on 127.0.0.1 with a script that ends with HTTP_END, and returns the port.  One at a time. */
unsigned http_start(const http_step *script);

/* Ends it, and returns all requests that came. */
const char *http_stop(void);

/* Whether HTTP_ACCEPT has let in whoever asked last. */
extern bool http_accepted;

/* How many connections came since http_start. */
extern unsigned http_connections;

#endif

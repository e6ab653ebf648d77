/* SPDX-License-Identifier: MIT */
/* impostor ADDRESS BASE - pretends to be a domain controller of the domain BASE, with the keytab of KRB5_KTNAME
 *
 * Whoever has logged on to ADDRESS:389 is told lies, and that each change was made.  What was asked for goes to
 * standard output, a line each: that shows that somebody took us for a controller. */
#include <stdio.h>
#include <string.h>

#include <unistd.h>

#include "gss_server.h"

static const char *base;

static void answer(struct server *server, int fd, const struct request *request)
{
	(void)server;
	printf("%s %s\n", request->kind == LDAP_REQ_SEARCH ? "search" : "modify", request->base);
	if (request->kind == LDAP_REQ_SEARCH && request->base[0] == '\0')
		reply_entry(fd, request->id, "", "defaultNamingContext", base, 0, 0);
	else if (request->kind == LDAP_REQ_SEARCH)
		reply_entry(fd, request->id, base, "servicePrincipalName", "http/lie", 0, 0);
	reply_result(fd, request->id, request->kind == LDAP_REQ_SEARCH ? LDAP_RES_SEARCH_RESULT : LDAP_RES_MODIFY, 0, "");
}

static void bind_and_note(struct server *server, int fd, const struct request *request)
{
	printf("bind %s\n", request->mech ? request->mech : "simple");
	gss_accept_bind(server, fd, request);
}

int main(int argc, char *argv[])
{
	struct server server;
	if (argc != 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	base = argv[2];
	server_start_at(&server, argv[1], 389, answer, &gss_line);
	server.bind = bind_and_note;
	pause();
	return 0;
}

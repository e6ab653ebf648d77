/* SPDX-License-Identifier: MIT */
/* canonical.c - the name that DNS has for a host behind a CNAME */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <spnkit/check.h>

#include "base/error.h"
#include "base/net.h"

struct question {
	char *host, *name; /* name: of the answer */
	bool is_lost;      /* for want of memory */
};

static void ask(void *arg)
{
	struct question *question = arg;
	const struct addrinfo hints = { .ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	if (getaddrinfo(question->host, NULL, &hints, &found) == 0 && found->ai_canonname &&
			strcasecmp(found->ai_canonname, question->host) != 0) {
		question->name = strdup(found->ai_canonname);
		question->is_lost = !question->name;
	}
	if (found)
		freeaddrinfo(found);
}

static void free_question(void *arg)
{
	struct question *question = arg;
	free(question->host);
	free(question->name);
	free(question);
}

spn_status spn_host_canonical(const char *host, char **ret_name, spn_error *err)
{
	if (!host || !ret_name)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_host_canonical: an argument is NULL");
	struct question *question = calloc(1, sizeof *question);
	*ret_name = NULL;
	if (!question || !(question->host = strdup(host))) {
		free(question);
		return spk_nomem(err);
	}
	spn_status status = spk_ask_dns(ask, question, free_question, host, err);
	if (status)
		return status;
	bool is_lost = question->is_lost;
	*ret_name = question->name;
	question->name = NULL;
	free_question(question);
	return is_lost ? spk_nomem(err) : SPN_OK;
}

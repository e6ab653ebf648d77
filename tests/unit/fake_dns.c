/* SPDX-License-Identifier: MIT */
/* The program's own resolver comes before that of the C library, for the libraries that it is linked with as well. */
#include "fake_dns.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <ldap.h>
#include <netdb.h>

const char *fake_dns_controllers, *fake_dns_pdc;

struct answer {
	struct addrinfo info;
	struct sockaddr_in address;
	char name[sizeof FAKE_DNS_CANONICAL];
};

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	struct answer *answer = calloc(1, sizeof *answer);
	(void)node;
	if (!answer)
		return EAI_MEMORY;
	answer->address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((unsigned short)(service ? strtoul(service, NULL, 10) : 0)) };
	answer->info = (struct addrinfo){ .ai_family = AF_INET, .ai_socktype = hints &&
			hints->ai_socktype ? hints->ai_socktype : SOCK_STREAM,
		.ai_protocol = hints ? hints->ai_protocol : 0, .ai_addrlen = sizeof answer->address,
		.ai_addr = (struct sockaddr *)&answer->address };
	if (hints && hints->ai_flags & AI_CANONNAME)
		answer->info.ai_canonname = memcpy(answer->name, FAKE_DNS_CANONICAL, sizeof answer->name);
	*ret = &answer->info;
	return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
	free(info);
}

int ldap_domain2hostlist(const char *domain, char **ret)
{
	bool is_pdc = fake_dns_pdc && strncmp(domain, "pdc.", 4) == 0;
	const char *list = is_pdc ? fake_dns_pdc : fake_dns_controllers;
	*ret = list ? ber_strdup(list) : NULL;
	return *ret ? LDAP_SUCCESS : LDAP_UNAVAILABLE;
}

/* SPDX-License-Identifier: MIT */
#include "private.h"

#include <string.h>

#include "locate.h"
#include "base/error.h"
#include "base/text.h"

/* A domain controller that does not even answer a SYN in so many milliseconds makes room for the next. */
#define DIAL_MS 3000u

static spn_status try_server(spk_ldap *ldap, const spk_server *server, spk_deadline dial, spk_deadline deadline,
		spn_error *err)
{
	free(ldap->host);
	free(ldap->url);
	ldap->host = strdup(server->host);
	bool tls = ldap->scheme == SPK_LDAP_TLS; /* DNS names the ports without it only */
	ldap->port = tls ? 636 : server->port;
	ldap->url = tls ? spk_printf("ldaps://%s", server->host) : server->port == 389 ? spk_printf("ldap://%s", server->host)
			: spk_printf("ldap://%s:%u", server->host, server->port);
	if (!ldap->host || !ldap->url)
		return spk_nomem(err);
	return spk_link_open(ldap, dial, deadline, err);
}

/* Whoever answers for DNS may name any host: one of the domain is at least the domain's own affair. */
static bool is_below(const char *host, const char *domain)
{
	size_t len = strlen(host), tail = strlen(domain);
	return len > tail + 1 && host[len - tail - 1] == '.' && spk_ascii_equal(host + len - tail, domain);
}

/* Takes those out that may not be controllers of the domain. */
static spn_status keep_own(const spk_ldap *ldap, spk_servers *servers, spn_error *err)
{
	size_t n = 0;
	SPK_AUTOFREE char *outsider = NULL;
	for (size_t i = 0; i < servers->n; i++) {
		char *host = servers->list[i].host;
		if (ldap->trust_dns || is_below(host, ldap->domain)) {
			servers->list[n++] = servers->list[i];
		} else {
			free(outsider);
			outsider = host;
		}
	}
	servers->n = n;
	return n ? SPN_OK :
		   spn_fail(err, SPN_ERR_REFUSED, 0,
				   "DNS names '%s' as a domain controller of '%s', which is outside of that domain: "
				   "name a server yourself (ldap://HOST)",
				   outsider, ldap->domain);
}

spn_status spk_ldap_open_first(spk_ldap *ldap, spn_error *err)
{
	spk_deadline deadline = spk_deadline_in(ldap->timeout);
	spk_servers servers;
	spn_status status = spk_locate(ldap->domain, ldap->is_for_changes, deadline, &servers, err);
	if (status)
		return status;
	status = keep_own(ldap, &servers, err);
	if (status) {
		spk_servers_free(&servers);
		return status;
	}
	SPK_AUTOTEXT spk_text tried = { 0 };
	spn_error why;
	for (size_t i = 0; i < servers.n; i++) {
		unsigned left = (unsigned)spk_deadline_left(deadline), share = left / (unsigned)(servers.n - i);
		if (servers.n - i > 1 && share > DIAL_MS)
			share = DIAL_MS;
		status = try_server(ldap, &servers.list[i], spk_deadline_in(share), deadline, &why);
		if (status != SPN_ERR_UNREACHABLE)
			break;
		spk_text_add(&tried, "%s%s", i ? "; " : "", why.message);
	}
	spk_servers_free(&servers);
	if (status == SPN_ERR_UNREACHABLE)
		return spk_fail_as(err, status, &why, "no domain controller of '%s' can be used: %s", ldap->domain,
				tried.failed ? "" : tried.data);
	if (status && err)
		*err = why;
	return status;
}

/* What was read of one controller may be read of another; but what is written to one is not on the others yet, and what
 * was announced for one is not written to another. */
spn_status spk_ldap_move(spk_ldap *ldap, spn_error *err)
{
	if (!ldap->domain || !ldap->is_open || ldap->written || ldap->stays || ldap->links)
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "no other controller may stand in for '%s'", ldap->host);
	return spk_ldap_open_first(ldap, err);
}

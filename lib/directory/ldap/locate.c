/* SPDX-License-Identifier: MIT */
#include "locate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ldap.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

struct query {
	char *name;
	int code;   /* LDAP's */
	char *list; /* "dc1.example.com:389 dc2.example.com:389" */
};

static void ask(void *arg)
{
	struct query *query = arg;
	query->code = ldap_domain2hostlist(query->name, &query->list);
}

static void free_query(void *arg)
{
	struct query *query = arg;
	ldap_memfree(query->list);
	free(query->name);
	free(query);
}

/* ret_list gets NULL if DNS has no such name.  Returns 0 or an errno. */
static int look_up(const char *name, spk_deadline deadline, char **ret_list)
{
	struct query *query = calloc(1, sizeof *query);
	if (!query || !(query->name = strdup(name))) {
		free(query);
		return ENOMEM;
	}
	int error = spk_call_in_time(ask, query, free_query, deadline);
	if (error == ETIMEDOUT)
		return error;
	if (!error && query->code == LDAP_SUCCESS) {
		*ret_list = query->list;
		query->list = NULL;
	}
	free_query(query);
	return error;
}

void spk_servers_free(spk_servers *servers)
{
	for (size_t i = 0; i < servers->n; i++)
		free(servers->list[i].host);
	free(servers->list);
	*servers = (spk_servers){ NULL, 0 };
}

static bool add(spk_servers *servers, const char *host, size_t len, unsigned port)
{
	while (len > 0 && host[len - 1] == '.')
		len--;
	if (len == 0)
		return true;
	spk_server *grown = realloc(servers->list, (servers->n + 1) * sizeof *grown);
	if (!grown)
		return false;
	servers->list = grown;
	grown[servers->n] = (spk_server){ strndup(host, len), port };
	return grown[servers->n].host && ++servers->n;
}

static spn_status parse(const char *list, spk_servers *ret_servers, spn_error *err)
{
	spk_servers servers = { NULL, 0 };
	for (const char *at = list; *at;) {
		size_t len = strcspn(at, " "), host_len = strcspn(at, ": ");
		unsigned long port = at[host_len] == ':' ? strtoul(at + host_len + 1, NULL, 10) : 389;
		if (!add(&servers, at, host_len, (unsigned)port)) {
			spk_servers_free(&servers);
			return spk_nomem(err);
		}
		at += len;
		at += strspn(at, " ");
	}
	*ret_servers = servers;
	return SPN_OK;
}

/* The first of the list comes before all others, be it that it is not among them. */
static spn_status bring_forward(const char *list, spk_servers *servers, spn_error *err)
{
	spk_servers first = { NULL, 0 };
	spn_status status = parse(list, &first, err);
	if (status || first.n == 0)
		return status;
	size_t at = 0;
	while (at < servers->n && strcasecmp(servers->list[at].host, first.list[0].host) != 0)
		at++;
	if (at == servers->n && !add(servers, first.list[0].host, strlen(first.list[0].host), first.list[0].port))
		status = spk_nomem(err);
	for (; !status && at > 0; at--) {
		spk_server before = servers->list[at - 1];
		servers->list[at - 1] = servers->list[at];
		servers->list[at] = before;
	}
	spk_servers_free(&first);
	return status;
}

/* Without an answer, any controller will do. */
static spn_status prefer_pdc(const char *domain, spk_deadline deadline, spk_servers *servers, spn_error *err)
{
	SPK_AUTOFREE char *pdc = spk_printf("pdc._msdcs.%s", domain);
	char *list = NULL;
	if (!pdc || look_up(pdc, deadline, &list) == ENOMEM)
		return spk_nomem(err);
	spn_status status = list ? bring_forward(list, servers, err) : SPN_OK;
	ldap_memfree(list);
	return status;
}

spn_status spk_locate(
		const char *domain, bool for_changes, spk_deadline deadline, spk_servers *ret_servers, spn_error *err)
{
	*ret_servers = (spk_servers){ NULL, 0 };
	SPK_AUTOFREE char *controllers = spk_printf("dc._msdcs.%s", domain);
	if (!controllers)
		return spk_nomem(err);
	char *list = NULL;
	int error = look_up(controllers, deadline, &list);
	if (!error && !list) /* not Active Directory, or a DNS that knows half of it */
		error = look_up(domain, deadline, &list);
	if (error == ENOMEM)
		return spk_nomem(err);
	if (error)
		return spn_fail(err, SPN_ERR_UNREACHABLE, error, "the domain controllers of '%s' cannot be looked up: %s", domain,
				error == ETIMEDOUT ? "DNS does not answer in time" : strerror(error));
	spn_status status = list ? parse(list, ret_servers, err) : SPN_OK;
	ldap_memfree(list);
	if (!status && (!list || ret_servers->n == 0))
		return spk_remedy(err, spn_fail(err, SPN_ERR_UNREACHABLE, 0,
				"DNS names no domain controller of '%s' (_ldap._tcp.dc._msdcs.%s)", domain, domain), SPN_REMEDY_SERVER, NULL);
	if (!status && for_changes && ret_servers->n > 1)
		status = prefer_pdc(domain, deadline, ret_servers, err);
	if (status)
		spk_servers_free(ret_servers);
	return status;
}

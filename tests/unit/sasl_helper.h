/* SPDX-License-Identifier: MIT */
/* sasl_helper.h - log-ons by Cyrus SASL at a server in a thread, while somebody else answers for DNS */
#ifndef SASL_HELPER_H
#define SASL_HELPER_H

#include "unit.h"

#include "fake_dns.h"
#include "gss_server.h"
#include "kdc_server.h"

static spn_error err[1];
static struct server server;

#define N_VALUES 900

/* What the directory says: of which domain it is, whether it trusts other.test, and the userAccountControl of the
 * holder of krbtgt/other.test (NULL: nobody is). */
static const char *own_domain;
static bool is_trusted;
static const char *holder_control;

static inline void answer(struct server *at, int fd, const struct request *request)
{
	(void)at;
	if (request->kind == LDAP_REQ_SEARCH && strncmp(request->base, "CN=System,", 10) == 0) {
		if (is_trusted)
			reply_entry(fd, request->id, "CN=other.test,CN=System,DC=example,DC=com", "trustPartner", "other.test", 0, 0);
	} else if (request->kind == LDAP_REQ_SEARCH && strcmp(request->base, "DC=example,DC=com") == 0) {
		if (holder_control)
			reply_entry(fd, request->id, "CN=evil,DC=example,DC=com", "userAccountControl", holder_control, 0, 0);
	}
	else if (request->kind == LDAP_REQ_SEARCH && request->base[0] == '\0')
		reply_entry(fd, request->id, "", "defaultNamingContext", own_domain, 0, 0);
	else if (request->kind == LDAP_REQ_SEARCH)
		reply_entry(fd, request->id, "CN=a,DC=x", "member", "a secret name", 1, N_VALUES);
	reply_result(fd, request->id, request->kind == LDAP_REQ_MODIFY ? LDAP_RES_MODIFY : LDAP_RES_SEARCH_RESULT, 0, "");
}

static inline void start(answer_fn *bind)
{
	kdc_mood = KDC_TICKETS;
	gss_trick = GSS_HONEST;
	gss_relay = NULL;
	fake_dns_controllers = fake_dns_pdc = NULL;
	own_domain = "DC=example,DC=com";
	is_trusted = false;
	holder_control = NULL;
	kdc_asked[0] = '\0';
	server_start_tcp(&server, answer, &gss_line);
	server.bind = bind;
}

static inline spn_status open_url(const char *url, const spn_open_options *more, spn_directory **ret_dir)
{
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.credentials = &credentials;
	if (more)
		options = *more;
	if (options.credentials)
		credentials = *options.credentials;
	options.credentials = &credentials;
	credentials.ccache = credentials.bind_dn ? NULL : kdc_path("cache");
	options.timeout = 30;
	*ret_dir = NULL;
	return spn_directory_open(url, &options, ret_dir, err);
}

static inline spn_status open_named(spn_directory **ret_dir)
{
	char url[80];
	snprintf(url, sizeof url, "ldap://dc1.example.com:%u", server.port);
	return open_url(url, NULL, ret_dir);
}

static inline spn_status count(const spn_entry *entry, void *data, spn_error *why)
{
	(void)why;
	*(size_t *)data += spn_entry_values(entry, "member", NULL);
	return SPN_OK;
}

static inline spn_status search(spn_directory *dir, size_t *ret_n)
{
	static const spn_search all = { .base = "DC=x", .scope = SPN_SCOPE_SUBTREE };
	*ret_n = 0;
	return spn_directory_search(dir, &all, count, ret_n, err);
}

/* The service has the names of all controllers that the tests speak of. */
static inline int start_all(void **state)
{
	static const char *const names[] = { "ldap/dc1.example.com@" REALM, "ldap/dc1.example.com/example.com@" REALM,
		"ldap/dc.elsewhere.test/example.com@" REALM, "ldap/dc1.other.test/other.test@OTHER.TEST" };
	int failed = kdc_start(state);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		kdc_name_service(names[i]);
	return failed;
}

#endif

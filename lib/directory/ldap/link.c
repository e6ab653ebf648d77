/* SPDX-License-Identifier: MIT */
#include "private.h"

#include <openldap.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

#define CATALOG_PORT 3268u
#define CATALOG_TLS_PORT 3269u

static void free_link(spk_link *link)
{
	if (link->ld)
		ldap_unbind_ext_s(link->ld, NULL, NULL);
	else if (link->transport.fd >= 0)
		close(link->transport.fd);
	spk_sasl_free(link->sasl);
	free(link->service);
	free(link->invocation);
	free(link);
}

void spk_link_drop(spk_ldap *ldap, spk_link *link)
{
	for (spk_link **at = &ldap->links; *at; at = &(*at)->next)
		if (*at == link) {
			*at = link->next;
			free_link(link);
			return;
		}
}

void spk_link_close_all(spk_ldap *ldap)
{
	while (ldap->links)
		spk_link_drop(ldap, ldap->links);
}

/* Only these ports have a twin for the global catalog; elsewhere (a tunnel, a test) one server answers for all. */
static unsigned port_of(const spk_ldap *ldap, bool catalog)
{
	if (catalog && ldap->port == 389)
		return CATALOG_PORT;
	if (catalog && ldap->port == 636)
		return CATALOG_TLS_PORT;
	return ldap->port;
}

bool spk_link_has_catalog(const spk_ldap *ldap)
{
	return port_of(ldap, true) != ldap->port;
}

/* Every option that ldap.conf, ldaprc or the environment may have set is set again; TLS and SASL have theirs where they
 * are used. */
static bool set_options(LDAP *ld, unsigned timeout)
{
	const int version = LDAP_VERSION3, never = LDAP_DEREF_NEVER, none = 0;
	struct timeval wait = { timeout / 1000, timeout % 1000 * 1000L }, unset = { -1, 0 };
	return ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version) == 0 &&
			ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == 0 &&
			ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON) == 0 &&
			ldap_set_option(ld, LDAP_OPT_DEREF, &never) == 0 &&
			ldap_set_option(ld, LDAP_OPT_SIZELIMIT, &none) == 0 &&
			ldap_set_option(ld, LDAP_OPT_TIMELIMIT, &none) == 0 &&
			ldap_set_option(ld, LDAP_OPT_CONNECT_ASYNC, LDAP_OPT_OFF) == 0 &&
			ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &unset) == 0 &&
			ldap_set_option(ld, LDAP_OPT_TIMEOUT, &wait) == 0;
}

static spn_status dial(const spk_ldap *ldap, spk_link *link, spk_deadline deadline, spn_error *err)
{
	if (ldap->scheme == SPK_LDAP_LOCAL)
		return spk_dial_local(ldap->host, deadline, &link->transport.fd, err);
	spn_status status = spk_dial(ldap->host, port_of(ldap, link->catalog), deadline, &link->transport.fd, err);
	if (status == SPN_ERR_UNREACHABLE && link->catalog)
		return spk_prefix(err, status, "the global catalog is not there: ");
	return status;
}

/* Hands the socket to libldap.  The URL only tells the name that certificate and ticket must be for. */
static spn_status attach(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	static const char *const schemes[] = { "ldap", "ldaps", "ldapi" };
	SPK_AUTOTEXT spk_text url = { 0 };
	if (ldap->scheme == SPK_LDAP_LOCAL)
		spk_text_add(&url, "ldapi://");
	else
		spk_text_add(&url, strchr(ldap->host, ':') ? "%s://[%s]:%u" : "%s://%s:%u", schemes[ldap->scheme], ldap->host,
				port_of(ldap, link->catalog));
	if (url.failed)
		return spk_nomem(err);
	int rc = ldap_init_fd(link->transport.fd, LDAP_PROTO_EXT, url.data, &link->ld);
	if (rc) {
		link->ld = NULL;
		return spk_ldap_fail(err, rc, NULL, "a connection to '%s' cannot be prepared", ldap->host);
	}
	Sockbuf *sockbuf = NULL;
	if (ldap_get_option(link->ld, LDAP_OPT_SOCKBUF, &sockbuf) || !spk_transport_attach(&link->transport, sockbuf))
		return spk_nomem(err);
	if (!set_options(link->ld, ldap->timeout))
		return spn_fail(err, SPN_ERR_FAILED, 0, "libldap lacks an option that is needed");
	return SPN_OK;
}

static spn_status open_link(const spk_ldap *ldap, spk_link *link, spk_deadline dial_until, spn_error *err)
{
	spn_status status = dial(ldap, link, dial_until, err);
	if (!status)
		status = attach(ldap, link, err);
	if (!status && (ldap->scheme == SPK_LDAP_TLS || (ldap->scheme == SPK_LDAP_PLAIN && ldap->tls != SPN_TLS_NONE)))
		status = spk_link_start_tls(ldap, link, err);
	if (!status)
		status = spk_link_bind(ldap, link, err);
	return status;
}

spn_status spk_link_add(spk_ldap *ldap, bool catalog, spk_deadline dial_until, spk_deadline deadline,
		spk_link **ret_link, spn_error *err)
{
	spk_link *link = calloc(1, sizeof *link);
	if (!link)
		return spk_nomem(err);
	link->transport = (spk_transport){ .fd = -1, .deadline = deadline };
	link->catalog = catalog;
	link->timeout = ldap->timeout;
	spn_status status = open_link(ldap, link, dial_until, err);
	if (status) {
		free_link(link);
		return status;
	}
	link->next = ldap->links;
	ldap->links = link;
	*ret_link = link;
	return SPN_OK;
}

spn_status spk_link_open(spk_ldap *ldap, spk_deadline dial_until, spk_deadline deadline, spn_error *err)
{
	spk_link *link;
	return spk_link_add(ldap, false, dial_until, deadline, &link, err);
}

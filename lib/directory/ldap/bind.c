/* SPDX-License-Identifier: MIT */
#include "sasl.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

static bool is_address(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, host, address) == 1 || strchr(host, ':');
}

/* A server that DNS named is asked for by a name that controllers of the domain hold and nobody else may register
 * ([MS-ADTS] 3.1.1.5.3.1.1.4): a computer can have "ldap/itself", but not "ldap/itself/DOMAIN". */
static char *service_name(const spk_ldap *ldap)
{
	return ldap->domain ? spk_printf("ldap/%s/%s", ldap->host, ldap->domain) : spk_printf("ldap/%s", ldap->host);
}

static spn_status with_ticket(const spk_ldap *ldap, spk_link *link, const spk_mech *mech, bool fresh,
		const char *context, spn_error *err)
{
	SPK_AUTOFREE char *spn = service_name(ldap), *principal = NULL;
	if (!spn)
		return spk_nomem(err);
	spn_status status = spk_credentials_ticket(
			ldap->credentials, ldap->domain, spn, fresh, link->transport.deadline, &principal, err);
	return status ? status : spk_sasl_log_on(ldap, link, mech, principal, context, err);
}

static spn_status bind_kerberos(const spk_ldap *ldap, spk_link *link, const spk_mech *mech, spn_error *err)
{
	if (is_address(ldap->host))
		return spn_fail(err, SPN_ERR_AUTH, 0,
				"Kerberos needs the name of the server, not its address '%s': use ldap://NAME ('getent hosts %s' may tell it)",
				ldap->host, ldap->host);
	SPK_AUTOFREE char *context = spk_printf("cannot log on to '%s' as '%s'", ldap->host,
			spk_credentials_principal(ldap->credentials));
	if (!context)
		return spk_nomem(err);
	spn_error why = { .status = SPN_OK };
	spn_status status = with_ticket(ldap, link, mech, false, context, &why);
	/* the ticket may have been the user's own, made before the server changed its key */
	if (status == SPN_ERR_AUTH && why.native != LDAP_AUTH_METHOD_NOT_SUPPORTED && !spk_link_is_broken(link))
		status = with_ticket(ldap, link, mech, true, context, &why);
	if (status && err)
		*err = why;
	return status;
}

/* The server sees by the socket which user we are. */
static spn_status bind_external(const spk_ldap *ldap, spk_link *link, const spk_mech *mech, spn_error *err)
{
	SPK_AUTOFREE char *context = spk_printf("cannot log on at the socket '%s'", ldap->host);
	return context ? spk_sasl_log_on(ldap, link, mech, NULL, context, err) : spk_nomem(err);
}

/* The server is given a proof that we know the password, and proves that it knows it as well. */
static spn_status bind_with_proof(const spk_ldap *ldap, spk_link *link, const spk_mech *mech, spn_error *err)
{
	SPK_AUTOFREE char *context =
			spk_printf("cannot log on to '%s' as '%s' with %s", ldap->host, ldap->bind_dn, mech->name);
	return context ? spk_sasl_log_on(ldap, link, mech, NULL, context, err) : spk_nomem(err);
}

spn_status spk_link_bind(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	if (!ldap->mech)
		return spk_link_bind_simple(ldap, link, err);
	switch (ldap->mech->needs) {
	case SPK_NEEDS_SOCKET: return bind_external(ldap, link, ldap->mech, err);
	case SPK_NEEDS_PASSWORD: return bind_with_proof(ldap, link, ldap->mech, err);
	default: return bind_kerberos(ldap, link, ldap->mech, err);
	}
}

/* SPDX-License-Identifier: MIT */
/* credentials.h - who we are, by Kerberos: a ticket-granting ticket in a private cache */
#ifndef SPK_CREDENTIALS_H
#define SPK_CREDENTIALS_H

#include "base/cleanup.h"
#include "base/net.h"

typedef struct spk_credentials spk_credentials;

/*
 * Takes credentials from a keytab, or else from a credential cache (NULL: the default one), of which only the
 * ticket-granting ticket is copied: nothing that is asked of a KDC is answered by a ticket that the user holds already,
 * and the cache is never changed.  Asks no KDC yet.
 *
 * principal may be NULL: the cache's; or the first of the keytab that is a computer's ("WEB01$"), else the keytab's
 * first.
 *
 * Returns SPN_ERR_AUTH if there are none, or they have expired.
 */
spn_status spk_credentials_open(const char *principal, const char *keytab, const char *ccache,
		spk_credentials **ret_credentials, spn_error *err);
/* Gets a ticket-granting ticket by password, at once. */
spn_status spk_credentials_open_password(const char *principal, const char *password, spk_deadline deadline,
		spk_credentials **ret_credentials, spn_error *err);
/* Accepts NULL.  Always returns NULL. */
spk_credentials *spk_credentials_free(spk_credentials *credentials);

SPK_DEFINE_AUTO(spk_credentials, spk_credentials_free)

const char *spk_credentials_principal(const spk_credentials *credentials); /* "administrator@KIMCONNECT.COM" */
const char *spk_credentials_realm(const spk_credentials *credentials);     /* "KIMCONNECT.COM" */

/*
 * Gets a ticket for a service into the private cache, so that a GSSAPI handshake needs no KDC and the cause of a
 * failure is known exactly.  A ticket-granting ticket that has expired is replaced, by means of the keytab or from the
 * user's cache.
 *
 * spn: "ldap/dc1.example.com/example.com".  It is asked for literally: DNS has no say in whose key is believed.
 * domain: whose KDC is asked; NULL: that of the host by krb5.conf, or our own, which may send us on.
 * fresh: from the KDC, whatever there is already.  Else one that the user's cache holds spares the KDC: it may have
 * been made with a key that the service has changed since, so ask again with fresh if the service refuses it.
 * ret_principal: the name in the ticket, for spk_gss_open; free it.
 */
spn_status spk_credentials_ticket(spk_credentials *credentials, const char *domain, const char *spn, bool fresh,
		spk_deadline deadline, char **ret_principal, spn_error *err);

/* Lends a gss_cred_id_t for the private cache, for after spk_credentials_ticket. */
spn_status spk_credentials_gss(spk_credentials *credentials, void **ret_cred, spn_error *err);

#endif

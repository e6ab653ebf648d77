/* SPDX-License-Identifier: MIT */
/* gss.h - a GSSAPI security context with a service: who is who, and sealed messages afterwards */
#ifndef SPK_GSS_H
#define SPK_GSS_H

#include "credentials.h"
#include "base/text.h"

typedef struct spk_gss spk_gss;

/*
 * Prepares a context with a service, for whose principal spk_credentials_ticket has got a ticket, so that no KDC is
 * asked and the error is exact.
 *
 * certificate: DER of the server's, when this happens inside TLS: the context is then bound to that channel (RFC 5929,
 * tls-server-end-point) and seals nothing; len 0: it signs and seals, and is not complete without.  The credentials
 * must outlive it.
 */
spn_status spk_gss_open(spk_credentials *credentials, const char *principal, spn_bytes certificate, spk_gss **ret_gss,
		spn_error *err);
/* Accepts NULL.  Always returns NULL. */
spk_gss *spk_gss_free(spk_gss *gss);

SPK_DEFINE_AUTO(spk_gss, spk_gss_free)

/* Adds the first message to the service, in SPNEGO's wrapping (RFC 4178).  A ticket that a KDC gave to no avail,
 * because it was over at once, is asked for again: in time. */
spn_status spk_gss_begin(spk_gss *gss, spk_deadline deadline, spk_text *ret_token, spn_error *err);

/* Takes the service's answer.  Succeeds only if it proves that the service holds the key of the ticket, and if
 * everything that was asked for is granted. */
spn_status spk_gss_end(spk_gss *gss, spn_bytes token, spn_error *err);

/* Adds what binds a context to a TLS channel: "tls-server-end-point:" and the certificate's hash. */
spn_status spk_gss_channel(spn_bytes certificate, spk_text *ret_binding, spn_error *err);

/* Seals a message into a token that is added, or opens one: false if that cannot be, or if it was not sealed. */
bool spk_gss_wrap(spk_gss *gss, spn_bytes message, spk_text *ret_token);
bool spk_gss_unwrap(spk_gss *gss, spn_bytes token, spk_text *ret_message);
/* How long a message may be, so that its token is no longer than this; 0 if none is. */
size_t spk_gss_limit(spk_gss *gss, size_t token_size);

#endif

/* SPDX-License-Identifier: MIT */
/* service.h - tickets to services, fresh from the KDC */
#ifndef SPK_SERVICE_H
#define SPK_SERVICE_H

#include <krb5.h>

#include <spnkit/kdc.h>

#include "credentials.h"

/* Credentials for Kerberos.  A password that would be ignored is an error. */
spn_status spk_service_open(
		const spn_credentials *who, unsigned timeout, spk_credentials **ret_credentials, spn_error *err);

/* A time-out, as options have it, from now. */
spk_deadline spk_service_deadline(unsigned timeout);

/*
 * Asks for a ticket to an SPN that spn_name_parse took, in the realm of a domain (NULL: that of the credentials, or of
 * the host by krb5.conf).  No cache is asked, none is filled.  Errors as of spn_kdc_request.
 */
spn_status spk_service_ticket(spk_credentials *credentials, const char *domain, const char *spn, spk_deadline deadline,
		krb5_creds **ret_creds, spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* service.h - tickets to services, fresh from the KDC */
#ifndef SPK_SERVICE_H
#define SPK_SERVICE_H

#include <krb5.h>

#include <spnkit/kdc.h>

#include "credentials.h"

/* Credentials as the options of spn_kdc_open say. */
spn_status spk_service_open(const spn_open_options *options, spk_credentials **ret_credentials, spn_error *err);

/* The time-out of the options from now. */
spk_deadline spk_service_deadline(const spn_open_options *options);

/*
 * Asks for a ticket to an SPN that spn_name_parse took, in the realm of a domain (NULL: that of the credentials, or of
 * the host by krb5.conf).  No cache is asked, none is filled.  Errors as of spn_kdc_request.
 */
spn_status spk_service_ticket(spk_credentials *credentials, const char *domain, const char *spn, spk_deadline deadline,
		krb5_creds **ret_creds, spn_error *err);

#endif

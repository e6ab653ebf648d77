/* SPDX-License-Identifier: MIT */
/* credentials_private.h - what is inside credentials, for those who speak Kerberos with them */
#ifndef SPK_CREDENTIALS_PRIVATE_H
#define SPK_CREDENTIALS_PRIVATE_H

#include <gssapi/gssapi.h>
#include <krb5.h>

#include "credentials.h"

struct spk_credentials {
	krb5_context krb5;
	krb5_principal client;
	char *name;         /* of the client */
	krb5_ccache cache;  /* in memory, ours alone */
	krb5_ccache source; /* the user's, or NULL */
	krb5_keytab keytab; /* or NULL */
	char *source_name;  /* of cache or keytab, for messages */
	time_t ends;        /* of the ticket-granting ticket; 0: there is none yet */
	gss_cred_id_t gss;
};

/* A ticket that ends so soon, in seconds, counts as expired. */
#define SPK_TICKET_MARGIN 30

/* Replaces the ticket-granting ticket if it is missing or about to expire.  Bound it with spk_kdc_limit. */
spn_status spk_credentials_renew(spk_credentials *credentials, spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* spnego.h - Kerberos tokens in SPNEGO's wrapping (RFC 4178), and what a refusal says */
#ifndef SPK_SPNEGO_H
#define SPK_SPNEGO_H

#include <spnkit/kdc.h>

#include "base/text.h"

/* Adds the first message of a client that speaks nothing but Kerberos, around a GSSAPI token of Kerberos (RFC 4121).
 * Heimdal can make it too, but not with credentials of our choice. */
void spk_spnego_wrap(spk_text *text, spn_bytes krb5_token);

/* The same around an AP-REQ. */
void spk_spnego_wrap_request(spk_text *text, spn_bytes request);

/* What is in a token that a service sent: one of SPNEGO, a bare one of Kerberos, or something else. */
typedef struct spk_spnego_reply {
	spn_bytes krb5_token; /* len 0: none */
	bool is_proof;        /* krb5_token has the form of an AP-REP: Heimdal 7.8 may crash with any other */
	int krb5_code;        /* of the KRB-ERROR in it; 0: none */
	spn_bytes krb5_text;  /* e-text of the KRB-ERROR */
	int state;            /* negState: 0 accept-completed, 1 accept-incomplete, 2 reject; -1: not given */
	bool is_ntlm;         /* NTLM's own answer instead */
} spk_spnego_reply;

/* Understands whatever bytes; what makes no sense is as if absent. */
spk_spnego_reply spk_spnego_read(spn_bytes token);

#endif

/* SPDX-License-Identifier: MIT */
/* cause.h - the one table of what Kerberos errors mean */
#ifndef SPK_CAUSE_H
#define SPK_CAUSE_H

#include <spnkit/kdc.h>

/* Where com_err puts the codes of Kerberos; a protocol code is its distance from here (RFC 4120, section 7.5.9). */
#define SPK_KRB5_BASE (-1765328384)
/* The protocol code of a KDC that has no key of an account, or none that both sides allow. */
#define SPK_ETYPE_NOSUPP 14

typedef struct spk_cause {
	spn_kerberos_cause shown;
	spn_status status; /* what the failure of a request is, seen from its caller */
} spk_cause;

/* NULL if nothing is known of the error.  Takes what spn_kerberos_explain takes. */
const spk_cause *spk_cause_find(int native);

/*
 * Records that no ticket for an SPN was given: 7 and 8, which say no more than that the directory must be asked, become
 * SPN_ERR_NOT_FOUND; 14, which is about the account of the service, becomes SPN_ERR_FAILED; and the other causes what
 * they are.  Not for what failed before the KDC was asked for the ticket itself.  detail (or "") is put in brackets.
 * Knows every code.
 */
spn_status spk_cause_no_ticket(spn_error *err, int code, const char *spn, const char *client, const char *detail);

#endif

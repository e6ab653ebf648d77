/* SPDX-License-Identifier: MIT */
/* error.h - what LDAP errors mean, in the one place that knows */
#ifndef SPK_LDAP_ERROR_H
#define SPK_LDAP_ERROR_H

#include <spnkit/backend.h>

/*
 * Records an LDAP result behind a context, such as "cannot change 'CN=x'", and returns its status.
 *
 * code is LDAP's (RFC 4511, section 4.1.9; negative: libldap's own).  diagnostic is the server's text, or NULL.
 * Active Directory begins it with its own code in eight hex digits; Samba's texts are known as well.
 */
spn_status spk_ldap_fail(spn_error *err, int code, const char *diagnostic, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Records that a server does not accept a ticket (invalidCredentials).  principal: the one of the ticket,
 * "ldap/dc1.example.com@REALM". */
spn_status spk_ldap_fail_ticket(spn_error *err, const char *principal, const char *diagnostic, const char *context);

#endif

/* SPDX-License-Identifier: MIT */
/* credentials.h - who a program is towards a directory, a KDC and a service */
#ifndef SPNKIT_CREDENTIALS_H
#define SPNKIT_CREDENTIALS_H

#include <spnkit/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Supplies the password: writes at most size bytes into buffer and its length to ret_len.  The library wipes the buffer
 * after use.  A directory asks for it with each connection: the first, that to the global catalog, and each one that
 * replaces a broken connection.  Any status but SPN_OK ends the attempt.
 */
typedef spn_status spn_password_fn(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *err);

/* A spn_password_fn: the first line, without its end, of the file at the path data, "-" for standard input.  Returns
 * SPN_ERR_AUTH if it cannot be read, or is longer than size. */
spn_status spn_password_from_file(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *err);

/*
 * A spn_password_fn: what a person types at the terminal of the program (/dev/tty), which does not show it.  data is
 * whose password it is: a text for the question.  SIGINT, SIGQUIT, SIGTERM, SIGHUP and SIGTSTP (Ctrl-Z) end the
 * question: the thread holds them back meanwhile, and no other thread may take them, or the terminal could go on hiding
 * what is typed.
 *
 * Returns SPN_ERR_AUTH without a terminal that can hide what is typed, for an empty line, for one that is longer than
 * size, and, with native EINTR, when a signal ends the question.
 */
spn_status spn_password_from_terminal(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *err);

#define SPN_CREDENTIALS_VERSION 1u

/*
 * Kerberos credentials, or a user name and a password.  Start from SPN_CREDENTIALS_INIT; in all options, NULL means
 * the default credential cache.  Strings are copied.
 *
 * Kerberos: principal, and a ticket-granting ticket from a keytab, from a cache or, if neither is given, with the
 * password.  By password without Kerberos (directories only): bind_dn, password, and perhaps sasl_mech.
 *
 * A call that would ignore the password returns SPN_ERR_INVALID: spn_directory_open of a file, or without a bind_dn;
 * spn_kdc_open and spn_negotiate with a keytab, a cache or a bind_dn, or without a principal.
 */
typedef struct spn_credentials {
	unsigned version;      /* SPN_CREDENTIALS_VERSION */
	const char *principal; /* client principal; NULL: the cache's, or the keytab's first */
	const char *keytab;    /* get a ticket with this keytab, into a private cache */
	const char *ccache;    /* NULL: the default credential cache */
	const char *bind_dn;   /* log on with password (TLS or ldapi only): DN of a simple bind, or user name of sasl_mech */
	spn_password_fn *password; /* of bind_dn, or of principal */
	void *password_data;
	const char *sasl_mech; /* NULL: simple bind with bind_dn, else EXTERNAL (ldapi), else GSS-SPNEGO */
	const char *authzid;   /* act as (RFC 4513, section 5.2.1.8: "dn:..." or "u:..."); NULL: oneself */
} spn_credentials;

#define SPN_CREDENTIALS_INIT SPN_INIT(SPN_CREDENTIALS_VERSION)

#ifdef __cplusplus
}
#endif
#endif

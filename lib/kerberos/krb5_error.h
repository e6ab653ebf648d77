/* SPDX-License-Identifier: MIT */
/* krb5_error.h - start Kerberos, and what its errors mean, in the one place that knows */
#ifndef SPK_KRB5_ERROR_H
#define SPK_KRB5_ERROR_H

#include <krb5.h>

#include <spnkit/backend.h>

/* Reads krb5.conf.  On failure, *ret_krb5 is NULL, and the message names the file. */
spn_status spk_krb5_start(krb5_context *ret_krb5, spn_error *err);

/* Records a Kerberos error behind a context, such as "cannot get a ticket for 'ldap/dc1'", and returns its status. */
spn_status spk_krb5_fail(spn_error *err, krb5_context krb5, krb5_error_code code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif

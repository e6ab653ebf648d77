/* SPDX-License-Identifier: MIT */
/* keytab_check.h - a look at a keytab file before Heimdal reads it: 7.8 crashes on entries that end too early */
#ifndef SPK_KEYTAB_CHECK_H
#define SPK_KEYTAB_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include <spnkit/error.h>

/* Whether bytes are a keytab of version 5.1 or 5.2, every part of it within its entry. */
bool spk_keytab_is_whole(const unsigned char *data, size_t size);

/* The same of a file, by a name that krb5_kt_resolve takes.  A file without a byte is an error.  SPN_OK for one
 * that cannot be opened, or is not a file: let Kerberos say why. */
spn_status spk_keytab_check(const char *name, spn_error *err);

#endif

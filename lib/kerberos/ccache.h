/* SPDX-License-Identifier: MIT */
/* ccache.h - the user's credential caches: which one, and a ticket for it */
#ifndef SPK_CCACHE_H
#define SPK_CCACHE_H

#include <krb5.h>

#include <spnkit/error.h>

/*
 * Opens a cache, by its name or, with NULL, the default one: of $KRB5CCNAME, or of krb5.conf, where MIT's
 * default_ccache_name counts as well as Heimdal's default_cc_name.  "KCM:" alone is the default cache of the user's, as
 * in MIT's programs.
 */
krb5_error_code spk_ccache_open(krb5_context krb5, const char *name, krb5_ccache *ret_cache);

/* The cache of a client: the default one, or another of its type.  None in memory, which are of other handles. */
krb5_error_code spk_ccache_find(krb5_context krb5, krb5_const_principal client, krb5_ccache *ret_cache);

/* Says why a cache (NULL: the default one) is of no use, and what helps. */
spn_status spk_ccache_fail(spn_error *err, krb5_context krb5, krb5_error_code code, const char *name);

/* Puts a ticket into a cache in the place of those under the same name, if it holds any, and beside all others. */
krb5_error_code spk_ccache_put(krb5_context krb5, krb5_ccache cache, krb5_creds *creds);

#endif

/* SPDX-License-Identifier: MIT */
/* ccache.h - a ticket for the user's credential cache */
#ifndef SPK_CCACHE_H
#define SPK_CCACHE_H

#include <krb5.h>

/* Puts a ticket into a cache in the place of those under the same name, if it holds any, and beside all others. */
krb5_error_code spk_ccache_put(krb5_context krb5, krb5_ccache cache, krb5_creds *creds);

#endif

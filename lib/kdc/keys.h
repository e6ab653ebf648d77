/* SPDX-License-Identifier: MIT */
/* keys.h - which keys an account has, as its KDC tells anybody */
#ifndef SPK_KEYS_OF_KDC_H
#define SPK_KEYS_OF_KDC_H

#include <spnkit/enctype.h>
#include <spnkit/error.h>

/* As spn_probe_keys, of the account with this sAMAccountName in a realm; the salt (NULL: not shown) is the caller's. */
spn_status spk_kdc_keys(const char *realm, const char *account, unsigned timeout, unsigned *ret_keys, char **ret_salt,
		spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* keys.h - which keys an account has, as its KDC tells anybody */
#ifndef SPK_KEYS_OF_KDC_H
#define SPK_KEYS_OF_KDC_H

#include <spnkit/check.h>

/* As spn_probe_keys, of the account with this sAMAccountName in a realm. */
spn_status spk_kdc_keys(const char *realm, const char *account, unsigned timeout, spn_account_keys_fn *fn, void *data,
		spn_error *err);

#endif

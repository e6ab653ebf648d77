/* SPDX-License-Identifier: MIT */
#include <spnkit/kdc.h>

#include "keys.h"
#include "base/error.h"
#include "kerberos/keytab.h"

static spn_status none(spn_error *err)
{
	return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "this build has no Kerberos: build spnkit with Heimdal (-Dkrb5=enabled)");
}

spn_status spn_kdc_open(const spn_kdc_options *options, spn_kdc **ret_kdc, spn_error *err)
{
	(void)options;
	(void)ret_kdc;
	return none(err);
}

spn_status spk_kdc_keys(const char *realm, const char *account, unsigned timeout, unsigned *ret_keys, char **ret_salt,
		spn_error *err)
{
	(void)realm;
	(void)account;
	(void)timeout;
	(void)ret_keys;
	(void)ret_salt;
	return none(err);
}

spn_status spn_keytab_list(const char *keytab, spn_keytab_fn *fn, void *data, spn_error *err)
{
	(void)keytab;
	(void)fn;
	(void)data;
	return none(err);
}

spn_status spn_keytab_try(const char *keytab, const spn_ticket *ticket, spn_keytab_verdict *ret_verdict,
		spn_keytab_fn *fn, void *data, spn_error *err)
{
	(void)keytab;
	(void)ticket;
	(void)ret_verdict;
	(void)fn;
	(void)data;
	return none(err);
}

spn_status spk_keytab_try_each(const char *keytab, const spn_ticket *ticket, spk_key_fn *fn, void *data, spn_error *err)
{
	(void)keytab;
	(void)ticket;
	(void)fn;
	(void)data;
	return none(err);
}

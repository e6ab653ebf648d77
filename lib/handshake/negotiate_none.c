/* SPDX-License-Identifier: MIT */
#include <spnkit/kdc.h>

#include "base/error.h"

spn_handshake *spn_handshake_free(spn_handshake *handshake)
{
	(void)handshake;
	return NULL;
}

spn_status spn_negotiate(const char *url, const char *spn, const spn_handshake_options *options,
		spn_handshake **ret_handshake, spn_error *err)
{
	(void)url;
	(void)spn;
	(void)options;
	(void)ret_handshake;
	return spn_fail(err, SPN_ERR_UNSUPPORTED, 0,
			"this build does not support HTTP handshakes: build spnkit with Heimdal and libcurl "
			"(-Dkrb5=enabled -Dhttp=enabled)");
}

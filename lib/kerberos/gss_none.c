/* SPDX-License-Identifier: MIT */
#include "gss.h"

#include "base/error.h"

/* There are no credentials, so nobody can call these with any. */

spn_status spk_gss_open(spk_credentials *credentials, const char *principal, spn_bytes certificate, spk_gss **ret_gss,
		spn_error *err)
{
	(void)credentials;
	(void)principal;
	(void)certificate;
	(void)ret_gss;
	return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "this build has no Kerberos");
}

spk_gss *spk_gss_free(spk_gss *gss)
{
	(void)gss;
	return NULL;
}

spn_status spk_gss_begin(spk_gss *gss, spk_deadline deadline, spk_text *ret_token, spn_error *err)
{
	(void)gss;
	(void)deadline;
	(void)ret_token;
	return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "this build has no Kerberos");
}

spn_status spk_gss_end(spk_gss *gss, spn_bytes token, spn_error *err)
{
	(void)gss;
	(void)token;
	return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "this build has no Kerberos");
}

bool spk_gss_wrap(spk_gss *gss, spn_bytes message, spk_text *ret_token)
{
	(void)gss;
	(void)message;
	(void)ret_token;
	return false;
}

bool spk_gss_unwrap(spk_gss *gss, spn_bytes token, spk_text *ret_message)
{
	(void)gss;
	(void)token;
	(void)ret_message;
	return false;
}

size_t spk_gss_limit(spk_gss *gss, size_t token_size)
{
	(void)gss;
	return token_size;
}

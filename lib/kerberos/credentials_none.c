/* SPDX-License-Identifier: MIT */
#include "credentials.h"

#include "prefer.h"
#include "base/error.h"

spn_status spk_credentials_open(const char *principal, const char *keytab, const char *ccache,
		spk_credentials **ret_credentials, spn_error *err)
{
	(void)principal;
	(void)keytab;
	(void)ccache;
	(void)ret_credentials;
	return spn_fail(err, SPN_ERR_UNSUPPORTED, 0,
			"this build has no Kerberos: use a simple bind inside TLS, or ldapi://");
}

/* There are no credentials, so nobody can call what is below with any. */

spk_credentials *spk_credentials_free(spk_credentials *credentials)
{
	(void)credentials;
	return NULL;
}

const char *spk_credentials_principal(const spk_credentials *credentials)
{
	(void)credentials;
	return "";
}

const char *spk_credentials_realm(const spk_credentials *credentials)
{
	(void)credentials;
	return "";
}

spn_status spk_credentials_ticket(spk_credentials *credentials, const char *domain, const char *spn,
		bool fresh, spk_deadline deadline, char **ret_principal, spn_error *err)
{
	(void)credentials;
	(void)domain;
	(void)spn;
	(void)fresh;
	(void)deadline;
	(void)ret_principal;
	return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "this build has no Kerberos");
}

spn_status spk_credentials_gss(spk_credentials *credentials, void **ret_cred, spn_error *err)
{
	(void)credentials;
	(void)ret_cred;
	return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "this build has no Kerberos");
}

void spk_kdc_prefer(const char *realm, const char *host)
{
	(void)realm;
	(void)host;
}

/* SPDX-License-Identifier: MIT */
#include "private.h"

#include <string.h>

#include "base/error.h"

static spn_status take_apart(spk_ldap *ldap, const LDAPURLDesc *parts, const char *url, spn_error *err)
{
	if (strcmp(parts->lud_scheme, "ldapi") == 0)
		ldap->scheme = SPK_LDAP_LOCAL;
	else if (strcmp(parts->lud_scheme, "ldaps") == 0)
		ldap->scheme = SPK_LDAP_TLS;
	else
		ldap->scheme = SPK_LDAP_PLAIN;
	if ((parts->lud_dn && *parts->lud_dn) || parts->lud_attrs || parts->lud_filter || parts->lud_exts)
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' says more than where the directory is: leave the rest out", url);
	if (!parts->lud_host || !*parts->lud_host)
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' names no %s", url,
				ldap->scheme == SPK_LDAP_LOCAL ? "socket, as in ldapi://%2Frun%2Fldapi" : "host");
	ldap->port = parts->lud_port ? (unsigned)parts->lud_port : ldap->scheme == SPK_LDAP_TLS ? 636 : 389;
	ldap->host = strdup(parts->lud_host);
	if (!ldap->host)
		return spk_nomem(err);
	size_t len = strlen(ldap->host);
	if (len > 1 && ldap->host[len - 1] == '.' && ldap->scheme != SPK_LDAP_LOCAL)
		ldap->host[len - 1] = '\0'; /* DNS' own way to end a name, which no certificate and no account has */
	return SPN_OK;
}

spn_status spk_ldap_parse_url(spk_ldap *ldap, const char *url, spn_error *err)
{
	LDAPURLDesc *parts;
	if (ldap_url_parse(url, &parts))
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' is not an LDAP URL", url);
	spn_status status = take_apart(ldap, parts, url, err);
	ldap_free_urldesc(parts);
	return status;
}

/* SPDX-License-Identifier: MIT */
#include "private.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

/* Where distributions keep the certificates that the system trusts. */
static const char *system_cacert(void)
{
	static const char *const files[] = {
		"/etc/ssl/certs/ca-certificates.crt", /* Debian, Ubuntu, Arch, Gentoo */
		"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, RHEL */
		"/etc/ssl/ca-bundle.pem",             /* SUSE */
		"/etc/ssl/cert.pem",                  /* Alpine */
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (access(files[i], R_OK) == 0)
			return files[i];
	return NULL;
}

/* All that ldap.conf, ldaprc or the environment may have set is set again: what is NULL here is nothing. */
static spn_status prepare(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	const char *cacert = ldap->cacert ? ldap->cacert : system_cacert();
	const int demand = LDAP_OPT_X_TLS_DEMAND, matching = LDAP_OPT_X_TLS_TRY, no_crl = LDAP_OPT_X_TLS_CRL_NONE,
		oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2, newest = 0, client = 0;
	if (cacert && access(cacert, R_OK) != 0)
		return spn_fail(err, SPN_ERR_FAILED, 0, "the file of trusted certificates '%s' cannot be read", cacert);
	LDAP *ld = link->ld;
	/* OpenSSL alone has some of these: a failure is that of an option that is not there, so it does no harm */
	ldap_set_option(ld, LDAP_OPT_X_TLS_CRLCHECK, &no_crl);
	ldap_set_option(ld, LDAP_OPT_X_TLS_PROTOCOL_MAX, &newest);
	ldap_set_option(ld, LDAP_OPT_X_TLS_CACERT, NULL);
	ldap_set_option(ld, LDAP_OPT_X_TLS_CERT, NULL);
	ldap_set_option(ld, LDAP_OPT_X_TLS_KEY, NULL);
	ldap_set_option(ld, LDAP_OPT_X_TLS_PEERKEY_HASH, NULL);
	if (ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) ||
			ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_SAN, &matching) ||
			ldap_set_option(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest) ||
			ldap_set_option(ld, LDAP_OPT_X_TLS_CIPHER_SUITE, NULL) ||
			ldap_set_option(ld, LDAP_OPT_X_TLS_CERTFILE, NULL) ||
			ldap_set_option(ld, LDAP_OPT_X_TLS_KEYFILE, NULL) ||
			ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTDIR, NULL) ||
			ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, cacert))
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "libldap lacks an option of TLS that is needed");
	if (ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client))
		return spn_fail(err, SPN_ERR_FAILED, 0, "TLS cannot start: check the file of trusted certificates '%s'",
				cacert ? cacert : "");
	return SPN_OK;
}

static spn_status handshake_failed(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	const char *why = spk_transport_why(&link->transport);
	if (why)
		return spk_fail_win32(err, SPN_ERR_UNREACHABLE, LDAP_CONNECT_ERROR, 0, "the TLS handshake with '%s' failed: %s",
				ldap->host, why);
	spk_fail_win32(err, SPN_ERR_FAILED, LDAP_CONNECT_ERROR, 0,
			"the TLS handshake with '%s' failed: its certificate is for another name, has expired, or is not "
			"issued by any of %s%s%s",
			ldap->host, ldap->cacert ? "'" : "the system's trusted certificates", ldap->cacert ? ldap->cacert : "",
			ldap->cacert ? "'" : "");
	return ldap->cacert ? SPN_ERR_FAILED : spk_remedy(err, SPN_ERR_FAILED, SPN_REMEDY_CA, NULL);
}

/* Libraries differ in which of the options above they obey: the outcome counts. */
static spn_status check_version(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	char *version = NULL;
	ldap_get_option(link->ld, LDAP_OPT_X_TLS_VERSION, &version);
	bool good = version && (strstr(version, "1.2") || strstr(version, "1.3"));
	spn_status status = good ? SPN_OK : spn_fail(err, SPN_ERR_FAILED, 0,
			"'%s' offers no better than '%s': TLS 1.2 is required", ldap->host, version ? version : "");
	ldap_memfree(version);
	return status;
}

/* Asks for StartTLS (RFC 4511, section 4.14). */
static spn_status ask(spk_link *link, const char *context, spn_error *err)
{
	int id = 0, rc = ldap_start_tls(link->ld, NULL, NULL, &id);
	return spk_link_await_result(link, rc, id, LDAP_RES_EXTENDED, context, err);
}

spn_status spk_link_start_tls(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	spn_status status = prepare(ldap, link, err);
	if (status)
		return status;
	if (ldap->scheme != SPK_LDAP_TLS) {
		SPK_AUTOFREE char *context = spk_printf("StartTLS with '%s' failed", ldap->host);
		if (!context)
			return spk_nomem(err);
		spn_error refusal;
		status = ask(link, context, &refusal);
		if (status && ldap->tls == SPN_TLS_TRY && !spk_link_is_broken(link))
			return SPN_OK;
		if (status)
			return spk_fail_win32(err, refusal.status, refusal.native, refusal.win32, "%s", refusal.message);
	}
	if (ldap_install_tls(link->ld))
		return handshake_failed(ldap, link, err);
	link->tls = true;
	return check_version(ldap, link, err);
}

/* SPDX-License-Identifier: MIT */
#include "ldap_private.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

static bool is_address(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, host, address) == 1 || strchr(host, ':');
}

/* One request, one answer: what SASL calls GSS-SPNEGO ([MS-ADTS] 5.1.1.1.2).  ret_answer is what the server says last. */
static spn_status exchange(spk_link *link, spn_bytes token, const char *context, spk_text *ret_answer, spn_error *err)
{
	struct berval cred = { token.len, (char *)(uintptr_t)token.data }, *answer = NULL;
	LDAPMessage *message;
	int code = LDAP_SUCCESS, id = 0, rc = ldap_sasl_bind(link->ld, NULL, "GSS-SPNEGO", &cred, NULL, NULL, &id);
	spn_status status = spk_link_await(link, rc, id, LDAP_RES_BIND, &message, context, err);
	if (status)
		return status;
	char *diagnostic = NULL;
	rc = ldap_parse_sasl_bind_result(link->ld, message, &answer, 0);
	int parsed = ldap_parse_result(link->ld, message, &code, NULL, &diagnostic, NULL, NULL, 1);
	if (!code)
		code = rc ? rc : parsed;
	if (code)
		status = spk_ldap_fail(err, code, diagnostic, "%s", context);
	else if (answer)
		spk_text_add_bytes(ret_answer, answer->bv_val, answer->bv_len);
	ldap_memfree(diagnostic);
	ber_bvfree(answer);
	return !status && ret_answer->failed ? spk_nomem(err) : status;
}

/* What a handshake inside TLS is bound to: else a man in the middle could pass it on. */
static spn_status take_certificate(const spk_ldap *ldap, const spk_link *link, struct berval *ret_der, spn_error *err)
{
	if (!link->tls)
		return SPN_OK;
	if (ldap_get_option(link->ld, LDAP_OPT_X_TLS_PEERCERT, ret_der) || !ret_der->bv_len)
		return spn_fail(err, SPN_ERR_FAILED, 0, "libldap does not show the certificate of '%s'", ldap->host);
	return SPN_OK;
}

static spn_status authenticate(const spk_ldap *ldap, spk_link *link, bool fresh, const char *context, spk_gss **ret_gss,
		spn_error *err)
{
	struct berval der = { 0, NULL };
	SPK_AUTO(spk_gss) *gss = NULL;
	SPK_AUTOTEXT spk_text token = { 0 }, answer = { 0 };
	spn_status status = spk_credentials_ticket(ldap->credentials, "ldap", ldap->host, fresh, link->transport.deadline, err);
	if (!status)
		status = take_certificate(ldap, link, &der, err);
	if (!status)
		status = spk_gss_open(ldap->credentials, "ldap", ldap->host, (spn_bytes){ der.bv_val, der.bv_len }, &gss, err);
	if (!status)
		status = spk_gss_begin(gss, link->transport.deadline, &token, err);
	if (!status)
		status = exchange(link, (spn_bytes){ token.data, token.len }, context, &answer, err);
	if (!status)
		status = spk_gss_end(gss, (spn_bytes){ answer.data, answer.len }, err);
	ldap_memfree(der.bv_val);
	if (status)
		return status;
	*ret_gss = gss;
	gss = NULL;
	return SPN_OK;
}

/* Active Directory takes no sealing inside TLS ([MS-ADTS] 5.1.1.1.2), and outside nothing is said unsealed. */
static spn_status bind_kerberos(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	if (is_address(ldap->host))
		return spn_fail(err, SPN_ERR_AUTH, 0,
				"Kerberos needs the name of the server, not its address '%s': use ldap://NAME ('getent hosts %s' may tell it)",
				ldap->host, ldap->host);
	SPK_AUTOFREE char *context = spk_printf("cannot log on to '%s' as '%s'", ldap->host,
			spk_credentials_principal(ldap->credentials));
	if (!context)
		return spk_nomem(err);
	SPK_AUTO(spk_gss) *gss = NULL;
	spn_error why = { .status = SPN_OK };
	spn_status status = authenticate(ldap, link, false, context, &gss, &why);
	/* the ticket may have been the user's own, made before the server changed its key */
	if (status == SPN_ERR_AUTH && !spk_link_is_broken(link))
		status = authenticate(ldap, link, true, context, &gss, &why);
	if (status && err)
		*err = why;
	if (status || link->tls)
		return status;
	return spk_link_seal(link, &gss, err);
}

/* The server sees by the socket which user we are. */
static spn_status bind_external(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	SPK_AUTOFREE char *context = spk_printf("cannot log on at the socket '%s'", ldap->host);
	if (!context)
		return spk_nomem(err);
	struct berval nobody = { 0, (char[]){ "" } };
	int id = 0, rc = ldap_sasl_bind(link->ld, "", "EXTERNAL", &nobody, NULL, NULL, &id);
	return spk_link_await_result(link, rc, id, LDAP_RES_BIND, context, err);
}

spn_status spk_link_bind(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	if (ldap->bind_dn)
		return spk_link_bind_simple(ldap, link, err);
	return ldap->scheme == SPK_LDAP_LOCAL ? bind_external(ldap, link, err) : bind_kerberos(ldap, link, err);
}

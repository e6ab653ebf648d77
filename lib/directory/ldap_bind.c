/* SPDX-License-Identifier: MIT */
#include "ldap_private.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define PASSWORD_SIZE 1024

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
		status = spk_gss_begin(gss, &token, err);
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

static spn_status bind_with(const spk_ldap *ldap, spk_link *link, const char *dn, const char *mechanism,
		const char *secret, size_t len, spn_error *err)
{
	SPK_AUTOFREE char *context = *dn ? spk_printf("cannot log on to '%s' as '%s'", ldap->host, dn)
			: spk_printf("cannot log on at the socket '%s'", ldap->host);
	if (!context)
		return spk_nomem(err);
	struct berval cred = { len, (char *)(uintptr_t)secret };
	int id = 0, rc = ldap_sasl_bind(link->ld, dn, mechanism, &cred, NULL, NULL, &id);
	return spk_link_await_result(link, rc, id, LDAP_RES_BIND, context, err);
}

static spn_status ask_password(const spk_ldap *ldap, char *buffer, size_t size, size_t *ret_len, spn_error *err)
{
	size_t len = 0;
	spn_status status = ldap->password(buffer, size, &len, ldap->password_data, err);
	if (status)
		return status;
	if (len > size)
		return spn_fail(err, SPN_ERR_INVALID, 0, "the password of '%s' is longer than the buffer for it", ldap->bind_dn);
	/* a server takes an empty one for an anonymous bind, and grants it (RFC 4513, section 5.1.2) */
	if (len == 0 || memchr(buffer, '\0', len))
		return spn_fail(err, SPN_ERR_INVALID, 0, "the password of '%s' is empty or has a NUL in it", ldap->bind_dn);
	*ret_len = len;
	return SPN_OK;
}

static spn_status bind_simple(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	if (!link->tls && ldap->scheme != SPK_LDAP_LOCAL)
		return spn_fail(err, SPN_ERR_REFUSED, 0,
				"the password of '%s' would cross the network in the clear: use ldaps:// or StartTLS", ldap->bind_dn);
	char password[PASSWORD_SIZE];
	size_t len = 0;
	spn_status status = ask_password(ldap, password, sizeof password, &len, err);
	if (!status)
		status = bind_with(ldap, link, ldap->bind_dn, LDAP_SASL_SIMPLE, password, len, err);
	explicit_bzero(password, sizeof password);
	return status;
}

spn_status spk_link_bind(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	if (ldap->bind_dn)
		return bind_simple(ldap, link, err);
	if (ldap->scheme == SPK_LDAP_LOCAL) /* the server sees by the socket which user we are */
		return bind_with(ldap, link, "", "EXTERNAL", "", 0, err);
	return bind_kerberos(ldap, link, err);
}

/* SPDX-License-Identifier: MIT */
#include "sasl.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* Far from the numbers that libldap gives its own messages. */
#define MESSAGE_ID 0x7fffffff

static spn_status transmit(spk_link *link, Sockbuf *sockbuf, const char *dn, struct berval password,
		const char *context, spn_error *err)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	struct berval bytes = { 0, NULL };
	if (!ber ||
			ber_printf(ber, "{it{istO}}", MESSAGE_ID, LDAP_REQ_BIND, LDAP_VERSION3, dn, LDAP_AUTH_SIMPLE,
					&password) < 0 ||
			ber_flatten2(ber, &bytes, 0)) {
		ber_free(ber, 1);
		return spk_nomem(err);
	}
	int rc = ber_flush2(sockbuf, ber, LBER_FLUSH_FREE_NEVER);
	explicit_bzero(bytes.bv_val, bytes.bv_len);
	ber_free(ber, 1);
	return rc ? spk_link_fail(link, LDAP_SERVER_DOWN, context, err) : SPN_OK;
}

/* Whatever comes, at the latest when the time is over. */
static bool receive(spk_link *link, Sockbuf *sockbuf, BerElement *ber)
{
	ber_len_t len;
	ber_tag_t tag;
	do
		tag = ber_get_next(sockbuf, &len, ber);
	while (tag == LBER_DEFAULT && (errno == EAGAIN || errno == EWOULDBLOCK) && !spk_link_is_broken(link) &&
			spk_deadline_left(link->transport.deadline) > 0);
	if (tag == LBER_DEFAULT && spk_deadline_left(link->transport.deadline) == 0)
		spk_link_break(link, ETIMEDOUT);
	return tag == LDAP_TAG_MESSAGE;
}

static spn_status read_answer(spk_link *link, BerElement *ber, const char *context, spn_error *err)
{
	ber_int_t id, code;
	ber_tag_t kind;
	struct berval matched, diagnostic;
	if (ber_scanf(ber, "it{emm", &id, &kind, &code, &matched, &diagnostic) == LBER_ERROR || id != MESSAGE_ID ||
			kind != LDAP_RES_BIND) {
		spk_link_break(link, EPROTO);
		return spk_fail_win32(err, SPN_ERR_UNREACHABLE, LDAP_DECODING_ERROR, 0,
				"%s: the server's answer makes no sense", context);
	}
	if (code == LDAP_SUCCESS)
		return SPN_OK;
	SPK_AUTOFREE char *text = strndup(diagnostic.bv_val, diagnostic.bv_len);
	return spk_ldap_fail(err, code, text, "%s", context);
}

static spn_status await_answer(spk_link *link, Sockbuf *sockbuf, const char *context, spn_error *err)
{
	BerElement *ber = ber_alloc_t(0);
	if (!ber)
		return spk_nomem(err);
	spn_status status = receive(link, sockbuf, ber) ? read_answer(link, ber, context, err)
			: spk_link_fail(link, LDAP_SERVER_DOWN, context, err);
	ber_free(ber, 1);
	return status;
}

spn_status spk_ldap_refuse_clear(const spk_ldap *ldap, spn_error *err)
{
	if (ldap->mech)
		spn_fail(err, SPN_ERR_REFUSED, 0,
				"%s as '%s' in the clear would let others guess the password: use ldaps:// or StartTLS",
				ldap->mech->name, ldap->bind_dn);
	else
		spn_fail(err, SPN_ERR_REFUSED, 0,
				"the password of '%s' would cross the network in the clear: use ldaps:// or StartTLS",
				ldap->bind_dn);
	return spk_remedy(err, SPN_ERR_REFUSED, SPN_REMEDY_TLS, NULL);
}

spn_status spk_link_password(const spk_ldap *ldap, const spk_link *link, char buffer[SPK_PASSWORD_SIZE + 1],
		size_t *ret_len, spn_error *err)
{
	if (!link->tls && ldap->scheme != SPK_LDAP_LOCAL)
		return spk_ldap_refuse_clear(ldap, err);
	return spk_password_ask((spk_asked){ ldap->password, ldap->password_data, ldap->bind_dn }, buffer, ret_len, err);
}

/* Not by libldap, which frees its copy of the password as it is, and anybody may get that memory next.  The buffer is
 * wiped before the answer is awaited, which may take its time. */
spn_status spk_link_bind_simple(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	SPK_AUTOFREE char *context = spk_printf("cannot log on to '%s' as '%s'", ldap->host, ldap->bind_dn);
	if (!context)
		return spk_nomem(err);
	Sockbuf *sockbuf = NULL;
	if (ldap_get_option(link->ld, LDAP_OPT_SOCKBUF, &sockbuf))
		return spn_fail(err, SPN_ERR_FAILED, 0, "libldap lacks an option that is needed");
	char password[SPK_PASSWORD_SIZE + 1] = "";
	size_t len = 0;
	spn_status status = spk_link_password(ldap, link, password, &len, err);
	if (!status)
		status = transmit(link, sockbuf, ldap->bind_dn, (struct berval){ len, password }, context, err);
	explicit_bzero(password, sizeof password);
	return status ? status : await_answer(link, sockbuf, context, err);
}

/* SPDX-License-Identifier: MIT */
#include "private.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/dn.h"

bool spk_link_is_broken(const spk_link *link)
{
	return link->transport.error || link->transport.ended;
}

void spk_link_break(spk_link *link, int error)
{
	if (!spk_link_is_broken(link))
		link->transport.error = error;
}

spn_status spk_link_fail(spk_link *link, int rc, const char *context, spn_error *err)
{
	const char *why = spk_transport_why(&link->transport);
	if (why)
		return spk_fail_win32(err, SPN_ERR_UNREACHABLE, rc, 0, "%s: %s", context, why);
	char *diagnostic = NULL;
	ldap_get_option(link->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &diagnostic);
	spn_status status = spk_ldap_fail(err, rc, diagnostic, "%s", context);
	ldap_memfree(diagnostic);
	if (rc == LDAP_SERVER_DOWN)
		spk_link_break(link, ECONNRESET);
	return status;
}

spn_status spk_link_begin(spk_link *link, const char *context, spn_error *err)
{
	if (spk_link_is_broken(link))
		return spk_link_fail(link, LDAP_SERVER_DOWN, context, err);
	link->transport.deadline = spk_deadline_in(link->timeout);
	link->transport.received = 0;
	return SPN_OK;
}

/* The kind of message that an answer ends with: ldap_result tells that, or the first one's if all were there already.
 */
static int kind_of(const spk_link *link, LDAPMessage *answer)
{
	int kind = 0;
	for (LDAPMessage *message = ldap_first_message(link->ld, answer); message;
			message = ldap_next_message(link->ld, message))
		kind = ldap_msgtype(message);
	return kind;
}

spn_status spk_link_await(spk_link *link, int rc, int id, int wanted, LDAPMessage **ret_answer, const char *context,
		spn_error *err)
{
	if (rc)
		return spk_link_fail(link, rc, context, err);
	int left = spk_deadline_left(link->transport.deadline);
	struct timeval wait = { left / 1000, left % 1000 * 1000L };
	LDAPMessage *answer = NULL;
	int type = ldap_result(link->ld, id, LDAP_MSG_ALL, &wait, &answer);
	if (type > 0 && kind_of(link, answer) == wanted) {
		*ret_answer = answer;
		return SPN_OK;
	}
	if (type > 0) { /* whoever answers so cannot be trusted with the next question */
		ldap_msgfree(answer);
		spk_link_break(link, EPROTO);
		return spk_fail_win32(err, SPN_ERR_UNREACHABLE, LDAP_DECODING_ERROR, 0,
				"%s: the server's answer is one to another kind of question", context);
	}
	if (type == 0) /* what comes too late would be in the way of the next answer */
		spk_link_break(link, ETIMEDOUT);
	else
		ldap_get_option(link->ld, LDAP_OPT_RESULT_CODE, &rc);
	/* whoever takes leave (RFC 4511, section 4.4.1) may do so with the code of a success */
	return spk_link_fail(link, type == 0 ? LDAP_TIMEOUT : rc ? rc : LDAP_SERVER_DOWN, context, err);
}

/* Where the entry is, as the server says: Active Directory names the domain in the place of a host
 * ([MS-ADTS] 3.1.1.4.6); a read-only controller names one that can be written to.  It is not gone to: who would be
 * there, and as whom we would come, is for the caller. */
static spn_status fail_referral(const char *referral, const char *context, spn_error *err)
{
	static const char of_host[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	LDAPURLDesc *parts = NULL;
	SPK_AUTOTEXT spk_text domain = { 0 };
	if (!referral || ldap_url_parse(referral, &parts))
		return spk_ldap_fail(err, LDAP_REFERRAL, NULL, "%s", context);
	const char *host = parts->lud_host ? parts->lud_host : "";
	spk_dn_domain(parts->lud_dn ? parts->lud_dn : "", &domain);
	spn_status status = SPN_ERR_NOT_FOUND;
	if (!*host || host[strspn(host, of_host)]) /* nobody is told to type what could mean something to a shell */
		status = spk_ldap_fail(err, LDAP_REFERRAL, NULL, "%s", context);
	else if (!domain.failed && domain.len && spk_ascii_equal(domain.data, host))
		spk_remedy(err, spk_fail_win32(err, status, LDAP_REFERRAL, SPK_WIN32_REFERRAL,
						"%s: it is in the domain '%s'", context, host), SPN_REMEDY_DOMAIN, host);
	else
		spk_remedy(err, spk_fail_win32(err, status, LDAP_REFERRAL, SPK_WIN32_REFERRAL,
						"%s: the server refers to another one", context), SPN_REMEDY_SERVER, host);
	ldap_free_urldesc(parts);
	return status;
}

spn_status spk_link_result(
		spk_link *link, LDAPMessage *answer, LDAPControl ***ret_controls, const char *context, spn_error *err)
{
	int code = LDAP_SUCCESS;
	char *diagnostic = NULL, **referrals = NULL;
	spn_status status = SPN_OK;
	int rc = ldap_parse_result(link->ld, answer, &code, NULL, &diagnostic, &referrals, ret_controls, 0);
	if (!rc && code == LDAP_REFERRAL)
		status = fail_referral(referrals ? referrals[0] : NULL, context, err);
	else if (rc || code)
		status = spk_ldap_fail(err, rc ? rc : code, diagnostic, "%s", context);
	ldap_memfree(diagnostic);
	ldap_memvfree((void **)referrals);
	return status;
}

spn_status spk_link_await_result(spk_link *link, int rc, int id, int wanted, const char *context, spn_error *err)
{
	LDAPMessage *answer = NULL;
	spn_status status = spk_link_await(link, rc, id, wanted, &answer, context, err);
	if (status)
		return status;
	status = spk_link_result(link, answer, NULL, context, err);
	ldap_msgfree(answer);
	return status;
}

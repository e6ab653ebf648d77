/* SPDX-License-Identifier: MIT */
#include "cause.h"

#include <stddef.h>

#include "base/error.h"

#define UNKNOWN 0, ""
#define WRONG_PRINCIPAL 0x80090322u, "SEC_E_WRONG_PRINCIPAL"
#define TARGET_UNKNOWN 0x80090303u, "SEC_E_TARGET_UNKNOWN"
#define LOGON_DENIED 0x8009030Cu, "SEC_E_LOGON_DENIED"
#define UNKNOWN_ETYPE 0x80090342u, "SEC_E_KDC_UNKNOWN_ETYPE"
#define TIME_SKEW 0x80090324u, "SEC_E_TIME_SKEW"
#define NO_AUTHORITY 0x80090311u, "SEC_E_NO_AUTHENTICATING_AUTHORITY"
#define NO_CREDENTIALS 0x8009030Eu, "SEC_E_NO_CREDENTIALS"

#define NO_ONE "no account holds this service name, or more than one: look it up in the directory"
#define NO_TGT "there is no valid ticket-granting ticket: run kinit or use a keytab"
#define NO_KDC "no KDC of the realm is known: check DNS and krb5.conf"
#define OTHER_KEY "the ticket is for another account than the one that answers, or for an old password of it"

/* ...: the two of Windows, and the text */
#define ROW(offset, status, name, ...) { { (offset) < 128 ? (offset) : 0, name, __VA_ARGS__ }, status }
#define KDC(offset, name, ...) [offset] = ROW(offset, SPN_ERR_AUTH, "KDC_ERR_" name, __VA_ARGS__)
#define APP(offset, name, ...) [offset] = ROW(offset, SPN_ERR_AUTH, "KRB_AP_ERR_" name, __VA_ARGS__)
#define ODD(offset, name, ...) [offset] = ROW(offset, SPN_ERR_FAILED, name, __VA_ARGS__)
#define LIB(offset, status, name, ...) [offset] = ROW(offset, status, "KRB5_" name, __VA_ARGS__)

/* By offset from the base.  The protocol's own end at 127; behind them are those of the library alone. */
static const spk_cause causes[256] = {
	KDC(1, "NAME_EXP", LOGON_DENIED, "the client's account has expired"),
	KDC(2, "SERVICE_EXP", UNKNOWN, "the service's account has expired"),
	ODD(3, "KDC_ERR_BAD_PVNO", UNKNOWN, "the KDC does not speak this version of Kerberos"),
	KDC(4, "C_OLD_MAST_KVNO", UNKNOWN, "the client's key is under an old master key of the KDC: set its password"),
	KDC(5, "S_OLD_MAST_KVNO", UNKNOWN, "the service's key is under an old master key of the KDC: set its password"),
	KDC(6, "C_PRINCIPAL_UNKNOWN", LOGON_DENIED, "the KDC does not know this client: check its name and realm"),
	[7] = ROW(7, SPN_ERR_NOT_FOUND, "KDC_ERR_S_PRINCIPAL_UNKNOWN", TARGET_UNKNOWN, NO_ONE),
	[8] = ROW(8, SPN_ERR_NOT_FOUND, "KDC_ERR_PRINCIPAL_NOT_UNIQUE", TARGET_UNKNOWN,
			"more than one account holds this service name: look it up in the directory"),
	KDC(9, "NULL_KEY", LOGON_DENIED, "the account has no key: set its password"),
	ODD(10, "KDC_ERR_CANNOT_POSTDATE", UNKNOWN, "the KDC gives no postdated tickets"),
	KDC(11, "NEVER_VALID", TIME_SKEW, "the ticket would end before it begins: set the clock"),
	KDC(12, "POLICY", UNKNOWN, "a policy of the domain forbids it"),
	ODD(13, "KDC_ERR_BADOPTION", UNKNOWN, "the KDC cannot do what it is asked with this ticket-granting ticket"),
	KDC(14, "ETYPE_NOSUPP", UNKNOWN_ETYPE,
			"KDC and account have no encryption type in common, or the account has no key: "
			"check msDS-SupportedEncryptionTypes, set its password"),
	ODD(15, "KDC_ERR_SUMTYPE_NOSUPP", UNKNOWN, "the KDC does not know this type of checksum"),
	ODD(16, "KDC_ERR_PADATA_TYPE_NOSUPP", UNKNOWN, "the KDC does not know this kind of pre-authentication"),
	ODD(17, "KDC_ERR_TRTYPE_NOSUPP", UNKNOWN, "the KDC does not know this form of transit between realms"),
	KDC(18, "CLIENT_REVOKED", LOGON_DENIED, "the client's account is disabled, locked or expired"),
	KDC(19, "SERVICE_REVOKED", UNKNOWN, "the service's account is disabled"),
	KDC(20, "TGT_REVOKED", UNKNOWN, "the KDC no longer accepts the ticket-granting ticket: run kinit again"),
	KDC(21, "CLIENT_NOTYET", LOGON_DENIED, "the client's account is not valid yet"),
	KDC(22, "SERVICE_NOTYET", UNKNOWN, "the service's account is not valid yet"),
	KDC(23, "KEY_EXPIRED", LOGON_DENIED, "the client's password has expired: change it"),
	KDC(24, "PREAUTH_FAILED", LOGON_DENIED,
			"the key is wrong: the keytab is older than the account's password, or its salt is wrong"),
	KDC(25, "PREAUTH_REQUIRED", UNKNOWN, "the KDC requires a kind of pre-authentication that is not available"),
	KDC(26, "SERVER_NOMATCH", UNKNOWN, "the ticket is for another service than the one that was asked for"),
	KDC(27, "MUST_USE_USER2USER", UNKNOWN,
			"the account is one of a person, to whom tickets are given user-to-user only: set a service "
			"name"),
	KDC(28, "PATH_NOT_ACCEPTED", UNKNOWN, "there is no path of trust between the realms"),
	[29] = ROW(29, SPN_ERR_UNREACHABLE, "KDC_ERR_SVC_UNAVAILABLE", NO_AUTHORITY,
			"the KDC cannot serve now: check its log, or try another"),
	APP(31, "BAD_INTEGRITY", UNKNOWN, "the key is wrong: it does not decrypt the answer"),
	APP(32, "TKT_EXPIRED", UNKNOWN, "the ticket has expired: run kinit or use a keytab"),
	APP(33, "TKT_NYV", UNKNOWN, "the ticket is not valid yet: set the clock"),
	APP(34, "REPEAT", UNKNOWN, "this request was seen before: a replay, or clocks that jump"),
	APP(35, "NOT_US", WRONG_PRINCIPAL,
			"the service that answers holds no key for this name: the name is on another account, or "
			"missing in its keytab"),
	APP(36, "BADMATCH", WRONG_PRINCIPAL, "ticket and authenticator are of two clients: " OTHER_KEY),
	APP(37, "SKEW", TIME_SKEW,
			"the clocks of this host and of the other side differ too much: set the clock (chronyc "
			"makestep, ntpdate DC)"),
	APP(38, "BADADDR", UNKNOWN, "the ticket is bound to another network address"),
	ODD(39, "KRB_AP_ERR_BADVERSION", UNKNOWN, "the other side does not speak this version of Kerberos"),
	ODD(40, "KRB_AP_ERR_MSG_TYPE", UNKNOWN, "the other side did not expect this message"),
	APP(41, "MODIFIED", WRONG_PRINCIPAL, OTHER_KEY),
	ODD(42, "KRB_AP_ERR_BADORDER", UNKNOWN, "a message is out of order"),
	APP(43, "ILL_CR_TKT", UNKNOWN, "the ticket came through a realm that is not trusted"),
	APP(44, "BADKEYVER", UNKNOWN,
			"the service has no key of the ticket's version: its keytab is older than its password"),
	APP(45, "NOKEY", UNKNOWN, "the service has no key: its keytab is missing or cannot be read"),
	APP(46, "MUT_FAIL", UNKNOWN, "the service could not prove who it is"),
	ODD(47, "KRB_AP_ERR_BADDIRECTION", UNKNOWN, "a message came from the wrong side"),
	ODD(48, "KRB_AP_ERR_METHOD", UNKNOWN, "the other side requires another method of authentication"),
	ODD(49, "KRB_AP_ERR_BADSEQ", UNKNOWN, "a message has the wrong number"),
	ODD(50, "KRB_AP_ERR_INAPP_CKSUM", UNKNOWN, "the other side does not accept this type of checksum"),
	ODD(51, "KRB_AP_PATH_NOT_ACCEPTED", UNKNOWN, "there is no path of trust between the realms"),
	ODD(52, "KRB_ERR_RESPONSE_TOO_BIG", UNKNOWN, "the answer is too large for UDP: allow TCP"),
	ODD(60, "KRB_ERR_GENERIC", UNKNOWN, "the other side failed and does not say why: check its log"),
	ODD(61, "KRB_ERR_FIELD_TOOLONG", UNKNOWN, "a field of the request is too long"),
	KDC(62, "CLIENT_NOT_TRUSTED", UNKNOWN, "the KDC does not trust the client's certificate"),
	KDC(63, "KDC_NOT_TRUSTED", UNKNOWN, "the KDC's certificate is not trusted"),
	KDC(64, "INVALID_SIG", UNKNOWN, "a signature is wrong"),
	ODD(65, "KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED", UNKNOWN,
			"the KDC does not accept these Diffie-Hellman parameters"),
	KDC(66, "CERTIFICATE_MISMATCH", UNKNOWN, "the certificate is not that of the client"),
	KDC(68, "WRONG_REALM", UNKNOWN, "the KDC serves another realm: check the realm's name"),
	APP(69, "USER_TO_USER_REQUIRED", UNKNOWN, "the service takes tickets user-to-user only"),
	KDC(70, "CANT_VERIFY_CERTIFICATE", UNKNOWN, "the client's certificate cannot be verified"),
	KDC(71, "INVALID_CERTIFICATE", UNKNOWN, "the client's certificate is not valid"),
	KDC(72, "REVOKED_CERTIFICATE", UNKNOWN, "the client's certificate is revoked"),
	KDC(73, "REVOCATION_STATUS_UNKNOWN", UNKNOWN, "the revocation status of the client's certificate is unknown"),
	KDC(74, "REVOCATION_STATUS_UNAVAILABLE", UNKNOWN,
			"the revocation status of the client's certificate cannot be checked"),
	KDC(75, "CLIENT_NAME_MISMATCH", UNKNOWN, "the certificate is not that of the client"),
	KDC(76, "INCONSISTENT_KEY_PURPOSE", UNKNOWN, "the client's certificate is not meant for logging on"),

	LIB(134, SPN_ERR_SYNTAX, "PARSE_MALFORMED", UNKNOWN, "it is not a principal name"),
	LIB(140, SPN_ERR_AUTH, "CC_UNKNOWN_TYPE", NO_CREDENTIALS,
			"this build's Kerberos library knows no such type of cache: use FILE:"),
	LIB(141, SPN_ERR_AUTH, "CC_NOTFOUND", NO_CREDENTIALS, NO_TGT),
	LIB(142, SPN_ERR_AUTH, "CC_END", NO_CREDENTIALS,
			"there is no ticket-granting ticket: run kinit or use a keytab"),
	LIB(150, SPN_ERR_AUTH, "PROG_ETYPE_NOSUPP", UNKNOWN_ETYPE,
			"this host's krb5.conf does not allow the encryption type that it takes"),
	LIB(154, SPN_ERR_UNREACHABLE, "REALM_UNKNOWN", NO_AUTHORITY, NO_KDC),
	LIB(156, SPN_ERR_UNREACHABLE, "KDC_UNREACH", NO_AUTHORITY, "no KDC answers"),
	LIB(180, SPN_ERR_AUTH, "KT_UNKNOWN_TYPE", UNKNOWN,
			"this build's Kerberos library knows no such type of keytab: use FILE:"),
	LIB(181, SPN_ERR_AUTH, "KT_NOTFOUND", UNKNOWN,
			"it holds no key for this principal: list its keys with 'klist -k FILE' (MIT) or 'ktutil -k "
			"FILE list' (Heimdal)"),
	LIB(182, SPN_ERR_AUTH, "KT_END", UNKNOWN, "it holds no keys"),
	LIB(194, SPN_ERR_AUTH, "FCC_PERM", NO_CREDENTIALS,
			"the credentials may not be read, or others may read them too"),
	LIB(195, SPN_ERR_AUTH, "FCC_NOFILE", NO_CREDENTIALS, "there are none: run kinit or use a keytab"),
	LIB(213, SPN_ERR_AUTH, "KEYTAB_BADVNO", UNKNOWN, "it is not a keytab"),
	LIB(220, SPN_ERR_UNREACHABLE, "REALM_CANT_RESOLVE", NO_AUTHORITY, NO_KDC),
	LIB(224, SPN_ERR_AUTH, "CONFIG_NODEFREALM", UNKNOWN, "no realm is given and krb5.conf has no default_realm"),
};

static const spn_kerberos_cause unknown = { 0, "", UNKNOWN, "unknown error" };

const spk_cause *spk_cause_find(int native)
{
	int offset = native;
	if (native < 0 && __builtin_sub_overflow(native, SPK_KRB5_BASE, &offset))
		return NULL;
	/* what is positive and beyond is an errno, not one of the library's */
	int end = native < 0 ? (int)(sizeof causes / sizeof *causes) : 128;
	return offset > 0 && offset < end && causes[offset].shown.name ? &causes[offset] : NULL;
}

const spn_kerberos_cause *spn_kerberos_explain(int native)
{
	const spk_cause *cause = spk_cause_find(native);
	return cause ? &cause->shown : &unknown;
}

spn_status spk_cause_no_ticket(spn_error *err, int code, const char *spn, const char *client, const char *detail)
{
	const spk_cause *cause = spk_cause_find(code);
	const char *open = *detail ? " (" : "", *close = *detail ? ")" : "";
	if (!cause)
		return spn_fail(err, SPN_ERR_FAILED, code, "no ticket for '%s' as '%s': Kerberos error %d%s%s%s", spn, client,
				code < 0 ? code - SPK_KRB5_BASE : code, open, detail, close);
	/* our own log-on has succeeded by then, so that one is about the account of the service */
	spn_status status = cause->shown.code == SPK_ETYPE_NOSUPP ? SPN_ERR_FAILED : cause->status;
	return spn_fail(err, status, code, "no ticket for '%s' as '%s': %s%s%s%s", spn, client, cause->shown.text, open,
			detail, close);
}

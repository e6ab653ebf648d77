/* SPDX-License-Identifier: MIT */
/*
 * Logging on by Cyrus SASL, which runs the mechanism while libldap carries its messages.  Not by libldap's own
 * ldap_sasl_interactive_bind: that takes "success" from a server that has proved nothing.
 */
#include "sasl.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

/* A layer of this strength has to be there where TLS or a local socket does not protect the connection (RFC 4422,
 * section 4). */
#define MIN_SSF 56u
#define MAX_LAYER 0xffffffu
/* No mechanism takes so many steps: a server that has one more question each time is cut off. */
#define MAX_STEPS 16

static const spk_mech mechs[] = {
	{ "GSS-SPNEGO", SPK_SASL_GSS_SPNEGO, SPK_NEEDS_TICKET, NULL },
	{ "EXTERNAL", NULL, SPK_NEEDS_SOCKET, NULL },
	{ "SCRAM-SHA-256", NULL, SPK_NEEDS_PASSWORD, "libscram.so" },
	{ "SCRAM-SHA-512", NULL, SPK_NEEDS_PASSWORD, "libscram.so" },
	{ "DIGEST-MD5", NULL, SPK_NEEDS_PASSWORD, "libdigestmd5.so" },
};

const spk_mech *spk_mech_find(const char *name)
{
	for (size_t i = 0; i < sizeof mechs / sizeof *mechs; i++)
		if (spk_ascii_equal(mechs[i].name, name))
			return &mechs[i];
	return NULL;
}

static void wipe_password(struct spk_sasl *sasl)
{
	if (!sasl->secret)
		return;
	explicit_bzero(sasl->secret, sizeof *sasl->secret + SPK_PASSWORD_SIZE);
	free(sasl->secret);
	sasl->secret = NULL;
}

void spk_sasl_free(struct spk_sasl *sasl)
{
	if (!sasl)
		return;
	sasl_dispose(&sasl->conn);
	ldap_memfree(sasl->certificate.bv_val);
	free(sasl);
}

/* ---- what Cyrus SASL asks us ---- */

static int give_name(void *self, int id, const char **ret_text, unsigned *ret_len)
{
	const struct spk_sasl *sasl = self;
	const char *name = id == SASL_CB_AUTHNAME ? sasl->ldap->bind_dn : sasl->ldap->authzid;
	*ret_text = name ? name : "";
	if (ret_len)
		*ret_len = (unsigned)strlen(*ret_text);
	return SASL_OK;
}

static int give_password(sasl_conn_t *conn, void *self, int id, sasl_secret_t **ret_secret)
{
	const struct spk_sasl *sasl = self;
	(void)conn, (void)id;
	*ret_secret = sasl->secret;
	return sasl->secret ? SASL_OK : SASL_FAIL;
}

/* DIGEST-MD5 asks if the server has several; the first is its own. */
static int choose_realm(void *self, int id, const char **offered, const char **ret_realm)
{
	(void)self, (void)id;
	*ret_realm = offered && *offered ? *offered : "";
	return SASL_OK;
}

typedef int callback_fn(void);
#define CALLBACK(function) ((callback_fn *)(void (*)(void))(function))

static void set_callbacks(struct spk_sasl *sasl)
{
	sasl_callback_t *next = sasl->callbacks;
	*next++ = (sasl_callback_t){ SPK_SASL_CB_SELF, CALLBACK(give_name), sasl };
	*next++ = (sasl_callback_t){ SASL_CB_USER, CALLBACK(give_name), sasl };
	if (sasl->mech->needs == SPK_NEEDS_PASSWORD) {
		*next++ = (sasl_callback_t){ SASL_CB_AUTHNAME, CALLBACK(give_name), sasl };
		*next++ = (sasl_callback_t){ SASL_CB_PASS, CALLBACK(give_password), sasl };
		*next++ = (sasl_callback_t){ SASL_CB_GETREALM, CALLBACK(choose_realm), sasl };
	}
	*next = (sasl_callback_t){ SASL_CB_LIST_END, NULL, NULL };
}

static spn_status take_password(struct spk_sasl *sasl, spn_error *err)
{
	size_t len = 0;
	if (sasl->mech->needs != SPK_NEEDS_PASSWORD)
		return SPN_OK;
	sasl->secret = calloc(1, sizeof *sasl->secret + SPK_PASSWORD_SIZE); /* has room for one byte itself: the NUL */
	if (!sasl->secret)
		return spk_nomem(err);
	spn_status status = spk_link_password(sasl->ldap, sasl->link, (char *)sasl->secret->data, &len, err);
	sasl->secret->len = len;
	return status;
}

/* What a log-on inside TLS is bound to: else a man in the middle could pass it on. */
static spn_status take_certificate(struct spk_sasl *sasl, spn_error *err)
{
	const spk_link *link = sasl->link;
	if (!link->tls)
		return SPN_OK;
	if (ldap_get_option(link->ld, LDAP_OPT_X_TLS_PEERCERT, &sasl->certificate) || !sasl->certificate.bv_len)
		return spn_fail(err, SPN_ERR_FAILED, 0, "libldap does not show the certificate of '%s'", sasl->ldap->host);
	return SPN_OK;
}

static spn_status fail(const struct spk_sasl *sasl, int code, const char *context, spn_error *err)
{
	if (sasl->status)
		return sasl->status; /* our mechanism has said why */
	if (code == SASL_NOMEM)
		return spk_nomem(err);
	if (code == SASL_TOOWEAK)
		return spn_fail(err, SPN_ERR_REFUSED, 0, "%s: %s would leave the connection unprotected; use TLS", context,
				sasl->mech->name);
	return spn_fail(err, SPN_ERR_AUTH, 0, "%s: %s", context,
			sasl->conn ? sasl_errdetail(sasl->conn) : sasl_errstring(code, NULL, NULL));
}

static bool needs_layer(const struct spk_sasl *sasl)
{
	return !sasl->link->tls && sasl->ldap->scheme != SPK_LDAP_LOCAL;
}

static spn_status prepare(struct spk_sasl *sasl, const char *context, spn_error *err)
{
	set_callbacks(sasl);
	const char *host = sasl->ldap->scheme == SPK_LDAP_LOCAL ? "localhost" : sasl->ldap->host;
	spk_mech_lock(false);
	int code = sasl_client_new("ldap", host, NULL, NULL, sasl->callbacks, 0, &sasl->conn);
	spk_mech_unlock();
	bool layer = needs_layer(sasl);
	const sasl_security_properties_t properties = { .min_ssf = layer ? MIN_SSF : 0, .max_ssf = layer ? INT_MAX : 0,
		.maxbufsize = layer ? MAX_LAYER : 0, .security_flags = SASL_SEC_NOPLAINTEXT | SASL_SEC_NOANONYMOUS };
	char user[32];
	snprintf(user, sizeof user, "%u", (unsigned)geteuid());
	if (code == SASL_OK)
		code = sasl_setprop(sasl->conn, SASL_SEC_PROPS, &properties);
	if (code == SASL_OK && sasl->mech->needs == SPK_NEEDS_SOCKET)
		code = sasl_setprop(sasl->conn, SASL_AUTH_EXTERNAL, user);
	return code == SASL_OK ? take_certificate(sasl, err) : fail(sasl, code, context, err);
}

/* ---- the exchange ---- */

static void list_offered(const struct spk_sasl *sasl, const char *context, spk_text *ret_list)
{
	static char attr[] = "supportedSASLMechanisms";
	char *attrs[] = { attr, NULL };
	spk_link *link = sasl->link;
	LDAPMessage *answer = NULL;
	int id = 0, rc = ldap_search_ext(link->ld, "", LDAP_SCOPE_BASE, "(objectClass=*)", attrs, 0, NULL, NULL, NULL, 0, &id);
	if (spk_link_await(link, rc, id, LDAP_RES_SEARCH_RESULT, &answer, context, NULL))
		return;
	LDAPMessage *entry = ldap_first_entry(link->ld, answer);
	struct berval **values = entry ? ldap_get_values_len(link->ld, entry, attr) : NULL;
	for (size_t i = 0; values && values[i]; i++)
		spk_text_add(ret_list, "%s%.*s", i ? ", " : "", (int)values[i]->bv_len, values[i]->bv_val);
	ldap_value_free_len(values);
	ldap_msgfree(answer);
}

/* What the server has instead is for the message only, and not asked for where anybody could answer. */
static spn_status not_offered(const struct spk_sasl *sasl, const char *context, spn_error *err)
{
	SPK_AUTOTEXT spk_text offered = { 0 };
	if (needs_layer(sasl))
		return spk_fail_win32(err, SPN_ERR_AUTH, LDAP_AUTH_METHOD_NOT_SUPPORTED, 0,
				"%s: the server does not offer %s", context, sasl->mech->name);
	list_offered(sasl, context, &offered);
	return spk_fail_win32(err, SPN_ERR_AUTH, LDAP_AUTH_METHOD_NOT_SUPPORTED, 0,
			"%s: the server does not offer %s (it offers: %s)", context, sasl->mech->name,
			offered.len ? offered.data : "none");
}

/* One request, one answer.  ret_more: the server has not decided yet. */
static spn_status exchange(struct spk_sasl *sasl, const char *out, unsigned len, const char *context,
		spk_text *ret_answer, bool *ret_more, spn_error *err)
{
	spk_link *link = sasl->link;
	struct berval cred = { len, (char *)(uintptr_t)out }, *answer = NULL;
	LDAPMessage *message;
	int code = LDAP_SUCCESS, id = 0,
	    rc = ldap_sasl_bind(link->ld, NULL, sasl->mech->name, out ? &cred : NULL, NULL, NULL, &id);
	spn_status status = spk_link_await(link, rc, id, LDAP_RES_BIND, &message, context, err);
	if (status)
		return status;
	char *diagnostic = NULL;
	rc = ldap_parse_sasl_bind_result(link->ld, message, &answer, 0);
	int parsed = ldap_parse_result(link->ld, message, &code, NULL, &diagnostic, NULL, NULL, 1);
	if (!code)
		code = rc ? rc : parsed;
	*ret_more = code == LDAP_SASL_BIND_IN_PROGRESS;
	spk_text_clear(ret_answer);
	if (code == LDAP_AUTH_METHOD_NOT_SUPPORTED)
		status = not_offered(sasl, context, err);
	else if (code == LDAP_INVALID_CREDENTIALS && sasl->principal)
		status = spk_ldap_fail_ticket(err, sasl->principal, diagnostic, context);
	else if (code && !*ret_more)
		status = spk_ldap_fail(err, code, diagnostic, "%s", context);
	else if (answer)
		spk_text_add_bytes(ret_answer, answer->bv_val, answer->bv_len);
	ldap_memfree(diagnostic);
	ber_bvfree(answer);
	return !status && ret_answer->failed ? spk_nomem(err) : status;
}

static spn_status unproved(const char *context, spn_error *err)
{
	return spn_fail(err, SPN_ERR_AUTH, 0, "%s: the server accepts the log-on, but does not prove who it is", context);
}

/* Both sides have to come to their end: a server that says yes too early is as wrong as one that goes on asking. */
static spn_status converse(struct spk_sasl *sasl, const char *context, spn_error *err)
{
	SPK_AUTOTEXT spk_text answer = { 0 };
	const spk_mech *mech = sasl->mech;
	const char *out = NULL;
	unsigned len = 0;
	spk_mech_lock(false);
	int code = sasl_client_start(sasl->conn, mech->ours ? mech->ours : mech->name, NULL, &out, &len, NULL);
	spk_mech_unlock();
	for (int i = 0; i < MAX_STEPS && (code == SASL_OK || code == SASL_CONTINUE); i++) {
		bool complete = code == SASL_OK, more = false;
		spn_status status = exchange(sasl, out, len, context, &answer, &more, err);
		if (status || (complete && !more))
			return status;
		if (complete)
			return spn_fail(err, SPN_ERR_AUTH, 0, "%s: the server asks for more than %s has", context, mech->name);
		code = sasl_client_step(sasl->conn, answer.data ? answer.data : "", (unsigned)answer.len, NULL, &out, &len);
		if (!more && code == SASL_OK && len == 0)
			return SPN_OK;
		if (!more) {
			/* the server has its layer on: it would not understand another log-on */
			sasl->link->transport.ended = true;
			return sasl->status ? sasl->status : unproved(context, err);
		}
	}
	return fail(sasl, code, context, err);
}

/* Whatever the mechanism says, the outcome counts: who we are, and whether the connection is sealed. */
static spn_status check(struct spk_sasl *sasl, const char *context, spn_error *err)
{
	const void *ssf = NULL, *user = NULL;
	sasl_getprop(sasl->conn, SASL_SSF, &ssf);
	sasl_getprop(sasl->conn, SASL_USERNAME, &user);
	bool sealed = ssf && *(const sasl_ssf_t *)ssf >= MIN_SSF;
	if (sealed != needs_layer(sasl))
		return spn_fail(err, SPN_ERR_AUTH, 0, "%s: the connection is %s", context,
				sealed ? "sealed twice" : "neither signed nor sealed");
	if (sasl->mech->needs == SPK_NEEDS_TICKET &&
			(!user || strcmp(user, spk_credentials_principal(sasl->ldap->credentials)) != 0))
		return spn_fail(err, SPN_ERR_AUTH, 0, "%s: the log-on was made as '%s'", context, user ? (const char *)user : "");
	return sealed ? spk_link_seal(sasl->link, sasl, err) : SPN_OK;
}

spn_status spk_sasl_log_on(const spk_ldap *ldap, spk_link *link, const spk_mech *mech, const char *principal,
		const char *context, spn_error *err)
{
	spn_error why = { .status = SPN_OK };
	struct spk_sasl *sasl = calloc(1, sizeof *sasl);
	if (!sasl)
		return spk_nomem(err);
	*sasl = (struct spk_sasl){ .mech = mech, .ldap = ldap, .link = link, .principal = principal, .err = &why };
	spn_status status = prepare(sasl, context, &why);
	if (!status)
		status = take_password(sasl, &why);
	if (!status)
		status = converse(sasl, context, &why);
	if (!status && (status = check(sasl, context, &why)))
		link->transport.ended = true; /* the server has accepted us: see converse */
	wipe_password(sasl);
	sasl->err = NULL;
	sasl->principal = NULL;
	if (!status) {
		link->sasl = sasl;
		return SPN_OK;
	}
	spk_sasl_free(sasl);
	if (err)
		*err = why;
	return status;
}

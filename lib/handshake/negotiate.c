/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>

#include <spnkit/kdc.h>

#include "http.h"
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "kerberos/cause.h"
#include "kerberos/credentials_private.h"
#include "kerberos/krb5_error.h"
#include "kerberos/send_to_kdc.h"
#include "kerberos/service.h"
#include "kerberos/spnego.h"

/* One handshake. */
struct dance {
	spk_url url;
	const char *spn;
	spk_credentials *credentials;
	krb5_creds *ticket;
	gss_name_t name;
	gss_ctx_id_t gss;
	bool is_stale; /* the log-on is one that nobody accepts */
	spn_handshake result; /* what it points to is in the texts */
	spk_text text, offered, location;
};

static void end_dance(struct dance *dance)
{
	OM_uint32 minor;
	if (dance->gss) /* whatever has happened to it: nothing else may be done with one that has failed */
		gss_delete_sec_context(&minor, &dance->gss, GSS_C_NO_BUFFER);
	if (dance->name)
		gss_release_name(&minor, &dance->name);
	if (dance->ticket)
		krb5_free_creds(dance->credentials->krb5, dance->ticket);
	spk_credentials_free(dance->credentials);
	spk_text_free(&dance->text);
	spk_text_free(&dance->offered);
	spk_text_free(&dance->location);
}

/* ---- Kerberos ---- */

/* A fresh ticket for the name, in the private cache, where GSSAPI finds it. */
static spn_status get_ticket(struct dance *dance, const char *domain, spk_deadline deadline, spn_error *err)
{
	spn_status status = spk_service_ticket(dance->credentials, domain, dance->spn, deadline, &dance->ticket, err);
	if (status)
		return status;
	krb5_context krb5 = dance->credentials->krb5;
	char *name = NULL;
	krb5_error_code code = krb5_cc_store_cred(krb5, dance->credentials->cache, dance->ticket);
	if (!code)
		code = krb5_unparse_name(krb5, dance->ticket->server, &name);
	if (code)
		return spk_krb5_fail(err, krb5, code, "the ticket for '%s'", dance->spn);
	OM_uint32 minor;
	gss_buffer_desc text = { strlen(name), name };
	if (GSS_ERROR(gss_import_name(&minor, &text, GSS_KRB5_NT_PRINCIPAL_NAME, &dance->name)))
		status = spk_krb5_fail(err, krb5, (krb5_error_code)minor, "the name '%s'", name);
	free(name);
	return status;
}

/* The next token, if there is one to send; and whether all is done. */
static OM_uint32 step(struct dance *dance, void *cred, spn_bytes in, spk_text *out, OM_uint32 *ret_minor)
{
	OM_uint32 minor;
	gss_buffer_desc input = { in.len, (void *)in.data }, output = GSS_C_EMPTY_BUFFER;
	OM_uint32 major = gss_init_sec_context(ret_minor, cred, &dance->gss, dance->name, GSS_KRB5_MECHANISM,
			GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG, 0,
			GSS_C_NO_CHANNEL_BINDINGS, in.len ? &input : GSS_C_NO_BUFFER, NULL, &output, NULL, NULL);
	if (out)
		spk_text_add_bytes(out, output.value, output.length);
	gss_release_buffer(&minor, &output);
	return major;
}

/* Farther back than any service's clock is behind, and clocks do not come round to it again. */
#define STALE_SECONDS (2 * 24 * 3600)

/* An AP-REQ that is dated back, without what GSSAPI asks of one besides (RFC 4121, section 4.1.1).  Nothing is done in
 * this Kerberos context afterwards. */
static spn_status add_stale_token(struct dance *dance, spk_text *token, spn_error *err)
{
	krb5_context krb5 = dance->credentials->krb5;
	krb5_auth_context auth = NULL;
	krb5_data request = { 0 };
	int32_t seconds = 0, microseconds = 0;
	krb5_error_code code = krb5_get_kdc_sec_offset(krb5, &seconds, &microseconds);
	if (!code)
		code = krb5_set_kdc_sec_offset(krb5, seconds - STALE_SECONDS, microseconds);
	if (!code)
		code = krb5_mk_req_extended(krb5, &auth, AP_OPTS_MUTUAL_REQUIRED, NULL, dance->ticket, &request);
	if (auth)
		krb5_auth_con_free(krb5, auth);
	if (code)
		return spk_krb5_fail(err, krb5, code, "no token for '%s'", dance->spn);
	spk_spnego_wrap_request(token, (spn_bytes){ request.data, request.length });
	krb5_data_free(&request);
	return SPN_OK;
}

static spn_status add_token(struct dance *dance, spk_text *token, spk_deadline deadline, spn_error *err)
{
	void *cred;
	spn_status status = spk_credentials_gss(dance->credentials, &cred, err);
	if (status)
		return status;
	SPK_AUTOTEXT spk_text krb5_token = { 0 };
	OM_uint32 minor;
	spk_kdc_limit(deadline);
	OM_uint32 major = step(dance, cred, (spn_bytes){ NULL, 0 }, &krb5_token, &minor);
	spk_kdc_limit(0);
	if (GSS_ERROR(major))
		return spk_krb5_fail(err, dance->credentials->krb5, (krb5_error_code)minor, "no token for '%s'", dance->spn);
	spk_spnego_wrap(token, (spn_bytes){ krb5_token.data, krb5_token.len });
	token->failed |= krb5_token.failed;
	return SPN_OK;
}

/* The whole header, since that is what is sent. */
static spn_status make_authorization(struct dance *dance, spk_text *ret_header, spk_deadline deadline, spn_error *err)
{
	SPK_AUTOTEXT spk_text token = { 0 };
	spn_status status = dance->is_stale ? add_stale_token(dance, &token, err) : add_token(dance, &token, deadline, err);
	if (status)
		return status;
	spk_text_add(ret_header, "Authorization: Negotiate ");
	spk_base64_encode(ret_header, token.data, token.len);
	return token.failed || ret_header->failed ? spk_nomem(err) : SPN_OK;
}

/* Only who holds the key of the ticket can answer so. */
static bool is_proof(struct dance *dance, const spk_spnego_reply *reply)
{
	void *cred;
	OM_uint32 minor;
	return reply->is_proof && dance->gss && spk_credentials_gss(dance->credentials, &cred, NULL) == SPN_OK &&
			step(dance, cred, reply->krb5_token, NULL, &minor) == GSS_S_COMPLETE;
}

/* ---- what the service means ---- */

#define SAY(dance, wanted, ...) ((dance)->result.outcome = (wanted), spk_text_add(&(dance)->text, __VA_ARGS__))

static void note(struct dance *dance, const spk_http_answer *answer)
{
	dance->result.http_status = answer->status;
	spk_text_clear(&dance->offered);
	spk_text_clear(&dance->location);
	spk_text_add_bytes(&dance->offered, answer->challenges.names.data, answer->challenges.names.len);
	spk_text_add_bytes(&dance->location, answer->location.data, answer->location.len);
	if (dance->location.data)
		spk_make_printable(dance->location.data);
}

/* What ends a handshake whether a ticket was sent or not.  Returns whether it does. */
static bool judge_any(struct dance *dance, const spk_http_answer *answer, const char *sent)
{
	const char *host = dance->url.host;
	int status = answer->status;
	if (status == 407 || answer->is_proxys)
		SAY(dance, SPN_HANDSHAKE_PROXY,
				"a proxy answers instead of '%s' (status %d) and requires authentication: bypass it",
				host, status);
	else if (status == 0)
		SAY(dance, SPN_HANDSHAKE_SERVER_ERROR, "what '%s', port %u, answers%s is not HTTP: %s", host, dance->url.port, sent,
				answer->why);
	else if (status >= 500)
		SAY(dance, SPN_HANDSHAKE_SERVER_ERROR, "the server fails%s with status %d: check its log", sent, status);
	else if (status >= 300 && status < 400)
		SAY(dance, SPN_HANDSHAKE_REDIRECT,
				"the server redirects to '%s'%s, where no ticket is sent: use that URL if it is the "
				"right one",
				dance->location.data, sent);
	else
		return false;
	return true;
}

/* The answer to a request without a ticket.  Returns whether the handshake ends with it. */
static bool judge_first(struct dance *dance, const spk_http_answer *answer)
{
	if (judge_any(dance, answer, ""))
		return true;
	if (answer->status != 401)
		SAY(dance, SPN_HANDSHAKE_ANONYMOUS, "the server answers with status %d without asking who we are: nothing is proved",
				answer->status);
	else if (answer->challenges.negotiate)
		return false;
	else if (answer->challenges.names.len)
		SAY(dance, SPN_HANDSHAKE_NO_NEGOTIATE, "the server does not offer Kerberos (Negotiate), only %s: enable it there",
				dance->offered.data);
	else
		SAY(dance, SPN_HANDSHAKE_NO_NEGOTIATE, "the server requires authentication, but does not say which kind");
	return true;
}

static void judge_refusal(struct dance *dance, const spk_spnego_reply *reply)
{
	enum { SKEW = 37 };
	const char *spn = dance->spn;
	const spn_kerberos_cause *cause = spn_kerberos_explain(reply->krb5_code);
	if (dance->is_stale && reply->krb5_code == SKEW) {
		dance->result.krb5_code = SKEW;
		SAY(dance, SPN_HANDSHAKE_DECRYPTED,
				"the server could decrypt the ticket for '%s': it says that the log-on is stale, as it "
				"was made so "
				"that nobody can use it",
				spn);
		return;
	}
	if (!reply->krb5_code && dance->is_stale) {
		SAY(dance, SPN_HANDSHAKE_REFUSED,
				"the server refuses a stale log-on with the ticket for '%s' and does not say why, so "
				"that it is not known "
				"whether it could decrypt it%s: try a real log-on",
				spn, reply->is_ntlm ? " (it answers with NTLM)" : "");
		return;
	}
	if (!reply->krb5_code) {
		SAY(dance, SPN_HANDSHAKE_REFUSED,
				"the server refuses the ticket for '%s' and does not say why: check its log%s%s", spn,
				reply->is_ntlm ? "; it answers with NTLM, so it may lack Kerberos" : "",
				dance->url.tls ? "; it may want channel binding (EPA), which is not sent" : "");
		return;
	}
	dance->result.krb5_code = reply->krb5_code;
	SAY(dance, SPN_HANDSHAKE_REFUSED, "the server refuses the ticket for '%s' with Kerberos error %d", spn,
			reply->krb5_code);
	if (*cause->name)
		spk_text_add(&dance->text, " (%s): %s", cause->name, cause->text);
	if (reply->krb5_text.len)
		spk_text_add(&dance->text, "; it says '%.*s'", (int)(reply->krb5_text.len < 200 ? reply->krb5_text.len : 200),
				reply->krb5_text.data);
}

/* The answer to a request with a ticket. */
static void judge_second(struct dance *dance, const spk_http_answer *answer)
{
	spk_spnego_reply reply = spk_spnego_read((spn_bytes){ answer->challenges.token.data, answer->challenges.token.len });
	const char *spn = dance->spn;
	int status = answer->status;
	bool proved = is_proof(dance, &reply);
	if (proved && (status == 401 || status == 403))
		SAY(dance, SPN_HANDSHAKE_FORBIDDEN,
				"the server accepts the ticket for '%s' and proves its key, but does not let '%s' in "
				"(status %d): check its permissions",
				spn, spk_credentials_principal(dance->credentials), status);
	else if (proved)
		SAY(dance, SPN_HANDSHAKE_OK,
				"the server accepts the ticket for '%s' and proves that it holds the key (status %d)",
				spn, status);
	else if (status == 401 || reply.krb5_code)
		judge_refusal(dance, &reply);
	else if (status == 400 || status == 413 || status == 431)
		SAY(dance, SPN_HANDSHAKE_REFUSED,
				"the server refuses the request with the ticket for '%s' (status %d): the ticket may "
				"be "
				"too large for it, which groups make it, or check MaxFieldLength and MaxRequestBytes",
				spn, status);
	else if (!judge_any(dance, answer, ", once it has the ticket,"))
		SAY(dance, SPN_HANDSHAKE_UNPROVED,
				"the server accepts the ticket for '%s' (status %d), but its proof that it holds the "
				"key "
				"is %s",
				spn, status, reply.krb5_token.len ? "wrong" : "missing");
}

/* ---- together ---- */

static spn_status ask(struct dance *dance, spk_http *http, const char *authorization, bool *ret_ended, spn_error *err)
{
	spk_http_answer answer = { 0 };
	spn_status status = spk_http_ask(http, authorization, &answer, err);
	if (!status) {
		note(dance, &answer);
		if (authorization)
			judge_second(dance, &answer);
		*ret_ended = authorization || judge_first(dance, &answer);
	}
	spk_http_answer_free(&answer);
	return status;
}

static spn_status do_dance(struct dance *dance, const spn_handshake_options *options, spn_error *err)
{
	SPK_AUTOTEXT spk_text authorization = { 0 };
	SPK_AUTO(spk_http) *http = NULL;
	spk_deadline deadline = spk_service_deadline(options->timeout);
	/* first: if the KDC has no ticket, that is the cause, whatever the service would say */
	spn_status status = spk_service_open(options->credentials, options->timeout, &dance->credentials, err);
	if (!status)
		status = get_ticket(dance, options->realm, deadline, err);
	if (!status)
		status = make_authorization(dance, &authorization, deadline, err);
	if (!status)
		status = spk_http_open(&dance->url, options->cacert, spk_service_deadline(options->timeout), &http, err);
	bool ended = false;
	if (!status)
		status = ask(dance, http, NULL, &ended, err);
	if (!status && !ended)
		status = ask(dance, http, authorization.data, &ended, err);
	return status;
}

/* What a caller gets, and what it points to. */
struct handshake {
	spn_handshake shown; /* first: the caller has its address */
	spk_text text, offered, location;
};

spn_handshake *spn_handshake_free(spn_handshake *handshake)
{
	struct handshake *whole = (struct handshake *)handshake;
	if (!whole)
		return NULL;
	spk_text_free(&whole->text);
	spk_text_free(&whole->offered);
	spk_text_free(&whole->location);
	free(whole);
	return NULL;
}

/* The texts are the caller's from now on. */
static spn_status hand_over(struct dance *dance, spn_handshake **ret_handshake, spn_error *err)
{
	struct handshake *handshake = malloc(sizeof *handshake);
	if (dance->text.failed || dance->offered.failed || dance->location.failed || !handshake) {
		free(handshake);
		return spk_nomem(err);
	}
	spk_make_printable(dance->text.data);
	*handshake = (struct handshake){ dance->result, dance->text, dance->offered, dance->location };
	dance->text = dance->offered = dance->location = (spk_text){ 0 };
	handshake->shown.text = handshake->text.data;
	handshake->shown.offered = handshake->offered.data;
	handshake->shown.location = handshake->location.data;
	*ret_handshake = &handshake->shown;
	return SPN_OK;
}

spn_status spn_negotiate(const char *url, const char *spn, const spn_handshake_options *options,
		spn_handshake **ret_handshake, spn_error *err)
{
	struct dance dance = { .url.host = "" };
	spn_name name;
	char usual[SPK_HOST_MAX + sizeof "HTTP/"];
	spn_handshake_options taken;
	spn_credentials who;
	if (!url || !ret_handshake)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_negotiate: an argument is NULL");
	spn_status status = spk_take("spn_handshake_options", options, SPK_ONLY(spn_handshake_options), &taken, err);
	if (!status)
		status = spk_credentials_take(taken.credentials, &who, err);
	if (!status)
		status = spk_url_parse(url, &dance.url, err);
	if (status)
		return status;
	taken.credentials = &who;
	dance.is_stale = taken.stale;
	snprintf(usual, sizeof usual, "HTTP/%s", dance.url.host);
	dance.spn = spn ? spn : usual;
	status = spn_name_parse(dance.spn, &name, err);
	if (!status)
		status = do_dance(&dance, &taken, err);
	if (!status)
		status = hand_over(&dance, ret_handshake, err);
	end_dance(&dance);
	return status;
}

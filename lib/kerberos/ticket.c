/* SPDX-License-Identifier: MIT */
#include "service.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "cause.h"
#include "credentials_private.h"
#include "der.h"
#include "krb5_error.h"
#include "send_to_kdc.h"
#include "base/error.h"
#include "base/text.h"

/*
 * Names are taken literally.  Heimdal's own way from a host to a principal (krb5_sname_to_principal, a host-based
 * GSSAPI name) asks DNS for the canonical name of the host, and so lets whoever answers for DNS choose whose key is
 * believed.
 */

/* The realm of a host, where krb5.conf gives it one: never a guess, and never DNS, which anybody may answer. */
static const char *configured_realm(krb5_context krb5, const char *host)
{
	for (const char *at = host; at; at = strchr(at + 1, '.')) {
		const char *realm = krb5_config_get_string(krb5, NULL, "domain_realm", at, NULL);
		if (realm)
			return realm;
	}
	return NULL;
}

static char *lower_host(const char *spn)
{
	const char *host = strchr(spn, '/') + 1;
	char *copy = strndup(host, strcspn(host, ":/"));
	for (char *at = copy; at && *at; at++)
		*at = spk_ascii_lower(*at);
	return copy;
}

static krb5_error_code make_principal(krb5_context krb5, const char *realm, const char *spn, krb5_principal *ret_server)
{
	SPK_AUTOFREE char *parts = strdup(spn);
	if (!parts)
		return ENOMEM;
	char *host = strchr(parts, '/'), *last;
	*host++ = '\0';
	last = strchr(host, '/');
	if (last)
		*last++ = '\0';
	krb5_error_code code = krb5_make_principal(krb5, ret_server, realm, parts, host, last, NULL);
	if (!code)
		krb5_principal_set_type(krb5, *ret_server, KRB5_NT_SRV_INST);
	return code;
}

static krb5_error_code ask_own_realm(spk_credentials *credentials, krb5_principal server, krb5_creds **ret_creds)
{
	krb5_context krb5 = credentials->krb5;
	krb5_get_creds_opt options;
	krb5_error_code code = krb5_get_creds_opt_alloc(krb5, &options);
	if (code)
		return code;
	krb5_get_creds_opt_set_options(krb5, options, KRB5_GC_NO_STORE | KRB5_GC_CANONICALIZE);
	code = krb5_get_creds(krb5, options, credentials->cache, server, ret_creds);
	krb5_get_creds_opt_free(krb5, options);
	return code;
}

/* What is asked for, and where. */
struct wanted {
	krb5_principal server;
	char *realm;     /* of another KDC than our own, or NULL */
	bool is_far_off; /* the way to that KDC is what failed */
};

/* Our KDC would answer for the other realm as long as it holds the name itself, so that realm's own KDC is asked. */
static krb5_error_code ask_other_realm(spk_credentials *credentials, struct wanted *to_get, krb5_creds **ret_creds)
{
	krb5_context krb5 = credentials->krb5;
	krb5_principal way;
	krb5_creds *tgt = NULL;
	krb5_error_code code = krb5_make_principal(
			krb5, &way, spk_credentials_realm(credentials), KRB5_TGS_NAME, to_get->realm, NULL);
	if (code)
		return code;
	code = krb5_get_creds(krb5, NULL, credentials->cache, way, &tgt);
	krb5_free_principal(krb5, way);
	to_get->is_far_off = code != 0;
	if (code)
		return code == KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN ? KRB5KDC_ERR_PATH_NOT_ACCEPTED : code;
	krb5_free_creds(krb5, tgt);
	krb5_creds wanted = { .client = credentials->client, .server = to_get->server };
	krb5_kdc_flags flags = { .i = 0 };
	flags.b.canonicalize = 1;
	return krb5_get_kdc_cred(krb5, credentials->cache, flags, NULL, NULL, &wanted, ret_creds);
}

/* The realm to ask if it is not that of the credentials.  Realms are written in capitals; domains are not. */
static char *other_realm(spk_credentials *credentials, const char *domain, const char *host)
{
	const char *realm = domain ? domain : configured_realm(credentials->krb5, host);
	if (!realm || spk_ascii_equal(realm, spk_credentials_realm(credentials)))
		return NULL;
	char *copy = strdup(realm);
	for (char *at = copy; at && *at; at++)
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	return copy;
}

static void free_wanted(krb5_context krb5, struct wanted *wanted)
{
	krb5_free_principal(krb5, wanted->server);
	free(wanted->realm);
}

static krb5_error_code name_wanted(
		spk_credentials *credentials, const char *domain, const char *spn, struct wanted *ret_wanted)
{
	SPK_AUTOFREE char *host = lower_host(spn);
	if (!host)
		return ENOMEM;
	*ret_wanted = (struct wanted){ .realm = other_realm(credentials, domain, host) };
	const char *realm = ret_wanted->realm ? ret_wanted->realm : spk_credentials_realm(credentials);
	return make_principal(credentials->krb5, realm, spn, &ret_wanted->server);
}

static krb5_error_code ask(spk_credentials *credentials, struct wanted *wanted, krb5_creds **ret_creds)
{
	return wanted->realm ? ask_other_realm(credentials, wanted, ret_creds)
			: ask_own_realm(credentials, wanted->server, ret_creds);
}

/* Whether a ticket names the service that the sealed part of the answer names: the ticket itself is not protected on
 * its way. */
static bool is_for(krb5_context krb5, const krb5_creds *creds)
{
	spk_der_ticket inside;
	spn_bytes name;
	unsigned n = krb5_principal_get_num_comp(krb5, creds->server), i = 0;
	if (!spk_der_read_ticket((spn_bytes){ creds->ticket.data, creds->ticket.length }, &inside))
		return false;
	for (; i < n && spk_der_take(&inside.names, SPK_DER_STRING, &name); i++) {
		const char *wanted = krb5_principal_get_comp_string(krb5, creds->server, i);
		if (!spk_bytes_equal(name, spk_bytes(wanted)))
			return false;
	}
	return i == n && inside.names.len == 0;
}

static spn_status ask_fresh(spk_credentials *credentials, const char *domain, const char *spn, krb5_creds **ret_creds,
		spn_error *err)
{
	struct wanted wanted = { 0 };
	krb5_error_code code = name_wanted(credentials, domain, spn, &wanted);
	if (!code)
		code = ask(credentials, &wanted, ret_creds);
	if (!code && !is_for(credentials->krb5, *ret_creds)) {
		krb5_free_creds(credentials->krb5, *ret_creds);
		code = KRB5_KDCREP_MODIFIED;
	}
	free_wanted(credentials->krb5, &wanted);
	if (code == ENOMEM)
		return spk_nomem(err);
	if (code == KRB5KDC_ERR_ETYPE_NOSUPP && wanted.is_far_off) /* that is about the trust, not the service */
		return spk_krb5_fail(err, credentials->krb5, code, "no ticket for '%s' as '%s'", spn, credentials->name);
	const char *why = code == KRB5_KDC_UNREACH ? spk_kdc_why() : "";
	return code ? spk_cause_no_ticket(err, code, spn, credentials->name, why) : SPN_OK;
}

spn_status spk_service_ticket(spk_credentials *credentials, const char *domain, const char *spn, spk_deadline deadline,
		krb5_creds **ret_creds, spn_error *err)
{
	spk_kdc_limit(deadline);
	spn_status status = spk_credentials_renew(credentials, err);
	if (!status)
		status = ask_fresh(credentials, domain, spn, ret_creds, err);
	spk_kdc_limit(0);
	return status;
}

/* ---- for a log-on ---- */

/* Whether the private cache holds a ticket; one of the user's own that is still good is copied to it. */
static bool borrow(spk_credentials *credentials, krb5_principal server)
{
	krb5_context krb5 = credentials->krb5;
	krb5_creds wanted = { .client = credentials->client, .server = server }, held = { 0 };
	bool have = krb5_cc_retrieve_cred(krb5, credentials->cache, 0, &wanted, &held) == 0 &&
			held.times.endtime > time(NULL) + SPK_TICKET_MARGIN;
	if (!have) {
		krb5_free_cred_contents(krb5, &held);
		held = (krb5_creds){ 0 };
		have = credentials->source && krb5_cc_retrieve_cred(krb5, credentials->source, 0, &wanted, &held) == 0 &&
				held.times.endtime > time(NULL) + SPK_TICKET_MARGIN &&
				krb5_cc_store_cred(krb5, credentials->cache, &held) == 0;
	}
	krb5_free_cred_contents(krb5, &held);
	return have;
}

static void forget(spk_credentials *credentials, krb5_principal server)
{
	krb5_creds old = { .client = credentials->client, .server = server };
	krb5_cc_remove_cred(credentials->krb5, credentials->cache, 0, &old);
}

/* The KDC may have sent us on to another realm: GSSAPI looks for the ticket under the name that is in it. */
static krb5_error_code get_and_keep(spk_credentials *credentials, struct wanted *wanted, char **ret_principal)
{
	krb5_context krb5 = credentials->krb5;
	krb5_creds *got = NULL;
	krb5_error_code code = ask(credentials, wanted, &got);
	if (code)
		return code;
	code = krb5_cc_store_cred(krb5, credentials->cache, got);
	if (!code)
		code = krb5_unparse_name(krb5, got->server, ret_principal);
	krb5_free_creds(krb5, got);
	return code;
}

static spn_status logon_ticket(spk_credentials *credentials, const char *domain, const char *spn, bool fresh,
		char **ret_principal, spn_error *err)
{
	krb5_context krb5 = credentials->krb5;
	spn_status status = spk_credentials_renew(credentials, err);
	if (status)
		return status;
	struct wanted wanted = { 0 };
	krb5_error_code code = name_wanted(credentials, domain, spn, &wanted);
	if (!code && fresh)
		forget(credentials, wanted.server);
	if (!code)
		code = !fresh && borrow(credentials, wanted.server) ? krb5_unparse_name(krb5, wanted.server, ret_principal)
				: get_and_keep(credentials, &wanted, ret_principal);
	free_wanted(krb5, &wanted);
	return code ? spk_krb5_fail(err, krb5, code, "cannot get a ticket for '%s' as '%s'", spn, credentials->name) : SPN_OK;
}

spn_status spk_credentials_ticket(spk_credentials *credentials, const char *domain, const char *spn, bool fresh,
		spk_deadline deadline, char **ret_principal, spn_error *err)
{
	spk_kdc_limit(deadline);
	spn_status status = logon_ticket(credentials, domain, spn, fresh, ret_principal, err);
	spk_kdc_limit(0);
	return status;
}

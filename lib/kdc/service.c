/* SPDX-License-Identifier: MIT */
#include "service.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "kdc/cause.h"
#include "kdc/credentials_private.h"
#include "kdc/kdc_io.h"
#include "kdc/krb5_error.h"

#define DEFAULT_TIMEOUT 15u
#define PASSWORD_SIZE 1024

spn_status spk_service_check(const spn_open_options *options, spn_error *err)
{
	return options && options->version != SPN_OPEN_OPTIONS_VERSION
			? spn_fail(err, SPN_ERR_INVALID, 0, "the options are of version %u, not %u: start from SPN_OPEN_OPTIONS_INIT",
					options->version, SPN_OPEN_OPTIONS_VERSION)
			: SPN_OK;
}

spk_deadline spk_service_deadline(const spn_open_options *options)
{
	unsigned seconds = options && options->timeout ? options->timeout : DEFAULT_TIMEOUT;
	return spk_deadline_in(seconds < UINT32_MAX / 1000 ? seconds * 1000 : UINT32_MAX);
}

static spn_status open_by_password(const spn_open_options *options, spk_credentials **ret_credentials, spn_error *err)
{
	char password[PASSWORD_SIZE + 1];
	size_t len = 0;
	spn_status status = options->password(password, PASSWORD_SIZE, &len, options->password_data, err);
	if (!status && len > PASSWORD_SIZE)
		status = spn_fail(err, SPN_ERR_INVALID, 0, "the password of '%s' is longer than the buffer for it",
				options->principal);
	if (!status && (len == 0 || memchr(password, '\0', len)))
		status = spn_fail(err, SPN_ERR_INVALID, 0, "the password of '%s' is empty or has a NUL in it", options->principal);
	if (!status) {
		password[len] = '\0';
		status = spk_credentials_open_password(options->principal, password, spk_service_deadline(options),
				ret_credentials, err);
	}
	explicit_bzero(password, sizeof password);
	return status;
}

spn_status spk_service_open(const spn_open_options *options, spk_credentials **ret_credentials, spn_error *err)
{
	if (!options)
		return spk_credentials_open(NULL, NULL, NULL, ret_credentials, err);
	/* with bind_dn the password is that of the directory's simple bind */
	if (options->principal && options->password && !options->keytab && !options->bind_dn)
		return open_by_password(options, ret_credentials, err);
	return spk_credentials_open(options->principal, options->keytab, options->ccache, ret_credentials, err);
}

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

/* Our KDC would answer for the other realm as long as it holds the name itself, so that realm's own KDC is asked. */
static krb5_error_code ask_other_realm(spk_credentials *credentials, krb5_principal server, const char *realm,
		krb5_creds **ret_creds)
{
	krb5_context krb5 = credentials->krb5;
	krb5_principal way;
	krb5_creds *tgt = NULL;
	krb5_error_code code = krb5_make_principal(krb5, &way, spk_credentials_realm(credentials), KRB5_TGS_NAME, realm, NULL);
	if (code)
		return code;
	code = krb5_get_creds(krb5, NULL, credentials->cache, way, &tgt);
	krb5_free_principal(krb5, way);
	if (code)
		return code == KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN ? KRB5KDC_ERR_PATH_NOT_ACCEPTED : code;
	krb5_free_creds(krb5, tgt);
	krb5_creds wanted = { .client = credentials->client, .server = server };
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

static spn_status ask(spk_credentials *credentials, const char *domain, const char *spn, krb5_creds **ret_creds,
		spn_error *err)
{
	krb5_context krb5 = credentials->krb5;
	SPK_AUTOFREE char *host = lower_host(spn);
	if (!host)
		return spk_nomem(err);
	const char *own = spk_credentials_realm(credentials);
	SPK_AUTOFREE char *other = other_realm(credentials, domain, host);
	krb5_principal server;
	krb5_error_code code = make_principal(krb5, other ? other : own, spn, &server);
	if (!code) {
		code = other ? ask_other_realm(credentials, server, other, ret_creds)
				: ask_own_realm(credentials, server, ret_creds);
		krb5_free_principal(krb5, server);
	}
	if (code == ENOMEM)
		return spk_nomem(err);
	const char *why = code == KRB5_KDC_UNREACH ? spk_kdc_why() : "";
	return code ? spk_cause_no_ticket(err, code, spn, credentials->name, why) : SPN_OK;
}

spn_status spk_service_ticket(spk_credentials *credentials, const char *domain, const char *spn, spk_deadline deadline,
		krb5_creds **ret_creds, spn_error *err)
{
	spk_kdc_limit(deadline);
	spn_status status = spk_credentials_renew(credentials, err);
	if (!status)
		status = ask(credentials, domain, spn, ret_creds, err);
	spk_kdc_limit(0);
	return status;
}

/* SPDX-License-Identifier: MIT */
#include "credentials_private.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include <gssapi/gssapi_krb5.h>

#include "ccache.h"
#include "keytab_check.h"
#include "krb5_error.h"
#include "password_key.h"
#include "send_to_kdc.h"
#include "base/error.h"
#include "base/text.h"

spk_credentials *spk_credentials_free(spk_credentials *credentials)
{
	if (!credentials)
		return NULL;
	OM_uint32 minor;
	if (credentials->gss)
		gss_release_cred(&minor, &credentials->gss);
	krb5_context krb5 = credentials->krb5;
	if (krb5) {
		if (credentials->cache)
			krb5_cc_destroy(krb5, credentials->cache);
		if (credentials->source)
			krb5_cc_close(krb5, credentials->source);
		if (credentials->keytab)
			krb5_kt_close(krb5, credentials->keytab);
		if (credentials->client)
			krb5_free_principal(krb5, credentials->client);
		krb5_free_context(krb5);
	}
	free(credentials->source_name);
	free(credentials->name);
	free(credentials);
	return NULL;
}

const char *spk_credentials_principal(const spk_credentials *credentials)
{
	return credentials->name;
}

const char *spk_credentials_realm(const spk_credentials *credentials)
{
	return krb5_principal_get_realm(credentials->krb5, credentials->client);
}

static spn_status parse_client(spk_credentials *credentials, const char *principal, spn_error *err)
{
	krb5_error_code code = krb5_parse_name(credentials->krb5, principal, &credentials->client);
	return code ? spk_krb5_fail(err, credentials->krb5, code, "the principal '%s'", principal) : SPN_OK;
}

/* A computer, by its account: what joins a domain writes keys of its service names too, for which no ticket-granting
 * ticket is given. */
static bool is_computer(krb5_context krb5, krb5_const_principal principal)
{
	const char *name = krb5_principal_get_comp_string(krb5, principal, 0);
	size_t len = name ? strlen(name) : 0;
	return krb5_principal_get_num_comp(krb5, principal) == 1 && len > 1 && name[len - 1] == '$';
}

/* The client is the computer of the keytab (but not except, if there is one), or else its first principal. */
static krb5_error_code take_client(krb5_context krb5, krb5_keytab keytab, krb5_const_principal except,
		krb5_principal *ret_client)
{
	krb5_kt_cursor cursor;
	krb5_error_code code = krb5_kt_start_seq_get(krb5, keytab, &cursor);
	if (code)
		return code;
	krb5_keytab_entry entry = { 0 }; /* or Heimdal frees what is in it when the file is damaged */
	bool found = false; /* a computer */
	while (!found && (code = krb5_kt_next_entry(krb5, keytab, &entry, &cursor)) == 0) {
		found = is_computer(krb5, entry.principal) &&
				!(except && krb5_principal_compare(krb5, except, entry.principal));
		if (found && *ret_client) {
			krb5_free_principal(krb5, *ret_client);
			*ret_client = NULL;
		}
		if (!*ret_client)
			code = krb5_copy_principal(krb5, entry.principal, ret_client);
		krb5_kt_free_entry(krb5, &entry);
		if (code)
			break;
	}
	krb5_kt_end_seq_get(krb5, keytab, &cursor);
	return code == KRB5_KT_END && *ret_client ? 0 : code;
}

static spn_status open_keytab(spk_credentials *credentials, const char *path, const char *principal, spn_error *err)
{
	krb5_context krb5 = credentials->krb5;
	krb5_error_code code = krb5_kt_resolve(krb5, path, &credentials->keytab);
	if (code)
		return spk_krb5_fail(err, krb5, code, "the keytab '%s'", path);
	credentials->source_name = strdup(path);
	if (!credentials->source_name)
		return spk_nomem(err);
	spn_status status = spk_keytab_check(path, err);
	if (status)
		return status;
	if (!principal) {
		code = take_client(krb5, credentials->keytab, NULL, &credentials->client);
		return code ? spk_krb5_fail(err, krb5, code, "the keytab '%s' cannot be used", path) : SPN_OK;
	}
	status = parse_client(credentials, principal, err);
	if (status)
		return status;
	krb5_keytab_entry entry = { 0 }; /* or Heimdal frees what is in it when the file is damaged */
	code = krb5_kt_get_entry(krb5, credentials->keytab, credentials->client, 0, 0, &entry);
	if (code)
		return spk_krb5_fail(err, krb5, code, "the keytab '%s' cannot be used for '%s'", path, principal);
	krb5_kt_free_entry(krb5, &entry);
	return SPN_OK;
}

static spn_status open_cache(spk_credentials *credentials, const char *name, const char *principal, spn_error *err)
{
	krb5_context krb5 = credentials->krb5;
	spn_status status = principal ? parse_client(credentials, principal, err) : SPN_OK;
	if (status)
		return status;
	krb5_error_code code = !name && principal ? spk_ccache_find(krb5, credentials->client, &credentials->source)
			: spk_ccache_open(krb5, name, &credentials->source);
	if (code)
		return spk_ccache_fail(err, krb5, code, name);
	if (krb5_cc_get_full_name(krb5, credentials->source, &credentials->source_name))
		return spk_nomem(err);
	krb5_principal owner;
	code = krb5_cc_get_principal(krb5, credentials->source, &owner);
	if (code)
		return spk_ccache_fail(err, krb5, code, credentials->source_name);
	if (!principal) {
		credentials->client = owner;
		return SPN_OK;
	}
	bool same = krb5_principal_compare(krb5, owner, credentials->client);
	krb5_free_principal(krb5, owner);
	return same ? SPN_OK : spn_fail(err, SPN_ERR_AUTH, 0,
			"the credential cache '%s' is not that of '%s': run 'kinit %s' or use a keytab",
			credentials->source_name, principal, principal);
}

/* Where a client of several realms begins to ask: as the user's cache says, or else Heimdal's default.  With its NUL,
 * since Heimdal reads it as a string, though it writes it without one. */
static krb5_error_code set_start_realm(spk_credentials *credentials)
{
	krb5_context krb5 = credentials->krb5;
	krb5_data realm;
	SPK_AUTOFREE char *text = NULL;
	if (credentials->source && krb5_cc_get_config(krb5, credentials->source, NULL, "start_realm", &realm) == 0) {
		text = spk_printf("%.*s", (int)realm.length, (const char *)realm.data);
		krb5_data_free(&realm);
	} else {
		text = strdup(spk_credentials_realm(credentials));
	}
	if (!text)
		return ENOMEM;
	realm = (krb5_data){ strlen(text) + 1, text };
	return krb5_cc_set_config(krb5, credentials->cache, NULL, "start_realm", &realm);
}

/* How far the KDC's clock is off, as far as this was found out when the ticket-granting ticket was got: every request
 * takes it from the cache. */
static void set_clock(spk_credentials *credentials)
{
	krb5_context krb5 = credentials->krb5;
	krb5_deltat offset = 0;
	int32_t seconds = 0, micros;
	if (credentials->source)
		krb5_cc_get_kdc_offset(krb5, credentials->source, &offset);
	else if (krb5_get_kdc_sec_offset(krb5, &seconds, &micros) == 0)
		offset = seconds;
	if (offset)
		krb5_cc_set_kdc_offset(krb5, credentials->cache, offset);
}

/* Empties the private cache and fills it with the one ticket. */
static spn_status keep(spk_credentials *credentials, krb5_creds *tgt, spn_error *err)
{
	krb5_context krb5 = credentials->krb5;
	krb5_error_code code = krb5_cc_initialize(krb5, credentials->cache, credentials->client);
	if (!code)
		code = krb5_cc_store_cred(krb5, credentials->cache, tgt);
	if (!code)
		code = set_start_realm(credentials);
	if (!code)
		set_clock(credentials);
	if (code)
		return spk_krb5_fail(err, krb5, code, "a credential cache in memory");
	credentials->ends = tgt->times.endtime;
	return SPN_OK;
}

static spn_status copy_from_cache(spk_credentials *credentials, spn_error *err)
{
	krb5_context krb5 = credentials->krb5;
	const char *realm = spk_credentials_realm(credentials);
	krb5_creds wanted = { .client = credentials->client }, tgt = { 0 };
	krb5_error_code code = krb5_make_principal(krb5, &wanted.server, realm, KRB5_TGS_NAME, realm, NULL);
	if (!code)
		code = krb5_cc_retrieve_cred(krb5, credentials->source, 0, &wanted, &tgt);
	krb5_free_principal(krb5, wanted.server);
	if (code)
		return spk_krb5_fail(err, krb5, code, "no Kerberos credentials of '%s' in '%s'", credentials->name,
				credentials->source_name);
	spn_status status;
	if (tgt.times.endtime <= time(NULL) + SPK_TICKET_MARGIN)
		status = spn_fail(err, SPN_ERR_AUTH, KRB5KRB_AP_ERR_TKT_EXPIRED,
				"the Kerberos credentials of '%s' in '%s' have expired: run kinit or use a keytab",
				credentials->name, credentials->source_name);
	else
		status = keep(credentials, &tgt, err);
	krb5_free_cred_contents(krb5, &tgt);
	return status;
}

static krb5_error_code ask_for_tgt(spk_credentials *credentials, const char *password, krb5_creds *tgt)
{
	krb5_context krb5 = credentials->krb5;
	krb5_get_init_creds_opt *options;
	krb5_error_code code = krb5_get_init_creds_opt_alloc(krb5, &options);
	if (code)
		return code;
	krb5_get_init_creds_opt_set_default_flags(krb5, "spnkit", spk_credentials_realm(credentials), options);
	krb5_get_init_creds_opt_set_forwardable(options, 0);
	if (password)
		code = krb5_get_init_creds_opt_set_pa_password(krb5, options, password, spk_password_key);
	if (!code && password)
		code = krb5_get_init_creds_password(krb5, tgt, credentials->client, password, NULL, NULL, 0, NULL, options);
	else if (!code)
		code = krb5_get_init_creds_keytab(krb5, tgt, credentials->client, credentials->keytab, 0, NULL, options);
	krb5_get_init_creds_opt_free(krb5, options);
	return code;
}

/* The keytab of a machine that was renamed begins with a name that is gone.  Returns another computer in it, or NULL.
 */
static char *other_computer(const spk_credentials *credentials)
{
	krb5_context krb5 = credentials->krb5;
	krb5_principal other = NULL;
	char *name = NULL;
	take_client(krb5, credentials->keytab, credentials->client, &other);
	if (other && is_computer(krb5, other) && !krb5_principal_compare(krb5, other, credentials->client) &&
			krb5_unparse_name(krb5, other, &name))
		name = NULL;
	krb5_free_principal(krb5, other);
	return name;
}

static spn_status get_with_keytab(spk_credentials *credentials, spn_error *err)
{
	krb5_creds tgt = { 0 };
	krb5_error_code code = ask_for_tgt(credentials, NULL, &tgt);
	if (code) {
		SPK_AUTOFREE char *other = code == KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN ? other_computer(credentials) : NULL;
		return spk_krb5_fail(err, credentials->krb5, code,
				"cannot get a ticket for '%s' with the keytab '%s'%s%s%s", credentials->name,
				credentials->source_name, other ? " (it also has keys of '" : "", other ? other : "",
				other ? "')" : "");
	}
	spn_status status = keep(credentials, &tgt, err);
	krb5_free_cred_contents(credentials->krb5, &tgt);
	return status;
}

static spn_status get_with_password(spk_credentials *credentials, const char *password, spn_error *err)
{
	krb5_creds tgt = { 0 };
	spk_password_key_refused();
	krb5_error_code code = ask_for_tgt(credentials, password, &tgt);
	if (code && spk_password_key_refused())
		return spn_fail(err, SPN_ERR_REFUSED, code,
				"cannot get a ticket for '%s': the KDC asks for fewer than %u or more than %u rounds "
				"to "
				"make a key of the password, which would make it easy to guess or take too long",
				credentials->name, SPK_ROUNDS_MIN, SPK_ROUNDS_MAX);
	if (code == KRB5KDC_ERR_PREAUTH_FAILED || code == KRB5KRB_AP_ERR_BAD_INTEGRITY)
		return spn_fail(err, SPN_ERR_AUTH, code, "cannot get a ticket for '%s': the password is wrong", credentials->name);
	if (code)
		return spk_krb5_fail(err, credentials->krb5, code, "cannot get a ticket for '%s' with a password", credentials->name);
	spn_status status = keep(credentials, &tgt, err);
	krb5_free_cred_contents(credentials->krb5, &tgt);
	return status;
}

static spn_status prepare(spk_credentials *credentials, spn_error *err)
{
	spn_status status = spk_krb5_start(&credentials->krb5, err);
	if (status)
		return status;
	krb5_error_code code = spk_kdc_io_init(credentials->krb5);
	if (!code)
		code = krb5_cc_new_unique(credentials->krb5, "MEMORY", NULL, &credentials->cache);
	return code ? spk_krb5_fail(err, credentials->krb5, code, "Kerberos cannot be prepared") : SPN_OK;
}

static spn_status name_client(spk_credentials *credentials, spn_error *err)
{
	krb5_error_code code = krb5_unparse_name(credentials->krb5, credentials->client, &credentials->name);
	return code ? spk_krb5_fail(err, credentials->krb5, code, "the client principal") : SPN_OK;
}

spn_status spk_credentials_open(const char *principal, const char *keytab, const char *ccache,
		spk_credentials **ret_credentials, spn_error *err)
{
	SPK_AUTO(spk_credentials) *credentials = calloc(1, sizeof *credentials);
	if (!credentials)
		return spk_nomem(err);
	spn_status status = prepare(credentials, err);
	if (!status)
		status = keytab ? open_keytab(credentials, keytab, principal, err)
				: open_cache(credentials, ccache, principal, err);
	if (!status)
		status = name_client(credentials, err);
	if (!status && !keytab)
		status = copy_from_cache(credentials, err);
	if (status)
		return status;
	*ret_credentials = credentials;
	credentials = NULL;
	return SPN_OK;
}

spn_status spk_credentials_open_password(const char *principal, const char *password, spk_deadline deadline,
		spk_credentials **ret_credentials, spn_error *err)
{
	SPK_AUTO(spk_credentials) *credentials = calloc(1, sizeof *credentials);
	if (!credentials)
		return spk_nomem(err);
	spn_status status = prepare(credentials, err);
	if (!status)
		status = parse_client(credentials, principal, err);
	if (!status)
		status = name_client(credentials, err);
	if (!status) {
		spk_kdc_limit(deadline);
		status = get_with_password(credentials, password, err);
		spk_kdc_limit(0);
	}
	if (status)
		return status;
	*ret_credentials = credentials;
	credentials = NULL;
	return SPN_OK;
}

/* The user may have run kinit meanwhile. */
spn_status spk_credentials_renew(spk_credentials *credentials, spn_error *err)
{
	if (credentials->ends > time(NULL) + SPK_TICKET_MARGIN)
		return SPN_OK;
	if (credentials->keytab)
		return get_with_keytab(credentials, err);
	if (credentials->source)
		return copy_from_cache(credentials, err);
	return spn_fail(err, SPN_ERR_AUTH, KRB5KRB_AP_ERR_TKT_EXPIRED, "the ticket of '%s', got by password, has expired",
			credentials->name);
}

spn_status spk_credentials_gss(spk_credentials *credentials, void **ret_cred, spn_error *err)
{
	if (!credentials->gss) {
		OM_uint32 minor, major = gss_krb5_import_cred(&minor, credentials->cache, NULL, NULL, &credentials->gss);
		if (GSS_ERROR(major))
			return spk_krb5_fail(err, credentials->krb5, (krb5_error_code)minor,
					"the credentials of '%s' cannot be handed to GSSAPI", credentials->name);
	}
	*ret_cred = credentials->gss;
	return SPN_OK;
}

/* SPDX-License-Identifier: MIT */
#include "kdc.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "kerberos/ccache.h"
#include "kerberos/credentials_private.h"
#include "kerberos/der.h"
#include "kerberos/krb5_error.h"
#include "kerberos/service.h"

struct real {
	spk_credentials *credentials;
	char *domain;     /* whose KDC is asked, or NULL */
	unsigned timeout; /* as in the options */
};

static void free_real(void *self)
{
	struct real *real = self;
	spk_credentials_free(real->credentials);
	free(real->domain);
	free(real);
}

static spk_deadline deadline_of(const struct real *real)
{
	return spk_service_deadline(real->timeout);
}

static spn_status show(krb5_context krb5, const krb5_creds *creds, const char *spn, spn_ticket_fn *fn, void *data,
		spn_error *err)
{
	spk_der_ticket inside;
	spn_bytes der = { creds->ticket.data, creds->ticket.length };
	if (!spk_der_read_ticket(der, &inside))
		return spn_fail(err, SPN_ERR_FAILED, 0, "the ticket for '%s' that the KDC gave is malformed", spn);
	char *client = NULL, *server = NULL;
	krb5_error_code code = krb5_unparse_name(krb5, creds->client, &client);
	if (!code)
		code = krb5_unparse_name(krb5, creds->server, &server);
	spn_status status;
	if (code) {
		status = spk_krb5_fail(err, krb5, code, "the principals of the ticket for '%s'", spn);
	} else {
		spn_ticket ticket = {
			.client = client, .server = server, .enctype = inside.enctype, .session_enctype = creds->session.keytype,
			.kvno = inside.kvno & 0xffff, .rodc = inside.kvno >> 16,
			.starts = creds->times.starttime ? creds->times.starttime : creds->times.authtime,
			.ends = creds->times.endtime, .der = der,
		};
		status = fn(&ticket, data, err);
	}
	free(client);
	free(server);
	return status;
}

static spn_status request(void *self, const char *spn, spn_ticket_fn *fn, void *data, spn_error *err)
{
	struct real *real = self;
	krb5_creds *creds = NULL;
	spn_status status = spk_service_ticket(real->credentials, real->domain, spn, deadline_of(real), &creds, err);
	if (status)
		return status;
	status = show(real->credentials->krb5, creds, spn, fn, data, err);
	krb5_free_creds(real->credentials->krb5, creds);
	return status;
}

/* A cache that is not there yet is made. */
static krb5_error_code open_cache(const struct real *real, const char *name, krb5_ccache *ret_cache, bool *ret_is_ours)
{
	krb5_context krb5 = real->credentials->krb5;
	krb5_ccache cache;
	krb5_principal owner;
	krb5_error_code code = spk_ccache_open(krb5, name, &cache);
	if (code)
		return code;
	*ret_is_ours = true;
	code = krb5_cc_get_principal(krb5, cache, &owner);
	if (code == 0) {
		*ret_is_ours = krb5_principal_compare(krb5, owner, real->credentials->client);
		krb5_free_principal(krb5, owner);
	} else if (code == ENOENT || code == KRB5_FCC_NOFILE || code == KRB5_CC_NOTFOUND) {
		code = krb5_cc_initialize(krb5, cache, real->credentials->client);
	}
	if (code)
		krb5_cc_close(krb5, cache);
	else
		*ret_cache = cache;
	return code;
}

static spn_status store(void *self, const char *spn, const char *ccache, spn_error *err)
{
	struct real *real = self;
	krb5_context krb5 = real->credentials->krb5;
	krb5_creds *creds = NULL;
	spn_status status = spk_service_ticket(real->credentials, real->domain, spn, deadline_of(real), &creds, err);
	if (status)
		return status;
	krb5_ccache cache = NULL;
	bool is_ours = false;
	krb5_error_code code = open_cache(real, ccache, &cache, &is_ours);
	if (!code && is_ours)
		code = spk_ccache_put(krb5, cache, creds);
	const char *name = ccache ? ccache : krb5_cc_default_name(krb5);
	if (code)
		status = spk_krb5_fail(err, krb5, code,
				"the ticket for '%s' cannot be put into the credential cache '%s'", spn, name);
	else if (!is_ours)
		status = spn_fail(err, SPN_ERR_AUTH, 0, "the credential cache '%s' is not that of '%s': name another one", name,
				real->credentials->name);
	if (cache)
		krb5_cc_close(krb5, cache);
	krb5_free_creds(krb5, creds);
	return status;
}

spn_status spn_kdc_open(const spn_kdc_options *options, spn_kdc **ret_kdc, spn_error *err)
{
	static const spn_kdc_ops ops = { SPN_KDC_OPS_VERSION, "krb5", request, free_real, store };
	if (!ret_kdc)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_kdc_open: an argument is NULL");
	spn_kdc_options taken;
	spn_credentials who;
	spn_status status = spk_take("spn_kdc_options", options, SPK_ONLY(spn_kdc_options), &taken, err);
	if (!status)
		status = spk_credentials_take(taken.credentials, &who, err);
	if (status)
		return status;
	struct real *real = calloc(1, sizeof *real);
	if (!real || (taken.realm && !(real->domain = strdup(taken.realm)))) {
		free(real);
		return spk_nomem(err);
	}
	real->timeout = taken.timeout;
	status = spk_service_open(&who, taken.timeout, &real->credentials, err);
	if (!status)
		status = spn_kdc_new(&ops, real, ret_kdc, err);
	if (status)
		free_real(real);
	return status;
}

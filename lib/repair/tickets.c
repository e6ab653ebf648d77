/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include <spnkit/repair.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "kerberos/prefer.h"
#include "model/dn.h"
#include "model/fold.h"

/* "HTTP/host" (RFC 4559, section 4.1), with the host as it was typed, or in small letters. */
static spn_status store_as_browsers_ask(spn_kdc *kdc, const char *slash, const char *ccache, spn_error *err)
{
	SPK_AUTOFREE char *name = spk_printf("HTTP%s", slash);
	if (!name)
		return spk_nomem(err);
	spn_status status = spn_kdc_store(kdc, name, ccache, err);
	for (char *c = strchr(name, '/'); *c; c++)
		*c = spk_ascii_lower(*c);
	return status ? status : spn_kdc_store(kdc, name, ccache, err);
}

static spn_status store(spn_kdc *kdc, const char *spn, const char *ccache, spn_error *err)
{
	const char *slash = strchr(spn, '/');
	bool is_http = slash && slash - spn == 4 && strncasecmp(spn, "http", 4) == 0;
	spn_status status = is_http ? store_as_browsers_ask(kdc, slash, ccache, err) : SPN_OK;
	return status ? status : spn_kdc_store(kdc, spn, ccache, err);
}

/* The host of a server; NULL: it is none, or memory ran out. */
static char *host_of(const spn_directory *dir)
{
	const char *scheme = spk_directory_scheme(dir);
	if (!scheme)
		return NULL;
	const char *at = spn_directory_url(dir) + strlen(scheme);
	bool is_literal = *at == '[';
	at += is_literal;
	return strndup(at, strcspn(at, is_literal ? "]" : ":/?"));
}

spn_status spn_kdc_store_spellings(
		spn_kdc *kdc, spn_directory *dir, const char *spn, const char *ccache, spn_error *err)
{
	if (!kdc || !spn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_kdc_store_spellings: an argument is NULL");
	const char *context = NULL;
	SPK_AUTOTEXT spk_text realm = { 0 };
	SPK_AUTOFREE char *host = dir ? host_of(dir) : NULL;
	spn_status status = host ? spk_directory_context(dir, "defaultNamingContext", &context, err) : SPN_OK;
	if (status)
		return status;
	spk_dn_domain(context ? context : "", &realm);
	if (realm.failed)
		return spk_nomem(err);
	spk_kdc_prefer(realm.data, host);
	status = store(kdc, spn, ccache, err);
	spk_kdc_prefer(NULL, NULL);
	return status;
}

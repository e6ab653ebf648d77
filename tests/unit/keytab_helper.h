/* SPDX-License-Identifier: MIT */
/* keytab_helper.h - a directory, a KDC, and what check-keytab says of keys there */
#ifndef KEYTAB_HELPER_H
#define KEYTAB_HELPER_H

#include "unit.h"

#include <spnkit/backend.h>
#include <spnkit/mock.h>

#include "kdc_server.h"

#define BASE "DC=example,DC=com"
#define ACCOUNT(cn, more) "dn: CN=" cn "," BASE "\nobjectClass: user\nsAMAccountName: " cn "\n" more "\n"
#define AES256 18
#define AES128 17
#define RC4 23

static const char accounts[] =
	"dn: " BASE "\nobjectClass: domainDNS\n\n"
	ACCOUNT("pool", "servicePrincipalName: http/web\nmsDS-KeyVersionNumber: 3\n")
	ACCOUNT("aes", "servicePrincipalName: http/aes\nmsDS-KeyVersionNumber: 3\nmsDS-SupportedEncryptionTypes: 24\n")
	ACCOUNT("des", "servicePrincipalName: http/des\nmsDS-KeyVersionNumber: 3\nmsDS-SupportedEncryptionTypes: 3\n")
	ACCOUNT("retired", "servicePrincipalName: http/retired\nmsDS-KeyVersionNumber: 3\nuserAccountControl: 514\n")
	ACCOUNT("sap", "msDS-KeyVersionNumber: 3\nmsDS-SupportedEncryptionTypes: 24\n")
	"dn: CN=later," BASE "\nobjectClass: computer\nsAMAccountName: SAP$\nmsDS-KeyVersionNumber: 9\n\n"
	ACCOUNT("one", "servicePrincipalName: http/twice\n")
	ACCOUNT("other", "servicePrincipalName: HTTP/twice\n");

static const spn_keytab_options of_2026 = { .version = SPN_KEYTAB_OPTIONS_VERSION, .era = SPN_ERA_WINDOWS_2026_07 };
static spn_error err[1];
static spn_directory *dir;
static char told[2000];

static inline spn_status note(const spn_finding *finding, void *data, spn_error *error)
{
	(void)data, (void)error;
	size_t len = strlen(told);
	snprintf(told + len, sizeof told - len, "%s %d %s: %s\n", finding->code, (int)finding->severity, finding->spn,
			finding->text);
	return SPN_OK;
}

static inline int start(void **state)
{
	return kdc_start(state) || spn_mock_new(accounts, SPN_DIALECT_WINDOWS, &dir, err);
}

static inline int stop(void **state)
{
	spn_directory_free(dir);
	return kdc_stop(state);
}

static inline spn_kdc *open_kdc(void)
{
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
	options.credentials = &credentials;
	spn_kdc *kdc = NULL;
	credentials.ccache = kdc_path("cache");
	assert_ok(spn_kdc_open(&options, &kdc, err));
	return kdc;
}

#endif

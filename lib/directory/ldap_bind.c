/* SPDX-License-Identifier: MIT */
#include "ldap_private.h"

#include <arpa/inet.h>
#include <string.h>

#include <sasl/sasl.h>

#include "base/error.h"
#include "base/text.h"

#define PASSWORD_SIZE 1024
/* What Heimdal's plug-in calls its sealing, whatever the key; integrity without sealing is 1. */
#define SEALED 56
/* What ldap.conf may have set is named again, each of it. */
#define SECPROPS_SEALED "noanonymous,noplain,minssf=56,maxssf=65535,maxbufsize=65536"
/* Active Directory takes no sealing inside TLS ([MS-ADTS] 5.1.1.1.2). */
#define SECPROPS_TLS "noanonymous,noplain,minssf=0,maxssf=0,maxbufsize=65536"

/* Answers what the GSSAPI plug-in asks.  It asks before it begins, and only then do credentials that are set
 * reach it: libldap keeps them in a context that does not exist earlier. */
static int interact(LDAP *ld, unsigned flags, void *cred, void *prompts)
{
	(void)flags;
	for (sasl_interact_t *prompt = prompts; prompt->id != SASL_CB_LIST_END; prompt++) {
		prompt->result = "";
		prompt->len = 0;
	}
	return ldap_set_option(ld, LDAP_OPT_X_SASL_GSS_CREDS, cred) == 0 ? LDAP_SUCCESS : LDAP_LOCAL_ERROR;
}

static bool set_sasl_options(const spk_link *link)
{
	const int binding = link->tls ? LDAP_OPT_X_SASL_CBINDING_TLS_ENDPOINT : LDAP_OPT_X_SASL_CBINDING_NONE;
	int left = spk_deadline_left(link->transport.deadline);
	struct timeval wait = { left / 1000, left % 1000 * 1000 };
	return ldap_set_option(link->ld, LDAP_OPT_TIMEOUT, &wait) == 0 &&
			ldap_set_option(link->ld, LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON) == 0 &&
			ldap_set_option(link->ld, LDAP_OPT_X_SASL_CBINDING, &binding) == 0 &&
			ldap_set_option(link->ld, LDAP_OPT_X_SASL_SECPROPS, link->tls ? SECPROPS_TLS : SECPROPS_SEALED) == 0;
}

/* The plug-in of MIT Kerberos ignores our credentials and takes the user's default cache: look who we became. */
static spn_status check_identity(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	const char *wanted = spk_credentials_principal(ldap->credentials);
	char *name = NULL;
	ldap_get_option(link->ld, LDAP_OPT_X_SASL_USERNAME, &name);
	/* some versions leave the realm out */
	size_t len = name ? strlen(name) : 0;
	bool same = len > 0 && strncmp(name, wanted, len) == 0 && (wanted[len] == '\0' || wanted[len] == '@');
	spn_status status = same ? SPN_OK : spn_fail(err, SPN_ERR_AUTH, 0,
			"the server takes us for '%s', not for '%s': Cyrus SASL needs the GSSAPI plug-in of Heimdal, not that of MIT",
			name ? name : "", wanted);
	ldap_memfree(name);
	if (status || link->tls)
		return status;
	ber_len_t strength = 0;
	if (ldap_get_option(link->ld, LDAP_OPT_X_SASL_SSF, &strength) || strength < SEALED)
		return spn_fail(err, SPN_ERR_AUTH, 0, "the connection to '%s' was not sealed (strength %lu)", ldap->host,
				(unsigned long)strength);
	return SPN_OK;
}

static bool is_address(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, host, address) == 1 || strchr(host, ':');
}

static spn_status bind_kerberos(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	if (is_address(ldap->host))
		return spn_fail(err, SPN_ERR_AUTH, 0,
				"Kerberos needs the name of the server, not its address '%s': use ldap://NAME", ldap->host);
	void *cred;
	spn_status status = spk_credentials_ticket(ldap->credentials, "ldap", ldap->host, link->transport.deadline, err);
	if (!status)
		status = spk_credentials_gss(ldap->credentials, &cred, err);
	if (status)
		return status;
	if (!set_sasl_options(link))
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "libldap lacks an option of SASL that is needed");
	int rc = ldap_sasl_interactive_bind_s(link->ld, NULL, "GSSAPI", NULL, NULL, LDAP_SASL_QUIET, interact, cred);
	if (rc) {
		SPK_AUTOFREE char *context = spk_printf("cannot log on to '%s' as '%s'", ldap->host,
				spk_credentials_principal(ldap->credentials));
		return context ? spk_link_fail(link, rc, context, err) : spk_nomem(err);
	}
	return check_identity(ldap, link, err);
}

static spn_status bind_with(const spk_ldap *ldap, spk_link *link, const char *dn, const char *mechanism,
		const char *secret, size_t len, spn_error *err)
{
	SPK_AUTOFREE char *context = *dn ? spk_printf("cannot log on to '%s' as '%s'", ldap->host, dn)
			: spk_printf("cannot log on at the socket '%s'", ldap->host);
	if (!context)
		return spk_nomem(err);
	struct berval cred = { len, (char *)(uintptr_t)secret };
	int id = 0, rc = ldap_sasl_bind(link->ld, dn, mechanism, &cred, NULL, NULL, &id);
	return spk_link_await_result(link, rc, id, LDAP_RES_BIND, context, err);
}

static spn_status ask_password(const spk_ldap *ldap, char *buffer, size_t size, size_t *ret_len, spn_error *err)
{
	size_t len = 0;
	spn_status status = ldap->password(buffer, size, &len, ldap->password_data, err);
	if (status)
		return status;
	if (len > size)
		return spn_fail(err, SPN_ERR_INVALID, 0, "the password of '%s' is longer than the buffer for it", ldap->bind_dn);
	/* a server takes an empty one for an anonymous bind, and grants it (RFC 4513, section 5.1.2) */
	if (len == 0 || memchr(buffer, '\0', len))
		return spn_fail(err, SPN_ERR_INVALID, 0, "the password of '%s' is empty or has a NUL in it", ldap->bind_dn);
	*ret_len = len;
	return SPN_OK;
}

static spn_status bind_simple(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	if (!link->tls && ldap->scheme != SPK_LDAP_LOCAL)
		return spn_fail(err, SPN_ERR_REFUSED, 0,
				"the password of '%s' would cross the network in the clear: use ldaps:// or StartTLS", ldap->bind_dn);
	char password[PASSWORD_SIZE];
	size_t len = 0;
	spn_status status = ask_password(ldap, password, sizeof password, &len, err);
	if (!status)
		status = bind_with(ldap, link, ldap->bind_dn, LDAP_SASL_SIMPLE, password, len, err);
	explicit_bzero(password, sizeof password);
	return status;
}

spn_status spk_link_bind(const spk_ldap *ldap, spk_link *link, spn_error *err)
{
	if (ldap->bind_dn)
		return bind_simple(ldap, link, err);
	if (ldap->scheme == SPK_LDAP_LOCAL) /* the server sees by the socket which user we are */
		return bind_with(ldap, link, "", "EXTERNAL", "", 0, err);
	return bind_kerberos(ldap, link, err);
}

/* SPDX-License-Identifier: MIT */
#include "sasl.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define DEFAULT_TIMEOUT 15u
#define MAX_TIMEOUT 86400u

static void free_ldap(void *self)
{
	spk_ldap *ldap = self;
	if (!ldap)
		return;
	spk_link_close_all(ldap);
	spk_credentials_free(ldap->credentials);
	free(ldap->url);
	free(ldap->host);
	free(ldap->bind_dn);
	free(ldap->cacert);
	free(ldap->authzid);
	free(ldap->domain);
	free(ldap);
}

static const char *where(const void *self)
{
	return ((const spk_ldap *)self)->url;
}

static void stay(void *self)
{
	((spk_ldap *)self)->stays = true;
}

static const char *scheme(const void *self)
{
	static const char *const schemes[] = { [SPK_LDAP_PLAIN] = "ldap://", [SPK_LDAP_TLS] = "ldaps://" };
	const spk_ldap *ldap = self;
	return ldap->scheme == SPK_LDAP_LOCAL ? NULL : schemes[ldap->scheme];
}

static const char *home(const void *self)
{
	const spk_ldap *ldap = self;
	return ldap->credentials ? spk_credentials_realm(ldap->credentials) : NULL;
}

/* Nothing is known of the domain of a server that was named, but most are of that of the credentials. */
static const char *presumed(const void *self)
{
	const spk_ldap *ldap = self;
	return ldap->domain ? ldap->domain : home(self);
}

/* Another controller of the domain, or another way to it; which domain it is, its objectSid tells. */
static bool is_same(const char *own, const char *kept)
{
	(void)own;
	return strncmp(kept, "ldap", 4) == 0;
}

static const spn_backend backend = {
	.version = SPN_BACKEND_VERSION, .name = "ldap", .search = spk_ldap_search, .modify = spk_ldap_modify,
	.root = spk_ldap_root, .free = free_ldap, .modify_many = spk_ldap_modify_many,
	.flags = SPN_BACKEND_LIVE, .url = where, .stay = stay, .home = home, .scheme = scheme, .is_same = is_same,
	.changes = spk_ldap_changes, .search_many = spk_ldap_search_many, .presumed = presumed
};

static bool copy(const char *text, char **ret_copy)
{
	*ret_copy = text ? strdup(text) : NULL;
	return !text || *ret_copy;
}

/* What a name and its password are given for. */
static spn_status check_password(const spk_ldap *ldap, const spn_open_options *options, spn_error *err)
{
	const spn_credentials *who = options->credentials;
	const char *how = ldap->mech ? ldap->mech->name : "a simple bind";
	if (!who->bind_dn || !*who->bind_dn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s needs a name", how);
	if (!who->password)
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s as '%s' needs a password", how, who->bind_dn);
	if (!ldap->host && !options->trust_dns)
		return spn_fail(err, SPN_ERR_REFUSED, 0,
				"the password of '%s' is not sent to a server that only DNS vouches for: name the server (ldaps://HOST)",
				who->bind_dn);
	return ldap->scheme == SPK_LDAP_PLAIN && options->tls == SPN_TLS_NONE ? spk_ldap_refuse_clear(ldap, err) : SPN_OK;
}

/* Refuses what makes no sense, before anything is sent. */
static spn_status check_options(const spk_ldap *ldap, const spn_open_options *options, spn_error *err)
{
	const spn_credentials *who = options->credentials;
	const spk_mech *mech = ldap->mech;
	bool local = ldap->scheme == SPK_LDAP_LOCAL, by_password = !mech || mech->needs == SPK_NEEDS_PASSWORD;
	spn_status status = by_password ? check_password(ldap, options, err) : SPN_OK;
	if (status)
		return status;
	if (!by_password && who->bind_dn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s takes no name and password", mech->name);
	if (!by_password && who->password)
		return spn_fail(err, SPN_ERR_INVALID, 0, "a password without a user name (bind_dn): %s would ignore it", mech->name);
	if (!by_password && local != (mech->needs == SPK_NEEDS_SOCKET))
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s does not work %s", mech->name,
				local ? "over ldapi://" : "without ldapi://");
	if (who->authzid && (!mech || mech->needs == SPK_NEEDS_TICKET))
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s cannot act as another user ('%s')", mech ? mech->name : "a simple bind",
				who->authzid);
	if (ldap->scheme != SPK_LDAP_PLAIN && options->tls == SPN_TLS_REQUIRE)
		return spn_fail(err, SPN_ERR_INVALID, 0, "StartTLS is for ldap:// only");
	if ((by_password || local) && (who->principal || who->keytab || who->ccache))
		return spn_fail(err, SPN_ERR_INVALID, 0, "Kerberos credentials do not apply to %s",
				!by_password ? "ldapi://" : mech ? mech->name : "a simple bind");
	return SPN_OK;
}

/* Leaves none for a simple bind. */
static spn_status choose_mech(spk_ldap *ldap, const spn_open_options *options, spn_error *err)
{
	const spn_credentials *who = options->credentials;
	const char *name = who->sasl_mech;
	if (!name && who->bind_dn)
		return SPN_OK;
	ldap->mech = spk_mech_find(name ? name : ldap->scheme == SPK_LDAP_LOCAL ? "EXTERNAL" : "GSS-SPNEGO");
	return ldap->mech ? SPN_OK :
			    spn_fail(err, SPN_ERR_INVALID, 0,
					    "the SASL mechanism '%s' is not supported%s; supported are %s", name,
					    spk_ascii_equal(name, "GSSAPI") ? ": use GSS-SPNEGO for Kerberos" : "",
					    SPK_MECH_NAMES);
}

static unsigned milliseconds_of(const spn_open_options *options)
{
	unsigned timeout = options->timeout ? options->timeout : DEFAULT_TIMEOUT;
	return (timeout < MAX_TIMEOUT ? timeout : MAX_TIMEOUT) * 1000;
}

/* Everything but where the server is, if url is NULL. */
static spn_status prepare(spk_ldap *ldap, const char *url, const spn_open_options *options, spn_error *err)
{
	const spn_credentials *who = options->credentials;
	ldap->password = who->password;
	ldap->password_data = who->password_data;
	ldap->tls = options->tls;
	ldap->trust_dns = options->trust_dns;
	ldap->is_for_changes = !options->read_only || options->foresees;
	ldap->timeout = milliseconds_of(options);
	if (!copy(url, &ldap->url) || !copy(who->bind_dn, &ldap->bind_dn) || !copy(options->cacert, &ldap->cacert) ||
			!copy(who->authzid, &ldap->authzid))
		return spk_nomem(err);
	spn_status status = url ? spk_ldap_parse_url(ldap, url, err) : SPN_OK;
	if (!status)
		status = choose_mech(ldap, options, err);
	if (!status)
		status = check_options(ldap, options, err);
	if (!status && ldap->mech && ldap->mech->module)
		status = spk_mech_load(ldap->mech, err);
	if (!status && ldap->mech && ldap->mech->needs == SPK_NEEDS_TICKET)
		status = spk_credentials_open(who->principal, who->keytab, who->ccache, &ldap->credentials, err);
	return status;
}

/* A trailing dot, as in DNS, is not part of the name. */
static spn_status take_domain(spk_ldap *ldap, const char *given, spn_error *err)
{
	if (!given && !ldap->credentials)
		return spn_fail(err, SPN_ERR_INVALID, 0, "a log-on by password needs a server or a domain");
	const char *domain = given ? given : spk_credentials_realm(ldap->credentials);
	size_t len = strlen(domain);
	ldap->domain = strndup(domain, len > 1 && domain[len - 1] == '.' ? len - 1 : len);
	if (!ldap->domain)
		return spk_nomem(err);
	for (char *c = ldap->domain; *c; c++)
		*c = spk_ascii_lower(*c);
	return SPN_OK;
}

/* The domain of the credentials, whose controllers have to prove who they are. */
static spn_status open_home(const spn_open_options *options, spn_directory **ret_home, spn_error *err)
{
	spn_open_options at_home = *options;
	at_home.domain = NULL;
	at_home.read_only = true;
	return spk_ldap_open(NULL, NULL, &at_home, ret_home, err);
}

static spn_status locate_and_open(spk_ldap *ldap, spn_directory *from, const spn_open_options *options, spn_error *err)
{
	spn_status status = take_domain(ldap, options->domain, err);
	if (!status)
		status = spk_ldap_vouch(ldap, from, options, open_home, err);
	return status ? status : spk_ldap_open_first(ldap, err);
}

static int sasl_code;
static atomic_bool is_started;

/* libldap reads its configuration files, and starts Cyrus SASL, at its first call, which is not safe in two threads at
 * once; nor is adding to the mechanisms, which the whole process shares. */
static void touch_libldap(void)
{
	int version;
	ldap_get_option(NULL, LDAP_OPT_PROTOCOL_VERSION, &version);
	sasl_code = spk_mech_add();
	atomic_store(&is_started, true);
}

static void start_once(void *unused)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)unused;
	pthread_once(&once, touch_libldap);
}

/* At that call libldap also looks up the name of this machine, for which DNS may be silent for minutes.  Whoever does
 * not wait so long may come again: the start goes on. */
static spn_status start_libldap(const spn_open_options *options, spn_error *err)
{
	int error = atomic_load(&is_started) ?
			0 :
			spk_call_in_time(start_once, NULL, free, spk_deadline_in(milliseconds_of(options)));
	if (error == ETIMEDOUT)
		return spn_fail(err, SPN_ERR_UNREACHABLE, error,
				"the name of this machine could not be looked up in time: DNS does not answer; "
				"libldap needs it to start ('getent hosts $(hostname)' must find it, as by a line in "
				"/etc/hosts)");
	if (error)
		return spn_fail(err, SPN_ERR_FAILED, error, "libldap cannot start: %s", strerror(error));
	return sasl_code == SASL_OK ? SPN_OK :
			spn_fail(err, SPN_ERR_FAILED, 0, "Cyrus SASL cannot start: %s", sasl_errstring(sasl_code, NULL, NULL));
}

spn_status spk_ldap_open(spn_directory *from, const char *url, const spn_open_options *options, spn_directory **ret_dir,
		spn_error *err)
{
	spn_status status = start_libldap(options, err);
	if (status)
		return status;
	spk_ldap *ldap = calloc(1, sizeof *ldap);
	if (!ldap)
		return spk_nomem(err);
	bool is_tls = url && strcmp(url, "ldaps://") == 0;
	if (is_tls)
		ldap->scheme = SPK_LDAP_TLS;
	if (is_tls || (from && url && strcmp(url, "ldap://") == 0))
		url = NULL;
	status = prepare(ldap, url, options, err);
	if (!status && url) {
		spk_deadline deadline = spk_deadline_in(ldap->timeout);
		status = spk_link_open(ldap, deadline, deadline, err);
	} else if (!status) {
		status = locate_and_open(ldap, from, options, err);
	}
	if (!status)
		status = spn_directory_new(&backend, ldap, ldap->url, options->read_only, ret_dir, err);
	if (status)
		free_ldap(ldap);
	else
		ldap->is_open = true;
	return status;
}

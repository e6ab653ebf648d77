/* SPDX-License-Identifier: MIT */
/* private.h - what the parts of the LDAP back end share */
#ifndef SPK_LDAP_PRIVATE_H
#define SPK_LDAP_PRIVATE_H

#include <ldap.h>

#include "error.h"
#include "transport.h"
#include "base/password.h"
#include "directory/directory.h"
#include "kerberos/gss.h"

typedef enum spk_ldap_scheme {
	SPK_LDAP_PLAIN, /* ldap:// */
	SPK_LDAP_TLS,   /* ldaps:// */
	SPK_LDAP_LOCAL  /* ldapi:// */
} spk_ldap_scheme;

/* One connection.  A search keeps the one that it began on while its callback runs, which may search and
 * change things itself, and find the connection was lostn: so they are counted. */
typedef struct spk_link {
	struct spk_link *next;
	LDAP *ld;
	spk_transport transport;
	struct spk_sasl *sasl; /* of the log-on; NULL: there was none, or by simple bind */
	bool catalog; /* to the global catalog */
	bool paging;  /* a search has pages to come: some servers forget them when another search is paged */
	bool tls;
	unsigned timeout; /* milliseconds for each operation */
	unsigned users;
	char *service; /* the server's settings (dsServiceName), once somebody asked for them; or NULL */
	char *invocation; /* its invocationId, likewise */
} spk_link;

/* The back end's self: where the server is, who we are, and the connections to it. */
typedef struct spk_ldap {
	char *url;
	spk_ldap_scheme scheme;
	char *host; /* or the path of a socket */
	unsigned port;
	const struct spk_mech *mech;  /* of SASL; NULL: a simple bind */
	spk_credentials *credentials; /* NULL: the mechanism, or a simple bind, takes none */
	char *bind_dn; /* or the user name that a mechanism takes with a password */
	char *authzid; /* whom to act as; NULL: whom we log on as */
	spn_password_fn *password;
	void *password_data;
	spn_tls tls;
	char *cacert;
	bool trust_dns;  /* of spn_open_options */
	bool is_for_changes; /* unless those say read_only, and not foresees */
	unsigned timeout; /* milliseconds */
	spk_link *links;
	char *domain;       /* whose controllers may serve; NULL: the one that was named */
	bool written;       /* something was sent that changes it: no other controller will do any more */
	bool is_open;       /* false while it is being opened */
	bool stays;         /* something was announced for this controller: likewise */
} spk_ldap;

/* failover.c: connects to the first controller of ldap->domain that answers: what it says of our credentials, the
 * others would say too. */
spn_status spk_ldap_open_first(spk_ldap *ldap, spn_error *err);
/* Makes the first connection to another controller of the domain, if that may be; else SPN_ERR_UNSUPPORTED. */
spn_status spk_ldap_move(spk_ldap *ldap, spn_error *err);

/* vouch.c: fails if ldap->domain is not the domain of the credentials and that one does not know it; not if DNS is
 * trusted, or without Kerberos credentials.  dir (NULL: none) is asked if it is the domain of the credentials;
 * otherwise open_home opens that with options. */
typedef spn_status spk_open_home_fn(const spn_open_options *options, spn_directory **ret_home, spn_error *err);
spn_status spk_ldap_vouch(const spk_ldap *ldap, spn_directory *dir, const spn_open_options *options,
		spk_open_home_fn *open_home, spn_error *err);

/* url.c: takes a URL apart, into scheme, host and port. */
spn_status spk_ldap_parse_url(spk_ldap *ldap, const char *url, spn_error *err);

/* link.c */

/* Makes the first connection.  dial: how long to wait for the server to be there at all. */
spn_status spk_link_open(spk_ldap *ldap, spk_deadline dial, spk_deadline deadline, spn_error *err);
/* Makes one more connection, authenticated, and puts it on the list. */
spn_status spk_link_add(spk_ldap *ldap, bool catalog, spk_deadline dial_until, spk_deadline deadline,
		spk_link **ret_link, spn_error *err);
/* Takes a connection that nobody uses off the list. */
void spk_link_drop(spk_ldap *ldap, spk_link *link);
void spk_link_close_all(spk_ldap *ldap);
/* Whether the global catalog has a port of its own there. */
bool spk_link_has_catalog(const spk_ldap *ldap);

/* pool.c */

/* Lends a connection that is open and authenticated: one that is there, or a new one.  paged: for a search with
 * pages.  ret_fresh (or NULL) tells whether it was made now. */
spn_status spk_link_get(spk_ldap *ldap, bool catalog, bool paged, spk_link **ret_link, bool *ret_fresh,
		spn_error *err);
void spk_link_release(spk_ldap *ldap, spk_link *link);

/* await.c */

bool spk_link_is_broken(const spk_link *link);
/* Breaks a connection that is not to be used again. */
void spk_link_break(spk_link *link, int error);

/* Starts the clock for an operation.  Fails on a broken connection: libldap must never be given one to send on,
 * because it would connect again by itself, neither in time nor authenticated. */
spn_status spk_link_begin(spk_link *link, const char *context, spn_error *err);
/* Waits for all of the answer to a request that was sent with result code rc; it has to end with a wanted LDAP_RES_....
 * context is for messages.  A
 * connection on which no answer comes, or another kind, is broken afterwards. */
spn_status spk_link_await(spk_link *link, int rc, int id, int wanted, LDAPMessage **ret_answer, const char *context,
		spn_error *err);
/* Reads how an answer ends.  ret_controls: NULL, or what to free with ldap_controls_free, whatever it returns. */
spn_status spk_link_result(
		spk_link *link, LDAPMessage *answer, LDAPControl ***ret_controls, const char *context, spn_error *err);
/* Waits for the answer to a request of which only success or failure is of interest. */
spn_status spk_link_await_result(spk_link *link, int rc, int id, int wanted, const char *context, spn_error *err);
/* Records the failure of a call of libldap that returned rc. */
spn_status spk_link_fail(spk_link *link, int rc, const char *context, spn_error *err);

/* tls.c: prepares TLS and does the handshake, for ldaps:// at once, else by StartTLS. */
spn_status spk_link_start_tls(const spk_ldap *ldap, spk_link *link, spn_error *err);

/* bind.c: authenticates the connection, and looks whether it has become what was asked for. */
spn_status spk_link_bind(const spk_ldap *ldap, spk_link *link, spn_error *err);
/* simple.c: with a password, which is nowhere in memory afterwards. */
spn_status spk_link_bind_simple(const spk_ldap *ldap, spk_link *link, spn_error *err);
/* Asks for the password, but not if the connection is open to others; wipe the buffer in any case. */
spn_status spk_link_password(const spk_ldap *ldap, const spk_link *link, char buffer[SPK_PASSWORD_SIZE + 1],
		size_t *ret_len, spn_error *err);
/* Fails because a password would be used on a connection that is open to others. */
spn_status spk_ldap_refuse_clear(const spk_ldap *ldap, spn_error *err);

/* sasl.c: after the connection is closed.  Accepts NULL. */
void spk_sasl_free(struct spk_sasl *sasl);

#define SPK_WIN32_REFERRAL 0x202bu
#define SPK_CONTROL_DOMAIN_SCOPE "1.2.840.113556.1.4.1339" /* send no referrals ([MS-ADTS] 3.1.1.3.4.1.4) */

/* entry.c: the attributes of a search, as libldap takes them: not to be freed. */
char **spk_ldap_attrs(const spn_search *search);

/* entry.c: the control of a search for nTSecurityDescriptor: without it the server would add the audit list, and who
 * may not read that would get nothing ([MS-ADTS] 3.1.1.3.4.1.11).  NULL: the search is not for that.  Not to be freed.
 */
LDAPControl *spk_ldap_descriptor_control(char *const *attrs);

/* parts.c: a search for so many alternatives that it is better made as several, which are on their way together. */
bool spk_ldap_has_parts(const spn_search *search);
spn_status spk_ldap_search_parts(spk_ldap *ldap, const spn_search *search, char **attrs, const char *context,
		spn_entry_fn *fn, void *data, spn_error *err);

/* Several searches at once: see spn_backend. */
void spk_ldap_search_many(void *self, const spn_search *searches, size_t n, spn_entry_fn *fn, void *const *data,
		spn_error *ret_outcomes);

/* pages.c: one search, page by page. */
spn_status spk_ldap_search_pages(spk_ldap *ldap, const spn_search *search, char **attrs, const char *context,
		spn_entry_fn *fn, void *data, spn_error *err);

/* search.c */
spn_status spk_ldap_search(void *self, const spn_search *search, spn_entry_fn *fn, void *data,
		spn_error *err);
spn_status spk_ldap_root(void *self, spn_entry **ret_root, spn_error *err);

/* changes.c: see spn_backend. */
spn_status spk_ldap_changes(void *self, const char *base, const char *const *attrs, spn_bytes cookie, spn_entry_fn *fn,
		void *data, spn_bytes *ret_cookie, spn_error *err);

/* entry.c: makes an entry of a message, and asks for the rest of attributes of which the server sent a
 * part: "member;range=0-1499". */
spn_status spk_ldap_entry(spk_link *link, LDAPMessage *message, spn_entry **ret_entry, spn_error *err);

/* modify.c */
spn_status spk_ldap_modify(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err);
void spk_ldap_modify_many(void *self, const spn_change *changes, size_t n, spn_error *ret_outcomes);

#endif

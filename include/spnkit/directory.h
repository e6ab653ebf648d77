/* SPDX-License-Identifier: MIT */
/* directory.h - open, search and change a directory */
#ifndef SPNKIT_DIRECTORY_H
#define SPNKIT_DIRECTORY_H

#include <spnkit/spn.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A connection to a directory, or a directory in memory.  One thread at a time. */
typedef struct spn_directory spn_directory;
/* A DN with attributes. */
typedef struct spn_entry spn_entry;

typedef enum spn_filter_op {
	SPN_FILTER_PRESENT, /* attr has a value */
	SPN_FILTER_EQUAL,   /* attr has this value, literally */
	SPN_FILTER_GLOB,    /* attr has a value that matches this pattern; '*' stands for any text */
	SPN_FILTER_BITS,    /* attr, an integer, has every bit of this decimal number set */
	SPN_FILTER_NOT,     /* its only part does not match */
	SPN_FILTER_AND,
	SPN_FILTER_OR
} spn_filter_op;

/*
 * A filter is plain data: a tree that the caller owns and may keep on the stack.  Values are raw
 * bytes: nothing in them needs escaping, so filter injection is impossible (RFC 4515).
 */
typedef struct spn_filter spn_filter;
struct spn_filter {
	spn_filter_op op;
	const char *attr;
	spn_bytes value;
	const spn_filter *const *parts; /* of NOT, AND and OR; ends with NULL */
};

typedef enum spn_scope {
	SPN_SCOPE_BASE,
	SPN_SCOPE_ONE,
	SPN_SCOPE_SUBTREE
} spn_scope;

typedef struct spn_search {
	const char *base; /* a DN; NULL: the domain's own naming context */
	spn_scope scope;
	const spn_filter *filter; /* NULL: every entry */
	const char *const *attrs; /* ends with NULL; NULL: all of them */
	bool forest;              /* ask the global catalog; base is then ignored */
} spn_search;

/*
 * One value to add or to delete.  There is no "replace": to change a value, delete the old one and
 * add the new one in the same call, which then fails if the old one has changed.
 */
typedef enum spn_mod_op {
	SPN_MOD_ADD,
	SPN_MOD_DELETE
} spn_mod_op;

typedef struct spn_mod {
	spn_mod_op op;
	const char *attr;
	spn_bytes value;
} spn_mod;

/*
 * Receives one entry, which is valid only until the function returns.
 *
 * Any status but SPN_OK ends the search and becomes its result.
 */
typedef spn_status spn_entry_fn(const spn_entry *entry, void *data, spn_error *err);

/*
 * Calls fn for every entry that matches, in the directory's own order.
 *
 * Paging, ranged attributes and referrals are handled here; fn never sees them.
 *
 * Returns what fn returned if that ended the search; SPN_ERR_NOT_FOUND if the base is missing;
 * SPN_ERR_UNREACHABLE, _AUTH, _DENIED or _FAILED if the directory failed.
 */
spn_status spn_directory_search(spn_directory *dir, const spn_search *search, spn_entry_fn *fn,
		void *data, spn_error *err);

/* Callable from a search callback: bytes of the LDIF file read so far, and its size.  False if that is not
 * known, as for a server. */
bool spn_directory_progress(const spn_directory *dir, size_t *ret_done, size_t *ret_total);

/*
 * Changes one entry: all of the mods are applied, in order, or none ([MS-ADTS] 3.1.1.5.3).
 *
 * Returns SPN_ERR_NOT_FOUND if the entry or a value to delete is missing; SPN_ERR_EXISTS if a value to
 * add already exists; SPN_ERR_NOT_UNIQUE if the directory itself refuses an SPN that another account
 * holds; SPN_ERR_REFUSED if the directory is read-only or the change violates another of its rules;
 * SPN_ERR_UNREACHABLE if no answer came: the change may or may not have been made.
 */
spn_status spn_directory_modify(spn_directory *dir, const char *dn, const spn_mod *mods,
		size_t n_mods, spn_error *err);

/*
 * Something that a directory omits or has only in part, which matters to whoever reads its answers.  A server
 * has no notes; an export has them if it lists deleted objects, ends within a value range, lacks attributes,
 * and so on.
 */
typedef struct spn_note {
	const char *code; /* stable, for programs: "deleted", "range", ...; at most one note for each code */
	size_t count;     /* number of entries or values concerned */
	const char *text; /* one sentence for people, with the count */
	/* Set if accounts may hold names that a search of the domain does not find, so that what is said about who
	 * holds a name, or that nobody does, is true only as far as it shows; says why: "the names of 2 accounts are
	 * missing", "only one of its domains was looked at".  Otherwise NULL. */
	const char *condition;
} spn_note;

/* Receives one note, which is valid only until the function returns. */
typedef void spn_note_fn(const spn_note *note, void *data);

/*
 * Calls fn for each note about what has been read of the directory so far.  A file has been read in full once
 * it is open.  Notes do not change: a program that has shown them need not ask again.  Does nothing if an
 * argument other than data is NULL, or if the back end has no notes.
 */
void spn_directory_notes(const spn_directory *dir, spn_note_fn *fn, void *data);

/* The root DSE ([MS-ADTS] 3.1.1.3.2): of a server, its names, naming contexts and functional levels.  It belongs to the
 * directory and is valid as long as that is. */
spn_status spn_directory_root(spn_directory *dir, const spn_entry **ret_root, spn_error *err);

/* Where the directory is, in the form that spn_directory_open takes: "ldap://dc1.example.com". */
const char *spn_directory_url(const spn_directory *dir);

/* Receives every operation before it is carried out, and "directory URL" when another controller takes over,
 * as one line of text. NULL ends that. */
typedef void spn_trace_fn(const char *line, void *data);
void spn_directory_trace(spn_directory *dir, spn_trace_fn *fn, void *data);

/* Closes a directory.  Accepts NULL.  Always returns NULL. */
spn_directory *spn_directory_free(spn_directory *dir);

/* The entry's DN, as the directory spells it. */
const char *spn_entry_dn(const spn_entry *entry);

/* Lends the values of an attribute (any case) and returns how many there are; 0 sets NULL. */
size_t spn_entry_values(const spn_entry *entry, const char *attr, const spn_bytes **ret_values);

/* The first value of an attribute as text, or NULL. */
const char *spn_entry_text(const spn_entry *entry, const char *attr);

/* Whose rules an LDIF directory follows. */
typedef enum spn_rules {
	SPN_RULES_WINDOWS,
	SPN_RULES_SAMBA
} spn_rules;

typedef enum spn_tls {
	SPN_TLS_NONE,   /* no StartTLS; ldaps:// still uses TLS */
	SPN_TLS_TRY,    /* StartTLS if the server offers it */
	SPN_TLS_REQUIRE /* require StartTLS */
} spn_tls;

/*
 * Supplies the password of bind_dn: writes at most size bytes into buffer and its length to ret_len.  It is
 * called for each connection: the first, that to the global catalog, and each one that replaces a broken
 * connection.  The library wipes the buffer after use.  Any status but SPN_OK ends the attempt.
 */
typedef spn_status spn_password_fn(char *buffer, size_t size, size_t *ret_len, void *data,
		spn_error *err);

#define SPN_OPEN_OPTIONS_VERSION 2u

/* How to open a directory.  Start from SPN_OPEN_OPTIONS_INIT.  Strings are copied.  Options of version 1,
 * which end before sasl_mech, are still accepted. */
typedef struct spn_open_options {
	unsigned version;      /* SPN_OPEN_OPTIONS_VERSION */
	const char *domain;    /* DNS name of the domain; NULL: the realm of the credentials.  Of a file that holds several
	                        * domains, which one, also by its DN or NetBIOS name; NULL: the first */
	const char *principal; /* client principal; NULL: the cache's, or the keytab's first */
	const char *keytab;    /* get a ticket with this keytab, into a private cache */
	const char *ccache;    /* NULL: the default credential cache */
	const char *bind_dn; /* log on with password (TLS or ldapi only): of a simple bind, or the user name of sasl_mech */
	spn_password_fn *password; /* of bind_dn, without which it is refused (of principal, for spn_kdc_open) */
	void *password_data;
	spn_tls tls;
	const char *cacert; /* PEM file of trusted CAs; NULL: the system's */
	unsigned timeout;   /* seconds for each operation, connecting included; 0: 15 */
	bool read_only;     /* refuse every change */
	spn_rules rules;    /* of an LDIF directory */
	bool trust_dns;     /* believe DNS about domain controllers: see spn_directory_open */
	const char *sasl_mech; /* since version 2; NULL: simple bind with bind_dn, else EXTERNAL (ldapi), else GSS-SPNEGO */
	const char *authzid; /* since version 2; act as (RFC 4513, section 5.2.1.8: "dn:..." or "u:..."); NULL: oneself */
} spn_open_options;

#define SPN_OPEN_OPTIONS_INIT { SPN_OPEN_OPTIONS_VERSION, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
	SPN_TLS_NONE, NULL, 0u, false, SPN_RULES_WINDOWS, false, NULL, NULL }

/*
 * Opens a directory.  options may be NULL.  url is one of
 * - ldap://host[:port], ldaps://host[:port], ldapi://socket (percent-encoded path). A host is taken literally:
 *   Kerberos asks for ldap/HOST, and TLS for a certificate of HOST, whatever other name DNS has for it.
 * - ldif:FILE, or "ldif:-" for standard input, which is read-only. FILE may also hold CSV (RFC 4180) or JSON as
 *   Active Directory's tools export them; that is recognized by its content, and read-only.
 * - NULL: a domain controller of the domain that DNS names; "ldaps://" alone: the same, over TLS.
 *
 * DNS is not trusted: a controller that it names must be below the domain, and is asked for by the service name
 * ldap/HOST/DOMAIN, which no computer but a controller can give itself ([MS-ADTS] 3.1.1.5.3.1.1.4).  No simple
 * bind is made with it, because a certificate proves only that the host has the name that DNS gave:
 * SPN_ERR_REFUSED.
 *
 * Whoever can register krbtgt/REALM on an account can pose as the KDC of that realm.  So a domain other than that
 * of the credentials is opened only if a controller of theirs confirms that it is in the forest or trusts theirs
 * (trustDirection, [MS-ADTS] 6.1.6.7.12), and that only the account of a trust holds krbtgt/DOMAIN: otherwise
 * SPN_ERR_REFUSED, or the reason why that controller cannot be asked.
 *
 * With trust_dns, that controller is not asked; a controller may have a name outside of the domain (a disjoint
 * namespace), and may be given the password of bind_dn; only its certificate then protects the password from
 * whoever controls DNS.
 *
 * A domain controller that was located by DNS is kept.  If it becomes unreachable before anything is changed,
 * another one of the domain takes its place (spn_directory_url says which), but not once a plan is being applied.
 *
 * sasl_mech (RFC 4422; in any case) is one of
 * - "GSS-SPNEGO": Kerberos (RFC 4178), built into the library. It cannot act as another user, and takes no
 *   bind_dn.
 * - "EXTERNAL" (RFC 4422, appendix A): over ldapi only, where the server knows who the peer of its socket is.
 * - "SCRAM-SHA-256", "SCRAM-SHA-512" (RFC 5802, 7677) and "DIGEST-MD5" (RFC 2831), where bind_dn is the user's
 *   name. The server receives a proof of the password, not the password, and must prove that it knows it too.
 *   They require TLS or ldapi all the same (SPN_ERR_REFUSED): whoever overhears the exchange, or impersonates
 *   the server, can guess the password. They are modules of Cyrus SASL (Debian: libsasl2-modules). Only the
 *   module of the given mechanism is loaded, from the folder that Cyrus SASL was built with: SPN_ERR_UNSUPPORTED
 *   if that fails.
 * No other mechanism is tried instead, whatever the server offers.
 *
 * LDAP without TLS is signed and sealed (Kerberos, SASL GSS-SPNEGO); no setting of the environment, ldap.conf or
 * ldaprc weakens that.  An LDIF file is written back at every change, atomically (a temporary file, fsync,
 * rename); everything else in it is kept byte for byte.  A value that is added, by an undo too, stands behind the
 * other values of its attribute, in base64 only if LDIF requires it.  A large file is read by up to eight threads, as
 * many as the caller may use processors; they have ended when the call returns, and take no signals.
 *
 * Returns SPN_ERR_AUTH without usable credentials; SPN_ERR_UNREACHABLE if no server answers in time;
 * SPN_ERR_SYNTAX if the LDIF is malformed, with its line; SPN_ERR_FAILED if the file cannot be read.
 */
spn_status spn_directory_open(const char *url, const spn_open_options *options,
		spn_directory **ret_dir, spn_error *err);

#ifdef __cplusplus
}
#endif
#endif

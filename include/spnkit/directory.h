/* SPDX-License-Identifier: MIT */
/* directory.h - open, search and change a directory */
#ifndef SPNKIT_DIRECTORY_H
#define SPNKIT_DIRECTORY_H

#include <spnkit/credentials.h>
#include <spnkit/spn.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A connection to a directory, or a directory in memory.  One thread at a time. */
typedef struct spn_directory spn_directory;
/* A DN with attributes. */
typedef struct spn_entry spn_entry;

typedef enum spn_filter_op {
	SPN_FILTER_PRESENT = 0, /* attr has a value */
	SPN_FILTER_EQUAL = 1,   /* attr has this value, literally */
	SPN_FILTER_GLOB = 2,    /* attr has a value that matches this pattern; '*' stands for any text */
	SPN_FILTER_BITS = 3,    /* attr, an integer, has every bit of this decimal number set */
	SPN_FILTER_NOT = 4,     /* its only part does not match */
	SPN_FILTER_AND = 5,
	SPN_FILTER_OR = 6
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
	SPN_SCOPE_BASE = 0,
	SPN_SCOPE_ONE = 1,
	SPN_SCOPE_SUBTREE = 2
} spn_scope;

#define SPN_SEARCH_VERSION 1u

/* Start from a zeroed struct. */
typedef struct spn_search {
	unsigned version; /* SPN_SEARCH_VERSION; 0 means 1 */
	const char *base; /* a DN; NULL: the domain's own naming context */
	spn_scope scope;
	const spn_filter *filter; /* NULL: every entry */
	const char *const *attrs; /* ends with NULL; NULL: all of them; an empty list: none, only the DN */
	bool forest;              /* ask the global catalog; base is then ignored */
} spn_search;

/*
 * One value to add or to delete.  There is no "replace": to change a value, delete the old one and
 * add the new one in the same call, which then fails if the old one has changed.
 */
typedef enum spn_mod_op {
	SPN_MOD_ADD = 0,
	SPN_MOD_DELETE = 1
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

/*
 * The conditions of all notes, joined to one text: "A, and B".  but: codes of notes that do not matter to the caller,
 * ended by NULL; NULL: none.  *ret_text is for free(), and becomes NULL if no verdict on names depends on anything.
 */
spn_status spn_directory_condition(const spn_directory *dir, const char *const *but, char **ret_text, spn_error *err);

/* The root DSE ([MS-ADTS] 3.1.1.3.2): of a server, its names, naming contexts and functional levels.  It belongs to the
 * directory and is valid as long as that is. */
spn_status spn_directory_root(spn_directory *dir, const spn_entry **ret_root, spn_error *err);

/* Lends the DN at which the domain begins (defaultNamingContext), where a search without a base begins.  Returns
 * SPN_ERR_UNSUPPORTED if the server names none: it is not Active Directory. */
spn_status spn_directory_base(spn_directory *dir, const char **ret_dn, spn_error *err);

/* Which of several directories is that of the domain that a DN is in, by its DC= parts; NULL: none of them. */
spn_directory *spn_directory_of_dn(spn_directory *const *dirs, size_t n, const char *dn);

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

/* How many attributes an entry has, and attribute i of them, counted from 0, with its values: its name as the directory
 * spells it; NULL beyond the last.  All of it is lent. */
size_t spn_entry_count(const spn_entry *entry);
const char *spn_entry_attribute(const spn_entry *entry, size_t i, const spn_bytes **ret_values, size_t *ret_n);

/*
 * Orders two DNs (RFC 4514).  Case, spaces around separators and the way in which values are escaped make no
 * difference; an ancestor comes before what is below it.  A text that is not a DN is compared byte by byte and comes
 * after those that are.  Returns < 0, 0 or > 0.
 */
int spn_dn_compare(const char *a, const char *b);

/*
 * Writes into buffer a DN that is the same text for all spellings of one DN: attribute types and values in small
 * letters, no spaces around separators, and only those escapes that RFC 4514 requires.  It is truncated to size and
 * always terminated if size > 0 (like snprintf).
 *
 * Returns the length of the whole text; 0 for a text that is not a DN, for an empty one, or without memory.
 */
size_t spn_dn_normalize(const char *dn, char *buffer, size_t size);

/*
 * Writes into buffer the DNS name of the domain that a DN is in, by its DC= parts: "corp.example" of
 * CN=WEB01,DC=corp,DC=example.  It is truncated to size and always terminated if size > 0 (like snprintf).
 *
 * Returns the length of the whole name; 0 for a DN that is in no domain, or without memory.
 */
size_t spn_dn_domain(const char *dn, char *buffer, size_t size);

/* As whose domain controller an LDIF directory behaves. */
typedef enum spn_dialect {
	SPN_DIALECT_WINDOWS = 0,
	SPN_DIALECT_SAMBA = 1
} spn_dialect;

typedef enum spn_tls {
	SPN_TLS_NONE = 0,   /* no StartTLS; ldaps:// still uses TLS */
	SPN_TLS_TRY = 1,    /* StartTLS if the server offers it */
	SPN_TLS_REQUIRE = 2 /* require StartTLS */
} spn_tls;

#define SPN_OPEN_OPTIONS_VERSION 1u

/* How to open a directory.  Start from SPN_OPEN_OPTIONS_INIT.  Strings are copied. */
typedef struct spn_open_options {
	unsigned version; /* SPN_OPEN_OPTIONS_VERSION */
	const spn_credentials *credentials; /* NULL: the default credential cache */
	const char *domain; /* DNS name of the domain; NULL: the realm of the credentials.  Of a server that the URL names,
	                     * also the NetBIOS name: SPN_ERR_INVALID if it is of another domain.  Of a file that holds several
	                     * domains, which one, also by its DN or NetBIOS name; NULL: the first */
	spn_tls tls;
	const char *cacert;  /* PEM file of trusted CAs; NULL: the system's */
	unsigned timeout;    /* seconds for each operation, connecting included; 0: 15 */
	bool read_only;      /* refuse every change */
	spn_dialect dialect; /* of an LDIF directory */
	bool trust_dns;      /* believe DNS about domain controllers: see spn_directory_open */
	bool foresees;       /* read_only, for a change that is only tried: the controller is the one that it would go to */
} spn_open_options;

#define SPN_OPEN_OPTIONS_INIT SPN_INIT(SPN_OPEN_OPTIONS_VERSION)

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
 * rename); everything else in it is kept byte for byte, except memberOf, which follows member.  A value that is
 * added, by an undo too, stands behind the other values of its attribute, in base64 only if LDIF requires it.  A
 * large file is read, and audited, by up to eight threads, as many as the caller may use processors; they have ended
 * when the call returns, take no signals, and call nobody back.
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

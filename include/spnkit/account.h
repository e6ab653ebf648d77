/* SPDX-License-Identifier: MIT */
/* account.h - find accounts and the names that they hold */
#ifndef SPNKIT_ACCOUNT_H
#define SPNKIT_ACCOUNT_H

#include <spnkit/directory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An account, as it was when it was read. */
typedef struct spn_account spn_account;

typedef enum spn_account_kind {
	SPN_KIND_OTHER = 0,
	SPN_KIND_USER = 1,
	SPN_KIND_COMPUTER = 2,
	SPN_KIND_GMSA = 3, /* group Managed Service Account */
	SPN_KIND_MSA = 4,  /* (standalone) Managed Service Account */
	SPN_KIND_DMSA = 5  /* delegated Managed Service Account */
} spn_account_kind;

/* "user", "computer", "gmsa", "msa", "dmsa" or "other". */
const char *spn_account_kind_name(spn_account_kind kind);

/* Which kind is meant when a name matches both a computer and a user. */
typedef enum spn_account_want {
	SPN_WANT_ANY = 0,      /* a computer is preferred, as setspn does, by calls that only look */
	SPN_WANT_COMPUTER = 1, /* computers only */
	SPN_WANT_USER = 2      /* anything but computers */
} spn_account_want;

/*
 * Finds an account by its sAMAccountName (with or without the '$' of a computer), DOMAIN\name, UPN or DN.
 *
 * Returns SPN_ERR_NOT_FOUND; SPN_ERR_AMBIGUOUS, with the DNs in the message, if it matches several;
 * SPN_ERR_SYNTAX if the text cannot be an account name.
 *
 * Calls that change an account, or plan to, find it in the same way, but never choose: with the computer NAME$ and
 * another account NAME, they return SPN_ERR_AMBIGUOUS for NAME.
 */
spn_status spn_account_find(spn_directory *dir, const char *text, spn_account_want want,
		spn_account **ret_account, spn_error *err);
/*
 * For a text by which spn_account_find has found a computer with SPN_WANT_ANY: the other account that has the name
 * without the '$'.  *ret_other becomes NULL if there is none.
 */
spn_status spn_account_namesake(spn_directory *dir, const char *text, const spn_account *account,
		spn_account **ret_other, spn_error *err);
/*
 * Opens the domain that an account is in, if it is not dir's own: changes to the account must be made there.  A
 * DN and DOMAIN\\name name the domain; for any other text, if forest is set and dir's own domain has no such
 * account, the global catalog is asked.
 *
 * The domain controller is located by DNS and opened with options (those of dir), over TLS if dir is ldaps://.
 * *ret_dir becomes NULL if the account belongs to dir's domain, if it is unknown, or if dir is not ldap:// or ldaps://.
 *
 * Returns what spn_directory_open does, with the domain in the message; SPN_ERR_REFUSED, whatever the options
 * are, if dir's forest does not have that domain and it does not trust dir's; SPN_ERR_AMBIGUOUS if several
 * domains have such an account.
 */
spn_status spn_account_domain_open(spn_directory *dir, const char *account, spn_account_want want,
		bool forest, const spn_open_options *options, spn_directory **ret_dir, spn_error *err);
/*
 * Opens a domain by its DNS name, or by the NetBIOS name of a domain of dir's forest or of one that trusts
 * dir's domain; *ret_dir becomes NULL if dir knows no domain with that NetBIOS name.  Otherwise as
 * spn_account_domain_open.
 *
 * dir may be NULL: the domain is located by DNS, as spn_directory_open does; for a NetBIOS name, the domain of the
 * credentials is then asked, and if that does not know it, what spn_directory_open returned is returned.
 */
spn_status spn_domain_open(spn_directory *dir, const char *name, const spn_open_options *options,
		spn_directory **ret_dir, spn_error *err);
/*
 * As spn_account_domain_open, for the computer with a short name or FQDN, or DOMAIN\\name of its account.  If dir's
 * domain has no such computer and the FQDN ends with the name of another domain of the forest, that domain is opened;
 * with forest, the global catalog is asked instead.
 */
spn_status spn_server_domain_open(spn_directory *dir, const char *server, bool forest, const spn_open_options *options,
		spn_directory **ret_dir, spn_error *err);
/* Copies an account, so that it outlives the function that it was lent to.  The caller frees the copy. */
spn_status spn_account_copy(const spn_account *account, spn_account **ret_copy, spn_error *err);
/* Accepts NULL.  Always returns NULL. */
spn_account *spn_account_free(spn_account *account);

/* Its DN, as the directory spells it. */
const char *spn_account_dn(const spn_account *account);
/* sAMAccountName, or "" if the entry has none or it is not readable. */
const char *spn_account_name(const spn_account *account);
spn_account_kind spn_account_get_kind(const spn_account *account);
/* userAccountControl without ACCOUNTDISABLE ([MS-ADTS] 2.2.16); true if it is not readable. */
bool spn_account_enabled(const spn_account *account);
/* Whether it is the KDC's own account, krbtgt, or provably that of a read-only controller: these are disabled by
 * design, and the KDC gives tickets for their names (kadmin/changepw) all the same. */
bool spn_account_is_kdc(const spn_account *account);
/* dNSHostName without a dot at its end, or NULL. */
const char *spn_account_dns_host(const spn_account *account);
/* Lends servicePrincipalName as stored, and returns how many there are. */
size_t spn_account_spns(const spn_account *account, const spn_bytes **ret_spns);
/* Whether an account holds a name, in any spelling: lends the stored value, or returns NULL. */
const char *spn_account_holds(const spn_account *account, const char *name);

/*
 * What clients would wrongly take an account for if it held a name.  "the account of a KDC": krbtgt/REALM, unless it is
 * the KDC's own account or, as far as the entry tells, that of a trust.  "a domain controller": ldap/HOST/DOMAIN,
 * GC/HOST/DOMAIN and the like ([MS-DRSR] 2.2.3.2, 2.2.4.2) for its own domain or one above it, and ldap/DOMAIN for its
 * own, if userAccountControl says that it is not one.  NULL: nothing of the kind.
 *
 * account may be NULL: what the name would make of an account of which nothing is known.
 */
const char *spn_account_poses_as(const spn_account *account, const char *spn);

/* Receives one account and those of its names that matched; both are valid until the function returns. */
typedef spn_status spn_account_fn(const spn_account *account, const spn_bytes *matched,
		size_t n_matched, void *data, spn_error *err);

/*
 * Calls fn for every account that holds a name, or a name that matches the pattern ('*' stands for any text).
 *
 * forest: ask the global catalog.  If no account holds one, fn is not called; that is not an error.  A host alone is
 * not a name (spn_name_guess makes one of what a person typed), and who answers for a name need not hold it
 * (spn_resolve).
 */
spn_status spn_query(spn_directory *dir, const char *pattern, bool forest, spn_account_fn *fn,
		void *data, spn_error *err);

/* Whether any account in several directories holds a name, or a name that matches the pattern.  Returns what spn_query
 * returns. */
spn_status spn_query_any(spn_directory *const *dirs, size_t n_dirs, const char *pattern, bool forest, bool *ret_any,
		spn_error *err);

/* As spn_account_fn, for pattern i of several, counted from 0. */
typedef spn_status spn_query_fn(size_t i, const spn_account *account, const spn_bytes *matched,
		size_t n_matched, void *data, spn_error *err);

/*
 * As spn_query for each of the patterns, but with one request for all of them.  fn is called in the order of the
 * patterns, after all answers have arrived.
 */
spn_status spn_query_many(spn_directory *dir, const char *const *patterns, size_t n, bool forest,
		spn_query_fn *fn, void *data, spn_error *err);

#ifdef __cplusplus
}
#endif
#endif

/* SPDX-License-Identifier: MIT */
/* backend.h - implement a directory of your own */
#ifndef SPNKIT_BACKEND_H
#define SPNKIT_BACKEND_H

#include <spnkit/directory.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SPN_BACKEND_VERSION 3u

/* Flags of a back end; 0 if it is neither. */

/* A server of a domain, with a KDC: others change it meanwhile, and it names its own kind in the root DSE. */
#define SPN_BACKEND_LIVE 1u
/* A file, or a text in memory: two values are equal there if spn_name_compare finds them equal, and reading all of it
 * costs no more than one search. */
#define SPN_BACKEND_FILE 2u

/* Changes to one entry, as for spn_directory_modify. */
typedef struct spn_change {
	const char *dn;
	const spn_mod *mods;
	size_t n_mods;
} spn_change;

/*
 * The operations of a directory.
 *
 * spnkit checks every argument, refuses changes to a read-only directory and keeps the root DSE
 * before it calls these.  base of a search is never NULL unless forest is set; filter may be NULL.  An empty list of
 * attributes asks for none, NULL for all.  err may be NULL.
 *
 * Two names are equal if spn_name_compare finds them equal, and two DNs, also as values of member and memberOf, if
 * spn_dn_compare does.  memberOf is not stored: it follows member.  A value of a mod is len bytes and need not end with
 * a NUL; it may contain NULs.
 *
 * A failure is recorded by spn_fail with an LDAP result code as native, and err->family set to SPN_NATIVE_LDAP behind
 * it: 32, SPN_ERR_NOT_FOUND, if the entry or the base is missing; 16, SPN_ERR_NOT_FOUND, if a value to delete is; 20,
 * SPN_ERR_EXISTS, if a value to add is there already.
 */
typedef struct spn_backend {
	unsigned version; /* SPN_BACKEND_VERSION */
	const char *name; /* for traces and messages: "ldap", "memory" */

	spn_status (*search)(void *self, const spn_search *search, spn_entry_fn *fn, void *data,
			spn_error *err);
	spn_status (*modify)(void *self, const char *dn, const spn_mod *mods, size_t n_mods,
			spn_error *err);
	/* Makes the root DSE: at least defaultNamingContext; configurationNamingContext if there is one.  On failure,
	 * *ret_root stays as it is. */
	spn_status (*root)(void *self, spn_entry **ret_root, spn_error *err);
	void (*free)(void *self); /* required, as the three above are */
	/* May be NULL.  As modify for each of the changes, each of which concerns another entry: several may be
	 * in progress at once.  Fills ret_outcomes, one for each: status is SPN_OK, or what modify would return. */
	void (*modify_many)(void *self, const spn_change *changes, size_t n, spn_error *ret_outcomes);
	/* May be NULL.  Calls fn once for each kind of thing that this directory omits or has only in part, with the
	 * number of times; never if it is complete.  The text must not name options of a command. */
	void (*notes)(const void *self, spn_note_fn *fn, void *data);

	/* Since version 2, and all of them may be NULL or 0. */
	unsigned flags; /* SPN_BACKEND_LIVE, SPN_BACKEND_FILE, or 0; SPN_ERR_INVALID for any other bit */
	/* Where the directory is now, if another server stands in for the one of spn_directory_new.  Lent until the next
	 * operation. */
	const char *(*url)(const void *self);
	/* From now on no other server may stand in: a change has been announced for this one. */
	void (*stay)(void *self);
	/* For spn_directory_progress: how far the search at hand is.  False if that is not known. */
	bool (*progress)(const void *self, size_t *ret_done, size_t *ret_total);
	/* As search, but those entries may be left out of which no servicePrincipalName can be on another entry as well,
	 * literally or as an alias. */
	spn_status (*search_shared)(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err);
	/* Whether the last of the changes, all of one entry, would be accepted after the others, as far as can be told
	 * without making them.  Changes nothing. */
	spn_status (*foresee)(void *self, const spn_change *changes, size_t n, spn_error *err);
	/* Of how many domains there are entries, and whether the one that it is of had to be named. */
	size_t (*domains)(const void *self, bool *ret_is_chosen);
	/* The domain of a program's credentials, in which a command that names neither domain nor server works.  NULL, as
	 * without this function: not known. */
	const char *(*home)(const void *self);
	/* What comes before a host in the URL of another server that is reached in the same way: "ldap://".  NULL, as
	 * without this function: it leads to no other server. */
	const char *(*scheme)(const void *self);
	/* Whether a URL that a journal has kept may be of the directory at own, as far as the two texts tell: a domain may
	 * be reached by way of another controller.  Without this function, it is if the URLs are equal, or, with
	 * SPN_BACKEND_LIVE, their schemes. */
	bool (*is_same)(const char *own, const char *kept);
	/*
	 * Calls fn for each entry below base that may have changed since the call that returned cookie: at least one of
	 * these attributes, where it is, or whether it exists.  The entry has its objectGUID; what else it has does not
	 * matter.  Without a cookie (len 0), fn is not called.  ret_cookie is for the next call; its data goes to free().
	 *
	 * Returns SPN_ERR_INVALID for a cookie that is of no use here, because it is too old or of another server, and
	 * SPN_ERR_UNSUPPORTED if none can be had.  Without this function, all entries are compared.
	 */
	spn_status (*changes)(void *self, const char *base, const char *const *attrs, spn_bytes cookie, spn_entry_fn *fn,
			void *data, spn_bytes *ret_cookie, spn_error *err);
	/*
	 * As search for each of the searches, none of which depends on another or is of the forest: several may be on
	 * their way at once.  Calls fn with data[i] for the entries of search i, those of the first search first.  Fills
	 * ret_outcomes, one for each.  A search that fails is made again by search, so it need neither be tried twice
	 * nor find more than a page of entries.
	 */
	void (*search_many)(void *self, const spn_search *searches, size_t n, spn_entry_fn *fn, void *const *data,
			spn_error *ret_outcomes);
	/* The DNS name of the domain that it probably is, before the root DSE was read.  It is used only to search there at
	 * the same time; the root DSE decides whether what was found counts.  NULL, as without this function: not known. */
	const char *(*presumed)(const void *self);
} spn_backend;

/*
 * Makes a directory from a back end.  url names it in journals; it is copied.
 *
 * On success the directory owns self; on failure the caller still does.  The table is copied.  A table of version 1,
 * which ends before flags, or 2, which ends before search_many, is accepted.
 *
 * Returns SPN_ERR_INVALID if the table lacks search, modify, root or free, or has another flag.
 */
spn_status spn_directory_new(const spn_backend *backend, void *self, const char *url, bool read_only,
		spn_directory **ret_dir, spn_error *err);

/* Entries, for a back end to fill and pass on.  A value is copied and terminated with a NUL. */
spn_status spn_entry_new(const char *dn, spn_entry **ret_entry, spn_error *err);
spn_status spn_entry_add(spn_entry *entry, const char *attr, spn_bytes value, spn_error *err);
/* Accepts NULL.  Always returns NULL. */
spn_entry *spn_entry_free(spn_entry *entry);

/* Says whether an entry matches a filter as Active Directory would (case and accents folded). */
spn_status spn_filter_match(const spn_filter *filter, const spn_entry *entry, bool *ret_match,
		spn_error *err);

/*
 * Testing
 *
 * PREFIX/share/doc/spnkit/contract/ has a test program, which requires cmocka.  Write contract_open (contract.h), which
 * opens your directory, filled with what PREFIX/share/doc/spnkit/examples/incident.ldif holds; contract_open.c there is
 * the one of the library's own back ends.  Then:
 * cc contract.c open.c backend.c $(pkg-config --cflags --libs spnkit cmocka) -o contract && ./contract slapd URL
 *
 * "slapd" is for a back end that refuses next to nothing, "windows" and "samba" for one that enforces what such a
 * domain controller does.  Every test puts back what it changed.
 */

#ifdef __cplusplus
}
#endif
#endif

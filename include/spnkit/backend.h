/* SPDX-License-Identifier: MIT */
/* backend.h - implement a directory of your own */
#ifndef SPNKIT_BACKEND_H
#define SPNKIT_BACKEND_H

#include <spnkit/directory.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SPN_BACKEND_VERSION 1u

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
 * before it calls these.  base of a search is never NULL unless forest is set; filter may be NULL.
 * tests/contract/ says, in code, how each of them must behave.
 */
typedef struct spn_backend {
	unsigned version; /* SPN_BACKEND_VERSION */
	const char *name; /* for traces and messages: "ldap", "memory" */

	spn_status (*search)(void *self, const spn_search *search, spn_entry_fn *fn, void *data,
			spn_error *err);
	spn_status (*modify)(void *self, const char *dn, const spn_mod *mods, size_t n_mods,
			spn_error *err);
	/* Makes the root DSE: at least defaultNamingContext; configurationNamingContext if there is one. */
	spn_status (*root)(void *self, spn_entry **ret_root, spn_error *err);
	void (*free)(void *self);
	/* May be NULL.  As modify for each of the changes, each of which concerns another entry: several may be
	 * in progress at once.  Fills ret_outcomes, one for each: status is SPN_OK, or what modify would return. */
	void (*modify_many)(void *self, const spn_change *changes, size_t n, spn_error *ret_outcomes);
	/* May be NULL.  Calls fn once for each kind of thing that this directory omits or has only in part, with the
	 * number of times; never if it is complete.  The text must not name options of a command. */
	void (*notes)(const void *self, spn_note_fn *fn, void *data);
} spn_backend;

/*
 * Makes a directory from a back end.  url names it in journals; it is copied.
 *
 * On success the directory owns self; on failure the caller still does.  The table must outlive the
 * directory.
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

#ifdef __cplusplus
}
#endif
#endif

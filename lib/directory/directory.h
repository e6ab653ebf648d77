/* SPDX-License-Identifier: MIT */
/* directory.h - what the back ends tell each other about opening */
#ifndef SPK_DIRECTORY_H
#define SPK_DIRECTORY_H

#include <spnkit/backend.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/fold.h"

SPK_DEFINE_AUTO(spn_directory, spn_directory_free)

/* What serves the directory: the back end's self, if it is this back end's; else NULL. */
void *spk_directory_self(const spn_directory *dir, const spn_backend *backend);

/* The value of a root DSE attribute, such as defaultNamingContext, or NULL if there is none. */
spn_status spk_directory_context(spn_directory *dir, const char *attr, const char **ret_dn, spn_error *err);

/* What one export may lack by accident: the first note that says that names of accounts are missing here, or nothing.
 * What has a range of its names only is known to have it, account by account, and is none of these. */
void spk_directory_lack(const spn_directory *dir, spk_text *out);

/* Whose rules the server follows: Samba says in its root DSE who made it (vendorName), and so does an LDIF directory
 * with Samba's rules. */
spn_status spk_directory_rules(spn_directory *dir, spn_dialect *ret_dialect, spn_error *err);
/* When two names are equal for it. */
spn_status spk_directory_folding(spn_directory *dir, spk_folding *ret_folding, spn_error *err);

/* Hands on entries that know how their values compare.  As data of spk_mark_entry. */
typedef struct spk_marked {
	spn_entry_fn *fn;
	void *data;
	spk_folding folding;
} spk_marked;
spn_entry_fn spk_mark_entry;

/* Whether an attribute takes one value only: the schema says so, and where there is none, we do of those that we know.
 */
spn_status spk_directory_is_single_valued(spn_directory *dir, const char *attr, bool *ret_single, spn_error *err);

/* A place for one entry that those above read once and keep as long as the directory, such as its settings.  It is
 * emptied when that entry is changed by way of this handle. */
spn_entry **spk_directory_settings(spn_directory *dir);

/* Likewise, for the domain controllers of the forest (check/last_change.c). */
spn_entry **spk_directory_controllers(spn_directory *dir);

/* Likewise, for whether any account has msDS-SupportedEncryptionTypes: an export is gone over for that once. */
typedef enum spk_seen { SPK_NOT_LOOKED, SPK_SEEN, SPK_NOT_SEEN } spk_seen;
spk_seen *spk_directory_enctypes(spn_directory *dir);

/* What LDAP asks of a root DSE. */
extern const char *const spk_root_attrs[];

/*
 * Asks for what work will need before it is done, where several searches can be on their way at once (ahead.h): look is
 * run with searches that answer nothing new, several times, and must neither change nor tell anything.  What it asks
 * for is kept until the next change of the directory, or spk_directory_forget: call that before somebody is waited for.
 * subject: what the searches are about; those of the last look at the same subject are sent at once.  NULL: nothing.
 */
typedef void spk_look_fn(spn_directory *dir, void *data);
void spk_directory_look_ahead(spn_directory *dir, const char *subject, spk_look_fn *look, void *data);
void spk_directory_forget(spn_directory *dir);
/* In a look, a search that has no answer yet fails; what does not depend on it is looked at all the same: then, SPN_OK.
 * Otherwise, status. */
spn_status spk_directory_onwards(const spn_directory *dir, spn_status status);
bool spk_directory_is_looking(const spn_directory *dir);
/* Whether what a look asked for is kept. */
bool spk_directory_is_ahead(const spn_directory *dir);

/* From now on no other server stands in: changes have been announced for this one. */
void spk_directory_stay(spn_directory *dir);

/*
 * As spn_directory_search, but of the accounts those may be left out of which no name can be held by another account
 * too, literally or as an alias: a file knows them without reading it again.
 */
spn_status spk_directory_search_shared(
		spn_directory *dir, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err);

/*
 * Of two files: as a search of each for accounts with names, but those that both have alike, with the same DN and the
 * same names, are left out; of the others their counterparts come along, with or without names.  ret_known: false if
 * they are not both files, or compare names in different ways: then fn is not called.
 */
spn_status spk_directory_search_unlike(spn_directory *const dirs[2], const char *const *attrs, spn_entry_fn *fn,
		void *const data[2], bool *ret_known, spn_error *err);

/* Of a file: as a search for the accounts that hold a name with the same text behind the class as one of these, and
 * perhaps some others. */
spn_status spk_directory_search_hosts(spn_directory *dir, const char *const *names, size_t n, const char *const *attrs,
		spn_entry_fn *fn, void *data, spn_error *err);
/* What is known of records without a look at them as entries: who goes over all of a file is asked of each that is
 * ordinary (model/ldif/ldif.h), whose lines are numbered by the attributes that the search asks for. */
struct spk_ldif_plain;
struct spk_ldif_reader;
struct spk_ldif_fit;
typedef struct spk_passer {
	/* Who looks at records for the one with this data, in a thread of its own while that one goes on; NULL: out of
	 * memory. */
	void *(*new_looker)(const void *data);
	void (*free_looker)(void *looker); /* accepts NULL */
	/* Tells it what is known by now, while it does not look.  False: too little to look at records. */
	bool (*prepare)(void *looker);
	/* Appends what is to be known of a record; nothing, if it cannot be passed by.  looker: or data itself. */
	void (*look)(void *looker, const struct spk_ldif_plain *record, spk_text *ret_found);
	/* The same of the record that a reader is at, if it is like one that was looked at before; what is found is not
	 * nothing then.  False: look has to see it. */
	bool (*fits)(void *looker, const struct spk_ldif_reader *reader, struct spk_ldif_fit *ret_fit, spk_text *ret_found);
	/* Whether a record can be passed by of which this was found: all that was to be done about it was done. */
	spn_status (*passes)(spn_bytes found, bool *ret_passes, void *data, spn_error *err);
	/* The record that did not pass was searched like any other, and handed on if it matched. */
	void (*searched)(void *data);
	void *data;
} spk_passer;
/* As spn_directory_search.  Back ends other than files hand on whatever matches. */
spn_status spk_directory_search_past(spn_directory *dir, const spn_search *search, const spk_passer *passer,
		spn_entry_fn *fn, void *data, spn_error *err);
/* Whether an account may have a userPrincipalName like the name of a service, as far as that is known. */
bool spk_directory_may_name_upns(const spn_directory *dir);

/* As the back end's operation: which entries of the domain have changed since an earlier call. */
spn_status spk_directory_changes(spn_directory *dir, const char *const *attrs, spn_bytes cookie, spn_entry_fn *fn,
		void *data, spn_bytes *ret_cookie, spn_error *err);

/* Whether it is a file or a text in memory: values are equal there if they are equal to us (spk_directory_folding). */
bool spk_directory_is_local(const spn_directory *dir);
/* Whether it is a file that may lack what there is; not one that was made of all that a server shows. */
bool spk_directory_may_lack(const spn_directory *dir);
void spk_directory_set_whole(spn_directory *dir);
/* Whether it is a server of a domain, which has a KDC. */
bool spk_directory_is_live(const spn_directory *dir);
/* How the URL of another server begins that is reached in the same way; NULL: it leads to no other. */
const char *spk_directory_scheme(const spn_directory *dir);
/* Whether a URL that was kept in a journal may be of this directory. */
bool spk_directory_may_be_at(const spn_directory *dir, const char *url);
/* Whether it is a file with entries of several domains. */
bool spk_directory_has_several_domains(const spn_directory *dir);

/* Whether a command has to name the domain of the directory, which is own: somebody has chosen it (options.domain), and
 * a file has another one first; or it is not that of the credentials.  Of a file, only once something was asked of it.
 */
bool spk_directory_is_chosen(const spn_directory *dir, const char *own);
void spk_directory_choose(spn_directory *dir);

/* Of a file: whether the last of the changes, which are all of one entry, would be accepted behind the others, as far
 * as that entry decides.  Changes nothing.  A server cannot be asked that. */
spn_status spk_directory_try(spn_directory *dir, const spn_change *changes, size_t n, spn_error *err);

/* As spn_directory_modify for each of the changes, which are about different entries: at once, if the back end can.
 * ret_outcomes has place for n; whatever happened to a change is told there. */
void spk_directory_modify_many(spn_directory *dir, const spn_change *changes, size_t n, spn_error *ret_outcomes);

/* Opens what is behind "ldif:".  path "-" is standard input. */
spn_status spk_ldif_open(const char *path, const spn_open_options *options, spn_directory **ret_dir,
		spn_error *err);

/* A text, which is copied, as a file that nobody writes to.  name stands for it in messages; domain: which one it is
 * of. */
spn_status spk_text_open(const char *name, spn_bytes text, spn_dialect dialect, const char *domain,
		spn_directory **ret_dir, spn_error *err);

/* Opens ldap://, ldaps://, ldapi://, or NULL.  from: as for spk_directory_open_from. */
spn_status spk_ldap_open(spn_directory *from, const char *url, const spn_open_options *options, spn_directory **ret_dir,
		spn_error *err);

/* As spn_directory_open, for those who have a directory open with the same options: if that is the domain of the
 * credentials, it is asked whether it knows another one, and none has to be opened for that.  url: "ldap://" or
 * "ldaps://" alone finds a server by DNS. */
spn_status spk_directory_open_from(spn_directory *from, const char *url, const spn_open_options *options,
		spn_directory **ret_dir, spn_error *err);

#endif

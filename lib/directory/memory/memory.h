/* SPDX-License-Identifier: MIT */
/* memory.h - a directory made of LDIF, which answers and refuses as a domain controller does */
#ifndef SPK_MEMORY_H
#define SPK_MEMORY_H

#include <spnkit/backend.h>

#include "index.h"
#include "base/cleanup.h"
#include "model/entry.h"
#include "model/fold.h"

/* What an export leaves out, or has only in part. */
typedef struct spk_gaps {
	size_t n_deleted;          /* deleted objects */
	spk_ldif_skipped skipped;  /* what else ldapsearch writes */
	size_t n_names, n_ranged;  /* entries with some of their service principal names; of another attribute's values */
	size_t n_unknown;          /* entries of whose service principal names only that there are some is here */
	size_t n_empty;            /* entries with an empty one beside others */
	size_t n_named_upns;       /* userPrincipalNames with a slash, as a service's name has it */
	size_t n_cut;              /* records whose last line is the last of the file and has no line end */
	unsigned present;          /* which of spk_basic_attrs any entry has: one bit for each */
} spk_gaps;

/* Domains that entries are in, as DNs: the first of them. */
enum { SPK_DOMAINS_MAX = 64 };
typedef struct spk_domains {
	char *list[SPK_DOMAINS_MAX];
	size_t n, last; /* last: where the entry before was, as the next one may be */
	char *roots[SPK_DOMAINS_MAX]; /* those of forests: what has a list of domains (CN=Partitions,CN=Configuration)
					 below it */
	size_t n_roots;
} spk_domains;

/* Attributes without which much cannot be known: objectClass, userAccountControl, dNSHostName.  Ends with NULL. */
extern const char *const spk_basic_attrs[];

/* The text is the directory: nothing else is kept but where in it things are.  An export is read once, then only where
 * something was found; of a million accounts with three names each, some 50 MB are kept. */
typedef struct spk_memory {
	spk_store *store;
	spn_dialect rules;
	bool read_only;
	spk_hasher hasher;
	bool is_loaded;
	bool is_changed; /* since it was loaded: outline.names is no longer right */
	spk_outline outline;
	spk_gaps gaps;
	char *domain, *config; /* naming contexts, or NULL */
	char *other_domain;    /* another one that entries are in, below the domain or not; or NULL */
	spk_domains domains;   /* all that entries are in */
	size_t *doubles, n_doubles; /* where entries are that were there before, word for word: they are not looked at */
	bool is_chosen;        /* domain is another one than it would be without wanted */
	char *wanted;          /* which of them is the domain, by DNS name, NetBIOS name or DN; NULL: the first */
	bool allows_duplicates; /* names that other entries have are accepted */
	size_t done, total;    /* bytes: how far the search at hand is in the text */
	const struct spk_passer *passer; /* for the search with passed_filter; NULL: none */
	const spn_filter *passed_filter;
} spk_memory;

extern const spn_backend spk_memory_backend;

/* Takes over store, even if it fails.  domain: which of those in the text it is, by DNS name, NetBIOS name or DN,
 * SPN_ERR_INVALID with a list of them if it is not there; NULL: the first. */
spn_status spk_memory_new(
		spk_store *store, spn_dialect rules, const char *domain, spk_memory **ret_memory, spn_error *err);
/* Accepts NULL. */
void spk_memory_free(void *self);

/* read.c: reads all of the text once, to check it and to learn where its entries are. */
spn_status spk_memory_read(spk_memory *memory, spn_error *err);

/* domains.c: notes the domain that an entry is in.  False if memory runs out. */
bool spk_domains_note(spk_domains *domains, const char *dn);
/* Whether the entry that was noted last is in a domain of the list for certain, as its siblings are. */
bool spk_domains_know(const spk_domains *domains, const char *dn);
/* Adds those of another list, which is given up. */
bool spk_domains_join(spk_domains *domains, spk_domains *others);
void spk_domains_free(spk_domains *domains);
/* Whether the file shows that two DNs are in forests that have nothing to do with each other: each of them has a root
 * of its own, and neither root is below the other. */
bool spk_domains_are_apart(const spk_domains *domains, const char *dn, const char *other);
/* Whether a domain is one of those that Active Directory keeps DNS in, which are domains by their object class only. */
bool spk_is_dns_partition(const char *domain);
/* Whether an entry is in the configuration that is below a domain. */
bool spk_is_configuration(const char *dn, const char *domain);
/* Sets domain to the one that was asked for, and other_domain to another one.  Returns SPN_ERR_INVALID if the
 * file has no such domain. */
spn_status spk_memory_choose_domain(spk_memory *memory, spn_error *err);

/* doubles.c: finds entries that occur twice.  Returns SPN_ERR_SYNTAX if two versions of one are there. */
spn_status spk_memory_find_doubles(spk_memory *memory, spn_error *err);
bool spk_memory_is_double(const spk_memory *memory, size_t offset);
/* Returns SPN_ERR_REFUSED if there are any: a change would make two versions of what is the same. */
spn_status spk_memory_check_doubles(const spk_memory *memory, spn_error *err);

/* load.c */
spn_status spk_memory_load(spk_memory *memory, spn_error *err);
/* The same of a file of which there is less than when it was loaded.  Returns SPN_ERR_FAILED if that is its beginning,
 * as whoever writes it anew in place leaves it for a while; the next call takes it as it is then. */
spn_status spk_memory_load_shorter(spk_memory *memory, spn_error *err);
/* Loads again if the file has been changed by somebody else. */
spn_status spk_memory_refresh(spk_memory *memory, spn_error *err);

/* lookup.c */

/* Adds to wanted what an attribute's value is found by, as the number of its index and its hash; false in ret_known if
 * there is no index of it. */
spn_status spk_memory_want(spk_memory *memory, const char *attr, spn_bytes value, spk_index *wanted, bool *ret_known,
		spn_error *err);
/* The same for what is true of groups only, and of few others.  False: out of memory. */
bool spk_memory_want_groups(const spk_memory *memory, const spn_filter *filter, spk_index *wanted, bool *ret_known);
/* Adds to found the records that may hold one of the values wanted. */
spn_status spk_memory_find(spk_memory *memory, spk_index *wanted, spk_index *found, spn_error *err);
/* Adds to found the records of which a service principal name may have in common with that of another record what is
 * behind the first slash. */
spn_status spk_memory_find_shared(spk_memory *memory, spk_index *found, spn_error *err);
/* Sorts what that and many searches need sorted, before they do.  False: out of memory. */
bool spk_memory_sort(spk_memory *memory);
/* The record at an offset has got a value. */
void spk_memory_added(spk_memory *memory, const char *attr, spn_bytes value, size_t offset);

/* A view of the present text. */
typedef struct spk_view {
	spk_content *content;
	spk_ldif_reader *reader;
	spk_sequels sequels; /* as the text was when the view was opened */
} spk_view;

spn_status spk_view_open(spk_memory *memory, spk_view *ret_view, spn_error *err);
void spk_view_close(spk_view *view);
#define SPK_AUTOVIEW __attribute__((cleanup(spk_view_close)))

/* Adds what change records go on with to the entry that was read last. */
spn_status spk_view_complete(spk_view *view, const spk_ldif_record *record, spn_error *err);
/* Says why a record cannot be read that was there and well-formed when the file was read: somebody writes into the file
 * without replacing it. */
spn_status spk_view_fail(spn_status status, spn_error *err);
/* Reads the entry at an offset. */
spn_status spk_view_at(spk_view *view, size_t offset, const spk_ldif_record **ret_record, spn_error *err);
/* Reads the record of a DN; NULL if there is none. */
spn_status spk_view_find(spk_view *view, spk_memory *memory, const char *dn, const spk_ldif_record **ret_record,
		spn_error *err);

/* Whether a line holds a value of an attribute: "member;range=0-1499" holds some of "member". */
bool spk_line_is(const spk_ldif_line *line, const char *attr);
/* Whether one of the values of an attribute is this word, in any case. */
bool spk_record_has(const spk_ldif_record *record, const char *attr, const char *word);
/* Whether some of an attribute's values are not here: ranges of one that is whole go from 0 to *, without a gap. */
spn_status spk_record_is_ranged(const spk_ldif_record *record, const char *attr, bool *ret_ranged, spn_error *err);
/* "servicePrincipalName:" without a value: there are some, as ldapsearch -A says it. */
bool spk_line_is_unknown(const spk_ldif_line *line);
/* Whether a record has such a line. */
bool spk_record_has_unknown(const spk_ldif_record *record);
/* A deleted object, as ldifde -x and a Recycle Bin export it ([MS-ADTS] 3.1.1.5.5): in the text, but for nobody to see.
 */
bool spk_record_is_deleted(const spk_ldif_record *record);
/* Lends to an entry what the record has of the attributes that are wanted; NULL: all of them.  n_first: the first so
 * many of those that it was read with are just these, and distinguishedName is none of them; 0: that is not known. */
spn_status spk_record_lend(const spk_ldif_record *record, const char *const *attrs, size_t n_first, spn_entry *entry,
		spn_error *err);
/* The same, as an entry of its own. */
spn_status spk_record_entry(const spk_ldif_record *record, const char *const *attrs, spn_entry **ret_entry,
		spn_error *err);

/* search.c, modify.c */
spn_status spk_memory_search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err);
/* The same, but only those that spk_memory_find_shared finds. */
spn_status spk_memory_search_shared(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err);
/* The same of these records, by their numbers below the hash 0; found is used up. */
spn_status spk_memory_search_records(
		spk_memory *memory, const spn_search *search, spk_index *found, spn_entry_fn *fn, void *data, spn_error *err);

/* unlike.c: adds to each list the records that hold names and have no counterpart with the same DN and the same names
 * in the other directory, and those with the DN of one of these.  False in ret_known: they compare names in different
 * ways. */
spn_status spk_memory_find_unlike(spk_memory *a, spk_memory *b, spk_index *ret_in_a, spk_index *ret_in_b,
		bool *ret_known, spn_error *err);
spn_status spk_memory_modify(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err);
/* Whether the last of the changes, which are all of one entry, would be accepted behind the others, as far as that
 * entry decides. Changes nothing. */
spn_status spk_memory_try(void *self, const spn_change *changes, size_t n, spn_error *err);
spn_status spk_memory_root(void *self, spn_entry **ret_root, spn_error *err);

/* sequel.c: finds the entries that change records belong to, and indexes their values. */
spn_status spk_memory_find_owners(spk_memory *memory, spn_error *err);
/* Widens edits that leave a change record, or a part of one, without values, so that nothing of it stays.  view: for
 * reading. */
spn_status spk_sequels_tidy(spk_memory *memory, spk_view *view, size_t owner, spk_edit *edits, size_t *n_edits,
		bool *ret_gone, spn_error *err);

/* notes.c.  Whether service principal names were exported at all: of LDIF only names that are there tell. */
bool spk_memory_has_names(const spk_memory *memory);
/* Whether it tells dNSHostName: where nobody has one, it was not exported, whatever the format. */
bool spk_memory_has_hosts(const spk_memory *memory);
void spk_memory_notes(const void *self, spn_note_fn *fn, void *data);

#endif

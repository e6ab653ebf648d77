/* SPDX-License-Identifier: MIT */
/* changes.h - which names came, went and moved, what that did to tickets, and when the names of an account changed */
#ifndef SPNKIT_CHANGES_H
#define SPNKIT_CHANGES_H

#include <spnkit/check.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum spn_event_kind {
	SPN_EVENT_CAME = 0, /* an account holds a name that it did not hold, and no other account lost it */
	SPN_EVENT_WENT = 1, /* an account no longer holds a name, and no other account got it */
	SPN_EVENT_MOVED = 2, /* one account lost it, another one got it */
	SPN_EVENT_UNSEEN = 3, /* perhaps came or went: only one of the states shows all names of the account */
	SPN_EVENT_RENAMED = 4, /* an account with names has another DN or sAMAccountName, and is still the same one */
	SPN_EVENT_TICKET = 5, /* an alias leads to another account, because its target came, went or moved */
	SPN_EVENT_NEW = 6, /* a new finding of spn_find_duplicates, or of those that spn_watch_look adds */
	SPN_EVENT_CLEARED = 7 /* a finding that the older state had */
} spn_event_kind;

/* "came", "went", "moved", "unseen", "renamed", "ticket", "new" or "cleared". */
const char *spn_event_kind_name(spn_event_kind kind);

/* Which account the KDC picks for a name, as in spn_resolution. */
typedef struct spn_answer {
	spn_match match;
	const char *via; /* the stored name that matched, or NULL */
	const spn_account_ref *accounts;
	size_t n_accounts;
} spn_answer;

/* A change.  All of it is lent. */
typedef struct spn_event {
	spn_event_kind kind;
	const char *spn; /* NULL of SPN_EVENT_RENAMED, and of a finding about an account, which is from then */
	const spn_account_ref *from; /* who held it, or the account under its old name; NULL: nobody, or not known */
	const spn_account_ref *to; /* who holds it now, or the account under its new name; NULL: nobody, or not known */
	const spn_answer *before, *after; /* who answered for the name, and who does now.  NULL for a name that no client
					     can request; if an account that only one state shows holds it, too; and
					     for SPN_EVENT_UNSEEN, _RENAMED, _NEW and _CLEARED */
	const char *const *also; /* aliases of it, with the same two answers */
	size_t n_also;
	const spn_finding *finding; /* of SPN_EVENT_NEW and SPN_EVENT_CLEARED */
	const char *text; /* one sentence for a person */
} spn_event;

/* Receives one event, which is valid only until the function returns. */
typedef spn_status spn_event_fn(const spn_event *event, void *data, spn_error *err);

#define SPN_CHANGES_OPTIONS_VERSION 1u

/* What to compare with.  Start from SPN_CHANGES_OPTIONS_INIT. */
typedef struct spn_changes_options {
	unsigned version; /* SPN_CHANGES_OPTIONS_VERSION */
	spn_directory *since; /* the domain as it was, such as an export of it; required */
} spn_changes_options;

#define SPN_CHANGES_OPTIONS_INIT SPN_INIT(SPN_CHANGES_OPTIONS_VERSION)

/*
 * Calls fn for each name that came, went or moved in a domain between two states, with the account that a KDC picked
 * for it and the one that it picks now.  Aliases are included: if HOST/x went, another account may answer for http/x.
 * Then calls fn for each duplicate and alias conflict (spn_find_duplicates) of such a name that is new or cleared.
 *
 * Two accounts are the same one if they have the same objectGUID.  If one of them has none, the DN decides, then the
 * objectSid, then the sAMAccountName; accounts with different objectGUIDs or objectSids are never the same.  So an
 * account that was renamed or moved keeps its names.  Accounts with the same DN and the same names in both states count
 * as the same, without a look at other attributes.
 *
 * A file may not hold the whole domain.  If only one state has an account, its names came or went only if the other
 * state would show the account: a server would.  So would a file that was not cut off, has an account of the same kind
 * with names, and whose accounts with names are all in a subtree that the account is in.  All other such names, and
 * names of accounts whose lists of names are incomplete, are SPN_EVENT_UNSEEN.  A file that was exported with another
 * filter cannot be recognized: compare exports of the same search.
 *
 * Work and memory grow with the number of accounts, and look-ups with the number of changes.
 *
 * Returns SPN_ERR_INVALID if the states are of different domains, or if one of them is a file without any names;
 * otherwise what spn_directory_search returns.
 */
spn_status spn_changes(
		spn_directory *dir, const spn_changes_options *options, spn_event_fn *fn, void *data, spn_error *err);

/*
 * Whether an event changes who answers: a name that an account answered for is now answered for by another account, by
 * several or by none; or a finding is new or cleared.  False for the names of a new computer and for accounts that were
 * renamed.
 */
bool spn_event_changes_verdict(const spn_event *event);

/* The accounts and names of a domain as they were at the last look, to see what has changed since. */
typedef struct spn_watch spn_watch;

/*
 * Begins to watch a domain.  state: a file that keeps what was seen, so that the next run finds what has changed in
 * between; it is an LDIF export, too.  It need not exist yet.  NULL: nothing is kept.
 *
 * Returns SPN_ERR_SYNTAX if the file is something else or is damaged; SPN_ERR_FAILED if it cannot be read.
 */
spn_status spn_watch_new(const char *state, spn_watch **ret_watch, spn_error *err);

/*
 * Looks at the domain and calls fn for each change since the last look, in the order of spn_changes; at the first look,
 * for each finding (SPN_EVENT_NEW).
 *
 * The findings are those of spn_find_duplicates and, unless the domain is a file, those of spn_audit that a change of
 * what a look reads can bring or clear, notices aside: "wrong-account", "impersonation" and "weak-enctype"; and
 * "ghost-delegation" of spn_find_delegations, for enabled accounts.
 *
 * If it fails, or fn does, the last look stays the one before, and the next call reports all of it.
 *
 * Returns SPN_ERR_DENIED if no name can be seen at all; SPN_ERR_INVALID if the last look was at another domain; what
 * spn_directory_search returns.
 */
spn_status spn_watch_look(spn_watch *watch, spn_directory *dir, spn_event_fn *fn, void *data, spn_error *err);

/*
 * Writes the state file, mode 0600, as a whole or not at all.  Call it once the events are where they have to be: those
 * that a crash keeps from being saved are reported again, and none is lost.  Does nothing without a file.
 */
spn_status spn_watch_save(spn_watch *watch, spn_error *err);

/* Calls fn for each finding that stood at the last look: see spn_watch_look. */
spn_status spn_watch_findings(spn_watch *watch, spn_finding_fn *fn, void *data, spn_error *err);

/* How many accounts the last look saw, including computers without names; 0: there has been none. */
size_t spn_watch_accounts(const spn_watch *watch);

/* Accepts NULL.  Always returns NULL. */
spn_watch *spn_watch_free(spn_watch *watch);

/* When and where the names of an account were last changed.  Replication records that for all of them together. */
typedef struct spn_last_change {
	int64_t when;     /* seconds since 1970 */
	uint32_t version; /* how often they have been changed */
	char server[256]; /* the domain controller on which that was done; "": it no longer exists, or is not known */
} spn_last_change;

/*
 * Finds out when, and on which domain controller, servicePrincipalName of an entry was last changed
 * (replPropertyMetaData, [MS-ADTS] 3.1.1.4.5).  Every user may read that.  Which name it was, and who did it, is in the
 * Security log of that controller: event 5136, if changes of the directory are audited.  The controllers of the forest
 * are read once for a directory.
 *
 * Returns SPN_ERR_NOT_FOUND if the entry does not exist; SPN_ERR_UNSUPPORTED if an export lacks the attribute, or the
 * entry has never had a name.
 */
spn_status spn_names_last_change(spn_directory *dir, const char *dn, spn_last_change *ret_change, spn_error *err);

#ifdef __cplusplus
}
#endif
#endif

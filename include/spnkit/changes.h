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
	SPN_EVENT_UNSEEN = 3, /* perhaps came or went: the names of that account are not known before, or now */
	SPN_EVENT_RENAMED = 4, /* an account with names has another DN or sAMAccountName; its names are compared as its
				  own */
	SPN_EVENT_TICKET = 5, /* an alias leads to another account, because of a name that it is an alias of */
	SPN_EVENT_NEW = 6, /* a finding of spn_find_duplicates that was not there before */
	SPN_EVENT_CLEARED = 7 /* a finding that was there before and has gone */
} spn_event_kind;

/* "came", "went", "moved", "unseen", "renamed", "ticket", "new" or "cleared". */
const char *spn_event_kind_name(spn_event_kind kind);

/* As spn_resolution: which account the KDC picks for a name. */
typedef struct spn_answer {
	spn_match match;
	const char *via; /* the stored name that matched, or NULL */
	const spn_account_ref *accounts;
	size_t n_accounts;
} spn_answer;

/* Something that has changed.  All of it is lent. */
typedef struct spn_event {
	spn_event_kind kind;
	const char *spn; /* NULL of SPN_EVENT_RENAMED */
	const spn_account_ref *from; /* who held it, or the account as it was called; NULL: nobody, or not known */
	const spn_account_ref *to; /* who holds it now, or the account as it is called; NULL: nobody, or not known */
	const spn_answer *before, *after; /* who answered for the name and who does now; NULL: of a name that no client
					     can request, or that an account holds too which only one state shows; and
					     of kinds that are not about tickets */
	const char *const *also; /* other names, of which it is an alias or the target, with the same two answers */
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
	spn_directory *since; /* the domain as it was: an export of it, say; required */
} spn_changes_options;

#define SPN_CHANGES_OPTIONS_INIT SPN_INIT(SPN_CHANGES_OPTIONS_VERSION)

/*
 * Finds the names that came, went or moved in a domain since it was exported, and calls fn for each, with the account
 * that a KDC picked for it then and picks now, aliases included: HOST/x that went may change who answers for http/x.
 * Then for each duplicate and alias conflict (spn_find_duplicates) of such a name that is new or cleared.
 *
 * Two accounts are the same one if they have the same objectGUID; where one of them has none, the same DN; else the
 * same objectSid or, where one of them has none, sAMAccountName.  So an account that was renamed or moved keeps its
 * names.  Of two files, accounts with the same DN and the same names are taken for the same without a look at the rest.
 *
 * A file may hold less than the domain.  A name of an account that is in one of the two only went, or came, if the
 * other one covers it: that is a server; or a file that has an account of the same kind, with names, and is an export
 * of a subtree that the account is in, as far as the DNs in it show, and was not cut off.  All other such names, and
 * those of accounts whose lists of names are incomplete, are SPN_EVENT_UNSEEN.  An export of accounts that were chosen
 * by another filter cannot be recognized: compare exports of the same search.
 *
 * Work and memory are in proportion to the accounts, and what is looked up to what has changed.
 *
 * Returns SPN_ERR_INVALID if they are two domains, or if one of them has no names at all; what spn_directory_search
 * returns.
 */
spn_status spn_changes(
		spn_directory *dir, const spn_changes_options *options, spn_event_fn *fn, void *data, spn_error *err);

/* When and where the names of an account were last changed: all of them together, as replication keeps it. */
typedef struct spn_last_change {
	int64_t when;     /* seconds since 1970 */
	uint32_t version; /* how often they have been changed */
	char server[256]; /* the domain controller where that was done; "": unknown, or it has been removed since */
} spn_last_change;

/*
 * Finds out when, and on which domain controller, servicePrincipalName of an entry was last changed
 * (replPropertyMetaData, [MS-ADTS] 3.1.1.4.5), which everybody may read.  Which of the names it was, and who did it, is
 * in the Security log of that controller: event 5136, if changes of the directory are audited.  The controllers of the
 * forest are read once for a directory.
 *
 * Returns SPN_ERR_NOT_FOUND if the entry does not exist; SPN_ERR_UNSUPPORTED if it cannot be found out,
 * because an export lacks the attribute or the account never had a name.
 */
spn_status spn_names_last_change(spn_directory *dir, const char *dn, spn_last_change *ret_change, spn_error *err);

#ifdef __cplusplus
}
#endif
#endif

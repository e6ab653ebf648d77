/* SPDX-License-Identifier: MIT */
/* account.h - find accounts and the names that they hold, and change both in one call */
#ifndef SPNKIT_ACCOUNT_H
#define SPNKIT_ACCOUNT_H

#include <spnkit/directory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An account, as it was when it was read. */
typedef struct spn_account spn_account;

typedef enum spn_account_kind {
	SPN_KIND_USER,
	SPN_KIND_COMPUTER,
	SPN_KIND_GMSA, /* group Managed Service Account */
	SPN_KIND_MSA,  /* (standalone) Managed Service Account */
	SPN_KIND_DMSA, /* delegated Managed Service Account */
	SPN_KIND_OTHER
} spn_account_kind;

/* "user", "computer", "gmsa", "msa", "dmsa" or "other". */
const char *spn_account_kind_name(spn_account_kind kind);

/* Which kind is meant when a name matches both a computer and a user. */
typedef enum spn_account_want {
	SPN_WANT_ANY,      /* a computer is preferred, as setspn does, by calls that only look */
	SPN_WANT_COMPUTER, /* computers only */
	SPN_WANT_USER      /* anything but computers */
} spn_account_want;

/*
 * Finds an account by its sAMAccountName (with or without the '$' of a computer), DOMAIN\name, UPN or DN.
 *
 * Returns SPN_ERR_NOT_FOUND; SPN_ERR_AMBIGUOUS, with the DNs in the message, if it matches several;
 * SPN_ERR_SYNTAX if the text cannot be an account name.
 *
 * Calls that change an account, or plan to, find it in the same way, but never choose: with the computer NAME$ and another
 * account NAME, they return SPN_ERR_AMBIGUOUS for NAME.
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
 */
spn_status spn_domain_open(spn_directory *dir, const char *name, const spn_open_options *options,
		spn_directory **ret_dir, spn_error *err);
/*
 * As spn_account_domain_open, for the computer with a short name or FQDN.  If dir's domain has no such computer
 * and the FQDN ends with the name of another domain of the forest, that domain is opened; with forest, the
 * global catalog is asked instead.
 */
spn_status spn_server_domain_open(spn_directory *dir, const char *server, bool forest, const spn_open_options *options,
		spn_directory **ret_dir, spn_error *err);
/* Accepts NULL.  Always returns NULL. */
spn_account *spn_account_free(spn_account *account);

const char *spn_account_dn(const spn_account *account);
/* sAMAccountName, or "" if the entry has none or it is not readable. */
const char *spn_account_name(const spn_account *account);
spn_account_kind spn_account_get_kind(const spn_account *account);
/* userAccountControl without ACCOUNTDISABLE ([MS-ADTS] 2.2.16); true if it is not readable. */
bool spn_account_enabled(const spn_account *account);
/* dNSHostName without a dot at its end, or NULL. */
const char *spn_account_dns_host(const spn_account *account);
/* Lends servicePrincipalName as stored, and returns how many there are. */
size_t spn_account_spns(const spn_account *account, const spn_bytes **ret_spns);

/*
 * What clients would wrongly take an account for if it held a name.  "the account of a KDC": krbtgt/REALM, unless it is
 * the KDC's own account or, as far as the entry tells, that of a trust.  "a domain controller": ldap/HOST/DOMAIN,
 * GC/HOST/DOMAIN and the like ([MS-DRSR] 2.2.3.2, 2.2.4.2) for its own domain or one above it, if userAccountControl
 * says that it is not one.  NULL: nothing of the kind.
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
 * forest: ask the global catalog.  If no account holds one, fn is not called; that is not an error.
 */
spn_status spn_query(spn_directory *dir, const char *pattern, bool forest, spn_account_fn *fn,
		void *data, spn_error *err);

/* As spn_account_fn, for pattern i of several, counted from 0. */
typedef spn_status spn_query_fn(size_t i, const spn_account *account, const spn_bytes *matched,
		size_t n_matched, void *data, spn_error *err);

/*
 * As spn_query for each of the patterns, but with one request for all of them.  fn is called in the order of the
 * patterns, after all answers have arrived.
 */
spn_status spn_query_many(spn_directory *dir, const char *const *patterns, size_t n, bool forest,
		spn_query_fn *fn, void *data, spn_error *err);

/*
 * The flags of calls, of plans and of their steps: one set, so that a flag means the same everywhere.  A call returns
 * SPN_ERR_INVALID for a flag that does not apply to it.
 */

/* A name may be added even if another account currently serves it through an alias (HOST/). */
#define SPN_TAKEOVER 1u
/* Protected groups (Domain Admins and similar, [MS-ADTS] 3.1.1.6.1.2, those with an adminCount, and what is a member of
 * one of them, directly or through others) are copied too. */
#define SPN_PROTECTED 2u
/* No account of the whole forest may hold a name that is added: the global catalog is asked as well. */
#define SPN_FOREST 4u
/* Of a step: if it fails, that is reported and the rest goes on; unless it adds a name that the plan removes
 * elsewhere. */
#define SPN_OPTIONAL 8u
/* Of a step: it restores what an earlier step removed temporarily; the purpose of the removal must be served
 * before it. */
#define SPN_GIVES_BACK 16u
/* Of a step that removes names: only if each of them is on another account as well, or a later step of the plan adds
 * it; so no name is lost because another writer has moved it meanwhile. */
#define SPN_DUPLICATE 1024u
/* Of a plan: names may be removed although the server does not confirm the permission to write them, so they
 * might not be restorable. */
#define SPN_UNSURE 32u
/* Of a plan that only deletes names: it may do so even if an undo would be refused. */
#define SPN_NO_WAY_BACK 64u
/* A journal may be undone in a directory other than its own, as long as the naming context is the same. */
#define SPN_ELSEWHERE 128u
/* Of a plan: it may change attributes other than servicePrincipalName, member and msDS-SupportedEncryptionTypes. */
#define SPN_ANY_ATTRIBUTE 256u

/* Of a call that changes a directory by itself: no journal is recorded, so the change cannot be undone. */
#define SPN_NO_JOURNAL 512u

#define SPN_CHANGE_OPTIONS_VERSION 1u

/*
 * Options of a call that changes a directory by itself.  Start from SPN_CHANGE_OPTIONS_INIT.  NULL means no
 * flags and a journal in the default folder.
 *
 * The journal is on disk before the change is sent; spn_propose_undo and the command use it to undo the change.
 * A call that finds nothing to change leaves no journal.
 */
typedef struct spn_change_options {
	unsigned version;    /* SPN_CHANGE_OPTIONS_VERSION */
	unsigned flags;      /* those listed with the call, and SPN_NO_JOURNAL */
	const char *journal; /* a file or folder, as for spn_journal_create; NULL: the default folder */
} spn_change_options;

#define SPN_CHANGE_OPTIONS_INIT { SPN_CHANGE_OPTIONS_VERSION, 0u, NULL }

/*
 * Removes names from one account, in whatever case they are stored (every case variant).
 *
 * flags of options: SPN_UNSURE, SPN_NO_WAY_BACK.
 *
 * Returns SPN_ERR_NOT_FOUND, with nothing changed, if the account or one of the names does not exist;
 * SPN_ERR_AMBIGUOUS if the text fits several accounts; SPN_ERR_FAILED, with nothing changed, if the journal cannot be written; SPN_ERR_INVALID for options of
 * another version, or flags that do not apply to this call.
 */
spn_status spn_delete(spn_directory *dir, const char *account, const char *const *spns,
		size_t n_spns, const spn_change_options *options, spn_error *err);

/*
 * Adds names to one account if no other account holds them.
 *
 * Checks before and after the write; if another writer added the same name in between, this write is rolled back.
 * Names that the account already holds are left as they are.  flags of options: SPN_TAKEOVER,
 * SPN_FOREST.
 *
 * Returns SPN_ERR_NOT_UNIQUE, with the holder in the message, if another account holds one of them, literally
 * or (without SPN_TAKEOVER) through an alias ([MS-DRSR] 4.1.4.2.19, sPNMappings); SPN_ERR_FAILED and
 * SPN_ERR_INVALID as spn_delete.
 */
spn_status spn_add_unique(spn_directory *dir, const char *account, const char *const *spns,
		size_t n_spns, const spn_change_options *options, spn_error *err);

/*
 * Asks every domain controller of the domain, including the one behind dir, until each of them reports that the
 * account at dn holds the names: before replication, two controllers may accept the same name for two accounts.
 *
 * options are for connections to the others, as for spn_directory_open.  seconds: the longest time to wait.
 *
 * Returns SPN_ERR_NOT_UNIQUE if one reports that another account holds one of them: undo your change;
 * SPN_ERR_UNREACHABLE after that time, with the controllers that lag behind or do not answer in the message;
 * SPN_ERR_UNSUPPORTED if dir is not a live domain.
 */
spn_status spn_replicas_wait(spn_directory *dir, const spn_open_options *options, const char *dn,
		const char *const *names, size_t n_names, unsigned seconds, spn_error *err);

typedef enum spn_group_outcome {
	SPN_GROUP_ADDED,   /* added as a member; while planning: will be added */
	SPN_GROUP_ALREADY, /* was a member already */
	SPN_GROUP_PRIMARY, /* the primary group: held through primaryGroupID, not member; left unchanged */
	SPN_GROUP_SKIPPED, /* protected, and SPN_PROTECTED was not given */
	SPN_GROUP_FAILED   /* the directory refused; text says why */
} spn_group_outcome;

/* "added", "already", "primary", "skipped" or "failed". */
const char *spn_group_outcome_name(spn_group_outcome outcome);

typedef struct spn_group {
	const char *dn;
	const char *name; /* sAMAccountName, or the first RDN value */
	spn_group_outcome outcome;
	const char *text; /* one sentence for a person, or "" */
} spn_group;

/* Receives one group, which is valid until the function returns. */
typedef spn_status spn_group_fn(const spn_group *group, void *data, spn_error *err);

/*
 * Adds one account to every group that another is a direct member of.
 *
 * If a group cannot be changed, that is reported to fn and the rest goes on.  flags of options: SPN_PROTECTED.
 *
 * Returns SPN_ERR_NOT_FOUND or _AMBIGUOUS for an account, SPN_ERR_REFUSED if to is in another domain than from,
 * SPN_ERR_FAILED and SPN_ERR_INVALID as spn_delete; a group that could not be changed is not an error.
 */
spn_status spn_copy_membership(spn_directory *dir, const char *from, const char *to, const spn_change_options *options,
		spn_group_fn *fn, void *data, spn_error *err);

/* Calls fn for every group that an account is a direct member of, the primary one included. */
spn_status spn_list_groups(spn_directory *dir, const char *account, spn_group_fn *fn, void *data,
		spn_error *err);

#ifdef __cplusplus
}
#endif
#endif

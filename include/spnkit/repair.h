/* SPDX-License-Identifier: MIT */
/* repair.h - give, take and move names: at once, or as a plan to review */
#ifndef SPNKIT_REPAIR_H
#define SPNKIT_REPAIR_H

#include <spnkit/plan.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum spn_group_outcome {
	SPN_GROUP_ADDED = 0,   /* added as a member; while planning: will be added */
	SPN_GROUP_ALREADY = 1, /* was a member already */
	SPN_GROUP_PRIMARY = 2, /* the primary group: held through primaryGroupID, not member; left unchanged */
	SPN_GROUP_SKIPPED = 3, /* protected, and SPN_PROTECTED was not given */
	SPN_GROUP_FAILED = 4   /* the directory refused; text says why */
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

/* How much of a change an undo could give back, as far as that can be foreseen. */
typedef enum spn_undoable {
	SPN_UNDOABLE_NOTHING = 0,
	SPN_UNDOABLE_SOME = 1,
	SPN_UNDOABLE_ALL = 2
} spn_undoable;

/* The result of a change. */
typedef struct spn_outcome {
	bool changed;        /* the directory is not as it was; with SPN_DRY_RUN: it would not be */
	bool half_done;      /* a failure could not be rolled back, or the journal not be completed: SPN_ERR_HALF_DONE */
	size_t n_planned;    /* steps of the plan */
	size_t n_steps;      /* steps that were carried out and stand; with SPN_DRY_RUN: all of them */
	spn_undoable undoable; /* SPN_UNDOABLE_ALL without finding_fn */
	const char *journal; /* the file with which it can be undone; NULL: none */
	const spn_error *late; /* why a controller was not seen to have it within wait_seconds; NULL: all have it, or none
				  was asked */
} spn_outcome;

/* Receives the result of a change, which is valid only until the function returns. */
typedef spn_status spn_outcome_fn(const spn_outcome *outcome, void *data, spn_error *err);
/* Receives a plan before anything is changed.  Any status but SPN_OK becomes the result of the call. */
typedef spn_status spn_plan_fn(const spn_plan *plan, void *data, spn_error *err);

#define SPN_CHANGE_OPTIONS_VERSION 2u

/*
 * Options of a call that changes a directory by itself.  Start from SPN_CHANGE_OPTIONS_INIT.  NULL means no
 * flags and a journal in the default folder.
 *
 * The journal is on disk before the change is sent; spn_undo and the command use it to undo the change.
 * A call that finds nothing to change leaves no journal.
 *
 * The functions are called in the order in which they are listed, each of them with data; any may be NULL.
 * confirm_fn is not called with SPN_DRY_RUN, nor if there is nothing to change: it is where to ask a person, and the
 * last moment at which nothing has been written.  Without it, nobody is asked.  outcome_fn is called once everything
 * was done, and with SPN_ERR_HALF_DONE; not if nothing was changed because of a failure.
 */
typedef struct spn_change_options {
	unsigned version;    /* SPN_CHANGE_OPTIONS_VERSION */
	unsigned flags;      /* those listed with the call, SPN_NO_JOURNAL and SPN_DRY_RUN */
	const char *journal; /* a file or folder, as for spn_journal_create; NULL: the default folder */

	/* Since version 2, and all of them may be NULL or 0. */
	const char *title;          /* what the journal says is done; NULL: the call and its arguments.  Not of spn_undo */
	spn_plan_fn *plan_fn;       /* receives the plan */
	spn_finding_fn *finding_fn; /* what the builder of the plan remarks, before plan_fn; then what spn_plan_one_way and
	                               spn_plan_delegations find, or "unforeseen" if one of them cannot tell */
	spn_plan_fn *confirm_fn;    /* lets the change go on, or fails: SPN_ERR_STOPPED, with the reason in err */
	spn_step_fn *step_fn;       /* as for spn_plan_apply */
	spn_outcome_fn *outcome_fn;
	void *data;
	unsigned wait_seconds;      /* behind each step that adds names: wait for the other controllers (spn_replicas_wait), so
	                               long at most; one that reports another holder has the names taken back */
	const spn_open_options *wait_options; /* for connections to them */
} spn_change_options;

#define SPN_CHANGE_OPTIONS_INIT SPN_INIT(SPN_CHANGE_OPTIONS_VERSION)

/*
 * Removes names from one account, in whatever case they are stored (every case variant).
 *
 * Flags that apply: SPN_UNSURE, SPN_NO_WAY_BACK, SPN_IF_PRESENT.
 *
 * Returns SPN_ERR_NOT_FOUND, with nothing changed, if the account or (without SPN_IF_PRESENT) one of the names does not
 * exist; SPN_ERR_AMBIGUOUS if the text fits several accounts; SPN_ERR_FAILED, with nothing changed, if the journal
 * cannot be written; SPN_ERR_INVALID for options of another version, or flags that do not apply to this call.
 */
spn_status spn_delete(spn_directory *dir, const char *account, const char *const *spns,
		size_t n_spns, const spn_change_options *options, spn_error *err);

/*
 * Adds names to one account if no other account holds them.
 *
 * Checks before and after the write; if another writer added the same name in between, this write is rolled back.
 * Names that the account already holds are left as they are.  Flags that apply: SPN_TAKEOVER, SPN_FOREST, SPN_UNSURE,
 * SPN_NO_WAY_BACK.  With SPN_TAKEOVER, finding_fn receives what spn_find_takeovers reports.
 *
 * Returns SPN_ERR_NOT_UNIQUE, with the holder in the message, if another account holds one of them or, without
 * SPN_TAKEOVER, answers for it today through an alias ([MS-DRSR] 4.1.4.2.19, sPNMappings) or its userPrincipalName; or
 * if Samba's KDC would find another computer for it as well, by its cn, so that nobody gets a ticket (spn_resolve);
 * SPN_ERR_FAILED and SPN_ERR_INVALID as spn_delete.
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
		const char *const *spns, size_t n_spns, unsigned seconds, spn_error *err);

/*
 * Adds one account to every group that another is a direct member of.
 *
 * If a group cannot be changed, that is reported to fn and the rest goes on.  Flags that apply: SPN_PROTECTED,
 * SPN_UNSURE, SPN_NO_WAY_BACK.
 *
 * Returns SPN_ERR_NOT_FOUND or _AMBIGUOUS for an account, SPN_ERR_REFUSED if to is in another domain than from,
 * SPN_ERR_FAILED and SPN_ERR_INVALID as spn_delete; a group that could not be changed is not an error.
 */
spn_status spn_copy_membership(spn_directory *dir, const char *from, const char *to, const spn_change_options *options,
		spn_group_fn *fn, void *data, spn_error *err);

/* Calls fn for every group that an account is a direct member of, the primary one included. */
spn_status spn_list_groups(spn_directory *dir, const char *account, spn_group_fn *fn, void *data,
		spn_error *err);

/*
 * Builders
 *
 * The spn_propose_ functions append steps to a plan; nothing is written to the directory.  They see the
 * directory as it will be once the steps already in the plan are carried out.  An account is given in any
 * form that spn_account_find takes.  fn (may be NULL) receives remarks, such as names that already exist
 * and case variants.  If a builder fails, the plan is unchanged.
 */

/* Proposes what spn_add_unique does.  Flags that apply: SPN_TAKEOVER, SPN_FOREST.  Returns what spn_add_unique
 * returns, and SPN_ERR_SYNTAX. */
spn_status spn_propose_add(spn_plan *plan, spn_directory *dir, const char *account,
		const char *const *spns, size_t n_spns, unsigned flags, spn_finding_fn *fn, void *data,
		spn_error *err);
/*
 * Reports which other account answers today, by an alias (HOST/) or its userPrincipalName, for names that an account is
 * to get, or for what these cover: each finding has the code "takeover" and is a warning.  With forest, also in other
 * domains, which a plan does not see.  Nothing is changed.
 *
 * Returns what spn_resolve returns.
 */
spn_status spn_find_takeovers(spn_directory *dir, const spn_account *account, const char *const *spns, size_t n_spns,
		bool forest, spn_finding_fn *fn, void *data, spn_error *err);
/* Proposes what spn_delete does.  Returns what spn_delete returns. */
spn_status spn_propose_delete(spn_plan *plan, spn_directory *dir, const char *account,
		const char *const *spns, size_t n_spns, spn_finding_fn *fn, void *data, spn_error *err);
/* Proposes what spn_delete does with SPN_IF_PRESENT: fn receives a finding with the code "absent" for each name that
 * the account does not hold.  Returns what spn_delete returns. */
spn_status spn_propose_delete_present(spn_plan *plan, spn_directory *dir, const char *account,
		const char *const *spns, size_t n_spns, spn_finding_fn *fn, void *data, spn_error *err);
/* Deletes the names from one account and adds them to another.  Returns what both return; SPN_ERR_REFUSED if
 * to is in another domain. */
spn_status spn_propose_move(spn_plan *plan, spn_directory *dir, const char *from, const char *to,
		const char *const *spns, size_t n_spns, spn_finding_fn *fn, void *data, spn_error *err);
/* Adds the names that every computer has: HOST/ and RestrictedKrbHost/, with short name and FQDN.  computer is its
 * account, or one of its host names. */
spn_status spn_propose_defaults(spn_plan *plan, spn_directory *dir, const char *computer,
		spn_finding_fn *fn, void *data, spn_error *err);
/* Proposes what spn_copy_membership does.  Flags that apply: SPN_PROTECTED.  group_fn is called for every group.
 * Returns what spn_copy_membership returns. */
spn_status spn_propose_membership(spn_plan *plan, spn_directory *dir, const char *from, const char *to,
		unsigned flags, spn_group_fn *group_fn, void *data, spn_error *err);

/*
 * Proposes what accounts lack of the names that they shall hold.  desired is a directory, usually a file (LDIF, or an
 * export), with the accounts by their DNs and servicePrincipalName; other attributes do not matter.  The plan must be
 * empty.
 *
 * A name that another account of desired holds is moved, one that nobody holds is added, and of a name that is on an
 * account of desired besides the one that it is listed for, that other one loses it.  Other names stay as they are.
 * With SPN_EXACT, each account for which names are listed loses those that are not, but for what Windows' services
 * register by themselves (HOST, RestrictedKrbHost, WSMAN, TERMSRV, MSSQLSvc, ...) and all names of domain controllers;
 * fn receives a finding with the code "self-registered" for those.  An account for which nothing is listed loses only
 * what is listed for another one.
 *
 * Flags that apply: SPN_EXACT, SPN_TAKEOVER, SPN_FOREST.
 *
 * Returns SPN_ERR_INVALID if one name is listed for two accounts or, with SPN_EXACT, if the notes of desired say that
 * names are missing there (spn_directory_notes); SPN_ERR_SYNTAX for a malformed name that is missing;
 * SPN_ERR_REFUSED for accounts of another domain; SPN_ERR_NOT_FOUND if accounts do not exist, each of which fn receives
 * as a finding with the code "no-account"; SPN_ERR_NOT_UNIQUE if accounts that are not in desired hold names, each of
 * which fn receives with the code "held-elsewhere" and the command that moves it, if a machine would lose a name that
 * its own services are found by (HOST, ..., and what HOST stands for: SPN_TAKEOVER), or if another account serves a
 * name by an alias or its userPrincipalName (SPN_TAKEOVER).
 */
spn_status spn_propose_converge(spn_plan *plan, spn_directory *dir, spn_directory *desired, unsigned flags,
		spn_finding_fn *fn, void *data, spn_error *err);

/*
 * The DN of the first account for which desired lists names; for free(), NULL: none.  It says which domain the names
 * are for: spn_account_domain_open.
 *
 * Returns what spn_directory_search returns.
 */
spn_status spn_desired_account(spn_directory *desired, char **ret_dn, spn_error *err);

/*
 * Writes an account and names as LDIF that spn_propose_converge reads, with an empty line behind it, so that several
 * may follow each other in a file.  The names are sorted: equal ones make equal files.  account is its sAMAccountName;
 * NULL or "": unknown.
 */
spn_status spn_desired_write(const char *dn, const char *account, const spn_bytes *spns, size_t n_spns, FILE *file,
		spn_error *err);

/*
 * Appends the steps that repair a finding of spn_audit or spn_find_duplicates, if the directory itself proves
 * them right; spnkit(1) lists the conditions: a malformed name is deleted if no request can match it; a name on
 * several accounts stays with the only one that can answer, or with the one computer whose own name it is
 * (HOST/x, WSMAN/x, ...); a computer gets its default names back if its host is certain.  Appends nothing for
 * any other finding, if the directory has changed since, or if the step would be refused: fn then receives the
 * reason.
 */
spn_status spn_propose_repair(spn_plan *plan, spn_directory *dir, const spn_finding *finding, spn_finding_fn *fn,
		void *data, spn_error *err);

/* Receives the DNS name of another domain, and how many steps would change it. */
typedef spn_status spn_elsewhere_fn(const char *domain, size_t n_steps, void *data, spn_error *err);

/*
 * As spn_propose_repair for each finding of an audit of several domains: a plan is for one, which is that of the first
 * directory.  elsewhere_fn (may be NULL) is called once for each other domain that repairs would change: with its
 * directory first, they are proposed.  data is for both functions.
 *
 * Returns what spn_propose_repair returns; the plan is then unchanged.
 */
spn_status spn_propose_repairs(spn_plan *plan, spn_directory *const *dirs, size_t n_dirs,
		const spn_finding *const *findings, size_t n_findings, spn_finding_fn *fn, spn_elsewhere_fn *elsewhere_fn, void *data,
		spn_error *err);

/* Receives the probe of one name, which is valid only until the function returns. */
typedef spn_status spn_probe_fn(const spn_probe *probe, void *data, spn_error *err);

/* What happens while a server is repaired. */
typedef enum spn_stage {
	SPN_STAGE_NOT_PROBED = 0, /* the KDC or the service cannot be asked; why says the reason.  Nothing is changed */
	SPN_STAGE_HEALTHY = 1, /* the service accepts fresh tickets: nothing is changed */
	SPN_STAGE_OTHER_CAUSE = 2, /* it does not, but the names are not the cause: nothing is changed */
	SPN_STAGE_OTHER_REPAIR =
			3, /* names are the cause, but not those that this repair changes: nothing is changed */
	SPN_STAGE_TICKETS = 4, /* reset: the tickets are in the credential cache */
	SPN_STAGE_ROLLED_BACK = 5, /* the change failed, and memberships were rolled back with it; another repair of the
				    * same server may have found them there */
	SPN_STAGE_VALIDATED = 6, /* the change was made, and the names are where they should be */
	SPN_STAGE_NOT_VALID = 7, /* the change was made, but the server is not as it should be; why: the reason if it
				  * cannot be asked, else NULL */
	SPN_STAGE_MEMBERS = 8, /* the groups of the account with the DN text come next, one by one (member_fn) */
	SPN_STAGE_MEMBER_LOST = 9 /* another writer has taken that account out of the group with the DN text again */
} spn_stage;

/* Receives a stage.  text and why are valid only until the function returns. */
typedef spn_status spn_stage_fn(spn_stage stage, const char *text, const spn_error *why, void *data, spn_error *err);

#define SPN_REPAIR_OPTIONS_VERSION 2u

/* Options of fix, split and reset.  Start from SPN_REPAIR_OPTIONS_INIT. */
typedef struct spn_repair_options {
	unsigned version;    /* SPN_REPAIR_OPTIONS_VERSION */
	const char *service; /* service class; NULL: "http" */
	unsigned port;       /* 0: 5985 */
	unsigned flags;      /* SPN_PROTECTED, SPN_FOREST */
	spn_finding_fn *finding_fn; /* receives a verdict for each name; may be NULL */
	spn_group_fn *group_fn;     /* fix: receives each group; may be NULL */
	void *data;                 /* for all functions */

	/* Since version 2, for spn_fix, spn_split and spn_reset; all of them may be NULL. */
	const char *url;     /* fix: log on there, as for spn_verify */
	const spn_handshake_options *handshake; /* fix: NULL: the defaults */
	const char *ccache;  /* reset: where the tickets go, as for spn_kdc_store */
	spn_probe_fn *probe_fn;  /* fix: receives each probe */
	spn_stage_fn *stage_fn;
	spn_group_fn *member_fn; /* fix: receives the groups that the computer is in afterwards */
} spn_repair_options;

#define SPN_REPAIR_OPTIONS_INIT SPN_INIT(SPN_REPAIR_OPTIONS_VERSION)

/*
 * Proposes to let the service run as the computer account from now on: deletes the names without a port from the
 * account that holds service/server (from each, if several do), adds them to the computer, and then adds the
 * computer to the groups of that account.
 *
 * server is the computer's short name or FQDN, or the name of its account, in any case.  If no steps are added,
 * no other account holds the names: the findings say who answers for them.  options may be NULL.
 *
 * Returns SPN_ERR_NOT_FOUND if the computer does not exist; SPN_ERR_SYNTAX if server or service is malformed;
 * SPN_ERR_REFUSED if an account of another domain holds one of the names (with SPN_FOREST).
 */
spn_status spn_propose_fix(spn_plan *plan, spn_directory *dir, const char *server,
		const spn_repair_options *options, spn_error *err);

/*
 * Proposes that the names with the port belong to the computer and those without it to the service account: the
 * one account other than the computer that holds one of these today.  An account that holds only names with the port
 * loses them and gets nothing in return.  Options and findings are as for spn_propose_fix.
 *
 * Returns SPN_ERR_AMBIGUOUS if several accounts could be the service account.
 */
spn_status spn_propose_split(spn_plan *plan, spn_directory *dir, const char *server,
		const spn_repair_options *options, spn_error *err);

/*
 * In addition to what split does, proposes to remove the names without a port from the service account
 * temporarily: between the two steps, a ticket for such a name is one for the computer.  The step that restores
 * them has SPN_GIVES_BACK: get the ticket (spn_kdc_store) when the step function is called with it as
 * SPN_STEP_PLANNED; if that function fails, everything is undone.  Options and findings are as for spn_propose_fix.
 *
 * Returns what spn_propose_split returns.
 */
spn_status spn_propose_reset(spn_plan *plan, spn_directory *dir, const char *server,
		const spn_repair_options *options, spn_error *err);

/*
 * Reports what a plan changes for those who may act as users (Kerberos delegation, [MS-SFU]): a right to delegate to a
 * name leads to whichever account holds it, while other rights belong to an account and do not go with its names.
 * Each finding has the code "delegation" and is a warning.  In addition, who may know the password of an account that
 * gets names: "created-by-user", a warning, for a computer that an ordinary user created (mS-DS-CreatorSID); and
 * "guessable", a notice, for a user that gets its first name: whoever may ask for tickets can try to guess the
 * password. Nothing is changed.
 *
 * Costs one search of the domain, and one for each account that names are moved from or that gets names.
 *
 * Returns what spn_directory_search returns.
 */
spn_status spn_plan_delegations(const spn_plan *plan, spn_directory *dir, spn_finding_fn *fn, void *data,
		spn_error *err);

typedef enum spn_health {
	SPN_HEALTH_UNKNOWN = 0,   /* no service was asked, or none said anything that shows which key it has */
	SPN_HEALTH_OK = 1,        /* the service accepts a fresh ticket for every name, or could decrypt it */
	SPN_HEALTH_WRONG_ACCOUNT = 2, /* a ticket is for an account that the service does not run as, or there is none */
	SPN_HEALTH_OTHER = 3      /* it fails for another reason, which no change of names mends */
} spn_health;

#define SPN_VERIFY_OPTIONS_VERSION 1u

/* Options of spn_verify.  Start from SPN_VERIFY_OPTIONS_INIT. */
typedef struct spn_verify_options {
	unsigned version;    /* SPN_VERIFY_OPTIONS_VERSION */
	const char *service; /* service class; NULL: "http" */
	unsigned port;       /* 0: 5985 */
	const char *url;     /* log on there (spn_negotiate); NULL: see below */
	const spn_handshake_options *handshake; /* NULL: the defaults */
	spn_probe_fn *fn;    /* receives each probe; may be NULL */
	void *data;
} spn_verify_options;

#define SPN_VERIFY_OPTIONS_INIT SPN_INIT(SPN_VERIFY_OPTIONS_VERSION)

/*
 * Says whether a service works for clients that ask for the names: gets a ticket for each, and tries it on the service.
 * Call it before a repair, which is right only for SPN_HEALTH_WRONG_ACCOUNT (and, with what the directory says,
 * SPN_HEALTH_UNKNOWN), and after.
 *
 * Without a url, "http" with port 5985 or 5986 is tried where WinRM listens on the host of the first name, with a
 * log-on that is of no use to anybody (stale); of other services, and without libcurl, only the tickets
 * are looked at.  options may be NULL.
 *
 * Returns what spn_probe_ticket returns: the KDC or the service could not be asked.
 */
spn_status spn_verify(spn_directory *dir, spn_kdc *kdc, const char *const *spns, size_t n_spns,
		const spn_verify_options *options, spn_health *ret_health, spn_error *err);

/*
 * As spn_kdc_store, in every spelling in which clients look for a ticket: of http/host also "HTTP/host" (RFC 4559,
 * section 4.1), and that in small letters.  For the step function of spn_plan_apply while a plan of spn_propose_reset
 * is carried out: the KDC on the controller of dir is asked first, because the others may not have heard of what was
 * changed there.  dir may be NULL: any KDC.
 */
spn_status spn_kdc_store_spellings(
		spn_kdc *kdc, spn_directory *dir, const char *spn, const char *ccache, spn_error *err);

/*
 * Carries a plan out, from the review of it to its outcome, as the options say: shows it, reports what an undo could
 * not give back (spn_plan_one_way) and what it changes for others (spn_plan_delegations), has it confirmed, records,
 * applies it (spn_plan_apply), and waits for the other controllers.  An empty plan is shown, and its outcome reported.
 *
 * Flags that apply: SPN_UNSURE, SPN_NO_WAY_BACK.
 *
 * Returns what spn_plan_apply returns, or with SPN_DRY_RUN, what spn_plan_preflight does; SPN_ERR_FAILED, with the
 * remedy SPN_REMEDY_JOURNAL, if the journal cannot be written; or what a function of the options failed with.
 */
spn_status spn_plan_run(spn_plan *plan, spn_directory *dir, const spn_change_options *options, spn_error *err);

typedef enum spn_undo_end {
	SPN_UNDO_WHOLE = 0, /* all was given back; the journal is marked as undone */
	SPN_UNDO_PARTLY = 1, /* some values could not be, as findings with the code "kept" say, and SPN_OPTIONAL steps that
			      * step_fn sees fail; the journal is not marked, so that the rest can be given back later */
	SPN_UNDO_MAY_ARRIVE = 2, /* some was as before already, and may still arrive, from another controller or a slow
				  * one: the journal is marked, but can be undone once more */
	SPN_UNDO_ELSEWHERE = 3 /* all was given back in a directory other than the journal's, which is not marked */
} spn_undo_end;

/*
 * Undoes what a journal records (spn_propose_undo, spn_plan_run), and marks it (spn_journal_mark_undone).  ret_end may
 * be NULL; it is set on SPN_ERR_STOPPED, too, to what the end would have been.
 *
 * Flags that apply: SPN_ELSEWHERE, SPN_UNSURE, SPN_NO_WAY_BACK.
 *
 * Returns what those three functions return.  If plan_fn was not called, nothing of this journal can be undone now.
 */
spn_status spn_undo(spn_directory *dir, const char *path, const spn_change_options *options, spn_undo_end *ret_end,
		spn_error *err);

/*
 * Make a server answer for its names, from the first verdict to the last: what spn_propose_fix, spn_propose_split and
 * spn_propose_reset propose is carried out as spn_plan_run does, and then looked at again.  kdc may be NULL for fix,
 * which then judges by the directory alone, and for reset as long as nothing is changed.
 *
 * With a KDC, fix probes the names first (spn_verify): if the service is healthy or fails for another reason, nothing
 * is changed.  Reset stores the tickets (spn_kdc_store_spellings) while the names are away.  After the change, group_fn
 * receives the groups that the plan adds the computer to, with the result; while planning, those that it leaves out.
 *
 * *ret_ok (may be NULL): the server is as it should be; with SPN_DRY_RUN, it would be.  Flags of change that apply:
 * SPN_UNSURE, SPN_NO_WAY_BACK.  options and change may be NULL.
 *
 * Returns what the builder and spn_plan_run return; what spn_verify returns, before the change (SPN_STAGE_NOT_PROBED)
 * or after it (SPN_STAGE_NOT_VALID).
 */
spn_status spn_fix(spn_directory *dir, spn_kdc *kdc, const char *server, const spn_repair_options *options,
		const spn_change_options *change, bool *ret_ok, spn_error *err);
spn_status spn_split(spn_directory *dir, const char *server, const spn_repair_options *options,
		const spn_change_options *change, bool *ret_ok, spn_error *err);
spn_status spn_reset(spn_directory *dir, spn_kdc *kdc, const char *server, const spn_repair_options *options,
		const spn_change_options *change, bool *ret_ok, spn_error *err);

#ifdef __cplusplus
}
#endif
#endif

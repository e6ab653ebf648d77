/* SPDX-License-Identifier: MIT */
/* plan.h - change a directory safely: propose, review, apply, undo */
#ifndef SPNKIT_PLAN_H
#define SPNKIT_PLAN_H

#include <stdio.h>

#include <spnkit/check.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Steps that are carried out in order. */
typedef struct spn_plan spn_plan;

/* Changes to one entry, carried out together. */
typedef struct spn_step {
	const char *dn;
	const char *account; /* sAMAccountName of the entry, "" if unknown: for people and for setspn lines */
	const spn_mod *mods;
	size_t n_mods;
	const char *reason; /* one line for a person, or "" */
	unsigned flags;     /* SPN_OPTIONAL, SPN_TAKEOVER, SPN_GIVES_BACK, SPN_FOREST, SPN_DUPLICATE */
} spn_step;

/*
 * The word that a plan file has for one flag of a step: "optional", "takeover", "gives-back", "forest" or
 * "duplicate"; NULL if it is not a flag of steps.  ret_meaning (may be NULL) receives a sentence for a person, without
 * a full stop.  Both are constant.
 */
const char *spn_step_flag_name(unsigned flag, const char **ret_meaning);

spn_status spn_plan_new(spn_plan **ret_plan, spn_error *err);
/* Accepts NULL.  Always returns NULL. */
spn_plan *spn_plan_free(spn_plan *plan);
/* Appends a copy of a step.  Returns SPN_ERR_INVALID if it changes nothing, or has a flag that does not
 * apply to steps. */
spn_status spn_plan_append(spn_plan *plan, const spn_step *step, spn_error *err);
size_t spn_plan_count(const spn_plan *plan);

/* Allows what spn_plan_apply refuses by default.  flags: SPN_UNSURE, SPN_NO_WAY_BACK,
 * SPN_ANY_ATTRIBUTE. */
spn_status spn_plan_allow(spn_plan *plan, unsigned flags, spn_error *err);
/* Lends step i, counted from 0; NULL beyond the last. */
const spn_step *spn_plan_step(const spn_plan *plan, size_t i);

/*
 * The builders below append steps to a plan; nothing is written to the directory.  They see the
 * directory as it will be once the steps already in the plan are carried out.  An account is given in any
 * form that spn_account_find takes.  fn (may be NULL) receives remarks, such as names that already exist
 * and case variants.  If a builder fails, the plan is unchanged.
 */

/* flags: SPN_TAKEOVER, SPN_FOREST.  Returns what spn_add_unique returns, and SPN_ERR_SYNTAX. */
spn_status spn_propose_add(spn_plan *plan, spn_directory *dir, const char *account,
		const char *const *spns, size_t n_spns, unsigned flags, spn_finding_fn *fn, void *data,
		spn_error *err);
/* Returns what spn_delete returns. */
spn_status spn_propose_delete(spn_plan *plan, spn_directory *dir, const char *account,
		const char *const *spns, size_t n_spns, spn_finding_fn *fn, void *data, spn_error *err);
/* Deletes the names from one account and adds them to another.  Returns what both return; SPN_ERR_REFUSED if
 * to is in another domain. */
spn_status spn_propose_move(spn_plan *plan, spn_directory *dir, const char *from, const char *to,
		const char *const *spns, size_t n_spns, spn_finding_fn *fn, void *data, spn_error *err);
/* Adds the names that every computer has: HOST/ and RestrictedKrbHost/, with short name and FQDN.  computer is its account, or one of
 * its host names. */
spn_status spn_propose_defaults(spn_plan *plan, spn_directory *dir, const char *computer,
		spn_finding_fn *fn, void *data, spn_error *err);
/* flags: SPN_PROTECTED.  group_fn is called for every group.  Returns what spn_copy_membership returns. */
spn_status spn_propose_groups(spn_plan *plan, spn_directory *dir, const char *from, const char *to,
		unsigned flags, spn_group_fn *group_fn, void *data, spn_error *err);

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

#define SPN_REPAIR_OPTIONS_VERSION 1u

/* Options of fix, split and reset.  Start from SPN_REPAIR_OPTIONS_INIT. */
typedef struct spn_repair_options {
	unsigned version;    /* SPN_REPAIR_OPTIONS_VERSION */
	const char *service; /* service class; NULL: "http" */
	unsigned port;       /* 0: 5985 */
	unsigned flags;      /* SPN_PROTECTED, SPN_FOREST */
	spn_finding_fn *finding_fn; /* receives a verdict for each name; may be NULL */
	spn_group_fn *group_fn;     /* fix: receives each group; may be NULL */
	void *data;                 /* for both */
} spn_repair_options;

#define SPN_REPAIR_OPTIONS_INIT { SPN_REPAIR_OPTIONS_VERSION, NULL, 0u, 0u, NULL, NULL, NULL }

/*
 * Proposes to let the service run as the computer account from now on: copies the groups of the account that
 * holds service/server (of each, if several do), deletes its names without a port and adds them to the computer.
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
 * one account other than the computer that holds one of the four today.  As spn_propose_fix; and
 *
 * Returns SPN_ERR_AMBIGUOUS if several accounts could be the service account.
 */
spn_status spn_propose_split(spn_plan *plan, spn_directory *dir, const char *server,
		const spn_repair_options *options, spn_error *err);

/*
 * In addition to what split does, proposes to remove the names without a port from the service account
 * temporarily: between the two steps, a ticket for such a name is one for the computer.  The step that restores
 * them has SPN_GIVES_BACK: get the ticket (spn_kdc_store) when the step function is called with it as
 * SPN_STEP_PLANNED; if that function fails, everything is undone.  As spn_propose_split.
 */
spn_status spn_propose_reset(spn_plan *plan, spn_directory *dir, const char *server,
		const spn_repair_options *options, spn_error *err);

typedef enum spn_step_state {
	SPN_STEP_PLANNED, /* about to be carried out: its inverse is written to the journal next, and then it is sent */
	SPN_STEP_DONE,
	SPN_STEP_FAILED,
	SPN_STEP_UNDONE /* was done, and has been rolled back because a later step failed */
} spn_step_state;

/* "planned", "done", "failed" or "undone". */
const char *spn_step_state_name(spn_step_state state);

/* Receives the progress of the work.  why is the cause of SPN_STEP_FAILED, else NULL.  Any status but SPN_OK
 * returned for SPN_STEP_PLANNED ends the work there, like a failure of that step; returned for
 * SPN_STEP_DONE, everything is rolled back. */
typedef spn_status spn_step_fn(size_t i, const spn_step *step, spn_step_state state,
		const spn_error *why, void *data, spn_error *err);

/* A file with which the work done so far can be undone. */
typedef struct spn_journal spn_journal;

/*
 * Creates a journal.  path is a file that must not exist yet; or a folder if it ends with '/': the folder is
 * created if necessary (mode 0700) and the file is named after the time; or NULL: the default folder, which the
 * command uses too:  $XDG_STATE_HOME/spnkit, or $HOME/.local/state/spnkit.  Mode 0600.  title says what is
 * done, such as "fix LAX-CRM01".
 *
 * The file is written when the work begins; while it goes on, the inverse of each step is appended, with fsync,
 * before the step is sent.  When the work ends, the file is replaced atomically by LDIF with the inverse of the
 * last step first, so that ldapmodify can apply it too.  It is locked (flock) as long as the work goes on.
 *
 * A journal records one plan: for one that has been used, spn_plan_apply returns SPN_ERR_INVALID and changes nothing.
 *
 * Returns SPN_ERR_FAILED if it cannot be written.
 */
spn_status spn_journal_create(const char *path, const char *title, spn_journal **ret_journal,
		spn_error *err);
/*
 * Whether spn_journal_create could make a journal at path (NULL: the default folder), as far as can be told without
 * writing: its folder exists, or can be made, and may be written to, and no file is there already.
 *
 * Returns SPN_ERR_FAILED if not.
 */
spn_status spn_journal_check(const char *path, spn_error *err);
/* Where it is.  A journal of which no step was sent leaves no file behind. */
const char *spn_journal_path(const spn_journal *journal);
/* Closes a journal; one that was not used leaves no file.  Accepts NULL.  Always returns NULL. */
spn_journal *spn_journal_free(spn_journal *journal);

/*
 * Carries out the steps in order.
 *
 * First, all of them are checked as spn_plan_preflight does it: if one would be refused, fn receives it as
 * SPN_STEP_FAILED, and nothing is sent.  If names are removed, that includes the permission to restore them: the
 * server must grant write access to every account of the plan, and to those whose HOST/ covers the names, without
 * which a controller lets only administrators add them.  Before each step, the entry and the holders of the names it
 * adds are read: a step that does not find what the plan expects is not sent.  Its inverse is in the journal (NULL:
 * none) before the step is sent.  Afterwards the names are looked up again: if another writer has added one of them
 * elsewhere, the step is rolled back.  If no answer arrives, the entry is read again to find out what became of the
 * step.  If a step fails that is not SPN_OPTIONAL, the steps before it are rolled back, last one first.
 *
 * Returns the failure of the step if everything was rolled back; SPN_ERR_HALF_DONE if not, or if everything was done
 * but the journal could not be completed.  With nothing sent:
 * SPN_ERR_DENIED if the permission for a later step, or for undoing, is missing or not certain (SPN_UNSURE);
 * SPN_ERR_NO_WAY_BACK if the steps are permitted and only an undo would be refused (SPN_NO_WAY_BACK).
 */
spn_status spn_plan_apply(const spn_plan *plan, spn_directory *dir, spn_journal *journal,
		spn_step_fn *fn, void *data, spn_error *err);

/*
 * Finds out what spn_plan_apply would do, without writing anything, not even a journal: whether the plan's
 * attributes are allowed, the permissions are granted and removed names could be restored; and for each step,
 * with the directory as the steps before it leave it, whether what it deletes exists, what it adds does not
 * (nor another value, if the attribute is single-valued), and no other account holds the names, nor too many that
 * they cover.  An LDIF file is asked whether it would accept the change, and whether it can be written.
 *
 * Returns what spn_plan_apply would return.  A server may still refuse a step for a reason that only the
 * attempt reveals, such as a rule of its own.
 */
spn_status spn_plan_preflight(const spn_plan *plan, spn_directory *dir, spn_error *err);

/*
 * Reports what a plan changes for those who may act as users (Kerberos delegation, [MS-SFU]): a right to delegate to a
 * name leads to whichever account holds it, while other rights belong to an account and do not go with its names.
 * Each finding has the code "delegation" and is a warning.  Nothing is changed.
 *
 * Costs one search of the domain, and one for each account that names are moved from or to.
 *
 * Returns what spn_directory_search returns.
 */
spn_status spn_plan_delegations(const spn_plan *plan, spn_directory *dir, spn_finding_fn *fn, void *data,
		spn_error *err);

/*
 * Reports each name that a plan deletes and spn_propose_undo could not give back as things stand: another account holds it when the
 * plan is carried out, or no directory accepts it.  Each finding has the code "kept" and is a warning.  Nothing is changed.
 *
 * Costs one search if a step deletes names which no later step adds.
 *
 * Returns what spn_directory_search returns.
 */
spn_status spn_plan_one_way(const spn_plan *plan, spn_directory *dir, spn_finding_fn *fn, void *data, spn_error *err);

typedef enum spn_plan_format {
	SPN_PLAN_LDIF,      /* change records (RFC 2849); comments carry reasons and flags */
	SPN_PLAN_SETSPN,    /* command lines for cmd.exe: setspn for names, dsmod for members; in ASCII */
	SPN_PLAN_POWERSHELL /* Set-ADObject -Add/-Remove lines (ActiveDirectory module); in ASCII, others as [char]0x... */
} spn_plan_format;

/*
 * Writes a plan.  Values cannot break out of the format, whatever they contain and in whichever code page it is
 * read.  A value that a script cannot express becomes a comment that says so.  setspn lines name the step's
 * account as DOMAIN\\name, where the domain is that of the entry by its DNS name, with -U or -C for a user or a computer.
 */
spn_status spn_plan_write(const spn_plan *plan, spn_plan_format format, FILE *file, spn_error *err);

/* Reads a plan in LDIF: only changetype: modify, with add: and delete:.  Names that it adds must be valid
 * for spn_name_parse.  name stands for the file in messages. */
spn_status spn_plan_read(FILE *file, const char *name, spn_plan **ret_plan, spn_error *err);

typedef enum spn_journal_state {
	SPN_JOURNAL_OPEN,   /* the work was interrupted */
	SPN_JOURNAL_DONE,   /* the work was done */
	SPN_JOURNAL_UNDONE, /* it has been undone */
	SPN_JOURNAL_HALF,   /* it failed and could not be rolled back completely */
	SPN_JOURNAL_FORGOTTEN /* it is not to be undone: spn_journal_forget */
} spn_journal_state;

/* "open", "done", "undone", "half-done" or "forgotten". */
const char *spn_journal_state_name(spn_journal_state state);

/* The head of a journal, valid during the callback. */
typedef struct spn_journal_info {
	const char *path;
	const char *title;
	const char *url;  /* of the directory; of a file, its absolute path */
	const char *base; /* its default naming context */
	const char *time; /* when the work began, ISO 8601, UTC */
	spn_journal_state state;
	bool is_undo; /* it records an undo */
	const char *author;   /* who did the work: "alice@host"; "": not recorded */
	const char *identity; /* the SID of the domain, else "objectGUID ..." of its entry; "": not recorded */
	const char *problem;  /* why it will not be undone, or cannot be read; NULL: no problem */
} spn_journal_info;

typedef spn_status spn_journal_fn(const spn_journal_info *info, void *data, spn_error *err);

/* Reads the head of one journal and calls fn with it. */
spn_status spn_journal_read(const char *path, spn_journal_fn *fn, void *data, spn_error *err);

/*
 * The rules that the LDIF file of a journal was changed with (SPN_RULES_WINDOWS for any other directory): open it
 * with the same ones to undo that.
 *
 * Returns what spn_journal_read returns.
 */
spn_status spn_journal_rules(const char *path, spn_rules *ret_rules, spn_error *err);

/* Calls fn for every journal of a folder (NULL: the default one), newest first, including those that cannot
 * be read.  A folder that does not exist has none. */
spn_status spn_journal_list(const char *folder, spn_journal_fn *fn, void *data, spn_error *err);

/*
 * Proposes to undo what a journal records, as far as it still applies: what is already as before is
 * left out, so that a journal of interrupted work, truncated or not, can be used as well.
 *
 * If an entry or a member was renamed, it is found by its objectGUID, which the journal records if the directory has
 * it, and fn receives a finding with the code "renamed".  Without an objectGUID, fn receives "kept" for what was
 * added to an entry that no longer exists under its DN.
 *
 * A value that cannot be restored stays as it is (a name: on every account), and the rest is proposed: fn
 * receives a finding with the code "kept" and the reason.  A name cannot be restored if another account holds
 * it now, if its entry no longer exists or is another one (by its objectGUID, if both are known), or if the
 * directory would refuse it (two other accounts hold names that it covers); the value of a single-valued
 * attribute cannot if that has another value now.  The journal is then undone in part: do not mark it, so that
 * the rest can be restored later.
 *
 * A journal belongs to the directory that it names: a live domain (of that name and SID) or one file.  It is
 * trusted if it belongs to the caller or to root, in a folder that belongs to either, and only the owner may
 * write both; and if its work has ended.
 *
 * Returns SPN_ERR_REFUSED if the journal belongs to another directory (unless flags has SPN_ELSEWHERE) or is
 * not trusted, if its file was changed with other rules (spn_journal_rules), if it was undone already and what it
 * records was done anew since, if nothing of what is left can be restored, or if all that is left is a name that
 * another account holds by now.
 */
spn_status spn_propose_undo(spn_plan *plan, spn_directory *dir, const char *path, unsigned flags, spn_finding_fn *fn,
		void *data, spn_error *err);

/* Marks a journal as undone in dir.  Returns SPN_ERR_REFUSED if it belongs to another directory. */
spn_status spn_journal_mark_undone(const char *path, spn_directory *dir, spn_error *err);

/* Marks a journal as one that is not to be undone, whether it could be or not. */
spn_status spn_journal_forget(const char *path, spn_error *err);

#ifdef __cplusplus
}
#endif
#endif

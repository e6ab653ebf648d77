/* SPDX-License-Identifier: MIT */
/* plan.h - change a directory safely: propose, review, apply, undo */
#ifndef SPNKIT_PLAN_H
#define SPNKIT_PLAN_H

#include <stdio.h>

#include <spnkit/check.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The flags of calls, of plans and of their steps: one set, so that a flag means the same everywhere.  A call returns
 * SPN_ERR_INVALID for a flag that does not apply to it.
 */

/* A name may be added even if another account currently serves it through an alias (HOST/) or, where names are
 * proposed, its userPrincipalName. */
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

/* Of spn_propose_converge: accounts lose the names that are not declared. */
#define SPN_EXACT 2048u

/* Of a call that changes a directory by itself: no journal is recorded, so the change cannot be undone.  Leave
 * journal of its options NULL. */
#define SPN_NO_JOURNAL 512u

/* For a call that changes a directory itself: changes nothing, and predicts the result, as spn_plan_preflight does. */
#define SPN_DRY_RUN 4096u

/* Of spn_delete: names that the account does not hold are ignored, and reported with the code "absent". */
#define SPN_IF_PRESENT 8192u

/* Steps that are carried out in order. */
typedef struct spn_plan spn_plan;

#define SPN_STEP_VERSION 1u

/* Changes to one entry, carried out together.  Start from a zeroed struct. */
typedef struct spn_step {
	unsigned version; /* SPN_STEP_VERSION; 0 means 1 */
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

/* Makes a plan without steps. */
spn_status spn_plan_new(spn_plan **ret_plan, spn_error *err);
/* Accepts NULL.  Always returns NULL. */
spn_plan *spn_plan_free(spn_plan *plan);
/* Appends a copy of a step.  Returns SPN_ERR_INVALID if it changes nothing, or has a flag that does not
 * apply to steps. */
spn_status spn_plan_append(spn_plan *plan, const spn_step *step, spn_error *err);
/* How many steps there are. */
size_t spn_plan_count(const spn_plan *plan);

/* Allows what spn_plan_apply refuses by default.  Flags that apply: SPN_UNSURE, SPN_NO_WAY_BACK, SPN_ANY_ATTRIBUTE. */
spn_status spn_plan_allow(spn_plan *plan, unsigned flags, spn_error *err);
/* Lends step i, counted from 0; NULL beyond the last. */
const spn_step *spn_plan_step(const spn_plan *plan, size_t i);

typedef enum spn_step_state {
	SPN_STEP_PLANNED = 0, /* about to be carried out: its inverse is written to the journal next, and then it is sent */
	SPN_STEP_DONE = 1,
	SPN_STEP_FAILED = 2,
	SPN_STEP_UNDONE = 3 /* was done, and has been rolled back because a later step failed */
} spn_step_state;

/* "planned", "done", "failed" or "undone". */
const char *spn_step_state_name(spn_step_state state);

/* Receives the progress of the work.  why is the cause of SPN_STEP_FAILED, else NULL.  Any status but SPN_OK
 * returned for SPN_STEP_PLANNED is a failure of that step, which is not sent.  It ends the work, unless the step is
 * SPN_OPTIONAL; SPN_ERR_STOPPED, _NOMEM and _UNREACHABLE end the work even then.  Returned for SPN_STEP_DONE,
 * everything is rolled back.  Optional steps may be sent together: then fn is called with SPN_STEP_PLANNED for all of
 * them before any is sent.  While optional steps follow, a search that fn makes on the same directory may be answered
 * with what was read before: open the directory again to look at what has changed. */
typedef spn_status spn_step_fn(size_t i, const spn_step *step, spn_step_state state,
		const spn_error *why, void *data, spn_error *err);

/* A file with which the work done so far can be undone. */
typedef struct spn_journal spn_journal;

/*
 * Creates a journal.  path is a file that must not exist yet; or a folder if it ends with '/': the folder is
 * created if necessary (mode 0700) and the file is named after the time ("./" is the current folder); or NULL: the
 * default folder, which the command uses too:  $XDG_STATE_HOME/spnkit, or $HOME/.local/state/spnkit.  Mode 0600.
 * title says what is done, such as "fix LAX-CRM01".
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
 * Of a plan of spn_propose_undo, what the directory refuses stays as it is, and everything else is restored: for each
 * value that was refused, fn receives SPN_STEP_FAILED, with a step that has this value alone and is SPN_OPTIONAL.  What
 * was taken away to make room for it goes back first (SPN_STEP_UNDONE).  Returns SPN_ERR_HALF_DONE if some values were
 * restored and others not.
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
 * they cover, nor does Samba's KDC find another computer for one of them by its cn, unless an undo gives it back.  An
 * LDIF file is asked whether it would accept the change, and whether it can be written.
 *
 * Returns what spn_plan_apply would return.  A server may still refuse a step for a reason that only the
 * attempt reveals, such as a rule of its own.
 */
spn_status spn_plan_preflight(const spn_plan *plan, spn_directory *dir, spn_error *err);

/*
 * Reports each name that a plan deletes and spn_propose_undo could not give back as things stand: another account
 * holds it when the plan is carried out, no directory accepts it, or we may delete it, but not add it (validated
 * write).  Each finding has the code "kept" and is a warning.
 * Nothing is changed.
 *
 * If a step deletes names which no later step adds, that costs one search and, at a domain controller, one for each
 * such step, all of them together; and further ones for an account whose names may not all be written.
 *
 * Returns what spn_directory_search returns.
 */
spn_status spn_plan_one_way(const spn_plan *plan, spn_directory *dir, spn_finding_fn *fn, void *data, spn_error *err);

typedef enum spn_plan_format {
	SPN_PLAN_LDIF = 0,      /* change records (RFC 2849); comments carry reasons and flags */
	SPN_PLAN_SETSPN = 1,    /* command lines for cmd.exe: setspn for names, dsmod for members; in ASCII */
	SPN_PLAN_POWERSHELL = 2 /* Set-ADObject -Add/-Remove lines (ActiveDirectory module); in ASCII, others as [char]0x... */
} spn_plan_format;

/*
 * Writes a plan.  Values cannot break out of the format, whatever they contain and in whichever code page it is
 * read.  A value that a script cannot express becomes a comment that says so.  setspn lines name the step's
 * account as DOMAIN\\name, where the domain is that of the entry by its DNS name, with -U or -C for a user or a
 * computer.
 */
spn_status spn_plan_write(const spn_plan *plan, spn_plan_format format, FILE *file, spn_error *err);

/* Reads a plan in LDIF: only changetype: modify, with add: and delete:.  Names that it adds must be valid
 * for spn_name_parse.  name stands for the file in messages. */
spn_status spn_plan_read(FILE *file, const char *name, spn_plan **ret_plan, spn_error *err);
/* As spn_plan_read, from the file at path; "-": standard input.  Returns SPN_ERR_FAILED if it cannot be read. */
spn_status spn_plan_open(const char *path, spn_plan **ret_plan, spn_error *err);

/*
 * A copy of a plan in which the account of each step is that of its entry, not what a file said: for a plan that was
 * read and is written for others (spn_plan_write).  An entry that does not exist has none, but in a step that changes
 * names and for SPN_PLAN_SETSPN, whose lines name the account.  The caller frees it.
 *
 * Costs one search for each step.  Returns what spn_account_find and spn_directory_search return.
 */
spn_status spn_plan_name_accounts(
		const spn_plan *plan, spn_directory *dir, spn_plan_format format, spn_plan **ret_named, spn_error *err);

/*
 * Opens the domain that the DNs of a plan are in, as spn_account_domain_open does; *ret_dir becomes NULL if that is
 * dir's own, or if the plan has no steps.
 *
 * Returns what spn_account_domain_open returns; SPN_ERR_REFUSED if the plan is for several domains, of which it could
 * be carried out, and undone, in part only.
 */
spn_status spn_plan_domain_open(const spn_plan *plan, spn_directory *dir, const spn_open_options *options,
		spn_directory **ret_dir, spn_error *err);

/*
 * Reports what a person should know about a plan that was read: "other-attribute", a warning, for each change of an
 * attribute that no builder changes (SPN_ANY_ATTRIBUTE); "impersonation", a warning, for each name that would make an
 * account look like a KDC or a domain controller (spn_account_poses_as); "takeover", a warning, for each name that
 * another account answers for today by its userPrincipalName or its cn, and that a step without SPN_TAKEOVER gives
 * away.  Nothing is changed.
 *
 * Costs one search for each step with a name of a controller, and two for a thousand names that are added.  Returns
 * what fn and spn_resolve return.
 */
spn_status spn_plan_review(const spn_plan *plan, spn_directory *dir, spn_finding_fn *fn, void *data, spn_error *err);

typedef enum spn_journal_state {
	SPN_JOURNAL_OPEN = 0,   /* the work was interrupted */
	SPN_JOURNAL_DONE = 1,   /* the work was done */
	SPN_JOURNAL_UNDONE = 2, /* it has been undone */
	SPN_JOURNAL_HALF = 3,   /* it failed and could not be rolled back completely */
	SPN_JOURNAL_FORGOTTEN = 4 /* it is not to be undone: spn_journal_forget */
} spn_journal_state;

/* "open", "done", "undone", "half-done" or "forgotten". */
const char *spn_journal_state_name(spn_journal_state state);

/* The head of a journal. */
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

/* Reads the head of one journal.  The caller frees it.  Returns SPN_ERR_NOT_FOUND if the file does not exist;
 * SPN_ERR_SYNTAX if it is not a journal; SPN_ERR_FAILED. */
spn_status spn_journal_read(const char *path, spn_journal_info **ret_info, spn_error *err);
/* Copies the head of a journal, so that it outlives the callback that it was lent to. */
spn_status spn_journal_info_copy(const spn_journal_info *info, spn_journal_info **ret_copy, spn_error *err);
/* Frees the head of a journal and its texts.  Accepts NULL.  Always returns NULL. */
spn_journal_info *spn_journal_info_free(spn_journal_info *info);

/* Receives the head of one journal, which is valid only until the function returns. */
typedef spn_status spn_journal_fn(const spn_journal_info *info, void *data, spn_error *err);

/*
 * The rules that the LDIF file of a journal was changed with (SPN_DIALECT_WINDOWS for any other directory): open it
 * with the same ones to undo that.
 *
 * Returns what spn_journal_read returns.
 */
spn_status spn_journal_dialect(const char *path, spn_dialect *ret_dialect, spn_error *err);

/*
 * Opens the directory that a journal belongs to in the way in which it was opened for the work: a file with the same
 * rules (spn_journal_dialect), and of several domains in it, the one that was changed (unless options name one).
 * url: another place of it; NULL: the journal's.  options may be NULL.
 *
 * A journal is text that others may have written: send no password to a server that only a journal names.
 *
 * Returns what spn_journal_read and spn_directory_open return.
 */
spn_status spn_journal_directory_open(const spn_journal_info *info, const char *url, const spn_open_options *options,
		spn_directory **ret_dir, spn_error *err);

/* Calls fn for every journal of a folder (NULL: the default one), newest first (by the time in its name, or of one with
 * a name of its own, in its head), including those that cannot be read.  A folder that does not exist has none. */
spn_status spn_journal_list(const char *folder, spn_journal_fn *fn, void *data, spn_error *err);

/*
 * The journal of a folder (NULL: the default one) that was made last, or for i > 0, as many before it, and that may be
 * undone: one that records an undo, was undone or is forgotten does not count; one that cannot be read does.  The
 * caller frees it.
 *
 * Returns SPN_ERR_NOT_FOUND if there are not so many.
 */
spn_status spn_journal_standing(const char *folder, size_t i, spn_journal_info **ret_info, spn_error *err);

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
 * directory would refuse it (two other accounts hold names that it covers, or we may delete it, but not add it); the
 * value of a single-valued attribute cannot if that has another value now.  The journal is then undone in part: do not
 * mark it, so that the rest can be restored later.
 *
 * A journal belongs to the directory that it names: a live domain (of that name and SID) or one file.  It is
 * trusted if it belongs to the caller or to root, in a folder that belongs to either, and only the owner may
 * write both; and if its work has ended.
 *
 * Returns SPN_ERR_REFUSED if the journal belongs to another directory (unless flags has SPN_ELSEWHERE) or is
 * not trusted, if its file was changed with other rules (spn_journal_dialect), if it was undone as a whole already and
 * what it records was done anew since, if nothing of what is left can be restored, or if all that is left is a name
 * that another account holds by now.
 */
spn_status spn_propose_undo(spn_plan *plan, spn_directory *dir, const char *path, unsigned flags, spn_finding_fn *fn,
		void *data, spn_error *err);

/*
 * Marks a journal as undone in dir.  whole: all of it was given back now, and nothing was as before already
 * (spn_propose_undo reported nothing with the code "present").  What was as before may still arrive, from another
 * controller or one that is slow: then the journal can be undone once more, which is refused otherwise.
 *
 * Returns SPN_ERR_REFUSED if it belongs to another directory.
 */
spn_status spn_journal_mark_undone(const char *path, spn_directory *dir, bool whole, spn_error *err);

/* Marks a journal as one that is not to be undone, whether it could be or not. */
spn_status spn_journal_forget(const char *path, spn_error *err);

#ifdef __cplusplus
}
#endif
#endif

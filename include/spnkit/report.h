/* SPDX-License-Identifier: MIT */
/* report.h - show answers as the command does: for people, as JSON, as a page of HTML, as numbers for a monitor */
#ifndef SPNKIT_REPORT_H
#define SPNKIT_REPORT_H

#include <stdio.h>

#include <spnkit/changes.h>
#include <spnkit/expect.h>
#include <spnkit/plan.h>
#include <spnkit/repair.h>
#include <spnkit/rights.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A report
 *
 * Writes answers of the library as spnkit(1) does, so that a program can show them, or pass them on to what reads the
 * output of the command.  There is a call for each kind of answer.  A format leaves out what it cannot show.  What a
 * terminal would obey (spn_text_is_unsafe) is shown as an escape sequence, such as \x1B.
 *
 * No call fails at once.  As with stdio, the report remembers that memory ran out, that a file could not be written
 * (other than standard error), or that an argument was NULL or out of range, which the call then ignores; and
 * spn_report_flush returns it.  Do not use a report in two threads at a time.
 */
typedef struct spn_report spn_report;

typedef enum spn_report_format {
	SPN_REPORT_TEXT = 0,      /* for people, in the words of spnkit(1) */
	SPN_REPORT_JSON = 1,      /* one object a line: docs/spnkit.schema.json describes them */
	SPN_REPORT_HTML = 2,      /* one page that needs nothing else, of an audit or of changes */
	SPN_REPORT_NAGIOS = 3,    /* how many findings there are, as a line of a plug-in for Nagios */
	SPN_REPORT_PROMETHEUS = 4 /* the same, as a text file for Prometheus */
} spn_report_format;

#define SPN_REPORT_OPTIONS_VERSION 3u

/* How a report looks, and where it goes.  Start from SPN_REPORT_OPTIONS_INIT. */
typedef struct spn_report_options {
	unsigned version; /* SPN_REPORT_OPTIONS_VERSION */
	spn_report_format format;
	FILE *out;        /* for answers; NULL: standard output */
	FILE *messages;   /* for errors, notes and remarks; NULL: standard error */
	unsigned columns; /* where lines for people are broken, from 40; 0: 80 */
	bool colour;      /* answers for people have escape sequences of a terminal */
	bool as_setspn;   /* answers for people are worded as setspn does, for scripts that look for its words */
	bool plan_on_out; /* a plan is written to out by other means: findings, remarks and groups are messages, and there is
			   * no summary */
	/* Since version 2: a file instead of out, which is written as a whole by spn_report_flush: until then what is
	 * there stays.  NULL: out */
	const char *path;
	/* Since version 3: where long work is (spn_report_on_progress, spn_report_step) is shown if messages is a terminal, in
	 * a line that is written over, and disappears before the report writes anything else */
	bool progress;
} spn_report_options;

#define SPN_REPORT_OPTIONS_INIT SPN_INIT(SPN_REPORT_OPTIONS_VERSION)

/*
 * Begins a report.  options may be NULL.  The files stay the caller's, and open until the report is freed.
 *
 * Returns SPN_ERR_UNSUPPORTED for JSON if the library was built without it.
 */
spn_status spn_report_new(const spn_report_options *options, spn_report **ret_report, spn_error *err);
/* Frees a report.  What waits is discarded: call spn_report_flush before.  Accepts NULL.  Always returns NULL. */
spn_report *spn_report_free(spn_report *report);
/* Writes what waits.  Returns the first failure since the report was begun, or since the call before. */
spn_status spn_report_flush(spn_report *report, spn_error *err);

/*
 * From now on another report receives the findings and events of this one too, with their condition and dates: a page
 * besides lines for people.  spn_report_summary and spn_report_differences flush it first; if that fails, they write
 * nothing here, and spn_report_flush returns why.  The other one must live as long; NULL ends that.
 */
void spn_report_also(spn_report *report, spn_report *other);

/* Whether the file that a report is written to (options.path) is, under any name or link, the file that is read: a
 * path, "-" for standard input, or the URL of a directory.  The report would then replace what may be the only copy. */
bool spn_report_is_over(const spn_report *report, const char *read);

/* What the verdicts on names that follow depend on: "as far as this file shows (deleted objects are missing)".  NULL:
 * nothing. */
void spn_report_condition(spn_report *report, const char *condition);
/* Reports what a directory leaves out (spn_directory_notes), and takes that for the condition: "as far as this file
 * shows (...)".  but: as for spn_directory_condition. */
void spn_report_directory(spn_report *report, const spn_directory *dir, const char *const *but);
/* Makes what two states lack the condition of verdicts about their differences: "as far as they show (before: ...; now:
 * ...)".  Returns what spn_directory_condition returns. */
spn_status spn_report_two_states(
		spn_report *report, const spn_directory *before, const spn_directory *now, spn_error *err);
/* Lends the condition as the end of a sentence, with a comma before it, until there is another; "": none. */
const char *spn_report_provided(const spn_report *report);
/* From now on, when and where the names of accounts were last changed is looked up in these directories
 * (spn_names_last_change), which must stay open; n 0: it is left out. */
void spn_report_dates(spn_report *report, spn_directory *const *dirs, size_t n);

/*
 * Begins long work: from now on, the line that options.progress asks for shows how fast it is and, if dir is a file,
 * how much time is left.  dir: what is read; NULL: several directories, or not known.  It must stay open.
 */
void spn_report_begin_progress(spn_report *report, const spn_directory *dir);
/* A spn_progress_fn, with a report as its data. */
spn_status spn_report_on_progress(size_t n_accounts, size_t n_names, void *report, spn_error *err);
/* How many accounts, and names (ret_n_names may be NULL), spn_report_on_progress was last called with since the work
 * began. */
size_t spn_report_progress(const spn_report *report, size_t *ret_n_names);

/* An account and all of its names.  matched: those that were asked for, which only JSON tells apart; NULL: all of
 * them. */
void spn_report_account(spn_report *report, const spn_account *account, const spn_bytes *matched, size_t n_matched);
/* Which account answers for a name.  enctype: of tickets for it; NULL: no ticket, or not known. */
void spn_report_resolution(spn_report *report, const char *spn, const spn_resolution *resolution,
		const spn_enctype_prediction *enctype);
/*
 * Resolves a name (spn_resolve) and reports it, with the encryption types of tickets for it (spn_account_enctype) if
 * there are any.  *ret_answered (may be NULL): one account answers, or the KDC itself.
 *
 * Returns what spn_resolve and spn_account_enctype return.
 */
spn_status spn_report_resolved(spn_report *report, spn_directory *dir, const char *spn, spn_era era, bool *ret_answered,
		spn_error *err);

/* What the KDC said, and the keys and permissions of an account. */
void spn_report_probe(spn_report *report, const spn_probe *probe);
void spn_report_keys(spn_report *report, const spn_account *account, const spn_account_keys *keys);
void spn_report_rights(spn_report *report, const spn_rights *rights);
/* whole: all that is known; else a line of a list. */
void spn_report_recipe(spn_report *report, const spn_recipe *recipe, bool whole);
/* Counts the names of all accounts of the directories by product (spn_class_product).
 *
 * Returns what spn_query returns. */
spn_status spn_report_products(spn_report *report, spn_directory *const *dirs, size_t n, bool forest, spn_error *err);

/* A verdict on a name or, if its spn is NULL, on the whole: with the command that repairs it. */
void spn_report_finding(spn_report *report, const spn_finding *finding);
/* With plan_on_out, a message: what is wrong, which is why a step is in the plan. */
void spn_report_expectation(spn_report *report, const spn_expectation *expectation);
/* A finding of an audit or about duplicates: with its code, the accounts, and when their names were last changed. */
void spn_report_conflict(spn_report *report, const spn_finding *finding);
/* The same, but findings that have one cause, such as those of the short name of a server and of its FQDN, are written
 * as one.  Some wait for that; they are written by spn_report_summary, spn_report_flush, and if finding is NULL. */
void spn_report_cause(spn_report *report, const spn_finding *finding);
/* Before the findings of an audit. */
void spn_report_survey(spn_report *report, const spn_enctype_survey *survey);

#define SPN_REPORT_TOTALS_VERSION 1u

/* What an audit has looked at.  Start from SPN_REPORT_TOTALS_INIT. */
typedef struct spn_report_totals {
	unsigned version;   /* SPN_REPORT_TOTALS_VERSION */
	const char *of;     /* the DN of the domain or forest */
	size_t n_domains;   /* that were looked at */
	size_t n_accounts, n_names;
	size_t n_left_out;  /* findings that were not reported */
} spn_report_totals;

#define SPN_REPORT_TOTALS_INIT SPN_INIT(SPN_REPORT_TOTALS_VERSION)

/* The end of an audit: how many findings there are of each code.  As HTML, this writes the page. */
void spn_report_summary(spn_report *report, const spn_report_totals *totals);
/* How many findings of a severity have been reported so far. */
size_t spn_report_count(const spn_report *report, spn_severity severity);

/* The events that follow were found by one look: at what time, in seconds since 1970, and where (a URL).  For people,
 * each is then one line of a log; has_levels: behind "<4>", as systemd's journal reads it.  where NULL: they are
 * differences between two states again. */
void spn_report_look(spn_report *report, int64_t when, const char *where, bool has_levels);
void spn_report_event(spn_report *report, const spn_event *event);
/* How many events there were of each kind.  of: the DN of the domain.  As HTML, this writes the page. */
void spn_report_differences(spn_report *report, const char *of);

/* The steps of a plan, before it is carried out. */
void spn_report_plan(spn_report *report, const spn_plan *plan);
/* Step i, from 0, of n at work: for a spn_step_fn.  why: of a failure, which spn_report_refused says too; NULL: none,
 * or it is reported later.  A step that is SPN_STEP_PLANNED is progress: spn_report_plan has said what it does. */
void spn_report_step(spn_report *report, size_t i, size_t n, const spn_step *step, spn_step_state state,
		const spn_error *why);
/* In the words of setspn (as_setspn), else nothing: an account is about to get or to lose names; and why it did not,
 * for SPN_ERR_NOT_UNIQUE and SPN_ERR_DENIED. */
void spn_report_assigning(spn_report *report, const char *dn, const char *const *spns, size_t n_spns, bool removes);
void spn_report_refused(spn_report *report, const char *dn, spn_status status);
/* The same of the default names of a computer, HOST/ and its short name and FQDN; and, as a message, of an account that
 * does not exist. */
void spn_report_assigning_defaults(spn_report *report, const spn_account *account);
void spn_report_no_account(spn_report *report, const char *account);
/* A group that an account was added to, or was not. */
void spn_report_group(spn_report *report, const spn_group *group);
/* A group that an account is in. */
void spn_report_membership(spn_report *report, const spn_group *group);
void spn_report_journal(spn_report *report, const spn_journal_info *info);
/* A stage of the repair of a server: for a spn_stage_fn. */
void spn_report_stage(spn_report *report, spn_stage stage, const char *server, const char *text);
/*
 * A change that was made, for a spn_outcome_fn: where (a URL), and how to undo it.  asked_for: where the caller wanted
 * the journal; NULL: in the default folder.
 *
 * Returns what spn_journal_read returns.
 */
spn_status spn_report_changed(spn_report *report, const char *url, const spn_outcome *outcome, const char *asked_for,
		spn_error *err);
/* The end of a change, for programs: whether anything changed, in how many steps, and what records it, or NULL. */
void spn_report_outcome(spn_report *report, bool changed, size_t n_steps, const char *journal);

/* A line of the caller's own among the answers for people. */
void spn_report_say(spn_report *report, const char *text);
void spn_report_version(spn_report *report);

/* The rest are messages.  A remark is a finding that is not the answer, such as what spn_propose_add noticed; as JSON,
 * it is among the answers. */
void spn_report_remark(spn_report *report, const spn_finding *finding);
/* Something worth knowing that is not a failure. */
void spn_report_note(spn_report *report, const char *text);
/* What a directory leaves out (spn_directory_notes).  Numbers are then withheld if names may be missing. */
void spn_report_gap(spn_report *report, const spn_note *note);
/* The functions that calls of the library report to, with a report as their data.  There is none where more than the
 * report has to be known, as for steps and stages. */
spn_status spn_report_on_account(
		const spn_account *account, const spn_bytes *matched, size_t n_matched, void *report, spn_error *err);
spn_status spn_report_on_finding(const spn_finding *finding, void *report, spn_error *err);
spn_status spn_report_on_remark(const spn_finding *finding, void *report, spn_error *err);
spn_status spn_report_on_conflict(const spn_finding *finding, void *report, spn_error *err);
spn_status spn_report_on_journal(const spn_journal_info *info, void *report, spn_error *err);
/* Work that was interrupted, and how to undo it; nothing of other journals. */
spn_status spn_report_on_interrupted(const spn_journal_info *info, void *report, spn_error *err);
/* A failure, with the option of spnkit that is its remedy.  journal: the file that undoes what was done, or NULL. */
void spn_report_error(spn_report *report, const spn_error *err, const char *journal);

#define SPN_REPORT_NUMBERS_VERSION 1u

/* Whose findings a monitor counts.  Start from SPN_REPORT_NUMBERS_INIT. */
typedef struct spn_report_numbers {
	unsigned version;   /* SPN_REPORT_NUMBERS_VERSION */
	const char *what;   /* a word, such as "audit" */
	const char *domain; /* NULL: the usual one */
	bool strict;        /* for Nagios, a notice is a warning */
	bool has_failed;    /* not everything could be looked at, even if no error was reported */
} spn_report_numbers;

#define SPN_REPORT_NUMBERS_INIT SPN_INIT(SPN_REPORT_NUMBERS_VERSION)

/*
 * Ends a report of SPN_REPORT_NAGIOS or SPN_REPORT_PROMETHEUS by writing the numbers.  Prometheus gets none after an
 * error, and nobody a zero if names may be missing in a file: that is reported as an error.
 *
 * Returns the exit code of a plug-in: 0 (OK), 1 (warning), 2 (critical) or 3 (unknown: an error was reported).
 */
int spn_report_write_numbers(spn_report *report, const spn_report_numbers *numbers);

/*
 * The command line of spnkit that makes the repairs of a finding, quoted for a POSIX shell.
 *
 * The caller frees it.  *ret_command becomes NULL if there is none.  Returns SPN_ERR_NOMEM.
 */
spn_status spn_finding_command(const spn_finding *finding, char **ret_command, spn_error *err);
/*
 * The same for a step of a repair, and the tool that it belongs to: "spnkit", or the step's own.
 *
 * The caller frees the command; ret_tool is lent.  Returns SPN_ERR_NOMEM.
 */
spn_status spn_repair_step_command(
		const spn_repair_step *step, char **ret_command, const char **ret_tool, spn_error *err);

#ifdef __cplusplus
}
#endif
#endif

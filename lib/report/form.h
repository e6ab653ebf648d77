/* SPDX-License-Identifier: MIT */
/* form.h - what all forms of a report have in common: its state, and a table of functions for each form */
#ifndef SPK_FORM_H
#define SPK_FORM_H

#include <stdio.h>
#include <time.h>

#include <spnkit/report.h>

#include "base/wrap.h"
#include "causes.h"
#include "findings.h"

#define SPK_EVENT_KINDS (SPN_EVENT_CLEARED + 1)

typedef struct spk_product spk_product;

/* Step i of n.  Of a plan that is shown, before is the step before it, or NULL, and explained the flags that a person
 * has read about; both NULL of work. */
typedef struct spk_shown_step {
	size_t i, n;
	const spn_step *step, *before;
	unsigned *explained;
	spn_step_state state;
	const spn_error *why;
} spk_shown_step;

/* How records and messages look.  NULL: the form has no place for it. */
typedef struct spk_form {
	bool has_remarks; /* among its answers */
	void (*account)(spn_report *report, const spn_account *account, const spn_bytes *matched, size_t n_matched);
	void (*resolution)(spn_report *report, const char *spn, const spn_resolution *resolution,
			const spn_enctype_prediction *enctype);
	void (*probe)(spn_report *report, const spn_probe *probe);
	void (*keys)(spn_report *report, const spn_account *account, const spn_account_keys *keys);
	void (*rights)(spn_report *report, const spn_rights *rights);
	void (*recipe)(spn_report *report, const spn_recipe *recipe, bool whole);
	void (*product)(spn_report *report, const spk_product *product);
	void (*finding)(spn_report *report, const spk_lines *to, const spn_finding *finding);
	void (*expectation)(spn_report *report, const spn_expectation *expectation);
	/* also: names that the finding is about besides its own */
	void (*conflict)(spn_report *report, const spn_finding *finding, const char *const *also, size_t n_also);
	/* The same of a duplicate, in setspn's words. */
	void (*registered)(spn_report *report, const spn_finding *finding);
	void (*survey)(spn_report *report, const spn_enctype_survey *survey);
	void (*summary)(spn_report *report, const spn_report_totals *totals);
	void (*event)(spn_report *report, const spn_event *event);
	void (*differences)(spn_report *report, const char *of);
	void (*step)(spn_report *report, const spk_shown_step *shown);
	void (*group)(spn_report *report, const spk_lines *to, const spn_group *group);
	void (*membership)(spn_report *report, const spn_group *group);
	void (*journal)(spn_report *report, const spn_journal_info *info);
	void (*outcome)(spn_report *report, bool changed, size_t n_steps, const char *journal);
	void (*say)(spn_report *report, const char *text);
	void (*version)(spn_report *report, const char *version);
	void (*note)(spn_report *report, const char *text);
	void (*gap)(spn_report *report, const spn_note *note);
	void (*error)(spn_report *report, const spn_error *err, const char *journal);
} spk_form;

extern const spk_form spk_form_text, spk_form_page, spk_form_numbers;
/* SPN_ERR_UNSUPPORTED without jansson. */
spn_status spk_form_json(const spk_form **ret_form, spn_error *err);

/* A look of a program that looks again and again. */
typedef struct spk_look {
	bool is_one;
	bool has_levels;
	char time[32]; /* "2026-11-28T15:16:03Z" */
	char *where;
} spk_look;

/* Where long work is. */
typedef struct spk_progress {
	bool is_wanted;  /* by somebody at a terminal */
	bool is_on_line; /* something is shown */
	const spn_directory *dir; /* what is read; NULL: several, or not known */
	size_t n_accounts, n_names; /* so far */
	struct timespec began, last;
} spk_progress;

/* What a page is made of, until it is written. */
typedef struct spk_page {
	spn_findings conflicts; /* for its picture */
	spn_enctype_survey survey;
	bool is_surveyed;
	size_t n_rows;
	struct spk_rows {
		FILE *file;
		char *text;
		size_t len;
	} rows[SPN_SEVERITY_BROKEN + 1]; /* of findings, by severity; of events, the first one */
} spk_page;

struct spn_report {
	const spk_form *form;
	spn_report_format format;
	spk_lines out, messages;
	bool colour, as_setspn, plan_on_out;
	bool lost;         /* a record could not be made, for want of memory */
	spn_error failure; /* another one: the first */
	char *condition;   /* ", as far as this file shows (...)", or NULL */
	char *members_of;  /* whose groups are listed, or NULL */
	spn_report *also;  /* receives the same; NULL: none */
	char *path, *text; /* the file that is written as a whole, and what goes there; NULL: out is the caller's */
	size_t len;
	spn_directory *const *dirs; /* where last_change.c looks */
	size_t n_dirs, n_undated;
	spk_look look;
	spk_progress progress;
	spk_tally tally;   /* of all findings */
	size_t n_events[SPK_EVENT_KINDS];
	spk_causes causes;
	spk_page page;
	bool lacks_names;  /* some are not in the file: that nothing was found says little */
	bool has_failed;
	char *trouble;     /* the first error */
};

/* Where the first failure is recorded; NULL: there has been one. */
static inline spn_error *spk_failure(spn_report *report)
{
	return report->failure.status ? NULL : &report->failure;
}

/* Whether a call has what it needs.  If not, spn_report_flush says so. */
static inline bool spk_is_given(spn_report *report, const char *call, bool is_sound)
{
	if (report && !is_sound)
		spn_fail(spk_failure(report), SPN_ERR_INVALID, 0, "%s: an argument is NULL or out of range", call);
	return report && is_sound;
}

/* The condition as the end of a sentence, or "". */
static inline const char *spk_provided(const spn_report *report)
{
	return report->condition && !report->as_setspn ? report->condition : "";
}

#endif

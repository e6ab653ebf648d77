/* SPDX-License-Identifier: MIT */
/* report.c - the calls that programs see: they count, and hand on to the form of the report */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/options.h"
#include "form.h"
#include "hint.h"
#include "progress.h"
#include "base/text.h"

#define LEAST_COLUMNS 40

static bool is_sound(const spn_finding *finding)
{
	return finding && finding->code && finding->text && finding->severity <= SPN_SEVERITY_BROKEN &&
			(finding->accounts || !finding->n_accounts) && (finding->repairs || !finding->n_repairs);
}

static spn_status choose_form(spn_report *report, spn_report_format format, spn_error *err)
{
	report->format = format;
	switch (format) {
	case SPN_REPORT_TEXT: report->form = &spk_form_text; return SPN_OK;
	case SPN_REPORT_JSON: return spk_form_json(&report->form, err);
	case SPN_REPORT_HTML: report->form = &spk_form_page; return SPN_OK;
	case SPN_REPORT_NAGIOS:
	case SPN_REPORT_PROMETHEUS: report->form = &spk_form_numbers; return SPN_OK;
	}
	return spn_fail(err, SPN_ERR_INVALID, 0, "a report has no format %d", (int)format);
}

static spk_lines lines_of(FILE *given, FILE *usual, unsigned columns)
{
	FILE *file = given ? given : usual;
	int fd = fileno(file);
	columns = columns ? columns : SPK_COLUMNS;
	return (spk_lines){ .file = file, .columns = columns < LEAST_COLUMNS ? LEAST_COLUMNS : columns,
		.is_terminal = fd >= 0 && isatty(fd) };
}

static spn_status write_cause(
		const spn_finding *finding, const char *const *also, size_t n_also, void *data, spn_error *err)
{
	spn_report *report = data;
	(void)err;
	spk_progress_hide(report);
	spk_tally_add(&report->tally, finding);
	if (report->form->conflict)
		report->form->conflict(report, finding, also, n_also);
	return SPN_OK;
}

/* Its text is kept until it is written there as a whole. */
static spn_status keep_for_file(spn_report *report, const char *path, spn_error *err)
{
	report->path = strdup(path);
	FILE *file = report->path ? open_memstream(&report->text, &report->len) : NULL;
	if (!file) {
		free(report->path);
		report->path = NULL;
		return spk_nomem(err);
	}
	report->out.file = file;
	report->out.is_terminal = false;
	return SPN_OK;
}

spn_status spn_report_new(const spn_report_options *options, spn_report **ret_report, spn_error *err)
{
	spn_report_options own;
	const size_t sizes[] = { offsetof(spn_report_options, path), offsetof(spn_report_options, progress),
		sizeof(spn_report_options) };
	spn_status status = spk_take("spn_report_options", options, sizes, 3, &own, err);
	spn_report *report = status ? NULL : calloc(1, sizeof *report);
	if (!report)
		return status ? status : spk_nomem(err);
	int before = errno;
	report->out = lines_of(own.out, stdout, own.columns);
	report->messages = lines_of(own.messages, stderr, own.columns);
	errno = before;
	report->colour = own.colour;
	report->as_setspn = own.as_setspn;
	report->plan_on_out = own.plan_on_out;
	report->progress.is_wanted = own.progress && report->messages.is_terminal;
	if (own.path)
		status = keep_for_file(report, own.path, err);
	report->causes.fn = write_cause;
	report->causes.data = report;
	if (!status)
		status = choose_form(report, own.format, err);
	if (status)
		spn_report_free(report);
	else
		*ret_report = report;
	return status;
}

spn_report *spn_report_free(spn_report *report)
{
	if (!report)
		return NULL;
	spk_causes_free(&report->causes);
	spn_findings_clear(&report->page.conflicts);
	for (size_t i = 0; i < sizeof report->page.rows / sizeof *report->page.rows; i++) {
		if (report->page.rows[i].file)
			fclose(report->page.rows[i].file);
		free(report->page.rows[i].text);
	}
	free(report->look.where);
	if (report->path)
		fclose(report->out.file);
	free(report->path);
	free(report->text);
	free(report->members_of);
	free(report->condition);
	free(report->trouble);
	free(report);
	return NULL;
}

static void write_out(spn_report *report, FILE *file, const char *what)
{
	errno = 0;
	if (fflush(file) != 0 || ferror(file))
		spn_fail(spk_failure(report), SPN_ERR_FAILED, errno, "cannot write to %s%s%s", what, errno ? ": " : "",
				errno ? strerror(errno) : "");
	clearerr(file); /* what was told is told: who goes on, writes again */
}

static void write_file(spn_report *report)
{
	FILE *file = fopen(report->path, "w");
	bool is_written = file && fwrite(report->text, 1, report->len, file) == report->len;
	if (file)
		is_written &= fclose(file) == 0;
	if (!is_written)
		spn_fail(spk_failure(report), SPN_ERR_FAILED, errno, "cannot write '%s': %s", report->path, strerror(errno));
}

spn_status spn_report_flush(spn_report *report, spn_error *err)
{
	if (!report)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_report_flush: the report is NULL");
	spk_progress_hide(report);
	report->lost |= spk_causes_finish(&report->causes, NULL) != SPN_OK;
	if (report->path && (fflush(report->out.file) != 0 || ferror(report->out.file)))
		report->lost = true; /* it is in memory */
	else if (!report->path)
		write_out(report, report->out.file, report->out.file == stdout ? "standard output" : "the file of the report");
	if (report->messages.file != stderr) /* nobody could be told */
		write_out(report, report->messages.file, "the file of the messages");
	if (report->path && !report->lost && !report->failure.status)
		write_file(report);
	const spn_error failure = report->failure;
	bool lost = report->lost;
	report->failure = (spn_error){ .status = SPN_OK };
	report->lost = false;
	if (lost)
		return spk_nomem(err);
	if (failure.status && err)
		*err = failure;
	return failure.status;
}

void spn_report_also(spn_report *report, spn_report *other)
{
	if (spk_is_given(report, "spn_report_also", other != report))
		report->also = other;
}

/* The other one receives the end of an audit or of a comparison first, and is written.  False: it could not be. */
static bool end_other(spn_report *report)
{
	return !report->also || spn_report_flush(report->also, spk_failure(report)) == SPN_OK;
}

void spn_report_condition(spn_report *report, const char *condition)
{
	if (!spk_is_given(report, "spn_report_condition", true))
		return;
	if (report->also)
		spn_report_condition(report->also, condition);
	char *text = NULL;
	if (condition && asprintf(&text, ", %s", condition) < 0)
		text = NULL;
	report->lost |= condition && !text;
	free(report->condition);
	report->condition = text;
}

void spn_report_dates(spn_report *report, spn_directory *const *dirs, size_t n)
{
	if (!spk_is_given(report, "spn_report_dates", dirs || !n))
		return;
	if (report->also)
		spn_report_dates(report->also, dirs, n);
	report->dirs = dirs;
	report->n_dirs = n;
	report->n_undated = 0;
}

/* ---- answers ---- */

void spn_report_account(spn_report *report, const spn_account *account, const spn_bytes *matched, size_t n_matched)
{
	if (!spk_is_given(report, "spn_report_account", account))
		return;
	if (report->form->account)
		report->form->account(report, account, matched, n_matched);
}

void spn_report_resolution(spn_report *report, const char *spn, const spn_resolution *resolution,
		const spn_enctype_prediction *enctype)
{
	if (!spk_is_given(report, "spn_report_resolution", spn && resolution))
		return;
	if (report->form->resolution)
		report->form->resolution(report, spn, resolution, enctype);
}

void spn_report_probe(spn_report *report, const spn_probe *probe)
{
	if (!spk_is_given(report, "spn_report_probe", probe))
		return;
	if (report->form->probe)
		report->form->probe(report, probe);
}

void spn_report_keys(spn_report *report, const spn_account *account, const spn_account_keys *keys)
{
	if (!spk_is_given(report, "spn_report_keys", account && keys))
		return;
	if (report->form->keys)
		report->form->keys(report, account, keys);
}

void spn_report_rights(spn_report *report, const spn_rights *rights)
{
	if (!spk_is_given(report, "spn_report_rights", rights))
		return;
	if (report->form->rights)
		report->form->rights(report, rights);
}

void spn_report_recipe(spn_report *report, const spn_recipe *recipe, bool whole)
{
	if (!spk_is_given(report, "spn_report_recipe", recipe))
		return;
	if (report->form->recipe)
		report->form->recipe(report, recipe, whole);
}

/* ---- findings ---- */

static void write_finding(spn_report *report, const spk_lines *to, const spn_finding *finding)
{
	spk_progress_hide(report);
	spk_tally_add(&report->tally, finding);
	if (report->form->finding)
		report->form->finding(report, to, finding);
}

void spn_report_finding(spn_report *report, const spn_finding *finding)
{
	if (!spk_is_given(report, "spn_report_finding", is_sound(finding)))
		return;
	write_finding(report, report->plan_on_out ? &report->messages : &report->out, finding);
}

void spn_report_remark(spn_report *report, const spn_finding *finding)
{
	if (!spk_is_given(report, "spn_report_remark", is_sound(finding)))
		return;
	bool is_answer = report->form->has_remarks && !report->plan_on_out;
	write_finding(report, is_answer ? &report->out : &report->messages, finding);
}

/* Of a step of a plan. */
static void note_reason(spn_report *report, const spn_finding *finding)
{
	char *text = NULL;
	if (finding->severity < SPN_SEVERITY_WARNING)
		return;
	if (asprintf(&text, "%s%s%s", finding->spn ? finding->spn : "", finding->spn ? ": " : "", finding->text) < 0) {
		report->lost = true;
		return;
	}
	spn_report_note(report, text);
	free(text);
}

void spn_report_expectation(spn_report *report, const spn_expectation *expectation)
{
	if (!spk_is_given(report, "spn_report_expectation", expectation && is_sound(expectation->finding)))
		return;
	spk_tally_add(&report->tally, expectation->finding);
	if (report->plan_on_out)
		note_reason(report, expectation->finding);
	else if (report->form->expectation)
		report->form->expectation(report, expectation);
}

/* setspn knows of no aliases. */
static void write_as_setspn(spn_report *report, const spn_finding *finding)
{
	if (strcmp(finding->code, "duplicate") != 0) {
		write_finding(report, &report->messages, finding);
		return;
	}
	spk_progress_hide(report);
	spk_tally_add(&report->tally, finding);
	if (report->form->registered)
		report->form->registered(report, finding);
}

void spn_report_conflict(spn_report *report, const spn_finding *finding)
{
	if (!spk_is_given(report, "spn_report_conflict", is_sound(finding)))
		return;
	if (report->also)
		spn_report_conflict(report->also, finding);
	if (report->as_setspn)
		write_as_setspn(report, finding);
	else
		write_cause(finding, NULL, 0, report, NULL);
}

void spn_report_cause(spn_report *report, const spn_finding *finding)
{
	if (!spk_is_given(report, "spn_report_cause", !finding || is_sound(finding)))
		return;
	if (report->plan_on_out && finding) {
		spn_report_remark(report, finding);
		if (report->also)
			spn_report_conflict(report->also, finding);
		return;
	}
	if (report->also)
		spn_report_cause(report->also, finding);
	spn_status status = finding ? spk_causes_add(&report->causes, finding, NULL) :
				      spk_causes_finish(&report->causes, NULL);
	report->lost |= status != SPN_OK;
}

void spn_report_survey(spn_report *report, const spn_enctype_survey *survey)
{
	if (!spk_is_given(report, "spn_report_survey", survey))
		return;
	if (report->also)
		spn_report_survey(report->also, survey);
	spk_progress_hide(report);
	if (report->form->survey)
		report->form->survey(report, survey);
}

void spn_report_summary(spn_report *report, const spn_report_totals *totals)
{
	if (!spk_is_given(report, "spn_report_summary", true))
		return;
	spn_report_totals own;
	spk_progress_hide(report);
	report->lost |= spk_causes_finish(&report->causes, NULL) != SPN_OK;
	if (report->also)
		spn_report_summary(report->also, totals);
	if (!end_other(report) || report->plan_on_out)
		return;
	if (!spk_take("spn_report_totals", totals, SPK_ONLY(spn_report_totals), &own, spk_failure(report)) &&
			report->form->summary)
		report->form->summary(report, &own);
}

size_t spn_report_count(const spn_report *report, spn_severity severity)
{
	return report && severity <= SPN_SEVERITY_BROKEN ? report->tally.n[severity] : 0;
}

/* ---- events ---- */

void spn_report_look(spn_report *report, int64_t when, const char *where, bool has_levels)
{
	if (!spk_is_given(report, "spn_report_look", true))
		return;
	spk_look *look = &report->look;
	struct tm tm;
	free(look->where);
	*look = (spk_look){ .is_one = where, .has_levels = has_levels, .where = where ? strdup(where) : NULL };
	report->lost |= where && !look->where;
	look->is_one = look->where;
	strftime(look->time, sizeof look->time, "%Y-%m-%dT%H:%M:%SZ", spk_utc(when, &tm));
}

void spn_report_event(spn_report *report, const spn_event *event)
{
	if (!spk_is_given(report, "spn_report_event",
			event && event->text && event->kind <= SPN_EVENT_CLEARED &&
					(!event->finding || is_sound(event->finding))))
		return;
	if (report->also)
		spn_report_event(report->also, event);
	report->n_events[event->kind]++;
	if (report->form->event)
		report->form->event(report, event);
}

void spn_report_differences(spn_report *report, const char *of)
{
	if (!spk_is_given(report, "spn_report_differences", true))
		return;
	if (report->also)
		spn_report_differences(report->also, of);
	if (end_other(report) && report->form->differences)
		report->form->differences(report, of);
}

/* ---- changes ---- */

void spn_report_plan(spn_report *report, const spn_plan *plan)
{
	if (!spk_is_given(report, "spn_report_plan", plan))
		return;
	size_t n = spn_plan_count(plan);
	unsigned explained = 0;
	for (size_t i = 0; report->form->step && i < n; i++) {
		const spk_shown_step shown = {
			.i = i, .n = n, .step = spn_plan_step(plan, i), .before = i ? spn_plan_step(plan, i - 1) : NULL,
			.explained = &explained, .state = SPN_STEP_PLANNED,
		};
		report->form->step(report, &shown);
	}
}

void spn_report_step(spn_report *report, size_t i, size_t n, const spn_step *step, spn_step_state state,
		const spn_error *why)
{
	if (!spk_is_given(report, "spn_report_step", step && i < n))
		return;
	spn_error shown_why = why ? *why : (spn_error){ .status = SPN_OK };
	unsigned explained = ~0u;
	const spk_shown_step shown = { .i = i, .n = n, .step = step, .explained = &explained, .state = state,
		.why = why ? &shown_why : NULL };
	spk_progress_hide(report);
	if (state == SPN_STEP_PLANNED) {
		spk_progress_step(report, i, n);
		return;
	}
	spk_hint_add(&shown_why);
	if (report->form->step)
		report->form->step(report, &shown);
	if (state == SPN_STEP_FAILED && why)
		spn_report_refused(report, step->dn, why->status);
}

void spn_report_group(spn_report *report, const spn_group *group)
{
	if (!spk_is_given(report, "spn_report_group", group))
		return;
	if (report->form->group)
		report->form->group(report, report->plan_on_out ? &report->messages : &report->out, group);
}

void spn_report_membership(spn_report *report, const spn_group *group)
{
	if (!spk_is_given(report, "spn_report_membership", group))
		return;
	if (report->form->membership)
		report->form->membership(report, group);
}

void spn_report_journal(spn_report *report, const spn_journal_info *info)
{
	if (!spk_is_given(report, "spn_report_journal", info))
		return;
	if (report->form->journal)
		report->form->journal(report, info);
}

void spn_report_outcome(spn_report *report, bool changed, size_t n_steps, const char *journal)
{
	if (!spk_is_given(report, "spn_report_outcome", true))
		return;
	if (report->form->outcome)
		report->form->outcome(report, changed, n_steps, journal);
}

void spn_report_say(spn_report *report, const char *text)
{
	if (!spk_is_given(report, "spn_report_say", text))
		return;
	spk_progress_hide(report);
	if (report->form->say && !report->plan_on_out)
		report->form->say(report, text);
}

void spn_report_version(spn_report *report)
{
	if (!spk_is_given(report, "spn_report_version", true))
		return;
	if (report->form->version)
		report->form->version(report, spn_version());
}

/* ---- messages ---- */

void spn_report_note(spn_report *report, const char *text)
{
	if (!spk_is_given(report, "spn_report_note", text))
		return;
	spk_progress_hide(report);
	report->form->note(report, text);
}

void spn_report_gap(spn_report *report, const spn_note *note)
{
	if (!spk_is_given(report, "spn_report_gap", note && note->code && note->text))
		return;
	bool is_cut = strcmp(note->code, "cut-line") == 0; /* of a file that may be whole, nothing is said of verdicts */
	report->lacks_names |= is_cut || (note->condition && strcmp(note->code, "other-domain") != 0);
	report->form->gap(report, note);
}

void spn_report_error(spn_report *report, const spn_error *err, const char *journal)
{
	if (!spk_is_given(report, "spn_report_error", err))
		return;
	spk_progress_hide(report);
	spn_error shown = *err;
	spk_hint_add(&shown);
	report->form->error(report, &shown, journal);
}

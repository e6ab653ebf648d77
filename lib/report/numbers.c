/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <spnkit/backend.h>
#include <spnkit/text.h>

#include "base/options.h"
#include "form.h"
#include "text.h"

/* Exit codes of a plug-in (Monitoring Plugins Development Guidelines). */
enum { PLUGIN_OK, PLUGIN_WARNING, PLUGIN_CRITICAL, PLUGIN_UNKNOWN };

static void keep_error(spn_report *report, const spn_error *err, const char *journal)
{
	if (!report->has_failed)
		report->trouble = strdup(err->message);
	report->has_failed = true;
	spk_form_text.error(report, err, journal);
}

static void put_note(spn_report *report, const char *text)
{
	spk_form_text.note(report, text);
}

static void put_gap(spn_report *report, const spn_note *note)
{
	spk_form_text.gap(report, note);
}

/* Findings are counted, and not printed.  A recipe has nothing to count: it is shown to whoever asks for help. */
const spk_form spk_form_numbers = {
	.recipe = spk_text_recipe,
	.note = put_note,
	.gap = put_gap,
	.error = keep_error,
};

static int status_of(const spn_report *report, const spn_report_numbers *numbers)
{
	const size_t *n = report->tally.n;
	if (report->has_failed || numbers->has_failed)
		return PLUGIN_UNKNOWN;
	if (n[SPN_SEVERITY_BROKEN])
		return PLUGIN_CRITICAL;
	return n[SPN_SEVERITY_WARNING] || (numbers->strict && n[SPN_SEVERITY_NOTICE]) ? PLUGIN_WARNING : PLUGIN_OK;
}

/* How many there are of a code, without those that are in order. */
static size_t count_of(const struct spk_tally_row *row)
{
	return row->n[SPN_SEVERITY_NOTICE] + row->n[SPN_SEVERITY_WARNING] + row->n[SPN_SEVERITY_BROKEN];
}

/* One line; a '|' separates the text from the numbers. */
static void put_nagios(const spn_report *report, const spn_report_numbers *numbers, int status)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };
	const spk_tally *tally = &report->tally;
	fprintf(report->out.file, "SPNKIT %s - %s: ", words[status], numbers->what ? numbers->what : "spnkit");
	if (status == PLUGIN_UNKNOWN) {
		const char *text = report->trouble ? report->trouble : "it could not be looked at";
		for (size_t n; *text; text += n + (text[n] != '\0')) {
			n = strcspn(text, "|\n");
			spn_text_print(report->out.file, text, n);
			fputs(text[n] ? "/" : "", report->out.file);
		}
		putc('\n', report->out.file);
		return;
	}
	fprintf(report->out.file, "%zu broken, %zu warning, %zu notice", tally->n[SPN_SEVERITY_BROKEN],
			tally->n[SPN_SEVERITY_WARNING], tally->n[SPN_SEVERITY_NOTICE]);
	for (size_t i = 0; i < tally->n_rows; i++)
		if (count_of(&tally->rows[i]))
			fprintf(report->out.file, ", %s %zu", tally->rows[i].code, count_of(&tally->rows[i]));
	fprintf(report->out.file, "%s |", spk_provided(report));
	for (int severity = SPN_SEVERITY_BROKEN; severity > SPN_SEVERITY_OK; severity--)
		fprintf(report->out.file, " %s=%zu;;;0", spn_severity_name((spn_severity)severity), tally->n[severity]);
	for (size_t i = 0; i < tally->n_rows; i++)
		if (count_of(&tally->rows[i]))
			fprintf(report->out.file, " %s=%zu;;;0", tally->rows[i].code, count_of(&tally->rows[i]));
	putc('\n', report->out.file);
}

/* The labels that all series have: files of two commands, or of two domains, may be in one folder. */
static void put_labels(const spn_report *report, const spn_report_numbers *numbers)
{
	fprintf(report->out.file, "command=\"%s\"", numbers->what ? numbers->what : "spnkit");
	if (!numbers->domain)
		return;
	fputs(",domain=\"", report->out.file);
	for (const char *at = numbers->domain; *at; at++)
		if (*at == '"' || *at == '\\')
			fprintf(report->out.file, "\\%c", *at);
		else
			spn_text_print(report->out.file, at, 1);
	putc('"', report->out.file);
}

static void put_prometheus(const spn_report *report, const spn_report_numbers *numbers)
{
	const char *text = spk_provided(report);
	if (*text) {
		fputs("# findings", report->out.file);
		spn_text_print(report->out.file, text, strlen(text));
		putc('\n', report->out.file);
	}
	fputs("# HELP spnkit_findings Findings by severity.\n# TYPE spnkit_findings gauge\n", report->out.file);
	for (int severity = SPN_SEVERITY_BROKEN; severity > SPN_SEVERITY_OK; severity--) {
		fputs("spnkit_findings{", report->out.file);
		put_labels(report, numbers);
		fprintf(report->out.file, ",severity=\"%s\"} %zu\n", spn_severity_name((spn_severity)severity),
				report->tally.n[severity]);
	}
	fputs("# HELP spnkit_findings_by_code Findings by code.\n# TYPE spnkit_findings_by_code gauge\n", report->out.file);
	for (size_t i = 0; i < report->tally.n_rows; i++) {
		const struct spk_tally_row *row = &report->tally.rows[i];
		if (!count_of(row))
			continue;
		fputs("spnkit_findings_by_code{", report->out.file);
		put_labels(report, numbers);
		fprintf(report->out.file, ",code=\"%s\"} %zu\n", row->code, count_of(row));
	}
	fputs("# HELP spnkit_last_success_timestamp_seconds When the domain was last looked at.\n"
	     "# TYPE spnkit_last_success_timestamp_seconds gauge\n", report->out.file);
	fputs("spnkit_last_success_timestamp_seconds{", report->out.file);
	put_labels(report, numbers);
	fprintf(report->out.file, "} %lld\n", (long long)time(NULL));
}

/* A zero, or "OK", would be taken for an answer. */
static void refuse_to_count(spn_report *report)
{
	spn_error err = { .status = SPN_OK };
	const char *text = strchr(spk_provided(report), '(');
	spn_fail(&err, SPN_ERR_FAILED, 0,
			"the findings are not counted, because names may be missing in this file%s%s; export all of them",
			text ? " " : "", text ? text : "");
	keep_error(report, &err, NULL);
}

int spn_report_write_numbers(spn_report *report, const spn_report_numbers *numbers)
{
	spn_report_numbers own;
	if (!report || spk_take("spn_report_numbers", numbers, SPK_ONLY(spn_report_numbers), &own, spk_failure(report)))
		return PLUGIN_UNKNOWN;
	bool is_nagios = report->format == SPN_REPORT_NAGIOS;
	int status = status_of(report, &own);
	bool is_alarm = is_nagios && status != PLUGIN_OK; /* what was found is there all the same */
	if (report->lacks_names && status != PLUGIN_UNKNOWN && !is_alarm) {
		refuse_to_count(report);
		status = PLUGIN_UNKNOWN;
	}
	if (is_nagios)
		put_nagios(report, &own, status);
	else if (report->format == SPN_REPORT_PROMETHEUS && status != PLUGIN_UNKNOWN)
		put_prometheus(report, &own);
	return is_nagios || status == PLUGIN_UNKNOWN ? status : PLUGIN_OK;
}

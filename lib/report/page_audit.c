/* SPDX-License-Identifier: MIT */
#include "last_change.h"
#include "page.h"
#include "survey.h"

static void put_head(const spn_report *report, const spn_report_totals *totals)
{
	FILE *to = report->out.file;
	size_t n_others = totals->n_domains ? totals->n_domains - 1 : 0;
	spk_page_begin(to, "Audit of ", totals->of ? totals->of : "");
	if (n_others)
		fprintf(to, "With %zu more domain%s. ", n_others, n_others == 1 ? "" : "s");
	fprintf(to, "%zu accounts with %zu names", totals->n_accounts, totals->n_names);
	spk_page_put(to, spk_provided(report));
	spk_page_middle(to);
}

static void put_counts(FILE *to, const spk_tally *tally)
{
	fputs("<section aria-label=\"Counts\">\n<ul class=\"counts\">\n", to);
	for (int severity = SPN_SEVERITY_BROKEN; severity > SPN_SEVERITY_OK; severity--) {
		const char *name = spn_severity_name((spn_severity)severity);
		fprintf(to, "<li class=\"%s\"><b>%zu</b> %s</li>\n", name, tally->n[severity], name);
	}
	fputs("</ul>\n<ul class=\"codes\">\n", to);
	for (size_t i = 0; i < tally->n_rows; i++) {
		size_t n = 0;
		for (int severity = SPN_SEVERITY_OK; severity <= SPN_SEVERITY_BROKEN; severity++)
			n += tally->rows[i].n[severity];
		fprintf(to, "<li>%s <b>%zu</b></li>\n", tally->rows[i].code, n);
	}
	fputs("</ul>\n</section>\n", to);
}

static void put_survey(FILE *to, const spn_enctype_survey *survey)
{
	spk_survey_line lines[SPK_SURVEY_LINES];
	char condition[SPN_DOUBTS_SIZE + 128];
	size_t n = spk_survey_lines(survey, lines);
	fprintf(to,
			"<section aria-label=\"KDCs of %s\">\n<h2>At KDCs of %s, of %zu enabled account%s with "
			"names</h2>\n<ul class=\"survey\">\n",
			spn_era_name(survey->era), spn_era_name(survey->era), survey->n_accounts,
			survey->n_accounts == 1 ? "" : "s");
	for (size_t i = 0; i < n; i++) {
		const char *severity = spn_severity_name(lines[i].severity);
		fprintf(to, "<li><span class=\"%s\">%s</span> <b>%zu</b>: ", severity, severity, lines[i].n);
		spk_page_put(to, lines[i].text);
		fputs("</li>\n", to);
	}
	fputs("</ul>\n", to);
	spk_survey_condition(survey, condition, sizeof condition);
	if (*condition) {
		fputs("<p>", to);
		spk_page_put(to, condition);
		fputs("</p>\n", to);
	}
	fputs("</section>\n", to);
}

/* More accounts than this are not told apart by looking at them. */
#define ACCOUNTS_SHOWN 20

static void put_accounts(FILE *to, const spn_finding *finding, const spk_dated *dated)
{
	fputs("<td data-label=\"Accounts\"><ul>", to);
	for (size_t i = 0; i < finding->n_accounts && i < ACCOUNTS_SHOWN; i++)
		if (dated && dated->accounts[i].is_known)
			spk_page_put_dated(to, &finding->accounts[i], &dated->accounts[i].change,
					dated->accounts[i].is_youngest);
		else
			spk_page_put_account(to, &finding->accounts[i]);
	if (finding->n_accounts > ACCOUNTS_SHOWN)
		fprintf(to, "<li>and %zu more</li>", finding->n_accounts - ACCOUNTS_SHOWN);
	fputs("</ul></td>\n", to);
}

/* Where to look for who did it. */
static void put_next(FILE *to, const spk_dated *dated)
{
	char text[SPK_LAST_CHANGE_TEXT];
	spk_last_change_next(dated, text);
	fputs("<small>", to);
	spk_page_put(to, text);
	fputs("</small>", to);
}

static void put_row(spn_report *report, FILE *to, const spn_finding *finding)
{
	spk_dated dated;
	bool is_dated = spk_last_changes(report, finding, &dated);
	const char *severity = spn_severity_name(finding->severity);
	fprintf(to,
			"<tr data-severity=\"%s\">\n<td data-label=\"Severity\" data-rank=\"%d\"><span "
			"class=\"%s\">%s</span></td>\n"
			"<td data-label=\"Finding\">%s</td>\n<td data-label=\"Name\"><code>",
			severity, (int)finding->severity, severity, severity, finding->code);
	spk_page_put(to, finding->spn ? finding->spn : "");
	fputs("</code></td>\n", to);
	put_accounts(to, finding, is_dated ? &dated : NULL);
	fputs("<td data-label=\"What it means\">", to);
	spk_page_put(to, finding->text);
	spk_page_put_remedy(report, to, finding);
	if (is_dated)
		put_next(to, &dated);
	fputs("</td>\n</tr>\n", to);
}

static void put_table(spn_report *report)
{
	FILE *to = report->out.file;
	size_t total = report->tally.total, n_shown = report->page.n_rows;
	static const char *const columns[] = { "Severity", "Finding", "Name", "Accounts", "What it means" };
	fputs("<section aria-label=\"Findings\">\n<h2>Findings</h2>\n<form id=\"controls\" hidden>\n"
	      "<label>Filter <input type=\"search\" id=\"filter\" autocomplete=\"off\"></label>\n"
	      "<label>Severity <select id=\"severity\"><option "
	      "value=\"\">all</option><option>broken</option><option>warning</option>"
	      "<option>notice</option></select></label>\n<output id=\"shown\"></output>\n</form>\n<table "
	      "id=\"findings\">\n<thead>\n<tr>",
			to);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		fprintf(to, "<th scope=\"col\">%s</th>", columns[i]);
	fputs("</tr>\n</thead>\n<tbody>\n", to);
	for (size_t severity = SPN_SEVERITY_BROKEN + 1; severity-- > 0;)
		spk_page_put_rows(report, severity);
	fputs("</tbody>\n</table>\n", to);
	if (n_shown < total)
		fprintf(to,
				"<p>%zu more findings are not shown: a page has room for %d of each severity. "
				"<code>spnkit audit --json</code> "
				"prints all of them.</p>\n",
				total - n_shown, SPK_PAGE_ROWS);
	if (n_shown == 0) {
		fputs("<p>Nothing was found", to);
		spk_page_put(to, spk_provided(report));
		fputs(".</p>\n", to);
	}
	fputs("</section>\n", to);
}

/* Of each severity as many as a browser can bear. */
static void keep_finding(spn_report *report, const spn_finding *finding, const char *const *also, size_t n_also)
{
	(void)also; /* its text names them */
	(void)n_also;
	bool has_room = report->tally.n[finding->severity] <= SPK_PAGE_ROWS;
	FILE *to = has_room ? spk_page_add_row(report, finding->severity) : NULL;
	if (to)
		put_row(report, to, finding);
	if (to && spk_page_pictures(finding))
		report->lost |= spn_findings_keep(finding, &report->page.conflicts, NULL) != SPN_OK;
}

static void keep_survey(spn_report *report, const spn_enctype_survey *survey)
{
	report->page.survey = *survey;
	report->page.is_surveyed = true;
}

static void put_page(spn_report *report, const spn_report_totals *totals)
{
	FILE *to = report->out.file;
	spk_page *page = &report->page;
	put_head(report, totals);
	if (page->is_surveyed)
		put_survey(to, &page->survey);
	put_counts(to, &report->tally);
	spk_page_picture(to, &page->conflicts);
	put_table(report);
	spk_page_end(to);
}

/* Messages are not on the page. */
static void put_note(spn_report *report, const char *text)
{
	spk_form_text.note(report, text);
}

static void put_gap(spn_report *report, const spn_note *note)
{
	spk_form_text.gap(report, note);
}

static void put_error(spn_report *report, const spn_error *err, const char *journal)
{
	spk_form_text.error(report, err, journal);
}

const spk_form spk_form_page = {
	.conflict = keep_finding,
	.survey = keep_survey,
	.summary = put_page,
	.event = spk_page_keep_event,
	.differences = spk_page_put_differences,
	.note = put_note,
	.gap = put_gap,
	.error = put_error,
};

/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <spnkit/backend.h>

#include "remedy.h"
#include "page_assets.h"
#include "base/safe.h"
#include "survey.h"

void report_put(FILE *to, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "&<>\"'");
		print_safe(to, text, n);
		text += n;
		if (*text)
			fputs(*text == '&'                           ? "&amp;" :
							*text == '<' ? "&lt;" :
							*text == '>' ? "&gt;" :
							*text == '"' ? "&quot;" :
								       "&#39;",
					to);
		text += *text != '\0';
	}
}

void report_put_account(FILE *to, const spn_account_ref *ref)
{
	fputs("<li>", to);
	if (*ref->account) {
		fputs("<b>", to);
		report_put(to, ref->account);
		fputs("</b> ", to);
	}
	fputs("<small>", to);
	report_put(to, ref->dn);
	fputs("</small></li>", to);
}

void report_put_remedy(FILE *to, const spn_finding *finding)
{
	bool lost = false;
	char *remedy = remedy_of(finding, &lost);
	if (!remedy)
		return;
	fputs("<p class=\"repair\">Repair: <code>", to);
	report_put(to, remedy);
	fputs("</code></p>", to);
	free(remedy);
}

void report_begin(FILE *to, const char *title, const char *of)
{
	fprintf(to, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '%s'; script-src '%s'; "
			"base-uri 'none'; form-action 'none'\">\n", page_css.hash, page_js.hash);
	fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>", to);
	report_put(to, title);
	report_put(to, of);
	fputs("</title>\n<style>", to);
	fwrite(page_css.data, 1, page_css.len, to);
	fputs("</style>\n</head>\n<body>\n<header>\n<h1>", to);
	report_put(to, title);
	report_put(to, of);
	fputs("</h1>\n<p>", to);
}

void report_middle(FILE *to)
{
	char when[32];
	time_t now = time(NULL);
	struct tm tm;
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	fprintf(to, ", looked at by spnkit %s at <time datetime=\"%s\">%s</time>.</p>\n</header>\n<main>\n",
			spn_version(), when, when);
}

void report_end(FILE *to)
{
	fputs("</main>\n<script>", to);
	fwrite(page_js.data, 1, page_js.len, to);
	fputs("</script>\n</body>\n</html>\n", to);
}

static void put_head(FILE *to, const struct report *report)
{
	report_begin(to, "Audit of ", report->of);
	if (report->n_others)
		fprintf(to, "With %zu more domain%s. ", report->n_others, report->n_others == 1 ? "" : "s");
	fprintf(to, "%zu accounts with %zu names", report->n_accounts, report->n_names);
	report_put(to, report->condition);
	report_middle(to);
}

static void put_counts(FILE *to, const struct tally *tally)
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
	struct survey_line lines[SURVEY_LINES];
	char condition[SPN_DOUBTS_SIZE + 128];
	size_t n = survey_lines(survey, lines);
	fprintf(to,
			"<section aria-label=\"KDCs of %s\">\n<h2>At KDCs of %s, of %zu enabled account%s with "
			"names</h2>\n<ul class=\"survey\">\n",
			spn_era_name(survey->era), spn_era_name(survey->era), survey->n_accounts,
			survey->n_accounts == 1 ? "" : "s");
	for (size_t i = 0; i < n; i++) {
		const char *severity = spn_severity_name(lines[i].severity);
		fprintf(to, "<li><span class=\"%s\">%s</span> <b>%zu</b>: ", severity, severity, lines[i].n);
		report_put(to, lines[i].text);
		fputs("</li>\n", to);
	}
	fputs("</ul>\n", to);
	survey_condition(survey, condition, sizeof condition);
	if (*condition) {
		fputs("<p>", to);
		report_put(to, condition);
		fputs("</p>\n", to);
	}
	fputs("</section>\n", to);
}

/* More accounts than this are not told apart by looking at them. */
#define ACCOUNTS_SHOWN 20

static void put_accounts(FILE *to, const spn_finding *finding)
{
	fputs("<td data-label=\"Accounts\"><ul>", to);
	for (size_t i = 0; i < finding->n_accounts && i < ACCOUNTS_SHOWN; i++)
		report_put_account(to, &finding->accounts[i]);
	if (finding->n_accounts > ACCOUNTS_SHOWN)
		fprintf(to, "<li>and %zu more</li>", finding->n_accounts - ACCOUNTS_SHOWN);
	fputs("</ul></td>\n", to);
}

static void put_row(FILE *to, const spn_finding *finding)
{
	const char *severity = spn_severity_name(finding->severity);
	fprintf(to,
			"<tr data-severity=\"%s\">\n<td data-label=\"Severity\" data-rank=\"%d\"><span "
			"class=\"%s\">%s</span></td>\n"
			"<td data-label=\"Finding\">%s</td>\n<td data-label=\"Name\"><code>",
			severity, (int)finding->severity, severity, severity, finding->code);
	report_put(to, finding->spn ? finding->spn : "");
	fputs("</code></td>\n", to);
	put_accounts(to, finding);
	fputs("<td data-label=\"What it means\">", to);
	report_put(to, finding->text);
	report_put_remedy(to, finding);
	fputs("</td>\n</tr>\n", to);
}

static void put_table(FILE *to, const struct findings *findings, size_t total, const char *condition)
{
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
	for (size_t i = 0; i < findings->n; i++)
		put_row(to, findings->list[i]);
	fputs("</tbody>\n</table>\n", to);
	if (findings->n < total)
		fprintf(to,
				"<p>%zu more findings are not shown: a page has room for %d of each severity. "
				"<code>spnkit audit --json</code> "
				"prints all of them.</p>\n",
				total - findings->n, REPORT_ROWS);
	if (findings->n == 0) {
		fputs("<p>Nothing was found", to);
		report_put(to, condition);
		fputs(".</p>\n", to);
	}
	fputs("</section>\n", to);
}

static void put_page(FILE *to, const struct report *report)
{
	put_head(to, report);
	if (report->survey)
		put_survey(to, report->survey);
	put_counts(to, report->tally);
	report_picture(to, report->findings);
	put_table(to, report->findings, report->tally->total, report->condition);
	report_end(to);
}

bool report_is_at(const char *path, const char *of)
{
	struct stat page, directory;
	bool is_stdin = strcmp(of, "-") == 0;
	return stat(path, &page) == 0 && (is_stdin ? fstat(STDIN_FILENO, &directory) : stat(of, &directory)) == 0 &&
			S_ISREG(page.st_mode) && page.st_dev == directory.st_dev && page.st_ino == directory.st_ino;
}

/* The page is made before the file is touched: without memory the old one stays. */
spn_status report_write(const char *path, const struct report *report, spn_error *err)
{
	char *page = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&page, &size);
	if (memory)
		put_page(memory, report);
	if (!memory || fclose(memory) != 0) {
		free(page);
		return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	}
	spn_status status = report_save(path, page, size, err);
	free(page);
	return status;
}

spn_status report_save(const char *path, const char *page, size_t size, spn_error *err)
{
	FILE *file = fopen(path, "w");
	bool written = file && fwrite(page, 1, size, file) == size;
	if (file)
		written &= fclose(file) == 0;
	return written ? SPN_OK : spn_fail(err, SPN_ERR_FAILED, errno, "cannot write '%s': %s", path, strerror(errno));
}

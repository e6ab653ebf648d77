/* SPDX-License-Identifier: MIT */
#include "numbers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "findings.h"
#include "output.h"
#include "base/safe.h"

/* Exit codes of a plug-in (Monitoring Plugins Development Guidelines). */
enum { PLUGIN_OK, PLUGIN_WARNING, PLUGIN_CRITICAL, PLUGIN_UNKNOWN };

/* One run of the program has one. */
static struct {
	unsigned format; /* FORMAT_TEXT: nothing is counted */
	struct output output;
	struct tally tally;
	char *trouble; /* the first error */
	bool has_failed;
} monitor;

static void count(struct cli *cli, const spn_finding *finding)
{
	(void)cli;
	tally_add(&monitor.tally, finding);
}

static void count_finding(struct cli *cli, FILE *to, const spn_finding *finding)
{
	if (to == stdout)
		count(cli, finding);
	else
		output_text.finding(cli, to, finding);
}

static void count_conflict(struct cli *cli, const spn_finding *finding, const char *const *also, size_t n_also)
{
	(void)also;
	(void)n_also;
	count(cli, finding);
}

static void count_expectation(struct cli *cli, const spn_expectation *expectation)
{
	count(cli, expectation->finding);
}

static void leave_out_survey(struct cli *cli, const spn_enctype_survey *survey)
{
	(void)cli;
	(void)survey;
}

static void leave_out_summary(struct cli *cli, const struct tally *tally, size_t left_out)
{
	(void)cli;
	(void)tally;
	(void)left_out;
}

static void leave_out_rights(struct cli *cli, const spn_rights *rights)
{
	(void)cli;
	(void)rights;
}

static void leave_out_event(struct cli *cli, const spn_event *event)
{
	(void)cli;
	(void)event;
}

static void keep_error(struct cli *cli, const spn_error *err, const char *journal)
{
	if (!monitor.has_failed)
		monitor.trouble = strdup(err->message);
	monitor.has_failed = true;
	output_text.error(cli, err, journal);
}

void monitor_begin(struct cli *cli, unsigned format)
{
	monitor.format = format;
	monitor.output = output_json;
	monitor.output.verdict = count;
	monitor.output.finding = count_finding;
	monitor.output.conflict = count_conflict;
	monitor.output.expectation = count_expectation;
	monitor.output.survey = leave_out_survey;
	monitor.output.rights = leave_out_rights;
	monitor.output.event = leave_out_event;
	monitor.output.summary = leave_out_summary;
	monitor.output.error = keep_error;
	monitor.output.note = output_text.note;
	monitor.output.gap = output_text.gap;
	cli->output = &monitor.output;
}

static int status_of(const struct cli *cli, enum cli_exit code)
{
	const size_t *n = monitor.tally.n;
	if (monitor.has_failed || code > CLI_NO)
		return PLUGIN_UNKNOWN;
	if (n[SPN_SEVERITY_BROKEN])
		return PLUGIN_CRITICAL;
	return n[SPN_SEVERITY_WARNING] || (cli->options.strict && n[SPN_SEVERITY_NOTICE]) ? PLUGIN_WARNING : PLUGIN_OK;
}

/* How many there are of a code, without those that are in order. */
static size_t count_of(const struct tally_row *row)
{
	return row->n[SPN_SEVERITY_NOTICE] + row->n[SPN_SEVERITY_WARNING] + row->n[SPN_SEVERITY_BROKEN];
}

/* One line; a '|' separates the text from the numbers. */
static void put_nagios(const struct cli *cli, int status)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };
	const struct tally *tally = &monitor.tally;
	printf("SPNKIT %s - %s: ", words[status], cli->command ? cli->command->name : "spnkit");
	if (status == PLUGIN_UNKNOWN) {
		const char *text = monitor.trouble ? monitor.trouble : "it could not be looked at";
		for (size_t n; *text; text += n + (text[n] != '\0')) {
			n = strcspn(text, "|\n");
			print_safe(stdout, text, n);
			fputs(text[n] ? "/" : "", stdout);
		}
		putchar('\n');
		return;
	}
	printf("%zu broken, %zu warning, %zu notice", tally->n[SPN_SEVERITY_BROKEN], tally->n[SPN_SEVERITY_WARNING],
			tally->n[SPN_SEVERITY_NOTICE]);
	for (size_t i = 0; i < tally->n_rows; i++)
		if (count_of(&tally->rows[i]))
			printf(", %s %zu", tally->rows[i].code, count_of(&tally->rows[i]));
	printf("%s |", condition(cli));
	for (int severity = SPN_SEVERITY_BROKEN; severity > SPN_SEVERITY_OK; severity--)
		printf(" %s=%zu;;;0", spn_severity_name((spn_severity)severity), tally->n[severity]);
	for (size_t i = 0; i < tally->n_rows; i++)
		if (count_of(&tally->rows[i]))
			printf(" %s=%zu;;;0", tally->rows[i].code, count_of(&tally->rows[i]));
	putchar('\n');
}

/* The labels that all series have: files of two commands, or of two domains, may be in one folder. */
static void put_labels(const struct cli *cli)
{
	printf("command=\"%s\"", cli->command->name);
	if (cli->options.n_domains == 0)
		return;
	fputs(",domain=\"", stdout);
	for (const char *at = cli->options.domains[0]; *at; at++)
		if (*at == '"' || *at == '\\')
			printf("\\%c", *at);
		else
			print_safe(stdout, at, 1);
	putchar('"');
}

static void put_prometheus(const struct cli *cli)
{
	const char *text = condition(cli);
	if (*text) {
		fputs("# findings", stdout);
		print_safe(stdout, text, strlen(text));
		putchar('\n');
	}
	puts("# HELP spnkit_findings Findings by severity.\n# TYPE spnkit_findings gauge");
	for (int severity = SPN_SEVERITY_BROKEN; severity > SPN_SEVERITY_OK; severity--) {
		fputs("spnkit_findings{", stdout);
		put_labels(cli);
		printf(",severity=\"%s\"} %zu\n", spn_severity_name((spn_severity)severity), monitor.tally.n[severity]);
	}
	puts("# HELP spnkit_findings_by_code Findings by code.\n# TYPE spnkit_findings_by_code gauge");
	for (size_t i = 0; i < monitor.tally.n_rows; i++) {
		const struct tally_row *row = &monitor.tally.rows[i];
		if (!count_of(row))
			continue;
		fputs("spnkit_findings_by_code{", stdout);
		put_labels(cli);
		printf(",code=\"%s\"} %zu\n", row->code, count_of(row));
	}
	puts("# HELP spnkit_last_success_timestamp_seconds When the domain was last looked at.\n"
	     "# TYPE spnkit_last_success_timestamp_seconds gauge");
	fputs("spnkit_last_success_timestamp_seconds{", stdout);
	put_labels(cli);
	printf("} %lld\n", (long long)time(NULL));
}

/* A zero, or "OK", would be taken for an answer. */
static enum cli_exit refuse_to_count(struct cli *cli)
{
	spn_error err = { .status = SPN_OK };
	const char *text = strchr(condition(cli), '(');
	spn_fail(&err, SPN_ERR_FAILED, 0,
			"the findings are not counted, because names may be missing in this file%s%s; export all of them",
			text ? " " : "", text ? text : "");
	return complain(cli, &err);
}

enum cli_exit monitor_finish(struct cli *cli, enum cli_exit code)
{
	int status = status_of(cli, code);
	bool is_counted = cli->command && cli->command->finds && !cli->options.help && !cli->options.version;
	bool is_alarm = monitor.format == FORMAT_NAGIOS && status != PLUGIN_OK; /* what was found is there all the same */
	if (monitor.format != FORMAT_TEXT && is_counted && cli->lacks_names && status != PLUGIN_UNKNOWN && !is_alarm) {
		code = refuse_to_count(cli);
		status = status_of(cli, code);
	}
	if (monitor.format == FORMAT_NAGIOS && (is_counted || status == PLUGIN_UNKNOWN))
		put_nagios(cli, status);
	else if (monitor.format == FORMAT_PROMETHEUS && is_counted && status != PLUGIN_UNKNOWN)
		put_prometheus(cli);
	free(monitor.trouble);
	if (monitor.format == FORMAT_NAGIOS)
		return (enum cli_exit)status;
	return monitor.format == FORMAT_PROMETHEUS && status != PLUGIN_UNKNOWN ? CLI_DONE : code;
}

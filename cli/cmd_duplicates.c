/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "commands.h"
#include "connect.h"
#include "domains.h"
#include "output.h"

struct report {
	struct cli *cli;
	bool as_setspn; /* which knows of no aliases */
	size_t n, n_aliases, n_notices;
};

static spn_status show(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	struct report *report = data;
	bool is_notice = finding->severity == SPN_SEVERITY_NOTICE;
	report->n_notices += is_notice;
	if (!report->as_setspn)
		report->n += !is_notice;
	else if (strcmp(finding->code, "duplicate") == 0)
		report->n++;
	else
		report->n_aliases += !is_notice;
	spn_report_conflict(report->cli->report, finding);
	return SPN_OK;
}

static spn_status look(const char *pattern, size_t *ret_n_found, void *data, spn_error *err)
{
	struct report *report = data;
	const struct cli *cli = report->cli;
	spn_duplicates_options options = SPN_DUPLICATES_OPTIONS_INIT;
	options.pattern = pattern;
	options.forest = cli->options.forest;
	options.others = cli->dirs + 1;
	options.n_others = cli->n_dirs - 1;
	options.progress = spn_report_on_progress;
	options.progress_data = cli->report;
	size_t before = report->n + report->n_notices;
	spn_status status = spn_find_duplicates(cli->dirs[0], &options, show, report, err);
	*ret_n_found = report->n + report->n_notices - before;
	return status;
}

static spn_status run(struct cli *cli, spn_error *err)
{
	struct report report = { .cli = cli, .as_setspn = cli->command == &cmd_setspn };
	spn_status status = domains_open(cli, err);
	for (size_t i = 0; !status && i < cli->n_dirs; i++)
		status = connect_say_where(cli, cli->dirs[i], err);
	if (!status && report.as_setspn && !cli->options.quiet)
		say(cli, "Processing entry 0"); /* setspn counts up in place: what a file gets is the first */
	spn_report_dates(cli->report, cli->dirs, cli->n_dirs);
	for (int i = 0; !status && (i == 0 || i < cli->argc); i++)
		status = domains_look(cli, cli->argc ? cli->argv[i] : NULL, look, &report, err);
	spn_report_dates(cli->report, NULL, 0);
	if (status)
		return status;
	if (!report.as_setspn)
		say(cli, "%s", "");
	/* scripts look for setspn's text, which has no plural */
	say(cli, "found %zu group%s of duplicate SPNs%s.", report.n, report.n == 1 || report.as_setspn ? "" : "s",
			condition(cli));
	if (report.n_notices && !report.as_setspn)
		note(cli, "%zu more may be meant so (notice)", report.n_notices);
	cli->code = report.n + report.n_aliases ? CLI_NO : CLI_DONE;
	return SPN_OK;
}

const struct command cmd_duplicates = {
	.name = "duplicates",
	.args = "[NAME]...",
	.summary = "Find the names that several accounts hold, literally or through an alias",
	.details = "With NAMEs, those only; '*' stands for any text in them. Several --domain are looked at as one. "
		"Exit code 1 if there are any, apart from notices.",
	.example = "spnkit duplicates 'http/*' -H ldif:export.ldif",
	.options = OPTIONS_FOREST,
	.finds = true,
	.run = run,
};

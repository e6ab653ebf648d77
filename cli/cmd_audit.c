/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <strings.h>

#include "change.h"
#include "commands.h"
#include "connect.h"
#include "domains.h"
#include "output.h"

struct audit {
	struct cli *cli;
	spn_findings findings; /* for the plan */
	spn_accepted *accepted; /* NULL: none */
	size_t n, n_left_out;
	bool is_elsewhere; /* another domain would be changed, too */
};

/* A plan is made of each name. */
static spn_status take(const spn_finding *finding, void *data, spn_error *err)
{
	struct audit *audit = data;
	struct cli *cli = audit->cli;
	bool left_out = false; /* somebody has said that this is known */
	spn_status status = audit->accepted ? spn_accepted_has(audit->accepted, finding, &left_out, err) : SPN_OK;
	audit->n++;
	audit->n_left_out += left_out;
	if (status || left_out)
		return status;
	spn_report_cause(cli->report, finding);
	return output_is_plan(cli) ? spn_findings_keep(finding, &audit->findings, err) : SPN_OK;
}

/* Of a name that is looked for in another spelling, what is found counts. */
static spn_status take_survey(const spn_enctype_survey *survey, void *data, spn_error *err)
{
	struct audit *audit = data;
	(void)err;
	if (survey->n_accounts == 0 && audit->cli->argc)
		return SPN_OK;
	spn_report_survey(audit->cli->report, survey);
	return SPN_OK;
}

static spn_status look(const char *pattern, size_t *ret_n_found, void *data, spn_error *err)
{
	struct audit *audit = data;
	const struct cli *cli = audit->cli;
	spn_audit_options options = cli->options.audit;
	options.pattern = pattern;
	options.others = cli->dirs + 1;
	options.n_others = cli->n_dirs - 1;
	options.survey = options.era && !output_is_plan(cli) ? take_survey : NULL;
	options.survey_data = audit;
	options.progress = spn_report_on_progress;
	options.progress_data = cli->report;
	size_t before = audit->n;
	spn_status status = spn_audit(cli->dirs[0], &options, take, audit, err);
	spn_report_cause(cli->report, NULL);
	*ret_n_found = audit->n - before;
	return status;
}

static void print_word(FILE *to, const char *option, const char *word)
{
	AUTO(char) *quoted = spn_text_shell_word(word);
	fprintf(to, "%s%s %s", *option ? " " : "", option, quoted ? quoted : "?");
}

/* What was left out of this plan stays out of the other one. */
static void print_left_out(FILE *to, const struct options *options)
{
	if (options->accepted)
		print_word(to, "--accepted", options->accepted);
	for (size_t i = 0; i < options->ignored.n; i++)
		print_word(to, "--ignore", options->ignored.at[i]);
}

/* "spnkit audit -T ice.example -T example --format ldif": the same with another domain first, whose plan it prints.
 * Free it. */
static char *command_for(const struct audit *audit, const char *domain)
{
	const struct cli *cli = audit->cli;
	const struct options *options = &cli->options;
	char other[300];
	static const char *const formats[] = {
		[FORMAT_LDIF] = "ldif", [FORMAT_SETSPN] = "setspn", [FORMAT_POWERSHELL] = "powershell"
	};
	char *line = NULL;
	size_t size;
	FILE *file = open_memstream(&line, &size);
	if (!file)
		return NULL;
	fputs("spnkit audit", file);
	print_word(file, "-T", domain);
	for (size_t i = 0; i < cli->n_dirs && options->domains.n && !options->forest; i++) {
		const char *base = "";
		spn_status status = spn_directory_base(cli->dirs[i], &base, NULL);
		spn_dn_domain(base, other, sizeof other);
		if (!status && strcasecmp(other, domain) != 0)
			print_word(file, "-T", other);
	}
	fprintf(file, "%s --format %s", options->forest ? " -F" : "", formats[options->format]);
	print_left_out(file, options);
	for (int i = 0; i < cli->argc; i++)
		print_word(file, i == 0 ? "--" : "", cli->argv[i]);
	if (fclose(file) == 0)
		return line;
	free(line);
	return NULL;
}

static spn_status remark(const spn_finding *finding, void *data, spn_error *err)
{
	const struct audit *audit = data;
	return spn_report_on_remark(finding, audit->cli->report, err);
}

/* A plan is for one domain: "apply" takes no other, and a script finds its accounts in the domain where it is run.  So
 * it is said what prints the plan of each of the others. */
static spn_status tell_elsewhere(const char *domain, size_t n, void *data, spn_error *err)
{
	struct audit *audit = data;
	char own[300];
	const char *base = "";
	AUTO(char) *command = command_for(audit, domain);
	audit->is_elsewhere = true;
	(void)spn_directory_base(audit->cli->dirs[0], &base, NULL);
	spn_dn_domain(base, own, sizeof own);
	if (!command)
		return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	note(audit->cli, "%zu step%s in the domain '%s' %s not in this plan, which is for '%s' only: %s", n,
			n == 1 ? "" : "s", domain, n == 1 ? "is" : "are", own, command);
	return SPN_OK;
}

static spn_status write_plan(struct audit *audit, spn_error *err)
{
	AUTO(spn_plan) *plan = NULL;
	spn_status status = spn_plan_new(&plan, err);
	if (!status)
		status = spn_propose_repairs(plan, audit->cli->dirs, audit->cli->n_dirs,
				(const spn_finding *const *)audit->findings.list, audit->findings.n, remark, tell_elsewhere, audit, err);
	if (!status && spn_plan_count(plan) > 0)
		status = change_write(audit->cli, plan, err);
	else if (!status && !audit->is_elsewhere)
		note(audit->cli, "there is nothing that can be repaired without a decision");
	return status;
}

static spn_status finish_audit(struct audit *audit, spn_error *err)
{
	struct cli *cli = audit->cli;
	spn_report_totals totals = SPN_REPORT_TOTALS_INIT;
	spn_status status = output_is_plan(cli) ? write_plan(audit, err) : SPN_OK;
	if (!status)
		status = connect_base(cli, cli->dirs[0], &totals.of, err);
	if (status)
		return status;
	totals.n_domains = cli->n_dirs;
	totals.n_accounts = spn_report_progress(cli->report, &totals.n_names);
	totals.n_left_out = audit->n_left_out;
	spn_report_summary(cli->report, &totals);
	return SPN_OK;
}

static spn_status check_keys(const struct audit *audit, spn_error *err)
{
	const struct options *options = &audit->cli->options;
	if (options->audit.era && audit->cli->argc > 1)
		return spn_fail(err, SPN_ERR_INVALID, 0, "--era counts the accounts of one NAME, or all of them: name one, or none");
	return options->keys ? connect_check_kdc(audit->cli->dirs[0], "keys", "--keys", err) : SPN_OK;
}

static spn_status show_products(struct cli *cli, spn_error *err)
{
	spn_status status = spn_report_products(cli->report, cli->dirs, cli->n_dirs, cli->options.forest, err);
	if (!status)
		say_condition(cli);
	return status;
}

/* What says nothing of products. */
static bool takes_service(const struct cli *cli)
{
	const struct options *options = &cli->options;
	return !options->by_service || (!cli->argc && !options->html && !options->audit.era && !output_is_plan(cli));
}

/* Before anything is looked at. */
static spn_status begin_audit(struct audit *audit, spn_error *err)
{
	struct cli *cli = audit->cli;
	const struct options *options = &cli->options;
	spn_status status = options->accepted ? spn_accepted_read(options->accepted, &audit->accepted, err) : SPN_OK;
	for (size_t i = 0; !status && i < options->ignored.n; i++)
		status = spn_accepted_add(&audit->accepted, options->ignored.at[i], err);
	if (!status)
		status = domains_open(cli, err);
	if (!status)
		status = domains_check_page(cli, cli->dirs, cli->n_dirs, err);
	if (!status)
		status = check_keys(audit, err);
	for (size_t i = 0; !status && i < cli->n_dirs; i++)
		status = connect_say_where(cli, cli->dirs[i], err);
	return status;
}

static spn_status look_at_all(struct audit *audit, spn_error *err)
{
	struct cli *cli = audit->cli;
	if (cli->options.forest && !connect_is_ldif(spn_directory_url(cli->dirs[0])))
		note(cli,
				"old-password, weak-enctype, no-aes-keys, delegations and missing WSMAN/ names may be "
				"left out: a global catalog of "
				"Windows does not know what tells them; an audit of each domain (-T DOMAIN) does");
	spn_status status = SPN_OK;
	spn_report_dates(cli->report, cli->dirs, cli->n_dirs);
	for (int i = 0; !status && (i == 0 || i < cli->argc); i++)
		status = domains_look(cli, cli->argc ? cli->argv[i] : NULL, look, audit, err);
	if (!status)
		status = finish_audit(audit, err);
	spn_report_dates(cli->report, NULL, 0);
	cli->code = output_has(cli, cli->options.strict ? SPN_SEVERITY_NOTICE : SPN_SEVERITY_WARNING) ? CLI_NO : CLI_DONE;
	return status;
}

static spn_status run(struct cli *cli, spn_error *err)
{
	if (!takes_service(cli))
		return misused(cli, err, "--by-service goes with no NAME, --html, --era or plan");
	struct audit audit = { .cli = cli };
	output_begin_page(cli);
	spn_status status = begin_audit(&audit, err);
	if (!status)
		status = cli->options.by_service ? show_products(cli, err) : look_at_all(&audit, err);
	spn_findings_clear(&audit.findings);
	spn_accepted_free(audit.accepted);
	return status;
}

const struct command cmd_audit = {
	.name = "audit",
	.args = "[NAME]...",
	.summary = "Find what breaks, or will break, Kerberos: duplicates, malformed names, disabled accounts",
	.details = "With NAMEs, of accounts with such names only; '*' stands for any text in them. --html writes a "
		"page for people; --format ldif (setspn, powershell) prints the plan that repairs what can be "
		"repaired without a decision, which 'spnkit apply' carries out: of several domains, the plan of the "
		"first, and how to print the others. --era counts first what KDCs of that version refuse or change; "
		"with --keys, the KDC is asked which accounts have AES keys, where the date of their password "
		"leaves that open. Of a forest, old-password, weak-enctype, no-aes-keys, delegations and missing "
		"WSMAN/ names may be left out: a global catalog of Windows does not know what tells them. Exit code "
		"1 if there is a warning or worse; with --strict, any finding.",
	.example = "spnkit audit --html audit.html -H ldif:export.ldif",
	.options = OPTIONS_FOREST | OPTIONS_AUDIT | OPTIONS_KEYS,
	.finds = true,
	.run = run,
};

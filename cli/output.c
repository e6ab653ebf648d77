/* SPDX-License-Identifier: MIT */
#include "output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 4096
#define NO_CREDENTIALS 0x8009030eu /* SEC_E_NO_CREDENTIALS, which stands for every way of having no tickets */
#define WRONG_PRINCIPAL 0x80090322u
#define TARGET_UNKNOWN 0x80090303u
#define LDAP_INVALID_CREDENTIALS 49 /* RFC 4511, appendix A.1 */

static spn_report_format format_of(const struct cli *cli)
{
	switch (cli->counted) {
	case FORMAT_NAGIOS: return SPN_REPORT_NAGIOS;
	case FORMAT_PROMETHEUS: return SPN_REPORT_PROMETHEUS;
	default: return cli->options.json ? SPN_REPORT_JSON : SPN_REPORT_TEXT;
	}
}

bool output_is_plan(const struct cli *cli)
{
	return cli->options.format != FORMAT_TEXT && cli->options.format != FORMAT_JSON;
}

void output_begin(struct cli *cli)
{
	spn_report *report = NULL;
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.format = format_of(cli);
	options.colour = cli->colour;
	options.as_setspn = cli->as_setspn;
	options.progress = !cli->options.quiet && !cli->options.json;
	bool has_plan = cli->command && (cli->command->changes || cli->command->options & (OPTIONS_AUDIT | OPTIONS_EXPECT));
	options.plan_on_out = has_plan && output_is_plan(cli);
	if (spn_report_new(&options, &report, NULL)) {
		cli->lost = true; /* the one before still says so */
		return;
	}
	spn_report_free(cli->report);
	cli->report = report;
}

void output_begin_page(struct cli *cli)
{
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.format = SPN_REPORT_HTML;
	options.path = cli->options.html;
	cli->lost |= options.path && spn_report_new(&options, &cli->page, NULL) != SPN_OK;
	spn_report_also(cli->report, cli->page);
}

enum cli_exit output_numbers(struct cli *cli, enum cli_exit code)
{
	const struct options *options = &cli->options;
	bool is_counted = cli->command && cli->command->finds && !options->help && !options->version;
	bool is_nagios = cli->counted == FORMAT_NAGIOS;
	spn_report_numbers numbers = SPN_REPORT_NUMBERS_INIT;
	if (!cli->counted || (!is_counted && code <= CLI_NO))
		return cli->counted ? CLI_DONE : code;
	numbers.what = cli->command ? cli->command->name : NULL;
	numbers.domain = options->domains.at[0];
	numbers.strict = options->strict;
	numbers.has_failed = code > CLI_NO;
	int status = spn_report_write_numbers(cli->report, &numbers);
	if (is_nagios || !status)
		return (enum cli_exit)status;
	return code > CLI_NO || cli->has_complained ? code : CLI_FAILED;
}

const char *condition(const struct cli *cli)
{
	return cli->as_setspn ? "" : spn_report_provided(cli->report);
}

void say(struct cli *cli, const char *format, ...)
{
	if (cli->options.format != FORMAT_TEXT)
		return;
	char line[LINE_SIZE];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	spn_text_hide_passwords(line);
	spn_report_say(cli->report, line);
}

void say_condition(struct cli *cli)
{
	if (*condition(cli))
		say(cli, "As%s.", condition(cli) + strlen(", as"));
}

void note(struct cli *cli, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	spn_text_hide_passwords(line);
	spn_report_note(cli->report, line);
}

const char *meant(struct cli *cli, const char *text, spn_asked asked, char **ret_name)
{
	AUTO(char) *why = NULL;
	cli->lost |= spn_name_guess(text, asked, ret_name, &why, NULL) != SPN_OK;
	if (why)
		note(cli, "%s", why);
	return *ret_name ? *ret_name : text;
}

bool output_has(const struct cli *cli, spn_severity severity)
{
	while (severity <= SPN_SEVERITY_BROKEN && spn_report_count(cli->report, severity) == 0)
		severity++;
	return severity <= SPN_SEVERITY_BROKEN;
}

spn_status output_verdict_end(struct cli *cli)
{
	say_condition(cli);
	cli->code = output_has(cli, SPN_SEVERITY_BROKEN) ? CLI_NO : CLI_DONE;
	return SPN_OK;
}

/* A machine that has joined a domain has keys of its own, which whoever may read them can use. */
static void offer_machine_keytab(struct cli *cli, const spn_error *err)
{
	const char *name = getenv("KRB5_KTNAME");
	const char *path = !name || !*name ? "/etc/krb5.keytab" : strncmp(name, "FILE:", 5) == 0 ? name + 5 : name;
	bool lacks_tickets = err->status == SPN_ERR_AUTH && spn_kerberos_explain(err->native)->windows_code == NO_CREDENTIALS;
	if (lacks_tickets && !cli->options.who.keytab && !cli->options.json && access(path, R_OK) == 0)
		note(cli, "this machine has keys of its own: try '-k %s'", path);
}

/* What allows that: a name may be that of a computer, without its '$', and of somebody else; in a plan, the step has to
 * have the flag. */
static void offer_option(struct cli *cli, const spn_error *err)
{
	bool is_taken = err->remedy == SPN_REMEDY_TAKEOVER;
	if (err->remedy == SPN_REMEDY_KIND && options_has(cli, "computer"))
		note(cli, "--computer or --user says which kind of account is meant");
	else if (is_taken && options_has(cli, "takeover"))
		note(cli, "to allow that, use --takeover");
	else if (is_taken && options_has(cli, "any-attribute"))
		note(cli, "to allow that, put '# flags: takeover' above the step in the plan");
}

/* The name of the domain controller itself is on another account, or on two.  One can look all the same: without -H the
 * controller is asked for by another of its names. */
static void offer_to_resolve(struct cli *cli, const spn_error *err)
{
	const struct options *options = &cli->options;
	const char *url = options->url ? options->url : getenv("SPNKIT_DIRECTORY");
	unsigned code = err->native < 0 ? spn_kerberos_explain(err->native)->windows_code : 0; /* else it is LDAP's */
	bool wrong_account = err->native == LDAP_INVALID_CREDENTIALS || code == WRONG_PRINCIPAL || code == TARGET_UNKNOWN;
	if (err->status != SPN_ERR_AUTH || !wrong_account || !url || options->who.bind_dn || options->json)
		return;
	const char *host = strncmp(url, "ldap://", 7) == 0 ? url + 7 : strncmp(url, "ldaps://", 8) == 0 ? url + 8 : "";
	if (*host)
		note(cli, "'spnkit resolve ldap/%.*s' shows who holds that name: leave -H out, or log on with -D over ldaps://",
				(int)strcspn(host, ":/"), host);
}

/* "-T DOMAIN" says where setspn looks for names; where an account is, its own name has to say. */
static void offer_domain(struct cli *cli, const spn_error *err)
{
	const char *last = cli->argc > 0 ? cli->argv[cli->argc - 1] : "";
	if (!cli->as_setspn || err->status != SPN_ERR_NOT_FOUND || err->remedy != SPN_REMEDY_DOMAIN ||
			strpbrk(last, "=@\\'") || cli->options.json)
		return;
	note(cli, "setspn takes the name of the account as '%s\\%s'", err->remedy_at, last);
}

void output_error(struct cli *cli, const spn_error *err, const char *journal)
{
	cli->has_complained = true;
	spn_report_error(cli->report, err, journal);
}

/* Where to find help. */
static void offer_help(struct cli *cli)
{
	if (cli->is_misused && !cli->options.json)
		note(cli, "try 'spnkit help%s%s'", cli->command ? " " : "", cli->command ? cli->command->name : "");
	cli->is_misused = false;
}

enum cli_exit complain(struct cli *cli, const spn_error *err)
{
	output_error(cli, err, NULL);
	offer_domain(cli, err);
	offer_option(cli, err);
	offer_machine_keytab(cli, err);
	offer_to_resolve(cli, err);
	offer_help(cli);
	return exit_of(err->status);
}

spn_status output_flush(struct cli *cli, spn_error *err)
{
	bool lost = cli->lost;
	cli->lost = false;
	return lost ? spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory") : spn_report_flush(cli->report, err);
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "output.h"
#include "safe.h"
#include "wrap.h"

#define PLAIN "\033[0m"
#define BOLD "\033[1m"
#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"

#define TAB 8

static void put(FILE *to, const char *text)
{
	print_safe(to, text, strlen(text));
}

/* The one place that colours: text in a colour, or as it is (standard error always). */
static void put_in(struct cli *cli, FILE *to, const char *colour, const char *text)
{
	bool coloured = cli->colour && to == stdout && *colour;
	if (coloured)
		fputs(colour, to);
	put(to, text);
	if (coloured)
		fputs(PLAIN, to);
}

/* "before dn:", then the names, the way that setspn prints them. */
static void put_heading(const char *before, const char *dn, const char *after)
{
	fputs(before, stdout);
	put(stdout, dn);
	puts(after);
}

static bool is_among(const spn_bytes *value, const spn_bytes *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (values[i].len == value->len && memcmp(values[i].data, value->data, value->len) == 0)
			return true;
	return false;
}

static void put_value(struct cli *cli, const spn_bytes *value, bool bold)
{
	bool coloured = bold && cli->colour;
	fputs(coloured ? "\t" BOLD : "\t", stdout);
	print_safe(stdout, value->data, value->len);
	puts(coloured ? PLAIN : "");
}

static void text_account(struct cli *cli, const spn_account *account, const spn_bytes *matched,
		size_t n_matched)
{
	const spn_bytes *spns;
	size_t n = spn_account_spns(account, &spns);
	if (matched)
		put_heading("", spn_account_dn(account), "");
	else
		put_heading("Registered ServicePrincipalNames for ", spn_account_dn(account), ":");
	for (size_t i = 0; i < n; i++)
		put_value(cli, &spns[i], matched && is_among(&spns[i], matched, n_matched));
}

static void text_resolution(struct cli *cli, const char *spn, const spn_resolution *resolution)
{
	put_in(cli, stdout, BOLD, spn);
	switch (resolution->rule) {
	case SPN_RULE_NONE:
		fputs(": ", stdout);
		put_in(cli, stdout, RED, "nobody");
		puts("; a client gets Kerberos error 7 (server not found)");
		return;
	case SPN_RULE_AMBIGUOUS:
		fputs(": ", stdout);
		put_in(cli, stdout, RED, "held by several accounts");
		fputs(", so that nobody gets a ticket", stdout);
		break;
	default:
		fputs(": ", stdout);
		put(stdout, spn_rule_name(resolution->rule));
		break;
	}
	if (resolution->via && resolution->rule != SPN_RULE_EXPLICIT) {
		fputs(", through ", stdout);
		put(stdout, resolution->via);
	}
	putchar('\n');
	for (size_t i = 0; i < resolution->n_accounts; i++) {
		putchar('\t');
		put(stdout, spn_account_dn(resolution->accounts[i]));
		puts(spn_account_enabled(resolution->accounts[i]) ? "" : " (disabled)");
	}
}

static const char *severity_colour(spn_severity severity)
{
	switch (severity) {
	case SPN_SEVERITY_OK: return GREEN;
	case SPN_SEVERITY_BROKEN: return RED;
	case SPN_SEVERITY_WARNING: return YELLOW;
	default: return "";
	}
}

/* A sentence that fits 80 columns, each line behind a tab and so many blanks. */
static void put_wrapped(const char *text, size_t blanks)
{
	char indent[16];
	snprintf(indent, sizeof indent, "\t%*s", (int)blanks, "");
	fputs(indent, stdout);
	print_wrapped(stdout, text, TAB + blanks, indent);
}

/* A line on standard error: people see it broken to fit, programs whole. */
static void put_message(const char *before, const char *text)
{
	fflush(stdout); /* so that the two are in order where both go to one file */
	fputs(before, stderr);
	if (isatty(STDERR_FILENO)) {
		print_wrapped(stderr, text, strlen(before), "        ");
	} else {
		put(stderr, text);
		putc('\n', stderr);
	}
}

static void text_verdict(struct cli *cli, const spn_finding *finding)
{
	if (!finding->spn)
		putchar('\n'); /* the conclusion */
	put_in(cli, stdout, severity_colour(finding->severity), spn_severity_name(finding->severity));
	if (finding->spn) {
		putchar('\t');
		put_in(cli, stdout, BOLD, finding->spn);
	}
	putchar('\n');
	put_wrapped(finding->text, 0);
	if (finding->repair) {
		fputs("\trepair: ", stdout);
		put(stdout, finding->repair);
		putchar('\n');
	}
}

static void put_accounts(const spn_finding *finding)
{
	for (size_t i = 0; i < finding->n_accounts; i++) {
		putchar('\t');
		put(stdout, finding->accounts[i].dn);
		putchar('\n');
	}
}

static void text_registered(struct cli *cli, const spn_finding *finding)
{
	(void)cli;
	put(stdout, finding->spn);
	puts(" is registered on these accounts:");
	put_accounts(finding);
	putchar('\n');
}

static void text_conflict(struct cli *cli, const spn_finding *finding)
{
	putchar('\n');
	put_in(cli, stdout, severity_colour(finding->severity), spn_severity_name(finding->severity));
	putchar('\t');
	if (finding->spn || finding->n_accounts)
		put_in(cli, stdout, BOLD, finding->spn ? finding->spn : finding->accounts[0].account);
	printf(" [%s]\n", finding->code);
	put_accounts(finding);
	put_wrapped(finding->text, 0);
	if (finding->repair) {
		fputs("\trepair: ", stdout);
		put(stdout, finding->repair);
		putchar('\n');
	}
}

static void text_finding(struct cli *cli, FILE *to, const spn_finding *finding)
{
	if (to == stdout) {
		text_verdict(cli, finding);
		return;
	}
	put_message(finding->severity < SPN_SEVERITY_WARNING ? "spnkit: " : "spnkit: warning: ", finding->text);
	if (finding->repair) {
		fputs("\trepair: ", to);
		put(to, finding->repair);
		putc('\n', to);
	}
}

static void put_ticket(const spn_ticket *ticket)
{
	char from[32], to[32];
	struct tm tm;
	strftime(from, sizeof from, "%Y-%m-%d %H:%M:%SZ", gmtime_r(&ticket->starts, &tm));
	strftime(to, sizeof to, "%Y-%m-%d %H:%M:%SZ", gmtime_r(&ticket->ends, &tm));
	fputs("\tticket for   ", stdout);
	put(stdout, ticket->server);
	printf("\n\tkey          version %u, %s\n", ticket->kvno, spn_enctype_name(ticket->enctype));
	printf("\tsession key  %s\n\tvalid        %s to %s\n", spn_enctype_name(ticket->session_enctype), from, to);
	if (ticket->rodc)
		printf("\tissued by    read-only controller %u\n", ticket->rodc);
}

static void text_probe(struct cli *cli, const spn_probe *probe)
{
	put_in(cli, stdout, probe->ok ? GREEN : RED, probe->ok ? "ok" : "broken");
	putchar('\t');
	put_in(cli, stdout, BOLD, probe->spn);
	putchar('\n');
	if (probe->ticket)
		put_ticket(probe->ticket);
	if (probe->account) {
		fputs("\taccount      ", stdout);
		put(stdout, spn_account_dn(probe->account));
		printf(" (%s)\n", spn_certainty_name(probe->certainty));
	}
	if (probe->cause && probe->cause->code) {
		printf("\terror        %d %s\n", probe->cause->code, probe->cause->name);
		if (probe->cause->windows_code)
			printf("\ton Windows   0x%08X %s\n", (unsigned)probe->cause->windows_code, probe->cause->windows_name);
	}
	put_wrapped(probe->text, 0);
}

#define GROUP_COLUMN 9 /* where a group begins, behind its outcome */

static void text_group(struct cli *cli, FILE *to, const spn_group *group)
{
	static const char *const colours[] = {
		[SPN_GROUP_ADDED] = GREEN, [SPN_GROUP_SKIPPED] = YELLOW, [SPN_GROUP_FAILED] = RED,
	};
	size_t at = (size_t)group->outcome;
	const char *colour = at < sizeof colours / sizeof *colours ? colours[at] : NULL;
	fputs(to == stderr ? "spnkit: " : "\t", to);
	put_in(cli, to, colour ? colour : "", spn_group_outcome_name(group->outcome));
	fprintf(to, "%*s", (int)(GROUP_COLUMN - strlen(spn_group_outcome_name(group->outcome))), "");
	put(to, group->dn);
	if (*group->text && to == stderr) {
		fputs(": ", to);
		put(to, group->text);
	}
	putc('\n', to);
	if (*group->text && to == stdout)
		put_wrapped(group->text, GROUP_COLUMN);
}

static void text_membership(struct cli *cli, const spn_group *group)
{
	(void)cli;
	putchar('\t');
	put(stdout, group->dn);
	puts(group->outcome == SPN_GROUP_PRIMARY ? " (primary)" : "");
}

/* The mods of one kind, under setspn's words where they are about names. */
static void put_mods(struct cli *cli, const spn_step *step, spn_mod_op op)
{
	const char *attr = "";
	for (size_t i = 0; i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		if (mod->op != op)
			continue;
		if (strcasecmp(mod->attr, attr) != 0) {
			attr = mod->attr;
			if (strcasecmp(attr, "servicePrincipalName") == 0) {
				put_heading(op == SPN_MOD_ADD ? "Registering ServicePrincipalNames for "
						: "Unregistering ServicePrincipalNames for ", step->dn, "");
			} else {
				fputs(op == SPN_MOD_ADD ? "Adding " : "Removing ", stdout);
				put(stdout, attr);
				put_heading(op == SPN_MOD_ADD ? " to " : " from ", step->dn, "");
			}
		}
		put_value(cli, &mod->value, false);
	}
}

/* Of several steps each has its number, and a reason stands above all steps that have it. */
static void put_planned(struct cli *cli, const struct progress *progress)
{
	const spn_step *step = progress->step, *before = progress->before;
	if (progress->n > 1 && *step->reason && !(before && strcmp(before->reason, step->reason) == 0)) {
		if (before)
			putchar('\n');
		put_in(cli, stdout, BOLD, step->reason);
		putchar('\n');
	}
	if (progress->n > 1)
		printf("%zu. ", progress->i + 1);
	put_mods(cli, step, SPN_MOD_DELETE);
	put_mods(cli, step, SPN_MOD_ADD);
}

static void text_progress(struct cli *cli, const struct progress *progress)
{
	if (progress->state == SPN_STEP_PLANNED) {
		put_planned(cli, progress);
		return;
	}
	if (progress->n > 1)
		printf("Step %zu of %zu: ", progress->i + 1, progress->n);
	switch (progress->state) {
	case SPN_STEP_DONE:
		put_in(cli, stdout, GREEN, "Updated object");
		break;
	case SPN_STEP_UNDONE:
		put_in(cli, stdout, YELLOW, "Taken back");
		break;
	default:
		put_in(cli, stdout, RED, "Failed");
		/* what ends the work is told as an error besides */
		if (progress->why && progress->step->flags & SPN_STEP_OPTIONAL) {
			fputs(": ", stdout);
			put(stdout, progress->why->message);
		}
		break;
	}
	putchar('\n');
}

static void text_journal(struct cli *cli, const spn_journal_info *info)
{
	(void)cli;
	put(stdout, info->time);
	printf("  %-9s  ", spn_journal_state_name(info->state));
	put(stdout, info->title);
	fputs("\n\t", stdout);
	put(stdout, info->path);
	fputs("\n\t", stdout);
	put(stdout, info->url);
	putchar('\n');
}

static void text_version(struct cli *cli, const char *version)
{
	(void)cli;
	printf("spnkit %s\n", version);
}

static void text_note(struct cli *cli, const char *text)
{
	(void)cli;
	put_message("spnkit: ", text);
}

static void text_error(struct cli *cli, const spn_error *err, const char *journal)
{
	text_note(cli, err->message);
	if (journal)
		note(cli, "some changes stand; take them back with: spnkit undo %s", journal);
}

const struct output output_text = {
	.account = text_account,
	.resolution = text_resolution,
	.probe = text_probe,
	.verdict = text_verdict,
	.conflict = text_conflict,
	.registered = text_registered,
	.finding = text_finding,
	.group = text_group,
	.membership = text_membership,
	.progress = text_progress,
	.journal = text_journal,
	.version = text_version,
	.error = text_error,
	.note = text_note,
};

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <spnkit/text.h>

#include "findings.h"
#include "last_change.h"
#include "output.h"
#include "text_event.h"
#include "text_rights.h"
#include "text_recipe.h"
#include "remedy.h"
#include "base/safe.h"
#include "survey.h"
#include "products.h"
#include "base/wrap.h"

#define PLAIN "\033[0m"
#define BOLD "\033[1m"
#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"

#define TAB 8
#define FAILED_COLUMN 24 /* behind "Step 10 of 10: Failed: " */

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

/* A line whose text is in one piece. */
static void put_line(const char *lead, const char *text, const char *after)
{
	print_whole(stdout, 0, lead, text, strlen(text), after);
}

static bool is_equal(const spn_bytes *a, const spn_bytes *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void put_value(struct cli *cli, const spn_bytes *value, bool bold)
{
	bool coloured = bold && cli->colour;
	fputs(coloured ? BOLD : "", stdout);
	print_whole(stdout, 0, "\t", value->data, value->len, "");
	fputs(coloured ? PLAIN : "", stdout);
}

static void text_account(struct cli *cli, const spn_account *account, const spn_bytes *matched,
		size_t n_matched)
{
	const spn_bytes *spns;
	size_t n = spn_account_spns(account, &spns),
	       n_shown = 0; /* of those that matched, which are in the order of the names */
	if (matched)
		put_line("", spn_account_dn(account), "");
	else
		put_line("Registered ServicePrincipalNames for ", spn_account_dn(account), ":");
	for (size_t i = 0; i < n; i++) {
		bool is_match = matched && n_shown < n_matched && is_equal(&spns[i], &matched[n_shown]);
		put_value(cli, &spns[i], is_match);
		n_shown += is_match;
	}
	spn_last_change change;
	char text[LAST_CHANGE_TEXT];
	if (last_change_of(cli, spn_account_dn(account), &change)) {
		last_change_text(&change, text);
		put_line("\t  ", text, "");
	}
	if (!matched)
		say_condition(cli);
}

/* In one sentence. */
static void put_prediction(const spn_enctype_prediction *predicted)
{
	char text[640], doubts[SPN_DOUBTS_SIZE];
	const char *and = spn_doubts_text(predicted->doubts, doubts, sizeof doubts) ? ", " : "";
	const char *ticket = spn_enctype_name(predicted->ticket), *session = spn_enctype_name(predicted->session);
	if (!predicted->ticket)
		snprintf(text, sizeof text, "no ticket (Kerberos error 14): %s%s%s", predicted->why, and, doubts);
	else if (predicted->session == predicted->ticket)
		snprintf(text, sizeof text, "ticket encrypted with %s%s%s", ticket, and, doubts);
	else
		snprintf(text, sizeof text, "ticket encrypted with %s, session key %s%s%s", ticket, session, and, doubts);
	fputs("\t", stdout);
	print_wrapped(stdout, text, TAB, "\t");
}

static void text_resolution(struct cli *cli, const char *spn, const spn_resolution *resolution,
		const spn_enctype_prediction *enctype)
{
	bool nobody = resolution->match == SPN_MATCH_NONE, several = resolution->match == SPN_MATCH_AMBIGUOUS;
	const char *rule = nobody ? "nobody" : several ? "held by several accounts" : spn_match_name(resolution->match);
	bool is_kdc = resolution->match == SPN_MATCH_KRBTGT;
	const char *provided = several || is_kdc ? "" : condition(cli); /* these are so in any case */
	const char *so = several                              ? ", so that nobody gets a ticket" :
			is_kdc && resolution->n_accounts == 0 ? resolution->via ?
								" of a domain that trusts this one" :
								"; its account is not in this directory" :
			!nobody                               ? "" :
			strncasecmp(spn, "krbtgt/", 7) == 0 ?
				  "; unless it is the NetBIOS name of this domain, or a trust leads there, a client "
				  "gets Kerberos error 7 (server not found)" :
				  "; a client gets Kerberos error 7 (server not found)";
	size_t column = strlen(spn) + strlen(": ") + strlen(rule) + strlen(provided);
	put_in(cli, stdout, BOLD, spn);
	fputs(": ", stdout);
	put_in(cli, stdout, nobody || several ? RED : "", rule);
	fputs(provided, stdout);
	if (resolution->via && resolution->match != SPN_MATCH_EXPLICIT) {
		fputs(so, stdout);
		print_whole(stdout, column + strlen(so), ", through ", resolution->via, strlen(resolution->via), "");
	} else {
		print_sentence(stdout, so, column, "\t");
	}
	for (size_t i = 0; i < resolution->n_accounts; i++)
		put_line("\t", spn_account_dn(resolution->accounts[i]),
				is_kdc || spn_account_enabled(resolution->accounts[i]) ?
						"" :
						spn_account_is_kdc(resolution->accounts[i]) ?
						" (the KDC's own account, which is always disabled: it gives tickets "
						"for it)" :
						" (disabled: a KDC of Samba gives tickets for it all the same, one of "
						"Windows does not)");
	if (enctype)
		put_prediction(enctype);
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
static void put_wrapped(FILE *to, const char *text, size_t blanks)
{
	char indent[16];
	snprintf(indent, sizeof indent, "\t%*s", (int)blanks, "");
	fputs(indent, to);
	print_wrapped(to, text, TAB + blanks, indent);
}

/* A line on standard error. */
static void put_message(struct cli *cli, const char *before, const char *text)
{
	fflush(stdout); /* so that the two are in order where both go to one file */
	place_hide(cli);
	fputs(before, stderr);
	print_sentence(stderr, text, strlen(before), "        ");
}

static void put_repair(struct cli *cli, FILE *to, const spn_finding *finding)
{
	char *remedy = remedy_of(finding, &cli->lost);
	if (remedy)
		print_whole(to, 0, "\trepair: ", remedy, strlen(remedy), "");
	free(remedy);
}

/* Those of a keytab belong together; what takes names from lists is each on its own. */
static void put_steps(struct cli *cli, FILE *to, const spn_finding *finding)
{
	char text[256], lead[64];
	if (finding->n_steps && strncmp(finding->code, "no-", 3) == 0)
		put_wrapped(to, "to repair it, with the service up all the time (one command of each step):", 0);
	for (size_t i = 0; i < finding->n_steps; i++) {
		const spn_repair_step *step = &finding->steps[i];
		snprintf(text, sizeof text, "%u. %s", step->number, step->purpose);
		if (i == 0 || step->number != step[-1].number)
			put_wrapped(to, text, 0);
		const char *tool;
		char *command = remedy_of_step(step, &tool, &cli->lost);
		snprintf(lead, sizeof lead, "\t   %s: ", tool);
		if (command)
			print_whole(to, 0, lead, command, strlen(command), "");
		free(command);
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
	put_wrapped(stdout, finding->text, 0);
	if (finding->predicted && !finding->spn) /* once for a server: its names have it in common */
		put_prediction(finding->predicted);
	put_repair(cli, stdout, finding);
	put_steps(cli, stdout, finding);
}

static void text_expectation(struct cli *cli, const spn_expectation *expectation)
{
	spn_finding finding = *expectation->finding;
	char *text = NULL;
	bool is_typed = finding.spn && expectation->need == SPN_NEED_TYPED;
	if (is_typed && asprintf(&text, "only if typed: %s", finding.text) >= 0)
		finding.text = text;
	text_verdict(cli, &finding);
	free(text);
}

static void text_recipe(struct cli *cli, const spn_recipe *recipe, bool whole)
{
	(void)cli;
	recipe_print(recipe, whole);
}

static void put_accounts(const spn_finding *finding)
{
	for (size_t i = 0; i < finding->n_accounts; i++)
		put_line("\t", finding->accounts[i].dn, "");
}

static void text_registered(struct cli *cli, const spn_finding *finding)
{
	(void)cli;
	put(stdout, finding->spn);
	puts(" is registered on these accounts:");
	put_accounts(finding);
	putchar('\n');
}

/* The text of the finding names the others, too. */
static void text_conflict(struct cli *cli, const spn_finding *finding, const char *const *also, size_t n_also)
{
	(void)also;
	(void)n_also;
	putchar('\n');
	put_in(cli, stdout, severity_colour(finding->severity), spn_severity_name(finding->severity));
	putchar('\t');
	if (finding->spn || finding->n_accounts)
		put_in(cli, stdout, BOLD, finding->spn ? finding->spn : finding->accounts[0].account);
	printf(" [%s]\n", finding->code);
	struct dated dated;
	bool is_dated = last_changes(cli, finding, &dated);
	if (is_dated)
		last_change_put_accounts(finding, &dated);
	else
		put_accounts(finding);
	put_wrapped(stdout, finding->text, 0);
	put_repair(cli, stdout, finding);
	if (is_dated)
		last_change_put_next(&dated);
}

static void text_survey(struct cli *cli, const spn_enctype_survey *survey)
{
	struct survey_line lines[SURVEY_LINES];
	char text[SURVEY_TEXT + 32], condition[SPN_DOUBTS_SIZE + 128];
	size_t n = survey_lines(survey, lines);
	printf("\nAt KDCs of %s, of %zu enabled account%s with names:\n", spn_era_name(survey->era), survey->n_accounts,
			survey->n_accounts == 1 ? "" : "s");
	for (size_t i = 0; i < n; i++) {
		const char *severity = spn_severity_name(lines[i].severity);
		putchar('\t');
		put_in(cli, stdout, severity_colour(lines[i].severity), severity);
		printf("%*s", (int)(9 - strlen(severity)), "");
		snprintf(text, sizeof text, "%zu: %s", lines[i].n, lines[i].text);
		print_sentence(stdout, text, TAB + 9, "\t         ");
	}
	survey_condition(survey, condition, sizeof condition);
	if (*condition)
		print_sentence(stdout, condition, 0, "");
}

static void text_summary(struct cli *cli, const struct tally *tally, size_t left_out)
{
	printf("\n%zu finding%s%s", tally->total, tally->total == 1 ? "" : "s", condition(cli));
	for (int severity = SPN_SEVERITY_BROKEN, first = 1; severity >= SPN_SEVERITY_OK; severity--) {
		if (tally->n[severity] == 0)
			continue;
		printf("%s%zu %s", first ? ": " : ", ", tally->n[severity], spn_severity_name((spn_severity)severity));
		first = 0;
	}
	puts(".");
	for (size_t i = 0; i < tally->n_rows; i++)
		for (int severity = SPN_SEVERITY_BROKEN; severity >= SPN_SEVERITY_OK; severity--)
			if (tally->rows[i].n[severity])
				printf("\t%-9s%-18s%zu\n", spn_severity_name((spn_severity)severity), tally->rows[i].code,
						tally->rows[i].n[severity]);
	if (left_out)
		printf("%zu more %s ignored or accepted.\n", left_out, left_out == 1 ? "is" : "are");
}

static void text_finding(struct cli *cli, FILE *to, const spn_finding *finding)
{
	if (to == stdout) {
		text_verdict(cli, finding);
		return;
	}
	put_message(cli, finding->severity < SPN_SEVERITY_WARNING ? "spnkit: " : "spnkit: warning: ", finding->text);
	put_repair(cli, to, finding);
	put_steps(cli, to, finding);
}

static void put_ticket(const spn_ticket *ticket)
{
	char from[32], to[32];
	struct tm tm;
	strftime(from, sizeof from, "%Y-%m-%d %H:%M:%SZ", gmtime_r(&ticket->starts, &tm));
	strftime(to, sizeof to, "%Y-%m-%d %H:%M:%SZ", gmtime_r(&ticket->ends, &tm));
	put_line("\tticket for   ", ticket->server, "");
	printf("\tkey          version %u, %s\n", ticket->kvno, spn_enctype_name(ticket->enctype));
	printf("\tsession key  %s\n\tvalid        %s to %s\n", spn_enctype_name(ticket->session_enctype), from, to);
	if (ticket->rodc)
		printf("\tissued by    read-only controller %u\n", ticket->rodc);
}

static void text_keys(struct cli *cli, const spn_account *account, const spn_account_keys *keys)
{
	static const int enctypes[] = { 18, 17, 23 };
	static const unsigned bits[] = { SPN_ENC_AES256, SPN_ENC_AES128, SPN_ENC_RC4 };
	bool has_aes = keys->keys & (SPN_ENC_AES256 | SPN_ENC_AES128);
	put_in(cli, stdout, has_aes ? GREEN : YELLOW, has_aes ? "ok" : "warning");
	putchar('\t');
	put_in(cli, stdout, BOLD, spn_account_name(account));
	putchar('\n');
	put_line("\t", spn_account_dn(account), "");
	for (size_t i = 0; i < 3; i++)
		if (keys->keys & bits[i])
			put_line("\tkey          ", spn_enctype_name(enctypes[i]), "");
	if (keys->salt)
		put_line("\tsalt         ", keys->salt, "");
	if (!has_aes)
		put_wrapped(stdout,
				"the KDC shows no AES key: controllers that were updated since 2026 give no ticket for "
				"its names unless RC4 is "
				"allowed; set a new password, and renew its keytabs",
				0);
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
		char certainty[32];
		snprintf(certainty, sizeof certainty, " (%s)", spn_certainty_name(probe->certainty));
		put_line("\taccount      ", spn_account_dn(probe->account), certainty);
	}
	if (probe->cause && probe->cause->code) {
		printf("\terror        %d %s\n", probe->cause->code, probe->cause->name);
		if (probe->cause->windows_code)
			printf("\ton Windows   0x%08X %s\n", (unsigned)probe->cause->windows_code, probe->cause->windows_name);
	}
	put_wrapped(stdout, probe->text, 0);
}

static bool is_spn(const spn_mod *mod)
{
	return strcasecmp(mod->attr, "servicePrincipalName") == 0;
}

#define GROUP_COLUMN 9 /* where a group begins, behind its outcome */

static void text_group(struct cli *cli, FILE *to, const spn_group *group)
{
	static const char *const colours[] = {
		[SPN_GROUP_ADDED] = GREEN, [SPN_GROUP_SKIPPED] = YELLOW, [SPN_GROUP_FAILED] = RED,
	};
	size_t at = (size_t)group->outcome;
	const char *colour = at < sizeof colours / sizeof *colours ? colours[at] : NULL;
	const char *outcome = spn_group_outcome_name(group->outcome);
	char blanks[GROUP_COLUMN + 1];
	snprintf(blanks, sizeof blanks, "%*s", (int)(GROUP_COLUMN - strlen(outcome)), "");
	fputs(to == stderr ? "spnkit: " : "\t", to);
	put_in(cli, to, colour ? colour : "", outcome);
	if (to == stderr && *group->text && !isatty(STDERR_FILENO)) { /* one line for programs */
		fputs(blanks, to);
		put(to, group->dn);
		fputs(": ", to);
		put(to, group->text);
		putc('\n', to);
		return;
	}
	print_whole(to, TAB + strlen(outcome), blanks, group->dn, strlen(group->dn), "");
	if (*group->text)
		put_wrapped(to, group->text, GROUP_COLUMN);
}

static void text_membership(struct cli *cli, const spn_group *group)
{
	(void)cli;
	put_line("\t", group->dn, group->outcome == SPN_GROUP_PRIMARY ? " (primary)" : "");
}

/* The flags that mean something for a step: takeover and forest are about names that it adds.  setspn takes over
 * always, and its own output says nothing of that. */
static unsigned flags_shown(const struct cli *cli, const spn_step *step)
{
	bool adds_names = false;
	for (size_t i = 0; i < step->n_mods; i++)
		adds_names |= step->mods[i].op == SPN_MOD_ADD && is_spn(&step->mods[i]);
	if (strcmp(cli->command->name, "setspn") == 0)
		return 0;
	return adds_names ? step->flags : step->flags & ~(SPN_TAKEOVER | SPN_FOREST);
}

/* "2. (takeover) ", which comes before the first change of a step: what of it there is. */
static void make_label(char *label, size_t size, const struct progress *progress, unsigned flags)
{
	*label = '\0';
	if (progress->n > 1)
		snprintf(label, size, "%zu. ", progress->i + 1);
	for (unsigned flag = 1; flag && flag <= flags; flag <<= 1) {
		const char *name = flags & flag ? spn_step_flag_name(flag, NULL) : NULL;
		size_t len = strlen(label);
		if (name)
			snprintf(label + len, size - len, "(%s) ", name);
	}
}

/* Under setspn's words where the values are names. */
static void put_heading(const spn_step *step, const spn_mod *mod, const char *label)
{
	bool adds = mod->op == SPN_MOD_ADD;
	size_t column = strlen(label);
	const char *lead = adds ? "Registering ServicePrincipalNames for " : "Unregistering ServicePrincipalNames for ";
	fputs(label, stdout);
	if (!is_spn(mod)) {
		const char *verb = adds ? "Adding " : "Removing ";
		fputs(verb, stdout);
		put(stdout, mod->attr);
		column += strlen(verb) + strlen(mod->attr);
		lead = adds ? " to " : " from ";
	}
	print_whole(stdout, column, lead, step->dn, strlen(step->dn), "");
}

/* In the order in which the directory gets them. */
static void put_mods(struct cli *cli, const spn_step *step, const char *label)
{
	for (size_t i = 0; i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		if (i == 0 || mod->op != mod[-1].op || strcasecmp(mod->attr, mod[-1].attr) != 0)
			put_heading(step, mod, i ? "" : label);
		put_value(cli, &mod->value, false);
	}
}

/* Of several steps each has its number, and a reason stands above all steps that have it.  A flag is explained where it
 * comes first. */
static void put_planned(struct cli *cli, const struct progress *progress)
{
	const spn_step *step = progress->step, *before = progress->before;
	if (progress->n > 1 && *step->reason && !(before && strcmp(before->reason, step->reason) == 0)) {
		if (before)
			putchar('\n');
		fputs(cli->colour ? BOLD : "", stdout);
		print_sentence(stdout, step->reason, 0, "   ");
		fputs(cli->colour ? PLAIN : "", stdout);
	}
	unsigned flags = flags_shown(cli, step);
	char label[80];
	make_label(label, sizeof label, progress, flags);
	put_mods(cli, step, label);
	for (unsigned flag = 1; flag && flag <= flags; flag <<= 1) {
		const char *meaning, *name = flags & ~*progress->explained & flag ? spn_step_flag_name(flag, &meaning) : NULL;
		if (name)
			printf("   (%s: %s)\n", name, meaning);
	}
	*progress->explained |= flags;
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
		if (progress->why && progress->step->flags & SPN_OPTIONAL && !progress->told_later) {
			fputs(": ", stdout);
			print_sentence(stdout, progress->why->message, FAILED_COLUMN, "\t");
			return;
		}
		break;
	}
	putchar('\n');
}

static void text_product(struct cli *cli, const struct product *product)
{
	(void)cli;
	char counts[96];
	snprintf(counts, sizeof counts, "%zu name%s on %zu account%s:", product->n_names, product->n_names == 1 ? "" : "s",
			product->n_accounts, product->n_accounts == 1 ? "" : "s");
	put_line("", product->name ? product->name : "(not known)", "");
	putchar('\t');
	put(stdout, counts);
	for (size_t i = 0; i < product->n_classes; i++) {
		put(stdout, i ? ", " : " ");
		put(stdout, product->classes[i]);
	}
	putchar('\n');
}

static void text_journal(struct cli *cli, const spn_journal_info *info)
{
	(void)cli;
	char when[64];
	snprintf(when, sizeof when, "%s  %-9s  ", info->time, spn_journal_state_name(info->state));
	put(stdout, when);
	print_sentence(stdout, info->title, strlen(when), "\t");
	put_line("\t", info->path, "");
	put_line("\t", info->url, "");
	if (info->problem)
		print_sentence(stdout, info->problem, 0, "\t");
}

static void text_version(struct cli *cli, const char *version)
{
	(void)cli;
	printf("spnkit %s\n", version);
}

static void text_note(struct cli *cli, const char *text)
{
	put_message(cli, "spnkit: ", text);
}

static void text_gap(struct cli *cli, const spn_note *directory)
{
	text_note(cli, directory->text);
}

static void text_error(struct cli *cli, const spn_error *err, const char *journal)
{
	text_note(cli, err->message);
	char *path = journal ? shell_file(journal) : NULL;
	if (journal)
		note(cli, "some changes were made; undo them with: spnkit undo %s", path ? path : "FILE");
	free(path);
}

const struct output output_text = {
	.account = text_account,
	.resolution = text_resolution,
	.probe = text_probe,
	.keys = text_keys,
	.verdict = text_verdict,
	.expectation = text_expectation,
	.recipe = text_recipe,
	.conflict = text_conflict,
	.registered = text_registered,
	.survey = text_survey,
	.product = text_product,
	.summary = text_summary,
	.rights = text_rights,
	.event = text_event,
	.differences = text_differences,
	.finding = text_finding,
	.group = text_group,
	.membership = text_membership,
	.progress = text_progress,
	.journal = text_journal,
	.version = text_version,
	.error = text_error,
	.note = text_note,
	.gap = text_gap,
};

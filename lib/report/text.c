/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <spnkit/text.h>

#include "base/cleanup.h"
#include "last_change.h"
#include "products.h"
#include "remedy.h"
#include "survey.h"
#include "text.h"
#include "text_put.h"
#include "base/text.h"

#define LINE_SIZE 4096

static bool is_equal(const spn_bytes *a, const spn_bytes *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void text_say(spn_report *report, const char *text)
{
	spk_print_sentence(&report->out, text, 0, "  ");
}

/* The condition as a line by itself, if there is one. */
static void put_condition(const spn_report *report)
{
	const char *text = spk_provided(report);
	if (*text && text[2])
		spk_say(report, "%c%s.", toupper((unsigned char)text[2]), text + strlen(", ") + 1);
}

static void text_account(spn_report *report, const spn_account *account, const spn_bytes *matched,
		size_t n_matched)
{
	const spn_bytes *spns;
	size_t n = spn_account_spns(account, &spns),
	       n_shown = 0; /* of those that matched, which are in the order of the names */
	if (matched)
		spk_put_line(report, "", spn_account_dn(account), "");
	else
		spk_put_line(report, "Registered ServicePrincipalNames for ", spn_account_dn(account), ":");
	for (size_t i = 0; i < n; i++) {
		bool is_match = matched && n_shown < n_matched && is_equal(&spns[i], &matched[n_shown]);
		spk_put_value(report, &spns[i], is_match);
		n_shown += is_match;
	}
	spn_last_change change;
	char text[SPK_LAST_CHANGE_TEXT];
	if (spk_last_change_of(report, spn_account_dn(account), &change)) {
		spk_last_change_text(&change, text);
		spk_put_line(report, "\t  ", text, "");
	}
	if (!matched)
		put_condition(report);
}

/* In one sentence. */
static void put_prediction(const spn_report *report, const spn_enctype_prediction *predicted)
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
	fputs("\t", report->out.file);
	spk_print_wrapped(&report->out, text, SPK_TAB, "\t");
}

static void text_resolution(spn_report *report, const char *spn, const spn_resolution *resolution,
		const spn_enctype_prediction *enctype)
{
	bool nobody = resolution->match == SPN_MATCH_NONE, several = resolution->match == SPN_MATCH_AMBIGUOUS;
	const char *rule = nobody ? "nobody" : several ? "held by several accounts" : spn_match_name(resolution->match);
	bool is_kdc = resolution->match == SPN_MATCH_KRBTGT;
	const char *provided = several || is_kdc ? "" : spk_provided(report); /* these are so in any case */
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
	spk_put_in(report, &report->out, SPK_BOLD, spn);
	fputs(": ", report->out.file);
	spk_put_in(report, &report->out, nobody || several ? SPK_RED : "", rule);
	fputs(provided, report->out.file);
	if (resolution->via && resolution->match != SPN_MATCH_EXPLICIT) {
		fputs(so, report->out.file);
		spk_print_whole(&report->out, column + strlen(so), ", through ", resolution->via, strlen(resolution->via), "");
	} else {
		spk_print_sentence(&report->out, so, column, "\t");
	}
	for (size_t i = 0; i < resolution->n_accounts; i++)
		spk_put_line(report, "\t", spn_account_dn(resolution->accounts[i]),
				is_kdc || spn_account_enabled(resolution->accounts[i]) ?
						"" :
						spn_account_is_kdc(resolution->accounts[i]) ?
						" (the KDC's own account, which is always disabled: it gives tickets "
						"for it)" :
						" (disabled: a KDC of Samba gives tickets for it all the same, one of "
						"Windows does not)");
	if (enctype)
		put_prediction(report, enctype);
}

static const char *severity_colour(spn_severity severity)
{
	switch (severity) {
	case SPN_SEVERITY_OK: return SPK_GREEN;
	case SPN_SEVERITY_BROKEN: return SPK_RED;
	case SPN_SEVERITY_WARNING: return SPK_YELLOW;
	default: return "";
	}
}

#define MESSAGE "spnkit: "
#define MESSAGE_INDENT "        "

/* Begins a line among the messages. */
static void begin_message(const spn_report *report, const char *before)
{
	fflush(report->out.file); /* so that the two are in order where both go to one file */
	fputs(before, report->messages.file);
}

static void put_message(const spn_report *report, const char *before, const char *text)
{
	begin_message(report, before);
	spk_print_sentence(&report->messages, text, strlen(before), MESSAGE_INDENT);
}

/* Those of a keytab belong together; what takes names from lists is each on its own. */
static void put_steps(spn_report *report, const spk_lines *to, const spn_finding *finding)
{
	char text[256], lead[64];
	if (finding->n_steps && strncmp(finding->code, "no-", 3) == 0)
		spk_put_wrapped(to, "to repair it, with the service up all the time (one command of each step):", 0);
	for (size_t i = 0; i < finding->n_steps; i++) {
		const spn_repair_step *step = &finding->steps[i];
		snprintf(text, sizeof text, "%u. %s", step->number, step->purpose);
		if (i == 0 || step->number != step[-1].number)
			spk_put_wrapped(to, text, 0);
		const char *tool;
		char *command = spk_remedy_of_step(step, &tool, &report->lost);
		snprintf(lead, sizeof lead, "\t   %s: ", tool);
		if (command)
			spk_print_whole(to, 0, lead, command, strlen(command), "");
		free(command);
	}
}

static void text_verdict(spn_report *report, const spn_finding *finding)
{
	if (!finding->spn)
		putc('\n', report->out.file); /* the conclusion */
	spk_put_in(report, &report->out, severity_colour(finding->severity), spn_severity_name(finding->severity));
	if (finding->spn) {
		putc('\t', report->out.file);
		spk_put_in(report, &report->out, SPK_BOLD, finding->spn);
	}
	putc('\n', report->out.file);
	spk_put_wrapped(&report->out, finding->text, 0);
	if (finding->predicted && !finding->spn) /* once for a server: its names have it in common */
		put_prediction(report, finding->predicted);
	spk_put_repair(report, &report->out, finding);
	put_steps(report, &report->out, finding);
}

static void text_expectation(spn_report *report, const spn_expectation *expectation)
{
	spn_finding finding = *expectation->finding;
	char *text = NULL;
	bool is_typed = finding.spn && expectation->need == SPN_NEED_TYPED;
	if (is_typed && asprintf(&text, "only if typed: %s", finding.text) >= 0)
		finding.text = text;
	text_verdict(report, &finding);
	free(text);
}

static void put_line(
		spk_pieces *pieces, const spn_report *report, const char *lead, const char *text, const char *after)
{
	spk_pieces_whole(pieces, &report->out, 0, lead, text, strlen(text), after);
}

static void put_accounts(spk_pieces *pieces, const spn_report *report, const spn_finding *finding)
{
	for (size_t i = 0; i < finding->n_accounts; i++)
		put_line(pieces, report, "\t", finding->accounts[i].dn, "");
}

/* Each with its date. */
static void put_dated_accounts(
		spk_pieces *pieces, const spn_report *report, const spn_finding *finding, const spk_dated *dated)
{
	char text[SPK_LAST_CHANGE_TEXT];
	for (size_t i = 0; i < finding->n_accounts; i++) {
		put_line(pieces, report, "\t", finding->accounts[i].dn, "");
		if (!dated->accounts[i].is_known)
			continue;
		spk_last_change_text(&dated->accounts[i].change, text);
		put_line(pieces, report, "\t  ", text, dated->accounts[i].is_youngest ? " (the latest)" : "");
	}
}

static void text_registered(spn_report *report, const spn_finding *finding)
{
	spk_pieces pieces;
	spk_pieces_begin(&pieces, report->out.file);
	spk_pieces_print(&pieces, finding->spn, strlen(finding->spn));
	spk_pieces_word(&pieces, " is registered on these accounts:\n");
	put_accounts(&pieces, report, finding);
	spk_pieces_put(&pieces, "\n", 1);
	spk_pieces_end(&pieces);
}

/* The text of the finding names the others, too. */
static void text_conflict(spn_report *report, const spn_finding *finding, const char *const *also, size_t n_also)
{
	const spk_lines *out = &report->out;
	const char *severity = spn_severity_name(finding->severity);
	spk_pieces pieces;
	spk_dated dated;
	(void)also;
	(void)n_also;
	spk_pieces_begin(&pieces, out->file);
	spk_pieces_put(&pieces, "\n", 1);
	spk_pieces_in(&pieces, report, out, severity_colour(finding->severity), severity);
	spk_pieces_put(&pieces, "\t", 1);
	if (finding->spn || finding->n_accounts)
		spk_pieces_in(&pieces, report, out, SPK_BOLD, finding->spn ? finding->spn : finding->accounts[0].account);
	spk_pieces_put(&pieces, " [", 2);
	spk_pieces_word(&pieces, finding->code);
	spk_pieces_put(&pieces, "]\n", 2);
	bool is_dated = spk_last_changes(report, finding, &dated);
	if (is_dated)
		put_dated_accounts(&pieces, report, finding, &dated);
	else
		put_accounts(&pieces, report, finding);
	spk_pieces_indented(&pieces, out, finding->text, 0);
	spk_pieces_end(&pieces);
	spk_put_repair(report, out, finding);
	if (!is_dated)
		return;
	char next[SPK_LAST_CHANGE_TEXT];
	spk_last_change_next(&dated, next);
	spk_put_wrapped(out, next, 0);
}

static void text_survey(spn_report *report, const spn_enctype_survey *survey)
{
	spk_survey_line lines[SPK_SURVEY_LINES];
	char text[SPK_SURVEY_TEXT + 32], condition[SPN_DOUBTS_SIZE + 128];
	size_t n = spk_survey_lines(survey, lines);
	fprintf(report->out.file, "\nAt KDCs of %s, of %zu enabled account%s with names:\n", spn_era_name(survey->era),
			survey->n_accounts, survey->n_accounts == 1 ? "" : "s");
	for (size_t i = 0; i < n; i++) {
		const char *severity = spn_severity_name(lines[i].severity);
		putc('\t', report->out.file);
		spk_put_in(report, &report->out, severity_colour(lines[i].severity), severity);
		fprintf(report->out.file, "%*s", (int)(9 - strlen(severity)), "");
		snprintf(text, sizeof text, "%zu: %s", lines[i].n, lines[i].text);
		spk_print_sentence(&report->out, text, SPK_TAB + 9, "\t         ");
	}
	spk_survey_condition(survey, condition, sizeof condition);
	if (*condition)
		spk_print_sentence(&report->out, condition, 0, "");
}

static void text_summary(spn_report *report, const spn_report_totals *totals)
{
	const spk_tally *tally = &report->tally;
	size_t left_out = totals->n_left_out;
	fprintf(report->out.file, "\n%zu finding%s%s", tally->total, tally->total == 1 ? "" : "s", spk_provided(report));
	for (int severity = SPN_SEVERITY_BROKEN, first = 1; severity >= SPN_SEVERITY_OK; severity--) {
		if (tally->n[severity] == 0)
			continue;
		fprintf(report->out.file, "%s%zu %s", first ? ": " : ", ", tally->n[severity],
				spn_severity_name((spn_severity)severity));
		first = 0;
	}
	fputs(".\n", report->out.file);
	for (size_t i = 0; i < tally->n_rows; i++)
		for (int severity = SPN_SEVERITY_BROKEN; severity >= SPN_SEVERITY_OK; severity--)
			if (tally->rows[i].n[severity])
				fprintf(report->out.file, "\t%-9s%-18s%zu\n", spn_severity_name((spn_severity)severity), tally->rows[i].code,
						tally->rows[i].n[severity]);
	if (left_out)
		fprintf(report->out.file, "%zu more %s ignored or accepted.\n", left_out, left_out == 1 ? "is" : "are");
}

static void text_finding(spn_report *report, const spk_lines *to, const spn_finding *finding)
{
	if (to == &report->out) {
		text_verdict(report, finding);
		return;
	}
	SPK_AUTOFREE char *defused = spk_defused(finding->text);
	put_message(report, finding->severity < SPN_SEVERITY_WARNING ? MESSAGE : MESSAGE "warning: ",
			defused ? defused : finding->text);
	spk_put_repair(report, to, finding);
	put_steps(report, to, finding);
}

static void put_ticket(const spn_report *report, const spn_ticket *ticket)
{
	char from[32], to[32];
	struct tm tm;
	strftime(from, sizeof from, "%Y-%m-%d %H:%M:%SZ", spk_utc(ticket->starts, &tm));
	strftime(to, sizeof to, "%Y-%m-%d %H:%M:%SZ", spk_utc(ticket->ends, &tm));
	spk_put_line(report, "\tticket for   ", ticket->server, "");
	fprintf(report->out.file, "\tkey          version %u, %s\n", ticket->kvno, spn_enctype_name(ticket->enctype));
	fprintf(report->out.file, "\tsession key  %s\n\tvalid        %s to %s\n",
			spn_enctype_name(ticket->session_enctype), from, to);
	if (ticket->rodc)
		fprintf(report->out.file, "\tissued by    read-only controller %u\n", ticket->rodc);
}

static void text_keys(spn_report *report, const spn_account *account, const spn_account_keys *keys)
{
	static const int enctypes[] = { 18, 17, 23 };
	static const unsigned bits[] = { SPN_ENC_AES256, SPN_ENC_AES128, SPN_ENC_RC4 };
	bool has_aes = keys->keys & (SPN_ENC_AES256 | SPN_ENC_AES128);
	spk_put_in(report, &report->out, has_aes ? SPK_GREEN : SPK_YELLOW, has_aes ? "ok" : "warning");
	putc('\t', report->out.file);
	spk_put_in(report, &report->out, SPK_BOLD, spn_account_name(account));
	putc('\n', report->out.file);
	spk_put_line(report, "\t", spn_account_dn(account), "");
	for (size_t i = 0; i < 3; i++)
		if (keys->keys & bits[i])
			spk_put_line(report, "\tkey          ", spn_enctype_name(enctypes[i]), "");
	if (keys->salt)
		spk_put_line(report, "\tsalt         ", keys->salt, "");
	if (!has_aes)
		spk_put_wrapped(&report->out,
				"the KDC shows no AES key: controllers that were updated since 2026 give no ticket for "
				"its names unless RC4 is "
				"allowed; set a new password, and renew its keytabs",
				0);
}

static void text_probe(spn_report *report, const spn_probe *probe)
{
	spk_put_in(report, &report->out, probe->ok ? SPK_GREEN : SPK_RED, probe->ok ? "ok" : "broken");
	putc('\t', report->out.file);
	spk_put_in(report, &report->out, SPK_BOLD, probe->spn);
	putc('\n', report->out.file);
	if (probe->ticket)
		put_ticket(report, probe->ticket);
	if (probe->account) {
		char certainty[32];
		snprintf(certainty, sizeof certainty, " (%s)", spn_certainty_name(probe->certainty));
		spk_put_line(report, "\taccount      ", spn_account_dn(probe->account), certainty);
	}
	if (probe->cause && probe->cause->code) {
		fprintf(report->out.file, "\terror        %d %s\n", probe->cause->code, probe->cause->name);
		if (probe->cause->windows_code)
			fprintf(report->out.file, "\ton Windows   0x%08X %s\n", (unsigned)probe->cause->windows_code,
					probe->cause->windows_name);
	}
	spk_put_wrapped(&report->out, probe->text, 0);
}

#define GROUP_COLUMN 9 /* where a group begins, behind its outcome */

static void text_group(spn_report *report, const spk_lines *to, const spn_group *group)
{
	static const char *const colours[] = {
		[SPN_GROUP_ADDED] = SPK_GREEN, [SPN_GROUP_SKIPPED] = SPK_YELLOW, [SPN_GROUP_FAILED] = SPK_RED,
	};
	size_t at = (size_t)group->outcome;
	const char *colour = at < sizeof colours / sizeof *colours ? colours[at] : NULL;
	const char *outcome = spn_group_outcome_name(group->outcome);
	char blanks[GROUP_COLUMN + 1];
	snprintf(blanks, sizeof blanks, "%*s", (int)(GROUP_COLUMN - strlen(outcome)), "");
	bool is_message = to == &report->messages;
	fputs(is_message ? "spnkit: " : "\t", to->file);
	spk_put_in(report, to, colour ? colour : "", outcome);
	if (is_message && *group->text && !to->is_terminal) { /* one line for programs */
		fputs(blanks, to->file);
		spn_text_print(to->file, group->dn, strlen(group->dn));
		fputs(": ", to->file);
		spn_text_print(to->file, group->text, strlen(group->text));
		putc('\n', to->file);
		return;
	}
	spk_print_whole(to, SPK_TAB + strlen(outcome), blanks, group->dn, strlen(group->dn), "");
	if (*group->text)
		spk_put_wrapped(to, group->text, GROUP_COLUMN);
}

static void text_membership(spn_report *report, const spn_group *group)
{
	spk_put_line(report, "\t", group->dn, group->outcome == SPN_GROUP_PRIMARY ? " (primary)" : "");
}

static void text_product(spn_report *report, const spk_product *product)
{
	char counts[96];
	snprintf(counts, sizeof counts, "%zu name%s on %zu account%s:", product->n_names, product->n_names == 1 ? "" : "s",
			product->n_accounts, product->n_accounts == 1 ? "" : "s");
	spk_put_line(report, "", product->name ? product->name : "(not known)", "");
	putc('\t', report->out.file);
	spk_put(report, counts);
	for (size_t i = 0; i < product->n_classes; i++) {
		spk_put(report, i ? ", " : " ");
		spk_put(report, product->classes[i]);
	}
	putc('\n', report->out.file);
}

static void text_journal(spn_report *report, const spn_journal_info *info)
{
	char when[64];
	snprintf(when, sizeof when, "%s  %-9s  ", info->time, spn_journal_state_name(info->state));
	spk_put(report, when);
	spk_print_sentence(&report->out, info->title, strlen(when), "\t");
	spk_put_line(report, "\t", info->path, "");
	spk_put_line(report, "\t", info->url, "");
	if (info->problem)
		spk_print_sentence(&report->out, info->problem, 0, "\t");
}

static void text_version(spn_report *report, const char *version)
{
	fprintf(report->out.file, "spnkit %s\n", version);
}

static void text_note(spn_report *report, const char *text)
{
	begin_message(report, MESSAGE);
	spk_print_hint(&report->messages, text, strlen(MESSAGE), MESSAGE_INDENT);
}

static void text_gap(spn_report *report, const spn_note *directory)
{
	put_message(report, MESSAGE, directory->text);
}

static void text_error(spn_report *report, const spn_error *err, const char *journal)
{
	char line[LINE_SIZE];
	put_message(report, MESSAGE, err->message);
	if (!journal)
		return;
	char *path = spn_text_shell_path(journal);
	snprintf(line, sizeof line, "some changes were made; undo them with: spnkit undo %s", path ? path : "FILE");
	free(path);
	spn_text_hide_passwords(line);
	text_note(report, line);
}

const spk_form spk_form_text = {
	.account = text_account,
	.resolution = text_resolution,
	.probe = text_probe,
	.keys = text_keys,
	.rights = spk_text_rights,
	.recipe = spk_text_recipe,
	.product = text_product,
	.finding = text_finding,
	.expectation = text_expectation,
	.conflict = text_conflict,
	.registered = text_registered,
	.survey = text_survey,
	.summary = text_summary,
	.event = spk_text_event,
	.differences = spk_text_differences,
	.step = spk_text_step,
	.group = text_group,
	.membership = text_membership,
	.journal = text_journal,
	.say = text_say,
	.version = text_version,
	.note = text_note,
	.gap = text_gap,
	.error = text_error,
};

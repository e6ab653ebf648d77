/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnkit/text.h>

#include "base/cleanup.h"
#include "event.h"
#include "last_change.h"
#include "remedy.h"
#include "text.h"
#include "text_put.h"

/* How many aliases are listed, of the fifty that HOST/ stands for; others are counted. */
#define ALIASES_SHOWN 3

static void put_ref(const spn_report *report, const char *lead, const spn_account_ref *ref)
{
	if (ref)
		spk_print_whole(&report->out, 0, lead, ref->dn, strlen(ref->dn), "");
}

static void put_sentence(const spn_report *report, const char *text)
{
	putc('\t', report->out.file);
	spk_print_wrapped(&report->out, text, SPK_TAB, "\t");
}

static void put_also(const spn_report *report, const spn_event *event)
{
	char text[1024];
	size_t used = (size_t)snprintf(text, sizeof text, "the same of ");
	for (size_t i = 0; i < event->n_also && i < ALIASES_SHOWN && used < sizeof text; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? ", " : "", event->also[i]);
	if (event->n_also > ALIASES_SHOWN && used < sizeof text)
		snprintf(text + used, sizeof text - used, " and %zu more aliases of it", event->n_also - ALIASES_SHOWN);
	put_sentence(report, text);
}

static void put_data(const spn_report *report, const char *text)
{
	SPK_AUTOFREE char *defused = spk_defused(text);
	const char *shown = defused ? defused : text;
	spn_text_print(report->out.file, shown, strlen(shown));
}

static void put_account(const spn_report *report, const char *lead, const spn_account_ref *ref)
{
	const char *name = !ref ? NULL : *ref->account ? ref->account : ref->dn;
	if (!name)
		return;
	fputs(lead, report->out.file);
	put_data(report, name);
	putc('\'', report->out.file);
}

/* What the journal calls it (sd-daemon(3)). */
static int level_of(const spn_event *event)
{
	enum { ERROR = 3, WARNING, NOTICE, INFO };
	if (!spn_event_changes_verdict(event))
		return INFO;
	if (event->kind == SPN_EVENT_CLEARED)
		return NOTICE;
	if (!event->finding)
		return WARNING;
	return event->finding->severity == SPN_SEVERITY_BROKEN ? ERROR :
			event->finding->severity == SPN_SEVERITY_WARNING ? WARNING :
									   NOTICE;
}

/* Of the account that got a name or lost it; of a finding, of the one that was changed last.  NULL: not known. */
static const spn_account_ref *find_last_change(
		spn_report *report, const spn_event *event, char text[SPK_LAST_CHANGE_TEXT])
{
	const spn_account_ref *who = event->to ? event->to : event->from;
	spk_dated dated;
	spn_last_change change;
	if (event->finding && event->spn && event->kind == SPN_EVENT_NEW && spk_last_changes(report, event->finding, &dated)) {
		who = &event->finding->accounts[dated.youngest];
		change = dated.accounts[dated.youngest].change;
	} else if (!who || !event->spn || !spk_last_change_of(report, who->dn, &change)) {
		return NULL;
	}
	spk_last_change_text(&change, text);
	return who;
}

/* As a line of a log. */
static void put_line(spn_report *report, const spn_event *event)
{
	const spk_look *look = &report->look;
	const spn_finding *finding = event->finding;
	const char *subject = spk_event_subject(event);
	char last_change[SPK_LAST_CHANGE_TEXT];
	const spn_account_ref *changed = find_last_change(report, event, last_change); /* before anything is printed */
	if (look->has_levels)
		fprintf(report->out.file, "<%d>", level_of(event));
	fprintf(report->out.file, "%s ", look->time);
	spn_text_print(report->out.file, look->where, strlen(look->where));
	fprintf(report->out.file, " %s ", spn_event_kind_name(event->kind));
	put_data(report, subject);
	if (finding)
		fprintf(report->out.file, " [%s, %s]", finding->code, spn_severity_name(finding->severity));
	if (event->spn) { /* else it is an account, and the sentence says what of it */
		put_account(report, event->to ? " from '" : " '", event->from);
		put_account(report, event->from ? " to '" : " '", event->to);
	}
	fputs(": ", report->out.file);
	put_data(report, event->text);
	if (event->n_also)
		fprintf(report->out.file, "; the same of %zu alias%s of it", event->n_also, event->n_also == 1 ? "" : "es");
	put_account(report, "; '", changed);
	if (changed)
		fprintf(report->out.file, ": %s", last_change);
	char *remedy = finding && event->kind == SPN_EVENT_NEW ? spk_remedy_of(finding, &report->lost) : NULL;
	if (remedy) {
		fputs("; repair: ", report->out.file);
		spn_text_print(report->out.file, remedy, strlen(remedy));
	}
	free(remedy);
	putc('\n', report->out.file);
}

void spk_text_event(spn_report *report, const spn_event *event)
{
	if (report->look.is_one) {
		put_line(report, event);
		return;
	}
	const spn_finding *finding = event->finding;
	const char *subject = spk_event_subject(event);
	fprintf(report->out.file, "%s\t%s", spn_event_kind_name(event->kind), report->colour ? SPK_BOLD : "");
	spn_text_print(report->out.file, subject, strlen(subject));
	fputs(report->colour ? SPK_PLAIN : "", report->out.file);
	if (finding)
		fprintf(report->out.file, " [%s, %s]", finding->code, spn_severity_name(finding->severity));
	putc('\n', report->out.file);
	put_ref(report, event->to ? "\tfrom " : "\t", event->from);
	put_ref(report, event->from ? "\tto " : "\t", event->to);
	for (size_t i = 0; finding && i < finding->n_accounts; i++)
		put_ref(report, "\t", &finding->accounts[i]);
	put_sentence(report, event->text);
	if (event->n_also)
		put_also(report, event);
	if (finding && event->kind == SPN_EVENT_NEW)
		spk_put_repair(report, &report->out, finding);
}

void spk_text_differences(spn_report *report, const char *of)
{
	const size_t *n = report->n_events;
	size_t all = 0;
	(void)of;
	for (size_t i = 0; i < SPK_EVENT_KINDS; i++)
		all += n[i];
	if (all)
		putc('\n', report->out.file);
	spk_say(report, "names: %zu came, %zu went, %zu moved; findings: %zu new, %zu cleared%s.", n[SPN_EVENT_CAME],
			n[SPN_EVENT_WENT], n[SPN_EVENT_MOVED], n[SPN_EVENT_NEW], n[SPN_EVENT_CLEARED], spk_provided(report));
	if (n[SPN_EVENT_UNSEEN])
		spk_say(report, "%zu more name%s may have come or gone: not all of it can be seen (unseen).",
				n[SPN_EVENT_UNSEEN], n[SPN_EVENT_UNSEEN] == 1 ? "" : "s");
}

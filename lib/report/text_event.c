/* SPDX-License-Identifier: MIT */
#include "text_event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "last_change.h"
#include "remedy.h"
#include "base/safe.h"
#include "base/wrap.h"

#define TAB 8
/* How many aliases are listed, of the fifty that HOST/ stands for; others are counted. */
#define ALIASES_SHOWN 3

static void put_ref(const char *lead, const spn_account_ref *ref)
{
	if (ref)
		print_whole(stdout, 0, lead, ref->dn, strlen(ref->dn), "");
}

static void put_sentence(const char *text)
{
	putchar('\t');
	print_wrapped(stdout, text, TAB, "\t");
}

static void put_also(const spn_event *event)
{
	char text[1024];
	size_t used = (size_t)snprintf(text, sizeof text, "the same of ");
	for (size_t i = 0; i < event->n_also && i < ALIASES_SHOWN && used < sizeof text; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? ", " : "", event->also[i]);
	if (event->n_also > ALIASES_SHOWN && used < sizeof text)
		snprintf(text + used, sizeof text - used, " and %zu more aliases of it", event->n_also - ALIASES_SHOWN);
	put_sentence(text);
}

const char *event_subject(const spn_event *event)
{
	if (event->spn)
		return event->spn;
	return *event->from->account ? event->from->account : event->from->dn;
}

static void put_account(const char *lead, const spn_account_ref *ref)
{
	const char *name = !ref ? NULL : *ref->account ? ref->account : ref->dn;
	if (!name)
		return;
	fputs(lead, stdout);
	print_safe(stdout, name, strlen(name));
	putchar('\'');
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
static const spn_account_ref *find_last_change(struct cli *cli, const spn_event *event, char text[LAST_CHANGE_TEXT])
{
	const spn_account_ref *who = event->to ? event->to : event->from;
	struct dated dated;
	spn_last_change change;
	if (event->finding && event->kind == SPN_EVENT_NEW && last_changes(cli, event->finding, &dated)) {
		who = &event->finding->accounts[dated.youngest];
		change = dated.accounts[dated.youngest].change;
	} else if (!who || event->kind == SPN_EVENT_RENAMED || !last_change_of(cli, who->dn, &change)) {
		return NULL;
	}
	last_change_text(&change, text);
	return who;
}

/* As a line of a log. */
static void put_line(struct cli *cli, const spn_event *event)
{
	const struct watch_look *look = cli->look;
	const spn_finding *finding = event->finding;
	const char *subject = event_subject(event);
	char last_change[LAST_CHANGE_TEXT];
	const spn_account_ref *changed = find_last_change(cli, event, last_change); /* before anything is printed */
	if (look->has_levels)
		printf("<%d>", level_of(event));
	printf("%s ", look->time);
	print_safe(stdout, look->where, strlen(look->where));
	printf(" %s ", spn_event_kind_name(event->kind));
	print_safe(stdout, subject, strlen(subject));
	if (finding)
		printf(" [%s, %s]", finding->code, spn_severity_name(finding->severity));
	if (event->kind != SPN_EVENT_RENAMED) { /* the sentence says what it is called now */
		put_account(event->to ? " from '" : " '", event->from);
		put_account(event->from ? " to '" : " '", event->to);
	}
	fputs(": ", stdout);
	print_safe(stdout, event->text, strlen(event->text));
	if (event->n_also)
		printf("; the same of %zu alias%s of it", event->n_also, event->n_also == 1 ? "" : "es");
	put_account("; '", changed);
	if (changed)
		printf(": %s", last_change);
	char *remedy = finding && event->kind == SPN_EVENT_NEW ? remedy_of(finding, &cli->lost) : NULL;
	if (remedy) {
		fputs("; repair: ", stdout);
		print_safe(stdout, remedy, strlen(remedy));
	}
	free(remedy);
	putchar('\n');
}

void text_event(struct cli *cli, const spn_event *event)
{
	if (cli->look) {
		put_line(cli, event);
		return;
	}
	const spn_finding *finding = event->finding;
	const char *subject = event_subject(event);
	printf("%s\t%s", spn_event_kind_name(event->kind), cli->colour ? "\033[1m" : "");
	print_safe(stdout, subject, strlen(subject));
	fputs(cli->colour ? "\033[0m" : "", stdout);
	if (finding)
		printf(" [%s, %s]", finding->code, spn_severity_name(finding->severity));
	putchar('\n');
	put_ref(event->to ? "\tfrom " : "\t", event->from);
	put_ref(event->from ? "\tto " : "\t", event->to);
	for (size_t i = 0; finding && i < finding->n_accounts; i++)
		put_ref("\t", &finding->accounts[i]);
	put_sentence(event->text);
	if (event->n_also)
		put_also(event);
	char *remedy = finding && event->kind == SPN_EVENT_NEW ? remedy_of(finding, &cli->lost) : NULL;
	if (remedy)
		print_whole(stdout, 0, "\trepair: ", remedy, strlen(remedy), "");
	free(remedy);
}

void text_differences(struct cli *cli, const size_t n[EVENT_KINDS])
{
	size_t all = 0;
	for (size_t i = 0; i < EVENT_KINDS; i++)
		all += n[i];
	if (all)
		putchar('\n');
	say(cli, "names: %zu came, %zu went, %zu moved; findings: %zu new, %zu cleared%s.", n[SPN_EVENT_CAME],
			n[SPN_EVENT_WENT], n[SPN_EVENT_MOVED], n[SPN_EVENT_NEW], n[SPN_EVENT_CLEARED], condition(cli));
	if (n[SPN_EVENT_UNSEEN])
		say(cli, "%zu more name%s may have come or gone: not all of it can be seen (unseen).",
				n[SPN_EVENT_UNSEEN], n[SPN_EVENT_UNSEEN] == 1 ? "" : "s");
}

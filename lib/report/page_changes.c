/* SPDX-License-Identifier: MIT */
#include "page.h"

#include "event.h"

/* Who held the name; if nobody, who answered for it. */
static void put_state(FILE *to, const char *label, const spn_account_ref *holder, const spn_answer *answer)
{
	fprintf(to, "<td data-label=\"%s\"><ul>", label);
	if (holder)
		spk_page_put_account(to, holder);
	for (size_t i = 0; !holder && answer && i < answer->n_accounts; i++)
		spk_page_put_account(to, &answer->accounts[i]);
	fputs("</ul></td>\n", to);
}

/* The classes are those of findings, for their colours. */
static const char *class_of(const spn_event *event)
{
	if (event->kind == SPN_EVENT_CLEARED)
		return "ok";
	return event->finding ? spn_severity_name(event->finding->severity) : "notice";
}

static void put_row(spn_report *report, FILE *to, const spn_event *event)
{
	const char *kind = spn_event_kind_name(event->kind);
	fprintf(to, "<tr data-severity=\"%s\">\n<td data-label=\"Change\"><span class=\"%s\">%s</span>", kind,
			class_of(event), kind);
	if (event->finding)
		fprintf(to, " %s", event->finding->code);
	fputs("</td>\n<td data-label=\"Name\"><code>", to);
	spk_page_put(to, spk_event_subject(event));
	fputs("</code></td>\n", to);
	put_state(to, "Before", event->from, event->before);
	put_state(to, "Now", event->to, event->after);
	fputs("<td data-label=\"What it means\">", to);
	spk_page_put(to, event->text);
	for (size_t i = 0; i < event->n_also; i++) {
		fputs(i ? ", " : " <small>The same of ", to);
		spk_page_put(to, event->also[i]);
	}
	fputs(event->n_also ? "</small>" : "", to);
	if (event->finding && event->kind == SPN_EVENT_NEW)
		spk_page_put_remedy(report, to, event->finding);
	fputs("</td>\n</tr>\n", to);
}

void spk_page_keep_event(spn_report *report, const spn_event *event)
{
	FILE *to = report->n_events[event->kind] <= SPK_PAGE_ROWS ? spk_page_add_row(report, 0) : NULL;
	if (to)
		put_row(report, to, event);
}

static void put_counts(FILE *to, const size_t n[SPK_EVENT_KINDS])
{
	fputs("<section aria-label=\"Counts\">\n<ul class=\"codes\">\n", to);
	for (size_t i = 0; i < SPK_EVENT_KINDS; i++)
		fprintf(to, "<li>%s <b>%zu</b></li>\n", spn_event_kind_name((spn_event_kind)i), n[i]);
	fputs("</ul>\n</section>\n", to);
}

static void put_table(spn_report *report)
{
	FILE *to = report->out.file;
	const size_t *n = report->n_events;
	static const char *const columns[] = { "Change", "Name", "Before", "Now", "What it means" };
	size_t total = 0, left_out = 0;
	fputs("<section aria-label=\"Changes\">\n<h2>Changes</h2>\n<form id=\"controls\" hidden>\n"
	      "<label>Filter <input type=\"search\" id=\"filter\" autocomplete=\"off\"></label>\n"
	      "<label>Change <select id=\"severity\"><option value=\"\">all</option>",
			to);
	for (size_t i = 0; i < SPK_EVENT_KINDS; i++) {
		fprintf(to, "<option>%s</option>", spn_event_kind_name((spn_event_kind)i));
		total += n[i];
		left_out += n[i] > SPK_PAGE_ROWS ? n[i] - SPK_PAGE_ROWS : 0;
	}
	fputs("</select></label>\n<output id=\"shown\"></output>\n</form>\n<table id=\"findings\">\n<thead>\n<tr>", to);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		fprintf(to, "<th scope=\"col\">%s</th>", columns[i]);
	fputs("</tr>\n</thead>\n<tbody>\n", to);
	spk_page_put_rows(report, 0);
	fputs("</tbody>\n</table>\n", to);
	if (left_out)
		fprintf(to,
				"<p>%zu more changes are not shown: a page has room for %d of each kind. <code>spnkit "
				"diff --json</code> "
				"prints all of them.</p>\n",
				left_out, SPK_PAGE_ROWS);
	if (total == 0)
		fputs("<p>No name, ticket or finding has changed.</p>\n", to);
	fputs("</section>\n", to);
}

void spk_page_put_differences(spn_report *report, const char *of)
{
	FILE *to = report->out.file;
	spk_page_begin(to, "Changes of ", of ? of : "");
	fputs("Two states of the domain, side by side", to);
	spk_page_put(to, spk_provided(report));
	spk_page_middle(to);
	put_counts(to, report->n_events);
	put_table(report);
	spk_page_end(to);
}

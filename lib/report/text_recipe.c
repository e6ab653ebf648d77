/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "text.h"

#define COLUMN 10
#define INDENT "          "
#define ID_COLUMN 16

static void print_about(const spn_report *report, const char *what, const char *text)
{
	if (!text)
		return;
	fprintf(report->out.file, "%-*s", COLUMN, what);
	spk_print_wrapped(&report->out, text, COLUMN, INDENT);
}

static const char *account_of(spn_holder holder)
{
	switch (holder) {
	case SPN_HOLDER_COMPUTER: return "the computer, unless --account says otherwise";
	case SPN_HOLDER_ACCOUNT: return "a user or a group managed service account (--account)";
	case SPN_HOLDER_ANY: break;
	}
	return "the one that the service runs as, or whose keytab it has (--account)";
}

static void print_name(const spn_report *report, const spn_recipe_name *name)
{
	fputs("  ", report->out.file);
	spk_print_wrapped(&report->out, name->pattern, 2, "  ");
	fprintf(report->out.file, INDENT "%s%s%s\n",
			name->need == SPN_NEED_MUST ? "clients ask for it" : "only if typed or configured",
			name->default_only ? "; default instance" : "",
			spn_name_by_host(name->pattern) ? "; HOST/ stands for it" : "");
}

void spk_text_recipe(spn_report *report, const spn_recipe *recipe, bool whole)
{
	if (!whole) {
		fprintf(report->out.file, "%-*s", ID_COLUMN, recipe->id);
		spk_print_wrapped(&report->out, recipe->title, ID_COLUMN, INDENT);
		return;
	}
	fprintf(report->out.file, "%s: ", recipe->id);
	spk_print_wrapped(&report->out, recipe->title, 2, INDENT);
	for (size_t i = 0; i < recipe->n_names; i++)
		print_name(report, &recipe->names[i]);
	print_about(report, "Account:", account_of(recipe->holder));
	if (recipe->port)
		fprintf(report->out.file, "%-*s%u, unless --port or --instance says otherwise\n", COLUMN, "Port:", recipe->port);
	print_about(report, "Clients:", recipe->clients);
	print_about(report, "Pitfall:", recipe->pitfall);
	print_about(report, "Source:", recipe->source);
}

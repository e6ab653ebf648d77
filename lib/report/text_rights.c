/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "text_put.h"

static const char *label_of(const spn_trustee *trustee)
{
	return *trustee->name ? trustee->name : trustee->sid;
}

/* What somebody may do, in a few words. */
static const char *effect_of(const spn_trustee *trustee)
{
	if (trustee->rights & SPN_RIGHT_WRITE)
		return "any name";
	if (trustee->rights & SPN_RIGHT_VALIDATED)
		return trustee->rights & (SPN_RIGHT_DACL | SPN_RIGHT_OWNER) ?
				"names of its own host, without a port; or any name, once they have granted it to "
				"themselves" :
				"names of its own host, without a port";
	if (trustee->rights)
		return "any name, once they have granted it to themselves";
	return "nothing";
}

/* The line takes as much room as it needs. */
static void put_sentence(const spn_report *report, const char *text)
{
	fputs("\t", report->out.file);
	spk_print_wrapped(&report->out, text, SPK_TAB, "\t  ");
}

static void put_trustee(spn_report *report, const spn_trustee *trustee)
{
	char *text = NULL;
	if (asprintf(&text, "%s%s%s: %s (%s)%s%s", label_of(trustee), trustee->is_itself ? ", the account itself" : "",
			    trustee->is_nobody ? ", which no account has that can be read here: deleted, or hidden" :
						 "",
			    effect_of(trustee), trustee->granted, *trustee->except ? ", but not members of " : "",
			    trustee->except) < 0)
		text = NULL;
	if (text)
		put_sentence(report, text);
	report->lost |= !text;
	free(text);
}

/* Those of whom nobody wonders, in one line. */
static void put_administrators(spn_report *report, const spn_rights *rights)
{
	char *text = NULL;
	size_t size = 0, n = 0;
	FILE *to = open_memstream(&text, &size);
	for (size_t i = 0; to && i < rights->n_trustees; i++)
		if (rights->trustees[i].is_administrator && rights->trustees[i].rights)
			fprintf(to, "%s%s", n++ ? ", " : "administrators: ", label_of(&rights->trustees[i]));
	report->lost |= !to || fclose(to) != 0;
	if (n)
		put_sentence(report, text);
	free(text);
}

/* What they may do, in one sentence; NULL without memory. */
static char *sentence_of(const spn_trustee *who)
{
	bool may = who->rights & (SPN_RIGHT_WRITE | SPN_RIGHT_VALIDATED);
	char *text = NULL;
	int n = may ? asprintf(&text, "'%s' may write %s (%s)", label_of(who), effect_of(who), who->granted) :
			who->rights ?
		      asprintf(&text, "'%s' may not write names now, but grant the right to themselves (%s)",
				      label_of(who), who->granted) :
		      asprintf(&text, "'%s' may not change names: the right to write servicePrincipalName is %s%s",
				      label_of(who), *who->denied ? "denied to " : "missing", who->denied);
	return n < 0 ? NULL : text;
}

static void put_asked(spn_report *report, const spn_rights *rights)
{
	char *sentence = sentence_of(rights->who), *text = NULL;
	if (sentence && asprintf(&text, "%s%s%s", sentence, rights->condition ? "; " : "",
				rights->condition ? rights->condition : "") < 0)
		text = NULL;
	if (text)
		put_sentence(report, text);
	report->lost |= !text;
	free(sentence);
	free(text);
}

void spk_text_rights(spn_report *report, const spn_rights *rights)
{
	const char *dn = spn_account_dn(rights->account);
	size_t n = 0;
	spk_print_whole(&report->out, 0, "Who may change the names of ", dn, strlen(dn), ":");
	if (rights->who)
		put_asked(report, rights);
	if (rights->who || rights->unknown)
		return;
	for (size_t i = 0; i < rights->n_trustees; i++) {
		n += rights->trustees[i].rights != 0;
		if (!rights->trustees[i].is_administrator && rights->trustees[i].rights)
			put_trustee(report, &rights->trustees[i]);
	}
	put_administrators(report, rights);
	if (!n)
		put_sentence(report, "nobody");
}

/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "text.h"
#include "text_put.h"

#define FAILED_COLUMN 24 /* behind "Step 10 of 10: Failed: " */

static bool is_spn(const spn_mod *mod)
{
	return strcasecmp(mod->attr, "servicePrincipalName") == 0;
}

/* The flags that mean something for a step: takeover and forest are about names that it adds.  setspn takes over
 * always, and its own output says nothing of that. */
static unsigned flags_shown(const spn_report *report, const spn_step *step)
{
	bool adds_names = false;
	for (size_t i = 0; i < step->n_mods; i++)
		adds_names |= step->mods[i].op == SPN_MOD_ADD && is_spn(&step->mods[i]);
	if (report->as_setspn)
		return 0;
	return adds_names ? step->flags : step->flags & ~(SPN_TAKEOVER | SPN_FOREST);
}

/* "2. (takeover) ", which comes before the first change of a step: what of it there is. */
static void make_label(char *label, size_t size, const spk_shown_step *shown, unsigned flags)
{
	*label = '\0';
	if (shown->n > 1)
		snprintf(label, size, "%zu. ", shown->i + 1);
	for (unsigned flag = 1; flag && flag <= flags; flag <<= 1) {
		const char *name = flags & flag ? spn_step_flag_name(flag, NULL) : NULL;
		size_t len = strlen(label);
		if (name)
			snprintf(label + len, size - len, "(%s) ", name);
	}
}

/* Under setspn's words where the values are names. */
static void put_heading(const spn_report *report, const spn_step *step, const spn_mod *mod, const char *label)
{
	bool adds = mod->op == SPN_MOD_ADD;
	size_t column = strlen(label);
	const char *lead = adds ? "Registering ServicePrincipalNames for " : "Unregistering ServicePrincipalNames for ";
	fputs(label, report->out.file);
	if (!is_spn(mod)) {
		const char *verb = adds ? "Adding " : "Removing ";
		fputs(verb, report->out.file);
		spk_put(report, mod->attr);
		column += strlen(verb) + strlen(mod->attr);
		lead = adds ? " to " : " from ";
	}
	spk_print_whole(&report->out, column, lead, step->dn, strlen(step->dn), "");
}

/* In the order in which the directory gets them. */
static void put_mods(const spn_report *report, const spn_step *step, const char *label)
{
	for (size_t i = 0; i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		if (i == 0 || mod->op != mod[-1].op || strcasecmp(mod->attr, mod[-1].attr) != 0)
			put_heading(report, step, mod, i ? "" : label);
		spk_put_value(report, &mod->value, false);
	}
}

/* Of several steps each has its number, and a reason stands above all steps that have it.  A flag is explained where it
 * comes first. */
static void put_planned(const spn_report *report, const spk_shown_step *shown)
{
	const spn_step *step = shown->step, *before = shown->before;
	if (shown->n > 1 && *step->reason && !(before && strcmp(before->reason, step->reason) == 0)) {
		if (before)
			putc('\n', report->out.file);
		fputs(report->colour ? SPK_BOLD : "", report->out.file);
		spk_print_sentence(&report->out, step->reason, 0, "   ");
		fputs(report->colour ? SPK_PLAIN : "", report->out.file);
	}
	unsigned flags = flags_shown(report, step);
	char label[80];
	make_label(label, sizeof label, shown, flags);
	put_mods(report, step, label);
	for (unsigned flag = 1; flag && flag <= flags; flag <<= 1) {
		const char *meaning, *name = flags & ~*shown->explained & flag ? spn_step_flag_name(flag, &meaning) : NULL;
		if (name)
			fprintf(report->out.file, "   (%s: %s)\n", name, meaning);
	}
	*shown->explained |= flags;
}

void spk_text_step(spn_report *report, const spk_shown_step *shown)
{
	if (shown->state == SPN_STEP_PLANNED) {
		put_planned(report, shown);
		return;
	}
	if (shown->n > 1)
		fprintf(report->out.file, "Step %zu of %zu: ", shown->i + 1, shown->n);
	switch (shown->state) {
	case SPN_STEP_DONE:
		spk_put_in(report, &report->out, SPK_GREEN, "Updated object");
		break;
	case SPN_STEP_UNDONE:
		spk_put_in(report, &report->out, SPK_YELLOW, "Taken back");
		break;
	default:
		spk_put_in(report, &report->out, SPK_RED, "Failed");
		/* what ends the work is told as an error besides */
		if (shown->why && shown->step->flags & SPN_OPTIONAL) {
			fputs(": ", report->out.file);
			spk_print_sentence(&report->out, shown->why->message, FAILED_COLUMN, "\t");
			return;
		}
		break;
	}
	putc('\n', report->out.file);
}

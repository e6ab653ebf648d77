/* SPDX-License-Identifier: MIT */
#include "repair.h"

#include <stdlib.h>
#include <string.h>

#include "directory/directory.h"
#include "model/dn.h"

static void free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

static void clear(const spn_repair *repair)
{
	const char *const texts[] = { repair->account, repair->to, repair->server, repair->service, repair->keytab,
		repair->domain };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free_text(texts[i]);
	for (size_t i = 0; repair->spns && i < repair->n_spns; i++)
		free_text(repair->spns[i]);
	free((void *)(uintptr_t)repair->spns);
}

void spk_repairs_clear(spk_repairs *repairs)
{
	for (size_t i = 0; i < repairs->n; i++)
		clear(&repairs->list[i]);
	free(repairs->list);
	*repairs = (spk_repairs){ .failed = repairs->failed };
}

static const char *copy(const char *text, bool *failed)
{
	char *made = text ? strdup(text) : NULL;
	*failed |= text && !made;
	return made;
}

void spk_repairs_add(spk_repairs *repairs, const spn_repair *repair)
{
	spn_repair *grown = realloc(repairs->list, (repairs->n + 1) * sizeof *grown);
	const char **spns = grown && repair->n_spns ? calloc(repair->n_spns, sizeof *spns) : NULL;
	repairs->list = grown ? grown : repairs->list;
	repairs->failed |= !grown || (repair->n_spns && !spns);
	if (!grown || (repair->n_spns && !spns))
		return;
	for (size_t i = 0; i < repair->n_spns; i++)
		spns[i] = copy(repair->spns[i], &repairs->failed);
	grown[repairs->n++] = (spn_repair){ .kind = repair->kind,
		.spns = spns,
		.n_spns = repair->n_spns,
		.account = copy(repair->account, &repairs->failed),
		.to = copy(repair->to, &repairs->failed),
		.server = copy(repair->server, &repairs->failed),
		.service = copy(repair->service, &repairs->failed),
		.keytab = copy(repair->keytab, &repairs->failed),
		.domain = copy(repair->domain, &repairs->failed) };
}

void spk_repair_domain(spn_directory *dir, spk_text *ret_domain)
{
	const char *context = NULL;
	spk_text_add(ret_domain, "%s", "");
	if (spk_directory_context(dir, "defaultNamingContext", &context, NULL) || !context)
		return;
	spk_dn_domain(context, ret_domain);
	if (!ret_domain->failed && !spk_directory_is_chosen(dir, ret_domain->data))
		spk_text_clear(ret_domain);
}

void spk_repairs_add_in(spk_repairs *repairs, spn_directory *dir, spn_repair repair)
{
	SPK_AUTOTEXT spk_text domain = { 0 };
	spk_repair_domain(dir, &domain);
	repairs->failed |= domain.failed;
	if (domain.len)
		repair.domain = domain.data;
	spk_repairs_add(repairs, &repair);
}

bool spk_repair_copy(const spn_repair *repair, const spn_repair **ret_copy)
{
	spk_repairs one = { .n = 0 };
	if (repair)
		spk_repairs_add(&one, repair);
	if (one.failed)
		spk_repairs_clear(&one);
	*ret_copy = one.list;
	return !one.failed;
}

void spk_repair_free(const spn_repair *copy)
{
	spk_repairs_clear(&(spk_repairs){ (spn_repair *)(uintptr_t)copy, copy ? 1 : 0, false });
}

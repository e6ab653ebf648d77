/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "journal_file.h"
#include "ldif.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/fold.h"

#define REFUSED "# " SPK_JOURNAL_REFUSED

void spk_journal_unload(struct spk_journal *journal)
{
	spn_plan_free(journal->inverses);
	spk_notes_free(&journal->notes);
}

static bool ends_with(const spk_text *text, const char *end)
{
	size_t len = strlen(end);
	return text->len >= len && memcmp(text->data + text->len - len, end, len) == 0;
}

static bool ends_with_empty_line(const spk_text *text)
{
	return ends_with(text, "\n\n") || ends_with(text, "\n\r\n");
}

/* Up to the empty line behind the last record that is whole. */
static size_t whole_length(const spk_text *text)
{
	spk_text part = *text;
	while (part.len > 0 && !ends_with_empty_line(&part))
		part.len--;
	return part.len;
}

static spn_status read_records(spn_bytes text, const char *path, spn_plan *plan, spn_error *err)
{
	SPK_AUTOLDIF spk_ldif_reader *reader = NULL;
	const spk_ldif_record *record = NULL;
	spn_status status = spk_ldif_read_text(path, text, &reader, err);
	while (!status && !(status = spk_ldif_next(reader, &record, err)) && record)
		status = spk_step_read(reader, record, plan, err);
	return status;
}

/* Of a journal that grew: the records of steps that were refused, and the order. */
static spn_status put_in_order(const spk_text *text, size_t len, const spn_plan *grown, spn_plan *plan, spn_error *err)
{
	size_t n = spn_plan_count(grown);
	SPK_AUTOFREE bool *refused = calloc(n + 1, sizeof *refused);
	spn_status status = refused ? SPN_OK : spk_nomem(err);
	const char *stop = text->data + len;
	for (const char *at = text->data; !status && (at = strstr(at, "\n" REFUSED)) && at < stop; at++) {
		unsigned long number = strtoul(at + strlen("\n" REFUSED), NULL, 10);
		refused[number <= n ? number : 0] = true;
	}
	for (size_t i = n; !status && i-- > 0;)
		if (!refused[i + 1])
			status = spn_plan_append(plan, spn_plan_step(grown, i), err);
	return status;
}

spn_status spk_journal_load(const spk_text *text, const char *path, struct spk_journal *ret_journal, spn_error *err)
{
	SPK_AUTO(spn_plan) *records = NULL, *inverses = NULL;
	spn_status status = spn_plan_new(&records, err);
	if (!status)
		status = spn_plan_new(&inverses, err);
	if (status)
		return status;
	bool grew = spk_journal_begins_with(text->data, SPK_JOURNAL_GROWING_MAGIC);
	bool torn = grew ? !ends_with_empty_line(text) :
			!ends_with(text, "# " SPK_JOURNAL_END "\n") && !ends_with(text, "# " SPK_JOURNAL_END "\r\n");
	size_t len = torn ? whole_length(text) : text->len;
	status = read_records((spn_bytes){ text->data, len }, path, records, err);
	if (!status && torn && !grew && spn_plan_count(records) == 0)
		status = spn_fail(err, SPN_ERR_SYNTAX, 0, "the journal '%s' is cut off before its first change: "
				"it can be read, but not undone", path);
	if (!status && grew)
		status = put_in_order(text, len, records, inverses, err);
	if (!status)
		status = spk_notes_read(text->data, &ret_journal->notes, err);
	if (status)
		return status;
	spn_plan **taken = grew ? &inverses : &records;
	ret_journal->inverses = *taken;
	ret_journal->torn = torn;
	ret_journal->grew = grew;
	*taken = NULL;
	return SPN_OK;
}

spn_status spk_journal_had(const struct spk_journal *journal, const spn_step *step, const spn_mod *mod, bool *ret_had,
		spn_error *err)
{
	const spn_entry *noted = NULL;
	const spn_bytes *values;
	bool is_member = spk_ascii_equal(mod->attr, "member");
	*ret_had = false;
	/* a file in which memberOf and member disagree proves nothing */
	if ((!is_member && !spk_mod_is_spn(mod)) || (is_member && journal->is_whole))
		return SPN_OK;
	spn_status status = spk_notes_of(&journal->notes, is_member ? mod->value.data : step->dn, &noted, err);
	size_t n = noted ? spn_entry_values(noted, is_member ? "memberOf" : SPK_SPN, &values) : 0;
	for (size_t i = 0; i < n; i++)
		*ret_had |= is_member ? spk_dn_equal_bytes(values[i], spk_bytes(step->dn)) :
				spk_bytes_equal(values[i], mod->value);
	return status;
}

bool spk_journal_supersedes(const struct spk_journal *journal, size_t i, size_t j)
{
	const spn_step *step = spn_plan_step(journal->inverses, i);
	for (size_t k = i; k < spn_plan_count(journal->inverses); k++) {
		const spn_step *later = spn_plan_step(journal->inverses, k);
		for (size_t m = k == i ? j + 1 : 0; m < later->n_mods; m++)
			if (spk_mod_is_same_value(&step->mods[j], &later->mods[m]) && spk_dn_equal(step->dn, later->dn))
				return true;
	}
	return false;
}

bool spk_journal_gives_back(const struct spk_journal *journal, spn_bytes name, spk_folding folding)
{
	for (size_t i = 0; i < spn_plan_count(journal->inverses); i++) {
		const spn_step *step = spn_plan_step(journal->inverses, i);
		for (size_t j = 0; j < step->n_mods; j++)
			if (step->mods[j].op == SPN_MOD_ADD && spk_fold_equal(step->mods[j].value, name, folding) &&
					!spk_journal_supersedes(journal, i, j))
				return true;
	}
	return false;
}

bool spk_journal_would_lose(const struct spk_journal *journal, const spn_mod *mod, spk_folding folding)
{
	return journal->torn && mod->op == SPN_MOD_DELETE && spk_ascii_equal(mod->attr, SPK_SPN) &&
			spk_notes_know(&journal->notes, mod->value) && !spk_journal_gives_back(journal, mod->value, folding);
}

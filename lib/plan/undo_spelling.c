/* SPDX-License-Identifier: MIT */
#include "undo_spelling.h"

#include <string.h>
#include <strings.h>

#include "plan.h"
#include "values.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"

static size_t count_spellings(const spn_entry *entry, spn_bytes name, spk_folding folding)
{
	const spn_bytes *values;
	size_t n = entry ? spn_entry_values(entry, SPK_SPN, &values) : 0, n_equal = 0;
	for (size_t i = 0; i < n; i++)
		n_equal += spk_fold_equal(values[i], name, folding);
	return n_equal;
}

/* Whether the undo gives a name back to an account, in any spelling. */
static bool gives_spelling(const struct spk_journal *journal, const char *dn, spn_bytes name, spk_folding folding)
{
	bool gives = false;
	for (size_t i = 0; i < spn_plan_count(journal->inverses); i++) {
		const spn_step *step = spn_plan_step(journal->inverses, i);
		for (size_t j = 0; j < step->n_mods && spk_dn_equal(step->dn, dn); j++)
			gives |= step->mods[j].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[j]) &&
					spk_fold_equal(step->mods[j].value, name, folding);
	}
	return gives;
}

spn_status spk_undo_spelling(spn_directory *dir, const struct spk_journal *journal, const spn_step *step,
		const char *dn, spn_bytes name, const struct spk_spellings *spellings, bool *present, char **ret_spelling,
		spn_error *err)
{
	spk_folding folding = spellings->folding;
	SPK_AUTO(spn_entry) *entry = NULL;
	const spn_entry *noted = NULL;
	*ret_spelling = NULL;
	spn_status status = spk_notes_of(&journal->notes, step->dn, &noted, err);
	bool was_there = count_spellings(noted, name, folding) > 0;
	bool is_respelled = !*present && !was_there && spellings->may_be_new && strncasecmp(name.data, "HOST/", 5) == 0;
	bool may_be_last = *present && was_there;
	if (status || !(is_respelled || may_be_last) || gives_spelling(journal, step->dn, name, folding))
		return status;
	status = spk_names_read(dir, dn, &entry, err);
	if (status)
		return status;
	if (may_be_last)
		*present = count_spellings(entry, name, folding) > spellings->n_planned + 1;
	const spn_bytes *stored = is_respelled ? spk_stored_value(entry, SPK_SPN, name) : NULL;
	*ret_spelling = stored ? strdup(stored->data) : NULL;
	return stored && !*ret_spelling ? spk_nomem(err) : SPN_OK;
}

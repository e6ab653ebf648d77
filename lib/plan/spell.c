/* SPDX-License-Identifier: MIT */
#include "spell.h"

#include "values.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/entry.h"
#include "model/fold.h"

/* Whether the directory may spell the value of a change differently.  A member is an entry, not a spelling. */
static bool may_be_respelled(const spn_mod *mod)
{
	return mod->op == SPN_MOD_DELETE && !spk_ascii_equal(mod->attr, "member");
}

/* The value that Samba deletes: of several spellings of a name the first one, whichever is asked for.  mods: those
 * before it in the request, with what they delete. */
static const spn_bytes *first_left(const spn_entry *entry, spn_bytes value, const spn_mod *mods, size_t n_mods)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, SPK_SPN, &values);
	for (size_t i = 0; i < n; i++) {
		bool is_left = spk_fold_equal(values[i], value, spk_entry_folding(entry));
		for (size_t j = 0; is_left && j < n_mods; j++)
			is_left = mods[j].value.data != values[i].data;
		if (is_left)
			return &values[i];
	}
	return NULL;
}

spn_status spk_spell_as_stored(
		spn_directory *dir, const spn_step *step, spn_mod *mods, spn_entry **ret_entry, spn_error *err)
{
	SPK_AUTOFREE const char **attrs = calloc(step->n_mods + 1, sizeof *attrs);
	size_t n = 0;
	if (!attrs)
		return spk_nomem(err);
	for (size_t i = 0; i < step->n_mods; i++) {
		mods[i] = step->mods[i];
		if (may_be_respelled(&mods[i]))
			attrs[n++] = mods[i].attr;
	}
	spn_dialect rules = SPN_DIALECT_WINDOWS;
	spn_status status = n ? spk_values_read(dir, step->dn, attrs, ret_entry, err) : SPN_OK;
	if (!status && n)
		status = spk_directory_rules(dir, &rules, err);
	if (!status && rules == SPN_DIALECT_SAMBA)
		status = spk_check_twins(step, *ret_entry, err);
	for (size_t i = 0; !status && i < step->n_mods; i++) {
		if (!may_be_respelled(&mods[i]))
			continue;
		bool is_spn = spk_mod_is_spn(&mods[i]);
		const spn_bytes *stored = is_spn && rules == SPN_DIALECT_SAMBA ? first_left(*ret_entry, mods[i].value, mods, i) :
				spk_stored_value(*ret_entry, mods[i].attr, mods[i].value);
		if (stored)
			mods[i].value = *stored;
		else if (spk_mod_is_spn(&mods[i]))
			status = spk_fail_missing(step, &mods[i], err);
	}
	return status;
}

/* SPDX-License-Identifier: MIT */
#include "values.h"

#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"

/* Whether what a change wants is so already. */
struct wanted {
	const spn_mod *mod;
	bool present;
};

static spn_status look_for_value(const spn_entry *entry, void *data, spn_error *err)
{
	struct wanted *wanted = data;
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, wanted->mod->attr, &values);
	for (size_t i = 0; i < n; i++)
		wanted->present |= spk_bytes_equal(values[i], wanted->mod->value);
	(void)err;
	return SPN_OK;
}

static spn_status note_found(const spn_entry *entry, void *data, spn_error *err)
{
	(void)entry;
	(void)err;
	((struct wanted *)data)->present = true;
	return SPN_OK;
}

spn_status spk_mod_is_present(spn_directory *dir, const char *dn, const spn_mod *mod, bool *ret_present, spn_error *err)
{
	bool is_spn = spk_ascii_equal(mod->attr, SPK_SPN);
	const char *const attrs[] = { is_spn ? SPK_SPN : "objectClass", NULL };
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = mod->attr, .value = mod->value };
	/* of a group, not all members are fetched: the directory compares */
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .filter = is_spn ? NULL : &filter, .attrs = attrs };
	struct wanted wanted = { .mod = mod };
	spn_status status = spn_directory_search(dir, &search, is_spn ? look_for_value : note_found, &wanted, err);
	if (!status)
		*ret_present = wanted.present;
	return status;
}

/* Whether two changes are about one value, as a directory compares them. */
static bool is_about_same(const spn_mod *a, const spn_mod *b)
{
	return spk_mod_is_same_value(a, b) || (!spk_mod_is_spn(a) && spk_ascii_equal(a->attr, b->attr) &&
			spk_fold_equal(a->value, b->value, SPK_FOLD_WINDOWS));
}

/* What the first n changes of a step leave of a value; ret_known stays as it is if they are not about it. */
static void look_through(const spn_step *step, size_t n, const spn_mod *mod, bool *ret_known, bool *ret_present)
{
	for (size_t i = 0; i < n; i++)
		if (is_about_same(&step->mods[i], mod)) {
			*ret_known = true;
			*ret_present = step->mods[i].op == SPN_MOD_ADD;
		}
}

spn_status spk_mod_is_present_behind(spn_directory *dir, const spn_plan *plan, const spn_step *step, size_t n,
		const spn_mod *mod, bool *ret_present, spn_error *err)
{
	bool known = false;
	size_t i = SIZE_MAX;
	*ret_present = false;
	if (plan && !spk_plan_first_of(plan, step->dn, &i))
		return spk_nomem(err);
	for (; i != SIZE_MAX; i = spk_plan_next_of(plan, i)) {
		const spn_step *before = spn_plan_step(plan, i);
		look_through(before, before->n_mods, mod, &known, ret_present);
	}
	look_through(step, n, mod, &known, ret_present);
	return known ? SPN_OK : spk_mod_is_present(dir, step->dn, mod, ret_present, err);
}

static spn_status copy_entry(const spn_entry *entry, void *data, spn_error *err)
{
	return *(spn_entry **)data ? SPN_OK : spk_entry_copy(entry, data, err);
}

spn_status spk_values_read(spn_directory *dir, const char *dn, const char *const *attrs, spn_entry **ret_entry, spn_error *err)
{
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	spn_status status = spn_directory_search(dir, &search, copy_entry, ret_entry, err);
	if (!status && !*ret_entry)
		status = spn_fail(err, SPN_ERR_NOT_FOUND, 0, "the entry '%s' does not exist or cannot be read", dn);
	return status;
}

spn_status spk_names_read(spn_directory *dir, const char *dn, spn_entry **ret_entry, spn_error *err)
{
	static const char *const attrs[] = { SPK_SPN, NULL };
	return spk_values_read(dir, dn, attrs, ret_entry, err);
}

const spn_bytes *spk_stored_value(const spn_entry *entry, const char *attr, spn_bytes value)
{
	const spn_bytes *values, *found = NULL;
	size_t n = spn_entry_values(entry, attr, &values);
	for (size_t i = 0; i < n; i++) {
		if (spk_bytes_equal(values[i], value))
			return &values[i];
		if (!found && spk_fold_equal(values[i], value, spk_entry_folding(entry)))
			found = &values[i];
	}
	return found;
}

/* How many of the values before one, or of all (n), a directory takes for equal to it. */
static size_t count_equal(const spn_bytes *values, size_t n, spn_bytes value, spk_folding folding)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += spk_fold_equal(values[i], value, folding);
	return count;
}

static size_t count_deleted(const spn_step *step, spn_bytes value, spk_folding folding)
{
	size_t count = 0;
	for (size_t i = 0; i < step->n_mods; i++)
		count += step->mods[i].op == SPN_MOD_DELETE && spk_mod_is_spn(&step->mods[i]) &&
				spk_fold_equal(step->mods[i].value, value, folding);
	return count;
}

spn_status spk_check_twins(const spn_step *step, const spn_entry *entry, spn_error *err)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, SPK_SPN, &values);
	spk_folding folding = spk_entry_folding(entry);
	for (size_t i = 0; i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		size_t at = 0;
		if (mod->op != SPN_MOD_DELETE || !spk_mod_is_spn(mod) || !spk_has_nul(mod->value))
			continue;
		while (at < n && !spk_bytes_equal(values[at], mod->value))
			at++;
		if (at < n && count_equal(values, at, mod->value, folding) >= count_deleted(step, mod->value, folding))
			return spn_fail(err, SPN_ERR_REFUSED, 0, "'%s' of '%s' cannot be deleted by itself: it is in several values that differ "
					"behind a NUL alone, and the directory would delete another one of them; delete all of them (spnkit "
					"delete '%s')", mod->value.data, step->dn, mod->value.data);
	}
	return SPN_OK;
}

spn_status spk_fail_missing(const spn_step *step, const spn_mod *mod, spn_error *err)
{
	return spn_fail(err, spk_mod_is_spn(mod) ? SPN_ERR_REFUSED : SPN_ERR_NOT_FOUND, 0, "'%s' no longer has '%s', which the plan expects",
			step->dn, mod->value.data);
}

spn_status spk_fail_present(const spn_step *step, const spn_mod *mod, spn_error *err)
{
	return spn_fail(err, SPN_ERR_EXISTS, 0, "'%s' of '%s' has the value already: %s", mod->attr, step->dn, mod->value.data);
}

/* SPDX-License-Identifier: MIT */
#include "values.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/keys.h"
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

spn_status spk_values_read(
		spn_directory *dir, const char *dn, const char *const *attrs, spn_entry **ret_entry, spn_error *err)
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

/* Of each name, as a directory compares: how many values of it a step deletes. */
struct deleted {
	spk_keys keys, exact; /* exact: values with a NUL, byte by byte */
	size_t *n;            /* of each key, those that are not found yet */
	spk_text scratch;
};

static void clear_deleted(struct deleted *deleted)
{
	spk_keys_free(&deleted->keys);
	spk_keys_free(&deleted->exact);
	free(deleted->n);
	spk_text_free(&deleted->scratch);
}
#define AUTODELETED __attribute__((cleanup(clear_deleted)))

static spn_bytes key_of(struct deleted *deleted, spn_bytes value, spk_folding folding)
{
	spk_text_clear(&deleted->scratch);
	spk_fold_key(value, folding, &deleted->scratch);
	return (spn_bytes){ deleted->scratch.data, deleted->scratch.len };
}

static bool note_deleted(struct deleted *deleted, const spn_step *step, spk_folding folding)
{
	deleted->n = calloc(step->n_mods + 1, sizeof *deleted->n);
	for (size_t i = 0; deleted->n && i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		if (mod->op != SPN_MOD_DELETE || !spk_mod_is_spn(mod))
			continue;
		spn_bytes key = key_of(deleted, mod->value, folding);
		size_t at = deleted->scratch.failed ? SIZE_MAX : spk_keys_add(&deleted->keys, key);
		if (at == SIZE_MAX || (spk_has_nul(mod->value) && spk_keys_add(&deleted->exact, mod->value) == SIZE_MAX))
			return false;
		deleted->n[at]++;
	}
	return deleted->n;
}

spn_status spk_check_twins(const spn_step *step, const spn_entry *entry, spn_error *err)
{
	AUTODELETED struct deleted deleted = { .n = NULL };
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, SPK_SPN, &values);
	if (!note_deleted(&deleted, step, spk_entry_folding(entry)))
		return spk_nomem(err);
	for (size_t i = 0; deleted.exact.n > 0 && i < n; i++) {
		spn_bytes key = key_of(&deleted, values[i], spk_entry_folding(entry));
		if (deleted.scratch.failed)
			return spk_nomem(err);
		size_t at = spk_keys_find(&deleted.keys, key);
		if (at == SIZE_MAX || (deleted.n[at] > 0 && deleted.n[at]--))
			continue; /* no name of the step, or one that goes */
		if (spk_keys_find(&deleted.exact, values[i]) != SIZE_MAX)
			return spn_fail(err, SPN_ERR_REFUSED, 0,
					"'%s' of '%s' cannot be deleted by itself: it is in several values that differ "
					"behind a NUL alone, and the directory would delete another one of them; "
					"delete all of them in one step",
					values[i].data, step->dn);
	}
	return SPN_OK;
}

spn_status spk_fail_missing(const spn_step *step, const spn_mod *mod, spn_error *err)
{
	return spn_fail(err, spk_mod_is_spn(mod) ? SPN_ERR_REFUSED : SPN_ERR_NOT_FOUND, 0,
			"'%s' no longer has '%s', which the plan expects", step->dn, mod->value.data);
}

spn_status spk_fail_present(const spn_step *step, const spn_mod *mod, spn_error *err)
{
	return spn_fail(err, SPN_ERR_EXISTS, 0, "'%s' of '%s' has the value already: %s", mod->attr, step->dn,
			mod->value.data);
}

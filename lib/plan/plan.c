/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "index.h"
#include "secret.h"
#include "account/roll.h"
#include "base/error.h"
#include "base/options.h"
#include "base/keys.h"
#include "model/dn.h"
#include "model/entry.h"

struct spn_plan {
	spn_step *steps;
	size_t n, size;
	unsigned allowed; /* SPN_UNSURE, ... */
	spk_plan_index index;
};

spn_status spn_plan_new(spn_plan **ret_plan, spn_error *err)
{
	if (!ret_plan)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_new: the result pointer is NULL");
	spn_plan *plan = calloc(1, sizeof *plan);
	if (!plan)
		return spk_nomem(err);
	*ret_plan = plan;
	return SPN_OK;
}

static void drop(const void *owned)
{
	free((void *)(uintptr_t)owned);
}

static void clear_mod(const spn_mod *mod)
{
	drop(mod->attr);
	drop(mod->value.data);
}

static void clear_step(spn_step *step)
{
	for (size_t i = 0; i < step->n_mods; i++)
		clear_mod(&step->mods[i]);
	drop(step->mods);
	drop(step->dn);
	drop(step->account);
	drop(step->reason);
}

void spk_plan_truncate(spn_plan *plan, size_t n)
{
	while (plan->n > n) {
		spk_plan_index_drop(&plan->index, --plan->n);
		clear_step(&plan->steps[plan->n]);
	}
}

void spk_plan_remove(spn_plan *plan, size_t i)
{
	spk_plan_index_remove(&plan->index, i, plan->n);
	clear_step(&plan->steps[i]);
	memmove(&plan->steps[i], &plan->steps[i + 1], (plan->n - i - 1) * sizeof *plan->steps);
	plan->n--;
}

void spk_plan_remove_mod(spn_plan *plan, size_t i, size_t j)
{
	spn_step *step = &plan->steps[i];
	spn_mod *mod = (spn_mod *)(uintptr_t)&step->mods[j];
	if (step->n_mods == 1) {
		spk_plan_remove(plan, i);
		return;
	}
	clear_mod(mod);
	memmove(mod, mod + 1, (step->n_mods - j - 1) * sizeof *mod);
	step->n_mods--;
}

spn_plan *spn_plan_free(spn_plan *plan)
{
	if (plan) {
		spk_plan_index_free(&plan->index);
		while (plan->n > 0)
			clear_step(&plan->steps[--plan->n]);
		free(plan->steps);
		free(plan);
	}
	return NULL;
}

static char *copy_value(spn_bytes value)
{
	char *copy = malloc(value.len + 1);
	if (copy) {
		memcpy(copy, value.data, value.len);
		copy[value.len] = '\0';
	}
	return copy;
}

/* What was copied before memory ran out is in ret, for clear_step. */
static bool copy_step(const spn_step *from, spn_step *ret)
{
	spn_mod *mods = calloc(from->n_mods, sizeof *mods);
	*ret = (spn_step){ .mods = mods, .flags = from->flags, .dn = strdup(from->dn),
		.account = strdup(from->account ? from->account : ""), .reason = strdup(from->reason ? from->reason : "") };
	if (!mods || !ret->dn || !ret->reason || !ret->account)
		return false;
	for (; ret->n_mods < from->n_mods; ret->n_mods++) {
		const spn_mod *mod = &from->mods[ret->n_mods];
		mods[ret->n_mods] = (spn_mod){ .op = mod->op, .attr = strdup(mod->attr),
			.value = { copy_value(mod->value), mod->value.len } };
		if (!mods[ret->n_mods].attr || !mods[ret->n_mods].value.data) {
			ret->n_mods++;
			return false;
		}
	}
	return true;
}

spn_status spk_flags_check(const char *call, unsigned flags, unsigned allowed, spn_error *err)
{
	unsigned unknown = flags & ~allowed;
	return unknown ? spn_fail(err, SPN_ERR_INVALID, 0, "%s: flags 0x%x are not supported by this call", call,
					 unknown) :
			 SPN_OK;
}

spn_status spn_plan_append(spn_plan *plan, const spn_step *step, spn_error *err)
{
	if (!plan || !step || !step->dn || !step->mods || step->n_mods == 0)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_append: an argument is NULL, or the step changes nothing");
	spn_status status = spk_version_check("spn_step", step->version, SPN_STEP_VERSION, err);
	if (!status)
		status = spk_flags_check("spn_plan_append", step->flags, SPN_OPTIONAL | SPN_TAKEOVER | SPN_GIVES_BACK |
			SPN_FOREST | SPN_DUPLICATE,
			err);
	if (status)
		return status;
	for (size_t i = 0; i < step->n_mods; i++)
		if (!step->mods[i].attr || !spk_attr_is_valid(step->mods[i].attr) || !step->mods[i].value.data)
			return spn_fail(err, SPN_ERR_INVALID, 0, "change %zu of '%s' has no value, or no attribute name", i + 1,
					step->dn);
	for (size_t i = 0; i < step->n_mods; i++)
		if (spk_attr_is_secret(step->mods[i].attr))
			return spn_fail(err, SPN_ERR_REFUSED, 0,
					"'%s' of '%s': a plan does not change passwords or keys, nor attributes given "
					"by "
					"number",
					step->mods[i].attr, step->dn);
	if (plan->n == plan->size) {
		size_t size = plan->size ? plan->size * 2 : 4;
		spn_step *grown = realloc(plan->steps, size * sizeof *grown);
		if (!grown)
			return spk_nomem(err);
		plan->steps = grown;
		plan->size = size;
	}
	status = copy_step(step, &plan->steps[plan->n]) ? SPN_OK : spk_nomem(err);
	if (!status)
		status = spk_plan_index_add(&plan->index, &plan->steps[plan->n], plan->n, err);
	if (status)
		clear_step(&plan->steps[plan->n]);
	plan->n += !status;
	return status;
}

spn_status spk_plan_list_names(spn_plan *plan, spk_folding folding, spn_error *err)
{
	spn_status status = SPN_OK;
	if (plan->index.is_listed[folding])
		return SPN_OK;
	plan->index.is_listed[folding] = true;
	for (size_t i = 0; !status && i < plan->n; i++)
		status = spk_plan_index_list(&plan->index, folding, &plan->steps[i], i, err);
	return status;
}

spn_status spk_plan_copy_listed(const spn_plan *plan, spk_folding folding, spn_plan **ret_copy, spn_error *err)
{
	SPK_AUTO(spn_plan) *copy = NULL;
	spn_status status = spn_plan_new(&copy, err);
	if (!status)
		status = spk_plan_list_names(copy, folding, err);
	if (!status)
		status = spk_plan_list_names(copy, SPK_FOLD_EITHER, err);
	for (size_t i = 0; !status && i < plan->n; i++)
		status = spn_plan_append(copy, &plan->steps[i], err);
	if (status)
		return status;
	copy->allowed = plan->allowed;
	*ret_copy = copy;
	copy = NULL;
	return SPN_OK;
}

bool spk_plan_first_of(const spn_plan *plan, const char *dn, size_t *ret_i)
{
	return spk_plan_index_first(&plan->index, dn, ret_i);
}

size_t spk_plan_next_of(const spn_plan *plan, size_t i)
{
	return spk_plan_index_next(&plan->index, i);
}

bool spk_plan_lists_names(const spn_plan *plan, spk_folding folding)
{
	return plan->index.is_listed[folding];
}

const spk_line *spk_plan_first_adding(const spn_plan *plan, spn_bytes name, spk_folding folding)
{
	return spk_roll_find(&plan->index.names[folding], name);
}

spn_status spn_plan_allow(spn_plan *plan, unsigned flags, spn_error *err)
{
	if (!plan)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_allow: the plan is NULL");
	spn_status status = spk_flags_check("spn_plan_allow", flags, SPN_UNSURE | SPN_NO_WAY_BACK | SPN_ANY_ATTRIBUTE, err);
	if (!status)
		spk_plan_allow(plan, flags);
	return status;
}

void spk_plan_allow(spn_plan *plan, unsigned flags)
{
	plan->allowed |= flags;
}

bool spk_plan_allows(const spn_plan *plan, unsigned flag)
{
	return plan->allowed & flag;
}

size_t spn_plan_count(const spn_plan *plan)
{
	return plan->n;
}

const spn_step *spn_plan_step(const spn_plan *plan, size_t i)
{
	return i < plan->n ? &plan->steps[i] : NULL;
}

const spn_step *spk_plan_goal(const spn_plan *plan, size_t i, spn_bytes name)
{
	if (spk_plan_lists_names(plan, SPK_FOLD_EITHER)) {
		const spk_line *line = spk_plan_first_adding(plan, name, SPK_FOLD_EITHER);
		while (line && line->account <= i)
			line = line->next;
		return line ? &plan->steps[line->account] : NULL;
	}
	for (size_t k = i + 1; k < plan->n; k++) {
		const spn_step *step = &plan->steps[k];
		for (size_t j = 0; j < step->n_mods; j++)
			if (step->mods[j].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[j]) &&
					spk_fold_equal(step->mods[j].value, name, SPK_FOLD_EITHER))
				return step;
	}
	return NULL;
}

/* Gives a step its flag if it removes a name that the steps behind it do not add; then its own additions are known,
 * too. */
static bool keep_names(spn_step *step, spk_keys *added, spk_text *key)
{
	static const spn_mod_op ops[] = { SPN_MOD_DELETE, SPN_MOD_ADD };
	for (size_t j = 0; j < 2 * step->n_mods; j++) {
		const spn_mod *mod = &step->mods[j % step->n_mods];
		if (mod->op != ops[j / step->n_mods] || !spk_mod_is_spn(mod))
			continue;
		spk_text_clear(key);
		spk_fold_key(mod->value, SPK_FOLD_EITHER, key);
		const spn_bytes folded = { key->data, key->len };
		if (key->failed || (mod->op == SPN_MOD_ADD && spk_keys_add(added, folded) == SIZE_MAX))
			return false;
		if (mod->op == SPN_MOD_DELETE && spk_keys_find(added, folded) == SIZE_MAX)
			step->flags |= SPN_DUPLICATE;
	}
	return true;
}

spn_status spk_plan_keep_names(spn_plan *plan, size_t from, spn_error *err)
{
	SPK_AUTOKEYS spk_keys added = { 0 };
	SPK_AUTOTEXT spk_text key = { 0 };
	bool ok = true;
	for (size_t i = plan->n; ok && i-- > from;)
		ok = keep_names(&plan->steps[i], &added, &key);
	return ok ? SPN_OK : spk_nomem(err);
}

const char *spn_step_flag_name(unsigned flag, const char **ret_meaning)
{
	const char *meaning = NULL, *name = NULL;
	switch (flag) {
	case SPN_OPTIONAL:
		name = "optional";
		meaning = "if it fails, the other steps are carried out all the same";
		break;
	case SPN_TAKEOVER:
		name = "takeover";
		meaning = "even if another account serves the name today";
		break;
	case SPN_GIVES_BACK:
		name = "gives-back";
		meaning = "brings back what an earlier step takes away for a while";
		break;
	case SPN_FOREST:
		name = "forest";
		meaning = "only if no account of the whole forest holds the name";
		break;
	case SPN_DUPLICATE:
		name = "duplicate";
		meaning = "only if another account holds each name too, or a later step adds it";
		break;
	default:
		break;
	}
	if (ret_meaning)
		*ret_meaning = meaning;
	return name;
}

const char *spn_step_state_name(spn_step_state state)
{
	switch (state) {
	case SPN_STEP_PLANNED: return "planned";
	case SPN_STEP_DONE: return "done";
	case SPN_STEP_FAILED: return "failed";
	case SPN_STEP_UNDONE: return "undone";
	}
	return "unknown";
}

spn_status spk_plan_append_values(spn_plan *plan, const spn_account *account, spn_mod_op op, const char *attr,
		const spn_bytes *values, size_t n_values, unsigned flags, const char *reason, spn_error *err)
{
	SPK_AUTOFREE spn_mod *mods = calloc(n_values ? n_values : 1, sizeof *mods);
	if (!mods)
		return spk_nomem(err);
	for (size_t i = 0; i < n_values; i++)
		mods[i] = (spn_mod){ .op = op, .attr = attr, .value = values[i] };
	const spn_step step = { .dn = spn_account_dn(account), .account = spn_account_name(account), .mods = mods,
		.n_mods = n_values, .reason = reason, .flags = flags };
	return spn_plan_append(plan, &step, err);
}

bool spk_mod_is_same_value(const spn_mod *a, const spn_mod *b)
{
	return spk_ascii_equal(a->attr, b->attr) && (spk_bytes_equal(a->value, b->value) ||
			(spk_ascii_equal(a->attr, "member") && spk_dn_equal_bytes(a->value, b->value)));
}

/* The values of one attribute while changes are made to it. */
struct values {
	spn_bytes *list;
	size_t n;
	bool *gone;    /* of each */
	spk_roll roll; /* the place of each */
};

static void clear_values(struct values *values)
{
	free(values->list);
	free(values->gone);
	spk_roll_free(&values->roll);
}

/* Those of an entry, with room for more. */
static spn_status read_values(const spn_entry *entry, const char *attr, size_t more, struct values *ret, spn_error *err)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, attr, &values);
	*ret = (struct values){ .list = calloc(n + more, sizeof *ret->list), .gone = calloc(n + more, sizeof *ret->gone),
		.roll = { .folding = spk_entry_folding(entry) } };
	spn_status status = ret->list && ret->gone ? SPN_OK : spk_nomem(err);
	for (; !status && ret->n < n; ret->n++) {
		ret->list[ret->n] = values[ret->n];
		status = spk_roll_add(&ret->roll, ret->n, values[ret->n], err);
	}
	return status;
}

/* The place of a value, in its own spelling if that is there, else in any; SIZE_MAX if it is not there. */
static size_t find_value(struct values *values, spn_bytes value)
{
	size_t found = SIZE_MAX;
	for (const spk_line *line = spk_roll_find(&values->roll, value); line; line = line->next) {
		if (!values->gone[line->account] && spk_bytes_equal(line->value, value))
			return line->account;
		if (!values->gone[line->account] && found == SIZE_MAX)
			found = line->account;
	}
	return found;
}

/* Whether the value at a place keeps one from being added: Samba stores the spellings of a name side by side. */
static bool is_in_the_way(const struct values *values, size_t at, const spn_mod *added)
{
	bool are_side_by_side = values->roll.folding == SPK_FOLD_SAMBA && spk_mod_is_spn(added);
	return at != SIZE_MAX && (!are_side_by_side || spk_bytes_equal(values->list[at], added->value));
}

/* Changes of an entry, those of several steps too. */
struct changes {
	const spn_mod **list;
	size_t n;
	bool *done; /* of each */
};

static void clear_changes(struct changes *changes)
{
	free(changes->list);
	free(changes->done);
}

static spn_status make_changes(size_t n, struct changes *ret, spn_error *err)
{
	*ret = (struct changes){ .list = calloc(n + 1, sizeof *ret->list), .done = calloc(n + 1, sizeof *ret->done) };
	return ret->list && ret->done ? SPN_OK : spk_nomem(err);
}

/* The changes of one attribute, from the first one of it on; each of them is marked as done. */
static spn_status project_attribute(struct changes *changes, size_t first, spn_entry *entry, spn_error *err)
{
	__attribute__((cleanup(clear_values))) struct values values = { .n = 0 };
	const char *attr = changes->list[first]->attr;
	spn_status status = read_values(entry, attr, changes->n - first, &values, err);
	size_t n_before = values.n;
	for (size_t i = first; !status && i < changes->n; i++) {
		const spn_mod *mod = changes->list[i];
		if (changes->done[i] || !spk_ascii_equal(mod->attr, attr))
			continue;
		changes->done[i] = true;
		size_t at = find_value(&values, mod->value);
		if (mod->op == SPN_MOD_ADD && !is_in_the_way(&values, at, mod)) {
			values.list[values.n] = mod->value;
			status = spk_roll_add(&values.roll, values.n++, mod->value, err);
		} else if (mod->op == SPN_MOD_DELETE && at != SIZE_MAX) {
			values.gone[at] = true;
		}
	}
	if (!status && n_before)
		spk_entry_drop(entry, attr, values.gone);
	for (size_t i = n_before; !status && i < values.n; i++)
		status = values.gone[i] ? SPN_OK : spn_entry_add(entry, attr, values.list[i], err);
	return status;
}

static spn_status project(struct changes *changes, spn_entry *entry, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < changes->n; i++)
		if (!changes->done[i])
			status = project_attribute(changes, i, entry, err);
	return status;
}

spn_status spk_step_project(const spn_step *step, size_t n, spn_entry *entry, spn_error *err)
{
	__attribute__((cleanup(clear_changes))) struct changes changes = { .n = 0 };
	spn_status status = make_changes(n, &changes, err);
	for (; !status && changes.n < n; changes.n++)
		changes.list[changes.n] = &step->mods[changes.n];
	return status ? status : project(&changes, entry, err);
}

spn_status spk_step_find_misfit(const spn_step *step, const spn_entry *entry, size_t *ret_at, spn_error *err)
{
	__attribute__((cleanup(clear_values))) struct values values = { .n = 0 };
	spn_status status = read_values(entry, SPK_SPN, step->n_mods, &values, err);
	size_t i = 0, n_before = values.n;
	for (; !status && i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		if (!spk_mod_is_spn(mod))
			continue;
		size_t at = find_value(&values, mod->value);
		bool fits = mod->op == SPN_MOD_ADD ? !is_in_the_way(&values, at, mod) : at < n_before;
		if (!fits)
			break;
		if (mod->op == SPN_MOD_DELETE) {
			values.gone[at] = true;
		} else {
			values.list[values.n] = mod->value;
			status = spk_roll_add(&values.roll, values.n++, mod->value, err);
		}
	}
	*ret_at = i;
	return status;
}

/* All steps at once: one after the other, each would go over all values of the entry. */
spn_status spk_plan_project(const spn_plan *plan, spn_entry *entry, spn_error *err)
{
	__attribute__((cleanup(clear_changes))) struct changes changes = { .n = 0 };
	size_t first, n = 0;
	if (!spk_plan_first_of(plan, spn_entry_dn(entry), &first))
		return spk_nomem(err);
	for (size_t i = first; i != SIZE_MAX; i = spk_plan_next_of(plan, i))
		n += plan->steps[i].n_mods;
	spn_status status = make_changes(n, &changes, err);
	for (size_t i = first; !status && i != SIZE_MAX; i = spk_plan_next_of(plan, i))
		for (size_t j = 0; j < plan->steps[i].n_mods; j++)
			changes.list[changes.n++] = &plan->steps[i].mods[j];
	return status ? status : project(&changes, entry, err);
}

spn_status spk_plan_project_account(const spn_plan *plan, spn_account *account, spn_error *err)
{
	spn_status status = spk_plan_project(plan, account->entry, err);
	spk_account_look(account);
	return status;
}

/* The inverse of an inverse says so, instead of saying the same twice. */
static char *inverse_reason(const char *reason)
{
	static const char back[] = "takes back: ", again[] = "does again: ";
	if (!*reason)
		return strdup("takes back a change");
	if (strncmp(reason, back, sizeof back - 1) == 0)
		return spk_printf("%s%s", again, reason + sizeof back - 1);
	return spk_printf("%s%s", back, strncmp(reason, again, sizeof again - 1) == 0 ? reason + sizeof again - 1 : reason);
}

spn_status spk_step_invert(const spn_step *step, spn_plan *inverse, spn_error *err)
{
	SPK_AUTOFREE spn_mod *mods = calloc(step->n_mods, sizeof *mods);
	SPK_AUTOFREE char *reason = inverse_reason(step->reason);
	if (!mods || !reason)
		return spk_nomem(err);
	for (size_t i = 0; i < step->n_mods; i++) {
		mods[i] = step->mods[step->n_mods - 1 - i];
		mods[i].op = mods[i].op == SPN_MOD_ADD ? SPN_MOD_DELETE : SPN_MOD_ADD;
	}
	const spn_step back = { .dn = step->dn, .account = step->account, .mods = mods, .n_mods = step->n_mods,
		.reason = reason, .flags = (step->flags & SPN_OPTIONAL) | SPN_TAKEOVER };
	return spn_plan_append(inverse, &back, err);
}

/* SPDX-License-Identifier: MIT */
#include "rights.h"

#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "base/error.h"
#include "directory/directory.h"
#include "holders.h"
#include "mapping.h"
#include "model/dn.h"

/* What we may write, by property, on one object; and a number that every controller gives, if it gives such things at all
 * ([MS-ADTS] 3.1.1.4.5.7, 3.1.1.4.5.4). */
#define MAY_WRITE "allowedAttributesEffective"
#define TELLS_RIGHTS "sDRightsEffective"

static const char *const attrs[] = { MAY_WRITE, TELLS_RIGHTS, "objectSid", NULL };

struct check {
	spn_directory *dir;
	const char *from; /* the account that names are taken from first: if it is not ours, nothing has happened yet */
	spk_names seen;   /* DNs of accounts that were looked at */
};

static bool has_value(const spn_entry *entry, const char *attr, spn_bytes wanted)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, attr, &values);
	for (size_t i = 0; i < n; i++)
		if (values[i].len == wanted.len && memcmp(values[i].data, wanted.data, wanted.len) == 0)
			return true;
	return false;
}

struct self {
	spn_bytes sid;
	bool is_ours;
};

static spn_status compare_sid(const spn_entry *entry, void *data, spn_error *err)
{
	(void)err;
	struct self *self = data;
	self->is_ours = has_value(entry, "tokenGroups", self->sid);
	return SPN_OK;
}

/* An account may write names of its own, but has no right of the property for that ("validated write"). */
static spn_status is_ourself(spn_directory *dir, const spn_entry *entry, bool *ret_is, spn_error *err)
{
	static const char *const groups[] = { "tokenGroups", NULL };
	const spn_search search = { .base = "", .scope = SPN_SCOPE_BASE, .attrs = groups };
	const spn_bytes *sid;
	struct self self = { .is_ours = false };
	if (spn_entry_values(entry, "objectSid", &sid) == 0)
		return SPN_OK;
	self.sid = *sid;
	spn_status status = spn_directory_search(dir, &search, compare_sid, &self, err);
	*ret_is = self.is_ours;
	return status;
}

static spn_status check_entry(const spn_entry *entry, void *data, spn_error *err)
{
	struct check *check = data;
	bool ours = false;
	spn_status status = spk_names_add(&check->seen, spn_entry_dn(entry), err);
	if (status)
		return status;
	if (spn_entry_values(entry, TELLS_RIGHTS, NULL) == 0 || has_value(entry, MAY_WRITE, spk_bytes(SPK_SPN)) ||
			spk_dn_equal(spn_entry_dn(entry), check->from))
		return SPN_OK;
	status = is_ourself(check->dir, entry, &ours, err);
	if (status || ours)
		return status;
	return spn_fail(err, SPN_ERR_DENIED, 0, "we may not write the names of '%s', so what is taken from '%s' could perhaps not "
			"even be put back: nothing was changed", spn_entry_dn(entry), check->from);
}

static bool is_of_names(const spn_step *step, spn_mod_op op)
{
	for (size_t i = 0; i < step->n_mods; i++)
		if (step->mods[i].op == op && spk_ascii_equal(step->mods[i].attr, SPK_SPN))
			return true;
	return false;
}

/* The names for which a HOST/ name stands in, among those that a step takes away. */
static spn_status add_targets(const spk_mapping *mapping, const spn_step *step, spk_names *targets, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < step->n_mods; i++) {
		SPK_AUTOTEXT spk_text target = { 0 };
		const spn_mod *mod = &step->mods[i];
		if (mod->op != SPN_MOD_DELETE || !spk_ascii_equal(mod->attr, SPK_SPN) ||
				!spk_mapping_target(mapping, mod->value.data, &target))
			continue;
		status = target.failed ? spk_nomem(err) : SPN_OK;
		if (!status && !spk_names_contain(targets, target.data, SPK_FOLD_CASE))
			status = spk_names_add(targets, target.data, err);
	}
	return status;
}

/* Those whose HOST/ stands for the names. */
static spn_status check_holders(struct check *check, const spk_names *targets, spn_error *err)
{
	if (targets->n == 0)
		return SPN_OK;
	SPK_AUTOFREE spn_filter *filters = calloc(targets->n, sizeof *filters);
	SPK_AUTOFREE const spn_filter **parts = calloc(targets->n + 1, sizeof *parts);
	const char *base;
	if (!filters || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < targets->n; i++) {
		filters[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = SPK_SPN, .value = spk_bytes(targets->list[i]) };
		parts[i] = &filters[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	spn_status status = spk_directory_context(check->dir, "defaultNamingContext", &base, err);
	const spn_search search = { .base = base, .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = attrs };
	return status || !base ? status : spn_directory_search(check->dir, &search, check_entry, check, err);
}

/* Whether a step may fail once names are gone.  One that may fail by itself stops nothing. */
static bool counts(const spn_step *step)
{
	return !(step->flags & SPN_OPTIONAL) && (is_of_names(step, SPN_MOD_ADD) || is_of_names(step, SPN_MOD_DELETE));
}

static spn_status check_accounts(struct check *check, const spn_plan *plan, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		const spn_search search = { .base = step->dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
		bool again = !counts(step) || spk_dn_equal(step->dn, check->from);
		for (size_t j = 0; j < check->seen.n && !again; j++)
			again = spk_dn_equal(step->dn, check->seen.list[j]);
		if (!again)
			status = spn_directory_search(check->dir, &search, check_entry, check, err);
		if (status == SPN_ERR_NOT_FOUND) /* the step itself will say so */
			status = SPN_OK;
	}
	return status;
}

/* Whether there are steps after one that takes names away, and from whom the first does. */
static bool is_at_risk(const spn_plan *plan, const char **ret_from)
{
	size_t n = 0;
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		if (!counts(step))
			continue;
		n++;
		if (!*ret_from && is_of_names(step, SPN_MOD_DELETE))
			*ret_from = step->dn;
	}
	return *ret_from && n > 1;
}

spn_status spk_rights_check(spn_directory *dir, const spn_plan *plan, spn_error *err)
{
	struct check check = { .dir = dir };
	SPK_AUTONAMES spk_names targets = { 0 };
	spk_live_mapping live = { 0 };
	if (!is_at_risk(plan, &check.from))
		return SPN_OK;
	spn_status status = spk_mapping_load(dir, &live, err);
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++)
		if (counts(spn_plan_step(plan, i)))
			status = add_targets(&live.mapping, spn_plan_step(plan, i), &targets, err);
	spk_mapping_free(&live);
	if (!status)
		status = check_holders(&check, &targets, err);
	if (!status)
		status = check_accounts(&check, plan, err);
	spk_names_free(&check.seen);
	return status;
}

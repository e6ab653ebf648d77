/* SPDX-License-Identifier: MIT */
#include "rights.h"

#include <stdlib.h>
#include <string.h>

#include "holders.h"
#include "account/account.h"
#include "account/mapping.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "rights/rights.h"

/* What we may write, by property, on one object; and a number that every controller gives, if it gives such things at
 * all
 * ([MS-ADTS] 3.1.1.4.5.7, 3.1.1.4.5.4). */
#define MAY_WRITE "allowedAttributesEffective"
#define TELLS_RIGHTS "sDRightsEffective"

static const char *const attrs[] = { MAY_WRITE, TELLS_RIGHTS, "objectSid", "objectClass", NULL };

struct check {
	spn_directory *dir;
	const char *from;  /* the account that names are taken from first */
	bool is_server;    /* something with rights, as opposed to a file */
	bool is_ad;        /* a domain controller, which has something to reveal */
	bool tells;        /* rights, as it does of that account */
	bool only_deletes; /* what is missing is needed for the way back only */
	spk_keys seen;     /* DNs of accounts that were looked at */
};

static bool has_value(const spn_entry *entry, const char *attr, spn_bytes wanted)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, attr, &values);
	for (size_t i = 0; i < n; i++)
		if (spk_bytes_equal(values[i], wanted))
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

/* A computer may write names of its own, but has no right of the property for that ("validated write"); a user may not.
 */
static spn_status is_ours(spn_directory *dir, const spn_entry *entry, bool *ret_ours, spn_error *err)
{
	*ret_ours = has_value(entry, MAY_WRITE, spk_bytes(SPK_SPN));
	bool by_itself = !*ret_ours && has_value(entry, "objectClass", spk_bytes("computer"));
	return by_itself ? is_ourself(dir, entry, ret_ours, err) : SPN_OK;
}

/* Appends who has the right that we lack, for behind what says so; "" if that is not known. */
static spn_status add_others(spn_directory *dir, const char *dn, spk_text *text, spn_error *err)
{
	SPK_AUTOTEXT spk_text who = { 0 };
	spn_status status = spk_rights_put_writers(dir, dn, &who, err);
	spk_text_add(text, "%s%s%s", who.len ? " (held by: " : "", who.len ? who.data : "", who.len ? ")" : "");
	return !status && text->failed ? spk_nomem(err) : status;
}

/* A server that reveals rights may keep silent about an entry on which the caller has none, as Samba 4.22 does. */
static spn_status check_entry(const spn_entry *entry, void *data, spn_error *err)
{
	struct check *check = data;
	const char *dn = spn_entry_dn(entry);
	bool ours = false;
	spn_status status = spk_dns_add(&check->seen, dn) == SIZE_MAX ? spk_nomem(err) : SPN_OK;
	if (status || spk_dn_equal(dn, check->from) || (!check->tells && spn_entry_values(entry, TELLS_RIGHTS, NULL) == 0))
		return status;
	status = is_ours(check->dir, entry, &ours, err);
	if (status || ours)
		return status;
	SPK_AUTOTEXT spk_text others = { 0 };
	status = add_others(check->dir, dn, &others, err);
	if (status)
		return status;
	if (check->only_deletes)
		return spn_fail(err, SPN_ERR_NO_WAY_BACK, 0,
				"names removed from '%s' could not be put back: that takes permission to write "
				"servicePrincipalName of '%s'%s, too, whose HOST/ covers them. Nothing was changed",
				check->from, dn, others.data);
	return spn_fail(err, SPN_ERR_DENIED, 0,
			"no permission to write servicePrincipalName of '%s'%s: names removed from '%s' might not "
			"be restorable. Nothing was changed",
			dn, others.data, check->from);
}

static bool is_of_names(const spn_step *step, spn_mod_op op)
{
	for (size_t i = 0; i < step->n_mods; i++)
		if (step->mods[i].op == op && spk_ascii_equal(step->mods[i].attr, SPK_SPN))
			return true;
	return false;
}

/* The names for which a HOST/ name stands in, among those that a step takes away. */
static spn_status add_targets(
		const spk_mapping *mapping, const spn_step *step, spk_keys *seen, spk_names *targets, spn_error *err)
{
	spn_status status = SPN_OK;
	SPK_AUTOTEXT spk_text key = { 0 };
	for (size_t i = 0; !status && i < step->n_mods; i++) {
		SPK_AUTOTEXT spk_text target = { 0 };
		const spn_mod *mod = &step->mods[i];
		if (mod->op != SPN_MOD_DELETE || !spk_ascii_equal(mod->attr, SPK_SPN) ||
				!spk_mapping_target(mapping, mod->value.data, &target))
			continue;
		spk_text_clear(&key);
		if (!target.failed)
			spk_fold_key(spk_bytes(target.data), SPK_FOLD_CASE, &key);
		size_t n_seen = seen->n;
		if (target.failed || key.failed || spk_keys_add(seen, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
			return spk_nomem(err);
		if (seen->n > n_seen)
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
		bool again = false;
		if (!counts(step) || spk_dn_equal(step->dn, check->from))
			continue;
		if (!spk_dns_contain(&check->seen, step->dn, &again))
			return spk_nomem(err);
		if (!again)
			status = spk_directory_onwards(
					check->dir, spn_directory_search(check->dir, &search, check_entry, check, err));
	}
	return status;
}

/* What a plan does with names. */
struct outline {
	const char *from; /* the account that loses some first; NULL: none does */
	size_t n_steps;   /* those that count */
	bool adds;
};

static struct outline outline_of(const spn_plan *plan)
{
	struct outline outline = { .from = NULL };
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		if (!counts(step))
			continue;
		outline.n_steps++;
		outline.adds |= is_of_names(step, SPN_MOD_ADD);
		if (!outline.from && is_of_names(step, SPN_MOD_DELETE))
			outline.from = step->dn;
	}
	return outline;
}

/* What is known of the account that names are taken from first. */
struct first {
	struct check *check;
	bool seen, ours;
};

static spn_status look_at_first(const spn_entry *entry, void *data, spn_error *err)
{
	struct first *first = data;
	struct check *check = first->check;
	first->seen = true;
	check->tells = spn_entry_values(entry, TELLS_RIGHTS, NULL) > 0;
	first->ours = !check->tells && !check->is_server;
	return first->ours ? SPN_OK : is_ours(check->dir, entry, &first->ours, err);
}

/* ret_settled: there is nothing else to ask.  A single step that is refused has changed nothing, and says best itself
 * why. */
static spn_status check_first(
		struct check *check, const spn_plan *plan, size_t n_steps, bool *ret_settled, spn_error *err)
{
	struct first first = { .check = check };
	const spn_search search = { .base = check->from, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	spn_status status = spk_directory_onwards(
			check->dir, spn_directory_search(check->dir, &search, look_at_first, &first, err));
	bool is_gone = !first.seen && !spk_directory_is_looking(check->dir);
	*ret_settled = is_gone || (n_steps == 1 && !first.ours) || (!check->tells && spk_plan_allows(plan, SPN_UNSURE));
	if (status || *ret_settled || first.ours || !first.seen)
		return status;
	SPK_AUTOTEXT spk_text others = { 0 };
	if (check->tells)
		status = add_others(check->dir, check->from, &others, err);
	if (status)
		return status;
	if (check->tells)
		return spn_fail(err, SPN_ERR_DENIED, 0,
				"no permission to write servicePrincipalName of '%s'%s. Nothing was changed",
				check->from, others.data);
	return spn_fail(err, check->is_ad ? SPN_ERR_DENIED : SPN_ERR_NO_WAY_BACK, 0,
			"the server does not confirm that servicePrincipalName of '%s' may be written: names removed "
			"from it might not be restorable. Nothing was changed",
			check->from);
}

/* A file lets everybody write; its root DSE names no version of LDAP. */
static spn_status find_kind(struct check *check, spn_error *err)
{
	const spn_entry *root;
	spn_status status = spn_directory_root(check->dir, &root, err);
	check->is_server = !status && spn_entry_text(root, "supportedLDAPVersion");
	check->is_ad = !status && spn_entry_text(root, "domainControllerFunctionality");
	return status;
}

static spn_status find_targets(spn_directory *dir, const spn_plan *plan, spk_names *targets, spn_error *err)
{
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	SPK_AUTOKEYS spk_keys seen = { 0 };
	spn_status status = spk_mapping_load(dir, &live, err);
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++)
		if (counts(spn_plan_step(plan, i)))
			status = add_targets(&live.mapping, spn_plan_step(plan, i), &seen, targets, err);
	return status;
}

spn_status spk_rights_check(spn_directory *dir, const spn_plan *plan, spn_error *err)
{
	const struct outline outline = outline_of(plan);
	struct check check = { .dir = dir, .from = outline.from, .only_deletes = !outline.adds };
	SPK_AUTONAMES spk_names targets = { 0 };
	bool settled = false, asks_holders = outline.adds || !spk_plan_allows(plan, SPN_NO_WAY_BACK);
	if (!outline.from)
		return SPN_OK;
	spn_status status = asks_holders ? find_targets(dir, plan, &targets, err) : SPN_OK;
	if (status || (outline.n_steps == 1 && targets.n == 0))
		return status;
	status = find_kind(&check, err);
	if (!status)
		status = check_first(&check, plan, outline.n_steps, &settled, err);
	if (!status && !settled)
		status = spk_directory_onwards(dir, check_holders(&check, &targets, err));
	if (!status && !settled)
		status = check_accounts(&check, plan, err);
	spk_keys_free(&check.seen);
	return status;
}

static bool lists(const spn_entry *entry, const char *attr)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, MAY_WRITE, &values);
	for (size_t i = 0; i < n; i++)
		if (spk_ascii_equal(values[i].data, attr))
			return true;
	return false;
}

/* One step, and who asks. */
struct request {
	spn_directory *dir;
	const spn_step *step;
	bool itself;
};

static spn_status look_at_member(const spn_entry *entry, void *data, spn_error *err)
{
	struct request *request = data;
	return is_ourself(request->dir, entry, &request->itself, err);
}

/* A right of validated write, of which the server tells nothing: an account's own names, and joining or leaving a group
 * oneself
 * ([MS-ADTS] 3.1.1.5.3.1.1). */
static spn_status is_validated(
		struct request *request, const spn_entry *entry, const spn_mod *mod, bool *ret_is, spn_error *err)
{
	const spn_search search = { .base = mod->value.data, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	*ret_is = spk_mod_is_spn(mod) && has_value(entry, "objectClass", spk_bytes("computer"));
	if (*ret_is || !spk_ascii_equal(mod->attr, "member"))
		return SPN_OK;
	request->itself = false;
	spn_status status = spn_directory_search(request->dir, &search, look_at_member, request, NULL);
	*ret_is = request->itself;
	return status == SPN_ERR_NOMEM ? spk_nomem(err) : SPN_OK;
}

static spn_status check_writable(const spn_entry *entry, void *data, spn_error *err)
{
	struct request *request = data;
	const spn_step *step = request->step;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < step->n_mods; i++) {
		bool may = lists(entry, step->mods[i].attr);
		if (!may)
			status = is_validated(request, entry, &step->mods[i], &may, err);
		SPK_AUTOTEXT spk_text others = { 0 };
		if (!status && !may && spk_mod_is_spn(&step->mods[i]))
			status = add_others(request->dir, step->dn, &others, err);
		if (!status && !may)
			status = spn_fail(err, SPN_ERR_DENIED, 0, "no permission to write '%s' of '%s'%s", step->mods[i].attr, step->dn,
					others.len ? others.data : "");
	}
	return status;
}

spn_status spk_rights_check_step(spn_directory *dir, const spn_step *step, spn_error *err)
{
	struct check check = { .dir = dir };
	struct request request = { .dir = dir, .step = step };
	const spn_search search = { .base = step->dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	spn_status status = find_kind(&check, err);
	return status || !check.is_ad ? status : spn_directory_search(dir, &search, check_writable, &request, err);
}

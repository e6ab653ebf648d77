/* SPDX-License-Identifier: MIT */
#include "propose.h"

#include <string.h>

#include "account/domain.h"
#include "account/hosts.h"
#include "account/near.h"
#include "account/proof.h"
#include "base/error.h"
#include "check/posing.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"

spn_status spk_account_after(const spn_plan *plan, spn_directory *dir, const char *text, spn_account **ret_account,
		spn_error *err)
{
	SPK_AUTO(spn_account) *account = NULL;
	spn_status status = spk_account_find_only(dir, text, &account, err);
	if (!status)
		status = spk_plan_project_account(plan, account, err);
	if (status)
		return status;
	*ret_account = account;
	account = NULL;
	return SPN_OK;
}

static spn_status check_arguments(const char *call, const spn_plan *plan, const spn_directory *dir, const char *account,
		const char *const *spns, size_t n_spns, spn_error *err)
{
	if (!plan || !dir || !account || !spns || n_spns == 0)
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s: an argument is NULL, or no name is given", call);
	for (size_t i = 0; i < n_spns; i++)
		if (!spns[i] || !*spns[i])
			return spn_fail(err, SPN_ERR_SYNTAX, 0, "name %zu is empty", i + 1);
	return SPN_OK;
}

/* The names that are to be added: well-formed, each once, and not on the account yet. */
static spn_status collect_missing(const spn_account *account, const char *const *spns, size_t n_spns,
		const spk_teller *to, spk_names *ret_missing, spn_error *err)
{
	SPK_AUTOROLL spk_roll held = { 0 }, listed = { .folding = spk_entry_folding(account->entry) };
	spn_status status = spk_roll_of_account(account, &held, err);
	for (size_t i = 0; !status && i < n_spns; i++) {
		spn_name name;
		status = spn_name_parse(spns[i], &name, err);
		if (status || spk_roll_find(&listed, spk_bytes(spns[i])))
			continue;
		const char *stored = spk_roll_spelling(&held, spns[i]);
		if (!stored)
			status = spk_names_add(ret_missing, spns[i], err);
		else
			status = spk_tell(to, err, "present", SPN_SEVERITY_OK, spns[i], account, NULL,
					"'%s' is on '%s' already%s%s%s", spns[i], spk_account_label(account),
					strcmp(stored, spns[i]) ? ", as '" : "", strcmp(stored, spns[i]) ? stored : "",
					strcmp(stored, spns[i]) ? "'" : "");
		if (!status && !stored)
			status = spk_roll_add(&listed, i, spk_bytes(spns[i]), err);
	}
	return status;
}

/* Names, as many together as have some thousand aliases, and who holds those. */
struct covered {
	size_t first, end;
	size_t *n_aliases; /* up to each of the names from first on */
	spk_names aliases;
	spk_accounts holders;
	spk_roll roll;
};

static void clear_covered(struct covered *covered)
{
	free(covered->n_aliases);
	spk_names_free(&covered->aliases);
	spk_accounts_free(&covered->holders);
	spk_roll_free(&covered->roll);
}
#define AUTOCOVERED __attribute__((cleanup(clear_covered)))

static spn_status find_covered(struct covered *covered, spn_plan *plan, spn_directory *dir, const spk_mapping *mapping,
		const spn_account *account, const spk_names *names, spn_error *err)
{
	enum { TOGETHER = 10000 };
	covered->n_aliases = calloc(names->n - covered->first, sizeof *covered->n_aliases);
	spn_status status = covered->n_aliases ? SPN_OK : spk_nomem(err);
	for (size_t i = covered->first; !status && i < names->n && covered->aliases.n < TOGETHER; i++) {
		status = spk_mapping_aliases(mapping, names->list[i], spk_names_collect, &covered->aliases, err);
		covered->n_aliases[i - covered->first] = covered->aliases.n;
		covered->end = i + 1;
	}
	if (!status && covered->aliases.n)
		status = spk_rivals(dir, plan, spn_account_dn(account), (const char *const *)covered->aliases.list,
				covered->aliases.n,
				false, &covered->holders, err);
	return status ? status : spk_roll_of_accounts(&covered->holders, &covered->roll, err);
}

/* Explicit aliases of the names (http/x for HOST/x) on other accounts, and what follows from them. */
static spn_status tell_alias_conflicts(spn_plan *plan, spn_directory *dir, const spk_mapping *mapping,
		const spn_account *account, const spk_names *names, const spk_teller *to, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t first = 0; !status && to->fn && first < names->n;) {
		AUTOCOVERED struct covered covered = { .first = first };
		status = find_covered(&covered, plan, dir, mapping, account, names, err);
		for (size_t i = 0, name = first; !status && i < covered.aliases.n; i++) {
			const char *stored;
			while (i >= covered.n_aliases[name - first])
				name++;
			const spn_account *holder = spk_holder_on(&covered.roll, &covered.holders, covered.aliases.list[i],
					spn_account_dn(account),
					&stored);
			if (holder)
				status = spk_tell(to, err, "alias-conflict", SPN_SEVERITY_WARNING, stored, holder, NULL,
						"'%s' stays with '%s': an explicit name comes before '%s'", stored, spn_account_dn(holder), names->list[name]);
		}
		first = covered.end;
	}
	return status;
}

static spn_status append_names(spn_plan *plan, const spn_account *account, const spk_names *names, unsigned flags,
		const char *reason, spn_error *err)
{
	SPK_AUTOFREE spn_bytes *values = calloc(names->n, sizeof *values);
	if (!values)
		return spk_nomem(err);
	for (size_t i = 0; i < names->n; i++)
		values[i] = spk_bytes(names->list[i]);
	return spk_plan_append_values(plan, account, SPN_MOD_ADD, SPK_SPN, values, names->n, flags, reason, err);
}

spn_status spk_propose_tell_disabled(const spk_teller *to, const spn_account *account, spn_error *err)
{
	return spn_account_enabled(account) ?
			SPN_OK :
			spk_tell(to, err, "disabled-account", SPN_SEVERITY_WARNING, NULL, account, NULL,
					"'%s' is disabled: nobody can log on to run a service as it", spk_account_label(account));
}

spn_status spk_propose_add_to(spn_plan *plan, spn_directory *dir, const spn_account *account, const char *const *spns,
		size_t n_spns, unsigned flags, const char *reason, const spk_teller *to, spn_error *err)
{
	SPK_AUTONAMES spk_names missing = { 0 };
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	spn_status status = collect_missing(account, spns, n_spns, to, &missing, err);
	if (status || missing.n == 0)
		return status;
	status = spk_mapping_load(dir, &live, err);
	if (!status)
		status = spk_check_unique(dir, plan, &live.mapping, spn_account_dn(account),
				(const char *const *)missing.list, missing.n, flags, err);
	if (!status)
		status = spk_check_by_cn(dir, spn_account_dn(account), (const char *const *)missing.list, missing.n, NULL, err);
	if (!status)
		status = spk_propose_tell_disabled(to, account, err);
	for (size_t i = 0; !status && i < missing.n; i++)
		status = spk_posing_tell(to, account, spk_bytes(missing.list[i]), NULL, err);
	if (!status)
		status = tell_alias_conflicts(plan, dir, &live.mapping, account, &missing, to, err);
	if (status)
		return status;
	return append_names(plan, account, &missing, flags, reason, err);
}

/* Values as they are stored, with all that is in them; lent. */
struct stored {
	spn_bytes *list;
	size_t n;
};

/* Every stored spelling of a name, from its line on; the directory may hold several. */
static spn_status collect_stored(const spn_account *account, const char *name, const spk_line *line,
		const spk_teller *to, struct stored *stored, spn_error *err)
{
	spn_status status = SPN_OK;
	for (const spk_line *first = line; !status && line; line = line->more) {
		stored->list[stored->n++] = line->value;
		if (line != first)
			status = spk_tell(to, err, "case-variant", SPN_SEVERITY_NOTICE, line->value.data, account, NULL,
					"'%s' is on '%s' in more than one spelling: each is taken away", name, spk_account_label(account));
	}
	return status;
}

/* A name that is not where the caller looks for it: say where it is. */
static spn_status fail_absent(const spn_plan *plan, spn_directory *dir, const spn_account *account, const char *name,
		spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
	spn_status status = spk_holders(dir, plan, &name, 1, false, &holders, err);
	if (status)
		return status;
	const spn_account *holder = spk_holder_of(&holders, name, NULL, NULL);
	SPK_AUTOTEXT spk_text question = { 0 };
	if (!holder)
		spk_near_names(account, name, &question);
	return spn_fail(err, SPN_ERR_NOT_FOUND, 0, "'%s' is not on '%s'%s%s%s%s", name, spn_account_dn(account),
			holder ? ": '" : " nor on any other account", holder ? spn_account_dn(holder) : "",
			holder ? "' holds it" : "", question.len && !question.failed ? question.data : "");
}

spn_status spk_propose_delete_from(spn_plan *plan, spn_directory *dir, const spn_account *account,
		const char *const *spns, size_t n_spns, const char *reason, const spk_teller *to, spn_error *err)
{
	SPK_AUTOROLL spk_roll held = { 0 }, listed = { .folding = spk_entry_folding(account->entry) };
	SPK_AUTOFREE spn_bytes *values = calloc(spn_account_spns(account, NULL) + 1, sizeof *values);
	struct stored stored = { values, 0 };
	spn_status status = values ? spk_roll_of_account(account, &held, err) : spk_nomem(err);
	for (size_t i = 0; !status && i < n_spns; i++) {
		const spk_line *line = spk_roll_find(&held, spk_bytes(spns[i]));
		if (!line)
			return fail_absent(plan, dir, account, spns[i], err);
		if (spk_roll_find(&listed, spk_bytes(spns[i])))
			continue;
		status = collect_stored(account, spns[i], line, to, &stored, err);
		if (!status)
			status = spk_roll_add(&listed, i, spk_bytes(spns[i]), err);
	}
	return status ? status :
			spk_plan_append_values(plan, account, SPN_MOD_DELETE, SPK_SPN, values, stored.n, 0, reason, err);
}

spn_status spn_propose_add(spn_plan *plan, spn_directory *dir, const char *account, const char *const *spns,
		size_t n_spns, unsigned flags, spn_finding_fn *fn, void *data, spn_error *err)
{
	SPK_AUTO(spn_account) *found = NULL;
	spn_status status = check_arguments("spn_propose_add", plan, dir, account, spns, n_spns, err);
	if (!status)
		status = spk_flags_check("spn_propose_add", flags, SPN_TAKEOVER | SPN_FOREST, err);
	for (size_t i = 0; !status && i < n_spns; i++) /* a malformed name is refused before the network is asked */
		status = spn_name_parse(spns[i], &(spn_name){ .port = { NULL, 0 } }, err);
	if (!status)
		status = spk_account_after(plan, dir, account, &found, err);
	if (!status && !(flags & SPN_TAKEOVER))
		status = spk_refuse_served(dir, found, spns, n_spns, err);
	if (!status)
		status = spk_propose_add_to(plan, dir, found, spns, n_spns, flags,
				flags & SPN_TAKEOVER ? "registers names, taking over what an alias serves" : "registers names",
				&(spk_teller){ fn, data }, err);
	return status;
}

spn_status spn_propose_delete(spn_plan *plan, spn_directory *dir, const char *account, const char *const *spns,
		size_t n_spns, spn_finding_fn *fn, void *data, spn_error *err)
{
	SPK_AUTO(spn_account) *found = NULL;
	spn_status status = check_arguments("spn_propose_delete", plan, dir, account, spns, n_spns, err);
	if (!status)
		status = spk_account_after(plan, dir, account, &found, err);
	if (!status)
		status = spk_propose_delete_from(plan, dir, found, spns, n_spns, "unregisters names",
				&(spk_teller){ fn, data }, err);
	return status;
}

spn_status spn_propose_delete_present(spn_plan *plan, spn_directory *dir, const char *account, const char *const *spns,
		size_t n_spns, spn_finding_fn *fn, void *data, spn_error *err)
{
	SPK_AUTO(spn_account) *found = NULL;
	SPK_AUTOROLL spk_roll held = { 0 };
	const spk_teller to = { fn, data };
	size_t n_present = 0;
	spn_status status = check_arguments("spn_propose_delete_present", plan, dir, account, spns, n_spns, err);
	if (!status)
		status = spk_account_after(plan, dir, account, &found, err);
	if (!status)
		status = spk_roll_of_account(found, &held, err);
	SPK_AUTOFREE const char **present = calloc(n_spns + 1, sizeof *present);
	if (!present)
		return spk_nomem(err);
	for (size_t i = 0; !status && i < n_spns; i++) {
		if (spk_roll_find(&held, spk_bytes(spns[i])))
			present[n_present++] = spns[i];
		else
			status = spk_tell(&to, err, "absent", SPN_SEVERITY_OK, spns[i], found, NULL, "'%s' is not on '%s'", spns[i],
					spk_account_label(found));
	}
	if (!status && n_present)
		status = spk_propose_delete_from(plan, dir, found, present, n_present, "unregisters names", &to, err);
	return status;
}

/* What is to leave from: a name that is at the goal already, and not at the start, stays out of it. */
static spn_status collect_leaving(const spn_account *from, const spn_account *to, const char *const *spns,
		size_t n_spns, const spk_teller *teller, spk_names *ret_leaving, spn_error *err)
{
	SPK_AUTOROLL spk_roll at_start = { 0 }, at_goal = { 0 };
	spn_status status = spk_roll_of_account(from, &at_start, err);
	if (!status)
		status = spk_roll_of_account(to, &at_goal, err);
	for (size_t i = 0; !status && i < n_spns; i++)
		if (spk_roll_find(&at_start, spk_bytes(spns[i])) || !spk_roll_find(&at_goal, spk_bytes(spns[i])))
			status = spk_names_add(ret_leaving, spns[i], err);
		else
			status = spk_tell(teller, err, "present", SPN_SEVERITY_OK, spns[i], to, NULL, "'%s' is on '%s' already",
					spns[i], spk_account_label(to));
	return status;
}

/* A plan is carried out in one domain. */
static spn_status refuse_apart(const spn_account *from, const char *to, const char *domain, spn_error *err)
{
	SPK_AUTOTEXT spk_text own = { 0 };
	spk_dn_domain(spn_account_dn(from), &own);
	if (own.failed)
		return spk_nomem(err);
	return spn_fail(err, SPN_ERR_REFUSED, 0,
			"'%s' is in the domain '%s', and '%s' in '%s', but a plan is for one domain: delete the names "
			"from '%s' first, and then add them to '%s'",
			to, domain, spk_account_label(from), own.data, spk_account_label(from), to);
}

/* The name is served by its present holder, not by an alias: moving it takes over nothing. */
static spn_status move(spn_plan *plan, spn_directory *dir, const spn_account *from, const char *to_text,
		const char *const *spns, size_t n_spns, const spk_teller *teller, spn_error *err)
{
	SPK_AUTO(spn_account) *to = NULL;
	SPK_AUTONAMES spk_names leaving = { 0 };
	SPK_AUTOTEXT spk_text domain = { 0 };
	spn_status status = spk_account_after(plan, dir, to_text, &to, err);
	if (status == SPN_ERR_NOT_FOUND && spk_account_is_elsewhere(dir, to_text, &domain))
		return refuse_apart(from, to_text, domain.data, err);
	if (!status && strcmp(spn_account_dn(from), spn_account_dn(to)) == 0)
		return spn_fail(err, SPN_ERR_INVALID, 0, "'%s' and '%s' are the same account", spk_account_label(from), to_text);
	if (!status)
		status = collect_leaving(from, to, spns, n_spns, teller, &leaving, err);
	if (status || leaving.n == 0)
		return status;
	SPK_AUTOFREE char *away = spk_printf("moves names to '%s'", spk_account_label(to));
	SPK_AUTOFREE char *here = spk_printf("moves names from '%s'", spk_account_label(from));
	if (!away || !here)
		return spk_nomem(err);
	const char *const *names = (const char *const *)leaving.list;
	status = spk_propose_delete_from(plan, dir, from, names, leaving.n, away, teller, err);
	if (!status)
		status = spk_propose_add_to(plan, dir, to, names, leaving.n, SPN_TAKEOVER, here, teller, err);
	if (!status) /* of what is there already, too */
		status = spk_check_by_cn(dir, spn_account_dn(to), names, leaving.n, NULL, err);
	return status;
}

spn_status spn_propose_move(spn_plan *plan, spn_directory *dir, const char *from, const char *to,
		const char *const *spns, size_t n_spns, spn_finding_fn *fn, void *data, spn_error *err)
{
	SPK_AUTO(spn_account) *source = NULL;
	spn_status status = check_arguments("spn_propose_move", plan, dir, from, spns, n_spns, err);
	if (!status && !to)
		status = spn_fail(err, SPN_ERR_INVALID, 0, "spn_propose_move: an argument is NULL");
	if (status)
		return status;
	size_t before = spn_plan_count(plan);
	status = spk_account_after(plan, dir, from, &source, err);
	if (!status)
		status = move(plan, dir, source, to, spns, n_spns, &(spk_teller){ fn, data }, err);
	if (status)
		spk_plan_truncate(plan, before);
	return status;
}

/* The names of the hosts that Windows itself would register. */
static spn_status collect_defaults(
		spn_directory *dir, const spn_account *computer, spk_names *ret_names, spn_error *err)
{
	static const char *const classes[] = { "HOST", "RestrictedKrbHost" };
	SPK_AUTOHOSTS spk_hosts hosts = { .list = NULL };
	spn_status status = spk_hosts_found(dir, computer, &hosts, err);
	for (size_t c = 0; c < 2; c++)
		for (size_t i = 0; !status && i < hosts.n; i++) {
			if (!hosts.list[i].is_default)
				continue;
			SPK_AUTOFREE char *name = spk_printf("%s/%s", classes[c], hosts.list[i].name);
			status = name ? spk_names_add(ret_names, name, err) : spk_nomem(err);
		}
	return status;
}

/* An account, or a host name that is the computer's own: of a long one, the account has the first 15 characters only.
 */
static spn_status find_computer(spn_directory *dir, const char *text, spn_account **ret_account, spn_error *err)
{
	SPK_AUTO(spn_account) *by_host = NULL;
	spn_error why = { .status = SPN_OK };
	spn_status status = spn_account_find(dir, text, SPN_WANT_COMPUTER, ret_account, &why);
	if (status == SPN_ERR_NOT_FOUND && !strpbrk(text, "=@/\\") && !spk_computer_find(dir, text, false, &by_host, NULL) &&
			spk_account_claims_host(by_host, spk_bytes(text))) {
		*ret_account = by_host;
		by_host = NULL;
		return SPN_OK;
	}
	return status ? spk_fail_as(err, status, &why, "%s", why.message) : SPN_OK;
}

spn_status spn_propose_defaults(spn_plan *plan, spn_directory *dir, const char *computer, spn_finding_fn *fn,
		void *data, spn_error *err)
{
	if (!plan || !dir || !computer)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_propose_defaults: an argument is NULL");
	SPK_AUTO(spn_account) *found = NULL;
	SPK_AUTONAMES spk_names names = { 0 };
	spn_status status = find_computer(dir, computer, &found, err);
	if (!status && spk_account_is_remnant(found))
		status = spn_fail(err, SPN_ERR_REFUSED, 0,
				"'%s' was left over by a replication conflict, so it gets no names; delete it, or "
				"rename it, first",
				spn_account_dn(found));
	if (!status && !spk_account_has_host(found) && spk_entry_lacks_host(found->entry))
		status = spn_fail(err, SPN_ERR_REFUSED, 0,
				"no entry has a dNSHostName here, so the default names of '%s' are unknown: export dNSHostName and "
				"operatingSystem too",
				spk_account_label(found));
	if (!status && !spk_account_has_host(found))
		status = spn_fail(err, SPN_ERR_REFUSED, 0,
				"'%s' has neither dNSHostName nor operatingSystem: no machine is known to use it, "
				"so there are no default names for it",
				spk_account_label(found));
	if (!status)
		status = spk_plan_project_account(plan, found, err);
	if (!status)
		status = collect_defaults(dir, found, &names, err);
	const spk_teller to = { fn, data };
	if (!status)
		status = spk_propose_add_to(plan, dir, found, (const char *const *)names.list, names.n, 0,
				"restores the names that every computer has", &to, err);
	if (!status)
		status = spk_tell_served(dir, found, (const char *const *)names.list, names.n, &to, err);
	return status;
}

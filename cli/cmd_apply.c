/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <spnkit/backend.h>

#include "change.h"
#include "commands.h"
#include "connect.h"
#include "output.h"

static spn_status read_plan(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	const char *path = cli->argv[0];
	if (strcmp(path, "-") == 0)
		return spn_plan_read(stdin, "standard input", ret_plan, err);
	FILE *file = fopen(path, "re");
	if (!file)
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot read '%s': %s", path, strerror(errno));
	spn_status status = spn_plan_read(file, path, ret_plan, err);
	fclose(file);
	return status;
}

/* The plan says by its DNs which domain it is for.  One of two domains could be carried out, and undone, in part only.
 */
static spn_status go_to_domain(struct cli *cli, const spn_plan *plan, spn_error *err)
{
	const char *first = spn_plan_step(plan, 0)->dn;
	spn_status status = connect_follow(cli, first, err);
	for (size_t i = 1; !status && i < spn_plan_count(plan); i++) {
		const char *dn = spn_plan_step(plan, i)->dn;
		spn_directory *there = NULL;
		status = connect_account(cli, dn, &there, err);
		if (!status && there)
			status = spn_fail(err, SPN_ERR_REFUSED, 0,
					"step %zu is for '%s', which is in another domain (%s) than '%s' of step 1: "
					"nothing was changed; make a plan of its own for each domain",
					i + 1, dn, spn_directory_url(there), first);
		spn_directory_free(there);
	}
	return status;
}

static bool changes_names(const spn_step *step)
{
	for (size_t i = 0; i < step->n_mods; i++)
		if (strcasecmp(step->mods[i].attr, "servicePrincipalName") == 0)
			return true;
	return false;
}

static spn_status take_name(const spn_entry *entry, void *data, spn_error *err)
{
	const char *name = spn_entry_text(entry, "sAMAccountName");
	char **ret_name = data;
	*ret_name = strdup(name ? name : "");
	return *ret_name ? SPN_OK : spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
}

/* The same of any entry; "" if it is not there, which whoever carries the plan out will see. */
static spn_status append_called(struct cli *cli, const spn_step *step, spn_plan *plan, spn_error *err)
{
	static const char *const attrs[] = { "sAMAccountName", NULL };
	const spn_search search = { .base = step->dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	char *name = NULL;
	spn_step named = *step;
	spn_status status = spn_directory_search(cli->dir, &search, take_name, &name, err);
	named.account = name ? name : "";
	if (!status || status == SPN_ERR_NOT_FOUND)
		status = spn_plan_append(plan, &named, err);
	free(name);
	return status;
}

/* The account of a step is that of its entry, not what a comment of the plan says. */
static spn_status append_named(struct cli *cli, const spn_step *step, spn_plan *plan, spn_error *err)
{
	spn_account *account = NULL;
	spn_step named = *step;
	spn_status status = changes_names(step) ? spn_account_find(cli->dir, step->dn, SPN_WANT_ANY, &account, err) : SPN_OK;
	named.account = account ? spn_account_name(account) : "";
	if (!status)
		status = spn_plan_append(plan, &named, err);
	spn_account_free(account);
	return status;
}

static spn_status name_accounts(struct cli *cli, spn_plan **plan, spn_error *err)
{
	spn_plan *named = NULL;
	spn_status status = spn_plan_new(&named, err);
	for (size_t i = 0; !status && i < spn_plan_count(*plan); i++)
		status = cli->options.format == FORMAT_SETSPN ? append_named(cli, spn_plan_step(*plan, i), named, err) :
				append_called(cli, spn_plan_step(*plan, i), named, err);
	if (status) {
		spn_plan_free(named);
		return status;
	}
	spn_plan_free(*plan);
	*plan = named;
	return SPN_OK;
}

/* First of all: what spnkit itself does not change. */
static void tell_unusual(struct cli *cli, const spn_plan *plan)
{
	static const char *const usual[] = { "servicePrincipalName", "member", "msDS-SupportedEncryptionTypes" };
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; j < step->n_mods; j++) {
			bool known = false;
			for (size_t k = 0; k < sizeof usual / sizeof *usual; k++)
				known |= strcasecmp(step->mods[j].attr, usual[k]) == 0;
			if (!known)
				note(cli, "step %zu changes '%s' of '%s'%s", i + 1, step->mods[j].attr, step->dn,
						cli->options.any_attribute ? "" : "; that takes --any-attribute");
		}
	}
}

/* Of ldap/HOST, the domain of the account decides. */
static bool may_pose(const char *spn)
{
	return spn_account_poses_as(NULL, spn) || strncasecmp(spn, "ldap/", 5) == 0;
}

/* The account of a step is looked up only for a name that is right on few accounts. */
static void tell_posing(struct cli *cli, const spn_plan *plan)
{
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		spn_account *account = NULL;
		for (size_t j = 0; j < step->n_mods; j++) {
			const spn_mod *mod = &step->mods[j];
			if (mod->op != SPN_MOD_ADD || strcasecmp(mod->attr, "servicePrincipalName") != 0 ||
					!may_pose(mod->value.data))
				continue;
			/* what cannot be found is an error of the step */
			if (!account && spn_account_find(cli->dir, step->dn, SPN_WANT_ANY, &account, NULL))
				break;
			const char *as = spn_account_poses_as(account, mod->value.data);
			if (as)
				note(cli, "step %zu gives '%s' to '%s', which is not %s, but clients that are led to it will take it for one",
						i + 1, mod->value.data, step->dn, as);
		}
		spn_account_free(account);
	}
}

static spn_status make_plan(struct cli *cli, spn_plan **ret_plan, spn_error *err)
{
	spn_status status = read_plan(cli, ret_plan, err);
	if (!status && spn_plan_count(*ret_plan))
		status = go_to_domain(cli, *ret_plan, err);
	/* only what is written for others says more of an entry than its DN */
	if (!status && cli->options.format != FORMAT_TEXT)
		status = name_accounts(cli, ret_plan, err);
	if (status)
		return status;
	tell_unusual(cli, *ret_plan);
	tell_posing(cli, *ret_plan);
	return !cli->options.any_attribute ? SPN_OK : spn_plan_allow(*ret_plan, SPN_ANY_ATTRIBUTE, err);
}

static enum cli_exit run(struct cli *cli)
{
	return change_command(cli, make_plan);
}

const struct command cmd_apply = {
	.name = "apply",
	.args = "FILE",
	.summary = "Carry out a plan file, as --dry-run --format ldif writes it",
	.details = "\"-\" is standard input, and needs --yes. Whatever has changed since the plan was made stays as it is. "
		"With --dry-run, the exit code is 1 if there is something to change.",
	.example = "spnkit apply plan.ldif",
	.options = OPTIONS_APPLY,
	.connects = true,
	.changes = true,
	.tells_difference = true,
	.run = run,
};

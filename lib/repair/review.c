/* SPDX-License-Identifier: MIT */
/* review.c - what a person should know about a plan that somebody else wrote */
#include <strings.h>

#include <stdlib.h>

#include "account/finding.h"
#include "base/error.h"
#include "propose.h"

/* What no builder of the library changes. */
static spn_status tell_unusual(const spn_step *step, size_t i, const spk_teller *to, spn_error *err)
{
	static const char *const usual[] = { SPK_SPN, "member", "msDS-SupportedEncryptionTypes" };
	spn_status status = SPN_OK;
	for (size_t j = 0; !status && j < step->n_mods; j++) {
		bool is_known = false;
		for (size_t k = 0; k < sizeof usual / sizeof *usual; k++)
			is_known |= strcasecmp(step->mods[j].attr, usual[k]) == 0;
		if (!is_known)
			status = spk_tell(to, err, "other-attribute", SPN_SEVERITY_WARNING, NULL, NULL, NULL,
					"step %zu changes '%s' of '%s'", i + 1, step->mods[j].attr, step->dn);
	}
	return status;
}

/* Of ldap/HOST, the domain of the account decides. */
static bool may_pose(const spn_mod *mod)
{
	return mod->op == SPN_MOD_ADD && spk_mod_is_spn(mod) &&
			(spn_account_poses_as(NULL, mod->value.data) || strncasecmp(mod->value.data, "ldap/", 5) == 0);
}

/* The account is looked up only for a name that is right on few accounts.  What cannot be found is an error of the
 * step. */
static spn_status tell_posing(const spn_step *step, size_t i, spn_directory *dir, const spk_teller *to, spn_error *err)
{
	SPK_AUTO(spn_account) *account = NULL;
	spn_status status = SPN_OK;
	for (size_t j = 0; !status && j < step->n_mods; j++) {
		const char *name = step->mods[j].value.data;
		if (!may_pose(&step->mods[j]))
			continue;
		if (!account && spn_account_find(dir, step->dn, SPN_WANT_ANY, &account, NULL))
			return SPN_OK;
		const char *as = spn_account_poses_as(account, name);
		if (as)
			status = spk_tell(to, err, "impersonation", SPN_SEVERITY_WARNING, name, account, NULL,
					"step %zu gives '%s' to '%s', which is not %s, but clients that are led to it will take it for one", i + 1,
					name, step->dn, as);
	}
	return status;
}

static bool may_take_over(const spn_step *step, size_t j)
{
	spn_name name;
	return !(step->flags & SPN_TAKEOVER) && step->mods[j].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[j]) &&
			!spn_name_parse(step->mods[j].value.data, &name, NULL);
}

/* All names are looked up together. */
static spn_status tell_takeovers(const spn_plan *plan, spn_directory *dir, const spk_teller *to, spn_error *err)
{
	size_t n = 0, size = 1;
	for (size_t i = 0; i < spn_plan_count(plan); i++)
		size += spn_plan_step(plan, i)->n_mods;
	SPK_AUTOFREE const char **names = calloc(size, sizeof *names);
	SPK_AUTOFREE const char **dns = calloc(size, sizeof *dns);
	if (!names || !dns)
		return spk_nomem(err);
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; j < step->n_mods; j++)
			if (may_take_over(step, j)) {
				dns[n] = step->dn;
				names[n++] = step->mods[j].value.data;
			}
	}
	return spk_tell_served_of_plan(dir, dns, names, n, to, err);
}

spn_status spn_plan_review(const spn_plan *plan, spn_directory *dir, spn_finding_fn *fn, void *data, spn_error *err)
{
	const spk_teller to = { fn, data };
	spn_status status = SPN_OK;
	if (!plan || !dir || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_review: an argument is NULL");
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++)
		status = tell_unusual(spn_plan_step(plan, i), i, &to, err);
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++)
		status = tell_posing(spn_plan_step(plan, i), i, dir, &to, err);
	return status ? status : tell_takeovers(plan, dir, &to, err);
}

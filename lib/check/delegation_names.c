/* SPDX-License-Identifier: MIT */
/* Towards which names accounts may act, and whom those lead to. */
#include <stdio.h>
#include <stdlib.h>

#include "delegation_look.h"
#include "delegation_repair.h"
#include "resolve.h"
#include "account/finding.h"
#include "account/proof.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/entry.h"
#include "model/fold.h"

/* Without userAccountControl, nobody knows. */
static bool is_known(const spn_account *front)
{
	unsigned long control;
	return spk_account_control(front, &control);
}

static const char *as_whom(const spn_account *front)
{
	return spk_acts_as_any_user(front) ?
			"any user" :
			is_known(front) ?
			"the users who log on to it" :
			"the users who log on to it (or any user: its userAccountControl is not known)";
}

/* Where a name leads, however many list it: to nobody, to one account, or to several. */
struct goal {
	spn_match match;
	size_t target; /* the place of the first account in those that were kept, and one; 0: there is none */
	size_t n_targets;
	bool is_asked; /* the question is about one of them */
};

/* A name that an account lists. */
struct lead {
	const spn_account *front;
	const char *name;
	bool is_asked; /* the question is about this name or its front */
	size_t goal; /* SIZE_MAX: no account can hold such a name */
};

/* Those of all accounts. */
struct spk_leads {
	spk_look *look;
	struct lead *list;
	size_t n;
	spk_keys keys; /* of the names that can be looked up */
	const char **names; /* these, each once, and where they lead */
	struct goal *goals;
	spk_accounts targets; /* each once */
	spk_keys target_dns;  /* of these */
};

void spk_leads_free(struct spk_leads *leads)
{
	if (!leads)
		return;
	free(leads->list);
	spk_keys_free(&leads->keys);
	free(leads->names);
	free(leads->goals);
	spk_accounts_free(&leads->targets);
	spk_keys_free(&leads->target_dns);
	free(leads);
}

static const struct goal nowhere = { .match = SPN_MATCH_NONE };

static const struct goal *goal_of(const struct spk_leads *leads, const struct lead *lead)
{
	return lead->goal == SIZE_MAX ? &nowhere : &leads->goals[lead->goal];
}

static const spn_account *target_of(const struct spk_leads *leads, const struct goal *goal)
{
	return goal->target ? leads->targets.list[goal->target - 1] : NULL;
}

static spn_status tell_towards(const spk_look *look, const struct lead *lead, const spn_account *target,
		const char *more, spn_error *err)
{
	const char *front = spk_account_label(lead->front), *holder = spk_account_label(target), *s = *more ? "" : "s";
	bool is_worst = spk_account_is_controller(target);
	if (!spk_acts_as_any_user(lead->front))
		return spk_look_tell(look, "delegation",
				look->is_brief || is_known(lead->front) ? SPN_SEVERITY_OK : SPN_SEVERITY_NOTICE,
				lead->name, lead->front, target, err,
				"'%s' may act as %s towards '%s'%s, which lead%s to '%s', and with that towards every "
				"service of '%s'",
				front, as_whom(lead->front), lead->name, more, s, holder, holder);
	return spk_look_tell(look, "wide-delegation", is_worst ? SPN_SEVERITY_BROKEN : SPN_SEVERITY_WARNING, lead->name,
			lead->front, target, err,
			"'%s' may act as any user towards '%s'%s, which lead%s to '%s', and with that towards every "
			"service of '%s'",
			front, lead->name, more, s, holder, holder);
}

/* An export may lack the account that holds the name.  An audit, which reports several names in one finding, shows no
 * commands. */
static spn_status tell_ghost(const spk_look *look, const struct lead *lead, const char *more, spn_error *err)
{
	bool is_file = spk_directory_may_lack(look->dir), is_wide = spk_acts_as_any_user(lead->front);
	spn_severity live = is_wide ? SPN_SEVERITY_BROKEN : SPN_SEVERITY_WARNING;
	const spn_account_ref ref = spk_account_ref(lead->front);
	SPK_AUTOSTEPS spk_repair_steps steps = { .n = 0 };
	SPK_AUTOFREE char *text = spk_printf(
			"'%s' may act as %s towards '%s'%s, which no account%s holds: it will be able to do so towards "
			"whatever account is given %s; if nobody needs %s from " SPK_DELEGATES_TO,
			spk_account_label(lead->front), as_whom(lead->front), lead->name, more,
			is_file ? " in this file" : "", *more ? "one of these names" : "that name",
			*more ? "them, delete them" : "it, delete it");
	if (!text)
		return spk_nomem(err);
	spk_make_printable(text);
	spn_finding finding = { .code = "ghost-delegation",
		.severity = is_file ? SPN_SEVERITY_NOTICE : live,
		.spn = lead->name,
		.accounts = &ref,
		.n_accounts = 1,
		.text = text };
	spn_status status = look->is_brief ?
			SPN_OK :
			spk_delegation_steps_add(&steps, 1, "take the name from the list, if nobody needs it",
					lead->front, spk_bytes(lead->name), look->dir, err);
	finding.steps = steps.list;
	finding.n_steps = steps.n;
	return status ? status : spk_tell_finding(&look->to, &finding, err);
}

static spn_status tell_lead(const struct spk_leads *leads, const struct lead *lead, size_t n_more, spn_error *err)
{
	const spk_look *look = leads->look;
	const struct goal *goal = goal_of(leads, lead);
	const spn_account *target = target_of(leads, goal);
	char more[48] = "";
	if (n_more > 0)
		snprintf(more, sizeof more, " and %zu more", n_more);
	if (goal->match == SPN_MATCH_NONE)
		return tell_ghost(look, lead, more, err);
	if (goal->n_targets > 1)
		return spk_look_tell(look, "delegation", SPN_SEVERITY_OK, lead->name, lead->front, NULL, err,
				"'%s' may act as %s towards '%s', which several accounts hold, so that it gets no "
				"ticket for it",
				spk_account_label(lead->front), as_whom(lead->front), lead->name);
	return target ? tell_towards(look, lead, target, more, err) :
			SPN_OK; /* the KDC's own name, whose account cannot be seen */
}

/* What names of one list that say the same have in common, as that of a short and of a long name of a host mostly:
 * where they lead.  NULL: to several accounts, so each is reported on its own. */
static const char *sense_of(const struct spk_leads *leads, const struct lead *lead)
{
	const struct goal *goal = goal_of(leads, lead);
	const spn_account *target = target_of(leads, goal);
	return goal->match == SPN_MATCH_NONE ? "" : goal->n_targets == 1 && target ? spn_account_dn(target) : NULL;
}

/* The names of one account, at n places of the list: those that say the same are reported once, at the first. */
static spn_status tell_brief(const struct spk_leads *leads, const struct lead *list, size_t n, spn_error *err)
{
	SPK_AUTOKEYS spk_keys senses = { 0 };
	SPK_AUTOFREE size_t *counts = calloc(n, sizeof *counts);
	SPK_AUTOFREE size_t *numbers = calloc(n, sizeof *numbers);
	if (!counts || !numbers)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		const char *sense = sense_of(leads, &list[i]);
		numbers[i] = sense ? spk_keys_add(&senses, spk_bytes(sense)) : n;
		if (numbers[i] == SIZE_MAX)
			return spk_nomem(err);
		if (sense)
			counts[numbers[i]]++;
	}
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++) {
		size_t same = numbers[i] < n ? counts[numbers[i]] : 1;
		if (same && list[i].is_asked)
			status = tell_lead(leads, &list[i], same - 1, err);
		if (numbers[i] < n)
			counts[numbers[i]] = 0;
	}
	return status;
}

static spn_status take_answer(size_t i, const spk_answer *answer, void *data, spn_error *err)
{
	struct spk_leads *leads = data;
	struct goal *goal = &leads->goals[i];
	*goal = (struct goal){ .match = answer->match, .n_targets = answer->n_accounts };
	for (size_t j = 0; !goal->is_asked && j < answer->n_accounts; j++)
		goal->is_asked = spk_look_is_about(leads->look, answer->accounts[j]);
	if (!answer->n_accounts)
		return SPN_OK;
	size_t at = spk_dns_add(&leads->target_dns, spn_account_dn(answer->accounts[0]));
	if (at == SIZE_MAX)
		return spk_nomem(err);
	goal->target = at + 1;
	return at < leads->targets.n ? SPN_OK : spk_accounts_add(&leads->targets, answer->accounts[0]->entry, err);
}

/* One more name that an account lists. */
static spn_status add_lead(struct spk_leads *leads, const spn_account *front, spn_bytes name, spn_error *err)
{
	const spk_look *look = leads->look;
	spn_name parts;
	size_t n = leads->keys.n, goal = SIZE_MAX;
	/* the KDC compares the whole name, without case */
	bool is_named = look->name && spk_fold_equal(name, spk_bytes(look->name), SPK_FOLD_CASE);
	if (!spn_name_parse(name.data, &parts, NULL)) {
		goal = spk_keys_add(&leads->keys, name);
		if (goal == SIZE_MAX)
			return spk_nomem(err);
		leads->names[goal] = goal == n ? name.data : leads->names[goal];
	}
	leads->list[leads->n++] = (struct lead){
		.front = front, .name = name.data, .is_asked = is_named || spk_look_is_about(look, front), .goal = goal
	};
	return SPN_OK;
}

static spn_status take_referred(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

spn_status spk_leads_find(struct spk_leads *leads, spn_error *err)
{
	spk_look *look = leads->look;
	size_t n = look->wanted_keys.n;
	SPK_AUTOFREE const spn_filter **parts = calloc(n + 1, sizeof *parts);
	if (!parts)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++)
		parts[i] = &look->wanted[i];
	const spk_also also = { parts, spk_delegation_attrs, take_referred, &look->referred };
	return spk_resolve_also(look->dir, leads->names, leads->keys.n, &also, take_answer, leads, err);
}

static spn_status list_leads(struct spk_leads *leads, spn_error *err)
{
	const spk_look *look = leads->look;
	const spn_bytes *names;
	spn_status status = SPN_OK;
	size_t n = 0;
	for (size_t i = 0; i < look->accounts.n; i++)
		n += spn_entry_values(look->accounts.list[i]->entry, SPK_DELEGATES_TO, &names);
	leads->list = calloc(n + 1, sizeof *leads->list);
	leads->names = calloc(n + 1, sizeof *leads->names);
	leads->goals = calloc(n + 1, sizeof *leads->goals);
	if (!leads->list || !leads->names || !leads->goals)
		return spk_nomem(err);
	for (size_t i = 0; !status && i < look->accounts.n; i++) {
		n = spn_entry_values(look->accounts.list[i]->entry, SPK_DELEGATES_TO, &names);
		for (size_t j = 0; !status && j < n; j++)
			status = add_lead(leads, look->accounts.list[i], names[j], err);
	}
	return status;
}

spn_status spk_leads_new(spk_look *look, struct spk_leads **ret_leads, spn_error *err)
{
	struct spk_leads *leads = calloc(1, sizeof *leads);
	if (!leads)
		return spk_nomem(err);
	leads->look = look;
	*ret_leads = leads;
	return list_leads(leads, err);
}

spn_status spk_leads_tell(const struct spk_leads *leads, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0, n; !status && i < leads->n; i += n) {
		const struct lead *lead = &leads->list[i];
		for (n = 1; leads->look->is_brief && i + n < leads->n && leads->list[i + n].front == lead->front;)
			n++;
		if (leads->look->is_brief)
			status = tell_brief(leads, lead, n, err);
		else if (lead->is_asked || goal_of(leads, lead)->is_asked)
			status = tell_lead(leads, lead, 0, err);
	}
	return status;
}

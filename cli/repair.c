/* SPDX-License-Identifier: MIT */
#include "repair.h"

#include <strings.h>

#include "change.h"
#include "connect.h"
#include "groups.h"
#include "health.h"
#include "meant.h"
#include "output.h"

/* A repair at work. */
struct job {
	struct cli *cli;
	const struct repair *repair;
	struct groups groups;
	struct health_names names;
	spn_severity worst;
};

static spn_status judge(const spn_finding *finding, void *data, spn_error *err)
{
	struct job *job = data;
	if (finding->severity > job->worst)
		job->worst = finding->severity;
	spn_report_finding(job->cli->report, finding);
	return health_collect(&job->names, finding, err);
}

static spn_status plan_group(const spn_group *group, void *data, spn_error *err)
{
	struct job *job = data;
	return groups_plan(group, &job->groups, err);
}

/* Builds a plan for the server as the directory is now; job: who is told of it, or NULL. */
static spn_status propose(struct cli *cli, repair_propose_fn *fn, struct job *job, spn_plan **ret_plan,
		spn_error *err)
{
	spn_repair_options options = SPN_REPAIR_OPTIONS_INIT;
	options.service = cli->options.service;
	options.port = cli->options.port;
	options.flags = (cli->options.protected_groups ? SPN_PROTECTED : 0) | (cli->options.forest ? SPN_FOREST : 0);
	options.finding_fn = job ? judge : NULL;
	options.group_fn = job ? plan_group : NULL;
	options.data = job;
	spn_status status = spn_plan_new(ret_plan, err);
	return status ? status : fn(*ret_plan, cli->dir, cli->argv[0], &options, err);
}

/* A fresh ticket and a fresh handshake, after the change. */
static enum cli_exit validate_health(struct job *job)
{
	spn_error err = { .status = SPN_OK };
	spn_health health;
	if (health_check(job->cli, &job->names, &health, &err))
		return complain(job->cli, &err);
	return health == SPN_HEALTH_WRONG_ACCOUNT || health == SPN_HEALTH_OTHER ? CLI_NO : CLI_DONE;
}

static enum cli_exit validate(struct job *job)
{
	struct cli *cli = job->cli;
	spn_error err = { .status = SPN_OK };
	spn_plan *plan = NULL;
	enum cli_exit code = CLI_DONE;
	if (propose(cli, job->repair->validate, NULL, &plan, &err))
		code = complain(cli, &err);
	else if (spn_plan_count(plan) > 0)
		code = CLI_NO;
	spn_plan_free(plan);
	if (code == CLI_DONE)
		say(cli, "Validated: these names are where they should be");
	if (code == CLI_DONE && job->repair->probes && connect_asks_kdc(cli))
		code = validate_health(job);
	if (code != CLI_DONE)
		note(cli, "the change was made, but %s is still not as it should be", cli->argv[0]);
	return code;
}

/* The account that gets names in the end: the computer. */
static const char *computer_of(const spn_plan *plan)
{
	const char *dn = NULL;
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; j < step->n_mods; j++)
			if (step->mods[j].op == SPN_MOD_ADD && strcasecmp(step->mods[j].attr, "servicePrincipalName") == 0)
				dn = step->dn;
	}
	return dn;
}

static spn_status show_membership(const spn_group *group, void *data, spn_error *err)
{
	(void)err;
	struct job *job = data;
	groups_see(&job->groups, group);
	spn_report_membership(job->cli->report, group);
	return SPN_OK;
}

/* What another repair that gave way took back, after we had found it there, is missing now. */
static enum cli_exit show_groups(struct job *job, const spn_plan *plan)
{
	struct cli *cli = job->cli;
	spn_error err = { .status = SPN_OK };
	const char *computer = computer_of(plan);
	if (!computer)
		return CLI_DONE;
	say(cli, "Groups of '%s':", computer);
	if (spn_list_groups(cli->dir, computer, show_membership, job, &err))
		return complain(cli, &err);
	return groups_are_whole(&job->groups, computer) ? CLI_DONE : CLI_NO;
}

static spn_status watch(size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data,
		spn_error *err)
{
	struct job *job = data;
	spn_status status = groups_watch(i, step, state, why, &job->groups, err);
	if (status || !job->repair->watch)
		return status;
	return job->repair->watch(i, step, state, why, job->repair->data, err);
}

static enum cli_exit carry_out(struct job *job, spn_plan *plan)
{
	struct cli *cli = job->cli;
	bool done;
	const struct change change = {
		.plan = plan, .dir = cli->dir, .phrase = job->repair->phrase, .watch = watch, .data = job,
		.tells_failures = true,
	};
	if (spn_plan_count(plan) == 0) {
		enum cli_exit code = change_run(cli, &change, &done);
		return job->worst == SPN_SEVERITY_BROKEN ? CLI_NO : code;
	}
	if (job->repair->warning)
		note(cli, "%s", job->repair->warning);
	enum cli_exit code = change_run(cli, &change, &done);
	if (code == CLI_REFUSED && groups_were_undone(&job->groups)) /* they may have been found there */
		note(cli, "memberships were rolled back as well: if somebody else repairs %s, spnkit copy-groups copies them again",
				cli->argv[0]);
	if (!done)
		return code;
	groups_report(&job->groups);
	enum cli_exit verdict = validate(job);
	enum cli_exit shown = job->repair->shows_groups ? show_groups(job, plan) : CLI_DONE;
	return code ? code : verdict ? verdict : shown;
}

/* Asks the KDC and the service before anything is changed.  False: that settles it, with this exit code. */
static bool goes_on(struct job *job, const spn_plan *plan, enum cli_exit *ret_code)
{
	struct cli *cli = job->cli;
	spn_error err = { .status = SPN_OK };
	spn_health health = SPN_HEALTH_UNKNOWN;
	if (!job->repair->probes || !connect_asks_kdc(cli))
		return true;
	if (health_check(cli, &job->names, &health, &err)) {
		*ret_code = complain(cli, &err);
		note(cli, "nothing was changed (--no-probe judges by the directory alone, --http URL asks another place)");
		return false;
	}
	bool wrong = health == SPN_HEALTH_UNKNOWN || (health == SPN_HEALTH_WRONG_ACCOUNT && spn_plan_count(plan) > 0);
	*ret_code = health == SPN_HEALTH_OK ? CLI_DONE : CLI_NO;
	if (health == SPN_HEALTH_OK)
		note(cli, "%s is healthy; nothing was changed", cli->argv[0]);
	else if (!wrong && job->worst == SPN_SEVERITY_BROKEN)
		note(cli,
				"names of %s are the cause, as shown above, but another repair is needed: nothing was "
				"changed",
				cli->argv[0]);
	else if (!wrong)
		note(cli, "the names of %s are not the cause: nothing was changed", cli->argv[0]);
	return wrong;
}

enum cli_exit repair_run(struct cli *cli, const struct repair *repair)
{
	spn_error err = { .status = SPN_OK };
	struct job job = { .cli = cli, .repair = repair, .groups = { .cli = cli } };
	spn_plan *plan = NULL;
	enum cli_exit code = CLI_DONE;
	cli->argv[0] = meant_server(cli->argv[0]);
	if (connect_follow_server(cli, cli->argv[0], &err) || propose(cli, repair->propose, &job, &plan, &err))
		code = complain(cli, &err);
	else if (goes_on(&job, plan, &code))
		code = carry_out(&job, plan);
	health_clear(&job.names);
	groups_clear(&job.groups);
	spn_plan_free(plan);
	return code;
}

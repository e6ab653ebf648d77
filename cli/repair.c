/* SPDX-License-Identifier: MIT */
#include "repair.h"

#include <strings.h>

#include "change.h"
#include "groups.h"
#include "output.h"

/* A repair at work. */
struct job {
	struct cli *cli;
	const struct repair *repair;
	struct groups groups;
	spn_severity worst;
};

static spn_status judge(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	struct job *job = data;
	if (finding->severity > job->worst)
		job->worst = finding->severity;
	job->cli->output->finding(job->cli, output_beside_plan(job->cli), finding);
	return SPN_OK;
}

static spn_status plan_group(const spn_group *group, void *data, spn_error *err)
{
	struct job *job = data;
	return groups_plan(group, &job->groups, err);
}

/* Builds a plan for the server as the directory is now; job: who is told of it, or NULL. */
static spn_status propose(struct cli *cli, const struct repair *repair, struct job *job, spn_plan **ret_plan,
		spn_error *err)
{
	spn_repair_options options = SPN_REPAIR_OPTIONS_INIT;
	options.service = cli->options.service;
	options.port = cli->options.port;
	options.flags = cli->options.protected_groups ? SPN_COPY_PROTECTED : 0;
	options.finding_fn = job ? judge : NULL;
	options.group_fn = job ? plan_group : NULL;
	options.data = job;
	spn_status status = spn_plan_new(ret_plan, err);
	return status ? status : repair->propose(*ret_plan, cli->dir, cli->argv[0], &options, err);
}

static enum cli_exit validate(struct cli *cli, const struct repair *repair)
{
	spn_error err = { .status = SPN_OK };
	spn_plan *plan = NULL;
	enum cli_exit code = CLI_DONE;
	if (propose(cli, repair, NULL, &plan, &err))
		code = complain(cli, &err);
	else if (spn_plan_count(plan) > 0)
		code = CLI_NO;
	spn_plan_free(plan);
	if (code == CLI_DONE)
		say(cli, "Validated: the directory is as it should be");
	else
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
	struct cli *cli = data;
	cli->output->membership(cli, group);
	return SPN_OK;
}

static enum cli_exit show_groups(struct cli *cli, const spn_plan *plan)
{
	spn_error err = { .status = SPN_OK };
	const char *computer = computer_of(plan);
	if (!computer)
		return CLI_DONE;
	say(cli, "Groups of %s:", computer);
	if (spn_list_groups(cli->dir, computer, show_membership, cli, &err))
		return complain(cli, &err);
	return CLI_DONE;
}

static enum cli_exit carry_out(struct job *job, const spn_plan *plan)
{
	struct cli *cli = job->cli;
	bool done;
	const struct change change = {
		.plan = plan, .dir = cli->dir, .phrase = job->repair->phrase, .watch = groups_watch, .data = &job->groups,
	};
	if (spn_plan_count(plan) == 0) {
		enum cli_exit code = change_run(cli, &change, &done);
		return job->worst == SPN_SEVERITY_BROKEN ? CLI_NO : code;
	}
	if (job->repair->warning)
		note(cli, "%s", job->repair->warning);
	enum cli_exit code = change_run(cli, &change, &done);
	if (!done)
		return code;
	groups_report(&job->groups);
	enum cli_exit verdict = validate(cli, job->repair);
	enum cli_exit shown = job->repair->shows_groups ? show_groups(cli, plan) : CLI_DONE;
	return code ? code : verdict ? verdict : shown;
}

enum cli_exit repair_run(struct cli *cli, const struct repair *repair)
{
	spn_error err = { .status = SPN_OK };
	struct job job = { .cli = cli, .repair = repair, .groups = { .cli = cli } };
	spn_plan *plan = NULL;
	spn_status status = propose(cli, repair, &job, &plan, &err);
	enum cli_exit code = status ? complain(cli, &err) : carry_out(&job, plan);
	groups_clear(&job.groups);
	spn_plan_free(plan);
	return code;
}

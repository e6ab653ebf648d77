/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "commands.h"
#include "connect.h"
#include "expect.h"
#include "output.h"

struct verdicts {
	struct cli *cli;
	char *account; /* that should answer, or NULL */
};

static spn_status show(const spn_expectation *expectation, void *data, spn_error *err)
{
	struct verdicts *verdicts = data;
	const spn_account *expected = expectation->expected;
	if (expected && !verdicts->account)
		verdicts->account = strdup(spn_account_name(expected));
	if (expected && !verdicts->account)
		return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	spn_report_expectation(verdicts->cli->report, expectation);
	return SPN_OK;
}

/* Calls fn with the recipe of SERVICE or --recipe. */
static spn_status with_recipe(
		struct cli *cli, spn_status (*fn)(struct cli *cli, const spn_recipe *recipe, spn_error *err), spn_error *err)
{
	const spn_recipe *known = NULL;
	spn_recipe *own = NULL;
	const char *path = cli->options.recipe;
	if (path && cli->argc > 0)
		return misused(cli, err, "SERVICE and --recipe exclude each other");
	if (path ? spn_recipe_open(path, cli->options.open.timeout, &own, err) : spn_recipe_find(cli->argv[0], &known, err)) {
		cli->code = complain(cli, err);
		if (!path)
			note(cli, "'spnkit expect --list' lists the services");
		return SPN_OK;
	}
	spn_status status = fn(cli, own ? own : known, err);
	spn_recipe_free(own);
	return status;
}

static spn_status print_recipe(struct cli *cli, const spn_recipe *recipe, spn_error *err)
{
	(void)err;
	spn_report_recipe(cli->report, recipe, true);
	return SPN_OK;
}

static spn_status explain(struct cli *cli, spn_error *err)
{
	return with_recipe(cli, print_recipe, err);
}

static spn_status list(struct cli *cli)
{
	const spn_recipe *recipe;
	for (size_t i = 0; (recipe = spn_recipe_at(i)); i++)
		spn_report_recipe(cli->report, recipe, false);
	return SPN_OK;
}

/* In the domain of the account, or of the server, if it is another one. */
static spn_status open_directory(struct cli *cli, spn_error *err)
{
	const spn_expect_options *options = &cli->options.expect;
	spn_status status = connect_domain(cli, err);
	if (!status && options->account)
		return connect_follow(cli, options->account, err);
	return status || !options->host ? status : connect_follow_server(cli, options->host, err);
}

static spn_status open_kdc(struct cli *cli, spn_error *err)
{
	if (!cli->options.asks_kdc)
		return SPN_OK;
	spn_status status = connect_check_kdc(cli->dir, "tickets", "--probe", err);
	return status ? status : connect_kdc(cli, err);
}

/* The plan goes to standard output alone, for apply or another tool. */
static spn_status write_plan(struct verdicts *verdicts, const spn_recipe *recipe, const spn_expect_options *options,
		spn_error *err)
{
	struct cli *cli = verdicts->cli;
	AUTO(spn_plan) *plan = NULL;
	spn_status status = spn_plan_new(&plan, err);
	if (!status)
		status = spn_propose_expected(plan, cli->dir, recipe, options, show, verdicts, err);
	if (!status && spn_plan_count(plan) == 0)
		note(cli, output_has(cli, SPN_SEVERITY_WARNING) ?
				"there is nothing that can be repaired without a decision" : "there is nothing to change");
	else if (!status)
		status = change_write(cli, plan, err);
	return status;
}

/* For converge. */
static spn_status write_desired(struct verdicts *verdicts, const spn_recipe *recipe, const spn_expect_options *options,
		spn_error *err)
{
	size_t n = 0;
	spn_status status = spn_desired_write_expected(
			verdicts->cli->dir, recipe, options, stdout, &n, show, verdicts, err);
	if (!status && !verdicts->account)
		return spn_fail(err, SPN_ERR_INVALID, 0, "it is not known which account the names belong to: name it with "
				"--account");
	if (!status && n == 0)
		note(verdicts->cli, "HOST/ of '%s' stands for all the names: none needs to be registered", verdicts->account);
	return status;
}

static spn_status judge(struct verdicts *verdicts, const spn_recipe *recipe, const spn_expect_options *options,
		spn_error *err)
{
	spn_status status = open_kdc(verdicts->cli, err);
	return status ? status :
			spn_expect(verdicts->cli->dir, verdicts->cli->kdc, recipe, options, show, verdicts, err);
}

spn_status expect_judge(struct cli *cli, const spn_recipe *recipe, spn_severity bad, spn_error *err)
{
	struct verdicts verdicts = { .cli = cli };
	const spn_expect_options *options = &cli->options.expect;
	spn_status status = SPN_OK;
	if (cli->options.format == FORMAT_DESIRED)
		status = write_desired(&verdicts, recipe, options, err);
	else if (output_is_plan(cli))
		status = write_plan(&verdicts, recipe, options, err);
	else
		status = judge(&verdicts, recipe, options, err);
	free(verdicts.account);
	if (status == SPN_ERR_AMBIGUOUS && !options_has(cli, "account")) {
		cli->code = complain(cli, err);
		note(cli, "to name it: spnkit expect %s --host %s --account ACCOUNT", cli->options.repair.service, options->host);
		return SPN_OK;
	}
	if (status)
		return status;
	say_condition(cli);
	cli->code = output_has(cli, bad) ? CLI_NO : CLI_DONE;
	return SPN_OK;
}

static spn_status expect(struct cli *cli, const spn_recipe *recipe, spn_error *err)
{
	spn_status status = open_directory(cli, err);
	return status ? status : expect_judge(cli, recipe, SPN_SEVERITY_WARNING, err);
}

static spn_status run(struct cli *cli, spn_error *err)
{
	if (cli->options.list)
		return list(cli);
	if (cli->argc == 0 && !cli->options.recipe)
		return misused(cli, err, "SERVICE is missing: 'spnkit expect --list' lists them");
	return with_recipe(cli, expect, err);
}

const struct command cmd_expect = {
	.name = "expect",
	.args = "[SERVICE]",
	.summary = "Say which names clients of a service ask for, and whether the right account answers",
	.details = "For each name: which account the KDC picks, and the command that repairs it. A name that is "
		"asked for only if typed may be missing. --list lists the services; 'spnkit expect SERVICE --help' "
		"says what is known about one, and where that is written; --recipe FILE is one of your own. Without "
		"--account, the account is the computer's, or the only one that holds a name, as the service has it. "
		"--format ldif (setspn, powershell) prints the plan of what needs no decision, which 'spnkit apply' "
		"carries out; --format desired writes the names that the account shall hold, for 'spnkit converge'. "
		"Exit code 1 if a name is not as it should be.",
	.example = "spnkit expect winrm --host LAX-CRM01",
	.options = OPTIONS_EXPECT,
	.finds = true,
	.run = run,
	.explain = explain,
};

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spnkit/backend.h>

#include "commands.h"
#include "connect.h"
#include "expect.h"
#include "meant.h"
#include "output.h"

struct verdicts {
	struct cli *cli;
	spn_severity worst;
};

static bool prints_plan(const struct cli *cli)
{
	return cli->options.format != FORMAT_TEXT && cli->options.format != FORMAT_JSON;
}

/* The reason for a step, in addition to the plan. */
static void note_wrong(struct cli *cli, const spn_finding *finding)
{
	if (finding->severity >= SPN_SEVERITY_WARNING)
		note(cli, "%s%s%s", finding->spn ? finding->spn : "", finding->spn ? ": " : "", finding->text);
}

static spn_status show(const spn_expectation *expectation, void *data, spn_error *err)
{
	struct verdicts *verdicts = data;
	(void)err;
	if (expectation->finding->severity > verdicts->worst)
		verdicts->worst = expectation->finding->severity;
	if (prints_plan(verdicts->cli))
		note_wrong(verdicts->cli, expectation->finding);
	else
		spn_report_expectation(verdicts->cli->report, expectation);
	return SPN_OK;
}

/* A device may never end, and nobody says that a program will write into a pipe. */
static spn_status check_recipe(int fd, const char *path, unsigned seconds, spn_error *err)
{
	struct stat st;
	struct pollfd input = { .fd = fd, .events = POLLIN };
	if (fstat(fd, &st) != 0)
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot read '%s': %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return spn_fail(err, SPN_ERR_FAILED, 0, "'%s' is neither a file nor a pipe: name the file of the recipe", path);
	if (S_ISFIFO(st.st_mode) && poll(&input, 1, (int)seconds * 1000) <= 0)
		return spn_fail(err, SPN_ERR_FAILED, 0, "'%s' is a pipe, and no program wrote into it within %u second%s", path,
				seconds, seconds == 1 ? "" : "s");
	return fcntl(fd, F_SETFL, 0) == 0 ? SPN_OK :
			spn_fail(err, SPN_ERR_FAILED, errno, "cannot read '%s': %s", path, strerror(errno));
}

static spn_status read_recipe(const struct cli *cli, const char *path, spn_recipe **ret_recipe, spn_error *err)
{
	enum { SECONDS = 15 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot open '%s': %s", path, strerror(errno));
	spn_status status = check_recipe(fd, path, cli->options.timeout ? cli->options.timeout : SECONDS, err);
	FILE *file = status ? NULL : fdopen(fd, "r");
	if (!file)
		close(fd);
	if (!status)
		status = file ? spn_recipe_read(file, path, ret_recipe, err) : spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	if (file)
		fclose(file);
	return status;
}

/* Calls fn with the recipe of SERVICE or --recipe. */
static enum cli_exit with_recipe(struct cli *cli, enum cli_exit (*fn)(struct cli *cli, const spn_recipe *recipe))
{
	const spn_recipe *known = NULL;
	spn_recipe *own = NULL;
	spn_error err = { .status = SPN_OK };
	const char *path = cli->options.recipe;
	if (path && cli->argc > 0)
		return complain_usage(cli, "SERVICE and --recipe exclude each other");
	if (path ? read_recipe(cli, path, &own, &err) : spn_recipe_find(cli->argv[0], &known, &err)) {
		enum cli_exit failed = complain(cli, &err);
		if (!path)
			note(cli, "'spnkit expect --list' lists the services");
		return failed;
	}
	enum cli_exit code = fn(cli, own ? own : known);
	spn_recipe_free(own);
	return code;
}

static enum cli_exit print_recipe(struct cli *cli, const spn_recipe *recipe)
{
	spn_report_recipe(cli->report, recipe, true);
	return CLI_DONE;
}

static enum cli_exit explain(struct cli *cli)
{
	return with_recipe(cli, print_recipe);
}

static enum cli_exit list(struct cli *cli)
{
	const spn_recipe *recipe;
	for (size_t i = 0; (recipe = spn_recipe_at(i)); i++)
		spn_report_recipe(cli->report, recipe, false);
	return CLI_DONE;
}

static spn_expect_options take_options(const struct cli *cli)
{
	const struct options *given = &cli->options;
	spn_expect_options options = SPN_EXPECT_OPTIONS_INIT;
	options.host = given->host;
	options.port = given->port;
	options.instance = given->instance;
	options.aliases = given->aliases;
	options.n_aliases = given->n_aliases;
	options.listener = given->listener;
	options.account = given->account;
	return options;
}

/* In the domain of the account, or of the server, if it is another one. */
static spn_status open_directory(struct cli *cli, spn_error *err)
{
	const struct options *options = &cli->options;
	spn_status status = connect_open(cli, options->n_domains ? options->domains[0] : NULL, NULL, &cli->dir, err);
	if (!status && options->account)
		return connect_follow(cli, options->account, err);
	return status || !options->host ? status : connect_follow_server(cli, options->host, err);
}

static spn_status open_kdc(struct cli *cli, spn_kdc **ret_kdc, spn_error *err)
{
	struct access access;
	if (!cli->options.probe)
		return SPN_OK;
	if (connect_is_ldif(spn_directory_url(cli->dir)))
		return spn_fail(err, SPN_ERR_INVALID, 0, "a file has no KDC to ask for tickets: leave out --probe, or "
				"name a domain controller (-H)");
	connect_options(cli, NULL, &access);
	return spn_kdc_open(&access.kdc, ret_kdc, err);
}

/* The plan goes to standard output alone, for apply or another tool. */
static spn_status write_plan(struct verdicts *verdicts, const spn_recipe *recipe, const spn_expect_options *options,
		spn_error *err)
{
	static const spn_plan_format formats[] = { [FORMAT_LDIF] = SPN_PLAN_LDIF, [FORMAT_SETSPN] = SPN_PLAN_SETSPN,
		[FORMAT_POWERSHELL] = SPN_PLAN_POWERSHELL };
	struct cli *cli = verdicts->cli;
	spn_plan *plan = NULL;
	spn_status status = spn_plan_new(&plan, err);
	if (!status)
		status = spn_propose_expected(plan, cli->dir, recipe, options, show, verdicts, err);
	if (!status && spn_plan_count(plan) == 0)
		note(cli, verdicts->worst < SPN_SEVERITY_WARNING ? "there is nothing to change" :
				"there is nothing that can be repaired without a decision");
	else if (!status)
		status = spn_plan_write(plan, formats[cli->options.format], stdout, err);
	spn_plan_free(plan);
	return status;
}

/* The names of the service that the account shall hold. */
struct desired {
	struct verdicts *verdicts;
	char *dn, *account;
	char **spns;
	size_t n;
};

static spn_status no_memory(spn_error *err)
{
	return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
}

/* An alias of HOST/ need not be registered.  A name that is asked for only if typed is listed if it is registered. */
static bool is_desired(const spn_expectation *expectation)
{
	const spn_account *expected = expectation->expected;
	const spn_finding *finding = expectation->finding;
	if (!expected || !expectation->resolution || !finding->spn || strcmp(finding->code, "by-alias") == 0)
		return false;
	return expectation->need == SPN_NEED_MUST || spn_account_holds(expected, finding->spn);
}

static spn_status take_desired(const spn_expectation *expectation, void *data, spn_error *err)
{
	struct desired *desired = data;
	const spn_account *expected = expectation->expected;
	if (expected && !desired->dn) {
		desired->dn = strdup(spn_account_dn(expected));
		desired->account = strdup(spn_account_name(expected));
		if (!desired->dn || !desired->account)
			return no_memory(err);
	}
	if (is_desired(expectation)) {
		char **grown = realloc(desired->spns, (desired->n + 1) * sizeof *grown);
		desired->spns = grown ? grown : desired->spns;
		char *spn = grown ? strdup(expectation->finding->spn) : NULL;
		if (!spn)
			return no_memory(err);
		desired->spns[desired->n++] = spn;
	}
	return show(expectation, desired->verdicts, err);
}

static spn_status write_names(const struct desired *desired, spn_error *err)
{
	spn_bytes *spns = calloc(desired->n, sizeof *spns);
	if (!spns)
		return no_memory(err);
	for (size_t i = 0; i < desired->n; i++)
		spns[i] = (spn_bytes){ desired->spns[i], strlen(desired->spns[i]) };
	spn_status status = spn_desired_write(desired->dn, desired->account, spns, desired->n, stdout, err);
	free(spns);
	return status;
}

/* For converge: names that are registered already are listed, too. */
static spn_status write_desired(struct verdicts *verdicts, const spn_recipe *recipe, const spn_expect_options *options,
		spn_error *err)
{
	struct desired desired = { .verdicts = verdicts };
	struct cli *cli = verdicts->cli;
	spn_status status = spn_expect(cli->dir, NULL, recipe, options, take_desired, &desired, err);
	if (!status && !desired.dn)
		status = spn_fail(err, SPN_ERR_INVALID, 0, "it is not known which account the names belong to: name it with "
				"--account");
	else if (!status && desired.n == 0)
		note(cli, "HOST/ of '%s' stands for all the names: none needs to be registered", desired.account);
	else if (!status)
		status = write_names(&desired, err);
	for (size_t i = 0; i < desired.n; i++)
		free(desired.spns[i]);
	free(desired.spns);
	free(desired.account);
	free(desired.dn);
	return status;
}

static spn_status judge(struct verdicts *verdicts, const spn_recipe *recipe, const spn_expect_options *options,
		spn_error *err)
{
	spn_kdc *kdc = NULL;
	spn_status status = open_kdc(verdicts->cli, &kdc, err);
	if (!status)
		status = spn_expect(verdicts->cli->dir, kdc, recipe, options, show, verdicts, err);
	spn_kdc_free(kdc);
	return status;
}

enum cli_exit expect_judge(struct cli *cli, const spn_recipe *recipe, spn_severity bad)
{
	spn_error err = { .status = SPN_OK };
	struct verdicts verdicts = { .cli = cli };
	const spn_expect_options options = take_options(cli);
	spn_status status = SPN_OK;
	if (cli->options.format == FORMAT_DESIRED)
		status = write_desired(&verdicts, recipe, &options, &err);
	else if (prints_plan(cli))
		status = write_plan(&verdicts, recipe, &options, &err);
	else
		status = judge(&verdicts, recipe, &options, &err);
	if (status)
		complain(cli, &err);
	if (status == SPN_ERR_AMBIGUOUS && !options_has(cli, "account"))
		note(cli, "to name it: spnkit expect %s --host %s --account ACCOUNT", cli->options.service, options.host);
	if (status)
		return exit_of(status);
	say_condition(cli);
	return verdicts.worst >= bad ? CLI_NO : CLI_DONE;
}

static enum cli_exit expect(struct cli *cli, const spn_recipe *recipe)
{
	spn_error err = { .status = SPN_OK };
	return open_directory(cli, &err) ? complain(cli, &err) : expect_judge(cli, recipe, SPN_SEVERITY_WARNING);
}

static enum cli_exit run(struct cli *cli)
{
	if (cli->options.list)
		return list(cli);
	if (cli->argc == 0 && !cli->options.recipe)
		return complain_usage(cli, "SERVICE is missing: 'spnkit expect --list' lists them");
	return with_recipe(cli, expect);
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

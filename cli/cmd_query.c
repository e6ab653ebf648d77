/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "commands.h"
#include "connect.h"
#include "domains.h"
#include "output.h"

struct search {
	struct cli *cli;
	bool found;
	spn_directory *unsaid; /* where it looks, if that has not been said; or NULL */
	size_t next; /* of many names that are asked for at once: the one whose accounts come next, if any */
};

/* Behind the search, because a server is asked for its name and for accounts at once. */
static spn_status say_where(struct search *search, spn_error *err)
{
	spn_status status = search->unsaid ? connect_say_where(search->cli, search->unsaid, err) : SPN_OK;
	search->unsaid = NULL;
	return status;
}

static spn_status show(const spn_account *account, const spn_bytes *matched, size_t n_matched, void *data,
		spn_error *err)
{
	struct search *search = data;
	spn_status status = say_where(search, err);
	search->found = true;
	if (!status)
		spn_report_account(search->cli->report, account, matched, n_matched);
	return status;
}

/* What is almost a name may be stored all the same; if it is not, the name that it stands for is looked for. */
static spn_status look_for_meant(struct search *search, const char *text, spn_directory *dir, spn_error *err)
{
	AUTO(char) *guess = NULL;
	const char *name = search->found ? text : meant(search->cli, text, SPN_ASKED_SEARCH, &guess);
	return name == text ? SPN_OK : spn_query(dir, name, search->cli->options.forest, show, search, err);
}

static void begin_name(struct search *search, size_t i)
{
	search->found = false;
	if (search->cli->argc > 1)
		say(search->cli, "Looking for %s", search->cli->argv[i]);
}

static void end_name(const struct search *search)
{
	struct cli *cli = search->cli;
	say(cli, "%s", "");
	if (search->found)
		say(cli, "Existing SPN found!");
	else
		say(cli, "No such SPN found%s.", condition(cli));
	cli->code = search->found ? cli->code : CLI_NO;
}

/* Looks for one name everywhere. */
static spn_status look(struct search *search, const char *name, spn_error *err)
{
	const struct cli *cli = search->cli;
	for (size_t i = 0; i < cli->n_dirs; i++) {
		search->unsaid = cli->dirs[i];
		spn_status status = spn_query(cli->dirs[i], name, cli->options.forest, show, search, err);
		if (!status)
			status = say_where(search, err);
		if (!status)
			status = look_for_meant(search, name, cli->dirs[i], err);
		if (status)
			return status;
	}
	return SPN_OK;
}

/* Gets to name i, those without an account before it included. */
static spn_status get_to(struct search *search, size_t i, spn_error *err)
{
	spn_status status = SPN_OK;
	for (; !status && search->next <= i; search->next++) {
		if (search->next > 0)
			end_name(search);
		begin_name(search, search->next);
		status = connect_say_where(search->cli, search->cli->dirs[0], err);
	}
	return status;
}

static spn_status show_one_of_many(size_t i, const spn_account *account, const spn_bytes *matched, size_t n_matched,
		void *data, spn_error *err)
{
	spn_status status = get_to(data, i, err);
	return status ? status : show(account, matched, n_matched, data, err);
}

/* In one directory: asked for at once, told one after the other. */
static spn_status look_together(struct search *search, spn_error *err)
{
	const struct cli *cli = search->cli;
	size_t n = (size_t)cli->argc;
	spn_status status = spn_query_many(cli->dirs[0], (const char *const *)cli->argv, n, cli->options.forest,
			show_one_of_many, search, err);
	if (!status)
		status = get_to(search, n - 1, err);
	if (!status)
		end_name(search);
	return status;
}

/* Whether all are names or patterns, which mean themselves only. */
static bool are_names(const struct cli *cli)
{
	bool are = true;
	for (int i = 0; i < cli->argc; i++) {
		char buffer[1];
		const char *what;
		(void)spn_name_understand(cli->argv[i], buffer, sizeof buffer, &what);
		are &= !what && strchr(cli->argv[i], '/');
	}
	return are;
}

static spn_status look_for_all(struct cli *cli, spn_error *err)
{
	struct search search = { .cli = cli };
	spn_status status = SPN_OK;
	if (cli->n_dirs == 1 && cli->argc > 1 && are_names(cli))
		return look_together(&search, err);
	for (int i = 0; !status && i < cli->argc; i++) {
		begin_name(&search, (size_t)i);
		status = look(&search, cli->argv[i], err);
		if (!status)
			end_name(&search);
	}
	return status;
}

static spn_status run(struct cli *cli, spn_error *err)
{
	spn_status status = domains_open(cli, err);
	if (cli->options.trace && !cli->as_setspn)
		spn_report_dates(cli->report, cli->dirs, cli->n_dirs);
	if (!status)
		status = look_for_all(cli, err);
	spn_report_dates(cli->report, NULL, 0);
	return status;
}

const struct command cmd_query = {
	.name = "query",
	.args = "NAME...",
	.summary = "Find the accounts that hold a name",
	.details = "In a NAME, '*' stands for any text. With -v, when and where the names of each account were last "
		   "changed. Exit code 1 if any of the names is not held.",
	.example = "spnkit query 'http/LAX-CRM01*'",
	.options = OPTIONS_FOREST,
	.run = run,
};

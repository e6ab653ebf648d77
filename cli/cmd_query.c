/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "connect.h"
#include "domains.h"
#include "output.h"

struct search {
	struct cli *cli;
	bool found;
};

static spn_status show(const spn_account *account, const spn_bytes *matched, size_t n_matched, void *data,
		spn_error *err)
{
	(void)err;
	struct search *search = data;
	search->found = true;
	search->cli->output->account(search->cli, account, matched, n_matched);
	return SPN_OK;
}

/* Looks for one name everywhere. */
static spn_status look(struct search *search, const char *name, const struct domains *domains, spn_error *err)
{
	search->found = false;
	for (size_t i = 0; i < domains->n; i++) {
		spn_status status = connect_say_where(search->cli, domains->dirs[i], err);
		if (!status)
			status = spn_query(domains->dirs[i], name, search->cli->options.forest, show, search, err);
		if (status)
			return status;
	}
	say(search->cli, "%s", "");
	say(search->cli, "%s", search->found ? "Existing SPN found!" : "No such SPN found.");
	return SPN_OK;
}

static enum cli_exit look_for_all(struct cli *cli, const struct domains *domains)
{
	struct search search = { .cli = cli };
	enum cli_exit code = CLI_DONE;
	for (int i = 0; i < cli->argc; i++) {
		spn_error err = { .status = SPN_OK };
		if (cli->argc > 1)
			say(cli, "Looking for %s", cli->argv[i]);
		if (look(&search, cli->argv[i], domains, &err))
			return complain(cli, &err);
		if (!search.found)
			code = CLI_NO;
	}
	return code;
}

static enum cli_exit run(struct cli *cli)
{
	struct domains domains = { .n = 0 };
	spn_error err = { .status = SPN_OK };
	enum cli_exit code = domains_open(cli, &domains, &err) ? complain(cli, &err) : look_for_all(cli, &domains);
	domains_close(&domains);
	return code;
}

const struct command cmd_query = {
	.name = "query",
	.args = "NAME...",
	.summary = "Find the accounts that hold a name",
	.details = "In a NAME, '*' stands for any text. Exit code 1 if nobody holds one of them.",
	.example = "spnkit query 'http/web*'",
	.options = OPTIONS_FOREST,
	.run = run,
};

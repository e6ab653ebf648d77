/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "connect.h"
#include "domains.h"
#include "output.h"

struct diff {
	struct cli *cli;
	spn_directory *old;
	char *urls[2]; /* of the operands; NULL: that of -H, or the one that DNS names */
	bool differs; /* not only in what is renamed, or cannot be seen */
};

static spn_status show(const spn_event *event, void *data, spn_error *err)
{
	struct diff *diff = data;
	(void)err;
	diff->differs |= event->kind != SPN_EVENT_RENAMED && event->kind != SPN_EVENT_UNSEEN;
	spn_report_event(diff->cli->report, event);
	return SPN_OK;
}

/* A file need not be called ldif:FILE here. */
static spn_status make_url(const char *operand, char **ret_url, spn_error *err)
{
	bool is_url = connect_is_ldif(operand) || strstr(operand, "://");
	if (asprintf(ret_url, "%s%s", is_url ? "" : "ldif:", operand) < 0) {
		*ret_url = NULL;
		return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	}
	return SPN_OK;
}

/* has_use: the other state may be the one that -D is for. */
static spn_status open_state(struct cli *cli, const char *url, bool has_use, spn_directory **ret_dir, spn_error *err)
{
	const struct options *options = &cli->options;
	const char *before = options->url, *bind_dn = options->who.bind_dn;
	if (url)
		cli->options.url = url;
	if (has_use && connect_is_ldif(url))
		cli->options.who.bind_dn = NULL;
	spn_status status = connect_open(cli, options->domains.at[0], ret_dir, err);
	cli->options.url = before;
	cli->options.who.bind_dn = bind_dn;
	return status;
}

static spn_status open_both(struct diff *diff, spn_error *err)
{
	struct cli *cli = diff->cli;
	spn_status status = SPN_OK;
	for (int i = 0; !status && i < cli->argc; i++)
		status = make_url(cli->argv[i], &diff->urls[i], err);
	if (!status)
		status = open_state(cli, diff->urls[0], true, &diff->old, err);
	if (!status)
		status = open_state(cli, diff->urls[1], !connect_is_ldif(diff->urls[0]), &cli->dir, err);
	return status ? status : spn_report_two_states(cli->report, diff->old, cli->dir, err);
}

static spn_status compare(struct diff *diff, spn_error *err)
{
	struct cli *cli = diff->cli;
	const char *base;
	spn_changes_options options = SPN_CHANGES_OPTIONS_INIT;
	options.since = diff->old;
	spn_directory *const read[] = { diff->old, cli->dir };
	spn_status status = domains_check_page(cli, read, 2, err);
	if (!status)
		status = spn_changes(cli->dir, &options, show, diff, err);
	if (!status)
		status = connect_base(cli, cli->dir, &base, err);
	if (!status)
		spn_report_differences(cli->report, base);
	return status;
}

static spn_status run(struct cli *cli, spn_error *err)
{
	struct diff diff = { .cli = cli };
	if (cli->argc > 1 && cli->options.url)
		return misused(cli, err, "NEW and -H exclude each other");
	output_begin_page(cli);
	spn_status status = open_both(&diff, err);
	if (!status)
		status = compare(&diff, err);
	spn_directory_free(diff.old);
	free(diff.urls[0]);
	free(diff.urls[1]);
	cli->code = diff.differs ? CLI_NO : CLI_DONE;
	return status;
}

const struct command cmd_diff = {
	.name = "diff",
	.args = "OLD [NEW]",
	.summary = "Show which names came, went or moved since an export, and what that did to tickets",
	.details = "OLD and NEW are exports, as -H ldif:FILE reads them, or URLs; without NEW, OLD is compared with "
		   "the directory. For each name: which account answered for it, and which does now, aliases included; "
		   "then the duplicates and alias conflicts that are new or cleared. An account that was renamed keeps its "
		   "names. What an export does not show is not taken for gone (unseen). Of several domains in a file, "
		   "-T chooses one. Exit code 1 if anything differs; not for what is only renamed or unseen.",
	.example = "spnkit diff last-week.ldif",
	.options = OPTIONS_DIFF,
	.run = run,
};

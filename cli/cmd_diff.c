/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnkit/backend.h>

#include "commands.h"
#include "connect.h"
#include "domains.h"
#include "output.h"
#include "page.h"

struct diff {
	struct cli *cli;
	spn_directory *old;
	char *urls[2]; /* of the operands; NULL: that of -H, or the one that DNS names */
	struct page page;
	bool differs; /* not only in what is renamed, or cannot be seen */
};

static spn_status show(const spn_event *event, void *data, spn_error *err)
{
	struct diff *diff = data;
	(void)err;
	diff->differs |= event->kind != SPN_EVENT_RENAMED && event->kind != SPN_EVENT_UNSEEN;
	spn_report_event(diff->cli->report, event);
	if (diff->page.report)
		spn_report_event(diff->page.report, event);
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
	spn_status status = connect_open(cli, options->domains.at[0], NULL, ret_dir, err);
	cli->options.url = before;
	cli->options.who.bind_dn = bind_dn;
	return status;
}

/* Something may be missing in each of the two states. */
static void join_conditions(struct cli *cli, char *old, char *now)
{
	char *both = NULL;
	int n = old && now ? asprintf(&both, "before: %s; now: %s", old, now) :
			old || now ? asprintf(&both, "%s: %s", old ? "before" : "now", old ? old : now) : 0;
	cli->lost |= n < 0;
	if (n < 0)
		both = NULL;
	connect_set_condition(cli, "they show", both);
	free(both);
	free(old);
	free(now);
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
	if (!status)
		join_conditions(cli, connect_condition(cli, diff->old), connect_condition(cli, cli->dir));
	return status;
}

static spn_status compare(struct diff *diff, spn_error *err)
{
	struct cli *cli = diff->cli;
	const char *context = NULL;
	spn_changes_options options = SPN_CHANGES_OPTIONS_INIT;
	options.since = diff->old;
	spn_directory *const read[] = { diff->old, cli->dir };
	spn_status status = domains_check_page(cli, read, 2, err);
	if (!status)
		status = page_begin(&diff->page, cli, err);
	if (!status)
		status = spn_changes(cli->dir, &options, show, diff, err);
	if (status)
		return status;
	spn_report_differences(cli->report, NULL);
	if (!diff->page.report)
		return SPN_OK;
	status = connect_base(cli, cli->dir, &context, err);
	if (status)
		return status;
	spn_report_condition(diff->page.report, cli->condition ? cli->condition + strlen(", ") : NULL);
	spn_report_differences(diff->page.report, context);
	return page_write(&diff->page, cli, err);
}

static spn_status run(struct cli *cli, spn_error *err)
{
	struct diff diff = { .cli = cli };
	if (cli->argc > 1 && cli->options.url)
		return misused(cli, err, "NEW and -H exclude each other");
	spn_status status = open_both(&diff, err);
	if (!status)
		status = compare(&diff, err);
	page_free(&diff.page);
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

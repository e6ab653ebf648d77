/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <spnkit/backend.h>

#include "change.h"
#include "commands.h"
#include "connect.h"
#include "output.h"

/* The journal that is to be taken back. */
struct target {
	char *path;
	char *url;
	char *title;
};

static spn_status show(const spn_journal_info *info, void *data, spn_error *err)
{
	(void)err;
	struct cli *cli = data;
	cli->output->journal(cli, info);
	return SPN_OK;
}

static spn_status take(const spn_journal_info *info, void *data, spn_error *err)
{
	struct target *target = data;
	target->path = strdup(info->path);
	target->url = strdup(info->url);
	if (asprintf(&target->title, "undo %s", info->title) < 0)
		target->title = NULL;
	if (!target->path || !target->url || !target->title)
		return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	return SPN_OK;
}

static spn_status take_newest(const spn_journal_info *info, void *data, spn_error *err)
{
	const struct target *target = data;
	if (target->path || info->is_undo || info->state == SPN_JOURNAL_UNDONE)
		return SPN_OK;
	return take(info, data, err);
}

static spn_status in_folder(spn_journal_fn *fn, void *data, spn_error *err)
{
	char *folder;
	spn_status status = change_journal_folder(&folder, err);
	if (status)
		return status;
	status = spn_journal_list(folder, fn, data, err);
	free(folder);
	return status;
}

static spn_status find(const struct cli *cli, struct target *target, spn_error *err)
{
	if (cli->argc > 0)
		return spn_journal_read(cli->argv[0], take, target, err);
	spn_status status = in_folder(take_newest, target, err);
	if (!status && !target->path)
		return spn_fail(err, SPN_ERR_NOT_FOUND, 0, "there is nothing to take back");
	return status;
}

static enum cli_exit take_back(struct cli *cli, const struct target *target, spn_plan *plan)
{
	bool done;
	const struct change change = { .plan = plan, .dir = cli->dir, .title = target->title };
	enum cli_exit code = change_run(cli, &change, &done);
	spn_error err = { .status = SPN_OK };
	if (done && !cli->options.dry_run && spn_journal_mark_undone(target->path, &err))
		return complain(cli, &err);
	return code;
}

static enum cli_exit undo(struct cli *cli, const struct target *target)
{
	const struct options *options = &cli->options;
	spn_error err = { .status = SPN_OK };
	spn_plan *plan = NULL;
	spn_status status = connect_open(cli, options->n_domains ? options->domains[0] : NULL, target->url,
			&cli->dir, &err);
	if (!status)
		status = spn_plan_new(&plan, &err);
	if (!status)
		status = spn_propose_undo(plan, cli->dir, target->path, change_remark, cli, &err);
	if (!status)
		note(cli, "taking back '%s'", target->title + strlen("undo "));
	enum cli_exit code = status ? complain(cli, &err) : take_back(cli, target, plan);
	spn_plan_free(plan);
	return code;
}

static enum cli_exit run(struct cli *cli)
{
	spn_error err = { .status = SPN_OK };
	if (cli->options.list)
		return in_folder(show, cli, &err) ? complain(cli, &err) : CLI_DONE;
	struct target target = { .path = NULL };
	enum cli_exit code = find(cli, &target, &err) ? complain(cli, &err) : undo(cli, &target);
	free(target.path);
	free(target.url);
	free(target.title);
	return code;
}

const struct command cmd_undo = {
	.name = "undo",
	.args = "[FILE]",
	.summary = "Take back what a journal records",
	.details = "FILE is a journal; default: the newest that is not taken back yet.",
	.example = "spnkit undo",
	.options = OPTIONS_UNDO,
	.changes = true,
	.run = run,
};

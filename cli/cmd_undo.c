/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <spnkit/backend.h>

#include "change.h"
#include "commands.h"
#include "connect.h"
#include "output.h"

/* Journals that may be undone: those of the folder, newest first; or the one that was named. */
struct targets {
	spn_journal_info **list;
	size_t n;
};

static void clear_targets(struct targets *targets)
{
	for (size_t i = 0; i < targets->n; i++)
		spn_journal_info_free(targets->list[i]);
	free(targets->list);
}

static spn_status show(const spn_journal_info *info, void *data, spn_error *err)
{
	(void)err;
	struct cli *cli = data;
	spn_report_journal(cli->report, info);
	return SPN_OK;
}

/* A place for one more. */
static spn_status grow(struct targets *targets, spn_error *err)
{
	spn_journal_info **list = realloc(targets->list, (targets->n + 1) * sizeof *list);
	if (!list)
		return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	targets->list = list;
	return SPN_OK;
}

static spn_status take_if_it_stands(const spn_journal_info *info, void *data, spn_error *err)
{
	struct targets *targets = data;
	if (info->is_undo || info->state == SPN_JOURNAL_UNDONE || info->state == SPN_JOURNAL_FORGOTTEN)
		return SPN_OK;
	spn_status status = grow(targets, err);
	if (!status)
		status = spn_journal_info_copy(info, &targets->list[targets->n], err);
	targets->n += !status;
	return status;
}

static spn_status take_one(const char *path, struct targets *targets, spn_error *err)
{
	spn_status status = grow(targets, err);
	if (!status)
		status = spn_journal_read(path, targets->list, err);
	targets->n = !status;
	return status;
}

static spn_status find(const struct cli *cli, struct targets *targets, spn_error *err)
{
	if (cli->argc > 0)
		return take_one(cli->argv[0], targets, err);
	spn_status status = spn_journal_list(NULL, take_if_it_stands, targets, err);
	if (!status && targets->n == 0)
		return spn_fail(err, SPN_ERR_NOT_FOUND, 0, "there is nothing to undo");
	return status;
}

/* What speaks against so much as connecting. */
static spn_status check_target(struct cli *cli, const spn_journal_info *target, spn_error *err)
{
	const struct options *options = &cli->options;
	if (target->problem)
		return spn_fail(err, SPN_ERR_REFUSED, 0, "%s", target->problem);
	if (options->bind_dn && !options->url && !connect_is_ldif(target->url))
		return spn_fail(err, SPN_ERR_REFUSED, 0,
				"no password is sent to '%s', which only the journal names: name the directory with -H",
				target->url);
	return SPN_OK;
}

/* The undoing of one journal. */
struct undoing {
	struct cli *cli;
	spn_plan *plan;
	size_t n_kept; /* values that cannot be given back */
	bool is_partly; /* some were as before already */
};

static spn_status see_remark(const spn_finding *finding, void *data, spn_error *err)
{
	struct undoing *undoing = data;
	undoing->n_kept += strcmp(finding->code, "kept") == 0;
	undoing->is_partly |= strcmp(finding->code, "present") == 0;
	return change_remark(finding, undoing->cli, err);
}

/* As the work that is undone opened it. */
static spn_status open_directory(struct cli *cli, const spn_journal_info *target, spn_error *err)
{
	struct options *options = &cli->options;
	const unsigned given = options->rules;
	spn_dialect rules = SPN_DIALECT_WINDOWS;
	/* a file may hold several domains */
	const char *home = connect_is_ldif(target->url) && !options->url && *target->base ? target->base : NULL;
	spn_status status = spn_journal_dialect(target->path, &rules, err);
	if (rules == SPN_DIALECT_SAMBA)
		options->rules = rules;
	if (!status)
		status = connect_open(cli, options->n_domains ? options->domains[0] : home, target->url, &cli->dir, err);
	if (status == SPN_ERR_INVALID && home && !options->n_domains) /* it has gone from there: the refusal says so */
		status = connect_open(cli, NULL, target->url, &cli->dir, err);
	options->rules = given;
	return status;
}

static spn_status propose(struct undoing *undoing, const spn_journal_info *target, spn_error *err)
{
	struct cli *cli = undoing->cli;
	const struct options *options = &cli->options;
	spn_status status = check_target(cli, target, err);
	if (status)
		return status;
	note(cli, "undoing '%s' of %s%s%s in %s", target->title, target->time, *target->author ? " by " : "", target->author,
			options->url ? options->url : target->url);
	status = open_directory(cli, target, err);
	if (!status)
		status = spn_plan_new(&undoing->plan, err);
	if (!status)
		status = spn_propose_undo(undoing->plan, cli->dir, target->path, options->elsewhere ? SPN_ELSEWHERE : 0,
				see_remark, undoing, err);
	return status;
}

/* A command line that a person may copy. */
static void hint(struct cli *cli, const char *command, const char *path)
{
	char *word = spn_text_shell_path(path);
	note(cli, "%s %s", command, word ? word : "FILE");
	free(word);
}

/* The journal is marked if it is the one of the directory that was changed. */
static enum cli_exit mark(const struct undoing *undoing, const spn_journal_info *target)
{
	struct cli *cli = undoing->cli;
	spn_error err = { .status = SPN_OK };
	bool may_arrive = undoing->is_partly && !connect_is_ldif(target->url);
	spn_status status = spn_journal_mark_undone(target->path, cli->dir, !may_arrive, &err);
	if (status == SPN_ERR_REFUSED && cli->options.elsewhere)
		note(cli, "%s is not marked as undone, for it belongs to %s", target->path, target->url);
	else if (status)
		return complain(cli, &err);
	else if (may_arrive)
		hint(cli,
				"should the rest of the change still arrive, from another controller or a slow one: "
				"spnkit undo",
				target->path);
	return CLI_DONE;
}

/* The journal stays as it is, so that the rest can be given back once that is possible. */
static enum cli_exit complain_of_rest(struct cli *cli, const spn_journal_info *target, size_t n_kept)
{
	spn_error err = { .status = SPN_OK };
	spn_fail(&err, SPN_ERR_HALF_DONE, 0, "undone in part: %zu value%s cannot be given back, for the reason%s above",
			n_kept, n_kept == 1 ? "" : "s", n_kept == 1 ? "" : "s");
	output_error(cli, &err, cli->options.json ? target->path : NULL);
	hint(cli, "once that is possible, this gives back the rest: spnkit undo", target->path);
	return CLI_HALF_DONE;
}

static enum cli_exit take_back(const struct undoing *undoing, const spn_journal_info *target)
{
	struct cli *cli = undoing->cli;
	bool done;
	char *title;
	spn_error err = { .status = SPN_OK };
	if (asprintf(&title, "undo %s", target->title) < 0) {
		spn_fail(&err, SPN_ERR_NOMEM, 0, "out of memory");
		return complain(cli, &err);
	}
	const struct change change = { .plan = undoing->plan, .dir = cli->dir, .title = title };
	enum cli_exit code = change_run(cli, &change, &done);
	free(title);
	if (code == CLI_DONE && undoing->n_kept)
		return complain_of_rest(cli, target, undoing->n_kept);
	enum cli_exit marked = done && !cli->options.dry_run ? mark(undoing, target) : CLI_DONE;
	return code ? code : marked;
}

/* Whether the directory is another one than that of the journal, of which a file is a copy or the other way round:
 * what --elsewhere is for. */
static bool may_be_elsewhere(const struct cli *cli, const spn_journal_info *target)
{
	const char *here = cli->dir ? spn_directory_url(cli->dir) : "", *base = "";
	return (connect_is_ldif(here) || connect_is_ldif(target->url)) && strcmp(here, target->url) != 0 && cli->dir &&
			!connect_context(cli->dir, "defaultNamingContext", &base, NULL) && strcasecmp(base, target->base) == 0;
}

/* Says which journal cannot be undone, and why. */
static enum cli_exit complain_of(struct cli *cli, const spn_journal_info *target, const spn_error *why)
{
	spn_error err = *why;
	spn_fail(&err, why->status, why->native, "cannot undo %s%s%s%s: %s", target->path, *target->title ? " (" : "",
			target->title, *target->title ? ")" : "", why->message);
	err.win32 = why->win32;
	err.remedy = why->remedy;
	memcpy(err.remedy_at, why->remedy_at, sizeof err.remedy_at);
	enum cli_exit code = complain(cli, &err);
	if (why->status == SPN_ERR_REFUSED && !cli->options.elsewhere && !target->problem && may_be_elsewhere(cli, target))
		note(cli, "--elsewhere undoes it there anyway");
	return code;
}

/* ret_blocked: nothing can be done about this one, but perhaps about the next. */
static enum cli_exit undo(struct cli *cli, const spn_journal_info *target, bool *ret_blocked)
{
	spn_error err = { .status = SPN_OK };
	struct undoing undoing = { .cli = cli };
	spn_status status = propose(&undoing, target, &err);
	*ret_blocked = status && status != SPN_ERR_NOMEM;
	enum cli_exit code = status ? complain_of(cli, target, &err) : take_back(&undoing, target);
	spn_plan_free(undoing.plan);
	return code;
}

/* The newest one; if nothing can be done about it, a person is offered the next.  Nobody but a person may decide that.
 */
static enum cli_exit undo_newest(struct cli *cli, const struct targets *targets)
{
	enum cli_exit code = CLI_DONE;
	bool blocked = true;
	for (size_t i = 0; blocked && i < targets->n; i++) {
		cli->dir = spn_directory_free(cli->dir);
		code = undo(cli, targets->list[i], &blocked);
		if (!blocked || cli->argc > 0)
			return code;
		hint(cli, "to stop offering it: spnkit undo --forget", targets->list[i]->path);
		if (cli->options.yes && i + 1 < targets->n)
			hint(cli, "to undo the one before it: spnkit undo", targets->list[i + 1]->path);
		if (cli->options.yes)
			return code;
	}
	return code;
}

static enum cli_exit forget(struct cli *cli)
{
	spn_error err = { .status = SPN_OK };
	if (cli->argc == 0)
		return complain_usage(cli, "--forget requires the FILE of a journal");
	if (cli->options.dry_run)
		return complain_usage(cli, "--forget cannot be combined with --dry-run");
	if (spn_journal_forget(cli->argv[0], &err))
		return complain(cli, &err);
	note(cli, "%s is no longer offered", cli->argv[0]);
	hint(cli, "it can still be undone: spnkit undo", cli->argv[0]);
	return CLI_DONE;
}

static enum cli_exit run(struct cli *cli)
{
	spn_error err = { .status = SPN_OK };
	if (cli->options.list)
		return spn_journal_list(NULL, show, cli, &err) ? complain(cli, &err) : CLI_DONE;
	if (cli->options.forget)
		return forget(cli);
	struct targets targets = { .n = 0 };
	enum cli_exit code = find(cli, &targets, &err) ? complain(cli, &err) : undo_newest(cli, &targets);
	clear_targets(&targets);
	return code;
}

const struct command cmd_undo = {
	.name = "undo",
	.args = "[FILE]",
	.summary = "Undo what a journal records",
	.details = "FILE is a journal; default: the newest that is not undone yet. It is undone in the directory that "
		   "it names, whatever "
		   "$SPNKIT_DIRECTORY says. One that cannot be undone is named, with the reason, and you are offered "
		   "the next.",
	.example = "spnkit undo",
	.options = OPTIONS_UNDO,
	.changes = true,
	.run = run,
};

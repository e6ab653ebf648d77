/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <spnkit/backend.h>

#include "change.h"
#include "commands.h"
#include "connect.h"
#include "output.h"

static spn_status show(const spn_journal_info *info, void *data, spn_error *err)
{
	(void)err;
	struct cli *cli = data;
	spn_report_journal(cli->report, info);
	return SPN_OK;
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

static spn_status begin(struct cli *cli, const spn_journal_info *target, spn_error *err)
{
	const struct options *options = &cli->options;
	spn_status status = check_target(cli, target, err);
	if (status)
		return status;
	note(cli, "undoing '%s' of %s%s%s in %s", target->title, target->time, *target->author ? " by " : "", target->author,
			options->url ? options->url : target->url);
	return open_directory(cli, target, err);
}

/* A command line that a person may copy. */
static void hint(struct cli *cli, const char *command, const char *path)
{
	char *word = spn_text_shell_path(path);
	note(cli, "%s %s", command, word ? word : "FILE");
	free(word);
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

/* What became of the journal, once its plan was carried out. */
static enum cli_exit tell_end(
		struct cli *cli, const spn_journal_info *target, spn_undo_end end, const struct change *change)
{
	if (end == SPN_UNDO_PARTLY)
		return complain_of_rest(cli, target, change->n_kept);
	if (end == SPN_UNDO_ELSEWHERE)
		note(cli, "%s is not marked as undone, for it belongs to %s", target->path, target->url);
	if (end == SPN_UNDO_MAY_ARRIVE)
		hint(cli, "should the rest of the change still arrive, from another controller or a slow one: spnkit undo",
				target->path);
	return CLI_DONE;
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
	struct change change = { .cli = cli };
	spn_error err = { .status = SPN_OK };
	spn_undo_end end = SPN_UNDO_WHOLE;
	spn_change_options options = change_options(&change);
	options.flags |= cli->options.elsewhere ? SPN_ELSEWHERE : 0;
	spn_status status = begin(cli, target, &err);
	if (!status)
		status = spn_undo(cli->dir, target->path, &options, &end, &err);
	bool is_begun = change.plan || change.is_over;
	*ret_blocked = status && !is_begun && status != SPN_ERR_NOMEM;
	if (status && !is_begun)
		return complain_of(cli, target, &err);
	enum cli_exit code = change_end(&change, status, &err);
	bool is_done = !code && (!status || status == SPN_ERR_STOPPED); /* stopped: the plan was written for others */
	return is_done ? tell_end(cli, target, end, &change) : code;
}

/* The newest one; if nothing can be done about it, a person is offered the next.  Nobody but a person may decide that.
 */
static enum cli_exit undo_newest(struct cli *cli)
{
	spn_error err = { .status = SPN_OK };
	spn_journal_info *target = NULL, *next = NULL;
	enum cli_exit code = CLI_DONE;
	bool blocked = true, yes = cli->options.yes;
	if (spn_journal_standing(NULL, 0, &target, &err))
		return complain(cli, &err);
	for (size_t i = 1; blocked && target; i++) {
		cli->dir = spn_directory_free(cli->dir);
		code = undo(cli, target, &blocked);
		if (blocked) {
			hint(cli, "to stop offering it: spnkit undo --forget", target->path);
			(void)spn_journal_standing(NULL, i, &next, NULL);
		}
		if (blocked && yes && next)
			hint(cli, "to undo the one before it: spnkit undo", next->path);
		spn_journal_info_free(target);
		target = yes ? spn_journal_info_free(next) : next;
		next = NULL;
	}
	spn_journal_info_free(target);
	return code;
}

static enum cli_exit undo_named(struct cli *cli)
{
	spn_error err = { .status = SPN_OK };
	spn_journal_info *target = NULL;
	bool blocked;
	if (spn_journal_read(cli->argv[0], &target, &err))
		return complain(cli, &err);
	enum cli_exit code = undo(cli, target, &blocked);
	spn_journal_info_free(target);
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
	return cli->argc > 0 ? undo_named(cli) : undo_newest(cli);
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

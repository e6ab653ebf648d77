/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "change.h"
#include "commands.h"
#include "connect.h"
#include "output.h"

static spn_status begin(struct cli *cli, const spn_journal_info *target, spn_error *err)
{
	const struct options *options = &cli->options;
	if (target->problem)
		return spn_fail(err, SPN_ERR_REFUSED, 0, "%s", target->problem);
	if (options->who.bind_dn && !options->url && !connect_is_ldif(target->url))
		return spn_fail(err, SPN_ERR_REFUSED, 0,
				"no password is sent to '%s', which only the journal names: name the directory with -H",
				target->url);
	note(cli, "undoing '%s' of %s%s%s in %s", target->title, target->time, *target->author ? " by " : "", target->author,
			options->url ? options->url : target->url);
	return connect_open_journal(cli, target, err);
}

/* A command line that a person may copy. */
static void hint(struct cli *cli, const char *command, const char *path)
{
	AUTO(char) *word = spn_text_shell_path(path);
	note(cli, "%s %s", command, word ? word : "FILE");
}

/* The journal stays as it is, so that the rest can be given back once that is possible. */
static void complain_of_rest(struct cli *cli, const spn_journal_info *target, size_t n_kept)
{
	spn_error err = { .status = SPN_OK };
	spn_fail(&err, SPN_ERR_HALF_DONE, 0, "undone in part: %zu value%s cannot be given back, for the reason%s above",
			n_kept, n_kept == 1 ? "" : "s", n_kept == 1 ? "" : "s");
	output_error(cli, &err, cli->options.json ? target->path : NULL);
	hint(cli, "once that is possible, this gives back the rest: spnkit undo", target->path);
	cli->code = CLI_HALF_DONE;
}

/* What became of the journal, once its plan was carried out. */
static void tell_end(struct cli *cli, const spn_journal_info *target, spn_undo_end end, const struct change *change)
{
	if (end == SPN_UNDO_PARTLY)
		complain_of_rest(cli, target, change->n_kept + change->n_refused);
	if (end == SPN_UNDO_ELSEWHERE)
		note(cli, "%s is not marked as undone, for it belongs to %s", target->path, target->url);
	if (end == SPN_UNDO_MAY_ARRIVE)
		hint(cli, "should the rest of the change still arrive, from another controller or a slow one: spnkit undo",
				target->path);
}

/* Whether the directory is another one than that of the journal, of which a file is a copy or the other way round:
 * what --elsewhere is for. */
static bool may_be_elsewhere(const struct cli *cli, const spn_journal_info *target)
{
	const char *here = cli->dir ? spn_directory_url(cli->dir) : "", *base = "";
	return !(cli->options.flags & SPN_ELSEWHERE) && (connect_is_ldif(here) || connect_is_ldif(target->url)) &&
			strcmp(here, target->url) != 0 && cli->dir && !spn_directory_base(cli->dir, &base, NULL) &&
			strcasecmp(base, target->base) == 0;
}

/* Says which journal cannot be undone, and why. */
static void complain_of(struct cli *cli, const spn_journal_info *target, const spn_error *why)
{
	spn_error err = *why;
	spn_fail(&err, why->status, why->native, "cannot undo %s%s%s%s: %s", target->path, *target->title ? " (" : "",
			target->title, *target->title ? ")" : "", why->message);
	err.win32 = why->win32;
	err.remedy = why->remedy;
	memcpy(err.remedy_at, why->remedy_at, sizeof err.remedy_at);
	cli->code = complain(cli, &err);
	if (why->status == SPN_ERR_REFUSED && !target->problem && may_be_elsewhere(cli, target))
		note(cli, "--elsewhere undoes it there anyway");
}

/* ret_blocked: nothing can be done about this one, but perhaps about the next. */
static void undo(struct cli *cli, const spn_journal_info *target, bool *ret_blocked)
{
	struct change change = { .cli = cli };
	spn_error err = { .status = SPN_OK };
	spn_undo_end end = SPN_UNDO_WHOLE;
	spn_change_options options = change_options(&change);
	options.flags |= cli->options.flags & SPN_ELSEWHERE;
	spn_status status = begin(cli, target, &err);
	if (!status)
		status = spn_undo(cli->dir, target->path, &options, &end, &err);
	bool is_begun = change.plan || change.is_over;
	*ret_blocked = status && !is_begun && status != SPN_ERR_NOMEM;
	if (status && !is_begun) {
		complain_of(cli, target, &err);
		return;
	}
	(void)change_end(&change, status, &err);
	if (!cli->code && (!status || status == SPN_ERR_STOPPED)) /* stopped: the plan was written for others */
		tell_end(cli, target, end, &change);
}

/* Whether a person looks on, who is asked before anything is done. */
static bool is_offered(const struct cli *cli)
{
	const struct options *options = &cli->options;
	bool is_for_others = options->format != FORMAT_TEXT && options->format != FORMAT_JSON;
	return !options->yes && !is_for_others && isatty(STDIN_FILENO);
}

/* The newest one; if nothing can be done about it, a person is offered the next.  Nobody but a person may decide that.
 */
static spn_status undo_newest(struct cli *cli, spn_error *err)
{
	spn_journal_info *target = NULL, *next = NULL;
	bool blocked = true, offers = is_offered(cli);
	spn_status status = spn_journal_standing(NULL, 0, &target, err);
	for (size_t i = 1; blocked && target; i++) {
		cli->dir = spn_directory_free(cli->dir);
		undo(cli, target, &blocked);
		if (blocked) {
			hint(cli, "to stop offering it: spnkit undo --forget", target->path);
			(void)spn_journal_standing(NULL, i, &next, NULL);
		}
		if (blocked && !offers && next)
			hint(cli, "to undo the one before it: spnkit undo", next->path);
		spn_journal_info_free(target);
		target = offers ? next : spn_journal_info_free(next);
		next = NULL;
	}
	spn_journal_info_free(target);
	return status;
}

static spn_status undo_named(struct cli *cli, spn_error *err)
{
	AUTO(spn_journal_info) *target = NULL;
	bool blocked;
	spn_status status = spn_journal_read(cli->argv[0], &target, err);
	if (!status)
		undo(cli, target, &blocked);
	return status;
}

static spn_status forget(struct cli *cli, spn_error *err)
{
	if (cli->argc == 0)
		return misused(cli, err, "--forget requires the FILE of a journal");
	if (cli->options.dry_run)
		return misused(cli, err, "--forget cannot be combined with --dry-run");
	spn_status status = spn_journal_forget(cli->argv[0], err);
	if (status)
		return status;
	note(cli, "%s is no longer offered", cli->argv[0]);
	hint(cli, "it can still be undone: spnkit undo", cli->argv[0]);
	return SPN_OK;
}

static spn_status run(struct cli *cli, spn_error *err)
{
	if (cli->options.list)
		return spn_journal_list(NULL, spn_report_on_journal, cli->report, err);
	if (cli->options.forget)
		return forget(cli, err);
	return cli->argc > 0 ? undo_named(cli, err) : undo_newest(cli, err);
}

const struct command cmd_undo = {
	.name = "undo",
	.args = "[FILE]",
	.summary = "Undo what a journal records",
	.details = "FILE is a journal; default: the newest that is not undone yet. It is undone in the directory "
		"that it names, whatever $SPNKIT_DIRECTORY says. One that cannot be undone is named, with the "
		"reason, and you are offered the next.",
	.example = "spnkit undo",
	.options = OPTIONS_UNDO,
	.changes = true,
	.run = run,
};

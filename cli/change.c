/* SPDX-License-Identifier: MIT */
#include "change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <spnkit/backend.h>
#include <spnkit/text.h>

#include "connect.h"
#include "interrupt.h"
#include "output.h"

/* A change at work. */
struct work {
	struct cli *cli;
	const struct change *change;
	size_t n;
	bool shows_progress;
	size_t n_done;
};

spn_status change_remark(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	struct cli *cli = data;
	spn_report_remark(cli->report, finding);
	return SPN_OK;
}

static spn_status no_memory(spn_error *err)
{
	return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
}

spn_status change_account(struct cli *cli, const char *text, char **ret_account, spn_error *err)
{
	spn_account *account = NULL;
	spn_status status = connect_follow(cli, text, err);
	if (!status && connect_want(cli) != SPN_WANT_ANY)
		status = spn_account_find(cli->dir, text, connect_want(cli), &account, err);
	if (status)
		return status;
	char *copy = strdup(account ? spn_account_dn(account) : text);
	spn_account_free(account);
	if (!copy)
		return no_memory(err);
	*ret_account = copy;
	return SPN_OK;
}

/* "move http/web --from svc --to WEB01": the command line, but for options that may be left out.  Free it. */
static char *command_line(const struct cli *cli)
{
	const struct option_row *rows;
	size_t n = options_table(&rows);
	char *line = NULL;
	size_t size;
	FILE *file = open_memstream(&line, &size);
	if (!file)
		return NULL;
	fputs(cli->command->name, file);
	for (int i = 0; i < cli->argc; i++)
		fprintf(file, " %s", cli->argv[i]);
	for (size_t i = 0; i < n; i++)
		if (rows[i].required && rows[i].group & cli->command->options)
			fprintf(file, " --%s %s", rows[i].name, options_text(&cli->options, &rows[i]));
	if (fclose(file) != 0) {
		free(line);
		return NULL;
	}
	return line;
}

static spn_status print_plan(struct cli *cli, const spn_plan *plan, spn_error *err)
{
	switch ((enum plan_format)cli->options.format) {
	case FORMAT_LDIF: return spn_plan_write(plan, SPN_PLAN_LDIF, stdout, err);
	case FORMAT_SETSPN: return spn_plan_write(plan, SPN_PLAN_SETSPN, stdout, err);
	case FORMAT_POWERSHELL: return spn_plan_write(plan, SPN_PLAN_POWERSHELL, stdout, err);
	case FORMAT_TEXT:
	case FORMAT_DESIRED: /* of no plan */
	case FORMAT_NAGIOS:
	case FORMAT_PROMETHEUS:
	case FORMAT_JSON: break;
	}
	spn_report_plan(cli->report, plan);
	return SPN_OK;
}

/* Reads what a person types, without the blanks around it.  false: the end of the input. */
static bool read_answer(char *answer, size_t size)
{
	if (!interrupt_wait(STDIN_FILENO) || !fgets(answer, (int)size, stdin))
		return false;
	char *from = answer + strspn(answer, " \t");
	size_t len = strcspn(from, "\r\n");
	while (len > 0 && (from[len - 1] == ' ' || from[len - 1] == '\t'))
		len--;
	memmove(answer, from, len);
	answer[len] = '\0';
	return true;
}

/* The question, which names what will be changed, and how much of it: so nobody overlooks what has left the screen. */
static void ask(const struct change *change)
{
	const char *url = spn_directory_url(change->dir);
	size_t n_steps = spn_plan_count(change->plan), n_values = 0;
	for (size_t i = 0; i < n_steps; i++)
		n_values += spn_plan_step(change->plan, i)->n_mods;
	fputs(change->phrase ? "This changes " : "Carry this out", stderr);
	if (n_values > 1)
		fprintf(stderr, change->phrase ? "%zu values in %zu step%s of " : " (%zu values in %zu step%s) in ",
				n_values, n_steps, n_steps == 1 ? "" : "s");
	else
		fputs(change->phrase ? "" : " in ", stderr);
	spn_text_print(stderr, url, strlen(url));
	if (change->phrase)
		fprintf(stderr, ".\nType \"%s\" to go on: ", change->phrase);
	else
		fputs("? [y/N] ", stderr);
	fflush(stderr);
}

static bool confirmed(const struct change *change)
{
	char answer[80];
	int attempts = change->phrase ? 3 : 1;
	for (int i = 0; i < attempts; i++) {
		ask(change);
		if (!read_answer(answer, sizeof answer)) {
			putc('\n', stderr);
			break;
		}
		if (change->phrase ? strcasecmp(answer, change->phrase) == 0
				: strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0) {
			fputs(change->phrase ? "Confirmed!\n" : "", stderr);
			return true;
		}
		if (change->phrase)
			fprintf(stderr, "Attempt %d of %d: the answer does not match \"%s\".\n", i + 1, attempts, change->phrase);
	}
	return false;
}

/* Returns SPN_ERR_REFUSED if the person does not want it, or is not there. */
static spn_status confirm(struct cli *cli, const struct change *change, spn_error *err)
{
	if (cli->options.yes)
		return SPN_OK;
	if (!isatty(STDIN_FILENO))
		return spn_fail(err, SPN_ERR_REFUSED, 0,
				"not confirmed, nothing was changed: standard input is not a terminal, so --yes is required");
	struct interrupt interrupt;
	interrupt_catch(&interrupt, true); /* Ctrl-C is an answer: it is said what that means */
	bool wanted = confirmed(change);
	interrupt_release(&interrupt);
	if (!wanted)
		return spn_fail(err, SPN_ERR_REFUSED, 0, "not confirmed, nothing was changed");
	return SPN_OK;
}

static spn_status watch(size_t i, const spn_step *step, spn_step_state state, const spn_error *why,
		void *data, spn_error *err)
{
	struct work *work = data;
	work->n_done += state == SPN_STEP_DONE;
	if (work->shows_progress && state == SPN_STEP_PLANNED)
		place_show(work->cli, "step %zu of %zu", i + 1, work->n);
	else
		place_hide(work->cli);
	if (state == SPN_STEP_PLANNED && interrupt_seen())
		return spn_fail(err, SPN_ERR_FAILED, EINTR, "interrupted");
	bool is_told_later = work->change->tells_failures && !work->cli->options.json;
	if (state != SPN_STEP_PLANNED)
		spn_report_step(work->cli->report, i, work->n, step, state, is_told_later ? NULL : why);
	return work->change->watch ? work->change->watch(i, step, state, why, work->change->data, err) : SPN_OK;
}

static spn_status open_journal(struct cli *cli, const struct change *change, spn_journal **ret_journal,
		spn_error *err)
{
	char *line = change->title ? NULL : command_line(cli);
	const char *title = change->title ? change->title : line;
	spn_status status = title
		? spn_journal_create(cli->options.journal, title, ret_journal, err)
		: no_memory(err);
	free(line);
	return status;
}

/* ret_n_done: the steps that were carried out, of which those that are optional may all fail. */
static spn_status apply(struct cli *cli, const struct change *change, spn_journal *journal, size_t *ret_n_done,
		spn_error *err)
{
	size_t n = spn_plan_count(change->plan);
	struct work work = {
		.cli = cli, .change = change, .n = n,
		.shows_progress = n > 1 && !cli->options.quiet && !cli->options.json && isatty(STDERR_FILENO),
	};
	struct interrupt interrupt;
	interrupt_catch(&interrupt, false);
	spn_status status = spn_plan_apply(change->plan, change->dir, journal, watch, &work, err);
	interrupt_release(&interrupt);
	*ret_n_done = work.n_done;
	return status;
}

/* How much of a change can be given back, as far as that was foreseen. */
enum undoable { UNDO_NOTHING, UNDO_SOME, UNDO_ALL };

struct record {
	struct cli *cli;
	enum undoable undoable;
};

static void show_journal(const struct record *record, const spn_journal_info *info)
{
	struct cli *cli = record->cli;
	bool is_default = !cli->options.journal && !info->is_undo; /* of undo */
	char *path = spn_text_shell_path(info->path);
	if (cli->options.json)
		spn_report_journal(cli->report, info);
	else if (record->undoable == UNDO_NOTHING)
		note(cli, "recorded in %s; as things stand, it cannot be undone: see above", info->path);
	else
		note(cli, "recorded in %s; to undo %s: spnkit undo%s%s", info->path,
				record->undoable == UNDO_ALL ? "it" : "the rest of it", is_default ? "" : " ",
				is_default           ? "" :
						path ? path :
						       "FILE");
	free(path);
}

/* Where 1 says that there is something to change, what is not there is "no longer as planned". */
static enum cli_exit refusal(const struct cli *cli, enum cli_exit code)
{
	return code == CLI_NO && cli->command->tells_difference ? CLI_REFUSED : code;
}

/* What can be done about a refusal. */
static void advise(struct cli *cli, spn_status status)
{
	if (status == SPN_ERR_DENIED)
		note(cli, "for someone with permission: --dry-run --format powershell, setspn or ldif prints the change");
	if (status == SPN_ERR_NO_WAY_BACK)
		note(cli, "to do it anyway, use --no-way-back");
}

/* Tells how it ended, and where the record of it is. */
static enum cli_exit report(struct cli *cli, const struct change *change, spn_journal *journal, enum undoable undoable,
		spn_status status, const spn_error *err)
{
	const char *url = spn_directory_url(change->dir);
	const char *path = spn_journal_path(journal);
	spn_error unreadable = { .status = SPN_OK };
	if (status == SPN_ERR_HALF_DONE)
		note(cli, "%s was changed", url);
	if (status == SPN_ERR_HALF_DONE)
		output_error(cli, err, path);
	else if (status)
		complain(cli, err);
	advise(cli, status);
	if (status)
		return refusal(cli, exit_of(status));
	if (!cli->options.json) /* its record of the journal names the directory */
		note(cli, "%s was changed", url);
	struct record record = { cli, undoable };
	spn_journal_info *info = NULL;
	if (spn_journal_read(path, &info, &unreadable))
		return complain(cli, &unreadable);
	show_journal(&record, info);
	spn_journal_info_free(info);
	return CLI_DONE;
}

static spn_status note_interrupted(const spn_journal_info *info, void *data, spn_error *err)
{
	(void)err;
	char *path = spn_text_shell_path(info->path);
	if (info->state == SPN_JOURNAL_OPEN && !info->problem)
		note(data, "'%s' of %s was interrupted; to undo what it did: spnkit undo %s", info->title, info->time,
				path ? path : "FILE");
	free(path);
	return SPN_OK;
}

/* Work that was killed is reported at the next start. */
static void look_for_interrupted(struct cli *cli)
{
	if (strcmp(cli->command->name, "undo") != 0)
		(void)spn_journal_list(NULL, note_interrupted, cli, NULL); /* the work at hand does not depend on it */
}

static void advise_journal(struct cli *cli)
{
	if (!cli->options.journal)
		note(cli, "--journal FILE records it in a file of your choice");
}

/* Steps that were carried out and then rolled back do not count as a change. */
static void note_outcome(struct cli *cli, spn_status status, size_t n_done, const spn_journal *journal)
{
	struct outcome *outcome = &cli->outcome;
	outcome->changed = status == SPN_ERR_HALF_DONE || (!status && n_done > 0);
	outcome->n_steps = outcome->changed ? n_done : 0;
	if (!outcome->changed)
		return;
	outcome->journal = strdup(spn_journal_path(journal));
	cli->lost |= !outcome->journal;
}

static enum cli_exit carry_out(struct cli *cli, const struct change *change, enum undoable undoable, bool *ret_done)
{
	spn_error err = { .status = SPN_OK };
	spn_journal *journal = NULL;
	/* A change that cannot be reported is not begun. */
	if (output_flush(cli, &err) || confirm(cli, change, &err))
		return complain(cli, &err);
	if (open_journal(cli, change, &journal, &err)) {
		enum cli_exit failed = complain(cli, &err);
		advise_journal(cli);
		return failed;
	}
	size_t n_done;
	enum cli_exit code = CLI_DONE;
	spn_status status = apply(cli, change, journal, &n_done, &err);
	*ret_done = status == SPN_OK;
	note_outcome(cli, status, n_done, journal);
	if (status || n_done > 0)
		code = report(cli, change, journal, undoable, status, &err);
	else
		note(cli, "nothing was changed");
	spn_journal_free(journal);
	return code;
}

struct one_way {
	struct cli *cli;
	size_t n; /* values */
};

static spn_status note_one_way(const spn_finding *finding, void *data, spn_error *err)
{
	struct one_way *one_way = data;
	(void)err;
	one_way->n++;
	note(one_way->cli, "%s", finding->text);
	return SPN_OK;
}

static size_t count_values(const spn_plan *plan)
{
	size_t n = 0;
	for (size_t i = 0; i < spn_plan_count(plan); i++)
		n += spn_plan_step(plan, i)->n_mods;
	return n;
}

/* Ends as carrying it out would.  What is written for others to run is judged by them, with their rights. */
static enum cli_exit foresee(struct cli *cli, const spn_plan *plan, spn_directory *dir)
{
	spn_error err = { .status = SPN_OK };
	if (cli->options.format != FORMAT_TEXT && cli->options.format != FORMAT_JSON)
		return CLI_DONE;
	bool recorded = spn_journal_check(cli->options.journal, &err) == SPN_OK;
	spn_status status = recorded ? spn_plan_preflight(plan, dir, &err) : err.status;
	if (!status) {
		cli->outcome.changed = true;
		cli->outcome.n_steps = spn_plan_count(plan);
		return cli->command->tells_difference ? CLI_NO : CLI_DONE;
	}
	enum cli_exit code = refusal(cli, complain(cli, &err));
	if (!recorded)
		advise_journal(cli);
	advise(cli, status);
	return code;
}

enum cli_exit change_run(struct cli *cli, const struct change *change, bool *ret_done)
{
	*ret_done = false;
	spn_error err = { .status = SPN_OK };
	if ((cli->options.no_way_back && spn_plan_allow(change->plan, SPN_UNSURE | SPN_NO_WAY_BACK, &err)) ||
			print_plan(cli, change->plan, &err))
		return complain(cli, &err);
	if (spn_plan_count(change->plan) == 0) {
		note(cli, "there is nothing to change");
		*ret_done = true;
		return CLI_DONE;
	}
	struct one_way one_way = { cli, 0 };
	if (spn_plan_one_way(change->plan, change->dir, note_one_way, &one_way, &err))
		note(cli, "what an undo could not give back cannot be foreseen: %s", err.message);
	if (spn_plan_delegations(change->plan, change->dir, change_remark, cli, &err))
		note(cli, "who delegates to these names cannot be read: %s", err.message);
	if (cli->options.dry_run)
		return foresee(cli, change->plan, change->dir);
	look_for_interrupted(cli);
	size_t n_values = count_values(change->plan);
	return carry_out(cli, change, one_way.n == 0 ? UNDO_ALL : one_way.n < n_values ? UNDO_SOME : UNDO_NOTHING, ret_done);
}

enum cli_exit change_command(struct cli *cli, change_plan_fn *make)
{
	bool done;
	spn_error err = { .status = SPN_OK };
	spn_plan *plan = NULL;
	enum cli_exit code = make(cli, &plan, &err) ? refusal(cli, complain(cli, &err))
		: change_run(cli, &(struct change){ .plan = plan, .dir = cli->dir }, &done);
	spn_plan_free(plan);
	return code;
}

/* SPDX-License-Identifier: MIT */
#include "change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "commands.h"
#include "interrupt.h"
#include "output.h"

/* "move http/web --from svc --to WEB01": the command line, but for options that may be left out.  Free it. */
static char *command_line(const struct cli *cli, const char *verb)
{
	const struct option_row *rows;
	size_t n = options_table(&rows);
	char *line = NULL;
	size_t size;
	FILE *file = open_memstream(&line, &size);
	if (!file)
		return NULL;
	fputs(verb ? verb : cli->command->name, file);
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

spn_status change_write(const struct cli *cli, const spn_plan *plan, spn_error *err)
{
	static const spn_plan_format formats[] = { [FORMAT_LDIF] = SPN_PLAN_LDIF, [FORMAT_SETSPN] = SPN_PLAN_SETSPN,
		[FORMAT_POWERSHELL] = SPN_PLAN_POWERSHELL };
	return spn_plan_write(plan, formats[cli->options.format], stdout, err);
}

static spn_status print_plan(const spn_plan *plan, void *data, spn_error *err)
{
	struct change *change = data;
	struct cli *cli = change->cli;
	change->plan = plan;
	change->is_empty = spn_plan_count(plan) == 0;
	if (change->warning && !change->is_empty)
		note(cli, "%s", change->warning);
	if (output_is_plan(cli))
		return change_write(cli, plan, err);
	spn_report_plan(change->cli->report, plan);
	return SPN_OK;
}

/* Reads what a person types, without the blanks around it.  false: the end of the input. */
static bool read_answer(const struct interrupt *interrupt, char *answer, size_t size)
{
	if (!interrupt_wait(interrupt, STDIN_FILENO, -1) || !fgets(answer, (int)size, stdin))
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
	const char *url = spn_directory_url(change->cli->dir);
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
		if (!read_answer(&change->interrupt, answer, sizeof answer)) {
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

/* Fails with SPN_ERR_REFUSED if the person does not want it, or is not there. */
static spn_status ask_person(struct change *change, spn_error *err)
{
	if (!isatty(STDIN_FILENO))
		return spn_fail(err, SPN_ERR_REFUSED, 0,
				"not confirmed, nothing was changed: standard input is not a terminal, so --yes is required");
	interrupt_hold(&change->interrupt); /* Ctrl-C is an answer: it is said what that means */
	bool wanted = confirmed(change);
	interrupt_release(&change->interrupt);
	return wanted ? SPN_OK : spn_fail(err, SPN_ERR_REFUSED, 0, "not confirmed, nothing was changed");
}

static spn_status confirm(const spn_plan *plan, void *data, spn_error *err)
{
	struct change *change = data;
	struct cli *cli = change->cli;
	(void)plan;
	if (cli->options.dry_run) /* what is written for others to run is judged by them, with their rights */
		return spn_fail(err, SPN_ERR_STOPPED, 0, "the plan was written");
	if (strcmp(cli->command->name, "undo") != 0) /* the work at hand does not depend on this */
		(void)spn_journal_list(NULL, spn_report_on_interrupted, cli->report, NULL);
	spn_status status = output_flush(cli, err); /* a change that cannot be reported is not begun */
	if (!status && !cli->options.yes)
		status = ask_person(change, err);
	if (!status)
		interrupt_hold(&change->interrupt);
	change->is_caught = !status;
	return status;
}

static void release(struct change *change)
{
	if (change->is_caught)
		interrupt_release(&change->interrupt);
	change->is_caught = false;
}

static spn_status watch(size_t i, const spn_step *step, spn_step_state state, const spn_error *why,
		void *data, spn_error *err)
{
	struct change *change = data;
	struct cli *cli = change->cli;
	size_t n = spn_plan_count(change->plan);
	bool is_told_later = change->tells_failures && !cli->options.json;
	change->n_refused += state == SPN_STEP_FAILED && step->flags & SPN_OPTIONAL;
	spn_report_step(cli->report, i, n, step, state, is_told_later ? NULL : why);
	if (state == SPN_STEP_PLANNED && !interrupt_wait(&change->interrupt, -1, 0))
		return spn_fail(err, SPN_ERR_FAILED, EINTR, "interrupted");
	return SPN_OK;
}

/* What a builder notices is printed before the plan; how the plan affects others and an undo, after it. */
static spn_status tell(const spn_finding *finding, void *data, spn_error *err)
{
	struct change *change = data;
	bool is_note = change->plan && (strcmp(finding->code, "kept") == 0 || strcmp(finding->code, "unforeseen") == 0);
	change->n_kept += !change->plan && strcmp(finding->code, "kept") == 0;
	if (!is_note)
		return spn_report_on_remark(finding, change->cli->report, err);
	note(change->cli, "%s", finding->text);
	return SPN_OK;
}

/* Reports the result and the journal.  Work that is half done is reported together with the error. */
static spn_status tell_outcome(const spn_outcome *outcome, void *data, spn_error *err)
{
	struct change *change = data;
	struct cli *cli = change->cli;
	spn_error unreadable = { .status = SPN_OK };
	(void)err;
	release(change);
	change->plan = NULL;
	change->is_over = true;
	cli->outcome.changed = outcome->changed;
	cli->outcome.n_steps = outcome->n_steps;
	if (outcome->journal) {
		cli->outcome.journal = strdup(outcome->journal);
		cli->lost |= !cli->outcome.journal;
	}
	if (outcome->n_planned == 0)
		note(cli, "there is nothing to change%s", cli->command == &cmd_converge ? condition(cli) : "");
	else if (cli->options.dry_run)
		change->code = cli->command->tells_difference ? CLI_NO : CLI_DONE;
	else if (!outcome->changed)
		note(cli, "nothing was changed");
	else if (!outcome->half_done &&
			spn_report_changed(cli->report, spn_directory_url(cli->dir), outcome, cli->options.journal, &unreadable))
		change->code = complain(cli, &unreadable);
	if (outcome->late && !change->code) {
		complain(cli, outcome->late);
		change->code = CLI_NO; /* it stands, where it was made */
	}
	return SPN_OK;
}

spn_change_options change_options(struct change *change)
{
	const struct options *given = &change->cli->options;
	spn_change_options options = SPN_CHANGE_OPTIONS_INIT;
	options.flags = (given->flags & (SPN_UNSURE | SPN_NO_WAY_BACK)) |
			(given->dry_run && !output_is_plan(change->cli) ? SPN_DRY_RUN : 0);
	options.journal = given->journal;
	options.plan_fn = print_plan;
	options.finding_fn = tell;
	options.confirm_fn = confirm;
	options.step_fn = watch;
	options.outcome_fn = tell_outcome;
	options.data = change;
	return options;
}

/* What can be done about a refusal. */
static void advise(struct cli *cli, const spn_error *err)
{
	if (err->remedy == SPN_REMEDY_JOURNAL && !cli->options.journal)
		note(cli, "--journal FILE records it in a file of your choice");
	if (err->status == SPN_ERR_DENIED)
		note(cli, "for someone with permission: --dry-run --format powershell, setspn or ldif prints the change");
	if (err->status == SPN_ERR_NO_WAY_BACK)
		note(cli, "to do it anyway, use --no-way-back");
}

spn_status change_end(struct change *change, spn_status status, const spn_error *err)
{
	struct cli *cli = change->cli;
	release(change);
	cli->code = change->code;
	if (!status || status == SPN_ERR_STOPPED)
		return SPN_OK;
	if (status == SPN_ERR_HALF_DONE) {
		note(cli, "%s was changed", spn_directory_url(cli->dir));
		output_error(cli, err, cli->outcome.journal);
	} else
		complain(cli, err);
	if (change->plan)
		advise(cli, err);
	/* where 1 says that there is something to change, what is not there is "no longer as planned" */
	cli->code = status == SPN_ERR_NOT_FOUND && cli->command->tells_difference ? CLI_REFUSED : exit_of(status);
	return SPN_OK;
}

spn_status change_run(struct change *change, spn_plan *plan, const char *verb)
{
	struct cli *cli = change->cli;
	spn_error err = { .status = SPN_OK };
	spn_change_options options = change_options(change);
	AUTO(char) *line = command_line(cli, verb);
	options.title = line;
	spn_status status = line ? spn_plan_run(plan, cli->dir, &options, &err) :
			spn_fail(&err, SPN_ERR_NOMEM, 0, "out of memory");
	return change_end(change, status, &err);
}

spn_status change_command(struct cli *cli, change_plan_fn *make)
{
	struct change change = { .cli = cli };
	spn_error err = { .status = SPN_OK };
	AUTO(spn_plan) *plan = NULL;
	spn_status status = make(cli, &plan, &err);
	return status ? change_end(&change, status, &err) : change_run(&change, plan, NULL);
}

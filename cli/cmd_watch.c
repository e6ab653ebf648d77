/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "connect.h"
#include "interrupt.h"
#include "output.h"
#include "systemd.h"

#define USUAL_INTERVAL 60u

struct watching {
	struct cli *cli;
	spn_watch *watch;
	struct interrupt interrupt;
	bool has_levels; /* standard output is the journal */
	size_t n_told, n_quiet; /* events of the look at hand */
	char trouble[512]; /* the last failure, until a look succeeds */
};

/* A look of which a line could not be written is none: the next one tells all of it. */
static spn_status show(const spn_event *event, void *data, spn_error *err)
{
	struct watching *watching = data;
	if (!watching->cli->options.all && !spn_event_changes_verdict(event)) {
		watching->n_quiet++;
		return SPN_OK;
	}
	watching->n_told++;
	spn_report_event(watching->cli->report, event);
	return output_flush(watching->cli, err);
}

static void begin_look(struct watching *watching)
{
	struct cli *cli = watching->cli;
	spn_report_look(cli->report, time(NULL), spn_directory_url(cli->dir), watching->has_levels);
	spn_report_dates(cli->report, &cli->dir, 1);
	watching->n_told = watching->n_quiet = 0;
}

/* The state is written after its events have been printed: if that fails, or the command is killed, they are printed
 * again. */
static spn_status look_once(struct watching *watching, spn_error *err)
{
	struct cli *cli = watching->cli;
	spn_status status = cli->dir ? SPN_OK : connect_domain(cli, err);
	if (status)
		return status;
	begin_look(watching);
	status = spn_watch_look(watching->watch, cli->dir, show, watching, err);
	if (!status && cli->counted)
		status = spn_watch_findings(watching->watch, spn_report_on_conflict, cli->report, err);
	spn_report_dates(cli->report, NULL, 0);
	if (!status)
		status = output_flush(cli, err);
	return status ? status : spn_watch_save(watching->watch, err);
}

/* If a controller has gone, or a ticket has expired, a new connection finds another one. */
static spn_status look(struct watching *watching, spn_error *err)
{
	struct cli *cli = watching->cli;
	bool was_open = cli->dir != NULL;
	spn_error why = { .status = SPN_OK };
	spn_status status = look_once(watching, was_open ? &why : err);
	if (!status || !was_open)
		return status;
	cli->dir = spn_directory_free(cli->dir);
	return look_once(watching, err);
}

/* Once, however often it happens again. */
static void tell_trouble(struct watching *watching, const spn_error *err)
{
	if (strcmp(watching->trouble, err->message) == 0)
		return;
	snprintf(watching->trouble, sizeof watching->trouble, "%s", err->message);
	output_error(watching->cli, err, NULL);
	note(watching->cli, "looking again every %u s",
			watching->cli->options.interval ? watching->cli->options.interval : USUAL_INTERVAL);
}

/* systemd must hear of us more often than it has patience for. */
static bool sleep_until_next(const struct watching *watching)
{
	const struct cli *cli = watching->cli;
	unsigned left = (cli->options.interval ? cli->options.interval : USUAL_INTERVAL) * 1000;
	unsigned patience = systemd_patience(), step = patience ? patience / 3 + 1 : left;
	while (left > 0) {
		unsigned part = left < step ? left : step;
		systemd_notify("WATCHDOG=1");
		if (!interrupt_wait(&watching->interrupt, -1, (int)part))
			return false;
		left -= part;
	}
	return true;
}

static void keep_looking(struct watching *watching)
{
	struct cli *cli = watching->cli;
	systemd_notify("READY=1");
	while (sleep_until_next(watching)) {
		spn_error err = { .status = SPN_OK };
		if (look(watching, &err)) {
			tell_trouble(watching, &err);
			cli->dir = spn_directory_free(cli->dir);
		} else if (*watching->trouble) {
			*watching->trouble = '\0';
			note(cli, "looking at %s again", spn_directory_url(cli->dir));
		}
	}
	systemd_notify("STOPPING=1");
}

static spn_status run(struct cli *cli, spn_error *err)
{
	struct watching watching = { .cli = cli, .has_levels = systemd_has_journal() };
	bool once = cli->options.once;
	if (cli->counted && !once)
		return misused(cli, err, "--format nagios and prometheus need --once");
	if (!once)
		interrupt_hold(&watching.interrupt);
	spn_status status = spn_watch_new(cli->options.state, &watching.watch, err);
	if (!status)
		status = look(&watching, err);
	if (!status && !once) {
		if (!cli->options.quiet)
			note(cli, "watching %zu accounts at %s", spn_watch_accounts(watching.watch),
					spn_directory_url(cli->dir));
		keep_looking(&watching);
	}
	if (!once)
		interrupt_release(&watching.interrupt);
	spn_watch_free(watching.watch);
	cli->code = once && watching.n_told > 0 ? CLI_NO : CLI_DONE; /* else that was what it is for */
	return status;
}

const struct command cmd_watch = {
	.name = "watch",
	.args = "",
	.summary = "Report names that change hands, and new duplicates",
	.details = "Looks at the domain again and again (--once: once) and prints a line for each change since the "
		"last look, if another account answers for a name now, or nobody, or if a finding is new or "
		"cleared: a duplicate, an alias conflict, a machine's name elsewhere, weak keys, a delegation to "
		"nobody; --all prints all changes of names. The first look prints the findings that there are. With "
		"--state, the next run goes on where the last one ended, however that did. Exit code 1 if --once "
		"printed anything.",
	.example = "spnkit watch --once --state seen.ldif",
	.options = OPTIONS_WATCH,
	.finds = true,
	.run = run,
};

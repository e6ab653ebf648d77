/* SPDX-License-Identifier: MIT */
/* output.h - what the command says of its own: lines for people, errors, and where long work is */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "cli.h"

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/* Begins the report of the command, as the options and cli->as_setspn say; again, if they say something else now. */
void output_begin(struct cli *cli);
/* Begins the page of --html, if there is to be one: cli->page receives what the report receives from now on. */
void output_begin_page(struct cli *cli);
/* Writes the numbers of a report that only has these.  Returns the exit code: that of a plug-in for Nagios; else that
 * of the command, but 0 whatever was found, if Prometheus has its file. */
enum cli_exit output_numbers(struct cli *cli, enum cli_exit code);
/* Returns SPN_ERR_FAILED if what was printed cannot be written. */
spn_status output_flush(struct cli *cli, spn_error *err);

/* Whether a plan in a format for others goes to standard output, in the place of text or objects. */
bool output_is_plan(const struct cli *cli);

/* What a verdict on names depends on, as the end of a sentence: ", as far as this file shows (...)"; "" if all of them
 * are known. */
const char *condition(const struct cli *cli);
/* The same as a line by itself, if there is something to say. */
void say_condition(struct cli *cli);

/* A line for people on standard output: nothing with --json or where the plan is an LDIF or a script. */
void say(struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);
/* A line for people on standard error, behind "spnkit: ". */
void note(struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

/* The name that a text means (spn_name_guess), which is said; the text if that is itself.  *ret_name: for free(). */
const char *meant(struct cli *cli, const char *text, spn_asked asked, char **ret_name);

/* Whether a finding that is so bad was reported. */
bool output_has(const struct cli *cli, spn_severity severity);
/* The end of verdicts: the exit code is CLI_NO if something is broken. */
spn_status output_verdict_end(struct cli *cli);

/* These tell a failure and return the exit code that goes with it. */
enum cli_exit complain(struct cli *cli, const spn_error *err);
/* The error alone, without what is for programs; journal: that undoes what was done, or NULL. */
void output_error(struct cli *cli, const spn_error *err, const char *journal);
/* An error of the command line: whoever tells it adds where to find help. */
#define misused(cli, err, ...) ((cli)->is_misused = true, spn_fail(err, SPN_ERR_INVALID, 0, __VA_ARGS__))

#endif

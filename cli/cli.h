/* SPDX-License-Identifier: MIT */
/* cli.h - what every part of the command shares */
#ifndef CLI_H
#define CLI_H

#include <spnkit/spnkit.h>

#include "options.h"

/* What the process says to its caller; man page and scripts rely on the numbers. */
enum cli_exit {
	CLI_DONE = 0,
	CLI_NO = 1,      /* nothing found, or something is wrong with what was looked at */
	CLI_USAGE = 2,   /* the command line or an input cannot be understood */
	CLI_REFUSED = 3, /* nothing was changed: not unique, not confirmed, no longer as planned */
	CLI_DENIED = 4,  /* credentials or rights are missing */
	CLI_FAILED = 5,  /* the directory or the system failed; nothing was changed */
	CLI_HALF_DONE = 6
};

#ifdef __clang_analyzer__ /* which does not look into it, and must know that it never returns SPN_OK */
#define spn_fail(err, status, ...) (spn_fail(err, status, __VA_ARGS__), status)
#endif

/* What a command that changes something has done, for programs. */
struct outcome {
	bool is_due;    /* the command is one */
	bool changed;   /* the directory is not as it was; with --dry-run: would not be */
	size_t n_steps; /* carried out; with --dry-run: planned */
	char *journal;  /* with which it can be undone; NULL: none */
};

/* One run of the program. */
struct cli {
	struct options options;
	const struct command *command; /* NULL until it is known */
	int argc;                      /* the operands: what is left of the command line */
	char **argv;
	spn_report *report; /* standard output and standard error, as the options say */
	bool colour;        /* on standard output */
	bool has_complained; /* an error was reported */
	bool in_place;      /* place_show's line is on the terminal */
	unsigned counted;   /* FORMAT_NAGIOS or FORMAT_PROMETHEUS: findings are; else 0 */
	bool lost;          /* memory ran out where that ends nothing at once */
	spn_directory *dir; /* of a command that connects */
	bool as_setspn;     /* standard output is as setspn's */
	char *noted;        /* the directory whose notes have been shown, or NULL */
	struct outcome outcome;
	char *condition;    /* ", as far as this file shows (...)": what every verdict on names depends on, or NULL */
};

struct command {
	const char *name;
	const char *args; /* operands: "NAME... ACCOUNT"; in brackets what may be left out */
	const char *summary;
	const char *details; /* a paragraph for its help, or NULL */
	const char *table;   /* what stands below it as it is, or NULL */
	const char *example;
	unsigned options; /* the OPTIONS_... that it takes */
	bool connects;    /* wants cli->dir */
	bool raw;         /* reads what is behind it by itself */
	bool changes;
	bool finds; /* findings, which can be counted (--format nagios) */
	bool tells_difference; /* with --dry-run, the exit code says whether there is something to change */
	enum cli_exit (*run)(struct cli *cli);
	enum cli_exit (*explain)(struct cli *cli); /* --help with an operand or a recipe; NULL: as without */
};

/* Every command; ends with NULL. */
extern const struct command *const commands[];
/* NULL if there is none of that name, which is then told, with the nearest one. */
const struct command *command_find(struct cli *cli, const char *name);

enum cli_exit exit_of(spn_status status);

#endif

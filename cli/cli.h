/* SPDX-License-Identifier: MIT */
/* cli.h - what every part of the command shares */
#ifndef CLI_H
#define CLI_H

#include <stdlib.h>

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

/* An object that is freed when its scope ends: AUTO(spn_account) *account = NULL; */
#define AUTO(type) __attribute__((cleanup(auto_##type))) type
#define DEFINE_AUTO(type, free_fn) \
	static inline void auto_##type(type **it) \
	{ \
		free_fn(*it); \
	}
DEFINE_AUTO(char, free)
DEFINE_AUTO(spn_account, spn_account_free)
DEFINE_AUTO(spn_account_keys, spn_account_keys_free)
DEFINE_AUTO(spn_directory, spn_directory_free)
DEFINE_AUTO(spn_journal_info, spn_journal_info_free)
DEFINE_AUTO(spn_plan, spn_plan_free)
DEFINE_AUTO(spn_probe, spn_probe_free)
DEFINE_AUTO(spn_resolution, spn_resolution_free)
DEFINE_AUTO(spn_rights, spn_rights_free)

/* One run of the program. */
struct cli {
	struct options options;
	spn_credentials kerberos; /* towards a KDC and services: -D is for directories only */
	spn_kdc_options kdc_options;
	spn_handshake_options handshake;
	const struct command *command; /* NULL until it is known */
	int argc;                      /* the operands: what is left of the command line */
	char **argv;
	spn_report *report; /* standard output and standard error, as the options say */
	spn_report *page;   /* receives the same; NULL: without --html */
	bool colour;        /* on standard output */
	bool has_complained; /* an error was reported */
	bool is_misused;    /* the error is about the command line */
	enum cli_exit code; /* if there was no error that has not been told */
	unsigned counted;   /* FORMAT_NAGIOS or FORMAT_PROMETHEUS: findings are; else 0 */
	bool lost;          /* memory ran out where that ends nothing at once */
	spn_directory *dir; /* of a command that connects */
	spn_directory *dirs[OPTIONS_MAX_LISTED]; /* of one that looks at several */
	size_t n_dirs;
	spn_kdc *kdc;       /* NULL: not asked */
	bool as_setspn;     /* standard output is as setspn's */
	char *noted;        /* the directory whose notes have been shown, or NULL */
	struct outcome outcome;
};

/* Makes the plan of a command: a new one, in *ret_plan. */
typedef spn_status change_plan_fn(struct cli *cli, spn_plan **ret_plan, spn_error *err);

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
	spn_status (*run)(struct cli *cli, spn_error *err); /* its exit code is cli->code */
	change_plan_fn *plan; /* instead of run: it is nothing but a change */
	spn_status (*explain)(struct cli *cli, spn_error *err); /* --help with an operand or a recipe; NULL: as without */
};

/* Every command; ends with NULL. */
extern const struct command *const commands[];
/* If there is none of that name, the error says which one is nearest. */
spn_status command_find(struct cli *cli, const char *name, const struct command **ret_command, spn_error *err);

enum cli_exit exit_of(spn_status status);

#endif

/* SPDX-License-Identifier: MIT */
/* options.h - the one table of options, from which parsing and help derive */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <spnkit/spnkit.h>

struct cli;

#define OPTIONS_MAX 128
#define OPTIONS_MAX_LISTED 64

enum plan_format {
	FORMAT_TEXT,
	FORMAT_LDIF,
	FORMAT_SETSPN,
	FORMAT_POWERSHELL,
	FORMAT_JSON,
	FORMAT_DESIRED /* of expect */,
	FORMAT_NAGIOS, /* these two of findings */
	FORMAT_PROMETHEUS
};

/* The values of an option that may be given several times. */
struct option_list {
	const char *at[OPTIONS_MAX_LISTED];
	size_t n;
};

/* What the command line says; what it leaves out is zero.  What a call of the library takes is in its own struct. */
struct options {
	const char *url; /* which directory, and as whom */
	struct option_list domains;
	bool forest;
	spn_credentials who;
	spn_open_options open;
	const char *password_file;
	const char *named_keytab; /* --keytab, as opposed to -k */
	bool ask_password;

	bool dry_run, yes; /* changing */
	unsigned flags;    /* SPN_... */
	unsigned format;   /* enum plan_format */
	unsigned wait_replicas; /* seconds; 0: not at all */
	const char *journal;

	bool json, quiet, trace, help, version; /* of every command */

	bool computer, user; /* of several */
	bool no_probe, keys, list;
	const char *html;
	spn_probe_options probe;   /* its keytab: --keytab of a command that probes */
	spn_repair_options repair; /* its service and port are those of diagnose, too */

	spn_audit_options audit; /* of audit */
	bool dns, strict, by_service;
	struct option_list ignored; /* CODE or CODE:PATTERN */
	const char *accepted;

	spn_expect_options expect; /* of expect */
	struct option_list aliases;
	const char *recipe;
	bool asks_kdc;

	const char *from, *to; /* of move */
	const char *who_may; /* of rights: WHO */
	bool forget;         /* of undo */
	const char *state;   /* of watch */
	unsigned interval;   /* seconds; 0: the usual ones */
	bool once, all;

	bool seen[OPTIONS_MAX]; /* the rows of the table that were given */
};

#define OPTIONS_INIT { .who = SPN_CREDENTIALS_INIT, .open = SPN_OPEN_OPTIONS_INIT, .probe = SPN_PROBE_OPTIONS_INIT, \
	.repair = SPN_REPAIR_OPTIONS_INIT, .expect = SPN_EXPECT_OPTIONS_INIT, .audit = SPN_AUDIT_OPTIONS_INIT }

/* The groups of the table.  The first three go with every command, before it and behind it. */
#define OPTIONS_DIRECTORY (1u << 0)
#define OPTIONS_CHANGE (1u << 1)
#define OPTIONS_GENERAL (1u << 2)
#define OPTIONS_FOREST (1u << 3)
#define OPTIONS_KIND (1u << 4)
#define OPTIONS_TAKEOVER (1u << 5)
#define OPTIONS_PROTECTED (1u << 6)
#define OPTIONS_REPAIR (1u << 7)
#define OPTIONS_MOVE (1u << 8)
#define OPTIONS_UNDO (1u << 9)
#define OPTIONS_PROBE (1u << 10)
#define OPTIONS_AUDIT (1u << 11)
#define OPTIONS_REPLICAS (1u << 12)
#define OPTIONS_APPLY (1u << 13)
#define OPTIONS_KDC (1u << 14)
#define OPTIONS_KEYS (1u << 15)
#define OPTIONS_EXPECT (1u << 16)
#define OPTIONS_CONVERGE (1u << 17)
#define OPTIONS_DELETE (1u << 18)
#define OPTIONS_DIFF (1u << 20)
#define OPTIONS_RIGHTS (1u << 21)
#define OPTIONS_WATCH (1u << 22)
#define OPTIONS_GLOBAL (OPTIONS_DIRECTORY | OPTIONS_CHANGE | OPTIONS_GENERAL)

struct option_row;
/* Takes the value of an option (NULL: it has none). */
typedef spn_status option_fn(
		struct cli *cli, const struct option_row *row, void *where, const char *text, spn_error *err);

struct option_row {
	unsigned group;
	char letter; /* 0: none */
	const char *name;
	const char *value; /* what help calls it; NULL: takes none */
	const char *help;
	option_fn *set;
	size_t where; /* in struct options: a bool, a text, a number, a list, ... */
	unsigned max, usual; /* max: of a flag, its bits; usual: the value may be left out, or follow behind '=' */
	const char *const *choices; /* ends with NULL */
	bool required;
};

/* Lends the table, and returns how many rows it has. */
size_t options_table(const struct option_row **ret_rows);

/* Whether the command at hand takes this option: a message recommends no other. */
bool options_has(const struct cli *cli, const char *name);

/* The value of a row that takes a text. */
const char *options_text(const struct options *options, const struct option_row *row);

/* Reads options into cli->options.  all: those between and behind the operands as well, which are moved to the end of
 * argv; else it stops at the first operand, whose place is *ret_first. */
spn_status options_parse(struct cli *cli, int argc, char **argv, bool all, int *ret_first, spn_error *err);

/* Whether the options that were given suit the command and each other. */
spn_status options_check(struct cli *cli, spn_error *err);

#endif

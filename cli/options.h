/* SPDX-License-Identifier: MIT */
/* options.h - the one table of options, from which parsing and help derive */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <spnkit/enctype.h>

struct cli;

#define OPTIONS_MAX 128
#define OPTIONS_MAX_DOMAINS 64
#define OPTIONS_MAX_IGNORED 64
#define OPTIONS_MAX_ALIASES 64

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

/* What the command line says; what it leaves out is zero. */
struct options {
	const char *url;
	const char *domains[OPTIONS_MAX_DOMAINS];
	size_t n_domains;
	bool forest;
	unsigned starttls;
	const char *cacert;
	const char *keytab;
	const char *principal;
	const char *ccache;
	const char *bind_dn;
	const char *password_file;
	bool ask_password;
	const char *sasl_mech;
	const char *authzid;
	bool trust_dns;
	unsigned timeout;
	unsigned rules; /* spn_dialect */
	spn_era kdc;
	spn_era era; /* of the KDCs that an audit foresees; unknown: of none */

	bool dry_run;
	unsigned format; /* enum plan_format */
	bool yes;
	const char *journal;
	bool no_way_back;
	bool any_attribute;

	bool json;
	bool quiet;
	bool trace;
	bool help;
	bool version;

	bool computer;
	bool user;
	bool takeover;
	unsigned wait_replicas; /* seconds; 0: not at all */
	bool protected_groups;
	const char *service;
	unsigned port;
	bool no_probe;
	const char *http;
	const char *named_keytab; /* --keytab, as opposed to -k */
	const char *decrypt;      /* of a command that probes: --keytab */
	const char *from;
	const char *to;
	bool keys;
	bool list;
	bool forget;
	bool elsewhere;
	bool exact;
	bool if_present;
	const char *html;
	bool dns;
	unsigned password_days;
	bool strict;
	bool by_service;
	const char *ignored[OPTIONS_MAX_IGNORED]; /* CODE or CODE:PATTERN */
	size_t n_ignored;
	const char *accepted;
	const char *host;
	const char *instance;
	const char *aliases[OPTIONS_MAX_ALIASES];
	size_t n_aliases;
	const char *listener;
	const char *account;
	const char *recipe;
	bool probe;
	const char *who; /* whose rights */
	const char *state;
	unsigned interval; /* seconds; 0: the usual ones */
	bool once;
	bool all;

	bool seen[OPTIONS_MAX]; /* the rows of the table that were given */
};

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

enum option_kind {
	OPTION_FLAG,   /* bool */
	OPTION_COUNT,  /* unsigned: how often it was given */
	OPTION_TEXT,   /* const char * */
	OPTION_NUMBER, /* unsigned, from 1 to max; usual, if the value is left out */
	OPTION_TIME,   /* the same in seconds; "5m" is 300 */
	OPTION_CHOICE, /* unsigned: the place in choices */
	OPTION_DOMAIN, /* domains */
	OPTION_IGNORE, /* ignored */
	OPTION_ALIAS,  /* aliases */
	OPTION_ERA     /* spn_era */
};

struct option_row {
	unsigned group;
	char letter; /* 0: none */
	const char *name;
	const char *value; /* what help calls it; NULL: takes none */
	const char *help;
	enum option_kind kind;
	size_t where; /* in struct options */
	unsigned max, usual; /* usual: the value may be left out, or follow behind '=' */
	const char *const *choices; /* ends with NULL */
	bool required;
};

/* Lends the table, and returns how many rows it has. */
size_t options_table(const struct option_row **ret_rows);

/* Whether the command at hand takes this option: a message recommends no other. */
bool options_has(const struct cli *cli, const char *name);

/* The value of a row that takes a text. */
const char *options_text(const struct options *options, const struct option_row *row);

/*
 * Reads options into cli->options.  all: those between and behind the operands as well, which are moved to the
 * end of argv; else it stops at the first operand.
 *
 * Returns the place of the first operand; -1 if there was an error, which is then told.
 */
int options_parse(struct cli *cli, int argc, char **argv, bool all);

/* Says whether the options that were given suit the command and each other; tells why not. */
bool options_check(struct cli *cli);

#endif

/* SPDX-License-Identifier: MIT */
/* output.h - records on standard output, messages on standard error, as text or as JSON */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "cli.h"

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/* A step of a plan at work. */
struct progress {
	size_t i; /* counted from 0 */
	size_t n;
	const spn_step *step;
	const spn_step *before; /* the step before it in a plan that is shown, or NULL */
	unsigned *explained; /* of a plan that is shown, the flags that a person has read about */
	spn_step_state state;
	const spn_error *why; /* of a failure, or NULL */
	bool told_later;      /* why, to people */
};

struct product;
struct tally;

#define EVENT_KINDS (SPN_EVENT_CLEARED + 1)

/* How records and messages look.  There are two of it. */
struct output {
	/* matched: NULL says that all names of the account were asked for. */
	void (*account)(struct cli *cli, const spn_account *account, const spn_bytes *matched,
			size_t n_matched);
	/* enctype: of the one account; NULL: there is none, or several. */
	void (*resolution)(struct cli *cli, const char *spn, const spn_resolution *resolution,
			const spn_enctype_prediction *enctype);
	void (*probe)(struct cli *cli, const spn_probe *probe);
	void (*keys)(struct cli *cli, const spn_account *account, const spn_account_keys *keys);
	/* A finding whose name stands above it; the last one, about the whole, has none. */
	void (*verdict)(struct cli *cli, const spn_finding *finding);
	/* The same of a name that clients of a service ask for. */
	void (*expectation)(struct cli *cli, const spn_expectation *expectation);
	/* whole: all that is known, not a line of a list. */
	void (*recipe)(struct cli *cli, const spn_recipe *recipe, bool whole);
	/* A finding about several accounts, each of which is named. */
	/* also: names that the finding is about besides its own */
	void (*conflict)(struct cli *cli, const spn_finding *finding, const char *const *also, size_t n_also);
	/* The same of a duplicate, in setspn's words. */
	void (*registered)(struct cli *cli, const spn_finding *finding);
	/* What KDCs of a version make of all accounts: before the findings of an audit. */
	void (*survey)(struct cli *cli, const spn_enctype_survey *survey);
	/* A product and how many names it has. */
	void (*product)(struct cli *cli, const struct product *product);
	/* What an audit found in all; left_out: findings that are ignored or accepted. */
	void (*summary)(struct cli *cli, const struct tally *tally, size_t left_out);
	/* Who may change the names of an account, or whether the one who was asked about may. */
	void (*rights)(struct cli *cli, const spn_rights *rights);
	/* Something that differs between two states of a domain, and how much does in all: by spn_event_kind. */
	void (*event)(struct cli *cli, const spn_event *event);
	void (*differences)(struct cli *cli, const size_t n[EVENT_KINDS]);
	void (*finding)(struct cli *cli, FILE *to, const spn_finding *finding);
	void (*group)(struct cli *cli, FILE *to, const spn_group *group);
	void (*membership)(struct cli *cli, const spn_group *group);
	void (*progress)(struct cli *cli, const struct progress *progress);
	void (*journal)(struct cli *cli, const spn_journal_info *info);
	/* The end of a change: for programs. */
	void (*outcome)(struct cli *cli, const struct outcome *outcome);
	void (*version)(struct cli *cli, const char *version);
	/* journal: the file that can take back what was left half done, or NULL. */
	void (*error)(struct cli *cli, const spn_error *err, const char *journal);
	/* Something worth knowing that is not a failure. */
	void (*note)(struct cli *cli, const char *text);
	/* What the directory leaves out or has only in part. */
	void (*gap)(struct cli *cli, const spn_note *note);
};

extern const struct output output_text, output_json;

/* Where records go that are not the plan: not among the lines of an LDIF or a script. */
FILE *output_beside_plan(const struct cli *cli);

/* What a verdict on names depends on, as the end of a sentence: ", as far as this file shows (...)"; "" if all of them
 * are known. */
const char *condition(const struct cli *cli);
/* The same as a line by itself, if there is something to say. */
void say_condition(struct cli *cli);

/* A line for people on standard output: nothing with --json or where the plan is an LDIF or a script. */
void say(struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);
/* A line for people on standard error, behind "spnkit: ". */
void note(struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

/* Where long work is: a line on the terminal that is written over, or taken away before something else is said. */
void place_show(struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);
void place_hide(struct cli *cli);

/* These tell a failure and return the exit code that goes with it. */
enum cli_exit complain(struct cli *cli, const spn_error *err);
/* The error alone, without what is for programs; journal: that undoes what was done, or NULL. */
void output_error(struct cli *cli, const spn_error *err, const char *journal);
/* Adds where to find help. */
enum cli_exit complain_usage(struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

/* Returns SPN_ERR_FAILED if what was printed cannot be written. */
spn_status output_flush(struct cli *cli, spn_error *err);

#endif

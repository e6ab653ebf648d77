/* SPDX-License-Identifier: MIT */
/* report.h - an audit as one page of HTML that needs nothing else */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdio.h>

#include "findings.h"

/* How many findings of a severity a page shows. */
#define REPORT_ROWS 5000

struct report {
	const char *of;  /* the DN of what was looked at */
	size_t n_others; /* domains looked at besides */
	const struct findings *findings; /* that it shows */
	const struct tally *tally;       /* of all */
	size_t n_accounts, n_names;
	const spn_enctype_survey *survey; /* NULL: nobody asked */
	const char *condition; /* ", as far as this file shows (...)", or "" */
};

/* Whether the page would be written over a file that is read, by whatever name or link; of: its path, or "-" for
 * standard input. */
bool report_is_at(const char *path, const char *of);

/* Returns SPN_ERR_FAILED if the file cannot be written. */
spn_status report_write(const char *path, const struct report *report, spn_error *err);

/* The parts of any such page: up to its first sentence; from there to its body; its end. */
void report_begin(FILE *to, const char *title, const char *of);
void report_middle(FILE *to);
void report_end(FILE *to);
/* Writes a page that is done. */
spn_status report_save(const char *path, const char *page, size_t size, spn_error *err);

/* Appends a text so that it is only text, wherever in the page it stands.  What is invisible, or turns a line round, is
 * shown as \xNN. */
void report_put(FILE *to, const char *text);
/* An account, as an item of a list. */
void report_put_account(FILE *to, const spn_account_ref *ref);
/* The command that repairs it, as a paragraph; nothing if there is none. */
void report_put_remedy(FILE *to, const spn_finding *finding);

/* report_picture.c: which account holds what where names collide; nothing if none do. */
void report_picture(FILE *to, const struct findings *findings);

#endif

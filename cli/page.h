/* SPDX-License-Identifier: MIT */
/* page.h - the file of --html */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include <stdio.h>

#include "cli.h"

/* Start from { 0 }. */
struct page {
	spn_report *report; /* receives what standard output receives; NULL: without --html */
	FILE *file; /* in memory: without enough of it the old page stays */
	char *text;
	size_t size;
};

/* Whether the page would be written over a file that is read, by whatever name or link: the path of one, "-" for
 * standard input, or the URL of a directory. */
bool page_is_at(const struct cli *cli, const char *read);
spn_status page_fail_at(const struct cli *cli, spn_error *err);

/* Begins it, if there is to be one. */
spn_status page_begin(struct page *page, const struct cli *cli, spn_error *err);
/* Writes the file. */
spn_status page_write(struct page *page, const struct cli *cli, spn_error *err);
void page_free(struct page *page);

#endif

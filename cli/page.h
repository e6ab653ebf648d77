/* SPDX-License-Identifier: MIT */
/* page.h - the file of --html */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "cli.h"

/* Whether the page would be written over a file that is read, by whatever name or link: the path of one, "-" for
 * standard input, or the URL of a directory. */
bool page_is_at(const struct cli *cli, const char *read);
spn_status page_fail_at(const struct cli *cli, spn_error *err);

/* Begins it, if there is to be one: cli->page receives what standard output receives. */
void page_begin(struct cli *cli);

#endif

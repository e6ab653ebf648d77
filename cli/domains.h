/* SPDX-License-Identifier: MIT */
/* domains.h - the directories of a command that looks at several */
#ifndef CLI_DOMAINS_H
#define CLI_DOMAINS_H

#include "cli.h"

/* Opens the directory of each --domain, or the one that is meant without: cli->dirs. */
spn_status domains_open(struct cli *cli, spn_error *err);
/* Examines the names that fit a pattern (NULL: all), with spn_report_on_progress; says how many findings there are. */
typedef spn_status domains_look_fn(const char *pattern, size_t *ret_n_found, void *data, spn_error *err);
/* Calls fn; once more with what is meant, if no name fits.  Says so if none does then. */
spn_status domains_look(struct cli *cli, const char *pattern, domains_look_fn *fn, void *data, spn_error *err);
/* Before any work: whether --html would overwrite what is read, which may be the only copy. */
spn_status domains_check_page(const struct cli *cli, spn_directory *const *dirs, size_t n, spn_error *err);

#endif

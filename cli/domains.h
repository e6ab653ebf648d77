/* SPDX-License-Identifier: MIT */
/* domains.h - the directories of a command that looks at several */
#ifndef CLI_DOMAINS_H
#define CLI_DOMAINS_H

#include "cli.h"

struct domains {
	spn_directory *dirs[OPTIONS_MAX_DOMAINS];
	size_t n;
};

/* Opens the directory of each --domain, or the one that is meant without.  Close them whatever it returns. */
spn_status domains_open(struct cli *cli, struct domains *domains, spn_error *err);
/* After an examination without findings: whether any name fits the pattern (NULL: all names), or the pattern is a slip
 * of the pen.  n_accounts: how many accounts were examined. */
spn_status domains_know(struct cli *cli, const struct domains *domains, const char *pattern, size_t n_accounts,
		bool *ret_known, spn_error *err);
void domains_tell_unknown(struct cli *cli, const char *pattern);
/* Before any work: whether --html would overwrite what is read, which may be the only copy. */
spn_status domains_check_page(const struct cli *cli, spn_directory *const *dirs, size_t n, spn_error *err);
void domains_close(struct domains *domains);

#endif

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
/* Once nothing was found: that is no good news if nothing was looked at.  pattern: which names were, or NULL; n_accounts: of how many
 * accounts. */
spn_status domains_know(struct cli *cli, const struct domains *domains, const char *pattern, size_t n_accounts, bool *ret_known, spn_error *err);
void domains_tell_unknown(struct cli *cli, const char *pattern);
void domains_close(struct domains *domains);

#endif

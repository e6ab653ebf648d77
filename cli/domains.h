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
/* The DNS name of the domain that a DN is in, by its DC= parts; "" if it has none. */
#define DOMAIN_SIZE 300
const char *domain_of_dn(const char *dn, char buffer[DOMAIN_SIZE]);
/* The directory of the domain that an account is in; NULL: none of these. */
spn_directory *domains_find(spn_directory *const *dirs, size_t n, const char *dn);
void domains_close(struct domains *domains);

#endif

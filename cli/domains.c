/* SPDX-License-Identifier: MIT */
#include "domains.h"

#include "connect.h"

spn_status domains_open(struct cli *cli, struct domains *domains, spn_error *err)
{
	const struct options *options = &cli->options;
	size_t wanted = options->n_domains ? options->n_domains : 1;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < wanted; i++) {
		status = connect_open(cli, options->domains[i], NULL, &domains->dirs[i], err);
		domains->n += !status;
	}
	return status;
}

void domains_close(struct domains *domains)
{
	while (domains->n > 0)
		spn_directory_free(domains->dirs[--domains->n]);
}

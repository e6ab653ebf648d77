/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands.h"
#include "connect.h"
#include "output.h"
#include "repair.h"

struct reset {
	struct cli *cli;
	spn_kdc *kdc;
};

/* Clients find a ticket in a cache only under the very spelling that they ask for: "HTTP/host" (RFC 4559, 4.1), with the
 * host as it was typed, or in small letters, or as the directory has it. */
static spn_status store_spellings(struct reset *reset, const char *spn, spn_error *err)
{
	const char *slash = strchr(spn, '/');
	bool is_http = slash && slash - spn == 4 && strncasecmp(spn, "http", 4) == 0;
	char *small = NULL;
	spn_status status = SPN_OK;
	if (is_http && asprintf(&small, "HTTP%s", slash) >= 0) {
		status = spn_kdc_store(reset->kdc, small, reset->cli->options.ccache, err);
		for (char *c = small + 5; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		if (!status)
			status = spn_kdc_store(reset->kdc, small, reset->cli->options.ccache, err);
		free(small);
	}
	return status ? status : spn_kdc_store(reset->kdc, spn, reset->cli->options.ccache, err);
}

/* The moment in which nobody holds the plain names: a ticket to one is a ticket for the computer. */
static spn_status get_tickets(size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data,
		spn_error *err)
{
	(void)i;
	(void)why;
	struct reset *reset = data;
	spn_status status = SPN_OK;
	if (state != SPN_STEP_PLANNED || !(step->flags & SPN_GIVES_BACK))
		return SPN_OK;
	for (size_t m = 0; !status && m < step->n_mods; m++)
		status = store_spellings(reset, step->mods[m].value.data, err);
	if (!status)
		note(reset->cli, "the tickets are in the credential cache");
	return status;
}

static enum cli_exit run(struct cli *cli)
{
	spn_error err = { .status = SPN_OK };
	spn_open_options credentials;
	struct reset reset = { .cli = cli };
	connect_options(cli, NULL, &credentials);
	if (!connect_asks_kdc(cli))
		return complain_usage(cli, "reset leaves a ticket in the credential cache: it needs a live directory and its KDC "
				"(split does the lasting part in an LDIF file)");
	/* without a KDC nothing is begun */
	if (!cli->options.dry_run && spn_kdc_open(&credentials, &reset.kdc, &err))
		return complain(cli, &err);
	enum cli_exit code = repair_run(cli, &(struct repair){
		.propose = spn_propose_reset,
		.validate = spn_propose_split,
		.watch = get_tickets,
		.data = &reset,
	});
	spn_kdc_free(reset.kdc);
	return code;
}

const struct command cmd_reset = {
	.name = "reset",
	.args = "SERVER",
	.summary = "Get this machine a working ticket now; the service keeps its names",
	.details = "As split; and the plain names leave the service account for a moment, in which tickets to them are put "
		"into your credential cache. They come back whatever happens; 'undo' brings them back after a crash.",
	.example = "spnkit reset LAX-CRM01",
	.options = OPTIONS_FOREST | OPTIONS_REPAIR,
	.connects = true,
	.changes = true,
	.run = run,
};

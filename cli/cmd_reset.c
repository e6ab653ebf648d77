/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "connect.h"
#include "output.h"
#include "repair.h"

struct reset {
	struct cli *cli;
	spn_kdc *kdc;
};

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
	spn_name name;
	for (size_t m = 0; !status && m < step->n_mods;
			m++) /* a name with a blank at its end, as Samba lets one in, is one that nobody asks for */
		status = spn_name_parse(step->mods[m].value.data, &name, NULL) ? SPN_OK :
				spn_kdc_store_spellings(reset->kdc, reset->cli->dir, step->mods[m].value.data, reset->cli->options.ccache, err);
	if (!status)
		note(reset->cli, "the tickets are in the credential cache");
	return status;
}

static enum cli_exit run(struct cli *cli)
{
	spn_error err = { .status = SPN_OK };
	struct access access;
	struct reset reset = { .cli = cli };
	connect_options(cli, NULL, &access);
	if (!connect_asks_kdc(cli))
		return complain_usage(cli, "reset leaves a ticket in the credential cache: it needs a live directory and its KDC "
				"(split does the lasting part in an LDIF file)");
	/* without a KDC nothing is begun */
	if (!cli->options.dry_run && spn_kdc_open(&access.kdc, &reset.kdc, &err))
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

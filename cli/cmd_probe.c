/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "connect.h"
#include "meant.h"
#include "output.h"

struct question {
	struct cli *cli;
	bool ok;
};

static spn_status show(const spn_probe *probe, void *data, spn_error *err)
{
	(void)err;
	struct question *question = data;
	question->ok = probe->ok;
	question->cli->output->probe(question->cli, probe);
	return SPN_OK;
}

static enum cli_exit run(struct cli *cli)
{
	spn_error err = { .status = SPN_OK };
	spn_open_options credentials;
	spn_kdc *kdc = NULL;
	struct question question = { .cli = cli };
	connect_options(cli, NULL, &credentials);
	spn_probe_options options = SPN_PROBE_OPTIONS_INIT;
	options.keytab = cli->options.decrypt;
	options.url = cli->options.http;
	options.credentials = &credentials;
	options.era = cli->options.kdc;
	char buffer[MEANT_SIZE];
	const char *spn = meant_request(cli, cli->argv[0], buffer);
	spn_name name;
	spn_status status = spn_name_parse(spn, &name, &err);
	if (!status)
		status = spn_kdc_open(&credentials, &kdc, &err);
	if (!status)
		status = spn_probe_ticket(cli->dir, kdc, spn, &options, show, &question, &err);
	spn_kdc_free(kdc);
	return status ? complain(cli, &err) : question.ok ? CLI_DONE : CLI_NO;
}

const struct command cmd_probe = {
	.name = "probe",
	.args = "NAME",
	.summary = "Ask the KDC for a ticket, and say which account it was made for",
	.details = "With --keytab, the ticket is decrypted with its keys, whatever their principal (-k gives credentials). "
		"With --http, the Negotiate handshake is done. Exit code 1 if one of them fails.",
	.example = "spnkit probe http/LAX-CRM01 --http http://lax-crm01.kimconnect.com:5985/wsman",
	.options = OPTIONS_PROBE | OPTIONS_KDC,
	.connects = true,
	.run = run,
};

/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "connect.h"
#include "output.h"

static spn_status probe_keys(struct cli *cli, spn_error *err)
{
	AUTO(spn_account) *account = NULL;
	AUTO(spn_account_keys) *keys = NULL;
	spn_status status = connect_follow(cli, cli->argv[0], err);
	if (!status)
		status = spn_account_find(cli->dir, cli->argv[0], SPN_WANT_ANY, &account, err);
	if (!status)
		connect_note_namesake(cli, cli->dir, cli->argv[0], account);
	if (!status)
		status = spn_probe_keys(cli->dir, account, cli->options.open.timeout, &keys, err);
	if (status)
		return status;
	spn_report_keys(cli->report, account, keys);
	cli->code = keys->keys & (SPN_ENC_AES256 | SPN_ENC_AES128) ? CLI_DONE : CLI_NO;
	return SPN_OK;
}

static spn_status probe_ticket(struct cli *cli, spn_error *err)
{
	AUTO(spn_probe) *probe = NULL;
	AUTO(char) *name = NULL;
	const char *spn = meant(cli, cli->argv[0], SPN_ASKED_TICKET, &name);
	spn_name parts;
	spn_status status = spn_name_parse(spn, &parts, err);
	if (!status)
		status = connect_kdc(cli, err);
	if (!status)
		status = spn_probe_ticket(cli->dir, cli->kdc, spn, &cli->options.probe, &probe, err);
	if (status)
		return status;
	spn_report_probe(cli->report, probe);
	cli->code = probe->ok ? CLI_DONE : CLI_NO;
	return SPN_OK;
}

static spn_status run(struct cli *cli, spn_error *err)
{
	return cli->options.keys ? probe_keys(cli, err) : probe_ticket(cli, err);
}

const struct command cmd_probe = {
	.name = "probe",
	.args = "NAME|ACCOUNT",
	.summary = "Ask the KDC for a ticket, and say which account it was made for",
	.details = "With --keytab, the ticket is decrypted with its keys, whatever their principal (-k gives "
		"credentials). With --http, the Negotiate handshake is done. Exit code 1 if one of them fails. With "
		"--keys, an ACCOUNT is named instead, and the KDC asked which keys it has, and with which salt: "
		"exit code 1 if none is for AES.",
	.example = "spnkit probe http/LAX-CRM01 --http http://lax-crm01.kimconnect.com:5985/wsman",
	.options = OPTIONS_PROBE | OPTIONS_KDC | OPTIONS_KEYS,
	.connects = true,
	.run = run,
};

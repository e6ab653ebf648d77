/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "connect.h"
#include "meant.h"
#include "output.h"

static enum cli_exit probe_keys(struct cli *cli)
{
	spn_error err = { .status = SPN_OK };
	spn_account *account = NULL;
	spn_account_keys *keys = NULL;
	spn_status status = connect_follow(cli, cli->argv[0], &err);
	if (!status)
		status = spn_account_find(cli->dir, cli->argv[0], SPN_WANT_ANY, &account, &err);
	if (!status)
		connect_note_namesake(cli, cli->dir, cli->argv[0], account);
	if (!status)
		status = spn_probe_keys(cli->dir, account, cli->options.timeout, &keys, &err);
	if (!status)
		spn_report_keys(cli->report, account, keys);
	bool has_aes = keys && keys->keys & (SPN_ENC_AES256 | SPN_ENC_AES128);
	spn_account_keys_free(keys);
	spn_account_free(account);
	return status ? complain(cli, &err) : has_aes ? CLI_DONE : CLI_NO;
}

static enum cli_exit probe_ticket(struct cli *cli)
{
	spn_error err = { .status = SPN_OK };
	struct access access;
	spn_kdc *kdc = NULL;
	spn_probe *probe = NULL;
	connect_options(cli, NULL, &access);
	spn_probe_options options = SPN_PROBE_OPTIONS_INIT;
	options.keytab = cli->options.decrypt;
	options.url = cli->options.http;
	options.handshake = &access.handshake;
	options.era = cli->options.kdc;
	char buffer[MEANT_SIZE];
	const char *spn = meant_request(cli, cli->argv[0], buffer);
	spn_name name;
	spn_status status = spn_name_parse(spn, &name, &err);
	if (!status)
		status = spn_kdc_open(&access.kdc, &kdc, &err);
	if (!status)
		status = spn_probe_ticket(cli->dir, kdc, spn, &options, &probe, &err);
	if (!status)
		spn_report_probe(cli->report, probe);
	bool is_ok = probe && probe->ok;
	spn_probe_free(probe);
	spn_kdc_free(kdc);
	return status ? complain(cli, &err) : is_ok ? CLI_DONE : CLI_NO;
}

static enum cli_exit run(struct cli *cli)
{
	return cli->options.keys ? probe_keys(cli) : probe_ticket(cli);
}

const struct command cmd_probe = {
	.name = "probe",
	.args = "NAME|ACCOUNT",
	.summary = "Ask the KDC for a ticket, and say which account it was made for",
	.details = "With --keytab, the ticket is decrypted with its keys, whatever their principal (-k gives "
		   "credentials). "
		   "With --http, the Negotiate handshake is done. Exit code 1 if one of them fails. "
		   "With --keys, an ACCOUNT is named instead, and the KDC asked which keys it has, and with which "
		   "salt: exit code 1 if none is for AES.",
	.example = "spnkit probe http/LAX-CRM01 --http http://lax-crm01.kimconnect.com:5985/wsman",
	.options = OPTIONS_PROBE | OPTIONS_KDC | OPTIONS_KEYS,
	.connects = true,
	.run = run,
};

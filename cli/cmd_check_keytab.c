/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "connect.h"
#include "output.h"

static spn_status run(struct cli *cli, spn_error *err)
{
	spn_keytab_options options = SPN_KEYTAB_OPTIONS_INIT;
	options.era = cli->options.probe.era;
	options.probe_keys = cli->options.keys ? spn_probe_keys : NULL;
	options.timeout = cli->options.open.timeout;
	spn_status status = cli->options.keys ? connect_check_kdc(cli->dir, "keys", "--keys", err) : SPN_OK;
	if (!status && connect_asks_kdc(cli))
		status = connect_kdc(cli, err);
	if (!status)
		status = spn_check_keytab(cli->dir, cli->kdc, cli->argc ? cli->argv[0] : NULL, &options,
				spn_report_on_finding, cli->report, err);
	return status ? status : output_verdict_end(cli);
}

const struct command cmd_check_keytab = {
	.name = "check-keytab",
	.args = "[FILE]",
	.summary = "Check whether the keys of a keytab still match",
	.details = "Each entry is compared with the directory (who holds the name, key version, enctype), and tried "
		"on a fresh ticket, but for ldif:. With --kdc, what another version of KDC would do is predicted; "
		"with --keys, the KDC is asked which AES keys the accounts have, and with which salt. Where a key "
		"is missing, the commands that repair it are printed, in the order that keeps the service up. "
		"Without FILE, the default keytab is checked. Exit code 1 if a key does not match.",
	.example = "spnkit check-keytab LAX-CRM01.keytab",
	.options = OPTIONS_KDC | OPTIONS_KEYS,
	.connects = true,
	.finds = true,
	.run = run,
};

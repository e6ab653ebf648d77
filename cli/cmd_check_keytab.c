/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "connect.h"
#include "output.h"
#include "verdict.h"

static enum cli_exit run(struct cli *cli)
{
	spn_error err = { .status = SPN_OK };
	spn_open_options credentials;
	spn_kdc *kdc = NULL;
	struct verdicts verdicts = { .cli = cli };
	connect_options(cli, NULL, &credentials);
	spn_status status = connect_asks_kdc(cli) ? spn_kdc_open(&credentials, &kdc, &err) : SPN_OK;
	if (!status)
		status = spn_check_keytab(cli->dir, kdc, cli->argc ? cli->argv[0] : NULL, cli->options.kdc, verdict_print, &verdicts, &err);
	spn_kdc_free(kdc);
	return status ? complain(cli, &err) : verdict_exit(&verdicts);
}

const struct command cmd_check_keytab = {
	.name = "check-keytab",
	.args = "[FILE]",
	.summary = "Check whether the keys of a keytab still match",
	.details = "Each entry is compared with the directory (who holds the name, key version, enctype), and tried on a fresh "
		"ticket, but for ldif:. With --kdc, what another version of KDC would do is predicted. Without FILE, the default keytab "
		"is checked. Exit code 1 if a key does not match.",
	.example = "spnkit check-keytab LAX-CRM01.keytab",
	.options = OPTIONS_KDC,
	.connects = true,
	.run = run,
};

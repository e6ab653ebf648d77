/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "commands.h"
#include "meant.h"
#include "output.h"

static bool gets_tickets_for(const spn_account *account)
{
	return spn_account_enabled(account) || spn_account_is_kdc(account);
}

/* The account may hold the name all the same. */
static void note_words(struct cli *cli, const char *spn)
{
	const spn_entry *root = NULL;
	size_t len = strcspn(spn, "/");
	const char *vendor = memchr(spn, ' ', len) && !spn_directory_root(cli->dir, &root, NULL) ?
			spn_entry_text(root, "vendorName") : NULL;
	if (vendor && strstr(vendor, "Samba"))
		note(cli, "a KDC of Samba gives no ticket for a name whose class is several words, whoever holds it");
}

static spn_status show(
		struct cli *cli, const char *spn, const spn_resolution *resolution, bool *ret_answered, spn_error *err)
{
	spn_enctype_prediction enctype;
	bool is_kdc = resolution->match == SPN_MATCH_KRBTGT, one = resolution->n_accounts == 1;
	bool gets_tickets = one && (is_kdc || gets_tickets_for(resolution->accounts[0]));
	*ret_answered = one || is_kdc;
	if (gets_tickets) {
		spn_status status = spn_account_enctype(cli->dir, resolution->accounts[0], cli->options.probe.era, &enctype, err);
		if (status)
			return status;
	}
	spn_report_resolution(cli->report, spn, resolution, gets_tickets ? &enctype : NULL);
	if (resolution->match == SPN_MATCH_NONE)
		note_words(cli, spn);
	return SPN_OK;
}

static spn_status run(struct cli *cli, spn_error *err)
{
	enum cli_exit code = CLI_DONE;
	for (int i = 0; i < cli->argc; i++) {
		char buffer[MEANT_SIZE];
		const char *spn = meant_request(cli, cli->argv[i], buffer);
		AUTO(spn_resolution) *resolution = NULL;
		bool answered = false; /* by one account, or the KDC itself */
		spn_status status = spn_resolve(cli->dir, spn, &resolution, err);
		if (!status)
			status = show(cli, spn, resolution, &answered, err);
		if (status)
			return status;
		code = answered ? code : CLI_NO;
	}
	cli->code = code;
	return SPN_OK;
}

const struct command cmd_resolve = {
	.name = "resolve",
	.args = "NAME...",
	.summary = "Say which account the KDC picks for a name, and by which rule",
	.details = "Judged by the directory alone. Exit code 1 if no account, or more than one, is picked for one of them.",
	.example = "spnkit resolve http/LAX-CRM01",
	.options = OPTIONS_KDC,
	.connects = true,
	.run = run,
};

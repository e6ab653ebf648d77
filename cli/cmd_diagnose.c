/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "connect.h"
#include "expect.h"
#include "output.h"

/* A server that the directory does not know by this name may be called by a CNAME. */
static spn_status diagnose(struct cli *cli, const char *server, spn_diagnose_options *options, spn_error *err)
{
	AUTO(char) *name = NULL;
	spn_status status = spn_diagnose(cli->dir, cli->kdc, server, options, spn_report_on_finding, cli->report, err);
	if (status != SPN_ERR_NOT_FOUND || !cli->kdc || spn_host_canonical(server, &name, NULL) || !name)
		return status;
	note(cli, "DNS says that '%s' is another name of '%s', which nobody vouches for", server, name);
	options->alias = server;
	return spn_diagnose(cli->dir, cli->kdc, name, options, spn_report_on_finding, cli->report, err);
}

/* Of a service that has a recipe, the names are the recipe's, and so is whose account should answer. */
static spn_status diagnose_service(struct cli *cli, const spn_recipe *recipe, spn_error *err)
{
	struct options *options = &cli->options;
	if (options->probe.keytab || options->probe.url)
		return misused(cli, err,
				"'%s' is a service with names of its own: a keytab or an HTTP handshake goes with a service class",
				options->repair.service);
	AUTO(char) *server = NULL;
	spn_status status = spn_server_guess(cli->argv[0], &server, NULL, NULL, err);
	options->expect.host = server;
	if (!status)
		status = connect_follow_server(cli, server, err);
	options->asks_kdc = connect_asks_kdc(cli);
	return status ? status : expect_judge(cli, recipe, SPN_SEVERITY_BROKEN, err);
}

static spn_status run(struct cli *cli, spn_error *err)
{
	const spn_recipe *recipe = NULL;
	if (cli->options.repair.service && !spn_recipe_find(cli->options.repair.service, &recipe, NULL))
		return diagnose_service(cli, recipe, err);
	spn_diagnose_options options = SPN_DIAGNOSE_OPTIONS_INIT;
	AUTO(char) *name = NULL;
	AUTO(char) *server = NULL;
	AUTO(char) *class = NULL; /* of a name or a URL, instead of a server */
	unsigned port = 0;
	spn_status status = spn_server_guess(meant(cli, cli->argv[0], SPN_ASKED_NAME, &name), &server, &class, &port, err);
	options.probe = &cli->options.probe;
	options.service = cli->options.repair.service ? cli->options.repair.service : class;
	options.port = cli->options.repair.port ? cli->options.repair.port : port;
	if (!status)
		status = connect_follow_server(cli, server, err);
	if (!status && connect_asks_kdc(cli))
		status = connect_kdc(cli, err);
	if (!status)
		status = diagnose(cli, server, &options, err);
	return status ? status : output_verdict_end(cli);
}

const struct command cmd_diagnose = {
	.name = "diagnose",
	.args = "SERVER",
	.summary = "Say, for each name that clients of a server ask for, who answers and who should",
	.details = "SERVER is a short name, an FQDN or a CNAME. The KDC is asked too, but for ldif: or with --no-probe; with "
		"--service and a service that expect lists, the names are those of that service; with "
		"--http, the handshake is done. Exit code 1 if something is broken; the command that repairs it is shown.",
	.example = "spnkit diagnose LAX-CRM01",
	.options = OPTIONS_PROBE | OPTIONS_REPAIR | OPTIONS_KDC,
	.connects = true,
	.finds = true,
	.run = run,
};

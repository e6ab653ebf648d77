/* SPDX-License-Identifier: MIT */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "commands.h"
#include "connect.h"
#include "expect.h"
#include "meant.h"
#include "output.h"

/* What DNS calls a host that was given by another of its names; NULL if it is that name already.  Free it. */
static char *canonical_name(const char *host)
{
	const struct addrinfo hints = { .ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	char *name = NULL;
	if (getaddrinfo(host, NULL, &hints, &found) == 0 && found->ai_canonname && strcasecmp(found->ai_canonname, host) != 0)
		name = strdup(found->ai_canonname);
	freeaddrinfo(found);
	return name;
}

/* A server that the directory does not know by this name may be called by a CNAME. */
static spn_status diagnose(struct cli *cli, spn_diagnose_options *options, spn_error *err)
{
	spn_status status = spn_diagnose(cli->dir, cli->kdc, cli->argv[0], options, spn_report_on_finding, cli->report, err);
	AUTO(char) *name = status == SPN_ERR_NOT_FOUND && cli->kdc ? canonical_name(cli->argv[0]) : NULL;
	if (name) {
		note(cli, "DNS says that '%s' is another name of '%s', which nobody vouches for", cli->argv[0], name);
		options->alias = cli->argv[0];
		status = spn_diagnose(cli->dir, cli->kdc, name, options, spn_report_on_finding, cli->report, err);
	}
	return status;
}

/* A URL or a name instead of a server: its host is the server, its class the service, its port the port. */
static spn_status take_name(struct cli *cli, char buffer[MEANT_SIZE], spn_diagnose_options *options, spn_error *err)
{
	const char *text = meant_name(cli, cli->argv[0], buffer);
	spn_name name;
	if (!strchr(text, '/')) {
		cli->argv[0] = meant_server(cli->argv[0]);
		return SPN_OK;
	}
	spn_status status = spn_name_parse(text, &name, err);
	if (status)
		return status;
	unsigned long port = strtoul(name.port.data, NULL, 10);
	if (!options->port && port > 0 && port < 65536)
		options->port = (unsigned)port;
	memmove(buffer, text, strlen(text) + 1);
	char *host = buffer + name.service_class.len + 1;
	buffer[name.service_class.len] = host[name.host.len] = '\0';
	if (!options->service)
		options->service = buffer;
	cli->argv[0] = host;
	return SPN_OK;
}

/* Of a service that has a recipe, the names are the recipe's, and so is whose account should answer. */
static spn_status diagnose_service(struct cli *cli, const spn_recipe *recipe, spn_error *err)
{
	struct options *options = &cli->options;
	if (options->probe.keytab || options->probe.url)
		return misused(cli, err,
				"'%s' is a service with names of its own: a keytab or an HTTP handshake goes with a service class",
				options->repair.service);
	options->expect.host = meant_server(cli->argv[0]);
	spn_status status = connect_follow_server(cli, options->expect.host, err);
	options->asks_kdc = connect_asks_kdc(cli);
	return status ? status : expect_judge(cli, recipe, SPN_SEVERITY_BROKEN, err);
}

static spn_status run(struct cli *cli, spn_error *err)
{
	const spn_recipe *recipe = NULL;
	if (cli->options.repair.service && !spn_recipe_find(cli->options.repair.service, &recipe, NULL))
		return diagnose_service(cli, recipe, err);
	spn_diagnose_options options = SPN_DIAGNOSE_OPTIONS_INIT;
	options.probe = &cli->options.probe;
	options.service = cli->options.repair.service;
	options.port = cli->options.repair.port;
	char buffer[MEANT_SIZE];
	spn_status status = strlen(cli->argv[0]) < sizeof buffer ? take_name(cli, buffer, &options, err) : SPN_OK;
	if (!status)
		status = connect_follow_server(cli, cli->argv[0], err);
	if (!status && connect_asks_kdc(cli))
		status = connect_kdc(cli, err);
	if (!status)
		status = diagnose(cli, &options, err);
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

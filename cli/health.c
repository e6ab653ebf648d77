/* SPDX-License-Identifier: MIT */
#include "health.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include <spnkit/backend.h>

#include "connect.h"
#include "output.h"

static int compare(const void *a, const void *b)
{
	return spn_name_compare(a, b);
}

static void keep_name(void *name)
{
	(void)name; /* it is freed with the list */
}

spn_status health_collect(struct health_names *names, const spn_finding *finding, spn_error *err)
{
	if (!finding->spn || strchr(finding->spn, ':'))
		return SPN_OK;
	if (tfind(finding->spn, &names->tree, compare))
		return SPN_OK;
	char **grown = realloc(names->list, (names->n + 1) * sizeof *grown);
	if (grown)
		names->list = grown;
	char *copy = strdup(finding->spn);
	if (!grown || !copy || !tsearch(copy, &names->tree, compare)) {
		free(copy);
		return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	}
	grown[names->n++] = copy;
	return SPN_OK;
}

void health_clear(struct health_names *names)
{
	tdestroy(names->tree, keep_name);
	for (size_t i = 0; i < names->n; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct health_names){ .n = 0 };
}

static spn_status show_probe(const spn_probe *probe, void *data, spn_error *err)
{
	(void)err;
	struct cli *cli = data;
	spn_report_probe(cli->report, probe);
	return SPN_OK;
}

spn_status health_check(struct cli *cli, const struct health_names *names, spn_health *ret_health, spn_error *err)
{
	struct access access;
	spn_kdc *kdc = NULL;
	connect_options(cli, NULL, &access);
	const spn_verify_options options = { .version = SPN_VERIFY_OPTIONS_VERSION,
		.service = cli->options.service,
		.port = cli->options.port,
		.url = cli->options.http,
		.handshake = &access.handshake,
		.fn = show_probe,
		.data = cli };
	spn_status status = spn_kdc_open(&access.kdc, &kdc, err);
	if (!status)
		status = spn_verify(cli->dir, kdc, (const char *const *)names->list, names->n, &options, ret_health, err);
	spn_kdc_free(kdc);
	return status;
}

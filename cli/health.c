/* SPDX-License-Identifier: MIT */
#include "health.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

/* Where the handshake is to be done: --http; or WinRM's own address, which nobody has vouched for, so that what is sent there is stale.  Free
 * it; NULL: nowhere. */
static spn_status choose_url(const struct cli *cli, const struct health_names *names, char **ret_url, spn_error *err)
{
	const struct options *options = &cli->options;
	unsigned port = options->port ? options->port : 5985;
	const char *host = names->n ? strchr(names->list[0], '/') : NULL;
	bool winrm = (!options->service || strcasecmp(options->service, "http") == 0) && (port == 5985 || port == 5986);
	int n = 0;
	*ret_url = NULL;
	if (options->http)
		n = asprintf(ret_url, "%s", options->http);
	else if (winrm && host)
		n = asprintf(ret_url, "http%s://%s:%u/wsman", port == 5986 ? "s" : "", host + 1, port);
	return n < 0 ? spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory") : SPN_OK;
}

/* What is learnt from all names together: the worst. */
struct check {
	struct cli *cli;
	bool is_stale; /* the log-on is one that nobody accepts: --http was not given */
	enum health health;
};

static enum health judge(const spn_probe *probe, bool is_stale)
{
	if (probe->ok)
		return probe->handshake ? HEALTH_WELL : HEALTH_UNKNOWN;
	switch (probe->cause ? probe->cause->code : 0) {
	case 7: case 8:             /* nobody, or several, hold it */
	case 31: case 35: case 36: case 41: /* cannot be decrypted, not us, does not match, modified */
		return HEALTH_WRONG_ACCOUNT;
	case 0: /* refused without a word */
		if (is_stale && probe->handshake && probe->handshake->outcome == SPN_HANDSHAKE_REFUSED)
			return HEALTH_UNKNOWN;
		return probe->handshake && probe->handshake->outcome == SPN_HANDSHAKE_REFUSED ? HEALTH_WRONG_ACCOUNT : HEALTH_OTHER;
	default:
		return HEALTH_OTHER;
	}
}

static spn_status note_probe(const spn_probe *probe, void *data, spn_error *err)
{
	(void)err;
	struct check *check = data;
	enum health health = judge(probe, check->is_stale);
	check->cli->output->probe(check->cli, probe);
	if (health > check->health || (health == HEALTH_UNKNOWN && check->health == HEALTH_WELL))
		check->health = health;
	return SPN_OK;
}

spn_status health_check(struct cli *cli, const struct health_names *names, enum health *ret_health, spn_error *err)
{
	spn_open_options credentials;
	spn_kdc *kdc = NULL;
	char *url = NULL;
	struct check check = { .cli = cli, .is_stale = !cli->options.http, .health = names->n ? HEALTH_WELL : HEALTH_UNKNOWN };
	connect_options(cli, NULL, &credentials);
	spn_status status = choose_url(cli, names, &url, err);
	if (!status)
		status = spn_kdc_open(&credentials, &kdc, err);
	spn_probe_options options = { .version = SPN_PROBE_OPTIONS_VERSION, .url = url, .credentials = &credentials,
		.stale = !cli->options.http };
	for (size_t i = 0; !status && i < names->n; i++) {
		status = spn_probe_ticket(cli->dir, kdc, names->list[i], &options, note_probe, &check, err);
		if (status == SPN_ERR_UNSUPPORTED && !cli->options.http) { /* built without HTTP: then by the ticket alone */
			options.url = NULL;
			status = spn_probe_ticket(cli->dir, kdc, names->list[i], &options, note_probe, &check, err);
		}
	}
	spn_kdc_free(kdc);
	free(url);
	if (!status)
		*ret_health = check.health;
	return status;
}

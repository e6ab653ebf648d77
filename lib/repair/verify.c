/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include <spnkit/repair.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"

/* WinRM's ports: HTTP and HTTPS ([MS-WSMV] 2.1). */
#define WINRM 5985u
#define WINRM_TLS 5986u

/* What is learned from all names together: the worst. */
struct work {
	const spn_verify_options *options;
	bool is_stale; /* the log-on is one that no service accepts */
	spn_health health;
};

/* Where to try the tickets if the caller does not say: where WinRM listens on the host of the names.  NULL: nowhere. */
static spn_status choose_url(const spn_verify_options *options, const char *name, char **ret_url, spn_error *err)
{
	unsigned port = options->port ? options->port : WINRM;
	const char *host = strchr(name, '/');
	bool is_winrm = (!options->service || strcasecmp(options->service, "http") == 0) &&
			(port == WINRM || port == WINRM_TLS);
	*ret_url = NULL;
	if (!is_winrm || !host)
		return SPN_OK;
	*ret_url = spk_printf("http%s://%s:%u/wsman", port == WINRM_TLS ? "s" : "", host + 1, port);
	return *ret_url ? SPN_OK : spk_nomem(err);
}

static spn_health judge(const struct work *work, const spn_probe *probe)
{
	const spn_handshake *handshake = probe->handshake;
	bool is_refused = handshake && handshake->outcome == SPN_HANDSHAKE_REFUSED;
	if (probe->ok)
		return handshake ? SPN_HEALTH_OK : SPN_HEALTH_UNKNOWN;
	switch (probe->cause ? probe->cause->code : 0) {
	case 7: case 8:             /* nobody, or several, hold it */
	case 31: case 35: case 36: case 41: /* cannot be decrypted, not us, does not match, modified */
		return SPN_HEALTH_WRONG_ACCOUNT;
	case 0: /* refused without a reason, which a stale log-on may be for its age */
		return !is_refused ? SPN_HEALTH_OTHER : work->is_stale ? SPN_HEALTH_UNKNOWN : SPN_HEALTH_WRONG_ACCOUNT;
	default:
		return SPN_HEALTH_OTHER;
	}
}

static spn_status note_probe(struct work *work, const spn_probe *probe, spn_error *err)
{
	spn_health health = judge(work, probe);
	if (health > work->health || (health == SPN_HEALTH_UNKNOWN && work->health == SPN_HEALTH_OK))
		work->health = health;
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(work->options->fn ? work->options->fn(probe, work->options->data, err) : SPN_OK, before, err);
}

spn_status spn_verify(spn_directory *dir, spn_kdc *kdc, const char *const *spns, size_t n_spns,
		const spn_verify_options *options, spn_health *ret_health, spn_error *err)
{
	spn_verify_options taken;
	spn_handshake_options handshake;
	spn_status status = spk_take("spn_verify_options", options, SPK_ONLY(spn_verify_options), &taken, err);
	if (!status)
		status = spk_take("spn_handshake_options", taken.handshake, SPK_ONLY(spn_handshake_options), &handshake, err);
	if (status)
		return status;
	options = &taken;
	if (!dir || !kdc || (n_spns && !spns) || !ret_health)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_verify: an argument is NULL");
	SPK_AUTOFREE char *url = NULL;
	struct work work = {
		.options = options,
		.is_stale = !options->url || handshake.stale,
		.health = n_spns ? SPN_HEALTH_OK : SPN_HEALTH_UNKNOWN
	};
	status = options->url || !n_spns ? SPN_OK : choose_url(options, spns[0], &url, err);
	spn_probe_options probe = SPN_PROBE_OPTIONS_INIT;
	probe.url = options->url ? options->url : url;
	handshake.stale |= work.is_stale;
	probe.handshake = &handshake;
	for (size_t i = 0; !status && i < n_spns; i++) {
		spn_probe *result = NULL;
		status = spn_probe_ticket(dir, kdc, spns[i], &probe, &result, err);
		if (status == SPN_ERR_UNSUPPORTED && !options->url) { /* built without HTTP: then by the ticket alone */
			probe.url = NULL;
			status = spn_probe_ticket(dir, kdc, spns[i], &probe, &result, err);
		}
		if (!status)
			status = note_probe(&work, result, err);
		spn_probe_free(result);
	}
	if (!status)
		*ret_health = work.health;
	return status;
}

/* SPDX-License-Identifier: MIT */
/* returned.h - looks at what a call returns with a function, and frees it: for tests that look at many answers */
#ifndef RETURNED_H
#define RETURNED_H

#include <spnkit/check.h>

typedef spn_status look_at_ticket(const spn_ticket *ticket, void *data, spn_error *err);
typedef spn_status look_at_handshake(const spn_handshake *handshake, void *data, spn_error *err);
typedef spn_status look_at_resolution(const spn_resolution *resolution, void *data, spn_error *err);
typedef spn_status look_at_probe(const spn_probe *probe, void *data, spn_error *err);

static inline spn_status request_ticket(spn_kdc *kdc, const char *spn, look_at_ticket *look, void *data, spn_error *err)
{
	spn_ticket *ticket = NULL;
	spn_status status = spn_kdc_request(kdc, spn, &ticket, err);
	if (!status)
		status = look(ticket, data, err);
	spn_ticket_free(ticket);
	return status;
}

static inline spn_status shake_hands(const char *url, const char *spn, const spn_handshake_options *options,
		look_at_handshake *look, void *data, spn_error *err)
{
	spn_handshake *handshake = NULL;
	spn_status status = spn_negotiate(url, spn, options, &handshake, err);
	if (!status)
		status = look(handshake, data, err);
	spn_handshake_free(handshake);
	return status;
}

static inline spn_status resolve_name(spn_directory *dir, const char *spn, look_at_resolution *look, void *data,
		spn_error *err)
{
	spn_resolution *resolution = NULL;
	spn_status status = spn_resolve(dir, spn, &resolution, err);
	if (!status)
		status = look(resolution, data, err);
	spn_resolution_free(resolution);
	return status;
}

static inline spn_status probe_name(spn_directory *dir, spn_kdc *kdc, const char *spn, const spn_probe_options *options,
		look_at_probe *look, void *data, spn_error *err)
{
	spn_probe *probe = NULL;
	spn_status status = spn_probe_ticket(dir, kdc, spn, options, &probe, err);
	if (!status)
		status = look(probe, data, err);
	spn_probe_free(probe);
	return status;
}

#endif

/* SPDX-License-Identifier: MIT */
/* url.h - the URL of a service */
#ifndef SPK_URL_H
#define SPK_URL_H

#include <spnkit/backend.h>

#define SPK_HOST_MAX 255

typedef struct spk_url {
	const char *text; /* all of it, lent */
	bool tls;
	char host[SPK_HOST_MAX + 1]; /* without brackets */
	unsigned port;
	bool is_wsman; /* the path ends in /wsman */
} spk_url;

/*
 * Takes http://host[:port][/path] or https://... apart, and refuses what two parsers could take for two hosts: anything
 * but letters, digits, '.', '-' and '_' in the host, and a user's name or password before it.
 *
 * Returns SPN_ERR_SYNTAX.
 */
spn_status spk_url_parse(const char *text, spk_url *ret_url, spn_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* locate.h - the domain controllers that DNS names */
#ifndef SPK_LOCATE_H
#define SPK_LOCATE_H

#include "base/net.h"

typedef struct spk_server {
	char *host;
	unsigned port;
} spk_server;

typedef struct spk_servers {
	spk_server *list;
	size_t n;
} spk_servers;

/*
 * Looks up the domain controllers of a domain, best first (RFC 2782; [MS-ADTS] 6.3.2.3).  for_changes: the one that is
 * its primary controller's emulator comes before the others.  Whoever makes two changes at two controllers before they
 * have replicated may lose one: servicePrincipalName replicates as a whole.
 *
 * Returns SPN_ERR_UNREACHABLE if DNS names none or does not answer.
 */
spn_status spk_locate(
		const char *domain, bool for_changes, spk_deadline deadline, spk_servers *ret_servers, spn_error *err);
void spk_servers_free(spk_servers *servers);

#endif

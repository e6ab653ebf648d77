/* SPDX-License-Identifier: MIT */
/* health.h - is a server well, by the word of the KDC and of the service itself? */
#ifndef CLI_HEALTH_H
#define CLI_HEALTH_H

#include "cli.h"

enum health {
	HEALTH_UNKNOWN,       /* nobody was asked, or could prove anything */
	HEALTH_WELL,          /* the service accepted a fresh ticket to every name */
	HEALTH_WRONG_ACCOUNT, /* a ticket is for an account that the service does not run as, or there is none */
	HEALTH_OTHER          /* it fails for another reason */
};

/* The names that clients ask for without a port.  Start from { 0 }. */
struct health_names {
	char **list;
	size_t n;
	void *tree; /* of the same, for tfind */
};

/* Keeps the name of a finding, if it is a plain one and new. */
spn_status health_collect(struct health_names *names, const spn_finding *finding, spn_error *err);
void health_clear(struct health_names *names);

/*
 * Probes the names and prints what came of each.  The handshake is done with --http, else where WinRM listens if it
 * is about http and its port; for another service, the tickets alone are asked for.
 *
 * Returns the failure if the KDC or the service could not be asked.
 */
spn_status health_check(struct cli *cli, const struct health_names *names, enum health *ret_health, spn_error *err);

#endif

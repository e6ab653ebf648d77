/* SPDX-License-Identifier: MIT */
/* health.h - does the service accept a fresh ticket? */
#ifndef CLI_HEALTH_H
#define CLI_HEALTH_H

#include "cli.h"

/* The names that clients ask for without a port.  Start from { 0 }. */
struct health_names {
	char **list;
	size_t n;
	void *tree; /* of the same, for tfind */
};

/* Keeps the name of a finding, if it is a plain one and new. */
spn_status health_collect(struct health_names *names, const spn_finding *finding, spn_error *err);
void health_clear(struct health_names *names);

/* Probes the names as spn_verify does, and prints what came of each. */
spn_status health_check(struct cli *cli, const struct health_names *names, spn_health *ret_health, spn_error *err);

#endif

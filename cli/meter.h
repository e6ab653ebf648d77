/* SPDX-License-Identifier: MIT */
/* meter.h - a line on the terminal that says how far long work is */
#ifndef CLI_METER_H
#define CLI_METER_H

#include <time.h>

#include "cli.h"

struct meter {
	struct cli *cli;
	const spn_directory *dir;
	bool shown; /* there is a terminal, and nobody wants quiet */
	size_t n_accounts, n_names; /* so far */
	struct timespec began, last;
};

/* dir: the one that is gone through; NULL: several. */
void meter_begin(struct meter *meter, struct cli *cli, const spn_directory *dir);
/* A spn_progress_fn; data is the struct meter. */
spn_status meter_show(size_t n_accounts, size_t n_names, void *data, spn_error *err);

#endif

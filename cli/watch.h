/* SPDX-License-Identifier: MIT */
/* watch.h - a line on the terminal that says how far long work is */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <time.h>

#include "cli.h"

struct watch {
	struct cli *cli;
	const spn_directory *dir;
	bool shown; /* there is a terminal, and nobody wants quiet */
	size_t n_accounts; /* so far */
	struct timespec began, last;
};

/* dir: the one that is gone through; NULL: several. */
void watch_begin(struct watch *watch, struct cli *cli, const spn_directory *dir);
/* A spn_progress_fn; data is the struct watch. */
spn_status watch_show(size_t n_accounts, size_t n_names, void *data, spn_error *err);

#endif
